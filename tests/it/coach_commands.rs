//! The verbs of the Coach dialect, and of licences, against a server that runs.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use crate::process::{Data, Done, Server};
use serde_json::{Value, json};

/// A verb on a tenant of a running server, with the pair of this slug.
fn ask(data: &Data, server: &Server, slug: &str, code: &str, verb: &[&str]) -> Done {
    let pair = data.json(&["coach", "key", slug]);
    let url = format!("http://{}", server.at);
    let (key, secret) = (pair[0]["key"].as_str().unwrap(), pair[0]["secret"].as_str().unwrap());
    let head = ["coach", "tenant", verb[0], "--server", &url, "--code", code, "--key", key];
    data.told(&[&head[..], &verb[1..]].concat(), secret)
}

/// A house that answers at its number too.
fn served() -> (Data, Server) {
    let (data, _) = Data::with_shop();
    data.ok(&["tenant", "domain", "add", "meta", "127.0.0.1"]);
    let server = data.serve();
    (data, server)
}

#[test]
fn a_tenant_is_read_and_changed_by_put_and_by_post() {
    let (data, server) = served();
    let read = |done: Done| -> Value {
        assert_eq!(done.status, 0, "{}", done.err);
        serde_json::from_str(&done.out).unwrap()
    };
    let before = read(ask(&data, &server, "le-bisik", "1002", &["get"]));
    assert_eq!(before["name"], "Le Bisik");
    let update = ["update", "--set", "mainContact=Nina", "--set", "phone="];
    let after = read(ask(&data, &server, "le-bisik", "1002", &update));
    assert_eq!((&after["mainContact"], &after["phone"]), (&json!("Nina"), &Value::Null));
    let update = ["update", "--set", "mainContact=", "--via-post"];
    assert_eq!(read(ask(&data, &server, "le-bisik", "1002", &update))["mainContact"], Value::Null);
    let host = read(ask(&data, &server, "root", "1002", &["get"]));
    assert_eq!(host["name"], "Le Bisik");
    let wrong = ask(&data, &server, "le-bisik", "1002", &["update", "--set", "nothing=1"]);
    assert!(wrong.refused().contains("a tenant has no nothing"), "{}", wrong.err);
}

#[test]
fn an_error_of_a_running_server_is_found_again_by_its_id() {
    let (data, server) = served();
    let done = ask(&data, &server, "meta", "1002", &["get"]);
    let said = done.refused();
    assert!(said.contains("403 Forbidden"), "{said}");
    let id = said.split("(error ").nth(1).unwrap().split(')').next().unwrap();
    let found = data.json(&["coach", "error", id]);
    assert_eq!((&found[0]["status"], &found[0]["message"]), (&json!(403), &json!("Forbidden")));
    let none = data.guichet(&["coach", "error", "00000000-0000-4000-8000-000000000001"]);
    assert!(none.refused().contains("there is no error"), "{}", none.err);
    let pair = data.json(&["coach", "key", "meta"]);
    assert!(!server.log().contains(pair[0]["secret"].as_str().unwrap()));
}

#[test]
fn licences_are_added_listed_and_removed() {
    let data = Data::new();
    let add = ["licence", "add", "--customer", "C", "--code", "K", "--seats", "5"];
    data.ok(&add);
    assert!(data.guichet(&add).refused().contains("belongs to a licence"));
    let trial = ["licence", "add", "--customer", "D", "--code", "K", "--seats", "1", "--expires"];
    data.ok(&[&trial[..], &["2030-01-01T00:00:00Z"]].concat());
    assert!(data.guichet(&[&trial[..], &["soon"]].concat()).refused().contains("expires"));
    let listed = data.json(&["licence", "list"]);
    assert_eq!(
        listed[0],
        json!({ "customer": "C", "code": "K", "kind": "Forever", "expires": null, "seats": 5 })
    );
    assert_eq!(
        (&listed[1]["kind"], &listed[1]["expires"]),
        (&json!("Trial"), &json!("2030-01-01T00:00:00Z"))
    );
    let remove = ["licence", "remove", "--customer", "C", "--code", "K"];
    data.ok(&remove);
    assert!(data.guichet(&remove).refused().contains("no such licence"));
}
