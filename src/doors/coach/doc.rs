//! What this door answers, as a tree that is written as JSON or as XML: names in camelCase or PascalCase, `null` or
//! `xsi:nil`, lists under the names of what they hold.

use super::caller::{Media, media};
use crate::doors::Call;
use crate::values::Time;
use rouille::Response;
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::fmt::Display;
use uuid::Uuid;

/// A value.
pub(super) enum Doc {
    Null,
    Flag(bool),
    Number(i64),
    Text(String),
    /// Elements, and what each is called in XML.
    List(&'static str, Vec<Self>),
    /// Keys that are data.
    Lookup(Vec<(String, String)>),
    Object(Vec<(&'static str, Self)>),
}

impl Doc {
    pub(super) fn text(text: impl Display) -> Self {
        Self::Text(text.to_string())
    }

    pub(super) fn maybe(text: Option<impl Display>) -> Self {
        text.map_or(Self::Null, Self::text)
    }

    /// Ids as a list.
    pub(super) fn guids(ids: impl IntoIterator<Item = Uuid>) -> Self {
        Self::List("guid", ids.into_iter().map(Self::text).collect())
    }

    pub(super) fn moment(time: Option<Time>) -> Self {
        Self::maybe(time)
    }
}

impl Serialize for Doc {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(_, items) => serializer.collect_seq(items),
            Self::Lookup(pairs) => serializer.collect_map(pairs.iter().map(|(k, v)| (k, v))),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                members.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
                map.end()
            }
        }
    }
}

/// An answer in the request's own media type; `root` is what the document is called in XML. It may hold a secret, so
/// nobody keeps it.
pub(super) fn respond(call: &Call<'_>, status: u16, root: &str, doc: &Doc) -> Response {
    let response = match media(call) {
        Some(Media::Xml) => Response::from_data("application/xml", xml(root, doc)),
        // Writing a tree into memory does not fail.
        _ => Response::from_data("application/json", serde_json::to_vec(doc).unwrap_or_default()),
    };
    response.with_status_code(status).with_unique_header("Cache-Control", "no-store")
}

/// An answer of a list: in XML `ArrayOf…` of what it holds.
pub(super) fn list(call: &Call<'_>, item: &'static str, items: Vec<Doc>) -> Response {
    respond(call, 200, &format!("ArrayOf{item}"), &Doc::List(item, items))
}

const HEAD: &str = r#"<?xml version="1.0" encoding="utf-8"?>"#;
const SPACE: &str = r#" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance""#;

fn xml(root: &str, doc: &Doc) -> Vec<u8> {
    let mut text = String::from(HEAD);
    element(&mut text, root, SPACE, doc);
    text.into_bytes()
}

fn element(text: &mut String, name: &str, space: &str, doc: &Doc) {
    if matches!(doc, Doc::Null) {
        text.extend(["<", name, space, r#" xsi:nil="true"/>"#]);
        return;
    }
    text.extend(["<", name, space, ">"]);
    match doc {
        Doc::Null => {}
        Doc::Flag(flag) => text.push_str(if *flag { "true" } else { "false" }),
        Doc::Number(number) => text.push_str(&number.to_string()),
        Doc::Text(plain) => push(text, plain),
        Doc::List(item, items) => items.iter().for_each(|one| element(text, item, "", one)),
        Doc::Lookup(pairs) => {
            for (key, value) in pairs {
                text.push_str("<Item><Key>");
                push(text, key);
                text.push_str("</Key><Value>");
                push(text, value);
                text.push_str("</Value></Item>");
            }
        }
        Doc::Object(members) => {
            members.iter().for_each(|(name, value)| element(text, &pascal(name), "", value));
        }
    }
    text.extend(["</", name, ">"]);
}

/// A name as C# has it.
fn pascal(name: &str) -> String {
    if name == "recorderPlayerId" {
        return "RecorderMediaPlayerId".into();
    }
    let mut rest = name.chars();
    rest.next()
        .map_or(String::new(), |first| first.to_ascii_uppercase().to_string() + rest.as_str())
}

/// Text with what XML reads otherwise written out, and what it cannot hold replaced.
fn push(text: &mut String, plain: &str) {
    let held: String = plain
        .chars()
        .map(|c| match c {
            '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'.. => c,
            _ => '\u{fffd}',
        })
        .collect();
    text.push_str(&quick_xml::escape::escape(&held));
}
