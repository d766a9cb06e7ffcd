//! Selling through `kill -9`: what was answered is there, and everything adds up, whatever the write-ahead log lost.
//!
//! `CRASH_ROUNDS` makes it as long as one likes; without it a few rounds.

use crate::process::{Data, Server, Shop, look_into, until};
use crate::sales::ADD_UP;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

pub(crate) struct Evening {
    pub(crate) shop: Shop,
    event: String,
    price: String,
}

impl Evening {
    pub(crate) fn new(server: &Server, shop: Shop) -> Self {
        let uuid = |answer: Value| answer["uuid"].as_str().unwrap().to_owned();
        let body =
            json!({ "product": shop.product, "name": "Plein", "prix": "12.50", "stock": 30_000 });
        let price = uuid(server.post(&shop, "/api/prices/", &body).json());
        let body = json!({
            "name": "Jam", "datetime": "2099-06-01T20:00", "products": [shop.product], "jauge_max": 100_000,
        });
        let event = uuid(server.post(&shop, "/api/events/", &body).json());
        Self { shop, event, price }
    }

    pub(crate) fn order(&self, name: &str) -> Value {
        json!({
            "email": format!("{name}@example.org"), "event": self.event, "options": [],
            "prices": [{ "uuid": self.price, "qty": 2, "customers": [
                { "first_name": "Ana", "last_name": name }, { "first_name": "Bo", "last_name": name },
            ]}],
        })
    }
}

/// Buys, pays and gives back until the server is killed; the orders and payments that it answered 201.
fn buy_until_killed(
    server: &mut Server,
    evening: &Evening,
    round: usize,
    enough: u32,
) -> (HashSet<String>, HashSet<String>) {
    let (placed, paid, done) =
        (Mutex::new(HashSet::new()), Mutex::new(HashSet::new()), AtomicU32::new(0));
    std::thread::scope(|scope| {
        for thread in 0..6 {
            let (placed, paid, done, mut peer) = (&placed, &paid, &done, server.peer());
            scope.spawn(move || {
                let mut ask = |path: &str, body: &Value| {
                    let key = &evening.shop.key;
                    let request =
                        crate::process::post(&evening.shop.host, path, key, &body.to_string());
                    peer.stream.write_all(request.as_bytes()).ok()?;
                    peer.hear(false).ok().flatten()
                };
                for turn in 0.. {
                    let name = format!("r{round}-{thread}-{turn}");
                    let Some(answer) = ask("/api/reservations/", &evening.order(&name)) else {
                        return;
                    };
                    assert_eq!(answer.status, 201, "{}", answer.text());
                    let order = answer.json()["order"]["uuid"].as_str().unwrap().to_owned();
                    placed.lock().unwrap().insert(order.clone());
                    done.fetch_add(1, SeqCst);
                    let path = format!("/api/orders/{order}/payments/");
                    let Some(answer) = ask(&path, &json!({ "means": "cash" })) else { return };
                    assert_eq!(answer.status, 201, "{}", answer.text());
                    paid.lock().unwrap().insert(order.clone());
                    if turn % 3 == 0
                        && ask(&format!("/api/orders/{order}/refund/"), &json!({})).is_none()
                    {
                        return;
                    }
                }
            });
        }
        until("enough is sold", || done.load(SeqCst) >= enough);
        server.kill();
    });
    (placed.into_inner().unwrap(), paid.into_inner().unwrap())
}

/// All that must add up does.
pub(crate) fn assert_adds_up(file: &Path) {
    let conn = look_into(file);
    for (what, sql) in ADD_UP {
        let off: i64 = conn.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(off, 0, "{what}");
    }
    let whole: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(whole, "ok");
}

fn orders(file: &Path, condition: &str) -> HashSet<String> {
    let conn = look_into(file);
    let sql = format!("SELECT lower(hex(id)) FROM orders WHERE {condition}");
    let mut statement = conn.prepare(&sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(|id| id.unwrap()).collect()
}

#[expect(clippy::disallowed_methods, reason = "a longer run is asked for by its caller")]
pub(crate) fn rounds() -> Vec<u32> {
    let asked = std::env::var("CRASH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    let all = [3, 40, 117, 250, 61, 5, 173];
    (0..asked.unwrap_or(4)).map(|round: usize| all[round % all.len()]).collect()
}

#[test]
fn every_order_that_was_answered_before_the_process_was_killed_is_there_and_all_adds_up() {
    let (data, shop) = Data::with_shop();
    let file = data.tenant_file(&shop.slug);
    let evening = Evening::new(&data.serve(), shop);
    let plain = |ids: HashSet<String>| {
        ids.into_iter().map(|id| id.replace('-', "")).collect::<HashSet<_>>()
    };
    for (round, enough) in rounds().into_iter().enumerate() {
        let (placed, paid) = buy_until_killed(&mut data.serve(), &evening, round, enough);
        assert_adds_up(&file);
        assert!(plain(placed).is_subset(&orders(&file, "1")), "an order is gone");
        assert!(
            plain(paid).is_subset(&orders(&file, "state IN ('paid', 'refunded')")),
            "a payment is gone"
        );
    }
    data.assert_whole();
    assert_eq!(
        data.serve().post(&evening.shop, "/api/reservations/", &evening.order("after")).status,
        201
    );
}

/// How much of a log may have been moved into its file: that is on disk in the log before, so no cut falls there. The
/// index says how many frames (`nBackfillAttempted` of SQLite's WAL format, the 33rd number).
fn moved(file: &Path) -> usize {
    let index = std::fs::read(file.with_extension("db-shm")).unwrap();
    let frames = u32::from_ne_bytes(index[128..132].try_into().unwrap());
    if frames == 0 { 0 } else { 32 + usize::try_from(frames).unwrap() * (24 + 4_096) }
}

/// Sells and kills until the log of the file holds something that the file does not: a kill that falls into a
/// checkpoint, or right behind one, leaves nothing to cut. The log, and where that begins in it.
fn log_of_a_killed_server(data: &Data, evening: &Evening, file: &Path) -> (Vec<u8>, usize) {
    for round in 0..10 {
        buy_until_killed(&mut data.serve(), evening, round, 60);
        let whole = std::fs::read(file.with_extension("db-wal")).unwrap();
        let begin = moved(file);
        if begin + 100_000 < whole.len() {
            return (whole, begin);
        }
    }
    panic!("ten times nothing was in the log alone");
}

#[test]
fn a_write_ahead_log_that_was_cut_anywhere_leaves_a_file_that_adds_up() {
    let (data, shop) = Data::with_shop();
    let file = data.tenant_file(&shop.slug);
    let evening = Evening::new(&data.serve(), shop);
    let (whole, begin) = log_of_a_killed_server(&data, &evening, &file);
    let copy = data.beside("cut.db");
    // Steps that are no multiple of a page, so that cuts fall into headers, pages and between them.
    for cut in (begin..whole.len()).step_by((whole.len() - begin) / 23 + 7) {
        std::fs::copy(&file, &copy).unwrap();
        std::fs::write(copy.with_extension("db-wal"), &whole[..cut]).unwrap();
        drop(std::fs::remove_file(copy.with_extension("db-shm")));
        assert_adds_up(&copy);
    }
}
