//! Waiting for a seat: who came first is asked first, what is offered is kept, and no seat goes twice.

use crate::sales::{adds_up, run_out};
use crate::smtp_server::{header, server, wait_for};
use crate::support::{House, Reply, Venue, at_once, house, text};
use guichet::config::Config;
use guichet::jobs::Jobs;
use guichet::root::By;
use guichet::trade::errand;
use guichet::values::Time;
use serde_json::{Value, json};
use std::collections::HashMap;

/// A venue with one evening that is sold out, each seat to somebody else who has paid.
struct Evening<'h> {
    venue: Venue<'h>,
    price: String,
    event: String,
    sold: Vec<Value>,
}

impl<'h> Evening<'h> {
    fn full(house: &'h House, seats: u32) -> Self {
        let venue = house.venue("Bisik");
        let ticket = venue.ticket("Concert");
        let price = venue.price(&ticket, "Plein", 1_250);
        let event = venue.event("Jam", &[&ticket], seats);
        let mut evening = Self { venue, price, event, sold: vec![] };
        for n in 0..seats {
            let booked = evening.book(&format!("tot{n}@example.org"), 1).ok(201);
            let pay = format!("/api/orders/{}/payments/", text(&booked["order"], "uuid"));
            evening.venue.staff().post(&pay, &json!({ "means": "cash" })).ok(201);
            evening.sold.push(booked);
        }
        evening
    }

    fn book(&self, email: &str, places: usize) -> Reply {
        self.venue.book(email, &self.event, &self.price, places)
    }

    /// Books by the link of the letter that was sent to this address.
    fn take(&self, email: &str, places: usize) -> Reply {
        let list = self.list();
        let n = list.as_array().unwrap().iter().position(|one| text(one, "email") == email);
        self.take_with(email, places, self.page(n.unwrap()).trim_start_matches("/waiting/"))
    }

    fn take_with(&self, email: &str, places: usize, offer: &str) -> Reply {
        let customers = vec![json!({ "first_name": "Ana", "last_name": "Payet" }); places];
        let body = json!({
            "email": email, "event": self.event, "options": [], "offer": offer,
            "prices": [{ "uuid": self.price, "qty": places, "customers": customers }],
        });
        self.venue.anyone().post("/api/reservations/", &body)
    }

    fn path(&self) -> String {
        format!("/api/events/{}/", self.event)
    }

    fn join(&self, email: &str, places: u32) -> Reply {
        let body = json!({ "email": email, "places": places });
        self.venue.anyone().post(&format!("{}waiting/", self.path()), &body)
    }

    /// Gives back the n-th seat.
    fn refund(&self, n: usize) {
        let path = format!("/api/orders/{}/refund/", text(&self.sold[n]["order"], "uuid"));
        self.venue.staff().post(&path, &json!({ "means": "cash" })).ok(200);
    }

    fn gauge(&self, seats: u32) -> Reply {
        self.venue.staff().put(&self.path(), &json!({ "jauge_max": seats }))
    }

    /// How many pieces of the price there are.
    fn stock(&self, pieces: &Value) {
        let path = format!("/api/prices/{}/", self.price);
        self.venue.staff().patch(&path, &json!({ "stock": pieces })).ok(200);
    }

    /// Does what the venue has to do by itself now, once.
    fn care(&self) {
        self.venue.tenant().write(By::House, errand::care).unwrap();
    }

    /// When it has something to do next.
    fn next(&self) -> Option<Time> {
        self.venue.tenant().read(errand::next_care).unwrap()
    }

    fn is_due(&self) -> bool {
        self.next().is_some_and(|at| at <= Time::now())
    }

    fn list(&self) -> Value {
        self.venue.staff().get(&format!("{}waiting/", self.path())).ok(200)
    }

    /// How it stands with everybody on the list.
    fn states(&self) -> Vec<String> {
        let list = self.list();
        list.as_array().unwrap().iter().map(|one| text(one, "state").to_owned()).collect()
    }

    /// Lets every offer run out.
    fn offers_run_out(&self) {
        let sql = "UPDATE waiting SET expires = 1 WHERE state = 'offered'";
        self.venue.tenant().write(By::House, |tx| tx.run(sql, [])).unwrap();
    }

    /// The path of the page that the n-th is sent.
    fn page(&self, n: usize) -> String {
        let id = text(&self.list()[n], "uuid").to_owned();
        let seal = self.venue.tenant().seal("waiting", id.parse().unwrap()).unwrap();
        format!("/waiting/{id}/{seal}")
    }

    fn shown(&self) -> Value {
        self.venue.anyone().get(&self.path()).ok(200)
    }
}

fn said(reply: Reply, field: &str) -> String {
    reply.is(400).json()[field][0].as_str().unwrap().to_owned()
}

#[test]
fn who_joins_is_told_the_position_and_staff_see_the_list() {
    let house = house();
    let evening = Evening::full(&house, 1);
    for (n, email) in ["ana@example.org", "bo@example.org"].iter().enumerate() {
        let joined = evening.join(email, 2).ok(201);
        assert_eq!((text(&joined, "email"), &joined["position"]), (*email, &json!(n + 1)));
    }
    let list = evening.list();
    assert_eq!(text(&list[1], "email"), "bo@example.org");
    assert_eq!((text(&list[1], "state"), &list[1]["offered_until"]), ("waiting", &Value::Null));
    let path = format!("{}waiting/", evening.path());
    evening.venue.anyone().get(&path).is(401);
    evening.venue.key("event").get(&path).is(401);
}

#[test]
fn nobody_joins_without_need_twice_too_late_or_for_too_many() {
    let house = house();
    let evening = Evening::full(&house, 1);
    let free = evening.venue.event("Libre", &[], 3);
    let body = json!({ "email": "ana@example.org", "places": 1 });
    let join = |event: &str, body: &Value| {
        evening.venue.anyone().post(&format!("/api/events/{event}/waiting/"), body)
    };
    assert!(said(join(&free, &body), "non_field_errors").contains("(3)"));
    evening.join("ana@example.org", 1).ok(201);
    evening.join("ana@example.org", 1).faults(&["email"]);
    evening.join("bo@example.org", 1_001).faults(&["places"]);
    evening.join("bo@example.org", 0).faults(&["places"]);
    evening
        .venue
        .anyone()
        .post(&format!("{}waiting/", evening.path()), &json!({}))
        .faults(&["email", "places"]);
    let set = |sql: &str| evening.venue.tenant().write(By::House, |tx| tx.run(sql, [])).unwrap();
    set("UPDATE event SET published = 0 WHERE name = 'Jam'");
    assert!(said(evening.join("bo@example.org", 1), "non_field_errors").contains("publié"));
    set("UPDATE event SET published = 1, starts = 5 WHERE name = 'Jam'");
    assert!(said(evening.join("bo@example.org", 1), "non_field_errors").contains("passé"));
    join(&evening.venue.id(), &body).is(404);
    assert_eq!(evening.states(), ["waiting"]);
}

#[test]
fn a_list_has_an_end() {
    let house = house();
    let evening = Evening::full(&house, 1);
    evening.join("ana@example.org", 1).ok(201);
    let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
         INSERT INTO waiting (id, event, account, email, places, joined, proven)
         SELECT randomblob(16), event, randomblob(16), 'p' || i, 1, joined, 1 FROM waiting, n";
    evening.venue.tenant().write(By::House, |tx| tx.run(many, [])).unwrap();
    assert!(said(evening.join("bo@example.org", 1), "non_field_errors").contains("complète"));
}

#[test]
fn addresses_that_nobody_has_proven_fill_half_a_list_at_the_most_and_stand_behind_the_others() {
    let house = house();
    let evening = Evening::full(&house, 2);
    evening.join("typed@example.org", 1).ok(201);
    let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 499)
         INSERT INTO waiting (id, event, account, email, places, joined)
         SELECT randomblob(16), event, randomblob(16), 'p' || i, 1, joined FROM waiting, n";
    evening.venue.tenant().write(By::House, |tx| tx.run(many, [])).unwrap();
    assert!(said(evening.join("bo@example.org", 1), "non_field_errors").contains("Confirmez"));
    let asked =
        "SELECT count(*) FROM outbox WHERE kind = 'confirm_email' AND recipient = 'bo@example.org'";
    let count = |sql: &str| -> i64 {
        evening.venue.tenant().read(|tx| tx.one(sql, [], |row| row.get(0))).unwrap()
    };
    assert_eq!(count(asked), 1);
    let ana = evening.venue.bearing(&house.token(&house.user("ana@example.org"), 0));
    let body = json!({ "email": "ana@example.org", "places": 1 });
    let joined = ana.post(&format!("{}waiting/", evening.path()), &body).ok(201);
    assert_eq!(joined["position"], 1);
    evening.refund(0);
    evening.care();
    let offered =
        "SELECT count(*) FROM waiting WHERE state = 'offered' AND email = 'ana@example.org'";
    assert_eq!(count(offered), 1);
    // Who has waited for a day without proving anything makes room.
    let kept = "DROP TRIGGER waiting_keep";
    evening.venue.tenant().write(By::House, |tx| tx.run(kept, [])).unwrap();
    let day = "UPDATE waiting SET joined = joined - 86400000000 WHERE email LIKE 'p%'";
    evening.venue.tenant().write(By::House, |tx| tx.run(day, [])).unwrap();
    evening.join("bo@example.org", 1).ok(201);
    assert_eq!(count("SELECT count(*) FROM waiting WHERE state = 'waiting'"), 2);
}

#[test]
fn an_offer_is_taken_by_its_link_or_a_log_in_and_not_by_who_types_the_address() {
    let house = house();
    let evening = Evening::full(&house, 2);
    let ana = house.user("ana@example.org");
    evening.join("ana@example.org", 1).ok(201);
    evening.join("bo@example.org", 1).ok(201);
    (0..2).for_each(|n| evening.refund(n));
    evening.care();
    assert_eq!(evening.states(), ["offered", "offered"]);
    evening.book("ana@example.org", 1).is(400);
    let page = evening.page(1);
    let code = page.trim_start_matches("/waiting/");
    assert!(evening.venue.anyone().get(&page).is(200).text().contains(code));
    for wrong in [code, "x/y", "x", &format!("{code}x")] {
        evening.take_with("ana@example.org", 1, wrong).is(400);
    }
    // Typed where a seat is free, it leaves the offer as it is.
    evening.gauge(3).is(201);
    evening.book("ana@example.org", 1).ok(201);
    assert_eq!(evening.states(), ["offered", "offered"]);
    evening.take_with("bo@example.org", 1, code).ok(201);
    let customers = [json!({ "first_name": "Ana", "last_name": "Payet" })];
    let body = json!({
        "email": "ana@example.org", "event": evening.event, "options": [],
        "prices": [{ "uuid": evening.price, "qty": 1, "customers": customers }],
    });
    let caller = evening.venue.bearing(&house.token(&ana, 0));
    caller.post("/api/reservations/", &body).ok(201);
    assert_eq!(evening.states(), ["booked", "booked"]);
    adds_up(&evening.venue);
}

#[test]
fn a_freed_seat_is_kept_for_who_waits_longest_and_sold_to_nobody_else() {
    let house = house();
    let evening = Evening::full(&house, 2);
    evening.join("ana@example.org", 1).ok(201);
    evening.join("bo@example.org", 1).ok(201);
    evening.refund(0);
    assert!(evening.is_due());
    evening.care();
    assert!(!evening.is_due());
    assert_eq!(evening.states(), ["offered", "waiting"]);
    assert_eq!(evening.shown()["complet"], true);
    for email in ["bo@example.org", "passant@example.org"] {
        evening.book(email, 1).is(400);
    }
    evening.take("ana@example.org", 2).is(400);
    evening.take("ana@example.org", 1).ok(201);
    assert_eq!(evening.states(), ["booked", "waiting"]);
    adds_up(&evening.venue);
}

#[test]
fn a_seat_goes_to_the_first_whose_wish_fits() {
    let house = house();
    let evening = Evening::full(&house, 3);
    for (email, places) in [("trois", 3), ("deux", 2), ("un", 1)] {
        evening.join(&format!("{email}@example.org"), places).ok(201);
    }
    evening.refund(0);
    evening.care();
    assert_eq!(evening.states(), ["waiting", "waiting", "offered"]);
    evening.refund(1);
    evening.care();
    assert_eq!(evening.states(), ["waiting", "waiting", "offered"]);
    evening.refund(2);
    evening.care();
    assert_eq!(evening.states(), ["waiting", "offered", "offered"]);
    adds_up(&evening.venue);
}

#[test]
fn an_offer_that_runs_out_keeps_nothing_and_the_next_is_asked() {
    let house = house();
    let evening = Evening::full(&house, 1);
    let ana = house.user("ana@example.org");
    let ana = evening.venue.bearing(&house.token(&ana, 0));
    let body = json!({ "email": "ana@example.org", "places": 1 });
    ana.post(&format!("{}waiting/", evening.path()), &body).ok(201);
    evening.join("bo@example.org", 1).ok(201);
    evening.refund(0);
    evening.care();
    let until = evening.next().unwrap();
    assert!((until.0 - Time::now().0 - 24 * 3_600_000_000).abs() < 60_000_000);
    evening.offers_run_out();
    assert_eq!(evening.states(), ["expired", "waiting"]);
    assert_eq!(evening.shown()["complet"], false, "judged by time, whoever has looked");
    assert!(evening.is_due());
    evening.care();
    assert_eq!(evening.states(), ["expired", "offered"]);
    evening.take("ana@example.org", 1).is(400);
    evening.take("bo@example.org", 1).ok(201);
    adds_up(&evening.venue);
}

#[test]
fn an_offer_that_ran_out_is_open_to_all_when_nobody_else_waits() {
    let house = house();
    let evening = Evening::full(&house, 1);
    evening.join("ana@example.org", 1).ok(201);
    evening.refund(0);
    evening.care();
    evening.offers_run_out();
    evening.book("passant@example.org", 1).ok(201);
    evening.join("ana@example.org", 1).ok(201);
    assert_eq!(evening.states(), ["waiting"]);
    adds_up(&evening.venue);
}

#[test]
fn the_venue_says_how_long_an_offer_lasts_and_the_event_ends_it() {
    let house = house();
    let evening = Evening::full(&house, 1);
    evening.venue.admin().patch("/api/settings/", &json!({ "offer_hours": 2 })).ok(200);
    let soon = Time::now().plus(std::time::Duration::from_secs(600));
    evening.join("ana@example.org", 1).ok(201);
    evening.refund(0);
    evening.care();
    let until = evening.next().unwrap();
    assert!((until.0 - Time::now().0 - 2 * 3_600_000_000).abs() < 60_000_000);
    evening.offers_run_out();
    evening.care();
    let ends = "UPDATE event SET starts = 5, ends = ?1";
    evening.venue.tenant().write(By::House, |tx| tx.run(ends, [soon])).unwrap();
    evening.book("passant@example.org", 1).ok(201);
    evening.join("bo@example.org", 1).ok(201);
    run_out(&evening.venue);
    evening.care();
    assert_eq!(evening.next(), Some(soon));
}

#[test]
fn holds_that_run_out_and_gauges_that_are_raised_free_seats_too() {
    let house = house();
    let evening = Evening::full(&house, 1);
    evening.gauge(2).is(201);
    evening.book("bo@example.org", 1).ok(201);
    for email in ["ana@example.org", "cy@example.org", "di@example.org"] {
        evening.join(email, 1).ok(201);
    }
    assert!(evening.next().unwrap() > Time::now(), "when the hold ends");
    run_out(&evening.venue);
    assert!(evening.is_due());
    evening.care();
    assert_eq!(evening.states(), ["offered", "waiting", "waiting"]);
    evening.gauge(3).is(201);
    evening.care();
    assert_eq!(evening.states(), ["offered", "offered", "waiting"]);
    evening.gauge(2).is(400);
    adds_up(&evening.venue);
}

#[test]
fn who_takes_fewer_than_offered_leaves_the_rest_to_the_next() {
    let house = house();
    let evening = Evening::full(&house, 3);
    evening.join("ana@example.org", 3).ok(201);
    evening.join("bo@example.org", 2).ok(201);
    (0..3).for_each(|n| evening.refund(n));
    evening.care();
    assert_eq!(evening.states(), ["offered", "waiting"]);
    evening.take("ana@example.org", 1).ok(201);
    evening.care();
    assert_eq!(evening.states(), ["booked", "offered"]);
    adds_up(&evening.venue);
}

#[test]
fn the_page_shows_the_offer_and_only_its_button_declines_it() {
    let house = house();
    let evening = Evening::full(&house, 1);
    evening.join("ana@example.org", 1).ok(201);
    evening.join("bo@example.org", 1).ok(201);
    evening.refund(0);
    evening.care();
    let (anyone, page) = (evening.venue.anyone(), evening.page(0));
    let shown = anyone.get(&page).is(200).text();
    assert!(
        shown.contains("ana@example.org") && shown.contains("<form method=\"post\""),
        "{shown}"
    );
    assert_eq!(evening.states(), ["offered", "waiting"]);
    let forged = page.replace(text(&evening.list()[0], "uuid"), text(&evening.list()[1], "uuid"));
    anyone.get(&forged).is(404);
    anyone.post(&forged, &json!({})).is(404);
    house.venue("Ancre").anyone().get(&page).is(404);
    assert!(anyone.post(&page, &json!({})).is(200).text().contains("noté"));
    assert!(anyone.post(&page, &json!({})).is(200).text().contains("noté"));
    assert_eq!(evening.states(), ["declined", "waiting"]);
    evening.care();
    assert_eq!(evening.states(), ["declined", "offered"]);
    assert!(
        evening.venue.anyone().post(&evening.page(1), &json!({})).is(200).text().contains("noté")
    );
    evening.join("ana@example.org", 1).is(400);
    adds_up(&evening.venue);
}

#[test]
fn who_still_waits_may_leave_by_the_page_and_come_again_at_the_end() {
    let house = house();
    let evening = Evening::full(&house, 1);
    evening.venue.admin().patch("/api/settings/", &json!({ "language": "en" })).ok(200);
    evening.join("ana@example.org", 1).ok(201);
    evening.join("bo@example.org", 1).ok(201);
    let (anyone, page) = (evening.venue.anyone(), evening.page(0));
    assert!(anyone.get(&page).is(200).text().contains("position 1"));
    assert!(anyone.post(&page, &json!({})).is(200).text().contains("no longer"));
    assert_eq!(evening.join("ana@example.org", 1).ok(201)["position"], 2);
    anyone.get(&page).is(404);
}

#[test]
fn the_file_itself_keeps_offers_within_the_gauge() {
    let house = house();
    let evening = Evening::full(&house, 1);
    evening.join("ana@example.org", 1).ok(201);
    for sql in [
        "UPDATE event SET offered = 1",
        "UPDATE event SET offered = -1",
        "UPDATE waiting SET state = 'offered'",
        "UPDATE waiting SET places = 2",
        "INSERT INTO waiting SELECT randomblob(16), event, account, email, places, state, expires, joined FROM waiting",
    ] {
        assert!(evening.venue.tenant().write(By::House, |tx| tx.run(sql, [])).is_err(), "{sql}");
    }
}

#[test]
fn of_64_buyers_none_gets_a_seat_that_is_offered_to_another() {
    let house = house();
    let evening = Evening::full(&house, 6);
    evening.join("ana@example.org", 2).ok(201);
    evening.refund(0);
    evening.refund(1);
    evening.care();
    evening.gauge(9).is(201);
    let replies = at_once(64, |n| match n {
        0 => evening.take("ana@example.org", 2),
        _ => evening.book(&format!("p{n}@example.org"), 1),
    });
    assert_eq!(replies[0].status, 201);
    assert_eq!(replies[1..].iter().filter(|reply| reply.status == 201).count(), 3);
    assert!(replies.iter().all(|reply| [201, 400].contains(&reply.status)));
    adds_up(&evening.venue);
}

#[test]
fn of_64_who_cancel_every_seat_reaches_the_list_and_none_twice() {
    let house = house();
    let evening = Evening::full(&house, 64);
    for n in 0..30 {
        evening.join(&format!("attend{n}@example.org"), 1 + n % 3).ok(201);
    }
    at_once(64, |n| {
        evening.refund(n);
        evening.care();
        evening.book(&format!("passant{n}@example.org"), 1).status
    });
    adds_up(&evening.venue);
    run_out(&evening.venue);
    while evening.is_due() {
        evening.care();
    }
    assert!(evening.states().iter().all(|state| state == "offered"), "{:?}", evening.states());
    let booked = at_once(30, |n| evening.take(&format!("attend{n}@example.org"), 1 + n % 3).status);
    assert_eq!(booked, [201; 30]);
    adds_up(&evening.venue);
}

#[test]
fn a_venue_without_anybody_waiting_has_nothing_to_do() {
    let house = house();
    let evening = Evening::full(&house, 2);
    evening.refund(0);
    assert_eq!(evening.next(), None);
    evening.join("ana@example.org", 2).ok(201);
    assert_eq!(evening.next(), None);
}

#[test]
fn an_address_that_nobody_has_proven_keeps_an_offer_for_two_hours_until_its_link_proves_it() {
    let house = house();
    let evening = Evening::full(&house, 2);
    for email in ["ana@example.org", "bo@example.org"] {
        evening.join(email, 1).ok(201);
    }
    (0..2).for_each(|n| evening.refund(n));
    evening.care();
    let left = |n: usize| {
        let sql = format!("SELECT expires FROM waiting ORDER BY id LIMIT 1 OFFSET {n}");
        let at: i64 = evening.venue.tenant().read(|tx| tx.one(&sql, [], |row| row.get(0))).unwrap();
        (at - Time::now().0 + 60_000_000) / 3_600_000_000
    };
    assert_eq!((left(0), left(1)), (2, 2));
    let (anyone, page) = (evening.venue.anyone(), evening.page(0));
    assert!(anyone.get(&page).is(200).text().contains("Confirmer mon adresse"));
    assert_eq!(left(0), 2, "looking proves nothing");
    anyone.post(&format!("{page}x/confirm"), &json!({})).is(404);
    let shown = anyone.post(&format!("{page}/confirm"), &json!({})).is(200).text();
    assert!(!shown.contains("Confirmer mon adresse"), "{shown}");
    assert_eq!((left(0), left(1)), (24, 2));
    let proof = house.proof("bo@example.org");
    let path = format!("/api/user/activate/{}/{}", proof.uid, proof.token);
    evening.venue.anyone().get(&path).ok(200);
    assert_eq!(left(1), 24);
    anyone.post(&format!("{}/confirm", evening.page(1)), &json!({})).is(200);
    adds_up(&evening.venue);
}

/// An evening with seats left, whose only price is sold out.
fn without_pieces(house: &House) -> Evening<'_> {
    let evening = Evening::full(house, 2);
    evening.gauge(5).is(201);
    evening.stock(&json!(2));
    evening
}

#[test]
fn who_finds_seats_but_no_ticket_left_may_wait_and_is_offered_none_before_there_is_one() {
    let house = house();
    let evening = without_pieces(&house);
    evening.book("ana@example.org", 1).is(400);
    evening.join("ana@example.org", 1).ok(201);
    evening.join("bo@example.org", 2).ok(201);
    evening.care();
    assert_eq!(evening.states(), ["waiting", "waiting"]);
    assert!(!evening.is_due());
    evening.stock(&json!(3));
    assert!(evening.is_due());
    evening.care();
    assert_eq!(evening.states(), ["offered", "waiting"]);
    assert!(!evening.is_due(), "the one ticket is offered");
    evening.take("ana@example.org", 1).ok(201);
    evening.stock(&json!(null));
    evening.care();
    assert_eq!(evening.states(), ["booked", "offered"]);
    adds_up(&evening.venue);
}

#[test]
fn a_ticket_that_somebody_holds_for_another_evening_is_waited_for() {
    let house = house();
    let evening = without_pieces(&house);
    evening.stock(&json!(3));
    let product = evening.shown()["products"][0]["uuid"].clone();
    let other = evening.venue.event("Slam", &[product.as_str().unwrap()], 5);
    evening.venue.book("di@example.org", &other, &evening.price, 1).ok(201);
    evening.join("ana@example.org", 1).ok(201);
    assert!(evening.next().unwrap() > Time::now(), "when the hold ends");
    run_out(&evening.venue);
    assert!(evening.is_due());
    evening.care();
    assert_eq!(evening.states(), ["offered"]);
    adds_up(&evening.venue);
}

#[test]
fn a_price_without_stock_serves_whom_the_other_cannot() {
    let house = house();
    let evening = without_pieces(&house);
    let shown = evening.shown();
    let product = text(&shown["products"][0], "uuid");
    evening.venue.price(product, "Soutien", 2_000);
    assert!(said(evening.join("ana@example.org", 1), "non_field_errors").contains("(3)"));
}

#[test]
fn who_joins_is_written_to_with_the_link_to_leave() {
    let house = house();
    let jobs = postman(&house);
    let evening = Evening::full(&house, 1);
    evening.join("inscrit@example.org", 1).ok(201);
    let joined = letter("inscrit@example.org", "liste d’attente pour Jam");
    let page = link(&joined);
    assert!(evening.venue.anyone().get(&page).is(200).text().contains("position 1"));
    assert!(evening.venue.anyone().post(&page, &json!({})).is(200).text().contains("noté"));
    assert_eq!(evening.states(), ["left"]);
    jobs.stop();
}

/// The path of the link in a letter.
fn link(letter: &Value) -> String {
    let plain = letter["parts"][0]["content"].as_str().unwrap();
    plain.lines().find_map(|line| line.trim().split_once(":8000")).unwrap().1.to_owned()
}

fn postman(house: &House) -> Jobs {
    let flags = HashMap::from([
        ("smtp_url", format!("smtp://127.0.0.1:{}", server().ports["plain"])),
        ("smtp_from", "box@example.org".to_owned()),
        ("pages", "http://{host}:8000".to_owned()),
    ]);
    Jobs::start(house.app.root(), &Config::load(&flags, None).unwrap()).unwrap()
}

fn letter(to: &str, subject: &str) -> Value {
    wait_for(&format!("{subject} to {to}"), |letter| {
        letter["to"] == json!([to]) && header(letter, "Subject").contains(subject)
    })
}

#[test]
fn the_offer_goes_out_by_itself_and_so_does_the_next() {
    let house = house();
    let jobs = postman(&house);
    let evening = Evening::full(&house, 2);
    evening.join("attente-a@example.org", 2).ok(201);
    evening.join("attente-b@example.org", 1).ok(201);
    evening.gauge(4).is(201);
    let offer = letter("attente-a@example.org", "2 places pour Jam");
    evening.venue.anyone().post(&link(&offer), &json!({})).is(200);
    letter("attente-b@example.org", "une place pour Jam");
    assert_eq!(evening.states(), ["declined", "offered"]);
    jobs.stop();
}
