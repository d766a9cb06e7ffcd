//! Slugs: a tenant's short name, the first label of its domain.

use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// 1 to 63 characters of `a-z 0-9 - _`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slug(String);

/// First labels that belong to the house. `information_schema` and names in `pg_` are refused as the contract's
/// server refuses them, so that a venue can move there.
const RESERVED: [&str; 9] =
    ["m", "meta", "www", "root", "public", "api", "admin", "media", "localhost"];

impl Slug {
    /// The slug of a name, by Django's `slugify`: NFKD, ASCII only, lower case, letters, digits, `_` and `-` kept,
    /// runs of white space and dashes become one dash, none at the ends. `None` when nothing or too much is left.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::parse(&slugify(name))
    }

    /// A slug that is written as one already.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let right = (1..=63).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
        right.then(|| Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// May no tenant be called so?
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        RESERVED.contains(&self.0.as_str())
            || self.0 == "information_schema"
            || self.0.starts_with("pg_")
    }

    /// The slug with `-number` behind it, shortened to fit.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Self {
        let tail = format!("-{number}");
        let head = &self.0[..self.0.len().min(63 - tail.len())];
        Self(format!("{}{tail}", head.trim_end_matches('-')))
    }
}

/// Django's `slugify`: NFKD, ASCII only, lower case, letters, digits, `_` and `-` kept, runs of white space and dashes
/// become one dash, none at the ends. As long as the text is, or empty.
#[must_use]
pub fn slugify(text: &str) -> String {
    let ascii: String = text.nfkd().filter(char::is_ascii).collect::<String>().to_ascii_lowercase();
    let mut slug = String::with_capacity(ascii.len());
    for c in ascii.chars() {
        match c {
            'a'..='z' | '0'..='9' | '_' => slug.push(c),
            '-' => push_dash(&mut slug),
            c if c.is_ascii_whitespace() || c == '\u{b}' || ('\u{1c}'..='\u{1f}').contains(&c) => {
                push_dash(&mut slug);
            }
            _ => {}
        }
    }
    slug.trim_matches(['-', '_']).to_owned()
}

fn push_dash(slug: &mut String) {
    if !slug.ends_with('-') {
        slug.push('-');
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

super::text_column!(Slug);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_becomes_the_slug_of_the_contract() {
        for (name, slug) in [
            ("Le Bisik", "le-bisik"),
            ("L’été & Co", "lete-co"),
            ("L'Étage & Co", "letage-co"),
            ("Festival Démo", "festival-demo"),
            ("12345", "12345"),
            ("  --a__b  c--", "a__b-c"),
            ("_x_", "x"),
            ("ﬁn", "fin"),
        ] {
            assert_eq!(Slug::of(name).unwrap().as_str(), slug, "{name}");
        }
        for name in ["!!!", "Привет", "", "---"] {
            assert_eq!(Slug::of(name), None, "{name}");
        }
    }

    #[test]
    fn the_labels_of_the_house_are_reserved() {
        for text in [
            "m",
            "meta",
            "www",
            "root",
            "public",
            "api",
            "admin",
            "media",
            "localhost",
            "pg_catalog",
            "information_schema",
        ] {
            assert!(Slug::parse(text).unwrap().is_reserved(), "{text}");
        }
        assert!(!Slug::parse("le-bisik").unwrap().is_reserved());
    }

    proptest! {
        #[test]
        fn a_slug_is_its_own_slug(name in any::<String>()) {
            if let Some(slug) = Slug::of(&name) {
                prop_assert_eq!(Slug::of(slug.as_str()), Some(slug.clone()));
                prop_assert!(Slug::parse(slug.as_str()).is_some());
            }
        }
    }
}
