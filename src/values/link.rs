//! Addresses of web pages, as Django's `URLValidator` accepts them.

use regex::Regex;
use std::sync::LazyLock;

// Django 3.2 `URLValidator.regex`, with the look-behinds of host labels checked apart.
static SHAPE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:http|ftp)s?://(?:[^\s:@/]+(?::[^\s:@/]*)?@)?(\[[0-9a-f:.]+\]|[^\s/?#:@\[\]]+)(?::[0-9]{2,5})?(?:[/?#][^\s]*)?$")
        .expect("a constant pattern")
});
static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^[a-z\x{a1}-\x{ffff}0-9](?:[a-z\x{a1}-\x{ffff}0-9-]{0,61}[a-z\x{a1}-\x{ffff}0-9])?$",
    )
    .expect("a constant pattern")
});
static TOP: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:[a-z\x{a1}-\x{ffff}-]{2,63}|xn--[a-z0-9]{1,59})$")
        .expect("a constant pattern")
});

/// Is this text the address of a page: http, https, ftp or ftps, with a host name, `localhost` or an IP address?
#[must_use]
pub fn is_link(text: &str) -> bool {
    if text.contains(['\t', '\r', '\n']) {
        return false;
    }
    let Some(host) = SHAPE.captures(text).and_then(|c| c.get(1)) else { return false };
    host_is_right(host.as_str())
}

fn host_is_right(host: &str) -> bool {
    if let Some(literal) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return literal.parse::<std::net::Ipv6Addr>().is_ok();
    }
    if host.chars().count() > 253 {
        return false;
    }
    if host.eq_ignore_ascii_case("localhost") || host.parse::<std::net::Ipv4Addr>().is_ok() {
        return true;
    }
    let host = host.strip_suffix('.').unwrap_or(host);
    let Some((labels, top)) = host.rsplit_once('.') else { return false };
    labels.split('.').all(|l| LABEL.is_match(l))
        && TOP.is_match(top)
        && !top.starts_with('-')
        && !top.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_accepted_as_the_contract_accepts_them() {
        for text in [
            "http://bisik.re",
            "https://exemple.fr/cgv.pdf",
            "HTTP://BISIK.RE",
            "http://127.0.0.1:99999/",
            "http://localhost:8000/x?y=1#z",
            "http://[::1]/",
            "http://u:p@bisik.re/",
            "http://été.fr/",
            "ftp://bisik.re",
        ] {
            assert!(is_link(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_page_is_refused() {
        for text in [
            "",
            "bisik.re",
            "htp://bisik.re",
            "http://",
            "javascript:alert(1)",
            "5",
            "pas une url",
            "http://bisik",
            "http://-a.fr",
            "http://a..fr",
            "http://a.fr/ b",
        ] {
            assert!(!is_link(text), "{text}");
        }
    }
}
