//! Money in. An order is settled in the write in which its payments reach its total: tickets open, memberships begin.

use super::{Booking, Means, State, back};
use crate::error::{Error, Refusal, Result};
use crate::root::coming::set;
use crate::root::{Read, Write};
use crate::trade::hook::{self, Event};
use crate::trade::outbox::{self, Kind};
use crate::trade::{audit, checkout, membership, waiting};
use crate::values::id::{AccountId, BookingId, OrderId, PaymentId};
use crate::values::{Money, Time};
use rusqlite::Row;
use std::time::Duration;

/// Money that came in; never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// How it came.
    pub means: Means,
    /// How much.
    pub amount: Money,
    /// What it is known by elsewhere.
    pub reference: Option<String>,
    /// When.
    pub created: Time,
}

/// The payments of an order, oldest first.
pub(super) fn of_order(tx: &Read, order: OrderId) -> Result<Vec<Payment>> {
    let sql = format!("SELECT {COLUMNS} FROM payment WHERE orders = ?1 ORDER BY created, id");
    tx.all(&sql, [order], row)
}

/// The payments of the orders of these reservations, oldest first.
pub(super) fn of_bookings(tx: &Read, bookings: &[Booking]) -> Result<Vec<(OrderId, Payment)>> {
    of_orders(tx, &set(bookings.iter().map(|booking| booking.order.id.0)))
}

/// The payments of a set of orders, oldest first.
pub(super) fn of_orders(tx: &Read, ids: &str) -> Result<Vec<(OrderId, Payment)>> {
    let sql = format!(
        "SELECT {COLUMNS}, orders FROM payment
         WHERE orders IN (SELECT unhex(value) FROM json_each(?1)) ORDER BY created, id"
    );
    tx.all(&sql, [ids], |found| Ok((found.get("orders")?, row(found)?)))
}

const COLUMNS: &str = "id, means, amount, reference, created";

fn row(row: &Row<'_>) -> rusqlite::Result<Payment> {
    Ok(Payment {
        id: row.get("id")?,
        means: row.get("means")?,
        amount: row.get("amount")?,
        reference: row.get("reference")?,
        created: row.get("created")?,
    })
}

/// A payment and its order, or `NotFound`.
pub fn payment(tx: &Read, id: PaymentId) -> Result<(OrderId, Payment)> {
    let sql = format!("SELECT {COLUMNS}, orders FROM payment WHERE id = ?1");
    tx.must(&sql, [id], |found| Ok((found.get("orders")?, row(found)?)))
}

/// What is still to be paid of an order.
pub fn due(tx: &Read, order: OrderId) -> Result<Money> {
    let sql =
        "SELECT total - coalesce((SELECT sum(amount) FROM payment WHERE payment.orders = ?1), 0)
         FROM orders WHERE id = ?1";
    tx.must(sql, [order], |row| row.get(0))
}

/// Records a payment of a held order. Refused: an order that is not held any more, more than is due, nothing at all
/// where something is due.
pub fn pay(
    tx: &Write,
    order: OrderId,
    means: Means,
    amount: Money,
    reference: Option<&str>,
) -> Result<Payment> {
    pay_as(tx, PaymentId::new(), order, means, amount, reference)
}

/// Records a payment of a held order under an id that is known already.
pub(super) fn pay_as(
    tx: &Write,
    id: PaymentId,
    order: OrderId,
    means: Means,
    amount: Money,
    reference: Option<&str>,
) -> Result<Payment> {
    back::release(tx)?;
    let state = super::get(tx, order)?.state;
    if state != State::Held {
        return Err(Error::Refused(Refusal::NotHeld(state.as_str())));
    }
    let due = due(tx, order)?;
    if amount > due || (amount == Money(0) && due > Money(0)) || amount < Money(0) {
        return Err(Error::Refused(Refusal::WrongAmount(due)));
    }
    write(tx, id, order, means, amount, reference)?;
    audit::note(tx, "order.pay", Some(order.0))?;
    if amount == due {
        settle(tx, order)?;
    } else {
        // Who has paid a part is waited for: the seats are not sold to others a quarter of an hour later.
        let until = tx.now().plus(PART_PAID);
        tx.run("UPDATE orders SET expires = max(expires, ?2) WHERE id = ?1", (order, until))?;
    }
    let reference = reference.map(str::to_owned);
    Ok(Payment { id, means, amount, reference, created: tx.now() })
}

pub(super) fn write(
    tx: &Write,
    id: PaymentId,
    order: OrderId,
    means: Means,
    amount: Money,
    reference: Option<&str>,
) -> Result<()> {
    tx.run(
        "INSERT INTO payment (id, orders, means, amount, reference, actor, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (id, order, means, amount, reference, tx.by().as_text(), tx.now()),
    )?;
    if amount > Money(0) {
        hook::tell(tx, Event::Payment, id.0)?;
    }
    Ok(())
}

/// How long an order is held towards which a part was paid.
const PART_PAID: Duration = Duration::from_secs(7 * 24 * 3_600);

/// Settles the free orders that a person has held until now, having proven the address, which counts on waiting lists too,
/// and ends those for an evening that was taken away; how many were settled.
pub fn prove(tx: &Write, account: AccountId) -> Result<usize> {
    back::release(tx)?;
    waiting::prove(tx, account)?;
    let sql = "SELECT id FROM orders WHERE account = ?1 AND state = 'held' AND total = 0 AND expires > ?2";
    let held: Vec<OrderId> = tx.all(sql, (account, tx.now()), |row| row.get(0))?;
    let mut settled = 0;
    for order in held {
        if back::is_off(tx, order)? {
            back::let_go(tx, order, State::Cancelled)?;
        } else {
            pay(tx, order, Means::Free, Money(0), None)?;
            settled += 1;
        }
    }
    Ok(settled)
}

/// Opens what was bought, and lets its mail go out.
fn settle(tx: &Write, order: OrderId) -> Result<()> {
    let now = tx.now();
    tx.run("UPDATE orders SET state = 'paid', settled = ?2 WHERE id = ?1", (order, now))?;
    tx.run("UPDATE booking SET proven = 1, changed = ?2 WHERE orders = ?1", (order, now))?;
    tx.run(
        "UPDATE ticket SET state = 'K'
         WHERE state = 'N' AND booking IN (SELECT id FROM booking WHERE orders = ?1)",
        [order],
    )?;
    mail_tickets(tx, order)?;
    mail_goods(tx, order)?;
    let bookings: Vec<BookingId> =
        tx.all("SELECT id FROM booking WHERE orders = ?1", [order], |row| row.get(0))?;
    for booking in bookings {
        hook::tell(tx, Event::Booking, booking.0)?;
    }
    hook::tell(tx, Event::Purchase, order.0)?;
    membership::begin(tx, order)?;
    // Paid by other means, it must not be paid online as well.
    checkout::nudge(tx, order)
}

/// Lets the tickets of an order go out by mail, where the buyer wants that.
fn mail_tickets(tx: &Write, order: OrderId) -> Result<()> {
    let sql =
        "SELECT booking.id, account, email FROM booking JOIN orders ON orders.id = booking.orders
         WHERE orders.id = ?1 AND to_mail = 1
           AND EXISTS (SELECT 1 FROM ticket WHERE ticket.booking = booking.id AND state = 'K')";
    let bookings: Vec<(BookingId, AccountId, String)> =
        tx.all(sql, [order], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for (booking, account, email) in bookings {
        outbox::queue(tx, Kind::Tickets, &email, account, Some(booking.0))?;
    }
    Ok(())
}

/// Confirms an order of goods alone by mail: tickets and memberships have letters of their own.
fn mail_goods(tx: &Write, order: OrderId) -> Result<()> {
    let sql = "SELECT account, email FROM orders WHERE id = ?1 AND NOT EXISTS
         (SELECT 1 FROM line WHERE line.orders = orders.id AND category IN ('B', 'F', 'A'))";
    match tx.maybe(sql, [order], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))? {
        Some((account, email)) => {
            outbox::queue(tx, Kind::OrderPaid, &email, account, Some(order.0))
        }
        None => Ok(()),
    }
}

/// Lets the tickets of a reservation go out again. Refused: where none of them opens the door.
pub fn mail_again(tx: &Write, id: BookingId) -> Result<()> {
    let booking = super::booking(tx, id)?;
    if booking.order.state != State::Paid {
        return Err(Error::Refused(Refusal::NotHeld(booking.order.state.as_str())));
    }
    if booking.void {
        return Err(Error::Refused(Refusal::NotHeld(State::Refunded.as_str())));
    }
    let order = &booking.order;
    outbox::queue(tx, Kind::Tickets, &order.email, order.account, Some(id.0))?;
    audit::note(tx, "booking.mail", Some(id.0))
}
