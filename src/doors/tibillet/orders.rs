//! `/api/orders/…`: what staff do with an order beyond the contract, in its style: look, record a payment, give back.

use super::caller::is_staff;
use super::data::{Body, Data};
use super::fields::{Field, Form, GENERAL, Given, Kind, read_uuid};
use super::messages as say;
use super::repeat::{Repeat, reused};
use super::reservations::{not_in_state, release_holds};
use super::wire::json;
use super::wire_listed::WireFound;
use super::wire_order::WireOrder;
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::{Error, Refusal};
use crate::root::{Read, Staff};
use crate::trade::answered::Answered;
use crate::trade::order::{self, Booking, Line, Means, Order, Payment, Refund, Search, State};
use crate::trade::{place, promotion};
use crate::values::id::{OrderId, TicketId};
use crate::values::zone::Zone;

/// How money is handed over without us.
pub(super) const BY_HAND: &[&str] = &["cash", "cheque", "transfer", "terminal"];

pub(super) const PAYMENT: &[Field] = &[
    Field::new("means", Kind::OneOf(BY_HAND)).required(),
    Field::new("amount", Kind::Money).or_null(),
    Field::new("reference", Kind::Text(200)).optional(),
];

pub(super) const REFUND: &[Field] = &[
    Field::new("means", Kind::OneOf(BY_HAND)).or_null(),
    Field::new("reason", Kind::Text(200)).optional(),
    Field::new("tickets", Kind::Raw("Ids of tickets; without it the whole order")),
];

/// An order with all that is shown of it, from one snapshot.
pub(super) struct Sheet {
    pub(super) order: Order,
    pub(super) code: Option<String>,
    pub(super) lines: Vec<Line>,
    pub(super) payments: Vec<Payment>,
    pub(super) refunds: Vec<Refund>,
    pub(super) bookings: Vec<Booking>,
    pub(super) zone: Zone,
}

impl Sheet {
    pub(super) fn read(tx: &Read, id: OrderId) -> Result<Self, Error> {
        Ok(Self {
            order: order::get(tx, id)?,
            code: promotion::of_order(tx, id)?,
            lines: order::lines(tx, id)?,
            payments: order::payments(tx, id)?,
            refunds: order::refunds(tx, id)?,
            bookings: order::bookings_of(tx, id)?,
            zone: place::zone(tx)?,
        })
    }

    /// As it is sent; `tickets` says of which reservations the tickets are shown.
    pub(super) fn answered(
        &self,
        status: u16,
        tickets: impl Fn(&Booking) -> bool,
    ) -> Result<Answered, Error> {
        let body = serde_json::to_vec(&WireOrder::new(self, tickets));
        let body = body.map_err(|e| Error::Internal(Box::new(e)))?;
        Ok(Answered { status, body, checkout: None })
    }
}

pub(super) fn id(call: &Call<'_>) -> Result<OrderId, Error> {
    read_uuid(call.param(0)).map(OrderId).ok_or(Error::NotFound)
}

/// The order: staff see all of it, others who know its id what they may change.
pub(super) fn show(call: &Call<'_>, front: &Front) -> Answer {
    let (id, all) = (id(call)?, is_staff(call, front)?);
    let sheet = front.tenant.read(|tx| Sheet::read(tx, id))?;
    let wire = WireOrder::new(&sheet, |_| true);
    Ok(json(200, &if all { wire } else { wire.without_people() }))
}

/// Where it may stand.
const STATES: &[&str] = &["held", "paid", "expired", "cancelled", "refunded"];

pub(super) const QUERY: &[Field] =
    &[Field::new("state", Kind::OneOf(STATES)), Field::new("search", Kind::Text(254))];

/// Orders, to be found by who comes to the window.
pub(super) fn list(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let page = call.bounded_page()?;
    let query = Body::of_query(call);
    let mut form = Form::check(QUERY, &query.data(call.desk.json_depth)?, true, call.desk)?;
    form.finish()?;
    let state = form.text("state").and_then(State::parse);
    let search = Search { state, text: form.text("search") };
    let found = staff.tenant().read(|tx| order::find(tx, search, page))?;
    let wire: Vec<_> = found.iter().map(WireFound::new).collect();
    Ok(call.paged(json(200, &wire), page, wire.len()))
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
        Sheet::read(tx, id)?.answered(201, |_| true)
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
    let tickets = tickets(&data)?;
    let back = repeat.once(staff.tenant(), staff.by(), |tx| {
        order::cancel(tx, id, tickets.as_deref(), means, reason)?;
        Sheet::read(tx, id)?.answered(200, |_| true)
    });
    Ok(back.map_err(refused)?.response())
}

/// The tickets that a body names, each once; none when it names none.
pub(super) fn tickets(data: &Data<'_>) -> Result<Option<Vec<TicketId>>, Error> {
    let Some(values) = data.list("tickets") else {
        return match data.value("tickets") {
            Some(_) => Err(Error::invalid("tickets", say::NOT_A_LIST)),
            None => Ok(None),
        };
    };
    let mut ids = vec![];
    for value in values {
        let id = read_uuid(&value.as_python()).map(TicketId);
        let id = id.ok_or_else(|| Error::invalid("tickets", say::NOT_A_LIST))?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    if ids.is_empty() { Err(Error::invalid("tickets", say::NO_TICKET)) } else { Ok(Some(ids)) }
}

/// Refusals of the trade where an order, a payment or a refund is concerned.
pub(super) fn refused(error: Error) -> Failure {
    let refusal = match not_in_state(error) {
        Ok(answer) => return answer,
        Err(Error::Refused(refusal)) => refusal,
        Err(other) => return other.into(),
    };
    match refusal {
        Refusal::KeyReused => reused(Error::Refused(refusal)),
        Refusal::NotOwed => Failure::Answer(json(409, say::NOT_OWED)),
        Refusal::AlreadyUsed => Failure::Answer(json(409, say::TICKET_USED)),
        Refusal::WrongAmount(due) => Error::invalid("amount", say::amount_due(due)).into(),
        other => Error::invalid(GENERAL, other.code()).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_may_be_asked_for() {
        let all: Vec<_> = State::ALL.iter().map(|state| state.as_str()).collect();
        assert_eq!(all, STATES);
    }
}
