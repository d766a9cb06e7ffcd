//! The shapes of what is offered beyond the contract: promotions.

use super::wire::Amount;
use crate::trade::promotion::{Cut, Promotion, Terms};
use crate::values::Money;
use crate::values::zone::Zone;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use uuid::Uuid;

/// A promotion, for staff.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Promotion")]
pub(super) struct WirePromotion<'a> {
    uuid: Uuid,
    code: &'a str,
    /// What it takes off each piece, in percent; else `amount`.
    percent: Option<Percent>,
    /// What it takes off each piece; else `percent`.
    amount: Option<Amount>,
    valid_from: Option<String>,
    valid_until: Option<String>,
    /// How many orders may use it; none: without limit.
    uses: Option<u32>,
    /// How many orders of one person may use it; none: without limit.
    uses_per_person: Option<u16>,
    /// Orders that are held or paid by it.
    used: u32,
    /// What it applies to; none: everything.
    products: Option<Vec<Uuid>>,
}

impl<'a> WirePromotion<'a> {
    pub(super) fn new(promotion: &'a Promotion, zone: &Zone) -> Self {
        let Promotion { id, terms, used } = promotion;
        let Terms { code, cut, starts, ends, uses_max, uses_per_person, products } = terms;
        let (percent, amount) = match *cut {
            Cut::Percent(percent) => (Some(Percent(percent)), None),
            Cut::Amount(amount) => (None, Some(Amount(amount))),
        };
        Self {
            uuid: id.0,
            code: code.as_str(),
            percent,
            amount,
            valid_from: starts.map(|time| zone.iso(time)),
            valid_until: ends.map(|time| zone.iso(time)),
            uses: *uses_max,
            uses_per_person: *uses_per_person,
            used: *used,
            products: products.as_ref().map(|ids| ids.iter().map(|id| id.0).collect()),
        }
    }
}

/// A percentage as a JSON number, from hundredths of a percent.
pub(super) struct Percent(pub(super) u16);

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Hundredths are written as cents are.
        Amount(Money(i64::from(self.0))).serialize(serializer)
    }
}

impl JsonSchema for Percent {
    fn schema_name() -> Cow<'static, str> {
        "Percent".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "number", "minimum": 0, "maximum": 100 })
    }
}
