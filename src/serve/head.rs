//! What a request must be before its body is read: the checks that hyper leaves to us, and its head as the app sees it.
//! hyper refuses by itself: a head too long, two different lengths, a Transfer-Encoding that does not end in chunked.
//! Of Content-Length beside Transfer-Encoding it shows only the latter; it then reads the body as chunked and closes
//! the connection after the answer, so nothing hidden behind the body is ever read as a request.

use std::net::SocketAddr;

use hyper::body::{Body as _, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, Uri};

use crate::app::{Head, Peek, Unread};

/// Why the request must be refused unseen, if it must.
pub(super) fn fault(request: &Request<Incoming>, head_count: u64) -> Option<Unread> {
    let headers = request.headers();
    if headers.len() as u64 > head_count {
        return Some(Unread::TooManyHeaders(head_count));
    }
    let Some(Some(host)) = only(headers, header::HOST) else { return Some(Unread::Broken) };
    if !is_host(host) || !is_target(request.uri(), host) {
        return Some(Unread::Broken);
    }
    match headers.get(header::EXPECT) {
        Some(expected) if !expected.as_bytes().eq_ignore_ascii_case(b"100-continue") => {
            Some(Unread::Expectation)
        }
        _ => None,
    }
}

/// What the response cache may answer from, unless the request shows who asks, wants a part, or carries a body.
/// A header that is repeated or not text sends the request the long way.
pub(super) fn peek(request: &Request<Incoming>, peer: SocketAddr) -> Option<Peek<'_>> {
    let headers = request.headers();
    let head = request.method() == Method::HEAD;
    let private = [header::AUTHORIZATION, header::COOKIE, header::RANGE];
    if !(head || request.method() == Method::GET)
        || !request.body().is_end_stream()
        || private.iter().any(|name| headers.contains_key(name))
    {
        return None;
    }
    Some(Peek {
        target: target(request.uri()),
        host: only(headers, header::HOST)??,
        accept: only(headers, header::ACCEPT)?,
        accept_encoding: only(headers, header::ACCEPT_ENCODING)?,
        if_none_match: only(headers, header::IF_NONE_MATCH)?,
        proto: only(headers, HeaderName::from_static("x-forwarded-proto"))?,
        head,
        peer,
    })
}

/// The head as the app sees it.
pub(super) fn head(parts: &Parts, peer: SocketAddr) -> Head {
    let pair = |(name, value): (&HeaderName, &HeaderValue)| (name.as_str().to_owned(), text(value));
    Head {
        method: parts.method.as_str().to_owned(),
        target: target(&parts.uri).to_owned(),
        headers: parts.headers.iter().map(pair).collect(),
        peer,
    }
}

/// `Some(None)` when the header is absent, `None` when it is repeated or not text.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<Option<&str>> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Some(None),
        (Some(value), None) => value.to_str().ok().map(Some),
        (Some(_), Some(_)) => None,
    }
}

/// A value that is not UTF-8 is read as Latin-1, as RFC 9110 (5.5) has it for old clients.
fn text(value: &HeaderValue) -> String {
    match str::from_utf8(value.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => value.as_bytes().iter().copied().map(char::from).collect(),
    }
}

fn target(uri: &Uri) -> &str {
    uri.path_and_query().map_or("", |target| target.as_str())
}

/// A path, alone or behind the host that the Host header names (RFC 9112, 3.2.2). Not `*`, not an authority alone.
fn is_target(uri: &Uri, host: &str) -> bool {
    let same_host =
        uri.authority().is_none_or(|authority| authority.as_str().eq_ignore_ascii_case(host));
    same_host && target(uri).starts_with('/')
}

fn is_host(host: &str) -> bool {
    let split = match host.strip_prefix('[') {
        Some(rest) => rest
            .split_once(']')
            .map(|(inner, port)| (inner.parse::<std::net::Ipv6Addr>().is_ok(), port)),
        None => {
            let (name, port) = host.split_at(host.find(':').unwrap_or(host.len()));
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            Some((!name.is_empty() && name.bytes().all(allowed), port))
        }
    };
    let is_port =
        |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    host.len() <= 255
        && split.is_some_and(|(name, port)| {
            name && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
        })
}

#[cfg(test)]
mod tests {
    use super::is_host;

    #[test]
    fn hosts() {
        for host in
            ["a", "a.example", "A_b-c.example:8080", "127.0.0.1:1", "[::1]", "[2001:db8::1]:443"]
        {
            assert!(is_host(host), "{host}");
        }
        let long = "a".repeat(256);
        for host in [
            "", ":80", "a:", "a:+1", "a:70000", "a:1:2", "a b", "a/b", "é", "u@a", "[::1", "[x]",
            "[::1]80", &long,
        ] {
            assert!(!is_host(host), "{host}");
        }
    }
}
