//! Closing totals: what came in and went back on each day, by means. They are the sums of the columns `received`,
//! `returned` and `owed` of the payments report: both read the same movements, none of which ever changes its day.

use super::Days;
use crate::error::Result;
use crate::root::Read;
use crate::trade::order::Means;
use crate::trade::place;
use crate::values::{Money, Time};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// One day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Which.
    pub day: Date,
    /// Orders that were settled on it, free ones too.
    pub orders: u32,
    /// What moved, by means in the order of [`Means`]; means by which nothing moved are left out.
    pub moved: Vec<(Means, Moved)>,
}

/// Money that moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Came in.
    pub received: i64,
    /// Was handed back.
    pub returned: i64,
    /// Was noted as owed, less what was owed and has been handed over: less than nothing where more was.
    pub owed: i64,
}

impl Moved {
    /// What is in the till of it: what is only owed still is.
    #[must_use]
    pub const fn net(&self) -> Money {
        Money(self.received - self.returned)
    }

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            received: self.received + other.received,
            returned: self.returned + other.returned,
            owed: self.owed + other.owed,
        }
    }
}

/// The days on which something was settled or moved, oldest first.
pub fn closings(tx: &Read, days: &Days) -> Result<Vec<Closing>> {
    let zone = place::zone(tx)?;
    let bounds: Vec<String> =
        days.each(&zone)?.iter().map(|(from, to)| format!("[{},{}]", from.0, to.0)).collect();
    let bounds = format!("[{}]", bounds.join(","));
    let mut closings: BTreeMap<Time, Closing> = BTreeMap::new();
    let closing = |at| Closing { day: zone.date(at), orders: 0, moved: vec![] };
    tx.each(&format!("{DAYS} {ORDERS}"), [&bounds], |row| {
        let at = row.get(0)?;
        closings.entry(at).or_insert_with(|| closing(at)).orders = row.get(1)?;
        Ok(())
    })?;
    tx.each(&format!("{DAYS} {MOVED}"), [&bounds], |row| {
        let at = row.get(0)?;
        let moved = Moved { received: row.get(2)?, returned: row.get(3)?, owed: row.get(4)? };
        let one = closings.entry(at).or_insert_with(|| closing(at));
        one.moved.push((row.get(1)?, moved));
        Ok(())
    })?;
    let rank = |means: Means| Means::ALL.iter().position(|one| *one == means);
    let mut closings: Vec<Closing> = closings.into_values().collect();
    for one in &mut closings {
        one.moved.sort_by_key(|(means, _)| rank(*means));
    }
    Ok(closings)
}

/// When each day begins and is over. Each is looked up in an index: what is not of these days is not read.
const DAYS: &str = "WITH days AS MATERIALIZED
    (SELECT value ->> 0 AS begins, value ->> 1 AS over FROM json_each(?1))";

const ORDERS: &str =
    "SELECT begins, count(*) FROM days CROSS JOIN orders ON settled >= begins AND settled < over
    WHERE state IN ('paid', 'refunded') GROUP BY begins";

/// What was noted as owed moves nothing but debt, by how the money came in; when it is handed over the debt is less, and
/// the money goes by what it was handed over by. What Stripe could not give back after all goes the other way.
const MOVED: &str = "SELECT begins, means, sum(received), sum(returned), sum(owed) FROM (
        SELECT begins, means, amount AS received, 0 AS returned, 0 AS owed
        FROM days CROSS JOIN payment ON created >= begins AND created < over
        UNION ALL
        SELECT begins, means, 0, iif(noted_owed, 0, amount), iif(noted_owed, amount, 0)
        FROM days CROSS JOIN refund_noted ON created >= begins AND created < over
        UNION ALL
        SELECT begins, refund_settled.means, 0, amount, 0
        FROM days CROSS JOIN refund_settled ON refund_settled.created >= begins AND refund_settled.created < over
            JOIN refund ON refund.id = refund
        UNION ALL
        SELECT begins, refund.means, 0, 0, -amount
        FROM days CROSS JOIN refund_settled ON refund_settled.created >= begins AND refund_settled.created < over
            JOIN refund ON refund.id = refund
        UNION ALL
        SELECT begins, 'stripe', 0, amount, -amount
        FROM days CROSS JOIN stripe_refund ON settled >= begins AND settled < over
        WHERE reference IS NOT NULL AND refund IS NOT NULL
        UNION ALL
        SELECT begins, 'stripe', 0, -amount, amount
        FROM days CROSS JOIN stripe_refund ON failed >= begins AND failed < over WHERE refund IS NOT NULL
    ) GROUP BY begins, means HAVING sum(received) <> 0 OR sum(returned) <> 0 OR sum(owed) <> 0";
