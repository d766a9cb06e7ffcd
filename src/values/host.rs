//! Host names that tenants answer on: lower case, without port and without a leading `www.`.

use std::fmt;
use std::net::IpAddr;

/// A host name in the one form in which it is stored and looked up.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Host(String);

impl Host {
    /// Reads a `Host` header or a domain: the port, `www.` and letter case are ignored. At most 253 characters of
    /// letters, digits, `-`, `_` and `.`, or an IP literal.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let name = match text.strip_prefix('[') {
            Some(rest) => {
                let (inside, _) = rest.split_once(']')?;
                return inside.parse::<std::net::Ipv6Addr>().ok().map(|ip| Self(format!("[{ip}]")));
            }
            None => text.split_once(':').map_or(text, |(name, _)| name),
        };
        let lower = name.to_ascii_lowercase();
        let name = lower.strip_prefix("www.").unwrap_or(&lower);
        let name = name.strip_suffix('.').unwrap_or(name);
        let right = !name.is_empty()
            && name.len() <= 253
            && name.split('.').all(|label| {
                (1..=63).contains(&label.len())
                    && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            });
        right.then(|| Self(name.to_owned()))
    }

    /// Reads a host that a person names for a tenant. Stricter than [`Host::parse`], which must understand whatever a
    /// client sends: no scheme, a port of digits alone, no label with a dash at an end. Underscores are right, since
    /// slugs may have them.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        let port = match text.strip_prefix('[') {
            Some(rest) => rest.split_once(']')?.1,
            None => text.find(':').map_or("", |at| &text[at..]),
        };
        let is_port = |digits: &str| {
            digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse::<u16>().is_ok()
        };
        if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
            return None;
        }
        let dashed = |label: &str| label.starts_with('-') || label.ends_with('-');
        Self::parse(text).filter(|host| !host.0.split('.').any(dashed))
    }

    /// Reads a domain under which tenants are to answer: a host that a person names, without underscores, for which no
    /// certificate is given, and no IP address, which has nothing below it.
    #[must_use]
    pub fn domain(text: &str) -> Option<Self> {
        Self::named(text).filter(|host| {
            let is_address = host.0.starts_with('[') || host.0.parse::<IpAddr>().is_ok();
            !is_address && !host.0.contains('_')
        })
    }

    /// The name as stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host `label.self`.
    #[must_use]
    pub fn under(&self, label: &str) -> Option<Self> {
        Self::parse(&format!("{label}.{}", self.0))
    }
}

impl std::borrow::Borrow<str> for Host {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

super::text_column!(Host);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_www_and_letter_case_are_ignored() {
        for text in [
            "le-bisik.example.org",
            "LE-BISIK.Example.org:8000",
            "www.le-bisik.example.org",
            "le-bisik.example.org.",
        ] {
            assert_eq!(Host::parse(text).unwrap().as_str(), "le-bisik.example.org");
        }
        assert_eq!(Host::parse("127.0.0.1:8000").unwrap().as_str(), "127.0.0.1");
        assert_eq!(Host::parse("[::1]:8000").unwrap().as_str(), "[::1]");
    }

    #[test]
    fn a_host_that_a_person_names_has_no_scheme_and_no_dash_at_an_end() {
        for (text, host) in [
            ("tickets.example.org", "tickets.example.org"),
            ("www.Example.org:8000", "example.org"),
            ("a_b.example.org", "a_b.example.org"),
            ("xn--caf-dma.example", "xn--caf-dma.example"),
            ("127.0.0.1:8000", "127.0.0.1"),
            ("[::1]:8000", "[::1]"),
        ] {
            assert_eq!(Host::named(text).unwrap().as_str(), host);
        }
        for text in [
            "https://x",
            "http://x/",
            "x:port",
            "x:",
            "x:80:80",
            "x:99999",
            "x:+80",
            "-x.org",
            "x-.org",
            "a.-b.org",
            "[::1]x",
            "[::1",
            "x/y",
            "",
        ] {
            assert_eq!(Host::named(text), None, "{text}");
        }
    }

    #[test]
    fn a_domain_of_tenants_is_no_address_and_has_no_underscore() {
        assert_eq!(Host::domain("localhost").unwrap().as_str(), "localhost");
        for text in ["127.0.0.1", "127.0.0.1:80", "[::1]", "a_b.example.org", "https://x"] {
            assert_eq!(Host::domain(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in ["", "a b", "a..b", ".a", "a/b", "é.fr", &"a".repeat(64)] {
            assert_eq!(Host::parse(text), None, "{text}");
        }
    }
}
