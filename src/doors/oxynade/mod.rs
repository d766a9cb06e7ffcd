//! The dialect of Oxynade: organizations, organizers and their operators, channels and purchases, over GraphQL.
//!
//! One request may work on many tenants. It reaches them through `Network` alone, which asks who holds the token. What a
//! document may cost is counted before it is run.

mod buying;
mod ctx;
mod fee_input;
mod fees;
mod guard;
mod hierarchy;
mod mutation;
mod people;
mod purchase;
mod query;
mod running;
mod scalars;
mod schema;
mod shop;
mod working;

pub use ctx::Registration;
pub use guard::Limits;

use self::ctx::{Ctx, extensions};
use super::{
    Answer, Asked, Call, Door, Failure, Guard, Handler, Lane, Method, Place, Route, Unread, openapi,
};
use crate::error::Error;
use crate::root::Network;
use guard::Refused;
use juniper::http::GraphQLRequest;
use juniper::{ExecutionError, GraphQLError, OperationType, Value};
use rouille::Response;
use schema::SCHEMA;
use serde::Serialize;
use std::io::Read as _;

/// The door.
pub static DOOR: Door = Door {
    name: "oxynade",
    routes: &[ROUTES],
    asked: Asked::Apart(super::by_any_host, super::by_nobody),
    slash_is_free: true,
    also_under: "",
    // Who holds the token is looked up with what it stands for.
    greet: |_| Ok(()),
    error,
};

const METHODS: &[Method] = &[
    Method {
        verb: "GET",
        handler: Handler::Network(get),
        summary: "Answers a query of GraphQL.",
        output: (200, openapi::object),
        paged: false,
        kept: false,
        query: &[],
        input: None,
        lane: Lane::Quick,
    },
    Method {
        verb: "POST",
        handler: Handler::Network(post),
        summary: "Answers a query or a mutation of GraphQL.",
        output: (200, openapi::object),
        paged: false,
        kept: false,
        query: &[],
        input: None,
        // Mutations hash passwords and ask Stripe.
        lane: Lane::Payment,
    },
];

const ROUTES: &[Route] = &[
    Route {
        path: "/graphql",
        name: "graphql",
        place: Place::Tenants,
        guard: Guard::Open,
        methods: METHODS,
    },
    Route {
        path: "/api/graphql",
        name: "api_graphql",
        place: Place::Tenants,
        guard: Guard::Open,
        methods: METHODS,
    },
];

/// An answer, as it is sent.
#[derive(Serialize)]
struct Wire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<WireError<'a>>,
}

#[derive(Serialize)]
struct WireError<'a> {
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a [String]>,
    extensions: Value,
}

#[derive(Serialize)]
struct Location {
    line: usize,
    column: usize,
}

impl<'a> WireError<'a> {
    fn plain(message: impl Into<String>, code: &str) -> Self {
        let (locations, path) = (vec![], None);
        Self { message: message.into(), locations, path, extensions: extensions(code, None) }
    }

    fn run(error: &'a ExecutionError<juniper::DefaultScalarValue>) -> Self {
        let (at, told) = (error.location(), error.error());
        let known = told.extensions();
        Self {
            message: told.message().to_owned(),
            locations: vec![Location { line: at.line() + 1, column: at.column() + 1 }],
            path: Some(error.path()),
            // What the library itself finds wrong is wrong with what was sent.
            extensions: if known.is_null() {
                extensions("VALIDATION", None)
            } else {
                known.clone()
            },
        }
    }
}

fn answer(status: u16, wire: &Wire<'_>) -> Response {
    // A tree of plain values always has a text.
    let body = serde_json::to_vec(wire).unwrap_or_default();
    Response::from_data("application/json", body)
        .with_status_code(status)
        .with_additional_header("Cache-Control", "no-store")
        .with_additional_header("Access-Control-Allow-Origin", "*")
}

fn refuse(status: u16, message: impl Into<String>, code: &str) -> Response {
    answer(status, &Wire { data: None, errors: vec![WireError::plain(message, code)] })
}

fn post(call: &Call<'_>, network: &Network) -> Answer {
    let media_type = call.request.header("Content-Type").unwrap_or("");
    let media_type = media_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if media_type != "application/json" {
        return Err(Failure::MediaType(media_type));
    }
    let mut body = vec![];
    if let Some(mut data) = call.request.data() {
        data.read_to_end(&mut body).map_err(|e| Failure::Malformed(e.to_string()))?;
    }
    let request: GraphQLRequest =
        serde_json::from_slice(&body).map_err(|e| Failure::Malformed(e.to_string()))?;
    run(call, network, &request, true)
}

fn get(call: &Call<'_>, network: &Network) -> Answer {
    let Some(query) = call.request.get_param("query") else {
        if call.desk.graphiql {
            let page = juniper::http::graphiql::graphiql_source("/graphql", None);
            return Ok(Response::html(page));
        }
        return Err(Failure::Malformed("the query is missing".to_owned()));
    };
    let variables = match call.request.get_param("variables") {
        Some(text) => {
            Some(serde_json::from_str(&text).map_err(|e| Failure::Malformed(e.to_string()))?)
        }
        None => None,
    };
    let request = GraphQLRequest::new(query, call.request.get_param("operationName"), variables);
    run(call, network, &request, false)
}

fn run(call: &Call<'_>, network: &Network, request: &GraphQLRequest, may_change: bool) -> Answer {
    let variables = request.variables();
    let kinds = match guard::check(&request.query, &variables, call.desk.graphql) {
        Ok(kinds) => kinds,
        Err(Refused::Unparsable(why)) => return Err(Failure::Malformed(why)),
        Err(Refused::TooMuch(what)) => return Ok(refuse(200, what, "LIMIT_REACHED")),
    };
    if !may_change && kinds.iter().any(|kind| *kind != OperationType::Query) {
        return Err(Failure::Method);
    }
    let token = bearer(call)?;
    let visit = match token {
        None => None,
        Some(token) => match network.visit(token)? {
            Some(visit) => Some((token.to_owned(), visit)),
            None => return Err(Error::Unauthenticated.into()),
        },
    };
    let context = Ctx::new(call, network, visit);
    let operation = request.operation_name.as_deref();
    let ran = juniper::execute_sync(&request.query, operation, &SCHEMA, &variables, &context);
    Ok(match &ran {
        Ok((data, errors)) => {
            let errors = errors.iter().map(WireError::run).collect();
            answer(200, &Wire { data: Some(data), errors })
        }
        Err(GraphQLError::ValidationError(all)) => {
            let wrong = |error: &juniper::RuleError| {
                let locations = error.locations().iter();
                let locations =
                    locations.map(|at| Location { line: at.line() + 1, column: at.column() + 1 });
                let mut told = WireError::plain(error.message(), "VALIDATION");
                told.locations = locations.collect();
                told
            };
            answer(200, &Wire { data: None, errors: all.iter().map(wrong).collect() })
        }
        Err(other) => refuse(200, other.to_string(), "VALIDATION"),
    })
}

/// The token that is presented. Refused: a header that holds none.
fn bearer<'c>(call: &'c Call<'_>) -> Result<Option<&'c str>, Failure> {
    let Some(header) = call.request.header("Authorization") else { return Ok(None) };
    match header.split_once(' ') {
        Some((scheme, token))
            if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() =>
        {
            Ok(Some(token.trim()))
        }
        _ => Err(Error::Unauthenticated.into()),
    }
}

fn error(call: &Call<'_>, failure: Failure) -> Response {
    match failure {
        Failure::Answer(response) => response,
        // A shop's page may be at home anywhere: tokens and not cookies say who asks.
        Failure::Method if call.request.method() == "OPTIONS" => Response::empty_204()
            .with_additional_header("Access-Control-Allow-Origin", "*")
            .with_additional_header("Access-Control-Allow-Methods", "GET, HEAD, POST")
            .with_additional_header("Access-Control-Allow-Headers", "Authorization, Content-Type")
            .with_additional_header("Access-Control-Max-Age", "600"),
        Failure::Method => refuse(405, "this is not answered to this method", "VALIDATION")
            .with_additional_header("Allow", "GET, HEAD, POST"),
        Failure::MediaType(given) => {
            refuse(415, format!("{given} cannot be read: application/json"), "VALIDATION")
        }
        Failure::Malformed(why) => refuse(400, why, "VALIDATION"),
        Failure::Unread(Unread::Busy) => refuse(503, Unread::Busy.to_string(), "INTERNAL"),
        Failure::Unread(why) => refuse(why.status().0, why.to_string(), "VALIDATION"),
        Failure::TooManyFailures | Failure::TooManyAsks => {
            refuse(429, "too many requests", "LIMIT_REACHED")
        }
        Failure::Error(Error::Unauthenticated) | Failure::BadHeader | Failure::Token(_) => {
            refuse(401, "the access token is not valid", "UNAUTHENTICATED")
                .with_additional_header("WWW-Authenticate", "Bearer")
        }
        Failure::Error(Error::Busy) => refuse(503, "busy: try again", "INTERNAL"),
        Failure::Error(error) => {
            tracing::error!(id = call.id, %error, path = call.route.path, "a handler failed");
            refuse(500, "internal error", "INTERNAL")
        }
        Failure::NotAcceptable => refuse(406, "application/json is all there is", "VALIDATION"),
    }
}
