//! What is offered through a channel: events, what is sold for them, and what that costs there. Each table is read once,
//! however many events there are.

use super::fee::{self, Part, Split};
use super::order::{rate, vat_within};
use super::price::{self, Price};
use super::{Page, audit, event, number, place, waiting};
use crate::error::Result;
use crate::root::coming::set;
use crate::root::{Read, Till, Write};
use crate::trade::event::Event;
use crate::values::id::{DistributionId, EventId, PriceId, ProductId};
use crate::values::{Money, Time};
use std::collections::HashMap;
use uuid::Uuid;

/// Which events.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Through this channel; none: through any.
    pub distribution: Option<DistributionId>,
    /// Those that are not shown to the public too.
    pub hidden: bool,
    /// Those that were taken away too, for what was sold of them.
    pub gone: bool,
    /// Only these, whenever they are.
    pub events: Option<Vec<EventId>>,
    /// Only dates of this series.
    pub series: Option<EventId>,
    /// From then on; without it, from the beginning of today.
    pub from: Option<Time>,
    /// Up to then.
    pub till: Option<Time>,
    /// With this in its name.
    pub search: Option<String>,
    /// What is sold for them as well.
    pub tickets: bool,
    /// Their numbers as well.
    pub numbers: bool,
}

/// An event that is offered.
#[derive(Clone, Debug)]
pub struct Offered {
    /// The event.
    pub event: Event,
    /// Its number; 0 where it was not asked for.
    pub no: i64,
    /// What is sold for it, cheapest first.
    pub tickets: Vec<TicketType>,
}

/// What is sold for an event.
#[derive(Clone, Debug)]
pub struct TicketType {
    /// Its number; 0 where it was not asked for.
    pub no: i64,
    /// Its id; none where it was not asked for.
    pub id: Option<Uuid>,
    /// Its price.
    pub price: Price,
    /// How many may still be had.
    pub left: u32,
    /// What one costs.
    pub split: Split,
    /// The VAT in that.
    pub vat: Money,
    /// What each fee comes to.
    pub fees: Vec<Part>,
}

const WHERE: &str = "(?1 OR published = 1) AND (?2 IS NULL OR id IN (SELECT unhex(value) FROM json_each(?2))) AND starts >= ?3 AND starts <= ?4
     AND (?5 IS NULL OR instr(lower(name), lower(?5)) > 0)
     AND (?6 IS NULL OR NOT EXISTS (SELECT 1 FROM event_distribution WHERE event = event.id)
          OR EXISTS (SELECT 1 FROM event_distribution WHERE event = event.id AND distribution = ?6))
     AND (?7 IS NULL OR series = ?7) AND (?8 OR deleted IS NULL)";

type Bounds<'w> = (
    bool,
    Option<String>,
    Time,
    Time,
    Option<&'w str>,
    Option<DistributionId>,
    Option<EventId>,
    bool,
);

fn bounds<'w>(tx: &Read, wanted: &'w Wanted) -> Result<Bounds<'w>> {
    let Wanted { distribution, hidden, gone, events, series, from, till, search, .. } = wanted;
    let from = match (from, events) {
        (Some(from), _) => *from,
        (None, Some(_)) => Time(0),
        (None, None) => place::zone(tx)?.day_start(tx.now()),
    };
    let till = till.unwrap_or(Time(i64::MAX));
    let events = events.as_ref().map(|ids| set(ids.iter().map(|id| id.0)));
    Ok((*hidden, events, from, till, search.as_deref(), *distribution, *series, *gone))
}

/// How many events there are of these.
pub fn count(tx: &Read, wanted: &Wanted) -> Result<i64> {
    let sql = format!("SELECT count(*) FROM event WHERE {WHERE}");
    tx.one(&sql, bounds(tx, wanted)?, |row| row.get(0))
}

/// These events by date, with what is sold for them at this till.
pub fn list(tx: &Read, wanted: &Wanted, till: &Till, page: Page) -> Result<Vec<Offered>> {
    let (hidden, events, from, until, search, channel, series, gone) = bounds(tx, wanted)?;
    let columns = event::COLUMNS;
    let sql = format!(
        "SELECT {columns} FROM event WHERE {WHERE} ORDER BY starts, id LIMIT ?9 OFFSET ?10"
    );
    let (limit, offset) = (page.limit, page.offset);
    let params = (hidden, events, from, until, search, channel, series, gone, limit, offset);
    let found: Vec<Event> = tx.all(&sql, params, event::row)?;
    let mut offered: Vec<Offered> =
        found.into_iter().map(|event| Offered { event, no: 0, tickets: vec![] }).collect();
    if wanted.tickets && !offered.is_empty() {
        add_tickets(tx, till, &mut offered)?;
    }
    if wanted.numbers {
        add_numbers(tx, &mut offered)?;
    }
    Ok(offered)
}

fn add_numbers(tx: &Read, offered: &mut [Offered]) -> Result<()> {
    let numbers = number::of(tx, offered.iter().map(|one| one.event.id.0))?;
    let sql = "SELECT event, price, ticket_type.id, no FROM ticket_type JOIN number ON subject = ticket_type.id
         WHERE event IN (SELECT unhex(value) FROM json_each(?1))";
    let types: Vec<((EventId, PriceId), (Uuid, i64))> =
        tx.all(sql, [set(offered.iter().map(|one| one.event.id.0))], |row| {
            Ok(((row.get(0)?, row.get(1)?), (row.get(2)?, row.get(3)?)))
        })?;
    let types: HashMap<_, _> = types.into_iter().collect();
    for one in offered {
        one.no = numbers.get(&one.event.id.0).copied().unwrap_or(0);
        for ticket in &mut one.tickets {
            if let Some((id, no)) = types.get(&(one.event.id, ticket.price.id)) {
                (ticket.id, ticket.no) = (Some(*id), *no);
            }
        }
    }
    Ok(())
}

/// The events and prices that these numbers of ticket types stand for.
pub fn types(tx: &Read, numbers: &[i64]) -> Result<HashMap<i64, (EventId, PriceId)>> {
    let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
    let sql = "SELECT no, event, price FROM number JOIN ticket_type ON ticket_type.id = subject
         WHERE no IN (SELECT value FROM json_each(?1))";
    let all: Vec<(i64, (EventId, PriceId))> =
        tx.all(sql, [format!("[{}]", numbers.join(","))], |row| {
            Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))
        })?;
    Ok(all.into_iter().collect())
}

/// The number of the first ticket type at this price.
pub fn type_of(tx: &Read, price: PriceId) -> Result<Option<i64>> {
    let sql =
        "SELECT min(no) FROM ticket_type JOIN number ON subject = ticket_type.id WHERE price = ?1";
    tx.one(sql, [price], |row| row.get(0))
}

fn add_tickets(tx: &Read, till: &Till, offered: &mut [Offered]) -> Result<()> {
    let ids = set(offered.iter().map(|one| one.event.id.0));
    let sql = "SELECT event, product FROM event_product JOIN product ON product.id = product
         WHERE event IN (SELECT unhex(value) FROM json_each(?1)) AND archived = 0 AND category IN ('B', 'F')
         ORDER BY weight, product.id";
    let sold: Vec<(EventId, ProductId)> =
        tx.all(sql, [&ids], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut prices: HashMap<ProductId, Vec<Price>> = HashMap::new();
    for price in price::of_events(tx, &ids)? {
        prices.entry(price.product).or_default().push(price);
    }
    for of_product in prices.values_mut() {
        of_product.sort_unstable_by_key(|price| (price.amount, price.id));
    }
    let free: HashMap<EventId, u32> = event::released(tx)?.into_iter().collect();
    let run_out: HashMap<EventId, u32> = waiting::run_out(tx)?.into_iter().collect();
    let pieces = pieces_left(tx)?;
    let all = prices.values().flatten().map(|price| price.id);
    let fees = fee::counting(tx, till, offered.iter().map(|one| one.event.id), all)?;
    let mut at: HashMap<EventId, Vec<ProductId>> = HashMap::new();
    for (event, product) in sold {
        at.entry(event).or_default().push(product);
    }
    for one in offered {
        let id = one.event.id;
        let back = |all: &HashMap<EventId, u32>| all.get(&id).copied().unwrap_or(0);
        one.event.taken = one.event.taken.saturating_sub(back(&free));
        one.event.offered = one.event.offered.saturating_sub(back(&run_out));
        let seats = one.event.free();
        let products = at.get(&id).into_iter().flatten();
        for price in products.filter_map(|product| prices.get(product)).flatten() {
            let charges = fee::charges(&fees, Some(id), price.id, true);
            let (split, parts) = fee::reckon_parts(price.amount, charges);
            let stock = pieces.get(&price.id).map_or(seats, |left| seats.min(*left));
            one.tickets.push(TicketType {
                no: 0,
                id: None,
                left: stock,
                vat: vat_within(split.incl_fee, rate(price.vat)),
                split,
                fees: parts,
                price: price.clone(),
            });
        }
    }
    Ok(())
}

/// How many pieces are left of prices of which there is only so many; holds that have run out no longer count.
fn pieces_left(tx: &Read) -> Result<HashMap<PriceId, u32>> {
    let sql = "SELECT id, max(0, stock - taken + coalesce(back, 0)) FROM price LEFT JOIN
            (SELECT line.price AS price, sum(quantity - returned) AS back FROM orders JOIN line ON line.orders = orders.id
             WHERE orders.state = 'held' AND orders.expires <= ?1 GROUP BY line.price) AS held ON held.price = price.id
         WHERE archived = 0 AND stock IS NOT NULL";
    let all: Vec<(PriceId, u32)> = tx.all(sql, [tx.now()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(all.into_iter().collect())
}

/// Through which channels an event is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channels {
    /// Nobody has said anything of it.
    All,
    /// These alone; there may be none.
    Only(Vec<DistributionId>),
}

impl Channels {
    /// Is it offered through this one?
    #[must_use]
    pub fn has(&self, channel: DistributionId) -> bool {
        match self {
            Self::All => true,
            Self::Only(channels) => channels.contains(&channel),
        }
    }
}

/// The id of no channel: where no row says anything of it an event is offered through all.
const NOWHERE: DistributionId = DistributionId(Uuid::nil());

/// The channels through which an event is offered.
pub fn channels(tx: &Read, event: EventId) -> Result<Channels> {
    let sql = "SELECT distribution FROM event_distribution WHERE event = ?1 ORDER BY distribution";
    let linked: Vec<DistributionId> = tx.all(sql, [event], |row| row.get(0))?;
    Ok(match linked.is_empty() {
        true => Channels::All,
        false => Channels::Only(linked.into_iter().filter(|one| *one != NOWHERE).collect()),
    })
}

/// Offers an event through these channels alone; through none where none is named.
pub fn link(tx: &Write, event: EventId, channels: &[DistributionId]) -> Result<()> {
    event::get(tx, event)?;
    tx.run("DELETE FROM event_distribution WHERE event = ?1", [event])?;
    let nowhere = channels.is_empty().then_some(&NOWHERE);
    for channel in channels.iter().chain(nowhere) {
        let sql = "INSERT OR IGNORE INTO event_distribution (event, distribution) VALUES (?1, ?2)";
        tx.run(sql, (event, channel))?;
    }
    audit::note(tx, "event.link", Some(event.0))
}

/// What is paid with here.
pub fn currency(tx: &Read) -> Result<String> {
    tx.one("SELECT currency FROM place", [], |row| row.get(0))
}

/// Has anything that costs something been sold, or is it held?
pub fn has_sold(tx: &Read) -> Result<bool> {
    tx.exists("SELECT 1 FROM orders WHERE total > 0 AND state IN ('held', 'paid', 'refunded')", [])
}

/// Has anything been sold through this channel?
pub fn has_sold_through(tx: &Read, channel: DistributionId) -> Result<bool> {
    let sql =
        "SELECT 1 FROM orders WHERE distribution = ?1 AND state IN ('held', 'paid', 'refunded')";
    tx.exists(sql, [channel])
}

/// Sells in another currency from now on.
pub fn set_currency(tx: &Write, currency: &str) -> Result<()> {
    tx.run("UPDATE place SET currency = ?1", [currency])?;
    audit::note(tx, "place.currency", None)
}
