//! Devices at the door: paired by whoever administers, good for the door alone.

use crate::support::{Caller, House, Reply, Venue, house, text};
use guichet::root::people::People;
use guichet::values::id::AccountId;
use guichet::values::{Email, Time};
use serde_json::{Value, json};

const MAC: &str = "aa:bb:cc:dd:ee:01";

/// The house's own domain.
fn root(house: &House) -> Caller {
    house.at("example.org")
}

pub(crate) fn ask(house: &House, admin: &str) -> Reply {
    let body = json!({ "email_admin": admin, "unique_id": "gate-1", "mac_adress": MAC, "ip_locale": "192.168.1.7" });
    root(house).post("/api/user/terminal/", &body)
}

pub(crate) fn pair(house: &House, asked: &Value, digits: &str) -> Reply {
    let body = json!({
        "email_term": asked["term_user"], "unique_id": "gate-1", "mac_adress": MAC, "ip_locale": "192.168.1.7",
        "app_token": asked["app_token"],
    });
    root(house).post(&format!("/api/user/terminal/{digits}/"), &body)
}

fn people(house: &House) -> People {
    house.app.root().people()
}

/// The digits, as the administrator is mailed them.
pub(crate) fn digits(house: &House, asked: &Value) -> String {
    let email = Email::parse(text(asked, "term_user")).unwrap();
    let id: AccountId = house.console().user(&email).unwrap().unwrap().id;
    people(house).terminal_digits(id, Time::now()).unwrap().unwrap()
}

/// A device of this venue's administrator, at work: its pair of tokens.
fn paired(house: &House, venue: &Venue<'_>) -> Value {
    let asked = ask(house, venue.admin.email.as_str()).ok(200);
    pair(house, &asked, &digits(house, &asked)).ok(200)
}

fn other_than(digits: &str) -> String {
    format!("{:06}", (digits.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[test]
fn a_paired_device_passes_tickets_and_does_nothing_else() {
    let house = house();
    let venue = house.venue("Bisik");
    let done = paired(&house, &venue);
    assert_eq!(done["tenants_admin"], json!({ "Bisik": "bisik.example.org" }));
    let device = venue.bearing(text(&done["jwt_token"], "access"));
    device.get("/api/ticket/").ok(200);
    assert_eq!(device.json("PATCH", "/api/settings/", &json!({ "reentry": false })).status, 403);
    assert_eq!(device.post("/api/products/", &json!({ "name": "x" })).status, 403);
    assert_eq!(device.get("/api/user/me/").ok(200)["espece"], "TE");
    let elsewhere = house.venue("Ancre").bearing(text(&done["jwt_token"], "access"));
    assert_eq!(elsewhere.get("/api/ticket/").status, 403);
}

#[test]
fn the_digits_and_the_devices_token_are_both_needed_and_good_once() {
    let house = house();
    let venue = house.venue("Bisik");
    let asked = ask(&house, venue.admin.email.as_str()).ok(200);
    let right = digits(&house, &asked);
    let mut forged = asked.clone();
    forged["app_token"] = json!("x".repeat(43));
    assert_eq!(pair(&house, &forged, &right).status, 400);
    assert_eq!(pair(&house, &asked, &other_than(&right)).status, 400);
    pair(&house, &asked, &right).ok(200);
    assert_eq!(pair(&house, &asked, &right).status, 400);
}

#[test]
fn after_five_wrong_digits_the_right_ones_are_worth_nothing() {
    let house = house();
    let venue = house.venue("Bisik");
    let asked = ask(&house, venue.admin.email.as_str()).ok(200);
    let right = digits(&house, &asked);
    for _ in 0..5 {
        assert_eq!(pair(&house, &asked, &other_than(&right)).status, 400);
    }
    assert_eq!(pair(&house, &asked, &right).status, 400);
}

#[test]
fn who_administers_nothing_is_answered_alike_and_written_to_by_nobody() {
    let house = house();
    let member = house.user("ana@example.org");
    for email in [member.email.as_str(), "nobody@example.org"] {
        let asked = ask(&house, email).ok(200);
        assert_eq!(text(&asked, "app_token").len(), 43);
        let term = Email::parse(text(&asked, "term_user")).unwrap();
        assert!(house.console().user(&term).unwrap().is_none());
    }
}

#[test]
fn a_device_does_not_take_the_place_of_a_person_with_such_an_address() {
    let house = house();
    let venue = house.venue("Bisik");
    let (name, host) = venue.admin.email.as_str().split_once('@').unwrap();
    let person = house.user(&format!("{name}+gate-1@{host}"));
    ask(&house, venue.admin.email.as_str()).ok(200);
    assert!(people(&house).terminal(person.id).unwrap().is_none());
}

#[test]
fn a_devices_refresh_token_is_worth_nothing_on_another() {
    let house = house();
    let done = paired(&house, &house.venue("Bisik"));
    let refresh = |unique_id: &str, mac: &str| {
        let body = json!({ "refresh": done["jwt_token"]["refresh"], "unique_id": unique_id, "mac_adress": mac });
        root(&house).post("/api/user/token/refresh/", &body)
    };
    refresh("gate-1", MAC).ok(200);
    let other = refresh("gate-2", MAC);
    assert_eq!((other.status, other.json()), (401, json!({ "detail": "AssertionError" })));
    assert_eq!(refresh("gate-1", "aa:bb:cc:dd:ee:02").status, 401);
}

#[test]
fn devices_are_paired_on_the_houses_own_domain_alone() {
    let house = house();
    let venue = house.venue("Bisik");
    assert_eq!(venue.anyone().post("/api/user/terminal/", &json!({})).status, 404);
    let wrong = json!({ "email_admin": "x", "unique_id": "", "mac_adress": "x", "ip_locale": "x" });
    let refused = root(&house).post("/api/user/terminal/", &wrong);
    assert_eq!(refused.status, 400);
    for field in ["email_admin", "unique_id", "mac_adress", "ip_locale"] {
        assert!(refused.text().contains(field), "{field}: {}", refused.text());
    }
}
