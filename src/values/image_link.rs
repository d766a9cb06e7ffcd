//! The address of an image that a page or a letter shows: one of the venue's own, or one elsewhere by http or https.
//!
//! What must stay true: it can stand in an attribute, in `url('…')` and its host in a page's policy without ending any of
//! them.

use std::fmt;
use url::Url;

/// Where an image is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageLink {
    /// A path on the venue's own host.
    Own(String),
    /// An address elsewhere, and the part of it that a policy names.
    Elsewhere {
        /// The whole.
        address: String,
        /// Scheme, host and port.
        origin: String,
    },
}

/// Where the venue's own images are.
const MEDIA: &str = "/media/";

/// The longest address.
const MAX: usize = 500;

impl ImageLink {
    /// What somebody wrote, if it is such an address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > MAX {
            return None;
        }
        if let Some(name) = text.strip_prefix(MEDIA) {
            // Browsers read `%2e` as a dot.
            let read = percent_encoding::percent_decode_str(name);
            let climbs = read.collect::<Vec<u8>>().windows(2).any(|two| two == b"..");
            return Some(Self::of_media(name)).filter(|_| !climbs);
        }
        let mut url = Url::parse(text).ok()?;
        let host = url.host_str()?;
        let plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
        let is_web = matches!(url.scheme(), "http" | "https");
        if !is_web || !plain || !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        url.set_fragment(None);
        let origin = url.origin().ascii_serialization();
        Some(Self::Elsewhere { address: tame(url.as_str(), false), origin })
    }

    /// The image of this name in the tenant's file.
    #[must_use]
    pub fn of_media(name: &str) -> Self {
        Self::Own(tame(&format!("{MEDIA}{name}"), true))
    }

    /// The address for who is not on a page of the venue, which begins so.
    #[must_use]
    pub fn from_afar(&self, pages: &str) -> String {
        match self {
            Self::Own(path) => format!("{pages}{path}"),
            Self::Elsewhere { address, .. } => address.clone(),
        }
    }

    /// What a page's policy calls where it is.
    #[must_use]
    pub fn source(&self) -> &str {
        match self {
            Self::Own(_) => "'self'",
            Self::Elsewhere { origin, .. } => origin,
        }
    }
}

impl fmt::Display for ImageLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(path) => f.write_str(path),
            Self::Elsewhere { address, .. } => f.write_str(address),
        }
    }
}

/// Writes as `%xx` what could end a string; in a path also what would be read as something else.
fn tame(text: &str, is_path: bool) -> String {
    let mut tamed = String::new();
    for byte in text.bytes() {
        let kept = match is_path {
            true => byte.is_ascii_alphanumeric() || b"/._-~%".contains(&byte),
            false => byte.is_ascii_graphic() && !b"'\"()<>\\`".contains(&byte),
        };
        match kept {
            true => tamed.push(char::from(byte)),
            false => tamed.push_str(&format!("%{byte:02X}")),
        }
    }
    tamed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(text: &str) -> Option<(String, String)> {
        let link = ImageLink::parse(text)?;
        Some((link.to_string(), link.source().to_owned()))
    }

    #[test]
    fn an_image_is_on_the_web_or_the_venues_own() {
        for (text, address, source) in [
            (
                "https://cdn.example.org/a.png",
                "https://cdn.example.org/a.png",
                "https://cdn.example.org",
            ),
            ("http://a.fr:8080/x?y=1&z#top", "http://a.fr:8080/x?y=1&z", "http://a.fr:8080"),
            ("https://été.fr/é.png", "https://xn--t-9fab.fr/%C3%A9.png", "https://xn--t-9fab.fr"),
            ("/media/images/logo_1234567.png", "/media/images/logo_1234567.png", "'self'"),
            ("/media/images/a b.png", "/media/images/a%20b.png", "'self'"),
        ] {
            assert_eq!(written(text), Some((address.to_owned(), source.to_owned())), "{text}");
        }
        let own = ImageLink::of_media("images/a.png");
        assert_eq!(own.from_afar("https://b.fr"), "https://b.fr/media/images/a.png");
    }

    #[test]
    fn anything_else_is_no_image() {
        for text in [
            "",
            "a.png",
            "//a.fr/a.png",
            "/etc/passwd",
            "/media/../api/me",
            "/media/%2e%2E/api/me",
            "/media/.%2e/api/me",
            "javascript:alert(1)",
            "data:image/png;base64,AA==",
            "ftp://a.fr/a.png",
            "https://u:p@a.fr/a.png",
            "https://a.fr;script-src *;/a.png",
            "https://[::1]/a.png",
        ] {
            assert_eq!(written(text), None, "{text}");
        }
        assert_eq!(written(&format!("https://a.fr/{}", "a".repeat(500))), None);
    }

    #[test]
    fn what_could_end_a_string_is_written_as_a_number() {
        let (address, source) = written("https://a.fr/x');}</style><script>\"\\").unwrap();
        assert!(!address.contains(['\'', '"', '(', ')', '<', '>', '\\', ' ']), "{address}");
        assert_eq!(source, "https://a.fr");
    }

    proptest! {
        #[test]
        fn no_text_leaves_its_place(path in any::<String>(), host in "[ -~é]{0,20}") {
            for text in [path.clone(), format!("https://{host}/{path}"), format!("/media/{path}")] {
                let Some(link) = ImageLink::parse(&text) else { continue };
                prop_assert!(link.to_string().bytes().all(|b| b.is_ascii_graphic() && !b"'\"()<>\\".contains(&b)));
                let source = link.source();
                prop_assert!(source == "'self'" || !source.contains([';', ',', ' ', '\'', '*']));
            }
        }
    }
}
