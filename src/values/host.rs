//! Host names that tenants answer on: lower case, without port and without a leading `www.`.

use std::fmt;

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
    fn what_is_no_host_is_refused() {
        for text in ["", "a b", "a..b", ".a", "a/b", "é.fr", &"a".repeat(64)] {
            assert_eq!(Host::parse(text), None, "{text}");
        }
    }
}
