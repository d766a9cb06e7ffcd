//! Packages in the Roomle dialect: codes that give them, what they allow, and what is used of it.

use crate::roomle::fault;
use crate::support::{House, Venue, at_once, column, house, house_with, text, within_a_minute};
use guichet::error::{Error, Refusal};
use guichet::root::Role;
use guichet::root::promo::Promo;
use guichet::trade::product;
use guichet::values::{Package, Slug, Time};
use serde_json::{Value, json};
use std::time::Duration;

/// A code that gives the basic package for 90 days.
fn promo(house: &House, code: &str, change: impl FnOnce(&mut Promo)) -> Promo {
    let mut new = Promo {
        code: code.to_owned(),
        active: true,
        starts: None,
        ends: None,
        uses_max: None,
        used: 0,
        package: Some(Package::Basic),
        days: Some(90),
    };
    change(&mut new);
    house.console().create_promo(&new).unwrap()
}

fn redeem(venue: &Venue<'_>, code: &str) -> crate::support::Reply {
    venue.manager().post(&venue.v2("/promocode/"), &json!({ "promocode": { "code": code } }))
}

fn packages(venue: &Venue<'_>) -> Value {
    venue.app().get(&venue.v2("")).ok(200)["tenant"]["packages"].clone()
}

#[test]
fn check_05_a_code_gives_its_package_to_a_tenant_once() {
    let house = house();
    let (venue, other) = (house.venue("Bisik"), house.venue("Ancre"));
    promo(&house, "WELCOME", |_| {});
    let bought = redeem(&venue, "welcome").ok(200)["purchase"].clone();
    assert_eq!((text(&bought, "package"), text(&bought, "promocode")), ("tenant_basic", "WELCOME"));
    assert_eq!((&bought["tenant"], &bought["price"]), (&json!(venue.no()), &json!(0)));
    let held = packages(&venue);
    assert_eq!(column(&held, "package"), ["tenant_free", "tenant_basic"]);
    assert_eq!(held[1]["fromPromocode"], true);
    assert_eq!(held[1]["id"], bought["packageId"]);
    let days = Time::parse(text(&held[1], "validTill")).unwrap().seconds()
        - Time::parse(text(&held[1], "validFrom")).unwrap().seconds();
    assert_eq!(days, 90 * 86_400);
    assert_eq!(fault(redeem(&venue, "Welcome"), 409).1, "code");
    assert_eq!(packages(&venue).as_array().unwrap().len(), 2);
    redeem(&other, "WELCOME").ok(200);
    assert_eq!(house.console().promos().unwrap()[0].used, 2);
    assert_eq!(venue.admin_staff().purchases().unwrap().len(), 1);
}

#[test]
fn check_05_a_code_that_is_unknown_or_inactive_is_not_found() {
    let house = house();
    let venue = house.venue("Bisik");
    promo(&house, "OFF", |_| {});
    house.console().disable_promo("off").unwrap();
    for code in ["OFF", "NEVER"] {
        fault(redeem(&venue, code), 404);
    }
    assert_eq!(fault(redeem(&venue, ""), 400).1, "code");
}

#[test]
fn who_guesses_codes_too_often_is_not_told_of_a_right_one() {
    let house = house_with(&[("failures_per_address", "3")]);
    let venue = house.venue("Bisik");
    promo(&house, "WELCOME", |_| {});
    let last = within_a_minute(|| {
        (0..3).for_each(|n| drop(redeem(&venue, &format!("GUESS{n}"))));
        redeem(&venue, "WELCOME").status
    });
    assert_eq!(last, 429);
}

#[test]
fn check_05_a_code_outside_of_its_time_or_used_up_is_gone() {
    let house = house();
    let venue = house.venue("Bisik");
    let hour = Duration::from_secs(3_600);
    let now = Time::now();
    promo(&house, "OVER", |promo| promo.ends = Some(now.minus(hour)));
    promo(&house, "SOON", |promo| promo.starts = Some(now.plus(hour)));
    promo(&house, "ONCE", |promo| promo.uses_max = Some(1));
    redeem(&house.venue("Ancre"), "ONCE").ok(200);
    for code in ["OVER", "SOON", "ONCE"] {
        assert_eq!(fault(redeem(&venue, code), 410).1, "code", "{code}");
    }
    assert_eq!(packages(&venue).as_array().unwrap().len(), 1);
}

#[test]
fn check_05_who_may_not_pay_may_not_use_a_code() {
    let house = house();
    let venue = house.venue("Bisik");
    promo(&house, "WELCOME", |_| {});
    let body = json!({ "promocode": { "code": "WELCOME" } });
    for role in [Role::Statistics, Role::Catalogue, Role::Member] {
        fault(venue.with_roles(&[role]).post(&venue.v2("/promocode"), &body), 403);
    }
    let (other, path) = (house.venue("Ancre"), venue.v2("/promocode"));
    fault(other.manager().post(&path, &body), 403);
    assert_eq!(house.console().promos().unwrap()[0].used, 0);
}

#[test]
fn check_05_a_code_without_a_package_is_noted_and_gives_nothing() {
    let house = house();
    let venue = house.venue("Bisik");
    promo(&house, "HELLO", |promo| (promo.package, promo.days) = (None, None));
    assert_eq!(redeem(&venue, "HELLO").ok(200)["purchase"], Value::Null);
    fault(redeem(&venue, "HELLO"), 409);
    assert_eq!(packages(&venue).as_array().unwrap().len(), 1);
}

#[test]
fn check_05_of_64_tenants_at_once_as_many_get_a_code_as_may() {
    let house = house();
    promo(&house, "TEN", |promo| promo.uses_max = Some(10));
    let venues: Vec<_> = (0..64).map(|n| house.venue(&format!("Lieu {n}"))).collect();
    let staff: Vec<_> = venues.iter().map(Venue::admin_staff).collect();
    let said = at_once(64, |n| match staff[n].redeem("ten") {
        Ok(Some(_)) => true,
        Err(Error::Refused(Refusal::CodeOver)) => false,
        other => panic!("{other:?}"),
    });
    assert_eq!(said.iter().filter(|got| **got).count(), 10);
    assert_eq!(house.console().promos().unwrap()[0].used, 10);
    assert_eq!(house.console().packages(None).unwrap().len(), 10);
}

#[test]
fn check_05_of_64_requests_at_once_a_tenant_gets_a_code_once() {
    let house = house();
    promo(&house, "WELCOME", |_| {});
    let venue = house.venue("Bisik");
    let staff = venue.admin_staff();
    let said = at_once(64, |_| match staff.redeem("WELCOME") {
        Ok(Some(_)) => true,
        Err(Error::Refused(Refusal::CodeUsedHere)) => false,
        other => panic!("{other:?}"),
    });
    assert_eq!(said.iter().filter(|got| **got).count(), 1);
    assert_eq!(packages(&venue).as_array().unwrap().len(), 2);
}

#[test]
fn a_package_that_is_over_is_not_shown_and_gives_nothing() {
    let house = house_with(&[(
        "package_limits",
        r#"{"tenant_free": {"uploadProduct": 1}, "tenant_basic": {"uploadProduct": 2}}"#,
    )]);
    let venue = house.venue("Bisik");
    let slug = Slug::parse("bisik").unwrap();
    let held = house.console().add_package(&slug, Package::Basic, Some(1)).unwrap();
    venue.ticket("A");
    venue.ticket("B");
    house.console().remove_package(held.id.unwrap()).unwrap();
    assert_eq!(column(&packages(&venue), "package"), ["tenant_free"]);
    assert!(refused_product(&venue).contains("limite"));
}

/// What is said of a product with an image that is one too many.
fn refused_product(venue: &Venue<'_>) -> String {
    let texts = [("name", "Affiche"), ("categorie_article", "B")];
    let reply = venue.staff().form("POST", "/api/products/", &texts, &[("img", "tiny.png")]);
    reply.is(400).text()
}

fn limited() -> House {
    house_with(&[(
        "package_limits",
        r#"{"tenant_free": {"uploadProduct": 2, "catalogs": 2, "events": 1, "tickets": 3, "users": 2}}"#,
    )])
}

fn usage(venue: &Venue<'_>, kind: &str) -> (Value, Value) {
    let usages = venue.manager().get(&venue.v2("/usages/")).ok(200)["tenantUsages"].clone();
    let usages = usages.as_array().unwrap().clone();
    let one = usages.iter().find(|one| one["type"] == kind).unwrap();
    assert_eq!(one["id"], format!("{}:{kind}", venue.no()));
    (one["used"].clone(), one["limit"].clone())
}

#[test]
fn check_11_products_beyond_the_package_are_refused_and_the_usage_is_the_limit() {
    let house = limited();
    let venue = house.venue("Bisik");
    venue.ticket("Un");
    assert_eq!(usage(&venue, "uploadProduct"), (json!(1), json!(2)));
    venue.ticket("Deux");
    assert_eq!(usage(&venue, "uploadProduct"), (json!(2), json!(2)));
    let import = json!({ "assetProcessing": {
        "type": 0, "sourceSettings": { "products": [{ "name": "Deux" }, { "name": "Trois" }] },
    } });
    let path = venue.v2("/assetProcessings");
    fault(venue.manager().post(&path, &import), 402);
    assert!(refused_product(&venue).contains("limite"));
    assert_eq!(usage(&venue, "uploadProduct"), (json!(2), json!(2)));
}

#[test]
fn check_11_catalogues_and_seats_beyond_the_package_are_refused() {
    let house = limited();
    let venue = house.venue("Bisik");
    let body = |id: &str| json!({ "id": id, "name": id });
    venue.manager().post("/v2/catalogs", &body("one")).ok(200);
    fault(venue.manager().post("/v2/catalogs", &body("two")), 402);
    assert_eq!(usage(&venue, "catalogs"), (json!(2), json!(2)));
    let invite = |email: &str| {
        let body = json!({ "user": { "email": email, "roles": [10] } });
        venue.manager().post(&venue.v2("/users"), &body)
    };
    invite("ana@example.org").ok(200);
    invite("ana@example.org").ok(200);
    fault(invite("bob@example.org"), 402);
    assert_eq!(usage(&venue, "users"), (json!(2), json!(2)));
}

#[test]
fn check_11_of_16_requests_at_once_as_many_make_a_catalogue_as_may() {
    let house = house_with(&[("package_limits", r#"{"tenant_free": {"catalogs": 5}}"#)]);
    let venue = house.venue("Bisik");
    let admin = venue.manager();
    let said = at_once(16, |n| {
        let body = json!({ "id": format!("c{n}"), "name": "x" });
        admin.post("/v2/catalogs", &body).status
    });
    assert_eq!(said.iter().filter(|status| **status == 200).count(), 4);
    assert_eq!(said.iter().filter(|status| **status == 402).count(), 12);
    assert_eq!(usage(&venue, "catalogs"), (json!(5), json!(5)));
}

#[test]
fn check_11_events_and_tickets_beyond_the_package_are_refused() {
    let house = limited();
    let venue = house.venue("Bisik");
    let product = venue.product("Entrée", product::Category::FreeBooking);
    let price = venue.price(&product, "Libre", 0);
    let event = venue.event("Soir", &[&product], 100);
    let body = json!({ "name": "Matin", "datetime": "2099-06-02T20:00", "products": [product] });
    venue.staff().post("/api/events/", &body).is(400);
    assert_eq!(usage(&venue, "events"), (json!(1), json!(1)));
    venue.book("ana@example.org", &event, &price, 2).is(201);
    let refused = venue.book("bob@example.org", &event, &price, 2).ok(400);
    assert!(refused.to_string().contains("limite"), "{refused}");
    assert_eq!(usage(&venue, "tickets"), (json!(2), json!(3)));
    venue.book("bob@example.org", &event, &price, 1).is(201);
    assert_eq!(usage(&venue, "tickets"), (json!(3), json!(3)));
}

#[test]
fn what_is_not_limited_has_no_limit_and_the_size_of_the_file_is_told() {
    let house = house();
    let venue = house.venue("Bisik");
    for kind in ["uploadProduct", "catalogs", "events", "tickets", "users"] {
        assert_eq!(usage(&venue, kind).1, Value::Null, "{kind}");
    }
    assert!(usage(&venue, "storage").0.as_u64().unwrap() >= 1);
    fault(venue.with_roles(&[Role::Catalogue]).get(&venue.v2("/usages")), 403);
}

#[test]
fn a_file_as_large_as_the_package_gives_takes_no_image() {
    let house = house_with(&[("package_limits", r#"{"tenant_free": {"storage": 0}}"#)]);
    let venue = house.venue("Bisik");
    assert!(refused_product(&venue).contains("storage"));
    venue.ticket("Sans image");
}

#[test]
fn limits_that_name_nothing_known_are_refused_at_the_start() {
    for wrong in [r#"{"tenant_gold": {}}"#, r#"{"tenant_free": {"beds": 1}}"#, "[]", "x"] {
        let flags = std::collections::HashMap::from([("package_limits", wrong.to_owned())]);
        let error = guichet::config::Config::load(&flags, None).unwrap_err().to_string();
        assert!(error.starts_with("package_limits: "), "{error}");
    }
}
