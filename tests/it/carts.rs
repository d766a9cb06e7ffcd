//! Carts: one order over several events, memberships and goods, and changing it before it is paid.

use crate::sales::{adds_up, run_out};
use crate::support::{House, Reply, Venue, at_once, house, text};
use guichet::root::By;
use guichet::trade::product::Category;
use serde_json::{Value, json};

const PATH: &str = "/api/orders/";

/// A venue with two evenings that sell one ticket, a shirt and a membership.
struct Shop<'h> {
    venue: Venue<'h>,
    jam: String,
    slam: String,
    ticket: String,
    full: String,
    shirt: String,
    card: String,
}

impl<'h> Shop<'h> {
    fn new(house: &'h House, seats: u32) -> Self {
        let venue = house.venue("Bisik");
        let ticket = venue.ticket("Concert");
        let full = venue.price(&ticket, "Plein", 1_250);
        let shirt = venue.price(&venue.product("Maillot", Category::Clothing), "M", 2_000);
        let card = venue.price(&venue.membership("Carte"), "Année", 1_500);
        let (jam, slam) =
            (venue.event("Jam", &[&ticket], seats), venue.event("Slam", &[&ticket], seats));
        Self { venue, jam, slam, ticket, full, shirt, card }
    }

    fn seats(&self, event: &str, places: usize) -> Value {
        let customers = vec![json!({ "first_name": "Ana", "last_name": "Payet" }); places];
        json!({ "price": self.full, "quantity": places, "event": event, "customers": customers })
    }

    fn place(&self, email: &str, items: &[Value]) -> Reply {
        self.venue.anyone().post(PATH, &json!({ "email": email, "items": items }))
    }

    fn change(&self, order: &Value, body: &Value) -> Reply {
        self.venue.anyone().put(&format!("{PATH}{}/", text(order, "uuid")), body)
    }

    fn show(&self, order: &Value) -> Value {
        self.venue.staff().get(&format!("{PATH}{}/", text(order, "uuid"))).ok(200)
    }

    fn pay(&self, order: &Value, body: &Value) -> Reply {
        self.venue.staff().post(&format!("{PATH}{}/payments/", text(order, "uuid")), body)
    }

    fn taken(&self, event: &str) -> u64 {
        let event = self.venue.anyone().get(&format!("/api/events/{event}/")).ok(200);
        event["reservations"].as_u64().unwrap()
    }
}

#[test]
fn goods_that_are_out_of_stock_are_no_places() {
    let house = house();
    let venue = house.venue("Bisik");
    let shirt = venue.product("T-shirt", Category::Clothing);
    let price = venue.price(&shirt, "L", 1_500);
    venue.staff().patch(&format!("/api/prices/{price}/"), &json!({ "stock": 2 })).ok(200);
    let told = |quantity: u8| {
        let items = json!([{ "price": price, "quantity": quantity }]);
        let cart = json!({ "email": "ana@example.org", "items": items });
        let refused = venue.anyone().post("/api/orders/", &cart).ok(400);
        refused["non_field_errors"][0].as_str().unwrap().to_owned()
    };
    assert_eq!(told(3), "Il n'en reste que 2.");
    let items = json!([{ "price": price, "quantity": 2 }]);
    let cart = json!({ "email": "ana@example.org", "items": items });
    venue.anyone().post("/api/orders/", &cart).ok(201);
    assert!(told(1).starts_with("Cet article est épuisé. D'autres peuvent"), "{}", told(1));
}

#[test]
fn one_order_holds_two_evenings_a_shirt_and_a_membership_with_one_payment() {
    let house = house();
    let shop = Shop::new(&house, 50);
    let items = [
        shop.seats(&shop.jam, 2),
        shop.seats(&shop.slam, 1),
        json!({ "price": shop.shirt, "quantity": 3 }),
        json!({ "price": shop.card, "quantity": 1, "customers": [{ "first_name": "Ana", "last_name": "Payet" }] }),
    ];
    let order = shop.place("ana@example.org", &items).ok(201);
    assert_eq!((&order["total"], text(&order, "state")), (&json!(112.5), "held"));
    let reservations = order["reservations"].as_array().unwrap();
    let tickets: Vec<usize> =
        reservations.iter().map(|one| one["tickets"].as_array().unwrap().len()).collect();
    assert_eq!((reservations.len(), tickets.iter().sum::<usize>()), (2, 3));
    let paid = shop.pay(&order, &json!({ "means": "cash" })).ok(201);
    assert_eq!(text(&paid, "state"), "paid");
    let ticket = &reservations[1]["tickets"][0];
    shop.venue.staff().post("/api/scan/", &json!({ "qr": ticket })).is(200);
    let sql = "SELECT count(*) FROM membership WHERE ends > 0 AND last_name = 'Payet'";
    assert_eq!(
        shop.venue.tenant().read(|tx| tx.one(sql, [], |row| row.get::<_, i64>(0))).unwrap(),
        1
    );
    adds_up(&shop.venue);
}

#[test]
fn all_of_a_cart_is_sold_or_nothing() {
    let house = house();
    let shop = Shop::new(&house, 2);
    shop.place("bo@example.org", &[shop.seats(&shop.slam, 2)]).ok(201);
    shop.place("ana@example.org", &[shop.seats(&shop.jam, 1), shop.seats(&shop.slam, 1)])
        .faults(&["non_field_errors"]);
    assert_eq!(shop.taken(&shop.jam), 0);
    adds_up(&shop.venue);
}

#[test]
fn a_code_works_on_all_of_a_cart() {
    let house = house();
    let shop = Shop::new(&house, 50);
    let body = json!({ "code": "DIX", "percent": 10, "products": [shop.ticket] });
    shop.venue.staff().post("/api/promotions/", &body).ok(201);
    let items = [
        shop.seats(&shop.jam, 1),
        shop.seats(&shop.slam, 1),
        json!({ "price": shop.shirt, "quantity": 1 }),
    ];
    let body = json!({ "email": "ana@example.org", "items": items, "promo_code": "dix" });
    let order = shop.venue.anyone().post(PATH, &body).ok(201);
    assert_eq!((&order["total"], text(&order, "promo_code")), (&json!(42.5), "DIX"));
    adds_up(&shop.venue);
}

#[test]
fn what_is_wrong_with_a_cart_is_named_and_nothing_is_stored() {
    let house = house();
    let shop = Shop::new(&house, 50);
    let hidden = shop.venue.event("Secret", &[&shop.ticket], 5);
    let path = format!("/api/events/{hidden}/");
    shop.venue.staff().put(&path, &json!({ "published": false })).ok(201);
    let with = |member: &str, value: Value| {
        let mut item = shop.seats(&shop.jam, 1);
        item[member] = value;
        json!([item])
    };
    for items in [
        json!([]),
        json!("x"),
        json!([7]),
        json!([{}]),
        with("price", json!(shop.jam)),
        with("quantity", json!(0)),
        with("quantity", json!(1.5)),
        with("quantity", json!(2)),
        with("event", json!("x")),
        with("event", json!(shop.full)),
        with("event", Value::Null),
        with("customers", json!([{ "first_name": "Ana" }])),
        with("custom_amount", json!(20)),
        with("custom_amount", json!("x")),
        with("options", json!([shop.full])),
        with("options", json!("x")),
        json!([{ "price": shop.card, "quantity": 1 }]),
        json!([{ "price": shop.shirt, "quantity": 1, "options": [shop.full] }]),
        json!(vec![shop.seats(&shop.jam, 1); 101]),
    ] {
        let body = json!({ "email": "ana@example.org", "items": items });
        let told = shop.venue.anyone().post(PATH, &body).ok(400);
        let fields: Vec<&String> = told.as_object().unwrap().keys().collect();
        let general = fields == ["non_field_errors"];
        assert!(fields == ["items"] || general, "{items}: {told}");
    }
    shop.venue.anyone().post(PATH, &json!({})).faults(&["email", "items"]);
    let sql = "SELECT count(*) FROM orders";
    assert_eq!(
        shop.venue.tenant().read(|tx| tx.one(sql, [], |row| row.get::<_, i64>(0))).unwrap(),
        0
    );
}

#[test]
fn each_event_of_a_cart_has_a_choice_of_its_own() {
    let house = house();
    let shop = Shop::new(&house, 50);
    let option = |name: &str| {
        let made = shop.venue.admin().post("/api/optionticket/", &json!({ "name": name })).ok(201);
        text(&made, "uuid").to_owned()
    };
    let (seat, pit) = (option("Balcon"), option("Fosse"));
    for event in [&shop.jam, &shop.slam] {
        let path = format!("/api/events/{event}/");
        shop.venue.staff().put(&path, &json!({ "options_radio": [seat, pit] })).ok(201);
    }
    let with = |event: &str, options: Value| {
        let mut item = shop.seats(event, 1);
        item["options"] = options;
        item
    };
    let ask = |items: &[Value]| shop.place("ana@example.org", items);
    let order = ask(&[
        with(&shop.jam, json!([seat])),
        with(&shop.jam, json!([seat])),
        with(&shop.slam, json!([pit])),
    ])
    .ok(201);
    for reservation in order["reservations"].as_array().unwrap() {
        assert_eq!(reservation["options"].as_array().map(Vec::len), Some(1));
    }
    ask(&[with(&shop.jam, json!([seat, pit])), shop.seats(&shop.slam, 1)]).faults(&["items"]);
    ask(&[with(&shop.jam, json!([seat])), with(&shop.jam, json!([pit]))]).faults(&["items"]);
}

#[test]
fn tickets_that_are_free_or_for_members_go_to_the_address_alone() {
    let house = house();
    let shop = Shop::new(&house, 50);
    let free = shop
        .venue
        .staff()
        .post("/api/events/", &json!({ "name": "Libre", "datetime": "2099-06-01T20:00" }))
        .ok(201);
    let free_price = text(&free["products"][0]["prices"][0], "uuid");
    let customers = json!([{ "first_name": "Ana", "last_name": "Payet" }]);
    let free = json!({ "price": free_price, "quantity": 1, "event": free["uuid"], "customers": customers });
    let join = json!({ "price": shop.card, "quantity": 1, "customers": customers });
    let card =
        shop.venue.anyone().get("/api/here/").ok(200)["membership_products"][0]["uuid"].clone();
    let body = json!({ "product": shop.ticket, "name": "Membre", "prix": 5, "adhesion_obligatoire": card });
    let gated = shop.venue.staff().post("/api/prices/", &body).ok(201);
    let gated = json!({ "price": gated["uuid"], "quantity": 1, "event": shop.slam, "customers": customers });
    let order = shop
        .place("ana@example.org", &[free.clone(), shop.seats(&shop.jam, 1), gated, join])
        .ok(201);
    let shown: Vec<(&Value, usize)> = order["reservations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["event"], one["tickets"].as_array().unwrap().len()))
        .collect();
    for (event, tickets) in shown {
        assert_eq!(tickets, usize::from(*event == json!(shop.jam)), "{event}");
    }
    let bo = shop.venue.bearing(&house.token(&house.user("bo@example.org"), 0));
    let only = bo.post(PATH, &json!({ "email": "bo@example.org", "items": [free] })).ok(201);
    assert_eq!((text(&only, "state"), &only["reservations"][0]["tickets"]), ("paid", &json!([])));
}

#[test]
fn the_same_key_places_one_cart_and_changes_it_once() {
    let house = house();
    let shop = Shop::new(&house, 50);
    let body = json!({ "email": "ana@example.org", "items": [shop.seats(&shop.jam, 1)] });
    let place =
        || shop.venue.anyone().with("Idempotency-Key", "panier-1").post(PATH, &body).ok(201);
    let order = place();
    assert_eq!(place(), order);
    let path = format!("{PATH}{}/", text(&order, "uuid"));
    let body = json!({ "items": [shop.seats(&shop.slam, 2)] });
    let change =
        || shop.venue.anyone().with("Idempotency-Key", "panier-2").put(&path, &body).ok(200);
    let changed = change();
    assert_eq!(change(), changed);
    assert_eq!((shop.taken(&shop.jam), shop.taken(&shop.slam)), (0, 2));
    adds_up(&shop.venue);
}

#[test]
fn a_changed_cart_is_another_order_of_the_same_buyer_held_no_longer_than_the_first() {
    let house = house();
    let shop = Shop::new(&house, 50);
    let old = shop.place("ana@example.org", &[shop.seats(&shop.jam, 2)]).ok(201);
    let new = shop
        .change(&old, &json!({ "email": "eve@example.org", "items": [shop.seats(&shop.slam, 1)] }))
        .ok(200);
    assert_ne!(old["uuid"], new["uuid"]);
    assert_eq!((&new["held_until"], text(&new, "email")), (&old["held_until"], "ana@example.org"));
    assert_eq!((text(&shop.show(&old), "state"), shop.taken(&shop.jam)), ("cancelled", 0));
    shop.change(&old, &json!({ "items": [shop.seats(&shop.jam, 1)] })).is(409);
    shop.pay(&old, &json!({ "means": "cash" })).is(409);
    shop.pay(&new, &json!({ "means": "cash" })).is(201);
    shop.change(&new, &json!({ "items": [shop.seats(&shop.jam, 1)] })).is(409);
    adds_up(&shop.venue);
}

#[test]
fn a_change_that_is_refused_leaves_the_order_as_it_was() {
    let house = house();
    let shop = Shop::new(&house, 2);
    shop.place("bo@example.org", &[shop.seats(&shop.slam, 2)]).ok(201);
    let order = shop.place("ana@example.org", &[shop.seats(&shop.jam, 2)]).ok(201);
    let before = shop.show(&order);
    for body in [
        json!({}),
        json!({ "items": [] }),
        json!({ "items": [shop.seats(&shop.jam, 1), shop.seats(&shop.slam, 1)] }),
        json!({ "items": [shop.seats(&shop.jam, 3)] }),
        json!({ "items": [shop.seats(&shop.jam, 1)], "promo_code": "RIEN" }),
    ] {
        shop.change(&order, &body).is(400);
        assert_eq!(shop.show(&order), before);
    }
    shop.pay(&order, &json!({ "means": "cash", "amount": 1 })).is(201);
    shop.change(&order, &json!({ "items": [shop.seats(&shop.jam, 1)] })).is(409);
    run_out(&shop.venue);
    shop.change(&order, &json!({ "items": [shop.seats(&shop.jam, 1)] })).is(409);
    shop.change(&json!({ "uuid": shop.jam }), &json!({ "items": [] })).is(404);
    adds_up(&shop.venue);
}

#[test]
fn who_changes_a_cart_may_keep_what_is_sold_out_and_used_up() {
    let house = house();
    let shop = Shop::new(&house, 4);
    let path = format!("/api/prices/{}/", shop.full);
    shop.venue.staff().patch(&path, &json!({ "max_per_user": 4, "stock": 4 })).ok(200);
    let body = json!({ "code": "UNE", "percent": 10, "uses": 1, "uses_per_person": 1 });
    shop.venue.staff().post("/api/promotions/", &body).ok(201);
    let body = |places| json!({ "email": "ana@example.org", "items": [shop.seats(&shop.jam, places)], "promo_code": "UNE" });
    let mut order = shop.venue.anyone().post(PATH, &body(4)).ok(201);
    for places in [4, 3, 4, 1, 4] {
        order = shop.change(&order, &body(places)).ok(200);
        assert_eq!(shop.taken(&shop.jam), places as u64);
    }
    adds_up(&shop.venue);
}

#[test]
fn who_changes_a_cart_never_loses_its_seat_to_64_who_want_it() {
    let house = house();
    let shop = Shop::new(&house, 1);
    let first = shop.place("ana@example.org", &[shop.seats(&shop.jam, 1)]).ok(201);
    let shirt = json!({ "price": shop.shirt, "quantity": 1 });
    let replies = at_once(64, |n| {
        if n > 0 {
            return shop.place(&format!("p{n}@example.org"), &[shop.seats(&shop.jam, 1)]).status;
        }
        let mut order = first.clone();
        for turn in 0..10 {
            let mut items = vec![shop.seats(&shop.jam, 1)];
            items.extend((turn % 2 == 0).then(|| shirt.clone()));
            order = shop.change(&order, &json!({ "items": items })).ok(200);
        }
        200
    });
    assert!(replies[1..].iter().all(|status| *status == 400), "{replies:?}");
    assert_eq!(shop.taken(&shop.jam), 1);
    adds_up(&shop.venue);
}

#[test]
fn one_order_that_64_change_at_once_is_changed_once() {
    let house = house();
    let shop = Shop::new(&house, 50);
    let order = shop.place("ana@example.org", &[shop.seats(&shop.jam, 1)]).ok(201);
    let replies = at_once(64, |_| {
        shop.change(&order, &json!({ "items": [shop.seats(&shop.slam, 2)] })).status
    });
    assert_eq!(replies.iter().filter(|status| **status == 200).count(), 1);
    assert!(replies.iter().all(|status| [200, 409].contains(status)));
    assert_eq!((shop.taken(&shop.jam), shop.taken(&shop.slam)), (0, 2));
    adds_up(&shop.venue);
}

/// What membership an order has bought ends on this day.
fn ends(shop: &Shop<'_>) -> String {
    let sql = "SELECT date(ends / 1000000, 'unixepoch') FROM membership";
    shop.venue.tenant().read(|tx| tx.one(sql, [], |row| row.get(0))).unwrap()
}

#[test]
fn a_membership_in_a_cart_is_extended_and_nobody_hears_whose_is_valid() {
    let house = house();
    let shop = Shop::new(&house, 50);
    let join = json!({ "price": shop.card, "quantity": 1, "customers": [{ "first_name": "Ana", "last_name": "Payet" }] });
    let order = shop.place("ana@example.org", std::slice::from_ref(&join)).ok(201);
    shop.pay(&order, &json!({ "means": "cash" })).is(201);
    let before = ends(&shop);
    let order = shop.place("ana@example.org", &[join]).ok(201);
    shop.pay(&order, &json!({ "means": "cash" })).is(201);
    assert!(ends(&shop) > before);
    let nameless = json!({ "price": shop.card, "quantity": 1 });
    shop.place("ana@example.org", std::slice::from_ref(&nameless)).faults(&["items"]);
    shop.place("bo@example.org", &[nameless]).faults(&["items"]);
}

#[test]
fn a_price_for_members_in_a_cart_asks_for_a_log_in_and_says_nothing_of_an_address() {
    let house = house();
    let shop = Shop::new(&house, 50);
    let join = json!({ "price": shop.card, "quantity": 1, "customers": [{ "first_name": "Ana", "last_name": "Payet" }] });
    let ana = house.user("ana@example.org");
    let order = shop.place("ana@example.org", &[join]).ok(201);
    shop.pay(&order, &json!({ "means": "cash" })).is(201);
    let card =
        shop.venue.anyone().get("/api/here/").ok(200)["membership_products"][0]["uuid"].clone();
    let body = json!({ "product": shop.ticket, "name": "Membre", "prix": 5, "adhesion_obligatoire": card });
    let gated = shop.venue.staff().post("/api/prices/", &body).ok(201);
    let seat = json!({
        "price": gated["uuid"], "quantity": 1, "event": shop.jam,
        "customers": [{ "first_name": "Ana", "last_name": "Payet" }],
    });
    let said = |email: &str| shop.place(email, std::slice::from_ref(&seat)).is(400).text();
    assert_eq!(said("ana@example.org"), said("nobody@example.org"));
    let cart = json!({ "email": "ana@example.org", "items": [seat] });
    shop.venue.bearing(&house.token(&ana, 0)).post("/api/orders/", &cart).ok(201);
}

#[test]
fn what_is_not_published_is_sold_by_staff_alone() {
    let house = house();
    let shop = Shop::new(&house, 50);
    let hide = "UPDATE product SET published = 0 WHERE name IN ('Maillot', 'Carte')";
    shop.venue.tenant().write(By::House, |tx| tx.run(hide, [])).unwrap();
    let shirt = json!([{ "price": shop.shirt, "quantity": 1 }]);
    let body = json!({ "email": "ana@example.org", "items": shirt });
    assert!(shop.venue.anyone().post(PATH, &body).is(400).text().contains("non disponible"));
    let joins = json!({
        "adhesion": shop.card, "email": "ana@example.org", "first_name": "Ana", "last_name": "Payet", "phone": "1",
    });
    let refused = shop.venue.anyone().post("/api/membership/", &joins);
    assert!(refused.is(400).text().contains("non disponible"));
    for (path, body) in [(PATH, &body), ("/api/membership/", &joins)] {
        shop.venue.staff().post(path, body).ok(201);
    }
}
