//! Selling: nothing is sold twice, nothing is lost, and it adds up to the cent.

use crate::support::{House, Reply, Venue, at_once, house, house_with, text};
use guichet::root::By;
use guichet::trade::membership::{self, Standing};
use guichet::trade::{order, ticket};
use guichet::values::Email;
use guichet::values::id::{BookingId, OrderId, ProductId};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A venue with one evening of so many seats and a paid price of it.
struct Evening<'h> {
    venue: Venue<'h>,
    ticket: String,
    price: String,
    event: String,
}

impl<'h> Evening<'h> {
    fn new(house: &'h House, seats: u32) -> Self {
        let venue = house.venue("Bisik");
        let ticket = venue.ticket("Concert");
        let price = venue.price(&ticket, "Plein", 1_250);
        let event = venue.event("Jam", &[&ticket], seats);
        Self { venue, ticket, price, event }
    }

    fn book(&self, email: &str, places: usize) -> Reply {
        self.venue.book(email, &self.event, &self.price, places)
    }

    fn change_price(&self, body: &Value) {
        self.venue.staff().patch(&format!("/api/prices/{}/", self.price), body).ok(200);
    }

    fn taken(&self) -> u64 {
        let event = self.venue.anyone().get(&format!("/api/events/{}/", self.event)).ok(200);
        event["reservations"].as_u64().unwrap()
    }

    fn pay(&self, booked: &Value, body: &Value) -> Reply {
        let path = format!("/api/orders/{}/payments/", text(&booked["order"], "uuid"));
        self.venue.staff().post(&path, body)
    }

    fn refund(&self, booked: &Value, body: &Value) -> Reply {
        let path = format!("/api/orders/{}/refund/", text(&booked["order"], "uuid"));
        self.venue.staff().post(&path, body)
    }

    /// Lets the hold of every order run out.
    fn run_out(&self) {
        run_out(&self.venue);
    }

    /// Sold, held and free add up, for seats and for pieces, and so does the money.
    fn adds_up(&self) {
        adds_up(&self.venue);
    }
}

/// Sold, held and free add up in this venue's file.
pub(crate) fn adds_up(venue: &Venue<'_>) {
    let tenant = venue.tenant();
    for (what, sql) in ADD_UP {
        let off: i64 = tenant.read(|tx| tx.one(sql, [], |row| row.get(0))).unwrap();
        assert_eq!(off, 0, "{what}");
    }
}

/// Lets the hold of every order run out.
pub(crate) fn run_out(venue: &Venue<'_>) {
    let sql = "UPDATE orders SET expires = 0 WHERE state = 'held'";
    venue.tenant().write(By::House, |tx| tx.run(sql, [])).unwrap();
}

/// What must add up in a tenant's file: each query counts what is off.
pub(crate) const ADD_UP: [(&str, &str); 16] = [
    (
        "seats",
        "SELECT count(*) FROM event WHERE taken <> (SELECT coalesce(sum(quantity - returned), 0)
            FROM line WHERE line.event = event.id AND category IN ('B', 'F')) OR taken > gauge",
    ),
    (
        "offers",
        "SELECT count(*) FROM event WHERE offered <> (SELECT coalesce(sum(places), 0)
            FROM waiting WHERE waiting.event = event.id AND state = 'offered') OR taken + offered > gauge",
    ),
    (
        "pieces",
        "SELECT count(*) FROM price WHERE taken <> (SELECT coalesce(sum(quantity - returned), 0)
            FROM line WHERE line.price = price.id) OR taken > stock",
    ),
    (
        "tickets",
        "SELECT count(*) FROM event WHERE taken <>
            (SELECT count(*) FROM ticket WHERE ticket.event = event.id AND state <> 'R')",
    ),
    (
        "lines",
        "SELECT count(*) FROM orders WHERE total <> (SELECT sum(total) FROM line WHERE line.orders = orders.id)
            OR vat <> (SELECT sum(vat) FROM line WHERE line.orders = orders.id)",
    ),
    (
        "payments",
        "SELECT count(*) FROM orders WHERE state IN ('paid', 'refunded')
            AND total <> (SELECT sum(amount) FROM payment WHERE payment.orders = orders.id)",
    ),
    (
        "money",
        "SELECT count(*) FROM orders WHERE state <> 'held'
            AND id NOT IN (SELECT orders FROM refund WHERE reason = 'stripe')
            AND (SELECT coalesce(sum(amount), 0) FROM payment WHERE payment.orders = orders.id)
              - (SELECT coalesce(sum(amount), 0) FROM refund WHERE refund.orders = orders.id)
             <> (SELECT CASE WHEN orders.state IN ('paid', 'refunded') THEN sum(unit * (quantity - returned)) ELSE 0 END
                 FROM line WHERE line.orders = orders.id)",
    ),
    (
        "money that went back at Stripe before its tickets did",
        "SELECT count(*) FROM orders WHERE state IN ('paid', 'refunded')
            AND (SELECT coalesce(sum(amount), 0) FROM refund WHERE refund.orders = orders.id)
                NOT BETWEEN (SELECT sum(unit * returned) FROM line WHERE line.orders = orders.id) AND total",
    ),
    (
        "money by means, where nobody named others",
        "SELECT count(*) FROM (SELECT orders, means, sum(amount) AS back FROM refund_noted WHERE orders NOT IN
                (SELECT orders FROM refund_noted WHERE noted_owed = 0 AND amount > 0) GROUP BY orders, means) AS one
         WHERE back > (SELECT coalesce(sum(amount), 0) FROM payment
            WHERE payment.orders = one.orders AND payment.means = one.means)",
    ),
    (
        "credit notes",
        "SELECT (SELECT coalesce(sum(amount), 0) FROM refund JOIN orders ON orders.id = refund.orders
                 WHERE orders.state IN ('paid', 'refunded')) - (SELECT coalesce(sum(amount), 0) FROM credit_note)",
    ),
    (
        "credit notes by rate",
        "SELECT count(*) FROM credit_note
         WHERE amount <> (SELECT coalesce(sum(amount), -1) FROM credit_part WHERE note = no)
            OR vat <> (SELECT coalesce(sum(vat), -1) FROM credit_part WHERE note = no)",
    ),
    (
        "open tickets of unpaid orders",
        "SELECT count(*) FROM ticket JOIN booking ON booking.id = ticket.booking JOIN orders ON orders.id = booking.orders
         WHERE ticket.state IN ('K', 'S') AND orders.state NOT IN ('paid', 'refunded')",
    ),
    (
        "uses of codes",
        "SELECT count(*) FROM promotion WHERE used > uses_max OR used <> (SELECT count(*) FROM orders
            WHERE orders.promotion = promotion.id AND state IN ('held', 'paid'))",
    ),
    (
        "discounts",
        "SELECT count(*) FROM orders WHERE (promotion IS NULL) <>
            (SELECT sum(discount) = 0 FROM line WHERE line.orders = orders.id)",
    ),
    (
        "fees",
        "SELECT count(*) FROM line WHERE fee NOT BETWEEN 0 AND unit OR withheld < 0
            OR total <> (unit - fee) * quantity + fee * quantity",
    ),
    ("references", "SELECT count(*) FROM pragma_foreign_key_check"),
];

fn good(replies: &[Reply]) -> usize {
    for reply in replies {
        assert!(reply.status == 201 || reply.status == 400, "{}: {}", reply.status, reply.text());
    }
    replies.iter().filter(|reply| reply.status == 201).count()
}

#[test]
fn tickets_are_in_the_order_in_which_their_holders_were_named() {
    let house = house();
    let venue = house.venue("Bisik");
    let product = venue.ticket("Concert");
    let price = venue.price(&product, "Plein", 1_000);
    let event = venue.event("Jam", &[&product], 50);
    let names: Vec<String> = (0..10).map(|n| format!("Invité {n}")).collect();
    let customers: Vec<Value> =
        names.iter().map(|name| json!({ "first_name": name, "last_name": "Payet" })).collect();
    let body = json!({
        "email": "ana@example.org", "event": event, "options": [],
        "prices": [{ "uuid": price, "qty": 10, "customers": customers }],
    });
    let booked = venue.anyone().post("/api/reservations/", &body).ok(201);
    let tickets = booked["reservation"]["tickets"].as_array().unwrap();
    let shown = |id: &Value| {
        let path = format!("/api/ticket/{}/", id.as_str().unwrap());
        text(&venue.staff().get(&path).ok(200), "first_name").to_owned()
    };
    assert_eq!(tickets.iter().map(shown).collect::<Vec<_>>(), names);
    let id = BookingId(text(&booked["reservation"], "uuid").parse().unwrap());
    let printed = venue.tenant().read(|tx| ticket::priced_of(tx, id)).unwrap();
    let printed: Vec<_> = printed.into_iter().map(|(ticket, _)| ticket.first_name).collect();
    assert_eq!(printed, names);
}

#[test]
fn of_64_who_want_the_last_ten_seats_ten_get_one() {
    let house = house();
    let evening = Evening::new(&house, 10);
    let replies = at_once(64, |n| evening.book(&format!("p{n}@example.org"), 1));
    assert_eq!(good(&replies), 10);
    assert_eq!(evening.taken(), 10);
    evening.adds_up();
}

#[test]
fn of_64_who_want_the_last_seven_pieces_of_a_price_seven_get_one() {
    let house = house();
    let evening = Evening::new(&house, 500);
    evening.change_price(&json!({ "stock": 7 }));
    let replies = at_once(64, |n| evening.book(&format!("p{n}@example.org"), 1));
    assert_eq!(good(&replies), 7);
    evening.adds_up();
}

#[test]
fn one_person_at_64_counters_gets_no_more_than_one_person_may() {
    let house = house();
    let evening = Evening::new(&house, 500);
    evening.change_price(&json!({ "max_per_user": 5 }));
    let replies = at_once(64, |_| evening.book("ana@example.org", 1));
    assert_eq!(good(&replies), 5);
    evening.adds_up();
}

#[test]
fn an_order_is_paid_once_by_64_cashiers() {
    let house = house();
    let evening = Evening::new(&house, 50);
    let booked = evening.book("ana@example.org", 2).ok(201);
    let replies = at_once(64, |_| evening.pay(&booked, &json!({ "means": "cash" })));
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
    assert!(replies.iter().all(|reply| [201, 409].contains(&reply.status)));
    evening.adds_up();
}

#[test]
fn an_order_is_refunded_once_by_64_cashiers() {
    let house = house();
    let evening = Evening::new(&house, 50);
    let booked = evening.book("ana@example.org", 2).ok(201);
    evening.pay(&booked, &json!({ "means": "cash" })).is(201);
    let replies = at_once(64, |_| evening.refund(&booked, &json!({ "means": "cash" })));
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
    assert_eq!(evening.taken(), 0);
    evening.adds_up();
}

#[test]
fn a_membership_is_bought_once_by_64_clicks_with_one_key() {
    let house = house();
    let venue = house.venue("Bisik");
    let price = venue.price(&venue.membership("Carte"), "Année", 1_500);
    let body = json!({
        "adhesion": price, "email": "ana@example.org", "first_name": "Ana", "last_name": "Payet", "phone": "1",
    });
    let replies = at_once(64, |_| {
        venue.anyone().with("Idempotency-Key", "clic-1").post("/api/membership/", &body).ok(201)
    });
    let orders: BTreeSet<&str> =
        replies.iter().map(|reply| text(&reply["order"], "uuid")).collect();
    assert_eq!(orders.len(), 1);
}

#[test]
fn a_hold_that_has_run_out_holds_nothing_even_before_anybody_looks() {
    let house = house();
    let evening = Evening::new(&house, 2);
    let booked = evening.book("ana@example.org", 2).ok(201);
    evening.book("bo@example.org", 1).is(400);
    evening.run_out();
    assert_eq!(evening.taken(), 0);
    let reservation = format!("/api/reservations/{}/", text(&booked["reservation"], "uuid"));
    assert_eq!(evening.venue.staff().get(&reservation).ok(200)["status"], "C");
    evening.book("bo@example.org", 2).ok(201);
    evening.pay(&booked, &json!({ "means": "cash" })).is(409);
    evening.adds_up();
}

#[test]
fn who_comes_too_late_hears_how_many_are_left_and_when_more_may_come_back() {
    let house = house();
    let evening = Evening::new(&house, 3);
    evening.book("ana@example.org", 2).ok(201);
    let told = evening.book("bo@example.org", 2).ok(400);
    let told = told["non_field_errors"][0].as_str().unwrap();
    assert!(told.starts_with("Il ne reste que 1 places disponibles. D'autres"), "{told}");
}

#[test]
fn what_is_wrong_with_a_booking_is_named_and_nothing_is_stored() {
    let house = house();
    let evening = Evening::new(&house, 50);
    let other = house.venue("Ancre");
    let foreign = other.price(&other.ticket("Ailleurs"), "Plein", 1_000);
    let unsold = evening.venue.price(&evening.venue.ticket("Bar"), "Bière", 500);
    evening.book("connu@example.org", 1).ok(201);
    let before = house.ledger();
    let people = json!([{ "first_name": "A", "last_name": "B" }]);
    let line = |price: &str, quantity: Value| json!([{ "uuid": price, "qty": quantity, "customers": people }]);
    let ask = |prices: Value, more: Value| {
        let mut body = json!({ "email": "connu@example.org", "event": evening.event, "options": [], "prices": prices });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        evening.venue.anyone().post("/api/reservations/", &body)
    };
    for quantity in [json!(0), json!(-1), json!(1_000_000_000), json!("x"), json!(1.5), json!(null)]
    {
        ask(line(&evening.price, quantity), json!({})).faults(&["prices"]);
    }
    ask(line(&foreign, json!(1)), json!({})).faults(&["prices"]);
    ask(line(&unsold, json!(1)), json!({})).faults(&["non_field_errors"]);
    ask(line(&evening.price, json!(2)), json!({})).faults(&["prices"]);
    ask(json!([]), json!({})).faults(&["prices"]);
    ask(json!("x"), json!({})).faults(&["prices"]);
    let nameless =
        json!([{ "uuid": evening.price, "qty": 1, "customers": [{ "first_name": " " }] }]);
    ask(nameless, json!({})).faults(&["prices"]);
    let right = || line(&evening.price, json!(1));
    ask(right(), json!({ "event": "00000000-0000-4000-8000-000000000000" })).faults(&["event"]);
    ask(right(), json!({ "email": "nul" })).faults(&["email"]);
    ask(right(), json!({ "options": null })).faults(&["options"]);
    ask(right(), json!({ "options": ["abc"] })).faults(&["options"]);
    assert_eq!(house.ledger(), before);
}

#[test]
fn an_evening_that_is_over_is_sold_no_more() {
    let house = house();
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Concert");
    let price = venue.price(&ticket, "Plein", 1_000);
    let body = json!({ "name": "Hier", "datetime": "2020-01-01T20:00", "products": [ticket] });
    let event = venue.staff().post("/api/events/", &body).ok(201);
    venue.book("ana@example.org", text(&event, "uuid"), &price, 1).faults(&["event"]);
}

#[test]
fn a_price_for_members_is_for_members_and_their_tickets_go_to_their_address_alone() {
    let house = house();
    let evening = Evening::new(&house, 50);
    let membership = evening.venue.membership("Carte");
    let yearly = evening.venue.price(&membership, "Année", 1_500);
    evening.change_price(&json!({ "adhesion_obligatoire": membership }));
    evening.book("ana@example.org", 1).faults(&["prices"]);
    let body = json!({
        "adhesion": yearly, "email": "ana@example.org", "first_name": "Ana", "last_name": "Payet", "phone": "1",
    });
    let joined = evening.venue.anyone().post("/api/membership/", &body).ok(201);
    evening.book("ana@example.org", 1).faults(&["prices"]);
    evening.pay(&joined, &json!({ "means": "cash" })).is(201);
    let booked = evening.book("ana@example.org", 1).ok(201);
    assert_eq!(booked["reservation"]["tickets"], json!([]));
    evening.venue.anyone().post("/api/membership/", &body).faults(&["email"]);
}

#[test]
fn a_membership_that_is_given_back_is_over() {
    let house = house();
    let evening = Evening::new(&house, 50);
    let product = evening.venue.membership("Carte");
    let price = evening.venue.price(&product, "Année", 1_500);
    let body = json!({
        "adhesion": price, "email": "ana@example.org", "first_name": "Ana", "last_name": "Payet", "phone": "1",
    });
    let joined = evening.venue.anyone().post("/api/membership/", &body).ok(201);
    let account = house
        .console()
        .list_users()
        .unwrap()
        .into_iter()
        .find(|user| user.email == Email::parse("ana@example.org").unwrap())
        .unwrap();
    let product = ProductId(product.parse().unwrap());
    let standing =
        || evening.venue.tenant().read(|tx| membership::standing(tx, account.id, product)).unwrap();
    assert_eq!(standing(), Standing::Never);
    evening.pay(&joined, &json!({ "means": "cash" })).is(201);
    assert!(standing().is_member());
    evening.refund(&joined, &json!({})).is(200);
    assert!(matches!(standing(), Standing::Over { .. }));
    evening.adds_up();
}

#[test]
fn an_order_is_settled_when_its_payments_reach_its_total_and_not_before() {
    let house = house();
    let evening = Evening::new(&house, 50);
    let booked = evening.book("ana@example.org", 2).ok(201);
    let half = evening
        .pay(&booked, &json!({ "means": "cheque", "amount": "10.00", "reference": "n° 5" }))
        .ok(201);
    assert_eq!((text(&half, "state"), &half["due"]), ("held", &json!(15.0)));
    for amount in ["15.01", "0", "-1"] {
        evening.pay(&booked, &json!({ "means": "cash", "amount": amount })).faults(&["amount"]);
    }
    let whole = evening.pay(&booked, &json!({ "means": "terminal" })).ok(201);
    assert_eq!((text(&whole, "state"), &whole["due"]), ("paid", &json!(0.0)));
    assert_eq!(text(&whole["reservations"][0], "status"), "P");
    evening.adds_up();
}

#[test]
fn what_was_paid_towards_an_order_that_ends_unpaid_is_owed() {
    let house = house();
    let evening = Evening::new(&house, 50);
    let cancelled = evening.book("ana@example.org", 2).ok(201);
    evening.pay(&cancelled, &json!({ "means": "cash", "amount": 5 })).is(201);
    evening.refund(&cancelled, &json!({})).is(200);
    let expired = evening.book("bo@example.org", 2).ok(201);
    evening.pay(&expired, &json!({ "means": "cheque", "amount": 7 })).is(201);
    evening.run_out();
    evening.book("chloe@example.org", 1).ok(201);
    evening.adds_up();
    let owed: i64 = evening
        .venue
        .tenant()
        .read(|tx| tx.one("SELECT sum(amount) FROM refund WHERE owed = 1", [], |row| row.get(0)))
        .unwrap();
    assert_eq!(owed, 1_200);
}

#[test]
fn a_ticket_that_is_given_back_is_void_and_its_seat_free() {
    let house = house();
    let evening = Evening::new(&house, 2);
    let booked = evening.book("ana@example.org", 2).ok(201);
    evening.pay(&booked, &json!({ "means": "cash" })).is(201);
    let ticket = booked["reservation"]["tickets"][0].clone();
    let back = evening
        .refund(&booked, &json!({ "tickets": [ticket], "means": "cash", "reason": "Malade" }))
        .ok(200);
    assert_eq!((text(&back, "state"), &back["lines"][0]["returned"]), ("paid", &json!(1)));
    evening.refund(&booked, &json!({ "tickets": [ticket] })).is(409);
    let scan = evening.venue.staff().post("/api/scan/", &json!({ "qr": ticket })).ok(409);
    assert_eq!(text(&scan, "outcome"), "void");
    evening.book("bo@example.org", 1).ok(201);
    let rest = evening.refund(&booked, &json!({})).ok(200);
    assert_eq!(text(&rest, "state"), "refunded");
    evening.adds_up();
}

#[test]
fn what_was_written_of_money_is_never_rewritten() {
    let house = house();
    let evening = Evening::new(&house, 50);
    let booked = evening.book("ana@example.org", 1).ok(201);
    evening.pay(&booked, &json!({ "means": "cash" })).is(201);
    evening.refund(&booked, &json!({})).is(200);
    for sql in [
        "UPDATE payment SET amount = 0",
        "DELETE FROM payment",
        "UPDATE refund SET amount = 0",
        "DELETE FROM refund",
        "UPDATE credit_note SET amount = 0",
        "DELETE FROM credit_note",
        "UPDATE credit_part SET amount = 0",
        "DELETE FROM credit_part",
        "UPDATE orders SET total = 0",
        "DELETE FROM orders",
        "UPDATE line SET unit = 0",
        "UPDATE line SET fee = 0",
        "UPDATE line SET withheld = 0",
        "DELETE FROM line",
    ] {
        assert!(evening.venue.tenant().write(By::House, |tx| tx.run(sql, [])).is_err(), "{sql}");
    }
}

#[test]
fn the_same_idempotency_key_gets_the_same_answer_and_another_body_a_conflict() {
    let house = house();
    let evening = Evening::new(&house, 50);
    let ask = |places: usize| {
        let customers = vec![json!({ "first_name": "A", "last_name": "B" }); places];
        let body = json!({
            "email": "ana@example.org", "event": evening.event, "options": [],
            "prices": [{ "uuid": evening.price, "qty": places, "customers": customers }],
        });
        evening.venue.anyone().with("Idempotency-Key", "cle-1").post("/api/reservations/", &body)
    };
    let first = ask(1).ok(201);
    assert_eq!(ask(1).ok(201), first);
    ask(2).is(409);
    assert_eq!(evening.taken(), 1);
    for key in ["", "x y", &"x".repeat(256)] {
        evening
            .venue
            .anyone()
            .with("Idempotency-Key", key)
            .post("/api/reservations/", &json!({}))
            .is(400);
    }
}

#[test]
fn what_is_free_is_settled_at_once_and_opens_once_the_address_is_proven() {
    let house = house();
    let venue = house.venue("Bisik");
    let known = venue.bearing(&house.token(&house.user("prouve@example.org"), 0));
    let event = venue
        .staff()
        .post("/api/events/", &json!({ "name": "Jam", "datetime": "2099-06-01T20:00" }))
        .ok(201);
    let price = text(&event["products"][0]["prices"][0], "uuid").to_owned();
    let event = text(&event, "uuid").to_owned();
    let scan = |booked: &Value| {
        assert_eq!(booked["reservation"]["tickets"], json!([]), "free tickets go to the address");
        let path = format!("/api/reservations/{}/", text(&booked["reservation"], "uuid"));
        let ticket = venue.staff().get(&path).ok(200)["tickets"][0].clone();
        venue.staff().post("/api/scan/", &json!({ "qr": ticket }))
    };
    let proven = venue.book_as(&known, "prouve@example.org", &event, &price, 1).ok(201);
    assert_eq!(text(&proven["reservation"], "status"), "FA");
    scan(&proven).is(200);
    let unproven = venue.book("inconnu@example.org", &event, &price, 1).ok(201);
    assert_eq!(text(&unproven["reservation"], "status"), "F");
    assert_eq!(text(&scan(&unproven).ok(409), "outcome"), "inactive");
}

#[test]
fn a_price_that_was_sold_is_archived_and_keeps_its_orders() {
    let house = house();
    let evening = Evening::new(&house, 50);
    let booked = evening.book("ana@example.org", 1).ok(201);
    let staff = evening.venue.staff();
    staff.delete(&format!("/api/prices/{}/", evening.price)).is(204);
    evening.book("ana@example.org", 1).faults(&["prices"]);
    staff.delete(&format!("/api/products/{}/", evening.ticket)).is(204);
    evening.pay(&booked, &json!({ "means": "cash" })).is(201);
    evening.adds_up();
}

#[test]
fn a_stock_is_never_below_what_is_taken() {
    let house = house();
    let evening = Evening::new(&house, 50);
    evening.book("ana@example.org", 3).ok(201);
    let path = format!("/api/prices/{}/", evening.price);
    evening.venue.staff().patch(&path, &json!({ "stock": 2 })).is(400);
    evening.change_price(&json!({ "stock": 3 }));
    evening.book("bo@example.org", 1).is(400);
}

#[test]
fn holds_last_as_long_as_the_settings_say() {
    let house = house_with(&[("hold_minutes", "60")]);
    let evening = Evening::new(&house, 50);
    let booked = evening.book("ana@example.org", 1).ok(201);
    let id = OrderId(text(&booked["order"], "uuid").parse().unwrap());
    let order = evening.venue.tenant().read(|tx| order::get(tx, id)).unwrap();
    assert_eq!(order.expires.0 - order.placed.0, 3_600_000_000);
}

#[test]
fn a_request_that_is_refused_does_not_undo_the_release_of_holds() {
    let house = house();
    let evening = Evening::new(&house, 50);
    evening.book("ana@example.org", 2).ok(201);
    evening.run_out();
    evening.book("bo@example.org", 11).is(400);
    let held =
        |tx: &guichet::root::Read| tx.exists("SELECT 1 FROM orders WHERE state = 'held'", []);
    assert!(!evening.venue.tenant().read(held).unwrap());
}

#[test]
fn more_holds_than_are_released_at_once_are_all_released() {
    let house = house();
    let evening = Evening::new(&house, 600);
    at_once(6, |thread| {
        for n in 0..100 {
            evening.book(&format!("p{thread}-{n}@example.org"), 1).ok(201);
        }
    });
    evening.run_out();
    evening.book("ana@example.org", 10).ok(201);
    assert_eq!(evening.taken(), 10);
    evening.adds_up();
}

#[test]
fn a_refund_of_tickets_takes_a_list_and_of_a_held_order_none() {
    let house = house();
    let evening = Evening::new(&house, 50);
    let booked = evening.book("ana@example.org", 3).ok(201);
    let ticket = booked["reservation"]["tickets"][0].clone();
    evening.refund(&booked, &json!({ "tickets": [ticket] })).is(409);
    evening.pay(&booked, &json!({ "means": "cash" })).is(201);
    for tickets in [ticket.clone(), Value::Null, json!({ "0": ticket }), json!([]), json!(["x"])] {
        evening.refund(&booked, &json!({ "tickets": tickets })).faults(&["tickets"]);
    }
    assert_eq!(evening.taken(), 3);
}

#[test]
fn what_one_person_may_have_of_a_price_counts_for_each_event() {
    let house = house();
    let evening = Evening::new(&house, 50);
    evening.book("ana@example.org", 10).ok(201);
    evening.book("ana@example.org", 1).faults(&["non_field_errors"]);
    let other = evening.venue.event("Slam", &[&evening.ticket], 50);
    evening.venue.book("ana@example.org", &other, &evening.price, 10).ok(201);
}

#[test]
fn an_event_whose_product_was_taken_away_does_not_become_free() {
    let house = house();
    let evening = Evening::new(&house, 50);
    evening.book("ana@example.org", 1).ok(201);
    let staff = evening.venue.staff();
    staff.delete(&format!("/api/products/{}/", evening.ticket)).is(204);
    let path = format!("/api/events/{}/", evening.event);
    let changed = staff.put(&path, &json!({ "short_description": "Maj" })).ok(201);
    assert_eq!(changed["products"], json!([]));
}

#[test]
fn the_vat_of_credit_notes_is_the_vat_that_was_sold_however_tickets_are_given_back() {
    let house = house();
    let evening = Evening::new(&house, 50);
    evening.change_price(&json!({ "prix": "10.00", "vat": "DD" }));
    let booked = evening.book("ana@example.org", 3).ok(201);
    evening.pay(&booked, &json!({ "means": "cash" })).is(201);
    for ticket in booked["reservation"]["tickets"].as_array().unwrap() {
        evening.refund(&booked, &json!({ "tickets": [ticket], "means": "cash" })).is(200);
    }
    let sql = "SELECT (SELECT sum(vat) FROM orders) - (SELECT sum(vat) FROM credit_note)";
    let off: i64 = evening.venue.tenant().read(|tx| tx.one(sql, [], |row| row.get(0))).unwrap();
    assert_eq!(off, 0);
}

#[test]
fn a_renewal_that_is_given_back_leaves_the_year_before_it() {
    let house = house();
    let evening = Evening::new(&house, 50);
    let product = evening.venue.membership("Carte");
    let price = evening.venue.price(&product, "Année", 1_500);
    let body = json!({
        "adhesion": price, "email": "ana@example.org", "first_name": "Ana", "last_name": "Payet", "phone": "1",
    });
    let ends = || {
        let sql = "SELECT ends FROM membership";
        evening.venue.tenant().read(|tx| tx.one(sql, [], |row| row.get::<_, i64>(0))).unwrap()
    };
    let first = evening.venue.anyone().post("/api/membership/", &body).ok(201);
    evening.pay(&first, &json!({ "means": "cash" })).is(201);
    let year = ends();
    let sql = "UPDATE membership SET ends = 1";
    evening.venue.tenant().write(By::House, |tx| tx.run(sql, [])).unwrap();
    let renewal = evening.venue.anyone().post("/api/membership/", &body).ok(201);
    evening.pay(&renewal, &json!({ "means": "cash" })).is(201);
    assert!(ends() > year);
    evening.refund(&renewal, &json!({})).is(200);
    assert_eq!(ends(), year);
}

#[test]
fn a_visitor_changes_nothing_of_a_card_that_was_paid() {
    let house = house();
    let evening = Evening::new(&house, 50);
    let price = evening.venue.price(&evening.venue.membership("Carte"), "Année", 1_500);
    let join = |first: &str| {
        let body = json!({
            "adhesion": price, "email": "ana@example.org", "first_name": first, "last_name": "Payet", "phone": "1",
        });
        evening.venue.anyone().post("/api/membership/", &body)
    };
    let joined = join("Ana").ok(201);
    evening.pay(&joined, &json!({ "means": "cash" })).is(201);
    let over = "UPDATE membership SET ends = 1";
    evening.venue.tenant().write(By::House, |tx| tx.run(over, [])).unwrap();
    join("Mallory").ok(201);
    let name = "SELECT first_name FROM membership";
    let name: String =
        evening.venue.tenant().read(|tx| tx.one(name, [], |row| row.get(0))).unwrap();
    assert_eq!(name, "Ana");
}

#[test]
fn a_price_that_was_sold_stays_with_its_product() {
    let house = house();
    let evening = Evening::new(&house, 50);
    evening.book("ana@example.org", 1).ok(201);
    let other = evening.venue.ticket("Autre");
    let path = format!("/api/prices/{}/", evening.price);
    evening.venue.staff().patch(&path, &json!({ "product": other })).is(409);
}

#[test]
fn a_payment_that_is_sent_twice_with_one_key_is_recorded_once() {
    let house = house();
    let evening = Evening::new(&house, 50);
    let booked = evening.book("ana@example.org", 2).ok(201);
    let path = format!("/api/orders/{}/payments/", text(&booked["order"], "uuid"));
    let pay = || {
        let body = json!({ "means": "cash", "amount": 3 });
        evening.venue.staff().with("Idempotency-Key", "caisse-1").post(&path, &body).ok(201)
    };
    let first = pay();
    assert_eq!(pay(), first);
    assert_eq!(first["payments"].as_array().map(Vec::len), Some(1));
}

#[test]
fn of_options_of_which_one_may_be_chosen_one_may_be_chosen() {
    let house = house();
    let evening = Evening::new(&house, 50);
    let option = |name: &str| {
        let made =
            evening.venue.admin().post("/api/optionticket/", &json!({ "name": name })).ok(201);
        text(&made, "uuid").to_owned()
    };
    let (seat, pit) = (option("Balcon"), option("Fosse"));
    let path = format!("/api/events/{}/", evening.event);
    evening.venue.staff().put(&path, &json!({ "options_radio": [seat, pit] })).ok(201);
    let ask = |options: Value| {
        let body = json!({
            "email": "ana@example.org", "event": evening.event, "options": options,
            "prices": [{ "uuid": evening.price, "qty": 1, "customers": [{ "first_name": "A", "last_name": "B" }] }],
        });
        evening.venue.anyone().post("/api/reservations/", &body)
    };
    ask(json!([seat, pit])).faults(&["options"]);
    ask(json!([pit])).ok(201);
}

/// A membership that is paid with a price of this period.
fn join(evening: &Evening<'_>, price: &str) -> Value {
    let body = json!({
        "adhesion": price, "email": "ana@example.org", "first_name": "Ana", "last_name": "Payet", "phone": "1",
    });
    evening.venue.anyone().post("/api/membership/", &body).json()
}

#[test]
fn a_membership_for_life_is_sold_once() {
    let house = house();
    let evening = Evening::new(&house, 50);
    let price = evening.venue.price(&evening.venue.membership("Carte"), "Vie", 10_000);
    let path = format!("/api/prices/{price}/");
    evening.venue.staff().patch(&path, &json!({ "subscription_type": "L" })).ok(200);
    evening.pay(&join(&evening, &price), &json!({ "means": "cash" })).is(201);
    assert!(join(&evening, &price)["email"].is_array());
}

#[test]
fn a_membership_lasts_as_long_as_it_was_sold_for_whatever_its_price_says_when_it_is_paid() {
    let house = house();
    let evening = Evening::new(&house, 50);
    let product = evening.venue.membership("Carte");
    let price = evening.venue.price(&product, "Année", 1_500);
    let joined = join(&evening, &price);
    let path = format!("/api/prices/{price}/");
    evening.venue.staff().patch(&path, &json!({ "subscription_type": "L" })).ok(200);
    evening.pay(&joined, &json!({ "means": "cash" })).is(201);
    let sql = "SELECT ends IS NOT NULL FROM membership";
    assert!(
        evening.venue.tenant().read(|tx| tx.one(sql, [], |row| row.get::<_, bool>(0))).unwrap()
    );
}

#[test]
fn holds_that_have_run_out_keep_no_gauge_and_no_stock_up() {
    let house = house();
    let evening = Evening::new(&house, 5);
    evening.book("ana@example.org", 5).ok(201);
    evening.change_price(&json!({ "stock": 5 }));
    evening.run_out();
    let event = format!("/api/events/{}/", evening.event);
    evening.venue.staff().put(&event, &json!({ "jauge_max": 2 })).ok(201);
    evening.book("bo@example.org", 2).ok(201);
    evening.run_out();
    evening.change_price(&json!({ "stock": 1 }));
    evening.adds_up();
}
