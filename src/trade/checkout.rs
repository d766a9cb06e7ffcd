//! Checkouts: how an order is paid online. One is written down with its order, before Stripe is asked for a page to pay
//! at, and is decided by what Stripe says of that page, whoever brings the word: its event, the buyer's return, our job.
//!
//! What must stay true: a page pays its order once; what Stripe says is believed only for the same order, amount and
//! currency; what came in and could not be kept goes back. Nobody here asks Stripe.

use super::order::{self, Line, Order};
use super::outbox::{self, Kind};
use super::{audit, stripe_refund};
use crate::error::{OnConflict as _, Refusal, Result};
use crate::root::{Errand, Read, Write};
use crate::values::id::{AccountId, BookingId, OrderId, PaymentId, PriceId};
use crate::values::{Money, Time};
use rusqlite::Row;
use std::time::Duration;

crate::values::letters! {
    /// How a checkout stands.
    State {
        /// Stripe is being asked for a page.
        Asked = "asked",
        /// The page is there.
        Open = "open",
        /// Paid, and what was bought is the buyer's.
        Paid = "paid",
        /// Paid too late or twice: the money goes back.
        Returned = "returned",
        /// Not paid in time.
        Expired = "expired",
        /// There never was a page.
        Failed = "failed",
    }
}

/// A checkout.
#[derive(Clone, Debug)]
pub struct Checkout {
    /// Its id, and that of the payment that it becomes.
    pub id: PaymentId,
    /// What it pays.
    pub order: OrderId,
    /// How much.
    pub amount: Money,
    /// Three letters.
    pub currency: String,
    /// How it stands.
    pub state: State,
    /// Where the buyer goes afterwards.
    pub return_to: String,
    /// Until when the page can be paid at.
    pub ends: Time,
    /// Stripe's name for the page.
    pub session: Option<String>,
    /// The page.
    pub url: Option<String>,
    /// How often our job has looked at it.
    pub looks: u32,
}

const COLUMNS: &str = "id, orders, amount, currency, state, return_to, ends, session, url, looks";

fn row(row: &Row<'_>) -> rusqlite::Result<Checkout> {
    Ok(Checkout {
        id: row.get(0)?,
        order: row.get(1)?,
        amount: row.get(2)?,
        currency: row.get(3)?,
        state: row.get(4)?,
        return_to: row.get(5)?,
        ends: row.get(6)?,
        session: row.get(7)?,
        url: row.get(8)?,
        looks: row.get(9)?,
    })
}

/// Between the end of a page and the end of the hold: who pays in the last second is not too late.
const GRACE: Duration = Duration::from_secs(60);

/// Stripe's pages are open for half an hour at the least, by its clock, which may differ from ours; the hold must cover
/// that.
pub const SHORTEST_HOLD: Duration = Duration::from_secs(35 * 60);

/// And for a day at the most.
const LONGEST: Duration = Duration::from_secs(24 * 3_600 - 300);

/// How long after it was made our job looks at a checkout first, then after twice as long, and so on.
const FIRST_LOOK: Duration = Duration::from_secs(60);

/// The longest pause between two looks.
const LAST_LOOK: Duration = Duration::from_secs(3_600);

/// Writes down that an order which was just placed is to be paid online. `origin` is how the addresses of this host begin.
pub fn begin(tx: &Write, order: &Order, origin: &str) -> Result<PaymentId> {
    let id = PaymentId::new();
    begin_as(tx, id, order, &format!("{origin}/stripe/return/{id}"))
}

/// The same, under an id that is known already; `return_to` is where the buyer goes afterwards.
pub fn begin_as(tx: &Write, id: PaymentId, order: &Order, return_to: &str) -> Result<PaymentId> {
    let ends = order.expires.minus(GRACE).min(tx.now().plus(LONGEST));
    let look = tx.now().plus(FIRST_LOOK);
    tx.run(
        "INSERT INTO checkout (id, orders, amount, currency, state, return_to, ends, next_look, created)
         VALUES (?1, ?2, ?3, (SELECT currency FROM orders WHERE id = ?2), 'asked', ?4, ?5, ?6, ?7)",
        (id, order.id, order.total, return_to, ends, look, tx.now()),
    )?;
    tx.plan(Errand::Payment, look);
    Ok(id)
}

/// The checkout, or `NotFound`.
pub fn get(tx: &Read, id: PaymentId) -> Result<Checkout> {
    tx.must(&format!("SELECT {COLUMNS} FROM checkout WHERE id = ?1"), [id], row)
}

/// What Stripe is told of a checkout: the same however often it is asked.
#[derive(Clone, Debug)]
pub struct Asking {
    /// The checkout.
    pub checkout: Checkout,
    /// The buyer's address.
    pub email: String,
    /// The buyer.
    pub account: AccountId,
    /// What is bought.
    pub lines: Vec<Line>,
    /// The reservation that is paid.
    pub reservation: Option<BookingId>,
    /// The price of the membership that is paid.
    pub membership: Option<PriceId>,
}

/// All that Stripe is told of a checkout.
pub fn asking(tx: &Read, id: PaymentId) -> Result<Asking> {
    let checkout = get(tx, id)?;
    let (email, account) =
        tx.must("SELECT email, account FROM orders WHERE id = ?1", [checkout.order], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let lines = order::lines(tx, checkout.order)?;
    let first = "SELECT id FROM booking WHERE orders = ?1 ORDER BY id LIMIT 1";
    let reservation = tx.maybe(first, [checkout.order], |row| row.get(0))?;
    let first = "SELECT price FROM line WHERE orders = ?1 AND category = 'A' ORDER BY id LIMIT 1";
    let membership = tx.maybe(first, [checkout.order], |row| row.get(0))?;
    Ok(Asking { checkout, email, account, lines, reservation, membership })
}

/// Writes down the page that Stripe has made, and says how the checkout stands then: it may be over by now. Refused: a page
/// that another checkout has.
pub fn open(tx: &Write, id: PaymentId, session: &str, url: &str) -> Result<State> {
    tx.run(
        "UPDATE checkout SET state = 'open', session = ?2, url = ?3 WHERE id = ?1 AND state = 'asked'",
        (id, session, url),
    )
    .on_conflict("checkout.session", Refusal::SessionTaken)?;
    get(tx, id).map(|checkout| checkout.state)
}

/// Ends a checkout for which there is no page: what its order held is let go, and who asks again under the same key asks
/// anew.
pub fn fail(tx: &Write, id: PaymentId) -> Result<()> {
    let checkout = get(tx, id)?;
    if checkout.state != State::Asked {
        return Ok(());
    }
    decide(tx, id, State::Failed)?;
    tx.run("DELETE FROM answered WHERE checkout = ?1", [id])?;
    order::let_go(tx, checkout.order, order::State::Cancelled)?;
    audit::note(tx, "checkout.fail", Some(id.0))
}

fn decide(tx: &Write, id: PaymentId, state: State) -> Result<()> {
    tx.run(
        "UPDATE checkout SET state = ?2, next_look = NULL, settled = coalesce(settled, ?3) WHERE id = ?1",
        (id, state, tx.now()),
    )
    .map(drop)
}

/// What Stripe says of a page.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Stripe's name for it.
    pub session: &'a str,
    /// The order that we gave it to keep.
    pub order: Option<OrderId>,
    /// How much is paid at it.
    pub amount: Option<Money>,
    /// Three letters, in whatever case.
    pub currency: Option<&'a str>,
    /// How it stands.
    pub says: Says<'a>,
}

/// How Stripe says that a page stands.
#[derive(Clone, Copy, Debug)]
pub enum Says<'a> {
    /// The money has not come, and may yet.
    Unpaid,
    /// The money has come; by which payment intent.
    Paid(&'a str),
    /// Nobody can pay there any more.
    Over,
}

/// What became of a checkout by what Stripe said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Paid, just now.
    Paid,
    /// Was paid before.
    PaidBefore,
    /// The money goes back.
    Returned,
    /// Not paid yet.
    Waiting,
    /// Not paid, and not to be paid any more.
    Over,
    /// Stripe speaks of another order, amount or currency: nothing was changed.
    Mismatch,
}

impl From<State> for Outcome {
    fn from(state: State) -> Self {
        match state {
            State::Asked | State::Open => Self::Waiting,
            State::Paid => Self::PaidBefore,
            State::Returned => Self::Returned,
            State::Expired | State::Failed => Self::Over,
        }
    }
}

/// Decides a checkout by what Stripe says of its page; however often it is told, it happens once. `NotFound`: no page of
/// ours.
pub fn settle(tx: &Write, facts: &Facts<'_>) -> Result<(PaymentId, Outcome)> {
    // Between our asking and our writing down the page, Stripe knows it by its order alone.
    let sql = format!(
        "SELECT {COLUMNS} FROM checkout WHERE session = ?1 OR (session IS NULL AND orders = ?2)"
    );
    let checkout = tx.must(&sql, (facts.session, facts.order), row)?;
    let outcome = match (facts.says, checkout.state) {
        _ if !fits(facts, &checkout) => Outcome::Mismatch,
        (_, State::Paid) => Outcome::PaidBefore,
        (_, State::Returned) => Outcome::Returned,
        (Says::Paid(intent), _) => take(tx, &checkout, facts.session, intent)?,
        (_, State::Expired | State::Failed) => Outcome::Over,
        (Says::Unpaid, _) => Outcome::Waiting,
        (Says::Over, _) => {
            decide(tx, checkout.id, State::Expired)?;
            // Who has paid a part of it by other means keeps the hold as long as it was promised.
            if order::payments(tx, checkout.order)?.is_empty() {
                order::let_go(tx, checkout.order, order::State::Expired)?;
            }
            Outcome::Over
        }
    };
    Ok((checkout.id, outcome))
}

fn fits(facts: &Facts<'_>, checkout: &Checkout) -> bool {
    facts.order == Some(checkout.order)
        && facts.amount == Some(checkout.amount)
        && facts.currency.is_some_and(|one| one.eq_ignore_ascii_case(&checkout.currency))
}

/// Takes money that has come: the order is paid, or what it does not take goes back.
fn take(tx: &Write, checkout: &Checkout, session: &str, intent: &str) -> Result<Outcome> {
    // First, for what goes back is held against what came in here.
    tx.run(
        "UPDATE checkout SET state = 'paid', session = ?2, intent = ?3, next_look = NULL, settled = ?4 WHERE id = ?1",
        (checkout.id, session, intent, tx.now()),
    )?;
    let taken = order::take_online(tx, checkout.order, checkout.id, checkout.amount, intent)?;
    let surplus = Money(checkout.amount.0 - taken.written.0);
    if surplus > Money(0) {
        stripe_refund::queue(tx, checkout.id, None, surplus)?;
    }
    if taken.is_sold {
        return Ok(Outcome::Paid);
    }
    decide(tx, checkout.id, State::Returned)?;
    audit::note(tx, "checkout.return", Some(checkout.id.0))?;
    if taken.written > Money(0) {
        let order = order::get(tx, checkout.order)?;
        let about = Some(checkout.order.0);
        outbox::queue(tx, Kind::OrderCancelled, &order.email, order.account, about)?;
    }
    Ok(Outcome::Returned)
}

/// When the next checkout is to be looked at.
pub fn next(tx: &Read) -> Result<Option<Time>> {
    tx.one("SELECT min(next_look) FROM checkout", [], |row| row.get(0))
}

/// So many checkouts that are to be looked at now, those that wait longest first.
pub fn due(tx: &Read, limit: u32) -> Result<Vec<Checkout>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM checkout WHERE next_look <= ?1 ORDER BY next_look, id LIMIT ?2"
    );
    tx.all(&sql, (tx.now(), limit), row)
}

/// Is the order that a checkout pays still waiting for its money?
pub fn is_wanted(tx: &Read, checkout: &Checkout) -> Result<bool> {
    Ok(order::get(tx, checkout.order)?.state == order::State::Held)
}

/// Looks again later: ever more rarely, and at the end of the page once more.
pub fn postpone(tx: &Write, id: PaymentId) -> Result<()> {
    let checkout = get(tx, id)?;
    let later = tx.now().plus(pause(checkout.looks.saturating_add(1)));
    let at = if checkout.ends > tx.now() { later.min(checkout.ends) } else { later };
    tx.run(
        "UPDATE checkout SET looks = looks + 1, next_look = ?2 WHERE id = ?1 AND next_look IS NOT NULL",
        (id, at),
    )
    .map(drop)
}

fn pause(looks: u32) -> Duration {
    (FIRST_LOOK * (1 << looks.min(8))).min(LAST_LOOK)
}

/// Lets the checkout of an order be looked at as soon as can be: something else has become of the order.
pub(super) fn nudge(tx: &Write, order: OrderId) -> Result<()> {
    let sql = "UPDATE checkout SET next_look = ?2 WHERE orders = ?1 AND state = 'open'";
    if tx.run(sql, (order, tx.now()))? > 0 {
        tx.plan(Errand::Payment, tx.now());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkout_is_looked_at_ever_more_rarely() {
        let pauses: Vec<u64> = (0..10).map(|looks| pause(looks).as_secs()).collect();
        assert_eq!(pauses, [60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600, 3_600]);
    }
}
