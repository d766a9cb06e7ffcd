//! Fees that a venue sets: for all its tickets, for those of an event, or for one price. What an order was sold with is
//! frozen into its lines, so a fee may change at any time.
//!
//! Fees of the venue and of an event are for tickets; one of a price is for whatever the price sells. Copies of an event
//! do not take its fees along.

mod reckon;

pub use crate::values::rate::{Payer, Rate, Unit};
pub use reckon::{Charge, Level, Part, Split, reckon, reckon_parts};

use super::{Page, audit, check_room};
use crate::error::{OnConflict, Refusal, Result};
use crate::root::fee::{HouseFee, Till};
use crate::root::{Read, Write};
use crate::values::Time;
use crate::values::id::{DistributionId, EventId, FeeId, PriceId};
use rusqlite::{Row, named_params};

/// Most fees of one tenant; those that were taken away do not count.
pub const MOST: u64 = 200;

/// For what a fee of a tenant is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All tickets of the venue.
    Organizer,
    /// The tickets that are sold through one of its channels.
    Distribution(DistributionId),
    /// The tickets of an event.
    Event(EventId),
    /// One price.
    Price(PriceId),
}

impl Scope {
    /// Where it stands among all that fees are set for.
    #[must_use]
    pub const fn level(self) -> Level {
        match self {
            Self::Organizer => Level::Organizer,
            Self::Distribution(_) => Level::Distribution,
            Self::Event(_) => Level::Event,
            Self::Price(_) => Level::Price,
        }
    }
}

/// What a caller may say of a fee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// By which it stands in the place of others; letters count as they are written.
    pub name: String,
    /// For what it is set.
    pub scope: Scope,
    /// Of what it is taken.
    pub unit: Unit,
    /// How much it is.
    pub rate: Rate,
    /// The VAT in it, in hundredths of a percent, where it is taken once of all.
    pub vat_rate: u16,
    /// Counts for what is sold now.
    pub active: bool,
}

/// A fee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fee {
    /// Its id.
    pub id: FeeId,
    /// What it is.
    pub terms: Terms,
    /// When it was made.
    pub created: Time,
}

impl Fee {
    /// Is it set for a piece of this price, sold for this event or for none?
    fn is_for(&self, event: Option<EventId>, price: PriceId, is_ticket: bool) -> bool {
        match self.terms.scope {
            Scope::Organizer | Scope::Distribution(_) => is_ticket,
            Scope::Event(id) => is_ticket && event == Some(id),
            Scope::Price(id) => id == price,
        }
    }
}

const COLUMNS: &str = "id, name, event, price, payer, fixed, percent, minimum, maximum, price_from, price_to, active, created,
    distribution, unit, vat_rate";

fn row(row: &Row<'_>) -> rusqlite::Result<Fee> {
    let scope = match (row.get(2)?, row.get(3)?, row.get(13)?) {
        (Some(event), ..) => Scope::Event(event),
        (None, Some(price), _) => Scope::Price(price),
        (None, None, Some(distribution)) => Scope::Distribution(distribution),
        (None, None, None) => Scope::Organizer,
    };
    let rate = Rate {
        payer: row.get(4)?,
        fixed: row.get(5)?,
        percent: row.get(6)?,
        minimum: row.get(7)?,
        maximum: row.get(8)?,
        from: row.get(9)?,
        to: row.get(10)?,
    };
    let terms = Terms {
        name: row.get(1)?,
        scope,
        unit: row.get(14)?,
        rate,
        vat_rate: row.get(15)?,
        active: row.get(11)?,
    };
    Ok(Fee { id: row.get(0)?, terms, created: row.get(12)? })
}

/// The fee, or `NotFound`.
pub fn get(tx: &Read, id: FeeId) -> Result<Fee> {
    tx.must(&format!("SELECT {COLUMNS} FROM fee WHERE id = ?1 AND archived = 0"), [id], row)
}

/// All fees, the newest first.
pub fn list(tx: &Read, page: Page) -> Result<Vec<Fee>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM fee WHERE archived = 0 ORDER BY created DESC, id DESC LIMIT ?1 OFFSET ?2"
    );
    tx.all(&sql, (page.limit, page.offset), row)
}

/// Makes a fee. Refused: one that counts for the same as another of its name and scope, more than [`MOST`].
pub fn create(tx: &Write, terms: &Terms) -> Result<Fee> {
    check_room(tx, "fee", MOST)?;
    let id = FeeId::new();
    audit::note(tx, "fee.create", Some(id.0))?;
    write(tx, id, terms)
}

/// Puts new terms in the place of old ones; orders keep what they were sold for. Refused as in [`create`].
pub fn update(tx: &Write, id: FeeId, terms: &Terms) -> Result<Fee> {
    get(tx, id)?;
    audit::note(tx, "fee.update", Some(id.0))?;
    write(tx, id, terms)
}

/// Takes a fee away; its row stays.
pub fn archive(tx: &Write, id: FeeId) -> Result<()> {
    get(tx, id)?;
    tx.run("UPDATE fee SET archived = 1 WHERE id = ?1", [id])?;
    audit::note(tx, "fee.archive", Some(id.0))
}

fn write(tx: &Write, id: FeeId, terms: &Terms) -> Result<Fee> {
    let Terms { name, scope, unit, rate, vat_rate, active } = terms;
    let Rate { payer, fixed, percent, minimum, maximum, from, to } = rate;
    let (event, price, distribution) = match scope {
        Scope::Organizer => (None, None, None),
        Scope::Distribution(distribution) => (None, None, Some(distribution)),
        Scope::Event(event) => (Some(event), None, None),
        Scope::Price(price) => (None, Some(price), None),
    };
    let sql = format!(
        "INSERT INTO fee (id, name, scope, event, price, payer, fixed, percent, minimum, maximum, price_from, price_to,
            active, created, distribution, unit, vat_rate)
         VALUES (:id, :name, :scope, :event, :price, :payer, :fixed, :percent, :minimum, :maximum, :from, :to,
            :active, :now, :distribution, :unit, :vat_rate)
         ON CONFLICT (id) DO UPDATE SET name = :name, scope = :scope, event = :event, price = :price, payer = :payer,
            fixed = :fixed, percent = :percent, minimum = :minimum, maximum = :maximum, price_from = :from,
            price_to = :to, active = :active, distribution = :distribution, unit = :unit, vat_rate = :vat_rate
         RETURNING {COLUMNS}"
    );
    let params = named_params! {
        ":id": id, ":name": name, ":scope": scope.level(), ":event": event, ":price": price, ":payer": payer,
        ":fixed": fixed, ":percent": percent, ":minimum": minimum, ":maximum": maximum, ":from": from, ":to": to,
        ":active": active, ":now": tx.now(), ":distribution": distribution, ":unit": unit, ":vat_rate": vat_rate,
    };
    tx.one(&sql, params, row).on_conflict("fee_once", Refusal::NameTaken)
}

/// The fees that count at a till.
#[derive(Debug)]
pub(super) struct Fees<'t> {
    own: Vec<Fee>,
    house: &'t [HouseFee],
}

/// The fees that count now for anything at these events or at these prices, in one look.
pub(super) fn counting<'t>(
    tx: &Read,
    till: &'t Till,
    events: impl Iterator<Item = EventId>,
    prices: impl Iterator<Item = PriceId>,
) -> Result<Fees<'t>> {
    let (events, prices): (Vec<_>, Vec<_>) = (events.collect(), prices.collect());
    let sql =
        format!("SELECT {COLUMNS} FROM fee WHERE archived = 0 AND active = 1 ORDER BY created, id");
    let mut own = tx.all(&sql, [], row)?;
    own.retain(|fee| match fee.terms.scope {
        Scope::Organizer => true,
        Scope::Distribution(id) => till.distribution == Some(id),
        Scope::Event(id) => events.contains(&id),
        Scope::Price(id) => prices.contains(&id),
    });
    Ok(Fees { own, house: &till.fees })
}

/// Those of them that are set for a piece of this price, sold for this event or for none.
pub(super) fn charges<'f>(
    fees: &'f Fees<'_>,
    event: Option<EventId>,
    price: PriceId,
    is_ticket: bool,
) -> impl Iterator<Item = Charge<'f>> {
    let own = fees.own.iter().filter(move |fee| fee.is_for(event, price, is_ticket));
    let house = fees.house.iter().filter(move |_| is_ticket);
    own.filter_map(|fee| own_charge(fee, Unit::Ticket))
        .chain(house.filter_map(|fee| house_charge(fee, Unit::Ticket)))
}

/// Those of them that are taken once of a purchase, reckoned on all that it costs, with the VAT in each: of the house, the
/// tenant and the channel, and of events and prices that are in it.
pub(super) fn of_purchase<'f>(fees: &'f Fees<'_>) -> impl Iterator<Item = (Charge<'f>, u16)> {
    let own = fees.own.iter().filter_map(|fee| {
        own_charge(fee, Unit::Purchase).map(|charge| (charge, fee.terms.vat_rate))
    });
    let house = fees.house.iter().filter_map(|fee| {
        house_charge(fee, Unit::Purchase).map(|charge| (charge, fee.terms.vat_rate))
    });
    own.chain(house)
}

fn own_charge(fee: &Fee, unit: Unit) -> Option<Charge<'_>> {
    let Terms { name, scope, unit: of, rate, vat_rate: _, active: _ } = &fee.terms;
    (*of == unit).then_some(Charge { id: fee.id.0, name, level: scope.level(), rate })
}

fn house_charge(fee: &HouseFee, unit: Unit) -> Option<Charge<'_>> {
    let level = fee.organization.map_or(Level::Platform, |_| Level::Organization);
    let terms = &fee.terms;
    (terms.unit == unit).then_some(Charge {
        id: fee.id.0,
        name: &terms.name,
        level,
        rate: &terms.rate,
    })
}
