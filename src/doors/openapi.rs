//! The description of all routes (OpenAPI 3.1): paths from the route tables, shapes from the wire types, inputs from
//! the field tables. Nothing is written twice, so nothing can differ.

use super::tibillet::fields::{Field, Kind};
use super::{DOORS, Guard, Handler, Method, Route};
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

static TEXT: LazyLock<String> = LazyLock::new(|| {
    // A tree of plain values always has a text.
    serde_json::to_string_pretty(&document()).unwrap_or_default()
});

/// The whole description as JSON.
#[must_use]
pub fn text() -> &'static str {
    &TEXT
}

/// Any object.
#[must_use]
pub fn object(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({ "type": "object" })
}

fn document() -> Value {
    let settings =
        SchemaSettings::draft2020_12().with(|s| s.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for door in DOORS {
        for route in door.all_routes() {
            let mut item = Map::new();
            if route.path.contains('{') {
                item.insert("parameters".into(), parameters_of(route.path).into());
            }
            for method in route.methods {
                item.insert(
                    method.verb.to_lowercase(),
                    operation(door.name, route, method, &mut generator),
                );
            }
            paths.insert(route.path.replace("*}", "}"), Value::Object(item));
        }
    }
    let errors = json!({ "type": "object", "description": "A `detail`, or a list of sentences for each field." });
    let mut schemas = generator.take_definitions(true);
    schemas.insert("Error".into(), errors);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "guichet",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The box office of a venue: places, products, prices. Each tenant answers on its own host."
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "key": { "type": "apiKey", "in": "header", "name": "Authorization", "description": "`Api-Key <8>.<32>`" },
                "application": { "type": "apiKey", "in": "header", "name": "apiKey" },
                "session": {
                    "type": "apiKey", "in": "header", "name": "token",
                    "description": "`<01|02|03>-<base64>` of `timestamp;session;apiKey`"
                },
                "pair_key": { "type": "apiKey", "in": "header", "name": "consumer_key" },
                "pair_secret": { "type": "apiKey", "in": "header", "name": "consumer_secret" },
                "token": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" }
            }
        }
    })
}

/// What stands at the `{…}` of a path.
fn parameters_of(path: &str) -> Vec<Value> {
    let names = path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    names
        .map(|name| {
            let name = name.trim_start_matches('#').trim_end_matches('*');
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
        })
        .collect()
}

/// What stands behind the `?`.
fn parameters(method: &Method) -> Vec<Value> {
    let mut all = vec![];
    if method.paged {
        let about = ["The most that are listed; without it, all.", "How many are left out first."];
        all.extend(["limit", "offset"].into_iter().zip(about).map(number));
    }
    all.extend(method.query.iter().map(|field| {
        let schema = property(field);
        json!({ "name": field.name, "in": "query", "required": field.required, "schema": schema })
    }));
    all
}

/// A whole number behind the `?`.
fn number((name, about): (&str, &str)) -> Value {
    let schema = json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX });
    json!({ "name": name, "in": "query", "description": about, "schema": schema })
}

fn operation(door: &str, route: &Route, method: &Method, generator: &mut SchemaGenerator) -> Value {
    let (status, shape) = method.output;
    let schema = shape(generator);
    let mut responses = Map::new();
    let content = if status == 204 || (door == "roomle" && status == 202) {
        json!({ "description": "Done." })
    } else {
        let media_type = match schema.get("contentMediaType").and_then(Value::as_str) {
            Some(exact) if !exact.ends_with('*') => exact.to_owned(),
            None if ["tibillet", "roomle"].contains(&door) || route.name == "openapi" => {
                "application/json".to_owned()
            }
            _ => "*/*".to_owned(),
        };
        json!({ "description": "Done.", "content": { media_type: { "schema": schema } } })
    };
    responses.insert(status.to_string(), content);
    let error =
        json!({ "description": "Refused.", "content": { "application/json": { "schema": {} } } });
    responses.insert("4XX".into(), error);
    let mut operation = json!({
        "operationId": format!("{}-{}", method.verb.to_lowercase(), route.name),
        "tags": [door],
        "summary": method.summary,
        "responses": responses,
    });
    let parameters = parameters(method);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(fields) = method.input {
        let schema = input(fields, method.verb == "POST");
        let forms: &[&str] = match door {
            "coach" => &["application/xml"],
            _ => &["application/x-www-form-urlencoded", "multipart/form-data"],
        };
        let media_types = ["application/json"].into_iter().chain(forms.iter().copied());
        let content: Map<String, Value> =
            media_types.map(|one| (one.to_owned(), json!({ "schema": schema }))).collect();
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    operation["security"] = match (&method.handler, route.guard) {
        // Reads the key itself, since one from a wrong address is told so.
        _ if route.name == "keytest" => json!([{ "key": [] }]),
        _ if door == "roomle" => json!([{ "application": [], "session": [] }]),
        (Handler::Public(_) | Handler::House(_), _) => json!([]),
        _ if door == "coach" => json!([{ "pair_key": [], "pair_secret": [] }]),
        (_, Guard::Staff(Some(_))) => json!([{ "key": [] }, { "token": [] }]),
        _ => json!([{ "token": [] }]),
    };
    operation
}

/// The schema of a field table. Of several ways to write a value, such as a number as text, it names the plain one.
fn input(fields: &[Field], whole: bool) -> Value {
    let properties: Map<String, Value> =
        fields.iter().map(|field| (field.name.to_owned(), property(field))).collect();
    let required: Vec<&str> =
        fields.iter().filter(|field| field.required && whole).map(|field| field.name).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

fn property(field: &Field) -> Value {
    let mut schema = match field.kind {
        Kind::Text(max) => json!({ "type": "string", "maxLength": max }),
        Kind::Verbatim => json!({ "type": "string" }),
        Kind::Email => json!({ "type": "string", "format": "email", "maxLength": 254 }),
        Kind::Link(max) => json!({ "type": "string", "format": "uri", "maxLength": max }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Integer { max, floor, .. } => {
            json!({ "type": "integer", "minimum": floor, "maximum": max })
        }
        Kind::Money => json!({ "type": ["number", "string"], "minimum": 0, "maximum": 999_999.99 }),
        Kind::Percent { floor: 0 } => {
            json!({ "type": ["number", "string"], "minimum": 0, "maximum": 100 })
        }
        Kind::Percent { .. } => {
            json!({ "type": ["number", "string"], "minimum": 0.01, "maximum": 100 })
        }
        Kind::Choice(choices) | Kind::OneOf(choices) => {
            json!({ "type": "string", "enum": choices })
        }
        Kind::Key => json!({ "type": "string", "format": "uuid" }),
        Kind::Image(_) => {
            json!({ "type": "string", "contentMediaType": "image/*", "contentEncoding": "binary" })
        }
        Kind::Moment => {
            json!({ "type": "string", "format": "date-time", "description": "Without an offset: where the venue is." })
        }
        Kind::Day => {
            json!({ "type": "string", "format": "date", "description": "A day of the venue's clock." })
        }
        Kind::Raw(what) => json!({ "description": what }),
    };
    if field.null
        && let Some(kind) = schema.get("type").cloned()
    {
        schema["type"] = match kind {
            Value::Array(mut kinds) => {
                kinds.push("null".into());
                kinds.into()
            }
            one => json!([one, "null"]),
        };
    }
    schema
}
