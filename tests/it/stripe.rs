//! Paying online: whoever brings the word, what was paid is sold once, and what cannot be sold goes back once.

use crate::exports::closed;
use crate::stripe_peer::{SECRET, Trouble, event_of, signature};
use crate::support::{at_once, house_with, text};
use crate::till::{Accountant, Evening, IMPATIENT, open, open_with, paid, until};
use guichet::config::Config;
use guichet::jobs::Jobs;
use guichet::root::By;
use guichet::values::Time;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

#[test]
fn a_booking_names_the_page_to_pay_at_and_the_event_of_its_payment_opens_it() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (booked, session) = evening.booked("ana@example.org", 2);
    let made = &peer.sessions()[0];
    assert_eq!((&made["amount_total"], text(made, "currency")), (&json!(2_500), "eur"));
    assert_eq!(text(made, "customer_email"), "ana@example.org");
    let id = text(&booked, "paiement_stripe_uuid");
    let back = format!("http://{}/stripe/return/{id}", evening.venue.host);
    assert_eq!((text(made, "success_url"), text(made, "cancel_url")), (&*back, &*back));
    let metadata = json!({
        "tenant": evening.venue.id(), "reservation": booked["reservation"]["uuid"], "order": booked["order"]["uuid"],
    });
    assert_eq!(made["metadata"], metadata);
    let asked = &peer.asked("/v1/checkout/sessions")[0];
    assert_eq!(asked.key.as_deref(), Some(id));
    assert_eq!(asked.form["line_items[0][price_data][product_data][name]"], "Concert — Plein");
    evening.ask(&booked).says(402, &json!("stripe : unpaid - paiement : W"));
    peer.pay(&session);
    let told = evening.tell("completed", &session).ok(202);
    assert_eq!(
        text(&told, "msg"),
        "Paiement validé. Création des billets et envoi par mail en cours."
    );
    assert_eq!(told["tickets"].as_array().unwrap().len(), 2);
    assert_eq!(text(&told["tickets"][0], "status"), "K");
    let order = evening.order(&booked);
    assert_eq!((text(&order, "state"), text(&order["payments"][0], "means")), ("paid", "stripe"));
    assert_eq!(order["payments"][0]["uuid"], booked["paiement_stripe_uuid"]);
    evening.tell("completed", &session).is(226);
    evening.write("UPDATE outbox SET state = 'sent', settled = 1 WHERE kind = 'tickets'");
    let said = evening.ask(&booked).ok(208);
    assert_eq!(text(&said, "msg"), "Paiement validé. Billets envoyés par mail.");
    evening.write("UPDATE outbox SET state = 'given_up' WHERE kind = 'tickets'");
    evening.ask(&booked).is(412);
    evening.adds_up();
}

#[test]
fn the_hold_of_what_is_paid_online_covers_the_page() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    evening.booked("ana@example.org", 1);
    let short = "SELECT count(*) FROM checkout JOIN orders ON orders.id = orders WHERE expires < ends + 60000000";
    assert_eq!(evening.count(short), 0);
    let seconds = evening.count("SELECT (ends - created) / 1000000 FROM checkout");
    assert!((30 * 60..=24 * 3_600).contains(&seconds), "{seconds}");
}

#[test]
fn what_is_free_is_not_paid_online() {
    let (peer, house) = open();
    let venue = house.venue("Bisik");
    let event = venue.event("Jam", &[], 10);
    let shown = venue.anyone().get(&format!("/api/events/{event}/")).ok(200);
    let price = text(&shown["products"][0]["prices"][0], "uuid");
    let booked = venue.book("ana@example.org", &event, price, 1).ok(201);
    assert!(booked.get("checkout_url").is_none());
    assert!(peer.asked("/").is_empty());
}

#[test]
fn a_membership_is_paid_online() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let price = evening.venue.price(&evening.venue.membership("Carte"), "Année", 1_500);
    let body = json!({
        "adhesion": price, "email": "ana@example.org", "first_name": "Ana", "last_name": "Payet", "phone": "1",
    });
    let joined = evening.venue.anyone().post("/api/membership/", &body).ok(201);
    let session = peer.session_at(text(&joined, "checkout_url"));
    assert_eq!(peer.sessions()[0]["metadata"]["pk_adhesion"], json!(price));
    peer.pay(&session);
    evening.tell("completed", &session).says(202, &json!("Paiement validé."));
    evening.ask(&joined).says(208, &json!("Paiement validé."));
    evening.venue.anyone().post("/api/membership/", &body).faults(&["email"]);
    peer.fails(&[Trouble::Status(503)]);
    let body = json!({
        "adhesion": price, "email": "bo@example.org", "first_name": "Bo", "last_name": "Payet", "phone": "1",
    });
    evening.venue.anyone().post("/api/membership/", &body).is(503);
    peer.fails(&[Trouble::Status(402)]);
    let refused = evening.venue.anyone().post("/api/membership/", &body);
    refused.says(400, &json!({ "non_field_errors": ["new_paiement_stripe not valid"] }));
    evening.adds_up();
}

#[test]
fn a_payment_is_found_by_the_buyer_s_return_alone() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (booked, session) = evening.booked("ana@example.org", 1);
    let path = format!("/stripe/return/{}", text(&booked, "paiement_stripe_uuid"));
    let page = evening.venue.anyone().get(&path).is(200);
    assert!(page.header("Content-Security-Policy").unwrap().starts_with("default-src 'none'"));
    let page = page.text();
    assert!(
        page.contains("http-equiv=\"refresh\"") && page.contains("checkout.stripe.com"),
        "{page}"
    );
    assert_eq!(peer.asked(&format!("/v1/checkout/sessions/{session}")).len(), 1);
    peer.pay(&session);
    let page = evening.venue.anyone().get(&path).is(200).text();
    assert!(page.contains("validé") && !page.contains("refresh"), "{page}");
    assert_eq!(evening.state(&booked), "paid");
    evening.venue.anyone().get(&path).is(200);
    assert_eq!(peer.asked(&format!("/v1/checkout/sessions/{session}")).len(), 2);
    let path = format!("/api/webhook_stripe/{}/", text(&booked, "paiement_stripe_uuid"));
    evening.venue.anyone().get(&path).is(226);
    evening.adds_up();
}

#[test]
fn stripe_is_asked_of_one_payment_ten_times_a_minute_by_strangers_however_often_they_look() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (booked, session) = evening.booked("ana@example.org", 1);
    let (other, _) = evening.booked("bo@example.org", 1);
    let id = text(&booked, "paiement_stripe_uuid");
    for n in 0..40 {
        let path = if n % 2 == 0 { "stripe/return" } else { "api/webhook_stripe" };
        let slash = if n % 2 == 0 { "" } else { "/" };
        evening.venue.anyone().get(&format!("/{path}/{id}{slash}"));
    }
    // The minute may have ended meanwhile.
    let looks = || peer.asked("/v1/checkout/sessions/").len();
    assert!((10..=20).contains(&looks()), "{}", looks());
    let before = looks();
    evening.ask(&other).is(402);
    assert_eq!(looks(), before + 1);
    peer.pay(&session);
    evening.tell("completed", &session).is(202);
    evening.ask(&booked).is(226);
}

#[test]
fn a_page_whose_address_is_none_of_the_web_s_is_shown_to_nobody() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    peer.fails(&[Trouble::Script]);
    let sorry = json!({ "non_field_errors": ["checkout strip not valid"] });
    evening.book("ana@example.org", 2).says(400, &sorry);
    assert_eq!((peer.sessions().len(), evening.taken()), (1, 0));
    evening.adds_up();
}

#[test]
fn a_page_that_stripe_makes_for_two_is_the_first_one_s() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (booked, session) = evening.booked("ana@example.org", 2);
    peer.fails(&[Trouble::Again]);
    let sorry = json!({ "non_field_errors": ["checkout strip not valid"] });
    evening.book("bo@example.org", 1).says(400, &sorry);
    assert_eq!(evening.taken(), 2);
    peer.pay(&session);
    evening.tell("completed", &session).is(202);
    assert_eq!(evening.state(&booked), "paid");
    evening.adds_up();
}

#[test]
fn what_is_held_of_an_evening_that_is_taken_away_is_let_go_and_its_pages_end() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (ana, first) = evening.booked("ana@example.org", 2);
    let (bo, second) = evening.booked("bo@example.org", 1);
    evening.take_away();
    assert_eq!((evening.state(&ana), evening.taken()), ("cancelled".to_owned(), 0));
    // Who pays before the page has ended gets the money back.
    peer.pay(&first);
    evening.tell("completed", &first).is(207);
    let _accountant = Accountant::of(&house, &peer);
    until("the other page is ended", || {
        peer.sessions().iter().any(|one| one["id"] == *second && one["status"] == "expired")
    });
    until("the money went back", || peer.refunds().len() == 1);
    assert_eq!((evening.state(&ana), evening.state(&bo)), ("cancelled".into(), "cancelled".into()));
    assert_eq!(evening.count("SELECT count(*) FROM outbox WHERE kind = 'tickets'"), 0);
    evening.adds_up();
}

#[test]
fn who_pays_late_for_an_evening_that_was_taken_away_gets_the_money_back() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (late, session) = evening.booked("ana@example.org", 2);
    evening.run_out();
    evening.take_away();
    peer.pay(&session);
    evening.tell("completed", &session).is(207);
    let order = evening.order(&late);
    assert_eq!((text(&order, "state"), &order["refunds"][0]["owed"]), ("expired", &json!(true)));
    assert_eq!(evening.taken(), 0);
    evening.adds_up();
}

#[test]
fn a_hold_that_an_older_version_left_at_an_evening_taken_away_is_paid_back_too() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (held, session) = evening.booked("ana@example.org", 2);
    evening.write("UPDATE event SET published = 0, cancelled = 1");
    peer.pay(&session);
    evening.tell("completed", &session).is(207);
    assert_eq!((evening.state(&held), evening.taken()), ("cancelled".to_owned(), 0));
    assert_eq!(evening.count("SELECT count(*) FROM refund WHERE owed = 1"), 1);
    evening.adds_up();
}

#[test]
fn a_payment_is_found_by_the_job_alone() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (booked, session) = evening.booked("ana@example.org", 1);
    let _accountant = Accountant::of(&house, &peer);
    evening.look_now();
    until("it was looked at in vain", || evening.count("SELECT looks FROM checkout") == 1);
    assert_eq!(evening.state(&booked), "held");
    peer.pay(&session);
    evening.look_now();
    until("the order is paid", || evening.state(&booked) == "paid");
    evening.adds_up();
}

#[test]
fn told_64_times_at_once_by_all_who_may_a_payment_is_taken_once() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (booked, session) = evening.booked("ana@example.org", 2);
    peer.pay(&session);
    let _accountant = Accountant::of(&house, &peer);
    evening.look_now();
    let path = format!("/stripe/return/{}", text(&booked, "paiement_stripe_uuid"));
    let replies = at_once(64, |n| match n % 3 {
        0 => evening.tell("completed", &session),
        1 => evening.ask(&booked),
        _ => evening.venue.anyone().get(&path),
    });
    for reply in &replies {
        // Who looks too often is told what is known.
        assert!([200, 202, 226, 402].contains(&reply.status), "{}: {}", reply.status, reply.text());
    }
    assert!(replies.iter().filter(|reply| reply.status == 202).count() <= 1);
    assert_eq!(evening.count("SELECT count(*) FROM payment"), 1);
    assert_eq!(evening.count("SELECT count(*) FROM outbox WHERE kind = 'tickets'"), 1);
    evening.adds_up();
}

#[test]
fn what_is_not_signed_by_stripe_now_changes_nothing() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (booked, session) = evening.booked("ana@example.org", 1);
    peer.pay(&session);
    let body = peer.event("checkout.session.completed", &session);
    let host = &evening.venue.host;
    let other = body.replace("evt_", "evt_x");
    for signature in [
        String::new(),
        "t=1,v1=00".to_owned(),
        signature("whsec_other", &body, 0),
        signature(SECRET, &other, 0),
        signature(SECRET, &body, 301),
        signature(SECRET, &body, -600),
        signature(SECRET, &body, 0).replace("v1=", "v0="),
    ] {
        evening.tell_at(host, &body, &signature).is(400);
    }
    assert_eq!(evening.state(&booked), "held");
    let right = signature(SECRET, &body, 0);
    evening.tell_at(host, &body, &right).is(202);
    evening.tell_at(host, &body, &right).is(226);
    assert_eq!(evening.count("SELECT count(*) FROM payment"), 1);
    let whole = house_with(&[]);
    let venue = whole.venue("Bisik");
    let caller = venue.anyone().with("Stripe-Signature", &signature("", &body, 0));
    caller
        .send("POST", "/api/webhook_stripe/", Some("application/json"), body.into_bytes())
        .is(400);
}

#[test]
fn an_event_finds_its_tenant_at_whatever_host_it_arrives() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let other = house.venue("Ancre");
    for host in [other.host.as_str(), "example.org", "meta.example.org"] {
        let (booked, session) = evening.booked("ana@example.org", 1);
        peer.pay(&session);
        let body = peer.event("checkout.session.completed", &session);
        evening.tell_at(host, &body, &signature(SECRET, &body, 0)).is(202);
        assert_eq!(evening.state(&booked), "paid", "{host}");
        let front = other
            .anyone()
            .post("/api/webhook_stripe/", &json!({ "uuid": booked["paiement_stripe_uuid"] }));
        front.is(404);
    }
    let (_, session) = evening.booked("ana@example.org", 1);
    peer.pay(&session);
    let tell = |body: &str| evening.tell_at("example.org", body, &signature(SECRET, body, 0));
    peer.tamper(&session, "/metadata/tenant", json!(other.id()));
    tell(&peer.event("checkout.session.completed", &session)).is(404);
    peer.tamper(&session, "/metadata/tenant", json!("00000000-0000-4000-8000-000000000000"));
    tell(&peer.event("checkout.session.completed", &session)).is(204);
    peer.tamper(&session, "/metadata", json!({}));
    tell(&peer.event("checkout.session.completed", &session)).is(204);
    tell(&peer.event("customer.created", &session)).says(207, &json!("Pouple"));
    evening.adds_up();
}

#[test]
fn another_amount_currency_or_order_pays_nothing() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (booked, session) = evening.booked("ana@example.org", 1);
    let (other, _) = evening.booked("bo@example.org", 1);
    peer.pay(&session);
    for (pointer, wrong) in [
        ("/amount_total", json!(1)),
        ("/currency", json!("usd")),
        ("/metadata/order", other["order"]["uuid"].clone()),
    ] {
        let right = peer.sessions()[0].pointer(pointer).unwrap().clone();
        peer.tamper(&session, pointer, wrong);
        evening.tell("completed", &session).says(406, &json!("Erreur Meta"));
        evening.ask(&booked).says(406, &json!("Erreur Meta"));
        peer.tamper(&session, pointer, right);
    }
    assert_eq!((evening.state(&booked), evening.state(&other)), ("held".into(), "held".into()));
    evening.tell("completed", &session).is(202);
    evening.adds_up();
}

#[test]
fn when_there_is_no_page_to_pay_at_nothing_is_held_for_nobody() {
    let (peer, house) = open_with(&[IMPATIENT]);
    let evening = Evening::new(&house, &peer, 2);
    let sorry = json!({ "non_field_errors": ["checkout strip not valid"] });
    for trouble in [Trouble::Status(401), Trouble::Status(402)] {
        peer.fails(&[trouble]);
        evening.book("ana@example.org", 2).says(400, &sorry);
        assert_eq!(evening.taken(), 0, "{trouble:?}");
    }
    for trouble in [Trouble::Status(500), Trouble::Status(429), Trouble::Silent] {
        let twice = matches!(trouble, Trouble::Silent);
        peer.fails(if twice {
            &[Trouble::Silent, Trouble::Silent]
        } else {
            std::slice::from_ref(&trouble)
        });
        let later = evening.book("ana@example.org", 2).is(503);
        assert_eq!(later.header("Retry-After"), Some("1"));
        assert_eq!(evening.taken(), 0, "{trouble:?}");
    }
    evening.adds_up();
    evening.booked("bo@example.org", 2);
}

#[test]
fn while_stripe_keeps_one_waiting_others_sell() {
    let (peer, house) = open_with(&[IMPATIENT]);
    let evening = Evening::new(&house, &peer, 10);
    peer.fails(&[Trouble::Silent, Trouble::Silent]);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| evening.book("ana@example.org", 1));
        until("Stripe is asked", || !peer.asked("/").is_empty());
        evening.write("UPDATE event SET short_description = 'Maloya'");
        assert!(!waiting.is_finished(), "nobody waited");
        waiting.join().unwrap().is(503);
    });
}

#[test]
fn an_answer_that_was_lost_is_asked_for_again_and_there_is_one_page() {
    let (peer, house) = open_with(&[IMPATIENT]);
    let evening = Evening::new(&house, &peer, 2);
    peer.fails(&[Trouble::DoneSilent]);
    let (_, session) = evening.booked("ana@example.org", 2);
    assert_eq!(peer.sessions().len(), 1);
    assert_eq!(peer.asked("/v1/checkout/sessions").len(), 2);
    peer.pay(&session);
    evening.tell("completed", &session).is(202);
    evening.adds_up();
}

#[test]
fn the_same_request_is_answered_with_the_same_page() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 100);
    let ask = |key: &str| {
        let customers = [json!({ "first_name": "A", "last_name": "B" })];
        let body = json!({
            "email": "ana@example.org", "event": evening.event, "options": [],
            "prices": [{ "uuid": evening.price, "qty": 1, "customers": customers }],
        });
        evening.venue.anyone().with("Idempotency-Key", key).post("/api/reservations/", &body)
    };
    let replies = at_once(64, |_| ask("clic-1").ok(201));
    let bodies: BTreeSet<String> = replies.iter().map(Value::to_string).collect();
    assert_eq!((bodies.len(), peer.sessions().len(), evening.taken()), (1, 1, 1));
    // What failed is not what is repeated.
    peer.fails(&[Trouble::Status(500)]);
    ask("clic-2").is(503);
    ask("clic-2").ok(201);
    assert_eq!(evening.taken(), 2);
}

#[test]
fn what_a_crash_left_between_the_two_writes_is_finished_by_who_repeats_it_or_let_go_by_the_job() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let body = json!({
        "email": "ana@example.org", "event": evening.event, "options": [],
        "prices": [{ "uuid": evening.price, "qty": 1, "customers": [{ "first_name": "A", "last_name": "B" }] }],
    });
    let ask = |key: &str| {
        evening.venue.anyone().with("Idempotency-Key", key).post("/api/reservations/", &body)
    };
    let crash =
        "UPDATE checkout SET state = 'asked', session = NULL, url = NULL WHERE state = 'open'";
    let first = ask("a").ok(201);
    evening.write(crash);
    evening.ask(&first).is(402);
    // While somebody else is asking the same, Stripe answers 409: nothing is given up for that.
    peer.fails(&[Trouble::Status(409)]);
    ask("a").is(503);
    assert_eq!(ask("a").ok(201), first);
    assert_eq!(peer.sessions().len(), 1);
    // Stripe may tell of the page before we know it.
    evening.write(crash);
    let session = peer.session_at(text(&first, "checkout_url"));
    peer.pay(&session);
    evening.tell("completed", &session).is(202);
    let second = ask("b").ok(201);
    evening.write(crash);
    let _accountant = Accountant::of(&house, &peer);
    evening.look_now();
    until("the hold is let go", || evening.state(&second) == "cancelled");
    assert_eq!(evening.taken(), 1);
    evening.adds_up();
}

#[test]
fn who_pays_when_the_hold_has_run_out_gets_the_seats_that_are_still_free() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 2);
    let (booked, session) = evening.booked("ana@example.org", 2);
    evening.run_out();
    evening.book("bo@example.org", 3).is(400);
    assert_eq!(evening.state(&booked), "expired");
    peer.pay(&session);
    evening.tell("completed", &session).is(202);
    assert_eq!((evening.state(&booked), evening.taken()), ("paid".to_owned(), 2));
    let ticket = &booked["reservation"]["tickets"][0];
    evening.venue.staff().post("/api/scan/", &json!({ "qr": ticket })).ok(200);
    evening.adds_up();
}

#[test]
fn who_pays_when_the_seats_are_gone_gets_the_money_back_once() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 2);
    let (late, session) = evening.booked("ana@example.org", 2);
    evening.run_out();
    evening.booked("bo@example.org", 1);
    peer.pay(&session);
    let replies = at_once(64, |_| evening.tell("completed", &session));
    assert!(replies.iter().all(|reply| reply.status == 207), "{}", replies[0].status);
    evening.ask(&late).says(402, &json!("stripe : paid - paiement : R"));
    let order = evening.order(&late);
    assert_eq!((text(&order, "state"), &order["refunds"][0]["owed"]), ("expired", &json!(true)));
    let _accountant = Accountant::of(&house, &peer);
    until("the money went back", || evening.order(&late)["refunds"][0]["owed"] == json!(false));
    assert_eq!(peer.refunds().len(), 1);
    assert_eq!(peer.refunds()[0]["amount"], json!(2_500));
    assert_eq!(evening.count("SELECT count(*) FROM outbox WHERE kind = 'order_cancelled'"), 1);
    let path = format!("/stripe/return/{}", text(&late, "paiement_stripe_uuid"));
    assert!(evening.venue.anyone().get(&path).is(200).text().contains("remboursé"));
    evening.adds_up();
}

#[test]
fn of_64_late_payments_for_the_last_seats_those_that_fit_are_sold() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 64);
    let sessions: Vec<String> =
        (0..64).map(|n| evening.booked(&format!("p{n}@example.org"), 1).1).collect();
    evening.run_out();
    for (n, places) in [10, 10, 10, 10, 10, 7].into_iter().enumerate() {
        evening.booked(&format!("bo{n}@example.org"), places);
    }
    sessions.iter().for_each(|session| peer.pay(session));
    let replies = at_once(64, |n| evening.tell("completed", &sessions[n]));
    assert_eq!(replies.iter().filter(|reply| reply.status == 202).count(), 7);
    assert_eq!(evening.taken(), 64);
    evening.adds_up();
}

#[test]
fn a_page_that_was_not_paid_in_time_gives_its_seats_back_at_once() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 2);
    let (booked, session) = evening.booked("ana@example.org", 2);
    peer.end(&session);
    evening.tell("expired", &session).is(207);
    assert_eq!((evening.state(&booked), evening.taken()), ("expired".to_owned(), 0));
    evening.ask(&booked).says(402, &json!("stripe : unpaid - paiement : E"));
    // Without an event the job finds out.
    let (booked, session) = evening.booked("bo@example.org", 2);
    peer.end(&session);
    let _accountant = Accountant::of(&house, &peer);
    evening.look_now();
    until("the seats are free", || evening.taken() == 0);
    assert_eq!(evening.state(&booked), "expired");
    evening.adds_up();
}

#[test]
fn what_is_cancelled_or_paid_otherwise_cannot_be_paid_online_any_more() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let _accountant = Accountant::of(&house, &peer);
    let (cancelled, first) = evening.booked("ana@example.org", 1);
    let (in_cash, second) = evening.booked("bo@example.org", 1);
    evening.staff(&cancelled, "refund", &json!({})).is(200);
    evening.staff(&in_cash, "payments", &json!({ "means": "cash" })).is(201);
    for session in [&first, &second] {
        until("the page is ended", || {
            peer.sessions().iter().any(|one| one["id"] == **session && one["status"] == "expired")
        });
    }
    until("both are decided", || {
        evening.count("SELECT count(*) FROM checkout WHERE state = 'expired'") == 2
    });
    assert_eq!(
        (evening.state(&cancelled), evening.state(&in_cash)),
        ("cancelled".into(), "paid".into())
    );
    evening.adds_up();
}

#[test]
fn what_was_paid_twice_goes_back_once_and_the_order_stays() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (booked, session) = evening.booked("ana@example.org", 1);
    let (part, other) = evening.booked("bo@example.org", 1);
    peer.pay(&session);
    peer.pay(&other);
    evening.staff(&booked, "payments", &json!({ "means": "cash" })).is(201);
    evening.staff(&part, "payments", &json!({ "means": "cash", "amount": 5 })).is(201);
    evening.tell("completed", &session).is(207);
    evening.tell("completed", &other).is(202);
    let _accountant = Accountant::of(&house, &peer);
    until("both went back", || peer.refunds().len() == 2);
    let amounts: BTreeSet<i64> =
        peer.refunds().iter().map(|refund| refund["amount"].as_i64().unwrap()).collect();
    assert_eq!(amounts, BTreeSet::from([500, 1_250]));
    assert_eq!((evening.state(&booked), evening.state(&part)), ("paid".into(), "paid".into()));
    // Of the half that came online, half goes back there; the rest is owed by hand.
    evening.staff(&part, "refund", &json!({})).is(200);
    until("the rest went back", || peer.refunds().len() == 3);
    let owed = "SELECT amount FROM refund WHERE owed = 1 AND means = 'cash'";
    assert_eq!(evening.count(owed), 500);
    assert_eq!(peer.refunds()[2]["amount"], json!(750));
    evening.adds_up();
}

#[test]
fn an_order_refunded_by_64_cashiers_is_refunded_once_at_stripe() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let booked = paid(&evening);
    let _accountant = Accountant::of(&house, &peer);
    let ticket = &booked["reservation"]["tickets"][0];
    evening.staff(&booked, "refund", &json!({ "tickets": [ticket] })).is(200);
    let replies = at_once(64, |_| evening.staff(&booked, "refund", &json!({ "reason": "Pluie" })));
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
    until("nothing is owed", || evening.count("SELECT count(*) FROM refund WHERE owed = 1") == 0);
    let back: Vec<i64> = peer.refunds().iter().map(|one| one["amount"].as_i64().unwrap()).collect();
    assert_eq!(back, [1_250, 1_250]);
    assert_eq!(evening.count("SELECT count(*) FROM stripe_refund WHERE state = 'sent'"), 2);
    evening.adds_up();
}

#[test]
fn what_is_given_back_by_hand_is_not_sent_by_stripe() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let booked = paid(&evening);
    evening.staff(&booked, "refund", &json!({ "means": "cash" })).is(200);
    assert_eq!(evening.count("SELECT count(*) FROM stripe_refund"), 0);
}

#[test]
fn a_refund_whose_answer_was_lost_is_not_made_again_when_stripe_has_forgotten_the_key() {
    let (peer, house) = open_with(&[IMPATIENT]);
    let evening = Evening::new(&house, &peer, 10);
    let booked = paid(&evening);
    let ticket = &booked["reservation"]["tickets"][0];
    peer.fails(&[Trouble::DoneSilent, Trouble::Status(500)]);
    let _accountant = Accountant::with(&house, &peer, &[IMPATIENT]);
    evening.staff(&booked, "refund", &json!({ "tickets": [ticket] })).is(200);
    until("it was tried", || evening.count("SELECT attempts FROM stripe_refund") == 1);
    assert_eq!(peer.refunds().len(), 1);
    peer.forget();
    evening.write("UPDATE stripe_refund SET next_try = 0");
    until("it is known", || evening.count("SELECT count(*) FROM refund WHERE owed = 1") == 0);
    assert_eq!(peer.refunds().len(), 1);
}

#[test]
fn a_refund_that_stripe_never_makes_is_given_up_and_stays_owed() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let booked = paid(&evening);
    peer.fails(&[Trouble::Status(500), Trouble::Status(429), Trouble::Status(400)]);
    let _accountant = Accountant::of(&house, &peer);
    evening.staff(&booked, "refund", &json!({})).is(200);
    for tries in 1..=3 {
        until("it was tried", || evening.count("SELECT attempts FROM stripe_refund") == tries);
        evening.write("UPDATE stripe_refund SET next_try = 0 WHERE state = 'waiting'");
    }
    assert_eq!(evening.count("SELECT count(*) FROM stripe_refund WHERE state = 'given_up'"), 1);
    assert_eq!(evening.order(&booked)["refunds"][0]["owed"], json!(true));
    assert_eq!(evening.count("SELECT count(*) FROM audit WHERE action = 'refund.give_up'"), 1);
}

#[test]
fn a_refund_that_fails_at_stripe_afterwards_is_owed_again() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let booked = paid(&evening);
    let _accountant = Accountant::of(&house, &peer);
    evening.staff(&booked, "refund", &json!({})).is(200);
    let owed = || evening.order(&booked)["refunds"][0]["owed"] == json!(true);
    until("the money went back", || !owed());
    let mut refund = peer.refunds()[0].clone();
    let tell = |refund: &Value| {
        let body = event_of("refund.updated", refund);
        evening.tell_at("example.org", &body, &signature(SECRET, &body, 0)).is(207);
    };
    tell(&refund);
    assert!(!owed());
    refund["status"] = json!("failed");
    at_once(64, |_| tell(&refund));
    assert!(owed());
    assert_eq!(evening.count("SELECT count(*) FROM audit WHERE action = 'refund.fail'"), 1);
}

#[test]
fn what_stripe_took_and_gave_back_is_told_on_its_day_and_so_is_what_was_handed_over_by_hand() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let booked = paid(&evening);
    let _accountant = Accountant::of(&house, &peer);
    let told = |from: u32, to: u32| {
        closed(&evening.venue, &format!("2026-03-{from:02}"), &format!("2026-03-{to:02}"))
    };
    let on = |day: u32| told(day, day + 1);
    let march = |table: &str, column: &str, day: u32, keeper: &str| {
        let at = Time::parse(&format!("2026-03-{day:02}T11:00:00Z")).unwrap().0;
        evening.write(&format!("DROP TRIGGER IF EXISTS {keeper}"));
        evening.write(&format!("UPDATE {table} SET {column} = {at}"));
    };
    let by = |means: &str, moved: [i64; 3]| (means.to_owned(), moved);
    evening.staff(&booked, "refund", &json!({})).is(200);
    let owed = || evening.order(&booked)["refunds"][0]["owed"] == json!(true);
    until("the money went back", || !owed());
    march("payment", "created", 1, "payment_keep");
    march("refund", "created", 2, "refund_keep");
    march("stripe_refund", "settled", 3, "stripe_refund_days");
    let before = || {
        assert_eq!(on(1), [by("stripe", [2_500, 0, 0])]);
        assert_eq!(on(2), [by("stripe", [0, 0, 2_500])]);
        assert_eq!(on(3), [by("stripe", [0, 2_500, -2_500])]);
    };
    before();
    let mut refund = peer.refunds()[0].clone();
    refund["status"] = json!("failed");
    let body = event_of("refund.updated", &refund);
    evening.tell_at("example.org", &body, &signature(SECRET, &body, 0)).is(207);
    march("stripe_refund", "failed", 4, "stripe_refund_days");
    before();
    assert_eq!(on(4), [by("stripe", [0, -2_500, 2_500])]);
    let list = evening.venue.staff().get("/api/refunds/?owed=true").ok(200);
    let path = format!("/api/refunds/{}/settle/", text(&list[0], "uuid"));
    evening.venue.staff().post(&path, &json!({ "means": "transfer" })).is(201);
    march("refund_settled", "created", 5, "refund_settled_keep");
    before();
    assert_eq!(on(4), [by("stripe", [0, -2_500, 2_500])]);
    assert_eq!(on(5), [by("transfer", [0, 2_500, 0]), by("stripe", [0, 0, -2_500])]);
    assert_eq!(told(1, 6), [by("transfer", [0, 2_500, 0]), by("stripe", [2_500, 0, 0])]);
    evening.adds_up();
}

#[test]
fn what_stripe_took_on_a_day_is_never_moved_to_another() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let booked = paid(&evening);
    let _accountant = Accountant::of(&house, &peer);
    evening.staff(&booked, "refund", &json!({})).is(200);
    until("it was sent", || {
        evening.count("SELECT count(*) FROM stripe_refund WHERE state = 'sent'") == 1
    });
    for sql in [
        "UPDATE stripe_refund SET settled = settled + 1",
        "UPDATE stripe_refund SET state = 'given_up'",
        "UPDATE stripe_refund SET reference = 're_other'",
        "UPDATE stripe_refund SET state = 'waiting', settled = NULL, reference = NULL",
    ] {
        assert!(evening.venue.tenant().write(By::House, |tx| tx.run(sql, [])).is_err(), "{sql}");
    }
}

#[test]
fn what_was_written_of_a_payment_online_is_never_rewritten() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let booked = paid(&evening);
    evening.staff(&booked, "refund", &json!({})).is(200);
    for sql in [
        "UPDATE checkout SET amount = 1",
        "UPDATE checkout SET state = 'open', settled = NULL, next_look = 0, intent = NULL",
        "DELETE FROM checkout",
        "UPDATE stripe_refund SET amount = 1",
        "DELETE FROM stripe_refund",
        "INSERT INTO stripe_refund (id, checkout, amount, next_try, created)
             SELECT x'00000000000000000000000000000001', id, 1, 0, 0 FROM checkout",
    ] {
        assert!(evening.venue.tenant().write(By::House, |tx| tx.run(sql, [])).is_err(), "{sql}");
    }
}

#[test]
fn an_address_of_stripe_that_is_none_is_named_at_the_start() {
    let house = house_with(&[]);
    let flags =
        HashMap::from([("stripe_key", "sk".to_owned()), ("stripe_url", "stripe".to_owned())]);
    let config = Config::load(&flags, None).unwrap();
    let refused = Jobs::start(house.app.root(), &config).unwrap_err().to_string();
    assert!(refused.starts_with("stripe_url: "), "{refused}");
}
