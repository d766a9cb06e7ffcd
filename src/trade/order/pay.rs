//! Money in. An order is settled in the write in which its payments reach its total: tickets open, memberships begin.

use super::{Booking, Means, State, back};
use crate::error::{Error, Refusal, Result};
use crate::root::coming::set;
use crate::root::{Read, Write};
use crate::trade::{audit, membership};
use crate::values::id::{OrderId, PaymentId};
use crate::values::{Money, Time};
use rusqlite::Row;

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
    let sql = format!(
        "SELECT {COLUMNS}, orders FROM payment
         WHERE orders IN (SELECT unhex(value) FROM json_each(?1)) ORDER BY created, id"
    );
    let ids = set(bookings.iter().map(|booking| booking.order.id.0));
    tx.all(&sql, [ids], |found| Ok((found.get(5)?, row(found)?)))
}

const COLUMNS: &str = "id, means, amount, reference, created";

fn row(row: &Row<'_>) -> rusqlite::Result<Payment> {
    Ok(Payment {
        id: row.get(0)?,
        means: row.get(1)?,
        amount: row.get(2)?,
        reference: row.get(3)?,
        created: row.get(4)?,
    })
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
    back::release(tx)?;
    let state = super::get(tx, order)?.state;
    if state != State::Held {
        return Err(Error::Refused(Refusal::NotHeld(state.as_str())));
    }
    let due = due(tx, order)?;
    if amount > due || (amount == Money(0) && due > Money(0)) || amount < Money(0) {
        return Err(Error::Refused(Refusal::WrongAmount(due)));
    }
    let (id, now) = (PaymentId::new(), tx.now());
    tx.run(
        "INSERT INTO payment (id, orders, means, amount, reference, actor, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (id, order, means, amount, reference, tx.by().as_text(), now),
    )?;
    audit::note(tx, "order.pay", Some(order.0))?;
    if amount == due {
        settle(tx, order, means != Means::Free)?;
    }
    Ok(Payment { id, means, amount, reference: reference.map(str::to_owned), created: now })
}

/// Opens what was bought. Who has paid need not prove an address; who got it for nothing must.
fn settle(tx: &Write, order: OrderId, paid: bool) -> Result<()> {
    let now = tx.now();
    tx.run("UPDATE orders SET state = 'paid', settled = ?2 WHERE id = ?1", (order, now))?;
    tx.run(
        "UPDATE booking SET proven = proven OR ?2, changed = ?3 WHERE orders = ?1",
        (order, paid, now),
    )?;
    tx.run(
        "UPDATE ticket SET state = 'K'
         WHERE state = 'N' AND booking IN (SELECT id FROM booking WHERE orders = ?1 AND proven = 1)",
        [order],
    )?;
    membership::begin(tx, order)
}
