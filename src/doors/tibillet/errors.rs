//! How this dialect says no: statuses and bodies of Django REST framework, in the contract's French.

use super::messages as say;
use super::wire::{Detail, json};
use crate::doors::{Call, Failure};
use crate::error::{Error, Field, Refusal};
use crate::root::people::TokenFault;
use rouille::Response;
use serde_json::{Map, Value};

/// The answer for a failure.
pub(super) fn answer(call: &Call<'_>, failure: Failure) -> Response {
    match failure {
        Failure::Error(error) => of_error(call, error),
        Failure::Method => {
            let mut allowed: Vec<&str> =
                call.route.methods.iter().map(|method| method.verb).collect();
            if allowed.contains(&"GET") {
                allowed.push("HEAD");
            }
            allowed.push("OPTIONS");
            if call.request.method() == "OPTIONS" {
                return describe(call, &allowed);
            }
            detail(405, &say::wrong_method(call.request.method()))
                .with_additional_header("Allow", allowed.join(", "))
        }
        Failure::NotAcceptable => detail(406, say::NOT_ACCEPTABLE),
        Failure::MediaType(media_type) => detail(415, &say::wrong_media_type(&media_type)),
        Failure::Malformed(what) => detail(400, &what),
        Failure::TooManyFailures => {
            detail(429, say::TOO_MANY).with_additional_header("Retry-After", "60")
        }
        Failure::TooManyAsks => {
            detail(429, say::TOO_MANY_ASKS).with_additional_header("Retry-After", "60")
        }
        Failure::BadHeader => {
            challenge(json(401, &Detail::with_code(say::BAD_HEADER, "bad_authorization_header")))
        }
        Failure::Token(fault) => challenge(of_token(fault)),
        Failure::Unread(why) => detail(why.status().0, &say::unread(why)),
        Failure::Answer(response) => response,
    }
}

fn of_error(call: &Call<'_>, error: Error) -> Response {
    match error {
        Error::Invalid(fields) => invalid(400, &fields),
        Error::Unauthenticated => challenge(detail(401, say::UNAUTHENTICATED)),
        Error::Forbidden => detail(403, say::NOT_ADMIN),
        Error::NotFound => detail(404, say::NOT_FOUND),
        Error::Refused(refusal) => refused(call, &refusal),
        Error::Busy => detail(503, "busy").with_additional_header("Retry-After", "1"),
        Error::Unusable(_) => {
            tracing::error!(id = call.id, %error, path = call.route.path, "a file cannot be used");
            detail(503, "unavailable").with_additional_header("Retry-After", "60")
        }
        Error::Internal(_) => {
            tracing::error!(id = call.id, %error, path = call.route.path, "a handler failed");
            detail(500, &format!("internal error: {}", call.id))
        }
    }
}

fn refused(call: &Call<'_>, refusal: &Refusal) -> Response {
    match refusal {
        Refusal::NoFounder => sentences(say::MAY_NOT_FOUND),
        Refusal::SlugEmpty | Refusal::SlugReserved => {
            json(405, "Ce nom ne peut pas devenir une adresse : choisissez-en un autre.")
        }
        Refusal::SlugTaken | Refusal::DomainTaken | Refusal::TenantExists(_) => {
            json(409, "Une instance porte déjà ce nom ou cette adresse.")
        }
        Refusal::TooMany(kind) => {
            tracing::warn!(kind, path = call.route.path, "a tenant is at its limit");
            invalid(
                400,
                &[Field::new(super::fields::GENERAL, format!("La limite est atteinte : {kind}."))],
            )
        }
        Refusal::InUse => json(409, "Un autre objet en dépend."),
        other => invalid(400, &[Field::new(super::fields::GENERAL, other.code())]),
    }
}

fn of_token(fault: TokenFault) -> Response {
    let (text, code) = match fault {
        TokenFault::Inactive => (say::INACTIVE, "user_inactive"),
        TokenFault::Gone => (say::GONE, "user_not_found"),
        TokenFault::Invalid | TokenFault::OtherDevice => {
            return json(401, &Detail::bad_access_token());
        }
    };
    json(401, &Detail::with_code(text, code))
}

/// `{"field": ["…", …], …}` in the order in which the fields were checked.
pub(super) fn invalid(status: u16, fields: &[Field]) -> Response {
    let mut names: Vec<&str> = vec![];
    let mut all: Vec<(&str, Vec<&str>)> = vec![];
    for field in fields {
        match names.iter().position(|name| *name == field.name) {
            Some(index) => all[index].1.push(&field.what),
            None => {
                names.push(field.name);
                all.push((field.name, vec![&field.what]));
            }
        }
    }
    json(status, &super::wire::Ordered(&all))
}

/// Errors of a body where a taken name is 409: the contract does so for products and options.
pub(super) fn with_conflict(error: Error) -> Failure {
    match error {
        Error::Invalid(fields) if fields.iter().any(|field| field.taken) => {
            Failure::Answer(invalid(409, &fields))
        }
        other => Failure::Error(other),
    }
}

/// What a view raises by itself: a list of one sentence.
pub(super) fn sentences(what: &str) -> Response {
    json(400, &[what])
}

pub(super) fn detail(status: u16, what: &str) -> Response {
    json(status, &Detail::new(what))
}

pub(super) fn challenge(response: Response) -> Response {
    response.with_additional_header("WWW-Authenticate", r#"Bearer realm="api""#)
}

fn describe(call: &Call<'_>, allowed: &[&str]) -> Response {
    let mut about = Map::new();
    about.insert("name".into(), Value::from(call.route.name));
    about.insert("description".into(), Value::from(""));
    about.insert("renders".into(), Value::from(vec!["application/json"]));
    let parses =
        vec!["application/json", "application/x-www-form-urlencoded", "multipart/form-data"];
    about.insert("parses".into(), Value::from(parses));
    json(200, &about).with_additional_header("Allow", allowed.join(", "))
}
