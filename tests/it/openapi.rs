//! The description of all routes: whole, and true of every golden answer.

use crate::golden::folder;
use crate::support::house;
use guichet::doors::{self, DOORS};
use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn description() -> Value {
    house().at("any.example.com").get("/api/openapi.json").ok(200)
}

/// The path of a route as the description writes it.
fn described(path: &str) -> String {
    path.replace("*}", "}")
}

/// A schema of the description, its references resolved by carrying all components.
fn validator(description: &Value, schema: &Value) -> Validator {
    let mut whole = schema.clone();
    whole["components"] = description["components"].clone();
    jsonschema::draft202012::new(&whole).unwrap()
}

#[test]
fn every_method_of_every_route_is_described_and_no_other() {
    let description = description();
    let mut described_operations = vec![];
    for (path, item) in description["paths"].as_object().unwrap() {
        let verbs = item.as_object().unwrap().keys().filter(|key| *key != "parameters");
        described_operations.extend(verbs.map(|verb| format!("{} {path}", verb.to_uppercase())));
    }
    let mut operations: Vec<String> = DOORS
        .iter()
        .flat_map(|door| door.all_routes())
        .flat_map(|route| {
            route.methods.iter().map(|m| format!("{} {}", m.verb, described(route.path)))
        })
        .collect();
    operations.sort();
    described_operations.sort();
    assert_eq!(described_operations, operations);
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let description = description();
    let operations = description["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap());
    let mut names: Vec<&str> =
        operations.filter_map(|(_, operation)| operation["operationId"].as_str()).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn every_reference_of_the_description_leads_somewhere() {
    let description = description();
    let mut references = vec![];
    gather(&description, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(description.pointer(pointer).is_some(), "{reference}");
    }
}

fn gather<'a>(value: &'a Value, references: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            references.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|member| gather(member, references));
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, references)),
        _ => {}
    }
}

#[test]
fn a_list_is_described_with_a_limit_where_it_takes_one_and_nowhere_else() {
    let description = description();
    let house = house();
    let staff = house.meta().admin();
    for (path, item) in description["paths"].as_object().unwrap() {
        // Its pages are tried by tests of their own: it has other credentials and other errors.
        if item["get"]["tags"] == json!(["roomle"]) {
            continue;
        }
        let parameters = item["get"]["parameters"].as_array();
        let names: Vec<&str> =
            parameters.into_iter().flatten().filter_map(|p| p["name"].as_str()).collect();
        for name in ["limit", "offset"] {
            let target =
                format!("{}?{name}=many", path.replace("{id}", "x").replace("{path}", "x"));
            let reply = staff.get(&target);
            let is_read = reply.status == 400 && reply.json()[name].is_array();
            assert_eq!(names.contains(&name), is_read, "{target}");
        }
    }
}

#[test]
fn every_schema_of_the_description_is_one() {
    let description = description();
    for (name, schema) in description["components"]["schemas"].as_object().unwrap() {
        assert!(jsonschema::draft202012::meta::is_valid(schema), "{name}");
        validator(&description, schema);
    }
}

#[test]
fn every_golden_answer_is_as_the_description_says() {
    let description = description();
    let mut checked = BTreeSet::new();
    for door in DOORS {
        for entry in std::fs::read_dir(folder(door.name)).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            checked.extend(holds(&description, &serde_json::from_str(&text).unwrap()));
        }
    }
    let routes = DOORS.iter().flat_map(|door| door.all_routes());
    let all = routes.flat_map(|route| route.methods.iter().map(|method| (route.name, method.verb)));
    // Pages that are different each time; tests of their own look at them.
    let pages = BTreeSet::from([
        ("confirm", "POST"),
        ("invitation", "GET"),
        ("invitation", "POST"),
        ("job_file", "GET"),
        ("stripe_return", "GET"),
        ("ticket_page", "GET"),
    ]);
    assert_eq!(all.filter(|one| !checked.contains(one)).collect::<BTreeSet<_>>(), pages);
}

/// Validates one golden answer, when it is one of success: of which route and method.
fn holds(description: &Value, golden: &Value) -> Option<(&'static str, &'static str)> {
    let (verb, target) = golden["asked"].as_str().unwrap().split_once(' ').unwrap();
    let path = target.split('?').next().unwrap();
    let found = doors::find(path)?;
    let method = found.route.method(verb)?;
    let status = golden["status"].as_u64().unwrap();
    if status != u64::from(method.output.0) {
        assert!(status >= 400, "{verb} {path} answered {status}, which is not described");
        return None;
    }
    let responses = &description["paths"][described(found.route.path)][verb.to_lowercase()]["responses"]
        [status.to_string()];
    if status == 204 || (status == 202 && golden["body"] == json!("")) {
        assert_eq!(
            (&golden["body"], responses.get("content")),
            (&json!(""), None),
            "{verb} {path}"
        );
        return Some((found.route.name, method.verb));
    }
    let (media_type, content) = responses["content"].as_object().unwrap().iter().next().unwrap();
    let sent = golden["headers"]["Content-Type"].as_str().unwrap();
    assert!(media_type == "*/*" || media_type == sent, "{verb} {path}: {sent}");
    let validator = validator(description, &content["schema"]);
    let faults: Vec<String> =
        validator.iter_errors(&golden["body"]).map(|fault| fault.to_string()).collect();
    assert!(faults.is_empty(), "{verb} {path}: {faults:?}");
    Some((found.route.name, method.verb))
}

#[test]
fn what_a_route_requires_is_what_the_description_requires() {
    let description = description();
    let house = house();
    let venue = house.venue("Bisik");
    for (path, caller) in [
        ("/api/prices/", venue.staff()),
        ("/api/optionticket/", venue.admin()),
        ("/api/reservations/", venue.anyone()),
        ("/api/orders/", venue.anyone()),
    ] {
        let input = &description["paths"][path]["post"]["requestBody"]["content"]["application/json"]
            ["schema"];
        let required: Vec<&str> =
            input["required"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        caller.post(path, &json!({})).faults(&required);
    }
}
