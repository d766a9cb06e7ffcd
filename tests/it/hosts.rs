//! Which tenant a request is for: its host decides.

use crate::support::{DOMAIN, house, text};
use guichet::values::{Category, Host};
use serde_json::json;

#[test]
fn www_and_port_and_letter_case_of_a_host_do_not_matter() {
    let house = house();
    house.venue("Bisik");
    for host in [
        "bisik.example.org",
        "www.bisik.example.org",
        "bisik.example.org:8443",
        "BISIK.Example.ORG",
        "WWW.Bisik.example.org:80",
        "bisik.example.org.",
    ] {
        let here = house.at(host).get("/api/here/").ok(200);
        assert_eq!(text(&here, "slug"), "bisik", "{host}");
    }
}

#[test]
fn a_host_that_nobody_knows_is_a_page_that_is_not_found() {
    let house = house();
    house.venue("Bisik");
    for host in
        ["autre.example.org", "bisik.example.com", "bisik", "127.0.0.1", "x.bisik.example.org"]
    {
        for path in ["/api/here/", "/api/place/", "/api/user/me/", "/media/images/a.png"] {
            let reply = house.at(host).get(path).is(404);
            assert_eq!(
                reply.header("Content-Type"),
                Some("text/html; charset=utf-8"),
                "{host}{path}"
            );
        }
    }
}

#[test]
fn a_host_that_is_none_is_a_bad_request() {
    let house = house();
    for host in ["", "a b", "bisik..example.org", "é.example.org", "bisik.example.org/x"] {
        house.at(host).get("/api/here/").is(400);
    }
}

#[test]
fn the_root_host_has_no_shop_and_no_lists() {
    let house = house();
    for path in [
        "/api/here/",
        "/api/place/",
        "/api/artist/",
        "/api/products/",
        "/api/prices/",
        "/api/optionticket/",
    ] {
        house.at(DOMAIN).get(path).is(404);
        house.at(DOMAIN).post(path, &json!({})).is(404);
    }
}

#[test]
fn the_root_host_gives_tokens() {
    let house = house();
    house.at(DOMAIN).post("/api/user/token/", &json!({})).is(400);
    house.at(DOMAIN).post("/api/user/token/verify/", &json!({ "token": "x" })).is(401);
}

#[test]
fn up_and_the_description_answer_on_any_host() {
    let house = house();
    for host in [DOMAIN, "meta.example.org", "autre.example.com", "127.0.0.1:8000", ""] {
        assert_eq!(house.at(host).get("/up").is(200).text(), "up\n");
        house.at(host).get("/api/openapi.json").ok(200);
    }
}

#[test]
fn the_first_agenda_answers_under_m_too() {
    let house = house();
    let here = house.at("m.example.org").get("/api/here/").ok(200);
    assert_eq!(here["categorie"], "M");
    assert_eq!(here, house.at("meta.example.org").get("/api/here/").ok(200));
}

#[test]
fn a_venue_answers_on_a_domain_of_its_own_until_it_is_taken_away() {
    let house = house();
    let venue = house.venue("Bisik");
    let host = Host::parse("billets.bisik.re").unwrap();
    house.console().add_domain(&venue.slug, &host).unwrap();
    assert_eq!(text(&house.at("www.billets.bisik.re").get("/api/here/").ok(200), "slug"), "bisik");
    house.console().remove_domain(&venue.slug, &host).unwrap();
    house.at("billets.bisik.re").get("/api/here/").is(404);
}

#[test]
fn absolute_addresses_are_made_with_the_host_that_was_asked() {
    let house = house();
    let venue = house.venue("Bisik");
    let body = json!({ "name": "Billet", "img_url": crate::support::image_url("tiny.png") });
    venue.staff().post("/api/products/", &body).ok(201);
    for (host, origin) in [
        ("bisik.example.org", "http://bisik.example.org/media/"),
        ("bisik.example.org:8443", "http://bisik.example.org:8443/media/"),
        ("WWW.bisik.example.org", "http://www.bisik.example.org/media/"),
    ] {
        let list = house.at(host).get("/api/products/").ok(200);
        assert!(text(&list[0], "img").starts_with(origin), "{host}: {list}");
    }
}

#[test]
fn every_category_but_root_has_a_shop() {
    let house = house();
    for category in Category::ALL.iter().filter(|category| **category != Category::Root) {
        let tenant = house.tenant(&format!("Tenant {}", category.as_str()), *category);
        assert_eq!(tenant.anyone().get("/api/products/").ok(200), json!([]));
        assert_eq!(tenant.anyone().get("/api/here/").ok(200)["categorie"], category.as_str());
    }
}
