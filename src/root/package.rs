//! Packages: what a tenant has of the house, and so how much it may use. Everybody has the free one; of those that are in
//! force the best counts.

use super::among::Among;
use super::connection::PEOPLE;
use super::{Columns, House, Operator, Read, Right, Staff, Write};
use crate::error::{Error, Result};
use crate::values::id::{PackageId, TenantId};
use crate::values::{Allowance, Package, Slug, Time, Usage};
use rusqlite::Row;
use std::time::Duration;

/// A package that a tenant has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its id; the free one, which is nobody's row, has none.
    pub id: Option<PackageId>,
    /// Which.
    pub package: Package,
    /// Came by a code.
    pub from_code: bool,
    /// From when.
    pub starts: Time,
    /// Until when; none: for good.
    pub ends: Option<Time>,
}

const COLUMNS: &str = "id, name, from_code, starts, ends";

fn row(row: &Row<'_>) -> rusqlite::Result<Held> {
    take(&mut Columns::of(row))
}

/// Takes [`COLUMNS`].
fn take(columns: &mut Columns<'_, '_>) -> rusqlite::Result<Held> {
    Ok(Held {
        id: columns.take()?,
        package: columns.take()?,
        from_code: columns.take()?,
        starts: columns.take()?,
        ends: columns.take()?,
    })
}

/// The rows of these tenants that are in force, each with whose it is.
pub(super) fn in_force(tx: &Read, tenants: &Among) -> Result<Vec<(TenantId, Held)>> {
    let sql = format!(
        "SELECT tenant, {COLUMNS} FROM package
         WHERE tenant {} AND starts <= ?2 AND (ends IS NULL OR ends > ?2) ORDER BY starts, id",
        tenants.sql()
    );
    tx.all(&sql, (tenants, tx.now()), |row| {
        let mut columns = Columns::of(row);
        Ok((columns.take()?, take(&mut columns)?))
    })
}

/// Gives a tenant a package from now on, for so many days; without a number for good.
pub(super) fn give(
    tx: &Write,
    tenant: TenantId,
    package: Package,
    days: Option<u32>,
    from_code: bool,
) -> Result<Held> {
    if package == Package::Free {
        return Err(Error::invalid("package", "everybody has tenant_free"));
    }
    let ends = days.map(|days| tx.now().plus(Duration::from_hours(u64::from(days) * 24)));
    let sql = format!(
        "INSERT INTO package (id, tenant, name, from_code, starts, ends, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?5)
         RETURNING {COLUMNS}"
    );
    tx.one(&sql, (PackageId::new(), tenant, package, from_code, tx.now(), ends), row)
}

impl House {
    /// How much a tenant may use.
    pub(super) fn allowance(&self, tenant: TenantId) -> Result<Allowance> {
        if self.limits.is_none() {
            return Ok(Allowance::default());
        }
        self.file.read(|tx| self.allowed(tx, tenant))
    }

    /// The same, in a transaction of root.
    pub(super) fn allowed(&self, tx: &Read, tenant: TenantId) -> Result<Allowance> {
        if self.limits.is_none() {
            return Ok(Allowance::default());
        }
        let sql = "SELECT name FROM package WHERE tenant = ?1 AND starts <= ?2 AND (ends IS NULL OR ends > ?2)";
        let names: Vec<Package> = tx.all(sql, (tenant, tx.now()), |row| row.get(0))?;
        Ok(self.limits.of(&names))
    }
}

/// How much of something a tenant uses, and how much it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// Of what.
    pub usage: Usage,
    /// So much.
    pub used: u64,
    /// At the most; none: without limit.
    pub most: Option<u64>,
}

impl Staff {
    /// How much this tenant uses, in the order of [`Usage::ALL`]; `counted` says what its own file holds. For who may pay for it.
    pub fn usages(
        &self,
        counted: impl FnOnce(&Read) -> Result<Vec<(Usage, u64)>>,
    ) -> Result<Vec<Used>> {
        self.must(Right::Payment)?;
        let (house, id) = (self.tenant().house(), self.tenant().entry().id);
        let (allowed, catalogues, users) = house.file.read(|tx| {
            let sql = format!(
                "SELECT (SELECT count(*) FROM catalogue WHERE tenant = ?1), (SELECT count(*) {PEOPLE} AND deleted IS NULL)"
            );
            let (catalogues, users): (i64, i64) =
                tx.one(&sql, [id], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok((house.allowed(tx, id)?, catalogues, users))
        })?;
        let mut all = self.tenant().read(counted)?;
        for (usage, rows) in [(Usage::Catalogues, catalogues), (Usage::Users, users)] {
            all.push((usage, u64::try_from(rows).unwrap_or(0)));
        }
        let of = |usage: &Usage| {
            let used =
                all.iter().find(|(counted, _)| counted == usage).map_or(0, |(_, used)| *used);
            Used { usage: *usage, used, most: allowed.most(*usage) }
        };
        Ok(Usage::ALL.iter().map(of).collect())
    }
}

impl Operator {
    /// Gives a tenant a package from now on, for so many days; without a number for good.
    pub fn add_package(&self, slug: &Slug, package: Package, days: Option<u32>) -> Result<Held> {
        let id = self.tenant_id(slug)?;
        self.house().file.write(self.by(), |tx| give(tx, id, package, days, false))
    }

    /// All packages that tenants ever had, with the tenant's short name; of one tenant, or of all.
    pub fn packages(&self, slug: Option<&Slug>) -> Result<Vec<(Slug, Held)>> {
        let sql = "SELECT slug, package.id, package.name, from_code, starts, ends
             FROM package JOIN tenant ON tenant.id = package.tenant
             WHERE ?1 IS NULL OR slug = ?1 ORDER BY slug, starts, package.id";
        self.house().file.read(|tx| {
            tx.all(sql, [slug], |row| {
                let mut columns = Columns::of(row);
                Ok((columns.take()?, take(&mut columns)?))
            })
        })
    }

    /// Takes a package away at once.
    pub fn remove_package(&self, id: PackageId) -> Result<()> {
        let sql = "DELETE FROM package WHERE id = ?1";
        match self.house().file.write(self.by(), |tx| tx.run(sql, [id]))? {
            0 => Err(Error::NotFound),
            _ => Ok(()),
        }
    }
}
