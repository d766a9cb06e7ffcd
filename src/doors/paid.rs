//! The page to which buyers come back from Stripe, whether they have paid or not. Each view asks Stripe once while nothing
//! is decided, so that nobody waits for an event that is late; it loads nothing from elsewhere.

use super::pages::page;
use super::web::not_found;
use super::{Answer, Call, Front};
use crate::error::Error;
use crate::trade::checkout::{self, Outcome};
use crate::trade::place;
use crate::values::id::PaymentId;
use askama::Template;

#[derive(Template)]
#[template(path = "paid.html")]
struct Paid<'a> {
    venue: &'a str,
    outcome: Outcome,
    /// Where it can still be paid.
    url: Option<&'a str>,
}

/// Says how a payment stands, for whoever knows its id.
pub(super) fn back_from_stripe(call: &Call<'_>, front: &Front) -> Answer {
    let Ok(id) = call.param(0).parse().map(PaymentId) else { return Ok(not_found()) };
    let read = front.tenant.read(|tx| Ok((checkout::get(tx, id)?, place::get(tx)?.label)));
    let (checkout, venue) = match read {
        Ok(found) => found,
        Err(Error::NotFound) => return Ok(not_found()),
        Err(other) => return Err(other.into()),
    };
    let outcome = match &call.desk.cashier {
        Some(cashier) => cashier.look(&front.tenant, id)?,
        None => checkout.state.into(),
    };
    page(200, &Paid { venue: &venue, outcome, url: checkout.url.as_deref() })
}
