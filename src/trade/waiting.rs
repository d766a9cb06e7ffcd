//! Waiting lists: who wants seats of an event that is full, and the seats that became free and are offered to them.
//!
//! What must stay true: an offer keeps its seats (`event.offered`) for one person and for a while, so that sold, held and
//! offered seats are never more than the gauge; an offer that has run out keeps nothing any more, whether or not anybody has
//! looked; a seat goes to who waits longest among those whose wish fits. Offers are made by the tenant's errand alone, in
//! one write; whoever frees seats plans it.

use super::outbox::{self, Kind};
use super::{Page, audit, event, setting};
use crate::error::{Error, Refusal, Result};
use crate::root::{Errand, Read, Write};
use crate::values::id::{AccountId, EventId, WaitingId};
use crate::values::{Email, Time};
use rusqlite::Row;
use std::time::Duration;

/// Most people who wait for one event, or have an offer.
pub const WAITING_MAX: u32 = 1_000;

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
}

const COLUMNS: &str = "id, event, account, email, places,
    CASE WHEN state = 'offered' AND expires <= ?1 THEN 'expired' ELSE state END, expires, joined";

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
    let sql = "SELECT count(*) FROM waiting WHERE state = 'waiting' AND event = ?1 AND id <= ?2";
    tx.one(sql, (waiting.event, waiting.id), |row| row.get(0))
}

/// Joins the list of an event. Refused: an event that is not shown or is over, more places than one person may have,
/// places that are free, somebody who waits or has an offer already, more than [`WAITING_MAX`] people.
pub fn join(
    tx: &Write,
    event: EventId,
    account: AccountId,
    email: &Email,
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
    if u32::from(places) <= event.free() {
        return Err(Error::Refused(Refusal::SeatsFree(event.free())));
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
        "INSERT INTO waiting (id, event, account, email, places, joined) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (id, event.id, account, email, places, tx.now()),
    )?;
    audit::note(tx, "waiting.join", Some(event.id.0))?;
    freed(tx)?;
    get(tx, id)
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
/// of who waits is met when these are enough. What is left of the offer is free.
pub(super) fn take(
    tx: &Write,
    event: EventId,
    account: AccountId,
    seats: i64,
    kept: u32,
) -> Result<()> {
    let sql = "UPDATE event SET taken = taken + ?2, offered = offered - ?3 WHERE id = ?1";
    tx.run(sql, (event, seats, kept))?;
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

/// Events with seats that somebody who waits for them would take, at `?1`.
const OFFERABLE: &str = "SELECT id FROM event
     WHERE id IN (SELECT event FROM waiting WHERE state = 'waiting') AND published = 1
       AND coalesce(ends, starts + 21600000000) > ?1
       AND gauge - taken - offered >= (SELECT min(places) FROM waiting WHERE waiting.event = event.id AND state = 'waiting')";

/// When there is something to be done for who waits: an offer to be made, an offer that ends, a hold that ends at an event
/// for which somebody waits.
pub fn next(tx: &Read) -> Result<Option<Time>> {
    if tx.exists(OFFERABLE, [tx.now()])? {
        return Ok(Some(tx.now()));
    }
    let offers = "SELECT min(expires) FROM waiting WHERE state = 'offered'";
    let offer: Option<Time> = tx.one(offers, [], |row| row.get(0))?;
    let holds = "SELECT expires FROM orders WHERE state = 'held' AND EXISTS
           (SELECT 1 FROM line JOIN waiting ON waiting.event = line.event AND waiting.state = 'waiting'
            WHERE line.orders = orders.id AND line.category IN ('B', 'F') AND line.returned < line.quantity)
         ORDER BY expires LIMIT 1";
    let hold: Option<Time> = tx.maybe(holds, [], |row| row.get(0))?;
    Ok(offer.into_iter().chain(hold).min())
}

/// Offers the seats that are free to who waits for them longest, for as long as the venue says and no longer than the event
/// lasts. What has run out is released already.
pub(super) fn offer(tx: &Write) -> Result<()> {
    let events: Vec<EventId> =
        tx.all(&format!("{OFFERABLE} LIMIT {AT_ONCE}"), [tx.now()], |row| row.get(0))?;
    let hours = setting::get(tx)?.offer_hours;
    let end = tx.now().plus(Duration::from_secs(u64::from(hours) * 3_600));
    for id in events {
        let event = event::get(tx, id)?;
        let (mut free, expires) = (event.free(), end.min(event.over()));
        let line = format!(
            "SELECT {COLUMNS} FROM waiting WHERE event = ?2 AND state = 'waiting' AND places <= ?3
             ORDER BY id LIMIT {AT_ONCE}"
        );
        for next in tx.all(&line, (tx.now(), id, free), row)? {
            let Some(left) = free.checked_sub(u32::from(next.places)) else { continue };
            free = left;
            let sql = "UPDATE event SET offered = offered + ?2 WHERE id = ?1";
            tx.run(sql, (id, next.places))?;
            let sql = "UPDATE waiting SET state = 'offered', expires = ?2 WHERE id = ?1";
            tx.run(sql, (next.id, expires))?;
            outbox::queue(tx, Kind::WaitingOffer, &next.email, next.account, Some(next.id.0))?;
            audit::note(tx, "waiting.offer", Some(id.0))?;
        }
    }
    Ok(())
}
