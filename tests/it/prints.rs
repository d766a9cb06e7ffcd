//! All tickets of an event as one PDF, which a job draws; images and reminders, which are told of as jobs that are done.

use crate::roomle::fault;
use crate::roomle_work::{Worker, ask, asked, file, job_of, over};
use crate::support::{Caller, Reply, Venue, column, house, image_url, text};
use guichet::root::{By, Role};
use guichet::trade::print::{Layout, Print};
use guichet::trade::{job, product};
use guichet::values::id::EventId;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// An evening with so many open tickets, of one reservation.
fn evening(venue: &Venue<'_>, tickets: u32) -> String {
    let product = venue.product("Entrée", product::Category::FreeBooking);
    let (price, event) = (venue.price(&product, "Libre", 0), venue.event("Soir", &[&product], 500));
    venue.book("ana@example.org", &event, &price, 1).ok(201);
    let open = "UPDATE ticket SET state = 'K'";
    venue.tenant().write(By::House, |tx| tx.run(open, [])).unwrap();
    more(venue, tickets - 1);
    event
}

/// So many tickets more, like the first.
fn more(venue: &Venue<'_>, tickets: u32) {
    let sql = "WITH RECURSIVE n (i) AS (SELECT 1 WHERE ?1 > 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
         INSERT INTO ticket (id, line, booking, event, state, first_name, last_name)
         SELECT randomblob(16), line, booking, event, 'K', 'Ana', 'P' || i FROM (SELECT * FROM ticket LIMIT 1), n";
    venue.tenant().write(By::House, |tx| tx.run(sql, [tickets])).unwrap();
}

fn pages(pdf: &Reply) -> usize {
    assert_eq!(pdf.header("Content-Type"), Some("application/pdf"));
    let count = |wanted: &[u8]| pdf.body.windows(wanted.len()).filter(|w| *w == wanted).count();
    count(b"/Type/Page/") + count(b"/Type /Page\n")
}

/// The file of a job that is done.
fn drawn(venue: &Venue<'_>, done: &Value) -> Reply {
    assert_eq!(done["status"], 100, "{done}");
    venue.anyone().get(&file(done).1).is(200)
}

#[test]
fn all_tickets_of_an_event_are_printed_as_one_file() {
    let house = house();
    let venue = house.venue("Bisik");
    let event = evening(&venue, 3);
    let given_back = "UPDATE ticket SET state = 'R' WHERE last_name = 'P1'";
    venue.tenant().write(By::House, |tx| tx.run(given_back, [])).unwrap();
    let _worker = Worker::of(&house);
    let done = over(&venue, &asked(&venue, 2, &json!({ "event": event })));
    assert_eq!((text(&done, "label"), text(&done, "targetId")), ("Soir", event.as_str()));
    assert_eq!(done["sourceSettings"], json!({ "event": event, "layout": "tickets" }));
    let pdf = drawn(&venue, &done);
    assert!(pdf.header("Content-Disposition").unwrap().contains("Soir bisik 2099-06-01.pdf"));
    assert_eq!(pages(&pdf), 2);
}

#[test]
fn a_list_for_the_desk_has_a_line_for_each_ticket() {
    let house = house();
    let venue = house.venue("Bisik");
    let event = evening(&venue, 38);
    let _worker = Worker::of(&house);
    let done = over(&venue, &asked(&venue, 2, &json!({ "event": event, "layout": "list" })));
    assert_eq!(pages(&drawn(&venue, &done)), 2);
}

#[test]
fn a_print_that_a_crash_stopped_is_drawn_after_the_start_and_once() {
    let house = house();
    let venue = house.venue("Bisik");
    let id = asked(&venue, 2, &json!({ "event": evening(&venue, 1) }));
    venue.tenant().write(By::House, job::take).unwrap().unwrap();
    assert_eq!(job_of(&venue, &id)["status"], 10);
    let worker = Worker::of(&house);
    let done = over(&venue, &id);
    assert_eq!((pages(&drawn(&venue, &done)), &done["resultMetaData"]["done"]), (1, &json!(1)));
    drop(worker);
    assert!(venue.tenant().write(By::House, job::take).unwrap().is_none());
}

#[test]
fn a_job_that_the_program_never_survives_is_given_up() {
    let house = house();
    let venue = house.venue("Bisik");
    let id = asked(&venue, 2, &json!({ "event": evening(&venue, 1) }));
    let take = || venue.tenant().write(By::House, job::take).unwrap();
    for _ in 1..=5 {
        assert_eq!(take().unwrap().id.to_string(), id);
    }
    assert!(take().is_none());
    let failed = job_of(&venue, &id);
    assert_eq!(failed["status"], -1);
    assert!(text(&failed["resultMetaData"], "error").contains("several times"), "{failed}");
}

#[test]
fn a_print_of_nothing_or_of_too_much_is_refused() {
    let house = house();
    let venue = house.venue("Bisik");
    let event = evening(&venue, 2_000);
    asked(&venue, 2, &json!({ "event": event }));
    more(&venue, 1);
    let (refused, field) = fault(ask(&venue, 2, &json!({ "event": event })), 400);
    assert!(refused.contains("2000 tickets") && field == "layout", "{refused}");
    asked(&venue, 2, &json!({ "event": event, "layout": "list" }));
    more(&venue, 8_000);
    let list = json!({ "event": event, "layout": "list" });
    assert_eq!(fault(ask(&venue, 2, &list), 400).1, "layout");
    let body = json!({ "event": event, "layout": "list" });
    let told = venue.staff().post("/api/prints/", &body).is(400);
    assert!(told.text().contains("10000\u{a0}billets"), "{}", told.text());
    let empty = venue.event("Vide", &[], 10);
    assert_eq!(fault(ask(&venue, 2, &json!({ "event": empty })), 400).1, "event");
    assert_eq!(fault(ask(&venue, 2, &json!({ "event": "x" })), 400).1, "event");
    let other = json!({ "event": event, "layout": "badges" });
    assert_eq!(fault(ask(&venue, 2, &other), 400).1, "layout");
}

#[test]
fn what_was_sold_while_a_print_waited_is_counted_again_before_it_is_drawn() {
    let house = house();
    let venue = house.venue("Bisik");
    let event = evening(&venue, 2_000);
    let id = asked(&venue, 2, &json!({ "event": event }));
    more(&venue, 1);
    let _worker = Worker::of(&house);
    let failed = over(&venue, &id);
    assert_eq!((&failed["status"], &failed["resultUrl"]), (&json!(-1), &Value::Null));
    assert!(text(&failed["resultMetaData"], "error").contains("2000 tickets"), "{failed}");
}

#[test]
fn a_print_is_for_who_sees_reservations() {
    let house = house();
    let venue = house.venue("Bisik");
    let event = evening(&venue, 1);
    let (path, body) = ("/api/prints/", json!({ "event": event }));
    let settings = json!({ "type": 2, "sourceSettings": body });
    let figures = venue.with_roles(&[Role::Statistics]);
    fault(figures.post(&venue.v2("/assetProcessings"), &settings), 403);
    let asked = text(&venue.key("reservation").post(path, &body).ok(202), "uuid").to_owned();
    let one = format!("{path}{asked}/");
    venue.key("product").post(path, &body).is(401);
    venue.anyone().get(&one).is(401);
    let theirs = house.venue("Ancre");
    theirs.staff().get(&one).is(404);
    theirs.staff().post(path, &body).is(400);
    let _worker = Worker::of(&house);
    over(&venue, &asked);
    let told = figures.get(&venue.v2("/assetProcessings")).ok(200);
    assert_eq!(told["assetProcessings"][0]["resultUrl"], Value::Null);
}

/// Looks until the print is over.
fn printed(caller: &Caller, path: &str) -> Value {
    let began = Instant::now();
    loop {
        let print = caller.get(path).ok(200);
        if !matches!(text(&print, "state"), "received" | "begun") {
            return print;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{print}");
        std::thread::yield_now();
    }
}

#[test]
fn a_print_is_asked_for_and_fetched_at_the_door_of_the_venue() {
    let house = house();
    let venue = house.venue("Bisik");
    let event = evening(&venue, 1);
    let asked = venue.staff().post("/api/prints/", &json!({ "event": event })).ok(202);
    assert_eq!((text(&asked, "state"), text(&asked, "layout")), ("received", "tickets"));
    assert_eq!(asked["url"], Value::Null);
    let _worker = Worker::of(&house);
    let done = printed(&venue.staff(), &format!("/api/prints/{}/", text(&asked, "uuid")));
    let url = url::Url::parse(text(&done, "url")).unwrap();
    assert_eq!(pages(&venue.anyone().get(url.path()).is(200)), 1);
    let export = json!({ "report": "vat", "from": "2026-01-01", "to": "2026-01-02" });
    let export = crate::roomle_work::asked(&venue, 3, &export);
    venue.staff().get(&format!("/api/prints/{export}/")).is(404);
}

#[test]
fn the_most_tickets_that_a_print_takes_fit_into_its_file() {
    let house = house();
    let venue = house.venue("Bisik");
    let event = EventId(evening(&venue, 20).parse().unwrap());
    let tenant = venue.tenant();
    let drawn = |layout| {
        let print = tenant.read(|tx| Print::of_event(tx, event, layout)).unwrap();
        print.draw(layout).unwrap().len()
    };
    let few = [Layout::Tickets, Layout::List].map(drawn);
    more(&venue, 40);
    // What forty tickets add, for as many as there may be.
    for (layout, few) in [Layout::Tickets, Layout::List].into_iter().zip(few) {
        let most = (drawn(layout) - few) / 40 * layout.most() as usize;
        assert!(few + most < 16 << 20, "{layout:?}: {most}");
    }
}

fn told(venue: &Venue<'_>) -> Vec<Value> {
    let found = venue.manager().get(&venue.v2("/assetProcessings")).ok(200);
    found["assetProcessings"].as_array().unwrap().clone()
}

fn pictured(venue: &Venue<'_>, name: &str, image: &str) -> String {
    let body = json!({ "name": name, "img_url": image_url(image) });
    text(&venue.staff().post("/api/products/", &body).ok(201), "uuid").to_owned()
}

#[test]
fn an_image_is_told_as_work_that_is_done_with_where_it_is() {
    let house = house();
    let venue = house.venue("Bisik");
    pictured(&venue, "Affiche", "tiny.png");
    let [one] = told(&venue).try_into().unwrap();
    assert_eq!((&one["type"], &one["status"]), (&json!(1), &json!(100)));
    assert_eq!(text(&one, "label"), image_url("tiny.png"));
    for address in ["resultUrl", "thumbnail"] {
        let url = url::Url::parse(text(&one, address)).unwrap();
        assert_eq!(url.host_str(), Some(venue.host.as_str()));
        venue.anyone().get(url.path()).is(200);
    }
    assert_eq!(fault(ask(&venue, 1, &json!({})), 400).1, "type");
}

#[test]
fn what_opens_the_place_where_an_image_was_is_not_told() {
    let house = house();
    let venue = house.venue("Bisik");
    let secret = format!("{}?signature=secret", image_url("tiny.png"));
    let body = json!({ "name": "Affiche", "img_url": secret });
    venue.staff().post("/api/products/", &body).ok(201);
    let [one] = told(&venue).try_into().unwrap();
    assert_eq!(text(&one, "label"), image_url("tiny.png"));
}

#[test]
fn an_image_that_was_sent_is_told_by_its_name_and_who_sent_it() {
    let house = house();
    let venue = house.venue("Bisik");
    let staff = venue.admin();
    staff.form("POST", "/api/products/", &[("name", "Affiche")], &[("img", "tiny.png")]).ok(201);
    let [one] = told(&venue).try_into().unwrap();
    assert_eq!(text(&one, "label"), "tiny.png");
    assert_eq!(text(&one, "userEmail"), venue.admin.email.as_str());
}

#[test]
fn an_image_that_was_taken_away_has_no_address_any_more() {
    let house = house();
    let venue = house.venue("Bisik");
    let product = pictured(&venue, "Affiche", "tiny.png");
    venue.staff().delete(&format!("/api/products/{product}/")).is(204);
    let [one] = told(&venue).try_into().unwrap();
    assert_eq!((&one["resultUrl"], &one["thumbnail"]), (&Value::Null, &Value::Null));
}

#[test]
fn an_image_that_is_refused_is_no_work() {
    let house = house();
    let venue = house.venue("Bisik");
    let body = json!({ "name": "Affiche", "img_url": image_url("notimage.txt") });
    venue.staff().post("/api/products/", &body).is(400);
    assert_eq!(told(&venue), [Value::Null; 0]);
}

#[test]
fn of_jobs_that_are_over_the_newest_five_thousand_are_kept() {
    let house = house();
    let venue = house.venue("Bisik");
    let waits =
        asked(&venue, 3, &json!({ "report": "vat", "from": "2026-01-01", "to": "2026-01-02" }));
    let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5200)
         INSERT INTO job (id, kind, state, label, image, created, changed)
         SELECT randomblob(16), 1, 100, 'x', 'x', created - i * 1000000, changed FROM job, n";
    venue.tenant().write(By::House, |tx| tx.run(many, [])).unwrap();
    pictured(&venue, "Affiche", "tiny.png");
    let count =
        |sql| venue.tenant().read(|tx| tx.one(sql, [], |row| row.get::<_, i64>(0))).unwrap();
    assert_eq!(count("SELECT count(*) FROM job WHERE next_try IS NULL"), 5_000);
    assert_eq!(column(&json!(told(&venue)), "label")[0], image_url("tiny.png"));
    assert_eq!(job_of(&venue, &waits)["status"], 0);
}
