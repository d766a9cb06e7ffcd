//! What all answers of this door have in common: the envelope, `meta`, moments, and that any page may read them.

use crate::doors::Call;
use rouille::Response;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// A JSON answer, or an empty one. Tokens and not cookies say who asks, so a page of any origin may; nothing of it is to be
/// kept on the way.
pub(super) fn answer(status: u16, value: &impl Serialize) -> Response {
    let response = match status {
        202 | 204 => Response::empty_204().with_status_code(status),
        // Writing plain structs into memory does not fail.
        _ => Response::from_data("application/json", serde_json::to_vec(value).unwrap_or_default())
            .with_status_code(status),
    };
    response
        .with_unique_header("Access-Control-Allow-Origin", "*")
        .with_unique_header("Cache-Control", "no-store")
}

/// `{"<name>": …, "meta": …}` of one thing.
pub(super) fn one(call: &Call<'_>, name: &'static str, value: impl Serialize) -> Response {
    answer(200, &Envelope { members: vec![(name, value)], meta: meta(call, 1) })
}

/// `{"<name>": […], "meta": …}` of one page of `total` things.
pub(super) fn many<T: Serialize>(
    call: &Call<'_>,
    name: &'static str,
    values: &[T],
    total: i64,
) -> Response {
    answer(200, &Envelope { members: vec![(name, values)], meta: meta(call, total) })
}

/// Members beside `meta`.
pub(super) struct Envelope<T> {
    pub(super) members: Vec<(&'static str, T)>,
    pub(super) meta: Meta,
}

impl<T: Serialize> Serialize for Envelope<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.members.len() + 1))?;
        for (name, value) in &self.members {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry("meta", &self.meta)?;
        map.end()
    }
}

/// What stands beside what was asked for.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RoomleMeta")]
pub(super) struct Meta {
    cached: bool,
    total: i64,
    #[serde(rename = "serverTime")]
    server_time: String,
}

pub(super) fn meta(call: &Call<'_>, total: i64) -> Meta {
    Meta { cached: false, total, server_time: call.now.millis() }
}

/// Why not.
#[derive(Serialize)]
pub(super) struct WireError<'a> {
    pub(super) code: u16,
    pub(super) message: &'a str,
    pub(super) timestamp: String,
    pub(super) field: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct ErrorBody<'a> {
    pub(super) error: WireError<'a>,
    pub(super) meta: Meta,
}

/// The shape of one or many of `T` in its envelope.
pub(super) fn wrapped<T: JsonSchema>(
    generator: &mut SchemaGenerator,
    name: &'static str,
    listed: bool,
) -> Schema {
    let (inner, meta) = (generator.subschema_for::<T>(), generator.subschema_for::<Meta>());
    let inner = match listed {
        true => schemars::json_schema!({ "type": "array", "items": inner }),
        false => inner,
    };
    let name: Cow<'_, str> = name.into();
    let mut properties = serde_json::Map::new();
    properties.insert(name.to_string(), inner.to_value());
    properties.insert("meta".to_owned(), meta.to_value());
    schemars::json_schema!({ "type": "object", "properties": properties, "required": [name, "meta"] })
}
