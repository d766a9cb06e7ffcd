//! All tickets of an event on A4, a line each with a box to tick: what lies at the desk when the network does not work.
//!
//! What must stay true: each line stays in its own height and each text in its own column; every page says which evening
//! it is of and how many there are.

use super::sheet::PAGE;
use super::typeset::{Align, Block, Style, Weight};
use super::{Fault, Language, titled};
use krilla::color::luma;
use krilla::geom::{Path, PathBuilder, Rect};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;

/// What stands above every page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head<'a> {
    /// Who receives the audience.
    pub venue: &'a str,
    /// What is on.
    pub event: &'a str,
    /// Day and hour, as they are to be read.
    pub when: &'a str,
}

/// One ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Whose it is.
    pub holder: &'a str,
    /// The short code that a person can read out.
    pub number: &'a str,
    /// What it was sold as.
    pub price: &'a str,
    /// Such as “Rang C, place 12”.
    pub seat: &'a str,
    /// Has it opened the door?
    pub ticked: bool,
}

const MARGIN: f32 = 34.0;
/// From one line to the next.
const STEP: f32 = 19.0;
/// Where lines begin below the head.
const TOP: f32 = 92.0;
/// Lines of a page.
const LINES: usize = 37;
/// The edge of the box to tick.
const BOX: f32 = 9.0;

/// Where the columns begin and how wide they are: whose, number, price, seat.
const COLUMNS: [(f32, f32); 4] = [(52.0, 182.0), (242.0, 62.0), (312.0, 156.0), (476.0, 85.0)];

const EVENT: Style = Style { weight: Weight::Bold, most: 32, least: 18, grey: 0 };
const FACTS: Style = Style { weight: Weight::Regular, most: 20, least: 14, grey: 60 };
const LABEL: Style = Style { weight: Weight::Regular, most: 15, least: 13, grey: 100 };
const HOLDER: Style = Style { weight: Weight::Bold, most: 20, least: 13, grey: 0 };
const TEXT: Style = Style { weight: Weight::Regular, most: 18, least: 12, grey: 0 };

/// The `lines` in the order in which they come.
#[expect(clippy::float_arithmetic, reason = "PDF geometry")]
pub fn list(head: &Head<'_>, lines: &[Line<'_>], language: Language) -> Result<Vec<u8>, Fault> {
    if lines.is_empty() {
        return Err(Fault::Empty);
    }
    let mut document = titled(head.event, language);
    let pages = lines.len().div_ceil(LINES);
    for (at, part) in lines.chunks(LINES).enumerate() {
        let settings = PageSettings::from_wh(PAGE.0, PAGE.1).expect("A4 has a size");
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        above(&mut surface, head, language, &format!("{} / {pages}", at + 1));
        let mut y = TOP;
        for line in part {
            draw(&mut surface, line, y);
            y += STEP;
        }
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|_| Fault::Unwritable)
}

/// The evening, which page this is, and what the columns hold.
#[expect(clippy::float_arithmetic, reason = "PDF geometry")]
fn above(surface: &mut Surface<'_>, head: &Head<'_>, language: Language, number: &str) {
    let width = PAGE.0 - 2.0 * MARGIN;
    Block::fit(head.event, EVENT, width, 22.0).draw(surface, MARGIN, MARGIN, Align::Left);
    let facts = format!("{} · {}", head.when, head.venue);
    let facts = Block::fit(&facts, FACTS, width - 60.0, 14.0);
    facts.draw(surface, MARGIN, MARGIN + 23.0, Align::Left);
    let number = Block::fit(number, FACTS, 50.0, 14.0);
    number.draw(surface, PAGE.0 - MARGIN - 50.0, MARGIN + 23.0, Align::Centre);
    let labels = match language {
        Language::French => ["Au nom de", "Billet", "Tarif", "Place"],
        Language::English => ["Name", "Ticket", "Price", "Seat"],
    };
    for (label, (x, width)) in labels.into_iter().zip(COLUMNS) {
        Block::fit(label, LABEL, width, 10.0).draw(surface, x, TOP - 16.0, Align::Left);
    }
}

#[expect(clippy::float_arithmetic, reason = "PDF geometry")]
fn draw(surface: &mut Surface<'_>, line: &Line<'_>, y: f32) {
    let texts = [line.holder, line.number, line.price, line.seat];
    for ((text, style), (x, width)) in
        texts.into_iter().zip([HOLDER, TEXT, TEXT, TEXT]).zip(COLUMNS)
    {
        Block::fit(text, style, width, 13.0).draw(surface, x, y, Align::Left);
    }
    let top = y + 1.5;
    surface.set_fill(None);
    surface.set_stroke(Some(grey(0, 0.8)));
    surface.draw_path(&outline(Rect::from_xywh(MARGIN, top, BOX, BOX)));
    if line.ticked {
        let mut tick = PathBuilder::new();
        tick.move_to(MARGIN + 1.5, top + 4.5);
        tick.line_to(MARGIN + 3.8, top + 7.0);
        tick.line_to(MARGIN + 7.8, top + 1.8);
        surface.draw_path(&tick.finish().expect("a tick is a path"));
    }
    surface.set_stroke(None);
    let paint = luma::Color::new(215).into();
    surface.set_fill(Some(Fill { paint, ..Fill::default() }));
    let under = Rect::from_xywh(MARGIN, y + 14.5, PAGE.0 - 2.0 * MARGIN, 0.5);
    surface.draw_path(&outline(under));
}

fn outline(rect: Option<Rect>) -> Path {
    let mut path = PathBuilder::new();
    path.push_rect(rect.expect("it has a size"));
    path.finish().expect("a rectangle is a path")
}

fn grey(grey: u8, width: f32) -> Stroke {
    Stroke { paint: luma::Color::new(grey).into(), width, ..Stroke::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: Head<'_> =
        Head { venue: "Bisik", event: "Slam", when: "samedi 3 avril 2027 à 20 h" };
    const LINE: Line<'_> = Line {
        holder: "Zoë Lefèvre",
        number: "A383A44A",
        price: "Plein tarif — 12,50 €",
        seat: "Placement libre",
        ticked: false,
    };

    fn pages(lines: &[Line<'_>]) -> usize {
        let bytes = list(&HEAD, lines, Language::French).unwrap();
        let count = |wanted: &[u8]| bytes.windows(wanted.len()).filter(|w| *w == wanted).count();
        count(b"/Type/Page/") + count(b"/Type /Page\n")
    }

    #[test]
    fn a_page_takes_thirty_seven_lines() {
        assert_eq!([1, LINES, LINES + 1].map(|n| pages(&vec![LINE; n])), [1, 1, 2]);
        assert_eq!(list(&HEAD, &[], Language::French), Err(Fault::Empty));
    }

    #[test]
    fn the_same_lines_are_the_same_bytes_and_a_tick_is_seen() {
        let of = |line| list(&HEAD, &[line], Language::English).unwrap();
        assert_eq!(of(LINE), of(LINE));
        assert_ne!(of(LINE), of(Line { ticked: true, ..LINE }));
    }

    #[test]
    fn a_text_without_end_is_a_line_like_any_other() {
        let text = "é".repeat(10_000);
        let line = Line { holder: &text, number: &text, price: &text, seat: &text, ticked: true };
        let head = Head { venue: &text, event: &text, when: &text };
        assert!(list(&head, &[line], Language::French).is_ok());
    }
}
