//! Somebody else's idea of Stripe, localstripe: customers, payment intents, refunds and signed events; it has no Checkout.
//!
//! Needs `python3` with pip, and PyPI the first time, as the SMTP server does.

use crate::smtp_server::{AMPLE, install};
use crate::support::house_with;
use guichet::root::Signed;
use guichet::stripe::{Event, Fault, Stripe};
use guichet::values::Time;
use serde_json::{Value, json};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PACKAGES: [&str; 1] = ["localstripe==1.15.10"];
const KEY: &str = "sk_test_local";

/// Ends with this process, whatever becomes of it.
const START: &str = "
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
from localstripe.server import start
start()
";

struct Local {
    url: String,
    child: Child,
}

impl Drop for Local {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Local {
    fn start() -> Self {
        let packages = install(&PACKAGES).unwrap_or_else(|why| panic!("{why}"));
        let port = TcpListener::bind("[::]:0").unwrap().local_addr().unwrap().port();
        let child = Command::new("python3")
            .args(["-c", START, "--from-scratch", "--port", &port.to_string()])
            .env("PYTHONPATH", packages)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let asked = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(asked.elapsed() < AMPLE, "localstripe does not answer");
            std::thread::yield_now();
        }
        Self { url: format!("http://127.0.0.1:{port}"), child }
    }

    fn stripe(&self, key: &str) -> Stripe {
        Stripe::new(&self.url, key, AMPLE).unwrap()
    }

    fn post(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let request = ureq::post(format!("{}{path}", self.url));
        let request = request.header("Authorization", format!("Bearer {KEY}"));
        let mut answer = request.send_form(form.iter().copied()).unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// A payment of 25.00 that has gone through.
    fn paid(&self) -> String {
        let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
        let customer = id(&self.post("/v1/customers", &[("email", "ana@example.org")]));
        let card = id(&self.post(
            "/v1/payment_methods",
            &[
                ("type", "card"),
                ("card[number]", "4242424242424242"),
                ("card[exp_month]", "12"),
                ("card[exp_year]", "2050"),
                ("card[cvc]", "123"),
            ],
        ));
        self.post(&format!("/v1/payment_methods/{card}/attach"), &[("customer", &customer)]);
        let intent = self.post(
            "/v1/payment_intents",
            &[
                ("amount", "2500"),
                ("currency", "eur"),
                ("customer", &customer),
                ("payment_method", &card),
                ("confirm", "true"),
            ],
        );
        id(&intent)
    }
}

#[test]
fn a_payment_is_refunded_and_the_refund_found_again() {
    let local = Local::start();
    let intent = local.paid();
    let stripe = local.stripe(KEY);
    let found = |key: &str| {
        let made = stripe.refunds(&intent).unwrap();
        made.into_iter().find(|made| made.key.as_deref() == Some(key)).map(|made| made.id)
    };
    assert_eq!(found("one"), None);
    let one = stripe.refund(&intent, 500, "one", "us").unwrap();
    let two = stripe.refund(&intent, 750, "two", "us").unwrap();
    assert_ne!(one, two);
    assert_eq!(found("one"), Some(one));
    assert_eq!(found("two"), Some(two));
    let unknown = stripe.refund("pi_unknown", 1, "three", "us");
    assert!(matches!(unknown, Err(Fault::Never(_))), "{unknown:?}");
    let stranger = local.stripe("nobody").refund(&intent, 1, "four", "us");
    assert!(matches!(&stranger, Err(Fault::Ours(why)) if !why.contains("nobody")), "{stranger:?}");
}

#[test]
fn a_stripe_that_makes_no_page_holds_nothing() {
    let local = Local::start();
    let house = house_with(&[("stripe_url", &local.url), ("stripe_key", KEY)]);
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Concert");
    let price = venue.price(&ticket, "Plein", 1_250);
    let event = venue.event("Jam", &[&ticket], 1);
    venue.book("ana@example.org", &event, &price, 1).is(400);
    let shown = venue.anyone().get(&format!("/api/events/{event}/")).ok(200);
    assert_eq!(shown["reservations"], json!(0));
}

#[test]
fn its_signature_is_believed_and_no_other() {
    let local = Local::start();
    let ours = tiny_http::Server::http("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", ours.server_addr());
    local.post("/_config/webhooks/us", &[("url", &url), ("secret", "whsec_local")]);
    local.post("/v1/customers", &[("email", "ana@example.org")]);
    let mut told = ours.recv_timeout(AMPLE).unwrap().expect("an event");
    let mut body = vec![];
    told.as_reader().read_to_end(&mut body).unwrap();
    let header = told.headers().iter().find(|header| header.field.equiv("Stripe-Signature"));
    let header = header.unwrap().value.to_string();
    drop(told.respond(tiny_http::Response::empty(200)));
    let now = Time::now();
    assert!(Signed::check("whsec_local", &header, &body, now).is_some(), "{header}");
    assert!(Signed::check("whsec_other", &header, &body, now).is_none());
    assert!(Signed::check("whsec_local", &header, &body[1..], now).is_none());
    let later = now.plus(Duration::from_secs(400));
    assert!(Signed::check("whsec_local", &header, &body, later).is_none());
    assert_eq!(Event::read(&body), Some(Event::Other));
}
