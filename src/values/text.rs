//! Which texts may be kept: what is shown on one line holds no control characters, which would break a letter's head, a
//! list on a terminal or XML.

/// Longest text that is shown on one line; longer ones may have lines of their own.
const LINE: usize = 200;

/// May this be kept as a text of at most `max` characters? Line breaks and tabs only where it may be long.
#[must_use]
pub fn is_plain(text: &str, max: usize) -> bool {
    let breaks = max > LINE;
    let fits = |c: char| !c.is_control() || breaks && matches!(c, '\n' | '\r' | '\t');
    text.chars().count() <= max && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_holds_no_control_characters_and_prose_only_breaks() {
        for (text, max, plain) in [
            ("Le Bisik", 8, true),
            ("Le Bisik", 7, false),
            ("à\nb", 50, false),
            ("à\r\n\tb", 2_000, true),
            ("a\0b", 2_000, false),
            ("a\u{85}b", 50, false),
            ("", 50, true),
        ] {
            assert_eq!(is_plain(text, max), plain, "{text:?}, {max}");
        }
    }
}
