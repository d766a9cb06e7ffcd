//! Options offered with an event: for administrators alone.

use crate::support::{at_once, column, house, house_with, text};
use serde_json::{Value, json};

const PATH: &str = "/api/optionticket/";

#[test]
fn an_option_is_listed_in_the_order_of_its_making() {
    let house = house();
    let venue = house.venue("Bisik");
    for name in ["Fosse", "Balcon"] {
        venue.admin().post(PATH, &json!({ "name": name })).ok(201);
    }
    let list = venue.anyone().get(PATH).ok(200);
    assert_eq!(column(&list, "name"), ["Fosse", "Balcon"]);
    assert_eq!((&list[0]["poids"], &list[1]["poids"]), (&json!(2), &json!(3)));
}

#[test]
fn a_description_is_taken_in_and_not_shown() {
    let house = house();
    let body = json!({ "name": "Fosse", "description": "Debout" });
    let made = house.venue("Bisik").admin().post(PATH, &body).ok(201);
    assert_eq!(made.as_object().unwrap().keys().collect::<Vec<_>>(), ["name", "poids", "uuid"]);
}

#[test]
fn no_key_may_make_an_option() {
    let house = house();
    let venue = house.venue("Bisik");
    let before = house.ledger();
    venue.staff().post(PATH, &json!({ "name": "Fosse" })).is(401);
    assert_eq!(house.ledger(), before);
}

#[test]
fn a_superuser_may_make_an_option_anywhere() {
    let house = house();
    let venue = house.venue("Bisik");
    let boss = house.user("boss@example.org");
    house.console().grant(&boss.email, None, true, false, true).unwrap();
    venue.bearing(&house.token(&boss, 0)).post(PATH, &json!({ "name": "Fosse" })).ok(201);
}

#[test]
fn a_taken_name_is_a_conflict() {
    let house = house();
    let venue = house.venue("Bisik");
    let admin = venue.admin();
    admin.post(PATH, &json!({ "name": "Fosse" })).ok(201);
    let taken = json!({ "name": ["Un objet Option Ticket avec ce champ name existe déjà."] });
    admin.post(PATH, &json!({ "name": " Fosse " })).says(409, &taken);
    admin.post(PATH, &json!({ "name": "fosse" })).ok(201);
}

#[test]
fn the_name_of_an_option_has_at_most_30_characters_and_its_description_250() {
    let house = house();
    let admin = house.venue("Bisik").admin();
    let made = admin
        .post(PATH, &json!({ "name": "é".repeat(30), "description": "é".repeat(250) }))
        .ok(201);
    assert_eq!(text(&made, "name").chars().count(), 30);
    admin
        .post(PATH, &json!({ "name": "x".repeat(31), "description": "x".repeat(251) }))
        .faults(&["name", "description"]);
    for wrong in [json!(null), json!(""), json!("  "), json!([]), json!(true)] {
        admin.post(PATH, &json!({ "name": wrong })).faults(&["name"]);
    }
}

#[test]
fn a_venue_holds_as_many_options_as_the_settings_say() {
    let house = house_with(&[("options", "2")]);
    let admin = house.venue("Bisik").admin();
    admin.post(PATH, &json!({ "name": "a" })).ok(201);
    admin.post(PATH, &json!({ "name": "b" })).ok(201);
    admin.post(PATH, &json!({ "name": "c" })).faults(&["non_field_errors"]);
    assert_eq!(admin.get(PATH).ok(200).as_array().map(Vec::len), Some(2));
}

#[test]
fn of_eight_options_of_one_name_at_once_exactly_one_is_made() {
    let house = house();
    let venue = house.venue("Bisik");
    let admin = venue.admin();
    let statuses = at_once(8, |_| admin.post(PATH, &json!({ "name": "Fosse" })).status);
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 201 | 409)), "{statuses:?}");
}

#[test]
fn options_of_one_venue_are_not_those_of_another() {
    let house = house();
    let (bisik, ancre) = (house.venue("Bisik"), house.venue("Ancre"));
    bisik.admin().post(PATH, &json!({ "name": "Fosse" })).ok(201);
    assert_eq!(ancre.anyone().get(PATH).ok(200), Value::Array(vec![]));
    ancre.admin().post(PATH, &json!({ "name": "Fosse" })).ok(201);
}
