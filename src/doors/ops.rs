//! What the house says of itself on every host: that it is up, and what it can do.

use super::{
    Answer, Asked, Call, Door, Failure, Guard, Handler, Lane, Method, Place, Route, openapi, web,
};
use crate::error::Error;
use rouille::Response;

/// The door.
pub static DOOR: Door = Door {
    name: "ops",
    routes: &[ROUTES],
    asked: Asked::Apart(super::by_host, super::by_nobody),
    slash_is_free: false,
    also_under: "",
    greet: |_| Ok(()),
    error,
};

const ROUTES: &[Route] = &[
    Route {
        path: "/up",
        name: "up",
        place: Place::Everywhere,
        guard: Guard::Open,
        methods: &[Method {
            verb: "GET",
            handler: Handler::House(up),
            summary: "Says that the process answers.",
            output: (200, text_shape),
            paged: false,
            kept: false,
            query: &[],
            input: None,
            lane: Lane::Quick,
        }],
    },
    Route {
        path: "/api/openapi.json",
        name: "openapi",
        place: Place::Everywhere,
        guard: Guard::Open,
        methods: &[Method {
            verb: "GET",
            handler: Handler::House(description),
            summary: "This description.",
            output: (200, openapi::object),
            paged: false,
            kept: true,
            query: &[],
            input: None,
            lane: Lane::Quick,
        }],
    },
];

fn text_shape(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": "string" })
}

fn up(_: &Call<'_>) -> Answer {
    Ok(Response::text("up\n").with_no_cache())
}

fn description(_: &Call<'_>) -> Answer {
    Ok(Response::from_data("application/json", openapi::text().as_bytes().to_vec()))
}

fn error(call: &Call<'_>, failure: Failure) -> Response {
    match failure {
        Failure::Method => {
            web::page(405, "Method Not Allowed").with_additional_header("Allow", "GET, HEAD")
        }
        Failure::Answer(response) => response,
        Failure::Unread(why) => web::unread(why),
        Failure::Error(Error::Busy) => web::page(503, "Service Unavailable"),
        Failure::Error(error @ Error::Unusable(_)) => {
            tracing::error!(id = call.id, %error, path = call.route.path, "a file cannot be used");
            web::page(503, "Service Unavailable")
        }
        Failure::Error(error) => {
            tracing::error!(id = call.id, %error, path = call.route.path, "a handler failed");
            web::page(500, "Internal Server Error")
        }
        _ => web::page(400, "Bad Request"),
    }
}
