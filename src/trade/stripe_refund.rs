//! Money on its way back through Stripe. A row is written in the transaction that owes it; sending is a job's work.
//!
//! What must stay true: of one checkout no more goes back than was paid there; one that failed is tried again, ever more
//! rarely, and given up in the end, where people see it.

use super::audit;
use crate::error::Result;
use crate::root::{Errand, Read, Write};
use crate::values::id::{OrderId, PaymentId, RefundId, StripeRefundId};
use crate::values::{Money, Time};
use rusqlite::Row;
use std::time::Duration;

/// A refund to be sent.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Its id, by which Stripe knows whether it was asked for before.
    pub id: StripeRefundId,
    /// The refund that it hands over; none for what an order did not have to get.
    pub refund: Option<RefundId>,
    /// By what was paid.
    pub intent: String,
    /// How much goes back.
    pub amount: Money,
    /// How often it was tried.
    pub attempts: u32,
}

/// Lets an amount go back to where it came from.
pub(super) fn queue(
    tx: &Write,
    checkout: PaymentId,
    refund: Option<RefundId>,
    amount: Money,
) -> Result<()> {
    tx.run(
        "INSERT INTO stripe_refund (id, checkout, refund, amount, next_try, created) VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
        (StripeRefundId::new(), checkout, refund, amount, tx.now()),
    )?;
    tx.plan(Errand::Payment, tx.now());
    Ok(())
}

/// The checkout by which an order was paid, and how much of it has not gone back.
pub(super) fn left(tx: &Read, order: OrderId) -> Result<Option<(PaymentId, Money)>> {
    let sql = "SELECT id, amount - (SELECT coalesce(sum(amount), 0) FROM stripe_refund WHERE checkout = checkout.id)
         FROM checkout WHERE orders = ?1 AND intent IS NOT NULL";
    tx.maybe(sql, [order], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Writes down what was given back at Stripe without us, as what it has taken on just now.
pub(super) fn made(
    tx: &Write,
    checkout: PaymentId,
    refund: RefundId,
    amount: Money,
    reference: &str,
) -> Result<()> {
    tx.run(
        "INSERT INTO stripe_refund (id, checkout, refund, amount, state, next_try, reference, created, settled)
         VALUES (?1, ?2, ?3, ?4, 'sent', ?5, ?6, ?5, ?5)",
        (StripeRefundId::new(), checkout, refund, amount, tx.now(), reference),
    )
    .map(drop)
}

/// Is a refund of this name written down, or will it be: under the id that it was asked for?
pub(super) fn is_known(tx: &Read, reference: &str, asked: Option<StripeRefundId>) -> Result<bool> {
    let sql = "SELECT 1 FROM stripe_refund WHERE reference = ?1 OR (id = ?2 AND state = 'waiting')
         UNION ALL SELECT 1 FROM refund_settled WHERE reference = ?1";
    tx.exists(sql, (reference, asked))
}

/// A refund of this amount that was given up and is owed still.
pub(super) fn given_up(tx: &Read, checkout: PaymentId, amount: Money) -> Result<Option<RefundId>> {
    let sql = "SELECT refund.id FROM stripe_refund JOIN refund ON refund.id = refund
         WHERE checkout = ?1 AND stripe_refund.amount = ?2 AND state = 'given_up' AND owed = 1
         ORDER BY stripe_refund.created, stripe_refund.id LIMIT 1";
    tx.maybe(sql, (checkout, amount), |row| row.get(0))
}

/// A refund of this amount that is still to be sent.
pub(super) fn waiting(tx: &Read, checkout: PaymentId, amount: Money) -> Result<Option<Waiting>> {
    let sql = format!(
        "{WAITING} AND checkout = ?1 AND stripe_refund.amount = ?2
         ORDER BY stripe_refund.created, stripe_refund.id LIMIT 1"
    );
    tx.maybe(&sql, (checkout, amount), waiting_row)
}

const WAITING: &str = "SELECT stripe_refund.id, refund, intent, stripe_refund.amount, attempts
     FROM stripe_refund JOIN checkout ON checkout.id = checkout WHERE stripe_refund.state = 'waiting'";

fn waiting_row(row: &Row<'_>) -> rusqlite::Result<Waiting> {
    Ok(Waiting {
        id: row.get(0)?,
        refund: row.get(1)?,
        intent: row.get(2)?,
        amount: row.get(3)?,
        attempts: row.get(4)?,
    })
}

/// When the next refund may be tried.
pub fn next(tx: &Read) -> Result<Option<Time>> {
    let sql = "SELECT min(next_try) FROM stripe_refund WHERE state = 'waiting'";
    tx.one(sql, [], |row| row.get(0))
}

/// So many refunds that may be tried now, those that wait longest first.
pub fn due(tx: &Read, limit: u32) -> Result<Vec<Waiting>> {
    let sql = format!("{WAITING} AND next_try <= ?1 ORDER BY next_try, stripe_refund.id LIMIT ?2");
    tx.all(&sql, (tx.now(), limit), waiting_row)
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Stripe has taken it on, under this name.
    Sent(String),
    /// Not now; in whose words.
    Later(String),
    /// Never; in whose words.
    Never(String),
}

/// Tries of a refund, before it is given up: some five days.
const TRIES: u32 = 20;

/// How long to wait after so many tries: a minute, and each time twice as long, up to twelve hours.
fn pause(attempts: u32) -> Duration {
    Duration::from_secs(60 << attempts.saturating_sub(1).min(10)).min(Duration::from_secs(43_200))
}

/// Writes down how a try ended. What Stripe has taken on is owed no more; what was given up stays owed. Says whether it
/// was given up.
pub fn note(tx: &Write, waiting: &Waiting, outcome: &Outcome) -> Result<bool> {
    let attempts = waiting.attempts.saturating_add(1);
    let (state, reference, error) = match outcome {
        Outcome::Sent(reference) => ("sent", Some(reference), None),
        Outcome::Later(why) if attempts < TRIES => ("waiting", None, Some(why)),
        Outcome::Later(why) | Outcome::Never(why) => ("given_up", None, Some(why)),
    };
    let settled = (state != "waiting").then(|| tx.now());
    let changed = tx.run(
        "UPDATE stripe_refund SET state = ?2, attempts = ?3, error = ?4, next_try = ?5, settled = ?6, reference = ?7
         WHERE id = ?1 AND state = 'waiting'",
        (waiting.id, state, attempts, error, tx.now().plus(pause(attempts)), settled, reference),
    )?;
    if changed == 0 || state == "waiting" {
        return Ok(false);
    }
    let given_up = state == "given_up";
    if !given_up {
        tx.run("UPDATE refund SET owed = 0 WHERE id = ?1", [waiting.refund])?;
    }
    let action = if given_up { "refund.give_up" } else { "refund.send" };
    audit::note(tx, action, Some(waiting.id.0))?;
    Ok(given_up)
}

/// A refund that Stripe had taken on came to nothing: it is owed again, by hand. `NotFound`: none of ours. Says whether
/// that is news.
pub fn fail(tx: &Write, id: StripeRefundId) -> Result<bool> {
    let sql = "SELECT refund, state FROM stripe_refund WHERE id = ?1";
    let (refund, state): (Option<RefundId>, String) =
        tx.must(sql, [id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if state != "sent" {
        return Ok(false);
    }
    tx.run(
        "UPDATE stripe_refund SET state = 'given_up', failed = ?2 WHERE id = ?1",
        (id, tx.now()),
    )?;
    tx.run("UPDATE refund SET owed = 1 WHERE id = ?1", [refund])?;
    audit::note(tx, "refund.fail", Some(id.0))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refund_is_tried_for_some_days_and_ever_more_rarely() {
        let pauses: Vec<u64> = (1..TRIES).map(|n| pause(n).as_secs()).collect();
        assert!(pauses.is_sorted());
        assert_eq!(pauses[0], 60);
        assert!((4..=7).contains(&(pauses.iter().sum::<u64>() / 86_400)));
    }
}
