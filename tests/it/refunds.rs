//! What is owed to buyers, and handing it over.

use crate::exports::closed;
use crate::sales::{adds_up, run_out};
use crate::support::{House, Venue, at_once, column, house, text};
use guichet::root::By;
use guichet::values::Time;
use serde_json::{Value, json};

/// A venue that owes 12.50 for each of so many orders; the ids of the orders, oldest first.
fn owing(house: &House, orders: usize) -> (Venue<'_>, Vec<String>) {
    let venue = house.venue("Bisik");
    let product = venue.ticket("Concert");
    let price = venue.price(&product, "Plein", 1_250);
    let event = venue.event("Jam", &[&product], 50);
    let owe = |n: usize| {
        let booked = venue.book(&format!("p{n}@example.org"), &event, &price, 1).ok(201);
        let order = text(&booked["order"], "uuid").to_owned();
        let path = format!("/api/orders/{order}/");
        venue.staff().post(&format!("{path}payments/"), &json!({ "means": "terminal" })).ok(201);
        venue.staff().post(&format!("{path}refund/"), &json!({ "reason": "Pluie" })).ok(200);
        order
    };
    let orders = (0..orders).map(owe).collect();
    (venue, orders)
}

fn owed(venue: &Venue<'_>) -> Value {
    venue.staff().get("/api/refunds/?owed=true").ok(200)
}

fn settle(refund: &Value) -> String {
    format!("/api/refunds/{}/settle/", text(refund, "uuid"))
}

#[test]
fn what_is_owed_is_listed_until_it_is_handed_over() {
    let house = house();
    let (venue, orders) = owing(&house, 2);
    let list = owed(&venue);
    assert_eq!(column(&list, "order"), orders);
    assert_eq!((&list[0]["amount"], text(&list[0], "email")), (&json!(12.5), "p0@example.org"));
    let done = venue.staff().post(&settle(&list[0]), &json!({ "means": "cash" })).ok(201);
    assert_eq!((text(&done["settled"], "means"), &done["owed"]), ("cash", &json!(false)));
    assert_eq!(text(&done, "means"), "terminal", "how the money came in stays what it was");
    assert_eq!(column(&owed(&venue), "order"), orders[1..]);
    let rest = venue.staff().get("/api/refunds/?owed=false").ok(200);
    assert_eq!(column(&rest, "order"), orders[..1]);
    assert_eq!(venue.staff().get("/api/refunds/?limit=1").ok(200).as_array().unwrap().len(), 1);
    venue.staff().get("/api/refunds/?owed=peut-%C3%AAtre").faults(&["owed"]);
    let sheet = venue.staff().get(&format!("/api/orders/{}/", orders[0])).ok(200);
    assert_eq!(text(&sheet["refunds"][0]["settled"], "means"), "cash");
}

#[test]
fn what_is_owed_is_handed_over_once_by_64_cashiers() {
    let house = house();
    let (venue, _) = owing(&house, 1);
    let path = settle(&owed(&venue)[0]);
    let replies = at_once(64, |_| venue.staff().post(&path, &json!({ "means": "transfer" })));
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
    assert_eq!(replies.iter().filter(|reply| reply.status == 409).count(), 63);
}

#[test]
fn a_settlement_that_is_sent_twice_with_one_key_is_answered_as_the_first_time() {
    let house = house();
    let (venue, _) = owing(&house, 1);
    let path = settle(&owed(&venue)[0]);
    let send = || {
        let cashier = venue.staff().with("Idempotency-Key", "caisse-7");
        cashier.post(&path, &json!({ "means": "cheque" })).ok(201)
    };
    assert_eq!(send(), send());
    venue.staff().post(&path, &json!({ "means": "cheque" })).is(409);
}

#[test]
fn what_is_wrong_with_a_settlement_is_named_and_what_is_not_owed_is_a_conflict() {
    let house = house();
    let (venue, orders) = owing(&house, 1);
    let path = settle(&owed(&venue)[0]);
    for means in [json!("free"), json!("stripe"), json!(null), json!("or")] {
        venue.staff().post(&path, &json!({ "means": means })).faults(&["means"]);
    }
    venue.staff().post(&path, &json!({})).faults(&["means"]);
    venue.staff().post(&path.replace("settle", "x"), &json!({})).is(404);
    let nobody = format!("/api/refunds/{}/settle/", orders[0]);
    venue.staff().post(&nobody, &json!({ "means": "cash" })).is(404);
    house.venue("Ancre").staff().post(&path, &json!({ "means": "cash" })).is(404);
    venue.key("ticket").get("/api/refunds/").is(401);
    assert_eq!(owed(&venue).as_array().unwrap().len(), 1);
}

#[test]
fn a_settlement_is_never_rewritten_and_only_of_what_is_owed() {
    let house = house();
    let (venue, _) = owing(&house, 1);
    let path = settle(&owed(&venue)[0]);
    venue.staff().post(&path, &json!({ "means": "cash" })).ok(201);
    for sql in [
        "UPDATE refund_settled SET means = 'cheque'",
        "DELETE FROM refund_settled",
        "INSERT INTO refund_settled (refund, means, actor, created) SELECT id, 'cash', 'x', 1 FROM refund",
    ] {
        assert!(venue.tenant().write(By::House, |tx| tx.run(sql, [])).is_err(), "{sql}");
    }
}

/// An order of so many places, paid by these means one after the other, the last as it comes; its tickets.
fn paid_by(venue: &Venue<'_>, prices: &[(&str, usize)], paid: &[(&str, Value)]) -> (String, Value) {
    let event = venue.event("Jam", &[&venue.ticket("Concert")], 50);
    let product = venue.ticket("Place");
    venue.staff().put(&format!("/api/events/{event}/"), &json!({ "products": [product] })).ok(201);
    let line = |(n, (vat, places)): (usize, &(&str, usize))| {
        let price = venue.price(&product, &format!("Tarif {n}"), 1_001);
        venue.staff().patch(&format!("/api/prices/{price}/"), &json!({ "vat": vat })).ok(200);
        let customers = vec![json!({ "first_name": "A", "last_name": "B" }); *places];
        json!({ "uuid": price, "qty": places, "customers": customers })
    };
    let lines: Vec<Value> = prices.iter().enumerate().map(line).collect();
    let body =
        json!({ "email": "ana@example.org", "event": event, "options": [], "prices": lines });
    let booked = venue.anyone().post("/api/reservations/", &body).ok(201);
    let path = format!("/api/orders/{}/", text(&booked["order"], "uuid"));
    for (means, amount) in paid {
        let body = json!({ "means": means, "amount": amount });
        venue.staff().post(&format!("{path}payments/"), &body).ok(201);
    }
    (path, booked["reservation"]["tickets"].clone())
}

/// What goes back of an order: by what, how much, and whether it is owed.
fn ways(venue: &Venue<'_>, order: &str) -> Vec<(String, f64, bool)> {
    let refunds = venue.staff().get(order).ok(200)["refunds"].clone();
    let way = |one: &Value| {
        let amount = one["amount"].as_f64().unwrap();
        (text(one, "means").to_owned(), amount, one["owed"].as_bool().unwrap())
    };
    let mut ways: Vec<_> = refunds.as_array().unwrap().iter().map(way).collect();
    ways.sort_by(|a, b| a.partial_cmp(b).unwrap());
    ways
}

fn way(means: &str, amount: f64, owed: bool) -> (String, f64, bool) {
    (means.to_owned(), amount, owed)
}

#[test]
fn what_was_paid_by_several_means_goes_back_by_each_what_came_by_it() {
    let house = house();
    let venue = house.venue("Bisik");
    let paid = [("cash", json!(5)), ("terminal", json!("20.02")), ("cash", json!("5.01"))];
    let (order, tickets) = paid_by(&venue, &[("DX", 2), ("HC", 1)], &paid);
    let refund = format!("{order}refund/");
    venue.staff().post(&refund, &json!({ "tickets": [tickets[0]] })).ok(200);
    assert_eq!(ways(&venue, &order), [way("cash", 10.01, true)]);
    adds_up(&venue);
    venue.staff().post(&refund, &json!({})).ok(200);
    assert_eq!(ways(&venue, &order), [way("cash", 10.01, true), way("terminal", 20.02, true)]);
    adds_up(&venue);
    let sums = closed(&venue, "2026-01-01", "2035-01-01");
    assert_eq!(sums, [by("cash", [1_001, 0, 1_001]), by("terminal", [2_002, 0, 2_002])]);
}

#[test]
fn one_credit_note_for_each_means_and_together_they_take_back_what_was_sold() {
    let house = house();
    let venue = house.venue("Bisik");
    let paid = [("cash", json!("0.07")), ("cheque", json!("13.13")), ("terminal", json!("36.85"))];
    let (order, _) = paid_by(&venue, &[("DX", 2), ("VG", 1), ("HC", 2)], &paid);
    venue.staff().post(&format!("{order}refund/"), &json!({})).ok(200);
    let expected =
        [way("cash", 0.07, true), way("cheque", 13.13, true), way("terminal", 36.85, true)];
    assert_eq!(ways(&venue, &order), expected);
    let off = "SELECT count(*) FROM (SELECT vat_rate, sum(total) AS total, sum(vat) AS vat FROM line GROUP BY vat_rate) AS sold
         WHERE total <> (SELECT sum(amount) FROM credit_part WHERE credit_part.vat_rate = sold.vat_rate)
            OR vat <> (SELECT sum(vat) FROM credit_part WHERE credit_part.vat_rate = sold.vat_rate)";
    let off: i64 = venue.tenant().read(|tx| tx.one(off, [], |row| row.get(0))).unwrap();
    assert_eq!(off, 0);
    adds_up(&venue);
}

#[test]
fn a_means_that_staff_name_is_used_for_all_and_the_rest_goes_back_as_it_came() {
    let house = house();
    let venue = house.venue("Bisik");
    let paid = [("cash", json!("15.02")), ("terminal", json!("15.01"))];
    let (order, tickets) = paid_by(&venue, &[("DX", 3)], &paid);
    let refund = format!("{order}refund/");
    let two = json!({ "tickets": [tickets[0], tickets[1]], "means": "cash" });
    venue.staff().post(&refund, &two).ok(200);
    assert_eq!(ways(&venue, &order), [way("cash", 20.02, false)]);
    venue.staff().post(&refund, &json!({})).ok(200);
    assert_eq!(ways(&venue, &order), [way("cash", 20.02, false), way("terminal", 10.01, true)]);
    adds_up(&venue);
}

#[test]
fn deposits_by_several_means_go_back_by_each() {
    let house = house();
    let venue = house.venue("Bisik");
    let paid = [("cash", json!(3)), ("transfer", json!(4))];
    let (order, _) = paid_by(&venue, &[("DX", 1)], &paid);
    venue.staff().post(&format!("{order}refund/"), &json!({})).ok(200);
    assert_eq!(ways(&venue, &order), [way("cash", 3.0, true), way("transfer", 4.0, true)]);
    adds_up(&venue);
}

#[test]
fn deposits_of_holds_that_have_run_out_are_told_to_who_asks_first() {
    let asks: [fn(&Venue<'_>) -> bool; 3] = [
        |venue| owed(venue).as_array().unwrap().len() == 1,
        |venue| closed(venue, "2026-01-01", "2035-01-01") == [by("cash", [300, 0, 300])],
        |venue| {
            let path =
                "/api/exports/payments/?from=2026-01-01&to=2035-01-01&columns=owed&bom=false";
            venue.staff().get(path).is(200).text().contains("3,00")
        },
    ];
    let house = house();
    for (n, ask) in asks.into_iter().enumerate() {
        let venue = house.venue(["Bisik", "Ancre", "Kabar"][n]);
        paid_by(&venue, &[("DX", 1)], &[("cash", json!(3))]);
        run_out(&venue);
        assert!(ask(&venue), "{n}");
        adds_up(&venue);
    }
}

/// Noon of a day of March, in the file's own count.
fn noon(day: u32) -> i64 {
    Time::parse(&format!("2026-03-{day:02}T11:00:00Z")).unwrap().0
}

/// Moves what such tables say of a moment to a day of March, whatever keeps it.
fn move_to(venue: &Venue<'_>, day: u32, columns: &[(&str, &str, &str)]) {
    let written = venue.tenant().write(By::House, |tx| {
        for (table, column, keeper) in columns {
            tx.run(&format!("DROP TRIGGER IF EXISTS {keeper}"), [])?;
            tx.run(&format!("UPDATE {table} SET {column} = ?1"), [noon(day)])?;
        }
        Ok(())
    });
    written.unwrap();
}

/// What the closing of one day of March says.
fn closing(venue: &Venue<'_>, day: u32) -> Vec<(String, [i64; 3])> {
    closed(venue, &format!("2026-03-{day:02}"), &format!("2026-03-{:02}", day + 1))
}

fn by(means: &str, moved: [i64; 3]) -> (String, [i64; 3]) {
    (means.to_owned(), moved)
}

#[test]
fn what_is_owed_on_one_day_and_handed_over_on_another_is_told_on_both() {
    let house = house();
    let (venue, _) = owing(&house, 1);
    let sold = [("payment", "created", "payment_keep"), ("refund", "created", "refund_keep")];
    move_to(&venue, 1, &sold);
    let first = closing(&venue, 1);
    assert_eq!(first, [by("terminal", [1_250, 0, 1_250])]);
    venue.staff().post(&settle(&owed(&venue)[0]), &json!({ "means": "cash" })).ok(201);
    move_to(&venue, 10, &[("refund_settled", "created", "refund_settled_keep")]);
    assert_eq!(closing(&venue, 1), first, "a day that is over stays as it was");
    let handed = [by("cash", [0, 1_250, 0]), by("terminal", [0, 0, -1_250])];
    assert_eq!(closing(&venue, 10), handed);
    let both = [by("cash", [0, 1_250, 0]), by("terminal", [1_250, 0, 0])];
    assert_eq!(closed(&venue, "2026-03-01", "2026-04-01"), both, "nothing is owed any more");
}

#[test]
fn what_is_given_back_at_once_was_never_owed() {
    let house = house();
    let venue = house.venue("Bisik");
    let product = venue.ticket("Concert");
    let price = venue.price(&product, "Plein", 1_250);
    let event = venue.event("Jam", &[&product], 50);
    let booked = venue.book("ana@example.org", &event, &price, 1).ok(201);
    let path = format!("/api/orders/{}/", text(&booked["order"], "uuid"));
    venue.staff().post(&format!("{path}payments/"), &json!({ "means": "terminal" })).ok(201);
    venue.staff().post(&format!("{path}refund/"), &json!({ "means": "cheque" })).ok(200);
    move_to(
        &venue,
        2,
        &[("payment", "created", "payment_keep"), ("refund", "created", "refund_keep")],
    );
    let told = [by("cheque", [0, 1_250, 0]), by("terminal", [1_250, 0, 0])];
    assert_eq!(closing(&venue, 2), told);
}
