//! Small numbers that are never given twice: some dialects name things so.
//!
//! What stands in root is counted by kind. What stands in tenants' files has numbers out of blocks that root gives to a
//! file: one number names one thing in all files, and no sale needs to write to root for it. The write that makes a thing
//! numbers it before it ends.

use super::{By, House, Read, Write};
use crate::error::{Error, Result};
use crate::values::id::TenantId;

/// Whose numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Accounts.
    Account,
    /// Distributions.
    Distribution,
    /// Organizations.
    Organization,
    /// Tenants; ROOT is 0.
    Tenant,
    /// Whatever tenants' files hold, and the fees of the house.
    Thing,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Distribution => "distribution",
            Self::Organization => "organization",
            Self::Tenant => "tenant",
            Self::Thing => "thing",
        }
    }
}

/// The next number. Refused past 2^31 − 1, the largest that GraphQL's `Int` holds (the schema says so).
pub(super) fn next(tx: &Write, kind: Kind) -> Result<i64> {
    let sql = "UPDATE sequence SET next = next + 1 WHERE kind = ?1 RETURNING next - 1";
    tx.maybe(sql, [kind.name()], |row| row.get(0))?
        .ok_or_else(|| Error::internal(format!("no numbers of kind {}", kind.name())))
}

/// The least and the most that a file is given at once.
const BLOCK: std::ops::RangeInclusive<i64> = 256..=65_536;

impl House {
    /// Gives its number to all that was made in a tenant's file and has none; the last step of a write.
    pub(super) fn number_things(&self, tx: &Write, tenant: TenantId) -> Result<()> {
        // Counted from 1 for each write: what waits is deleted as a whole.
        let sql = "SELECT (SELECT coalesce(max(seq), 0) FROM unnumbered), last - next + 1 FROM number_block";
        let (wanted, left): (i64, i64) = tx.one(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if wanted == 0 {
            return Ok(());
        }
        if left < wanted {
            let (first, last) = self.reserve_numbers(tenant, wanted)?;
            tx.run("UPDATE number_block SET next = ?1, last = ?2", (first, last))?;
        }
        tx.run(
            "INSERT INTO number (no, subject)
             SELECT (SELECT next FROM number_block) + seq - 1, subject FROM unnumbered",
            [],
        )?;
        tx.run("UPDATE number_block SET next = next + ?1", [wanted])?;
        tx.run("DELETE FROM unnumbered", []).map(drop)
    }

    /// A block of at least so many numbers for a tenant's file: as many as it has had already, within bounds. What a crash
    /// loses of it is lost.
    fn reserve_numbers(&self, tenant: TenantId, wanted: i64) -> Result<(i64, i64)> {
        self.file.write_from_within(By::House, |tx| {
            let had =
                "SELECT coalesce(sum(last - first + 1), 0) FROM number_block WHERE tenant = ?1";
            let had: i64 = tx.one(had, [tenant], |row| row.get(0))?;
            let size = had.clamp(*BLOCK.start(), *BLOCK.end()).max(wanted);
            let sql =
                "UPDATE sequence SET next = next + ?1 WHERE kind = 'thing' RETURNING next - ?1";
            let first: i64 = tx.one(sql, [size], |row| row.get(0))?;
            let last = first + size - 1;
            let sql = "INSERT INTO number_block (first, last, tenant) VALUES (?1, ?2, ?3)";
            tx.run(sql, (first, last, tenant))?;
            Ok((first, last))
        })
    }
}

/// The small number of the tenant whose file may hold the thing of this number.
pub(super) fn tenant_of(tx: &Read, no: i64) -> Result<Option<i64>> {
    let sql = "SELECT number_block.last, tenant.no FROM number_block JOIN tenant ON tenant.id = number_block.tenant
         WHERE first <= ?1 ORDER BY first DESC LIMIT 1";
    let found: Option<(i64, i64)> = tx.maybe(sql, [no], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.filter(|(last, _)| no <= *last).map(|(_, tenant)| tenant))
}
