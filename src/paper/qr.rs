//! QR codes: as bars of dark modules for whoever draws them, and as SVG. Pure.
//!
//! What must stay true: error correction M, which survives a crease or a stain; whatever is drawn
//! leaves room for the quiet zone. Logos inside, colours and structured append are deliberately
//! absent.

use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write as _;

/// The width of the quiet zone on each side, in modules.
pub(super) const QUIET: usize = 4;

/// A QR of a text.
pub(super) struct Qr(QrCode);

impl Qr {
    /// The smallest one that holds `text`; `None` when that is more than any does, about 2300 bytes.
    #[must_use]
    pub(super) fn of(text: &str) -> Option<Self> {
        QrCode::with_error_correction_level(text, EcLevel::M).ok().map(Self)
    }

    /// Modules from edge to edge, the quiet zone counted.
    #[must_use]
    pub(super) fn edge(&self) -> usize {
        self.0.width() + 2 * QUIET
    }

    /// The dark modules as horizontal bars: column, row, length; the quiet zone counted.
    #[must_use]
    pub(super) fn bars(&self) -> Vec<(usize, usize, usize)> {
        let colours = self.0.to_colors();
        let mut bars = Vec::new();
        for (y, row) in colours.chunks(self.0.width()).enumerate() {
            let mut x = QUIET;
            for same in row.chunk_by(|a, b| a == b) {
                if same[0] == Color::Dark {
                    bars.push((x, y + QUIET, same.len()));
                }
                x += same.len();
            }
        }
        bars
    }
}

/// The QR of `code` as an SVG, black on white with its quiet zone, scaling to the size it is
/// given; empty when the code has more than a QR holds.
#[must_use]
pub fn qr_svg(code: &str) -> String {
    let Some(qr) = Qr::of(code) else { return String::new() };
    let edge = qr.edge();
    let mut path = String::new();
    for (x, y, length) in qr.bars() {
        write!(path, "M{x} {y}h{length}v1h-{length}z").expect("a string takes everything");
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {edge} {edge}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{edge}v{edge}H0z\"/>\
         <path d=\"{path}\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_svg_has_the_dark_modules_and_a_quiet_zone() {
        let svg = qr_svg("7");
        assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 29 29\""));
        assert!(svg.contains("<path d=\"M4 4h7v1h-7z") && svg.ends_with("z\"/></svg>"));
        assert_eq!(qr_svg(&"a".repeat(2400)), "");
    }

    #[test]
    fn the_bars_are_the_dark_modules() {
        let qr = Qr::of("01972b3c-4d5e-7f60-8a9b-acbdcedfe0f1").unwrap();
        let dark = qr.0.to_colors().iter().filter(|colour| **colour == Color::Dark).count();
        assert_eq!(qr.bars().iter().map(|bar| bar.2).sum::<usize>(), dark);
        for (x, y, length) in qr.bars() {
            assert!(x >= QUIET && y >= QUIET);
            assert!(x + length <= qr.edge() - QUIET && y < qr.edge() - QUIET);
        }
    }
}
