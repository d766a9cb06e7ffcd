//! At the door: what a ticket's code opens, and how often.

use crate::support::{House, Venue, at_once, house, text};
use guichet::paper::code::{self, Code, Signer};
use guichet::root::By;
use guichet::trade::{setting, ticket};
use serde_json::{Value, json};

struct Door<'h> {
    venue: Venue<'h>,
    event: String,
    tickets: Vec<String>,
}

impl<'h> Door<'h> {
    /// A venue whose event has two tickets that are paid.
    fn new(house: &'h House) -> Self {
        let venue = house.venue("Bisik");
        let product = venue.ticket("Concert");
        let price = venue.price(&product, "Plein", 1_000);
        let event = venue.event("Jam", &[&product], 50);
        let booked = venue.book("ana@example.org", &event, &price, 2).ok(201);
        let path = format!("/api/orders/{}/payments/", text(&booked["order"], "uuid"));
        venue.staff().post(&path, &json!({ "means": "cash" })).ok(201);
        let tickets = booked["reservation"]["tickets"].as_array().unwrap();
        let tickets = tickets.iter().map(|id| id.as_str().unwrap().to_owned()).collect();
        Self { venue, event, tickets }
    }

    fn scan(&self, body: &Value) -> Value {
        self.venue.staff().post("/api/scan/", body).json()
    }

    fn outcome(&self, body: &Value) -> String {
        text(&self.scan(body), "outcome").to_owned()
    }

    /// Why each pass was refused, in the order in which they were written down.
    fn reasons(&self) -> Vec<Option<String>> {
        let sql = "SELECT reason FROM scan ORDER BY id";
        self.venue.tenant().read(|tx| tx.all(sql, [], |row| row.get(0))).unwrap()
    }

    /// The text of the ticket's QR, as it is printed.
    fn signed(&self) -> String {
        let seed = self.venue.tenant().read(ticket::key_seed).unwrap();
        Signer::from_seed(&seed).sign(self.tickets[0].parse().unwrap(), self.event.parse().unwrap())
    }
}

#[test]
fn a_ticket_opens_once_at_64_gates() {
    let house = house();
    let door = Door::new(&house);
    let outcomes =
        at_once(64, |n| door.outcome(&json!({ "qr": door.tickets[0], "gate": format!("{n}") })));
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "in").count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "already_in").count(), 63);
}

#[test]
fn who_went_out_may_come_back_and_who_is_in_may_not_come_in() {
    let house = house();
    let door = Door::new(&house);
    let qr = &door.tickets[0];
    for (way, outcome) in [
        ("out", "not_in"),
        ("in", "in"),
        ("in", "already_in"),
        ("out", "out"),
        ("out", "not_in"),
        ("in", "in"),
    ] {
        assert_eq!(door.outcome(&json!({ "qr": qr, "way": way })), outcome, "{way}");
    }
}

#[test]
fn where_nobody_comes_back_who_went_out_stays_out_and_hears_since_when() {
    let house = house();
    let door = Door::new(&house);
    let qr = &door.tickets[0];
    let tenant = door.venue.tenant();
    let settings = tenant.read(setting::get).unwrap();
    assert!(settings.reentry);
    let strict = setting::Settings { reentry: false, ..settings };
    tenant.write(By::House, |tx| setting::change(tx, &strict)).unwrap();
    assert_eq!(door.outcome(&json!({ "qr": qr })), "in");
    assert_eq!(door.outcome(&json!({ "qr": qr, "way": "out", "gate": "Sud" })), "out");
    let back = door.scan(&json!({ "qr": qr, "gate": "Nord" }));
    assert_eq!((text(&back, "outcome"), text(&back["earlier"], "gate")), ("went_out", "Sud"));
    assert!(text(&back, "message").starts_with("Sorti à "), "{back}");
    tenant.write(By::House, |tx| setting::change(tx, &settings)).unwrap();
    assert_eq!(door.outcome(&json!({ "qr": qr })), "in");
}

#[test]
fn every_pass_is_written_down_with_the_reason_of_its_refusal() {
    let house = house();
    let door = Door::new(&house);
    let other = door.venue.event("Slam", &[], 50);
    let (first, second) = (&door.tickets[0], &door.tickets[1]);
    let unknown = "00000000-0000-4000-8000-000000000000";
    let forged = Signer::from_seed(&[7; 32]);
    let forged = forged.sign(first.parse().unwrap(), door.event.parse().unwrap());
    door.scan(&json!({ "qr": first, "event": other }));
    door.scan(&json!({ "qr": first, "gate": "Nord" }));
    let again = door.scan(&json!({ "qr": first, "gate": "Sud" }));
    assert!(text(&again, "message").ends_with("(Nord)."), "{again}");
    door.scan(&json!({ "qr": second, "way": "out" }));
    door.scan(&json!({ "qr": forged }));
    door.scan(&json!({ "qr": unknown }));
    let reasons = door.reasons();
    let reasons: Vec<_> = reasons.iter().map(|reason| reason.as_deref().unwrap_or("")).collect();
    assert_eq!(reasons, ["other_event", "", "already_in", "not_in", "forged", "unknown"]);
    let gates = "SELECT group_concat(gate, ',') FROM scan";
    let gates: String = door.venue.tenant().read(|tx| tx.one(gates, [], |row| row.get(0))).unwrap();
    assert_eq!(gates, ",Nord,Sud,,,");
    for sql in ["UPDATE scan SET reason = NULL", "DELETE FROM scan"] {
        assert!(door.venue.tenant().write(By::House, |tx| tx.run(sql, [])).is_err(), "{sql}");
    }
}

#[test]
fn a_signed_code_opens_and_a_forged_one_does_not() {
    let house = house();
    let door = Door::new(&house);
    let code = door.signed();
    assert!(matches!(code::read(&code), Some(Code::Signed { .. })));
    let forger = Signer::from_seed(&[7; 32]);
    let forged = forger.sign(door.tickets[0].parse().unwrap(), door.event.parse().unwrap());
    assert_eq!(door.outcome(&json!({ "qr": forged })), "forged");
    assert_eq!(door.outcome(&json!({ "qr": code })), "in");
}

#[test]
fn a_ticket_of_another_evening_does_not_open_this_one() {
    let house = house();
    let door = Door::new(&house);
    let other = door.venue.event("Slam", &[], 50);
    assert_eq!(door.outcome(&json!({ "qr": door.tickets[0], "event": other })), "other_event");
    assert_eq!(door.outcome(&json!({ "qr": door.tickets[0], "event": door.event })), "in");
}

#[test]
fn a_ticket_is_found_by_the_number_that_is_printed_on_it() {
    let house = house();
    let door = Door::new(&house);
    let number = door.tickets[1][..8].to_uppercase();
    assert_eq!(door.outcome(&json!({ "number": number, "event": door.event })), "in");
    let staff = door.venue.staff();
    staff.post("/api/scan/", &json!({ "number": "00000000", "event": door.event })).is(404);
    staff.post("/api/scan/", &json!({ "number": number })).faults(&["qr"]);
}

#[test]
fn what_is_no_code_is_named_and_what_is_no_ticket_is_not_found() {
    let house = house();
    let door = Door::new(&house);
    let staff = door.venue.staff();
    staff.post("/api/scan/", &json!({ "qr": "bonjour" })).faults(&["qr"]);
    staff.post("/api/scan/", &json!({})).faults(&["qr"]);
    staff.post("/api/scan/", &json!({ "qr": "00000000-0000-4000-8000-000000000000" })).is(404);
}

#[test]
fn a_printed_ticket_is_a_pdf_for_whoever_knows_its_id_once_it_opens() {
    let house = house();
    let door = Door::new(&house);
    let shown = door.venue.anyone().get(&format!("/api/ticket/pdf/{}", door.tickets[0])).is(200);
    assert!(shown.body.starts_with(b"%PDF-"));
    assert!(
        shown.header("Content-Disposition").unwrap().contains("BISIK 01/06/2099 ANA Payet.pdf")
    );
    assert_eq!(shown.header("Cache-Control"), Some("private, no-store"));
    let product = door.venue.ticket("Autre");
    let price = door.venue.price(&product, "Plein", 500);
    let event = door.venue.event("Plus tard", &[&product], 5);
    let held = door.venue.book("bo@example.org", &event, &price, 1).ok(201);
    let unpaid = held["reservation"]["tickets"][0].as_str().unwrap();
    let refused = door.venue.anyone().get(&format!("/api/ticket/pdf/{unpaid}"));
    refused.says(403, &json!("Ticket non valide"));
}

#[test]
fn the_door_needs_its_own_right_and_no_more() {
    let house = house();
    let door = Door::new(&house);
    let key = door.venue.key("ticket");
    key.post("/api/scan/", &json!({ "qr": door.tickets[0] })).is(200);
    key.get("/api/ticket/").is(200);
    key.get("/api/reservations/").is(401);
    door.venue
        .key("event,product,reservation")
        .post("/api/scan/", &json!({ "qr": door.tickets[0] }))
        .is(401);
}

#[test]
fn tonights_list_holds_tonights_tickets_and_finds_them_by_name() {
    let house = house();
    let venue = house.venue("Bisik");
    let product = venue.ticket("Concert");
    let price = venue.price(&product, "Plein", 1_000);
    let tonight = guichet::values::Time::now().plus(std::time::Duration::from_secs(60));
    let body = json!({ "name": "Ce soir", "datetime": tonight.to_string(), "products": [product] });
    let event = venue.staff().post("/api/events/", &body).ok(201);
    let booked = venue.book("ana@example.org", text(&event, "uuid"), &price, 3).ok(201);
    assert_eq!(venue.staff().get("/api/ticket/").ok(200), json!([]));
    let path = format!("/api/orders/{}/payments/", text(&booked["order"], "uuid"));
    venue.staff().post(&path, &json!({ "means": "cash" })).ok(201);
    let count = |path: &str| venue.staff().get(path).ok(200).as_array().map(Vec::len);
    assert_eq!(count("/api/ticket/"), Some(3));
    assert_eq!(count("/api/ticket/?search=PAYET"), Some(3));
    assert_eq!(count("/api/ticket/?search=hoareau"), Some(0));
    let found = venue.key("ticket").get("/api/ticket/?search=payet").ok(200);
    venue.key("ticket").post("/api/scan/", &json!({ "qr": found[0]["uuid"] })).is(200);
    let gauge = json!({ "gauge_max": 50, "all_tickets": 3, "scanned_tickets": 1 });
    venue.staff().get("/api/gauge/").says(200, &gauge);
}
