//! Repeating an evening and copying one: the hour of each date, what goes along, all or nothing, and the shared image.

use crate::support::{House, Venue, at_once, column, house, house_with, image_url, text};
use guichet::error::Error;
use guichet::root::By;
use guichet::trade::event::{self, Event, Links, New};
use guichet::trade::series::{self, End, Plan, Repeated, Rule};
use guichet::trade::{Page, place};
use guichet::values::id::EventId;
use guichet::values::zone::{Written, Zone};
use guichet::values::{Category, Time};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use proptest::prelude::*;
use serde_json::{Value, json};

const EVENTS: &str = "/api/events/";

/// An evening of this beginning, and the path under which it is repeated.
fn evening(venue: &Venue<'_>, name: &str, datetime: &str) -> (String, String) {
    made(venue, &json!({ "name": name, "datetime": datetime }))
}

fn made(venue: &Venue<'_>, body: &Value) -> (String, String) {
    let id = text(&venue.staff().post(EVENTS, body).ok(201), "uuid").to_owned();
    let path = format!("{EVENTS}{id}/repeat/");
    (id, path)
}

fn set_zone(venue: &Venue<'_>, zone: &str) {
    let sql = "UPDATE place SET time_zone = ?1";
    venue.tenant().write(By::Console, |tx| tx.run(sql, [zone])).unwrap();
}

fn events(venue: &Venue<'_>) -> Vec<Event> {
    venue.tenant().read(|tx| event::list(tx, Page::ALL)).unwrap()
}

fn medium(venue: &Venue<'_>, event: &str) -> String {
    let shown = venue.anyone().get(&format!("{EVENTS}{event}/")).ok(200);
    text(&shown["img_variations"], "med").to_owned()
}

#[test]
fn an_evening_at_eight_is_at_eight_in_winter_and_in_summer() {
    let house = house();
    let venue = house.venue("Bisik");
    let (_, repeat) = evening(&venue, "Jam", "2099-03-21T20:00");
    let answer = venue.staff().post(&repeat, &json!({ "rule": "weekly", "count": 3 })).ok(201);
    let want = ["2099-03-28T20:00:00+01:00", "2099-04-04T20:00:00+02:00"];
    assert_eq!(column(&answer["made"], "datetime"), want);
    assert_eq!(answer["existing"], json!([]));
    let slugs = ["jam-032199-2000", "jam-032899-2000", "jam-040499-2000"];
    assert_eq!(column(&venue.anyone().get(EVENTS).ok(200), "slug"), slugs);
}

#[test]
fn where_clocks_never_change_neither_does_the_hour() {
    let house = house();
    let venue = house.venue("Bisik");
    set_zone(&venue, "Indian/Reunion");
    let (_, repeat) = evening(&venue, "Jam", "2099-03-21T20:00");
    let body = json!({ "rule": "weekly", "every": 2, "until": "2099-04-18" });
    let answer = venue.staff().post(&repeat, &body).ok(201);
    let want = ["2099-04-04T20:00:00+04:00", "2099-04-18T20:00:00+04:00"];
    assert_eq!(column(&answer["made"], "datetime"), want);
}

#[test]
fn an_hour_that_the_clock_skips_is_the_one_after_it_and_the_end_still_follows() {
    let house = house();
    let venue = house.venue("Bisik");
    let body = json!({ "name": "Nuit", "datetime": "2099-03-22T02:30", "end_datetime": "2099-03-22T02:45" });
    let (_, repeat) = made(&venue, &body);
    let answer = venue.staff().post(&repeat, &json!({ "rule": "weekly", "count": 3 })).ok(201);
    let want = ["2099-03-29T03:30:00+02:00", "2099-04-05T02:30:00+02:00"];
    assert_eq!(column(&answer["made"], "datetime"), want);
    for event in events(&venue) {
        assert_eq!(event.ends.unwrap().0 - event.starts.0, 15 * 60_000_000, "{}", event.slug);
    }
}

#[test]
fn a_month_without_the_31st_is_left_out() {
    let house = house();
    let venue = house.venue("Bisik");
    let (_, repeat) = evening(&venue, "Bal", "2099-01-31T20:00");
    let body = json!({ "rule": "monthly", "until": "2099-07-31" });
    let answer = venue.staff().post(&repeat, &body).ok(201);
    let want = ["bal-033199-2000", "bal-053199-2000", "bal-073199-2000"];
    assert_eq!(column(&answer["made"], "slug"), want);
}

#[test]
fn a_weekday_of_the_month_stays_that_weekday() {
    let house = house();
    let venue = house.venue("Bisik");
    let (_, repeat) = evening(&venue, "Bal", "2099-01-16T20:00");
    let body = json!({ "rule": "monthly_weekday", "count": 4 });
    let answer = venue.staff().post(&repeat, &body).ok(201);
    let want = ["bal-022099-2000", "bal-032099-2000", "bal-041799-2000"];
    assert_eq!(column(&answer["made"], "slug"), want);
}

#[test]
fn all_that_goes_with_an_event_goes_with_each_date() {
    let house = house();
    let (venue, artist) = (house.venue("Bisik"), house.tenant("Ziskakan", Category::Artist));
    let ticket = venue.ticket("Concert");
    let option = venue.admin().post("/api/optionticket/", &json!({ "name": "Fosse" })).ok(201);
    let body = json!({
        "name": "Jam", "datetime": "2099-03-21T20:00", "end_datetime": "2099-03-22T01:00", "products": [ticket],
        "options_radio": [option["uuid"]], "options_checkbox": [option["uuid"]], "jauge_max": 80, "max_per_user": 3,
        "short_description": "Maloya", "long_description": "Toute la nuit.", "tags": ["maloya", "bal"],
        "categorie": "FES", "event_facebook_url": "https://example.org/jam", "img_url": image_url("bg.jpg"),
        "artists": [{ "uuid": artist.id(), "datetime": "2099-03-21T21:30" }],
    });
    let (first, repeat) = made(&venue, &body);
    let answer = venue.staff().post(&repeat, &json!({ "rule": "weekly", "count": 3 })).ok(201);
    let show = |id: &str| venue.anyone().get(&format!("{EVENTS}{id}/")).ok(200);
    let mut like = show(&first);
    for (at, plays) in [(0, "2099-03-28T21:30:00+01:00"), (1, "2099-04-04T21:30:00+02:00")] {
        let made = show(text(&answer["made"][at], "uuid"));
        assert_eq!(text(&made["artists"][0], "datetime"), plays);
        for own in ["uuid", "slug", "datetime", "url"] {
            like[own] = made[own].clone();
        }
        like["artists"][0]["datetime"] = plays.into();
        assert_eq!(made, like);
    }
    let zone = Zone::parse("Europe/Paris").unwrap();
    let details =
        venue.tenant().read(|tx| event::details(tx, event::list(tx, Page::ALL)?)).unwrap();
    assert_eq!(details.len(), 3);
    for detail in details {
        let event = &detail.event;
        assert_eq!((event.gauge, event.max_per_user, event.published), (80, 3, true));
        assert_eq!(event.series, Some(EventId(first.parse().unwrap())));
        assert_eq!(zone.format(event.ends.unwrap(), "%H:%M"), "01:00");
        assert_eq!(detail.tags.len(), 2);
    }
    assert_eq!(artist.anyone().get(EVENTS).ok(200).as_array().map(Vec::len), Some(3));
}

#[test]
fn each_date_has_a_gauge_of_its_own() {
    let house = house();
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Concert");
    let price = venue.price(&ticket, "Plein", 1_000);
    let first = venue.event("Jam", &[&ticket], 2);
    venue.book("ana@example.org", &first, &price, 2).ok(201);
    let repeat = format!("{EVENTS}{first}/repeat/");
    let answer = venue.staff().post(&repeat, &json!({ "rule": "weekly", "count": 2 })).ok(201);
    let second = text(&answer["made"][0], "uuid").to_owned();
    venue.book("bea@example.org", &second, &price, 2).ok(201);
    venue.book("bea@example.org", &second, &price, 1).is(400);
}

#[test]
fn an_event_whose_products_are_archived_does_not_become_free_by_repetition() {
    let house = house();
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Concert");
    let price = venue.price(&ticket, "Plein", 1_000);
    let first = venue.event("Jam", &[&ticket], 50);
    venue.book("ana@example.org", &first, &price, 1).ok(201);
    venue.staff().delete(&format!("/api/products/{ticket}/")).is(204);
    let repeat = format!("{EVENTS}{first}/repeat/");
    let answer = venue.staff().post(&repeat, &json!({ "rule": "weekly", "count": 2 })).ok(201);
    let path = format!("{EVENTS}{}/", text(&answer["made"][0], "uuid"));
    assert_eq!(venue.anyone().get(&path).ok(200)["products"], json!([]));
}

#[test]
fn all_dates_are_made_or_none() {
    let house = house_with(&[("events", "5")]);
    let venue = house.venue("Bisik");
    let (_, repeat) = evening(&venue, "Jam", "2099-06-01T20:00");
    let staff = venue.staff();
    let before = house.ledger();
    staff.post(&repeat, &json!({ "rule": "weekly", "count": 6 })).faults(&["non_field_errors"]);
    assert_eq!(house.ledger(), before);
    assert_eq!(events(&venue).len(), 1);
    assert_eq!(events(&venue)[0].series, None);
    staff.post(&repeat, &json!({ "rule": "weekly", "count": 5 })).ok(201);
    assert_eq!(events(&venue).len(), 5);
}

#[test]
fn the_same_request_again_makes_no_second_evening_and_tells_those_that_are_there() {
    let house = house();
    let venue = house.venue("Bisik");
    let (_, repeat) = evening(&venue, "Jam", "2099-06-01T20:00");
    let staff = venue.staff();
    let weeks =
        |count: u8| staff.post(&repeat, &json!({ "rule": "weekly", "count": count })).ok(201);
    let first = weeks(3);
    let renamed = format!("{EVENTS}{}/", text(&first["made"][1], "uuid"));
    staff.put(&renamed, &json!({ "name": "Jam de gala" })).ok(201);
    let before = house.ledger();
    let again = weeks(3);
    assert_eq!(again["made"], json!([]));
    assert_eq!(column(&again["existing"], "uuid"), column(&first["made"], "uuid"));
    assert_eq!(column(&again["existing"], "name"), ["Jam", "Jam de gala"]);
    assert_eq!(house.ledger(), before);
    let more = weeks(5);
    assert_eq!(
        (column(&more["existing"], "uuid").len(), column(&more["made"], "uuid").len()),
        (2, 2)
    );
    assert_eq!(more["series"], first["series"]);
}

#[test]
fn an_evening_that_was_made_by_hand_is_left_alone() {
    let house = house();
    let venue = house.venue("Bisik");
    let body = json!({ "name": "Jam", "datetime": "2099-06-08T20:00", "long_description": "Anniversaire" });
    let (hand, _) = made(&venue, &body);
    let (_, repeat) = evening(&venue, "Jam", "2099-06-01T20:00");
    let answer = venue.staff().post(&repeat, &json!({ "rule": "weekly", "count": 3 })).ok(201);
    assert_eq!(column(&answer["existing"], "uuid"), [hand.as_str()]);
    let shown = venue.anyone().get(&format!("{EVENTS}{hand}/")).ok(200);
    assert_eq!(text(&shown, "long_description"), "Anniversaire");
}

#[test]
fn the_same_request_from_16_hands_makes_each_evening_once() {
    let house = house();
    let venue = house.venue("Bisik");
    let (_, repeat) = evening(&venue, "Jam", "2099-06-01T20:00");
    let staff = venue.staff();
    let answers =
        at_once(16, |_| staff.post(&repeat, &json!({ "rule": "weekly", "count": 10 })).ok(201));
    let made: usize = answers.iter().map(|answer| column(&answer["made"], "uuid").len()).sum();
    assert_eq!((made, events(&venue).len()), (9, 10));
}

#[test]
fn a_series_goes_on_from_any_of_its_dates_and_is_listed() {
    let house = house();
    let venue = house.venue("Bisik");
    let (_, repeat) = evening(&venue, "Jam", "2099-06-01T20:00");
    let (_, _) = evening(&venue, "Slam", "2099-06-02T20:00");
    let staff = venue.staff();
    let first = staff.post(&repeat, &json!({ "rule": "weekly", "count": 2 })).ok(201);
    let second = format!("{EVENTS}{}/repeat/", text(&first["made"][0], "uuid"));
    let more = staff.post(&second, &json!({ "rule": "weekly", "count": 2 })).ok(201);
    assert_eq!(more["series"], first["series"]);
    let series = text(&first, "series");
    let listed = venue.anyone().get(&format!("{EVENTS}?series={series}")).ok(200);
    let want = ["jam-060199-2000", "jam-060899-2000", "jam-061599-2000"];
    assert_eq!(column(&listed, "slug"), want);
    let page = venue.anyone().get(&format!("{EVENTS}?series={series}&limit=1&offset=2")).ok(200);
    assert_eq!(column(&page, "slug"), &want[2..]);
    venue.anyone().get(&format!("{EVENTS}?series=x")).faults(&["series"]);
    assert_eq!(venue.anyone().get(&format!("{EVENTS}?series={}", venue.id())).ok(200), json!([]));
}

#[test]
fn the_image_of_a_series_stays_until_its_last_date_is_gone() {
    let house = house();
    let venue = house.venue("Bisik");
    let body =
        json!({ "name": "Jam", "datetime": "2099-06-01T20:00", "img_url": image_url("bg.jpg") });
    let (first, repeat) = made(&venue, &body);
    let staff = venue.staff();
    let answer = staff.post(&repeat, &json!({ "rule": "weekly", "count": 3 })).ok(201);
    let [second, third] = [0, 1].map(|at: usize| text(&answer["made"][at], "uuid").to_owned());
    let image = medium(&venue, &first);
    assert_eq!(medium(&venue, &second), image);
    staff.delete(&format!("{EVENTS}{first}/")).is(200);
    venue.anyone().get(&image).is(200);
    house.meta().anyone().get(&image).is(200);
    staff.put(&format!("{EVENTS}{second}/"), &json!({ "img_url": image_url("bg.jpg") })).ok(201);
    let other = medium(&venue, &second);
    assert_ne!(other, image);
    assert_eq!(medium(&venue, &third), image);
    venue.anyone().get(&image).is(200);
    staff.delete(&format!("{EVENTS}{third}/")).is(200);
    venue.anyone().get(&image).is(404);
    venue.anyone().get(&other).is(200);
}

#[test]
fn an_image_that_an_event_shows_cannot_be_deleted_in_the_file() {
    let house = house();
    let venue = house.venue("Bisik");
    let body =
        json!({ "name": "Jam", "datetime": "2099-06-01T20:00", "img_url": image_url("bg.jpg") });
    let (first, _) = made(&venue, &body);
    let deleted = venue.tenant().write(By::Console, |tx| tx.run("DELETE FROM media", []));
    assert!(deleted.is_err_and(|error| error.to_string().contains("an event shows this image")));
    venue.anyone().get(&medium(&venue, &first)).is(200);
}

#[test]
fn what_is_wrong_with_a_rule_is_named_and_nothing_is_made() {
    let house = house();
    let venue = house.venue("Bisik");
    let (_, repeat) = evening(&venue, "Jam", "2099-06-01T20:00");
    let staff = venue.staff();
    let before = house.ledger();
    let cases: [(Value, &[&str]); 17] = [
        (json!({}), &["rule"]),
        (json!({ "rule": "daily", "count": 2 }), &["rule"]),
        (json!({ "rule": "weekly" }), &["non_field_errors"]),
        (json!({ "rule": "weekly", "count": 2, "until": "2099-07-01" }), &["non_field_errors"]),
        (json!({ "rule": "weekly", "count": 2, "every": 0 }), &["every"]),
        (json!({ "rule": "weekly", "count": 2, "every": 53 }), &["every"]),
        (json!({ "rule": "weekly", "count": 2, "every": null }), &["every"]),
        (json!({ "rule": "weekly", "count": 1 }), &["count"]),
        (json!({ "rule": "weekly", "count": 201 }), &["count"]),
        (json!({ "rule": "weekly", "until": "demain" }), &["until"]),
        (json!({ "rule": "weekly", "until": 20_990_701 }), &["until"]),
        (json!({ "rule": "weekly", "until": "2099-07-01T20:00" }), &["until"]),
        (json!({ "rule": "weekly", "until": "2099-02-30" }), &["until"]),
        (json!({ "rule": "weekly", "until": "2099-06-07" }), &["until"]),
        (json!({ "rule": "weekly", "until": "2105-01-01" }), &["until"]),
        (json!({ "rule": "monthly", "every": 52, "until": "9999-12-31" }), &["until"]),
        (json!({ "rule": "monthly", "every": 52, "count": 50 }), &["count"]),
    ];
    for (body, fields) in cases {
        staff.post(&repeat, &body).faults(fields);
    }
    let nothing = format!("{EVENTS}{}/repeat/", venue.id());
    staff.post(&nothing, &json!({ "rule": "weekly", "count": 2 })).is(404);
    assert_eq!(house.ledger(), before);
    assert_eq!(events(&venue).len(), 1);
}

#[test]
fn a_form_repeats_as_json_does() {
    let house = house();
    let venue = house.venue("Bisik");
    let (_, repeat) = evening(&venue, "Jam", "2099-06-01T20:00");
    let media_type = Some("application/x-www-form-urlencoded");
    let body = b"rule=weekly&until=2099-06-15&count=".to_vec();
    let answer = venue.staff().send("POST", &repeat, media_type, body).ok(201);
    assert_eq!(column(&answer["made"], "uuid").len(), 2);
}

#[test]
fn an_agenda_shows_every_date_of_a_series() {
    let house = house();
    let (bisik, ancre, meta) = (house.venue("Bisik"), house.venue("Ancre"), house.meta());
    let (_, repeat) = evening(&bisik, "Jam", "2099-06-01T20:00");
    evening(&ancre, "Bal", "2099-06-10T20:00");
    assert_eq!(column(&meta.anyone().get(EVENTS).ok(200), "name"), ["Jam", "Bal"]);
    bisik.staff().post(&repeat, &json!({ "rule": "weekly", "count": 3 })).ok(201);
    let list = meta.anyone().get(EVENTS).ok(200);
    assert_eq!(column(&list, "name"), ["Jam", "Jam", "Bal", "Jam"]);
}

#[test]
fn a_copy_is_not_published_and_has_all_that_goes_with_the_event() {
    let house = house();
    let (venue, artist) = (house.venue("Bisik"), house.tenant("Ziskakan", Category::Artist));
    let ticket = venue.ticket("Concert");
    let body = json!({
        "name": "Jam", "datetime": "2099-03-21T20:00", "end_datetime": "2099-03-22T01:00", "products": [ticket],
        "jauge_max": 80, "img_url": image_url("bg.jpg"), "tags": ["bal"],
        "artists": [{ "uuid": artist.id(), "datetime": "2099-03-21T21:30" }],
    });
    let (first, _) = made(&venue, &body);
    let path = format!("{EVENTS}{first}/duplicate/");
    let copy = venue
        .staff()
        .post(&path, &json!({ "datetime": "2099-07-14T19:00", "name": "Bal" }))
        .ok(201);
    assert_eq!((text(&copy, "name"), text(&copy, "slug")), ("Bal", "bal-071499-1900"));
    assert_eq!(text(&copy, "datetime"), "2099-07-14T19:00:00+02:00");
    assert_eq!(text(&copy["artists"][0], "datetime"), "2099-07-14T20:30:00+02:00");
    assert_eq!(column(&copy["products"], "uuid"), [ticket]);
    assert_eq!(text(&copy["img_variations"], "med"), medium(&venue, &first));
    let id = EventId(text(&copy, "uuid").parse().unwrap());
    let kept = venue.tenant().read(|tx| event::get(tx, id)).unwrap();
    let ends = Time::parse("2099-07-14T22:00:00Z").unwrap();
    assert_eq!((kept.published, kept.series, kept.gauge, kept.ends), (false, None, 80, Some(ends)));
    assert_eq!(column(&venue.anyone().get(EVENTS).ok(200), "name"), ["Jam"]);
    assert_eq!(column(&house.meta().anyone().get(EVENTS).ok(200), "name"), ["Jam"]);
}

#[test]
fn a_copy_needs_an_hour_or_a_name_of_its_own() {
    let house = house_with(&[("events", "3")]);
    let venue = house.venue("Bisik");
    let (first, _) = evening(&venue, "Jam", "2099-06-01T20:00");
    let path = format!("{EVENTS}{first}/duplicate/");
    let staff = venue.staff();
    let before = house.ledger();
    let same = json!({ "datetime": "2099-06-01T20:00" });
    staff.post(&path, &same).faults(&["non_field_errors"]);
    staff.post(&path, &json!({})).faults(&["datetime"]);
    staff.post(&path, &json!({ "datetime": "demain" })).faults(&["datetime"]);
    staff.post(&path, &json!({ "datetime": "2200-01-02T00:00" })).faults(&["datetime"]);
    staff
        .post(&path, &json!({ "datetime": "2099-06-01T20:00", "name": "x".repeat(201) }))
        .faults(&["name"]);
    staff.post(&format!("{EVENTS}{}/duplicate/", venue.id()), &same).is(404);
    assert_eq!(house.ledger(), before);
    staff.post(&path, &json!({ "datetime": "2099-06-02T20:00", "name": "" })).ok(201);
    staff.post(&path, &json!({ "datetime": "2099-06-01T20:00", "name": "Slam" })).ok(201);
    staff.post(&path, &json!({ "datetime": "2099-06-03T20:00" })).is(400);
}

/// Repeats an evening of this local time in a file of the house, looks, and takes it back.
fn repeated(house: &House, venue: &Venue<'_>, first: DateTime, plan: &Plan) -> Option<Repeated> {
    let mut found = None;
    let undone = venue.tenant().write(By::Console, |tx| {
        let Some(starts) = place::zone(tx)?.moment(Written::Local(first)) else {
            return Err::<(), _>(Error::NotFound);
        };
        let new = New {
            name: format!("Jam {}", house.next()),
            category: event::Category::Concert,
            short_description: None,
            long_description: None,
            link: None,
            starts,
            ends: Some(Time(starts.0 + 1_800_000_000)),
            gauge: 1,
            max_per_user: 1,
            minimum_cashless: 0,
            published: false,
        };
        let event = event::create(tx, &new, &Links::default(), None, 1_000)?;
        found = series::repeat(tx, event.id, plan, 1_000).ok();
        Err(Error::NotFound)
    });
    assert!(undone.is_err());
    found
}

/// Zones of Europe, of no summer time, of half an hour's summer time, and whose clocks skip midnight.
const ZONES: [&str; 6] = [
    "Europe/Paris",
    "Indian/Reunion",
    "UTC",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/New_York",
];

#[test]
fn every_date_of_a_series_shows_the_same_hour_or_the_next_one_that_there_is() {
    let house = house();
    let venue = house.venue("Bisik");
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let hour = prop_oneof![3 => 0..4_i8, 1 => 0..24_i8];
    let when = (0..ZONES.len(), 1..100_i16, 1..13_i8, 1..29_i8, hour, 0..60_i8);
    let how = (0..Rule::ALL.len(), 1..4_u16, 2..60_u16);
    runner
        .run(&(when, how), |((zone, year, month, day, hour, minute), (rule, every, count))| {
            set_zone(&venue, ZONES[zone]);
            let tz = TimeZone::get(ZONES[zone]).unwrap();
            let zone = Zone::parse(ZONES[zone]).unwrap();
            let first = jiff::civil::date(2020 + year, month, day).at(hour, minute, 0, 0);
            let clock = zone.local(zone.moment(Written::Local(first)).unwrap()).time();
            let plan = Plan { rule: Rule::ALL[rule], every, end: End::Count(count) };
            let Some(repeated) = repeated(&house, &venue, first, &plan) else { return Ok(()) };
            prop_assert_eq!(repeated.made.len() + 1, usize::from(count));
            for event in &repeated.made {
                let shown = zone.local(event.starts);
                let meant = shown.date().to_datetime(clock);
                match tz.to_ambiguous_timestamp(meant).offset() {
                    AmbiguousOffset::Gap { before, after } => {
                        let length = after.seconds() - before.seconds();
                        prop_assert_eq!(shown.duration_since(meant).as_secs(), i64::from(length));
                    }
                    AmbiguousOffset::Unambiguous { .. } => prop_assert_eq!(shown, meant),
                    AmbiguousOffset::Fold { before, .. } => {
                        let first = before.to_timestamp(meant).unwrap();
                        prop_assert_eq!(event.starts.0, first.as_microsecond());
                    }
                }
                prop_assert!(event.ends.is_some_and(|ends| ends > event.starts));
            }
            Ok(())
        })
        .unwrap();
    // The skipped hours of spring, which chance seldom meets.
    for (zone, first) in
        [("Europe/Paris", "2027-03-21T02:30"), ("Africa/Cairo", "2027-04-23T00:30")]
    {
        set_zone(&venue, zone);
        let plan = Plan { rule: Rule::Weekly, every: 1, end: End::Count(3) };
        let repeated = repeated(&house, &venue, first.parse().unwrap(), &plan).unwrap();
        let zone = Zone::parse(zone).unwrap();
        let hours: Vec<_> = repeated.made.iter().map(|e| zone.local(e.starts).hour()).collect();
        let clock = first.parse::<DateTime>().unwrap().hour();
        assert_eq!(hours, [clock + 1, clock]);
    }
}
