//! Sets text for a PDF in the two faces of Roboto that come with the program: measures it, breaks
//! it into lines, shrinks it until it fits, draws it.
//!
//! What must stay true: a set text never leaves its room, whatever it is: it shrinks, then breaks
//! within words, then ends with an ellipsis; the letters stay letters, to be selected and found.
//! Kerning, ligatures, hyphenation and scripts that run from right to left are deliberately absent.

use flate2::read::GzDecoder;
use krilla::color::luma;
use krilla::geom::Point;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider};
use std::io::Read as _;
use std::ops::Range;
use std::sync::OnceLock;
use unicode_normalization::UnicodeNormalization;

/// The faces, regular and bold, compressed. Apache-2.0, see `LICENSE-Roboto.txt` beside them.
const FACES: [&[u8]; 2] = [
    include_bytes!("../../data/fonts/Roboto-Regular.ttf.gz"),
    include_bytes!("../../data/fonts/Roboto-Bold.ttf.gz"),
];

/// From one baseline to the next, as a multiple of the size.
const LEADING: f32 = 1.22;

/// From the top of a line to its baseline, as a multiple of the size.
const ASCENT: f32 = 0.96;

/// What of a text is looked at, in characters; no room on a page holds as many.
const LONGEST: usize = 12_000;

/// How bold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// For what is read.
    Regular,
    /// For what is seen first.
    Bold,
}

/// How a text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Style {
    /// Which face.
    pub weight: Weight,
    /// The size when there is room, in half points.
    pub most: u16,
    /// The size below which words are cut rather than shrunk, in half points.
    pub least: u16,
    /// From 0, black, to 255, white.
    pub grey: u8,
}

/// Where the lines of a text begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    /// At the left edge of the room.
    Left,
    /// As far from the left edge as they end from the right one.
    Centre,
}

/// A text that has been fitted into its room.
pub(super) struct Block {
    lines: Vec<Vec<Cell>>,
    style: Style,
    width: f32,
    size: f32,
}

/// One character and how it is drawn; the advance is a part of the size.
#[derive(Clone, Copy)]
struct Cell {
    character: char,
    glyph: GlyphId,
    advance: f32,
}

struct Face {
    font: Font,
    glyphs: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
}

#[expect(clippy::float_arithmetic, reason = "PDF geometry")]
impl Block {
    /// `text` in a room of `width` by `height` points, as large as it goes. Words stay whole when
    /// any size allows it; what does not fit at the least size is cut.
    #[must_use]
    pub(super) fn fit(text: &str, style: Style, width: f32, height: f32) -> Self {
        let face = face(style.weight);
        let cells = cells(text, face);
        let most_lines = |size: f32| height / (size * LEADING);
        let mut best = None;
        for half in (style.least..=style.most).rev() {
            let size = f32::from(half) / 2.0;
            let (lines, whole) = wrap(&cells, width / size);
            let fits = lines.len() as f32 <= most_lines(size);
            if fits && (whole || best.is_none()) {
                best = Some((lines, size));
            }
            if fits && whole {
                break;
            }
        }
        if let Some((lines, size)) = best {
            let lines = lines.into_iter().map(|range| cells[range].to_vec()).collect();
            return Self { lines, style, width, size };
        }
        let size = f32::from(style.least) / 2.0;
        let (mut ranges, _) = wrap(&cells, width / size);
        while ranges.len() > 1 && ranges.len() as f32 > most_lines(size) {
            ranges.pop();
        }
        let mut lines: Vec<_> = ranges.into_iter().map(|range| cells[range].to_vec()).collect();
        if let (Some(last), Some(ellipsis)) = (lines.last_mut(), cell('…', face)) {
            while !last.is_empty() && length(last) + ellipsis.advance > width / size {
                last.pop();
            }
            last.push(ellipsis);
        }
        Self { lines, style, width, size }
    }

    /// What it takes of the height of its room, in points.
    #[must_use]
    pub(super) fn height(&self) -> f32 {
        self.lines.len() as f32 * self.size * LEADING
    }

    /// Draws it with the top left corner of its room at `x`, `y`.
    pub(super) fn draw(&self, surface: &mut Surface<'_>, x: f32, y: f32, align: Align) {
        let paint = luma::Color::new(self.style.grey).into();
        surface.set_stroke(None);
        surface.set_fill(Some(Fill { paint, ..Fill::default() }));
        let mut baseline = y + ASCENT * self.size;
        for line in &self.lines {
            let left = match align {
                Align::Left => x,
                Align::Centre => x + (self.width - length(line) * self.size) / 2.0,
            };
            let text: String = line.iter().map(|cell| cell.character).collect();
            let glyphs: Vec<KrillaGlyph> = text
                .char_indices()
                .zip(line)
                .map(|((at, character), cell)| {
                    let range = at..at + character.len_utf8();
                    KrillaGlyph::new(cell.glyph, cell.advance, 0.0, 0.0, 0.0, range, None)
                })
                .collect();
            let font = face(self.style.weight).font.clone();
            let start = Point::from_xy(left, baseline);
            surface.draw_glyphs(start, &glyphs, font, &text, self.size, false);
            baseline += self.size * LEADING;
        }
    }
}

/// A face for as long as the program runs.
fn unpacked(packed: &[u8]) -> &'static [u8] {
    let mut bytes = vec![];
    GzDecoder::new(packed).read_to_end(&mut bytes).expect("the font is part of the program");
    bytes.leak()
}

/// The face of this weight, read once.
fn face(weight: Weight) -> &'static Face {
    static READ: OnceLock<[Face; 2]> = OnceLock::new();
    let [regular, bold] = READ.get_or_init(|| {
        FACES.map(|packed| {
            let bytes = unpacked(packed);
            let font = FontRef::new(bytes).expect("the font is part of the program");
            Face {
                font: Font::new(bytes.into(), 0).expect("the font is part of the program"),
                glyphs: font.charmap(),
                metrics: font.glyph_metrics(Size::unscaled(), LocationRef::default()),
            }
        })
    });
    match weight {
        Weight::Regular => regular,
        Weight::Bold => bold,
    }
}

fn cells(text: &str, face: &Face) -> Vec<Cell> {
    let shown: String = tidy(text).chars().filter(|c| cell(*c, face).is_some()).collect();
    // What was left out may have stood between two spaces, or after the last.
    tidy(&shown).chars().filter_map(|character| cell(character, face)).collect()
}

/// Accents on their letters, one space between words, at most one empty line in a row.
fn tidy(text: &str) -> String {
    let composed: String = text.nfc().take(LONGEST).collect();
    let mut out = String::with_capacity(composed.len());
    for line in composed.lines() {
        let gap = |c: char| c.is_whitespace() && !matches!(c, '\u{A0}' | '\u{2007}' | '\u{202F}');
        for word in line.split(gap).filter(|word| !word.is_empty()) {
            out.push_str(word);
            out.push(' ');
        }
        if out.ends_with(' ') {
            out.pop();
        }
        if !out.is_empty() && !out.ends_with("\n\n") {
            out.push('\n');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// How `character` is drawn. A letter that the face lacks becomes an empty box; a picture that it
/// lacks is left out, as is what has no shape.
fn cell(character: char, face: &Face) -> Option<Cell> {
    let glyph = |character: char| face.glyphs.map(character);
    let glyph = match character {
        '\n' => return Some(Cell { character, glyph: GlyphId::new(0), advance: 0.0 }),
        '\u{AD}' => return None,
        _ if character.is_control() => return None,
        '\u{2007}' | '\u{2009}' | '\u{202F}' => glyph(character).or_else(|| glyph('\u{A0}')),
        '\u{2010}' | '\u{2011}' => glyph(character).or_else(|| glyph('-')),
        _ => glyph(character),
    };
    let glyph = glyph.or_else(|| character.is_alphanumeric().then(skrifa::GlyphId::default))?;
    let advance = advance(face, glyph);
    Some(Cell { character, glyph: GlyphId::new(glyph.to_u32()), advance })
}

#[expect(clippy::float_arithmetic, reason = "PDF geometry")]
fn advance(face: &Face, glyph: skrifa::GlyphId) -> f32 {
    face.metrics.advance_width(glyph).unwrap_or(0.0) / face.font.units_per_em()
}

fn length(line: &[Cell]) -> f32 {
    line.iter().map(|cell| cell.advance).sum()
}

/// Lines of at most `limit` sizes, and whether all words stayed whole.
#[expect(clippy::float_arithmetic, reason = "PDF geometry")]
fn wrap(cells: &[Cell], limit: f32) -> (Vec<Range<usize>>, bool) {
    let (mut lines, mut whole) = (Vec::new(), true);
    let (mut start, mut at, mut width) = (0, 0, 0.0);
    // Where this line may end, and the next one begin.
    let mut gap = None;
    while let Some(cell) = cells.get(at) {
        let character = cell.character;
        width += cell.advance;
        let broken = if character == '\n' {
            Some((at, at + 1))
        } else if character != ' ' && width > limit && at > start {
            whole &= gap.is_some();
            Some(gap.unwrap_or((at, at)))
        } else {
            None
        };
        if let Some((end, next)) = broken {
            lines.push(start..end);
            (start, at, width, gap) = (next, next, 0.0, None);
            continue;
        }
        match character {
            ' ' if gap.is_none() || !stick(cells, at) => gap = Some((at, at + 1)),
            '-' | '/' | '–' | '—' => gap = Some((at + 1, at + 1)),
            _ => {}
        }
        at += 1;
    }
    if start < cells.len() {
        lines.push(start..cells.len());
    }
    (lines, whole)
}

/// Whether the space at `at` keeps its neighbours together, as French wants it around signs.
fn stick(cells: &[Cell], at: usize) -> bool {
    let is = |at: Option<usize>, signs: &str| {
        at.and_then(|at| cells.get(at)).is_some_and(|cell| signs.contains(cell.character))
    };
    is(at.checked_add(1), ":;!?»€%") || is(at.checked_sub(1), "«")
}

#[cfg(test)]
#[expect(clippy::float_arithmetic, reason = "PDF geometry")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STYLE: Style = Style { weight: Weight::Bold, most: 40, least: 20, grey: 0 };

    fn lines(block: &Block) -> Vec<String> {
        let text = |line: &Vec<Cell>| line.iter().map(|cell| cell.character).collect();
        block.lines.iter().map(text).collect()
    }

    #[test]
    fn a_text_is_as_large_as_its_room_allows() {
        let short = Block::fit("Bisik", STYLE, 300.0, 60.0);
        assert_eq!((lines(&short), short.size), (vec!["Bisik".to_owned()], 20.0));
        let long = Block::fit("La nuit des longues phrases, acte II", STYLE, 200.0, 40.0);
        assert!(long.size < 20.0 && long.size >= 10.0 && lines(&long).len() > 1);
    }

    #[test]
    fn a_word_shrinks_before_it_breaks_and_breaks_before_it_is_cut() {
        let word = "Donaudampfschifffahrt";
        let whole = Block::fit(word, STYLE, 150.0, 60.0);
        assert_eq!(lines(&whole), [word]);
        assert!(whole.size < 20.0);
        let broken = Block::fit(word, STYLE, 60.0, 60.0);
        assert_eq!(lines(&broken).concat(), word);
        let cut = Block::fit(&word.repeat(9), STYLE, 60.0, 30.0);
        assert!(lines(&cut).last().is_some_and(|line| line.ends_with('…')), "{:?}", lines(&cut));
    }

    #[test]
    fn lines_break_at_spaces_and_hyphens_but_not_before_a_lonely_sign() {
        let text = "Où est-il donc passé ? À 5 €";
        let block = Block::fit(text, Style { most: 20, ..STYLE }, 90.0, 80.0);
        assert_eq!(lines(&block), ["Où est-il donc", "passé ? À 5 €"]);
        for width in 70..150_u8 {
            for line in lines(&Block::fit(text, STYLE, f32::from(width), 500.0)) {
                assert!(!line.starts_with(['?', '€', ' ']) && !line.ends_with(' '), "{line}");
            }
        }
    }

    #[test]
    fn texts_are_tidied() {
        assert_eq!(tidy(" a\t b\r\n\n\n\nc\u{A0}d \n"), "a b\n\nc\u{A0}d");
        assert_eq!(tidy("e\u{301}te\u{301}"), "été");
        assert_eq!(tidy(" \n\n "), "");
        let face = face(Weight::Regular);
        let printed = |text| -> String { cells(text, face).iter().map(|c| c.character).collect() };
        assert_eq!(printed("🎉\u{AD}\u{7}Œuf 𠮷"), "Œuf 𠮷");
        assert_eq!(printed("un 🎉 œuf 🎉"), "un œuf");
    }

    #[test]
    fn both_faces_have_what_french_needs() {
        for weight in [Weight::Regular, Weight::Bold] {
            for character in "ÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸÆŒàâäçéèêëîïôöùûüÿæœñßŁőșţ€«»“”‘’–—…·°№\u{A0}".chars()
            {
                let glyph = face(weight).glyphs.map(character).map(|glyph| glyph.to_u32());
                assert!(glyph.is_some_and(|glyph| glyph > 0), "{character:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_text_leaves_its_room(text in any::<String>(), words in "([ -~éŒ€]{0,30}\n?){0,20}") {
            for text in [text, words] {
                let block = Block::fit(&text, STYLE, 80.0, 100.0);
                prop_assert!(block.height() <= 100.01);
                for line in &block.lines {
                    prop_assert!(length(line) * block.size <= 80.01);
                }
            }
        }
    }
}
