//! Fees: what buyers pay on top, what organizers bear, and that all of it comes back.

use crate::exports::today;
use crate::sales::adds_up;
use crate::support::{House, Reply, Venue, house, text};
use guichet::root::By;
use serde_json::{Value, json};

const PATH: &str = "/api/fees/";

/// A venue with one evening, and a price of 10.00 for it.
struct Evening<'h> {
    venue: Venue<'h>,
    price: String,
    event: String,
}

impl<'h> Evening<'h> {
    fn new(house: &'h House) -> Self {
        let venue = house.venue("Bisik");
        let ticket = venue.ticket("Concert");
        let price = venue.price(&ticket, "Plein", 1_000);
        let event = venue.event("Jam", &[&ticket], 500);
        Self { venue, price, event }
    }

    /// The same, with 0.50 and 2 % that the buyer pays, and 0.30 that is withheld.
    fn with_fees(house: &'h House) -> Self {
        let evening = Self::new(house);
        evening.fee(&json!({ "name": "Service", "fixed": "0.50", "percentage": 2 }));
        evening.fee(&json!({ "name": "Commission", "payer": "organizer", "fixed": "0.30" }));
        evening
    }

    /// Makes a fee, of the venue and for the buyer unless told otherwise; its path.
    fn fee(&self, with: &Value) -> String {
        format!("{PATH}{}/", text(&self.ask(with).ok(201), "uuid"))
    }

    fn ask(&self, with: &Value) -> Reply {
        let mut body = json!({ "name": "Service", "scope": "organizer", "payer": "customer" });
        body.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        self.venue.staff().post(PATH, &body)
    }

    fn book(&self, email: &str, places: usize) -> Value {
        self.venue.book(email, &self.event, &self.price, places).ok(201)
    }

    fn change_price(&self, body: &Value) {
        self.venue.staff().patch(&format!("/api/prices/{}/", self.price), body).ok(200);
    }

    /// What one place costs, fees included, as a page is told.
    fn cost(&self, query: &str) -> Value {
        let path = format!("/api/prices/{}/detail/?event={}{query}", self.price, self.event);
        self.venue.anyone().get(&path).ok(200)
    }

    fn order(&self, booked: &Value) -> Value {
        self.venue.staff().get(&order(booked, "")).ok(200)
    }

    fn pay(&self, booked: &Value) {
        self.venue.staff().post(&order(booked, "payments/"), &json!({ "means": "cash" })).is(201);
    }

    fn give_back(&self, booked: &Value, body: &Value) -> Value {
        self.venue.staff().post(&order(booked, "refund/"), body).ok(200)
    }
}

fn order(booked: &Value, then: &str) -> String {
    format!("/api/orders/{}/{then}", text(&booked["order"], "uuid"))
}

#[test]
fn a_page_is_told_what_a_price_costs_before_it_is_bought() {
    let house = house();
    let evening = Evening::with_fees(&house);
    evening.change_price(&json!({ "vat": "VG" }));
    let told = json!({ "base": 10.0, "excl_fee": 9.7, "fee": 0.7, "incl_fee": 10.7, "vat": 1.78, "free_price": false });
    assert_eq!(evening.cost(""), told);
    let booked = evening.book("ana@example.org", 1);
    let head = &booked["order"];
    assert_eq!((&head["total"], &head["vat"]), (&told["incl_fee"], &told["vat"]));
}

#[test]
fn who_books_pays_the_price_and_its_fees_and_the_order_shows_both() {
    let house = house();
    let evening = Evening::with_fees(&house);
    let booked = evening.book("ana@example.org", 3);
    assert_eq!(booked["order"]["total"], 32.1);
    let line = &evening.order(&booked)["lines"][0];
    assert_eq!(
        [&line["unit"], &line["fee"], &line["total"]],
        [&json!(10.7), &json!(0.7), &json!(32.1)]
    );
    let withheld: i64 = evening
        .venue
        .tenant()
        .read(|tx| tx.one("SELECT withheld FROM line", [], |row| row.get(0)))
        .unwrap();
    assert_eq!(withheld, 30);
    adds_up(&evening.venue);
}

#[test]
fn a_ticket_that_is_given_back_brings_back_what_was_paid_for_it_to_the_cent() {
    let house = house();
    let evening = Evening::new(&house);
    evening.change_price(&json!({ "prix": "9.99", "vat": "VG" }));
    evening.fee(&json!({ "percentage": "3.33" }));
    let booked = evening.book("ana@example.org", 3);
    // 9.99 and 0.332667, rounded half up.
    assert_eq!(booked["order"]["total"], 30.96);
    evening.pay(&booked);
    for (n, ticket) in booked["reservation"]["tickets"].as_array().unwrap().iter().enumerate() {
        let back = evening.give_back(&booked, &json!({ "tickets": [ticket], "means": "cash" }));
        assert_eq!(back["refunds"][n]["amount"], 10.32);
        adds_up(&evening.venue);
    }
    assert_eq!(text(&evening.order(&booked), "state"), "refunded");
    let vat = "SELECT (SELECT sum(vat) FROM credit_note) - (SELECT sum(vat) FROM orders)";
    let off: i64 = evening.venue.tenant().read(|tx| tx.one(vat, [], |row| row.get(0))).unwrap();
    assert_eq!(off, 0);
}

#[test]
fn what_is_sold_keeps_its_fees_whatever_becomes_of_them() {
    let house = house();
    let evening = Evening::new(&house);
    let fee = evening.fee(&json!({ "fixed": 1 }));
    let booked = evening.book("ana@example.org", 1);
    evening.venue.staff().patch(&fee, &json!({ "fixed": 5 })).ok(200);
    assert_eq!(evening.book("bo@example.org", 1)["order"]["total"], 15.0);
    evening.venue.staff().patch(&fee, &json!({ "active": false })).ok(200);
    assert_eq!(evening.book("cy@example.org", 1)["order"]["total"], 10.0);
    evening.venue.staff().patch(&fee, &json!({ "active": true })).ok(200);
    evening.venue.staff().delete(&fee).is(204);
    evening.venue.staff().get(&fee).is(404);
    assert_eq!(evening.book("di@example.org", 1)["order"]["total"], 10.0);
    evening.pay(&booked);
    assert_eq!(evening.give_back(&booked, &json!({}))["refunds"][0]["amount"], 11.0);
    adds_up(&evening.venue);
}

#[test]
fn a_fee_of_an_event_or_a_price_stands_in_the_place_of_the_venues_of_its_name() {
    let house = house();
    let evening = Evening::new(&house);
    evening.fee(&json!({ "fixed": 1 }));
    evening.fee(&json!({ "name": "Fonds", "fixed": "0.25" }));
    assert_eq!(evening.cost("")["fee"], 1.25);
    evening.fee(&json!({ "scope": "event", "scope_id": evening.event, "fixed": 2 }));
    assert_eq!(evening.cost("")["fee"], 2.25);
    let waived = evening.fee(&json!({ "scope": "price", "scope_id": evening.price }));
    assert_eq!(evening.cost("")["fee"], 0.25);
    evening.venue.staff().delete(&waived).is(204);
    let anywhere = format!("/api/prices/{}/detail/", evening.price);
    assert_eq!(evening.venue.anyone().get(&anywhere).ok(200)["fee"], 1.25);
    assert_eq!(evening.book("ana@example.org", 1)["order"]["total"], 12.25);
}

#[test]
fn fees_of_another_event_or_price_are_not_paid() {
    let house = house();
    let evening = Evening::new(&house);
    let ticket = evening.venue.ticket("Repas");
    let meal = evening.venue.price(&ticket, "Assiette", 1_000);
    let other = evening.venue.event("Bal", &[&ticket], 10);
    evening.fee(&json!({ "scope": "event", "scope_id": other, "fixed": 1 }));
    evening.fee(&json!({ "scope": "price", "scope_id": meal, "fixed": 1, "name": "Cuisine" }));
    assert_eq!(evening.book("ana@example.org", 1)["order"]["total"], 10.0);
    let elsewhere = evening.venue.book("ana@example.org", &other, &meal, 1).ok(201);
    assert_eq!(elsewhere["order"]["total"], 12.0);
    let path = format!("/api/prices/{meal}/detail/?event={}", evening.event);
    evening.venue.anyone().get(&path).faults(&["event"]);
}

#[test]
fn a_membership_has_the_fees_of_its_price_alone() {
    let house = house();
    let evening = Evening::with_fees(&house);
    let price = evening.venue.price(&evening.venue.membership("Carte"), "Année", 1_500);
    let join = |email: &str| {
        let body = json!({
            "adhesion": price, "email": email, "first_name": "Ana", "last_name": "Payet", "phone": "1",
        });
        evening.venue.anyone().post("/api/membership/", &body).ok(201)["order"]["total"].clone()
    };
    assert_eq!(join("ana@example.org"), 15.0);
    evening.fee(&json!({ "name": "Dossier", "scope": "price", "scope_id": price, "fixed": 2 }));
    assert_eq!(join("bo@example.org"), 17.0);
    adds_up(&evening.venue);
}

#[test]
fn a_code_lowers_the_price_and_fees_are_reckoned_on_what_is_left() {
    let house = house();
    let evening = Evening::new(&house);
    evening.fee(&json!({ "percentage": 10 }));
    let staff = evening.venue.staff();
    staff.post("/api/promotions/", &json!({ "code": "MOITIE", "percent": 50 })).ok(201);
    staff.post("/api/promotions/", &json!({ "code": "TOUT", "percent": 100 })).ok(201);
    let book = |email: &str, code: &str| {
        let customers = json!([{ "first_name": "Ana", "last_name": "Payet" }]);
        let body = json!({
            "email": email, "event": evening.event, "options": [], "promo_code": code,
            "prices": [{ "uuid": evening.price, "qty": 1, "customers": customers }],
        });
        evening.venue.anyone().post("/api/reservations/", &body).ok(201)
    };
    let half = book("ana@example.org", "MOITIE");
    let line = evening.order(&half)["lines"][0].clone();
    assert_eq!(
        [&line["discount"], &line["fee"], &line["unit"]],
        [&json!(5.0), &json!(0.5), &json!(5.5)]
    );
    evening.fee(&json!({ "name": "Dossier", "fixed": 1 }));
    assert_eq!(book("bo@example.org", "TOUT")["order"]["total"], 0.0);
    adds_up(&evening.venue);
}

#[test]
fn what_is_free_has_a_fee_only_where_its_band_begins_at_nothing() {
    let house = house();
    let evening = Evening::new(&house);
    evening.change_price(&json!({ "prix": 0 }));
    evening.fee(&json!({ "fixed": 1 }));
    assert_eq!(evening.book("ana@example.org", 1)["order"]["total"], 0.0);
    evening.fee(&json!({ "fixed": "0.20", "price_from": 0, "price_to": 0 }));
    let booked = evening.book("bo@example.org", 2);
    assert_eq!((&booked["order"]["total"], text(&booked["order"], "state")), (&json!(0.4), "held"));
    evening.pay(&booked);
    adds_up(&evening.venue);
}

#[test]
fn what_buyers_choose_to_pay_decides_their_fees() {
    let house = house();
    let evening = Evening::new(&house);
    evening.change_price(&json!({ "free_price": true }));
    evening.fee(&json!({ "percentage": 5, "price_to": "19.99" }));
    evening.fee(&json!({ "fixed": 2, "price_from": 20 }));
    assert_eq!(evening.cost("")["incl_fee"], 10.5);
    assert_eq!(evening.cost("&amount=19.99")["fee"], 1.0);
    assert_eq!(evening.cost("&amount=20")["fee"], 2.0);
    let path = format!("/api/prices/{}/detail/?amount=9", evening.price);
    evening.venue.anyone().get(&path).faults(&["amount"]);
}

#[test]
fn a_buyer_who_cancels_is_owed_the_fees_too() {
    let house = house();
    let evening = Evening::with_fees(&house);
    let ana = house.user("ana@example.org");
    let booked = evening.book("ana@example.org", 2);
    evening.pay(&booked);
    let path = format!("/api/reservations/{}/cancel/", text(&booked["reservation"], "uuid"));
    let told = evening.venue.bearing(&house.token(&ana, 0)).post(&path, &json!({})).ok(200);
    assert_eq!(told["owed"], 21.4);
    adds_up(&evening.venue);
}

#[test]
fn closings_and_the_sales_report_add_up_with_fees() {
    let house = house();
    let evening = Evening::with_fees(&house);
    for (n, places) in [1, 2, 4].into_iter().enumerate() {
        let booked = evening.book(&format!("p{n}@example.org"), places);
        evening.pay(&booked);
        let ticket = &booked["reservation"]["tickets"][0];
        evening.give_back(&booked, &json!({ "tickets": [ticket], "means": "cash" }));
    }
    let staff = evening.venue.staff();
    let days = today();
    let total = staff.get(&format!("/api/closings/?{days}")).ok(200)["total"].clone();
    assert_eq!(
        [&total["received"], &total["returned"], &total["net"]],
        [&json!(74.9), &json!(32.1), &json!(42.8)]
    );
    let columns = "quantity,unit,fees,withheld,total,returned";
    let path = format!("/api/exports/sales/?{days}&columns={columns}&bom=false");
    let sales = staff.get(&path).is(200).text();
    let rows: Vec<&str> = sales.lines().skip(1).collect();
    let want =
        ["1;10,70;0,70;0,30;10,70;1", "2;10,70;1,40;0,60;21,40;1", "4;10,70;2,80;1,20;42,80;1"];
    assert_eq!(rows, want);
    adds_up(&evening.venue);
}

#[test]
fn what_is_wrong_with_a_fee_is_named_and_nothing_is_stored() {
    let house = house();
    let evening = Evening::new(&house);
    let other = house.venue("Ancre");
    let foreign = other.price(&other.ticket("Ailleurs"), "Plein", 1_000);
    let fee = evening.fee(&json!({ "fixed": 1, "minimum": 1 }));
    let before = house.ledger();
    evening.venue.staff().post(PATH, &json!({})).faults(&["name", "scope", "payer"]);
    for (with, field) in [
        (json!({ "scope": "platform" }), "scope"),
        (json!({ "scope": "event" }), "scope_id"),
        (json!({ "scope": "event", "scope_id": null }), "scope_id"),
        (json!({ "scope": "event", "scope_id": evening.price }), "scope_id"),
        (json!({ "scope": "price", "scope_id": foreign }), "scope_id"),
        (json!({ "scope": "price", "scope_id": "x" }), "scope_id"),
        (json!({ "scope_id": evening.price }), "scope_id"),
        (json!({ "payer": "house" }), "payer"),
        (json!({ "fixed": "-0.01" }), "fixed"),
        (json!({ "fixed": "0.001" }), "fixed"),
        (json!({ "fixed": 1_000_000 }), "fixed"),
        (json!({ "percentage": "100.01" }), "percentage"),
        (json!({ "percentage": -1 }), "percentage"),
        (json!({ "minimum": 2, "maximum": 1 }), "maximum"),
        (json!({ "price_from": 2, "price_to": 1 }), "price_to"),
        (json!({ "name": "" }), "name"),
        (json!({ "name": "x".repeat(101) }), "name"),
        (json!({}), "name"),
    ] {
        evening.ask(&with).faults(&[field]);
    }
    evening.venue.staff().patch(&fee, &json!({ "maximum": "0.99" })).faults(&["maximum"]);
    evening.venue.staff().patch(&fee, &json!({ "scope": "event" })).faults(&["scope_id"]);
    assert_eq!(house.ledger(), before);
}

#[test]
fn two_fees_of_one_name_and_scope_share_no_price() {
    let house = house();
    let evening = Evening::new(&house);
    let low = evening.fee(&json!({ "price_to": "9.99", "fixed": 1 }));
    let high = evening.fee(&json!({ "price_from": 10, "fixed": 2 }));
    evening.ask(&json!({ "price_from": 5, "price_to": 6 })).faults(&["name"]);
    evening.venue.staff().patch(&low, &json!({ "price_to": 10 })).faults(&["name"]);
    evening.ask(&json!({ "scope": "price", "scope_id": evening.price })).is(201);
    evening.venue.staff().delete(&high).is(204);
    evening.venue.staff().patch(&low, &json!({ "price_to": null })).ok(200);
}

#[test]
fn a_venue_has_two_hundred_fees_and_what_is_taken_away_makes_room() {
    let house = house();
    let evening = Evening::new(&house);
    let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 199)
         INSERT INTO fee (id, name, scope, payer, fixed, percent, active, created)
         SELECT randomblob(16), 'n° ' || i, 'organizer', 'customer', 0, 0, 1, 0 FROM n";
    evening.venue.tenant().write(By::House, |tx| tx.run(fill, [])).unwrap();
    let last = evening.fee(&json!({}));
    evening.ask(&json!({ "name": "Trop" })).is(400);
    evening.venue.staff().delete(&last).is(204);
    evening.ask(&json!({ "name": "Place" })).is(201);
}

#[test]
fn an_event_or_a_price_that_is_deleted_takes_its_fees_along() {
    let house = house();
    let evening = Evening::new(&house);
    let fees = [
        evening.fee(&json!({ "scope": "event", "scope_id": evening.event })),
        evening.fee(&json!({ "scope": "price", "scope_id": evening.price })),
    ];
    let staff = evening.venue.staff();
    staff.delete(&format!("/api/events/{}/", evening.event)).is(200);
    staff.delete(&format!("/api/prices/{}/", evening.price)).is(204);
    for fee in fees {
        staff.get(&fee).is(404);
    }
    let rows = "SELECT rows FROM tally WHERE kind = 'fee'";
    let rows: i64 = evening.venue.tenant().read(|tx| tx.one(rows, [], |row| row.get(0))).unwrap();
    assert_eq!(rows, 0);
}
