//! `/api/webhook_stripe/` and the page to pay at: how what is sold here is paid online. The same answer hears Stripe, who
//! signs, and the buyer's front, who names the payment.
//!
//! Stripe is asked between two writes, never inside one. An event that is not signed changes nothing.

use super::data::Body;
use super::fields::{Field, Form, GENERAL, Given, Kind, read_uuid};
use super::messages as say;
use super::repeat::Done;
use super::wire::json;
use super::wire_order::{WireCheckout, WirePaid, WireTicket, chosen};
use crate::cashier::{self, Cashier};
use crate::doors::{Answer, Call, Front, paid};
use crate::error::Error;
use crate::root::{Read, Signed, Tenant, Write};
use crate::stripe::Event;
use crate::trade::checkout::{self, Outcome};
use crate::trade::order::Order;
use crate::trade::outbox::{self, Kind as Mail};
use crate::trade::{order, ticket};
use crate::values::id::{PaymentId, StripeRefundId, TenantId};
use rouille::Response;
use std::collections::HashMap;

pub(super) const TOLD: &[Field] = &[
    Field::new("uuid", Kind::Key),
    Field::new("type", Kind::Raw("Of an event that Stripe signs; the front leaves it out")),
];

/// Begins the checkout of an order that was just placed, where it costs something and can be paid online.
pub(super) fn begin(
    tx: &Write,
    placed: &Order,
    call: &Call<'_>,
) -> Result<Option<PaymentId>, Error> {
    if call.desk.cashier.is_none() || placed.state != order::State::Held || placed.total.0 == 0 {
        return Ok(None);
    }
    checkout::begin(tx, placed, &call.origin).map(Some)
}

/// Answers a sale: one that is to be paid online names the page for it. Where there is none, `sorry` says so, and what
/// was held is let go.
pub(super) fn answer(call: &Call<'_>, tenant: &Tenant, done: Done, sorry: &'static str) -> Answer {
    let (Some(id), Some(cashier)) = (done.answered.checkout, &call.desk.cashier) else {
        return Ok(done.response());
    };
    let page = cashier.page(tenant, id, done.is_new)?;
    let url = page.ok_or_else(|| Error::invalid(GENERAL, sorry))?;
    let online = WireCheckout { checkout_url: Some(url), paiement_stripe_uuid: Some(id.0) };
    let online = serde_json::to_vec(&online).map_err(|e| Error::Internal(Box::new(e)))?;
    let mut done = done;
    // What was written down is an object that ends without these members.
    let body = &mut done.answered.body;
    body.truncate(body.len().saturating_sub(1));
    body.push(b',');
    body.extend(online.iter().skip(1));
    Ok(done.response())
}

/// Hears an event of Stripe's, or looks at the payment that the front names.
pub(super) fn told(call: &Call<'_>, front: &Front) -> Answer {
    let body = Body::read(call)?;
    let data = body.data(call.desk.json_depth)?;
    if data.value("type").is_some() {
        let cashier = call.desk.cashier.as_ref();
        let signature = call.request.header("Stripe-Signature").unwrap_or("");
        let signed = cashier.zip(body.raw()).and_then(|(cashier, raw)| {
            let signed = Signed::check(&cashier.webhook_secret, signature, raw, call.now)?;
            Some((cashier, signed, raw))
        });
        let Some((cashier, signed, raw)) = signed else {
            return Err(Error::invalid(GENERAL, say::BAD_SIGNATURE).into());
        };
        return hear(front, cashier, signed, raw);
    }
    let mut form = Form::check(TOLD, &data, false, call.desk)?;
    form.finish()?;
    let Given::Key(id) = form.take("uuid") else {
        return Err(Error::invalid("uuid", say::REQUIRED).into());
    };
    look(call, front, PaymentId(id))
}

/// Looks at the payment that the path names.
pub(super) fn show(call: &Call<'_>, front: &Front) -> Answer {
    let id = read_uuid(call.param(0)).ok_or(Error::NotFound)?;
    look(call, front, PaymentId(id))
}

fn look(call: &Call<'_>, front: &Front, id: PaymentId) -> Answer {
    let checkout = front.tenant.read(|tx| checkout::get(tx, id))?;
    say(&front.tenant, id, paid::look(call, front, &checkout)?)
}

/// An event, at whatever host it arrives, is for the tenant that its session was made at.
fn hear(front: &Front, cashier: &Cashier, signed: Signed<'_>, raw: &[u8]) -> Answer {
    let named = |metadata: &HashMap<String, String>, name: &str| {
        metadata.get(name).and_then(|id| read_uuid(id))
    };
    let session = match Event::read(raw) {
        Some(Event::Session(session)) => session,
        Some(Event::RefundFailed { metadata }) => {
            let ids = named(&metadata, "tenant").zip(named(&metadata, "refund"));
            let Some((tenant, refund)) = ids else { return Ok(Response::empty_204()) };
            let failed = |tenant: &Tenant| cashier::refund_failed(tenant, StripeRefundId(refund));
            front.addressees.tell(signed, TenantId(tenant), failed)?;
            return Ok(json(207, say::NOTHING_AWAITED));
        }
        Some(Event::Refunded { intent, metadata }) => {
            let tenant = named(&metadata, "tenant").map(TenantId);
            let look = |tenant: &Tenant| cashier.look_back(tenant, &intent);
            let heard = tenant.map(|id| front.addressees.tell(signed, id, look)).transpose()?;
            if heard.flatten().is_none() {
                tracing::warn!(
                    intent,
                    "something went back at Stripe of what no tenant here has sold"
                );
                return Ok(Response::empty_204());
            }
            return Ok(json(207, say::NOTHING_AWAITED));
        }
        Some(Event::Other) => return Ok(json(207, say::NOTHING_AWAITED)),
        None => return Err(Error::invalid(GENERAL, say::BAD_EVENT).into()),
    };
    let named = named(&session.metadata, "tenant").map(TenantId);
    let Some(named) = named else { return Ok(Response::empty_204()) };
    let heard = front.addressees.tell(signed, named, |tenant| {
        let (id, outcome) = cashier.settle(tenant, &session)?;
        Ok((tenant.clone(), id, outcome))
    })?;
    match heard {
        // Whatever else is sold through the same account at Stripe.
        None => Ok(Response::empty_204()),
        // All that is to be done is done; anything but a success would be told again.
        Some((_, _, Outcome::Over | Outcome::Returned)) => Ok(json(207, say::NOTHING_AWAITED)),
        Some((tenant, id, outcome)) => say(&tenant, id, outcome),
    }
}

/// What is told of a payment that is through.
struct Through {
    has_tickets: bool,
    tickets: Vec<ticket::Ticket>,
    options: Vec<(crate::values::id::BookingId, crate::values::id::OptionId, String)>,
    mail: Option<outbox::State>,
}

impl Through {
    fn read(tx: &Read, id: PaymentId) -> Result<Self, Error> {
        let order = checkout::get(tx, id)?.order;
        let booking = order::bookings_of(tx, order)?.into_iter().next();
        let Some(booking) = booking.filter(|booking| !booking.tickets.is_empty()) else {
            return Ok(Self { has_tickets: false, tickets: vec![], options: vec![], mail: None });
        };
        // Tickets of a price for members go to the buyer's address alone.
        let tickets = match order::is_for_members(tx, order)? {
            true => vec![],
            false => ticket::priced_of(tx, booking.id)?.into_iter().map(|(one, _)| one).collect(),
        };
        let options = ticket::options(tx, &tickets)?;
        let mail = outbox::state(tx, Mail::Tickets, booking.id.0)?;
        Ok(Self { has_tickets: true, tickets, options, mail })
    }
}

/// How a payment stands, in the contract's statuses and words.
fn say(tenant: &Tenant, id: PaymentId, outcome: Outcome) -> Answer {
    let first = match outcome {
        Outcome::Paid => true,
        Outcome::PaidBefore => false,
        Outcome::Waiting => return Ok(json(402, say::UNPAID)),
        Outcome::Over => return Ok(json(402, say::UNPAID_IN_TIME)),
        Outcome::Returned => return Ok(json(402, say::PAID_BACK)),
        Outcome::Mismatch => return Ok(json(406, say::WRONG_META)),
    };
    let through = tenant.read(|tx| Through::read(tx, id))?;
    if !through.has_tickets {
        return Ok(json(if first { 202 } else { 208 }, say::PAID));
    }
    let (status, msg) = match through.mail {
        Some(outbox::State::GivenUp) => return Ok(json(412, say::MAIL_FAILED)),
        _ if first => (202, say::PAID_AND_SENDING),
        Some(outbox::State::Waiting) => (226, say::PAID_AND_SENDING),
        Some(outbox::State::Sent) => (208, say::PAID_AND_SENT),
        None => (208, say::PAID),
    };
    let chosen = chosen(&through.options);
    let tickets = through.tickets.iter().map(|one| WireTicket::new(one, &chosen));
    Ok(json(status, &WirePaid { msg, tickets: tickets.collect() }))
}
