//! Selling online through `kill -9`: what was paid at Stripe is the buyer's after the next start, or on its way back.
//!
//! `CRASH_ROUNDS` makes it as long as one likes; without it a few rounds.

use crate::crash_sales::{Evening, assert_adds_up, rounds};
use crate::process::{Answer, Data, Peer as Line, Server, look_into, until};
use crate::stripe_peer::{KEY, Peer, SECRET, signature};
use serde_json::json;
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

/// A house on disk, its Stripe, and who has not heard whether they booked.
struct Fair {
    data: Data,
    peer: Peer,
    evening: Evening,
    unheard: Mutex<Vec<String>>,
}

impl Fair {
    fn serve(&self) -> Server {
        let settings = [
            ("GUICHET_STRIPE_URL", self.peer.url()),
            ("GUICHET_STRIPE_KEY", KEY.to_owned()),
            ("GUICHET_STRIPE_WEBHOOK_SECRET", SECRET.to_owned()),
        ];
        let settings: Vec<(&str, &str)> =
            settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.data.serve_with(&settings)
    }

    /// Asks on a line; none when the server is gone.
    fn ask(&self, line: &mut Line, path: &str, headers: &str, body: &str) -> Option<Answer> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            self.evening.shop.host,
            body.len(),
        );
        line.stream.write_all(request.as_bytes()).ok()?;
        line.hear(false).ok().flatten()
    }

    /// Books under a key of its own; the order and the session at which it is paid.
    fn book(&self, line: &mut Line, name: &str) -> Option<(String, String)> {
        let body = self.evening.order(name).to_string();
        let key = format!("Idempotency-Key: {name}\r\n");
        let Some(answer) = self.ask(line, "/api/reservations/", &key, &body) else {
            self.unheard.lock().unwrap().push(name.to_owned());
            return None;
        };
        assert_eq!(answer.status, 201, "{}", answer.text());
        let booked = answer.json();
        let order = booked["order"]["uuid"].as_str().unwrap().to_owned();
        Some((order, self.peer.session_at(booked["checkout_url"].as_str().unwrap())))
    }

    fn tell(&self, line: &mut Line, session: &str) -> Option<Answer> {
        let event = self.peer.event("checkout.session.completed", session);
        let signed = format!("Stripe-Signature: {}\r\n", signature(SECRET, &event, 0));
        self.ask(line, "/api/webhook_stripe/", &signed, &event)
    }

    /// One buyer: books, mostly pays, mostly Stripe tells of it, and now and then it is given back. None when the server is
    /// gone.
    fn buy(&self, line: &mut Line, name: &str, turn: usize) -> Option<()> {
        let (order, session) = self.book(line, name)?;
        if turn % 5 == 4 {
            return Some(());
        }
        self.peer.pay(&session);
        if turn % 3 == 2 {
            return Some(());
        }
        let told = self.tell(line, &session)?;
        assert_eq!(told.status, 202, "{}", told.text());
        if turn % 3 == 1 {
            let key = format!("Authorization: Api-Key {}\r\n", self.evening.shop.key);
            let path = format!("/api/orders/{order}/refund/");
            let given = self.ask(line, &path, &key, &json!({}).to_string())?;
            assert_eq!(given.status, 200, "{}", given.text());
        }
        Some(())
    }

    /// Sells until the server is killed, in the middle of it.
    fn sell_until_killed(&self, round: usize, enough: u32) {
        let (mut server, done) = (self.serve(), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for thread in 0..6 {
                let (done, mut line) = (&done, server.peer());
                scope.spawn(move || {
                    for turn in 0.. {
                        let name = format!("r{round}-{thread}-{turn}");
                        if self.buy(&mut line, &name, turn).is_none() {
                            return;
                        }
                        done.fetch_add(1, SeqCst);
                    }
                });
            }
            until("enough is sold", || done.load(SeqCst) >= enough);
            server.kill();
        });
    }
}

fn count(file: &Path, sql: &str) -> i64 {
    look_into(file).query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn every_order_paid_at_stripe_before_the_process_was_killed_is_valid_or_its_money_goes_back() {
    let (data, shop) = Data::with_shop();
    let file = data.tenant_file(&shop.slug);
    let evening = Evening::new(&data.serve(), shop);
    let fair = Fair { data, peer: Peer::new(), evening, unheard: Mutex::default() };
    for (round, enough) in rounds().into_iter().enumerate() {
        fair.sell_until_killed(round, enough.min(60));
        assert_adds_up(&file);
    }
    // Who heard nothing asks again, in the same words.
    let mut server = fair.serve();
    let unheard = std::mem::take(&mut *fair.unheard.lock().unwrap());
    assert!(!unheard.is_empty(), "nobody was in the middle of it");
    for (n, name) in unheard.iter().enumerate() {
        fair.buy(&mut server.peer(), name, n).unwrap();
    }
    server.kill();
    // Of what is not decided some holds run out; then the job looks at it all.
    for sql in [
        "UPDATE orders SET expires = 0 WHERE state = 'held' AND abs(random()) % 2 = 0",
        "UPDATE checkout SET next_look = 0 WHERE next_look IS NOT NULL",
        "UPDATE stripe_refund SET next_try = 0 WHERE state = 'waiting'",
    ] {
        look_into(&file).execute(sql, []).unwrap();
    }
    let _server = fair.serve();
    let paid = fair.peer.paid();
    assert!(paid.len() > 10, "{}", paid.len());
    let decided = "SELECT count(*) FROM checkout WHERE state IN ('paid', 'returned')";
    until("all is decided", || {
        count(&file, decided) == paid.len() as i64
            && count(&file, "SELECT count(*) FROM stripe_refund WHERE state = 'waiting'") == 0
    });
    assert_adds_up(&file);
    for (session, amount) in &paid {
        let valid = format!(
            "SELECT iif(checkout.state = 'paid' AND orders.state = 'paid',
                 (SELECT sum(payment.amount) FROM payment WHERE payment.orders = orders.id
                    AND (SELECT count(*) FROM ticket JOIN line ON line.id = line WHERE line.orders = orders.id AND ticket.state = 'K') = 2),
                 (SELECT sum(amount) FROM stripe_refund WHERE checkout = checkout.id))
             FROM checkout JOIN orders ON orders.id = orders WHERE session = '{session}'"
        );
        assert_eq!(count(&file, &valid), *amount, "{session}");
    }
    let twice = "SELECT count(*) FROM (SELECT email FROM orders WHERE state IN ('paid', 'refunded')
         GROUP BY email HAVING count(*) > 1)";
    assert_eq!(count(&file, twice), 0, "sold twice");
    let back: i64 = fair.peer.refunds().iter().map(|one| one["amount"].as_i64().unwrap()).sum();
    let kept = paid.iter().map(|(_, amount)| amount).sum::<i64>() - back;
    let sold = "SELECT (SELECT coalesce(sum(amount), 0) FROM payment) - (SELECT coalesce(sum(amount), 0) FROM refund)";
    assert_eq!(count(&file, sold), kept, "what Stripe keeps is what is sold");
    fair.data.assert_whole();
}
