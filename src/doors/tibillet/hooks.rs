//! `/api/webhooks/`: other servers that are told of what happens here, and in which words.
//!
//! Reservations are told as in the contract, as a form; all else as JSON, signed as Standard Webhooks says
//! (`webhook-id`, `webhook-timestamp`, `webhook-signature`).

use super::data::Body;
use super::fields::{Field, Form, GENERAL, Given, Kind, read_uuid};
use super::messages as say;
use super::wire::{Amount, json};
use super::wire_order::status;
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::{Error, Refusal};
use crate::root::{Read, Staff};
use crate::trade::hook::{self, Delivery, Event, Hook};
use crate::trade::{membership, order, place, ticket};
use crate::values::id::{BookingId, HookId, MembershipId, PaymentId, RefundId, TicketId};
use crate::values::secret::random_bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

const EVENTS: &[&str] = &["RV", "MV", "PA", "TS", "RF"];

pub(super) const FIELDS: &[Field] = &[
    Field::new("url", Kind::Link(2_000)).required(),
    Field::new("event", Kind::OneOf(EVENTS)).required(),
];

pub(super) const CHANGE: &[Field] = &[Field::new("active", Kind::Boolean).required()];

/// A hook; ours, beyond the contract.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Webhook")]
pub(super) struct WireHook<'a> {
    uuid: Uuid,
    event: &'static str,
    url: &'a str,
    active: bool,
    /// Tries in a row that failed.
    failures: u32,
    last_response: Option<&'a str>,
    created: String,
    /// Told once, when the hook is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl<'a> WireHook<'a> {
    fn new(hook: &'a Hook) -> Self {
        let Hook { id, dialect: _, event, url, secret: _, active, failures, last, created } = hook;
        Self {
            uuid: id.0,
            event: event.as_str(),
            url,
            active: *active,
            failures: *failures,
            last_response: last.as_deref(),
            created: created.to_string(),
            secret: None,
        }
    }
}

pub(super) fn list(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let page = call.page()?;
    let hooks = staff.tenant().read(|tx| hook::list(tx, page))?;
    Ok(json(200, &hooks.iter().map(WireHook::new).collect::<Vec<_>>()))
}

pub(super) fn show(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = id(call)?;
    Ok(json(200, &WireHook::new(&staff.tenant().read(|tx| hook::get(tx, id))?)))
}

/// Makes a hook. Whether its address may be reached is found out when it is told something.
pub(super) fn create(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let body = Body::read(call)?;
    let mut form = Form::check(FIELDS, &body.data(call.desk.json_depth)?, false, call.desk)?;
    let url = form.text("url").unwrap_or("").to_owned();
    if !url.starts_with("http://") && !url.starts_with("https://") {
        form.fail("url", say::NOT_A_LINK);
    }
    form.finish()?;
    let event = form.text("event").and_then(Event::parse).ok_or(Error::NotFound)?;
    let secret = random_bytes();
    let made = staff.tenant().write(staff.by(), |tx| hook::create(tx, event, &url, secret));
    let hook = made.map_err(taken)?;
    let secret = Some(format!("whsec_{}", STANDARD.encode(secret)));
    Ok(json(201, &WireHook { secret, ..WireHook::new(&hook) }))
}

fn taken(error: Error) -> Failure {
    match error {
        Error::Refused(Refusal::NameTaken) => Error::invalid("url", say::HOOK_TAKEN).into(),
        Error::Refused(Refusal::TooMany(_)) => Error::invalid(GENERAL, say::HOOKS_FULL).into(),
        other => other.into(),
    }
}

/// Switches a hook on or off.
pub(super) fn update(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = id(call)?;
    let body = Body::read(call)?;
    let mut form = Form::check(CHANGE, &body.data(call.desk.json_depth)?, false, call.desk)?;
    form.finish()?;
    let active = matches!(form.look("active"), Given::Boolean(true));
    let hook = staff.tenant().write(staff.by(), |tx| hook::set_active(tx, id, active))?;
    Ok(json(200, &WireHook::new(&hook)))
}

pub(super) fn remove(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = id(call)?;
    staff.tenant().write(staff.by(), |tx| hook::remove(tx, id))?;
    Ok(rouille::Response::text("").with_status_code(204))
}

fn id(call: &Call<'_>) -> Result<HookId, Error> {
    read_uuid(call.param(0)).map(HookId).ok_or(Error::NotFound)
}

/// What is told.
#[derive(Debug)]
pub struct Message {
    /// Of the body.
    pub media_type: &'static str,
    /// As it is signed.
    pub body: String,
}

/// What a hook is told, in the words of this dialect; `NotFound` where it is gone.
pub fn message(tx: &Read, delivery: &Delivery) -> Result<Message, Error> {
    let id = delivery.subject;
    let (kind, data) = match delivery.hook.event {
        Event::Booking => return booking(tx, BookingId(id)),
        Event::Membership => ("membership.validated", joined(tx, MembershipId(id))?),
        Event::Payment => ("payment.received", paid(tx, PaymentId(id))?),
        Event::Scan => ("ticket.scanned", scanned(tx, TicketId(id))?),
        Event::Refund => ("refund.made", refunded(tx, RefundId(id))?),
        // No hook of this dialect is made for these.
        Event::Purchase | Event::Tenant | Event::TopUp => return Err(Error::NotFound),
    };
    let told = Told { r#type: kind, timestamp: delivery.created.to_string(), data };
    let body = serde_json::to_string(&told).map_err(|e| Error::Internal(Box::new(e)))?;
    Ok(Message { media_type: "application/json", body })
}

#[derive(Serialize)]
struct Told {
    r#type: &'static str,
    timestamp: String,
    data: serde_json::Value,
}

fn booking(tx: &Read, id: BookingId) -> Result<Message, Error> {
    let booking = order::booking(tx, id)?;
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("object", "reservation")
        .append_pair("uuid", &id.to_string())
        .append_pair("state", status(&booking))
        .append_pair("datetime", &place::zone(tx)?.iso(booking.changed))
        .finish();
    Ok(Message { media_type: "application/x-www-form-urlencoded", body })
}

fn joined(tx: &Read, id: MembershipId) -> Result<serde_json::Value, Error> {
    let (held, zone) = (membership::get(tx, id)?, place::zone(tx)?);
    let membership::Brief { id, email, product, product_name, price, first_paid, ends, .. } = held;
    Ok(serde_json::json!({
        "uuid": id.0, "email": email, "product": product.0, "product_name": product_name, "price": price.0,
        "first_contribution": first_paid.map(|at| zone.iso(at)), "deadline": ends.map(|at| zone.iso(at)),
    }))
}

fn paid(tx: &Read, id: PaymentId) -> Result<serde_json::Value, Error> {
    let (order, payment) = order::payment(tx, id)?;
    let order::Payment { id, means, amount, reference, created } = payment;
    Ok(serde_json::json!({
        "uuid": id.0, "order": order.0, "means": means.as_str(), "amount": Amount(amount), "reference": reference,
        "at": created.to_string(),
    }))
}

fn scanned(tx: &Read, id: TicketId) -> Result<serde_json::Value, Error> {
    let ticket = ticket::get(tx, id)?;
    Ok(serde_json::json!({
        "uuid": id.0, "event": ticket.event.0, "reservation": ticket.booking.0,
        "first_name": ticket.first_name, "last_name": ticket.last_name,
    }))
}

fn refunded(tx: &Read, id: RefundId) -> Result<serde_json::Value, Error> {
    let order::Refund { order, means, amount, owed, reason, created, .. } = order::refund(tx, id)?;
    Ok(serde_json::json!({
        "uuid": id.0, "order": order.0, "means": means.as_str(), "amount": Amount(amount), "owed": owed,
        "reason": reason, "at": created.to_string(),
    }))
}
