//! At a door without network: what a device takes along, what it brings back, and what becomes of it.

use crate::support::{House, Venue, at_once, column, house, text};
use base64::Engine as _;
use guichet::paper::code::{Signer, read};
use guichet::root::By;
use guichet::values::Time;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use std::time::Duration;

struct Door<'h> {
    venue: Venue<'h>,
    event: String,
    price: String,
    order: String,
    tickets: Vec<String>,
    begun: Time,
}

impl<'h> Door<'h> {
    /// A venue whose event has so many tickets, at most ten, that are paid.
    fn new(house: &'h House, tickets: usize) -> Self {
        let venue = house.venue("Bisik");
        let product = venue.ticket("Concert");
        let price = venue.price(&product, "Plein", 1_000);
        let event = venue.event("Jam", &[&product], 50);
        let booked = venue.book("ana@example.org", &event, &price, tickets).ok(201);
        let order = text(&booked["order"], "uuid").to_owned();
        venue
            .staff()
            .post(&format!("/api/orders/{order}/payments/"), &json!({ "means": "cash" }))
            .ok(201);
        let tickets = booked["reservation"]["tickets"].as_array().unwrap();
        let tickets = tickets.iter().map(|id| id.as_str().unwrap().to_owned()).collect();
        Self { venue, event, price, order, tickets, begun: Time::now() }
    }

    fn path(&self) -> String {
        format!("/api/events/{}/door/", self.event)
    }

    /// So many seconds before this test began, as a device writes it.
    fn ago(&self, seconds: u64) -> String {
        self.begun.minus(Duration::from_secs(seconds)).to_string()
    }

    /// The pass number `n` of all devices.
    fn pass(&self, n: usize, ticket: usize, seconds_ago: u64, way: &str, gate: &str) -> Value {
        json!({
            "id": name(n), "ticket": self.tickets[ticket], "at": self.ago(seconds_ago), "way": way, "gate": gate,
        })
    }

    fn sync(&self, scans: &[Value]) -> Value {
        self.venue.key("ticket").post(&self.path(), &json!({ "scans": scans })).ok(200)
    }

    fn outcomes(&self, scans: &[Value]) -> Vec<String> {
        let answer = self.sync(scans);
        column(&answer["scans"], "outcome").into_iter().map(str::to_owned).collect()
    }

    fn count(&self, sql: &str) -> i64 {
        self.venue.tenant().read(|tx| tx.one(sql, [], |row| row.get(0))).unwrap()
    }

    fn is_inside(&self, ticket: usize) -> bool {
        let list = self.venue.staff().get(&self.path()).ok(200);
        let all = list["tickets"].as_array().unwrap();
        let one = all.iter().find(|one| one["uuid"] == self.tickets[ticket].as_str()).unwrap();
        !one["inside"].is_null()
    }
}

fn name(n: usize) -> String {
    format!("00000000-0000-4000-8000-{n:012}")
}

#[test]
fn a_device_takes_along_all_that_it_needs() {
    let house = house();
    let door = Door::new(&house, 2);
    let held = door.venue.book("bo@example.org", &door.event, &door.price, 1).ok(201);
    let unpaid = held["reservation"]["tickets"][0].clone();
    door.venue
        .staff()
        .post("/api/scan/", &json!({ "qr": door.tickets[0], "gate": "Nord" }))
        .ok(200);
    let list = door.venue.key("ticket").get(&door.path()).ok(200);
    assert_eq!((text(&list, "event"), text(&list, "name")), (door.event.as_str(), "Jam"));
    let tickets = list["tickets"].as_array().unwrap();
    let of = |id: &str| tickets.iter().find(|one| one["uuid"] == id).unwrap();
    let inside = of(&door.tickets[0]);
    assert_eq!((text(inside, "status"), text(&inside["inside"], "gate")), ("S", "Nord"));
    assert_eq!(text(inside, "number"), door.tickets[0][..8].to_uppercase());
    assert_eq!((text(inside, "price"), text(inside, "last_name")), ("Plein", "Payet"));
    assert_eq!(of(&door.tickets[1])["inside"], Value::Null);
    assert_eq!(text(of(unpaid.as_str().unwrap()), "status"), "N");
    let seed = door.venue.tenant().read(guichet::trade::ticket::key_seed).unwrap();
    let printed = Signer::from_seed(&seed)
        .sign(door.tickets[0].parse().unwrap(), door.event.parse().unwrap());
    let key = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text(&list, "key")).unwrap();
    assert!(read(&printed).unwrap().is_signed_by(&key.try_into().unwrap()));
    door.venue.staff().get(&format!("/api/events/{}/door/", name(0))).is(404);
}

#[test]
fn the_key_that_a_device_takes_along_signs_the_tickets_that_are_sold_later() {
    let house = house();
    let venue = house.venue("Bisik");
    let product = venue.ticket("Concert");
    let price = venue.price(&product, "Plein", 1_000);
    let event = venue.event("Jam", &[&product], 50);
    let path = format!("/api/events/{event}/door/");
    let before = venue.staff().get(&path).ok(200);
    venue.book("ana@example.org", &event, &price, 1).ok(201);
    let after = venue.staff().get(&path).ok(200);
    assert_eq!(before["key"], after["key"]);
    assert_eq!(
        (before["tickets"].as_array().unwrap().len(), after["tickets"].as_array().unwrap().len()),
        (0, 1)
    );
}

#[test]
fn ten_thousand_tickets_are_taken_along_at_once() {
    let house = house();
    let door = Door::new(&house, 1);
    let more = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
         INSERT INTO ticket (id, line, booking, event, state, first_name, last_name)
         SELECT randomblob(16), line, booking, event, 'K', 'Ana', 'Payet' FROM ticket, n";
    let passes = "INSERT INTO scan (ticket, shown, at, gate, way, actor, noted)
         SELECT id, id, 1, 'Nord', 'in', 'house', 1 FROM ticket";
    for sql in [more, passes] {
        door.venue.tenant().write(By::House, |tx| tx.run(sql, [])).unwrap();
    }
    let list = door.venue.staff().get(&door.path()).ok(200);
    let tickets = list["tickets"].as_array().unwrap();
    assert_eq!(tickets.len(), 10_000);
    assert!(tickets.iter().all(|one| text(&one["inside"], "gate") == "Nord"));
}

#[test]
fn of_two_devices_that_let_the_same_ticket_in_the_earlier_wins_whoever_comes_back_first() {
    for later_first in [false, true] {
        let house = house();
        let door = Door::new(&house, 1);
        let earlier = door.pass(1, 0, 120, "in", "Nord");
        let later = door.pass(2, 0, 60, "in", "Sud");
        let conflict = if later_first {
            assert_eq!(door.outcomes(std::slice::from_ref(&later)), ["in"]);
            let answer = door.sync(std::slice::from_ref(&earlier));
            assert_eq!(text(&answer["scans"][0], "outcome"), "in");
            answer["revised"][0].clone()
        } else {
            assert_eq!(door.outcomes(std::slice::from_ref(&earlier)), ["in"]);
            let answer = door.sync(std::slice::from_ref(&later));
            assert_eq!(answer["revised"], json!([]));
            answer["scans"][0].clone()
        };
        let told = |pass: &Value| {
            assert_eq!((text(pass, "id"), text(pass, "outcome")), (name(2).as_str(), "already_in"));
            assert_eq!(text(&pass["earlier"], "gate"), "Nord");
            assert_eq!(text(pass, "earlier_id"), name(1));
            assert!(text(pass, "message").ends_with("(Nord)."), "{pass}");
        };
        told(&conflict);
        // Who asks again hears what became of it.
        told(&door.sync(&[later])["scans"][0]);
        assert_eq!(door.count("SELECT count(*) FROM scan"), 2);
        assert!(door.is_inside(0));
    }
}

#[test]
fn a_pass_at_a_gate_with_network_is_overtaken_by_an_earlier_one_without() {
    let house = house();
    let door = Door::new(&house, 1);
    let scan = json!({ "qr": door.tickets[0], "gate": "Sud" });
    assert_eq!(text(&door.venue.staff().post("/api/scan/", &scan).ok(200), "outcome"), "in");
    let answer = door.sync(&[door.pass(1, 0, 60, "in", "Nord")]);
    assert_eq!(text(&answer["scans"][0], "outcome"), "in");
    let overtaken = &answer["revised"][0];
    assert_eq!((&overtaken["id"], text(overtaken, "gate")), (&Value::Null, "Sud"));
    assert_eq!(text(overtaken, "outcome"), "already_in");
    let again = door.venue.staff().post("/api/scan/", &scan).ok(409);
    assert_eq!(text(&again["earlier"], "gate"), "Nord");
}

#[test]
fn who_was_turned_away_at_a_gate_with_network_did_not_pass() {
    let house = house();
    let door = Door::new(&house, 1);
    let out = json!({ "qr": door.tickets[0], "way": "out" });
    door.venue.staff().post("/api/scan/", &out).ok(409);
    assert_eq!(door.outcomes(&[door.pass(1, 0, 60, "in", "Nord")]), ["in"]);
    assert!(door.is_inside(0));
}

#[test]
fn each_conflict_is_told_and_written_down() {
    let house = house();
    let door = Door::new(&house, 4);
    let other = door.venue.event("Slam", &[], 50);
    let unpaid = door.venue.book("bo@example.org", &door.event, &door.price, 1).ok(201);
    let given_back = json!({ "tickets": [door.tickets[3]] });
    door.venue.staff().post(&format!("/api/orders/{}/refund/", door.order), &given_back).ok(200);
    let with = |n: usize, member: &str, value: Value| {
        let mut pass = door.pass(n, 0, 60, "in", "Nord");
        pass[member] = value;
        pass
    };
    let future = Time::now().plus(Duration::from_secs(3_600)).to_string();
    let scans = [
        door.pass(1, 0, 30, "out", "Nord"),
        with(2, "ticket", unpaid["reservation"]["tickets"][0].clone()),
        with(3, "ticket", json!(name(99))),
        with(4, "at", json!(future)),
        door.pass(5, 0, 3_600, "in", "Nord"),
        door.pass(6, 3, 60, "in", "Nord"),
        door.pass(7, 1, 60, "in", "Nord"),
        door.pass(8, 1, 50, "in", "Sud"),
    ];
    let outcomes =
        ["not_in", "inactive", "unknown", "in_future", "before_sale", "void", "in", "already_in"];
    assert_eq!(door.outcomes(&scans), outcomes);
    let elsewhere = json!({ "scans": [door.pass(9, 2, 60, "in", "Nord")] });
    let elsewhere =
        door.venue.staff().post(&format!("/api/events/{other}/door/"), &elsewhere).ok(200);
    assert_eq!(column(&elsewhere["scans"], "outcome"), ["other_event"]);
    assert_eq!(door.count("SELECT count(*) FROM scan"), 9);
    assert_eq!(door.count("SELECT count(*) FROM scan WHERE reason IS NOT NULL"), 8);
    assert!(!door.is_inside(0) && door.is_inside(1));
}

#[test]
fn sixty_four_devices_that_bring_back_the_same_passes_bring_each_once() {
    let house = house();
    let door = Door::new(&house, 10);
    let scans: Vec<Value> = (0..10)
        .flat_map(|n| [door.pass(n, n, 90, "in", "Nord"), door.pass(n + 10, n, 60, "in", "Sud")])
        .collect();
    let answers = at_once(64, |_| door.sync(&scans));
    for answer in &answers {
        assert_eq!(answer["scans"], answers[0]["scans"]);
    }
    let through = answers[0]["scans"].as_array().unwrap().iter();
    assert_eq!(through.filter(|pass| pass["valid"] == true).count(), 10);
    assert_eq!(door.count("SELECT count(*) FROM scan"), 20);
    assert_eq!(door.count("SELECT count(*) FROM scan_revision"), 0);
}

#[test]
fn more_passes_than_one_write_takes_are_all_taken() {
    let house = house();
    let door = Door::new(&house, 2);
    let way = |n: usize| if n.is_multiple_of(2) { "in" } else { "out" };
    // From the last to the first: the order of their time counts, not the order in which they are sent.
    let scans: Vec<Value> =
        (0..1_100).rev().map(|n| door.pass(n, 0, 280 - n as u64 / 4, way(n), "Nord")).collect();
    let answer = door.sync(&scans);
    assert!(
        answer["scans"].as_array().unwrap().iter().all(|pass| pass["valid"] == true),
        "{answer}"
    );
    assert_eq!(text(&answer["scans"][0], "id"), name(1_099));
    assert_eq!(door.count("SELECT count(*) FROM audit WHERE action = 'door.sync'"), 3);
    assert!(!door.is_inside(0));
}

#[test]
fn an_id_that_another_pass_has_is_told_as_not_recorded() {
    let house = house();
    let door = Door::new(&house, 2);
    let twice = [door.pass(1, 0, 60, "in", "Nord"), door.pass(1, 0, 60, "in", "Nord")];
    assert_eq!(door.outcomes(&twice), ["in", "in"]);
    assert_eq!(door.count("SELECT count(*) FROM scan"), 1);
    assert_eq!(door.outcomes(&[door.pass(1, 1, 60, "in", "Nord")]), ["unrecorded"]);
    assert!(!door.is_inside(1));
}

#[test]
fn what_is_wrong_with_what_a_device_brings_is_named_with_its_place_and_nothing_is_stored() {
    let house = house();
    let door = Door::new(&house, 1);
    let staff = door.venue.staff();
    for (member, value) in [
        ("id", json!("x")),
        ("id", json!(null)),
        ("ticket", json!(7)),
        ("at", json!("hier")),
        ("at", json!("2999-01-01T00:00:00Z")),
        ("way", json!("up")),
        ("gate", json!("x".repeat(51))),
        ("gate", json!(["Nord"])),
    ] {
        let mut wrong = door.pass(2, 0, 60, "in", "Nord");
        wrong[member] = value;
        let body = json!({ "scans": [door.pass(1, 0, 60, "in", "Nord"), wrong] });
        let told = staff.post(&door.path(), &body).ok(400);
        let told = told["scans"][0].as_str().unwrap();
        assert!(told.starts_with(&format!("[1].{member} : ")), "{told}");
    }
    for scans in [json!(null), json!("x"), json!({}), json!([1]), json!(vec![json!({}); 5_001])] {
        staff.post(&door.path(), &json!({ "scans": scans })).faults(&["scans"]);
    }
    staff.post(&door.path(), &json!({})).faults(&["scans"]);
    staff.post(&door.path(), &json!({ "scans": [] })).is(200);
    staff.post(&format!("/api/events/{}/door/", name(0)), &json!({ "scans": [] })).is(404);
    assert_eq!(door.count("SELECT count(*) FROM scan"), 0);
}

#[test]
fn a_key_of_the_door_scans_lists_and_brings_back_and_nothing_else() {
    let house = house();
    let door = Door::new(&house, 1);
    let key = door.venue.key("ticket");
    key.get(&door.path()).is(200);
    key.get("/api/ticket/").is(200);
    key.get("/api/gauge/").is(200);
    key.get(&format!("/api/ticket/{}/", door.tickets[0])).is(200);
    key.post(&door.path(), &json!({ "scans": [door.pass(1, 0, 60, "in", "Nord")] })).is(200);
    key.post("/api/scan/", &json!({ "qr": door.tickets[0], "way": "out" })).is(200);
    let before = house.ledger();
    for path in ["/api/reservations/", "/api/settings/"] {
        key.get(path).is(401);
    }
    // What anybody sees who knows the order's id.
    let order = key.get(&format!("/api/orders/{}/", door.order)).ok(200);
    assert!(order["email"].is_null() && order["reservations"] == json!([]), "{order}");
    key.post(&format!("/api/orders/{}/refund/", door.order), &json!({})).is(401);
    key.post("/api/events/", &json!({ "name": "x", "datetime": "2099-01-01T20:00" })).is(401);
    key.post("/api/prices/", &json!({})).is(401);
    key.patch("/api/settings/", &json!({ "reentry": false })).is(401);
    assert_eq!(house.ledger(), before);
    let others = door.venue.key("event,product,place,artist,reservation");
    others.get(&door.path()).is(401);
    others.post(&door.path(), &json!({ "scans": [] })).is(401);
}

/// Lets somebody through at a gate with network, at a moment that is over.
fn let_through_online(door: &Door<'_>, ticket: &str, seconds_ago: u64, way: &str, gate: &str) {
    let sql = "INSERT INTO scan (ticket, shown, at, gate, way, reentry, actor, noted)
         SELECT ?1, ?1, ?2, ?3, ?4, reentry, 'house', ?2 FROM setting";
    let id: uuid::Uuid = ticket.parse().unwrap();
    let at = door.begun.minus(Duration::from_secs(seconds_ago));
    door.venue.tenant().write(By::House, |tx| tx.run(sql, (id, at, gate, way))).unwrap();
}

/// What each pass of a ticket counts as, by the names of the gates: why it is refused, and for which.
fn counts(door: &Door<'_>, ticket: &str) -> Vec<(String, Option<String>, Option<String>)> {
    let sql = "SELECT pass.gate, pass.reason, other.gate FROM pass LEFT JOIN scan AS other ON other.id = pass.earlier
         WHERE pass.ticket = ?1 ORDER BY pass.gate";
    let id: uuid::Uuid = ticket.parse().unwrap();
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    door.venue.tenant().read(|tx| tx.all(sql, [id], row)).unwrap()
}

#[test]
fn a_pass_at_a_gate_with_network_that_was_overtaken_counts_again_when_it_was_right() {
    for sent_together in [false, true] {
        let house = house();
        let door = Door::new(&house, 1);
        let_through_online(&door, &door.tickets[0], 30, "in", "Sud");
        let (entry, exit) = (door.pass(1, 0, 60, "in", "Nord"), door.pass(2, 0, 45, "out", "Est"));
        if !sent_together {
            assert_eq!(
                column(&door.sync(std::slice::from_ref(&entry))["revised"], "gate"),
                ["Sud"]
            );
        }
        assert_eq!(door.outcomes(&[entry, exit]), ["in", "out"]);
        assert!(counts(&door, &door.tickets[0]).iter().all(|(_, reason, _)| reason.is_none()));
        let again = json!({ "qr": door.tickets[0], "gate": "Nord" });
        let again = door.venue.staff().post("/api/scan/", &again).ok(409);
        assert_eq!(text(&again["earlier"], "gate"), "Sud");
    }
}

#[test]
fn whether_people_come_back_may_change_in_the_evening_and_what_was_right_stays_right() {
    for reentry in [true, false] {
        let house = house();
        let door = Door::new(&house, 1);
        let set = |reentry: bool| {
            door.venue.admin().patch("/api/settings/", &json!({ "reentry": reentry })).ok(200);
        };
        set(reentry);
        let back_in = if reentry { "in" } else { "went_out" };
        let evening = [
            door.pass(1, 0, 60, "in", "Nord"),
            door.pass(2, 0, 50, "out", "Nord"),
            door.pass(3, 0, 40, "in", "Nord"),
        ];
        assert_eq!(door.outcomes(&evening), ["in", "out", back_in]);
        set(!reentry);
        let answer =
            door.sync(&[door.pass(4, 0, 30, "out", "Sud"), door.pass(5, 0, 20, "in", "Sud")]);
        assert_eq!(answer["revised"], json!([]));
        let later = if reentry { ["out", "went_out"] } else { ["not_in", "in"] };
        assert_eq!(column(&answer["scans"], "outcome"), later);
    }
}

#[test]
fn what_passes_count_as_does_not_depend_on_who_comes_back_first() {
    let house = house();
    let mut serial = 0;
    // When, which way, and whether at a gate with network.
    let passes = proptest::collection::vec((0_u64..6, any::<bool>(), any::<bool>()), 1..8);
    let cases = passes.prop_flat_map(|passes| {
        let order: Vec<usize> = (0..passes.len()).filter(|n| !passes[*n].2).collect();
        (Just(passes), Just(order).prop_shuffle(), any::<bool>())
    });
    let door = Door::new(&house, 10);
    let mut runner = TestRunner::new(Config { cases: 40, ..Config::default() });
    let run = std::cell::RefCell::new(&mut serial);
    let checked = runner.run(&cases, |(passes, order, reentry)| {
        let mut serial = run.borrow_mut();
        door.venue.admin().patch("/api/settings/", &json!({ "reentry": reentry })).ok(200);
        let mut results = vec![];
        for shuffled in [false, true] {
            // A ticket that nobody has passed with yet.
            let fresh = format!(
                "INSERT INTO ticket (id, line, booking, event, state, first_name, last_name)
                 SELECT unhex('{:032x}'), line, booking, event, 'K', 'A', 'B' FROM ticket LIMIT 1",
                **serial + 1
            );
            door.venue.tenant().write(By::House, |tx| tx.run(&fresh, [])).unwrap();
            let ticket = uuid::Uuid::from_u128(**serial as u128 + 1).to_string();
            let way = |n: usize| if passes[n].1 { "in" } else { "out" };
            let pass = |n: usize| {
                json!({
                    "id": name(**serial * 100 + n), "ticket": ticket, "at": door.ago(100 - passes[n].0),
                    "way": way(n), "gate": format!("{n}"),
                })
            };
            for n in (0..passes.len()).filter(|n| passes[*n].2) {
                let_through_online(&door, &ticket, 100 - passes[n].0, way(n), &format!("{n}"));
            }
            if shuffled {
                for n in &order {
                    door.sync(&[pass(*n)]);
                }
            }
            let mut all = order.clone();
            all.sort_unstable();
            door.sync(&all.into_iter().map(pass).collect::<Vec<_>>());
            results.push(counts(&door, &ticket));
            **serial += 1;
        }
        prop_assert_eq!(&results[0], &results[1]);
        Ok(())
    });
    checked.unwrap();
}
