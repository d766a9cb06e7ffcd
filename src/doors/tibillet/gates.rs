//! `/api/events/{id}/door/`: what a device takes along that will have no network, and what it brings back.

use super::data::{Body, Data};
use super::fields::{Field, Form, Kind, read_uuid};
use super::json::Json;
use super::messages as say;
use super::reservations::member;
use super::wire::json;
use super::wire_door::{WireDoor, WireSynced};
use crate::doors::{Answer, Call, Front};
use crate::error::Error;
use crate::paper::code::Signer;
use crate::root::Staff;
use crate::trade::ticket::{self, Claim, GROUP, Way};
use crate::trade::{event, place, setting};
use crate::values::id::{EventId, TicketId};
use crate::values::zone::{Written, Zone};
use std::collections::HashSet;

/// Most passes that are brought back at once.
const SCANS_MAX: usize = 5_000;

/// Longest name of a gate, in characters.
pub(super) const GATE_MAX: usize = 50;

pub(super) const SYNC: &[Field] = &[Field::new(
    "scans",
    Kind::Raw(
        "At most 5,000 objects with id (a UUID of the device's own making, by which a pass is taken once), ticket, at (with its offset from UTC, or by the venue's clock), way (in or out) and gate",
    ),
)
.required()];

fn event_id(call: &Call<'_>) -> Result<EventId, Error> {
    read_uuid(call.param(0)).map(EventId).ok_or(Error::NotFound)
}

/// The list to take along. A venue that has sold nothing yet gets the key of its tickets first.
pub(super) fn show(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let (id, tenant) = (event_id(call)?, staff.tenant());
    tenant.read(|tx| event::get(tx, id))?;
    let seed = match tenant.read(ticket::find_key_seed)? {
        Some(seed) => seed,
        None => tenant.write(staff.by(), ticket::ensure_door_key)?,
    };
    let (event, at, reentry, tickets, options, zone) = tenant.read(|tx| {
        let tickets = ticket::at_door(tx, id)?;
        let bare: Vec<_> = tickets.iter().map(|one| one.ticket.clone()).collect();
        let options = ticket::options(tx, &bare)?;
        let reentry = setting::get(tx)?.reentry;
        Ok((event::get(tx, id)?, tx.now(), reentry, tickets, options, place::zone(tx)?))
    })?;
    let key = Signer::from_seed(&seed).verifying_key();
    Ok(json(200, &WireDoor::new(&event, at, key, reentry, &tickets, &options, &zone)))
}

/// Takes what a device brings back, group by group: others write in between, and sending it all again is safe.
pub(super) fn sync(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let (id, tenant) = (event_id(call)?, staff.tenant());
    let body = Body::read(call)?;
    let data = body.data(call.desk.json_depth)?;
    let mut form = Form::check(SYNC, &data, false, call.desk)?;
    let zone = tenant.read(|tx| event::named_by_sale(tx, id).and_then(|_| place::zone(tx)))?;
    let claims = claims(&data, &mut form, &zone);
    form.finish()?;
    let mut in_order = claims.clone();
    ticket::sort(&mut in_order);
    let mut rows = HashSet::new();
    for group in in_order.chunks(GROUP) {
        rows.extend(tenant.write(staff.by(), |tx| ticket::sync(tx, id, group))?);
    }
    let (scans, revised) = tenant
        .read(|tx| Ok((ticket::verdicts(tx, &claims)?, ticket::revised(tx, &rows, &claims)?)))?;
    Ok(json(200, &WireSynced::new(&scans, &revised, &zone)))
}

/// The passes of a body. The first that is wrong is named by its place.
fn claims(data: &Data<'_>, form: &mut Form, zone: &Zone) -> Vec<Claim> {
    let Some(values) = data.list("scans") else {
        let there = data.value("scans").is_some();
        form.fail("scans", if there { say::NOT_A_LIST } else { say::REQUIRED });
        return vec![];
    };
    if values.len() > SCANS_MAX {
        form.fail("scans", say::list_too_long(SCANS_MAX));
        return vec![];
    }
    let mut claims = vec![];
    for (place, value) in values.into_iter().enumerate() {
        match claim(value, zone) {
            Ok(claim) => claims.push(claim),
            Err((name, what)) => {
                form.fail("scans", say::wrong_in_list(place, name, &what));
                return vec![];
            }
        }
    }
    claims
}

type Wrong = (&'static str, String);

fn claim(value: &Json<'_>, zone: &Zone) -> Result<Claim, Wrong> {
    let text = |name: &'static str| match member(value, name) {
        Some(Json::Text(text)) => Ok(text.trim()),
        Some(_) => Err((name, say::NOT_A_STRING.to_owned())),
        None => Err((name, say::REQUIRED.to_owned())),
    };
    let id = |name| {
        let text = text(name)?;
        read_uuid(text).ok_or_else(|| (name, say::not_a_uuid(text)))
    };
    let at = Written::parse(text("at")?).ok_or_else(|| ("at", say::NOT_A_MOMENT.to_owned()))?;
    let at = zone.moment(at).filter(|at| event::TIMES.contains(at));
    let way = text("way")?;
    let gate = match member(value, "gate") {
        None | Some(Json::Null) => "",
        Some(_) => text("gate")?,
    };
    if gate.chars().count() > GATE_MAX {
        return Err(("gate", say::too_long(GATE_MAX)));
    }
    if gate.contains('\0') {
        return Err(("gate", say::NUL_CHARACTER.to_owned()));
    }
    Ok(Claim {
        device_scan: id("id")?,
        ticket: TicketId(id("ticket")?),
        at: at.ok_or_else(|| ("at", say::OUT_OF_TIME.to_owned()))?,
        way: Way::parse(way).ok_or_else(|| ("way", say::not_a_choice(way)))?,
        gate: gate.to_owned(),
    })
}
