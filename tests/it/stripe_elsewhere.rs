//! What staff give back in Stripe's own pages: it is found in the books, once, and for what it was.

use crate::stripe_peer::{SECRET, Trouble, event_of, signature};
use crate::support::{at_once, text};
use crate::till::{Accountant, Evening, open, until};
use serde_json::{Value, json};

/// A booking of two, paid, and the session it was paid at.
fn paid(evening: &Evening<'_>) -> (Value, String) {
    let (booked, session) = evening.booked("ana@example.org", 2);
    evening.peer.pay(&session);
    evening.tell("completed", &session).is(202);
    (booked, session)
}

fn notes(evening: &Evening<'_>) -> i64 {
    evening.count("SELECT coalesce(sum(amount), 0) FROM credit_note")
}

#[test]
fn all_that_goes_back_at_stripe_ends_the_order_and_frees_its_seats() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (booked, session) = paid(&evening);
    let event = peer.give_back(&session, 2_500);
    let replies = at_once(64, |_| evening.hear(&event));
    assert!(replies.iter().all(|reply| reply.status == 207), "{}", replies[0].status);
    let order = evening.order(&booked);
    assert_eq!((text(&order, "state"), evening.taken()), ("refunded", 0));
    let refunds = order["refunds"].as_array().unwrap();
    assert_eq!(refunds.len(), 1);
    assert_eq!(
        (text(&refunds[0], "means"), &refunds[0]["amount"], &refunds[0]["owed"]),
        ("stripe", &json!(25.0), &json!(false))
    );
    assert_eq!(notes(&evening), 2_500);
    assert_eq!(evening.count("SELECT count(*) FROM outbox WHERE kind = 'order_cancelled'"), 1);
    assert_eq!(peer.refunds().len(), 1, "nothing is sent again");
    evening.staff(&booked, "refund", &json!({})).is(409);
    evening.adds_up();
}

#[test]
fn a_part_that_goes_back_at_stripe_is_money_alone_and_not_given_back_again() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (booked, session) = paid(&evening);
    let event = peer.give_back(&session, 1_000);
    evening.hear(&event).is(207);
    evening.hear(&event).is(207);
    assert_eq!((evening.state(&booked), evening.taken()), ("paid".to_owned(), 2));
    assert_eq!(notes(&evening), 1_000);
    evening.adds_up();
    let _accountant = Accountant::of(&house, &peer);
    for (n, left) in [(0, 250), (1, 1_250)] {
        let ticket = &booked["reservation"]["tickets"][n];
        evening.staff(&booked, "refund", &json!({ "tickets": [ticket] })).is(200);
        until("it went back", || peer.refunds().len() == n + 2);
        assert_eq!(peer.refunds()[n + 1]["amount"], json!(left));
    }
    assert_eq!((evening.state(&booked), evening.taken()), ("refunded".to_owned(), 0));
    assert_eq!(notes(&evening), 2_500);
    evening.adds_up();
}

#[test]
fn parts_that_make_up_the_whole_end_the_order() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (booked, session) = paid(&evening);
    evening.hear(&peer.give_back(&session, 1_250)).is(207);
    assert_eq!(evening.taken(), 2, "which seat it was for, nobody said");
    evening.hear(&peer.give_back(&session, 1_250)).is(207);
    assert_eq!((evening.state(&booked), evening.taken()), ("refunded".to_owned(), 0));
    assert_eq!(evening.count("SELECT count(*) FROM refund"), 2);
    assert_eq!(notes(&evening), 2_500);
    evening.adds_up();
}

#[test]
fn vat_is_credited_to_the_cent_by_each_rate_whatever_went_ahead() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let venue = &evening.venue;
    let mut items = vec![];
    for (vat, cents) in [("VG", "10.03"), ("DX", "7.01")] {
        let body = json!({
            "product": venue.ticket(vat), "name": vat, "prix": cents, "vat": vat,
        });
        let price = venue.staff().post("/api/prices/", &body).ok(201)["uuid"].clone();
        let product = body["product"].clone();
        items.push((product, price));
    }
    let products: Vec<&str> = items.iter().map(|(product, _)| product.as_str().unwrap()).collect();
    let event = venue.event("Slam", &products, 10);
    let customers = json!([{ "first_name": "Ana", "last_name": "Payet" }]);
    let items: Vec<Value> = items
        .iter()
        .map(|(_, price)| json!({ "price": price, "quantity": 1, "event": event, "customers": customers }))
        .collect();
    let body = json!({ "email": "ana@example.org", "items": items });
    let cart = venue.anyone().post("/api/orders/", &body).ok(201);
    let session = peer.session_at(text(&cart, "checkout_url"));
    peer.pay(&session);
    evening.tell("completed", &session).is(202);
    let order = json!({ "order": cart });
    let ticket = &cart["reservations"][0]["tickets"][0];
    evening.hear(&peer.give_back(&session, 601)).is(207);
    evening.staff(&order, "refund", &json!({ "tickets": [ticket] })).is(200);
    evening.staff(&order, "refund", &json!({})).is(200);
    let off = "SELECT count(*) FROM (SELECT vat_rate, sum(total) AS sold, sum(vat) AS vat FROM line GROUP BY vat_rate) AS one
         JOIN (SELECT vat_rate, sum(amount) AS back, sum(vat) AS vat FROM credit_part GROUP BY vat_rate) AS two USING (vat_rate)
         WHERE sold = back AND one.vat = two.vat";
    assert_eq!(evening.count(off), 2);
    assert_eq!(notes(&evening), 1_704);
    evening.adds_up();
}

#[test]
fn a_ticket_that_was_used_stays_sold_whatever_goes_back() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (booked, session) = paid(&evening);
    let ticket = &booked["reservation"]["tickets"][0];
    evening.venue.staff().post("/api/scan/", &json!({ "qr": ticket })).ok(200);
    evening.hear(&peer.give_back(&session, 2_500)).is(207);
    assert_eq!((evening.state(&booked), evening.taken()), ("paid".to_owned(), 2));
    assert_eq!(notes(&evening), 2_500);
    evening.adds_up();
}

#[test]
fn what_we_sent_ourselves_is_not_written_down_again() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (booked, session) = paid(&evening);
    let _accountant = Accountant::of(&house, &peer);
    let ticket = &booked["reservation"]["tickets"][0];
    evening.staff(&booked, "refund", &json!({ "tickets": [ticket] })).is(200);
    until("it went back", || evening.count("SELECT count(*) FROM refund WHERE owed = 0") == 1);
    let made = peer.sessions().into_iter().find(|one| one["id"] == *session).unwrap();
    let charge = json!({
        "payment_intent": made["payment_intent"], "metadata": made["payment_intent_data"]["metadata"],
    });
    evening.hear(&event_of("charge.refunded", &charge)).is(207);
    assert_eq!(evening.count("SELECT count(*) FROM refund"), 1);
    evening.adds_up();
}

#[test]
fn what_we_could_not_send_and_somebody_sent_by_hand_is_owed_no_more() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (booked, session) = paid(&evening);
    peer.fails(&[Trouble::Status(400)]);
    let _accountant = Accountant::of(&house, &peer);
    evening.staff(&booked, "refund", &json!({})).is(200);
    until("it was given up", || {
        evening.count("SELECT count(*) FROM stripe_refund WHERE state = 'given_up'") == 1
    });
    let event = peer.give_back(&session, 2_500);
    evening.hear(&event).is(207);
    evening.hear(&event).is(207);
    let refund = &evening.order(&booked)["refunds"][0];
    assert_eq!((&refund["owed"], text(&refund["settled"], "means")), (&json!(false), "stripe"));
    assert_eq!(evening.count("SELECT count(*) FROM refund"), 1);
    evening.adds_up();
}

#[test]
fn somebody_who_is_faster_than_our_job_does_its_work() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (booked, session) = paid(&evening);
    evening.staff(&booked, "refund", &json!({})).is(200);
    evening.hear(&peer.give_back(&session, 2_500)).is(207);
    assert_eq!(evening.order(&booked)["refunds"][0]["owed"], json!(false));
    assert_eq!(evening.count("SELECT count(*) FROM stripe_refund WHERE state = 'sent'"), 1);
    evening.adds_up();
}

#[test]
fn what_fits_nothing_that_was_sold_changes_nothing() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (booked, session) = paid(&evening);
    evening.staff(&booked, "refund", &json!({ "means": "cash" })).is(200);
    let refunds = || evening.count("SELECT count(*) FROM refund");
    let before = refunds();
    let event = peer.give_back(&session, 2_500);
    evening.hear(&event).is(207);
    let unknown = event.replace(&evening.venue.id(), "00000000-0000-4000-8000-000000000000");
    evening.hear(&unknown).is(204);
    evening.hear(&event_of("charge.refunded", &json!({ "payment_intent": "pi_x" }))).is(204);
    evening.hear(&event_of("refund.created", &json!({ "id": "re_x", "amount": 5 }))).is(207);
    let forged = signature("whsec_other", &event, 0);
    evening.tell_at(&evening.venue.host, &event, &forged).is(400);
    assert_eq!(refunds(), before);
    evening.adds_up();
}

#[test]
fn what_cannot_be_asked_now_is_told_again() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (booked, session) = paid(&evening);
    let event = peer.give_back(&session, 2_500);
    peer.fails(&[Trouble::Status(500)]);
    evening.tell_at("example.org", &event, &signature(SECRET, &event, 0)).is(503);
    assert_eq!(evening.state(&booked), "paid");
    evening.hear(&event).is(207);
    assert_eq!(evening.state(&booked), "refunded");
    evening.adds_up();
}
