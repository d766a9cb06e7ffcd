//! `/api/closings/`: what came in and went back on each day, by means of payment, and all of it together.

use super::data::Body;
use super::exports::days;
use super::fields::{Field, Form, Kind};
use super::reservations::release_holds;
use super::wire::{Amount, json};
use crate::doors::{Answer, Call, Front};
use crate::root::Staff;
use crate::trade::order::Means;
use crate::trade::report::{self, Closing, Days, Moved};
use crate::values::Money;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

pub(super) const QUERY: &[Field] =
    &[Field::new("from", Kind::Day).required(), Field::new("to", Kind::Day).required()];

pub(super) fn list(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let query = Body::of_query(call);
    let mut form = Form::check(QUERY, &query.data(call.desk.json_depth)?, false, call.desk)?;
    let days = days(&mut form)?;
    release_holds(staff.tenant())?;
    let closings = staff.tenant().read(|tx| report::closings(tx, &days))?;
    Ok(json(200, &WireClosings::new(&days, &closings))
        .with_additional_header("Cache-Control", "private, no-store"))
}

pub(super) fn shape(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<WireClosings>()
}

/// The closings of some days.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Closings")]
struct WireClosings {
    from: String,
    /// The first day that is not in it any more.
    to: String,
    /// The days on which something was settled or moved.
    days: Vec<WireDay>,
    total: WireTotals,
}

/// One day.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClosedDay")]
struct WireDay {
    day: String,
    #[serde(flatten)]
    totals: WireTotals,
}

/// Totals, and the same by means.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClosingTotals")]
struct WireTotals {
    /// Orders that were settled.
    orders: u64,
    #[serde(flatten)]
    moved: WireMoved,
    means: Vec<WireMeans>,
}

/// What moved by one means.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClosingMeans")]
struct WireMeans {
    means: &'static str,
    #[serde(flatten)]
    moved: WireMoved,
}

/// Money that moved.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MovedMoney")]
struct WireMoved {
    received: Sum,
    returned: Sum,
    /// Was noted as owed, less what was owed and has been handed over: less than nothing where more was.
    owed: Sum,
    /// Received without what was returned.
    net: Sum,
}

/// A sum of amounts: may be more than one amount may be, and less than nothing.
pub(super) struct Sum(pub(super) Money);

impl Serialize for Sum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Amount(self.0).serialize(serializer)
    }
}

impl JsonSchema for Sum {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Sum".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "number", "description": "In major units, at most two decimals." })
    }
}

impl WireClosings {
    fn new(days: &Days, closings: &[Closing]) -> Self {
        let orders = closings.iter().map(|one| u64::from(one.orders)).sum();
        let of = |means: Means| -> Vec<Moved> {
            let moved = closings.iter().flat_map(|one| &one.moved);
            moved.filter(|(by, _)| *by == means).map(|(_, moved)| *moved).collect()
        };
        let by_means = Means::ALL.iter().map(|means| (*means, of(*means)));
        let by_means = by_means.filter(|(_, moved)| !moved.is_empty());
        let by_means: Vec<_> = by_means.map(|(means, moved)| (means, sum(&moved))).collect();
        Self {
            from: days.from().to_string(),
            to: days.to().to_string(),
            days: closings.iter().map(WireDay::new).collect(),
            total: WireTotals::new(orders, &by_means),
        }
    }
}

impl WireDay {
    fn new(closing: &Closing) -> Self {
        let Closing { day, orders, moved } = closing;
        Self { day: day.to_string(), totals: WireTotals::new(u64::from(*orders), moved) }
    }
}

impl WireTotals {
    fn new(orders: u64, by_means: &[(Means, Moved)]) -> Self {
        let all: Vec<Moved> = by_means.iter().map(|(_, moved)| *moved).collect();
        let means = by_means.iter().map(|(means, moved)| WireMeans {
            means: means.as_str(),
            moved: WireMoved::new(moved),
        });
        Self { orders, moved: WireMoved::new(&sum(&all)), means: means.collect() }
    }
}

impl WireMoved {
    fn new(moved: &Moved) -> Self {
        let Moved { received, returned, owed } = moved;
        Self {
            received: Sum(Money(*received)),
            returned: Sum(Money(*returned)),
            owed: Sum(Money(*owed)),
            net: Sum(moved.net()),
        }
    }
}

fn sum(all: &[Moved]) -> Moved {
    all.iter().copied().fold(Moved::default(), Moved::and)
}
