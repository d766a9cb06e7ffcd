//! Placing an order: every rule is checked, and everything scarce taken, in the one write that makes it.

use super::basket::{Known, known};
use super::charge::{Once, charge};
use super::reduce::reduce;
use super::{Basket, Buyer, Hand, Hold, Holder, Means, Order, SEATS, back, quote};
use crate::error::{Error, OnConflict, Refusal, Result};
use crate::root::{Read, Till, Write};
use crate::trade::event::{self, Event};
use crate::trade::fee::Part;
use crate::trade::{audit, membership, outbox, price, product, ticket, usage, waiting};
use crate::values::id::{
    BookingId, EventId, FeeId, LineId, OrderId, ProductId, PromotionId, TicketId,
};
use crate::values::{Money, Time};
use rusqlite::named_params;
use std::collections::BTreeSet;

/// Places an order and holds what it has; one that costs nothing is settled at once where its buyer or staff place it, or
/// once its buyer has followed the link in our letter. Refused: what is not sold there, a seat or a piece that is gone, more than one person may have, a price for
/// members without membership, an event that is over, a code that takes nothing off.
pub fn place(tx: &Write, buyer: &Buyer, basket: &Basket, hold: Hold) -> Result<Order> {
    back::release(tx)?;
    place_until(tx, buyer, basket, |total| Ok(hold.until(tx.now(), total)))
}

/// The same, held until what `expires` says for its total; what has run out before is released already.
pub(super) fn place_until(
    tx: &Write,
    buyer: &Buyer,
    basket: &Basket,
    expires: impl FnOnce(Money) -> Result<Time>,
) -> Result<Order> {
    let mut known = known(tx, basket)?;
    let code = basket.code.as_ref();
    let promotion = code.map(|code| reduce(tx, buyer, code, &mut known)).transpose()?;
    let once = charge(tx, &basket.till, &mut known)?;
    let events = events(tx, basket)?;
    for one in &known {
        check_item(tx, buyer, &known, one)?;
    }
    let seats = known.iter().filter(|one| one.is_seat()).map(|one| u64::from(one.item.quantity));
    usage::check_tickets(tx, seats.sum())?;
    for event in &events {
        take_seats(tx, buyer, event, &known)?;
    }
    check_options(tx, basket)?;
    for one in &known {
        take_pieces(tx, one)?;
    }
    let sum = Sum::of(&known, once.as_ref())?;
    let id = write_order(tx, buyer, &basket.till, &sum, promotion, expires)?;
    for event in &events {
        write_booking(tx, buyer, basket, id, event.id, &known)?;
    }
    for one in known.iter().filter(|one| one.item.event.is_none()) {
        write_line(tx, buyer, id, None, one)?;
    }
    if let Some(once) = &once {
        write_once(tx, buyer, id, once)?;
    }
    audit::note(tx, "order.place", Some(id.0))?;
    // When its hold ends somebody may be asked.
    waiting::freed(tx)?;
    let order = super::get(tx, id)?;
    if order.total > Money(0) || !buyer.named {
        return Ok(order);
    }
    if !buyer.is_sure() {
        if !buyer.proven {
            events.iter().try_for_each(|event| check_unproven(tx, event))?;
        }
        outbox::confirm_email(tx, &buyer.email, buyer.account)?;
        return Ok(order);
    }
    super::pay(tx, id, Means::Free, Money(0), None)?;
    super::get(tx, id)
}

/// The events of a basket, each once; none may be over.
fn events(tx: &Read, basket: &Basket) -> Result<Vec<Event>> {
    let mut ids: Vec<EventId> = basket.items.iter().filter_map(|item| item.event).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut events = vec![];
    for id in ids {
        let event = event::get(tx, id)?;
        if !event.published {
            return Err(Error::Refused(Refusal::NotSold));
        }
        if event.over() <= tx.now() {
            return Err(Error::Refused(Refusal::EventOver));
        }
        events.push(event);
    }
    Ok(events)
}

/// Of what is free, addresses that nobody has proven hold half of the seats at the most: who types them must not fill an
/// evening. What has run out is released already.
fn check_unproven(tx: &Read, event: &Event) -> Result<()> {
    let sql = format!(
        "SELECT coalesce(sum(quantity - returned), 0) FROM orders JOIN booking ON booking.orders = orders.id
             JOIN line ON line.booking = booking.id
         WHERE state = 'held' AND orders.total = 0 AND proven = 0 AND booking.event = ?1 AND {SEATS}"
    );
    let held: i64 = tx.one(&sql, [event.id], |row| row.get(0))?;
    match held > i64::from(event.gauge.div_ceil(2)) {
        true => Err(Error::Refused(Refusal::ProofNeeded)),
        false => Ok(()),
    }
}

fn check_item(tx: &Read, buyer: &Buyer, all: &[Known<'_>], one: &Known<'_>) -> Result<()> {
    if one.item.quantity == 0 {
        return Err(Error::Refused(Refusal::NothingChosen));
    }
    let Known { item, price, product, .. } = one;
    if let Some(event) = item.event {
        let attached = "SELECT 1 FROM event_product WHERE event = ?1 AND product = ?2";
        if !tx.exists(attached, (event, product.id))? {
            return Err(Error::Refused(Refusal::NotSold));
        }
    }
    // What is attached to an event is offered there; anything else where it is published.
    let hidden = item.event.is_none() && !product.published && buyer.hand != Hand::Staff;
    // A seat is one at an event.
    if hidden || (item.event.is_none() && one.is_ticket()) {
        return Err(Error::Refused(Refusal::NotSold));
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
    if let Some(needed) = price.membership
        && !all.iter().any(|known| known.product.id == needed)
    {
        check_member(tx, buyer, needed)?;
    }
    Ok(())
}

/// A price for members is for members whose claim counts.
fn check_member(tx: &Read, buyer: &Buyer, needed: ProductId) -> Result<()> {
    let Buyer { account, email: _, proven, claims, named: _, hand: _ } = buyer;
    if !membership::claim_counts(tx, *claims, *account, *proven)? {
        return Err(Error::Refused(Refusal::LoginNeeded));
    }
    match membership::standing(tx, *account, needed)?.is_member() {
        true => Ok(()),
        false => Err(Error::Refused(Refusal::NotMember(needed))),
    }
}

/// Takes the seats of one event: as many as one person may have, and no more than there are for them: those that nobody
/// has, and those that they are offered, unless somebody only typed their address.
fn take_seats(tx: &Write, buyer: &Buyer, event: &Event, all: &[Known<'_>]) -> Result<()> {
    let here = all.iter().filter(|one| one.is_seat() && one.item.event == Some(event.id));
    let seats: i64 = here.map(|one| i64::from(one.item.quantity)).sum();
    if seats == 0 {
        return Ok(());
    }
    let sql = format!(
        "SELECT coalesce(sum(quantity - returned), 0) FROM line
         WHERE event = ?1 AND account = ?2 AND returned < quantity AND {SEATS}"
    );
    let earlier: i64 = tx.one(&sql, (event.id, buyer.account), |row| row.get(0))?;
    if earlier + seats > i64::from(event.max_per_user) {
        return Err(Error::Refused(Refusal::LimitReached(event.max_per_user)));
    }
    let kept = match buyer.hand {
        Hand::Anybody | Hand::Claimant => None,
        Hand::Owner | Hand::Staff => Some(waiting::kept(tx, event.id, buyer.account)?),
    };
    let left = i64::from(event.free()) + i64::from(kept.unwrap_or(0));
    if seats > left {
        let sql = "SELECT orders.expires FROM orders JOIN line ON line.orders = orders.id
             WHERE orders.state = 'held' AND line.event = ?1 AND returned < quantity ORDER BY orders.expires LIMIT 1";
        let back: Option<Time> = tx.maybe(sql, [event.id], |row| row.get(0))?;
        return Err(sold_out(left, back));
    }
    waiting::take(tx, event.id, buyer.account, seats, kept)
}

/// Takes pieces of a price, where there is only so many.
fn take_pieces(tx: &Write, one: &Known<'_>) -> Result<()> {
    let taken = "UPDATE price SET taken = taken + ?2 WHERE id = ?1 AND (stock IS NULL OR taken + ?2 <= stock)";
    if tx.run(taken, (one.price.id, one.item.quantity))? == 1 {
        return Ok(());
    }
    let left = "SELECT stock - taken FROM price WHERE id = ?1";
    let left: i64 = tx.one(left, [one.price.id], |row| row.get(0))?;
    let sql = "SELECT orders.expires FROM orders JOIN line ON line.orders = orders.id
         WHERE orders.state = 'held' AND line.price = ?1 AND returned < quantity ORDER BY orders.expires LIMIT 1";
    let back: Option<Time> = tx.maybe(sql, [one.price.id], |row| row.get(0))?;
    if !one.is_seat() {
        let left = u32::try_from(left).unwrap_or(0);
        return Err(Error::Refused(Refusal::OutOfStock { left, back }));
    }
    Err(sold_out(left, back))
}

fn sold_out(left: i64, back: Option<Time>) -> Error {
    Error::Refused(Refusal::SoldOut { left: u32::try_from(left).unwrap_or(0), back })
}

fn check_options(tx: &Read, basket: &Basket) -> Result<()> {
    let mut radio: BTreeSet<EventId> = BTreeSet::new();
    for (event, option) in basket.options.iter().collect::<BTreeSet<_>>() {
        let offered = "SELECT 1 FROM event_option WHERE event = ?1 AND option = ?2";
        if !tx.exists(offered, (event, option))? {
            return Err(Error::Refused(Refusal::OptionNotOffered(*option)));
        }
        let only_one =
            "SELECT 1 FROM event_option WHERE event = ?1 AND option = ?2 AND kind = 'radio'
             AND NOT EXISTS (SELECT 1 FROM event_option AS other
                WHERE other.event = ?1 AND other.option = ?2 AND other.kind = 'checkbox')";
        // Each event has a choice of its own.
        if tx.exists(only_one, (event, option))? && !radio.insert(*event) {
            return Err(Error::Refused(Refusal::OneOption));
        }
    }
    Ok(())
}

/// What an order comes to.
struct Sum {
    total: Money,
    vat: Money,
}

impl Sum {
    fn of(known: &[Known<'_>], once: Option<&Once>) -> Result<Self> {
        let mut parts = vec![];
        for one in known {
            parts.push((one.total()?, quote::rate(one.price.vat)));
        }
        parts.extend(once.map(|once| (once.fee, once.vat_rate)));
        let (mut total, mut vat) = (0_i64, 0_i64);
        for (amount, rate) in parts {
            let sum = total.checked_add(amount.0);
            total = sum.ok_or_else(|| Error::internal("a total that fits no integer"))?;
            vat += quote::vat_within(amount, rate).0;
        }
        Ok(Self { total: Money(total), vat: Money(vat) })
    }
}

fn write_order(
    tx: &Write,
    buyer: &Buyer,
    till: &Till,
    sum: &Sum,
    promotion: Option<PromotionId>,
    expires: impl FnOnce(Money) -> Result<Time>,
) -> Result<OrderId> {
    let id = OrderId::new();
    tx.run(
        "INSERT INTO orders (id, account, email, state, currency, total, vat, expires, placed,
            promotion, distribution, claimed)
         VALUES (:id, :account, :email, 'held', (SELECT currency FROM place), :total, :vat, :expires, :now,
            :promotion, :distribution, :claimed)",
        named_params! {
            ":id": id, ":account": buyer.account, ":email": buyer.email, ":total": sum.total, ":vat": sum.vat,
            ":expires": expires(sum.total)?, ":now": tx.now(), ":promotion": promotion,
            ":distribution": till.distribution, ":claimed": buyer.hand == Hand::Claimant,
        },
    )?;
    Ok(id)
}

/// Writes what is taken once of a purchase as a line of its own.
fn write_once(tx: &Write, buyer: &Buyer, order: OrderId, once: &Once) -> Result<()> {
    let (product, price) = price::of_fees(tx)?;
    let Once { fee, withheld, vat_rate, parts } = once;
    // Giving it back takes it off again.
    tx.run("UPDATE price SET taken = taken + 1 WHERE id = ?1", [price])?;
    let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
    let id = LineId::new();
    tx.run(
        "INSERT INTO line (id, orders, booking, account, event, product, price, category, product_name, price_name,
            quantity, unit, vat_rate, vat, total, period, discount, fee, withheld)
         VALUES (:id, :orders, NULL, :account, NULL, :product, :price, 'N', :product_name, :price_name, 1, :fee,
            :vat_rate, :vat, :fee, 'N', 0, :fee, :withheld)",
        named_params! {
            ":id": id, ":orders": order, ":account": buyer.account, ":product": product, ":price": price,
            ":product_name": product::FEES, ":price_name": names.join(", "), ":fee": fee, ":vat_rate": vat_rate,
            ":vat": quote::vat_within(*fee, *vat_rate), ":withheld": withheld,
        },
    )?;
    write_parts(tx, id, parts)
}

/// Writes down which fees make up a line.
fn write_parts(tx: &Write, line: LineId, parts: &[Part]) -> Result<()> {
    let sql = "INSERT INTO line_fee (line, fee, name, payer, amount) VALUES (?1, ?2, ?3, ?4, ?5)";
    for Part { id, name, payer, amount } in parts {
        tx.run(sql, (line, FeeId(*id), name, payer, amount))?;
    }
    Ok(())
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
    let Known { item, price, product, unit, discount, fee, withheld, parts } = one;
    let (id, total, rate) = (LineId::new(), one.total()?, quote::rate(price.vat));
    tx.run(
        "INSERT INTO line (id, orders, booking, account, event, product, price, category, product_name, price_name,
            quantity, unit, vat_rate, vat, total, period, discount, fee,
            withheld)
         VALUES (:id, :orders, :booking, :account, :event, :product, :price, :category, :product_name, :price_name,
            :quantity, :unit, :vat_rate, :vat, :total, :period, :discount, :fee,
            :withheld)",
        named_params! {
            ":id": id, ":orders": order, ":booking": booking, ":account": buyer.account, ":event": item.event,
            ":product": product.id, ":price": price.id, ":category": product.category,
            ":product_name": product.name, ":price_name": price.name, ":quantity": item.quantity,
            ":unit": unit, ":vat_rate": rate, ":vat": quote::vat_within(total, rate), ":total": total,
            ":period": price.period, ":discount": discount, ":fee": fee, ":withheld": withheld,
        },
    )
    .on_conflict("price_stock", Refusal::StockTaken)?;
    write_parts(tx, id, parts)?;
    Ok(id)
}
