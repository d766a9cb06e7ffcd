//! Members are reminded before their membership ends: once, in time, and again before the next end.

use crate::smtp_server::{header, server, wait_for};
use crate::support::{House, Venue, house, text};
use guichet::config::Config;
use guichet::jobs::Jobs;
use guichet::root::By;
use guichet::trade::{errand, reminder};
use guichet::values::Time;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;

const DAY: u64 = 86_400;

/// A venue with a membership of a year, and who has it.
struct Club<'h> {
    venue: Venue<'h>,
    product: String,
    price: String,
}

impl<'h> Club<'h> {
    fn new(house: &'h House) -> Self {
        let venue = house.venue("Bisik");
        let product = venue.membership("Carte");
        let price = venue.price(&product, "Année", 1_500);
        Self { venue, product, price }
    }

    fn join(&self, email: &str, price: &str) {
        let body = json!({
            "adhesion": price, "email": email, "first_name": "Ana", "last_name": "Payet", "phone": "1",
        });
        let joined = self.venue.anyone().post("/api/membership/", &body).ok(201);
        let pay = format!("/api/orders/{}/payments/", text(&joined["order"], "uuid"));
        self.venue.staff().post(&pay, &json!({ "means": "cash" })).ok(201);
    }

    /// Moves the end of every membership to so many days from now.
    fn ends_in(&self, days: u64) {
        let ends = Time::now().plus(Duration::from_secs(days * DAY));
        let sql = "UPDATE membership SET ends = ?1";
        self.venue.tenant().write(By::House, |tx| tx.run(sql, [ends])).unwrap();
    }

    fn care(&self) {
        self.venue.tenant().write(By::House, errand::care).unwrap();
    }

    /// To whom reminders were written, sent or not.
    fn reminded(&self) -> Vec<String> {
        let sql = "SELECT recipient FROM outbox WHERE kind = 'membership_ends' ORDER BY recipient";
        self.venue.tenant().read(|tx| tx.all(sql, [], |row| row.get(0))).unwrap()
    }

    /// In how many days the next is due.
    fn next(&self) -> Option<i64> {
        let at = self.venue.tenant().read(reminder::next).unwrap()?;
        Some((at.0 - Time::now().0).div_euclid(DAY as i64 * 1_000_000))
    }
}

#[test]
fn a_member_is_reminded_once_when_the_time_has_come() {
    let house = house();
    let club = Club::new(&house);
    club.join("ana@example.org", &club.price);
    club.ends_in(31);
    assert_eq!(club.next(), Some(0));
    club.care();
    assert_eq!(club.reminded(), [""; 0]);
    club.ends_in(30);
    club.care();
    club.care();
    assert_eq!((club.reminded().len(), club.next()), (1, None));
}

#[test]
fn a_renewed_membership_is_recalled_again_before_its_new_end() {
    let house = house();
    let club = Club::new(&house);
    club.join("ana@example.org", &club.price);
    club.ends_in(10);
    club.care();
    let sent = "UPDATE outbox SET state = 'sent', settled = 1 WHERE kind = 'membership_ends'";
    club.venue.tenant().write(By::House, |tx| tx.run(sent, [])).unwrap();
    club.ends_in(0);
    club.join("ana@example.org", &club.price);
    assert!(club.next().unwrap() > 300);
    club.care();
    assert_eq!(club.reminded().len(), 1);
    club.ends_in(20);
    club.care();
    assert_eq!(club.reminded().len(), 2);
}

#[test]
fn the_venue_says_how_long_before_and_whether_at_all() {
    let house = house();
    let club = Club::new(&house);
    club.join("ana@example.org", &club.price);
    club.ends_in(20);
    let days = |days: u16| {
        let body = json!({ "membership_reminder_days": days });
        club.venue.admin().patch("/api/settings/", &body).ok(200);
    };
    days(0);
    club.care();
    assert_eq!((club.reminded().len(), club.next()), (0, None));
    days(10);
    club.care();
    assert_eq!((club.reminded().len(), club.next()), (0, Some(9)));
    days(20);
    club.care();
    assert_eq!(club.reminded().len(), 1);
}

#[test]
fn nobody_is_reminded_of_what_is_over_outlasted_or_never_paid() {
    let house = house();
    let club = Club::new(&house);
    let longer = club.venue.price(&club.product, "Vie", 9_000);
    let patch = json!({ "subscription_type": "L" });
    club.venue.staff().patch(&format!("/api/prices/{longer}/"), &patch).ok(200);
    club.join("vie@example.org", &club.price);
    club.join("fini@example.org", &club.price);
    let body = json!({
        "adhesion": club.price, "email": "rien@example.org", "first_name": "A", "last_name": "B", "phone": "1",
    });
    club.venue.anyone().post("/api/membership/", &body).ok(201);
    club.ends_in(10);
    let over = "UPDATE membership SET ends = 5 WHERE email = 'fini@example.org'";
    club.venue.tenant().write(By::House, |tx| tx.run(over, [])).unwrap();
    club.join("vie@example.org", &longer);
    club.care();
    assert_eq!((club.reminded(), club.next()), (vec![], None));
}

#[test]
fn a_short_membership_is_recalled_late_or_not_at_all() {
    let house = house();
    let club = Club::new(&house);
    for (period, next) in [("H", None), ("D", None), ("W", Some(3)), ("M", Some(15))] {
        let path = format!("/api/prices/{}/", club.price);
        club.venue.staff().patch(&path, &json!({ "subscription_type": period })).ok(200);
        club.join(&format!("{}@example.org", period.to_lowercase()), &club.price);
        let next_now = club.next();
        assert!(next_now == next || next_now.map(|n| n + 1) == next, "{period}: {next_now:?}");
        let gone = "UPDATE membership SET reminded = ends";
        club.venue.tenant().write(By::House, |tx| tx.run(gone, [])).unwrap();
    }
}

#[test]
fn more_members_than_one_write_takes_are_all_reminded() {
    let house = house();
    let club = Club::new(&house);
    club.join("ana@example.org", &club.price);
    club.ends_in(10);
    let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
         INSERT INTO membership (id, account, email, product, price, newsletter, first_paid, ends, created)
         SELECT randomblob(16), randomblob(16), 'p' || i, product, price, 0, first_paid, ends, created FROM membership, n";
    club.venue.tenant().write(By::House, |tx| tx.run(many, [])).unwrap();
    club.care();
    assert_eq!(club.reminded().len(), 500);
    assert!(club.next().is_some());
    club.care();
    assert_eq!((club.reminded().len(), club.next()), (601, None));
    club.care();
    // Each write that queued some is a job that is done.
    let (venue, mut told) = (&club.venue, vec![]);
    let found = venue.manager().get(&venue.v2("/assetProcessings")).ok(200);
    for one in found["assetProcessings"].as_array().unwrap() {
        assert_eq!((&one["type"], &one["status"]), (&json!(4), &json!(100)), "{one}");
        assert_eq!((text(one, "label"), &one["userEmail"]), ("Rappels d’adhésion", &Value::Null));
        told.push(one["resultMetaData"]["done"].as_u64().unwrap());
    }
    told.sort_unstable();
    assert_eq!(told, [101, 500]);
}

fn jobs(house: &House) -> Jobs {
    let flags = HashMap::from([
        ("smtp_url", format!("smtp://127.0.0.1:{}", server().ports["plain"])),
        ("smtp_from", "box@example.org".to_owned()),
    ]);
    Jobs::start(house.app.root(), &Config::load(&flags, None).unwrap()).unwrap()
}

fn letter(to: &str, subject: &str) -> Value {
    wait_for(&format!("{subject} to {to}"), |letter| {
        letter["to"] == json!([to]) && header(letter, "Subject").contains(subject)
    })
}

#[test]
fn the_reminder_goes_out_by_itself_as_soon_as_the_venue_asks_for_it() {
    let house = house();
    let club = Club::new(&house);
    club.join("rappel@example.org", &club.price);
    let jobs = jobs(&house);
    let body = json!({ "membership_reminder_days": 365, "language": "en" });
    club.ends_in(364);
    club.venue.admin().patch("/api/settings/", &body).ok(200);
    let reminder = letter("rappel@example.org", "your membership ends soon");
    assert!(reminder["parts"][0]["content"].as_str().unwrap().contains("Carte"), "{reminder}");
    jobs.stop();
}

#[test]
fn a_reminder_that_was_due_before_the_start_goes_out_after_it() {
    let house = house();
    let club = Club::new(&house);
    club.join("depart@example.org", &club.price);
    club.ends_in(3);
    let jobs = jobs(&house);
    letter("depart@example.org", "se termine bientôt");
    jobs.stop();
}
