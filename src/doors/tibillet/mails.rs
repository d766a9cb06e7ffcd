//! `/api/mails/`: what became of the mail, for staff; and sending tickets again.

use super::fields::read_uuid;
use super::messages as say;
use super::wire::json;
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::{Error, Refusal};
use crate::root::Staff;
use crate::trade::order;
use crate::trade::outbox::{self, Mail};
use crate::values::id::BookingId;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// A mail; ours, beyond the contract.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Mail")]
pub(super) struct WireMail<'a> {
    uuid: Uuid,
    kind: &'static str,
    email: &'a str,
    /// What it is about: a reservation, an order, a price.
    subject: Option<Uuid>,
    /// `waiting`, `sent` or `given_up`.
    state: &'static str,
    attempts: u32,
    /// What the mail server said last.
    error: Option<&'a str>,
    created: String,
    settled: Option<String>,
}

impl<'a> WireMail<'a> {
    fn new(mail: &'a Mail) -> Self {
        let Mail {
            id,
            kind,
            recipient,
            account: _,
            subject,
            state,
            attempts,
            error,
            created,
            settled,
        } = mail;
        Self {
            uuid: id.0,
            kind: kind.as_str(),
            email: recipient,
            subject: *subject,
            state: state.as_str(),
            attempts: *attempts,
            error: error.as_deref(),
            created: created.to_string(),
            settled: settled.map(|at| at.to_string()),
        }
    }
}

pub(super) fn list(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let page = call.bounded_page()?;
    let mails = staff.tenant().read(|tx| outbox::list(tx, page))?;
    let wire: Vec<_> = mails.iter().map(WireMail::new).collect();
    Ok(call.paged(json(200, &wire), page, wire.len()))
}

pub(super) fn again(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = read_uuid(call.param(0)).map(BookingId).ok_or(Error::NotFound)?;
    let queued = staff.tenant().write(staff.by(), |tx| order::mail_again(tx, id));
    match queued {
        Ok(()) => Ok(json(202, say::MAIL_AGAIN)),
        Err(Error::Refused(Refusal::NotHeld(state))) => {
            Err(Failure::Answer(json(409, &say::order_is(state))))
        }
        Err(other) => Err(other.into()),
    }
}
