//! E-mail addresses, as Django's `EmailValidator` accepts them.

use regex::Regex;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use std::fmt;
use std::sync::LazyLock;

/// A checked address, kept as written; the database compares addresses without regard to letter case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

// Django 3.2 `EmailValidator.user_regex` and `domain_regex`, look-behinds written out.
static LOCAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?i)^(?:[-!#$%&'*+/=?^_`{}|~0-9A-Z]+(?:\.[-!#$%&'*+/=?^_`{}|~0-9A-Z]+)*"#,
        r#"|"(?:[\x01-\x08\x0b\x0c\x0e-\x1f!#-\[\]-\x7f]|\\[\x01-\x09\x0b\x0c\x0e-\x7f])*")$"#
    ))
    .expect("a constant pattern")
});
static DOMAIN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?\.)+(?:[A-Z0-9-]{0,61}[A-Z0-9])$")
        .expect("a constant pattern")
});

impl Email {
    /// The longest address, in characters (RFC 5321).
    pub const MAX: usize = 254;

    /// A syntactically right address of at most [`Email::MAX`] characters, without control characters, which Django lets
    /// stand between quotes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.chars().any(char::is_control) { None } else { Self::stored(text) }
    }

    fn stored(text: &str) -> Option<Self> {
        if text.chars().count() > Self::MAX {
            return None;
        }
        let (local, domain) = text.rsplit_once('@')?;
        let right = LOCAL.is_match(local) && domain_is_right(domain);
        right.then(|| Self(text.to_owned()))
    }

    /// The address as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn domain_is_right(domain: &str) -> bool {
    if domain.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let ascii = |d: &str| {
        DOMAIN.is_match(d) && d.split('.').next_back().is_some_and(|t| !t.starts_with('-'))
    };
    if ascii(domain) {
        return true;
    }
    if let Some(literal) = domain.strip_prefix('[').and_then(|d| d.strip_suffix(']')) {
        return literal.parse::<std::net::IpAddr>().is_ok();
    }
    // Django tries again with the domain's ASCII form.
    !domain.is_ascii() && matches!(url::Host::parse(domain), Ok(url::Host::Domain(d)) if ascii(&d))
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ToSql for Email {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.as_str()))
    }
}

impl FromSql for Email {
    /// Older versions took control characters: what they stored can still be read.
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        let wrong = || FromSqlError::Other(format!("not an e-mail: {text:?}").into());
        Self::stored(text).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_accepted_as_the_contract_accepts_them() {
        for text in
            ["a@b.fr", "contact+bisik@tibillet.re", "a@localhost", "a@[127.0.0.1]", "a@exemplé.fr"]
        {
            assert!(Email::parse(text).is_some(), "{text}");
        }
    }

    #[test]
    fn an_address_that_an_older_version_took_is_read() {
        let stored = "\"\u{1b}[2J\"@b.fr";
        assert_eq!(Email::column_result(stored.into()).unwrap().as_str(), stored);
        assert!(Email::column_result("a".into()).is_err());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "a",
            "a@b",
            "@b.fr",
            "a@",
            "é@exemple.fr",
            "12",
            "a b@c.fr",
            "a@b..fr",
            "a@-b.fr",
            "a@b.fr\n",
            ".a@b.fr",
            "\"\u{1b}[2J\"@b.fr",
            "\"\u{7f}\"@b.fr",
        ] {
            assert!(Email::parse(text).is_none(), "{text:?}");
        }
    }
}
