//! Money that comes from elsewhere in its own time: the order takes what it waits for, is held anew when it had run out
//! and what it had is still free, and otherwise has it written down and given back. So it has what comes for an evening
//! that was taken away.

use super::back::{self, Way};
use super::{Means, Order, SEATS, State, pay};
use crate::error::Result;
use crate::root::{Read, Write};
use crate::trade::{audit, event};
use crate::values::Money;
use crate::values::id::{OrderId, PaymentId};
use std::time::Duration;

/// What an order did with money that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::trade) struct Taken {
    /// So much of it is written down as paid; the rest the order does not know.
    pub(in crate::trade) written: Money,
    /// What was bought is the buyer's by it.
    pub(in crate::trade) is_sold: bool,
}

/// How long an order is held anew: as long as this write.
const MOMENT: Duration = Duration::from_secs(1);

/// Takes money that was paid online, as the payment of this id.
pub(in crate::trade) fn take_online(
    tx: &Write,
    order: OrderId,
    id: PaymentId,
    amount: Money,
    reference: &str,
) -> Result<Taken> {
    back::release(tx)?;
    let found = super::get(tx, order)?;
    if found.state == State::Expired {
        // It may be one that was not given back yet.
        back::let_go(tx, order, State::Expired)?;
    }
    let off = back::is_off(tx, order)?;
    if off && found.state == State::Held {
        back::let_go(tx, order, State::Cancelled)?;
    }
    match found.state {
        State::Paid | State::Refunded => Ok(Taken { written: Money(0), is_sold: false }),
        State::Held if !off => keep(tx, order, id, amount, reference),
        State::Expired if is_free(tx, &found)? => {
            hold_anew(tx, order)?;
            keep(tx, order, id, amount, reference)
        }
        State::Held | State::Expired | State::Cancelled => {
            pay::write(tx, id, order, Means::Stripe, amount, Some(reference))?;
            let way = Way { means: Means::Stripe, owed: true, amount };
            back::write_refund(tx, order, way, "late")?;
            audit::note(tx, "order.late", Some(order.0))?;
            Ok(Taken { written: amount, is_sold: false })
        }
    }
}

fn keep(
    tx: &Write,
    order: OrderId,
    id: PaymentId,
    amount: Money,
    reference: &str,
) -> Result<Taken> {
    let written = amount.min(pay::due(tx, order)?);
    pay::pay_as(tx, id, order, Means::Stripe, written, Some(reference))?;
    Ok(Taken { written, is_sold: true })
}

/// Is all that an order had still free, and may its buyer still have it? What was paid towards it has been given back,
/// so then it is not.
fn is_free(tx: &Read, order: &Order) -> Result<bool> {
    if tx.exists("SELECT 1 FROM payment WHERE orders = ?1", [order.id])? {
        return Ok(false);
    }
    // Seats, for all and for one person, and that the evening takes place and is not over.
    let seats = format!(
        "SELECT 1 FROM event JOIN (SELECT event AS id, sum(iif({SEATS}, quantity, 0)) AS seats
             FROM line WHERE orders = ?1 AND event IS NOT NULL GROUP BY event) AS wanted ON wanted.id = event.id
         WHERE taken + offered + seats > gauge OR published = 0 OR coalesce(ends, starts + ?4) <= ?3
            OR seats + (SELECT coalesce(sum(quantity - returned), 0) FROM line
                WHERE line.event = event.id AND account = ?2 AND returned < quantity AND {SEATS})
              > max_per_user"
    );
    let lasts = i64::try_from(event::LASTS.as_micros()).unwrap_or(i64::MAX);
    if tx.exists(&seats, (order.id, order.account, tx.now(), lasts))? {
        return Ok(false);
    }
    // Pieces, for all and for one person; of memberships those count that are not paid yet.
    let pieces = "SELECT 1 FROM (SELECT price AS id, event, sum(quantity) AS pieces FROM line WHERE orders = ?1
             GROUP BY price, event) AS wanted JOIN price ON price.id = wanted.id
         WHERE taken + (SELECT sum(quantity) FROM line WHERE orders = ?1 AND line.price = price.id) > stock
            OR pieces + (SELECT coalesce(sum(line.quantity - line.returned), 0) FROM line JOIN orders ON orders.id = line.orders
                WHERE line.account = ?2 AND line.price = price.id AND line.event IS wanted.event
                  AND line.returned < line.quantity AND (line.category <> 'A' OR orders.state = 'held')) > max_per_user";
    if tx.exists(pieces, (order.id, order.account))? {
        return Ok(false);
    }
    // A use of its code, in all and for this person.
    let code = "SELECT 1 FROM orders JOIN promotion ON promotion.id = orders.promotion
         WHERE orders.id = ?1 AND (used >= uses_max OR uses_per_person <= (SELECT count(*) FROM orders AS other
            WHERE other.promotion = promotion.id AND other.account = ?2 AND other.state IN ('paid', 'held')))";
    Ok(!tx.exists(code, (order.id, order.account))?)
}

/// Takes again what an order had, for its payment in this very write.
fn hold_anew(tx: &Write, order: OrderId) -> Result<()> {
    tx.run(
        "UPDATE orders SET state = 'held', settled = NULL, expires = ?2 WHERE id = ?1",
        (order, tx.now().plus(MOMENT)),
    )?;
    tx.run(
        "UPDATE price SET taken = taken + wanted.pieces
         FROM (SELECT price AS id, sum(quantity) AS pieces FROM line WHERE orders = ?1 GROUP BY price) AS wanted
         WHERE price.id = wanted.id",
        [order],
    )?;
    let seats = format!(
        "UPDATE event SET taken = taken + wanted.seats
         FROM (SELECT event AS id, sum(quantity) AS seats FROM line
               WHERE orders = ?1 AND event IS NOT NULL AND {SEATS} GROUP BY event) AS wanted
         WHERE event.id = wanted.id"
    );
    tx.run(&seats, [order])?;
    tx.run(
        "UPDATE ticket SET state = 'N' WHERE booking IN (SELECT id FROM booking WHERE orders = ?1)",
        [order],
    )?;
    tx.run("UPDATE line SET returned = 0 WHERE orders = ?1", [order])?;
    tx.run(
        "UPDATE promotion SET used = used + 1 WHERE id = (SELECT promotion FROM orders WHERE id = ?1)",
        [order],
    )?;
    audit::note(tx, "order.hold_anew", Some(order.0))
}
