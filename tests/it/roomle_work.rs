//! Work that is done beside requests: asked for and told of in the Roomle dialect, carried out by the jobs.

use crate::roomle::fault;
use crate::support::{House, Venue, column, house, text};
use guichet::config::Config;
use guichet::jobs::Jobs;
use guichet::root::{By, Role};
use guichet::trade::import::Room;
use guichet::trade::{import, job, product};
use guichet::values::Time;
use guichet::values::id::JobId;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::{Duration, Instant};

const ROOM: Room = Room { products: 5_000, prices: 50_000 };

/// Works jobs off, until it is dropped.
pub(crate) struct Worker(Option<Jobs>);

impl Worker {
    pub(crate) fn of(house: &House) -> Self {
        let config = Config::load(&HashMap::new(), None).unwrap();
        Self(Some(Jobs::start(house.app.root(), &config).unwrap()))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(Jobs::stop);
    }
}

pub(crate) fn ask(venue: &Venue<'_>, kind: i64, settings: &Value) -> crate::support::Reply {
    let body = json!({ "assetProcessing": { "type": kind, "sourceSettings": settings } });
    venue.manager().post(&venue.v2("/assetProcessings/"), &body)
}

pub(crate) fn asked(venue: &Venue<'_>, kind: i64, settings: &Value) -> String {
    let made = ask(venue, kind, settings).ok(200)["assetProcessing"].clone();
    assert_eq!((&made["status"], &made["type"]), (&json!(0), &json!(kind)));
    text(&made, "id").to_owned()
}

pub(crate) fn job_of(venue: &Venue<'_>, id: &str) -> Value {
    let path = venue.v2(&format!("/assetProcessings/{id}"));
    venue.manager().get(&path).ok(200)["assetProcessing"].clone()
}

/// Asks until the job is over.
pub(crate) fn over(venue: &Venue<'_>, id: &str) -> Value {
    let began = Instant::now();
    loop {
        let job = job_of(venue, id);
        if !matches!(job["status"].as_i64(), Some(0 | 10)) {
            return job;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{job}");
        std::thread::yield_now();
    }
}

fn sales() -> Value {
    json!({ "report": "sales", "from": "2026-01-01", "to": "2027-01-01" })
}

/// The path and the host of a job's file.
pub(crate) fn file(job: &Value) -> (String, String) {
    let url = url::Url::parse(text(job, "resultUrl")).unwrap();
    (url.host_str().unwrap().to_owned(), url.path().to_owned())
}

#[test]
fn an_export_is_written_and_fetched_by_its_link_until_its_time_is_over() {
    let house = house();
    let venue = house.venue("Bisik");
    let worker = Worker::of(&house);
    let id = asked(&venue, 3, &sales());
    let done = over(&venue, &id);
    assert_eq!(done["status"], 100, "{done}");
    assert_eq!(
        (text(&done, "label"), text(&done, "userEmail")),
        ("Ventes", venue.admin.email.as_str())
    );
    let (host, path) = file(&done);
    assert_eq!(host, venue.host);
    let got = venue.anyone().get(&path).is(200);
    assert_eq!(got.header("Content-Type"), Some("text/csv; charset=utf-8"));
    assert!(got.header("Content-Disposition").unwrap().contains("Ventes bisik 2026-01-01"));
    assert!(got.text().contains("Jour;Commande"), "{}", got.text());
    let sheet = asked(
        &venue,
        3,
        &json!({ "report": "vat", "from": "2026-01-01", "to": "2026-02-01", "format": "xlsx" }),
    );
    let (_, sheet) = file(&over(&venue, &sheet));
    assert!(venue.anyone().get(&sheet).is(200).body.starts_with(b"PK"));
    assert_eq!(house.venue("Ancre").anyone().get(&path).status, 404);
    assert_eq!(venue.anyone().get(&path.replace("/job/", "/job/x")).status, 404);
    assert_eq!(venue.anyone().get(&format!("{path}x")).status, 404);
    let links = |caller: &crate::support::Caller| -> Vec<bool> {
        let found = caller.get(&venue.v2("/assetProcessings")).ok(200);
        let all = found["assetProcessings"].as_array().unwrap();
        all.iter().map(|one| one["resultUrl"].is_string()).collect()
    };
    // The one about sales names people.
    assert_eq!(links(&venue.manager()), [true, true]);
    assert_eq!(links(&venue.with_roles(&[Role::Statistics])), [true, false]);
    drop(worker);
    let past = "UPDATE job SET expires = 1 WHERE expires IS NOT NULL";
    venue.tenant().write(By::House, |tx| tx.run(past, [])).unwrap();
    assert_eq!(venue.anyone().get(&path).status, 404);
    venue.tenant().write(By::House, job::forget).unwrap();
    assert_eq!(job_of(&venue, &id)["resultUrl"], Value::Null);
    assert_eq!(venue.tenant().read(job::next).unwrap(), None);
}

#[test]
fn an_import_makes_products_and_prices_and_says_which_rows_it_refused() {
    let house = house();
    let venue = house.venue("Bisik");
    venue.manager().post("/v2/catalogs", &json!({ "id": "saison", "name": "Saison" })).ok(200);
    venue.ticket("Ancien");
    let _worker = Worker::of(&house);
    let settings = json!({ "catalog": "saison", "products": [
        { "name": "Nouveau", "published": true, "prices": [
            { "name": "Plein", "amount": "12.50", "vat": "VG", "stock": 10 }, { "name": "Réduit", "amount": 8 },
        ] },
        { "name": "Ancien", "prices": [{ "name": "Plein", "amount": "5" }] },
        { "name": "Carte", "category": "A", "prices": [{ "name": "Sans durée", "amount": "1" }] },
        { "name": "Seul" },
    ] });
    let done = over(&venue, &asked(&venue, 0, &settings));
    assert_eq!((&done["status"], text(&done, "catalogLabel")), (&json!(100), "saison"));
    assert_eq!(done["resultMetaData"]["done"], 4);
    assert_eq!(done["resultMetaData"]["failed"], 1);
    let refused = &done["resultMetaData"]["refused"][0];
    assert_eq!(refused["row"], 4);
    assert!(text(refused, "error").starts_with("Carte, Sans durée: "), "{refused}");
    let prices = venue.anyone().get("/api/prices/").ok(200);
    assert_eq!(column(&prices, "name"), ["Plein", "Réduit", "Plein"]);
    let items = venue.manager().get("/v2/catalogs/saison/items").ok(200);
    assert_eq!(column(&items["items"], "label"), ["Ancien", "Carte", "Nouveau", "Seul"]);
}

#[test]
fn what_is_wrong_with_an_import_is_said_of_its_product_price_and_member() {
    let house = house();
    let venue = house.venue("Bisik");
    let bad = |products: Value| {
        let body =
            json!({ "assetProcessing": { "type": 0, "sourceSettings": { "products": products } } });
        fault(venue.manager().post(&venue.v2("/assetProcessings"), &body), 400).0
    };
    let price = |amount: &str| json!({ "name": "Plein", "amount": amount });
    for (products, said) in [
        (json!([{ "name": "Un" }, { "category": "B" }]), "products[1].name: is required"),
        (json!([{ "name": "Un", "category": "X" }]), "products[0].category: must be one of N, B,"),
        (json!([{ "name": "Un", "prices": 5 }]), "products[0].prices: must be a list of objects"),
        (
            json!([{ "name": "Un", "prices": [price("1"), price("5,5")] }]),
            "products[0].prices[1].amount: must be such as 12.50",
        ),
    ] {
        let answer = bad(products);
        assert!(answer.contains(said), "{said}: {answer}");
    }
}

/// Sixty products: more than one write takes.
fn sixty() -> Value {
    let products: Vec<Value> = (0..60).map(|n| json!({ "name": format!("Article {n}") })).collect();
    json!({ "products": products })
}

#[test]
fn what_was_begun_before_a_crash_is_done_after_the_start_and_once() {
    let house = house();
    let venue = house.venue("Bisik");
    let id = asked(&venue, 0, &sixty());
    let tenant = venue.tenant();
    let taken = tenant.write(By::House, job::take).unwrap().unwrap();
    let over_at_once = tenant.write(By::House, |tx| import::take_rows(tx, taken.id, ROOM)).unwrap();
    let left = job_of(&venue, &id);
    assert_eq!((over_at_once, &left["status"]), (false, &json!(10)));
    assert_eq!(left["resultMetaData"]["done"], 50);
    let _worker = Worker::of(&house);
    let done = over(&venue, &id);
    assert_eq!(done["status"], 100);
    assert_eq!(
        (&done["resultMetaData"]["done"], &done["resultMetaData"]["failed"]),
        (&json!(60), &json!(0))
    );
    let rows: i64 =
        tenant.read(|tx| tx.one("SELECT count(*) FROM product", [], |row| row.get(0))).unwrap();
    assert_eq!(rows, 60);
}

#[test]
fn a_row_left_at_ten_is_done_after_a_restart_once() {
    let house = house();
    let venue = house.venue("Bisik");
    let id = asked(&venue, 3, &sales());
    venue.tenant().write(By::House, job::take).unwrap().unwrap();
    assert_eq!(job_of(&venue, &id)["status"], 10);
    let worker = Worker::of(&house);
    let done = over(&venue, &id);
    assert_eq!((&done["status"], &done["resultMetaData"]["done"]), (&json!(100), &json!(1)));
    drop(worker);
    assert!(venue.tenant().write(By::House, job::take).unwrap().is_none());
}

#[test]
fn tickets_of_an_event_are_sent_again_to_all_who_have_some_and_once_after_a_crash() {
    let house = house();
    let venue = house.venue("Bisik");
    let product = venue.product("Entrée", product::Category::FreeBooking);
    let (price, event) = (venue.price(&product, "Libre", 0), venue.event("Soir", &[&product], 10));
    for n in 0..3 {
        let email = format!("ana{n}@example.org");
        let booked = venue.book(&email, &event, &price, 1).ok(201);
        assert!(booked.is_object());
    }
    // As their owners have proven their addresses.
    let sql = "UPDATE booking SET proven = 1";
    venue.tenant().write(By::House, |tx| tx.run(sql, [])).unwrap();
    let sql = "UPDATE orders SET state = 'paid', settled = 1";
    venue.tenant().write(By::House, |tx| tx.run(sql, [])).unwrap();
    let id = asked(&venue, 4, &json!({ "event": event }));
    let taken = venue.tenant().write(By::House, job::take).unwrap().unwrap();
    let _worker = Worker::of(&house);
    let done = over(&venue, &id);
    assert_eq!((text(&done, "label"), &done["resultMetaData"]["done"]), ("Soir", &json!(3)));
    assert_eq!(taken.id.to_string(), id);
    let sql = "SELECT count(*) FROM outbox WHERE kind = 'tickets'";
    let letters: i64 = venue.tenant().read(|tx| tx.one(sql, [], |row| row.get(0))).unwrap();
    assert_eq!(letters, 3);
    let again = ask(&venue, 4, &json!({ "event": event }));
    assert_eq!(again.status, 400, "{}", again.text());
    assert!(again.text().contains("within the last hour"));
}

#[test]
fn a_job_that_cannot_be_done_fails_and_stays_so() {
    let house = house();
    let venue = house.venue("Bisik");
    let id = asked(&venue, 3, &sales());
    let sql = "UPDATE job SET report = 'gone'";
    venue.tenant().write(By::House, |tx| tx.run(sql, [])).unwrap();
    let _worker = Worker::of(&house);
    let failed = over(&venue, &id);
    assert_eq!((&failed["status"], &failed["resultUrl"]), (&json!(-1), &Value::Null));
    assert_eq!(failed["resultMetaData"]["error"], "not found");
    let back = "UPDATE job SET state = 10, next_try = 1";
    assert!(venue.tenant().write(By::House, |tx| tx.run(back, [])).is_err());
}

#[test]
fn a_file_that_is_too_long_is_not_kept() {
    let house = house();
    let venue = house.venue("Bisik");
    let id = asked(&venue, 3, &sales());
    let tenant = venue.tenant();
    let taken = tenant.write(By::House, job::take).unwrap().unwrap();
    let file = job::File {
        name: "x.csv".to_owned(),
        media_type: "text/csv".to_owned(),
        bytes: vec![0; (16 << 20) + 1],
    };
    let refused = tenant.write(By::House, |tx| job::finish(tx, &taken, &file)).unwrap_err();
    tenant.write(By::House, |tx| job::fail(tx, &taken, &refused)).unwrap();
    let failed = job_of(&venue, &id);
    assert_eq!(failed["status"], -1);
    assert!(text(&failed["resultMetaData"], "error").contains("16 MiB"), "{failed}");
}

#[test]
fn the_oldest_files_give_way_to_a_new_one() {
    let house = house();
    let venue = house.venue("Bisik");
    let tenant = venue.tenant();
    let made = |mib: usize| {
        let id = asked(&venue, 3, &sales());
        let file = job::File {
            name: "x.csv".to_owned(),
            media_type: "text/csv".to_owned(),
            bytes: vec![0; mib << 20],
        };
        tenant
            .write(By::House, |tx| {
                let taken = job::take(tx)?.unwrap();
                job::finish(tx, &taken, &file)
            })
            .unwrap();
        id
    };
    let all: Vec<String> = [16, 16, 16, 16, 1].into_iter().map(made).collect();
    let kept: Vec<bool> =
        all.iter().map(|id| job_of(&venue, id)["resultUrl"].is_string()).collect();
    assert_eq!(kept, [false, true, true, true, true]);
    assert_eq!(job_of(&venue, &all[0])["status"], 100, "it was done all the same");
}

/// Sets when a job was asked for: so long ago.
fn aged(venue: &Venue<'_>, ago: Duration) -> String {
    let id = asked(venue, 3, &sales());
    let (sql, created) = ("UPDATE job SET created = ?2 WHERE id = ?1", Time::now().minus(ago));
    let job = JobId(id.parse().unwrap());
    venue.tenant().write(By::House, |tx| tx.run(sql, (job, created))).unwrap();
    id
}

#[test]
fn check_08_without_dates_exactly_thirty_days_are_told() {
    let house = house();
    let venue = house.venue("Bisik");
    let month = Duration::from_secs(30 * 86_400);
    let moment = Duration::from_secs(60);
    let inside = aged(&venue, month - moment);
    let outside = aged(&venue, month + moment);
    let told = |query: &str| {
        let found =
            venue.manager().get(&format!("{}{query}", venue.v2("/assetProcessings/"))).ok(200);
        column(&found["assetProcessings"], "id").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(told(""), std::slice::from_ref(&inside));
    let from = Time::now().minus(month + moment + moment).millis();
    assert_eq!(told(&format!("?from={from}")), [inside.clone(), outside.clone()]);
    let to = Time::now().minus(month).millis();
    assert_eq!(told(&format!("?to={to}")), [outside]);
    assert_eq!(told("?from=2016-06-01T07:54:07.000%2B02:00&limit=1"), [inside]);
    assert!(told("?from=2016-06-01T07:54:07.000Z&to=2016-06-02T07:54:07.000Z").is_empty());
}

#[test]
fn check_08_a_date_of_another_shape_is_refused() {
    let house = house();
    let venue = house.venue("Bisik");
    for wrong in [
        "2016-06-01",
        "2016-06-01T07:54:07Z",
        "2016-06-01T07:54:07.000",
        "2016-13-01T07:54:07.000Z",
        "2016-06-01T07:54:07.000000Z",
        "yesterday",
        "",
    ] {
        for name in ["from", "to"] {
            let path = venue.v2(&format!("/assetProcessings/?{name}={wrong}"));
            assert_eq!(fault(venue.manager().get(&path), 400).1, name, "{wrong}");
        }
    }
    let path = venue.v2("/assetProcessings?from=2999-06-01T07:54:07.000Z");
    assert_eq!(fault(venue.manager().get(&path), 400).1, "from");
}

#[test]
fn check_08_work_is_told_to_who_may_see_figures() {
    let house = house();
    let venue = house.venue("Bisik");
    let path = venue.v2("/assetProcessings");
    venue.with_roles(&[Role::Statistics]).get(&path).ok(200);
    fault(venue.with_roles(&[Role::Catalogue]).get(&path), 403);
    fault(house.venue("Ancre").manager().get(&path), 403);
}

#[test]
fn each_kind_of_work_needs_its_right_and_what_is_wrong_with_it_is_named() {
    let house = house();
    let venue = house.venue("Bisik");
    let body = |kind: i64, settings: Value| json!({ "type": kind, "sourceSettings": settings });
    let path = venue.v2("/assetProcessings");
    let figures = json!({ "report": "vat", "from": "2026-01-01", "to": "2026-02-01" });
    venue.with_roles(&[Role::Statistics]).post(&path, &body(3, figures)).ok(200);
    fault(venue.with_roles(&[Role::Statistics]).post(&path, &body(3, sales())), 403);
    fault(venue.with_roles(&[Role::Catalogue]).post(&path, &body(3, sales())), 403);
    fault(venue.with_roles(&[Role::Statistics]).post(&path, &body(0, sixty())), 403);
    venue.with_roles(&[Role::Catalogue]).post(&path, &body(0, sixty())).ok(200);
    let priced =
        json!({ "products": [{ "name": "Un", "prices": [{ "name": "Plein", "amount": 5 }] }] });
    fault(venue.with_roles(&[Role::Catalogue]).post(&path, &body(0, priced.clone())), 403);
    let both = venue.with_roles(&[Role::Catalogue, Role::Prices]);
    both.post(&path, &body(0, priced)).ok(200);
    fault(venue.app().post(&path, &body(3, sales())), 403);
    house
        .venue("Ancre")
        .manager()
        .post("/v2/catalogs", &json!({ "id": "ailleurs", "name": "x" }))
        .ok(200);
    for (field, kind, settings) in [
        ("type", 7, json!({})),
        ("report", 3, json!({})),
        ("report", 3, json!({ "report": "all" })),
        ("from", 3, json!({ "report": "sales" })),
        ("to", 3, json!({ "report": "sales", "from": "2026-01-01", "to": "2026-01-01" })),
        (
            "format",
            3,
            json!({ "report": "sales", "from": "2026-01-01", "to": "2026-01-02", "format": "pdf" }),
        ),
        ("event", 4, json!({ "event": "x" })),
        ("event", 4, json!({ "event": "01890a5d-ac96-774b-bcce-b302099a8057" })),
        ("products", 0, json!({})),
        ("name", 0, json!({ "products": [{}] })),
        (
            "amount",
            0,
            json!({ "products": [{ "name": "x", "prices": [{ "name": "x", "amount": "-1" }] }] }),
        ),
        (
            "vat",
            0,
            json!({ "products": [{ "name": "x", "prices": [{ "name": "x", "amount": 1, "vat": "ZZ" }] }] }),
        ),
        ("catalog", 0, json!({ "catalog": "ailleurs", "products": [{ "name": "x" }] })),
        ("catalog", 0, json!({ "catalog": "bisik", "products": [{ "name": "x" }] })),
    ] {
        assert_eq!(fault(ask(&venue, kind, &settings), 400).1, field, "{settings}");
    }
}

#[test]
fn more_jobs_than_may_wait_are_refused() {
    let house = house();
    let venue = house.venue("Bisik");
    for _ in 0..100 {
        asked(&venue, 3, &sales());
    }
    fault(ask(&venue, 3, &sales()), 402);
}
