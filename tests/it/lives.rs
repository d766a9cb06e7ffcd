//! The lives of orders: whatever is done to them, in whatever order, it adds up to the cent.

use crate::sales::{ADD_UP, adds_up};
use crate::support::{House, Venue, house, text};
use guichet::error::{Error, Result};
use guichet::root::{By, Tenant, Write};
use guichet::trade::checkout::{self, Facts, Says};
use guichet::trade::membership::Claim;
use guichet::trade::order::{self, Basket, Buyer, Hand, Hold, Holder, Item, Made, Means, Noted};
use guichet::trade::price::{self, Period, Vat};
use guichet::trade::product::Category;
use guichet::trade::promotion::{self, Code, Cut, Terms};
use guichet::values::id::{AccountId, EventId, OrderId, PriceId, ProductId};
use guichet::values::{Email, Money};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::time::Duration;

const HOUR: Hold = Hold {
    payment: Duration::from_secs(3_600),
    proof: Duration::from_secs(3_600),
    page: Duration::ZERO,
};
const CODES: [Option<&str>; 3] = [None, Some("tiers"), Some("CINQ")];

/// What may happen.
#[derive(Clone, Debug)]
enum Step {
    Place { who: usize, items: Vec<Want>, code: usize },
    Change { order: usize, items: Vec<Want>, code: usize },
    Pay { order: usize, cents: Option<i64> },
    RunOut { order: usize },
    Cancel { order: usize },
    GiveBack { order: usize, tickets: Vec<usize> },
    PayOnline { order: usize },
    GiveBackThere { order: usize, cents: Option<i64> },
}

/// So many of a price, at an event where it is one of a ticket.
#[derive(Clone, Debug)]
struct Want {
    price: usize,
    event: usize,
    quantity: u16,
    amount: Option<i64>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let want = (0..4_usize, 0..2_usize, 1..3_u16, proptest::option::weighted(0.3, 200..900_i64));
    let want = want.prop_map(|(price, event, quantity, amount)| Want {
        price,
        event,
        quantity,
        // Only the second price is the buyer's to choose; now and then one chooses where there is no choice.
        amount: amount.filter(|amount| price == 1 || amount % 10 == 0),
    });
    let basket = (prop::collection::vec(want, 1..4), prop_oneof![2 => Just(0), 3 => 1..3_usize]);
    let place = (0..3_usize, basket.clone()).prop_map(|(who, (items, code))| Step::Place {
        who,
        items,
        code,
    });
    let order = 0..3_usize;
    let step = prop_oneof![
        5 => place.clone(),
        3 => (order.clone(), basket)
            .prop_map(|(order, (items, code))| Step::Change { order, items, code }),
        4 => (order.clone(), proptest::option::weighted(0.2, 1..2_000_i64))
            .prop_map(|(order, cents)| Step::Pay { order, cents }),
        1 => order.clone().prop_map(|order| Step::RunOut { order }),
        2 => order.clone().prop_map(|order| Step::Cancel { order }),
        4 => (order.clone(), prop::collection::vec(0..6_usize, 1..3))
            .prop_map(|(order, tickets)| Step::GiveBack { order, tickets }),
        4 => order.clone().prop_map(|order| Step::PayOnline { order }),
        3 => (order, proptest::option::weighted(0.7, 1..3_000_i64))
            .prop_map(|(order, cents)| Step::GiveBackThere { order, cents }),
    ];
    (prop::collection::vec(place, 1..3), prop::collection::vec(step, 1..40))
        .prop_map(|(first, then)| first.into_iter().chain(then).collect())
}

/// A venue that sells little of everything, and its orders so far.
struct Shop {
    tenant: Tenant,
    buyers: Vec<Buyer>,
    events: [EventId; 2],
    prices: [PriceId; 4],
    orders: Vec<OrderId>,
}

fn new_price(product: &str, cents: i64, vat: Vat, stock: Option<u16>) -> price::New {
    price::New {
        product: ProductId(product.parse().unwrap()),
        name: "Tarif".into(),
        short_description: None,
        long_description: None,
        amount: Money(cents),
        free_amount: false,
        vat,
        stock,
        max_per_user: 5,
        period: Period::Year,
        membership: None,
    }
}

fn terms(code: &str, cut: Cut) -> Terms {
    Terms {
        code: Code::parse(code).unwrap(),
        cut,
        starts: None,
        ends: None,
        uses_max: None,
        uses_per_person: None,
        products: None,
    }
}

fn buyer(name: &str, proven: bool) -> Buyer {
    let email = Email::parse(&format!("{name}@example.org")).unwrap();
    let (account, claims) = (AccountId::new(), Claim::ByEmail);
    Buyer { account, email, proven, claims, hand: Hand::Owner, named: true }
}

impl Shop {
    fn new(venue: &Venue<'_>) -> Self {
        let (ticket, entry) = (venue.ticket("Concert"), venue.ticket("Libre"));
        let shirt = venue.product("Maillot", Category::Clothing);
        let card = venue.membership("Carte");
        let event =
            |name, seats| EventId(venue.event(name, &[&ticket, &entry], seats).parse().unwrap());
        let events = [event("Jam", 6), event("Slam", 5)];
        let tenant = venue.tenant();
        let made = tenant.write(By::House, |tx| {
            let price = |new: price::New| Ok::<_, Error>(price::create(tx, &new, 1_000)?.id);
            let free =
                price::New { free_amount: true, ..new_price(&entry, 300, Vat::EightAndHalf, None) };
            let third = Terms {
                uses_max: Some(3),
                uses_per_person: Some(2),
                ..terms("Tiers", Cut::Percent(3_333))
            };
            promotion::create(tx, &third)?;
            let products = Some(vec![ProductId(ticket.parse().unwrap())]);
            promotion::create(tx, &Terms { products, ..terms("cinq", Cut::Amount(Money(1_500))) })?;
            Ok([
                price(new_price(&ticket, 1_251, Vat::Twenty, Some(7)))?,
                price(free)?,
                price(new_price(&shirt, 1_999, Vat::Ten, Some(4)))?,
                price(new_price(&card, 1_500, Vat::None, None))?,
            ])
        });
        let buyers = vec![buyer("ana", true), buyer("bo", false), buyer("chloe", true)];
        Self { tenant, buyers, events, prices: made.unwrap(), orders: vec![] }
    }

    fn basket(&self, items: &[Want], code: usize) -> Basket {
        let item = |want: &Want| {
            let seat = want.price < 2;
            let holder = Holder { first_name: "Ana".into(), last_name: "Payet".into() };
            Item {
                event: seat.then(|| self.events[want.event]),
                price: self.prices[want.price],
                quantity: want.quantity,
                holders: if seat { vec![holder; usize::from(want.quantity)] } else { vec![] },
                amount: want.amount.map(Money),
            }
        };
        let code = CODES[code].map(str::to_owned);
        Basket { items: items.iter().map(item).collect(), code, ..Basket::default() }
    }

    /// One of the orders, counted from the youngest and round again.
    fn order(&self, n: usize) -> Option<OrderId> {
        self.orders.iter().rev().cycle().nth(n).copied()
    }

    fn act(&self, tx: &Write, step: &Step) -> Result<Option<OrderId>> {
        let on = |n: usize| self.order(n).ok_or(Error::NotFound);
        match step {
            Step::Place { who, items, code } => {
                let basket = self.basket(items, *code);
                return Ok(Some(order::place(tx, &self.buyers[*who], &basket, HOUR)?.id));
            }
            Step::Change { order, items, code } => {
                let basket = self.basket(items, *code);
                let (id, old) = (on(*order)?, order::get(tx, on(*order)?)?);
                let buyer = self.buyers.iter().find(|buyer| buyer.account == old.account);
                let buyer = Buyer { proven: true, ..buyer.ok_or(Error::NotFound)?.clone() };
                return Ok(Some(order::change(tx, id, &buyer, &basket, HOUR)?.id));
            }
            Step::Pay { order, cents } => {
                let due = order::due(tx, on(*order)?)?;
                order::pay(tx, on(*order)?, Means::Cash, cents.map_or(due, Money), None)
                    .map(drop)?;
            }
            Step::RunOut { order } => {
                let sql = "UPDATE orders SET expires = 1 WHERE id = ?1 AND state = 'held'";
                tx.run(sql, [on(*order)?]).map(drop)?;
            }
            Step::Cancel { order } => {
                order::cancel(tx, on(*order)?, None, Some(Means::Cash), "x").map(drop)?;
            }
            Step::GiveBack { order, tickets } => {
                let bookings = order::bookings_of(tx, on(*order)?)?;
                let all: Vec<_> =
                    bookings.iter().flat_map(|booking| &booking.tickets).copied().collect();
                let mut some: Vec<_> =
                    tickets.iter().filter_map(|n| all.iter().cycle().nth(*n).copied()).collect();
                some.sort_unstable();
                some.dedup();
                order::cancel(tx, on(*order)?, Some(&some), None, "x").map(drop)?;
            }
            Step::PayOnline { order } => pay_online(tx, on(*order)?)?,
            Step::GiveBackThere { order, cents } => {
                let (id, paid) = (on(*order)?, order::get(tx, on(*order)?)?.total);
                let (intent, reference) = (format!("pi_{id}"), format!("re_{}", AccountId::new()));
                let amount = cents.map_or(paid, Money);
                let (intent, reference) = (intent.as_str(), reference.as_str());
                let made = Made { intent, reference, amount, currency: "eur", asked: None };
                order::given_back(tx, &made)?;
                let again = order::given_back(tx, &made)?;
                assert!(matches!(again, Noted::Known | Noted::Unknown), "{again:?}");
            }
        }
        Ok(None)
    }

    /// What does not add up.
    fn off(&self) -> Vec<&'static str> {
        let count =
            |sql| self.tenant.read(|tx| tx.one(sql, [], |row| row.get::<_, i64>(0))).unwrap();
        ADD_UP
            .iter()
            .chain([&CREDITED])
            .filter(|(_, sql)| count(sql) != 0)
            .map(|(what, _)| *what)
            .collect()
    }
}

/// Pays an order that is held at a page of Stripe's.
fn pay_online(tx: &Write, id: OrderId) -> Result<()> {
    let held = order::get(tx, id)?;
    let begun = "SELECT 1 FROM checkout WHERE orders = ?1";
    if held.state != order::State::Held || held.total == Money(0) || tx.exists(begun, [id])? {
        return Err(Error::NotFound);
    }
    checkout::begin(tx, &held, "http://bisik.example.org")?;
    let (session, intent) = (format!("cs_{id}"), format!("pi_{id}"));
    let facts = Facts {
        session: &session,
        order: Some(id),
        amount: Some(held.total),
        currency: Some("eur"),
        says: Says::Paid(&intent),
    };
    checkout::settle(tx, &facts).map(drop)
}

/// What an order was sold for has gone back to the cent, by each rate, when all of it has.
const CREDITED: (&str, &str) = (
    "credited by rate",
    "SELECT count(*) FROM (SELECT orders.id, vat_rate, sum(line.total) AS sold, sum(line.vat) AS vat
         FROM orders JOIN line ON line.orders = orders.id WHERE state = 'refunded' AND orders.total > 0
         GROUP BY orders.id, vat_rate HAVING sum(line.total) > 0) AS one
     WHERE (sold, vat) IS NOT (SELECT sum(credit_part.amount), sum(credit_part.vat) FROM credit_part
         JOIN credit_note ON no = note JOIN refund ON refund.id = refund
         WHERE refund.orders = one.id AND credit_part.vat_rate = one.vat_rate)",
);

fn for_all<S: Strategy>(cases: u32, of: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(of, test).unwrap_or_else(|fault| panic!("{fault}"));
}

fn new_venue(house: &House) -> Venue<'_> {
    house.venue(&format!("Salle {}", house.next()))
}

#[test]
fn whatever_is_done_to_orders_in_whatever_order_it_adds_up() {
    let house = house();
    for_all(20, &steps(), |steps| {
        let mut shop = Shop::new(&new_venue(&house));
        for step in &steps {
            match shop.tenant.write(By::House, |tx| shop.act(tx, step)) {
                Ok(made) => shop.orders.extend(made),
                Err(Error::Refused(_) | Error::NotFound) => {}
                Err(fault) => return Err(TestCaseError::fail(format!("{step:?}: {fault}"))),
            }
            prop_assert_eq!(shop.off(), Vec::<&str>::new(), "after {:?}", step);
        }
        Ok(())
    });
}

#[test]
fn pieces_of_a_reduced_order_that_go_back_in_any_order_are_exactly_what_was_paid() {
    let house = house();
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Concert");
    let event = EventId(venue.event("Jam", &[&ticket], 10_000).parse().unwrap());
    let cut = prop_oneof![
        (1_u16..10_000).prop_map(Cut::Percent),
        (1_i64..3_000).prop_map(|amount| Cut::Amount(Money(amount))),
    ];
    let vat = prop::sample::select(Vat::ALL);
    let order = (0..5_u16).prop_flat_map(|n| Just((0..=n).collect::<Vec<u16>>()).prop_shuffle());
    for_all(32, &(cut, 1_i64..5_000, vat, order), |(cut, cents, vat, back)| {
        let code = format!("c{}", house.next());
        let gave_back = venue.tenant().write(By::House, |tx| {
            promotion::create(tx, &terms(&code, cut))?;
            let name = format!("p{code}");
            let new = price::New { name, ..new_price(&ticket, cents, vat, None) };
            let price = price::create(tx, &new, 1_000)?.id;
            let holder = Holder { first_name: "Ana".into(), last_name: "Payet".into() };
            let quantity = u16::try_from(back.len()).unwrap();
            let holders = vec![holder; back.len()];
            let item = Item { event: Some(event), price, quantity, holders, amount: None };
            let basket = Basket { items: vec![item], code: Some(code.clone()), ..Basket::default() };
            let order = order::place(tx, &buyer(&code, true), &basket, HOUR)?;
            if order.total > Money(0) {
                order::pay(tx, order.id, Means::Cash, order.total, None)?;
            }
            let tickets = order::bookings_of(tx, order.id)?.remove(0).tickets;
            let mut sum = 0;
            for n in &back {
                let one = [tickets[usize::from(*n)]];
                sum += order::cancel(tx, order.id, Some(&one), Some(Means::Cash), "x")?.0;
            }
            let vat = "SELECT sum(credit_note.vat) FROM credit_note JOIN refund ON refund.id = refund WHERE orders = ?1";
            let vat: Money = tx.one(vat, [order.id], |row| row.get(0))?;
            Ok((order.total, Money(sum), order.vat, vat))
        });
        match gave_back {
            Ok((total, back, vat, vat_back)) => {
                prop_assert_eq!((total, vat), (back, vat_back));
            }
            // What takes less than half a cent off takes nothing off.
            Err(Error::Refused(refusal)) => {
                prop_assert_eq!(refusal.code(), "promotion_not_for_this");
            }
            Err(fault) => return Err(TestCaseError::fail(fault.to_string())),
        }
        Ok(())
    });
    adds_up(&venue);
}

#[test]
fn the_lines_of_a_reduced_order_are_its_total() {
    let house = house();
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Concert");
    let prices =
        [333, 1_250, 1_999].map(|cents| venue.price(&ticket, &format!("à {cents}"), cents));
    let event = venue.event("Jam", &[&ticket], 1_000);
    for percent in ["0.5", "33.33", "99.99", "100"] {
        let code = format!("c{percent}");
        let body = serde_json::json!({ "code": code, "percent": percent });
        venue.staff().post("/api/promotions/", &body).ok(201);
        let customers = vec![serde_json::json!({ "first_name": "Ana", "last_name": "Payet" }); 3];
        let items: Vec<_> = prices
            .iter()
            .map(|price| serde_json::json!({ "price": price, "quantity": 3, "event": event, "customers": customers }))
            .collect();
        let email = format!("p{}@example.org", house.next());
        let body = serde_json::json!({ "email": email, "items": items, "promo_code": code });
        let order = venue.anyone().post("/api/orders/", &body).ok(201);
        assert_eq!(text(&order, "promo_code"), code);
        adds_up(&venue);
    }
}
