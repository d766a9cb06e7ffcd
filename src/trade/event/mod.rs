//! Events: evenings, concerts, meetings. An event has a gauge of seats, and products whose prices open it.
//!
//! An event that is made without a bookable product gets the tenant's free booking in the same write; nothing is made
//! when it is read.

mod gone;

pub use gone::remove;

use super::media::Upload;
use super::order::{self, SEATS};
use super::{Page, audit, check_room, media, place, price, product, waiting};
use crate::error::{Error, OnConflict, Refusal, Result};
use crate::root::coming::{Coming, set};
use crate::root::{Read, Write};
use crate::values::Time;
use crate::values::id::{EventId, OptionId, ProductId, TenantId};
use crate::values::slug::slugify;
use rusqlite::{Row, named_params};
use std::collections::HashMap;
use std::time::Duration;

crate::values::letters! {
    /// What an event is (`categorie`).
    Category {
        /// A concert.
        Concert = "LIV",
        /// A festival.
        Festival = "FES",
        /// A meeting.
        Meeting = "REU",
        /// A talk.
        Talk = "CON",
        /// A meal.
        Meal = "RES",
        /// Work to be done together (later letters).
        Workcamp = "CHT",
        /// Volunteering (later letters).
        Volunteering = "ACT",
    }
}

crate::values::letters! {
    /// How an option of an event is chosen.
    Kind {
        /// One among them.
        Radio = "radio",
        /// Any of them.
        Checkbox = "checkbox",
    }
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Unique with its beginning.
    pub name: String,
    /// In its address; made once, from name and beginning.
    pub slug: String,
    /// What it is.
    pub category: Category,
    /// One line.
    pub short_description: Option<String>,
    /// As long as it takes.
    pub long_description: Option<String>,
    /// Its page elsewhere.
    pub link: Option<String>,
    /// When it begins.
    pub starts: Time,
    /// When it is over, if that is known.
    pub ends: Option<Time>,
    /// How many seats there are.
    pub gauge: u32,
    /// How many seats one person may book.
    pub max_per_user: u16,
    /// What a cashless card must hold, in minor units.
    pub minimum_cashless: i64,
    /// Shown to the public.
    pub published: bool,
    /// Name of its image.
    pub image: Option<String>,
    /// Seats sold or held.
    pub taken: u32,
    /// Seats kept for whoever they are offered to on the waiting list.
    pub offered: u32,
    /// The event that was first repeated, where this is one of several dates.
    pub series: Option<EventId>,
    /// When what the public is told of it was last changed; bookings and seats do not count.
    pub changed: Time,
    /// Since when it is cancelled: it was booked, and was taken away.
    pub cancelled: Option<Time>,
}

impl Event {
    /// The moment from which it is over: so long may it be booked, at the door too.
    #[must_use]
    pub fn over(&self) -> Time {
        self.ends.unwrap_or_else(|| self.starts.plus(LASTS))
    }

    /// Seats that are neither sold nor held nor offered.
    #[must_use]
    pub const fn free(&self) -> u32 {
        self.gauge.saturating_sub(self.taken).saturating_sub(self.offered)
    }
}

/// How long an event is taken to last whose end is not known.
pub(super) const LASTS: Duration = Duration::from_secs(6 * 3600);

/// What a caller may say of an event.
#[derive(Clone, Debug)]
pub struct New {
    /// Its name.
    pub name: String,
    /// What it is.
    pub category: Category,
    /// One line.
    pub short_description: Option<String>,
    /// As long as it takes.
    pub long_description: Option<String>,
    /// Its page elsewhere.
    pub link: Option<String>,
    /// When it begins.
    pub starts: Time,
    /// When it is over.
    pub ends: Option<Time>,
    /// How many seats there are.
    pub gauge: u32,
    /// How many seats one person may book.
    pub max_per_user: u16,
    /// What a cashless card must hold, in minor units.
    pub minimum_cashless: i64,
    /// Shown to the public.
    pub published: bool,
}

/// What goes with an event. `None` leaves what is there.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// What is sold for it.
    pub products: Option<Vec<ProductId>>,
    /// Options of which one may be chosen.
    pub radio: Option<Vec<OptionId>>,
    /// Options that may be chosen freely.
    pub checkbox: Option<Vec<OptionId>>,
    /// Words to find it by.
    pub tags: Option<Vec<String>>,
    /// Who plays, and when.
    pub artists: Option<Vec<(TenantId, Time)>>,
}

/// When events may be: from 1970 to the end of 2199.
pub const TIMES: std::ops::RangeInclusive<Time> = Time(0)..=Time(7_258_118_400_000_000);

pub(super) const COLUMNS: &str =
    "id, name, slug, category, short_description, long_description, link, starts, ends, gauge,
    max_per_user, minimum_cashless, published, image, taken, series, changed, offered,
    cancelled";

pub(super) fn row(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        id: row.get(0)?,
        name: row.get(1)?,
        slug: row.get(2)?,
        category: row.get(3)?,
        short_description: row.get(4)?,
        long_description: row.get(5)?,
        link: row.get(6)?,
        starts: row.get(7)?,
        ends: row.get(8)?,
        gauge: row.get(9)?,
        max_per_user: row.get(10)?,
        minimum_cashless: row.get(11)?,
        published: row.get(12)?,
        image: row.get(13)?,
        taken: row.get(14)?,
        series: row.get(15)?,
        changed: row.get(16)?,
        offered: row.get(17)?,
        cancelled: row.get(18)?,
    })
}

/// Makes an event, or finds the one that was made with the same name, beginning and descriptions, and gives it these
/// values: the contract does so, and a client that repeats itself makes no second evening. Refused: another event of this
/// name and beginning, more than `max` events.
pub fn create(
    tx: &Write,
    new: &New,
    links: &Links,
    image: Option<&Upload>,
    max: u64,
) -> Result<Event> {
    if let Some(known) = named(tx, &new.name, new.starts)? {
        let same = known.short_description == new.short_description
            && known.long_description == new.long_description
            && known.minimum_cashless == new.minimum_cashless;
        if !same {
            return Err(Error::Refused(Refusal::NameTaken));
        }
        return update(tx, known.id, new, links, image);
    }
    check_room(tx, "event", max)?;
    let image = image.map(|image| media::store(tx, image)).transpose()?;
    let params = named_params! {
        ":id": EventId::new(), ":name": new.name, ":slug": free_slug(tx, &new.name, new.starts)?, ":category": new.category,
        ":short_description": new.short_description, ":long_description": new.long_description, ":link": new.link,
        ":starts": new.starts, ":ends": new.ends, ":gauge": new.gauge, ":max_per_user": new.max_per_user,
        ":minimum_cashless": new.minimum_cashless, ":published": new.published, ":image": image, ":now": tx.now(),
    };
    let sql = format!(
        "INSERT INTO event ({COLUMNS}, created)
         VALUES (:id, :name, :slug, :category, :short_description, :long_description, :link, :starts, :ends, :gauge,
            :max_per_user, :minimum_cashless, :published, :image, 0, NULL, :now, 0, NULL, :now)
         RETURNING {COLUMNS}"
    );
    let event =
        tx.one(&sql, params, row).on_conflict("event.name, event.starts", Refusal::NameTaken)?;
    relink(tx, event.id, links)?;
    ensure_bookable(tx, event.id)?;
    audit::note(tx, "event.create", Some(event.id.0))?;
    Ok(event)
}

/// Puts new values in the place of old ones; the slug stays. A cancelled event that is shown again takes place. Refused: a
/// gauge below what is taken.
pub fn update(
    tx: &Write,
    id: EventId,
    new: &New,
    links: &Links,
    image: Option<&Upload>,
) -> Result<Event> {
    let stored = image.map(|image| media::store(tx, image)).transpose()?;
    replace(tx, id, new, links, stored.as_ref())
}

/// The same, with an image that is stored already.
pub(super) fn replace(
    tx: &Write,
    id: EventId,
    new: &New,
    links: &Links,
    stored: Option<&String>,
) -> Result<Event> {
    order::release(tx)?;
    let old = get(tx, id)?;
    let image = stored.or(old.image.as_ref());
    let params = named_params! {
        ":id": id, ":name": new.name, ":category": new.category, ":short_description": new.short_description,
        ":long_description": new.long_description, ":link": new.link, ":starts": new.starts, ":ends": new.ends,
        ":gauge": new.gauge, ":max_per_user": new.max_per_user, ":minimum_cashless": new.minimum_cashless,
        ":published": new.published, ":image": image, ":now": tx.now(),
    };
    let sql = format!(
        "UPDATE event SET name = :name, category = :category, short_description = :short_description,
            long_description = :long_description, link = :link, starts = :starts, ends = :ends, gauge = :gauge,
            max_per_user = :max_per_user, minimum_cashless = :minimum_cashless, published = :published,
            image = :image, cancelled = iif(:published, NULL, cancelled),
            changed = iif((name, category, short_description, long_description, link, starts, ends, published, image)
                IS (:name, :category, :short_description, :long_description, :link, :starts, :ends, :published, :image),
                changed, :now)
         WHERE id = :id RETURNING {COLUMNS}"
    );
    let event = tx
        .one(&sql, params, row)
        .on_conflict("event.name, event.starts", Refusal::NameTaken)
        .on_conflict("event_gauge", Refusal::GaugeTaken)
        .on_conflict("event_offered", Refusal::GaugeTaken)?;
    if stored.is_some() {
        forget_image(tx, &old)?;
    }
    relink(tx, id, links)?;
    // Only who says what is sold may leave nothing: an event whose product was archived stays what it was.
    if links.products.is_some() {
        ensure_bookable(tx, id)?;
    }
    waiting::freed(tx)?;
    audit::note(tx, "event.update", Some(id.0))?;
    Ok(event)
}

/// Cancels an event: it is no longer shown or sold. What was sold of it is given back by [`order::call_off`].
pub fn call_off(tx: &Write, id: EventId) -> Result<()> {
    get(tx, id)?;
    hide(tx, id)?;
    audit::note(tx, "event.call_off", Some(id.0))
}

fn hide(tx: &Write, id: EventId) -> Result<()> {
    let sql = "UPDATE event SET published = 0, changed = ?2, cancelled = coalesce(cancelled, ?2) WHERE id = ?1";
    tx.run(sql, (id, tx.now())).map(drop)
}

/// Forgets the image that an event showed, once no other date shows it.
fn forget_image(tx: &Write, event: &Event) -> Result<()> {
    match &event.image {
        Some(image) if !tx.exists("SELECT 1 FROM event WHERE image = ?1", [image])? => {
            media::remove(tx, image)
        }
        _ => Ok(()),
    }
}

/// Gives an event these links in the place of those that it has.
fn relink(tx: &Write, id: EventId, links: &Links) -> Result<()> {
    let Links { products, radio, checkbox, tags, artists } = links;
    if let Some(products) = products {
        tx.run("DELETE FROM event_product WHERE event = ?1", [id])?;
        for product in products {
            tx.run(
                "INSERT OR IGNORE INTO event_product (event, product) VALUES (?1, ?2)",
                (id, product),
            )?;
        }
    }
    for (kind, options) in [(Kind::Radio, radio), (Kind::Checkbox, checkbox)] {
        let Some(options) = options else { continue };
        tx.run("DELETE FROM event_option WHERE event = ?1 AND kind = ?2", (id, kind))?;
        for option in options {
            let sql =
                "INSERT OR IGNORE INTO event_option (event, kind, option) VALUES (?1, ?2, ?3)";
            tx.run(sql, (id, kind, option))?;
        }
    }
    if let Some(tags) = tags {
        tx.run("DELETE FROM event_tag WHERE event = ?1", [id])?;
        for tag in tags {
            tx.run("INSERT OR IGNORE INTO event_tag (event, tag) VALUES (?1, ?2)", (id, tag))?;
        }
    }
    if let Some(artists) = artists {
        tx.run("DELETE FROM event_artist WHERE event = ?1", [id])?;
        for (artist, starts) in artists {
            let sql =
                "INSERT OR IGNORE INTO event_artist (event, artist, starts) VALUES (?1, ?2, ?3)";
            tx.run(sql, (id, artist, starts))?;
        }
    }
    Ok(())
}

/// An event that nothing opens is free: it gets the tenant's free booking, made if there is none yet, because an older
/// client needs the id of a price.
fn ensure_bookable(tx: &Write, id: EventId) -> Result<()> {
    let bookable = format!(
        "SELECT 1 FROM event_product JOIN product ON product.id = product
         WHERE event = ?1 AND {SEATS} AND archived = 0"
    );
    if tx.exists(&bookable, [id])? {
        return Ok(());
    }
    let product = match product::free_booking(tx)? {
        Some(product) => product,
        None => {
            let product = product::create_free_booking(tx)?;
            price::create_free(tx, product)?;
            product
        }
    };
    tx.run("INSERT INTO event_product (event, product) VALUES (?1, ?2)", (id, product)).map(drop)
}

/// The slug of a new event: name, day and hour where the venue is, as in the contract; with a number where it is taken.
pub(super) fn free_slug(tx: &Read, name: &str, starts: Time) -> Result<String> {
    let zone = place::zone(tx)?;
    let stem = slugify(&format!("{name} {}", zone.format(starts, "%m/%d/%y %H:%M")));
    let stem: String = stem.chars().take(240).collect();
    let taken = |slug: &str| tx.exists("SELECT 1 FROM event WHERE slug = ?1", [slug]);
    let mut slug = stem.clone();
    let mut number = 2;
    while taken(&slug)? {
        slug = format!("{stem}-{number}");
        number += 1;
    }
    Ok(slug)
}

/// The event, or `NotFound`.
pub fn get(tx: &Read, id: EventId) -> Result<Event> {
    let sql = format!("SELECT {COLUMNS} FROM event WHERE id = ?1 AND deleted IS NULL");
    tx.must(&sql, [id], row)
}

/// The event that an order or a ticket names, also one that was taken away since.
pub fn named_by_sale(tx: &Read, id: EventId) -> Result<Event> {
    tx.must(&format!("SELECT {COLUMNS} FROM event WHERE id = ?1"), [id], row)
}

/// The event of this slug, or `NotFound`.
pub fn by_slug(tx: &Read, slug: &str) -> Result<Event> {
    let sql = format!("SELECT {COLUMNS} FROM event WHERE slug = ?1 AND deleted IS NULL");
    tx.must(&sql, [slug], row)
}

fn named(tx: &Read, name: &str, starts: Time) -> Result<Option<Event>> {
    let sql = format!("SELECT {COLUMNS} FROM event WHERE name = ?1 AND starts = ?2");
    tx.maybe(&sql, (name, starts), row)
}

/// What is shown from the beginning of today on, by date.
pub fn list(tx: &Read, page: Page) -> Result<Vec<Event>> {
    let from = place::zone(tx)?.day_start(tx.now());
    let sql = format!(
        "SELECT {COLUMNS} FROM event WHERE published = 1 AND starts >= ?1
         ORDER BY starts, id LIMIT ?2 OFFSET ?3"
    );
    tx.all(&sql, (from, page.limit, page.offset), row)
}

/// What is not shown from the beginning of today on, by date: drafts, and what was cancelled.
pub fn drafts(tx: &Read, page: Page) -> Result<Vec<Event>> {
    let from = place::zone(tx)?.day_start(tx.now());
    let sql = format!(
        "SELECT {COLUMNS} FROM event WHERE published = 0 AND deleted IS NULL AND starts >= ?1
         ORDER BY starts, id LIMIT ?2 OFFSET ?3"
    );
    tx.all(&sql, (from, page.limit, page.offset), row)
}

/// What was cancelled of what would be shown from the beginning of today on, by date: of one artist, or all.
pub fn cancelled(tx: &Read, artist: Option<TenantId>, page: Page) -> Result<Vec<Event>> {
    let from = place::zone(tx)?.day_start(tx.now());
    let sql = format!(
        "SELECT {COLUMNS} FROM event WHERE cancelled IS NOT NULL AND starts >= ?1
           AND (?2 IS NULL OR EXISTS (SELECT 1 FROM event_artist WHERE event = event.id AND artist = ?2))
         ORDER BY starts, id LIMIT ?3 OFFSET ?4"
    );
    tx.all(&sql, (from, artist, page.limit, page.offset), row)
}

/// Those of these events that are shown.
pub fn among(tx: &Read, ids: &[EventId]) -> Result<Vec<Event>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM event
         WHERE published = 1 AND id IN (SELECT unhex(value) FROM json_each(?1)) ORDER BY starts, id"
    );
    tx.all(&sql, [set(ids.iter().map(|id| id.0))], row)
}

/// What the house's directory is to know: what is shown and not over for a day.
pub fn coming(tx: &Read) -> Result<Vec<Coming>> {
    const YESTERDAY: Duration = Duration::from_secs(24 * 3600);
    let from = tx.now().minus(YESTERDAY);
    let sql = "SELECT id, starts, image FROM event WHERE published = 1 AND starts >= ?1 ORDER BY starts, id";
    let mut all = tx.all(sql, [from], |row| {
        Ok(Coming { event: row.get(0)?, starts: row.get(1)?, image: row.get(2)?, artists: vec![] })
    })?;
    let sql = "SELECT event, artist FROM event_artist JOIN event ON event.id = event
         WHERE published = 1 AND event.starts >= ?1";
    let plays: Vec<(EventId, TenantId)> =
        tx.all(sql, [from], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut plays = by_event(plays);
    for one in &mut all {
        one.artists = plays.remove(&one.event).unwrap_or_default();
    }
    Ok(all)
}

/// How many of the seats that count as taken belong to holds that have run out.
pub fn released(tx: &Read) -> Result<Vec<(EventId, u32)>> {
    let sql = format!(
        "SELECT line.event, sum(quantity - returned) FROM orders JOIN line ON line.orders = orders.id
         WHERE orders.state = 'held' AND orders.expires <= ?1 AND line.event IS NOT NULL AND {SEATS}
         GROUP BY line.event"
    );
    tx.all(&sql, [tx.now()], |row| Ok((row.get(0)?, row.get(1)?)))
}

fn by_event<T>(pairs: impl IntoIterator<Item = (EventId, T)>) -> HashMap<EventId, Vec<T>> {
    let mut all: HashMap<EventId, Vec<T>> = HashMap::new();
    for (event, one) in pairs {
        all.entry(event).or_default().push(one);
    }
    all
}

/// An event with all that is shown of it.
#[derive(Clone, Debug)]
pub struct Detail {
    /// The event.
    pub event: Event,
    /// What is sold for it.
    pub products: Vec<ProductId>,
    /// Options of which one may be chosen.
    pub radio: Vec<OptionId>,
    /// Options that may be chosen freely.
    pub checkbox: Vec<OptionId>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Who plays, and when.
    pub artists: Vec<(TenantId, Time)>,
}

impl Detail {
    /// Are all seats sold, held or offered?
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.event.free() == 0
    }
}

/// What goes with these events, each table read once. Holds and offers that have run out no longer count.
pub fn details(tx: &Read, events: Vec<Event>) -> Result<Vec<Detail>> {
    let ids = set(events.iter().map(|event| event.id.0));
    let within = "IN (SELECT unhex(value) FROM json_each(?1))";
    let (released, run_out) = (released(tx)?, waiting::run_out(tx)?);
    let products: Vec<(EventId, ProductId)> = tx.all(
        &format!(
            "SELECT event, product FROM event_product JOIN product ON product.id = product
             WHERE event {within} AND archived = 0 ORDER BY weight, product.id"
        ),
        [&ids],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let options: Vec<(EventId, Kind, OptionId)> = tx.all(
        &format!(
            "SELECT event, kind, option FROM event_option JOIN option ON option.id = option
             WHERE event {within} ORDER BY weight, option.id"
        ),
        [&ids],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let tags: Vec<(EventId, String)> =
        tx.all(&format!("SELECT event, tag FROM event_tag WHERE event {within}"), [&ids], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let artists: Vec<(EventId, TenantId, Time)> = tx.all(
        &format!("SELECT event, artist, starts FROM event_artist WHERE event {within} ORDER BY starts, artist"),
        [&ids],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let released: HashMap<EventId, u32> = released.into_iter().collect();
    let run_out: HashMap<EventId, u32> = run_out.into_iter().collect();
    let (mut products, mut tags) = (by_event(products), by_event(tags));
    let kinds = |kind| options.iter().filter(move |o| o.1 == kind).map(|o| (o.0, o.2));
    let (mut radio, mut checkbox) = (by_event(kinds(Kind::Radio)), by_event(kinds(Kind::Checkbox)));
    let mut artists =
        by_event(artists.into_iter().map(|(event, artist, at)| (event, (artist, at))));
    let detail = |mut event: Event| {
        let id = event.id;
        event.taken = event.taken.saturating_sub(released.get(&id).copied().unwrap_or(0));
        event.offered = event.offered.saturating_sub(run_out.get(&id).copied().unwrap_or(0));
        Detail {
            products: products.remove(&id).unwrap_or_default(),
            radio: radio.remove(&id).unwrap_or_default(),
            checkbox: checkbox.remove(&id).unwrap_or_default(),
            tags: tags.remove(&id).unwrap_or_default(),
            artists: artists.remove(&id).unwrap_or_default(),
            event,
        }
    };
    Ok(events.into_iter().map(detail).collect())
}
