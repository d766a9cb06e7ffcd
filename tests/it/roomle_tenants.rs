//! Tenants in the Roomle dialect.

use crate::roomle::fault;
use crate::support::{house, house_with, within_a_minute};
use guichet::root::Role;
use guichet::values::Category;
use serde_json::json;

#[test]
fn check_01_a_superuser_founds_a_tenant_of_a_name_once() {
    let house = house();
    let root = house.super_admin();
    let body = json!({ "tenant": { "name": "myName", "label": "Mon lieu", "visibility": 5 } });
    let made = root.post("/v2/tenants/", &body).ok(200);
    assert_eq!(made["tenant"]["name"], "myname");
    assert_eq!(made["tenant"]["label"], "Mon lieu");
    assert_eq!(made["tenant"]["visibility"], 5);
    assert_eq!(made["tenant"]["users"].as_array().map(Vec::len), Some(1));
    assert_eq!(fault(root.post("/v2/tenants/", &body), 409).1, "name");
    fault(house.venue("Bisik").manager().post("/v2/tenants/", &json!({ "name": "other" })), 403);
}

#[test]
fn check_01_a_tenant_without_a_name_is_refused() {
    let house = house();
    let root = house.super_admin();
    for body in
        [json!({}), json!({ "tenant": { "label": "x" } }), json!({ "tenant": { "name": "!" } })]
    {
        assert_eq!(fault(root.post("/v2/tenants", &body), 400).1, "name", "{body}");
    }
    let before = house.console().tenants().unwrap().len();
    fault(root.post("/v2/tenants", &json!({ "name": "a", "visibility": 7 })), 400);
    assert_eq!(house.console().tenants().unwrap().len(), before);
}

#[test]
fn check_02_secrets_are_there_for_who_manages_and_absent_for_others() {
    let house = house();
    let venue = house.venue("Bisik");
    let shown = venue.manager().get(&venue.v2("/")).ok(200);
    assert_eq!(shown["tenant"]["apiKey"], venue.roomle_key().key);
    assert!(shown["tenant"].as_object().unwrap().contains_key("webhook"));
    for other in [venue.with_roles(&[Role::Statistics]), venue.app()] {
        let shown = other.get(&venue.v2("/")).ok(200);
        let tenant = shown["tenant"].as_object().unwrap();
        for secret in ["apiKey", "webhook", "users"] {
            assert!(!tenant.contains_key(secret), "{secret}");
        }
    }
}

#[test]
fn check_03_a_tenant_is_changed_while_working_on_it_and_keeps_what_is_not_named() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    ours.admin_staff()
        .invite(&[(theirs.admin.email.clone(), vec![Role::Admin])], &|_| Ok(vec![]))
        .unwrap();
    let there = theirs.no().to_string();
    let body = json!({ "tenant": { "privacyUrl": "https://bisik.re/privacy", "branded": true } });
    let other = theirs.manager().with("currentTenant", &there);
    fault(other.put(&ours.v2("/"), &body), 403);
    let here = theirs.manager().with("currentTenant", &ours.no().to_string());
    let changed = here.put(&ours.v2("/"), &body).ok(200);
    assert_eq!(changed["tenant"]["privacyUrl"], "https://bisik.re/privacy");
    let changed = here.put(&ours.v2("/"), &json!({ "label": "Le Bisik" })).ok(200);
    assert_eq!(changed["tenant"]["privacyUrl"], "https://bisik.re/privacy");
    assert_eq!(changed["tenant"]["branded"], true);
    assert_eq!(ours.anyone().get("/api/here/").ok(200)["organisation"], "Le Bisik");
    let cleared = here.put(&ours.v2("/"), &json!({ "privacyUrl": null })).ok(200);
    assert!(cleared["tenant"]["privacyUrl"].is_null());
}

#[test]
fn check_03_a_name_that_is_taken_changes_nothing() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let body = json!({ "name": theirs.slug.to_string(), "branded": true });
    assert_eq!(fault(ours.manager().put(&ours.v2(""), &body), 409).1, "name");
    assert_eq!(ours.manager().get(&ours.v2("")).ok(200)["tenant"]["branded"], false);
}

#[test]
fn check_04_a_tenant_cannot_be_deleted() {
    let house = house();
    let venue = house.venue("Bisik");
    for caller in [venue.anyone(), venue.manager(), house.super_admin()] {
        let reply = caller.delete(&venue.v2("/"));
        assert_eq!(reply.header("Allow"), Some("GET, PUT"));
        assert_eq!(fault(reply, 405).0, "Deleting a tenant is currently not possible.");
    }
    venue.app().get(&venue.v2("/")).ok(200);
}

#[test]
fn the_tenants_of_somebody_are_those_that_he_is_connected_with() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let ids = |caller: crate::support::Caller| -> Vec<i64> {
        let body = caller.get("/v2/tenants/").ok(200);
        let all = body["tenants"].as_array().unwrap();
        assert_eq!(body["meta"]["total"], all.len());
        all.iter().map(|one| one["id"].as_i64().unwrap()).collect()
    };
    assert_eq!(ids(ours.manager()), [ours.no()]);
    assert_eq!(ids(ours.app()), [0; 0]);
    assert_eq!(ids(house.super_admin()), [0, 1, ours.no(), theirs.no()]);
}

#[test]
fn a_tenant_that_is_closed_answers_its_superuser_alone() {
    let house = house();
    let venue = house.venue("Bisik");
    let (no, path) = (venue.no().to_string(), venue.v2(""));
    let here = |caller: crate::support::Caller| caller.at("meta.example.org");
    let (manager, app) = (here(venue.manager()), here(venue.app()));
    let closed = manager.put(&path, &json!({ "active": false })).ok(200);
    assert_eq!(closed["tenant"]["active"], false);
    assert_eq!(venue.anyone().get("/api/here/").status, 404);
    fault(manager.get(&path), 403);
    fault(app.get("/v2/tenants/me"), 403);
    fault(house.meta().app().get(&path), 403);
    let own = |caller: crate::support::Caller| caller.at(&venue.host);
    fault(own(venue.manager()).get(&path), 403);
    fault(own(venue.app()).get("/v2/tenants/me"), 403);
    fault(own(venue.anyone()).get(&path), 401);
    own(house.super_admin()).with("currentTenant", &no).get(&path).ok(200);
    let root = house.super_admin().with("currentTenant", &no);
    let opened = root.put(&path, &json!({ "active": true })).ok(200);
    assert_eq!(opened["tenant"]["active"], true);
    venue.anyone().get("/api/here/").is(200);
}

#[test]
fn a_hidden_tenant_is_shown_to_who_works_on_it_and_a_half_hidden_one_to_who_is_signed_in() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let lists = |caller: &crate::support::Caller| {
        let all = caller.get("/api/place/").ok(200);
        all.as_array().unwrap().iter().any(|place| place["organisation"] == "Ancre")
    };
    for (level, app, person, listed, listed_in) in
        [(10, 200, 200, true, true), (5, 404, 200, false, true), (0, 404, 404, false, false)]
    {
        theirs.manager().put(&theirs.v2(""), &json!({ "visibility": level })).ok(200);
        assert_eq!(ours.app().get(&theirs.v2("")).status, app, "{level}");
        assert_eq!(ours.manager().get(&theirs.v2("")).status, person, "{level}");
        assert_eq!(lists(&ours.anyone()), listed, "{level}");
        assert_eq!(lists(&ours.admin()), listed_in, "{level}");
        theirs.app().get(&theirs.v2("")).ok(200);
    }
}

#[test]
fn a_hidden_tenant_is_no_place_elsewhere_and_one_at_its_own_host() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let path = format!("/api/place/{}/", theirs.id());
    for (body, stranger, known) in [
        (json!({ "visibility": 0 }), 404, 404),
        (json!({ "visibility": 5 }), 404, 200),
        (json!({ "visibility": 10 }), 200, 200),
        (json!({ "authenticationRequired": true }), 404, 200),
    ] {
        theirs.manager().put(&theirs.v2(""), &body).ok(200);
        for elsewhere in [&ours, &house.meta()] {
            assert_eq!(elsewhere.anyone().get(&path).status, stranger, "{body}");
        }
        assert_eq!(ours.admin().get(&path).status, known, "{body}");
        theirs.admin().get(&path).ok(200);
    }
    theirs.anyone().get(&path).is(401);
}

#[test]
fn what_is_for_who_is_logged_in_no_agenda_and_no_artist_shows_to_strangers() {
    let house = house();
    let venue = house.venue("Bisik");
    let artist = house.tenant("Ziskakan", Category::Artist);
    let plays = json!([{ "uuid": artist.id(), "datetime": "2099-06-01T21:00" }]);
    let evening = json!({ "name": "Maloya", "datetime": "2099-06-01T20:00", "artists": plays });
    venue.staff().post("/api/events/", &evening).ok(201);
    let shows = |caller: &crate::support::Caller, path: &str| {
        caller.get(path).is(200).text().contains("Maloya")
    };
    let meta = house.meta();
    let paths = ["/api/events/", "/rss/latest/feed/", "/ical/agenda.ics"];
    let plays = |caller: &crate::support::Caller| shows(caller, "/api/events/");
    let lists = || meta.anyone().get("/api/place/").is(200).text().contains("Bisik");
    let anyone = [meta.anyone(), artist.anyone()];
    assert!(lists() && plays(&anyone[1]) && paths.iter().all(|path| shows(&anyone[0], path)));
    venue.manager().put(&venue.v2(""), &json!({ "authenticationRequired": true })).ok(200);
    assert!(!lists() && !plays(&anyone[1]) && !paths.iter().any(|path| shows(&anyone[0], path)));
    assert!(plays(&artist.admin()) && plays(&meta.admin()));
    venue.manager().put(&venue.v2(""), &json!({ "authenticationRequired": false })).ok(200);
    assert!(lists() && plays(&anyone[1]) && paths.iter().all(|path| shows(&anyone[0], path)));
}

#[test]
fn a_path_of_this_dialect_that_leads_nowhere_is_told_so_in_it() {
    let house = house();
    let venue = house.venue("Bisik");
    for path in [
        venue.v2("/nosuch"),
        "/v2/nosuch".to_owned(),
        "/v2/tenants/2/users/3/4".to_owned(),
        format!("/api{}", venue.v2("/nosuch")),
        "/v2/tenants/2.5".to_owned(),
    ] {
        for caller in [venue.manager(), venue.anyone()] {
            for verb in ["GET", "PUT", "OPTIONS"] {
                fault(caller.json(verb, &path, &json!({})), 404);
            }
        }
    }
    let others = venue.anyone().get("/api/v2/nosuch").is(404);
    assert!(!others.text().contains("\"error\""), "{}", others.text());
}

#[test]
fn where_a_login_is_asked_for_strangers_see_nothing_and_book_nothing() {
    let house = house();
    let venue = house.venue("Bisik");
    venue.anyone().get("/api/here/").is(200);
    venue.manager().put(&venue.v2(""), &json!({ "authenticationRequired": true })).ok(200);
    for path in
        ["/api/here/", "/api/products/", "/api/events/", "/rss/latest/feed/", "/ical/agenda.ics"]
    {
        assert_eq!(venue.anyone().get(path).status, 401, "{path}");
        assert!(venue.anyone().kept(path).is_none(), "{path}");
    }
    assert_eq!(venue.anyone().post("/api/reservations/", &json!({})).status, 401);
    venue.member().get("/api/here/").is(200);
    venue.anyone().post("/api/user/create/", &json!({ "email": "ana@example.org" })).is(200);
    venue.manager().put(&venue.v2(""), &json!({ "authenticationRequired": false })).ok(200);
    venue.anyone().get("/api/here/").is(200);
}

#[test]
fn a_venue_that_asks_for_a_log_in_counts_the_wrong_keys_that_its_reads_are_shown() {
    within_a_minute(|| {
        let house = house_with(&[("failures_per_address", "3")]);
        let venue = house.venue("Bisik");
        venue.manager().put(&venue.v2(""), &json!({ "authenticationRequired": true })).ok(200);
        let guess = venue.holding(&format!("abcdefgh.{:032}", 0));
        let statuses: Vec<u16> = (0..4).map(|_| guess.get("/api/products/").status).collect();
        assert_eq!(statuses, [401, 401, 401, 429]);
        venue.staff().get("/api/products/").is(200);
    });
}

#[test]
fn what_is_wrong_with_a_tenants_object_is_said_of_its_member() {
    let house = house();
    let venue = house.venue("Bisik");
    for (body, field) in [
        (json!({ "name": null }), "name"),
        (json!({ "name": "admin" }), "name"),
        (json!({ "label": "x".repeat(51) }), "label"),
        (json!({ "active": "yes" }), "active"),
        (json!({ "visibility": 7 }), "visibility"),
        (json!({ "defaultLanguage": "FR" }), "defaultLanguage"),
        (json!({ "webhook": "ftp://example.org" }), "webhook"),
        (json!({ "privacyUrl": "nowhere" }), "privacyUrl"),
        (json!({ "configuration": "[]" }), "configuration"),
        (json!({ "branded": null }), "branded"),
        (json!({ "tenant": 5 }), "tenant"),
    ] {
        let reply = venue.manager().put(&venue.v2(""), &body);
        let status = if field == "name" && body["name"] == "admin" { 409 } else { 400 };
        assert_eq!(fault(reply, status).1, field, "{body}");
    }
    for body in ["", "[]", "{", "\"x\""] {
        let reply =
            venue.manager().send("PUT", &venue.v2(""), Some("application/json"), body.into());
        assert_eq!(reply.status, if body.is_empty() { 200 } else { 400 }, "{body}");
    }
    let deep = "[".repeat(100) + &"]".repeat(100);
    let reply = venue.manager().send(
        "PUT",
        &venue.v2(""),
        Some("application/json"),
        format!("{{\"x\":{deep}}}").into(),
    );
    fault(reply, 400);
    fault(venue.manager().send("PUT", &venue.v2(""), Some("text/csv"), b"a".to_vec()), 415);
}

#[test]
fn modules_are_a_superusers_to_change() {
    let house = house();
    let venue = house.venue("Bisik");
    let body = json!({ "modules": ["basic_usage"] });
    let shown = venue.manager().put(&venue.v2(""), &body).ok(200);
    assert!(shown["tenant"]["modules"].as_array().unwrap().len() > 1);
    let root = house.super_admin().with("currentTenant", &venue.no().to_string());
    let shown = root.put(&venue.v2(""), &body).ok(200);
    assert_eq!(shown["tenant"]["modules"], json!(["basic_usage"]));
}

#[test]
fn a_look_is_kept_member_by_member() {
    let house = house();
    let venue = house.venue("Bisik");
    let path = format!("/v2/skins/{}", venue.no());
    let first = json!({ "skin": { "ciColor": "0xCB0112", "hidePressLink": true, "catalogEntryTags": ["a"] } });
    venue.manager().put(&path, &first).ok(200);
    let shown = venue.manager().put(&path, &json!({ "tenantUrl": "https://bisik.re" })).ok(200);
    assert_eq!(shown["skin"]["ciColor"], "0xCB0112");
    let form = [
        ("ciColor", ""),
        ("hidePressLink", "false"),
        ("catalogEntryTags", "b"),
        ("catalogEntryTags", "c"),
    ];
    venue.manager().form("PUT", &path, &form, &[]).ok(200);
    let shown = venue.app().get(&path).ok(200);
    assert!(shown["skin"]["ciColor"].is_null());
    assert_eq!(shown["skin"]["hidePressLink"], false);
    assert_eq!(shown["skin"]["catalogEntryTags"], json!(["b", "c"]));
    assert_eq!(shown["skin"]["tenantUrl"], "https://bisik.re");
    fault(house.venue("Ancre").app().get(&path), 404);
}

#[test]
fn a_configurator_is_a_web_shop_of_the_tenant() {
    let house = house();
    let (venue, other) = (house.venue("Bisik"), house.venue("Ancre"));
    let body = json!({ "configurator": { "id": "bisik:summer", "allowedHosts": "bisik.re, shop.bisik.re", "settings": { "a": 1 } } });
    let made = venue.manager().post("/v2/configurators", &body).ok(200);
    assert_eq!(made["configurator"]["allowedHosts"], "bisik.re, shop.bisik.re");
    assert_eq!(made["configurator"]["settings"], json!({ "a": 1 }));
    fault(venue.manager().post("/v2/configurators", &body), 409);
    for id in ["ancre", "bisik_x", "bisik:", "bisik:a b"] {
        let reply = venue.manager().post("/v2/configurators", &json!({ "id": id }));
        assert_eq!(fault(reply, 400).1, "id", "{id}");
    }
    let changed = venue
        .manager()
        .put("/v2/configurators/bisik:summer", &json!({ "url": "https://bisik.re" }));
    assert_eq!(changed.ok(200)["configurator"]["allowedHosts"], "bisik.re, shop.bisik.re");
    fault(other.app().get("/v2/configurators/bisik:summer"), 404);
    fault(other.manager().put("/v2/configurators/bisik:summer", &json!({ "url": null })), 404);
    let shown = venue.app().get(&venue.v2("")).ok(200);
    assert_eq!(shown["tenant"]["configurators"], json!(["bisik", "bisik:summer"]));
}
