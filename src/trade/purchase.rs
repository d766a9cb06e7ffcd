//! A purchase: an order with its tickets and with the money that came or is awaited, as whoever bought looks at it; and
//! what is changed of it before it is paid.

use super::number;
use super::order::{self, Basket, Buyer, Hold, Holder, Item, Means, Order};
use super::ticket::{self, Ticket};
use super::transfer::{self, Transfer};
use crate::error::Result;
use crate::root::{Read, Till, Write};
use crate::values::id::{
    AccountId, DistributionId, EventId, OrderId, PaymentId, PriceId, TicketId,
};
use crate::values::{Money, Time};
use std::collections::HashMap;
use uuid::Uuid;

/// A purchase.
#[derive(Clone, Debug)]
pub struct Purchase {
    /// The order.
    pub order: Order,
    /// Its number.
    pub no: i64,
    /// What it is paid in.
    pub currency: String,
    /// Through which channel.
    pub distribution: Option<DistributionId>,
}

/// A ticket of a purchase.
#[derive(Clone, Debug)]
pub struct Held {
    /// The ticket.
    pub ticket: Ticket,
    /// Its number.
    pub no: i64,
    /// The price that it was sold at.
    pub price: PriceId,
    /// What it cost, fees included.
    pub unit: Money,
    /// When it was first let in.
    pub scanned: Option<Time>,
}

/// Money for a purchase.
#[derive(Clone, Debug)]
pub struct Paid {
    /// Its number.
    pub no: i64,
    /// How much.
    pub amount: Money,
    /// When it came; none: it is awaited.
    pub confirmed: Option<Time>,
    /// How.
    pub how: How,
}

/// How money comes.
#[derive(Clone, Debug)]
pub enum How {
    /// Online; with the page to pay at, while there is one.
    Online(Option<String>),
    /// By bank.
    Transfer(Transfer),
    /// At the counter, or not at all.
    Counter(Means),
}

/// The purchase, or `NotFound`.
pub fn get(tx: &Read, id: OrderId) -> Result<Purchase> {
    let order = order::get(tx, id)?;
    let sql = "SELECT coalesce(no, 0), currency, distribution FROM orders LEFT JOIN number ON subject = orders.id
         WHERE orders.id = ?1";
    tx.must(sql, [id], |row| {
        Ok(Purchase { order, no: row.get(0)?, currency: row.get(1)?, distribution: row.get(2)? })
    })
}

/// What an account bought, the newest first; `claimed` leaves out all but what was bought by whoever claims its address,
/// since he chose its password. A purchase that was changed lives on in the order that took its number.
pub fn of_account(
    tx: &Read,
    account: AccountId,
    claimed: Option<Time>,
    most: i64,
) -> Result<Vec<Purchase>> {
    let sql =
        "SELECT id FROM orders WHERE account = ?1 AND (?2 IS NULL OR claimed = 1 AND placed >= ?2)
           AND EXISTS (SELECT 1 FROM number WHERE subject = orders.id)
         ORDER BY placed DESC, id LIMIT ?3";
    let ids: Vec<OrderId> = tx.all(sql, (account, claimed, most), |row| row.get(0))?;
    ids.into_iter().map(|id| get(tx, id)).collect()
}

/// The tickets of an order.
pub fn tickets(tx: &Read, id: OrderId) -> Result<Vec<Held>> {
    let bookings = order::bookings_of(tx, id)?;
    let tickets = ticket::of_bookings(tx, &bookings)?;
    let numbers = number::of(tx, tickets.iter().map(|(ticket, _)| ticket.id.0))?;
    let ids = crate::root::coming::set(tickets.iter().map(|(ticket, _)| ticket.id.0));
    let sql = "SELECT ticket.id, line.unit, (SELECT min(at) FROM pass WHERE pass.ticket = ticket.id AND reason IS NULL)
         FROM ticket JOIN line ON line.id = ticket.line WHERE ticket.id IN (SELECT unhex(value) FROM json_each(?1))";
    let more: Vec<(TicketId, (Money, Option<Time>))> =
        tx.all(sql, [ids], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
    let more: HashMap<_, _> = more.into_iter().collect();
    let held = |(ticket, price): (Ticket, PriceId)| {
        let (unit, scanned) = more.get(&ticket.id).copied().unwrap_or((Money(0), None));
        let no = numbers.get(&ticket.id.0).copied().unwrap_or(0);
        Held { ticket, no, price, unit, scanned }
    };
    Ok(tickets.into_iter().map(held).collect())
}

/// The money of an order: what came, and what is awaited.
pub fn payments(tx: &Read, id: OrderId) -> Result<Vec<Paid>> {
    let paid = order::payments(tx, id)?;
    let sql =
        "SELECT id, amount, url FROM checkout WHERE orders = ?1 AND state IN ('asked', 'open')";
    let online: Vec<(PaymentId, Money, Option<String>)> =
        tx.all(sql, [id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let transfer = transfer::of(tx, id)?;
    let ids = paid.iter().map(|one| one.id.0).chain(online.iter().map(|(id, ..)| id.0));
    let numbers = number::of(tx, ids.chain(transfer.iter().map(|(id, ..)| *id)))?;
    let no = |id: Uuid| numbers.get(&id).copied().unwrap_or(0);
    let by_bank = paid.iter().any(|one| one.means == Means::Transfer);
    let mut all = vec![];
    for one in &paid {
        let how = match (one.means, &transfer) {
            (Means::Stripe, _) => How::Online(None),
            (Means::Transfer, Some((.., transfer))) => How::Transfer(transfer.clone()),
            (means, _) => How::Counter(means),
        };
        all.push(Paid { no: no(one.id.0), amount: one.amount, confirmed: Some(one.created), how });
    }
    for (id, amount, url) in online {
        all.push(Paid { no: no(id.0), amount, confirmed: None, how: How::Online(url) });
    }
    if let Some((id, amount, transfer)) = transfer.filter(|_| !by_bank) {
        all.push(Paid { no: no(id), amount, confirmed: None, how: How::Transfer(transfer) });
    }
    Ok(all)
}

/// The checkout of an order that is not decided, where it was begun before.
pub fn checkout(tx: &Read, id: OrderId) -> Result<Option<PaymentId>> {
    let sql = "SELECT id FROM checkout WHERE orders = ?1 AND state IN ('asked', 'open')";
    tx.maybe(sql, [id], |row| row.get(0))
}

/// What an order has, to be ordered anew: seats of events, each with its holders.
pub fn basket(tx: &Read, id: OrderId, till: Till) -> Result<Basket> {
    let mut items: Vec<Item> = vec![];
    for held in tickets(tx, id)? {
        add(&mut items, held.ticket.event, held.price, &holder(&held.ticket));
    }
    Ok(Basket { items, till, to_mail: true, ..Basket::default() })
}

/// Whose name is on the first ticket of an order.
pub fn first_holder(tx: &Read, id: OrderId) -> Result<Option<Holder>> {
    let sql = "SELECT first_name, last_name FROM ticket JOIN booking ON booking.id = ticket.booking
         WHERE orders = ?1 ORDER BY ticket.rowid LIMIT 1";
    tx.maybe(sql, [id], |row| Ok(Holder { first_name: row.get(0)?, last_name: row.get(1)? }))
}

fn holder(ticket: &Ticket) -> Holder {
    Holder { first_name: ticket.first_name.clone(), last_name: ticket.last_name.clone() }
}

/// One ticket more.
pub fn add(items: &mut Vec<Item>, event: EventId, price: PriceId, holder: &Holder) {
    let same = items.iter_mut().find(|item| item.event == Some(event) && item.price == price);
    match same {
        Some(item) => {
            item.quantity = item.quantity.saturating_add(1);
            item.holders.push(holder.clone());
        }
        None => items.push(Item {
            event: Some(event),
            price,
            quantity: 1,
            holders: vec![holder.clone()],
            amount: None,
        }),
    }
}

/// Puts another basket or buyer in the place of those of a held order: what stays keeps its numbers. `gone`: a ticket that
/// does not stay.
pub fn replace(
    tx: &Write,
    id: OrderId,
    buyer: &Buyer,
    basket: &Basket,
    gone: Option<TicketId>,
    hold: Hold,
) -> Result<Order> {
    let mut before = tickets(tx, id)?;
    before.retain(|held| Some(held.ticket.id) != gone);
    let placed = order::replace(tx, id, buyer, basket, hold)?;
    number::pass_on(tx, id.0, placed.id.0)?;
    let mut after = tickets(tx, placed.id)?;
    for old in before {
        let same = |new: &Held| new.price == old.price && new.ticket.event == old.ticket.event;
        if let Some(at) = after.iter().position(same) {
            number::pass_on(tx, old.ticket.id.0, after.swap_remove(at).ticket.id.0)?;
        }
    }
    Ok(placed)
}
