//! Mail that goes out: addresses that are proven, tickets that arrive, what is tried again and what is given up.

use crate::smtp_server::{AMPLE, header, server, wait_for};
use crate::support::{House, Venue, house, house_with, text};
use crate::till::{Evening, open};
use guichet::config::Config;
use guichet::jobs::Jobs;
use guichet::root::By;
use guichet::values::Time;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Instant;

pub(crate) fn settings() -> [(&'static str, String); 3] {
    [
        ("smtp_url", format!("smtp://127.0.0.1:{}", server().ports["plain"])),
        ("smtp_from", "box@example.org".to_owned()),
        ("pages", "http://{host}:8000".to_owned()),
    ]
}

/// Sends what waits in this house, until it is dropped.
pub(crate) struct Postman(Option<Jobs>);

impl Postman {
    pub(crate) fn of(house: &House) -> Self {
        let config = Config::load(&HashMap::from(settings()), None).unwrap();
        Self(Some(Jobs::start(house.app.root(), &config).unwrap()))
    }
}

impl Drop for Postman {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(Jobs::stop);
    }
}

/// The letter to this address whose subject holds these words.
pub(crate) fn letter(to: &str, subject: &str) -> Value {
    wait_for(&format!("{subject} to {to}"), |letter| {
        letter["to"] == json!([to]) && header(letter, "Subject").contains(subject)
    })
}

/// The path of the link in a letter that begins so.
fn link<'a>(letter: &'a Value, start: &str) -> &'a str {
    let plain = letter["parts"][0]["content"].as_str().unwrap();
    let line = plain.lines().map(str::trim).find(|line| line.contains(start)).unwrap();
    line.split_once(":8000").unwrap().1
}

fn free_evening(venue: &Venue<'_>, seats: u32) -> (String, String) {
    let event = venue.event("Jam", &[], seats);
    let shown = venue.anyone().get(&format!("/api/events/{event}/")).ok(200);
    (event, text(&shown["products"][0]["prices"][0], "uuid").to_owned())
}

fn status(venue: &Venue<'_>, booked: &Value) -> String {
    let path = format!("/api/reservations/{}/", text(&booked["reservation"], "uuid"));
    text(&venue.staff().get(&path).ok(200), "status").to_owned()
}

/// Asks until it is so.
fn until(what: &str, is: impl Fn() -> bool) {
    let asked = Instant::now();
    while !is() {
        assert!(asked.elapsed() < AMPLE, "{what} never came true");
        std::thread::yield_now();
    }
}

#[test]
fn a_free_booking_opens_by_the_click_in_its_mail_and_the_tickets_follow() {
    let house = house();
    let _postman = Postman::of(&house);
    let venue = house.venue("Bisik");
    let (event, price) = free_evening(&venue, 10);
    let booked = venue.book("clic@example.org", &event, &price, 2).ok(201);
    assert_eq!(status(&venue, &booked), "F");
    let asked = letter("clic@example.org", "Confirmez votre email");
    let [text, html] = [0, 1].map(|n: usize| asked["parts"][n]["content"].as_str().unwrap());
    let order = format!("/api/orders/{}/", booked["order"]["uuid"].as_str().unwrap());
    let ends = Time::parse(venue.staff().get(&order).ok(200)["held_until"].as_str().unwrap());
    let ends = ends.unwrap().seconds() / 60;
    for said in ["2 × Jam, 01/06/2099 à 20:00", &format!(":{:02}.", ends % 60)] {
        assert!(text.contains(said) && html.contains(said), "{said}: {text}");
    }
    let page = link(&asked, "/emailconfirmation/");
    assert!(venue.anyone().get(page).is(200).text().contains("<form method=\"post\">"));
    assert_eq!(status(&venue, &booked), "F", "looking proves nothing");
    assert!(venue.anyone().post(page, &json!({})).is(200).text().contains("confirmée"));
    let tickets = letter("clic@example.org", "vos billets pour Jam");
    assert_eq!(tickets["parts"][2]["type"], "application/pdf");
    let shown = venue.anyone().get(link(&tickets, "/ticket/")).is(200).text();
    assert!(shown.contains("<svg") && shown.contains("Ana Payet"), "{shown}");
    until("the reservation is marked as mailed", || status(&venue, &booked) == "V");
    venue.anyone().post(page, &json!({})).is(400);
}

#[test]
fn who_proves_an_address_may_choose_a_password_and_logs_in_with_it() {
    let house = house();
    let venue = house.venue("Bisik");
    let anyone = venue.anyone();
    let mine = json!({ "email": "choix@example.org", "password": "celui d'un autre" });
    anyone.post("/api/user/create/", &mine).ok(200);
    let proof = house.proof("choix@example.org");
    let page = format!("/emailconfirmation/{}/{}", proof.uid, proof.token);
    let field = "type=\"password\"";
    assert!(anyone.get(&page).is(200).text().contains(field));
    let send = |body: &str| {
        anyone.send("POST", &page, Some("application/x-www-form-urlencoded"), body.into())
    };
    let short = send("password=court").is(400).text();
    assert!(short.contains(field) && short.contains("de 8 à 128 caractères."), "{short}");
    assert!(send("password=un+mot+%C3%A0+moi").is(200).text().contains("est enregistré"));
    let log_in = |password: &str| {
        let body = json!({ "username": "choix@example.org", "password": password });
        anyone.post("/api/user/token/", &body).status
    };
    assert_eq!((log_in("un mot à moi"), log_in("celui d'un autre")), (200, 401));
    send("password=un+autre+encore").is(400);
    assert_eq!(log_in("un mot à moi"), 200);
}

#[test]
fn who_has_a_password_is_not_asked_for_one_and_keeps_it() {
    let house = house();
    let venue = house.venue("Bisik");
    house.user_with_password("garde@example.org", "un mot de passe");
    let proof = house.proof("garde@example.org");
    let page = format!("/emailconfirmation/{}/{}", proof.uid, proof.token);
    assert!(!venue.anyone().get(&page).is(200).text().contains("password"));
    let form = Some("application/x-www-form-urlencoded");
    let sent = venue.anyone().send("POST", &page, form, b"password=un+autre+mot".to_vec());
    assert!(!sent.is(200).text().contains("est enregistré"));
    let body = json!({ "username": "garde@example.org", "password": "un mot de passe" });
    venue.anyone().post("/api/user/token/", &body).ok(200);
}

#[test]
fn an_account_that_is_active_is_mailed_a_link_to_log_in_once_in_five_minutes() {
    let house = house();
    let venue = house.venue("Bisik");
    house.user("active@example.org");
    let ask = || {
        let body = json!({ "email": "active@example.org" });
        venue.anyone().post("/api/user/create/", &body).ok(200);
        let mails = venue.staff().get("/api/mails/").ok(200);
        mails.as_array().unwrap().iter().filter(|mail| mail["kind"] == "confirm_email").count()
    };
    assert_eq!((ask(), ask()), (1, 1));
    let sent = "UPDATE outbox SET state = 'sent', settled = created, created = created - 301000000";
    venue.tenant().write(By::House, |tx| tx.run(sent, [])).unwrap();
    assert_eq!((ask(), ask()), (2, 2));
}

#[test]
fn a_proven_address_opens_what_waits_at_other_venues_too() {
    let house = house();
    let (bisik, ancre) = (house.venue("Bisik"), house.venue("Ancre"));
    let (event, price) = free_evening(&ancre, 10);
    let booked = ancre.book("partout@example.org", &event, &price, 1).ok(201);
    let proof = house.proof("partout@example.org");
    bisik.anyone().get(&format!("/api/user/activate/{}/{}", proof.uid, proof.token)).ok(200);
    assert_eq!(status(&ancre, &booked), "FA");
}

#[test]
fn who_types_a_proven_address_books_nothing_for_free_without_the_click_of_its_owner() {
    let house = house();
    let venue = house.venue("Bisik");
    let (event, price) = free_evening(&venue, 20);
    let ana = house.user("a-elle@example.org");
    let typed = venue.book("a-elle@example.org", &event, &price, 1).ok(201);
    venue.book("a-elle@example.org", &event, &price, 1).ok(201);
    assert_eq!(status(&venue, &typed), "F");
    let letters = |kind: &str| -> i64 {
        let sql = "SELECT count(*) FROM outbox WHERE kind = ?1";
        venue.tenant().read(|tx| tx.one(sql, [kind], |row| row.get(0))).unwrap()
    };
    assert_eq!((letters("confirm_email"), letters("tickets")), (1, 0));
    let customers = [json!({ "first_name": "Ana", "last_name": "Payet" })];
    let body = json!({
        "email": "a-elle@example.org", "event": event, "options": [],
        "prices": [{ "uuid": price, "qty": 1, "customers": customers }],
    });
    for caller in [venue.bearing(&house.token(&ana, 0)), venue.staff()] {
        let booked = caller.post("/api/reservations/", &body).ok(201);
        assert_eq!(status(&venue, &booked), "FA");
    }
    let proof = house.proof("a-elle@example.org");
    venue.anyone().get(&format!("/api/user/activate/{}/{}", proof.uid, proof.token)).ok(200);
    assert_eq!(status(&venue, &typed), "FA");
}

#[test]
fn addresses_that_nobody_has_proven_hold_half_of_a_free_evening_at_the_most() {
    let house = house();
    let venue = house.venue("Bisik");
    let (event, price) = free_evening(&venue, 5);
    for n in 0..3 {
        venue.book(&format!("typed{n}@example.org"), &event, &price, 1).ok(201);
    }
    let refused = venue.book("encore@example.org", &event, &price, 1);
    assert!(refused.is(400).text().contains("Confirmez"));
    let proof = house.proof("encore@example.org");
    let asked = "SELECT count(*) FROM outbox WHERE recipient = 'encore@example.org'";
    let asked: i64 = venue.tenant().read(|tx| tx.one(asked, [], |row| row.get(0))).unwrap();
    assert_eq!(asked, 1);
    venue.anyone().get(&format!("/api/user/activate/{}/{}", proof.uid, proof.token)).ok(200);
    venue.book("encore@example.org", &event, &price, 1).ok(201);
}

#[test]
fn a_free_booking_of_an_evening_that_was_taken_away_is_opened_by_no_click() {
    let house = house();
    let venue = house.venue("Bisik");
    let prove = |email: &str| {
        let proof = house.proof(email);
        venue.anyone().get(&format!("/api/user/activate/{}/{}", proof.uid, proof.token)).ok(200);
    };
    let count =
        |sql: &str| -> i64 { venue.tenant().read(|tx| tx.one(sql, [], |row| row.get(0))).unwrap() };
    let (event, price) = free_evening(&venue, 10);
    let booked = venue.book("avant@example.org", &event, &price, 2).ok(201);
    venue.staff().delete(&format!("/api/events/{event}/")).ok(200);
    assert_eq!(count("SELECT taken FROM event"), 0);
    prove("avant@example.org");
    assert_eq!(status(&venue, &booked), "C");
    // One that was left held.
    let (event, price) = (venue.event("Bal", &[], 10), price);
    let left = venue.book("apres@example.org", &event, &price, 2).ok(201);
    let sql = "UPDATE event SET published = 0, cancelled = 1";
    venue.tenant().write(By::House, |tx| tx.run(sql, [])).unwrap();
    prove("apres@example.org");
    assert_eq!(status(&venue, &left), "C");
    assert_eq!(count("SELECT sum(taken) FROM event"), 0);
    assert_eq!(count("SELECT count(*) FROM outbox WHERE kind = 'tickets'"), 0);
}

#[test]
fn a_free_booking_that_nobody_proves_gives_its_seats_back() {
    let house = house();
    let venue = house.venue("Bisik");
    let (event, price) = free_evening(&venue, 1);
    let booked = venue.book("jamais@example.org", &event, &price, 1).ok(201);
    venue.book("plus-tard@example.org", &event, &price, 1).is(400);
    let run_out = "UPDATE orders SET expires = 0 WHERE state = 'held'";
    venue.tenant().write(By::House, |tx| tx.run(run_out, [])).unwrap();
    venue.book("plus-tard@example.org", &event, &price, 1).ok(201);
    assert_eq!(status(&venue, &booked), "C");
    let proof = house.proof("jamais@example.org");
    venue.anyone().get(&format!("/api/user/activate/{}/{}", proof.uid, proof.token)).ok(200);
    assert_eq!(status(&venue, &booked), "C");
}

#[test]
fn the_tickets_of_a_paid_order_are_mailed_and_so_is_its_end() {
    let house = house();
    let _postman = Postman::of(&house);
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Concert");
    let price = venue.price(&ticket, "Plein", 1_250);
    let event = venue.event("Bal", &[&ticket], 10);
    let booked = venue.book("payee@example.org", &event, &price, 1).ok(201);
    let order = format!("/api/orders/{}/", text(&booked["order"], "uuid"));
    venue.staff().post(&format!("{order}payments/"), &json!({ "means": "cash" })).ok(201);
    letter("payee@example.org", "votre billet pour Bal");
    venue.staff().post(&format!("{order}refund/"), &json!({ "means": "cash" })).ok(200);
    let over = letter("payee@example.org", "annulée");
    assert!(over["parts"][0]["content"].as_str().unwrap().contains("12,50\u{a0}€"), "{over}");
}

#[test]
fn who_pays_for_goods_alone_is_told_what_was_bought() {
    let house = house();
    let _postman = Postman::of(&house);
    let venue = house.venue("Bisik");
    let shirt = venue.product("T-shirt", guichet::trade::product::Category::Clothing);
    let price = venue.price(&shirt, "L", 1_500);
    let cart = |email: &str, items: Value| {
        let placed =
            venue.anyone().post("/api/orders/", &json!({ "email": email, "items": items })).ok(201);
        let pay = format!("/api/orders/{}/payments/", text(&placed, "uuid"));
        venue.staff().post(&pay, &json!({ "means": "cash" })).ok(201);
    };
    let shirts = json!({ "price": price, "quantity": 2 });
    cart("coton@example.org", json!([shirts]));
    let paid = letter("coton@example.org", "votre commande est payée");
    let said = paid["parts"][0]["content"].as_str().unwrap();
    assert!(said.contains("2 × T-shirt (L)") && said.contains("30,00\u{a0}€"), "{said}");
    let ticket = venue.ticket("Concert");
    let seat = json!({
        "price": venue.price(&ticket, "Plein", 1_250), "quantity": 1, "event": venue.event("Bal", &[&ticket], 10),
        "customers": [{ "first_name": "Ana", "last_name": "Payet" }],
    });
    cart("les-deux@example.org", json!([shirts, seat]));
    let kinds = venue.staff().get("/api/mails/").ok(200);
    let goods = kinds.as_array().unwrap().iter().filter(|mail| mail["kind"] == "order_paid");
    assert_eq!(goods.count(), 1);
}

#[test]
fn the_letter_about_a_cancelled_order_names_what_it_held_and_what_is_owed_apart() {
    let (peer, house) = open();
    let _postman = Postman::of(&house);
    let evening = Evening::new(&house, &peer, 10);
    let venue = &evening.venue;
    let ticket = venue.ticket("Entrée");
    let price = venue.price(&ticket, "Plein", 500);
    let customers = json!([{ "first_name": "Ana", "last_name": "Payet" }]);
    let item = |name: &str| {
        let event = venue.event(name, &[&ticket], 10);
        json!({ "price": price, "quantity": 1, "event": event, "customers": customers })
    };
    let items: Vec<Value> =
        ["Bal", "Slam", "Fanfare", "Récital", "Veillée", "Maloya"].map(item).into();
    let body = json!({ "email": "panier@example.org", "items": items });
    let cart = venue.anyone().post("/api/orders/", &body).ok(201);
    let order = json!({ "order": cart });
    evening.staff(&order, "payments", &json!({ "means": "cash", "amount": 10 })).is(201);
    let session = peer.session_at(text(&cart, "checkout_url"));
    peer.pay(&session);
    evening.tell("completed", &session).is(202);
    evening.staff(&order, "refund", &json!({})).is(200);
    let over = letter("panier@example.org", "annulée");
    assert!(header(&over, "Subject").contains("pour Bal et 5 autres articles"), "{over}");
    let plain = over["parts"][0]["content"].as_str().unwrap();
    for words in [
        "«\u{a0}Bal\u{a0}», «\u{a0}Slam\u{a0}»",
        "«\u{a0}Récital\u{a0}» et 2 autres articles",
        "remboursons 20,00\u{a0}€",
        "devons 10,00\u{a0}€",
    ] {
        assert!(plain.contains(words), "{words}: {plain}");
    }
    assert!(!plain.contains("Maloya"), "{plain}");
}

#[test]
fn tickets_can_be_mailed_again() {
    let house = house();
    let _postman = Postman::of(&house);
    let venue = house.venue("Bisik");
    let (event, price) = free_evening(&venue, 10);
    let known = venue.bearing(&house.token(&house.user("encore@example.org"), 0));
    let booked = venue.book_as(&known, "encore@example.org", &event, &price, 1).ok(201);
    until("the tickets are mailed", || status(&venue, &booked) == "V");
    let path = format!("/api/reservations/{}/mail/", text(&booked["reservation"], "uuid"));
    venue.staff().post(&path, &json!({})).is(202);
    let sent = || {
        let letters = server().letters.lock().unwrap();
        letters.iter().filter(|letter| letter["to"] == json!(["encore@example.org"])).count()
    };
    until("they are mailed twice", || sent() == 2);
}

#[test]
fn a_member_is_thanked() {
    let house = house();
    let _postman = Postman::of(&house);
    let venue = house.venue("Bisik");
    let price = venue.price(&venue.membership("Carte"), "Année", 1_500);
    let body = json!({
        "adhesion": price, "email": "membre@example.org", "first_name": "Ana", "last_name": "Payet", "phone": "1",
    });
    let joined = venue.anyone().post("/api/membership/", &body).ok(201);
    let pay = format!("/api/orders/{}/payments/", text(&joined["order"], "uuid"));
    venue.staff().post(&pay, &json!({ "means": "cash" })).ok(201);
    let thanks = letter("membre@example.org", "votre adhésion");
    assert!(thanks["parts"][0]["content"].as_str().unwrap().contains("Carte"), "{thanks}");
}

#[test]
fn a_membership_for_life_ends_never_in_the_letter_too() {
    let house = house();
    let _postman = Postman::of(&house);
    for (language, subject, words) in
        [("fr", "votre adhésion", "Valable à vie"), ("en", "welcome as a member", "Valid for life")]
    {
        let venue = house.venue(&format!("Bisik {language}"));
        venue.admin().patch("/api/settings/", &json!({ "language": language })).ok(200);
        let price = json!({
            "product": venue.membership("Carte"), "name": "Vie", "prix": 100, "subscription_type": "L",
        });
        let price = venue.staff().post("/api/prices/", &price).ok(201);
        let email = format!("vie-{language}@example.org");
        let body = json!({
            "adhesion": price["uuid"], "email": email, "first_name": "Ana", "last_name": "Payet", "phone": "1",
        });
        let joined = venue.anyone().post("/api/membership/", &body).ok(201);
        let pay = format!("/api/orders/{}/payments/", text(&joined["order"], "uuid"));
        venue.staff().post(&pay, &json!({ "means": "cash" })).ok(201);
        let thanks = letter(&email, subject);
        let text = thanks["parts"][0]["content"].as_str().unwrap();
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn a_venue_that_speaks_english_writes_prints_and_shows_english() {
    let house = house();
    let _postman = Postman::of(&house);
    let venue = house.venue("Bisik");
    venue.admin().patch("/api/settings/", &json!({ "language": "en" })).ok(200);
    let (event, free) = free_evening(&venue, 10);
    venue.book("anglais@example.org", &event, &free, 1).ok(201);
    let asked = letter("anglais@example.org", "confirm your email");
    let said = asked["parts"][0]["content"].as_str().unwrap();
    assert!(said.contains("You have booked:") && said.contains("- 1 × Jam, 1 June 2099, 20:00"));
    let page = link(&asked, "/emailconfirmation/");
    let shown = venue.anyone().get(page).is(200).text();
    assert!(shown.contains("lang=\"en\"") && shown.contains("Confirm my address"), "{shown}");
    assert!(venue.anyone().post(page, &json!({})).is(200).text().contains("is confirmed"));
    let tickets = letter("anglais@example.org", "your ticket for Jam");
    assert!(
        tickets["parts"][0]["content"].as_str().unwrap().contains("1 June 2099, 20:00"),
        "{tickets}"
    );
    let path = link(&tickets, "/ticket/");
    let shown = venue.anyone().get(path).is(200).text();
    assert!(shown.contains("Download the ticket") && shown.contains("€0.00"), "{shown}");
    let pdf = venue.anyone().get(&path.replace("/ticket/", "/api/ticket/pdf/")).is(200);
    assert!(pdf.text().contains("/Lang(en)"), "the paper says which language it is in");
}

#[test]
fn an_english_letter_about_money_says_it_in_english() {
    let house = house();
    let _postman = Postman::of(&house);
    let venue = house.venue("Bisik");
    venue.admin().patch("/api/settings/", &json!({ "language": "en" })).ok(200);
    let ticket = venue.ticket("Concert");
    let price = venue.price(&ticket, "Plein", 1_250);
    let event = venue.event("Bal", &[&ticket], 10);
    let booked = venue.book("refund@example.org", &event, &price, 1).ok(201);
    let order = format!("/api/orders/{}/", text(&booked["order"], "uuid"));
    venue.staff().post(&format!("{order}payments/"), &json!({ "means": "cash" })).ok(201);
    venue.staff().post(&format!("{order}refund/"), &json!({ "means": "cash" })).ok(200);
    let over = letter("refund@example.org", "is cancelled");
    assert!(over["parts"][0]["content"].as_str().unwrap().contains("€12.50"), "{over}");
}

#[test]
fn an_address_that_is_refused_for_good_is_given_up_and_one_refused_for_now_is_tried_again() {
    let house = house();
    let _postman = Postman::of(&house);
    let venue = house.venue("Bisik");
    for email in ["never550@example.org", "later451@example.org"] {
        venue.anyone().post("/api/user/create/", &json!({ "email": email })).ok(200);
    }
    let mail = |email: &str| {
        let mails = venue.staff().get("/api/mails/").ok(200);
        mails.as_array().unwrap().iter().find(|mail| mail["email"] == email).cloned().unwrap()
    };
    until("both are tried", || {
        mail("never550@example.org")["attempts"] == 1
            && mail("later451@example.org")["attempts"] == 1
    });
    let never = mail("never550@example.org");
    assert_eq!(never["state"], "given_up");
    assert!(text(&never, "error").contains("5.1.1 no such"), "{never}");
    let later = mail("later451@example.org");
    assert_eq!((text(&later, "state"), &later["settled"]), ("waiting", &Value::Null));
    assert!(text(&later, "error").contains("4.3.0 not now"), "{later}");
}

#[test]
fn mail_that_waited_before_the_start_goes_out_after_it() {
    let house = house();
    let venue = house.venue("Bisik");
    venue.anyone().post("/api/user/create/", &json!({ "email": "avant@example.org" })).ok(200);
    // Another process looks at the same data, and knows nothing of what this one has planned.
    let again = house.again();
    let config = Config::load(&HashMap::from(settings()), None).unwrap();
    let jobs = Jobs::start(again.root(), &config).unwrap();
    letter("avant@example.org", "Bisik");
    jobs.stop();
}

#[test]
fn without_a_mail_server_letters_may_go_to_the_log() {
    let house = house();
    let venue = house.venue("Bisik");
    venue.anyone().post("/api/user/create/", &json!({ "email": "journal@example.org" })).ok(200);
    let config = Config::load(&HashMap::from([("smtp_url", "log".to_owned())]), None).unwrap();
    let jobs = Jobs::start(house.app.root(), &config).unwrap();
    until("the letter is written", || {
        venue.staff().get("/api/mails/").ok(200)[0]["state"] == "sent"
    });
    jobs.stop();
}

#[test]
fn the_same_mail_waits_once_however_often_it_is_asked_for() {
    let house = house();
    let venue = house.venue("Bisik");
    for _ in 0..5 {
        venue
            .anyone()
            .post("/api/user/create/", &json!({ "email": "souvent@example.org" }))
            .ok(200);
    }
    assert_eq!(venue.staff().get("/api/mails/").ok(200).as_array().unwrap().len(), 1);
}

#[test]
fn a_mail_server_that_cannot_be_is_named_at_the_start() {
    let house = house_with(&[]);
    let flags = HashMap::from([("smtp_url", "http://mail".to_owned())]);
    let config = Config::load(&flags, None).unwrap();
    let refused = Jobs::start(house.app.root(), &config).unwrap_err().to_string();
    assert!(refused.starts_with("smtp_url: "), "{refused}");
}

#[test]
fn the_digits_of_a_device_are_mailed_to_its_administrator() {
    let house = house();
    let _postman = Postman::of(&house);
    let admin = house.venue("Bisik").admin.email;
    let body = json!({
        "email_admin": admin.as_str(), "unique_id": "gate-mailed", "mac_adress": "aa:bb:cc:dd:ee:01", "ip_locale": "::1",
    });
    let mut asked = house.at("example.org").post("/api/user/terminal/", &body).ok(200);
    let letter = letter(admin.as_str(), "gate-mailed");
    let plain = letter["parts"][0]["content"].as_str().unwrap();
    let is_digits = |line: &&str| line.len() == 6 && line.bytes().all(|b| b.is_ascii_digit());
    let digits = plain.lines().map(str::trim).find(is_digits).unwrap();
    asked["email_term"] = asked["term_user"].clone();
    house.at("example.org").post(&format!("/api/user/terminal/{digits}/"), &asked).ok(200);
}
