//! What a person sees of themselves at a venue.

use crate::support::{Caller, DOMAIN, House, Venue, column, house, text};
use guichet::root::{Account, By};
use serde_json::{Value, json};

struct Person<'h> {
    house: &'h House,
    venue: Venue<'h>,
    account: Account,
}

impl<'h> Person<'h> {
    fn new(house: &'h House) -> Self {
        let account = house.user("ana@example.org");
        Self { house, venue: house.venue("Bisik"), account }
    }

    fn caller(&self) -> Caller {
        self.venue.bearing(&self.house.token(&self.account, 0))
    }

    fn me(&self) -> Value {
        self.caller().get("/api/user/me/").ok(200)
    }

    fn pay(&self, booked: &Value) {
        let path = format!("/api/orders/{}/payments/", text(&booked["order"], "uuid"));
        self.venue.staff().post(&path, &json!({ "means": "cash" })).ok(201);
    }

    fn write(&self, sql: &str) {
        self.venue.tenant().write(By::House, |tx| tx.run(sql, [])).unwrap();
    }

    /// Joins for a year; the ids of product and price.
    fn join(&self) -> (String, String) {
        let product = self.venue.membership("Carte");
        let price = self.venue.price(&product, "Année", 1_500);
        let body = json!({
            "adhesion": price, "email": "ana@example.org", "first_name": "Ana", "last_name": "Payet", "phone": "0692",
            "postal_code": 97410, "birth_date": "1990-01-01",
        });
        let joined = self.venue.anyone().post("/api/membership/", &body).ok(201);
        assert_eq!(self.me()["membership"], json!([]), "nothing is paid yet");
        self.pay(&joined);
        (product, price)
    }
}

/// The names of an object's members.
fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_person_sees_their_paid_and_free_reservations_with_tickets_and_payments() {
    let house = house();
    let ana = Person::new(&house);
    let product = ana.venue.ticket("Concert");
    let price = ana.venue.price(&product, "Plein", 1_250);
    let event = ana.venue.event("Jam", &[&product], 50);
    let booked = ana.venue.book("ana@example.org", &event, &price, 2).ok(201);
    ana.venue.book("bo@example.org", &event, &price, 1).ok(201);
    assert_eq!(ana.me()["reservations"], json!([]), "nothing is paid yet");
    ana.pay(&booked);
    let me = ana.me();
    let one = &me["reservations"][0];
    assert_eq!(me["reservations"].as_array().unwrap().len(), 1);
    assert_eq!(
        keys(one),
        ["datetime", "event", "options", "paiements", "status", "tickets", "uuid"]
    );
    assert_eq!(
        (text(one, "uuid"), text(one, "status")),
        (text(&booked["reservation"], "uuid"), "P")
    );
    assert_eq!(text(one, "event"), event);
    assert_eq!(one["paiements"].as_array().unwrap().len(), 1);
    assert_eq!(one["tickets"].as_array().unwrap().len(), 2);
    let ticket = &one["tickets"][0];
    let names = ["first_name", "last_name", "pdf_url", "pricesold", "seat", "status", "uuid"];
    assert_eq!(keys(ticket), names);
    assert_eq!((text(ticket, "first_name"), text(ticket, "status")), ("Ana", "K"));
    assert_eq!((text(ticket, "pricesold"), text(ticket, "seat")), (price.as_str(), "L"));
    let path = format!("/api/ticket/pdf/{}", text(ticket, "uuid"));
    assert_eq!(text(ticket, "pdf_url"), format!("http://{}{path}", ana.venue.host));
    ana.venue.anyone().get(&path).is(200);
    let free = ana
        .venue
        .staff()
        .post("/api/events/", &json!({ "name": "Libre", "datetime": "2099-07-01T20:00" }))
        .ok(201);
    let price = text(&free["products"][0]["prices"][0], "uuid");
    ana.venue.book_as(&ana.caller(), "ana@example.org", text(&free, "uuid"), price, 1).ok(201);
    assert_eq!(column(&ana.me()["reservations"], "status"), ["FA", "P"]);
}

#[test]
fn a_reservation_that_changed_longer_ago_than_a_week_or_was_given_back_is_not_shown() {
    let house = house();
    let ana = Person::new(&house);
    let product = ana.venue.ticket("Concert");
    let price = ana.venue.price(&product, "Plein", 1_250);
    let event = ana.venue.event("Jam", &[&product], 50);
    let old = ana.venue.book("ana@example.org", &event, &price, 1).ok(201);
    ana.pay(&old);
    let (week, minute) = (7 * 24 * 3_600 * 1_000_000_i64, 60_000_000);
    ana.write(&format!("UPDATE booking SET changed = changed - {}", week - minute));
    assert_eq!(ana.me()["reservations"].as_array().unwrap().len(), 1);
    ana.write(&format!("UPDATE booking SET changed = changed - {}", 2 * minute));
    assert_eq!(ana.me()["reservations"], json!([]));
    let back = ana.venue.book("ana@example.org", &event, &price, 1).ok(201);
    ana.pay(&back);
    let cancel = format!("/api/reservations/{}/cancel/", text(&back["reservation"], "uuid"));
    ana.caller().post(&cancel, &json!({})).ok(200);
    assert_eq!(ana.me()["reservations"], json!([]));
}

#[test]
fn a_person_sees_their_memberships_and_whether_they_are_members() {
    let house = house();
    let ana = Person::new(&house);
    let (product, price) = ana.join();
    let me = ana.me();
    let card = &me["membership"][0];
    assert_eq!(
        (text(card, "price"), text(card, "product_uuid")),
        (price.as_str(), product.as_str())
    );
    assert_eq!((text(card, "price_name"), text(card, "product_name")), ("Année", "Carte"));
    assert_eq!((text(card, "status"), &card["contribution_value"]), ("O", &json!(15.0)));
    assert_eq!((&card["postal_code"], text(card, "birth_date")), (&json!(97_410), "1990-01-01"));
    assert_eq!((text(card, "first_name"), text(card, "email")), ("Ana", "ana@example.org"));
    assert_eq!(
        (text(card, "phone"), &card["pseudo"], &card["newsletter"]),
        ("0692", &Value::Null, &json!(true))
    );
    let days = ["first_contribution", "last_contribution", "deadline"].map(|day| text(card, day));
    assert!(days.iter().all(|day| day.len() == 10), "{days:?}");
    assert!(days[0] == days[1] && days[2] > days[1], "{days:?}");
    ana.write("UPDATE membership SET ends = 1");
    assert_eq!(text(&ana.me()["membership"][0], "status"), "C");
    ana.write("UPDATE membership SET ends = NULL");
    let card = ana.me()["membership"][0].clone();
    assert_eq!((text(&card, "status"), &card["deadline"]), ("O", &Value::Null));
}

#[test]
fn who_is_a_member_by_one_price_is_a_member_by_all_of_its_product() {
    let house = house();
    let ana = Person::new(&house);
    let (product, _) = ana.join();
    ana.write("UPDATE membership SET ends = 1");
    let monthly = ana.venue.price(&product, "Mois", 200);
    let body = json!({ "adhesion": monthly, "email": "ana@example.org", "first_name": "A", "last_name": "P", "phone": "1" });
    ana.pay(&ana.venue.anyone().post("/api/membership/", &body).ok(201));
    assert_eq!(column(&ana.me()["membership"], "status"), ["O", "O"]);
}

#[test]
fn what_a_person_has_at_one_venue_is_not_shown_at_another_nor_at_the_root() {
    let house = house();
    let ana = Person::new(&house);
    ana.join();
    let other = house.venue("Ancre");
    for host in [other.host.as_str(), DOMAIN] {
        let me = ana.caller().at(host).get("/api/user/me/").ok(200);
        assert_eq!((&me["reservations"], &me["membership"]), (&json!([]), &json!([])), "{host}");
    }
    assert_eq!(ana.me()["membership"].as_array().unwrap().len(), 1);
}
