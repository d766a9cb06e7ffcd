//! Calling an evening off: all that is left of it goes back to who bought it, and they are written to.

use super::State;
use super::back::{Part, cancel_part};
use crate::error::Result;
use crate::root::Write;
use crate::trade::outbox::{self, Kind};
use crate::values::Money;
use crate::values::id::{BookingId, EventId, OrderId, TicketId};

/// What was given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalledOff {
    /// How many reservations.
    pub bookings: u32,
    /// How much goes back, or is owed.
    pub back: Money,
}

impl CalledOff {
    /// Nothing yet.
    pub const NOTHING: Self = Self { bookings: 0, back: Money(0) };
}

/// Gives back what so many reservations of an event still have of it, as money goes back without a means being named. A
/// ticket that was used stays used; what is held is given up as a whole. Nothing where nothing is left.
pub fn call_off(tx: &Write, event: EventId, reason: &str, most: u32) -> Result<CalledOff> {
    super::release(tx)?;
    let sql = "SELECT booking.id, booking.orders, orders.state,
           EXISTS (SELECT 1 FROM ticket WHERE booking = booking.id AND state = 'S') AS used
         FROM booking JOIN orders ON orders.id = booking.orders
         WHERE booking.event = ?1 AND orders.state IN ('held', 'paid')
           AND EXISTS (SELECT 1 FROM line WHERE line.booking = booking.id AND returned < quantity)
           AND (NOT used OR EXISTS (SELECT 1 FROM ticket WHERE booking = booking.id AND state = 'K'))
         ORDER BY booking.id LIMIT ?2";
    let open: Vec<(BookingId, OrderId, State, bool)> =
        tx.all(sql, (event, most), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let mut off = CalledOff::NOTHING;
    for (booking, order, state, used) in open {
        let back = if used && state == State::Paid {
            let sql = "SELECT id FROM ticket WHERE booking = ?1 AND state = 'K' ORDER BY rowid";
            let unused: Vec<TicketId> = tx.all(sql, [booking], |row| row.get(0))?;
            cancel_part(tx, order, Part::Tickets(&unused), None, reason)?
        } else {
            cancel_part(tx, order, Part::Booking(booking), None, reason)?
        };
        // Also of an order that holds something else still: the letter names what went back.
        let buyer = super::get(tx, order)?;
        outbox::queue(tx, Kind::OrderCancelled, &buyer.email, buyer.account, Some(order.0))?;
        off.bookings += 1;
        off.back = Money(off.back.0 + back.0);
    }
    Ok(off)
}
