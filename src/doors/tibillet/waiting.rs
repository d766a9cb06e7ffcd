//! `/api/events/{id}/waiting/`: who wants seats of an event that is full. Anybody may join; staff see them all. Ours: the
//! contract has none.

use super::caller::hand;
use super::data::Body;
use super::fields::{Field, Form, GENERAL, Kind, read_uuid};
use super::messages as say;
use super::repeat::{Repeat, reused};
use super::reservations::release_holds;
use super::wire::json;
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::{Error, Refusal};
use crate::root::{By, Staff};
use crate::trade::answered::Answered;
use crate::trade::order::Hand;
use crate::trade::waiting::{self, Waiting};
use crate::trade::{event, outbox, place};
use crate::values::Email;
use crate::values::id::EventId;
use crate::values::zone::Zone;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

pub(super) const FIELDS: &[Field] = &[
    Field::new("email", Kind::Email).required(),
    Field::new("places", Kind::Integer { min: 1, max: i16::MAX as i64, floor: 1 }).required(),
];

/// What who joined is told.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Waits")]
pub(super) struct WireWaits<'a> {
    event: Uuid,
    email: &'a str,
    places: u16,
    /// 1 is asked next.
    position: u32,
}

/// Somebody on a list, for staff.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Waiting")]
pub(super) struct WireWaiting<'a> {
    uuid: Uuid,
    email: &'a str,
    places: u16,
    /// `waiting`, `offered`, `booked`, `declined`, `expired` or `left`.
    state: &'static str,
    joined: String,
    /// Until when the offer lasts, or lasted.
    offered_until: Option<String>,
}

impl<'a> WireWaiting<'a> {
    fn new(waiting: &'a Waiting, zone: &Zone) -> Self {
        let Waiting { id, event: _, account: _, email, places, state, expires, joined, proven: _ } =
            waiting;
        Self {
            uuid: id.0,
            email,
            places: *places,
            state: state.as_str(),
            joined: zone.iso(*joined),
            offered_until: expires.map(|at| zone.iso(at)),
        }
    }
}

fn id(call: &Call<'_>) -> Result<EventId, Error> {
    read_uuid(call.param(0)).map(EventId).ok_or(Error::NotFound)
}

pub(super) fn list(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    // What is wrong with the question comes before what it is about.
    let (page, id) = (call.bounded_page()?, id(call)?);
    let (all, zone) =
        staff.tenant().read(|tx| Ok((waiting::list(tx, id, page)?, place::zone(tx)?)))?;
    let wire: Vec<_> = all.iter().map(|one| WireWaiting::new(one, &zone)).collect();
    Ok(call.paged(json(200, &wire), page, wire.len()))
}

/// Joins the list.
pub(super) fn join(call: &Call<'_>, front: &Front) -> Answer {
    let id = id(call)?;
    let body = Body::read(call)?;
    let repeat = Repeat::of(call, &body)?;
    if let Some(before) = repeat.before(&front.tenant)? {
        return Ok(before.response());
    }
    front.tenant.read(|tx| event::get(tx, id))?;
    let mut form = Form::check(FIELDS, &body.data(call.desk.json_depth)?, false, call.desk)?;
    form.finish()?;
    let email = form.text("email").and_then(Email::parse).ok_or(Error::Unauthenticated)?;
    let mut places = 1_u16;
    form.copy_integer("places", &mut places);
    let account = front.people.find_or_make(&email)?;
    release_holds(&front.tenant)?;
    let proven = account.is_proven() && hand(call, front, account.id, None)? != Hand::Anybody;
    let joined = repeat.once(&front.tenant, By::Visitor, |tx| {
        let waiting = waiting::join(tx, id, account.id, &email, proven, places)?;
        let position = waiting::position(tx, &waiting)?;
        let wire = WireWaits { event: id.0, email: &waiting.email, places, position };
        let body = serde_json::to_vec(&wire).map_err(|e| Error::Internal(Box::new(e)))?;
        Ok(Answered::plain(201, body))
    });
    if matches!(joined, Err(Error::Refused(Refusal::ProofNeeded))) {
        front.tenant.write(By::Visitor, |tx| outbox::confirm_email(tx, &email, account.id))?;
    }
    Ok(joined.map_err(refused)?.response())
}

fn refused(error: Error) -> Failure {
    let Error::Refused(refusal) = error else { return error.into() };
    let (field, what) = match refusal {
        Refusal::KeyReused => return reused(Error::Refused(refusal)),
        Refusal::EventOver => (GENERAL, say::EVENT_OVER.to_owned()),
        Refusal::NotPublished => (GENERAL, say::NOT_PUBLISHED.to_owned()),
        Refusal::SeatsFree(free) => (GENERAL, say::seats_free(free)),
        Refusal::TooMany(_) => (GENERAL, say::WAITING_FULL.to_owned()),
        Refusal::ProofNeeded => (GENERAL, say::PROVE_FIRST.to_owned()),
        Refusal::LimitReached(most) => ("places", say::too_large(i64::from(most))),
        Refusal::WaitsAlready => ("email", say::WAITS_ALREADY.to_owned()),
        other => return Error::Refused(other).into(),
    };
    Error::invalid(field, what).into()
}
