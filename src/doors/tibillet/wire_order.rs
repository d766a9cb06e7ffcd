//! The shapes of orders, reservations and tickets: October 2022's where the contract has them, in its key order.

use super::orders::Sheet;
use super::wire::Amount;
use crate::trade::order::{Booking, Line, Order, Payment, Refund, Settled, State};
use crate::trade::ticket::{self, Ticket};
use crate::values::Money;
use crate::values::id::{BookingId, OptionId};
use crate::values::zone::Zone;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use std::collections::HashMap;
use uuid::Uuid;

/// A reservation.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Reservation")]
pub(super) struct WireReservation<'a> {
    uuid: Uuid,
    datetime: String,
    user_mail: &'a str,
    event: Uuid,
    status: &'static str,
    options: Vec<Uuid>,
    tickets: Vec<Uuid>,
    paiements: Vec<Uuid>,
}

impl<'a> WireReservation<'a> {
    /// Without `tickets` they are left out: they go to the buyer's address alone.
    pub(super) fn new(
        booking: &'a Booking,
        payments: &[Payment],
        zone: &Zone,
        tickets: bool,
    ) -> Self {
        let Booking {
            id,
            event,
            order,
            proven: _,
            mailed: _,
            changed,
            options,
            tickets: all,
            void: _,
        } = booking;
        Self {
            uuid: id.0,
            datetime: zone.iso(*changed),
            user_mail: &order.email,
            event: event.0,
            status: status(booking),
            options: options.iter().map(|option| option.0).collect(),
            tickets: all.iter().filter(|_| tickets).map(|ticket| ticket.0).collect(),
            paiements: payments.iter().map(|payment| payment.id.0).collect(),
        }
    }
}

/// The contract's letters for where a reservation stands.
pub(super) fn status(booking: &Booking) -> &'static str {
    match booking.order.state {
        // Waits for its buyer to prove the e-mail, not for money.
        State::Held if booking.order.total.0 == 0 => "F",
        State::Held => "U",
        State::Expired | State::Cancelled | State::Refunded => "C",
        State::Paid if booking.void => "C",
        State::Paid if booking.mailed => "V",
        State::Paid if booking.order.total.0 > 0 => "P",
        State::Paid => "FA",
    }
}

/// What a new reservation answers.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NewReservation")]
pub(super) struct WireReserved<'a> {
    pub(super) email: &'a str,
    pub(super) to_mail: bool,
    pub(super) event: Uuid,
    pub(super) options: Vec<Uuid>,
    pub(super) prices: Vec<WireChosen<'a>>,
    pub(super) reservation: WireReservation<'a>,
    /// Ours: where staff record what was paid.
    pub(super) order: WireOrderHead,
    #[serde(flatten)]
    pub(super) online: WireCheckout,
}

/// Where an order is paid online. Empty when the answer is written down, for Stripe is asked afterwards.
#[derive(Default, Serialize, JsonSchema)]
pub(super) struct WireCheckout {
    /// The page; only where there is something to be paid online.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) checkout_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) paiement_stripe_uuid: Option<Uuid>,
}

/// So many of one price, as they were asked for.
#[derive(Serialize, JsonSchema)]
pub(super) struct WireChosen<'a> {
    pub(super) uuid: Uuid,
    pub(super) qty: u16,
    pub(super) customers: Vec<WireCustomer<'a>>,
}

/// Whose name is on a ticket.
#[derive(Serialize, JsonSchema)]
pub(super) struct WireCustomer<'a> {
    pub(super) first_name: &'a str,
    pub(super) last_name: &'a str,
}

/// Where an order stands.
#[derive(Serialize, JsonSchema)]
pub(super) struct WireOrderHead {
    uuid: Uuid,
    state: &'static str,
    total: Amount,
    vat: Amount,
    /// What is still to be paid.
    due: Amount,
    /// Until when what it has is held; only while it is.
    held_until: Option<String>,
}

impl WireOrderHead {
    pub(super) fn new(order: &Order, payments: &[Payment]) -> Self {
        let paid: i64 = payments.iter().map(|payment| payment.amount.0).sum();
        let held = order.state == State::Held;
        let due = if held { order.total.0 - paid } else { 0 };
        Self {
            uuid: order.id.0,
            state: order.state.as_str(),
            total: Amount(order.total),
            vat: Amount(order.vat),
            due: Amount(Money(due)),
            held_until: held.then(|| order.expires.to_string()),
        }
    }
}

/// An order with its lines and payments.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Order")]
pub(super) struct WireOrder<'a> {
    #[serde(flatten)]
    head: WireOrderHead,
    /// Whose it is; told to staff, and to who orders.
    email: Option<&'a str>,
    placed: String,
    /// The code by which it was reduced.
    promo_code: Option<&'a str>,
    lines: Vec<WireLine<'a>>,
    payments: Vec<WirePayment<'a>>,
    refunds: Vec<WireRefund<'a>>,
    reservations: Vec<WireReservation<'a>>,
}

/// One line, as it was sold.
#[derive(Serialize, JsonSchema)]
struct WireLine<'a> {
    event: Option<Uuid>,
    price: Uuid,
    product_name: &'a str,
    price_name: &'a str,
    quantity: u16,
    returned: u16,
    unit: Amount,
    /// What a promotion took off each piece; `unit` is what is left, and `fee`.
    discount: Amount,
    /// What the buyer paid on top of each piece's price; it is in `unit`.
    fee: Amount,
    total: Amount,
    vat: Amount,
}

/// Money that goes back, or is owed.
#[derive(Serialize, JsonSchema)]
struct WireRefund<'a> {
    means: &'static str,
    amount: Amount,
    owed: bool,
    reason: &'a str,
    at: String,
    uuid: Uuid,
    /// How what was owed was handed over.
    settled: Option<WireSettled>,
}

/// How and when what was owed was handed over.
#[derive(Serialize, JsonSchema)]
struct WireSettled {
    means: &'static str,
    at: String,
}

impl<'a> WireRefund<'a> {
    fn new(refund: &'a Refund) -> Self {
        let Refund { id, order: _, email: _, means, amount, owed, reason, created, settled } =
            refund;
        let handed_over = |settled: &Settled| {
            let Settled { means, at } = settled;
            WireSettled { means: means.as_str(), at: at.to_string() }
        };
        Self {
            means: means.as_str(),
            amount: Amount(*amount),
            owed: *owed,
            reason,
            at: created.to_string(),
            uuid: id.0,
            settled: settled.as_ref().map(handed_over),
        }
    }
}

/// A refund on the list of what goes back: to whom, and of which order.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Refund")]
pub(super) struct WireOwed<'a> {
    order: Uuid,
    email: &'a str,
    #[serde(flatten)]
    refund: WireRefund<'a>,
}

impl<'a> WireOwed<'a> {
    pub(super) fn new(refund: &'a Refund) -> Self {
        Self { order: refund.order.0, email: &refund.email, refund: WireRefund::new(refund) }
    }
}

/// What cancelling answers.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Cancelled")]
pub(super) struct WireCancelled<'a> {
    reservation: WireReservation<'a>,
    /// What the venue owes for it.
    owed: Amount,
    order: WireOrderHead,
}

impl<'a> WireCancelled<'a> {
    pub(super) fn new(
        reservation: WireReservation<'a>,
        owed: Money,
        order: &Order,
        payments: &[Payment],
    ) -> Self {
        Self { reservation, owed: Amount(owed), order: WireOrderHead::new(order, payments) }
    }
}

/// Money that came in.
#[derive(Serialize, JsonSchema)]
struct WirePayment<'a> {
    uuid: Uuid,
    means: &'static str,
    amount: Amount,
    reference: Option<&'a str>,
    at: String,
}

impl<'a> WireOrder<'a> {
    /// `tickets` says of which reservations the tickets are shown.
    pub(super) fn new(sheet: &'a Sheet, tickets: impl Fn(&Booking) -> bool) -> Self {
        let Sheet { order, code, lines, payments, refunds, bookings, zone } = sheet;
        let line = |line: &'a Line| {
            let Line {
                event,
                price,
                product_name,
                price_name,
                quantity,
                returned,
                unit,
                discount,
                fee,
                withheld: _,
                total,
                vat,
            } = line;
            WireLine {
                event: event.map(|event| event.0),
                price: price.0,
                product_name,
                price_name,
                quantity: *quantity,
                returned: *returned,
                unit: Amount(*unit),
                discount: Amount(*discount),
                fee: Amount(*fee),
                total: Amount(*total),
                vat: Amount(*vat),
            }
        };
        let payment = |payment: &'a Payment| {
            let Payment { id, means, amount, reference, created } = payment;
            WirePayment {
                uuid: id.0,
                means: means.as_str(),
                amount: Amount(*amount),
                reference: reference.as_deref(),
                at: created.to_string(),
            }
        };
        Self {
            head: WireOrderHead::new(order, payments),
            email: Some(&order.email),
            placed: order.placed.to_string(),
            promo_code: code.as_deref(),
            lines: lines.iter().map(line).collect(),
            payments: payments.iter().map(payment).collect(),
            refunds: refunds.iter().map(WireRefund::new).collect(),
            reservations: bookings
                .iter()
                .map(|booking| WireReservation::new(booking, payments, zone, tickets(booking)))
                .collect(),
        }
    }

    /// What is told to somebody who only knows its id: nobody's address or tickets, and nothing that staff wrote.
    pub(super) fn without_people(mut self) -> Self {
        self.email = None;
        self.reservations.clear();
        self.payments.iter_mut().for_each(|payment| payment.reference = None);
        self.refunds.iter_mut().for_each(|refund| refund.reason = "");
        self
    }
}

/// A ticket, as the door sees it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Ticket")]
pub(super) struct WireTicket<'a> {
    uuid: Uuid,
    first_name: &'a str,
    last_name: &'a str,
    status: &'static str,
    seat: &'a str,
    /// Names of the options that were chosen.
    options: Vec<&'a str>,
}

/// The names of the options that were chosen with each reservation.
pub(super) fn chosen(options: &[(BookingId, OptionId, String)]) -> HashMap<BookingId, Vec<&str>> {
    let mut chosen: HashMap<BookingId, Vec<&str>> = HashMap::new();
    for (booking, _, name) in options {
        chosen.entry(*booking).or_default().push(name);
    }
    chosen
}

impl<'a> WireTicket<'a> {
    pub(super) fn new(ticket: &'a Ticket, chosen: &HashMap<BookingId, Vec<&'a str>>) -> Self {
        let Ticket { id, booking, event: _, state, first_name, last_name, seat } = ticket;
        Self {
            uuid: id.0,
            first_name,
            last_name,
            status: state.as_str(),
            seat,
            options: chosen.get(booking).cloned().unwrap_or_default(),
        }
    }
}

/// How full tonight is.
#[derive(Serialize, JsonSchema)]
pub(super) struct WireGauge {
    gauge_max: u32,
    all_tickets: u32,
    scanned_tickets: u32,
}

impl WireGauge {
    pub(super) fn new(gauge: ticket::Gauge) -> Self {
        let ticket::Gauge { seats, all, scanned } = gauge;
        Self { gauge_max: seats, all_tickets: all, scanned_tickets: scanned }
    }
}

/// What a payment that is through answers.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Paid")]
pub(super) struct WirePaid<'a> {
    pub(super) msg: &'static str,
    pub(super) tickets: Vec<WireTicket<'a>>,
}

/// What joining answers.
#[derive(Serialize, JsonSchema)]
pub(super) struct WireJoined<'a> {
    /// The price.
    pub(super) adhesion: Uuid,
    pub(super) email: &'a str,
    /// Ours: where staff record what was paid.
    pub(super) order: WireOrderHead,
    #[serde(flatten)]
    pub(super) online: WireCheckout,
}

pub(super) fn cancelled(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<WireCancelled<'static>>()
}

pub(super) fn refund(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<WireOwed<'static>>()
}

pub(super) fn refunds(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<Vec<WireOwed<'static>>>()
}
