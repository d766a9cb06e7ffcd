//! Methods of the routes as most of them are: what a row of the table says is what differs.

use super::fields::Field;
use super::{places, wire};
use crate::doors::{Handler, Lane, Method, Shape};

pub(super) const fn change(handler: Handler) -> Method {
    Method {
        verb: "PUT",
        handler,
        summary: "Changes the tenant of this host.",
        output: (201, wire::saved_place),
        paged: false,
        input: Some(places::FIELDS),
        lane: Lane::Slow,
    }
}

pub(super) const fn get(handler: Handler, summary: &'static str, output: Shape) -> Method {
    Method {
        verb: "GET",
        handler,
        summary,
        output: (200, output),
        paged: false,
        input: None,
        lane: Lane::Read,
    }
}

pub(super) const fn list(handler: Handler, summary: &'static str, output: Shape) -> Method {
    Method { paged: true, ..get(handler, summary, output) }
}

/// A list over all tenants, which takes longer than any other read.
pub(super) const fn survey(handler: Handler, summary: &'static str, output: Shape) -> Method {
    Method { lane: Lane::Quick, ..list(handler, summary, output) }
}

pub(super) const fn post(
    handler: Handler,
    summary: &'static str,
    output: Shape,
    input: &'static [Field],
) -> Method {
    Method {
        verb: "POST",
        handler,
        summary,
        output: (201, output),
        paged: false,
        input: Some(input),
        lane: Lane::Quick,
    }
}

pub(super) const fn patch(
    handler: Handler,
    summary: &'static str,
    output: Shape,
    input: &'static [Field],
) -> Method {
    Method {
        verb: "PATCH",
        handler,
        summary,
        output: (200, output),
        paged: false,
        input: Some(input),
        lane: Lane::Quick,
    }
}

pub(super) const fn delete(handler: Handler, summary: &'static str) -> Method {
    Method {
        verb: "DELETE",
        handler,
        summary,
        output: (204, wire::empty),
        paged: false,
        input: None,
        lane: Lane::Quick,
    }
}
