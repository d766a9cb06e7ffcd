//! How much a tenant uses, as far as its own file says, and what is refused beyond what its package gives.

use super::place;
use crate::error::{Error, Refusal, Result};
use crate::root::{Read, Write};
use crate::values::{Time, Usage};

/// What the file holds: products, events, tickets of this month, and its own size in MiB, rounded up.
pub fn counted(tx: &Read) -> Result<Vec<(Usage, u64)>> {
    let rows = |kind: &str| -> Result<u64> {
        let sql = "SELECT rows FROM tally WHERE kind = ?1";
        Ok(whole(tx.one(sql, [kind], |row| row.get(0))?))
    };
    Ok(vec![
        (Usage::Products, rows("product")?),
        (Usage::Events, rows("event")?),
        (Usage::Tickets, tickets(tx, i64::MAX)?),
        (Usage::Storage, bytes(tx)?.div_ceil(1 << 20)),
    ])
}

fn whole(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// Tickets of orders that were settled in this month of the venue's calendar, and those that are held; counts no further
/// than `most`.
fn tickets(tx: &Read, most: i64) -> Result<u64> {
    let sql = "SELECT count(*) FROM (
            SELECT 1 FROM orders JOIN line ON line.orders = orders.id JOIN ticket ON ticket.line = line.id
            WHERE orders.state IN ('paid', 'refunded') AND orders.settled >= ?1
            UNION ALL
            SELECT 1 FROM orders JOIN line ON line.orders = orders.id JOIN ticket ON ticket.line = line.id
            WHERE orders.state = 'held'
            LIMIT ?2)";
    Ok(whole(tx.one(sql, (month(tx)?, most), |row| row.get(0))?))
}

/// When this month began, where the venue is.
fn month(tx: &Read) -> Result<Time> {
    let zone = place::zone(tx)?;
    zone.midnight(zone.date(tx.now()).first_of_month())
        .ok_or_else(|| Error::internal("a month without a beginning"))
}

fn bytes(tx: &Read) -> Result<u64> {
    let sql = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    Ok(whole(tx.one(sql, [], |row| row.get(0))?))
}

/// Refused when the package gives fewer tickets a month than there are with so many more.
pub(super) fn check_tickets(tx: &Write, more: u64) -> Result<()> {
    let Some(most) = tx.most(Usage::Tickets).filter(|_| more > 0) else { return Ok(()) };
    let known = tickets(tx, i64::try_from(most).unwrap_or(i64::MAX))?;
    if known + more > most { Err(Error::Refused(Refusal::TooMany("ticket"))) } else { Ok(()) }
}

/// Refused when the file is as large as the package gives.
pub(super) fn check_size(tx: &Write) -> Result<()> {
    match tx.most(Usage::Storage) {
        Some(most) if bytes(tx)? >= most << 20 => Err(Error::Refused(Refusal::TooMany("storage"))),
        _ => Ok(()),
    }
}
