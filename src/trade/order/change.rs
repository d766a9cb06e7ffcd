//! Changing an order that is not paid yet: what it has goes back and what is wanted now is taken in one write, so that
//! nobody else gets a seat in between, and a change that is refused leaves the old order as it was.

use super::place::place_until;
use super::{Basket, Buyer, Hold, Order, State, back};
use crate::error::{Error, Refusal, Result};
use crate::root::Write;
use crate::trade::audit;
use crate::values::Time;
use crate::values::id::OrderId;

/// Puts another basket in the place of a held order: the order is cancelled, and one of the same buyer takes its place,
/// held no longer than it was, or than a page to pay at needs. Refused: an order of somebody else, one that is not held,
/// one towards which something was paid, one that was changed for too long to be paid online, and all that placing refuses.
pub fn change(
    tx: &Write,
    id: OrderId,
    buyer: &Buyer,
    basket: &Basket,
    hold: Hold,
) -> Result<Order> {
    if super::get(tx, id)?.account != buyer.account {
        return Err(Error::NotFound);
    }
    replace(tx, id, buyer, basket, hold)
}

/// The same, also for another buyer: who holds what opens the order has been asked for it.
pub fn replace(
    tx: &Write,
    id: OrderId,
    buyer: &Buyer,
    basket: &Basket,
    hold: Hold,
) -> Result<Order> {
    back::release(tx)?;
    let old = super::get(tx, id)?;
    if old.state != State::Held {
        return Err(Error::Refused(Refusal::NotHeld(old.state.as_str())));
    }
    if tx.exists("SELECT 1 FROM payment WHERE orders = ?1", [id])? {
        return Err(Error::Refused(Refusal::PartlyPaid));
    }
    let sql = "SELECT coalesce(began, placed) FROM orders WHERE id = ?1";
    let began: Time = tx.one(sql, [id], |row| row.get(0))?;
    back::end_unpaid(tx, id, None)?;
    audit::note(tx, "order.change", Some(id.0))?;
    let expires = |total| hold.until_changed(tx.now(), total, old.expires, began);
    let changed = place_until(tx, buyer, basket, expires)?;
    tx.run("UPDATE orders SET began = ?2 WHERE id = ?1", (changed.id, began))?;
    Ok(changed)
}
