//! What fees make of a basket. They are reckoned on what a code leaves of the price; VAT then is reckoned from all that is
//! paid, fees included, at the rate of the line.

use super::basket::Known;
use super::quote::{rate, vat_within};
use crate::error::{Error, Refusal, Result};
use crate::root::{Read, Till};
use crate::trade::fee::{self, Part, Split};
use crate::trade::price::Price;
use crate::trade::product::{self, Category};
use crate::values::Money;
use crate::values::id::EventId;

/// Adds to each piece what its buyer pays on top, and notes what is withheld of it.
pub(super) fn charge(tx: &Read, till: &Till, known: &mut [Known<'_>]) -> Result<Option<Once>> {
    let events = known.iter().filter_map(|one| one.item.event);
    let fees = fee::counting(tx, till, events, known.iter().map(|one| one.price.id))?;
    let mut base = 0_i64;
    for one in known {
        base = base.saturating_add(one.total()?.0);
        let charges = fee::charges(&fees, one.item.event, one.price.id, one.is_ticket());
        let (split, parts) = fee::reckon_parts(one.unit, charges);
        (one.unit, one.fee, one.withheld, one.parts) =
            (split.incl_fee, split.fee, split.withheld(), parts);
    }
    Ok(once(&fees, Money(base.min(Money::MAX.0))))
}

/// What is taken once of a purchase.
pub(super) struct Once {
    /// What its buyer pays.
    pub(super) fee: Money,
    /// What the organizer bears.
    pub(super) withheld: Money,
    /// The VAT in what its buyer pays.
    pub(super) vat_rate: u16,
    /// What each fee comes to.
    pub(super) parts: Vec<Part>,
}

/// Reckons what is taken once, on what all pieces cost without fees. The VAT is that of the first fee.
fn once(fees: &fee::Fees<'_>, base: Money) -> Option<Once> {
    let vat_rate = fee::of_purchase(fees).next()?.1;
    let (split, parts) = fee::reckon_parts(base, fee::of_purchase(fees).map(|(charge, _)| charge));
    (!parts.is_empty()).then(|| Once {
        fee: split.fee,
        withheld: split.withheld(),
        vat_rate,
        parts,
    })
}

/// What one piece of a price costs without a code, and the VAT in it. `amount`: what a buyer chooses, where the price lets
/// them; without an event, its fees are left out. Refused: a price that is not sold there, an amount that may not be chosen.
pub fn detail(
    tx: &Read,
    price: &Price,
    event: Option<EventId>,
    amount: Option<Money>,
    till: &Till,
) -> Result<(Split, Money)> {
    if let Some(event) = event {
        let attached = "SELECT 1 FROM event_product WHERE event = ?1 AND product = ?2";
        if !tx.exists(attached, (event, price.product))? {
            return Err(Error::Refused(Refusal::NotSold));
        }
    }
    let base = price.unit(amount)?;
    let category = product::get(tx, price.product)?.category;
    let is_ticket = matches!(category, Category::Ticket | Category::FreeBooking);
    let fees = fee::counting(tx, till, event.into_iter(), std::iter::once(price.id))?;
    let split = fee::reckon(base, fee::charges(&fees, event, price.id, is_ticket));
    Ok((split, vat_within(split.incl_fee, rate(price.vat))))
}
