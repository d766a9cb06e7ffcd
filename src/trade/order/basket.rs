//! What somebody wants to buy at once, and what is known of it: prices and products as they are now, and what a piece of
//! each costs this buyer.

use crate::error::{Error, Refusal, Result};
use crate::root::{Read, Till};
use crate::trade::fee::Part;
use crate::trade::membership::Claim;
use crate::trade::price::{self, Price};
use crate::trade::product::{self, Category, Product};
use crate::values::id::{AccountId, EventId, OptionId, PriceId};
use crate::values::{Email, Money, Time};
use std::time::Duration;

/// Who buys for an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// Somebody who typed it.
    Anybody,
    /// Whose it is: logged in, or with the link of a letter.
    Owner,
    /// Somebody who is logged in with a password that was chosen for it before anybody had proven it.
    Claimant,
    /// Staff.
    Staff,
}

/// Who buys.
#[derive(Clone, Debug)]
pub struct Buyer {
    /// Their account.
    pub account: AccountId,
    /// The address that they gave.
    pub email: Email,
    /// Has proven that the address is theirs.
    pub proven: bool,
    /// On what it rests that they are who they say, where a price is for members.
    pub claims: Claim,
    /// They have said who they are. Who has not is written down under an id that is nobody's: nothing is opened for them,
    /// and no letter goes out.
    pub named: bool,
    /// Who acts for them: only the owner and staff take what is kept for them, and what is free without a click.
    pub hand: Hand,
}

impl Buyer {
    /// Has nothing to prove any more.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        self.proven && self.hand != Hand::Anybody
    }
}

/// How long what is ordered is held.
#[derive(Clone, Copy, Debug)]
pub struct Hold {
    /// For its payment.
    pub payment: Duration,
    /// For its buyer to prove the e-mail, where nothing is to be paid.
    pub proof: Duration,
    /// What a page to pay at needs of it at the least; nothing where nobody pays online.
    pub page: Duration,
}

impl Hold {
    /// Until when an order is held that is placed now and costs so much.
    #[must_use]
    pub fn until(self, now: Time, total: Money) -> Time {
        now.plus(if total == Money(0) { self.proof } else { self.payment })
    }

    /// Until when an order is held that takes the place of one now: no longer than that one was, but for as long as a page
    /// to pay at needs. `began` is when the first order of them all was placed, and bounds it: a page more than a hold, and
    /// nobody keeps seats by changing for ever. Refused: no page fits any more.
    pub(super) fn until_changed(
        self,
        now: Time,
        total: Money,
        old: Time,
        began: Time,
    ) -> Result<Time> {
        let kept = self.until(now, total).min(old);
        let least = now.plus(self.page);
        if total == Money(0) || kept >= least {
            return Ok(kept);
        }
        match least <= began.plus(self.payment).plus(self.page) {
            true => Ok(least),
            false => Err(Error::Refused(Refusal::ChangeTooLate)),
        }
    }
}

/// Whose name is on a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
}

/// So many of one price, for an event or not.
#[derive(Clone, Debug)]
pub struct Item {
    /// The event that it opens.
    pub event: Option<EventId>,
    /// The price.
    pub price: PriceId,
    /// How many.
    pub quantity: u16,
    /// One for each ticket.
    pub holders: Vec<Holder>,
    /// What the buyer chose to pay for each, where the price lets them; without it the least.
    pub amount: Option<Money>,
}

/// What somebody wants to buy at once.
#[derive(Clone, Debug, Default)]
pub struct Basket {
    /// What it holds.
    pub items: Vec<Item>,
    /// Options that were chosen with an event.
    pub options: Vec<(EventId, OptionId)>,
    /// Tickets go out by mail.
    pub to_mail: bool,
    /// What takes something off.
    pub code: Option<String>,
    /// Where it is sold.
    pub till: Till,
}

/// An item with what is known of it.
pub(super) struct Known<'a> {
    pub(super) item: &'a Item,
    pub(super) price: Price,
    pub(super) product: Product,
    /// What each piece costs this buyer, VAT and fees included.
    pub(super) unit: Money,
    /// What a promotion took off each piece.
    pub(super) discount: Money,
    /// What fees add to each piece.
    pub(super) fee: Money,
    /// What of fees the organizer bears for each piece.
    pub(super) withheld: Money,
    /// What each fee comes to for a piece.
    pub(super) parts: Vec<Part>,
}

impl Known<'_> {
    pub(super) fn is_seat(&self) -> bool {
        self.item.event.is_some() && self.is_ticket()
    }

    pub(super) const fn is_ticket(&self) -> bool {
        matches!(self.product.category, Category::Ticket | Category::FreeBooking)
    }

    pub(super) fn total(&self) -> Result<Money> {
        let total = self.unit.0.checked_mul(i64::from(self.item.quantity));
        total.map(Money).ok_or_else(|| Error::internal("an amount that fits no integer"))
    }
}

/// Looks up what a basket holds. Refused: what is not sold, an amount that the price does not leave to its buyer or that
/// is below its least, nothing at all.
pub(super) fn known<'a>(tx: &Read, basket: &'a Basket) -> Result<Vec<Known<'a>>> {
    let mut known: Vec<Known<'a>> = vec![];
    for item in &basket.items {
        let price = price::get(tx, item.price).map_err(not_sold)?;
        let product = product::get(tx, price.product).map_err(not_sold)?;
        let unit = price.unit(item.amount)?;
        let none = Money(0);
        known.push(Known {
            item,
            price,
            product,
            unit,
            discount: none,
            fee: none,
            withheld: none,
            parts: vec![],
        });
    }
    if known.is_empty() {
        return Err(Error::Refused(Refusal::NothingChosen));
    }
    Ok(known)
}

/// What is not there is not sold; any other fault stays what it is.
fn not_sold(error: Error) -> Error {
    match error {
        Error::NotFound => Error::Refused(Refusal::NotSold),
        other => other,
    }
}
