//! What a venue decides for itself.

use crate::support::{house, text};
use guichet::root::By;
use serde_json::{Value, json};

fn defaults() -> Value {
    json!({
        "reentry": true, "refund_deadline_hours": 24, "member_price_needs_login": true, "membership_reminder_days": 30,
        "language": "fr", "offer_hours": 24, "time_zone": "Europe/Paris",
    })
}

#[test]
fn a_venue_begins_with_the_defaults_and_changes_one_setting_at_a_time() {
    let house = house();
    let venue = house.venue("Bisik");
    let admin = venue.admin();
    admin.get("/api/settings/").says(200, &defaults());
    let mut now = defaults();
    for (name, value) in [
        ("reentry", json!(false)),
        ("refund_deadline_hours", json!(0)),
        ("refund_deadline_hours", json!(null)),
        ("refund_deadline_hours", json!(8_760)),
        ("member_price_needs_login", json!(false)),
        ("membership_reminder_days", json!(0)),
        ("membership_reminder_days", json!(365)),
        ("language", json!("en")),
        ("offer_hours", json!(1)),
        ("offer_hours", json!(168)),
        ("time_zone", json!("Indian/Reunion")),
        ("time_zone", json!("UTC")),
    ] {
        now[name] = value.clone();
        admin.patch("/api/settings/", &json!({ name: value })).says(200, &now);
        admin.get("/api/settings/").says(200, &now);
    }
    house.venue("Ancre").admin().get("/api/settings/").says(200, &defaults());
}

#[test]
fn a_setting_beyond_its_limits_is_named_and_nothing_is_changed() {
    let house = house();
    let venue = house.venue("Bisik");
    for (name, value) in [
        ("reentry", json!("peut-être")),
        ("reentry", json!(null)),
        ("refund_deadline_hours", json!(8_761)),
        ("refund_deadline_hours", json!(-1)),
        ("refund_deadline_hours", json!("x")),
        ("member_price_needs_login", json!(null)),
        ("membership_reminder_days", json!(366)),
        ("membership_reminder_days", json!(null)),
        ("language", json!("de")),
        ("offer_hours", json!(0)),
        ("offer_hours", json!(169)),
        ("offer_hours", json!(null)),
        ("language", json!(null)),
        ("time_zone", json!("Mars/Olympus")),
        ("time_zone", json!("Etc/Unknown")),
        ("time_zone", json!("")),
        ("time_zone", json!(null)),
    ] {
        let body =
            json!({ name: value, "reentry": if name == "reentry" { value } else { json!(false) } });
        venue.admin().patch("/api/settings/", &body).faults(&[name]);
    }
    venue.admin().get("/api/settings/").says(200, &defaults());
}

#[test]
fn what_is_no_setting_is_refused_by_name_and_nothing_is_changed() {
    let house = house();
    let venue = house.venue("Bisik");
    let body = json!({ "reentry": false, "refund_deadline": 48 });
    let refused = venue.admin().patch("/api/settings/", &body).ok(400);
    assert!(
        refused["non_field_errors"][0].as_str().unwrap().contains("refund_deadline"),
        "{refused}"
    );
    let refused = venue.admin().patch("/api/settings/", &json!({ "language": "de" })).ok(400);
    assert!(refused["language"][0].as_str().unwrap().contains("«\u{a0}fr\u{a0}» «\u{a0}en\u{a0}»"));
    venue.admin().get("/api/settings/").says(200, &defaults());
}

#[test]
fn an_event_stays_when_it_is_and_is_shown_by_the_new_clock_of_its_venue() {
    let house = house();
    let venue = house.venue("Bisik");
    let path = format!("/api/events/{}/", venue.event("Jam", &[], 10));
    assert_eq!(text(&venue.anyone().get(&path).ok(200), "datetime"), "2099-06-01T20:00:00+02:00");
    venue.admin().patch("/api/settings/", &json!({ "time_zone": "indian/reunion" })).ok(200);
    assert_eq!(text(&venue.anyone().get(&path).ok(200), "datetime"), "2099-06-01T22:00:00+04:00");
    assert_eq!(text(&venue.admin().get("/api/settings/").ok(200), "time_zone"), "Indian/Reunion");
}

#[test]
fn settings_are_for_administrators_alone() {
    let house = house();
    let venue = house.venue("Bisik");
    for (caller, status) in [(venue.anyone(), 401), (venue.staff(), 401), (venue.member(), 403)] {
        caller.get("/api/settings/").is(status);
        caller.patch("/api/settings/", &json!({ "reentry": false })).is(status);
    }
    venue.admin().get("/api/settings/").says(200, &defaults());
}

#[test]
fn the_file_itself_holds_settings_within_their_limits() {
    let house = house();
    let tenant = house.venue("Bisik").tenant();
    for sql in [
        "UPDATE setting SET reentry = 2",
        "UPDATE setting SET refund_deadline_hours = 8761",
        "UPDATE setting SET membership_reminder_days = -1",
        "UPDATE setting SET language = 'de'",
        "UPDATE setting SET offer_hours = 0",
        "INSERT INTO setting (one) VALUES (2)",
        "DELETE FROM setting",
    ] {
        assert!(tenant.write(By::House, |tx| tx.run(sql, [])).is_err(), "{sql}");
    }
}
