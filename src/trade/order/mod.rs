//! Orders: one buyer, one payment. What is scarce is checked and taken in the write that places the order, and given
//! back in the write that ends it. A hold that has run out holds nothing any more, whether or not anybody has looked.

mod back;
mod basket;
mod change;
mod charge;
mod elsewhere;
mod find;
mod late;
mod off;
mod own;
mod pay;
mod place;
mod quote;
mod reduce;
mod refund;

pub use back::{any_to_release, cancel, release};
pub(super) use back::{end_holds, let_go};
pub use basket::{Basket, Buyer, Hand, Hold, Holder, Item};
pub use change::{change, replace};
pub use charge::detail;
pub use elsewhere::{AT_STRIPE, Made, Noted, given_back};
pub use find::{Found, Search, find};
pub(super) use late::take_online;
pub use off::{CalledOff, call_off};
pub use own::{BY_BUYER, cancel_own, deadline, own};
pub use pay::{Payment, due, mail_again, pay, payment, prove};
pub use place::place;
pub use quote::{rate, vat_within};
pub use refund::{Refund, Settled, list_refunds, refund, refunds, settle_refund, way_back};

use super::Page;
use crate::error::Result;
use crate::root::Read;
use crate::values::id::{AccountId, BookingId, EventId, OptionId, OrderId, PriceId, TicketId};
use crate::values::{Money, Time};
use rusqlite::Row;
use std::collections::HashMap;

crate::values::letters! {
    /// Where an order stands.
    State {
        /// Placed, not paid: what it has is held for a while.
        Held = "held",
        /// Paid, or free.
        Paid = "paid",
        /// Was not paid in time.
        Expired = "expired",
        /// Ended before it was paid.
        Cancelled = "cancelled",
        /// All of it was given back.
        Refunded = "refunded",
    }
}

crate::values::letters! {
    /// How money comes in or goes back.
    Means {
        /// Nothing was to be paid.
        Free = "free",
        /// Notes and coins.
        Cash = "cash",
        /// A cheque.
        Cheque = "cheque",
        /// A bank transfer, confirmed by staff.
        Transfer = "transfer",
        /// A card terminal that is not ours: recorded here.
        Terminal = "terminal",
        /// Stripe.
        Stripe = "stripe",
    }
}

/// Which lines and products are seats of their event, as SQL asks: tickets and free bookings.
pub(super) const SEATS: &str = "category IN ('B', 'F')";

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// Who buys.
    pub account: AccountId,
    /// The address that the buyer gave.
    pub email: String,
    /// Where it stands; a hold that has run out is expired.
    pub state: State,
    /// What is to be paid, VAT included.
    pub total: Money,
    /// The VAT in it.
    pub vat: Money,
    /// Until when it is held.
    pub expires: Time,
    /// When it was placed.
    pub placed: Time,
}

const COLUMNS: &str = "orders.id AS id, orders.account AS account, orders.email AS email,
    CASE WHEN orders.state = 'held' AND orders.expires <= :now THEN 'expired' ELSE orders.state END AS state,
    orders.total AS total, orders.vat AS vat, orders.expires AS expires, orders.placed AS placed";

fn row(row: &Row<'_>) -> rusqlite::Result<Order> {
    Ok(Order {
        id: row.get("id")?,
        account: row.get("account")?,
        email: row.get("email")?,
        state: row.get("state")?,
        total: row.get("total")?,
        vat: row.get("vat")?,
        expires: row.get("expires")?,
        placed: row.get("placed")?,
    })
}

/// The order, or `NotFound`.
pub fn get(tx: &Read, id: OrderId) -> Result<Order> {
    let sql = format!("SELECT {COLUMNS} FROM orders WHERE id = :id");
    tx.must(&sql, &[(":now", &tx.now() as &dyn rusqlite::ToSql), (":id", &id)], row)
}

/// A reservation: what one order has of one event.
#[derive(Clone, Debug)]
pub struct Booking {
    /// Its id.
    pub id: BookingId,
    /// The event.
    pub event: EventId,
    /// Its order.
    pub order: Order,
    /// The buyer has proven the e-mail, or has paid.
    pub proven: bool,
    /// Its tickets were handed to the mail.
    pub mailed: bool,
    /// When it last changed.
    pub changed: Time,
    /// The options that were chosen.
    pub options: Vec<OptionId>,
    /// Its tickets, in the order in which their holders were named.
    pub tickets: Vec<TicketId>,
    /// All of its tickets were given back.
    pub void: bool,
}

/// The reservation, or `NotFound`.
pub fn booking(tx: &Read, id: BookingId) -> Result<Booking> {
    let sql = bookings_where("booking.id = :id");
    let params: &[(&str, &dyn rusqlite::ToSql)] = &[(":now", &tx.now()), (":id", &id)];
    let found = tx.must(&sql, params, booking_row)?;
    let mut one = with_parts(tx, vec![found])?;
    one.pop().ok_or(crate::error::Error::NotFound)
}

/// All reservations, the one that changed last first.
pub fn bookings(tx: &Read, page: Page) -> Result<Vec<Booking>> {
    let sql = bookings_where("1")
        + " ORDER BY booking.changed DESC, booking.id LIMIT :limit OFFSET :offset";
    let params: &[(&str, &dyn rusqlite::ToSql)] =
        &[(":now", &tx.now()), (":limit", &page.limit), (":offset", &page.offset)];
    with_parts(tx, tx.all(&sql, params, booking_row)?)
}

/// The paid reservations of an account that changed since a moment, the one that changed last first; at most 500.
pub fn recent_bookings(tx: &Read, account: AccountId, since: Time) -> Result<Vec<Booking>> {
    let sql = bookings_where(
        "orders.account = :account AND orders.state = 'paid' AND booking.changed >= :since",
    ) + " ORDER BY booking.changed DESC, booking.id LIMIT 500";
    let params: &[(&str, &dyn rusqlite::ToSql)] =
        &[(":now", &tx.now()), (":account", &account), (":since", &since)];
    with_parts(tx, tx.all(&sql, params, booking_row)?)
}

fn bookings_where(condition: &str) -> String {
    format!(
        "SELECT {COLUMNS}, booking.id AS booking, booking.event AS event, booking.proven AS proven,
           booking.mailed AS mailed, booking.changed AS changed
         FROM booking JOIN orders ON orders.id = booking.orders WHERE {condition}"
    )
}

fn booking_row(found: &Row<'_>) -> rusqlite::Result<Booking> {
    Ok(Booking {
        order: row(found)?,
        id: found.get("booking")?,
        event: found.get("event")?,
        proven: found.get("proven")?,
        mailed: found.get("mailed")?,
        changed: found.get("changed")?,
        options: vec![],
        tickets: vec![],
        void: false,
    })
}

fn with_parts(tx: &Read, mut bookings: Vec<Booking>) -> Result<Vec<Booking>> {
    let ids = crate::root::coming::set(bookings.iter().map(|booking| booking.id.0));
    let within = "booking IN (SELECT unhex(value) FROM json_each(?1))";
    let sql = format!("SELECT booking, option FROM booking_option WHERE {within}");
    let options: Vec<(BookingId, OptionId)> =
        tx.all(&sql, [&ids], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let sql = format!("SELECT booking, id, state = 'R' FROM ticket WHERE {within} ORDER BY rowid");
    let tickets: Vec<(BookingId, TicketId, bool)> =
        tx.all(&sql, [&ids], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut by_id: HashMap<BookingId, &mut Booking> =
        bookings.iter_mut().map(|booking| (booking.id, booking)).collect();
    for (id, option) in options {
        if let Some(booking) = by_id.get_mut(&id) {
            booking.options.push(option);
        }
    }
    for (id, ticket, void) in tickets {
        if let Some(booking) = by_id.get_mut(&id) {
            booking.void = void && (booking.void || booking.tickets.is_empty());
            booking.tickets.push(ticket);
        }
    }
    Ok(bookings)
}

/// One line of an order, as it was sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The event that it opens.
    pub event: Option<EventId>,
    /// The price.
    pub price: PriceId,
    /// What it was called.
    pub product_name: String,
    /// What its price was called.
    pub price_name: String,
    /// How many.
    pub quantity: u16,
    /// How many were given back.
    pub returned: u16,
    /// What one cost, VAT and its buyer's fees included: what is left of its price, and `fee`.
    pub unit: Money,
    /// What a promotion took off each.
    pub discount: Money,
    /// What its buyer paid on top of the price for each.
    pub fee: Money,
    /// What the organizer bears of fees for each.
    pub withheld: Money,
    /// What all cost, VAT included.
    pub total: Money,
    /// The VAT in it.
    pub vat: Money,
}

/// The lines of an order.
pub fn lines(tx: &Read, order: OrderId) -> Result<Vec<Line>> {
    let sql = "SELECT event, price, product_name, price_name, quantity, returned, unit, total, vat, discount, fee, withheld
         FROM line
         WHERE orders = ?1 ORDER BY id";
    tx.all(sql, [order], |row| {
        Ok(Line {
            event: row.get("event")?,
            price: row.get("price")?,
            product_name: row.get("product_name")?,
            price_name: row.get("price_name")?,
            quantity: row.get("quantity")?,
            returned: row.get("returned")?,
            unit: row.get("unit")?,
            total: row.get("total")?,
            vat: row.get("vat")?,
            discount: row.get("discount")?,
            fee: row.get("fee")?,
            withheld: row.get("withheld")?,
        })
    })
}

/// What somebody holds until the address is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unproven {
    /// Its event, or what it is called.
    pub name: String,
    /// When the event begins.
    pub starts: Option<Time>,
    /// How many.
    pub pieces: u32,
    /// Until when it is held.
    pub expires: Time,
}

/// What an account holds that is settled once its address is proven, by date; what has no event comes last.
pub fn unproven(tx: &Read, account: AccountId) -> Result<Vec<Unproven>> {
    let sql = "SELECT coalesce(event.name, product_name) AS shown, starts, sum(quantity - returned) AS pieces,
           min(expires) AS expires
         FROM orders JOIN line ON line.orders = orders.id LEFT JOIN event ON event.id = line.event
         WHERE orders.account = ?1 AND orders.state = 'held' AND orders.total = 0 AND expires > ?2
         GROUP BY shown, starts ORDER BY starts IS NULL, starts, shown";
    tx.all(sql, (account, tx.now()), |row| {
        Ok(Unproven {
            name: row.get("shown")?,
            starts: row.get("starts")?,
            pieces: row.get("pieces")?,
            expires: row.get("expires")?,
        })
    })
}

/// What went back of an order: its events, and what was sold without one, each once.
pub fn names(tx: &Read, order: OrderId) -> Result<Vec<String>> {
    let sql = "SELECT coalesce(event.name, product_name) AS shown FROM line LEFT JOIN event ON event.id = line.event
         WHERE orders = ?1 AND returned > 0 GROUP BY shown ORDER BY min(line.id)";
    tx.all(sql, [order], |row| row.get(0))
}

/// The reservations of an order.
pub fn bookings_of(tx: &Read, order: OrderId) -> Result<Vec<Booking>> {
    let sql = bookings_where("orders.id = :id") + " ORDER BY booking.id";
    let params: &[(&str, &dyn rusqlite::ToSql)] = &[(":now", &tx.now()), (":id", &order)];
    with_parts(tx, tx.all(&sql, params, booking_row)?)
}

/// What was paid for the orders of these reservations, in one look.
pub fn payments_of(tx: &Read, bookings: &[Booking]) -> Result<HashMap<OrderId, Vec<Payment>>> {
    let mut all: HashMap<OrderId, Vec<Payment>> = HashMap::new();
    for (order, payment) in pay::of_bookings(tx, bookings)? {
        all.entry(order).or_default().push(payment);
    }
    Ok(all)
}

/// Is any of an order at a price for members?
pub fn is_for_members(tx: &Read, order: OrderId) -> Result<bool> {
    let sql = "SELECT 1 FROM line JOIN price ON price.id = line.price WHERE line.orders = ?1 AND price.membership IS NOT NULL";
    tx.exists(sql, [order])
}

/// What was paid for an order, oldest first.
pub fn payments(tx: &Read, order: OrderId) -> Result<Vec<Payment>> {
    pay::of_order(tx, order)
}
