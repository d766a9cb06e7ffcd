//! The shapes of lists that staff look things up in: the contract's, with what leads from one thing to the next.

use super::wire::Amount;
use super::wire_order::{WireOrderHead, WireReservation};
use crate::trade::order::{Booking, CalledOff, Found, Payment};
use crate::values::zone::Zone;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

/// A reservation, and the order that it is part of.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "StaffReservation")]
pub(super) struct WireBooked<'a> {
    #[serde(flatten)]
    reservation: WireReservation<'a>,
    /// Ours: where what was paid is recorded.
    order: WireOrderHead,
}

impl<'a> WireBooked<'a> {
    pub(super) fn new(booking: &'a Booking, payments: &[Payment], zone: &Zone) -> Self {
        Self {
            reservation: WireReservation::new(booking, payments, zone, true),
            order: WireOrderHead::new(&booking.order, payments),
        }
    }
}

/// An order on a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ListedOrder")]
pub(super) struct WireFound<'a> {
    #[serde(flatten)]
    head: WireOrderHead,
    email: &'a str,
    placed: String,
    /// Whose names are on its tickets.
    names: &'a [String],
    /// Its events, and what was sold without one.
    holds: &'a [String],
}

impl<'a> WireFound<'a> {
    pub(super) fn new(found: &'a Found) -> Self {
        let Found { order, payments, names, holds } = found;
        Self {
            head: WireOrderHead::new(order, payments),
            email: &order.email,
            placed: order.placed.to_string(),
            names,
            holds,
        }
    }
}

/// What calling an event off has given back.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CalledOff")]
pub(super) struct WireCalledOff {
    /// How many reservations.
    reservations: u32,
    /// How much goes back, or is owed now.
    back: Amount,
}

impl WireCalledOff {
    pub(super) fn new(off: CalledOff) -> Self {
        let CalledOff { bookings, back } = off;
        Self { reservations: bookings, back: Amount(back) }
    }
}

pub(super) fn reservation(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<WireBooked<'static>>()
}

pub(super) fn reservations(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<Vec<WireBooked<'static>>>()
}

pub(super) fn orders(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<Vec<WireFound<'static>>>()
}

pub(super) fn called_off(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<WireCalledOff>()
}
