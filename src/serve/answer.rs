//! The app's answer as hyper wants it. How a message is framed is not the app's to say: its Connection,
//! Content-Length and Transfer-Encoding are dropped, but for the length that a HEAD announces.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use crate::app::{App, Gauges, Head, Ready, Unread};

pub(super) type Answer = Response<Full<Bytes>>;

/// `bare`: the answer to a HEAD. `last`: the connection ends with it.
pub(super) fn answer(ready: Ready, bare: bool, last: bool) -> Answer {
    let status =
        StatusCode::from_u16(ready.status).ok().filter(|status| !status.is_informational());
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let empty = bare || status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED;
    let length = ready.body.len();
    let mut answer = Response::new(Full::new(if empty { Bytes::new() } else { ready.body }));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.reserve(ready.headers.len() + 3);
    headers.insert(header::SERVER, HeaderValue::from_static("guichet"));
    for (name, value) in ready.headers {
        let value = HeaderValue::from_maybe_shared(Bytes::from(value));
        let (Ok(key), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), value) else {
            tracing::error!(%name, "a header that cannot be sent was dropped");
            continue;
        };
        if key == header::CONTENT_LENGTH && bare {
            headers.insert(key, value);
        } else if ![header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING]
            .contains(&key)
        {
            headers.append(key, value);
        }
    }
    if bare && !headers.contains_key(header::CONTENT_LENGTH) {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
    if last {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

/// Bytes of an answer that count against a budget until they are sent or the connection is gone.
struct Counted {
    bytes: Bytes,
    gauges: Arc<Gauges>,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.gauges.answers.fetch_sub(self.bytes.len() as u64, Ordering::Relaxed);
    }
}

/// What answers may be long without being counted.
const FREE: usize = 64 * 1024;

/// The body, counted against the budget of what is being sent; none when there is no room for it.
pub(super) fn counted(bytes: Bytes, gauges: &Arc<Gauges>, budget: u64) -> Option<Bytes> {
    if bytes.len() <= FREE {
        return Some(bytes);
    }
    let more = bytes.len() as u64;
    let room = |taken: u64| taken.checked_add(more).filter(|sum| *sum <= budget);
    gauges.answers.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).ok()?;
    Some(Bytes::from_owner(Counted { bytes, gauges: gauges.clone() }))
}

/// What is said when there is no room now: the client may try again soon.
pub(super) fn busy(app: &App, head: Option<&Head>) -> Ready {
    app.refuse(head, Unread::Busy)
}
