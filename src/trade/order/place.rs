//! Placing an order: every rule is checked, and everything scarce taken, in the one write that makes it.

use super::{Means, Order, back, quote};
use crate::error::{Error, OnConflict, Refusal, Result};
use crate::root::{Read, Write};
use crate::trade::event::{self, Event};
use crate::trade::price::{self, Price};
use crate::trade::product::{self, Category, Product};
use crate::trade::{audit, membership, outbox, ticket};
use crate::values::id::{
    AccountId, BookingId, EventId, LineId, OptionId, OrderId, PriceId, TicketId,
};
use crate::values::{Email, Money, Time};
use rusqlite::named_params;
use std::collections::BTreeSet;
use std::time::Duration;

/// Who buys.
#[derive(Clone, Debug)]
pub struct Buyer {
    /// Their account.
    pub account: AccountId,
    /// The address that they gave.
    pub email: Email,
    /// Has proven that the address is theirs.
    pub proven: bool,
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
}

/// An item with what is known of it.
struct Known<'a> {
    item: &'a Item,
    price: Price,
    product: Product,
}

impl Known<'_> {
    fn is_seat(&self) -> bool {
        self.item.event.is_some()
            && matches!(self.product.category, Category::Ticket | Category::FreeBooking)
    }

    fn total(&self) -> Result<Money> {
        let total = self.price.amount.0.checked_mul(i64::from(self.item.quantity));
        total.map(Money).ok_or_else(|| Error::internal("an amount that fits no integer"))
    }
}

/// How long what is ordered is held.
#[derive(Clone, Copy, Debug)]
pub struct Hold {
    /// For its payment.
    pub payment: Duration,
    /// For its buyer to prove the e-mail, where nothing is to be paid.
    pub proof: Duration,
}

/// Places an order and holds what it has; one that costs nothing is settled at once, or once its buyer has proven the
/// e-mail. Refused: what is not
/// sold there, a seat or a piece that is gone, more than one person may have, a price for members without membership,
/// an event that is over.
pub fn place(tx: &Write, buyer: &Buyer, basket: &Basket, hold: Hold) -> Result<Order> {
    back::release(tx)?;
    let known = known(tx, basket)?;
    let events = events(tx, basket)?;
    for one in &known {
        check_item(tx, buyer, &known, one)?;
    }
    for event in &events {
        take_seats(tx, buyer, event, &known)?;
    }
    check_options(tx, basket)?;
    for one in &known {
        take_pieces(tx, one)?;
    }
    let id = write_order(tx, buyer, &known, hold)?;
    for event in &events {
        write_booking(tx, buyer, basket, id, event.id, &known)?;
    }
    for one in known.iter().filter(|one| one.item.event.is_none()) {
        write_line(tx, buyer, id, None, one)?;
    }
    audit::note(tx, "order.place", Some(id.0))?;
    let order = super::get(tx, id)?;
    if order.total > Money(0) {
        return Ok(order);
    }
    if !buyer.proven {
        outbox::confirm_email(tx, &buyer.email, buyer.account)?;
        return Ok(order);
    }
    super::pay(tx, id, Means::Free, Money(0), None)?;
    super::get(tx, id)
}

fn known<'a>(tx: &Read, basket: &'a Basket) -> Result<Vec<Known<'a>>> {
    let mut known: Vec<Known<'a>> = vec![];
    for item in &basket.items {
        let price = price::get(tx, item.price).map_err(not_sold)?;
        let product = product::get(tx, price.product).map_err(not_sold)?;
        known.push(Known { item, price, product });
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

/// The events of a basket, each once; none may be over.
fn events(tx: &Read, basket: &Basket) -> Result<Vec<Event>> {
    let mut ids: Vec<EventId> = basket.items.iter().filter_map(|item| item.event).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut events = vec![];
    for id in ids {
        let event = event::get(tx, id)?;
        let over = event.ends.unwrap_or_else(|| event.starts.plus(LASTS));
        if over <= tx.now() {
            return Err(Error::Refused(Refusal::EventOver));
        }
        events.push(event);
    }
    Ok(events)
}

/// How long an event is taken to last whose end is not known: so long may it still be booked, at the door too.
pub(super) const LASTS: Duration = Duration::from_secs(6 * 3600);

fn check_item(tx: &Read, buyer: &Buyer, all: &[Known<'_>], one: &Known<'_>) -> Result<()> {
    if one.item.quantity == 0 {
        return Err(Error::Refused(Refusal::NothingChosen));
    }
    let Known { item, price, product } = one;
    if let Some(event) = item.event {
        let attached = "SELECT 1 FROM event_product WHERE event = ?1 AND product = ?2";
        if !tx.exists(attached, (event, product.id))? {
            return Err(Error::Refused(Refusal::NotSold));
        }
    }
    if one.is_seat() && item.holders.len() != usize::from(item.quantity) {
        return Err(Error::Refused(Refusal::HoldersMissing));
    }
    let same =
        all.iter().filter(|known| known.price.id == price.id && known.item.event == item.event);
    let wanted: i64 = same.map(|known| i64::from(known.item.quantity)).sum();
    // Of memberships only those count that are not paid yet: who has one may renew it.
    let sql = "SELECT coalesce(sum(line.quantity - line.returned), 0) FROM line JOIN orders ON orders.id = line.orders
         WHERE line.account = ?1 AND line.price = ?2 AND line.returned < line.quantity AND line.event IS ?3
           AND (line.category <> 'A' OR orders.state = 'held')";
    let earlier: i64 = tx.one(sql, (buyer.account, price.id, item.event), |row| row.get(0))?;
    if earlier + wanted > i64::from(price.max_per_user) {
        return Err(Error::Refused(Refusal::LimitReached(price.max_per_user)));
    }
    if let Some(needed) = price.membership {
        let member = membership::standing(tx, buyer.account, needed)?.is_member();
        if !member && !all.iter().any(|known| known.product.id == needed) {
            return Err(Error::Refused(Refusal::NotMember(needed)));
        }
    }
    Ok(())
}

/// Takes the seats of one event: as many as one person may have, and no more than there are.
fn take_seats(tx: &Write, buyer: &Buyer, event: &Event, all: &[Known<'_>]) -> Result<()> {
    let here = all.iter().filter(|one| one.is_seat() && one.item.event == Some(event.id));
    let seats: i64 = here.map(|one| i64::from(one.item.quantity)).sum();
    if seats == 0 {
        return Ok(());
    }
    let sql = "SELECT coalesce(sum(quantity - returned), 0) FROM line
         WHERE event = ?1 AND account = ?2 AND returned < quantity AND category IN ('B', 'F')";
    let earlier: i64 = tx.one(sql, (event.id, buyer.account), |row| row.get(0))?;
    if earlier + seats > i64::from(event.max_per_user) {
        return Err(Error::Refused(Refusal::LimitReached(event.max_per_user)));
    }
    let left = i64::from(event.gauge) - i64::from(event.taken);
    if seats > left {
        let sql = "SELECT min(orders.expires) FROM line JOIN orders ON orders.id = line.orders
             WHERE line.event = ?1 AND returned < quantity AND orders.state = 'held'";
        let back: Option<Time> = tx.one(sql, [event.id], |row| row.get(0))?;
        return Err(sold_out(left, back));
    }
    tx.run("UPDATE event SET taken = taken + ?2 WHERE id = ?1", (event.id, seats)).map(drop)
}

/// Takes pieces of a price, where there is only so many.
fn take_pieces(tx: &Write, one: &Known<'_>) -> Result<()> {
    let taken = "UPDATE price SET taken = taken + ?2 WHERE id = ?1 AND (stock IS NULL OR taken + ?2 <= stock)";
    if tx.run(taken, (one.price.id, one.item.quantity))? == 1 {
        return Ok(());
    }
    let left = "SELECT stock - taken FROM price WHERE id = ?1";
    let left: i64 = tx.one(left, [one.price.id], |row| row.get(0))?;
    let sql = "SELECT min(orders.expires) FROM line JOIN orders ON orders.id = line.orders
         WHERE line.price = ?1 AND returned < quantity AND orders.state = 'held'";
    let back: Option<Time> = tx.one(sql, [one.price.id], |row| row.get(0))?;
    Err(sold_out(left, back))
}

fn sold_out(left: i64, back: Option<Time>) -> Error {
    Error::Refused(Refusal::SoldOut { left: u32::try_from(left).unwrap_or(0), back })
}

fn check_options(tx: &Read, basket: &Basket) -> Result<()> {
    let mut radio = 0;
    for (event, option) in &basket.options {
        let offered = "SELECT 1 FROM event_option WHERE event = ?1 AND option = ?2";
        if !tx.exists(offered, (event, option))? {
            return Err(Error::Refused(Refusal::OptionNotOffered(*option)));
        }
        let only_one =
            "SELECT 1 FROM event_option WHERE event = ?1 AND option = ?2 AND kind = 'radio'
             AND NOT EXISTS (SELECT 1 FROM event_option AS other
                WHERE other.event = ?1 AND other.option = ?2 AND other.kind = 'checkbox')";
        radio += u32::from(tx.exists(only_one, (event, option))?);
    }
    // Each event's own choice: a basket holds one event's options for each.
    let events = basket.options.iter().map(|(event, _)| event).collect::<BTreeSet<_>>().len();
    if usize::try_from(radio).is_ok_and(|radio| radio > events) {
        return Err(Error::Refused(Refusal::OneOption));
    }
    Ok(())
}

fn write_order(tx: &Write, buyer: &Buyer, known: &[Known<'_>], hold: Hold) -> Result<OrderId> {
    let (mut total, mut vat) = (0_i64, 0_i64);
    for one in known {
        let line = one.total()?;
        let sum = total.checked_add(line.0);
        total = sum.ok_or_else(|| Error::internal("a total that fits no integer"))?;
        vat += quote::vat_within(line, quote::rate(one.price.vat)).0;
    }
    let id = OrderId::new();
    let hold = if total == 0 { hold.proof } else { hold.payment };
    tx.run(
        "INSERT INTO orders (id, account, email, state, currency, total, vat, expires, placed)
         VALUES (:id, :account, :email, 'held', (SELECT currency FROM place), :total, :vat, :expires, :now)",
        named_params! {
            ":id": id, ":account": buyer.account, ":email": buyer.email, ":total": total, ":vat": vat,
            ":expires": tx.now().plus(hold), ":now": tx.now(),
        },
    )?;
    Ok(id)
}

fn write_booking(
    tx: &Write,
    buyer: &Buyer,
    basket: &Basket,
    order: OrderId,
    event: EventId,
    known: &[Known<'_>],
) -> Result<()> {
    let id = BookingId::new();
    tx.run(
        "INSERT INTO booking (id, orders, event, to_mail, proven, changed) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (id, order, event, basket.to_mail, buyer.proven, tx.now()),
    )?;
    for (_, option) in basket.options.iter().filter(|(at, _)| *at == event) {
        let sql = "INSERT OR IGNORE INTO booking_option (booking, option) VALUES (?1, ?2)";
        tx.run(sql, (id, option))?;
    }
    for one in known.iter().filter(|one| one.item.event == Some(event)) {
        let line = write_line(tx, buyer, order, Some(id), one)?;
        if !one.is_seat() {
            continue;
        }
        ticket::ensure_key(tx)?;
        for holder in &one.item.holders {
            let Holder { first_name, last_name } = holder;
            tx.run(
                "INSERT INTO ticket (id, line, booking, event, state, first_name, last_name)
                 VALUES (?1, ?2, ?3, ?4, 'N', ?5, ?6)",
                (TicketId::new(), line, id, event, first_name, last_name),
            )?;
        }
    }
    Ok(())
}

fn write_line(
    tx: &Write,
    buyer: &Buyer,
    order: OrderId,
    booking: Option<BookingId>,
    one: &Known<'_>,
) -> Result<LineId> {
    let Known { item, price, product } = one;
    let (id, total, rate) = (LineId::new(), one.total()?, quote::rate(price.vat));
    tx.run(
        "INSERT INTO line (id, orders, booking, account, event, product, price, category, product_name, price_name,
            quantity, unit, vat_rate, vat, total, period)
         VALUES (:id, :orders, :booking, :account, :event, :product, :price, :category, :product_name, :price_name,
            :quantity, :unit, :vat_rate, :vat, :total, :period)",
        named_params! {
            ":id": id, ":orders": order, ":booking": booking, ":account": buyer.account, ":event": item.event,
            ":product": product.id, ":price": price.id, ":category": product.category,
            ":product_name": product.name, ":price_name": price.name, ":quantity": item.quantity,
            ":unit": price.amount, ":vat_rate": rate, ":vat": quote::vat_within(total, rate), ":total": total,
            ":period": price.period,
        },
    )
    .on_conflict("price_stock", Refusal::StockTaken)?;
    Ok(id)
}
