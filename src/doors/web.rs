//! What browsers get: images, feeds, the pages that mails link to, and a page for what is not there.

use super::{
    Answer, Asked, Call, Door, Failure, Front, Guard, Handler, Lane, Method, Place, Route, Unread,
    feeds, invited, pages, paid, results,
};
use crate::error::Error;
use crate::root::Tenant;
use crate::trade::media::{self, Medium};
use rouille::Response;

/// The door.
pub static DOOR: Door = Door {
    name: "web",
    routes: &[ROUTES],
    asked: Asked::Apart(super::by_host, super::by_nobody),
    slash_is_free: false,
    also_under: "",
    greet: |_| Ok(()),
    error,
};

const ROUTES: &[Route] = &[
    Route {
        path: "/media/{path*}",
        name: "media",
        place: Place::Tenants,
        guard: Guard::Open,
        methods: &[Method {
            output: (200, image_shape),
            ..page_at("GET", medium, "An image or one of its variations.")
        }],
    },
    Route {
        path: "/emailconfirmation/{uid}/{token}",
        name: "confirm",
        place: Place::Tenants,
        guard: Guard::Open,
        methods: &[
            page_at("GET", pages::ask, "Asks for the click that proves an e-mail."),
            Method {
                lane: Lane::Password,
                ..page_at(
                    "POST",
                    pages::click,
                    "Proves an e-mail; takes the `password` of the form where the account has none.",
                )
            },
        ],
    },
    Route {
        path: "/invitation/{id}/{token}",
        name: "invitation",
        place: Place::Tenants,
        guard: Guard::Open,
        methods: &[
            page_at("GET", invited::ask, "Asks for the click that accepts an invitation to work."),
            Method {
                lane: Lane::Password,
                ..page_at(
                    "POST",
                    invited::accept,
                    "Accepts an invitation to work; takes the `password` of the form where the address has none.",
                )
            },
        ],
    },
    Route {
        path: "/waiting/{id}/{token}",
        name: "waiting_page",
        place: Place::Shops,
        guard: Guard::Open,
        methods: &[
            page_at(
                "GET",
                pages::waiting,
                "Says how it stands on a waiting list, and until when an offer lasts.",
            ),
            page_at("POST", pages::leave, "Goes from a waiting list, or declines an offer."),
        ],
    },
    Route {
        path: "/waiting/{id}/{token}/confirm",
        name: "waiting_confirm",
        place: Place::Shops,
        guard: Guard::Open,
        methods: &[page_at(
            "POST",
            pages::keep,
            "Proves the address of somebody on a waiting list: an offer is kept to its end.",
        )],
    },
    Route {
        path: "/job/{id}/{token}",
        name: "job_file",
        place: Place::Tenants,
        guard: Guard::Open,
        methods: &[Method {
            output: (200, results::shape),
            ..page_at("GET", results::file, "The file that was asked for, until it is thrown away.")
        }],
    },
    Route {
        path: "/ticket/{id}",
        name: "ticket_page",
        place: Place::Shops,
        guard: Guard::Open,
        methods: &[page_at("GET", pages::ticket, "A ticket to show at the door.")],
    },
    Route {
        path: "/rss/latest/feed/",
        name: "rss",
        place: Place::Shops,
        guard: Guard::Open,
        methods: &[Method {
            output: (200, feeds::rss_shape),
            kept: true,
            ..page_at("GET", feeds::rss, "The events to come, for feed readers.")
        }],
    },
    Route {
        path: "/ical/agenda.ics",
        name: "ical",
        place: Place::Shops,
        guard: Guard::Open,
        methods: &[Method {
            output: (200, feeds::calendar_shape),
            kept: true,
            ..page_at("GET", feeds::calendar, "The events to come, for calendars.")
        }],
    },
    Route {
        path: "/api/ticket/ics/{id}",
        name: "ticket_ics",
        place: Place::Shops,
        guard: Guard::Open,
        methods: &[Method {
            output: (200, feeds::calendar_shape),
            ..page_at("GET", feeds::ticket, "The evening of a ticket, for calendars.")
        }],
    },
    Route {
        path: "/stripe/return/{id}",
        name: "stripe_return",
        place: Place::Shops,
        guard: Guard::Open,
        methods: &[Method {
            lane: Lane::Payment,
            ..page_at("GET", paid::back_from_stripe, "Says how a payment stands.")
        }],
    },
];

const fn page_at(
    verb: &'static str,
    handler: fn(&Call<'_>, &Front) -> Answer,
    summary: &'static str,
) -> Method {
    Method {
        verb,
        handler: Handler::Public(handler),
        summary,
        output: (200, page_shape),
        paged: false,
        kept: false,
        query: &[],
        input: None,
        lane: Lane::Quick,
    }
}

fn page_shape(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": "string", "contentMediaType": "text/html; charset=utf-8" })
}

fn image_shape(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": "string", "contentMediaType": "image/*", "contentEncoding": "binary" })
}

/// An image of this tenant, or one that another tenant publishes with its profile: lists show those by relative
/// addresses. What a name holds never changes, so it may be kept for ever.
fn medium(call: &Call<'_>, front: &Front) -> Answer {
    let (name, variation) = media::split_path(call.param(0));
    let own = front.tenant.read(|tx| media::find(tx, &name, variation))?;
    let found = match own {
        Some(own) => Some(own),
        None => match front.directory.publisher(&name)? {
            Some(publisher) => publisher.read(|tx| media::find(tx, &name, variation))?,
            None => None,
        },
    };
    let Some(medium) = found else { return Ok(not_found()) };
    Ok(ranged(call, medium, call.param(0)))
}

/// The whole, or the one range that was asked for; several ranges are answered with the whole.
fn ranged(call: &Call<'_>, medium: Medium, path: &str) -> Response {
    let Medium { media_type, body } = medium;
    let tag = format!("\"{:016x}\"", super::fingerprint(path.as_bytes()));
    let finish = |response: Response| {
        response
            .with_unique_header("Cache-Control", "public, max-age=31536000, immutable")
            .with_unique_header("ETag", tag.clone())
            .with_unique_header("Accept-Ranges", "bytes")
            .with_unique_header("X-Content-Type-Options", "nosniff")
    };
    if call.request.header("If-None-Match").is_some_and(|tags| tags == "*" || tags.contains(&tag)) {
        return finish(Response::text("").with_status_code(304));
    }
    let asked = call
        .request
        .header("Range")
        .filter(|_| call.request.header("If-Range").is_none_or(|tag_or_date| tag_or_date == tag));
    match asked.and_then(|range| byte_range(range, body.len())) {
        None => finish(Response::from_data(media_type, body)),
        Some(None) => finish(Response::text("").with_status_code(416))
            .with_unique_header("Content-Range", format!("bytes */{}", body.len())),
        Some(Some((first, last))) => {
            let part = body.get(first..=last).unwrap_or_default().to_vec();
            let shown = format!("bytes {first}-{last}/{}", body.len());
            finish(Response::from_data(media_type, part).with_status_code(206))
                .with_unique_header("Content-Range", shown)
        }
    }
}

/// Reads a `Range` header: none is no single range of bytes, `Some(None)` one that cannot be satisfied.
fn byte_range(header: &str, length: usize) -> Option<Option<(usize, usize)>> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    if last.contains(',') {
        return None;
    }
    let end = length.checked_sub(1);
    if first.is_empty() {
        let tail: usize = last.parse().ok()?;
        return Some(end.filter(|_| tail > 0).map(|end| (length.saturating_sub(tail), end)));
    }
    let first: usize = first.parse().ok()?;
    let last: usize = if last.is_empty() { usize::MAX } else { last.parse().ok()? };
    if last < first {
        return None;
    }
    Some(end.filter(|end| first <= *end).map(|end| (first, last.min(end))))
}

/// The page for what is not there at a venue; the plain one where even that cannot be drawn.
#[must_use]
pub fn not_found_at(tenant: &Tenant) -> Response {
    pages::missing_at(tenant).unwrap_or_else(|_| not_found())
}

/// The page for what is not there, and nobody's.
#[must_use]
pub fn not_found() -> Response {
    page(404, "Not Found")
}

/// A page with one sentence.
#[must_use]
pub fn page(status: u16, title: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title><h1>{title}</h1></html>\n"
    );
    Response::html(html).with_status_code(status)
}

/// The page for a request that was not read to its end.
#[must_use]
pub fn unread(why: Unread) -> Response {
    let (status, title) = why.status();
    page(status, title)
}

fn error(call: &Call<'_>, failure: Failure) -> Response {
    match failure {
        Failure::Error(Error::NotFound) => not_found(),
        Failure::Error(Error::Busy) => {
            page(503, "Service Unavailable").with_additional_header("Retry-After", "1")
        }
        Failure::Method => {
            let posts = call.route.method("POST").is_some();
            let allowed = if posts { "GET, HEAD, POST" } else { "GET, HEAD" };
            page(405, "Method Not Allowed").with_additional_header("Allow", allowed)
        }
        Failure::Error(Error::Unauthenticated) => page(401, "Unauthorized"),
        Failure::Answer(response) => response,
        Failure::Unread(why) => unread(why),
        Failure::Error(error @ Error::Unusable(_)) => {
            tracing::error!(id = call.id, %error, path = call.route.path, "a file cannot be used");
            page(503, "Service Unavailable")
        }
        Failure::Error(error) => {
            tracing::error!(id = call.id, %error, path = call.route.path, "a handler failed");
            page(500, "Internal Server Error")
        }
        _ => page(400, "Bad Request"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_rfc_9110_says() {
        assert_eq!(byte_range("bytes=0-3", 10), Some(Some((0, 3))));
        assert_eq!(byte_range("bytes=8-", 10), Some(Some((8, 9))));
        assert_eq!(byte_range("bytes=8-99", 10), Some(Some((8, 9))));
        assert_eq!(byte_range("bytes=-3", 10), Some(Some((7, 9))));
        assert_eq!(byte_range("bytes=-99", 10), Some(Some((0, 9))));
        assert_eq!(byte_range("bytes=10-", 10), Some(None));
        assert_eq!(byte_range("bytes=-0", 10), Some(None));
        for ignored in ["bytes=5-3", "bytes=0-1,3-4", "items=0-1", "bytes=a-b", "bytes"] {
            assert_eq!(byte_range(ignored, 10), None, "{ignored}");
        }
    }
}
