//! Buyers who give back what they booked.

use crate::sales::ADD_UP;
use crate::support::{Caller, House, Venue, at_once, house, text};
use guichet::root::{Account, By};
use guichet::trade::membership::Claim;
use guichet::trade::order::{self, Basket, Buyer, Hand, Hold, Holder, Item, Means};
use guichet::trade::price::Vat;
use guichet::values::id::{EventId, PriceId};
use guichet::values::{Money, Time};
use serde_json::{Value, json};
use std::time::Duration;

struct Evening<'h> {
    house: &'h House,
    venue: Venue<'h>,
    event: String,
    product: String,
    price: String,
    ana: Account,
}

impl<'h> Evening<'h> {
    fn new(house: &'h House) -> Self {
        let venue = house.venue("Bisik");
        let product = venue.ticket("Concert");
        let price = venue.price(&product, "Plein", 1_250);
        let event = venue.event("Jam", &[&product], 50);
        let ana = house.user("ana@example.org");
        Self { house, venue, event, product, price, ana }
    }

    fn ana(&self) -> Caller {
        self.venue.bearing(&self.house.token(&self.ana, 0))
    }

    fn book(&self, places: usize) -> Value {
        self.venue.book("ana@example.org", &self.event, &self.price, places).ok(201)
    }

    fn paid(&self, places: usize) -> Value {
        let booked = self.book(places);
        let path = format!("/api/orders/{}/payments/", text(&booked["order"], "uuid"));
        self.venue.staff().post(&path, &json!({ "means": "cash" })).ok(201);
        booked
    }

    fn set_deadline(&self, hours: Value) {
        let body = json!({ "refund_deadline_hours": hours });
        self.venue.admin().patch("/api/settings/", &body).ok(200);
    }

    /// Lets the event begin in so many minutes.
    fn begins_in(&self, minutes: u64) {
        let starts = Time::now().plus(Duration::from_secs(minutes * 60));
        let sql = "UPDATE event SET starts = ?1";
        self.venue.tenant().write(By::House, |tx| tx.run(sql, [starts])).unwrap();
    }

    fn taken(&self) -> u64 {
        let event = self.venue.anyone().get(&format!("/api/events/{}/", self.event)).ok(200);
        event["reservations"].as_u64().unwrap()
    }

    fn adds_up(&self) {
        for (what, sql) in ADD_UP {
            let off: i64 =
                self.venue.tenant().read(|tx| tx.one(sql, [], |row| row.get(0))).unwrap();
            assert_eq!(off, 0, "{what}");
        }
    }
}

fn path(booked: &Value) -> String {
    format!("/api/reservations/{}/cancel/", text(&booked["reservation"], "uuid"))
}

#[test]
fn a_buyer_cancels_a_reservation_and_is_owed_what_was_paid() {
    let house = house();
    let evening = Evening::new(&house);
    let booked = evening.paid(2);
    let done = evening.ana().post(&path(&booked), &json!({})).ok(200);
    assert_eq!(done["owed"], json!(25.0));
    assert_eq!(text(&done["reservation"], "status"), "C");
    assert_eq!(text(&done["order"], "state"), "refunded");
    let order = format!("/api/orders/{}/", text(&booked["order"], "uuid"));
    let sheet = evening.venue.staff().get(&order).ok(200);
    assert_eq!(
        (&sheet["refunds"][0]["owed"], &sheet["refunds"][0]["reason"]),
        (&json!(true), &json!("buyer"))
    );
    assert_eq!(evening.taken(), 0);
    evening.ana().post(&path(&booked), &json!({})).is(409);
    evening.adds_up();
}

#[test]
fn a_buyer_cancels_one_ticket_and_keeps_the_others() {
    let house = house();
    let evening = Evening::new(&house);
    let booked = evening.paid(3);
    let ticket = booked["reservation"]["tickets"][1].clone();
    // Named twice, it goes back once.
    let done = evening.ana().post(&path(&booked), &json!({ "tickets": [ticket, ticket] })).ok(200);
    assert_eq!((&done["owed"], text(&done["reservation"], "status")), (&json!(12.5), "P"));
    assert_eq!(evening.taken(), 2);
    evening.ana().post(&path(&booked), &json!({ "tickets": [ticket] })).is(409);
    let rest = evening.ana().post(&path(&booked), &json!({})).ok(200);
    assert_eq!(rest["owed"], json!(25.0));
    evening.adds_up();
}

#[test]
fn a_hold_is_given_up_at_any_time_and_what_was_paid_towards_it_in_time() {
    let house = house();
    let evening = Evening::new(&house);
    let deposit = evening.book(2);
    let pay = format!("/api/orders/{}/payments/", text(&deposit["order"], "uuid"));
    evening.venue.staff().post(&pay, &json!({ "means": "cash", "amount": 5 })).ok(201);
    let (held, early) = (evening.book(1), evening.book(1));
    let done = evening.ana().post(&path(&early), &json!({})).ok(200);
    assert_eq!((&done["owed"], text(&done["order"], "state")), (&json!(0.0), "cancelled"));
    evening.begins_in(30);
    evening.ana().post(&path(&held), &json!({})).ok(200);
    evening.ana().post(&path(&deposit), &json!({})).is(409);
    evening.set_deadline(json!(0));
    let done = evening.ana().post(&path(&deposit), &json!({})).ok(200);
    assert_eq!(done["owed"], json!(5.0));
    assert_eq!(evening.taken(), 0);
    evening.adds_up();
}

#[test]
fn after_the_deadline_a_buyer_hears_until_when_it_was_possible() {
    let house = house();
    let evening = Evening::new(&house);
    let booked = evening.paid(1);
    evening.begins_in(23 * 60);
    let told = evening.ana().post(&path(&booked), &json!({})).ok(409);
    assert!(told.as_str().unwrap().starts_with("L'annulation était possible jusqu'au "), "{told}");
    evening.begins_in(25 * 60);
    evening.set_deadline(json!(null));
    let told = evening.ana().post(&path(&booked), &json!({})).ok(409);
    assert_eq!(told, json!("Ce lieu ne permet pas d'annuler en ligne : contactez-le."));
    assert_eq!(evening.taken(), 1);
    evening.set_deadline(json!(24));
    evening.ana().post(&path(&booked), &json!({})).ok(200);
    evening.adds_up();
}

#[test]
fn somebody_elses_reservation_is_not_found_and_nobody_cancels_without_a_log_in() {
    let house = house();
    let evening = Evening::new(&house);
    let booked = evening.paid(1);
    let key = |caller: Caller| caller.with("Idempotency-Key", "annuler-1");
    evening.venue.anyone().post(&path(&booked), &json!({})).is(401);
    evening.venue.staff().post(&path(&booked), &json!({})).is(401);
    evening.venue.member().post(&path(&booked), &json!({})).is(404);
    evening.ana().post("/api/reservations/x/cancel/", &json!({})).is(404);
    key(evening.ana()).post(&path(&booked), &json!({})).ok(200);
    // Not with the key of who did it either.
    key(evening.venue.member()).post(&path(&booked), &json!({})).is(404);
}

#[test]
fn a_ticket_of_another_reservation_or_a_used_one_stays() {
    let house = house();
    let evening = Evening::new(&house);
    let (one, other) = (evening.paid(1), evening.paid(2));
    let foreign = other["reservation"]["tickets"][0].clone();
    evening.ana().post(&path(&one), &json!({ "tickets": [foreign] })).faults(&["tickets"]);
    for tickets in [json!("x"), json!([]), json!(["x"]), Value::Null] {
        evening.ana().post(&path(&one), &json!({ "tickets": tickets })).faults(&["tickets"]);
    }
    evening.venue.staff().post("/api/scan/", &json!({ "qr": foreign })).ok(200);
    evening.ana().post(&path(&other), &json!({})).is(409);
    let unused = json!({ "tickets": [other["reservation"]["tickets"][1]] });
    evening.ana().post(&path(&other), &unused).ok(200);
    assert_eq!(evening.taken(), 2);
    evening.adds_up();
}

#[test]
fn a_reservation_is_cancelled_once_by_64_clicks_and_the_same_click_hears_the_same() {
    let house = house();
    let evening = Evening::new(&house);
    let booked = evening.paid(2);
    let replies = at_once(64, |n| {
        let caller = evening.ana().with("Idempotency-Key", &format!("clic-{}", n % 2));
        caller.post(&path(&booked), &json!({}))
    });
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 32);
    assert_eq!(replies.iter().filter(|reply| reply.status == 409).count(), 32);
    let notes = "SELECT count(*) FROM credit_note";
    let notes: i64 = evening.venue.tenant().read(|tx| tx.one(notes, [], |row| row.get(0))).unwrap();
    assert_eq!(notes, 1);
    evening.adds_up();
}

#[test]
fn a_deposit_for_two_evenings_goes_back_until_the_deadline_of_the_first_and_what_is_paid_until_its_own()
 {
    let house = house();
    let evening = Evening::new(&house);
    let other = evening.venue.event("Slam", &[&evening.product], 50);
    let holder = Holder { first_name: "Ana".into(), last_name: "Payet".into() };
    let item = |event: &str| Item {
        event: Some(EventId(event.parse().unwrap())),
        price: PriceId(evening.price.parse().unwrap()),
        quantity: 1,
        holders: vec![holder.clone()],
        amount: None,
    };
    let items = vec![item(&evening.event), item(&other)];
    let basket = Basket { items, ..Basket::default() };
    let buyer = Buyer {
        account: evening.ana.id,
        email: evening.ana.email.clone(),
        proven: true,
        claims: Claim::ByEmail,
        named: true,
        hand: Hand::Owner,
    };
    let hold = Hold {
        payment: Duration::from_secs(900),
        proof: Duration::from_secs(900),
        page: Duration::ZERO,
    };
    let place = |cents: i64| {
        let bookings = evening.venue.tenant().write(By::Visitor, |tx| {
            let placed = order::place(tx, &buyer, &basket, hold)?;
            order::pay(tx, placed.id, Means::Cash, Money(cents), None)?;
            order::bookings_of(tx, placed.id)
        });
        let bookings = bookings.unwrap();
        let at = |event: &str| {
            let here = bookings.iter().find(|one| one.event.0.to_string() == event).unwrap();
            format!("/api/reservations/{}/cancel/", here.id)
        };
        [at(&evening.event), at(&other)]
    };
    let (deposit, paid) = (place(500), place(2_500));
    // The first begins soon, the other in time.
    evening.begins_in(48 * 60);
    let soon = Time::now().plus(Duration::from_secs(3_600));
    let id = evening.event.replace('-', "");
    let sql = format!("UPDATE event SET starts = ?1 WHERE id = unhex('{id}')");
    evening.venue.tenant().write(By::House, |tx| tx.run(&sql, [soon])).unwrap();
    for path in &deposit {
        evening.ana().post(path, &json!({})).is(409);
    }
    evening.ana().post(&paid[0], &json!({})).is(409);
    let done = evening.ana().post(&paid[1], &json!({})).ok(200);
    assert_eq!((&done["owed"], text(&done["order"], "state")), (&json!(12.5), "paid"));
    evening.set_deadline(json!(1));
    evening.begins_in(2 * 60);
    let done = evening.ana().post(&deposit[1], &json!({})).ok(200);
    assert_eq!((&done["owed"], text(&done["order"], "state")), (&json!(5.0), "cancelled"));
    evening.adds_up();
}

#[test]
fn of_an_order_for_two_evenings_one_reservation_goes_back_with_all_that_belongs_to_it() {
    let house = house();
    let evening = Evening::new(&house);
    let other = evening.venue.event("Slam", &[&evening.product], 50);
    let shirts = evening.venue.product("T-shirt", guichet::trade::product::Category::Clothing);
    let shirt = evening.venue.price(&shirts, "Unique", 1_000);
    let body = json!({ "vat": Vat::Twenty.as_str() });
    evening.venue.staff().patch(&format!("/api/prices/{shirt}/"), &body).ok(200);
    let both = json!({ "products": [evening.product, shirts] });
    evening.venue.staff().put(&format!("/api/events/{}/", evening.event), &both).ok(201);
    let holder = Holder { first_name: "Ana".into(), last_name: "Payet".into() };
    let item = |event: &str, price: &str, holders: Vec<Holder>| Item {
        event: Some(EventId(event.parse().unwrap())),
        price: PriceId(price.parse().unwrap()),
        quantity: 1,
        holders,
        amount: None,
    };
    let basket = Basket {
        items: vec![
            item(&evening.event, &evening.price, vec![holder.clone()]),
            item(&evening.event, &shirt, vec![]),
            item(&other, &evening.price, vec![holder]),
        ],
        ..Basket::default()
    };
    let buyer = Buyer {
        account: evening.ana.id,
        email: evening.ana.email.clone(),
        proven: true,
        claims: Claim::ByEmail,
        named: true,
        hand: Hand::Owner,
    };
    let hold = Hold {
        payment: Duration::from_secs(900),
        proof: Duration::from_secs(900),
        page: Duration::ZERO,
    };
    let bookings = evening.venue.tenant().write(By::Visitor, |tx| {
        let placed = order::place(tx, &buyer, &basket, hold)?;
        order::pay(tx, placed.id, Means::Cash, placed.total, None)?;
        order::bookings_of(tx, placed.id)
    });
    let bookings = bookings.unwrap();
    let here = bookings.iter().find(|one| one.event.0.to_string() == evening.event).unwrap();
    let path = format!("/api/reservations/{}/cancel/", here.id);
    let done = evening.ana().post(&path, &json!({})).ok(200);
    assert_eq!((&done["owed"], text(&done["order"], "state")), (&json!(22.5), "paid"));
    evening.ana().post(&path, &json!({})).is(409);
    evening.adds_up();
}
