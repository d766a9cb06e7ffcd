//! The shapes of fees, and of what a price costs with them.

use super::closings::Sum;
use super::wire::Amount;
use super::wire_offer::Percent;
use crate::trade::fee::{Fee, Rate, Scope, Split, Terms};
use crate::values::Money;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use uuid::Uuid;

/// A fee, for staff.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Fee")]
pub(super) struct WireFee<'a> {
    uuid: Uuid,
    /// Of fees of one name, the one of the smallest scope counts.
    name: &'a str,
    /// `organizer`, `distribution`, `event` or `price`.
    scope: &'static str,
    /// The event or the price that it is set for.
    scope_id: Option<Uuid>,
    /// `customer`: on top of the price; `organizer`: withheld of it.
    payer: &'static str,
    /// So much a piece.
    fixed: Amount,
    /// And so much of its price, in percent.
    percentage: Percent,
    minimum: Option<Amount>,
    maximum: Option<Amount>,
    /// For prices from this on; none: for all that is not free.
    price_from: Option<Amount>,
    /// For prices up to this.
    price_to: Option<Amount>,
    active: bool,
    created: String,
}

impl<'a> WireFee<'a> {
    pub(super) fn new(fee: &'a Fee) -> Self {
        let Fee { id, terms, created } = fee;
        let Terms { name, scope, unit: _, rate, vat_rate: _, active } = terms;
        let Rate { payer, fixed, percent, minimum, maximum, from, to } = rate;
        let amount = |money: &Option<Money>| money.map(Amount);
        Self {
            uuid: id.0,
            name,
            scope: scope.level().as_str(),
            scope_id: match scope {
                Scope::Organizer => None,
                Scope::Distribution(id) => Some(id.0),
                Scope::Event(id) => Some(id.0),
                Scope::Price(id) => Some(id.0),
            },
            payer: payer.as_str(),
            fixed: Amount(*fixed),
            percentage: Percent(*percent),
            minimum: amount(minimum),
            maximum: amount(maximum),
            price_from: amount(from),
            price_to: amount(to),
            active: *active,
            created: created.to_string(),
        }
    }
}

/// What one piece costs.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PriceDetail")]
pub(super) struct WireDetail {
    /// Its price.
    base: Amount,
    /// What is left of the price without what is withheld.
    excl_fee: Sum,
    /// What the buyer pays on top of the price.
    fee: Sum,
    /// What the buyer pays in all.
    incl_fee: Sum,
    /// The VAT in it.
    vat: Sum,
    /// The buyer chooses what to pay: the price is the least.
    free_price: bool,
}

impl WireDetail {
    pub(super) const fn new(split: Split, vat: Money, free_price: bool) -> Self {
        let Split { base, excl_fee, fee, incl_fee } = split;
        Self {
            base: Amount(base),
            excl_fee: Sum(excl_fee),
            fee: Sum(fee),
            incl_fee: Sum(incl_fee),
            vat: Sum(vat),
            free_price,
        }
    }
}

pub(super) fn fee(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<WireFee<'static>>()
}

pub(super) fn fees(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<Vec<WireFee<'static>>>()
}

pub(super) fn detail(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<WireDetail>()
}
