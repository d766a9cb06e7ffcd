//! Prices: what a product costs, for whom, how many, and for how long.

use crate::support::{House, Venue, at_once, column, house, house_with, text};
use guichet::root::Role;
use guichet::trade::price::{Period, Vat};
use serde_json::{Value, json};

const PATH: &str = "/api/prices/";
const GONE: &str = "00000000-0000-4000-8000-000000000000";

/// A venue with one ticket.
fn with_ticket(house: &House) -> (Venue<'_>, String) {
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Billet");
    (venue, ticket)
}

fn price(product: &str, name: &str, prix: impl Into<Value>) -> Value {
    json!({ "product": product, "name": name, "prix": prix.into() })
}

fn with(mut body: Value, member: &str, value: impl Into<Value>) -> Value {
    body[member] = value.into();
    body
}

fn path(price: &str) -> String {
    format!("{PATH}{price}/")
}

#[test]
fn a_price_needs_a_product_a_name_and_an_amount_and_no_more() {
    let house = house();
    let (venue, ticket) = with_ticket(&house);
    venue.staff().post(PATH, &json!({})).faults(&["product", "name", "prix"]);
    let made = venue.staff().post(PATH, &price(&ticket, "Plein", 10)).ok(201);
    assert_eq!((&made["vat"], &made["subscription_type"]), (&json!("NA"), &json!("N")));
    assert_eq!((&made["max_per_user"], &made["stock"]), (&json!(10), &Value::Null));
    assert_eq!(made["adhesion_obligatoire"], Value::Null);
}

#[test]
fn prices_and_promotions_are_made_by_who_sets_prices_and_fees_by_who_manages() {
    let house = house();
    let (venue, ticket) = with_ticket(&house);
    let caller = |role: Role| {
        let someone = house.user(&format!("role-{}@example.org", role.code()));
        venue
            .admin_staff()
            .invite(&[(someone.email.clone(), vec![role])], &|_| Ok(vec![]))
            .unwrap();
        venue.bearing(&house.token(&someone, 0))
    };
    let made = venue.staff().post(PATH, &price(&ticket, "Clé", 5)).ok(201);
    let made = path(text(&made, "uuid"));
    for role in [Role::Catalogue, Role::Marketer] {
        let caller = caller(role);
        assert_eq!(caller.post(PATH, &price(&ticket, "Plein", 10)).status, 403, "{role:?}");
        assert_eq!(caller.json("PATCH", &made, &json!({ "prix": 1 })).status, 403, "{role:?}");
        for list in ["/api/promotions/", "/api/fees/"] {
            assert_eq!(caller.get(list).status, 403, "{role:?} {list}");
        }
    }
    let prices = caller(Role::Prices);
    prices.post(PATH, &price(&ticket, "Plein", 10)).ok(201);
    prices.json("PATCH", &made, &json!({ "prix": 1 })).ok(200);
    prices.get("/api/promotions/").ok(200);
    assert_eq!(prices.get("/api/fees/").status, 403);
    assert_eq!(prices.post("/api/products/", &json!({ "name": "x" })).status, 403);
    venue.admin().get("/api/fees/").ok(200);
    venue.key("product").get("/api/fees/").ok(200);
    venue.key("product").post(PATH, &price(&ticket, "Réduit", 7)).ok(201);
    assert_eq!(venue.key("event").post(PATH, &price(&ticket, "Rien", 7)).status, 401);
}

#[test]
fn every_field_of_a_price_comes_back_as_it_was_sent() {
    let house = house();
    let (venue, ticket) = with_ticket(&house);
    let body = json!({
        "product": ticket, "name": "Membre", "short_description": "Moins cher", "long_description": "Une\nDeux",
        "prix": 7.5, "vat": "VG", "stock": 30, "max_per_user": 2,
        "adhesion_obligatoire": venue.membership("Adhésion"), "subscription_type": "M",
    });
    let made = venue.staff().post(PATH, &body).ok(201);
    let shown = venue.anyone().get(&path(text(&made, "uuid"))).ok(200);
    for (member, value) in body.as_object().unwrap() {
        assert_eq!((&made[member], &shown[member]), (value, value), "{member}");
    }
}

#[test]
fn an_amount_is_a_number_with_a_point_and_exact_to_the_cent() {
    let house = house();
    let (venue, ticket) = with_ticket(&house);
    for (sent, shown) in [
        (r#"10"#, r#""prix":10.0"#),
        (r#"0"#, r#""prix":0.0"#),
        (r#"19.99"#, r#""prix":19.99"#),
        (r#""7,50""#, ""),
        (r#"" 5 ""#, r#""prix":5.0"#),
        (r#"1e3"#, r#""prix":1000.0"#),
        (r#"999999.99"#, r#""prix":999999.99"#),
        (r#"1000000"#, ""),
        (r#"0.001"#, ""),
        (r#"-0.01"#, ""),
        (r#""inf""#, ""),
        (r#""nan""#, ""),
        (r#"1e400"#, ""),
        (r#"true"#, ""),
        (r#"null"#, ""),
    ] {
        let body = format!(r#"{{"product":"{ticket}","name":"{}","prix":{sent}}}"#, house.next());
        let reply = venue.staff().send("POST", PATH, Some("application/json"), body.into_bytes());
        if shown.is_empty() {
            reply.faults(&["prix"]);
        } else {
            let text = reply.is(201).text();
            assert!(text.contains(shown), "{sent}: {text}");
        }
    }
}

#[test]
fn prices_are_listed_cheapest_first() {
    let house = house();
    let (venue, ticket) = with_ticket(&house);
    for (name, cents) in [("C", 1_000), ("A", 250), ("B", 999)] {
        venue.price(&ticket, name, cents);
    }
    assert_eq!(column(&venue.anyone().get(PATH).ok(200), "name"), ["A", "B", "C"]);
}

#[test]
fn every_vat_and_every_period_is_accepted_those_of_later_versions_too() {
    let house = house();
    let (venue, ticket) = with_ticket(&house);
    for vat in Vat::ALL {
        let body = with(price(&ticket, vat.as_str(), 1), "vat", vat.as_str());
        assert_eq!(venue.staff().post(PATH, &body).ok(201)["vat"], vat.as_str());
    }
    for period in Period::ALL {
        let name = format!("period {}", period.as_str());
        let body = with(price(&ticket, &name, 1), "subscription_type", period.as_str());
        assert_eq!(venue.staff().post(PATH, &body).ok(201)["subscription_type"], period.as_str());
    }
    for member in ["vat", "subscription_type"] {
        for wrong in [json!("X"), json!(""), Value::Null, json!([])] {
            venue
                .staff()
                .post(PATH, &with(price(&ticket, "x", 1), member, wrong))
                .faults(&[member]);
        }
    }
}

#[test]
fn a_text_of_a_price_may_be_as_long_as_the_contract_says_and_not_longer() {
    let house = house();
    let (venue, ticket) = with_ticket(&house);
    let of = |more: usize| {
        json!({
            "product": ticket, "prix": 1, "name": "é".repeat(50 + more),
            "short_description": "é".repeat(250 + more), "long_description": "é".repeat(100_000 + more),
        })
    };
    venue.staff().post(PATH, &of(0)).ok(201);
    venue.staff().post(PATH, &of(1)).faults(&["name", "short_description", "long_description"]);
}

#[test]
fn stock_and_limit_are_between_nothing_and_32767() {
    let house = house();
    let (venue, ticket) = with_ticket(&house);
    for member in ["stock", "max_per_user"] {
        for (value, right) in [
            (json!(0), true),
            (json!(32_767), true),
            (json!("12"), true),
            (json!(-1), false),
            (json!(32_768), false),
            (json!(-32_769), false),
            (json!(1.5), false),
            (json!("x"), false),
        ] {
            let name = house.next().to_string();
            let reply =
                venue.staff().post(PATH, &with(price(&ticket, &name, 1), member, value.clone()));
            assert_eq!(reply.status, if right { 201 } else { 400 }, "{member} {value}");
        }
    }
    venue.staff().post(PATH, &with(price(&ticket, "sans limite", 1), "stock", Value::Null)).ok(201);
    venue
        .staff()
        .post(PATH, &with(price(&ticket, "x", 1), "max_per_user", Value::Null))
        .faults(&["max_per_user"]);
}

#[test]
fn a_price_of_a_membership_has_a_period() {
    let house = house();
    let venue = house.venue("Bisik");
    let membership = venue.membership("Adhésion");
    let what = "error fields subscription_type - Une adhésion doit avoir une durée de validité.";
    let without = price(&membership, "Plein", 20);
    venue.staff().post(PATH, &without).says(400, &json!({ "non_field_errors": [what] }));
    venue.staff().post(PATH, &with(without, "subscription_type", "C")).ok(201);
}

#[test]
fn a_price_names_a_product_of_its_own_venue() {
    let house = house();
    let (bisik, ancre) = (house.venue("Bisik"), house.venue("Ancre"));
    let theirs = ancre.ticket("Billet");
    let before = house.ledger();
    for (product, what) in [
        (
            json!(GONE),
            format!("Clé primaire «\u{a0}{GONE}\u{a0}» non valide - l'objet n'existe pas."),
        ),
        (
            json!(theirs),
            format!("Clé primaire «\u{a0}{theirs}\u{a0}» non valide - l'objet n'existe pas."),
        ),
        (json!("x"), "La valeur «\u{a0}x\u{a0}» n’est pas un UUID valide.".into()),
        (Value::Null, "Ce champ ne peut être nul.".into()),
    ] {
        let body = json!({ "product": product, "name": "Plein", "prix": 10 });
        bisik.staff().post(PATH, &body).says(400, &json!({ "product": [what] }));
    }
    assert_eq!(house.ledger(), before);
}

#[test]
fn a_required_membership_is_a_membership_of_the_same_venue() {
    let house = house();
    let (venue, ticket) = with_ticket(&house);
    let theirs = house.venue("Ancre").membership("Adhésion");
    for wrong in [json!(ticket), json!(theirs), json!(GONE), json!(""), Value::Null, json!("x")] {
        let body = with(price(&ticket, "Membre", 5), "adhesion_obligatoire", wrong);
        venue.staff().post(PATH, &body).faults(&["adhesion_obligatoire"]);
    }
}

#[test]
fn a_product_has_one_price_of_a_name() {
    let house = house();
    let (venue, ticket) = with_ticket(&house);
    venue.staff().post(PATH, &price(&ticket, "Plein", 10)).ok(201);
    let what = "Les champs name, product doivent former un ensemble unique.";
    venue
        .staff()
        .post(PATH, &price(&ticket, " Plein ", 12))
        .says(400, &json!({ "non_field_errors": [what] }));
    venue.staff().post(PATH, &price(&venue.ticket("Autre"), "Plein", 10)).ok(201);
}

#[test]
fn of_eight_prices_of_one_name_at_once_exactly_one_is_made() {
    let house = house();
    let (venue, ticket) = with_ticket(&house);
    let staff = venue.staff();
    let statuses = at_once(8, |_| staff.post(PATH, &price(&ticket, "Plein", 10)).status);
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 201 | 400)), "{statuses:?}");
}

#[test]
fn a_price_is_made_or_its_product_deleted_but_not_both_at_once() {
    let house = house();
    let venue = house.venue("Bisik");
    let staff = venue.staff();
    for round in 0..8 {
        let ticket = venue.ticket(&format!("Billet {round}"));
        let statuses = at_once(2, |n| match n {
            0 => staff.post(PATH, &price(&ticket, "Plein", 10)).status,
            _ => staff.delete(&format!("/api/products/{ticket}/")).status,
        });
        assert!(matches!(statuses[..], [201 | 400, 204]), "{statuses:?}");
    }
    assert_eq!(venue.anyone().get(PATH).ok(200), json!([]));
}

#[test]
fn a_venue_holds_as_many_prices_as_the_settings_say() {
    let house = house_with(&[("prices", "2")]);
    let (venue, ticket) = with_ticket(&house);
    let first = venue.price(&ticket, "a", 100);
    venue.price(&ticket, "b", 100);
    venue.staff().post(PATH, &price(&ticket, "c", 1)).faults(&["non_field_errors"]);
    venue.staff().delete(&path(&first)).is(204);
    venue.staff().post(PATH, &price(&ticket, "c", 1)).ok(201);
}

#[test]
fn what_is_no_price_is_not_found_by_any_method() {
    let house = house();
    let (bisik, ancre) = (house.venue("Bisik"), house.venue("Ancre"));
    let theirs = ancre.price(&ancre.ticket("Billet"), "Plein", 1_000);
    let before = house.ledger();
    for id in [GONE, &theirs, "x", "0"] {
        for method in ["GET", "PATCH", "DELETE"] {
            let reply = bisik.staff().json(method, &path(id), &json!({}));
            reply.says(404, &json!({ "detail": "Pas trouvé." }));
        }
    }
    assert_eq!(house.ledger(), before);
}

#[test]
fn every_field_of_a_price_can_be_changed() {
    let house = house();
    let (venue, ticket) = with_ticket(&house);
    let id = venue.price(&ticket, "Plein", 1_000);
    for (member, value) in [
        ("name", json!("Demi")),
        ("short_description", json!("Moins cher")),
        ("long_description", json!("Pour les petits")),
        ("prix", json!(5.5)),
        ("vat", json!("DX")),
        ("stock", json!(12)),
        ("max_per_user", json!(3)),
        ("adhesion_obligatoire", json!(venue.membership("Adhésion"))),
        ("subscription_type", json!("L")),
        ("product", json!(venue.ticket("Place"))),
    ] {
        let changed = venue.staff().patch(&path(&id), &json!({ member: value })).ok(200);
        assert_eq!(changed[member], value);
        assert_eq!(venue.anyone().get(&path(&id)).ok(200)[member], value, "{member}");
    }
}

#[test]
fn a_changed_price_keeps_what_was_not_sent() {
    let house = house();
    let (venue, ticket) = with_ticket(&house);
    let made = venue.staff().post(PATH, &with(price(&ticket, "Plein", 10), "stock", 5)).ok(201);
    let changed = venue.staff().patch(&path(text(&made, "uuid")), &json!({})).ok(200);
    assert_eq!(changed, made);
}

#[test]
fn null_empties_what_a_price_may_leave_out_and_nothing_else() {
    let house = house();
    let (venue, ticket) = with_ticket(&house);
    let mut body = price(&ticket, "Plein", 10);
    for (member, value) in
        [("short_description", json!("a")), ("long_description", json!("b")), ("stock", json!(1))]
    {
        body[member] = value;
    }
    let made = venue.staff().post(PATH, &body).ok(201);
    let path = path(text(&made, "uuid"));
    for member in ["short_description", "long_description", "stock", "adhesion_obligatoire"] {
        assert_eq!(
            venue.staff().patch(&path, &json!({ member: null })).ok(200)[member],
            Value::Null
        );
    }
    for member in ["product", "name", "prix", "vat", "max_per_user", "subscription_type"] {
        venue.staff().patch(&path, &json!({ member: null })).faults(&[member]);
    }
}

#[test]
fn a_price_may_be_given_its_own_name_but_not_that_of_another() {
    let house = house();
    let (venue, ticket) = with_ticket(&house);
    let (full, _) = (venue.price(&ticket, "Plein", 1_000), venue.price(&ticket, "Demi", 500));
    venue.staff().patch(&path(&full), &json!({ "name": "Plein" })).ok(200);
    venue.staff().patch(&path(&full), &json!({ "name": "Demi" })).faults(&["non_field_errors"]);
    let other = venue.ticket("Place");
    venue.price(&other, "Plein", 1_000);
    venue.staff().patch(&path(&full), &json!({ "product": other })).faults(&["non_field_errors"]);
}

#[test]
fn a_price_of_a_membership_does_not_lose_its_period() {
    let house = house();
    let venue = house.venue("Bisik");
    let id = venue.price(&venue.membership("Adhésion"), "Plein", 2_000);
    venue
        .staff()
        .patch(&path(&id), &json!({ "subscription_type": "N" }))
        .faults(&["non_field_errors"]);
}

#[test]
fn a_price_without_a_period_does_not_move_to_a_membership() {
    let house = house();
    let (venue, ticket) = with_ticket(&house);
    let made = venue.staff().post(PATH, &price(&ticket, "Plein", 10)).ok(201);
    let body = json!({ "product": venue.membership("Adhésion") });
    venue.staff().patch(&path(text(&made, "uuid")), &body).faults(&["non_field_errors"]);
}

#[test]
fn a_deleted_price_is_gone_and_gives_its_name_free() {
    let house = house();
    let (venue, ticket) = with_ticket(&house);
    let id = venue.price(&ticket, "Plein", 1_000);
    venue.staff().delete(&path(&id)).is(204);
    venue.anyone().get(&path(&id)).is(404);
    venue.staff().delete(&path(&id)).is(404);
    venue.staff().post(PATH, &price(&ticket, "Plein", 10)).ok(201);
}

#[test]
fn a_form_says_a_price_as_well_as_json() {
    let house = house();
    let (venue, ticket) = with_ticket(&house);
    let body = format!("product={ticket}&name=Demi+tarif&prix=5&stock=&max_per_user=3");
    let form = Some("application/x-www-form-urlencoded; charset=utf-8");
    let made = venue.staff().send("POST", PATH, form, body.into_bytes()).ok(201);
    assert_eq!((text(&made, "name"), &made["stock"]), ("Demi tarif", &Value::Null));
    assert_eq!(made["max_per_user"], json!(3));
}
