//! What buyers do with their own: giving back what they booked, for as long as the venue lets them.

use super::back::{Part, cancel_part};
use super::{Booking, State, booking, payments};
use crate::error::{Error, Refusal, Result};
use crate::root::{Read, Write};
use crate::trade::{event, setting};
use crate::values::id::{AccountId, BookingId, EventId, OrderId, TicketId};
use crate::values::{Money, Time};
use std::time::Duration;

/// What a refund says of its reason when the buyer cancelled.
pub const BY_BUYER: &str = "buyer";

/// Until when the buyers of an event may cancel by themselves; `None`: never.
pub fn deadline(tx: &Read, event: EventId) -> Result<Option<Time>> {
    let hours = setting::get(tx)?.refund_deadline_hours;
    let starts = event::named_by_sale(tx, event)?.starts;
    Ok(hours.map(|hours| starts.minus(Duration::from_secs(u64::from(hours) * 3_600))))
}

/// A reservation of this account; somebody else's is `NotFound`.
pub fn own(tx: &Read, account: AccountId, id: BookingId) -> Result<Booking> {
    let found = booking(tx, id)?;
    if found.order.account == account { Ok(found) } else { Err(Error::NotFound) }
}

/// Gives back a reservation of this account, or some of its tickets; what was paid is noted as owed. What is held and
/// not paid at all is given up at any time; what is partly paid is given up as a whole, until the deadline of the first of
/// its events. Returns what is owed for it. Refused: too late, what is over or was used;
/// `NotFound`: somebody else's reservation, tickets of another.
pub fn cancel_own(
    tx: &Write,
    account: AccountId,
    id: BookingId,
    tickets: Option<&[TicketId]>,
) -> Result<Money> {
    let Booking { event, order, tickets: all, .. } = own(tx, account, id)?;
    if tickets.is_some_and(|tickets| tickets.iter().any(|ticket| !all.contains(ticket))) {
        return Err(Error::NotFound);
    }
    let unpaid = order.state == State::Held && payments(tx, order.id)?.is_empty();
    let deadline = match order.state {
        // What is held is given up together: the first evening of it counts.
        State::Held => earliest(tx, order.id)?,
        _ => deadline(tx, event)?,
    };
    if !unpaid && deadline.is_none_or(|deadline| deadline <= tx.now()) {
        return Err(Error::Refused(Refusal::TooLate(deadline)));
    }
    let part = tickets.map_or(Part::Booking(id), Part::Tickets);
    let before = owed(tx, order.id)?;
    cancel_part(tx, order.id, part, None, BY_BUYER)?;
    Ok(Money(owed(tx, order.id)?.0 - before.0))
}

/// Until when the buyer may cancel all that an order has; `None`: never.
fn earliest(tx: &Read, order: OrderId) -> Result<Option<Time>> {
    let sql = "SELECT event FROM booking JOIN event ON event.id = event WHERE orders = ?1
         ORDER BY starts LIMIT 1";
    deadline(tx, tx.must(sql, [order], |row| row.get(0))?)
}

/// What is owed for an order.
fn owed(tx: &Read, order: OrderId) -> Result<Money> {
    let sql = "SELECT coalesce(sum(amount), 0) FROM refund WHERE orders = ?1 AND owed = 1";
    tx.one(sql, [order], |row| row.get(0))
}
