//! `/api/load_cards/`, `/api/detailCashlessCard/`, `/api/loadCardsFromDict/`: NFC cards are registered. Wallets come later.

use super::data::{Body, Item};
use super::fields::{Field, Form, Given, Kind, read_uuid};
use super::json::Json;
use super::messages as say;
use super::reservations::member;
use super::wire::json;
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::{Error, Refusal};
use crate::root::card::{BASE_MAX, Batch, Fault, MOST, Printed};
use crate::root::{Operator, Staff};
use crate::values::id::TenantId;
use rouille::Response;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use uuid::Uuid;

const GENERATION: Kind = Kind::Integer { min: 0, max: 32_767, floor: 0 };

pub(super) const LOAD: &[Field] = &[
    Field::new("generation", GENERATION),
    Field::new("csv", Kind::Raw("A file with lines of url,number,tag_id; at most 5,000"))
        .required(),
];

pub(super) const BATCH: &[Field] = &[
    Field::new("base_url", Kind::Text(BASE_MAX)).required(),
    Field::new("origine", Kind::Key).required(),
    Field::new("generation", GENERATION).required(),
];

pub(super) const CARDS: &[Field] = &[Field::new(
    "list",
    Kind::Raw(
        "The body is a list of at most 5,000 objects: generation, url (…/qr/<uuid>), detail (may be left out), tag_id, number",
    ),
)];

/// Registers the cards of a file, whose addresses are the tenant's own.
pub(super) fn load(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let body = Body::read(call)?;
    let data = body.data(call.desk.json_depth)?;
    let mut form = Form::check(LOAD, &data, false, call.desk)?;
    let file = match data.get("csv") {
        Some(Item::File(file)) => std::str::from_utf8(&file.bytes).ok().map(str::to_owned),
        Some(Item::Value(Json::Text(text))) => Some(text.to_string()),
        Some(Item::Value(_)) | None => None,
    };
    let generation = match form.take("generation") {
        Given::Integer(number) => u16::try_from(number).ok(),
        _ => None,
    };
    form.finish()?;
    let (Some(file), Some(generation)) = (file, generation) else {
        return Ok(json(406, say::BAD_FILES));
    };
    let Some(cards) = lines(&file, generation) else { return Ok(json(406, say::BAD_LINES)) };
    match staff.load_cards(&cards)? {
        Ok(_) => Ok(json(200, say::CARDS_LOADED)),
        Err(Fault::Malformed(_)) => Ok(json(406, say::BAD_LINES)),
        Err(fault) => refused("csv", &fault),
    }
}

fn lines(file: &str, generation: u16) -> Option<Vec<Printed>> {
    let lines = file.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim().is_empty());
    let card = |line: &str| {
        let mut cells = line.split(',').map(|cell| cell.trim().to_owned());
        let (url, number, tag) = (cells.next()?, cells.next()?, cells.next()?);
        cells.next().is_none().then_some(Printed { url, generation, batch: None, tag, number })
    };
    lines.map(card).collect::<Option<Vec<_>>>().filter(|cards| !cards.is_empty())
}

/// Makes a batch of cards for a tenant.
pub(super) fn create_batch(call: &Call<'_>, _: &Front, operator: &Operator) -> Answer {
    let body = Body::read(call)?;
    let data = body.data(call.desk.json_depth)?;
    let mut form = Form::check(BATCH, &data, false, call.desk)?;
    let mut base_url = String::new();
    form.set_text("base_url", &mut base_url);
    let mut generation = 0_u16;
    form.copy_integer("generation", &mut generation);
    let origin = match form.take("origine") {
        Given::Key(id) => Some(TenantId(id)),
        Given::NoKey(text) => {
            form.fail("origine", say::no_such_key(&text));
            None
        }
        _ => None,
    };
    form.finish()?;
    let origin = origin.ok_or(Error::NotFound)?;
    match operator.create_card_batch(&base_url, origin, generation) {
        Ok(batch) => Ok(json(201, &WireBatch::new(&batch))),
        Err(Error::Refused(Refusal::NameTaken)) => {
            Err(Error::invalid("base_url", say::BATCH_TAKEN).into())
        }
        Err(Error::Invalid(_)) => {
            Err(Error::invalid("origine", say::no_such_key(&origin.to_string())).into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Registers a list of cards of batches that are there.
pub(super) fn load_list(call: &Call<'_>, _: &Front, operator: &Operator) -> Answer {
    let body = Body::read(call)?;
    let data = body.data(call.desk.json_depth)?;
    let Some(Json::List(values)) = data.wrong_kind() else {
        return Err(Error::invalid("non_field_errors", say::NOT_A_LIST).into());
    };
    if values.len() > MOST {
        return Err(Error::invalid("non_field_errors", say::list_too_long(MOST)).into());
    }
    let mut cards = Vec::with_capacity(values.len());
    for (place, value) in values.iter().enumerate() {
        cards.push(printed(value).map_err(|(name, what)| {
            Error::invalid(name, say::wrong_in_list(place, name, &what))
        })?);
    }
    match operator.load_cards(&cards)? {
        Ok(_) => Ok(json(200, say::CARDS_REGISTERED)),
        Err(Fault::NoBatch(_)) => Err(Error::NotFound.into()),
        Err(Fault::OtherBatch(_)) => Err(Error::invalid("detail", say::OTHER_BATCH).into()),
        Err(fault) => refused("url", &fault),
    }
}

fn printed(value: &Json<'_>) -> Result<Printed, (&'static str, String)> {
    let text = |name: &'static str| match member(value, name) {
        Some(Json::Text(text)) => Ok(text.trim().to_owned()),
        Some(_) => Err((name, say::NOT_A_STRING.to_owned())),
        None => Err((name, say::REQUIRED.to_owned())),
    };
    let generation = match member(value, "generation") {
        Some(Json::Number(number)) => number.parse().ok(),
        Some(Json::Text(number)) => number.trim().parse().ok(),
        _ => None,
    };
    let batch = match member(value, "detail") {
        None | Some(Json::Null) => None,
        Some(_) => {
            let id = text("detail")?;
            Some(read_uuid(&id).ok_or_else(|| ("detail", say::not_a_uuid(&id)))?)
        }
    };
    Ok(Printed {
        url: text("url")?,
        generation: generation.ok_or_else(|| ("generation", say::NOT_AN_INTEGER.to_owned()))?,
        batch,
        tag: text("tag_id")?,
        number: text("number")?,
    })
}

fn refused(field: &'static str, fault: &Fault) -> Result<Response, Failure> {
    let sentence = match fault {
        Fault::Malformed(place) => say::card_malformed(*place),
        Fault::NoBatch(place) => say::card_without_batch(*place),
        Fault::OtherBatch(_) => say::OTHER_BATCH.to_owned(),
        Fault::Taken(place) => say::card_taken(*place),
        Fault::TooMany => say::list_too_long(MOST),
    };
    Err(Error::invalid(field, sentence).into())
}

/// A batch of cards.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CardBatch")]
struct WireBatch<'a> {
    /// How the addresses on its cards begin.
    base_url: &'a str,
    /// For which tenant they were made.
    origine: Uuid,
    generation: u16,
    uuid: Uuid,
}

impl<'a> WireBatch<'a> {
    fn new(batch: &'a Batch) -> Self {
        let Batch { id, base_url, origin, generation } = batch;
        Self { base_url, origine: origin.0, generation: *generation, uuid: *id }
    }
}

pub(super) fn batch_shape(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<WireBatch<'_>>()
}
