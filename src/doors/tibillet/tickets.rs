//! `/api/ticket/`, `/api/gauge/` and `/api/scan/`: what the door of the venue needs.

use super::data::Body;
use super::fields::{Field, Form, Given, Kind, read_uuid};
use super::gates::GATE_MAX;
use super::messages as say;
use super::wire::json;
use super::wire_door::WireScan;
use super::wire_order::{WireGauge, WireTicket, chosen};
use crate::doors::results::attachment;
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::Error;
use crate::paper::code::{self, Code, Signer};
use crate::root::{Read, Staff};
use crate::trade::place;
use crate::trade::print::Print;
use crate::trade::ticket::{self, Reason, Verdict, Way};
use crate::values::id::{EventId, TicketId};

pub(super) const SCAN: &[Field] = &[
    Field::new("qr", Kind::Text(300)),
    Field::new("number", Kind::Text(8)),
    Field::new("event", Kind::Key),
    Field::new("gate", Kind::Text(GATE_MAX)).optional(),
    Field::new("way", Kind::OneOf(&["in", "out"])),
];

pub(super) const EVENT: &[Field] = &[Field::new("event", Kind::Key)];

pub(super) const SEARCH: &[Field] = &[EVENT[0], Field::new("search", Kind::Text(254))];

pub(super) fn list(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let search = call.request.get_param("search").unwrap_or_default().to_lowercase();
    let event = event(call)?;
    let (tickets, options) = staff.tenant().read(|tx| {
        let mut tickets = ticket::list(tx, event)?;
        // Here, not in SQL: SQLite folds the case of ASCII letters alone, and É is to be found by é.
        tickets.retain(|ticket| {
            format!("{} {}", ticket.first_name, ticket.last_name).to_lowercase().contains(&search)
        });
        let options = ticket::options(tx, &tickets)?;
        Ok((tickets, options))
    })?;
    let chosen = chosen(&options);
    let wire: Vec<_> = tickets.iter().map(|ticket| WireTicket::new(ticket, &chosen)).collect();
    Ok(json(200, &wire))
}

pub(super) fn show(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = id(call)?;
    let (ticket, options) = staff.tenant().read(|tx| {
        let ticket = ticket::get(tx, id)?;
        let options = ticket::options(tx, std::slice::from_ref(&ticket))?;
        Ok((ticket, options))
    })?;
    Ok(json(200, &WireTicket::new(&ticket, &chosen(&options))))
}

pub(super) fn gauge(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let event = event(call)?;
    Ok(json(200, &WireGauge::new(staff.tenant().read(|tx| ticket::gauge(tx, event))?)))
}

/// The event that the query names; without one it is tonight.
fn event(call: &Call<'_>) -> Result<Option<EventId>, Failure> {
    let query = Body::of_query(call);
    let mut form = Form::check(EVENT, &query.data(call.desk.json_depth)?, true, call.desk)?;
    form.finish()?;
    Ok(match form.take("event") {
        Given::Key(id) => Some(EventId(id)),
        _ => None,
    })
}

fn id(call: &Call<'_>) -> Result<TicketId, Error> {
    read_uuid(call.param(0)).map(TicketId).ok_or(Error::NotFound)
}

/// The ticket to print, for whoever knows its id.
pub(super) fn pdf(call: &Call<'_>, front: &Front) -> Answer {
    let id = id(call)?;
    let print = front.tenant.read(|tx| Print::of_ticket(tx, id))?;
    if !print.is_open() {
        return Err(Failure::Answer(json(403, say::BAD_TICKET)));
    }
    Ok(attachment("application/pdf", &print.file_name(), print.pdf()?))
}

/// Passes a ticket through a gate: by what its QR says, or by its number at an event.
pub(super) fn scan(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let body = Body::read(call)?;
    let mut form = Form::check(SCAN, &body.data(call.desk.json_depth)?, false, call.desk)?;
    form.finish()?;
    let at = match form.take("event") {
        Given::Key(id) => Some(EventId(id)),
        _ => None,
    };
    let gate = form.text("gate").unwrap_or("");
    let way = if form.text("way") == Some("out") { Way::Out } else { Way::In };
    let code =
        form.text("qr").map(|text| code::read(text).ok_or(Error::invalid("qr", say::BAD_QR)));
    let code = code.transpose()?;
    let number = form.text("number");
    if code.is_none() && (number.is_none() || at.is_none()) {
        return Err(Error::invalid("qr", say::REQUIRED).into());
    }
    let passed = staff.tenant().write(staff.by(), |tx| {
        let (shown, reason) = match (&code, number, at) {
            (Some(code), ..) => shown_by(tx, code)?,
            (None, Some(number), Some(event)) => (ticket::by_number(tx, event, number)?.id, None),
            _ => return Err(Error::NotFound),
        };
        if let Some(reason) = reason {
            ticket::refuse(tx, shown.0, gate, way, reason)?;
            return Ok(Err(reason));
        }
        let (ticket, verdict) = ticket::scan(tx, shown, at, gate, way)?;
        let options = ticket::options(tx, std::slice::from_ref(&ticket))?;
        Ok(Ok((ticket, verdict, options, place::zone(tx)?)))
    })?;
    match &passed {
        Err(Reason::Unknown) => Err(Error::NotFound.into()),
        Err(reason) => Ok(json(409, &WireScan::refused(*reason))),
        Ok((ticket, verdict, options, zone)) => {
            let status = if matches!(verdict, Verdict::Passed(_)) { 200 } else { 409 };
            Ok(json(
                status,
                &WireScan::new(verdict, WireTicket::new(ticket, &chosen(options)), zone),
            ))
        }
    }
}

/// The ticket that a code names, and why it is none of this venue's.
fn shown_by(tx: &Read, code: &Code) -> Result<(TicketId, Option<Reason>), Error> {
    let (id, signed) = match code {
        Code::Plain(id) => (TicketId(*id), true),
        Code::Signed { ticket: id, .. } => {
            let key =
                ticket::find_key_seed(tx)?.map(|seed| Signer::from_seed(&seed).verifying_key());
            (TicketId(*id), key.is_some_and(|key| code.is_signed_by(&key)))
        }
    };
    let reason = match ticket::get(tx, id) {
        _ if !signed => Some(Reason::Forged),
        Ok(_) => None,
        Err(Error::NotFound) => Some(Reason::Unknown),
        Err(other) => return Err(other),
    };
    Ok((id, reason))
}
