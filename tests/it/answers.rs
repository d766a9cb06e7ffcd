//! What all answers have in common: validators, compression, the response cache, pages, methods and media types.

use crate::support::{House, Venue, column, house, text, unzip};
use serde_json::json;

const PATH: &str = "/api/products/";

/// A venue whose list of products is longer than a kilobyte.
fn with_products(house: &House) -> Venue<'_> {
    let venue = house.venue("Bisik");
    for n in 0..10 {
        venue.ticket(&format!("Billet {n}"));
    }
    venue
}

#[test]
fn who_has_a_list_already_is_not_sent_it_again() {
    let house = house();
    let venue = with_products(&house);
    let first = venue.anyone().get(PATH).is(200);
    let tag = first.header("ETag").unwrap();
    assert_eq!(first.header("Cache-Control"), Some("no-cache"));
    let again = venue.anyone().with("If-None-Match", tag).get(PATH).is(304);
    assert!(again.body.is_empty());
    assert_eq!((again.header("ETag"), again.header("Content-Type")), (Some(tag), None));
    venue.anyone().with("If-None-Match", "W/\"x\"").get(PATH).is(200);
}

#[test]
fn a_list_that_has_changed_is_sent_to_who_has_the_old_one() {
    let house = house();
    let venue = with_products(&house);
    let tag = venue.anyone().get(PATH).header("ETag").unwrap().to_owned();
    venue.ticket("Nouveau");
    let fresh = venue.anyone().with("If-None-Match", &tag).get(PATH).is(200);
    assert_ne!(fresh.header("ETag"), Some(tag.as_str()));
}

#[test]
fn every_public_list_has_a_tag() {
    let house = house();
    let anyone = house.venue("Bisik").anyone();
    for path in
        ["/api/place/", "/api/artist/", "/api/here/", PATH, "/api/prices/", "/api/optionticket/"]
    {
        assert!(anyone.get(path).is(200).header("ETag").is_some(), "{path}");
    }
}

#[test]
fn an_answer_to_somebody_known_is_not_kept() {
    let house = house();
    let venue = with_products(&house);
    for caller in [venue.staff(), venue.admin(), venue.anyone().with("Cookie", "a=b")] {
        caller.get(PATH).is(200);
        assert!(venue.anyone().kept(PATH).is_none());
    }
}

#[test]
fn a_long_answer_is_compressed_for_who_takes_it_so() {
    let house = house();
    let venue = with_products(&house);
    let plain = venue.anyone().get(PATH).is(200);
    assert_eq!(plain.header("Content-Encoding"), None);
    let zipped = venue.anyone().with("Accept-Encoding", "br, gzip").get(PATH).is(200);
    assert_eq!(zipped.header("Content-Encoding"), Some("gzip"));
    assert!(zipped.body.len() < plain.body.len());
    assert_eq!(unzip(&zipped.body), plain.body);
}

#[test]
fn a_short_answer_is_not_compressed() {
    let house = house();
    let venue = house.venue("Bisik");
    let reply = venue.anyone().with("Accept-Encoding", "gzip").get(PATH).is(200);
    assert_eq!((reply.header("Content-Encoding"), reply.text().as_str()), (None, "[]"));
}

#[test]
fn who_refuses_gzip_is_not_sent_it() {
    let house = house();
    let venue = with_products(&house);
    for value in ["gzip;q=0", "identity", "br"] {
        let reply = venue.anyone().with("Accept-Encoding", value).get(PATH).is(200);
        assert_eq!(reply.header("Content-Encoding"), None, "{value}");
    }
}

#[test]
fn an_answer_says_what_it_depends_on() {
    let house = house();
    let venue = house.venue("Bisik");
    for reply in
        [venue.anyone().get(PATH), venue.anyone().post(PATH, &json!({})), venue.staff().get(PATH)]
    {
        let vary = reply.header("Vary").unwrap();
        assert_eq!(vary, "Accept, Accept-Encoding, Authorization, Cookie");
    }
}

#[test]
fn a_kept_answer_is_the_one_that_was_made() {
    let house = house();
    let venue = with_products(&house);
    let anyone = venue.anyone();
    assert!(anyone.kept(PATH).is_none());
    let made = anyone.get(PATH).is(200);
    let kept = anyone.kept(PATH).unwrap().is(200);
    assert_eq!(kept.text(), made.text());
    for name in ["Content-Type", "ETag", "Cache-Control", "Vary"] {
        assert_eq!(kept.header(name), made.header(name), "{name}");
    }
    let tag = made.header("ETag").unwrap();
    assert_eq!(anyone.with("If-None-Match", tag).kept(PATH).unwrap().status, 304);
}

#[test]
fn no_kept_answer_outlives_a_write() {
    let house = house();
    let venue = with_products(&house);
    let anyone = venue.anyone();
    let staff = venue.staff();
    let ticket = text(&anyone.get(PATH).ok(200)[0], "uuid").to_owned();
    let product = format!("{PATH}{ticket}/");
    let changes: [(&str, &str, serde_json::Value); 3] = [
        ("POST", "/api/prices/", json!({ "product": ticket, "name": "Plein", "prix": 1 })),
        ("PATCH", &product, json!({ "name": "Autre" })),
        ("DELETE", &product, json!({})),
    ];
    for (method, path, body) in &changes {
        anyone.get(PATH).is(200);
        assert!(anyone.kept(PATH).is_some());
        assert!(staff.json(method, path, body).status < 300, "{method} {path}");
        assert!(anyone.kept(PATH).is_none(), "{method} {path}");
    }
}

#[test]
fn a_write_of_one_tenant_leaves_what_is_kept_of_another() {
    let house = house();
    let (bisik, ancre) = (house.venue("Bisik"), house.venue("Ancre"));
    ancre.anyone().get(PATH).is(200);
    bisik.anyone().get(PATH).is(200);
    bisik.ticket("Billet");
    assert!(ancre.anyone().kept(PATH).is_some());
    assert!(bisik.anyone().kept(PATH).is_none());
}

#[test]
fn a_new_place_and_a_changed_one_end_every_kept_list_of_places() {
    let house = house();
    let venue = house.venue("Bisik");
    let anyone = house.meta().anyone();
    let keep = || {
        anyone.get("/api/place/").is(200);
        assert!(anyone.kept("/api/place/").is_some());
    };
    keep();
    house.venue("Ancre");
    assert!(anyone.kept("/api/place/").is_none());
    keep();
    let (published, relabel) = (guichet::trade::place::published, guichet::trade::place::relabel);
    house.console().rename(&venue.slug, "Nouveau", published, relabel).unwrap();
    assert!(anyone.kept("/api/place/").is_none());
    keep();
    house.console().set_active(&venue.slug, false).unwrap();
    assert!(anyone.kept("/api/place/").is_none());
}

#[test]
fn answers_are_kept_by_host_encoding_scheme_and_query() {
    let house = house();
    let venue = with_products(&house);
    let anyone = venue.anyone();
    anyone.get(PATH).is(200);
    assert!(anyone.at("www.bisik.example.org").kept(PATH).is_none());
    assert!(anyone.at("bisik.example.org:8443").kept(PATH).is_none());
    assert!(anyone.with("Accept-Encoding", "gzip").kept(PATH).is_none());
    assert!(anyone.kept("/api/products/?limit=1").is_none());
    assert!(anyone.with("Accept", "application/xml").kept(PATH).is_none());
}

#[test]
fn a_list_is_shown_in_parts_to_who_asks_for_one() {
    let house = house();
    let venue = with_products(&house);
    let names = |query: &str| {
        let list = venue.anyone().get(&format!("{PATH}{query}")).ok(200);
        column(&list, "name").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(names("?limit=2"), ["Billet 0", "Billet 1"]);
    assert_eq!(names("?limit=2&offset=9"), ["Billet 9"]);
    assert_eq!(names("?offset=8"), ["Billet 8", "Billet 9"]);
    assert_eq!(names("?limit=0"), [""; 0]);
    assert_eq!(names("?offset=10"), [""; 0]);
    assert_eq!(names("").len(), 10);
}

#[test]
fn a_part_of_the_products_shows_all_prices_of_each() {
    let house = house();
    let venue = house.venue("Bisik");
    for name in ["A", "B"] {
        let ticket = venue.ticket(name);
        venue.price(&ticket, "Demi", 500);
        venue.price(&ticket, "Plein", 1_000);
    }
    let list = venue.anyone().get("/api/products/?limit=1&offset=1").ok(200);
    assert_eq!(column(&list, "name"), ["B"]);
    assert_eq!(column(&list[0]["prices"], "name"), ["Demi", "Plein"]);
}

#[test]
fn every_list_can_be_shown_in_parts() {
    let house = house();
    let venue = with_products(&house);
    house.venue("Ancre");
    let ticket = venue.ticket("Avec prix");
    venue.price(&ticket, "Demi", 500);
    venue.price(&ticket, "Plein", 1_000);
    for name in ["Fosse", "Balcon"] {
        venue.admin().post("/api/optionticket/", &json!({ "name": name })).is(201);
    }
    for path in ["/api/place/", PATH, "/api/prices/", "/api/optionticket/"] {
        let all = venue.anyone().get(path).ok(200);
        let part = venue.anyone().get(&format!("{path}?limit=1&offset=1")).ok(200);
        assert_eq!(part, json!([all[1]]), "{path}");
    }
}

#[test]
fn a_part_that_is_no_number_is_refused() {
    let house = house();
    let anyone = house.venue("Bisik").anyone();
    for query in ["limit=x", "limit=-1", "offset=1.5", "offset=99999999999", "limit="] {
        let name = query.split('=').next().unwrap();
        anyone.get(&format!("{PATH}?{query}")).faults(&[name]);
    }
}

#[test]
fn head_is_answered_as_get() {
    let house = house();
    let venue = with_products(&house);
    let (get, head) = (venue.anyone().get(PATH), venue.anyone().send("HEAD", PATH, None, vec![]));
    assert_eq!((head.status, head.header("Content-Type")), (200, get.header("Content-Type")));
    assert_eq!(head.body, get.body);
}

#[test]
fn options_describe_a_route_to_who_may_use_it() {
    let house = house();
    let venue = house.venue("Bisik");
    let reply = venue.staff().send("OPTIONS", PATH, None, vec![]).is(200);
    assert_eq!(reply.header("Allow"), Some("GET, POST, HEAD, OPTIONS"));
    let about = reply.json();
    assert_eq!(about["renders"], json!(["application/json"]));
    venue.anyone().send("OPTIONS", PATH, None, vec![]).is(401);
    venue.anyone().send("OPTIONS", "/api/user/token/", None, vec![]).is(200);
}

#[test]
fn a_path_without_its_slash_leads_to_the_one_with_it_and_keeps_the_query() {
    let house = house();
    let venue = house.venue("Bisik");
    for (path, to) in [
        ("/api/products", "/api/products/"),
        ("/api/products?limit=1&offset=2", "/api/products/?limit=1&offset=2"),
        ("/api/place/x?a=%20b", "/api/place/x/?a=%20b"),
        ("/api/user/token", "/api/user/token/"),
    ] {
        for method in ["GET", "POST", "DELETE"] {
            let reply = venue.anyone().send(method, path, None, vec![]).is(301);
            assert_eq!(reply.header("Location"), Some(to), "{method} {path}");
        }
    }
}

#[test]
fn a_path_that_no_slash_can_help_is_not_found() {
    let house = house();
    let anyone = house.venue("Bisik").anyone();
    for path in [
        "/",
        "/api",
        "/api/x",
        "/api/x/",
        "//api/products",
        "/api//products/",
        "/up/",
        "/xapi/products/",
    ] {
        anyone.get(path).is(404);
    }
    house.at("nobody.example.com").get("/api/products").is(404);
}

#[test]
fn a_method_that_a_route_does_not_have_is_named_with_those_that_it_has() {
    let house = house();
    let staff = house.venue("Bisik").staff();
    for (path, allow) in [
        (PATH, "GET, POST, HEAD, OPTIONS"),
        ("/api/products/x/", "GET, PATCH, DELETE, HEAD, OPTIONS"),
        ("/api/place/", "GET, POST, HEAD, OPTIONS"),
    ] {
        let reply = staff.send("PUT", path, None, vec![]);
        assert_eq!(reply.header("Allow"), Some(allow), "{path}");
        reply.says(405, &json!({ "detail": "Méthode «\u{a0}PUT\u{a0}» non autorisée." }));
    }
    let reply = staff.send("GET", "/api/user/token/", None, vec![]);
    assert_eq!(reply.header("Allow"), Some("POST, OPTIONS"));
}

#[test]
fn who_takes_no_json_is_told_so() {
    let house = house();
    let anyone = house.venue("Bisik").anyone();
    for accept in ["application/xml", "image/*", "text/plain"] {
        let answer = anyone.with("Accept", accept).get(PATH).ok(406);
        assert!(text(&answer, "detail").contains("Accept"), "{answer}");
    }
    for accept in
        ["*/*", "application/json", "text/html,application/xml;q=0.9", "application/xml, */*;q=0.1"]
    {
        anyone.with("Accept", accept).get(PATH).ok(200);
    }
}

#[test]
fn another_format_than_json_is_not_found() {
    let house = house();
    let anyone = house.venue("Bisik").anyone();
    anyone.get("/api/products/?format=xml").is(404);
    anyone.get("/api/products/?format=json").ok(200);
}

#[test]
fn a_body_of_another_kind_is_refused() {
    let house = house();
    let staff = house.venue("Bisik").staff();
    for media_type in [Some("text/plain"), Some("application/xml"), Some("image/png"), None] {
        let shown = media_type.unwrap_or("");
        let what =
            json!({ "detail": format!("Type de média «\u{a0}{shown}\u{a0}» non supporté.") });
        staff.send("POST", PATH, media_type, b"{}".to_vec()).says(415, &what);
    }
    staff.send("POST", PATH, Some("text/plain"), vec![]).is(400);
}

#[test]
fn a_body_that_cannot_be_read_says_where() {
    let house = house();
    let staff = house.venue("Bisik").staff();
    let send = |body: &[u8]| staff.send("POST", PATH, Some("application/json"), body.to_vec());
    let what = "JSON parse error - Expecting property name enclosed in double quotes: line 1 column 2 (char 1)";
    send(b"{").says(400, &json!({ "detail": what }));
    for body in [b"\xff".as_slice(), b"{\"name\": \"\xc3\"}", b"{} {}", b"[1,]", b"nul"] {
        assert!(text(&send(body).ok(400), "detail").starts_with("JSON parse error - "));
    }
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    send(&deep).is(400);
    for media_type in ["multipart/form-data", "multipart/form-data; boundary="] {
        staff.send("POST", PATH, Some(media_type), b"x".to_vec()).is(400);
    }
}

#[test]
fn who_asks_is_looked_at_before_the_body_and_the_method() {
    let house = house();
    let venue = house.venue("Bisik");
    for caller in [venue.anyone(), venue.holding("x.y")] {
        let reply = caller.send("POST", PATH, Some("application/json"), b"{".to_vec()).is(401);
        assert_eq!(reply.header("WWW-Authenticate"), Some(r#"Bearer realm="api""#));
        caller.send("POST", PATH, Some("text/plain"), b"x".to_vec()).is(401);
        caller.send("BREW", PATH, None, vec![]).is(401);
    }
    venue.member().send("POST", PATH, Some("text/plain"), b"x".to_vec()).is(403);
}
