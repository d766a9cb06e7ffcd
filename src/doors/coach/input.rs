//! What a request brings: its members by name, whatever their letter case, from its body or from a header that is named
//! like the parameter. Absent is unchanged, null takes away, and only what has changed is held against its length.

use super::caller::{Media, media};
use super::errors::{Known, fail};
use super::xml;
use crate::doors::tibillet::fields::{Field, Kind};
use crate::doors::{Call, Failure};
use crate::values::{Time, is_plain};
use serde_json::{Map, Value};
use std::io::Read as _;
use uuid::Uuid;

/// Ids of one list.
const IDS: usize = 2_000;

/// The members of a request.
pub(super) struct Input<'c> {
    pub(super) call: &'c Call<'c>,
    fields: &'static [Field],
    members: Vec<(String, Value)>,
}

impl<'c> Input<'c> {
    /// Reads the body, or the header of the parameter's name where the body is empty.
    pub(super) fn read(
        call: &'c Call<'c>,
        parameter: &str,
        fields: &'static [Field],
    ) -> Result<Self, Failure> {
        let wrong = |what: String| fail(call, Known::Malformed, &what);
        let mut bytes = vec![];
        if let Some(mut data) = call.request.data() {
            data.read_to_end(&mut bytes).map_err(|error| wrong(error.to_string()))?;
        }
        if bytes.is_empty() {
            bytes = call.request.header(parameter).unwrap_or("").as_bytes().to_vec();
        }
        let text = String::from_utf8(bytes).map_err(|_| wrong("the body is no UTF-8".into()))?;
        let members = match media(call) {
            _ if text.trim().is_empty() => return Err(fail(call, Known::Required, parameter)),
            Some(Media::Xml) => xml::read(&text).map_err(wrong)?,
            _ => object(&text).map_err(wrong)?,
        };
        let lower = |(name, value): (String, Value)| (name.to_lowercase(), value);
        Ok(Self { call, fields, members: members.into_iter().map(lower).collect() })
    }

    /// The same request, looked at as the members of one of its objects.
    pub(super) fn inner(&self, name: &str, fields: &'static [Field]) -> Option<Self> {
        let Some(Value::Object(members)) = self.get(name) else { return None };
        let lower = |(name, value): (&String, &Value)| (name.to_lowercase(), value.clone());
        Some(Self { call: self.call, fields, members: members.iter().map(lower).collect() })
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        let name = self.alias(name);
        self.members.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The name of a member as it is looked up: in C# one is called otherwise.
    fn alias(&self, name: &str) -> String {
        let is_other = name == "recorderPlayerId"
            && self.members.iter().any(|(key, _)| key == "recordermediaplayerid");
        if is_other { "recordermediaplayerid".into() } else { name.to_lowercase() }
    }

    pub(super) fn wrong(&self, known: Known, what: &str) -> Failure {
        fail(self.call, known, what)
    }

    /// The longest text that a field may hold.
    fn longest(&self, name: &str) -> usize {
        let field = self.fields.iter().find(|field| field.name == name);
        match field.map(|field| field.kind) {
            Some(Kind::Text(max)) => max,
            _ => usize::MAX,
        }
    }

    /// A text that may be none; an empty one is none.
    pub(super) fn text(&self, name: &str, slot: &mut Option<String>) -> Result<(), Failure> {
        let new = match self.get(name) {
            None => return Ok(()),
            Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()).filter(|text| !text.is_empty()),
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(_) => return Err(self.wrong(Known::Value, &format!("{name} must be a text."))),
        };
        let max = self.longest(name);
        if new != *slot && new.as_ref().is_some_and(|text| text.chars().count() > max) {
            let what = format!("{name} has {max} characters at the most.");
            return Err(self.wrong(Known::TooLong, &what));
        }
        if new != *slot && new.as_ref().is_some_and(|text| !is_plain(text, max)) {
            return Err(self.wrong(Known::Value, &format!("{name} holds a control character.")));
        }
        *slot = new;
        Ok(())
    }

    /// A text that is always there.
    pub(super) fn required(&self, name: &str, slot: &mut String) -> Result<(), Failure> {
        let mut text = Some(std::mem::take(slot)).filter(|text| !text.is_empty());
        self.text(name, &mut text)?;
        let missing = || self.wrong(Known::Required, name);
        *slot = text.filter(|text| !text.trim().is_empty()).ok_or_else(missing)?;
        Ok(())
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Failure> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::String(text)) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "1" => Ok(Some(true)),
                "false" | "0" => Ok(Some(false)),
                _ => Err(self.wrong(Known::Value, &format!("{name} must be true or false."))),
            },
            Some(_) => Err(self.wrong(Known::Value, &format!("{name} must be true or false."))),
        }
    }

    pub(super) fn moment(&self, name: &str, slot: &mut Option<Time>) -> Result<(), Failure> {
        let wrong = || self.wrong(Known::Date, &format!("{name} must be as 2015-11-20T00:00:00Z."));
        *slot = match self.get(name) {
            None => return Ok(()),
            Some(Value::Null) => None,
            Some(Value::String(text)) if text.trim().is_empty() => None,
            Some(Value::String(text)) => Some(Time::parse_utc(text.trim()).ok_or_else(wrong)?),
            Some(_) => return Err(wrong()),
        };
        Ok(())
    }

    /// An id; the empty one is none.
    pub(super) fn guid(&self, name: &str, slot: &mut Option<Uuid>) -> Result<(), Failure> {
        *slot = match self.get(name) {
            None => return Ok(()),
            Some(Value::Null) => None,
            Some(value) => Some(self.id(name, value)?).filter(|id| !id.is_nil()),
        };
        Ok(())
    }

    /// Ids, each once; none: unchanged.
    pub(super) fn guids(&self, name: &str) -> Result<Option<Vec<Uuid>>, Failure> {
        let values = match self.get(name) {
            None => return Ok(None),
            Some(Value::Null) => return Ok(Some(vec![])),
            Some(Value::String(text)) if text.trim().is_empty() => return Ok(Some(vec![])),
            Some(Value::Array(values)) if values.len() <= IDS => values,
            Some(_) => {
                let what = format!("{name} must be a list of {IDS} ids at the most.");
                return Err(self.wrong(Known::Value, &what));
            }
        };
        let ids: Result<Vec<Uuid>, Failure> =
            values.iter().map(|value| self.id(name, value)).collect();
        let mut ids = ids?;
        ids.sort_unstable();
        ids.dedup();
        Ok(Some(ids))
    }

    fn id(&self, name: &str, value: &Value) -> Result<Uuid, Failure> {
        let text = value.as_str().unwrap_or("").trim();
        let id = Uuid::parse_str(text);
        id.map_err(|_| self.wrong(Known::Reference, &format!("{name} holds what is no id.")))
    }

    /// Refuses unless the body says of what it is, and rightly.
    pub(super) fn must_be(&self, id: Uuid) -> Result<(), Failure> {
        match self.get("id") {
            None | Some(Value::Null) => Err(self.wrong(Known::Required, "id")),
            Some(value)
                if value.as_str().and_then(|text| Uuid::parse_str(text).ok()) == Some(id) =>
            {
                Ok(())
            }
            Some(_) => Err(self.wrong(Known::Id, "id is not that of the path.")),
        }
    }
}

fn object(text: &str) -> Result<Map<String, Value>, String> {
    match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err("an object is expected".into()),
        Err(error) => Err(error.to_string()),
    }
}

/// What a POST to the address of one thing stands for.
pub(super) enum Instead {
    Update,
    Delete,
}

/// Reads the header by which PUT and DELETE come as POST.
pub(super) fn instead(call: &Call<'_>) -> Result<Instead, Failure> {
    let named = call.request.header("X-HTTP-Method-Override").unwrap_or("").trim();
    match named.to_ascii_uppercase().as_str() {
        "UPDATE" | "PUT" => Ok(Instead::Update),
        "DELETE" => Ok(Instead::Delete),
        _ => Err(Failure::Method),
    }
}

/// Refuses that header where nothing is to be changed.
pub(super) fn plainly(call: &Call<'_>) -> Result<(), Failure> {
    match call.request.header("X-HTTP-Method-Override") {
        None => Ok(()),
        Some(_) => Err(Failure::Method),
    }
}

/// The id that the path names; the empty one asks for what a new thing looks like.
pub(super) fn path_id(call: &Call<'_>) -> Result<Option<Uuid>, Failure> {
    let id = Uuid::parse_str(call.param(1));
    let id = id.map_err(|_| fail(call, Known::Id, "The path holds what is no id."))?;
    Ok(Some(id).filter(|id| !id.is_nil()))
}

/// The same, where there must be something.
pub(super) fn some_id(call: &Call<'_>) -> Result<Uuid, Failure> {
    path_id(call)?.ok_or_else(|| fail(call, Known::Id, "The empty id is nothing's."))
}
