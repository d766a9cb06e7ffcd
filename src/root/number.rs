//! Small numbers that are never given twice: some dialects name things so.

use super::Write;
use crate::error::{Error, Result};

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
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Distribution => "distribution",
            Self::Organization => "organization",
            Self::Tenant => "tenant",
        }
    }
}

/// The next number. Refused past 2^31 − 1, the largest that GraphQL's `Int` holds (the schema says so).
pub(super) fn next(tx: &Write, kind: Kind) -> Result<i64> {
    let sql = "UPDATE sequence SET next = next + 1 WHERE kind = ?1 RETURNING next - 1";
    tx.maybe(sql, [kind.name()], |row| row.get(0))?
        .ok_or_else(|| Error::internal(format!("no numbers of kind {}", kind.name())))
}
