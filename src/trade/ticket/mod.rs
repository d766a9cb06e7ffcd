//! Tickets: one seat each. Open once paid or proven, then scanned at a gate, or void.

mod gate;
mod offline;

pub use gate::{Earlier, Reason, Verdict, Way, refuse, scan};
pub use offline::{
    AtDoor, Claim, GROUP, Pass, at_door, ensure_door_key, revised, sort, sync, verdicts,
};

use super::order::Booking;
use super::{event, place};
use crate::error::{Error, Result};
use crate::paper::code::Signer;
use crate::root::{Read, Write};
use crate::values::id::{BookingId, EventId, OptionId, PriceId, TicketId};
use crate::values::{Money, Time};
use rusqlite::Row;
use std::time::Duration;

crate::values::letters! {
    /// Where a ticket stands.
    State {
        /// Not paid, or its buyer's address not proven.
        Inactive = "N",
        /// Opens the door.
        Open = "K",
        /// Has opened it.
        Scanned = "S",
        /// Given back.
        Void = "R",
    }
}

/// A ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Its id, which opens the door.
    pub id: TicketId,
    /// Its reservation.
    pub booking: BookingId,
    /// Its event.
    pub event: EventId,
    /// Where it stands.
    pub state: State,
    /// Given name of its holder.
    pub first_name: String,
    /// Family name of its holder.
    pub last_name: String,
    /// `L`: any seat.
    pub seat: String,
}

impl Ticket {
    /// The number that a person can read out: the first eight digits of the id.
    #[must_use]
    pub fn number(&self) -> String {
        self.id.0.simple().to_string().chars().take(8).collect::<String>().to_uppercase()
    }
}

/// What [`row`] reads, by position: lists are long. Whatever a query has besides is read by its name.
const COLUMNS: &str = "ticket.id, ticket.booking, ticket.event, ticket.state, ticket.first_name, ticket.last_name, ticket.seat";

fn row(row: &Row<'_>) -> rusqlite::Result<Ticket> {
    Ok(Ticket {
        id: row.get(0)?,
        booking: row.get(1)?,
        event: row.get(2)?,
        state: row.get(3)?,
        first_name: row.get(4)?,
        last_name: row.get(5)?,
        seat: row.get(6)?,
    })
}

/// The ticket, or `NotFound`.
pub fn get(tx: &Read, id: TicketId) -> Result<Ticket> {
    tx.must(&format!("SELECT {COLUMNS} FROM ticket WHERE id = ?1"), [id], row)
}

/// What a ticket was sold as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priced {
    /// What its price was called.
    pub name: String,
    /// What it cost, VAT included.
    pub unit: Money,
}

/// What a ticket was sold as, or `NotFound`.
pub fn priced(tx: &Read, id: TicketId) -> Result<Priced> {
    let sql = "SELECT price_name, unit FROM line JOIN ticket ON ticket.line = line.id WHERE ticket.id = ?1";
    tx.must(sql, [id], |row| Ok(Priced { name: row.get("price_name")?, unit: row.get("unit")? }))
}

/// The tickets of a reservation in the order in which their holders were named, each with what it was sold as.
pub fn priced_of(tx: &Read, booking: BookingId) -> Result<Vec<(Ticket, Priced)>> {
    let sql = format!(
        "SELECT {COLUMNS}, price_name, unit FROM ticket JOIN line ON line.id = ticket.line
         WHERE ticket.booking = ?1 ORDER BY ticket.rowid"
    );
    tx.all(&sql, [booking], |found| {
        Ok((row(found)?, Priced { name: found.get("price_name")?, unit: found.get("unit")? }))
    })
}

/// The tickets of an event that open the door or have opened it, by name, each with what it was sold as.
pub fn priced_at(tx: &Read, event: EventId) -> Result<Vec<(Ticket, Priced)>> {
    let sql = format!(
        "SELECT {COLUMNS}, price_name, unit FROM ticket JOIN line ON line.id = ticket.line
         WHERE ticket.event = ?1 AND ticket.state IN ('K', 'S')
         ORDER BY ticket.last_name, ticket.first_name, ticket.id"
    );
    tx.all(&sql, [event], |found| {
        Ok((row(found)?, Priced { name: found.get("price_name")?, unit: found.get("unit")? }))
    })
}

/// How many those are.
pub fn open_at(tx: &Read, event: EventId) -> Result<u32> {
    let sql = "SELECT count(*) FROM ticket WHERE event = ?1 AND state IN ('K', 'S')";
    tx.one(sql, [event], |row| row.get(0))
}

/// The tickets of these reservations with the price that each was sold by, in one look.
pub fn of_bookings(tx: &Read, bookings: &[Booking]) -> Result<Vec<(Ticket, PriceId)>> {
    let ids = crate::root::coming::set(bookings.iter().map(|booking| booking.id.0));
    let sql = format!(
        "SELECT {COLUMNS}, line.price AS price FROM ticket JOIN line ON line.id = ticket.line
         WHERE ticket.booking IN (SELECT unhex(value) FROM json_each(?1)) ORDER BY ticket.rowid"
    );
    tx.all(&sql, [ids], |found| Ok((row(found)?, found.get("price")?)))
}

/// Makes the key that signs this tenant's tickets, when there is none yet.
pub(super) fn ensure_key(tx: &Write) -> Result<()> {
    if !tx.exists("SELECT 1 FROM secret WHERE name = 'ticket_key'", [])? {
        let seed = Signer::new_seed();
        tx.run("INSERT INTO secret (name, value) VALUES ('ticket_key', ?1)", [seed.as_slice()])?;
    }
    Ok(())
}

/// The seed of the key that signs this tenant's tickets, or `NotFound`; there is one since its first ticket.
pub fn key_seed(tx: &Read) -> Result<[u8; 32]> {
    find_key_seed(tx)?.ok_or(Error::NotFound)
}

/// The same, if there is one.
pub fn find_key_seed(tx: &Read) -> Result<Option<[u8; 32]>> {
    tx.maybe("SELECT value FROM secret WHERE name = 'ticket_key'", [], |row| row.get(0))
}

/// The names of the options that were chosen with each reservation of these tickets.
pub fn options(tx: &Read, tickets: &[Ticket]) -> Result<Vec<(BookingId, OptionId, String)>> {
    let ids = crate::root::coming::set(tickets.iter().map(|ticket| ticket.booking.0));
    tx.all(
        "SELECT booking, option.id, option.name FROM booking_option JOIN option ON option.id = option
         WHERE booking IN (SELECT unhex(value) FROM json_each(?1)) ORDER BY option.weight",
        [ids],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// The night that counts as today: from 4 in the morning to the next, where the venue is.
pub fn tonight(tx: &Read) -> Result<(Time, Time)> {
    const FOUR: Duration = Duration::from_secs(4 * 3600);
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let zone = place::zone(tx)?;
    let from = zone.day_start(tx.now().minus(FOUR)).plus(FOUR);
    Ok((from, from.plus(DAY)))
}

/// Where `event.id` is what is asked for: an event, which must be there, or else tonight's, which are `?2` to `?3`.
const ASKED: &str =
    "CASE WHEN ?1 IS NULL THEN event.starts >= ?2 AND event.starts < ?3 ELSE event.id = ?1 END";

fn asked(tx: &Read, event: Option<EventId>) -> Result<(Option<EventId>, Time, Time)> {
    let (from, to) = tonight(tx)?;
    event.map(|id| event::get(tx, id)).transpose()?;
    Ok((event, from, to))
}

/// The tickets of an event, or else tonight's, that open the door or have opened it.
pub fn list(tx: &Read, event: Option<EventId>) -> Result<Vec<Ticket>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM event JOIN ticket ON ticket.event = event.id
         WHERE {ASKED} AND ticket.state IN ('K', 'S')
         ORDER BY ticket.last_name, ticket.first_name, ticket.id"
    );
    tx.all(&sql, asked(tx, event)?, row)
}

/// The figures of an event, or tonight's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gauge {
    /// Seats.
    pub seats: u32,
    /// Tickets that open the door or have opened it.
    pub all: u32,
    /// Those that have.
    pub scanned: u32,
}

/// How full an event is, or else tonight.
pub fn gauge(tx: &Read, event: Option<EventId>) -> Result<Gauge> {
    let asked = asked(tx, event)?;
    let seats = format!("SELECT coalesce(sum(gauge), 0) FROM event WHERE {ASKED}");
    let seats = tx.one(&seats, asked, |row| row.get(0))?;
    let sql = format!(
        "SELECT count(*) FILTER (WHERE ticket.state IN ('K', 'S')), count(*) FILTER (WHERE ticket.state = 'S')
         FROM event JOIN ticket ON ticket.event = event.id WHERE {ASKED}"
    );
    let (all, scanned) = tx.one(&sql, asked, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(Gauge { seats, all, scanned })
}

/// The ticket of this printed number, the first eight digits of its id, at an event.
pub fn by_number(tx: &Read, event: EventId, number: &str) -> Result<Ticket> {
    let is_number = number.len() == 8 && number.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_number {
        return Err(Error::NotFound);
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM ticket WHERE event = ?1 AND hex(substr(id, 1, 4)) = upper(?2)"
    );
    let mut found = tx.all(&sql, (event, number), row)?;
    if found.len() == 1 { found.pop().ok_or(Error::NotFound) } else { Err(Error::NotFound) }
}
