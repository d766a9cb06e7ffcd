//! Promotions: codes that take something off, as often as they may and no more.

use crate::sales::{adds_up, run_out};
use crate::support::{
    Caller, House, Reply, Venue, at_once, house, house_with, text, within_a_minute,
};
use guichet::root::By;
use serde_json::{Value, json};

const PATH: &str = "/api/promotions/";

/// A venue with one evening, and a price of 12.50 for it.
struct Evening<'h> {
    venue: Venue<'h>,
    ticket: String,
    price: String,
    event: String,
}

impl<'h> Evening<'h> {
    fn new(house: &'h House) -> Self {
        let venue = house.venue("Bisik");
        let ticket = venue.ticket("Concert");
        let price = venue.price(&ticket, "Plein", 1_250);
        let event = venue.event("Jam", &[&ticket], 500);
        Self { venue, ticket, price, event }
    }

    /// Makes a promotion; its path.
    fn promotion(&self, body: &Value) -> String {
        format!("{PATH}{}/", text(&self.venue.staff().post(PATH, body).ok(201), "uuid"))
    }

    fn book(&self, email: &str, places: usize, code: &str) -> Reply {
        self.book_as(&self.venue.anyone(), email, places, code)
    }

    fn book_as(&self, caller: &Caller, email: &str, places: usize, code: &str) -> Reply {
        let customers = vec![json!({ "first_name": "Ana", "last_name": "Payet" }); places];
        let body = json!({
            "email": email, "event": self.event, "options": [], "promo_code": code,
            "prices": [{ "uuid": self.price, "qty": places, "customers": customers }],
        });
        caller.post("/api/reservations/", &body)
    }

    fn order(&self, booked: &Value, then: &str, body: &Value) -> Reply {
        let path = format!("/api/orders/{}/{then}", text(&booked["order"], "uuid"));
        self.venue.staff().post(&path, body)
    }

    fn used(&self, promotion: &str) -> u64 {
        self.venue.staff().get(promotion).ok(200)["used"].as_u64().unwrap()
    }
}

/// Refused for its code, with this sentence.
#[track_caller]
fn no(reply: Reply, sentence: &str) {
    let told = reply.ok(400);
    assert_eq!(told, json!({ "promo_code": [sentence] }));
}

const UNKNOWN: &str = "Ce code promotionnel n'existe pas.";
const USED_UP: &str = "Ce code promotionnel est épuisé.";
const NOT_FOR_THIS: &str = "Ce code promotionnel ne s'applique pas à ces articles.";

#[test]
fn a_code_takes_its_part_off_each_ticket_and_the_order_shows_both() {
    let house = house();
    let evening = Evening::new(&house);
    evening.promotion(&json!({ "code": "Dix", "percent": 33.33 }));
    let booked = evening.book("ana@example.org", 3, "dIX").ok(201);
    // 12.50 less 4.16625, rounded half up.
    assert_eq!(booked["order"]["total"], 24.99);
    let path = format!("/api/orders/{}/", text(&booked["order"], "uuid"));
    let order = evening.venue.staff().get(&path).ok(200);
    let line = &order["lines"][0];
    assert_eq!(text(&order, "promo_code"), "Dix");
    assert_eq!(
        [&line["unit"], &line["discount"], &line["total"]],
        [&json!(8.33), &json!(4.17), &json!(24.99)]
    );
    adds_up(&evening.venue);
}

#[test]
fn vat_is_reckoned_from_what_is_paid() {
    let house = house();
    let evening = Evening::new(&house);
    let path = format!("/api/prices/{}/", evening.price);
    evening.venue.staff().patch(&path, &json!({ "vat": "VG", "prix": 24 })).ok(200);
    evening.promotion(&json!({ "code": "DIX", "percent": 50 }));
    let booked = evening.book("ana@example.org", 1, "DIX").ok(201);
    assert_eq!((&booked["order"]["total"], &booked["order"]["vat"]), (&json!(12.0), &json!(2.0)));
}

#[test]
fn an_amount_takes_off_no_more_than_there_is_and_what_costs_nothing_then_is_settled() {
    let house = house();
    let evening = Evening::new(&house);
    evening.promotion(&json!({ "code": "CINQ", "amount": 5 }));
    let paid = evening.book("ana@example.org", 2, "CINQ").ok(201);
    assert_eq!(paid["order"]["total"], 15.0);
    evening.promotion(&json!({ "code": "CADEAU", "amount": 500 }));
    let bo = evening.venue.bearing(&house.token(&house.user("bo@example.org"), 0));
    let free = evening.book_as(&bo, "bo@example.org", 2, "CADEAU").ok(201);
    assert_eq!((&free["order"]["total"], text(&free["order"], "state")), (&json!(0.0), "paid"));
    assert_eq!(free["reservation"]["tickets"], json!([]), "free tickets go to the address");
    adds_up(&evening.venue);
}

#[test]
fn a_code_for_some_products_leaves_the_others_as_they_are() {
    let house = house();
    let evening = Evening::new(&house);
    let shirt = evening.venue.ticket("Repas");
    let meal = evening.venue.price(&shirt, "Assiette", 1_000);
    let event = format!("/api/events/{}/", evening.event);
    evening.venue.staff().put(&event, &json!({ "products": [evening.ticket, shirt] })).ok(201);
    let path = evening.promotion(&json!({ "code": "MOITIE", "percent": 50, "products": [shirt] }));
    no(evening.book("ana@example.org", 1, "MOITIE"), NOT_FOR_THIS);
    assert_eq!(evening.used(&path), 0);
    let customers = json!([{ "first_name": "Ana", "last_name": "Payet" }]);
    let body = json!({
        "email": "ana@example.org", "event": evening.event, "options": [], "promo_code": "moitie",
        "prices": [{ "uuid": evening.price, "qty": 1, "customers": customers },
                   { "uuid": meal, "qty": 1, "customers": customers }],
    });
    let booked = evening.venue.anyone().post("/api/reservations/", &body).ok(201);
    assert_eq!(booked["order"]["total"], 17.5);
    // Without the product it applies to nothing, rather than to everything.
    evening.venue.staff().delete(&format!("/api/products/{shirt}/")).is(204);
    no(evening.book("ana@example.org", 1, "MOITIE"), NOT_FOR_THIS);
}

#[test]
fn a_code_does_not_lower_what_its_buyer_chooses() {
    let house = house();
    let evening = Evening::new(&house);
    let path = format!("/api/prices/{}/", evening.price);
    evening.venue.staff().patch(&path, &json!({ "free_price": true })).ok(200);
    evening.promotion(&json!({ "code": "DIX", "percent": 10 }));
    no(evening.book("ana@example.org", 1, "DIX"), NOT_FOR_THIS);
}

#[test]
fn each_reason_for_a_code_to_be_refused_has_a_sentence_of_its_own() {
    let house = house();
    let evening = Evening::new(&house);
    no(evening.book("ana@example.org", 1, "RIEN"), UNKNOWN);
    no(evening.book("ana@example.org", 1, "deux mots"), UNKNOWN);
    let code = |code: &str, with: Value| {
        let mut body = json!({ "code": code, "percent": 10 });
        body.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        evening.promotion(&body)
    };
    code("TARD", json!({ "valid_from": "2098-01-01T00:00" }));
    no(
        evening.book("ana@example.org", 1, "TARD"),
        "Ce code promotionnel n'est pas encore valable.",
    );
    code("AVANT", json!({ "valid_until": "2020-01-01T00:00" }));
    no(evening.book("ana@example.org", 1, "AVANT"), "Ce code promotionnel a expiré.");
    code("UNE", json!({ "uses": 1 }));
    evening.book("ana@example.org", 1, "UNE").ok(201);
    no(evening.book("bo@example.org", 1, "UNE"), USED_UP);
    code("CHACUN", json!({ "uses_per_person": 1 }));
    evening.book("ana@example.org", 1, "CHACUN").ok(201);
    evening.book("bo@example.org", 1, "CHACUN").ok(201);
    no(
        evening.book("ana@example.org", 1, "CHACUN"),
        "Vous avez déjà utilisé ce code promotionnel.",
    );
    let gone = code("FINI", json!({}));
    evening.venue.staff().delete(&gone).is(204);
    no(evening.book("ana@example.org", 1, "FINI"), UNKNOWN);
    adds_up(&evening.venue);
}

#[test]
fn a_code_works_for_memberships_too_and_an_empty_one_is_none() {
    let house = house();
    let evening = Evening::new(&house);
    let price = evening.venue.price(&evening.venue.membership("Carte"), "Année", 1_500);
    evening.promotion(&json!({ "code": "AMI", "amount": "2.50" }));
    let join = |email: &str, code: Value| {
        let body = json!({
            "adhesion": price, "email": email, "first_name": "Ana", "last_name": "Payet", "phone": "1",
            "promo_code": code,
        });
        evening.venue.anyone().post("/api/membership/", &body)
    };
    assert_eq!(join("ana@example.org", json!("ami")).ok(201)["order"]["total"], 12.5);
    no(join("bo@example.org", json!("amie")), UNKNOWN);
    for none in [json!(""), Value::Null] {
        let joined = join(&format!("p{}@example.org", house.next()), none).ok(201);
        assert_eq!(joined["order"]["total"], 15.0);
    }
}

#[test]
fn of_64_who_send_a_code_of_seven_uses_seven_pay_less() {
    let house = house();
    let evening = Evening::new(&house);
    let path = evening.promotion(&json!({ "code": "SEPT", "percent": 10, "uses": 7 }));
    let replies = at_once(64, |n| evening.book(&format!("p{n}@example.org"), 1, "SEPT"));
    let got = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!((got, evening.used(&path)), (7, 7));
    for refused in replies.into_iter().filter(|reply| reply.status != 201) {
        no(refused, USED_UP);
    }
    adds_up(&evening.venue);
}

#[test]
fn one_person_at_64_counters_uses_a_code_no_more_often_than_one_person_may() {
    let house = house();
    let evening = Evening::new(&house);
    evening.promotion(&json!({ "code": "TROIS", "percent": 10, "uses_per_person": 3 }));
    let replies = at_once(64, |_| evening.book("ana@example.org", 1, "TROIS"));
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 3);
    adds_up(&evening.venue);
}

#[test]
fn a_use_comes_back_when_its_order_ends_unpaid_or_is_given_back_whole() {
    let house = house();
    let evening = Evening::new(&house);
    let path = evening
        .promotion(&json!({ "code": "UNE", "percent": 10, "uses": 1, "uses_per_person": 1 }));
    let book = || evening.book("ana@example.org", 2, "UNE");
    let cancelled = book().ok(201);
    evening.order(&cancelled, "refund/", &json!({})).is(200);
    assert_eq!(evening.used(&path), 0);
    book().ok(201);
    run_out(&evening.venue);
    assert_eq!(evening.used(&path), 0, "even before anybody looks");
    let paid = book().ok(201);
    evening.order(&paid, "payments/", &json!({ "means": "cash" })).is(201);
    let ticket = paid["reservation"]["tickets"][0].clone();
    evening.order(&paid, "refund/", &json!({ "tickets": [ticket], "means": "cash" })).is(200);
    no(book(), USED_UP);
    evening.order(&paid, "refund/", &json!({ "means": "cash" })).is(200);
    book().ok(201);
    adds_up(&evening.venue);
}

#[test]
fn a_request_that_is_refused_for_another_reason_uses_no_code() {
    let house = house();
    let evening = Evening::new(&house);
    let path = evening.promotion(&json!({ "code": "UNE", "percent": 10, "uses": 1 }));
    evening.book("ana@example.org", 11, "UNE").faults(&["non_field_errors"]);
    assert_eq!(evening.used(&path), 0);
}

#[test]
fn who_guesses_codes_too_often_is_told_neither_wrong_nor_right_ones() {
    within_a_minute(|| {
        let house = house_with(&[("failures_per_address", "5")]);
        let evening = Evening::new(&house);
        evening.promotion(&json!({ "code": "VRAI", "percent": 10 }));
        for n in 0..5 {
            no(evening.book("ana@example.org", 1, &format!("FAUX{n}")), UNKNOWN);
        }
        evening.book("ana@example.org", 1, "FAUX").is(429);
        evening.book("ana@example.org", 1, "VRAI").is(429);
        // Without a code anybody may buy.
        evening.book("ana@example.org", 1, "").is(201);
    });
}

#[test]
fn what_is_wrong_with_a_promotion_is_named_and_nothing_is_stored() {
    let house = house();
    let evening = Evening::new(&house);
    let staff = evening.venue.staff();
    let before = house.ledger();
    for (wrong, fields) in [
        (json!({}), &["code"][..]),
        (json!({ "code": "A" }), &["percent"]),
        (json!({ "code": "A B", "percent": 10 }), &["code"]),
        (json!({ "code": "x".repeat(51), "percent": 10 }), &["code"]),
        (json!({ "code": "A", "percent": 10, "amount": 5 }), &["amount"]),
        (json!({ "code": "A", "percent": 0 }), &["percent"]),
        (json!({ "code": "A", "percent": 100.01 }), &["percent"]),
        (json!({ "code": "A", "percent": 1.005 }), &["percent"]),
        (json!({ "code": "A", "percent": "x" }), &["percent"]),
        (json!({ "code": "A", "amount": 0 }), &["amount"]),
        (json!({ "code": "A", "amount": 1_000_000 }), &["amount"]),
        (json!({ "code": "A", "percent": 1, "uses": 0 }), &["uses"]),
        (json!({ "code": "A", "percent": 1, "uses": 1_000_001 }), &["uses"]),
        (json!({ "code": "A", "percent": 1, "uses_per_person": 0 }), &["uses_per_person"]),
        (json!({ "code": "A", "percent": 1, "valid_from": "demain" }), &["valid_from"]),
        (json!({ "code": "A", "percent": 1, "valid_until": "3000-01-01T00:00" }), &["valid_until"]),
        (
            json!({ "code": "A", "percent": 1, "valid_from": "2030-01-02T00:00", "valid_until": "2030-01-01T00:00" }),
            &["valid_until"],
        ),
        (json!({ "code": "A", "percent": 1, "products": "x" }), &["products"]),
        (json!({ "code": "A", "percent": 1, "products": ["x"] }), &["products"]),
        (json!({ "code": "A", "percent": 1, "products": vec!["x"; 101] }), &["products"]),
    ] {
        staff.post(PATH, &wrong).faults(fields);
    }
    assert_eq!(house.ledger(), before);
}

#[test]
fn a_code_is_one_promotions_whatever_its_case_until_that_is_taken_away() {
    let house = house();
    let evening = Evening::new(&house);
    let staff = evening.venue.staff();
    let first = evening.promotion(&json!({ "code": "Été", "percent": 10 }));
    let body = json!({ "code": "éTÉ", "amount": 1 });
    staff.post(PATH, &body).faults(&["code"]);
    let other = evening.promotion(&json!({ "code": "Hiver", "percent": 10 }));
    staff.patch(&other, &body).faults(&["code"]);
    let booked = evening.book("ana@example.org", 1, "ÉTÉ").ok(201);
    staff.delete(&first).is(204);
    staff.get(&first).is(404);
    evening.promotion(&body);
    evening.order(&booked, "payments/", &json!({ "means": "cash" })).is(201);
    adds_up(&evening.venue);
}

#[test]
fn a_promotion_changes_where_it_is_told_to_and_nowhere_else() {
    let house = house();
    let evening = Evening::new(&house);
    let staff = evening.venue.staff();
    let path = evening.promotion(&json!({
        "code": "ETE", "percent": "12.5", "valid_from": "2020-01-01T00:00", "valid_until": "2098-01-01T00:00+04:00",
        "uses": 9, "uses_per_person": 2, "products": [evening.ticket],
    }));
    let made = staff.get(&path).ok(200);
    assert_eq!((&made["percent"], &made["amount"]), (&json!(12.5), &Value::Null));
    assert_eq!(made["products"], json!([evening.ticket]));
    assert_eq!(staff.patch(&path, &json!({})).ok(200), made);
    let changed = staff.patch(&path, &json!({ "amount": 3 })).ok(200);
    assert_eq!((&changed["percent"], &changed["amount"]), (&Value::Null, &json!(3.0)));
    staff.patch(&path, &json!({ "amount": null })).faults(&["percent"]);
    let none = json!({
        "valid_from": null, "valid_until": null, "uses": null, "uses_per_person": null, "products": null,
    });
    let changed = staff.patch(&path, &none).ok(200);
    for member in none.as_object().unwrap().keys() {
        assert_eq!(changed[member], Value::Null, "{member}");
    }
}

#[test]
fn a_code_has_no_fewer_uses_than_it_was_used() {
    let house = house();
    let evening = Evening::new(&house);
    let path = evening.promotion(&json!({ "code": "ETE", "percent": 10 }));
    for n in 0..3 {
        evening.book(&format!("p{n}@example.org"), 1, "ETE").ok(201);
    }
    evening.venue.staff().patch(&path, &json!({ "uses": 2 })).faults(&["uses"]);
    evening.venue.staff().patch(&path, &json!({ "uses": 3 })).ok(200);
    run_out(&evening.venue);
    evening.venue.staff().patch(&path, &json!({ "uses": 2 })).ok(200);
    adds_up(&evening.venue);
}

#[test]
fn a_tenant_holds_no_more_promotions_than_there_may_be() {
    let house = house();
    let evening = Evening::new(&house);
    let full = format!(
        "UPDATE tally SET rows = {} WHERE kind = 'promotion'",
        guichet::trade::promotion::MOST
    );
    evening.venue.tenant().write(By::House, |tx| tx.run(&full, [])).unwrap();
    let body = json!({ "code": "ETE", "percent": 10 });
    evening.venue.staff().post(PATH, &body).faults(&["non_field_errors"]);
}

#[test]
fn what_a_code_took_off_is_never_rewritten_and_its_limits_stand_in_the_file_too() {
    let house = house();
    let evening = Evening::new(&house);
    evening.promotion(&json!({ "code": "UNE", "percent": 10, "uses": 1, "uses_per_person": 1 }));
    evening.book("ana@example.org", 1, "UNE").ok(201);
    for sql in [
        "UPDATE line SET discount = 0",
        "UPDATE orders SET promotion = NULL",
        "UPDATE promotion SET used = 2",
        "UPDATE promotion SET used = -1",
        "UPDATE promotion SET amount = 1",
        "DELETE FROM promotion",
        "INSERT INTO orders (id, account, email, state, currency, total, vat, expires, placed, promotion)
         SELECT randomblob(16), account, email, state, currency, total, vat, expires, placed, promotion FROM orders",
    ] {
        assert!(evening.venue.tenant().write(By::House, |tx| tx.run(sql, [])).is_err(), "{sql}");
    }
}
