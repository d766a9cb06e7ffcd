//! What a request's body holds: JSON, a form, or a form with files, behind one face; its query is a form as well.

use super::json::{self, Json};
use super::messages;
use crate::doors::{Call, Failure};
use bytes::Bytes;
use std::borrow::Cow;
use std::io::Read as _;

/// A body, read but not understood yet.
pub(in crate::doors) enum Body {
    Json(String),
    Form(Vec<(String, Part)>),
}

/// One field of a form.
pub(in crate::doors) enum Part {
    Text(String),
    File(File),
}

/// A file that was sent.
pub(in crate::doors) struct File {
    pub(super) name: String,
    pub(super) bytes: Bytes,
}

/// One member of the data.
pub(super) enum Item<'a> {
    Value(Json<'a>),
    File(&'a File),
}

/// The members of an object or form.
pub(super) struct Data<'a> {
    /// Came as a form, where absent and empty mean other things than in JSON.
    pub(super) is_form: bool,
    items: Vec<(Cow<'a, str>, Item<'a>)>,
    other: Option<Json<'a>>,
}

impl Body {
    /// Reads a request's body by its media type. An empty one is empty data of any type.
    pub(in crate::doors) fn read(call: &Call<'_>) -> Result<Self, Failure> {
        let mut bytes = vec![];
        if let Some(mut data) = call.request.data() {
            data.read_to_end(&mut bytes).map_err(|e| Failure::Malformed(e.to_string()))?;
        }
        let given = call.request.header("Content-Type").unwrap_or("");
        let media_type = given.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        match media_type.as_str() {
            "application/x-www-form-urlencoded" => Ok(Self::Form(urlencoded(&bytes))),
            "multipart/form-data" if bytes.is_empty() => Ok(Self::Form(vec![])),
            "multipart/form-data" => multipart(given, bytes).map(Self::Form),
            _ if bytes.is_empty() => Ok(Self::Json("{}".into())),
            "application/json" => String::from_utf8(bytes).map(Self::Json).map_err(|e| {
                Failure::Malformed(messages::bad_json(format_args!(
                    "'utf-8' codec can't decode: {}",
                    e.utf8_error()
                )))
            }),
            _ => Err(Failure::MediaType(given.to_owned())),
        }
    }

    /// What stands behind the `?`, as a form.
    pub(super) fn of_query(call: &Call<'_>) -> Self {
        Self::Form(urlencoded(call.request.raw_query_string().as_bytes()))
    }

    /// All that was sent, for telling one body from another.
    pub(super) fn fingerprint(&self) -> Vec<u8> {
        match self {
            Self::Json(text) => text.as_bytes().to_vec(),
            Self::Form(parts) => {
                let mut all = vec![];
                for (name, part) in parts {
                    let bytes = match part {
                        Part::Text(text) => text.as_bytes(),
                        Part::File(file) => &file.bytes,
                    };
                    for text in [name.as_bytes(), bytes] {
                        all.extend(text.len().to_be_bytes());
                        all.extend(text);
                    }
                }
                all
            }
        }
    }

    /// Its very bytes, as a signature covers them; of JSON alone.
    pub(super) fn raw(&self) -> Option<&[u8]> {
        match self {
            Self::Json(text) => Some(text.as_bytes()),
            Self::Form(_) => None,
        }
    }

    /// The data in it.
    pub(super) fn data(&self, json_depth: usize) -> Result<Data<'_>, Failure> {
        match self {
            Self::Form(parts) => {
                let items = parts
                    .iter()
                    .map(|(name, part)| {
                        let item = match part {
                            Part::Text(text) => Item::Value(Json::Text(Cow::Borrowed(text))),
                            Part::File(file) => Item::File(file),
                        };
                        (Cow::Borrowed(name.as_str()), item)
                    })
                    .collect();
                Ok(Data { is_form: true, items, other: None })
            }
            Self::Json(text) => {
                let value = json::read(text, json_depth)
                    .map_err(|fault| Failure::Malformed(messages::bad_json(fault)))?;
                Ok(match value {
                    Json::Object(members) => Data {
                        is_form: false,
                        items: members
                            .into_iter()
                            .map(|(key, value)| (key, Item::Value(value)))
                            .collect(),
                        other: None,
                    },
                    other => Data { is_form: false, items: vec![], other: Some(other) },
                })
            }
        }
    }
}

impl<'a> Data<'a> {
    /// The member of this name; the last of several.
    pub(super) fn get(&self, name: &str) -> Option<&Item<'a>> {
        self.items.iter().rev().find(|(key, _)| key == name).map(|(_, item)| item)
    }

    /// The names of all members.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.items.iter().map(|(name, _)| name.as_ref())
    }

    /// The JSON value of this name.
    pub(super) fn value(&self, name: &str) -> Option<&Json<'a>> {
        match self.get(name)? {
            Item::Value(value) => Some(value),
            Item::File(_) => None,
        }
    }

    /// The values of a list: a JSON list, or in a form every field of this name. None when there is no such member, or
    /// something else in its place.
    pub(super) fn list(&self, name: &str) -> Option<Vec<&Json<'a>>> {
        if self.is_form {
            let named = self.items.iter().filter(|(key, _)| key == name);
            let values: Vec<_> = named
                .filter_map(|(_, item)| match item {
                    Item::Value(value) => Some(value),
                    Item::File(_) => None,
                })
                .collect();
            return (!values.is_empty()).then_some(values);
        }
        match self.value(name)? {
            Json::List(values) => Some(values.iter().collect()),
            _ => None,
        }
    }

    /// What was sent in the place of an object.
    pub(super) fn wrong_kind(&self) -> Option<&Json<'a>> {
        self.other.as_ref()
    }
}

fn urlencoded(bytes: &[u8]) -> Vec<(String, Part)> {
    url::form_urlencoded::parse(bytes)
        .map(|(key, value)| (key.into_owned(), Part::Text(value.into_owned())))
        .collect()
}

fn multipart(content_type: &str, bytes: Vec<u8>) -> Result<Vec<(String, Part)>, Failure> {
    let bad = |fault: multer::Error| Failure::Malformed(messages::bad_multipart(fault));
    let boundary = multer::parse_boundary(content_type).map_err(bad)?;
    pollster::block_on(read_parts(boundary, Bytes::from(bytes))).map_err(bad)
}

/// Reads the parts of a body that is wholly in memory. At most 1,000 parts, as in the contract's server.
async fn read_parts(boundary: String, bytes: Bytes) -> multer::Result<Vec<(String, Part)>> {
    const PARTS_MAX: usize = 1_000;
    let whole =
        futures_util::stream::once(std::future::ready(Ok::<_, std::convert::Infallible>(bytes)));
    let mut form = multer::Multipart::new(whole, boundary);
    let mut parts = vec![];
    while let Some(field) = form.next_field().await? {
        let Some(name) = field.name().map(str::to_owned) else { continue };
        let file = field.file_name().map(str::to_owned);
        let bytes = field.bytes().await?;
        let part = match file {
            Some(name) => Part::File(File { name, bytes }),
            None => Part::Text(String::from_utf8_lossy(&bytes).into_owned()),
        };
        parts.push((name, part));
        if parts.len() > PARTS_MAX {
            return Err(multer::Error::StreamSizeExceeded { limit: PARTS_MAX as u64 });
        }
    }
    Ok(parts)
}
