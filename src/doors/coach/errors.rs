//! How this dialect says no: an error object that never looks like a model, under an id that is found again.

use super::doc::{Doc, respond};
use crate::doors::{Call, Failure, Unread};
use crate::error::{Error, Refusal};
use crate::root::journal::Refused;
use crate::values::id;
use rouille::Response;

/// The contract's known errors, and what HTTP adds to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    MissingPair,
    WrongPair,
    TenantCode,
    UnknownTenant,
    ContentType,
    Seats,
    Reference,
    Username,
    Required,
    Id,
    DateRange,
    Date,
    InUse,
    Value,
    TooLong,
    Malformed,
    Forbidden,
    NotFound,
    Method,
    Conflict,
    TooManyFailures,
    Unread(Unread),
    Busy,
    Unknown,
}

impl Known {
    const fn says(self) -> (u16, &'static str) {
        match self {
            Self::MissingPair => (401, "Missing Consumer Key and/or Secret"),
            Self::WrongPair => (401, "Unauthorized Key and/or Secret"),
            Self::TenantCode => (400, "Invalid Tenant Code"),
            Self::UnknownTenant => (404, "Unknown Tenant Code"),
            Self::ContentType => (415, "Unknown Content-Type"),
            Self::Seats => (409, "Exceeded License Total For Agents"),
            Self::Reference => (400, "Unknown Reference Entity Id"),
            Self::Username => (409, "Unique Username"),
            Self::Required => (400, "Required Field"),
            Self::Id => (400, "Invalid Id"),
            Self::DateRange => (400, "Invalid Date Range"),
            Self::Date => (400, "Incorrect Date"),
            Self::InUse => (409, "Delete While Having Reference"),
            Self::Value => (400, "Incorrect Value"),
            Self::TooLong => (400, "Exceeded Field Length"),
            Self::Malformed => (400, "Malformed Body"),
            Self::Forbidden => (403, "Forbidden"),
            Self::NotFound => (404, "Not Found"),
            Self::Method => (405, "Method Not Allowed"),
            Self::Conflict => (409, "Conflict"),
            Self::TooManyFailures => (429, "Too Many Failed Attempts"),
            Self::Unread(why) => why.status(),
            Self::Busy => (503, "Service Unavailable"),
            Self::Unknown => (500, "Unknown Exception"),
        }
    }
}

/// A known error as a failure.
pub(super) fn fail(call: &Call<'_>, known: Known, description: &str) -> Failure {
    Failure::Answer(error(call, known, description))
}

/// The answer for a failure.
pub(super) fn answer(call: &Call<'_>, failure: Failure) -> Response {
    match failure {
        Failure::Answer(response) => response,
        Failure::Error(error) => of_error(call, &error),
        // What is left of the contract's own paths is not served.
        Failure::Method if call.route.methods.is_empty() => {
            error(call, Known::NotFound, "There is nothing here.")
        }
        Failure::Method => {
            let allowed: Vec<&str> = call.route.methods.iter().map(|method| method.verb).collect();
            let what = "Send PUT or DELETE; a POST names in X-HTTP-Method-Override which of them it stands for.";
            error(call, Known::Method, what).with_additional_header("Allow", allowed.join(", "))
        }
        Failure::TooManyFailures | Failure::TooManyAsks => {
            let what = "Try again in a minute.";
            error(call, Known::TooManyFailures, what).with_additional_header("Retry-After", "60")
        }
        Failure::MediaType(_) => error(call, Known::ContentType, ""),
        Failure::Malformed(what) => error(call, Known::Malformed, &what),
        Failure::Unread(why) => error(call, Known::Unread(why), &why.to_string()),
        Failure::NotAcceptable | Failure::BadHeader | Failure::Token(_) => {
            error(call, Known::WrongPair, "")
        }
    }
}

fn of_error(call: &Call<'_>, failed: &Error) -> Response {
    match failed {
        Error::Invalid(_) => {
            let text = failed.to_string();
            let known = match text.as_str() {
                "endDate: is before startDate" => Known::DateRange,
                "unitId: is required" => Known::Required,
                _ => Known::Value,
            };
            error(call, known, &text)
        }
        Error::Unauthenticated => error(call, Known::WrongPair, "The pair opens no tenant."),
        Error::Forbidden => error(call, Known::Forbidden, "This pair may not do that."),
        Error::NotFound => error(call, Known::NotFound, "There is nothing of this id."),
        Error::Refused(refusal) => {
            let known = match refusal {
                Refusal::SeatsTaken(_) | Refusal::TooMany("user") => Known::Seats,
                Refusal::NoSuchReference(_) => Known::Reference,
                Refusal::InUse => Known::InUse,
                _ => Known::Conflict,
            };
            error(call, known, &refusal.to_string())
        }
        Error::Busy => {
            error(call, Known::Busy, "Try again.").with_additional_header("Retry-After", "1")
        }
        Error::Unusable(_) => {
            tracing::error!(id = call.id, error = %failed, path = call.route.path, "a file cannot be used");
            error(call, Known::Busy, "").with_additional_header("Retry-After", "60")
        }
        Error::Internal(_) => {
            tracing::error!(id = call.id, error = %failed, path = call.route.path, "a handler failed");
            error(call, Known::Unknown, &format!("The log has it as {}.", call.id))
        }
    }
}

/// The error object, noted under its id.
fn error(call: &Call<'_>, known: Known, description: &str) -> Response {
    let (status, message) = known.says();
    let description = short(description);
    let id = id::random();
    let path = call.request.raw_url().split('?').next().unwrap_or("");
    call.journal.note(Refused {
        id,
        at: call.now,
        status,
        message: message.to_owned(),
        description: description.clone(),
        request: call.id.to_owned(),
        asked: short(&format!("{} {path}", call.request.method())),
    });
    let doc = Doc::Object(vec![
        ("id", Doc::text(id)),
        ("message", Doc::text(message)),
        ("description", Doc::text(description)),
        ("httpStatusCode", Doc::Number(status.into())),
        ("requestArguments", Doc::List("RequestArgument", arguments(call))),
    ]);
    respond(call, status, "Error", &doc)
}

/// What stood in the path.
fn arguments(call: &Call<'_>) -> Vec<Doc> {
    let names = call.route.path.split(['{', '}']).skip(1).step_by(2);
    let shown = names.zip(&call.params).filter(|(name, _)| !name.ends_with('*'));
    let argument = |(name, value): (&str, &std::borrow::Cow<'_, str>)| {
        let name = if name == "code" { "tenantCode" } else { name };
        Doc::Object(vec![("name", Doc::text(name)), ("value", Doc::text(short(value)))])
    };
    shown.map(argument).collect()
}

fn short(text: &str) -> String {
    text.chars().take(200).collect()
}
