//! File names from addresses: clean anywhere, never too long.

use url::Url;

const NAMELESS: &str = "image";
const NAME_CHARS: usize = 80;

/// With a variation and a suffix behind it, a name must stay under the 255 bytes of a file system.
const NAME_BYTES: usize = 200;

/// The last segment of the path with its query, as written: `url` would have percent-encoded it.
pub(super) fn name_in(address: &str, url: &Url) -> String {
    let address = address.split('#').next().unwrap_or_default();
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let segment = path.rsplit(['/', '\\']).next().unwrap_or_default();
    // Without a path, the last segment would be the host.
    let segment = if url.path().ends_with('/') { "" } else { segment };
    clean_name(&format!("{segment}{query}"))
}

/// A file name that is one anywhere: spaces become `_`; only letters and digits of any script, `-`,
/// `_` and `.` stay; no dot in front; never too long nor empty. A percent sign goes, its digits
/// stay.
pub fn clean_name(raw: &str) -> String {
    let kept: String = raw
        .trim()
        .chars()
        .map(|c| if c == ' ' { '_' } else { c })
        .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
        .collect();
    let name = kept.trim_start_matches('.');
    if name.is_empty() {
        return NAMELESS.to_owned();
    }
    let (stem, end) = match split_name(name) {
        (stem, Some(extension)) if extension.len() <= 10 => (stem, format!(".{extension}")),
        _ => (name, String::new()),
    };
    let mut short: String = stem.chars().take(NAME_CHARS - end.chars().count()).collect();
    while short.len() + end.len() > NAME_BYTES {
        short.pop();
    }
    short + &end
}

/// The name before its last dot, and what is behind it; `None` when either would be empty.
pub fn split_name(name: &str) -> (&str, Option<&str>) {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && !extension.is_empty() => {
            (stem, Some(extension))
        }
        _ => (name, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned() {
        for (raw, clean) in [
            ("photo.jpg", "photo.jpg"),
            ("photo.jpg?x=1", "photo.jpgx1"),
            ("Ma photo (été).JPG", "Ma_photo_été.JPG"),
            ("caf%C3%A9.png", "cafC3A9.png"),
            ("../../etc/passwd", "etcpasswd"),
            ("..hidden", "hidden"),
            ("  a b  ", "a_b"),
            ("C:\\images\\a.gif", "Cimagesa.gif"),
            ("<script>\"\0\n", "script"),
            ("東京.webp", "東京.webp"),
            ("", "image"),
            ("...", "image"),
            ("?/%", "image"),
        ] {
            assert_eq!(clean_name(raw), clean, "{raw}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let name = clean_name(&format!("{}.jpg", "é".repeat(300)));
        assert_eq!(name, format!("{}.jpg", "é".repeat(76)));
        assert_eq!(clean_name(&"a".repeat(300)), "a".repeat(80));
        assert_eq!(clean_name(&format!("a.{}", "b".repeat(300))).len(), 80);
        assert!(clean_name(&"東".repeat(300)).len() <= NAME_BYTES);
    }

    #[test]
    fn an_address_names_its_file() {
        for (address, name) in [
            ("https://picsum.photos/1920/1080", "1080"),
            ("https://example.org", "image"),
            ("https://example.org/", "image"),
            ("https://example.org/a/..", "image"),
            ("https://example.org?id=7", "id7"),
            ("https://example.org/affiches/", "image"),
            ("https://example.org/a.jpg?from=/b/c.png", "a.jpgfrombc.png"),
            ("https://example.org/été.jpg#/b", "été.jpg"),
        ] {
            assert_eq!(name_in(address, &Url::parse(address).unwrap()), name, "{address}");
        }
    }

    #[test]
    fn a_name_splits_at_its_last_dot() {
        assert_eq!(split_name("a.b.jpg"), ("a.b", Some("jpg")));
        assert_eq!(split_name("1080"), ("1080", None));
        assert_eq!(split_name("a."), ("a.", None));
    }
}
