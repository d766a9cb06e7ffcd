//! What the demo has on: a paid evening, a free one and one for members, with orders in every state.

use crate::error::{Error, Result};
use crate::root::{By, Read, Root, Tenant, Write};
use crate::trade::event::{self, Category, Event, Links, New};
use crate::trade::membership::{self, Card, Claim};
use crate::trade::order::{self, Basket, Buyer, Hand, Hold, Holder, Item, Means, Order};
use crate::trade::price::{self, Period, Price, Vat};
use crate::trade::{Page, place, product, ticket};
use crate::values::id::{ProductId, TenantId};
use crate::values::{Email, Money, Time};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);
const HOLD: Hold = Hold {
    payment: Duration::from_secs(15 * 60),
    proof: Duration::from_secs(24 * 3_600),
    ..NO_HOLD
};

/// One that has run out as soon as it is placed.
const NO_HOLD: Hold = Hold { payment: Duration::ZERO, proof: Duration::ZERO, page: Duration::ZERO };

/// Fills the programme of a venue that sells `Billet` and `Adhésion`; `artist` plays on the paid evening.
pub(super) fn fill(root: &Root, venue: &Tenant, artist: TenantId) -> Result<()> {
    let buyers: Vec<Buyer> = ["ana@demo.localhost", "bo@demo.localhost", "chloe@demo.localhost"]
        .into_iter()
        .map(|email| buyer(root, email))
        .collect::<Result<_>>()?;
    let [ana, bo, chloe] = buyers.as_slice() else { return Err(Error::internal("three buyers")) };
    venue.publish(By::Console, place::published, |tx| {
        let (paid, free, members) = programme(tx, artist)?;
        sell_paid(tx, &paid, [ana, bo, chloe])?;
        sell(tx, &free, &price_of(tx, &free, 0)?, ana, 2, HOLD)?;
        sell(tx, &free, &price_of(tx, &free, 0)?, bo, 1, HOLD)?;
        join(tx, chloe)?;
        let seat = sell(tx, &members, &price_of(tx, &members, 0)?, chloe, 1, HOLD)?;
        pay(tx, &seat, Means::Terminal).map(drop)
    })
}

fn buyer(root: &Root, email: &str) -> Result<Buyer> {
    let email = Email::parse(email).ok_or_else(|| Error::internal("the demo's buyers"))?;
    let account = root.people().find_or_make(&email)?;
    let proven = account.is_proven();
    Ok(Buyer {
        account: account.id,
        email,
        proven,
        claims: Claim::ByEmail,
        hand: Hand::Staff,
        named: true,
    })
}

/// The three evenings: one that costs, one that is free, one for members.
fn programme(tx: &Write, artist: TenantId) -> Result<(Event, Event, Event)> {
    let billet = named(tx, "Billet")?;
    let members_only = product::New {
        name: "Entrée adhérents".into(),
        category: product::Category::Ticket,
        short_description: Some("Sur présentation de l'adhésion".into()),
        long_description: None,
        terms: None,
        published: true,
        cashless: false,
    };
    let entry = product::create(tx, &members_only, None, u64::MAX)?.id;
    let gated = price::New {
        product: entry,
        name: "Adhérent".into(),
        short_description: None,
        long_description: None,
        amount: Money(500),
        free_amount: false,
        vat: Vat::TwoPointTwo,
        stock: None,
        max_per_user: 2,
        period: Period::None,
        membership: Some(named(tx, "Adhésion")?),
    };
    price::create(tx, &gated, u64::MAX)?;
    let at = |days: u32| evening_in(tx, days);
    let plays = vec![(artist, at(14)?)];
    let paid = Links { products: Some(vec![billet]), artists: Some(plays), ..Links::default() };
    let only = Links { products: Some(vec![entry]), ..Links::default() };
    Ok((
        add(
            tx,
            "Nora Vaël en concert",
            "Maloya électrique, première partie locale.",
            at(14)?,
            &paid,
        )?,
        add(
            tx,
            "Scène ouverte",
            "Entrée libre, inscription conseillée.",
            at(7)?,
            &Links::default(),
        )?,
        add(tx, "Soirée des adhérents", "Repas partagé et jam.", at(21)?, &only)?,
    ))
}

/// Eight in the evening of a day to come, where the venue is.
fn evening_in(tx: &Read, days: u32) -> Result<Time> {
    let midnight = place::zone(tx)?.day_start(tx.now().plus(DAY * days));
    Ok(midnight.plus(Duration::from_secs(20 * 3600)))
}

fn add(tx: &Write, name: &str, about: &str, starts: Time, links: &Links) -> Result<Event> {
    let new = New {
        name: name.into(),
        category: Category::Concert,
        short_description: Some(about.into()),
        long_description: None,
        link: None,
        starts,
        ends: None,
        gauge: 120,
        max_per_user: 10,
        minimum_cashless: 0,
        published: true,
    };
    event::create(tx, &new, links, None, u64::MAX)
}

fn named(tx: &Read, name: &str) -> Result<ProductId> {
    let all = product::list(tx, Page::ALL)?;
    let found = all.into_iter().find(|product| product.name == name).map(|product| product.id);
    found.ok_or_else(|| Error::internal(format!("the demo has no {name}")))
}

/// The n-th price of what is sold for an event, cheapest first.
fn price_of(tx: &Read, event: &Event, n: usize) -> Result<Price> {
    let detail = event::details(tx, vec![event.clone()])?;
    let product = detail.first().and_then(|detail| detail.products.first().copied());
    let prices = price::of_product(tx, product.ok_or_else(|| Error::internal("nothing is sold"))?)?;
    prices.into_iter().nth(n).ok_or_else(|| Error::internal("the demo lacks a price"))
}

fn sell(
    tx: &Write,
    event: &Event,
    price: &Price,
    buyer: &Buyer,
    places: u16,
    hold: Hold,
) -> Result<Order> {
    let basket = Basket { to_mail: true, ..basket(event, price, buyer, places) };
    order::place(tx, buyer, &basket, hold)
}

fn basket(event: &Event, price: &Price, buyer: &Buyer, places: u16) -> Basket {
    let name = buyer.email.as_str().split('@').next().unwrap_or("");
    let holder = Holder { first_name: name.to_owned(), last_name: "Demo".into() };
    let holders = vec![holder; usize::from(places)];
    let item =
        Item { event: Some(event.id), price: price.id, quantity: places, holders, amount: None };
    Basket { items: vec![item], ..Basket::default() }
}

fn pay(tx: &Write, order: &Order, means: Means) -> Result<order::Payment> {
    let due = order::due(tx, order.id)?;
    order::pay(tx, order.id, means, due, None)
}

/// One order of each kind: paid in cash and let in, held, run out, cancelled, given back.
fn sell_paid(tx: &Write, event: &Event, [ana, bo, chloe]: [&Buyer; 3]) -> Result<()> {
    let (reduced, full) = (price_of(tx, event, 1)?, price_of(tx, event, 2)?);
    let paid = sell(tx, event, &full, ana, 2, HOLD)?;
    pay(tx, &paid, Means::Cash)?;
    let bookings = order::bookings_of(tx, paid.id)?;
    if let Some(first) = bookings.first().and_then(|booking| booking.tickets.first()) {
        ticket::scan(tx, *first, Some(event.id), "Entrée", ticket::Way::In)?;
    }
    // Not to be mailed: they are given back before a letter could bring them.
    let given_back = order::place(tx, bo, &basket(event, &full, bo, 1), HOLD)?;
    pay(tx, &given_back, Means::Cheque)?;
    order::cancel(tx, given_back.id, None, Some(Means::Transfer), "Empêchement")?;
    let cancelled = sell(tx, event, &reduced, bo, 1, HOLD)?;
    order::cancel(tx, cancelled.id, None, None, "Erreur de saisie")?;
    sell(tx, event, &reduced, chloe, 1, NO_HOLD)?;
    sell(tx, event, &reduced, chloe, 2, HOLD).map(drop)
}

fn join(tx: &Write, buyer: &Buyer) -> Result<()> {
    let prices = price::of_product(tx, named(tx, "Adhésion")?)?;
    let price = prices.first().ok_or_else(|| Error::internal("the demo lacks a membership"))?;
    let card = Card {
        first_name: Some("Chloé".into()),
        last_name: Some("Demo".into()),
        phone: Some("0692000000".into()),
        newsletter: true,
        ..Card::default()
    };
    membership::write_card(tx, buyer.account, &buyer.email, price.id, &card)?;
    let item = Item { event: None, price: price.id, quantity: 1, holders: vec![], amount: None };
    let basket = Basket { items: vec![item], ..Basket::default() };
    let order = order::place(tx, buyer, &basket, HOLD)?;
    pay(tx, &order, Means::Transfer).map(drop)
}
