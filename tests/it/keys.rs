//! API keys: what each may do, where, from which address and until when.

use crate::support::{ALL_RIGHTS, Reply, house, house_with, within_a_minute};
use guichet::values::Time;
use serde_json::{Value, json};
use std::time::Duration;

fn keytest(json: &Value) -> (Vec<&str>, &str, bool) {
    let rights = json["auth"].as_object().unwrap();
    let held =
        rights.iter().filter(|(_, held)| **held == json!(true)).map(|(name, _)| name.as_str());
    (held.collect(), json["ip_request"].as_str().unwrap(), json["ip_valid"].as_bool().unwrap())
}

/// 400 is as far as an empty body comes once the caller is let in.
fn enters(reply: &Reply) -> bool {
    assert!(matches!(reply.status, 400 | 401), "{reply:?}");
    reply.status == 400
}

#[test]
fn what_a_stranger_may_ask_for_in_a_minute_is_limited_and_staff_are_not() {
    let house = house_with(&[("asks_per_address", "3")]);
    let venue = house.venue("Bisik");
    let asked = || {
        let n = house.next();
        json!({ "email": format!("p{n}@example.org") })
    };
    within_a_minute(|| {
        let here = format!("10.0.0.{}", house.next());
        let stranger = venue.anyone().from(&here);
        for _ in 0..3 {
            stranger.post("/api/user/create/", &asked()).is(200);
        }
        let refused = stranger.post("/api/user/create/", &asked()).is(429);
        assert_eq!(refused.header("Retry-After"), Some("60"));
        stranger.get("/api/events/").is(200);
        venue.admin().from(&here).post("/api/user/create/", &asked()).is(200);
        venue.anyone().from("10.9.9.9").post("/api/user/create/", &asked()).is(200);
        venue.anyone().from("10.9.9.8").get("/api/events/").is(200);
    });
}

#[test]
fn a_key_that_was_revoked_is_ignored_by_public_reads_however_often_it_is_shown() {
    let house = house();
    let venue = house.venue("Bisik");
    let published = venue.event("Concert", &[], 10);
    house.user_with_password("ana@example.org", "un mot de passe");
    let key = venue.new_key(ALL_RIGHTS, None, None);
    house.console().revoke_key(key.split('.').next().unwrap()).unwrap();
    let site = venue.holding(&key);
    let one = format!("/api/events/{published}/");
    within_a_minute(|| {
        for path in ["/api/products/", "/api/events/", &one] {
            let told = venue.anyone().get(path).ok(200);
            for _ in 0..70 {
                assert_eq!(site.get(path).ok(200), told);
            }
        }
        let body = json!({ "username": "ana@example.org", "password": "un mot de passe" });
        venue.anyone().post("/api/user/token/", &body).is(200);
    });
}

#[test]
fn a_read_that_tells_staff_more_cannot_be_asked_for_many_keys() {
    within_a_minute(|| {
        let house = house_with(&[("failures_per_address", "3")]);
        let venue = house.venue("Bisik");
        let body = json!({ "name": "Essai", "datetime": "2099-06-01T20:00", "published": false });
        let draft = venue.staff().post("/api/events/", &body).ok(201);
        let path = format!("/api/events/{}/", draft["uuid"].as_str().unwrap());
        let guess = |n: u32| venue.holding(&format!("abcdefgh.{n:032}"));
        for _ in 0..9 {
            guess(0).get(&path).is(404);
        }
        venue.staff().get(&path).is(200);
        for n in 1..3 {
            guess(n).get(&path).is(404);
        }
        venue.staff().get(&path).is(404);
        venue.admin().get(&path).is(200);
        venue.staff().from("192.0.2.7").get(&path).is(200);
        venue.staff().post("/api/prices/", &json!({})).is(400);
    });
}

#[test]
fn a_wrong_key_counts_where_one_is_asked_for() {
    for path in ["/api/user/keytest/", "/api/events/?published=false", "/api/reservations/"] {
        within_a_minute(|| {
            let house = house_with(&[("failures_per_address", "3")]);
            let guess = house.venue("Bisik").holding(&format!("abcdefgh.{:032}", 0));
            let statuses: Vec<u16> = (0..4).map(|_| guess.get(path).status).collect();
            assert_eq!(statuses, [401, 401, 401, 429], "{path}");
        });
    }
}

#[test]
fn a_key_hears_what_it_may_do() {
    let house = house();
    let venue = house.venue("Bisik");
    let some = venue.key("product,ticket").get("/api/user/keytest/").ok(200);
    assert_eq!(keytest(&some), (vec!["price", "product", "ticket"], "127.0.0.1", true));
    let all = venue.staff().get("/api/user/keytest/").ok(200);
    assert_eq!(keytest(&all).0.len(), 7);
}

#[test]
fn a_key_from_a_wrong_address_hears_so_and_enters_nowhere() {
    let house = house();
    let venue = house.venue("Bisik");
    let key = venue.holding(&venue.new_key(ALL_RIGHTS, Some("192.0.2.7".parse().unwrap()), None));
    let from_elsewhere = key.get("/api/user/keytest/").ok(200);
    assert_eq!((keytest(&from_elsewhere).1, keytest(&from_elsewhere).2), ("127.0.0.1", false));
    assert!(!enters(&key.post("/api/prices/", &json!({}))));
    assert!(enters(&key.from("192.0.2.7").post("/api/prices/", &json!({}))));
    assert!(keytest(&key.from("192.0.2.7").get("/api/user/keytest/").ok(200)).2);
}

#[test]
fn what_stands_in_x_forwarded_for_counts_for_nothing_without_a_trusted_proxy() {
    let house = house();
    let venue = house.venue("Bisik");
    let key = venue.holding(&venue.new_key(ALL_RIGHTS, Some("192.0.2.7".parse().unwrap()), None));
    let lying = key.with("X-Forwarded-For", "192.0.2.7");
    assert!(!enters(&lying.post("/api/prices/", &json!({}))));
    assert_eq!(keytest(&lying.get("/api/user/keytest/").ok(200)).1, "127.0.0.1");
}

#[test]
fn a_trusted_proxy_says_where_a_request_comes_from() {
    let house = house_with(&[("trusted_proxies", "127.0.0.1, 10.0.0.0/8")]);
    let venue = house.venue("Bisik");
    let key = venue.holding(&venue.new_key(ALL_RIGHTS, Some("192.0.2.7".parse().unwrap()), None));
    for (chain, seen) in [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7, 10.1.2.3", "192.0.2.7"),
        ("192.0.2.7, 203.0.113.5", "203.0.113.5"),
        ("192.0.2.7, 203.0.113.5, 10.1.2.3", "203.0.113.5"),
        ("nonsense", "127.0.0.1"),
        ("192.0.2.7, nonsense", "127.0.0.1"),
        ("", "127.0.0.1"),
    ] {
        let caller = key.with("X-Forwarded-For", chain);
        let said = caller.get("/api/user/keytest/").ok(200);
        assert_eq!((keytest(&said).1, keytest(&said).2), (seen, seen == "192.0.2.7"), "{chain}");
    }
    let untrusted = key.from("203.0.113.9").with("X-Forwarded-For", "192.0.2.7");
    assert_eq!(keytest(&untrusted.get("/api/user/keytest/").ok(200)).1, "203.0.113.9");
}

#[test]
fn every_line_of_a_trusted_proxy_counts() {
    let house = house_with(&[("trusted_proxies", "127.0.0.1")]);
    let key = house.venue("Bisik").staff();
    let two = key.with("X-Forwarded-For", "192.0.2.7").with("X-Forwarded-For", "203.0.113.5");
    assert_eq!(keytest(&two.get("/api/user/keytest/").ok(200)).1, "203.0.113.5");
}

#[test]
fn a_trusted_proxy_says_whether_the_visitor_came_by_https() {
    let house = house_with(&[("trusted_proxies", "127.0.0.1")]);
    let made = house.meta().founder().form(
        "POST",
        "/api/place/",
        &[
            ("organisation", "Bisik"),
            ("short_description", "x"),
            ("phone", "1"),
            ("email", "a@example.org"),
            ("categorie", "S"),
        ],
        &[("img", "bg.jpg"), ("logo", "logo.png"), ("map_img", "tiny.png")],
    );
    let path = format!("/api/place/{}/", made.ok(201)["uuid"].as_str().unwrap());
    let map_of = |peer: &str, proto: &str| {
        let caller = house.at("meta.example.org").from(peer).with("X-Forwarded-Proto", proto);
        let map = caller.get(&path).ok(200)["map_img"].as_str().unwrap().to_owned();
        map.split_once(':').unwrap().0.to_owned()
    };
    assert_eq!(map_of("127.0.0.1", "https"), "https");
    assert_eq!(map_of("127.0.0.1", "http"), "http");
    assert_eq!(map_of("192.0.2.7", "https"), "http");
}

#[test]
fn a_key_ends_when_it_expires() {
    let house = house();
    let venue = house.venue("Bisik");
    let until = |time| venue.holding(&venue.new_key(ALL_RIGHTS, None, Some(time)));
    let now = Time::now();
    assert!(enters(&until(now.plus(Duration::from_hours(1))).post("/api/prices/", &json!({}))));
    let ended = until(now);
    assert!(!enters(&ended.post("/api/prices/", &json!({}))));
    ended.get("/api/user/keytest/").is(401);
}

#[test]
fn a_revoked_key_ends_at_once() {
    let house = house();
    let venue = house.venue("Bisik");
    let key = venue.new_key(ALL_RIGHTS, None, None);
    let caller = venue.holding(&key);
    assert!(enters(&caller.post("/api/prices/", &json!({}))));
    house.console().revoke_key(key.split_once('.').unwrap().0).unwrap();
    assert!(!enters(&caller.post("/api/prices/", &json!({}))));
    caller.get("/api/user/keytest/").is(401);
}

#[test]
fn a_key_opens_what_it_has_the_right_for_and_nothing_else() {
    let house = house();
    let venue = house.venue("Bisik");
    for (right, path) in [
        ("product", "/api/products/"),
        ("product", "/api/prices/"),
        ("place", "/api/place/"),
        ("artist", "/api/artist/"),
    ] {
        for held in ["event", "product", "place", "artist", "reservation", "ticket"] {
            let reply = venue.key(held).post(path, &json!({}));
            assert_eq!(enters(&reply), held == right, "{held} at {path}");
        }
    }
}

#[test]
fn a_key_opens_the_venue_where_it_was_made_and_no_other() {
    let house = house();
    let (bisik, ancre) = (house.venue("Bisik"), house.venue("Ancre"));
    assert!(enters(&bisik.staff().post("/api/prices/", &json!({}))));
    assert!(!enters(&bisik.staff().at(&ancre.host).post("/api/prices/", &json!({}))));
}

#[test]
fn the_word_before_a_key_is_not_looked_at() {
    let house = house();
    let venue = house.venue("Bisik");
    let key = venue.new_key(ALL_RIGHTS, None, None);
    for header in [format!("Api-Key {key}"), format!("x   {key}"), format!("api-key {key} more")] {
        let caller = venue.anyone().with("Authorization", &header);
        assert!(enters(&caller.post("/api/prices/", &json!({}))), "{header}");
    }
    for header in [key.clone(), format!("Api-Key{key}"), "Api-Key".into()] {
        let caller = venue.anyone().with("Authorization", &header);
        assert!(!enters(&caller.post("/api/prices/", &json!({}))), "{header}");
    }
}

#[test]
fn a_key_that_is_wrong_in_one_character_is_nobody() {
    let house = house();
    let venue = house.venue("Bisik");
    let key = venue.new_key(ALL_RIGHTS, None, None);
    let swapped = |at: usize| {
        let mut bytes = key.clone().into_bytes();
        bytes[at] = if bytes[at] == b'a' { b'b' } else { b'a' };
        String::from_utf8(bytes).unwrap()
    };
    for wrong in [swapped(0), swapped(9), swapped(40), key[..40].to_owned(), format!("{key}x")] {
        assert!(!enters(&venue.holding(&wrong).post("/api/prices/", &json!({}))), "{wrong}");
    }
}

#[test]
fn a_wrong_key_is_no_hindrance_where_anybody_may_look() {
    let house = house();
    let venue = house.venue("Bisik");
    venue.ticket("Billet");
    let open = venue.anyone().get("/api/products/").ok(200);
    assert_eq!(venue.holding("x.y").get("/api/products/").ok(200), open);
}

#[test]
fn a_secret_of_a_key_is_nowhere_in_the_data_directory() {
    let house = house();
    let venue = house.venue("Bisik");
    let key = venue.new_key(ALL_RIGHTS, None, None);
    let secret = key.split_once('.').unwrap().1.as_bytes();
    house.app.root().checkpoint().unwrap();
    for file in std::fs::read_dir(house.dir()).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(secret.len()).any(|part| part == secret), "{}", path.display());
        }
    }
}
