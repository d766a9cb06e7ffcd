//! `/api/orders/…`: what staff do with an order beyond the contract, in its style: look, record a payment, give back.

use super::data::Body;
use super::fields::{Field, Form, GENERAL, Given, Kind, read_uuid};
use super::messages as say;
use super::repeat::{Repeat, reused};
use super::reservations::release_holds;
use super::wire::json;
use super::wire_order::WireOrder;
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::{Error, Refusal};
use crate::root::{Read, Staff};
use crate::trade::answered::Answered;
use crate::trade::order::{self, Booking, Line, Means, Order, Payment, Refund};
use crate::trade::place;
use crate::values::id::{OrderId, TicketId};
use crate::values::zone::Zone;

const BY_HAND: &[&str] = &["cash", "cheque", "transfer", "terminal"];

pub(super) const PAYMENT: &[Field] = &[
    Field::new("means", Kind::Choice(BY_HAND)).required(),
    Field::new("amount", Kind::Money).or_null(),
    Field::new("reference", Kind::Text(200)).optional(),
];

pub(super) const REFUND: &[Field] = &[
    Field::new("means", Kind::Choice(BY_HAND)).or_null(),
    Field::new("reason", Kind::Text(200)).optional(),
    Field::new("tickets", Kind::Raw("Ids of tickets; without it the whole order")),
];

/// An order with all that is shown of it, from one snapshot.
struct Sheet {
    order: Order,
    lines: Vec<Line>,
    payments: Vec<Payment>,
    refunds: Vec<Refund>,
    bookings: Vec<Booking>,
    zone: Zone,
}

impl Sheet {
    fn read(tx: &Read, id: OrderId) -> Result<Self, Error> {
        Ok(Self {
            order: order::get(tx, id)?,
            lines: order::lines(tx, id)?,
            payments: order::payments(tx, id)?,
            refunds: order::refunds(tx, id)?,
            bookings: order::bookings_of(tx, id)?,
            zone: place::zone(tx)?,
        })
    }

    fn wire(&self) -> WireOrder<'_> {
        let Self { order, lines, payments, refunds, bookings, zone } = self;
        WireOrder::new(order, lines, payments, refunds, bookings, zone)
    }

    fn answered(&self, status: u16) -> Result<Answered, Error> {
        let body = serde_json::to_vec(&self.wire()).map_err(|e| Error::Internal(Box::new(e)))?;
        Ok(Answered { status, body, checkout: None })
    }
}

fn id(call: &Call<'_>) -> Result<OrderId, Error> {
    read_uuid(call.param(0)).map(OrderId).ok_or(Error::NotFound)
}

pub(super) fn show(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = id(call)?;
    Ok(json(200, &staff.tenant().read(|tx| Sheet::read(tx, id))?.wire()))
}

/// Records a payment; without an amount, all that is due.
pub(super) fn pay(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = id(call)?;
    let body = Body::read(call)?;
    let repeat = Repeat::of(call, &body)?;
    if let Some(before) = repeat.before(staff.tenant())? {
        return Ok(before.response());
    }
    release_holds(staff.tenant())?;
    let mut form = Form::check(PAYMENT, &body.data(call.desk.json_depth)?, false, call.desk)?;
    form.finish()?;
    let means = form.text("means").and_then(Means::parse).ok_or(Error::NotFound)?;
    let amount = match form.look("amount") {
        Given::Money(amount) => Some(*amount),
        _ => None,
    };
    let reference = form.text("reference");
    let paid = repeat.once(staff.tenant(), staff.by(), |tx| {
        let amount = amount.map_or_else(|| order::due(tx, id), Ok)?;
        order::pay(tx, id, means, amount, reference)?;
        Sheet::read(tx, id)?.answered(201)
    });
    Ok(paid.map_err(refused)?.response())
}

/// Gives back an order or some of its tickets; without `means` the money is noted as owed.
pub(super) fn refund(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = id(call)?;
    let body = Body::read(call)?;
    let repeat = Repeat::of(call, &body)?;
    if let Some(before) = repeat.before(staff.tenant())? {
        return Ok(before.response());
    }
    release_holds(staff.tenant())?;
    let data = body.data(call.desk.json_depth)?;
    let mut form = Form::check(REFUND, &data, false, call.desk)?;
    form.finish()?;
    let means = form.text("means").and_then(Means::parse);
    let reason = form.text("reason").unwrap_or("");
    if data.value("tickets").is_some() && data.list("tickets").is_none() {
        return Err(Error::invalid("tickets", say::NOT_A_LIST).into());
    }
    let tickets = data.list("tickets").map(|values| {
        let ids = values.into_iter().map(|value| read_uuid(&value.as_python()).map(TicketId));
        ids.collect::<Option<Vec<_>>>()
    });
    let tickets = match tickets {
        Some(None) => return Err(Error::invalid("tickets", say::NOT_A_LIST).into()),
        Some(Some(ids)) if ids.is_empty() => {
            return Err(Error::invalid("tickets", say::NO_TICKET).into());
        }
        Some(ids) => ids,
        None => None,
    };
    let back = repeat.once(staff.tenant(), staff.by(), |tx| {
        order::cancel(tx, id, tickets.as_deref(), means, reason)?;
        Sheet::read(tx, id)?.answered(200)
    });
    Ok(back.map_err(refused)?.response())
}

fn refused(error: Error) -> Failure {
    let Error::Refused(refusal) = error else { return error.into() };
    match refusal {
        Refusal::NotHeld(state) => Failure::Answer(json(409, &say::order_is(state))),
        Refusal::KeyReused => reused(Error::Refused(refusal)),
        Refusal::AlreadyUsed => Failure::Answer(json(409, say::TICKET_USED)),
        Refusal::WrongAmount(due) => Error::invalid("amount", say::amount_due(due)).into(),
        other => Error::invalid(GENERAL, other.code()).into(),
    }
}
