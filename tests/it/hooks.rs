//! Other servers that are told of what happens: in which words, how signed, how often, and where never.

use crate::smtp_server::AMPLE;
use crate::support::{House, Venue, house, text};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guichet::config::Config;
use guichet::jobs::Jobs;
use guichet::root::By;
use guichet::trade::hook;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// What was told: its headers by lower-case name, and its body.
pub(crate) type Told = (HashMap<String, String>, String);

/// A server that remembers what it is told, and answers with a status of the test's.
pub(crate) struct Ear {
    pub(crate) address: SocketAddr,
    heard: Arc<Mutex<Vec<Told>>>,
}

impl Ear {
    pub(crate) fn new(status: u16) -> Self {
        let server = tiny_http::Server::http("127.0.0.1:0").unwrap();
        let address = server.server_addr().to_ip().unwrap();
        let heard: Arc<Mutex<Vec<Told>>> = Arc::default();
        let ears = heard.clone();
        std::thread::spawn(move || {
            for mut request in server.incoming_requests() {
                let mut body = String::new();
                request.as_reader().read_to_string(&mut body).unwrap();
                let headers = request.headers().iter().map(|header| {
                    (header.field.to_string().to_lowercase(), header.value.to_string())
                });
                ears.lock().unwrap().push((headers.collect(), body));
                drop(
                    request
                        .respond(tiny_http::Response::from_string("vu").with_status_code(status)),
                );
            }
        });
        Self { address, heard }
    }

    pub(crate) fn count(&self) -> usize {
        self.heard.lock().unwrap().len()
    }

    pub(crate) fn hears(&self, number: usize) -> Vec<Told> {
        until("enough is heard", || self.count() >= number);
        self.heard.lock().unwrap().clone()
    }
}

pub(crate) fn until(what: &str, is: impl Fn() -> bool) {
    let asked = Instant::now();
    while !is() {
        assert!(asked.elapsed() < AMPLE, "{what} never came true");
        std::thread::yield_now();
    }
}

/// Tells what is to be told, until it is dropped; `allow` may be told though it is on this machine.
pub(crate) struct Teller(Option<Jobs>);

impl Teller {
    pub(crate) fn of(house: &House, allow: Option<&Ear>) -> Self {
        let allow = allow.map(|ear| ear.address.to_string()).unwrap_or_default();
        let config = Config::load(&HashMap::from([("fetch_allow", allow)]), None).unwrap();
        Self(Some(Jobs::start(house.app.root(), &config).unwrap()))
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(Jobs::stop);
    }
}

fn hook_to(venue: &Venue<'_>, ear: &Ear, event: &str) -> Value {
    let body = json!({ "url": format!("http://{}/told", ear.address), "event": event });
    venue.admin().post("/api/webhooks/", &body).ok(201)
}

fn shown(venue: &Venue<'_>, hook: &Value) -> Value {
    venue.admin().get(&format!("/api/webhooks/{}/", text(hook, "uuid"))).ok(200)
}

/// A paid booking of one place, and its order's path.
pub(crate) fn sell(venue: &Venue<'_>) -> (Value, String) {
    let ticket = venue.ticket(&format!("Concert {}", venue.house.next()));
    let price = venue.price(&ticket, "Plein", 1_250);
    let event = venue.event(&format!("Bal {}", venue.house.next()), &[&ticket], 10);
    let booked = venue.book("ana@example.org", &event, &price, 1).ok(201);
    let order = format!("/api/orders/{}/", text(&booked["order"], "uuid"));
    venue.staff().post(&format!("{order}payments/"), &json!({ "means": "cash" })).ok(201);
    (booked, order)
}

#[test]
fn a_valid_reservation_is_told_as_a_form() {
    let (house, ear) = (house(), Ear::new(200));
    let venue = house.venue("Bisik");
    let hook = hook_to(&venue, &ear, "RV");
    let (booked, _) = sell(&venue);
    let _teller = Teller::of(&house, Some(&ear));
    let (headers, body) = ear.hears(1).remove(0);
    assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
    let uuid = text(&booked["reservation"], "uuid");
    assert!(
        body.starts_with(&format!("object=reservation&uuid={uuid}&state=P&datetime=")),
        "{body}"
    );
    until("the answer is kept", || shown(&venue, &hook)["last_response"].is_string());
    assert!(text(&shown(&venue, &hook), "last_response").ends_with("status code 200 - vu"));
}

#[test]
fn money_members_and_passes_are_told_signed_as_the_standard_says() {
    let (house, ear) = (house(), Ear::new(204));
    let venue = house.venue("Bisik");
    let mut secrets = HashMap::new();
    for (event, kind) in [
        ("PA", "payment.received"),
        ("TS", "ticket.scanned"),
        ("RF", "refund.made"),
        ("MV", "membership.validated"),
    ] {
        let hook = hook_to(&venue, &ear, event);
        let secret = text(&hook, "secret").strip_prefix("whsec_").unwrap().to_owned();
        secrets.insert(kind, STANDARD.decode(secret).unwrap());
    }
    let _teller = Teller::of(&house, Some(&ear));
    let (booked, _) = sell(&venue);
    venue.staff().post("/api/scan/", &json!({ "qr": booked["reservation"]["tickets"][0] })).ok(200);
    let (_, order) = sell(&venue);
    venue.staff().post(&format!("{order}refund/"), &json!({ "means": "cash" })).ok(200);
    let price = venue.price(&venue.membership("Carte"), "Année", 1_500);
    let body = json!({
        "adhesion": price, "email": "ana@example.org", "first_name": "Ana", "last_name": "Payet", "phone": "1",
    });
    let joined = venue.anyone().post("/api/membership/", &body).ok(201);
    let pay = format!("/api/orders/{}/payments/", text(&joined["order"], "uuid"));
    venue.staff().post(&pay, &json!({ "means": "cash" })).ok(201);
    let mut kinds = vec![];
    for (headers, body) in ear.hears(6) {
        let told: Value = serde_json::from_str(&body).unwrap();
        let kind = text(&told, "type").to_owned();
        let signed = format!("{}.{}.{body}", headers["webhook-id"], headers["webhook-timestamp"]);
        let expected = guichet::values::secret::sign(&secrets[kind.as_str()], &signed);
        assert_eq!(headers["webhook-signature"], format!("v1,{expected}"));
        kinds.push(kind);
    }
    kinds.sort_unstable();
    assert_eq!(
        kinds,
        [
            "membership.validated",
            "payment.received",
            "payment.received",
            "payment.received",
            "refund.made",
            "ticket.scanned"
        ]
    );
}

#[test]
fn nothing_inside_our_network_is_told_anything() {
    let (house, ear) = (house(), Ear::new(200));
    let venue = house.venue("Bisik");
    let hook = hook_to(&venue, &ear, "RV");
    sell(&venue);
    let _teller = Teller::of(&house, None);
    until("the try is noted", || shown(&venue, &hook)["failures"] == 1);
    assert!(text(&shown(&venue, &hook), "last_response").contains("n'est pas publique"));
    assert_eq!(ear.count(), 0);
}

#[test]
fn a_hook_that_is_off_hears_nothing() {
    let (house, ear) = (house(), Ear::new(200));
    let venue = house.venue("Bisik");
    let hook = hook_to(&venue, &ear, "RV");
    let path = format!("/api/webhooks/{}/", text(&hook, "uuid"));
    sell(&venue);
    venue.admin().patch(&path, &json!({ "active": false })).ok(200);
    sell(&venue);
    venue.admin().patch(&path, &json!({ "active": true })).ok(200);
    let (last, _) = sell(&venue);
    let _teller = Teller::of(&house, Some(&ear));
    let (_, body) = ear.hears(1).remove(0);
    assert!(body.contains(text(&last["reservation"], "uuid")), "{body}");
    until("nothing waits", || venue.tenant().read(hook::next).unwrap().is_none());
    assert_eq!(ear.count(), 1);
}

#[test]
fn what_fails_is_tried_again_and_at_last_switched_off() {
    let (house, ear) = (house(), Ear::new(500));
    let venue = house.venue("Bisik");
    let hook = hook_to(&venue, &ear, "RV");
    let tenant = venue.tenant();
    for failures in 0..10 {
        assert_eq!(shown(&venue, &hook)["failures"], failures);
        assert_eq!(shown(&venue, &hook)["active"], true);
        if tenant.read(hook::next).unwrap().is_none() {
            sell(&venue);
        }
        // As if the pause were over.
        tenant.write(By::House, |tx| tx.run("UPDATE delivery SET next_try = 0", [])).unwrap();
        let delivery = tenant.read(|tx| hook::due(tx, 1)).unwrap().remove(0);
        if failures == 9 {
            // Two days after the first.
            let since = "UPDATE hook SET failing = failing - 2 * 86400000000";
            tenant.write(By::House, |tx| tx.run(since, [])).unwrap();
        }
        tenant.write(By::House, |tx| hook::note(tx, &delivery, false, "status code 500")).unwrap();
    }
    assert_eq!(shown(&venue, &hook)["active"], false);
    assert_eq!(tenant.read(hook::next).unwrap(), None);
}

#[test]
fn a_venue_has_twenty_hooks_at_the_most() {
    let house = house();
    let venue = house.venue("Bisik");
    let hook = |n: u32| json!({ "url": format!("https://example.org/{n}"), "event": "PA" });
    for n in 0..20 {
        venue.admin().post("/api/webhooks/", &hook(n)).ok(201);
    }
    venue.admin().post("/api/webhooks/", &hook(20)).faults(&["non_field_errors"]);
}
