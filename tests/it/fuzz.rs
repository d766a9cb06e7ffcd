//! Anything may come in: no request makes the server fail, and what is refused leaves nothing behind.
//!
//! A few hundred cases a property; `GUICHET_FUZZ_CASES` says how many instead, and `tests/fuzz.sh` goes on for a time.
//! Addresses of images are never made up: a made-up one might be somebody's.

use crate::support::{Caller, House, Reply, Venue, house_with, image, image_url, multipart};
use guichet::app::Head;
use guichet::doors::DOORS;
use guichet::values::{Host, Slug};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::fmt::Debug;

/// Runs a property over `cases` inputs, or as many as the environment says.
fn for_all<S>(cases: u32, strategy: S, property: impl Fn(S::Value) -> Result<(), TestCaseError>)
where
    S: Strategy,
    S::Value: Debug,
{
    let asked = std::env::var_os("GUICHET_FUZZ_CASES").and_then(|text| text.to_str()?.parse().ok());
    let cases = asked.unwrap_or(cases);
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    TestRunner::new(config).run(&strategy, property).unwrap();
}

/// A house that is not slowed by wrong keys, and a venue with a product, a membership, a price and an option.
struct Target<'h> {
    house: &'h House,
    venue: Venue<'h>,
    callers: [Caller; 4],
    ids: [String; 5],
}

fn fuzzed() -> House {
    house_with(&[
        ("failures_per_address", "1000000"),
        ("products", "1000000"),
        ("fetch_seconds", "1"),
    ])
}

impl<'h> Target<'h> {
    fn new(house: &'h House) -> Self {
        let venue = house.venue("Bisik");
        let ticket = venue.ticket("Billet");
        let membership = venue.membership("Adhésion");
        let price = venue.price(&ticket, "Plein", 1_000);
        let callers = [venue.founder(), venue.admin(), venue.member(), venue.anyone()];
        let event = venue.event("Jam", &[&ticket], 50);
        let ids = [ticket, membership, price, venue.id(), event];
        Self { house, venue, callers, ids }
    }

    /// No failure of ours, and no change by what was refused.
    fn holds(&self, ask: impl FnOnce() -> Reply) -> Result<Reply, TestCaseError> {
        let before = self.house.ledger();
        let reply = ask();
        prop_assert!(reply.status < 500, "{}: {} {}", reply.asked, reply.status, reply.text());
        if reply.status >= 300 || reply.asked.starts_with("GET ") {
            prop_assert_eq!(self.house.ledger(), before, "{}: {}", &reply.asked, reply.status);
        }
        Ok(reply)
    }

    /// Every list can still be read.
    fn is_whole(&self) {
        for path in
            ["/api/place/", "/api/here/", "/api/products/", "/api/prices/", "/api/optionticket/"]
        {
            self.venue.anyone().get(path).ok(200);
        }
    }

    fn template(&self, path: &str, id: usize) -> String {
        path.replace("{id}", &self.ids[id % self.ids.len()])
    }
}

/// The path of a route, or anything.
fn any_path() -> impl Strategy<Value = String> {
    let paths: Vec<&str> =
        DOORS.iter().flat_map(|door| door.all_routes()).map(|route| route.path).collect();
    let known =
        (prop::sample::select(paths), any_word(), any_word()).prop_map(|(path, id, query)| {
            let path = path.replace("{path*}", &id);
            if query.is_empty() { path } else { format!("{path}?{query}") }
        });
    prop_oneof![4 => known, 1 => any::<String>(), 1 => "/[ -~]{0,40}", 1 => "(/api)?(/[a-z%.{}-]{0,9}){0,5}/?"]
}

/// A short text with what parsers stumble over.
fn any_word() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,12}",
        "(limit|offset|format)=[0-9a-z-]{0,12}",
        "%[0-9a-fA-F]{0,2}(%[0-9A-F]{2}){0,4}",
        "[{}\\[\\]\"'\\\\,:;=&\u{0}\r\n\u{a0}é]{0,8}",
    ]
}

fn any_method() -> impl Strategy<Value = String> {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];
    prop_oneof![8 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => "[!-~]{1,9}"]
}

fn any_header() -> impl Strategy<Value = (String, String)> {
    let names = [
        "Accept",
        "Accept-Encoding",
        "Authorization",
        "Cookie",
        "Content-Length",
        "If-None-Match",
        "If-Range",
        "Range",
        "X-Forwarded-For",
        "X-Forwarded-Proto",
    ];
    let value = prop_oneof![
        any_word(),
        "(Bearer|Api-Key) [ -~]{0,60}",
        "bytes=[0-9]{0,22}-[0-9]{0,22}",
        "[a-zA-Z0-9]{8}\\.[a-zA-Z0-9]{32}",
    ];
    (prop::sample::select(names.to_vec()).prop_map(str::to_owned), value)
}

fn any_media_type() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("application/json".to_owned()),
        Just("application/x-www-form-urlencoded".to_owned()),
        Just("multipart/form-data; boundary=limit".to_owned()),
        "multipart/form-data(; ?boundary=\"?[ -~]{0,80}\"?)?",
        "[ -~]{0,30}",
    ]
}

#[test]
fn no_request_whatever_makes_the_server_fail() {
    let house = fuzzed();
    let target = Target::new(&house);
    let headers = prop::collection::vec(any_header(), 0..4);
    let body = prop::collection::vec(any::<u8>(), 0..200);
    let request =
        (any_method(), any_path(), headers, any_media_type(), body, 0..4_usize, any::<usize>());
    for_all(400, request, |(method, path, headers, media_type, body, caller, id)| {
        let mut caller = target.callers[caller].clone();
        for (name, value) in &headers {
            caller = caller.with(name, value);
        }
        let path = target.template(&path, id);
        if method != "DELETE" {
            target.holds(|| caller.send(&method, &path, Some(&media_type), body))?;
        }
        Ok(())
    });
    target.is_whole();
}

#[test]
fn no_host_whatever_makes_the_server_fail() {
    let house = fuzzed();
    let target = Target::new(&house);
    let host = prop_oneof![
        any::<String>(),
        "[a-z.:\\[\\]0-9-]{0,30}",
        "(www\\.)?bisik\\.example\\.org[ -~]{0,4}"
    ];
    for_all(200, (host, any_path()), |(host, path)| {
        let path = target.template(&path, 0);
        target.holds(|| house.at(&host).get(&path)).map(drop)
    });
}

#[test]
fn no_head_whatever_makes_the_server_fail() {
    let house = fuzzed();
    let target = Target::new(&house);
    let request =
        (any_method(), any_path(), prop::collection::vec(any_header(), 0..4), any_media_type());
    for_all(200, request, |(method, path, headers, media_type)| {
        let mut lower: Vec<_> =
            headers.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
        lower.push(("host".into(), target.venue.host.clone()));
        lower.push(("content-type".into(), media_type));
        let peer = ([127, 0, 0, 1], 1).into();
        let head = Head { method, target: target.template(&path, 0), headers: lower, peer };
        let _lane = house.app.lane(&head);
        if let Err(refusal) = house.app.accept_body(&head) {
            prop_assert!(refusal.status < 500, "{head:?}: {}", refusal.status);
        }
        Ok(())
    });
}

/// The text of a JSON value, or nearly one.
fn any_json() -> impl Strategy<Value = String> {
    let text = any_word().prop_map(|word| serde_json::Value::from(word).to_string());
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        text,
        "-?[0-9]{1,40}(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,5})?",
        "\"-?[0-9_ ]{1,12}(\\.[0-9]{0,4})?(e[0-9]{1,3})?\"",
        "\"(\\\\u[0-9a-fA-F]{4}){1,3}\"",
        "\"(true|False|on|NaN|inf|Infinity|é{1,300})\"",
        "(NaN|Infinity|-Infinity|nul|[{}\\[\\],:\"])",
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(("[a-z]{0,4}", inner), 0..4).prop_map(|members| {
                let members: Vec<_> = members.iter().map(|(k, v)| format!("\"{k}\":{v}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

/// What each input takes, by its route: names from the field tables themselves.
fn any_input() -> impl Strategy<Value = (&'static str, &'static str, Vec<&'static str>)> {
    let inputs: Vec<_> = DOORS
        .iter()
        .flat_map(|door| door.all_routes())
        .flat_map(|route| route.methods.iter().map(move |method| (route, method)))
        // A log-in costs a hash; its fields are of the same kinds as those of others.
        .filter(|(route, _)| route.name != "token")
        .filter_map(|(route, method)| {
            let names = method.input?.iter().map(|field| field.name);
            Some((method.verb, route.path, names.filter(|name| !name.ends_with("_url")).collect()))
        })
        .collect();
    prop::sample::select(inputs)
}

#[test]
fn no_value_of_any_field_makes_the_server_fail() {
    let house = fuzzed();
    let target = Target::new(&house);
    let values = prop::collection::vec((any::<usize>(), any_json()), 1..4);
    let request = (any_input(), values, any::<usize>(), any::<bool>(), any::<u64>());
    for_all(600, request, |((verb, path, names), values, id, with_image, number)| {
        let mut members = vec![
            format!(r#""product":"{}""#, target.ids[0]),
            format!(
                r#""name":"n{number}","prix":1,"organisation":"o{number}","short_description":"x""#
            ),
            r#""phone":"1","email":"a@example.org""#.to_owned(),
            format!(r#""categorie":"{}""#, if path.contains("artist") { "A" } else { "S" }),
        ];
        // An image costs time, so most bodies lack one.
        if with_image && number % 8 == 0 {
            members.push(format!(r#""img_url":"{0}","logo_url":"{0}""#, image_url("tiny.png")));
        }
        for (index, value) in values {
            members.push(format!(r#""{}":{value}"#, names[index % names.len()]));
        }
        let body = format!("{{{}}}", members.join(","));
        let path = target.template(path, id);
        let caller = &target.callers[usize::from(path == "/api/optionticket/")];
        let json = Some("application/json");
        target.holds(|| caller.send(verb, &path, json, body.into_bytes())).map(drop)
    });
    target.is_whole();
}

/// Something done to bytes.
#[derive(Clone, Debug)]
enum Harm {
    Flip(usize, u8),
    Cut(usize, usize),
    Double(usize, usize),
    End(usize),
}

fn any_harm() -> impl Strategy<Value = Vec<Harm>> {
    let at = || any::<usize>();
    let harm = prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Harm::Flip(at, byte)),
        (at(), 1..40_usize).prop_map(|(at, length)| Harm::Cut(at, length)),
        (at(), 1..200_usize).prop_map(|(at, length)| Harm::Double(at, length)),
        at().prop_map(Harm::End),
    ];
    prop::collection::vec(harm, 0..4)
}

fn harmed(mut bytes: Vec<u8>, harms: &[Harm]) -> Vec<u8> {
    for harm in harms {
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        match *harm {
            Harm::Flip(at, byte) => bytes[at % length] = byte,
            Harm::Cut(at, many) => drop(bytes.drain(at % length..(at % length + many).min(length))),
            Harm::Double(at, many) => {
                let part = bytes[at % length..(at % length + many).min(length)].to_vec();
                bytes.splice(at % length..at % length, part);
            }
            Harm::End(at) => bytes.truncate(at % length),
        }
    }
    bytes
}

#[test]
fn no_damaged_body_makes_the_server_fail() {
    let house = fuzzed();
    let target = Target::new(&house);
    let json = format!(
        r#"{{"product":"{}","name":"Demi","prix":"5.50","stock":3,"vat":"NA"}}"#,
        target.ids[0]
    );
    let form = format!("product={}&name=Demi+tarif&prix=5&stock=&vat=NA", target.ids[0]);
    let (limit, parts) = multipart(
        &[("name", "Billet"), ("publish", "true"), ("categorie_article", "B")],
        &[("img", "tiny.png")],
    );
    let bodies = [
        ("/api/prices/", "application/json".to_owned(), json.into_bytes()),
        ("/api/prices/", "application/x-www-form-urlencoded".to_owned(), form.into_bytes()),
        ("/api/products/", limit, parts),
    ];
    for_all(400, (0..bodies.len(), any_harm(), any::<u32>()), |(index, harms, _)| {
        let (path, media_type, body) = &bodies[index];
        let body = harmed(body.clone(), &harms);
        target.holds(|| target.callers[0].send("POST", path, Some(media_type), body)).map(drop)
    });
    target.is_whole();
}

#[test]
fn no_damaged_image_makes_the_server_fail() {
    let house = fuzzed();
    let target = Target::new(&house);
    let tiny = image("tiny.png");
    for_all(100, (any_harm(), any::<u32>()), |(harms, number)| {
        let head = format!(
            "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nn{number}\r\n--b\r\n\
             Content-Disposition: form-data; name=\"img\"; filename=\"a.png\"\r\n\r\n"
        );
        let body = [head.as_bytes(), &harmed(tiny.clone(), &harms), b"\r\n--b--\r\n"].concat();
        let media_type = Some("multipart/form-data; boundary=b");
        target
            .holds(|| target.callers[0].send("POST", "/api/products/", media_type, body))
            .map(drop)
    });
    target.is_whole();
}

#[test]
fn any_boundary_and_any_part_of_a_form_can_be_read_or_refused() {
    let house = fuzzed();
    let target = Target::new(&house);
    let part =
        ("[ -~]{0,20}", prop::option::of("[ -~]{0,20}"), prop::collection::vec(any::<u8>(), 0..60));
    let form = ("[ -~]{0,70}", prop::collection::vec(part, 0..5), any::<bool>());
    for_all(300, form, |(boundary, parts, ends)| {
        let mut body = vec![];
        for (name, file, bytes) in &parts {
            body.extend_from_slice(
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"")
                    .as_bytes(),
            );
            if let Some(file) = file {
                body.extend_from_slice(format!("; filename=\"{file}\"").as_bytes());
            }
            body.extend_from_slice(b"\r\n\r\n");
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        if ends {
            body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        }
        let media_type = format!("multipart/form-data; boundary={boundary}");
        target
            .holds(|| target.callers[0].send("POST", "/api/prices/", Some(&media_type), body))
            .map(drop)
    });
}

#[test]
fn every_slug_makes_a_host_of_its_own() {
    let domain = Host::parse("example.org").unwrap();
    let names = prop_oneof![any::<String>(), "[a-zA-Z0-9 _é'&.-]{0,80}", "[ﬁ㎨Ⅷ½ -]{0,50}"];
    for_all(500, (names, 2..10_000_u32), |(name, number)| {
        if let Some(slug) = Slug::of(&name) {
            let text = slug.as_str();
            prop_assert!(!text.starts_with(['-', '_']) && !text.ends_with(['-', '_']), "{text}");
            for slug in [slug.clone(), slug.numbered(number)] {
                let host = domain.under(slug.as_str());
                prop_assert_eq!(
                    host.map(|host| host.to_string()),
                    Some(format!("{slug}.example.org"))
                );
            }
        }
        Ok(())
    });
}
