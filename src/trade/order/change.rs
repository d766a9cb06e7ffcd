//! Changing an order that is not paid yet: what it has goes back and what is wanted now is taken in one write, so that
//! nobody else gets a seat in between, and a change that is refused leaves the old order as it was.

use super::place::place_until;
use super::{Basket, Buyer, Hold, Order, State, back};
use crate::error::{Error, Refusal, Result};
use crate::root::Write;
use crate::trade::audit;
use crate::values::Email;
use crate::values::id::OrderId;

/// Puts another basket in the place of a held order: the order is cancelled, and one of the same buyer takes its place,
/// held no longer than it was. `proven` says whether the buyer has proven their e-mail. Refused: an order that is not
/// held, one towards which something was paid, and all that placing refuses.
pub fn change(tx: &Write, id: OrderId, proven: bool, basket: &Basket, hold: Hold) -> Result<Order> {
    back::release(tx)?;
    let old = super::get(tx, id)?;
    if old.state != State::Held {
        return Err(Error::Refused(Refusal::NotHeld(old.state.as_str())));
    }
    if tx.exists("SELECT 1 FROM payment WHERE orders = ?1", [id])? {
        return Err(Error::Refused(Refusal::PartlyPaid));
    }
    let email = Email::parse(&old.email);
    let email = email.ok_or_else(|| Error::internal("an order whose e-mail is none"))?;
    back::end_unpaid(tx, id, None)?;
    audit::note(tx, "order.change", Some(id.0))?;
    place_until(tx, &Buyer { account: old.account, email, proven }, basket, |total| {
        hold.until(tx.now(), total).min(old.expires)
    })
}
