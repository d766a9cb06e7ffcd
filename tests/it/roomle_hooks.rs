//! A tenant's webhook: which letters it is offered first, what else it is told, and by which token it knows us.

use crate::hooks::{Ear, Teller, sell, until};
use crate::mail::settings;
use crate::smtp_server::{server, wait_for};
use crate::support::{House, Venue, house};
use guichet::config::Config;
use guichet::doors::roomle::Tokens;
use guichet::jobs::Jobs;
use guichet::trade::outbox::{self, Mail, State};
use guichet::trade::{Page, hook};
use guichet::values::Time;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;

/// Sends mail, offering it to this webhook first, until it is dropped.
struct Postman(Option<Jobs>);

impl Postman {
    fn of(house: &House, allow: Option<&Ear>) -> Self {
        let mut settings = HashMap::from(settings());
        let allow = allow.map(|ear| ear.address.to_string()).unwrap_or_default();
        settings.insert("fetch_allow", allow);
        let config = Config::load(&settings, None).unwrap();
        Self(Some(Jobs::start(house.app.root(), &config).unwrap()))
    }
}

impl Drop for Postman {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(Jobs::stop);
    }
}

fn hear(venue: &Venue<'_>, ear: &Ear) {
    let url = format!("http://{}/told", ear.address);
    venue.manager().put(&venue.v2(""), &json!({ "webhook": url })).ok(200);
}

/// The letter of this kind, once it waits no longer.
fn settled(venue: &Venue<'_>, kind: outbox::Kind) -> Mail {
    let find = || {
        let mails = venue.tenant().read(|tx| outbox::list(tx, Page::ALL)).unwrap();
        mails.into_iter().find(|mail| mail.kind == kind && mail.state != State::Waiting)
    };
    until("the letter is settled", || find().is_some());
    find().unwrap()
}

/// A paid booking in the name of this address.
fn sell_to(venue: &Venue<'_>, email: &str) {
    let ticket = venue.ticket("Concert");
    let price = venue.price(&ticket, "Plein", 1_250);
    let event = venue.event("Bal", &[&ticket], 10);
    let booked = venue.book(email, &event, &price, 1).ok(201);
    let order = booked["order"]["uuid"].as_str().unwrap().to_owned();
    let body = json!({ "means": "cash" });
    venue.staff().post(&format!("/api/orders/{order}/payments/"), &body).ok(201);
}

fn events(ear: &Ear, number: usize) -> Vec<Value> {
    ear.hears(number).iter().map(|(_, body)| serde_json::from_str(body).unwrap()).collect()
}

fn arrived(email: &str) -> bool {
    server().letters.lock().unwrap().iter().any(|letter| letter["to"] == json!([email]))
}

#[test]
fn check_12_a_letter_that_the_webhook_takes_is_not_sent() {
    let (house, ear) = (house(), Ear::new(204));
    let venue = house.venue("Bisik");
    hear(&venue, &ear);
    sell_to(&venue, "taken@example.org");
    let _postman = Postman::of(&house, Some(&ear));
    settled(&venue, outbox::Kind::Tickets);
    let events = events(&ear, 3);
    let told = events.iter().find(|told| told["event"] == "email.ticket").unwrap();
    assert_eq!(told["data"]["email"], "taken@example.org");
    assert!(told["data"]["text"].as_str().unwrap().contains("/ticket/"));
    assert!(!arrived("taken@example.org"));
}

#[test]
fn check_12_a_letter_that_the_webhook_fails_to_take_is_sent() {
    let (house, ear) = (house(), Ear::new(500));
    let venue = house.venue("Bisik");
    hear(&venue, &ear);
    sell_to(&venue, "failed@example.org");
    let _postman = Postman::of(&house, Some(&ear));
    wait_for("tickets", |letter| letter["to"] == json!(["failed@example.org"]));
    assert_eq!(settled(&venue, outbox::Kind::Tickets).state, State::Sent);
    assert!(ear.count() >= 1);
}

#[test]
fn a_webhook_inside_our_network_is_offered_nothing() {
    let (house, ear) = (house(), Ear::new(204));
    let venue = house.venue("Bisik");
    hear(&venue, &ear);
    sell_to(&venue, "inside@example.org");
    let _postman = Postman::of(&house, None);
    wait_for("tickets", |letter| letter["to"] == json!(["inside@example.org"]));
    assert_eq!(ear.count(), 0);
}

#[test]
fn a_letter_that_proves_an_address_is_never_offered() {
    let (house, ear) = (house(), Ear::new(204));
    let venue = house.venue("Bisik");
    hear(&venue, &ear);
    let body = json!({ "user": { "email": "invited@example.org", "roles": [20] } });
    venue.manager().post(&venue.v2("/users"), &body).ok(200);
    let _postman = Postman::of(&house, Some(&ear));
    let letter = wait_for("an invitation", |letter| letter["to"] == json!(["invited@example.org"]));
    let text = letter["parts"][0]["content"].as_str().unwrap();
    let line = text.lines().find(|line| line.contains("/emailconfirmation/")).unwrap();
    let page = line.split_once(":8000").unwrap().1.trim();
    venue.anyone().get(page).is(200);
    assert!(events(&ear, 1).iter().all(|told| told["event"] == "tenant.updated"));
}

#[test]
fn what_happens_is_told_with_a_token_that_the_tenants_secret_opens() {
    let (house, ear) = (house(), Ear::new(200));
    let venue = house.venue("Bisik");
    hear(&venue, &ear);
    let (booked, _) = sell(&venue);
    let scan = json!({ "qr": booked["reservation"]["tickets"][0] });
    venue.staff().post("/api/scan/", &scan).ok(200);
    let _teller = Teller::of(&house, Some(&ear));
    let told = ear.hears(3);
    let key = venue.roomle_key();
    let tokens = Tokens { plain: false, window: Some(Duration::from_secs(900)) };
    let mut names = vec![];
    for (headers, body) in told {
        let said = tokens.read(&key, &headers["token"], Time::now()).unwrap();
        assert_eq!(said.session.as_deref(), Some("webhook"));
        let told: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(told["data"]["tenant"], venue.no());
        names.push(told["event"].as_str().unwrap().to_owned());
    }
    names.sort_unstable();
    assert_eq!(names, ["purchase.completed", "tenant.updated", "ticket.scanned"]);
}

#[test]
fn what_the_webhook_did_not_hear_is_told_again() {
    let (house, ear) = (house(), Ear::new(500));
    let venue = house.venue("Bisik");
    hear(&venue, &ear);
    let _teller = Teller::of(&house, Some(&ear));
    let failures = |tx: &guichet::root::Read| {
        let sql = "SELECT attempts FROM delivery WHERE state = 'waiting' AND next_try > created";
        tx.maybe(sql, [], |row| row.get::<_, u32>(0))
    };
    until("the failure is noted", || venue.tenant().read(failures).unwrap() == Some(1));
}

#[test]
fn a_webhook_is_no_hook_of_the_other_dialect() {
    let (house, ear) = (house(), Ear::new(200));
    let venue = house.venue("Bisik");
    hear(&venue, &ear);
    assert_eq!(venue.admin().get("/api/webhooks/").ok(200), json!([]));
    venue.manager().put(&venue.v2(""), &json!({ "webhook": null })).ok(200);
    assert_eq!(venue.tenant().read(hook::next).unwrap(), None);
}
