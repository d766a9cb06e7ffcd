//! How this dialect says no: one object under `error`, whose code is the status.

use super::wire::{ErrorBody, WireError, answer as json, meta};
use crate::doors::{Call, Failure};
use crate::error::{Error, Refusal};
use rouille::Response;

/// The headers that browsers may send here, besides those that they always may; `Content-Type` is what makes a body JSON.
const HEADERS: &str = "apiKey, token, currentTenant, language, locale, country, platform, device, configurator, Content-Type";

/// The answer for a failure.
pub(super) fn answer(call: &Call<'_>, failure: Failure) -> Response {
    match failure {
        Failure::Error(error) => of_error(call, error),
        Failure::Method if call.route.methods.is_empty() => of_error(call, Error::NotFound),
        Failure::Method if call.request.method() == "OPTIONS" => preflight(call),
        Failure::Method => {
            let what = match (call.request.method(), call.route.name) {
                ("DELETE", "roomle_tenant") => "Deleting a tenant is currently not possible.",
                _ => "this method is not allowed here",
            };
            say(call, 405, what).with_additional_header("Allow", verbs(call))
        }
        Failure::NotAcceptable => say(call, 406, "only JSON is to be had here"),
        Failure::MediaType(given) if given.trim().is_empty() => {
            say(call, 415, "the Content-Type is missing: application/json, or a form")
        }
        Failure::MediaType(given) => say(call, 415, &format!("{given} is not read here")),
        Failure::Malformed(what) => say(call, 400, &what),
        Failure::TooManyFailures | Failure::TooManyAsks => {
            say(call, 429, "too many of these: try again in a minute")
                .with_additional_header("Retry-After", "60")
        }
        Failure::BadHeader | Failure::Token(_) => unknown(call),
        Failure::Unread(why) => say(call, why.status().0, &why.to_string()),
        Failure::Answer(response) => response,
    }
}

fn of_error(call: &Call<'_>, error: Error) -> Response {
    match error {
        Error::Invalid(fields) => {
            let first = fields.first();
            let what = first.map_or("the input is wrong".to_owned(), |field| {
                format!("{}: {}", field.name, field.what)
            });
            let status = if first.is_some_and(|field| field.taken) { 409 } else { 400 };
            told(call, status, &what, first.map(|field| field.name))
        }
        Error::Unauthenticated => unknown(call),
        Error::Forbidden => say(call, 403, &needed(call)),
        Error::NotFound => say(call, 404, "there is no such thing"),
        Error::Refused(refusal) => refused(call, &refusal),
        Error::Busy => say(call, 503, "busy").with_additional_header("Retry-After", "1"),
        Error::Unusable(_) => {
            tracing::error!(id = call.id, %error, path = call.route.path, "a file cannot be used");
            say(call, 503, "unavailable").with_additional_header("Retry-After", "60")
        }
        Error::Internal(_) => {
            tracing::error!(id = call.id, %error, path = call.route.path, "a handler failed");
            say(call, 500, &format!("internal error: {}", call.id))
        }
    }
}

/// What is wrong with something that stands in something else, such as `products[3].prices[1]`.
pub(super) fn within(call: &Call<'_>, path: &str, error: Error) -> Failure {
    let Error::Invalid(fields) = &error else { return error.into() };
    let Some(first) = fields.first() else { return error.into() };
    let what = format!("{path}.{}: {}", first.name, first.what);
    Failure::Answer(told(call, 400, &what, Some(first.name)))
}

/// What is about a tenant is asked while working on it.
pub(super) fn not_current(call: &Call<'_>) -> Failure {
    Failure::Answer(say(call, 403, "this can only be called for the current tenant"))
}

/// A tenant that there is not, that is closed, or that this key and who is signed in have nothing to do with: which of
/// them, nobody is told.
pub(super) fn not_theirs(call: &Call<'_>) -> Failure {
    Failure::Answer(say(call, 403, "this key and session cannot work on that tenant"))
}

/// A report that names people is for who sees orders, too.
pub(super) fn names_people(call: &Call<'_>) -> Failure {
    Failure::Answer(say(
        call,
        403,
        "this report names people: only who sees reservations may have it",
    ))
}

/// Whether the name or the password is wrong, nobody is told.
pub(super) fn no_sign_in(call: &Call<'_>) -> Failure {
    Failure::Answer(say(call, 403, "wrong identification or password"))
}

/// One sentence for whatever is wrong with key and token.
fn unknown(call: &Call<'_>) -> Response {
    say(call, 401, "a valid apiKey and token are required")
}

/// What is missing, as far as the table of routes knows.
fn needed(call: &Call<'_>) -> String {
    use crate::doors::Guard;
    use crate::root::Right;
    match call.route.guard {
        Guard::Operator => "super admin rights required".to_owned(),
        Guard::Staff(right) => {
            let name = match right.unwrap_or(Right::Manage) {
                Right::Manage => "tenant_management",
                Right::Payment => "tenant_payment",
                Right::Statistics => "tenant_statistics",
                Right::Users => "user_management",
                Right::Catalogue | Right::SeeCatalogues => "catalog_management",
                Right::CatalogueMeta => "catalog_meta",
                Right::Prices | Right::Fees => "price_management",
                Right::Renderings => "asset_processing",
                Right::Event
                | Right::Product
                | Right::Place
                | Right::Artist
                | Right::Reservation
                | Right::Ticket => "other",
            };
            format!("{name} rights required")
        }
        Guard::Open | Guard::Known | Guard::Member => "not allowed here".to_owned(),
    }
}

fn refused(call: &Call<'_>, refusal: &Refusal) -> Response {
    let what = refusal.to_string();
    match refusal {
        Refusal::TooMany(_) | Refusal::LimitReached(_) | Refusal::SeatsTaken(_) => {
            say(call, 402, &what)
        }
        Refusal::SlugTaken
        | Refusal::DomainTaken
        | Refusal::TenantExists(_)
        | Refusal::NameTaken
        | Refusal::SlugReserved => told(call, 409, &what, Some("name")),
        Refusal::AccountExists => told(call, 409, &what, Some("email")),
        Refusal::LastAdministrator | Refusal::OwnRole => told(call, 409, &what, Some("roles")),
        Refusal::NoFounder => say(call, 403, &what),
        Refusal::CodeUsedHere => told(call, 409, &what, Some("code")),
        Refusal::CodeOver => told(call, 410, &what, Some("code")),
        Refusal::InUse => say(call, 409, &what),
        Refusal::Provider => say(call, 502, &what),
        _ => say(call, 400, &what),
    }
}

fn say(call: &Call<'_>, status: u16, what: &str) -> Response {
    told(call, status, what, None)
}

fn told(call: &Call<'_>, code: u16, message: &str, field: Option<&str>) -> Response {
    let error = WireError { code, message, timestamp: call.now.millis(), field };
    json(code, &ErrorBody { error, meta: meta(call, 0) })
}

fn verbs(call: &Call<'_>) -> String {
    let verbs: Vec<&str> = call.route.methods.iter().map(|method| method.verb).collect();
    verbs.join(", ")
}

/// What a browser asks before it asks.
fn preflight(call: &Call<'_>) -> Response {
    json(204, &())
        .with_additional_header("Access-Control-Allow-Methods", verbs(call))
        .with_additional_header("Access-Control-Allow-Headers", HEADERS)
        .with_additional_header("Access-Control-Max-Age", "600")
}
