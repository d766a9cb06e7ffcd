//! Money that goes back. A refund is a row that is never rewritten; what was noted as owed is handed over once, in a row
//! of its own.

use super::Means;
use crate::error::{Error, Refusal, Result};
use crate::root::{Read, Write};
use crate::trade::{Page, audit};
use crate::values::id::{OrderId, RefundId};
use crate::values::{Money, Time};
use rusqlite::Row;

/// Money that goes back, or is owed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Its id.
    pub id: RefundId,
    /// Of which order.
    pub order: OrderId,
    /// The buyer's address.
    pub email: String,
    /// How; of what is owed, how it came in.
    pub means: Means,
    /// How much.
    pub amount: Money,
    /// Noted, not handed over yet.
    pub owed: bool,
    /// Why.
    pub reason: String,
    /// When it was written down.
    pub created: Time,
    /// How what was owed was handed over.
    pub settled: Option<Settled>,
}

/// How and when what was owed was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// How.
    pub means: Means,
    /// When.
    pub at: Time,
}

const COLUMNS: &str = "refund.id AS id, refund.orders AS orders, orders.email AS email, refund.means AS means,
    refund.amount AS amount, refund.owed AS owed, refund.reason AS reason, refund.created AS created,
    refund_settled.means AS settled_by, refund_settled.created AS settled_at
    FROM refund JOIN orders ON orders.id = refund.orders LEFT JOIN refund_settled ON refund_settled.refund = refund.id";

fn row(row: &Row<'_>) -> rusqlite::Result<Refund> {
    let settled = match row.get("settled_by")? {
        Some(means) => Some(Settled { means, at: row.get("settled_at")? }),
        None => None,
    };
    Ok(Refund {
        id: row.get("id")?,
        order: row.get("orders")?,
        email: row.get("email")?,
        means: row.get("means")?,
        amount: row.get("amount")?,
        owed: row.get("owed")?,
        reason: row.get("reason")?,
        created: row.get("created")?,
        settled,
    })
}

/// What went back of an order, or is owed, oldest first.
pub fn refunds(tx: &Read, order: OrderId) -> Result<Vec<Refund>> {
    let sql =
        format!("SELECT {COLUMNS} WHERE refund.orders = ?1 ORDER BY refund.created, refund.id");
    tx.all(&sql, [order], row)
}

/// What went back of an order or is on its way, and what is owed until somebody hands it over.
pub fn way_back(tx: &Read, order: OrderId) -> Result<(Money, Money)> {
    let sql = "SELECT coalesce(sum(iif(by_hand, 0, amount)), 0), coalesce(sum(iif(by_hand, amount, 0)), 0)
         FROM (SELECT amount, owed = 1 AND NOT EXISTS
             (SELECT 1 FROM stripe_refund WHERE refund = refund.id AND state = 'waiting') AS by_hand
             FROM refund WHERE orders = ?1)";
    tx.one(sql, [order], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// The refund, or `NotFound`.
pub fn refund(tx: &Read, id: RefundId) -> Result<Refund> {
    tx.must(&format!("SELECT {COLUMNS} WHERE refund.id = ?1"), [id], row)
}

/// All refunds, those that are owed, or those that are not, oldest first: who waits longest is served first.
pub fn list_refunds(tx: &Read, owed: Option<bool>, page: Page) -> Result<Vec<Refund>> {
    // Said as a literal: only so it is found by what is owed, and not by reading all there ever was.
    let which = match owed {
        None => "",
        Some(true) => "WHERE refund.owed = 1",
        Some(false) => "WHERE refund.owed = 0",
    };
    let sql =
        format!("SELECT {COLUMNS} {which} ORDER BY refund.created, refund.id LIMIT ?1 OFFSET ?2");
    tx.all(&sql, (page.limit, page.offset), row)
}

/// Writes down that what was owed has been handed over, by hand. Refused: what is not owed, or not any more.
pub fn settle_refund(tx: &Write, id: RefundId, means: Means) -> Result<Refund> {
    // What is on its way through Stripe must not be handed over as well.
    let on_its_way = "SELECT 1 FROM stripe_refund WHERE refund = ?1 AND state = 'waiting'";
    if !refund(tx, id)?.owed || tx.exists(on_its_way, [id])? {
        return Err(Error::Refused(Refusal::NotOwed));
    }
    hand_over(tx, id, means, None)?;
    refund(tx, id)
}

/// Writes down that what was owed was given back at Stripe by hand, under Stripe's name for it.
pub(super) fn settle_at_stripe(tx: &Write, id: RefundId, reference: &str) -> Result<()> {
    hand_over(tx, id, Means::Stripe, Some(reference))
}

fn hand_over(tx: &Write, id: RefundId, means: Means, reference: Option<&str>) -> Result<()> {
    tx.run(
        "INSERT INTO refund_settled (refund, means, actor, created, reference) VALUES (?1, ?2, ?3, ?4, ?5)",
        (id, means, tx.by().as_text(), tx.now(), reference),
    )?;
    tx.run("UPDATE refund SET owed = 0 WHERE id = ?1", [id])?;
    audit::note(tx, "refund.settle", Some(id.0))
}
