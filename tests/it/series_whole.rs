//! A series as a whole: all of its dates are changed or taken away at once, or none; calendars say what is cancelled.

use crate::support::{House, Venue, column, house, image_url, text};
use guichet::root::By;
use guichet::trade::errand;
use serde_json::{Value, json};

const EVENTS: &str = "/api/events/";
const ICAL: &str = "/ical/agenda.ics";

/// Three evenings of a venue.
struct Series<'h> {
    venue: Venue<'h>,
    ticket: String,
    price: String,
    dates: Vec<String>,
    path: String,
}

impl<'h> Series<'h> {
    fn new(house: &'h House) -> Self {
        let venue = house.venue("Bisik");
        let ticket = venue.ticket("Concert");
        let price = venue.price(&ticket, "Plein", 1_250);
        let first = venue.event("Jam", &[&ticket], 10);
        let body = json!({ "rule": "weekly", "count": 3 });
        let made = venue.staff().post(&format!("{EVENTS}{first}/repeat/"), &body).ok(201);
        let rest = column(&made["made"], "uuid").into_iter().map(str::to_owned);
        let dates = std::iter::once(first).chain(rest).collect();
        let path = format!("/api/series/{}/", text(&made, "series"));
        Self { venue, ticket, price, dates, path }
    }

    fn show(&self, n: usize) -> Value {
        self.venue.anyone().get(&format!("{EVENTS}{}/", self.dates[n])).ok(200)
    }

    /// A place at the n-th, paid; its ticket.
    fn sell(&self, n: usize) -> String {
        let booked = self.venue.book("ana@example.org", &self.dates[n], &self.price, 1).ok(201);
        let pay = format!("/api/orders/{}/payments/", text(&booked["order"], "uuid"));
        self.venue.staff().post(&pay, &json!({ "means": "cash" })).ok(201);
        booked["reservation"]["tickets"][0].as_str().unwrap().to_owned()
    }

    /// Gives back all that was sold.
    fn give_back(&self) {
        let staff = self.venue.staff();
        for order in column(&staff.get("/api/orders/?state=paid").ok(200), "uuid") {
            let refund = format!("/api/orders/{order}/refund/");
            staff.post(&refund, &json!({ "means": "cash" })).ok(200);
        }
    }

    /// The n-th is over.
    fn is_over(&self, n: usize) {
        let sql = format!(
            "UPDATE event SET starts = 5 WHERE id = unhex('{}')",
            self.dates[n].replace('-', "")
        );
        self.venue.tenant().write(By::House, |tx| tx.run(&sql, [])).unwrap();
    }

    fn calendar(&self) -> String {
        self.venue.anyone().get(ICAL).is(200).text()
    }
}

/// The status of each entry of a calendar, in its order.
fn statuses(calendar: &str) -> Vec<&str> {
    calendar.lines().filter_map(|line| line.strip_prefix("STATUS:")).collect()
}

#[test]
fn all_dates_that_are_not_over_are_changed_at_once_and_keep_their_hours() {
    let house = house();
    let series = Series::new(&house);
    series.is_over(0);
    let other = series.venue.ticket("Gala");
    let body = json!({
        "name": "Bal", "short_description": "Maloya", "jauge_max": 30, "products": [other],
        "img_url": image_url("bg.jpg"), "tags": ["danse"],
    });
    let hours = [1, 2].map(|n| series.show(n)["datetime"].clone());
    let changed = series.venue.staff().put(&series.path, &body).ok(201);
    assert_eq!(column(&changed, "uuid"), series.dates[1..]);
    assert_eq!(text(&series.show(0), "name"), "Jam");
    let image = series.show(1)["img_variations"]["med"].clone();
    for n in [1, 2] {
        let shown = series.show(n);
        assert_eq!((text(&shown, "name"), text(&shown, "short_description")), ("Bal", "Maloya"));
        assert_eq!(shown["datetime"], hours[n - 1]);
        assert_eq!(text(&shown["products"][0], "uuid"), other);
        assert_eq!(shown["img_variations"]["med"], image, "one image for all");
    }
}

#[test]
fn what_is_refused_for_one_date_changes_none() {
    let house = house();
    let series = Series::new(&house);
    series.sell(2);
    series.sell(2);
    let body = json!({ "name": "Bal", "jauge_max": 1 });
    series.venue.staff().put(&series.path, &body).faults(&["jauge_max"]);
    assert!((0..3).all(|n| text(&series.show(n), "name") == "Jam"));
    let body = json!({ "datetime": "2099-01-01T20:00", "short_description": "a".repeat(101) });
    series.venue.staff().put(&series.path, &body).faults(&["short_description"]);
    series.venue.key("ticket").put(&series.path, &json!({ "name": "Bal" })).is(401);
    series.venue.anyone().delete(&series.path).is(401);
    let other = house.venue("Ancre");
    other.staff().put(&series.path, &json!({ "name": "Bal" })).is(404);
    other.staff().delete(&series.path).is(404);
}

#[test]
fn a_series_is_taken_away_and_what_was_booked_of_it_is_cancelled() {
    let house = house();
    let series = Series::new(&house);
    series.is_over(0);
    series.sell(1);
    series.give_back();
    let removed = series.venue.staff().delete(&series.path).ok(200);
    assert_eq!(column(&removed["cancelled"], "uuid"), series.dates[1..2]);
    assert_eq!(column(&removed["deleted"], "uuid"), series.dates[2..]);
    assert_eq!(series.venue.anyone().get(EVENTS).ok(200), json!([]));
    series.venue.anyone().get(&format!("{EVENTS}{}/", series.dates[2])).is(404);
    assert_eq!(text(&series.show(0), "name"), "Jam", "what was held stays");
    series.venue.book("bo@example.org", &series.dates[1], &series.price, 1).is(400);
    series.venue.staff().delete(&series.path).is(404);
    series.venue.staff().put(&series.path, &json!({ "name": "Bal" })).is(404);
}

#[test]
fn calendars_say_that_a_date_is_cancelled_until_it_takes_place_again() {
    let house = house();
    let series = Series::new(&house);
    let ticket = series.sell(1);
    let own = || series.venue.anyone().get(&format!("/api/ticket/ics/{ticket}")).is(200).text();
    assert_eq!(statuses(&series.calendar()), ["CONFIRMED"; 3]);
    let date = format!("{EVENTS}{}/", series.dates[1]);
    series.venue.staff().post(&format!("{date}cancel/"), &json!({})).is(200);
    let calendar = series.calendar();
    assert_eq!(statuses(&calendar), ["CONFIRMED", "CANCELLED", "CONFIRMED"]);
    assert!(calendar.contains(&format!("UID:{}", series.dates[1])));
    assert_eq!(statuses(&own()), ["CANCELLED"]);
    let agenda = house.meta().anyone().get(ICAL).is(200).text();
    assert_eq!(statuses(&agenda), ["CONFIRMED", "CANCELLED", "CONFIRMED"]);
    assert!(
        !series.venue.anyone().get("/rss/latest/feed/").is(200).text().contains(&series.dates[1])
    );
    // Nobody had the one in a calendar because of a ticket.
    series.venue.staff().delete(&format!("{EVENTS}{}/", series.dates[2])).is(200);
    assert_eq!(statuses(&series.calendar()), ["CONFIRMED", "CANCELLED"]);
    let again = json!({ "products": [series.ticket], "published": true });
    series.venue.staff().put(&date, &again).is(201);
    assert_eq!(statuses(&series.calendar()), ["CONFIRMED"; 2]);
    // It was given back.
    series.venue.anyone().get(&format!("/api/ticket/ics/{ticket}")).is(403);
}

#[test]
fn the_calendar_of_an_artist_holds_its_own_cancelled_evenings_alone() {
    let house = house();
    let (venue, artist) =
        (house.venue("Bisik"), house.tenant("Ziskakan", guichet::values::Category::Artist));
    let ticket = venue.ticket("Concert");
    let price = venue.price(&ticket, "Plein", 1_250);
    let artists = json!([{ "uuid": artist.id(), "datetime": "2099-06-01T21:00" }]);
    for (name, artists) in [("A", &artists), ("B", &artists), ("C", &json!([]))] {
        let body = json!({
            "name": name, "datetime": "2099-06-01T20:00", "products": [ticket], "artists": artists,
        });
        let event = venue.staff().post(EVENTS, &body).ok(201);
        venue.book("ana@example.org", text(&event, "uuid"), &price, 1).ok(201);
        if name != "A" {
            let cancel = format!("{EVENTS}{}/cancel/", text(&event, "uuid"));
            venue.staff().post(&cancel, &json!({})).is(200);
        }
    }
    let calendar = artist.anyone().get(ICAL).is(200).text();
    let names: Vec<&str> =
        calendar.lines().filter_map(|line| line.strip_prefix("SUMMARY:")).collect();
    assert_eq!(names, ["A", "B"]);
    assert_eq!(statuses(&calendar), ["CONFIRMED", "CANCELLED"]);
}

#[test]
fn who_waits_for_a_cancelled_evening_is_offered_nothing() {
    let house = house();
    let series = Series::new(&house);
    series.venue.staff().put(&series.path, &json!({ "jauge_max": 1 })).ok(201);
    series.sell(0);
    let body = json!({ "email": "bo@example.org", "places": 1 });
    let list = format!("{EVENTS}{}/waiting/", series.dates[0]);
    series.venue.anyone().post(&list, &body).ok(201);
    let cancel = format!("{EVENTS}{}/cancel/", series.dates[0]);
    series.venue.staff().post(&cancel, &json!({})).is(200);
    let tenant = series.venue.tenant();
    tenant.write(By::House, |tx| tx.run("UPDATE event SET gauge = 5", [])).unwrap();
    tenant.write(By::House, errand::care).unwrap();
    let listed = series.venue.staff().get(&list).ok(200);
    assert_eq!(column(&listed, "state"), ["waiting"]);
}
