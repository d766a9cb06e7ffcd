//! Money that is awaited by bank. Seats wait for it far longer than for a page to pay at, so it is asked who asks: an address
//! that somebody only typed must not keep an evening empty for a week.
//!
//! What must stay true: an order waits once, counted from when the first order of its chain was placed, and never until its
//! evening; for buyers who are not logged in under an address of theirs, half of an evening waits at the most.

use super::order::{self, Buyer, Hand, SEATS, State};
use super::{audit, purchase};
use crate::error::{Error, Refusal, Result};
use crate::root::{Read, Write};
use crate::values::id::{EventId, OrderId};
use crate::values::{Money, Time, id};
use std::time::Duration;
use uuid::Uuid;

/// A transfer that is awaited, or came.
#[derive(Clone, Debug)]
pub struct Transfer {
    /// Onto which account.
    pub account: String,
    /// What is to be written on it.
    pub reference: String,
    /// Until when.
    pub due: Time,
}

/// How long a transfer is waited for.
const WAIT: Duration = Duration::from_hours(7 * 24);

/// How long before the first of its events it must have come: staff look at the account, and sell what did not come.
const BEFORE: Duration = Duration::from_hours(24);

/// Lets an order wait for a bank transfer of all that is due. Refused: one that is not held, nothing due, an address that is
/// neither proven nor logged in with, too late before the event, too many seats that wait so.
pub fn begin(tx: &Write, id: OrderId, buyer: &Buyer, account: &str) -> Result<()> {
    order::release(tx)?;
    let sale = purchase::get(tx, id)?;
    if sale.order.state != State::Held {
        return Err(Error::Refused(Refusal::NotHeld(sale.order.state.as_str())));
    }
    let amount = order::due(tx, id)?;
    if amount <= Money(0) {
        return Err(Error::Refused(Refusal::WrongAmount(amount)));
    }
    if of(tx, id)?.is_some() {
        return Ok(());
    }
    if !buyer.proven && buyer.hand == Hand::Anybody {
        return Err(Error::Refused(Refusal::ProofNeeded));
    }
    let due = last_moment(tx, id)?;
    if due <= tx.now() {
        return Err(Error::invalid("purchase", "it is too late for a bank transfer"));
    }
    tx.run(
        "INSERT INTO transfer (id, orders, amount, account, reference, due, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (id::random(), id, amount, account, format!("P{}", sale.no), due, tx.now()),
    )?;
    tx.run("UPDATE orders SET expires = max(expires, ?2) WHERE id = ?1", (id, due))?;
    if !buyer.is_sure() {
        check_share(tx, id)?;
    }
    audit::note(tx, "order.transfer", Some(id.0))
}

/// Until when money for an order may come. Changing the order makes it no later.
fn last_moment(tx: &Read, id: OrderId) -> Result<Time> {
    let sql = "SELECT coalesce(began, placed), (SELECT min(starts) FROM booking JOIN event ON event.id = event WHERE orders = ?1)
         FROM orders WHERE id = ?1";
    let (began, starts): (Time, Option<Time>) =
        tx.must(sql, [id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let due = began.plus(WAIT);
    Ok(starts.map_or(due, |starts| due.min(starts.minus(BEFORE))))
}

/// Refused where more than half of the seats of an event of this order wait for transfers.
fn check_share(tx: &Read, id: OrderId) -> Result<()> {
    let sql = format!(
        "SELECT coalesce(sum(quantity - returned), 0) FROM transfer JOIN orders ON orders.id = transfer.orders
             JOIN booking ON booking.orders = orders.id JOIN line ON line.booking = booking.id
         WHERE state = 'held' AND booking.event = ?1 AND {SEATS}"
    );
    let of_order =
        "SELECT event, gauge FROM booking JOIN event ON event.id = event WHERE orders = ?1";
    let events: Vec<(EventId, u32)> =
        tx.all(of_order, [id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (event, gauge) in events {
        let waits: i64 = tx.one(&sql, [event], |row| row.get(0))?;
        if waits > i64::from(gauge.div_ceil(2)) {
            return Err(Error::Refused(Refusal::TooMany("awaited transfers")));
        }
    }
    Ok(())
}

/// The transfer of an order: its id, how much, and how.
pub(super) fn of(tx: &Read, id: OrderId) -> Result<Option<(Uuid, Money, Transfer)>> {
    let sql = "SELECT id, amount, account, reference, due FROM transfer WHERE orders = ?1";
    tx.maybe(sql, [id], |row| {
        let transfer = Transfer { account: row.get(2)?, reference: row.get(3)?, due: row.get(4)? };
        Ok((row.get(0)?, row.get(1)?, transfer))
    })
}
