//! What the browser's kit of the Roomle dialect expects of each object, by its published types, held against every answer
//! that stands as a golden file. The kit is compiled without strict null checks: what is null satisfies any type. Whether a
//! reference is a number or a text the documentation says, and its examples differ from the types.

use crate::golden;
use serde_json::{Map, Value};
use std::fs;

/// Members that are texts, numbers, yes or no, and lists.
struct Typed {
    names: &'static [&'static str],
    texts: &'static [&'static str],
    numbers: &'static [&'static str],
    flags: &'static [&'static str],
    lists: &'static [&'static str],
}

const TYPES: &[Typed] = &[
    Typed {
        names: &["tenant", "tenants"],
        texts: &["name", "label", "defaultLanguage", "configuration"],
        numbers: &[],
        flags: &["active", "showLanguageSwitch", "branded", "authenticationRequired"],
        lists: &["catalogs", "users", "roles", "plans"],
    },
    Typed {
        names: &["user", "users"],
        texts: &[
            "username",
            "firstname",
            "lastname",
            "email",
            "street",
            "zipcode",
            "city",
            "countryCode",
            "birthdate",
            "phone",
            "locale",
            "registerDate",
            "lastLogin",
            "emailValidated",
        ],
        numbers: &["salutationCode"],
        flags: &["active", "newsletter", "termsChanged", "providedConsentInTenant"],
        lists: &["tenants", "roles", "catalogs", "plans", "favorites"],
    },
    Typed {
        names: &["user2Tenants", "roles"],
        texts: &[],
        numbers: &["role"],
        flags: &[],
        lists: &[],
    },
    Typed {
        names: &["skin"],
        texts: &[
            "accentColor",
            "btnColorDark",
            "btnColorLight",
            "ciColor",
            "loginBackground",
            "logo",
            "mailBackgroundColor",
            "mailHeaderImage",
            "tenantUrl",
            "referralUrl",
            "translationPath",
        ],
        numbers: &[],
        flags: &[
            "hideMadeByRoomle",
            "hidePressLink",
            "hideShareButton",
            "hideFeedbackButton",
            "hideCatalogOverview",
        ],
        lists: &[],
    },
    Typed {
        names: &["catalog", "catalogs"],
        texts: &[
            "name",
            "featuredImage",
            "externalIdentifier",
            "cover",
            "description",
            "created",
            "updated",
        ],
        numbers: &["sort"],
        flags: &[
            "free",
            "public",
            "featured",
            "hidden",
            "hiddenByUser",
            "hiddenByTenant",
            "tenantIsOwner",
            "orderable",
            "active",
            "purchased",
            "branded",
        ],
        lists: &["items", "tags", "allTags", "rootTags", "retailers"],
    },
    Typed {
        names: &["tag", "tags"],
        texts: &[
            "label",
            "externalIdentifier",
            "created",
            "updated",
            "language",
            "description",
            "catalog",
        ],
        numbers: &["sort"],
        flags: &["global"],
        lists: &["tags", "parents", "items", "materials"],
    },
];

/// Every golden answer of the door that has a body.
fn answers() -> Vec<(String, Map<String, Value>)> {
    let files = fs::read_dir(golden::folder("roomle")).unwrap();
    let answers = files.filter_map(|file| {
        let path = file.unwrap().path();
        let case: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        Some((name, case["body"].as_object()?.clone()))
    });
    answers.collect()
}

#[test]
fn each_meta_says_when_it_was_and_how_many_there_are() {
    let mut seen = 0;
    for (name, body) in answers() {
        let Some(meta) = body.get("meta") else { continue };
        assert!(meta["serverTime"].is_string() && meta["total"].is_number(), "{name}: {meta}");
        seen += 1;
    }
    assert!(seen > 50, "{seen}");
}

#[test]
fn what_has_a_type_in_the_browsers_kit_is_of_that_type() {
    let mut seen = vec![0; TYPES.len()];
    for (name, body) in answers() {
        for (member, value) in &body {
            let at = TYPES.iter().position(|typed| typed.names.contains(&member.as_str()));
            let Some(at) = at else { continue };
            let objects = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            for object in objects.iter().filter_map(Value::as_object) {
                fits(&TYPES[at], object, &name);
                seen[at] += 1;
            }
        }
    }
    assert!(seen.iter().all(|seen| *seen > 0), "{seen:?}");
}

fn fits(typed: &Typed, object: &Map<String, Value>, name: &str) {
    let of = |names: &[&str], is: fn(&Value) -> bool| {
        for member in names {
            let value = object.get(*member).unwrap_or(&Value::Null);
            assert!(value.is_null() || is(value), "{name}: {member} is {value}");
        }
    };
    of(typed.texts, Value::is_string);
    of(typed.numbers, Value::is_number);
    of(typed.flags, Value::is_boolean);
    of(typed.lists, Value::is_array);
    let id = object.get("id").unwrap_or(&Value::Null);
    assert!(id.is_number() || id.is_string(), "{name}: id is {id}");
}
