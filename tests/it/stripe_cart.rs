//! Carts that are paid online and changed late: a page fits, or nothing is changed.

use crate::stripe_peer::Peer;
use crate::support::{House, Reply, text};
use crate::till::{Evening, open, open_with};
use serde_json::{Value, json};

const MINUTE: i64 = 60_000_000;

/// A cart of one place that is changed to two.
struct Shopper<'h> {
    evening: Evening<'h>,
    cart: Value,
}

impl<'h> Shopper<'h> {
    fn new(house: &'h House, peer: &'h Peer) -> Self {
        let evening = Evening::new(house, peer, 10);
        let body = json!({ "email": "ana@example.org", "items": items(&evening, 1) });
        let cart = evening.venue.anyone().post("/api/orders/", &body).ok(201);
        Self { evening, cart }
    }

    fn change(&self, places: usize) -> Reply {
        let path = format!("/api/orders/{}/", text(&self.cart, "uuid"));
        let body = json!({ "items": items(&self.evening, places) });
        self.evening.venue.anyone().put(&path, &body)
    }

    /// The hold ends in so many minutes.
    fn ends_in(&self, minutes: i64) {
        let at = guichet::values::Time::now().0 + minutes * MINUTE;
        self.evening.write(&format!("UPDATE orders SET expires = {at} WHERE state = 'held'"));
    }

    /// The first cart was placed so many minutes ago.
    fn began(&self, minutes: i64) {
        let sql = format!(
            "UPDATE orders SET began = coalesce(began, placed) - {} WHERE state = 'held'",
            minutes * MINUTE
        );
        self.evening.write(&sql);
    }
}

fn items(evening: &Evening<'_>, places: usize) -> Value {
    let customers = vec![json!({ "first_name": "Ana", "last_name": "Payet" }); places];
    json!([{
        "price": evening.price, "quantity": places, "event": evening.event, "customers": customers,
    }])
}

#[test]
fn a_cart_that_is_changed_late_is_held_for_as_long_as_its_page() {
    let (peer, house) = open();
    let shopper = Shopper::new(&house, &peer);
    shopper.ends_in(5);
    let changed = shopper.change(2).ok(200);
    let session = peer.session_at(text(&changed, "checkout_url"));
    assert_eq!(shopper.evening.taken(), 2);
    peer.pay(&session);
    shopper.evening.tell("completed", &session).is(202);
    assert_eq!(text(&shopper.evening.order(&json!({ "order": changed })), "state"), "paid");
    shopper.evening.adds_up();
}

#[test]
fn a_cart_that_was_changed_for_too_long_stays_as_it_is_and_can_be_paid() {
    let (peer, house) = open();
    let shopper = Shopper::new(&house, &peer);
    let evening = &shopper.evening;
    shopper.ends_in(20);
    shopper.began(40);
    let asked = peer.asked("/").len();
    let refused = shopper.change(2).is(409).json();
    assert!(refused.as_str().unwrap().contains("n'a pas changé"), "{refused}");
    assert_eq!(peer.asked("/").len(), asked, "Stripe was asked");
    assert_eq!(evening.taken(), 1);
    assert_eq!(text(&evening.order(&json!({ "order": shopper.cart })), "state"), "held");
    let session = peer.session_at(text(&shopper.cart, "checkout_url"));
    peer.pay(&session);
    evening.tell("completed", &session).is(202);
    evening.adds_up();
}

#[test]
fn nobody_holds_seats_for_ever_by_changing() {
    let (peer, house) = open();
    let mut shopper = Shopper::new(&house, &peer);
    let mut longest = vec![];
    for places in [2, 1, 2] {
        // Each time in the last moment, a quarter of an hour after the time before.
        shopper.ends_in(1);
        shopper.began(15);
        let reply = shopper.change(places);
        if reply.status == 409 {
            break;
        }
        shopper.cart = reply.ok(200);
        let sql = "SELECT (expires - began) / 60000000 FROM orders WHERE state = 'held'";
        longest.push(shopper.evening.count(sql));
    }
    assert_eq!(longest, [50, 65]);
    shopper.evening.adds_up();
}

#[test]
fn a_change_with_time_to_spare_is_held_no_longer_than_before() {
    let (peer, house) = open_with(&[("hold_minutes", "120")]);
    let shopper = Shopper::new(&house, &peer);
    shopper.ends_in(50);
    let ends = "SELECT max(expires) FROM orders WHERE state = 'held'";
    let before = shopper.evening.count(ends);
    shopper.change(2).ok(200);
    assert_eq!(shopper.evening.count(ends), before);
}
