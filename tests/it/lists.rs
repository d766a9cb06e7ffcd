//! Lists that only grow: whoever asks for all of one gets so many rows, and where the next are.

use crate::support::{Caller, House, Reply, Venue, house_with, text};
use serde_json::json;

/// A venue with five reservations, all given back, in a house that shows two rows at a time.
fn venue(house: &House) -> Venue<'_> {
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Concert");
    let price = venue.price(&ticket, "Plein", 1_250);
    let event = venue.event("Jam", &[&ticket], 10);
    for n in 0..5 {
        let booked = venue.book(&format!("p{n}@example.org"), &event, &price, 1).ok(201);
        let order = format!("/api/orders/{}/", text(&booked["order"], "uuid"));
        venue.staff().post(&format!("{order}payments/"), &json!({ "means": "cash" })).ok(201);
        venue.staff().post(&format!("{order}refund/"), &json!({})).ok(200);
    }
    venue
}

fn rows(reply: &Reply) -> usize {
    reply.json().as_array().unwrap().len()
}

/// How many rows each page has, from this path on.
fn pages(staff: &Caller, path: &str) -> Vec<usize> {
    let (mut path, mut all, mut seen) = (path.to_owned(), vec![], vec![]);
    loop {
        let reply = staff.get(&path).is(200);
        all.push(rows(&reply));
        seen.extend(reply.json().as_array().unwrap().iter().map(|row| row["uuid"].clone()));
        let Some(link) = reply.header("Link").map(str::to_owned) else {
            seen.sort_by_key(ToString::to_string);
            seen.dedup();
            assert_eq!(seen.len(), all.iter().sum::<usize>(), "a row was shown twice");
            return all;
        };
        let next = link.strip_prefix("<http://bisik.example.org").unwrap();
        next.strip_suffix(">; rel=\"next\"").unwrap().clone_into(&mut path);
    }
}

#[test]
fn a_list_that_only_grows_is_shown_page_by_page_and_each_names_the_next() {
    let house = house_with(&[("list_rows", "2")]);
    let venue = venue(&house);
    let staff = venue.staff();
    assert_eq!(pages(&staff, "/api/reservations/"), [2, 2, 1]);
    assert_eq!(pages(&staff, "/api/refunds/"), [2, 2, 1]);
    assert_eq!(pages(&staff, "/api/refunds/?owed=true"), [2, 2, 1]);
    assert_eq!(pages(&staff, "/api/refunds/?owed=false"), [0]);
    assert_eq!(pages(&staff, "/api/mails/").iter().sum::<usize>(), 10);
    let next = staff.get("/api/refunds/?owed=true").is(200);
    assert!(next.header("Link").unwrap().contains("?owed=true&limit=2&offset=2>"));
}

#[test]
fn nobody_gets_more_rows_at_once_by_asking_for_them() {
    let house = house_with(&[("list_rows", "3")]);
    let venue = venue(&house);
    for path in ["/api/reservations/", "/api/refunds/", "/api/mails/"] {
        assert_eq!(rows(&venue.staff().get(&format!("{path}?limit=1000000")).is(200)), 3);
        assert_eq!(rows(&venue.staff().get(&format!("{path}?limit=1")).is(200)), 1);
        assert_eq!(rows(&venue.staff().get(&format!("{path}?limit=0")).is(200)), 0);
    }
}

#[test]
fn a_list_that_fits_names_no_next_page() {
    let house = house_with(&[]);
    let venue = venue(&house);
    let reply = venue.staff().get("/api/reservations/").is(200);
    assert_eq!((rows(&reply), reply.header("Link")), (5, None));
}
