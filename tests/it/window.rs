//! At the window: staff who look things up, and evenings that are called off.

use crate::sales::ADD_UP;
use crate::support::{House, Venue, column, house, text};
use guichet::root::By;
use serde_json::{Value, json};

const ORDERS: &str = "/api/orders/";
const EVENTS: &str = "/api/events/";

/// A venue with an evening that costs.
struct Evening<'h> {
    venue: Venue<'h>,
    product: String,
    price: String,
    event: String,
}

impl<'h> Evening<'h> {
    fn new(house: &'h House) -> Self {
        let venue = house.venue("Bisik");
        let product = venue.ticket("Concert");
        let price = venue.price(&product, "Plein", 1_000);
        let event = venue.event("Jam", &[&product], 50);
        Self { venue, product, price, event }
    }

    fn path(&self) -> String {
        format!("{EVENTS}{}/", self.event)
    }

    fn book(&self, email: &str, first: &str, last: &str) -> Value {
        let customers = json!([{ "first_name": first, "last_name": last }]);
        let body = json!({
            "email": email, "event": self.event, "options": [],
            "prices": [{ "uuid": self.price, "qty": 1, "customers": customers }],
        });
        self.venue.anyone().post("/api/reservations/", &body).ok(201)
    }

    fn pay(&self, booked: &Value) {
        let path = format!("{ORDERS}{}/payments/", text(&booked["order"], "uuid"));
        let body = json!({ "means": "cheque", "reference": "n° 12" });
        self.venue.staff().post(&path, &body).ok(201);
    }

    fn call_off(&self) -> Value {
        let path = format!("{}cancel/", self.path());
        self.venue.staff().post(&path, &json!({ "reason": "Cyclone" })).ok(200)
    }

    fn order(&self, booked: &Value) -> Value {
        let path = format!("{ORDERS}{}/", text(&booked["order"], "uuid"));
        self.venue.staff().get(&path).ok(200)
    }

    /// To whom letters of this kind wait to be sent.
    fn letters(&self, kind: &str) -> Vec<String> {
        let sql = "SELECT recipient FROM outbox WHERE kind = ?1 ORDER BY recipient";
        self.venue.tenant().read(|tx| tx.all(sql, [kind], |row| row.get(0))).unwrap()
    }

    fn adds_up(&self) {
        for (what, sql) in ADD_UP {
            let off: i64 =
                self.venue.tenant().read(|tx| tx.one(sql, [], |row| row.get(0))).unwrap();
            assert_eq!(off, 0, "{what}");
        }
    }
}

#[test]
fn a_reservation_leads_staff_to_its_order_and_what_is_due() {
    let house = house();
    let evening = Evening::new(&house);
    let booked = evening.book("ana@example.org", "Ana", "Payet");
    let staff = evening.venue.staff();
    let path = format!("/api/reservations/{}/", text(&booked["reservation"], "uuid"));
    let shown = staff.get(&path).ok(200);
    assert_eq!(shown["order"], booked["order"]);
    assert_eq!(staff.get("/api/reservations/").ok(200), json!([shown]));
    evening.pay(&booked);
    let order = &staff.get(&path).ok(200)["order"];
    assert_eq!((text(order, "state"), &order["due"]), ("paid", &json!(0.0)));
}

#[test]
fn an_order_is_found_by_its_state_and_by_a_part_of_an_email_or_a_name() {
    let house = house();
    let evening = Evening::new(&house);
    evening.book("elo@example.org", "Élodie", "Hoarau");
    let paid = evening.book("100%_bo@example.org", "Bo", "Île-Rose");
    evening.pay(&paid);
    let found = |query: &str| {
        let list = evening.venue.staff().get(&format!("{ORDERS}?{query}")).ok(200);
        column(&list, "email").join(" ")
    };
    let (elo, bo) = ("elo@example.org", "100%_bo@example.org");
    for (query, want) in [
        ("", format!("{bo} {elo}")),
        ("state=held", elo.to_owned()),
        ("state=paid", bo.to_owned()),
        ("state=cancelled", String::new()),
        ("search=ELO@", elo.to_owned()),
        ("search=%C3%A9lodie+h", elo.to_owned()),
        ("search=%C3%89LODIE", elo.to_owned()),
        ("search=%C3%AEle-rose", bo.to_owned()),
        ("search=bo+%C3%AEle", bo.to_owned()),
        ("search=%25_", bo.to_owned()),
        ("search=nobody", String::new()),
        ("search=example.org&state=paid", bo.to_owned()),
        ("limit=1", bo.to_owned()),
        ("limit=1&offset=1", elo.to_owned()),
    ] {
        assert_eq!(found(query), want, "{query}");
    }
    let list = evening.venue.staff().get(&format!("{ORDERS}?state=paid")).ok(200);
    assert_eq!(list[0]["names"], json!(["Bo Île-Rose"]));
    assert_eq!((&list[0]["holds"], &list[0]["due"]), (&json!(["Jam"]), &json!(0.0)));
    evening.venue.staff().get(&format!("{ORDERS}?state=lost")).faults(&["state"]);
    evening.venue.anyone().get(ORDERS).is(401);
    evening.venue.key("ticket").get(ORDERS).is(401);
}

#[test]
fn a_member_without_a_ticket_is_found_by_name_and_a_hold_that_ran_out_as_expired() {
    let house = house();
    let evening = Evening::new(&house);
    let price = evening.venue.price(&evening.venue.membership("Carte"), "Année", 1_500);
    let body = json!({
        "adhesion": price, "email": "maya@example.org", "first_name": "Maya", "last_name": "Técher", "phone": "0692",
    });
    evening.venue.anyone().post("/api/membership/", &body).ok(201);
    let found = |query: &str| {
        let list = evening.venue.staff().get(&format!("{ORDERS}?{query}")).ok(200);
        list.as_array().unwrap().len()
    };
    assert_eq!((found("search=maya+t%C3%A9"), found("state=held")), (1, 1));
    let run_out = "UPDATE orders SET expires = 0";
    evening.venue.tenant().write(By::House, |tx| tx.run(run_out, [])).unwrap();
    assert_eq!((found("state=expired"), found("state=held")), (1, 0));
}

#[test]
fn who_knows_the_id_of_an_order_sees_it_and_nothing_of_people() {
    let house = house();
    let evening = Evening::new(&house);
    let booked = evening.book("ana@example.org", "Ana", "Payet");
    evening.pay(&booked);
    let id = text(&booked["order"], "uuid");
    let path = format!("{ORDERS}{id}/");
    let shown = evening.venue.anyone().get(&path).ok(200);
    assert_eq!((text(&shown, "uuid"), text(&shown, "state")), (id, "paid"));
    assert_eq!(shown["lines"], evening.order(&booked)["lines"]);
    let told = shown.to_string();
    let ticket = booked["reservation"]["tickets"][0].as_str().unwrap();
    for secret in ["ana@example.org", "n° 12", ticket] {
        assert!(!told.contains(secret), "{told}");
        assert!(evening.order(&booked).to_string().contains(secret));
    }
    for caller in [evening.venue.member(), evening.venue.key("ticket")] {
        assert_eq!(caller.get(&path).ok(200), shown);
    }
    evening.venue.anyone().get(&format!("{ORDERS}{}/", evening.event)).is(404);
}

#[test]
fn staff_see_drafts_and_gauges_and_the_public_what_it_always_saw() {
    let house = house();
    let evening = Evening::new(&house);
    let body = json!({ "datetime": "2099-06-08T20:00", "name": "Brouillon" });
    let copy = evening.venue.staff().post(&format!("{}duplicate/", evening.path()), &body).ok(201);
    let drafts = format!("{EVENTS}?published=false");
    let (staff, anyone) = (evening.venue.key("event"), evening.venue.anyone());
    let listed = staff.get(&drafts).ok(200);
    assert_eq!(column(&listed, "uuid"), [text(&copy, "uuid")]);
    assert_eq!((&listed[0]["published"], &listed[0]["jauge_max"]), (&json!(false), &json!(50)));
    let shown = staff.get(&evening.path()).ok(200);
    assert_eq!((&shown["published"], &shown["max_per_user"]), (&json!(true), &json!(1_000)));
    assert_eq!(staff.get(EVENTS).ok(200)[0], shown);
    for public in [anyone.get(&evening.path()).ok(200), anyone.get(EVENTS).ok(200)[0].clone()] {
        for member in ["published", "jauge_max", "max_per_user", "cancelled"] {
            assert_eq!(public.get(member), None, "{member}");
        }
    }
    anyone.get(&drafts).is(401);
    evening.venue.key("ticket").get(&drafts).is(401);
    evening.venue.member().get(&drafts).is(403);
    staff.get(&format!("{EVENTS}?published=perhaps")).faults(&["published"]);
}

#[test]
fn the_door_asks_for_one_event_or_for_tonight() {
    let house = house();
    let evening = Evening::new(&house);
    evening.pay(&evening.book("ana@example.org", "Ana", "Payet"));
    let other = evening.venue.event("Slam", &[&evening.product], 20);
    let staff = evening.venue.staff();
    let (here, there) = (format!("?event={}", evening.event), format!("?event={other}"));
    let gauge = |query: &str| {
        let gauge = staff.get(&format!("/api/gauge/{query}")).ok(200);
        [&gauge["gauge_max"], &gauge["all_tickets"]].map(|n| n.as_u64().unwrap())
    };
    assert_eq!([gauge(&here), gauge(&there), gauge("")], [[50, 1], [20, 0], [0, 0]]);
    let tickets =
        |query: &str| staff.get(&format!("/api/ticket/{query}")).ok(200).as_array().unwrap().len();
    assert_eq!([tickets(&here), tickets(&there), tickets("")], [1, 0, 0]);
    assert_eq!(tickets(&format!("{here}&search=nobody")), 0);
    for path in ["/api/gauge/", "/api/ticket/"] {
        staff.get(&format!("{path}?event={}", evening.venue.id())).is(404);
        staff.get(&format!("{path}?event=x")).faults(&["event"]);
    }
    // Late this evening counts as tonight.
    let sql = "UPDATE event SET starts = ?1 WHERE name = 'Jam'";
    let soon = guichet::values::Time::now();
    evening.venue.tenant().write(By::House, |tx| tx.run(sql, [soon])).unwrap();
    assert_eq!((gauge(""), tickets("")), ([50, 1], 1));
}

#[test]
fn an_evening_with_seats_that_are_sold_is_not_taken_away() {
    let house = house();
    let evening = Evening::new(&house);
    let booked = evening.book("ana@example.org", "Ana", "Payet");
    let refused = |path: &str| {
        let said = evening.venue.staff().delete(path).is(409).text();
        assert!(said.contains("/cancel/"), "{said}");
        assert_eq!(column(&evening.venue.anyone().get(EVENTS).ok(200), "name")[0], "Jam");
    };
    evening.pay(&booked);
    refused(&evening.path());
    let body = json!({ "rule": "weekly", "count": 2 });
    let repeated = evening.venue.staff().post(&format!("{}repeat/", evening.path()), &body);
    refused(&format!("/api/series/{}/", text(&repeated.ok(201), "series")));
    let refund = format!("{ORDERS}{}/refund/", text(&booked["order"], "uuid"));
    evening.venue.staff().post(&refund, &json!({ "means": "cash" })).ok(200);
    evening.venue.staff().delete(&evening.path()).is(200);
}

#[test]
fn an_evening_that_is_called_off_gives_back_what_was_sold_and_everybody_is_written_to() {
    let house = house();
    let evening = Evening::new(&house);
    let (paid, held) = (
        evening.book("paid@example.org", "Ana", "Payet"),
        evening.book("held@example.org", "Bo", "Payet"),
    );
    evening.pay(&paid);
    let used = evening.venue.book("used@example.org", &evening.event, &evening.price, 2).ok(201);
    evening.pay(&used);
    let scan = json!({ "qr": used["reservation"]["tickets"][0] });
    evening.venue.staff().post("/api/scan/", &scan).ok(200);
    assert_eq!(evening.call_off(), json!({ "reservations": 3, "back": 20.0 }));
    let state = |booked: &Value| text(&evening.order(booked), "state").to_owned();
    assert_eq!([state(&paid), state(&held), state(&used)], ["refunded", "cancelled", "paid"]);
    let refund = &evening.order(&paid)["refunds"][0];
    assert_eq!((&refund["owed"], text(refund, "reason")), (&json!(true), "Cyclone"));
    assert_eq!(evening.order(&used)["refunds"][0]["amount"], json!(10.0));
    assert_eq!(
        evening.letters("order_cancelled"),
        ["held@example.org", "paid@example.org", "used@example.org"]
    );
    assert_eq!(evening.venue.anyone().get(EVENTS).ok(200), json!([]));
    let late = evening.venue.book("late@example.org", &evening.event, &evening.price, 1);
    late.faults(&["event"]);
    assert_eq!(evening.call_off(), json!({ "reservations": 0, "back": 0.0 }));
    evening.adds_up();
}

#[test]
fn more_reservations_than_fit_one_write_are_all_given_back() {
    let house = house();
    let evening = Evening::new(&house);
    let event = evening.venue.event("Bal", &[&evening.product], 300);
    for n in 0..201 {
        let email = format!("n{n}@example.org");
        evening.venue.book(&email, &event, &evening.price, 1).ok(201);
    }
    let path = format!("{EVENTS}{event}/cancel/");
    let off = evening.venue.staff().post(&path, &json!({})).ok(200);
    assert_eq!(off["reservations"], json!(201));
    assert_eq!(evening.letters("order_cancelled").len(), 201);
    evening.adds_up();
}

#[test]
fn an_order_for_two_evenings_keeps_the_one_that_takes_place() {
    let house = house();
    let evening = Evening::new(&house);
    let other = evening.venue.event("Slam", &[&evening.product], 20);
    let seat = |event: &str| {
        json!({ "price": evening.price, "quantity": 1, "event": event,
            "customers": [{ "first_name": "Ana", "last_name": "Payet" }] })
    };
    let cart = json!({ "email": "ana@example.org", "items": [seat(&evening.event), seat(&other)] });
    let placed = evening.venue.anyone().post(ORDERS, &cart).ok(201);
    let both = json!({ "order": placed });
    evening.pay(&both);
    assert_eq!(evening.call_off(), json!({ "reservations": 1, "back": 10.0 }));
    let order = evening.order(&both);
    let returned: Vec<_> =
        order["lines"].as_array().unwrap().iter().map(|line| line["returned"].as_u64()).collect();
    assert_eq!((text(&order, "state"), returned), ("paid", vec![Some(1), Some(0)]));
    assert_eq!(evening.letters("order_cancelled"), ["ana@example.org"]);
    evening.adds_up();
}

#[test]
fn calling_off_needs_the_right_to_change_events_and_the_right_to_give_back() {
    let house = house();
    let evening = Evening::new(&house);
    let path = format!("{}cancel/", evening.path());
    evening.venue.anyone().post(&path, &json!({})).is(401);
    evening.venue.key("event").post(&path, &json!({})).is(401);
    evening.venue.key("reservation").post(&path, &json!({})).is(403);
    assert_eq!(column(&evening.venue.anyone().get(EVENTS).ok(200), "name"), ["Jam"]);
    evening.venue.key("event,reservation").post(&path, &json!({})).is(200);
    evening
        .venue
        .staff()
        .post(&format!("{EVENTS}{}/cancel/", evening.venue.id()), &json!({}))
        .is(404);
}
