//! Paying what one likes: prices whose buyers choose the amount.

use crate::sales::adds_up;
use crate::support::{Caller, House, Reply, Venue, house, text};
use serde_json::{Value, json};

/// A venue whose evening has a free price of at least 3.
struct Evening<'h> {
    venue: Venue<'h>,
    event: String,
    price: String,
}

impl<'h> Evening<'h> {
    fn new(house: &'h House) -> Self {
        let venue = house.venue("Bisik");
        let ticket = venue.ticket("Concert");
        let body = json!({ "product": ticket, "name": "Libre", "prix": 3, "free_price": true });
        let price = text(&venue.staff().post("/api/prices/", &body).ok(201), "uuid").to_owned();
        let event = venue.event("Jam", &[&ticket], 50);
        Self { venue, event, price }
    }

    fn ask(&self, places: usize, amount: Option<Value>) -> Reply {
        self.ask_as(&self.venue.anyone(), places, amount)
    }

    fn ask_as(&self, caller: &Caller, places: usize, amount: Option<Value>) -> Reply {
        let customers = vec![json!({ "first_name": "Ana", "last_name": "Payet" }); places];
        let mut price = json!({ "uuid": self.price, "qty": places, "customers": customers });
        if let Some(amount) = amount {
            price["amount"] = amount;
        }
        let body = json!({
            "email": "ana@example.org", "event": self.event, "options": [], "prices": [price],
        });
        caller.post("/api/reservations/", &body)
    }
}

#[test]
fn a_free_price_says_so_in_its_detail_and_a_price_has_the_same_keys_wherever_it_is_shown() {
    let house = house();
    let evening = Evening::new(&house);
    let path = format!("/api/prices/{}/", evening.price);
    let (anyone, detail) = (evening.venue.anyone(), format!("{path}detail/"));
    assert_eq!(anyone.get(&detail).ok(200)["free_price"], true);
    let patched = evening.venue.staff().patch(&path, &json!({ "free_price": false })).ok(200);
    assert_eq!(anyone.get(&detail).ok(200)["free_price"], false);
    assert_eq!(anyone.get(&path).ok(200), patched);
    assert_eq!(anyone.get("/api/prices/").ok(200)[0], patched);
    evening
        .venue
        .staff()
        .patch(&path, &json!({ "free_price": "peut-être" }))
        .faults(&["free_price"]);
}

#[test]
fn several_tickets_cost_what_their_buyer_chose_for_each() {
    let house = house();
    let evening = Evening::new(&house);
    let booked = evening.ask(3, Some(json!("7.35"))).ok(201);
    assert_eq!(booked["order"]["total"], 22.05);
    let path = format!("/api/orders/{}/", text(&booked["order"], "uuid"));
    assert_eq!(evening.venue.staff().get(&path).ok(200)["lines"][0]["unit"], 7.35);
    adds_up(&evening.venue);
}

#[test]
fn who_chooses_nothing_pays_the_least() {
    let house = house();
    let evening = Evening::new(&house);
    assert_eq!(evening.ask(2, None).ok(201)["order"]["total"], 6.0);
    assert_eq!(evening.ask(1, Some(Value::Null)).ok(201)["order"]["total"], 3.0);
}

#[test]
fn less_than_the_least_and_what_is_no_amount_is_refused() {
    let house = house();
    let evening = Evening::new(&house);
    for wrong in
        [json!(2.99), json!(-1), json!("x"), json!(1_000_000), json!(3.001), json!([]), json!(true)]
    {
        evening.ask(1, Some(wrong)).faults(&["prices"]);
    }
    let event = format!("/api/events/{}/", evening.event);
    assert_eq!(evening.venue.anyone().get(&event).ok(200)["reservations"], 0);
    evening.ask(1, Some(json!(999_999.99))).ok(201);
}

#[test]
fn the_amount_of_any_other_price_is_not_its_buyers_to_choose() {
    let house = house();
    let evening = Evening::new(&house);
    let path = format!("/api/prices/{}/", evening.price);
    evening.venue.staff().patch(&path, &json!({ "free_price": false })).ok(200);
    for amount in [0, 3, 30] {
        evening.ask(1, Some(json!(amount))).faults(&["prices"]);
    }
}

#[test]
fn what_was_chosen_stays_when_the_least_is_raised() {
    let house = house();
    let evening = Evening::new(&house);
    let booked = evening.ask(1, Some(json!(4))).ok(201);
    let path = format!("/api/prices/{}/", evening.price);
    evening.venue.staff().patch(&path, &json!({ "prix": 10 })).ok(200);
    let pay = format!("/api/orders/{}/payments/", text(&booked["order"], "uuid"));
    let paid = evening.venue.staff().post(&pay, &json!({ "means": "cash" })).ok(201);
    assert_eq!(paid["payments"][0]["amount"], 4.0);
    adds_up(&evening.venue);
}

#[test]
fn a_free_price_of_nothing_is_settled_at_once_and_tells_no_ticket() {
    let house = house();
    let ana = house.user("ana@example.org");
    let evening = Evening::new(&house);
    let ana = evening.venue.bearing(&house.token(&ana, 0));
    let path = format!("/api/prices/{}/", evening.price);
    evening.venue.staff().patch(&path, &json!({ "prix": 0 })).ok(200);
    let booked = evening.ask_as(&ana, 1, Some(json!(0))).ok(201);
    assert_eq!(
        (text(&booked["order"], "state"), &booked["reservation"]["tickets"]),
        ("paid", &json!([]))
    );
    assert_eq!(text(&evening.ask(1, Some(json!(0.01))).ok(201)["order"], "state"), "held");
}

#[test]
fn a_member_gives_what_they_like_and_it_is_their_contribution() {
    let house = house();
    let venue = house.venue("Bisik");
    let price = venue.price(&venue.membership("Carte"), "Soutien", 1_500);
    let join = |amount: Value| {
        let body = json!({
            "adhesion": price, "email": "ana@example.org", "first_name": "Ana", "last_name": "Payet", "phone": "1",
            "custom_amount": amount,
        });
        venue.anyone().post("/api/membership/", &body)
    };
    join(json!(50)).faults(&["custom_amount"]);
    let path = format!("/api/prices/{price}/");
    venue.staff().patch(&path, &json!({ "free_price": true })).ok(200);
    join(json!(14.99)).faults(&["custom_amount"]);
    join(json!("x")).faults(&["custom_amount"]);
    let joined = join(json!(50)).ok(201);
    assert_eq!(joined["order"]["total"], 50.0);
    let pay = format!("/api/orders/{}/payments/", text(&joined["order"], "uuid"));
    venue.staff().post(&pay, &json!({ "means": "cash" })).is(201);
    let sql = "SELECT contribution FROM membership";
    let given: i64 = venue.tenant().read(|tx| tx.one(sql, [], |row| row.get(0))).unwrap();
    assert_eq!(given, 5_000);
}
