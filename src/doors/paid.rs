//! The page to which buyers come back from Stripe, whether they have paid or not. A view asks Stripe once while nothing is
//! decided, so that nobody waits for an event that is late, but who looks all the time does not use up what Stripe answers
//! to all.

use super::pages::{missing, page};
use super::{Answer, Call, Front};
use crate::error::Error;
use crate::trade::checkout::{self, Checkout, Outcome, State};
use crate::trade::look::{self, Look};
use crate::values::Language;
use crate::values::id::PaymentId;
use askama::Template;

#[derive(Template)]
#[template(path = "paid.html")]
struct Paid<'a> {
    look: &'a Look,
    outcome: Outcome,
    /// Where it can still be paid.
    url: Option<&'a str>,
}

/// How a checkout stands. Stripe is asked where it is not decided, unless it was asked often just now.
pub(super) fn look(call: &Call<'_>, front: &Front, checkout: &Checkout) -> Result<Outcome, Error> {
    match &call.desk.cashier {
        Some(cashier)
            if checkout.state == State::Open && call.throttle.may_look(call.now, checkout.id) =>
        {
            cashier.look(&front.tenant, checkout.id)
        }
        _ => Ok(checkout.state.into()),
    }
}

/// Says how a payment stands, for whoever knows its id.
pub(super) fn back_from_stripe(call: &Call<'_>, front: &Front) -> Answer {
    let Ok(id) = call.param(0).parse().map(PaymentId) else { return missing(front) };
    let read = front.tenant.read(|tx| Ok((checkout::get(tx, id)?, look::get(tx)?)));
    let (checkout, venue) = match read {
        Ok(found) => found,
        Err(Error::NotFound) => return missing(front),
        Err(other) => return Err(other.into()),
    };
    let outcome = look(call, front, &checkout)?;
    page(200, &Paid { look: &venue, outcome, url: checkout.url.as_deref() }, &venue)
}
