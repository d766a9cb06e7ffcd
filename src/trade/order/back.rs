//! What goes back: holds that have run out, orders that are cancelled, tickets that are refunded.

use super::{Means, SEATS, State, elsewhere};
use crate::error::{Error, Refusal, Result};
use crate::root::{Read, Write};
use crate::trade::hook::{self, Event};
use crate::trade::outbox::{self, Kind};
use crate::trade::{audit, checkout, membership, promotion, stripe_refund, ticket, waiting};
use crate::values::Money;
use crate::values::id::{BookingId, EventId, LineId, OrderId, RefundId, TicketId};
use std::collections::BTreeMap;

/// Orders whose hold has run out, by `?1`.
const EXPIRED: &str =
    "SELECT id FROM orders WHERE state = 'held' AND expires <= ?1 ORDER BY expires, id LIMIT 500";

/// Do holds or offers that have run out still count?
pub fn any_to_release(tx: &Read) -> Result<bool> {
    Ok(waiting::any_to_release(tx)? || tx.exists(EXPIRED, [tx.now()])?)
}

/// Gives back what 500 holds that have run out still count as taken, the oldest first, and what offers that have run out
/// still keep; done before anything scarce is taken.
pub fn release(tx: &Write) -> Result<()> {
    waiting::release(tx)?;
    if !tx.exists(EXPIRED, [tx.now()])? {
        return Ok(());
    }
    give_back(tx, EXPIRED, &tx.now())?;
    return_deposits(tx, EXPIRED, &tx.now(), None)?;
    let sql = format!("UPDATE orders SET state = 'expired', settled = ?1 WHERE id IN ({EXPIRED})");
    tx.run(&sql, [tx.now()]).map(drop)
}

/// Gives back the seats and pieces of the unpaid orders that `which` selects, and the uses of their codes.
fn give_back(tx: &Write, which: &str, of: &dyn rusqlite::ToSql) -> Result<()> {
    let pieces = format!(
        "UPDATE price SET taken = taken - back.pieces
         FROM (SELECT price AS id, sum(quantity - returned) AS pieces FROM line WHERE orders IN ({which}) GROUP BY price) AS back
         WHERE price.id = back.id"
    );
    tx.run(&pieces, [of])?;
    let seats = format!(
        "UPDATE event SET taken = taken - back.seats
         FROM (SELECT event AS id, sum(quantity - returned) AS seats FROM line
               WHERE orders IN ({which}) AND event IS NOT NULL AND {SEATS} GROUP BY event) AS back
         WHERE event.id = back.id"
    );
    tx.run(&seats, [of])?;
    promotion::give_back(tx, which, of)?;
    let tickets = format!(
        "UPDATE ticket SET state = 'R' WHERE booking IN (SELECT id FROM booking WHERE orders IN ({which}))"
    );
    tx.run(&tickets, [of])?;
    tx.run(&format!("UPDATE line SET returned = quantity WHERE orders IN ({which})"), [of])?;
    waiting::freed(tx)
}

/// Writes down that what was paid towards the unpaid orders that `which` selects goes back, by `means` or as owed.
fn return_deposits(
    tx: &Write,
    which: &str,
    of: &dyn rusqlite::ToSql,
    means: Option<Means>,
) -> Result<()> {
    let sql = format!(
        "SELECT orders, sum(amount) FROM payment WHERE orders IN ({which})
         GROUP BY orders HAVING sum(amount) > 0"
    );
    let paid: Vec<(OrderId, Money)> = tx.all(&sql, [of], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (order, amount) in paid {
        for way in ways(tx, order, means, amount)? {
            write_refund(tx, order, way, "deposit")?;
        }
    }
    Ok(())
}

/// One way in which money goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// By what.
    pub(super) means: Means,
    /// It is still to be handed over.
    pub(super) owed: bool,
    /// How much.
    pub(super) amount: Money,
}

/// By which ways an amount goes back: as was said, or as it came, by each means no more than came by it and is left. What
/// came online goes back first, and there by itself.
fn ways(tx: &Read, order: OrderId, said: Option<Means>, amount: Money) -> Result<Vec<Way>> {
    if let Some(means) = said {
        return Ok(vec![Way { means, owed: false, amount }]);
    }
    let online = stripe_refund::left(tx, order)?.map_or(Money(0), |(_, left)| left.min(amount));
    let mut ways = vec![];
    if online > Money(0) {
        ways.push(Way { means: Means::Stripe, owed: true, amount: online });
    }
    let mut rest = Money(amount.0 - online.0);
    let came = came(tx, order)?;
    for &(means, left) in &came {
        let left = if means == Means::Stripe { left.0 - online.0 } else { left.0 };
        let part = Money(left.min(rest.0));
        if part > Money(0) {
            ways.push(Way { means, owed: true, amount: part });
            rest = Money(rest.0 - part.0);
        }
    }
    // What cost nothing goes back as it came.
    if let Some(&(means, _)) = came.first()
        && (rest > Money(0) || ways.is_empty())
    {
        ways.push(Way { means, owed: rest > Money(0), amount: rest });
    }
    Ok(ways)
}

/// By which means an order was paid, in the order of time, what came online last; and how much of each did not go back. It
/// is less than nothing of means that were named for what had come by others.
fn came(tx: &Read, order: OrderId) -> Result<Vec<(Means, Money)>> {
    let sql = "SELECT means, sum(amount) - (SELECT coalesce(sum(amount), 0) FROM refund
             WHERE refund.orders = ?1 AND refund.means = payment.means)
         FROM payment WHERE orders = ?1 GROUP BY means ORDER BY means = 'stripe', min(created), min(id)";
    tx.all(sql, [order], |row| Ok((row.get(0)?, row.get(1)?)))
}

pub(super) fn write_refund(tx: &Write, order: OrderId, way: Way, reason: &str) -> Result<RefundId> {
    let (id, Way { means, owed, amount }) = (RefundId::new(), way);
    tx.run(
        "INSERT INTO refund (id, orders, means, amount, owed, reason, actor, created)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        (id, order, means, amount, owed, reason, tx.by().as_text(), tx.now()),
    )?;
    if amount > Money(0) {
        hook::tell(tx, Event::Refund, id.0)?;
    }
    if owed
        && means == Means::Stripe
        && let Some((checkout, left)) = stripe_refund::left(tx, order)?
        && left >= amount
    {
        stripe_refund::queue(tx, checkout, Some(id), amount)?;
    }
    Ok(id)
}

/// Ends an order that is held and lets go what it has; what was paid towards it is owed. Nothing where it is not held.
pub(in crate::trade) fn let_go(tx: &Write, order: OrderId, state: State) -> Result<()> {
    if !tx.exists("SELECT 1 FROM orders WHERE id = ?1 AND state = 'held'", [order])? {
        return Ok(());
    }
    give_back(tx, "SELECT ?1", &order)?;
    return_deposits(tx, "SELECT ?1", &order, None)?;
    let sql = "UPDATE orders SET state = ?2, settled = ?3 WHERE id = ?1";
    tx.run(sql, (order, state, tx.now()))?;
    tx.run("UPDATE booking SET changed = ?2 WHERE orders = ?1", (order, tx.now())).map(drop)
}

/// One ticket, or a line without tickets, on its way back.
struct Return {
    line: LineId,
    ticket: Option<TicketId>,
    pieces: i64,
    unit: Money,
    rate: u16,
}

/// What of an order goes back.
#[derive(Clone, Copy)]
pub(super) enum Part<'a> {
    Whole,
    Tickets(&'a [TicketId]),
    /// What the order has of one event.
    Booking(BookingId),
}

/// Ends an order, or gives back some of its tickets. What is held is let go; what was paid goes back by `means`, or is
/// noted as owed, with a credit note. Returns what goes back. Refused: an order that is over, a ticket that is not of
/// this order, was given back already or has been used.
pub fn cancel(
    tx: &Write,
    order: OrderId,
    tickets: Option<&[TicketId]>,
    means: Option<Means>,
    reason: &str,
) -> Result<Money> {
    cancel_part(tx, order, tickets.map_or(Part::Whole, Part::Tickets), means, reason)
}

/// The same for any part. What is held is held together and given up together.
pub(super) fn cancel_part(
    tx: &Write,
    order: OrderId,
    part: Part<'_>,
    means: Option<Means>,
    reason: &str,
) -> Result<Money> {
    release(tx)?;
    match super::get(tx, order)?.state {
        // Its places are held together: some of them can be given back once they are paid.
        State::Held if matches!(part, Part::Tickets(_)) => {
            Err(Error::Refused(Refusal::NotHeld("held")))
        }
        State::Held => {
            end_unpaid(tx, order, means)?;
            audit::note(tx, "order.cancel", Some(order.0))?;
            Ok(Money(0))
        }
        State::Paid => refund(tx, order, part, means, reason),
        over => Err(Error::Refused(Refusal::NotHeld(over.as_str()))),
    }
}

/// Lets go what a held order has; what was paid towards it goes back by `means`, or is noted as owed.
pub(super) fn end_unpaid(tx: &Write, order: OrderId, means: Option<Means>) -> Result<()> {
    give_back(tx, "SELECT ?1", &order)?;
    return_deposits(tx, "SELECT ?1", &order, means)?;
    let sql = "UPDATE orders SET state = 'cancelled', settled = ?2 WHERE id = ?1";
    tx.run(sql, (order, tx.now()))?;
    tx.run("UPDATE booking SET changed = ?2 WHERE orders = ?1", (order, tx.now()))?;
    checkout::nudge(tx, order)
}

/// Does an order hold a place at an evening that was taken away?
pub(super) fn is_off(tx: &Read, order: OrderId) -> Result<bool> {
    let sql = "SELECT 1 FROM booking JOIN event ON event.id = event WHERE orders = ?1 AND cancelled IS NOT NULL";
    tx.exists(sql, [order])
}

/// Ends what is held and not paid of an evening that is taken away, and says so to its buyers: nobody may pay for it any
/// more.
pub(in crate::trade) fn end_holds(tx: &Write, event: EventId) -> Result<()> {
    release(tx)?;
    let sql = "SELECT DISTINCT orders.id FROM booking JOIN orders ON orders.id = orders
         WHERE event = ?1 AND orders.state = 'held'";
    let held: Vec<OrderId> = tx.all(sql, [event], |row| row.get(0))?;
    for order in held {
        end_unpaid(tx, order, None)?;
        audit::note(tx, "order.cancel", Some(order.0))?;
        let buyer = super::get(tx, order)?;
        outbox::queue(tx, Kind::OrderCancelled, &buyer.email, buyer.account, Some(order.0))?;
    }
    Ok(())
}

fn refund(
    tx: &Write,
    order: OrderId,
    part: Part<'_>,
    means: Option<Means>,
    reason: &str,
) -> Result<Money> {
    let ahead = elsewhere::ahead(tx, order)?;
    let mut by_rate = take_back_part(tx, order, part)?;
    let mut amount = Money(by_rate.values().map(|(amount, _)| amount).sum());
    if let Some(ahead) = ahead {
        // So much of it is the buyer's already.
        amount = Money((amount.0 - ahead.0).max(0));
        by_rate = elsewhere::owing(tx, order, amount)?;
    }
    for way in ways(tx, order, means, amount)? {
        let part = split_off(&mut by_rate, way.amount);
        let id = write_refund(tx, order, way, reason)?;
        write_credit_note(tx, id, &part)?;
    }
    audit::note(tx, "order.refund", Some(order.0))?;
    Ok(amount)
}

/// Takes back a part of a paid order: what it cost, and the VAT in it, by rate.
pub(super) fn take_back_part(
    tx: &Write,
    order: OrderId,
    part: Part<'_>,
) -> Result<BTreeMap<u16, (i64, i64)>> {
    let returns = returns(tx, order, part)?;
    let mut by_rate: BTreeMap<u16, (i64, i64)> = BTreeMap::new();
    for one in &returns {
        let back = one.unit.0 * one.pieces;
        let (amount, vat) = by_rate.entry(one.rate).or_default();
        *amount += back;
        // What is left of the line keeps its own VAT, to the cent, however it is given back.
        let sql = "SELECT unit * returned FROM line WHERE id = ?1";
        let before: Money = tx.one(sql, [one.line], |row| row.get(0))?;
        let after = Money(before.0 + back);
        *vat += super::vat_within(after, one.rate).0 - super::vat_within(before, one.rate).0;
        take_back(tx, one)?;
    }
    tx.run("UPDATE booking SET changed = ?2 WHERE orders = ?1", (order, tx.now()))?;
    let left = "SELECT 1 FROM line WHERE orders = ?1 AND returned < quantity";
    if !tx.exists(left, [order])? {
        promotion::give_back(tx, "SELECT ?1", &order)?;
        tx.run("UPDATE orders SET state = 'refunded' WHERE id = ?1", [order])?;
        let buyer = super::get(tx, order)?;
        outbox::queue(tx, Kind::OrderCancelled, &buyer.email, buyer.account, Some(order.0))?;
    }
    waiting::freed(tx)?;
    Ok(by_rate)
}

/// Splits an amount off what goes back, rate by rate; of a rate that is split, VAT goes with its amount.
fn split_off(by_rate: &mut BTreeMap<u16, (i64, i64)>, amount: Money) -> BTreeMap<u16, (i64, i64)> {
    let (mut part, mut wanted) = (BTreeMap::new(), amount.0);
    for (rate, (left, vat_left)) in by_rate {
        let taken = wanted.min(*left);
        let vat = if taken == *left { *vat_left } else { *vat_left * taken / *left };
        if taken > 0 || amount == Money(0) {
            part.insert(*rate, (taken, vat));
        }
        (wanted, *left, *vat_left) = (wanted - taken, *left - taken, *vat_left - vat);
    }
    part
}

/// Writes the accountant's paper for a refund, with its amount and VAT by rate.
pub(super) fn write_credit_note(
    tx: &Write,
    refund: RefundId,
    by_rate: &BTreeMap<u16, (i64, i64)>,
) -> Result<()> {
    let (amounts, vats) = (by_rate.values().map(|(a, _)| a), by_rate.values().map(|(_, v)| v));
    let no: i64 = tx.one(
        "INSERT INTO credit_note (no, refund, amount, vat, created)
         VALUES ((SELECT coalesce(max(no), 0) + 1 FROM credit_note), ?1, ?2, ?3, ?4) RETURNING no",
        (refund, amounts.sum::<i64>(), vats.sum::<i64>(), tx.now()),
        |row| row.get(0),
    )?;
    for (rate, (amount, vat)) in by_rate {
        let sql = "INSERT INTO credit_part (note, vat_rate, amount, vat) VALUES (?1, ?2, ?3, ?4)";
        tx.run(sql, (no, rate, amount, vat))?;
    }
    Ok(())
}

/// What is to go back: all that is left of a part.
fn returns(tx: &Write, order: OrderId, part: Part<'_>) -> Result<Vec<Return>> {
    let sql = "SELECT line.id, ticket.id, unit, vat_rate, ticket.state, ticket.booking
         FROM ticket JOIN line ON line.id = ticket.line
         WHERE line.orders = ?1 AND ticket.state <> 'R' ORDER BY ticket.id";
    let open: Vec<(Return, ticket::State, BookingId)> = tx.all(sql, [order], |row| {
        let (line, ticket, unit, rate) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        Ok((Return { line, ticket, pieces: 1, unit, rate }, row.get(4)?, row.get(5)?))
    })?;
    let wanted = |ticket: Option<TicketId>, booking: BookingId| match part {
        Part::Whole => true,
        Part::Tickets(tickets) => ticket.is_some_and(|ticket| tickets.contains(&ticket)),
        Part::Booking(id) => id == booking,
    };
    let chosen: Vec<_> =
        open.into_iter().filter(|(one, _, booking)| wanted(one.ticket, *booking)).collect();
    if chosen.iter().any(|(_, state, _)| *state == ticket::State::Scanned) {
        return Err(Error::Refused(Refusal::AlreadyUsed));
    }
    let named = match part {
        Part::Tickets(tickets) => Some(tickets.len()),
        Part::Whole | Part::Booking(_) => None,
    };
    if named.is_some_and(|named| named != chosen.len()) {
        return Err(Error::Refused(Refusal::NotHeld("refunded")));
    }
    let mut returns: Vec<Return> = chosen.into_iter().map(|(one, ..)| one).collect();
    if named.is_none() {
        let booking = match part {
            Part::Booking(id) => Some(id),
            Part::Whole | Part::Tickets(_) => None,
        };
        let sql = "SELECT id, quantity - returned, unit, vat_rate FROM line WHERE orders = ?1 AND returned < quantity
             AND (?2 IS NULL OR booking = ?2) AND NOT EXISTS (SELECT 1 FROM ticket WHERE ticket.line = line.id)";
        returns.extend(tx.all(sql, (order, booking), |row| {
            let (line, pieces, unit, rate) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            Ok(Return { line, ticket: None, pieces, unit, rate })
        })?);
    }
    if returns.is_empty() {
        return Err(Error::Refused(Refusal::NotHeld("refunded")));
    }
    Ok(returns)
}

fn take_back(tx: &Write, one: &Return) -> Result<()> {
    let Return { line, ticket, pieces, unit: _, rate: _ } = one;
    tx.run("UPDATE line SET returned = returned + ?2 WHERE id = ?1", (line, pieces))?;
    let price =
        "UPDATE price SET taken = taken - ?2 WHERE id = (SELECT price FROM line WHERE id = ?1)";
    tx.run(price, (line, pieces))?;
    if let Some(ticket) = ticket {
        tx.run("UPDATE ticket SET state = 'R' WHERE id = ?1", [ticket])?;
        let event = "UPDATE event SET taken = taken - 1 WHERE id = (SELECT event FROM ticket WHERE id = ?1)";
        tx.run(event, [ticket])?;
    } else {
        let whose = "SELECT account, price FROM line WHERE id = ?1 AND category = 'A'";
        if let Some((account, price)) =
            tx.maybe(whose, [line], |row| Ok((row.get(0)?, row.get(1)?)))?
        {
            membership::reckon(tx, account, price)?;
        }
    }
    Ok(())
}
