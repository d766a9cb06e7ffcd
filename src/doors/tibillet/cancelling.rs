//! `/api/reservations/{id}/cancel/`: buyers give back what they booked, for as long as the venue lets them.

use super::data::Body;
use super::fields::{Field, Form, Kind, read_uuid};
use super::messages as say;
use super::orders;
use super::repeat::Repeat;
use super::reservations::release_holds;
use super::wire::json;
use super::wire_order::{WireCancelled, WireReservation};
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::{Error, Refusal};
use crate::root::{By, Member, Read};
use crate::trade::answered::Answered;
use crate::trade::{order, place};
use crate::values::Money;
use crate::values::id::{AccountId, BookingId};

pub(super) const FIELDS: &[Field] =
    &[Field::new("tickets", Kind::Raw("Ids of its tickets; without it the whole reservation"))];

/// Cancels a reservation of whoever is logged in, or some of its tickets.
pub(super) fn cancel(call: &Call<'_>, front: &Front, member: &Member) -> Answer {
    let id = read_uuid(call.param(0)).map(BookingId).ok_or(Error::NotFound)?;
    let (tenant, account) = (&front.tenant, member.account().id);
    // Before anything that was answered before is said again: it was said to the buyer.
    let booking = tenant.read(|tx| order::own(tx, account, id))?;
    let body = Body::read(call)?;
    let repeat = Repeat::of(call, &body)?;
    if let Some(before) = repeat.before(tenant)? {
        return Ok(before.response());
    }
    let data = body.data(call.desk.json_depth)?;
    let mut form = Form::check(FIELDS, &data, false, call.desk)?;
    let tickets = orders::tickets(&data)?;
    for stray in tickets.iter().flatten().filter(|id| !booking.tickets.contains(id)) {
        form.fail("tickets", say::no_such_key(&stray.to_string()));
    }
    form.finish()?;
    release_holds(tenant)?;
    let done = repeat.once(tenant, By::Account(account), |tx| {
        let owed = order::cancel_own(tx, account, id, tickets.as_deref())?;
        Ok(Answered::plain(200, shown(tx, account, id, owed)?))
    });
    let done = done.map_err(|error| match error {
        Error::Refused(Refusal::TooLate(until)) => {
            let clock = tenant.read(place::zone).ok();
            let until = until.zip(clock).map(|(at, zone)| zone.format(at, "%d/%m/%Y %H:%M"));
            Failure::Answer(json(409, &say::too_late(until.as_deref())))
        }
        other => orders::refused(other),
    })?;
    Ok(done.response())
}

fn shown(tx: &Read, account: AccountId, id: BookingId, owed: Money) -> Result<Vec<u8>, Error> {
    let booking = order::own(tx, account, id)?;
    let (payments, zone) = (order::payments(tx, booking.order.id)?, place::zone(tx)?);
    let reservation = WireReservation::new(&booking, &payments, &zone, true);
    let wire = WireCancelled::new(reservation, owed, &booking.order, &payments);
    serde_json::to_vec(&wire).map_err(|e| Error::Internal(Box::new(e)))
}
