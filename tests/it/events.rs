//! Events: making, showing, changing, and where they are seen.

use crate::support::{column, house, house_with, image_url, text};
use guichet::root::By;
use guichet::values::Category;
use serde_json::{Value, json};

const PATH: &str = "/api/events/";

fn evening(name: &str) -> Value {
    json!({ "name": name, "datetime": "2099-06-01T20:00" })
}

fn with(mut body: Value, member: &str, value: impl Into<Value>) -> Value {
    body[member] = value.into();
    body
}

#[test]
fn an_event_without_products_gets_the_free_booking_of_its_venue() {
    let house = house();
    let venue = house.venue("Bisik");
    let first = venue.staff().post(PATH, &evening("Jam")).ok(201);
    let second = venue.staff().post(PATH, &evening("Slam")).ok(201);
    let product = &first["products"][0];
    assert_eq!((text(product, "name"), text(product, "categorie_article")), ("Reservation", "F"));
    assert_eq!(
        (text(&product["prices"][0], "name"), &product["prices"][0]["prix"]),
        ("gratuite", &json!(0.0))
    );
    assert_eq!(second["products"][0]["uuid"], product["uuid"]);
}

#[test]
fn reading_an_event_makes_nothing() {
    let house = house();
    let (venue, meta) = (house.venue("Bisik"), house.meta());
    venue.staff().post(PATH, &evening("Jam")).ok(201);
    let before = house.ledger();
    venue.anyone().get(PATH).ok(200);
    meta.anyone().get(PATH).ok(200);
    assert_eq!(house.ledger(), before);
}

#[test]
fn the_same_event_sent_twice_is_one_event_with_the_later_products() {
    let house = house();
    let venue = house.venue("Bisik");
    let first = venue.staff().post(PATH, &evening("Jam")).ok(201);
    let ticket = venue.ticket("Concert");
    let second =
        venue.staff().post(PATH, &with(evening("Jam"), "products", vec![ticket.clone()])).ok(201);
    assert_eq!(first["uuid"], second["uuid"]);
    assert_eq!(column(&second["products"], "uuid"), [ticket]);
    assert_eq!(venue.anyone().get(PATH).ok(200).as_array().map(Vec::len), Some(1));
}

#[test]
fn the_same_event_without_products_keeps_those_that_it_has() {
    let house = house();
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Concert");
    venue.staff().post(PATH, &with(evening("Jam"), "products", vec![ticket.clone()])).ok(201);
    let again = venue.staff().post(PATH, &with(evening("Jam"), "jauge_max", 500)).ok(201);
    assert_eq!(column(&again["products"], "uuid"), [ticket]);
}

#[test]
fn an_event_that_was_taken_away_and_is_sent_again_is_shown_again() {
    let house = house();
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Concert");
    let price = venue.price(&ticket, "Plein", 1_000);
    let event = venue.event("Jam", &[&ticket], 50);
    venue.book("ana@example.org", &event, &price, 1).ok(201);
    venue.staff().post(&format!("{PATH}{event}/cancel/"), &json!({})).is(200);
    assert_eq!(venue.event("Jam", &[&ticket], 50), event);
    assert_eq!(column(&venue.anyone().get(PATH).ok(200), "name"), ["Jam"]);
}

#[test]
fn another_event_of_the_same_name_and_hour_is_refused() {
    let house = house();
    let venue = house.venue("Bisik");
    venue.staff().post(PATH, &evening("Jam")).ok(201);
    let before = house.ledger();
    let other = with(evening("Jam"), "long_description", "Une autre");
    venue.staff().post(PATH, &other).faults(&["non_field_errors"]);
    assert_eq!(house.ledger(), before);
}

#[test]
fn a_slug_is_made_of_name_day_and_hour_and_stays() {
    let house = house();
    let venue = house.venue("Bisik");
    let made = venue.staff().post(PATH, &evening("42ème anniversaire d'Adam")).ok(201);
    assert_eq!(text(&made, "slug"), "42eme-anniversaire-dadam-060199-2000");
    let path = format!("{PATH}{}/", text(&made, "uuid"));
    let moved = venue.staff().put(&path, &json!({ "datetime": "2099-06-02T21:00" })).ok(201);
    assert_eq!(
        (&moved["slug"], text(&moved, "datetime")),
        (&made["slug"], "2099-06-02T21:00:00+02:00")
    );
}

#[test]
fn what_is_wrong_with_an_event_is_named_and_nothing_is_stored() {
    let house = house();
    let venue = house.venue("Bisik");
    let before = house.ledger();
    let cases: [(Value, &[&str]); 11] = [
        (json!({}), &["datetime"]),
        (json!({ "datetime": "2099-06-01T20:00" }), &["non_field_errors"]),
        (with(evening("x"), "datetime", "1969-12-31T23:00"), &["datetime"]),
        (with(evening("x"), "datetime", "2200-01-02T00:00"), &["datetime"]),
        (with(evening("x"), "datetime", 5), &["datetime"]),
        (with(evening("x"), "end_datetime", "2099-06-01T20:00"), &["end_datetime"]),
        (with(evening("x"), "short_description", "x".repeat(101)), &["short_description"]),
        (with(evening("x"), "jauge_max", -1), &["jauge_max"]),
        (with(evening("x"), "options_checkbox", vec!["abc"]), &["options_checkbox"]),
        (with(evening("x"), "tags", vec!["x".repeat(51)]), &["tags"]),
        (with(evening("x"), "artists", vec![json!({ "uuid": venue.id() })]), &["artists"]),
    ];
    for (body, fields) in cases {
        venue.staff().post(PATH, &body).faults(fields);
    }
    venue.staff().post(PATH, &with(evening("x"), "img_url", image_url("notimage.txt"))).is(400);
    assert_eq!(house.ledger(), before);
}

#[test]
fn what_is_over_or_not_published_is_not_listed_and_found_by_its_id() {
    let house = house();
    let venue = house.venue("Bisik");
    let past = venue
        .staff()
        .post(PATH, &json!({ "name": "Hier", "datetime": "2020-01-01T20:00" }))
        .ok(201);
    venue.staff().post(PATH, &with(evening("Secret"), "published", false)).ok(201);
    assert_eq!(venue.anyone().get(PATH).ok(200), json!([]));
    venue.anyone().get(&format!("{PATH}{}/", text(&past, "uuid"))).ok(200);
    venue.anyone().get(&format!("/api/eventslug/{}/", text(&past, "slug"))).ok(200);
}

#[test]
fn an_agenda_lists_the_events_of_all_venues_by_date() {
    let house = house();
    let (bisik, ancre, meta) = (house.venue("Bisik"), house.venue("Ancre"), house.meta());
    let festival = house.tenant("Sakifo", Category::Festival);
    for (venue, name, day) in
        [(&bisik, "C", 3), (&ancre, "A", 1), (&festival, "D", 4), (&bisik, "B", 2)]
    {
        let body = json!({ "name": name, "datetime": format!("2099-06-0{day}T20:00") });
        venue.staff().post(PATH, &body).ok(201);
    }
    let list = meta.anyone().get(PATH).ok(200);
    assert_eq!(column(&list, "name"), ["A", "B", "C", "D"]);
    assert_eq!(column(&list, "place"), ["Ancre", "Bisik", "Bisik", "Sakifo"]);
    assert_eq!(text(&list[0], "url"), "http://ancre.example.org/event/a-060199-2000/");
    let page = meta.anyone().get("/api/events/?limit=2&offset=1").ok(200);
    assert_eq!(column(&page, "name"), ["B", "C"]);
}

#[test]
fn an_artist_lists_the_events_that_it_plays_at() {
    let house = house();
    let (venue, artist) = (house.venue("Bisik"), house.tenant("Ziskakan", Category::Artist));
    let plays = json!([{ "uuid": artist.id(), "datetime": "2099-06-01T21:00" }]);
    let made = venue
        .staff()
        .post(PATH, &json!({ "datetime": "2099-06-01T20:00", "artists": plays }))
        .ok(201);
    venue.staff().post(PATH, &evening("Sans")).ok(201);
    assert_eq!(text(&made, "name"), "Ziskakan");
    assert_eq!(column(&artist.anyone().get(PATH).ok(200), "name"), ["Ziskakan"]);
}

#[test]
fn a_kept_list_of_an_agenda_ends_with_a_booking_anywhere() {
    let house = house();
    let (venue, meta) = (house.venue("Bisik"), house.meta());
    let ticket = venue.ticket("Concert");
    let price = venue.price(&ticket, "Plein", 1_000);
    let event = venue.event("Jam", &[&ticket], 50);
    assert_eq!(meta.anyone().get(PATH).ok(200)[0]["reservations"], 0);
    assert!(meta.anyone().kept(PATH).is_some());
    venue.book("ana@example.org", &event, &price, 2).ok(201);
    assert_eq!(meta.anyone().get(PATH).ok(200)[0]["reservations"], 2);
}

#[test]
fn an_image_of_an_event_is_shown_on_the_agenda() {
    let house = house();
    let venue = house.venue("Bisik");
    let made =
        venue.staff().post(PATH, &with(evening("Jam"), "img_url", image_url("bg.jpg"))).ok(201);
    let address = text(&made["img_variations"], "med");
    house.meta().anyone().get(address).is(200);
    house.venue("Ancre").anyone().get(address).is(200);
}

#[test]
fn a_venue_holds_as_many_events_as_the_settings_say() {
    let house = house_with(&[("events", "1")]);
    let venue = house.venue("Bisik");
    venue.staff().post(PATH, &evening("Jam")).ok(201);
    venue.staff().post(PATH, &evening("Slam")).is(400);
}

#[test]
fn an_event_that_was_booked_and_deleted_is_gone_and_stays_in_what_was_sold() {
    let house = house();
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Concert");
    let price = venue.price(&ticket, "Plein", 1_000);
    let event = venue.event("Jam", &[&ticket], 50);
    let booked = venue.book("ana@example.org", &event, &price, 1).ok(201);
    let path = format!("{PATH}{event}/");
    let slug = text(&venue.anyone().get(&path).ok(200), "slug").to_owned();
    let run_out = "UPDATE orders SET expires = 0";
    venue.tenant().write(By::House, |tx| tx.run(run_out, [])).unwrap();
    assert_eq!(venue.staff().delete(&path).ok(200), "deleted");
    assert_eq!(venue.anyone().get(PATH).ok(200), json!([]));
    venue.book("ana@example.org", &event, &price, 1).faults(&["event"]);
    let staff = venue.staff();
    for path in [&path, &format!("/api/eventslug/{slug}/")] {
        assert_eq!(
            [venue.anyone(), staff.clone()].map(|who| who.get(path).status),
            [404; 2],
            "{path}"
        );
    }
    staff.put(&path, &json!({ "name": "Bal" })).is(404);
    staff.delete(&path).is(404);
    staff.get(&format!("{path}door/")).is(404);
    staff.post(&format!("{path}cancel/"), &json!({})).is(404);
    staff.post(&format!("{path}duplicate/"), &json!({ "datetime": "2099-07-01T20:00" })).is(404);
    assert_eq!(staff.get(&format!("{PATH}?published=false")).ok(200), json!([]));
    let order = format!("/api/orders/{}/", text(&booked["order"], "uuid"));
    assert_eq!(text(&staff.get(&order).ok(200)["reservations"][0], "event"), event);
}

#[test]
fn who_holds_a_place_at_an_event_that_is_deleted_is_written_to() {
    let house = house();
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Concert");
    let price = venue.price(&ticket, "Plein", 1_000);
    let event = venue.event("Jam", &[&ticket], 50);
    let booked = venue.book("ana@example.org", &event, &price, 1).ok(201);
    venue.staff().delete(&format!("{PATH}{event}/")).is(200);
    let order = format!("/api/orders/{}/", text(&booked["order"], "uuid"));
    assert_eq!(text(&venue.staff().get(&order).ok(200), "state"), "cancelled");
    let mails = venue.admin().get("/api/mails/").ok(200);
    assert_eq!(column(&mails, "kind"), ["order_cancelled"]);
    assert_eq!(column(&mails, "email"), ["ana@example.org"]);
}

#[test]
fn an_event_that_was_deleted_can_be_made_again() {
    let house = house();
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Concert");
    let price = venue.price(&ticket, "Plein", 1_000);
    let event = venue.event("Jam", &[&ticket], 50);
    venue.book("ana@example.org", &event, &price, 1).ok(201);
    venue.staff().delete(&format!("{PATH}{event}/")).is(200);
    let body = with(evening("Jam"), "datetime", "2099-06-01T20:00");
    let again = venue.staff().post(PATH, &with(body, "short_description", "Autre")).ok(201);
    assert_eq!(text(&again, "short_description"), "Autre");
    assert_ne!(text(&again, "uuid"), event, "nothing of the one before");
    assert_ne!(column(&again["products"], "uuid"), [ticket]);
    assert_eq!(column(&venue.anyone().get(PATH).ok(200), "uuid"), [text(&again, "uuid")]);
    let twice = text(&again, "uuid").to_owned();
    let price = venue.price(text(&again["products"][0], "uuid"), "Autre", 1_000);
    venue.book("ana@example.org", &twice, &price, 1).ok(201);
    venue.staff().delete(&format!("{PATH}{twice}/")).is(200);
    venue.staff().post(PATH, &with(evening("Jam"), "datetime", "2099-06-01T20:00")).ok(201);
}

#[test]
fn a_gauge_is_never_below_what_is_taken() {
    let house = house();
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Concert");
    let price = venue.price(&ticket, "Plein", 1_000);
    let event = venue.event("Jam", &[&ticket], 50);
    venue.book("ana@example.org", &event, &price, 3).ok(201);
    let path = format!("{PATH}{event}/");
    venue.staff().put(&path, &json!({ "jauge_max": 2 })).faults(&["jauge_max"]);
    let full = venue.staff().put(&path, &json!({ "jauge_max": 3 })).ok(201);
    assert_eq!(full["complet"], true);
}

#[test]
fn a_form_must_say_its_products_again() {
    let house = house();
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Concert");
    let event = venue.event("Jam", &[&ticket], 50);
    let path = format!("{PATH}{event}/");
    let form = |body: &str| {
        let media_type = Some("application/x-www-form-urlencoded");
        venue.staff().send("PUT", &path, media_type, body.as_bytes().to_vec())
    };
    form("short_description=Maj").faults(&["non_field_errors"]);
    let changed = form(&format!("short_description=Maj&products={ticket}")).ok(201);
    assert_eq!(text(&changed, "short_description"), "Maj");
    assert_eq!(column(&changed["products"], "uuid"), [ticket]);
}

#[test]
fn what_is_not_published_is_there_for_staff_alone() {
    let house = house();
    let venue = house.venue("Bisik");
    let event = venue.event("Jam", &[], 10);
    let slug = text(&venue.anyone().get(&format!("{PATH}{event}/")).ok(200), "slug").to_owned();
    venue.staff().put(&format!("{PATH}{event}/"), &json!({ "published": false })).ok(201);
    for path in [format!("{PATH}{event}/"), format!("/api/eventslug/{slug}/")] {
        venue.anyone().get(&path).is(404);
        venue.key("product").get(&path).is(404);
        assert_eq!(text(&venue.staff().get(&path).ok(200), "slug"), slug);
    }
}
