//! A colour, as people write it: `#a1c0ae`, `0xCB0112`, `#abc`. What is none is no colour: no other text of a caller comes
//! near a style.

use std::fmt;

/// A colour of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

impl Colour {
    /// The darkest that there is.
    pub const BLACK: Self = Self::new(0, 0, 0);
    /// The lightest.
    pub const WHITE: Self = Self::new(255, 255, 255);

    /// Of these parts.
    #[must_use]
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }

    /// Six digits, or three that each count twice, behind `#`, `0x` or nothing.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = ["#", "0x", "0X"].iter().find_map(|sign| text.strip_prefix(sign));
        let digits = digits.unwrap_or(text);
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let number = u32::from_str_radix(digits, 16).ok()?;
        match (digits.len(), number.to_be_bytes()) {
            (6, [_, red, green, blue]) => Some(Self { red, green, blue }),
            (3, [_, _, red, rest]) => {
                Some(Self { red: red * 17, green: (rest >> 4) * 17, blue: (rest & 15) * 17 })
            }
            _ => None,
        }
    }

    /// Black or white, whichever is read better on it: both contrast alike at a luminance of 0.179.
    #[must_use]
    pub fn ink(self) -> Self {
        const ALIKE: u64 = 1_791;
        let Self { red, green, blue } = self;
        let all = 2_126 * light(red) + 7_152 * light(green) + 722 * light(blue);
        if all >= ALIKE * light(u8::MAX) { Self::BLACK } else { Self::WHITE }
    }
}

/// How light a part is on a screen, of a thousand times 255³: a cubic that is near to the curve of the standard.
fn light(part: u8) -> u64 {
    let part = u64::from(part);
    part * (part * (part * 305 + 682 * 255) + 13 * 255 * 255)
}

impl fmt::Display for Colour {
    /// As a style writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { red, green, blue } = self;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_colour_is_read_as_people_write_it() {
        for text in ["#cb0112", "0xCB0112", "0Xcb0112", " CB0112 "] {
            assert_eq!(Colour::parse(text).map(|c| c.to_string()).as_deref(), Some("#cb0112"));
        }
        assert_eq!(Colour::parse("#1af").map(|c| c.to_string()).as_deref(), Some("#11aaff"));
    }

    #[test]
    fn what_is_no_colour_is_none() {
        for text in [
            "", "#", "red", "#12345", "#1234567", "+12345", "#12 456", "#123456;", "url(x)", "#é12",
        ] {
            assert_eq!(Colour::parse(text), None, "{text}");
        }
    }

    #[test]
    fn known_colours_have_the_ink_that_people_give_them() {
        let ink = |text| Colour::parse(text).unwrap().ink();
        for light in ["#ffffff", "#ffff00", "#00ae6c", "#a1c0ae", "#ff8800", "#00ffff"] {
            assert_eq!(ink(light), Colour::BLACK, "{light}");
        }
        for dark in ["#000000", "#1f4e79", "#cb0112", "#0000ff", "#663399", "#555555"] {
            assert_eq!(ink(dark), Colour::WHITE, "{dark}");
        }
    }

    /// The contrast of two colours, by WCAG 2, times a thousand.
    #[expect(
        clippy::float_arithmetic,
        clippy::cast_possible_truncation,
        reason = "the standard's own formula, to hold the integers against"
    )]
    fn contrast(one: Colour, other: Colour) -> i32 {
        let luminance = |colour: Colour| {
            let part = |part: u8| match f64::from(part) / 255.0 {
                low if low <= 0.04045 => low / 12.92,
                high => ((high + 0.055) / 1.055).powf(2.4),
            };
            0.2126 * part(colour.red) + 0.7152 * part(colour.green) + 0.0722 * part(colour.blue)
        };
        let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
        (one.max(other) / one.min(other) * 1000.0) as i32
    }

    proptest! {
        #[test]
        fn every_colour_can_be_written_on(red: u8, green: u8, blue: u8) {
            let colour = Colour::new(red, green, blue);
            // 4.5 is what the standard asks of small text.
            prop_assert!(contrast(colour, colour.ink()) >= 4_500, "{}", colour);
        }
    }
}
