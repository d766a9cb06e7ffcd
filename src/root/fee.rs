//! Fees of the house: for all organizations, or for one. And the till: through which channel is sold, and what the house
//! asks for there.

use super::number::{self, Kind};
use super::{Operator, Read, Tenant, Write};
use crate::error::{Error, OnConflict, Refusal, Result};
use crate::values::id::{DistributionId, FeeId, OrganizationId};
use crate::values::rate::{Payer, Rate, Unit};
use crate::values::{Money, Time};
use rusqlite::{Row, named_params};

/// Most fees of the house.
const MOST: i64 = 500;

/// A fee of the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HouseFee {
    /// Its id.
    pub id: FeeId,
    /// Its number, which no fee of a tenant has.
    pub no: i64,
    /// The small number of the organization that it is for; none: for all.
    pub organization: Option<i64>,
    /// What it is.
    pub terms: HouseTerms,
    /// Since when.
    pub created: Time,
}

/// What may be said of a fee of the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HouseTerms {
    /// By which it stands in the place of others.
    pub name: String,
    /// Of what it is taken.
    pub unit: Unit,
    /// How much it is.
    pub rate: Rate,
    /// The VAT in it, in hundredths of a percent.
    pub vat_rate: u16,
}

/// Where something is sold: the channel, and what the house asks for.
#[derive(Clone, Debug, Default)]
pub struct Till {
    /// Through which channel.
    pub distribution: Option<DistributionId>,
    /// The fees of the house that count for this tenant.
    pub fees: Vec<HouseFee>,
}

const SELECT: &str = "SELECT house_fee.id AS id, house_fee.no AS no, organization.no AS organization, house_fee.name AS name,
        payer, unit, fixed, percent, minimum, maximum, price_from, price_to, vat_rate, house_fee.created AS created
     FROM house_fee LEFT JOIN organization ON organization.id = house_fee.organization";

fn row(row: &Row<'_>) -> rusqlite::Result<HouseFee> {
    let rate = Rate {
        payer: row.get("payer")?,
        fixed: row.get("fixed")?,
        percent: row.get("percent")?,
        minimum: row.get("minimum")?,
        maximum: row.get("maximum")?,
        from: row.get("price_from")?,
        to: row.get("price_to")?,
    };
    Ok(HouseFee {
        id: row.get("id")?,
        no: row.get("no")?,
        organization: row.get("organization")?,
        terms: HouseTerms {
            name: row.get("name")?,
            unit: row.get("unit")?,
            rate,
            vat_rate: row.get("vat_rate")?,
        },
        created: row.get("created")?,
    })
}

fn of(tx: &Read, organization: OrganizationId) -> Result<Vec<HouseFee>> {
    let sql = format!(
        "{SELECT} WHERE house_fee.organization IS NULL OR house_fee.organization = ?1 ORDER BY house_fee.no"
    );
    tx.all(&sql, [organization], row)
}

impl Tenant {
    /// The till of a channel of this tenant; without one named, of its oldest open web shop.
    pub fn till(&self, distribution: Option<DistributionId>) -> Result<Till> {
        let entry = self.entry();
        self.house().file.read(|tx| {
            let sql = "SELECT id FROM distribution WHERE tenant = ?1 AND active = 1 AND kind = 'WEB' ORDER BY no LIMIT 1";
            let distribution = match distribution {
                Some(id) => Some(id),
                None => tx.maybe(sql, [entry.id], |row| row.get(0))?,
            };
            Ok(Till { distribution, fees: of(tx, entry.organization)? })
        })
    }
}

impl Operator {
    /// Fees of the house, oldest first; of one organization where its small number is given.
    pub fn house_fees(&self, organization: Option<i64>) -> Result<Vec<HouseFee>> {
        let sql =
            format!("{SELECT} WHERE ?1 IS NULL OR organization.no = ?1 ORDER BY house_fee.no");
        self.house().file.read(|tx| tx.all(&sql, [organization], row))
    }

    /// Makes a fee of the house; of all organizations, or of the one of this small number.
    pub fn create_house_fee(
        &self,
        organization: Option<i64>,
        terms: &HouseTerms,
    ) -> Result<HouseFee> {
        self.house().file.write(self.by(), |tx| {
            if tx.one("SELECT count(*) FROM house_fee", [], |row| row.get::<_, i64>(0))? >= MOST {
                return Err(Error::Refused(Refusal::TooMany("house_fee")));
            }
            save(tx, FeeId::new(), number::next(tx, Kind::Thing)?, organization, terms)
        })
    }

    /// Puts new terms in the place of old ones; what was sold stays as it was sold.
    pub fn change_house_fee(
        &self,
        no: i64,
        organization: Option<i64>,
        terms: &HouseTerms,
    ) -> Result<Option<HouseFee>> {
        self.house().file.write(self.by(), |tx| {
            let id = tx.maybe("SELECT id FROM house_fee WHERE no = ?1", [no], |row| row.get(0))?;
            id.map(|id| save(tx, id, no, organization, terms)).transpose()
        })
    }

    /// Takes a fee of the house away; says whether there was one.
    pub fn delete_house_fee(&self, no: i64) -> Result<bool> {
        let sql = "DELETE FROM house_fee WHERE no = ?1";
        self.house().file.write(self.by(), |tx| tx.run(sql, [no])).map(|rows| rows == 1)
    }
}

fn save(
    tx: &Write,
    id: FeeId,
    no: i64,
    organization: Option<i64>,
    terms: &HouseTerms,
) -> Result<HouseFee> {
    let HouseTerms { name, unit, rate, vat_rate } = terms;
    let Rate { payer, fixed, percent, minimum, maximum, from, to } = rate;
    let organization: Option<OrganizationId> = match organization {
        Some(no) => {
            Some(tx.must("SELECT id FROM organization WHERE no = ?1", [no], |row| row.get(0))?)
        }
        None => None,
    };
    let (payer, unit): (&Payer, &Unit) = (payer, unit);
    let (minimum, maximum): (&Option<Money>, &Option<Money>) = (minimum, maximum);
    tx.run(
        "INSERT INTO house_fee (id, no, organization, name, payer, unit, fixed, percent, minimum, maximum, price_from,
            price_to, vat_rate, created)
         VALUES (:id, :no, :organization, :name, :payer, :unit, :fixed, :percent, :minimum, :maximum, :from, :to,
            :vat_rate, :now)
         ON CONFLICT (id) DO UPDATE SET organization = :organization, name = :name, payer = :payer, unit = :unit,
            fixed = :fixed, percent = :percent, minimum = :minimum, maximum = :maximum, price_from = :from,
            price_to = :to, vat_rate = :vat_rate",
        named_params! {
            ":id": id, ":no": no, ":organization": organization, ":name": name, ":payer": payer, ":unit": unit,
            ":fixed": fixed, ":percent": percent, ":minimum": minimum, ":maximum": maximum, ":from": from, ":to": to,
            ":vat_rate": vat_rate, ":now": tx.now(),
        },
    )
    .on_conflict("house_fee_once", Refusal::NameTaken)?;
    tx.must(&format!("{SELECT} WHERE house_fee.id = ?1"), [id], row)
}
