//! Licences: how many people a tenant may have at work, and until when.
//!
//! Whoever is let in is counted in the same write, so that no more are active than there are seats.

use super::connection::PEOPLE;
use super::organizer::{self, Organizer};
use super::{By, House, Operator, Read, Right, Staff, Tenant, Write};
use crate::error::{Error, OnConflict, Refusal, Result};
use crate::values::Time;
use crate::values::id::{AccountId, TenantId};
use parking_lot::{Condvar, Mutex};
use rusqlite::Row;
use std::collections::HashSet;

crate::values::letters! {
    /// Whom a seat is for.
    Counted {
        /// Everybody whose connection is active.
        Users = "active_users",
        /// Of these, who belongs to an active team.
        Agents = "active_agents",
    }
}

/// How seats are counted in this house.
#[derive(Clone, Copy, Debug)]
pub struct Licensing {
    /// Whom a seat is for.
    pub counted: Counted,
    /// Has a tenant without a licence no seats at all? Otherwise it has as many as it likes.
    pub required: bool,
}

impl Default for Licensing {
    fn default() -> Self {
        Self { counted: Counted::Users, required: false }
    }
}

/// At which tenants somebody takes a seat, where that is written in two files: one at a time at each.
#[derive(Debug, Default)]
pub(super) struct Seating {
    taken: Mutex<HashSet<TenantId>>,
    freed: Condvar,
}

impl Seating {
    fn take(&self, tenant: TenantId) -> Seat<'_> {
        let mut taken = self.taken.lock();
        while !taken.insert(tenant) {
            self.freed.wait(&mut taken);
        }
        Seat { seating: self, tenant }
    }
}

/// Nobody else takes a seat at this tenant until it is dropped.
#[derive(Debug)]
pub struct Seat<'a> {
    seating: &'a Seating,
    tenant: TenantId,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.seating.taken.lock().remove(&self.tenant);
        self.seating.freed.notify_all();
    }
}

/// Reads in a tenant's file who belongs to an active team, each once.
pub type Agents<'a> = &'a dyn Fn(&Read) -> Result<Vec<AccountId>>;

/// A licence that somebody bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct License {
    /// Who bought it.
    pub customer: String,
    /// By which code.
    pub code: String,
    /// When it ends; none: it is good for ever.
    pub expires: Option<Time>,
    /// Its seats.
    pub total: u32,
}

impl License {
    /// What it is called.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        if self.expires.is_some() { "Trial" } else { "Forever" }
    }
}

const COLUMNS: &str = "customer_id, customer_code, expires, total";

fn row(row: &Row<'_>) -> rusqlite::Result<License> {
    Ok(License {
        customer: row.get("customer_id")?,
        code: row.get("customer_code")?,
        expires: row.get("expires")?,
        total: row.get("total")?,
    })
}

/// A tenant's seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seats {
    /// Until when; none: there is no end, or no licence.
    pub expires: Option<Time>,
    /// How many there are; 0: no licence.
    pub total: u32,
    /// How many are taken.
    pub used: u32,
}

impl House {
    pub(super) fn seats(&self, tx: &Read, tenant: &Tenant, agents: Agents<'_>) -> Result<Seats> {
        let seats = of_users(tx, tenant.entry().id)?;
        if self.licensing.counted == Counted::Users {
            return Ok(seats);
        }
        let used = active(tx, tenant, &tenant.read(agents)?)?;
        Ok(Seats { used, ..seats })
    }

    /// Refuses when more seats are taken than there are, and more than `before`. `who` joins a team now, or leaves all.
    pub(super) fn check_seats(
        &self,
        tx: &Read,
        tenant: &Tenant,
        agents: Agents<'_>,
        before: Seats,
        (who, joins): (AccountId, Option<bool>),
    ) -> Result<()> {
        let mut after = self.seats(tx, tenant, agents)?;
        if let (Counted::Agents, Some(joins)) = (self.licensing.counted, joins) {
            let mut agents = tenant.read(agents)?;
            agents.retain(|id| *id != who);
            agents.extend(joins.then_some(who));
            after.used = active(tx, tenant, &agents)?;
        }
        if after.used > before.used { self.enough(after) } else { Ok(()) }
    }

    /// Refuses when there is no seat for one more who is active, where each of them takes one. The one who hosts decides by
    /// himself.
    pub(super) fn check_license(&self, tx: &Write, tenant: TenantId) -> Result<()> {
        if self.licensing.counted == Counted::Agents || *tx.by() == By::Console {
            return Ok(());
        }
        let seats = of_users(tx, tenant)?;
        self.enough(Seats { used: seats.used + 1, ..seats })
    }

    /// Who takes a seat now, where seats are for who belongs to a team; otherwise nothing that counts.
    pub(super) fn agents(&self, tx: &Read, tenant: &Tenant, agents: Agents<'_>) -> Result<u32> {
        match self.licensing.counted {
            Counted::Users => Ok(0),
            Counted::Agents => Ok(self.seats(tx, tenant, agents)?.used),
        }
    }

    /// Refuses when more seats are taken than there are, and more than `before`, where seats are for who belongs to a team:
    /// who was let go and is connected again may belong to one still.
    pub(super) fn check_agents(
        &self,
        tx: &Read,
        tenant: &Tenant,
        agents: Agents<'_>,
        before: u32,
    ) -> Result<()> {
        if self.licensing.counted == Counted::Users {
            return Ok(());
        }
        let after = self.seats(tx, tenant, agents)?;
        if after.used > before { self.enough(after) } else { Ok(()) }
    }

    fn enough(&self, seats: Seats) -> Result<()> {
        let limited = seats.total > 0 || self.licensing.required;
        if limited && seats.used > seats.total {
            return Err(Error::Refused(Refusal::SeatsTaken(seats.total)));
        }
        Ok(())
    }
}

/// A tenant's seats where everybody who is active takes one.
fn of_users(tx: &Read, tenant: TenantId) -> Result<Seats> {
    let sql = format!(
        "SELECT (SELECT count(*) {PEOPLE} AND active = 1) , license_expires, license_seats
         FROM (SELECT 1) LEFT JOIN organizer ON organizer.tenant = ?1"
    );
    tx.one(&sql, [tenant], |row| {
        Ok(Seats {
            used: row.get(0)?,
            expires: row.get(1)?,
            total: row.get::<_, Option<u32>>(2)?.unwrap_or(0),
        })
    })
}

/// How many of these accounts have an active connection.
fn active(tx: &Read, tenant: &Tenant, accounts: &[AccountId]) -> Result<u32> {
    let sql = "SELECT count(*) FROM connection WHERE tenant = ?1 AND active = 1
         AND lower(hex(account)) IN (SELECT value FROM json_each(?2))";
    let ids: Vec<_> = accounts.iter().map(|id| format!("\"{}\"", id.0.simple())).collect();
    tx.one(sql, (tenant.entry().id, format!("[{}]", ids.join(","))), |row| row.get(0))
}

impl Staff {
    /// All that is said of this tenant, with its seats.
    pub fn seated(&self, agents: Agents<'_>) -> Result<(Organizer, Seats)> {
        let house = self.tenant().house();
        house.file.read(|tx| {
            let organizer = organizer::by_no(tx, self.tenant().entry().no)?;
            Ok((organizer.ok_or(Error::NotFound)?, house.seats(tx, self.tenant(), agents)?))
        })
    }

    /// To be held while somebody joins a team or becomes active, where seats are for who belongs to a team: teams stand in
    /// the tenant's file and who is active in root, so that one who joins and one who comes would not see each other.
    #[must_use]
    pub fn seating(&self) -> Option<Seat<'_>> {
        let house = self.tenant().house();
        (house.licensing.counted == Counted::Agents)
            .then(|| house.seating.take(self.tenant().entry().id))
    }

    /// Refuses when more of these people are active than there are seats, and more than of those `before`, where seats are
    /// for who belongs to a team.
    pub fn check_agents(&self, before: &[AccountId], agents: &[AccountId]) -> Result<()> {
        let house = self.tenant().house();
        if house.licensing.counted == Counted::Users {
            return Ok(());
        }
        house.file.read(|tx| {
            let seats = house.seats(tx, self.tenant(), &|_| Ok(vec![]))?;
            let (had, used) =
                (active(tx, self.tenant(), before)?, active(tx, self.tenant(), agents)?);
            if used > had { house.enough(Seats { used, ..seats }) } else { Ok(()) }
        })
    }

    /// Copies the licence that was bought under the tenant's customer id and code to the tenant.
    pub fn obtain_license(&self) -> Result<()> {
        self.must(Right::Manage)?;
        let (house, id) = (self.tenant().house(), self.tenant().entry().id);
        let changed = house.file.write(self.by(), |tx| {
            let held = "UPDATE license SET holder = ?1 WHERE (holder IS NULL OR holder = ?1) AND EXISTS
                 (SELECT 1 FROM organizer WHERE tenant = ?1 AND license_customer = customer_id AND license_code = customer_code)";
            if tx.run(held, [id])? == 0 {
                return Ok(0);
            }
            tx.run(
                "UPDATE organizer SET (license_expires, license_seats) = (SELECT expires, total FROM license
                    WHERE customer_id = license_customer AND customer_code = license_code)
                 WHERE tenant = ?1",
                [id],
            )
        })?;
        if changed == 0 { Err(Error::NotFound) } else { Ok(()) }
    }
}

impl Operator {
    /// Writes down a licence that was bought. Tenants take it over when they ask for it.
    pub fn add_license(&self, license: &License) -> Result<()> {
        let License { customer, code, expires, total } = license;
        for (name, text) in [("customer", customer), ("code", code)] {
            if !(1..=50).contains(&text.chars().count()) {
                return Err(Error::invalid(name, "must have 1 to 50 characters"));
            }
        }
        if *total > 1_000_000 {
            return Err(Error::invalid("total", "must be 1,000,000 at the most"));
        }
        self.house().file.write(self.by(), |tx| {
            tx.run(
                "INSERT INTO license (customer_id, customer_code, kind, expires, total, created)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                (customer, code, license.kind(), expires, total, tx.now()),
            )
            .on_conflict("license.customer_id, license.customer_code", Refusal::NameTaken)
            .map(drop)
        })
    }

    /// All licences that were bought.
    pub fn licenses(&self) -> Result<Vec<License>> {
        let sql = format!("SELECT {COLUMNS} FROM license ORDER BY customer_id, customer_code");
        self.house().file.read(|tx| tx.all(&sql, [], row))
    }

    /// Takes a licence away; tenants that took it over keep what they have.
    pub fn remove_license(&self, customer: &str, code: &str) -> Result<()> {
        let sql = "DELETE FROM license WHERE customer_id = ?1 AND customer_code = ?2";
        let gone =
            self.house().file.write(self.by(), |tx: &Write| tx.run(sql, (customer, code)))?;
        if gone == 0 { Err(Error::NotFound) } else { Ok(()) }
    }
}
