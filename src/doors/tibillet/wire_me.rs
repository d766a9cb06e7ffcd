//! What a person sees of themselves: October 2022's shape, in its key order.

use super::wire::Amount;
use super::wire_order::status;
use crate::root::Account;
use crate::trade::membership::{Card, Held, Standing};
use crate::trade::order::{Booking, Payment};
use crate::trade::ticket::Ticket;
use crate::values::id::PriceId;
use crate::values::zone::Zone;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// Who is logged in.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Me")]
pub(super) struct WireMe<'a> {
    email: &'a str,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    phone: Option<&'a str>,
    accept_newsletter: bool,
    postal_code: Option<i32>,
    birth_date: Option<&'a str>,
    can_create_tenant: bool,
    espece: &'static str,
    is_staff: bool,
    as_p: bool,
    /// Here, of the last seven days.
    reservations: Vec<WireOwnReservation>,
    /// Here, all that were ever paid.
    membership: Vec<WireMembership<'a>>,
}

impl<'a> WireMe<'a> {
    pub(super) fn new(
        account: &'a Account,
        is_staff: bool,
        is_terminal: bool,
        reservations: Vec<WireOwnReservation>,
        membership: Vec<WireMembership<'a>>,
    ) -> Self {
        Self {
            email: account.email.as_str(),
            first_name: account.first_name.as_deref(),
            last_name: account.last_name.as_deref(),
            phone: account.phone.as_deref(),
            accept_newsletter: true,
            postal_code: None,
            birth_date: None,
            can_create_tenant: account.can_create_tenant || account.superuser,
            espece: if is_terminal { "TE" } else { "HU" },
            is_staff,
            as_p: account.has_password,
            reservations,
            membership,
        }
    }
}

/// A reservation, as its buyer sees it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OwnReservation")]
pub(super) struct WireOwnReservation {
    uuid: Uuid,
    datetime: String,
    event: Uuid,
    /// `FA` free, `P` paid, `V` its tickets were sent.
    status: &'static str,
    options: Vec<Uuid>,
    tickets: Vec<WireOwnTicket>,
    paiements: Vec<Uuid>,
}

/// A ticket, as its buyer sees it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OwnTicket")]
struct WireOwnTicket {
    uuid: Uuid,
    first_name: String,
    last_name: String,
    /// The price that it was sold by.
    pricesold: Uuid,
    status: &'static str,
    seat: String,
    pdf_url: String,
}

impl WireOwnReservation {
    /// None when the contract does not show it: the buyer has not proven the address of what is free.
    pub(super) fn new(
        booking: &Booking,
        tickets: &[(Ticket, PriceId)],
        payments: &[Payment],
        origin: &str,
        zone: &Zone,
    ) -> Option<Self> {
        let status = Some(status(booking)).filter(|status| ["FA", "P", "V"].contains(status))?;
        let Booking {
            id,
            event,
            order: _,
            proven: _,
            mailed: _,
            changed,
            options,
            tickets: _,
            void: _,
        } = booking;
        let own = tickets.iter().filter(|(ticket, _)| ticket.booking == *id);
        let ticket = |(ticket, price): &(Ticket, PriceId)| {
            let Ticket { id, booking: _, event: _, state, first_name, last_name, seat } = ticket;
            WireOwnTicket {
                uuid: id.0,
                first_name: first_name.clone(),
                last_name: last_name.clone(),
                pricesold: price.0,
                status: state.as_str(),
                seat: seat.clone(),
                pdf_url: format!("{origin}/api/ticket/pdf/{id}"),
            }
        };
        Some(Self {
            uuid: id.0,
            datetime: zone.iso(*changed),
            event: event.0,
            status,
            options: options.iter().map(|option| option.0).collect(),
            tickets: own.map(ticket).collect(),
            paiements: payments.iter().map(|payment| payment.id.0).collect(),
        })
    }
}

/// A membership, as its holder sees it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OwnMembership")]
pub(super) struct WireMembership<'a> {
    price: Uuid,
    price_name: &'a str,
    product_uuid: Uuid,
    product_name: &'a str,
    date_added: String,
    first_contribution: String,
    last_contribution: String,
    /// The day from which it is over; null: never.
    deadline: Option<String>,
    /// `O` a member, `C` not any more.
    status: &'static str,
    contribution_value: Amount,
    last_action: String,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    pseudo: Option<&'a str>,
    newsletter: bool,
    postal_code: Option<i64>,
    birth_date: Option<&'a str>,
    phone: Option<&'a str>,
    email: &'a str,
}

impl<'a> WireMembership<'a> {
    pub(super) fn new(held: &'a Held, zone: &Zone) -> Self {
        let Held {
            price,
            price_name,
            product,
            product_name,
            card,
            email,
            created,
            first_paid,
            last_paid,
            ends,
            contribution,
            standing,
        } = held;
        let Card { first_name, last_name, phone, postal_code, birth_date, newsletter } = card;
        let day = |time| zone.format(time, "%Y-%m-%d");
        Self {
            price: price.0,
            price_name,
            product_uuid: product.0,
            product_name,
            date_added: zone.iso(*created),
            first_contribution: day(*first_paid),
            last_contribution: day(*last_paid),
            deadline: ends.map(day),
            status: match standing {
                Standing::Member { .. } => "O",
                Standing::Over { .. } | Standing::Never => "C",
            },
            contribution_value: Amount(*contribution),
            last_action: zone.iso(*last_paid),
            first_name: first_name.as_deref(),
            last_name: last_name.as_deref(),
            pseudo: None,
            newsletter: *newsletter,
            postal_code: *postal_code,
            birth_date: birth_date.as_deref(),
            phone: phone.as_deref(),
            email,
        }
    }
}
