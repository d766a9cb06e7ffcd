//! How a ticket lies on A4: the ticket itself in the upper half, what the buyer agreed to below
//! the fold.
//!
//! What must stay true: the QR is more than 4 cm wide whatever it says and keeps its quiet zone;
//! the rooms of the texts never overlap, since each text stays in its own; it prints well in black
//! and white. Colours and logos are deliberately absent.

use super::qr::Qr;
use super::typeset::{Align, Block, Style, Weight};
use super::{Language, Ticket};
use krilla::color::luma;
use krilla::geom::{Path, PathBuilder, Rect, Size, Transform};
use krilla::image::Image;
use krilla::paint::{Fill, FillRule, Stroke, StrokeDash};
use krilla::surface::Surface;

/// A4, in points.
pub(super) const PAGE: (f32, f32) = (595.276, 841.89);
const MARGIN: f32 = 34.0;
const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN;
/// The edge of the QR with its quiet zone: the smallest QR without it still has 40 mm.
const QR: f32 = 160.0;
const BAND: f32 = 106.0;
const BODY: f32 = 268.0;
const PADDING: f32 = 16.0;
/// What the QR and the words below it may take of the width.
const STUB: f32 = QR + 2.0 * PADDING;
const TEXT: f32 = WIDTH - STUB - 2.0 * PADDING;

const EVENT: Style = Style { weight: Weight::Bold, most: 48, least: 20, grey: 0 };
const WHEN: Style = Style { weight: Weight::Bold, most: 27, least: 16, grey: 0 };
const VENUE: Style = Style { weight: Weight::Bold, most: 23, least: 14, grey: 60 };
const ADDRESS: Style = Style { weight: Weight::Regular, most: 20, least: 12, grey: 80 };
const LABEL: Style = Style { weight: Weight::Regular, most: 15, least: 15, grey: 100 };
const FACT: Style = Style { weight: Weight::Bold, most: 22, least: 12, grey: 0 };
const NUMBER: Style = Style { weight: Weight::Bold, most: 24, least: 12, grey: 0 };
const HINT: Style = Style { weight: Weight::Regular, most: 16, least: 10, grey: 80 };
const HEADING: Style = Style { weight: Weight::Bold, most: 19, least: 19, grey: 0 };
const CONDITIONS: Style = Style { weight: Weight::Regular, most: 17, least: 9, grey: 40 };

/// The ticket's own words.
struct Words {
    number: &'static str,
    price: &'static str,
    seat: &'static str,
    holder: &'static str,
    hint: &'static str,
    conditions: &'static str,
}

fn words(language: Language) -> Words {
    match language {
        Language::French => Words {
            number: "Billet n°\u{A0}",
            price: "Tarif",
            seat: "Place",
            holder: "Au nom de",
            hint: "À présenter à l’entrée, sur papier ou à l’écran",
            conditions: "Conditions",
        },
        Language::English => Words {
            number: "Ticket no.\u{A0}",
            price: "Price",
            seat: "Seat",
            holder: "Name",
            hint: "Show at the door, on paper or on screen",
            conditions: "Terms",
        },
    }
}

/// The language as documents name it.
#[must_use]
pub(super) fn tag(language: Language) -> &'static str {
    match language {
        Language::French => "fr",
        Language::English => "en",
    }
}

/// The whole page of `ticket`.
#[expect(clippy::float_arithmetic, reason = "PDF geometry")]
pub(super) fn draw(
    surface: &mut Surface<'_>,
    ticket: &Ticket<'_>,
    language: Language,
    code: &Qr,
    image: Option<Image>,
) {
    let words = &words(language);
    let band = if image.is_some() { BAND } else { 0.0 };
    let card = rounded(MARGIN, MARGIN, WIDTH, BODY + band);
    if let Some(image) = image {
        surface.push_clip_path(&card, &FillRule::NonZero);
        banner(surface, image);
        surface.pop();
    }
    let top = MARGIN + band;
    let cut = MARGIN + WIDTH - STUB;
    surface.set_fill(None);
    surface.set_stroke(Some(line(140, 0.8, false)));
    surface.draw_path(&card);
    surface.set_stroke(Some(line(140, 0.8, true)));
    surface.draw_path(&straight((cut, top), (cut, top + BODY)));
    surface.set_stroke(Some(line(190, 0.5, true)));
    surface.draw_path(&straight((0.0, PAGE.1 / 2.0), (PAGE.0, PAGE.1 / 2.0)));
    what(surface, ticket, words, top + PADDING);
    stub(surface, ticket, words, code, (cut, top));
    if let Some(conditions) = ticket.conditions.filter(|text| !text.trim().is_empty()) {
        let top = PAGE.1 / 2.0 + 22.0;
        let heading = Block::fit(words.conditions, HEADING, WIDTH, 20.0);
        heading.draw(surface, MARGIN, top, Align::Left);
        let top = top + heading.height() + 4.0;
        let text = Block::fit(conditions, CONDITIONS, WIDTH, PAGE.1 - MARGIN - top);
        text.draw(surface, MARGIN, top, Align::Left);
    }
}

/// The left part: event, time and place from the top down, the facts at the bottom.
#[expect(clippy::float_arithmetic, reason = "PDF geometry")]
fn what(surface: &mut Surface<'_>, ticket: &Ticket<'_>, words: &Words, top: f32) {
    let left = MARGIN + PADDING;
    let mut y = top;
    let address = ticket.address.unwrap_or_default();
    for (text, style, height, gap) in [
        (ticket.event, EVENT, 60.0, 5.0),
        (ticket.when, WHEN, 32.0, 7.0),
        (ticket.venue, VENUE, 28.0, 1.0),
        (address, ADDRESS, 24.0, 0.0),
    ] {
        let block = Block::fit(text, style, TEXT, height);
        block.draw(surface, left, y, Align::Left);
        y += if text.is_empty() { 0.0 } else { block.height() + gap };
    }
    facts(surface, ticket, words, (left, top + BODY - 2.0 * PADDING));
}

/// Price, seat and holder, two in a row, the last row ending at the height given.
#[expect(clippy::float_arithmetic, reason = "PDF geometry")]
fn facts(surface: &mut Surface<'_>, ticket: &Ticket<'_>, words: &Words, (left, end): (f32, f32)) {
    let facts = [
        (words.price, ticket.price),
        (words.seat, ticket.seat),
        (words.holder, ticket.holder.unwrap_or_default()),
    ];
    let facts: Vec<_> = facts.into_iter().filter(|(_, text)| !text.trim().is_empty()).collect();
    let (gap, column) = (12.0, (TEXT - 12.0) / 2.0);
    let mut bottom = end;
    for pair in facts.chunks(2).rev() {
        let width = if pair.len() == 1 { TEXT } else { column };
        let fit = |(label, text): &(&str, &str)| {
            (Block::fit(label, LABEL, width, 10.0), Block::fit(text, FACT, width, 27.0))
        };
        let blocks: Vec<_> = pair.iter().map(fit).collect();
        let height = |(label, fact): &(Block, Block)| label.height() + fact.height();
        let top = bottom - blocks.iter().map(height).fold(0.0, f32::max);
        let mut x = left;
        for (label, fact) in &blocks {
            label.draw(surface, x, top, Align::Left);
            fact.draw(surface, x, top + label.height(), Align::Left);
            x += column + gap;
        }
        bottom = top - 5.0;
    }
}

/// The right part: the QR and what it stands for.
#[expect(clippy::float_arithmetic, reason = "PDF geometry")]
fn stub(surface: &mut Surface<'_>, ticket: &Ticket<'_>, words: &Words, code: &Qr, at: (f32, f32)) {
    let mut bars = PathBuilder::new();
    for (x, y, length) in code.bars() {
        let bar = Rect::from_xywh(x as f32, y as f32, length as f32, 1.0);
        bars.push_rect(bar.expect("a bar has a length"));
    }
    let bars = bars.finish().expect("every QR has its corners");
    let (module, left) = (QR / code.edge() as f32, at.0 + PADDING);
    let top = at.1 + PADDING;
    surface.push_transform(&Transform::from_row(module, 0.0, 0.0, module, left, top));
    surface.set_stroke(None);
    surface.set_fill(Some(Fill { paint: luma::Color::black().into(), ..Fill::default() }));
    surface.draw_path(&bars);
    surface.pop();
    let number = match ticket.number.trim() {
        "" => String::new(),
        number => format!("{}{number}", words.number),
    };
    let number = Block::fit(&number, NUMBER, QR, 30.0);
    number.draw(surface, left, top + QR + 3.0, Align::Centre);
    let hint = Block::fit(words.hint, HINT, QR, 22.0);
    hint.draw(surface, left, top + QR + 7.0 + number.height(), Align::Centre);
}

/// The image across the top: filling the band when it is wide, whole when that would cut too much.
#[expect(clippy::float_arithmetic, reason = "PDF geometry")]
fn banner(surface: &mut Surface<'_>, image: Image) {
    let (width, height) = (image.size().0 as f32, image.size().1 as f32);
    let (across, down) = (WIDTH / width, BAND / height);
    let scale = if width / height >= 1.7 { across.max(down) } else { across.min(down) };
    let size = (width * scale, height * scale);
    let corner = (MARGIN + (WIDTH - size.0) / 2.0, MARGIN + (BAND - size.1) / 2.0);
    let band = Rect::from_xywh(MARGIN, MARGIN, WIDTH, BAND).expect("the band has a size");
    let mut path = PathBuilder::new();
    path.push_rect(band);
    let band = path.finish().expect("a rectangle is a path");
    surface.set_stroke(None);
    surface.set_fill(Some(Fill { paint: luma::Color::new(236).into(), ..Fill::default() }));
    surface.draw_path(&band);
    surface.push_clip_path(&band, &FillRule::NonZero);
    if let Some(size) = Size::from_wh(size.0, size.1) {
        surface.push_transform(&Transform::from_translate(corner.0, corner.1));
        surface.draw_image(image, size);
        surface.pop();
    }
    surface.pop();
}

fn line(grey: u8, width: f32, dashed: bool) -> Stroke {
    let dash = dashed.then(|| StrokeDash { array: vec![3.0, 3.0], offset: 0.0 });
    Stroke { paint: luma::Color::new(grey).into(), width, dash, ..Stroke::default() }
}

fn straight(from: (f32, f32), to: (f32, f32)) -> Path {
    let mut path = PathBuilder::new();
    path.move_to(from.0, from.1);
    path.line_to(to.0, to.1);
    path.finish().expect("a line is a path")
}

#[expect(clippy::float_arithmetic, reason = "PDF geometry")]
fn rounded(x: f32, y: f32, width: f32, height: f32) -> Path {
    // The second is how far a curve's handle is from the corner, for a quarter of a circle.
    let (radius, handle) = (9.0, 4.03);
    let (right, bottom) = (x + width, y + height);
    let mut path = PathBuilder::new();
    path.move_to(x + radius, y);
    path.line_to(right - radius, y);
    path.cubic_to(right - handle, y, right, y + handle, right, y + radius);
    path.line_to(right, bottom - radius);
    path.cubic_to(right, bottom - handle, right - handle, bottom, right - radius, bottom);
    path.line_to(x + radius, bottom);
    path.cubic_to(x + handle, bottom, x, bottom - handle, x, bottom - radius);
    path.line_to(x, y + radius);
    path.cubic_to(x, y + handle, x + handle, y, x + radius, y);
    path.close();
    path.finish().expect("a rectangle is a path")
}
