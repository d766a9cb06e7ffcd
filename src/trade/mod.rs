//! What one tenant's file holds: one file a noun, with its types, rules and SQL as free functions over `&Read` and
//! `&Write`.
//!
//! A domain function never opens a transaction, so they compose and cannot nest or half-commit. No HTTP, no serde.

pub mod answered;
pub mod audit;
pub mod catalogue;
pub mod checkout;
pub mod errand;
pub mod event;
pub mod fee;
pub mod hook;
pub mod import;
pub mod job;
pub mod link;
pub mod look;
pub mod media;
pub mod membership;
pub mod number;
pub mod offer;
pub mod option;
pub mod order;
pub mod outbox;
pub mod person;
pub mod place;
pub mod price;
pub mod print;
pub mod product;
pub mod promotion;
pub mod purchase;
pub mod reminder;
pub mod report;
pub mod series;
pub mod setting;
pub mod skin;
pub mod stripe_refund;
pub mod tag;
pub mod team;
pub mod ticket;
pub mod transfer;
pub mod unit;
pub mod usage;
pub mod waiting;

use crate::error::{Error, Refusal, Result};
use crate::root::Write;
use crate::values::Usage;

/// A part of a list: at most `limit` rows after the first `offset`; a limit of -1 means all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Rows at the most.
    pub limit: i64,
    /// Rows left out before them.
    pub offset: i64,
}

impl Page {
    /// Everything.
    pub const ALL: Self = Self { limit: -1, offset: 0 };
}

/// Refuses when the tenant holds `max` rows of this kind already, or as many as its package gives.
fn check_room(tx: &Write, kind: &'static str, max: u64) -> Result<()> {
    let given = match kind {
        "product" => tx.most(Usage::Products),
        "event" => tx.most(Usage::Events),
        _ => None,
    };
    let max = given.map_or(max, |given| given.min(max));
    let rows: i64 = tx.one("SELECT rows FROM tally WHERE kind = ?1", [kind], |row| row.get(0))?;
    if u64::try_from(rows).unwrap_or(0) >= max {
        Err(Error::Refused(Refusal::TooMany(kind)))
    } else {
        Ok(())
    }
}
