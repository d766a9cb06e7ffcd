//! The verbs on organizations and on invitations.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use crate::process::Data;
use guichet::root::Name;
use guichet::root::invite::Offer;
use guichet::root::people::NewUser;
use guichet::values::{Email, Slug};
use serde_json::{Value, json};

#[test]
fn organizations_are_made_listed_and_renamed() {
    let data = Data::new();
    let number = data.ok(&["org", "create", "Fancy theme parks", "--country", "be"]);
    let named = |name: &str| -> Value {
        let all = data.json(&["org", "list"]);
        let found = all.as_array().unwrap().iter().find(|row| row["name"] == name);
        found.cloned().unwrap_or(Value::Null)
    };
    let made = named("Fancy theme parks");
    assert_eq!((made["number"].to_string(), &made["country"]), (number.clone(), &json!("BE")));
    data.ok(&["org", "rename", &number, "Parks"]);
    assert_eq!(named("Fancy theme parks"), Value::Null);
    assert_eq!(named("Parks")["id"], made["id"]);
}

#[test]
fn an_organization_of_no_country_or_number_is_refused() {
    let data = Data::new();
    let before = data.json(&["org", "list"]);
    let nowhere = data.guichet(&["org", "create", "Parks", "--country", "XX"]);
    assert!(nowhere.refused().contains("country"), "{}", nowhere.err);
    let none = data.guichet(&["org", "rename", "4711", "Parks"]);
    assert!(none.refused().contains("there is no such organization"), "{}", none.err);
    let empty = data.guichet(&["org", "create", " "]);
    assert!(!empty.refused().is_empty());
    assert_eq!(data.json(&["org", "list"]), before);
}

/// A house in which somebody asks an address to administer a shop.
fn with_invitation() -> Data {
    let (data, shop) = Data::with_shop();
    let root = data.root();
    let slug = Slug::parse(&shop.slug).unwrap();
    let tenant = root.tenant(Name::Slug(&slug)).unwrap().unwrap().entry().id;
    let new = NewUser {
        email: Email::parse("keeper@example.org").unwrap(),
        password: None,
        superuser: false,
        can_create_tenant: false,
    };
    let keeper = root.console().create_user(&new).unwrap();
    let offer = Offer { tenants: vec![tenant], channels: vec![] };
    let who = Email::parse("new@example.org").unwrap();
    root.network().invite(&keeper, &who, &offer, tenant).unwrap();
    data
}

#[test]
fn invitations_are_listed_and_taken_back_once() {
    let data = with_invitation();
    let listed = data.json(&["invite", "list"]);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let invite = &listed[0];
    assert_eq!(
        (&invite["email"], &invite["state"], &invite["distributions"]),
        (&json!("new@example.org"), &json!("pending"), &json!([]))
    );
    assert_eq!(invite["organizers"].as_array().unwrap().len(), 1);
    let revoke = ["invite", "revoke", &invite["number"].to_string()];
    data.ok(&revoke);
    assert_eq!(data.json(&["invite", "list"])[0]["state"], "revoked");
    assert!(!data.guichet(&revoke).refused().is_empty());
    let none = data.guichet(&["invite", "revoke", "4711"]);
    assert!(none.refused().contains("there is no such invitation"), "{}", none.err);
}

#[test]
fn an_invitation_that_is_over_is_listed_as_such() {
    let data = with_invitation();
    let root = crate::process::look_into(&data.path().join("root.db"));
    root.execute("UPDATE invite SET created = 1, expires = 2", []).unwrap();
    assert_eq!(data.json(&["invite", "list"])[0]["state"], "expired");
}
