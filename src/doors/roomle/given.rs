//! What a request's body gives: one JSON object, bare or under its name, read member by member.
//!
//! A member that is absent changes nothing, `null` clears. What is wrong is said of its member.

use crate::doors::tibillet::data::{Body, Part};
use crate::doors::{Call, Failure};
use crate::error::Error;
use crate::trade::Page;
use crate::values::is_plain;
use serde_json::{Map, Value};

/// The members of an object.
pub(super) struct Given(Map<String, Value>);

type Read<T> = Result<T, Error>;

impl Given {
    /// The body of a request: JSON, or a form, whose fields are texts, lists where there are several of a name.
    pub(super) fn body(call: &Call<'_>) -> Result<Self, Failure> {
        let bad = |what: &str| Failure::Malformed(format!("the body is no JSON object: {what}"));
        let text = match Body::read(call)? {
            Body::Form(parts) => return Ok(Self(form(parts)?)),
            Body::Json(text) => text,
        };
        let value: Value = serde_json::from_str(&text).map_err(|e| bad(&e.to_string()))?;
        if depth(&value) > call.desk.json_depth {
            return Err(bad("too deeply nested"));
        }
        match value {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(bad("something else")),
        }
    }

    /// The object under this name, or, where there is none, this one.
    pub(super) fn within(mut self, name: &'static str) -> Read<Self> {
        match self.0.remove(name) {
            None => Ok(self),
            Some(Value::Object(members)) => Ok(Self(members)),
            Some(_) => Err(Error::invalid(name, "must be an object")),
        }
    }

    /// The object under this name; an empty one where there is none.
    pub(super) fn object(&self, name: &'static str) -> Read<Self> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(Self(Map::new())),
            Some(Value::Object(members)) => Ok(Self(members.clone())),
            Some(_) => Err(Error::invalid(name, "must be an object")),
        }
    }

    /// The objects of the list under this name.
    pub(super) fn objects(&mut self, name: &'static str) -> Read<Option<Vec<Self>>> {
        let Some(value) = self.0.remove(name) else { return Ok(None) };
        let Value::Array(values) = value else {
            return Err(Error::invalid(name, "must be a list of objects"));
        };
        let object = |value| match value {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(Error::invalid(name, "must be a list of objects")),
        };
        values.into_iter().map(object).collect::<Read<Vec<_>>>().map(Some)
    }

    /// What stands there, `null` too.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A text of at most so many characters that may be cleared.
    pub(super) fn clearable(&self, name: &'static str, max: usize) -> Read<Option<Option<String>>> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            Some(Value::String(text)) if is_plain(text.trim(), max) => {
                let text = text.trim();
                Ok(Some((!text.is_empty()).then(|| text.to_owned())))
            }
            Some(_) => {
                let what = format!(
                    "must be a text of at most {max} characters, none of them a control character"
                );
                Err(Error::invalid(name, what))
            }
        }
    }

    /// A text of 1 to so many characters.
    pub(super) fn text(&self, name: &'static str, max: usize) -> Read<Option<String>> {
        match self.clearable(name, max)? {
            None => Ok(None),
            Some(Some(text)) => Ok(Some(text)),
            Some(None) => Err(Error::invalid(name, "must not be empty")),
        }
    }

    /// A text as it stands, spaces and all.
    pub(super) fn verbatim(&self, name: &'static str, max: usize) -> Read<Option<String>> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.chars().count() <= max => Ok(Some(text.clone())),
            Some(_) => {
                Err(Error::invalid(name, format!("must be a text of at most {max} characters")))
            }
        }
    }

    /// Yes or no.
    pub(super) fn flag(&self, name: &'static str) -> Read<Option<bool>> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(Error::invalid(name, "must be true or false")),
        }
    }

    /// A whole number.
    pub(super) fn number(&self, name: &'static str) -> Read<Option<i64>> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => match value.as_i64().or_else(|| value.as_str()?.parse().ok()) {
                Some(number) => Ok(Some(number)),
                None => Err(Error::invalid(name, "must be a whole number")),
            },
        }
    }

    /// Ids, `max` at the most: as texts, or as the objects that have them.
    pub(super) fn ids(&self, name: &'static str, max: usize) -> Read<Option<Vec<String>>> {
        let wrong = || Error::invalid(name, format!("must be a list of at most {max} ids"));
        let id = |value: &Value| value.get("id").unwrap_or(value).as_str().map(str::to_owned);
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(one)) => Ok(Some(vec![one.clone()])),
            Some(Value::Array(values)) if values.len() <= max => {
                let ids = values.iter().map(|value| id(value).ok_or_else(wrong));
                ids.collect::<Read<Vec<_>>>().map(Some)
            }
            Some(_) => Err(wrong()),
        }
    }

    /// Short texts, `max` at the most.
    pub(super) fn texts(&self, name: &'static str, max: usize) -> Read<Option<Vec<String>>> {
        let wrong = || Error::invalid(name, format!("must be a list of at most {max} texts"));
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(one)) => Ok(Some(vec![one.clone()])),
            Some(Value::Array(values)) if values.len() <= max => {
                let text = |value: &Value| value.as_str().map(str::to_owned).ok_or_else(wrong);
                values.iter().map(text).collect::<Read<Vec<_>>>().map(Some)
            }
            Some(_) => Err(wrong()),
        }
    }
}

/// The fields of a form as members. An image is named by its address, as in JSON.
fn form(parts: Vec<(String, Part)>) -> Result<Map<String, Value>, Failure> {
    let mut members = Map::new();
    for (name, part) in parts {
        let Part::Text(text) = part else {
            return Err(Failure::Malformed(format!(
                "{name}: send the address of a file, not the file"
            )));
        };
        let value = match text.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => Value::String(text),
        };
        match members.get_mut(&name) {
            None => drop(members.insert(name, value)),
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Ok(members)
}

/// Things of a list at the most.
const PAGE_MAX: i64 = 1_000;

/// The page that `?limit=&offset=` ask for.
pub(super) fn page(call: &Call<'_>) -> Read<Page> {
    let number = |name: &'static str| match call.request.get_param(name).map(|n| n.parse::<u32>()) {
        None => Ok(None),
        Some(Ok(number)) => Ok(Some(i64::from(number))),
        Some(Err(_)) => Err(Error::invalid(name, "must be a whole number")),
    };
    let limit = number("limit")?.unwrap_or(PAGE_MAX).min(PAGE_MAX);
    Ok(Page { limit, offset: number("offset")?.unwrap_or(0) })
}

/// How many objects and lists stand in each other.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(values) => 1 + values.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
