//! VAT numbers: how those of the European Union are written. Whether one was given to anybody, only the Union knows.

/// What can be said of a VAT number by looking at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Written as its country writes them.
    Right,
    /// Begins as a country of the Union, and is not written as that one writes them; or is no number at all.
    Wrong,
    /// Of a country of whose numbers we know nothing.
    Unknown,
}

/// Country and forms: `9` a digit, `A` a letter, `X` either, all else itself.
const FORMS: &[(&str, &[&str])] = &[
    ("AT", &["U99999999"]),
    ("BE", &["0999999999", "1999999999"]),
    ("BG", &["999999999", "9999999999"]),
    ("CY", &["99999999A"]),
    ("CZ", &["99999999", "999999999", "9999999999"]),
    ("DE", &["999999999"]),
    ("DK", &["99999999"]),
    ("EE", &["999999999"]),
    ("EL", &["999999999"]),
    ("ES", &["A9999999X", "99999999A"]),
    ("FI", &["99999999"]),
    ("FR", &["XX999999999"]),
    ("HR", &["99999999999"]),
    ("HU", &["99999999"]),
    ("IE", &["9X99999A", "9999999AA"]),
    ("IT", &["99999999999"]),
    ("LT", &["999999999", "999999999999"]),
    ("LU", &["99999999"]),
    ("LV", &["99999999999"]),
    ("MT", &["99999999"]),
    ("NL", &["XXXXXXXXXBXX"]),
    ("PL", &["9999999999"]),
    ("PT", &["999999999"]),
    (
        "RO",
        &["99", "999", "9999", "99999", "999999", "9999999", "99999999", "999999999", "9999999999"],
    ),
    ("SE", &["999999999999"]),
    ("SI", &["99999999"]),
    ("SK", &["9999999999"]),
    ("XI", &["999999999", "999999999999", "GD999", "HA999"]),
];

/// A VAT number as it is kept: capitals, without what people put between.
#[must_use]
pub fn clean(text: &str) -> String {
    let kept = text.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '\u{a0}' | '\u{202f}'));
    kept.collect::<String>().to_uppercase()
}

/// The VAT number of a text, as it is kept; none where it is not written as one.
#[must_use]
pub fn parse(text: &str) -> Option<String> {
    Some(clean(text)).filter(|number| look(number) != Look::Wrong)
}

/// A number of any country has as many characters at the least.
const SHORTEST: usize = 4;

/// How a number that is [`clean`] looks.
#[must_use]
pub fn look(number: &str) -> Look {
    let Some((country, rest)) = number.split_at_checked(2) else { return Look::Wrong };
    let Some((_, forms)) = FORMS.iter().find(|(code, _)| *code == country) else {
        let is_number = number.len() >= SHORTEST && number.contains(|c: char| c.is_ascii_digit());
        return if is_number { Look::Unknown } else { Look::Wrong };
    };
    if forms.iter().any(|form| fits(form, rest)) { Look::Right } else { Look::Wrong }
}

fn fits(form: &str, text: &str) -> bool {
    let fits = |(form, byte): (u8, u8)| match form {
        b'9' => byte.is_ascii_digit(),
        b'A' => byte.is_ascii_uppercase(),
        b'X' => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
        own => own == byte,
    };
    form.len() == text.len() && form.bytes().zip(text.bytes()).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_as_its_country_writes_them() {
        for right in [
            "ATU87654321",
            "BE0123456789",
            "DE123456789",
            "EL123456789",
            "ESX1234567X",
            "ES12345678Z",
            "FR12345678901",
            "FRXX123456789",
            "IE1A23456B",
            "IE1234567AB",
            "NL123456789B01",
            "RO12",
            "XIGD123",
        ] {
            assert_eq!(look(right), Look::Right, "{right}");
        }
        for wrong in [
            "ATU8765432",
            "AT87654321",
            "BE2123456789",
            "DE12345678A",
            "RO1",
            "FR",
            "ATU8765432é",
            "",
            "A",
            "XX",
            "CHEABC",
            "é1",
        ] {
            assert_eq!(look(wrong), Look::Wrong, "{wrong}");
        }
        for unknown in ["CHE123456789", "123456789RT0001"] {
            assert_eq!(look(unknown), Look::Unknown, "{unknown}");
        }
        assert_eq!(clean("atu 8765-4321"), "ATU87654321");
    }
}
