//! Waiting lists: who wants seats of an event that is full, and the seats that became free and are offered to them.
//!
//! What must stay true: an offer keeps its seats (`event.offered`) for one person and for a while, so that sold, held and
//! offered seats are never more than the gauge; an offer that has run out keeps nothing any more, whether or not anybody has
//! looked; a seat goes to who waits longest among those whose wish fits, and first among those who have proven their
//! address; only the owner of an address takes its offer. Offers are made by the tenant's errand alone, in
//! one write; whoever frees seats plans it. Who has not proven the address keeps an offer for a short while only.

use super::event::{self, Event};
use super::outbox::{self, Kind};
use super::{Page, audit, setting};
use crate::error::{Error, Refusal, Result};
use crate::root::{Errand, Read, Write};
use crate::values::id::{AccountId, EventId, WaitingId};
use crate::values::{Email, Time};
use rusqlite::Row;
use std::time::Duration;

/// Most people who wait for one event, or have an offer.
pub const WAITING_MAX: u32 = 1_000;

/// For how long an offer is kept at the most for an address that nobody has proven: a seat must not stand empty for a day
/// because somebody typed it.
pub const UNPROVEN_OFFER: Duration = Duration::from_secs(2 * 3_600);

/// Most of those who wait for one event with an address that nobody has proven: the rest of the list stays open to others.
pub const UNPROVEN_MAX: u32 = 500;

/// Once there are so many, those who have waited so long without proving their address go for who comes.
const UNPROVEN_STAYS: Duration = Duration::from_secs(24 * 3_600);

/// Events that are looked at in one write, and people at each.
const AT_ONCE: u32 = 100;

crate::values::letters! {
    /// How it stands with somebody's wish.
    State {
        /// Waits.
        Waiting = "waiting",
        /// Has an offer.
        Offered = "offered",
        /// Has booked.
        Booked = "booked",
        /// Did not want the offer.
        Declined = "declined",
        /// Did not take the offer in time.
        Expired = "expired",
        /// Went before there was an offer.
        Left = "left",
    }
}

/// Somebody on a list, or who was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its id: who came earlier has a smaller one.
    pub id: WaitingId,
    /// The event.
    pub event: EventId,
    /// Who.
    pub account: AccountId,
    /// Where they are told.
    pub email: String,
    /// How many seats they want.
    pub places: u16,
    /// How it stands; an offer that has run out is expired.
    pub state: State,
    /// Until when the offer lasts, or lasted.
    pub expires: Option<Time>,
    /// Since when they wait.
    pub joined: Time,
    /// The address is known to be theirs.
    pub proven: bool,
}

const COLUMNS: &str = "id, event, account, email, places,
    CASE WHEN state = 'offered' AND expires <= ?1 THEN 'expired' ELSE state END, expires, joined,
    proven";

fn row(row: &Row<'_>) -> rusqlite::Result<Waiting> {
    Ok(Waiting {
        id: row.get(0)?,
        event: row.get(1)?,
        account: row.get(2)?,
        email: row.get(3)?,
        places: row.get(4)?,
        state: row.get(5)?,
        expires: row.get(6)?,
        joined: row.get(7)?,
        proven: row.get(8)?,
    })
}

/// One wish, or `NotFound`.
pub fn get(tx: &Read, id: WaitingId) -> Result<Waiting> {
    tx.must(&format!("SELECT {COLUMNS} FROM waiting WHERE id = ?2"), (tx.now(), id), row)
}

/// Who waits for an event, and who did, those who came first first. `NotFound`: the event.
pub fn list(tx: &Read, event: EventId, page: Page) -> Result<Vec<Waiting>> {
    event::get(tx, event)?;
    let sql =
        format!("SELECT {COLUMNS} FROM waiting WHERE event = ?2 ORDER BY id LIMIT ?3 OFFSET ?4");
    tx.all(&sql, (tx.now(), event, page.limit, page.offset), row)
}

/// How many are before this one, and one: 1 is asked next.
pub fn position(tx: &Read, waiting: &Waiting) -> Result<u32> {
    let sql = "SELECT count(*) FROM waiting
         WHERE state = 'waiting' AND event = ?1 AND (proven > ?3 OR (proven = ?3 AND id <= ?2))";
    tx.one(sql, (waiting.event, waiting.id, waiting.proven), |row| row.get(0))
}

/// How many seats of an event may be taken or offered: those that are free, and for which there still is a piece of any of
/// its prices.
fn available(tx: &Read, event: &Event) -> Result<u32> {
    let sql = format!("SELECT {PIECES} FROM event WHERE id = ?1");
    let pieces: i64 = tx.one(&sql, [event.id], |row| row.get(0))?;
    Ok(event.free().min(u32::try_from(pieces.max(0)).unwrap_or(u32::MAX)))
}

/// Joins the list of an event; the letter about it has the link to leave. Refused: an event that is not shown or is over, more places than one person may have,
/// places that are free, somebody who waits or has an offer already, more than [`WAITING_MAX`] people, or than
/// [`UNPROVEN_MAX`] who have proven nothing.
pub fn join(
    tx: &Write,
    event: EventId,
    account: AccountId,
    email: &Email,
    proven: bool,
    places: u16,
) -> Result<Waiting> {
    super::order::release(tx)?;
    let event = event::get(tx, event)?;
    if !event.published {
        return Err(Error::Refused(Refusal::NotPublished));
    }
    if event.over() <= tx.now() {
        return Err(Error::Refused(Refusal::EventOver));
    }
    if places == 0 || places > event.max_per_user {
        return Err(Error::Refused(Refusal::LimitReached(event.max_per_user)));
    }
    let free = available(tx, &event)?;
    if u32::from(places) <= free {
        return Err(Error::Refused(Refusal::SeatsFree(free)));
    }
    if !proven {
        make_room(tx, event.id)?;
    }
    let open = "SELECT count(*), coalesce(max(account = ?2), 0) FROM waiting
         WHERE event = ?1 AND state IN ('waiting', 'offered')";
    let (open, already): (u32, bool) =
        tx.one(open, (event.id, account), |row| Ok((row.get(0)?, row.get(1)?)))?;
    if already {
        return Err(Error::Refused(Refusal::WaitsAlready));
    }
    if open >= WAITING_MAX {
        return Err(Error::Refused(Refusal::TooMany("waiting")));
    }
    // Who comes again stands at the end.
    tx.run("DELETE FROM waiting WHERE event = ?1 AND account = ?2", (event.id, account))?;
    let id = WaitingId::new();
    tx.run(
        "INSERT INTO waiting (id, event, account, email, places, joined, proven) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (id, event.id, account, email, places, tx.now(), proven),
    )?;
    outbox::queue(tx, Kind::WaitingJoined, email.as_str(), account, Some(id.0))?;
    audit::note(tx, "waiting.join", Some(event.id.0))?;
    freed(tx)?;
    get(tx, id)
}

/// Room for one more who has proven nothing. Refused: there is none.
fn make_room(tx: &Write, event: EventId) -> Result<()> {
    let sql = "SELECT count(*) FROM waiting WHERE event = ?1 AND state = 'waiting' AND proven = 0";
    let here: u32 = tx.one(sql, [event], |row| row.get(0))?;
    if here < UNPROVEN_MAX {
        return Ok(());
    }
    let sql = "UPDATE waiting SET state = 'left'
         WHERE event = ?1 AND state = 'waiting' AND proven = 0 AND joined <= ?2";
    match tx.run(sql, (event, tx.now().minus(UNPROVEN_STAYS)))? {
        0 => Err(Error::Refused(Refusal::ProofNeeded)),
        _ => Ok(()),
    }
}

/// Who holds the link of our letter has the address: an offer is kept to its end from now on.
pub fn confirm(tx: &Write, id: WaitingId) -> Result<()> {
    let waiting = get(tx, id)?;
    if waiting.proven {
        return Ok(());
    }
    tx.run("UPDATE waiting SET proven = 1 WHERE id = ?1", [id])?;
    if waiting.state == State::Offered {
        let until = offered_until(tx, &event::get(tx, waiting.event)?, true)?;
        let sql = "UPDATE waiting SET expires = max(expires, ?2) WHERE id = ?1";
        tx.run(sql, (id, until))?;
    }
    audit::note(tx, "waiting.confirm", Some(waiting.event.0))
}

/// A person has proven the address: so it is on every list here.
pub(super) fn prove(tx: &Write, account: AccountId) -> Result<()> {
    let sql = "SELECT id FROM waiting WHERE account = ?1 AND proven = 0 AND state IN ('waiting', 'offered')";
    for id in tx.all(sql, [account], |row| row.get(0))? {
        confirm(tx, id)?;
    }
    Ok(())
}

/// Goes from the list, or declines the offer, whose seats go to the next. Refused: who does not wait any more.
pub fn leave(tx: &Write, id: WaitingId) -> Result<Waiting> {
    release(tx)?;
    let waiting = get(tx, id)?;
    let state = match waiting.state {
        State::Waiting => State::Left,
        State::Offered => State::Declined,
        over => return Err(Error::Refused(Refusal::NotHeld(over.as_str()))),
    };
    if waiting.state == State::Offered {
        let sql = "UPDATE event SET offered = offered - ?2 WHERE id = ?1";
        tx.run(sql, (waiting.event, waiting.places))?;
    }
    tx.run("UPDATE waiting SET state = ?2 WHERE id = ?1", (id, state))?;
    audit::note(tx, "waiting.leave", Some(waiting.event.0))?;
    freed(tx)?;
    get(tx, id)
}

/// The seats that are kept for a person at an event; what has run out is released already.
pub(super) fn kept(tx: &Read, event: EventId, account: AccountId) -> Result<u32> {
    let sql = "SELECT places FROM waiting WHERE event = ?1 AND account = ?2 AND state = 'offered' AND expires > ?3";
    Ok(tx.maybe(sql, (event, account, tx.now()), |row| row.get(0))?.unwrap_or(0))
}

/// Somebody takes so many seats of an event, and `kept` of them, or fewer, from an offer: the offer is used, and the wish
/// of who waits is met when these are enough. What is left of the offer is free. Without `kept` it is not known to be
/// their own doing, and nobody's wish is met.
pub(super) fn take(
    tx: &Write,
    event: EventId,
    account: AccountId,
    seats: i64,
    kept: Option<u32>,
) -> Result<()> {
    let sql = "UPDATE event SET taken = taken + ?2, offered = offered - ?3 WHERE id = ?1";
    tx.run(sql, (event, seats, kept.unwrap_or(0)))?;
    if kept.is_none() {
        return Ok(());
    }
    let sql = "UPDATE waiting SET state = 'booked' WHERE event = ?1 AND account = ?2
           AND (state = 'offered' OR state = 'waiting' AND places <= ?3)";
    if tx.run(sql, (event, account, seats))? > 0 { freed(tx) } else { Ok(()) }
}

const RUN_OUT: &str = "state = 'offered' AND expires <= ?1";

/// Do offers that have run out still keep seats?
pub(super) fn any_to_release(tx: &Read) -> Result<bool> {
    tx.exists(&format!("SELECT 1 FROM waiting WHERE {RUN_OUT}"), [tx.now()])
}

/// Gives back what offers that have run out still keep.
pub(super) fn release(tx: &Write) -> Result<()> {
    if !any_to_release(tx)? {
        return Ok(());
    }
    let seats = format!(
        "UPDATE event SET offered = offered - back.seats
         FROM (SELECT event AS id, sum(places) AS seats FROM waiting WHERE {RUN_OUT} GROUP BY event) AS back
         WHERE event.id = back.id"
    );
    tx.run(&seats, [tx.now()])?;
    tx.run(&format!("UPDATE waiting SET state = 'expired' WHERE {RUN_OUT}"), [tx.now()])?;
    freed(tx)
}

/// How many of the seats that count as offered belong to offers that have run out.
pub(super) fn run_out(tx: &Read) -> Result<Vec<(EventId, u32)>> {
    let sql = format!("SELECT event, sum(places) FROM waiting WHERE {RUN_OUT} GROUP BY event");
    tx.all(&sql, [tx.now()], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Seats may have become free, or will: where anybody waits, it is to be seen who they are offered to.
pub(super) fn freed(tx: &Write) -> Result<()> {
    if tx.exists("SELECT 1 FROM waiting WHERE state = 'waiting'", [])? {
        tx.plan(Errand::Care, tx.now());
    }
    Ok(())
}

/// Of a row of `event`: for how many more seats there are pieces of its prices, those that offers keep left out.
const PIECES: &str = "(SELECT CASE WHEN max(stock IS NULL) THEN gauge
           ELSE coalesce(sum(max(stock - price.taken, 0)), 0) - offered END
     FROM event_product JOIN product ON product.id = event_product.product JOIN price ON price.product = product.id
     WHERE event_product.event = event.id AND product.category IN ('B', 'F')
       AND product.archived = 0 AND price.archived = 0)";

/// Events with seats that somebody who waits for them would take, at `?1`.
fn offerable() -> String {
    format!(
        "SELECT id FROM event
         WHERE id IN (SELECT event FROM waiting WHERE state = 'waiting') AND published = 1
           AND coalesce(ends, starts + 21600000000) > ?1
           AND min(gauge - taken - offered, {PIECES})
             >= (SELECT min(places) FROM waiting WHERE waiting.event = event.id AND state = 'waiting')"
    )
}

/// When there is something to be done for who waits: an offer to be made, an offer that ends, a hold that ends of a seat, or
/// of a ticket that is sold, at an event for which somebody waits.
pub fn next(tx: &Read) -> Result<Option<Time>> {
    if tx.exists(&offerable(), [tx.now()])? {
        return Ok(Some(tx.now()));
    }
    let offers = "SELECT min(expires) FROM waiting WHERE state = 'offered'";
    let offer: Option<Time> = tx.one(offers, [], |row| row.get(0))?;
    let holds = "SELECT expires FROM orders WHERE state = 'held' AND EXISTS
           (SELECT 1 FROM line JOIN waiting ON waiting.state = 'waiting' AND (waiting.event = line.event
                OR waiting.event IN (SELECT event FROM event_product WHERE product = line.product))
            WHERE line.orders = orders.id AND line.category IN ('B', 'F') AND line.returned < line.quantity)
         ORDER BY expires LIMIT 1";
    let hold: Option<Time> = tx.maybe(holds, [], |row| row.get(0))?;
    Ok(offer.into_iter().chain(hold).min())
}

/// Until when a seat is kept that is offered now: for as long as the venue says, and no longer than the event lasts.
fn offered_until(tx: &Read, event: &Event, proven: bool) -> Result<Time> {
    let hours = Duration::from_secs(u64::from(setting::get(tx)?.offer_hours) * 3_600);
    let kept = if proven { hours } else { hours.min(UNPROVEN_OFFER) };
    Ok(tx.now().plus(kept).min(event.over()))
}

/// Offers the seats that are free to who waits for them longest, after those who have proven their address. What has run out is released already.
pub(super) fn offer(tx: &Write) -> Result<()> {
    let events: Vec<EventId> =
        tx.all(&format!("{} LIMIT {AT_ONCE}", offerable()), [tx.now()], |row| row.get(0))?;
    for id in events {
        let event = event::get(tx, id)?;
        let mut free = available(tx, &event)?;
        let line = format!(
            "SELECT {COLUMNS} FROM waiting WHERE event = ?2 AND state = 'waiting' AND places <= ?3
             ORDER BY proven DESC, id LIMIT {AT_ONCE}"
        );
        for next in tx.all(&line, (tx.now(), id, free), row)? {
            let Some(left) = free.checked_sub(u32::from(next.places)) else { continue };
            free = left;
            let sql = "UPDATE event SET offered = offered + ?2 WHERE id = ?1";
            tx.run(sql, (id, next.places))?;
            let sql = "UPDATE waiting SET state = 'offered', expires = ?2 WHERE id = ?1";
            tx.run(sql, (next.id, offered_until(tx, &event, next.proven)?))?;
            outbox::queue(tx, Kind::WaitingOffer, &next.email, next.account, Some(next.id.0))?;
            audit::note(tx, "waiting.offer", Some(id.0))?;
        }
    }
    Ok(())
}
