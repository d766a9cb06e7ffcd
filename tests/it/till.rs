//! A house that is paid at a Stripe of the tests, an evening in it, and what one does and sees there.

use crate::sales::ADD_UP;
use crate::stripe_peer::{KEY, Peer, SECRET, signature};
use crate::support::{House, Reply, Venue, house_with, text};
use guichet::config::Config;
use guichet::jobs::Jobs;
use guichet::root::{By, Errand};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::{Duration, Instant};

const AMPLE: Duration = Duration::from_secs(20);

pub(crate) fn settings(peer: &Peer) -> [(&'static str, String); 4] {
    [
        ("stripe_url", peer.url()),
        ("stripe_key", KEY.to_owned()),
        ("stripe_webhook_secret", SECRET.to_owned()),
        ("stripe_seconds", AMPLE.as_secs().to_string()),
    ]
}

/// Where Stripe leaves something unanswered, that is known soon.
pub(crate) const IMPATIENT: (&str, &str) = ("stripe_seconds", "2");

/// A Stripe, and a house that is paid there.
pub(crate) fn open() -> (Peer, House) {
    open_with(&[])
}

/// The same, with settings of its own.
pub(crate) fn open_with(own: &[(&'static str, &str)]) -> (Peer, House) {
    let peer = Peer::new();
    let settings = settings(&peer);
    let settings = settings.iter().map(|(name, value)| (*name, value.as_str()));
    let house = house_with(&settings.chain(own.iter().copied()).collect::<Vec<_>>());
    (peer, house)
}

/// Reconciles payments in this house, until it is dropped.
pub(crate) struct Accountant(Option<Jobs>);

impl Accountant {
    pub(crate) fn of(house: &House, peer: &Peer) -> Self {
        Self::with(house, peer, &[])
    }

    /// The same, with settings of its own.
    pub(crate) fn with(house: &House, peer: &Peer, own: &[(&'static str, &str)]) -> Self {
        let mut flags = HashMap::from(settings(peer));
        flags.extend(own.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let config = Config::load(&flags, None).unwrap();
        Self(Some(Jobs::start(house.app.root(), &config).unwrap()))
    }
}

impl Drop for Accountant {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(Jobs::stop);
    }
}

/// Asks until it is so.
pub(crate) fn until(what: &str, is: impl Fn() -> bool) {
    let asked = Instant::now();
    while !is() {
        assert!(asked.elapsed() < AMPLE, "{what} never came true");
        std::thread::yield_now();
    }
}

/// A venue with one evening of so many seats, paid at this peer.
pub(crate) struct Evening<'h> {
    pub(crate) venue: Venue<'h>,
    pub(crate) peer: &'h Peer,
    pub(crate) price: String,
    pub(crate) event: String,
}

impl<'h> Evening<'h> {
    pub(crate) fn new(house: &'h House, peer: &'h Peer, seats: u32) -> Self {
        let venue = house.venue("Bisik");
        let ticket = venue.ticket("Concert");
        let price = venue.price(&ticket, "Plein", 1_250);
        let event = venue.event("Jam", &[&ticket], seats);
        Self { venue, peer, price, event }
    }

    pub(crate) fn book(&self, email: &str, places: usize) -> Reply {
        self.venue.book(email, &self.event, &self.price, places)
    }

    /// A booking and the session at which it is paid.
    pub(crate) fn booked(&self, email: &str, places: usize) -> (Value, String) {
        let booked = self.book(email, places).ok(201);
        let session = self.peer.session_at(text(&booked, "checkout_url"));
        (booked, session)
    }

    pub(crate) fn tell_at(&self, host: &str, body: &str, signature: &str) -> Reply {
        let stripe = self.venue.anyone().at(host).with("Stripe-Signature", signature);
        let media_type = Some("application/json; charset=utf-8");
        stripe.send("POST", "/api/webhook_stripe/", media_type, body.as_bytes().to_vec())
    }

    /// Stripe tells of a session.
    pub(crate) fn tell(&self, kind: &str, session: &str) -> Reply {
        let body = self.peer.event(&format!("checkout.session.{kind}"), session);
        self.tell_at(&self.venue.host, &body, &signature(SECRET, &body, 0))
    }

    /// Stripe tells this.
    pub(crate) fn hear(&self, body: &str) -> Reply {
        self.tell_at(&self.venue.host, body, &signature(SECRET, body, 0))
    }

    /// The front asks how a payment stands.
    pub(crate) fn ask(&self, booked: &Value) -> Reply {
        let body = json!({ "uuid": booked["paiement_stripe_uuid"] });
        self.venue.anyone().post("/api/webhook_stripe/", &body)
    }

    pub(crate) fn order(&self, booked: &Value) -> Value {
        let path = format!("/api/orders/{}/", text(&booked["order"], "uuid"));
        self.venue.staff().get(&path).ok(200)
    }

    pub(crate) fn state(&self, booked: &Value) -> String {
        text(&self.order(booked), "state").to_owned()
    }

    pub(crate) fn staff(&self, booked: &Value, what: &str, body: &Value) -> Reply {
        let path = format!("/api/orders/{}/{what}/", text(&booked["order"], "uuid"));
        self.venue.staff().post(&path, body)
    }

    pub(crate) fn count(&self, sql: &str) -> i64 {
        self.venue.tenant().read(|tx| tx.one(sql, [], |row| row.get(0))).unwrap()
    }

    pub(crate) fn write(&self, sql: &str) {
        let due = |tx: &guichet::root::Write| {
            tx.run(sql, [])?;
            tx.plan(Errand::Payment, tx.now());
            Ok(())
        };
        self.venue.tenant().write(By::House, due).unwrap();
    }

    /// Lets every hold run out.
    pub(crate) fn run_out(&self) {
        self.write("UPDATE orders SET expires = 0 WHERE state = 'held'");
    }

    /// Lets the time come to look at what is undecided.
    pub(crate) fn look_now(&self) {
        self.write("UPDATE checkout SET next_look = 0 WHERE next_look IS NOT NULL");
    }

    /// Staff take the evening away.
    pub(crate) fn take_away(&self) {
        self.venue.staff().delete(&format!("/api/events/{}/", self.event)).is(200);
    }

    pub(crate) fn taken(&self) -> i64 {
        self.count("SELECT taken FROM event")
    }

    /// Everything adds up, and what Stripe has kept is what was sold.
    pub(crate) fn adds_up(&self) {
        for (what, sql) in ADD_UP {
            assert_eq!(self.count(sql), 0, "{what}");
        }
        let twice = "SELECT count(*) FROM (SELECT reference FROM payment WHERE means = 'stripe'
             GROUP BY reference HAVING count(*) > 1)";
        assert_eq!(self.count(twice), 0, "paid twice");
        let kept = "SELECT (SELECT coalesce(sum(amount), 0) FROM checkout WHERE intent IS NOT NULL)
             - (SELECT coalesce(sum(amount), 0) FROM stripe_refund)";
        let sold = "SELECT (SELECT coalesce(sum(amount), 0) FROM payment WHERE means = 'stripe')
             - (SELECT coalesce(sum(amount), 0) FROM refund WHERE means = 'stripe')";
        assert_eq!(self.count(kept), self.count(sold), "what came in less what goes back");
    }
}

/// A booking of two that is paid online.
pub(crate) fn paid(evening: &Evening<'_>) -> Value {
    let (booked, session) = evening.booked("ana@example.org", 2);
    evening.peer.pay(&session);
    evening.tell("completed", &session).is(202);
    booked
}
