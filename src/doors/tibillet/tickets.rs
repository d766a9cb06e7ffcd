//! `/api/ticket/`, `/api/gauge/` and `/api/scan/`: what the door of the venue needs.

use super::data::Body;
use super::fields::{Field, Form, Given, Kind, read_uuid};
use super::gates::GATE_MAX;
use super::messages as say;
use super::wire::json;
use super::wire_door::WireScan;
use super::wire_order::{WireGauge, WireTicket};
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::Error;
use crate::paper::code::{self, Code, Signer};
use crate::paper::{self, Language};
use crate::root::Profile;
use crate::root::{Read, Staff};
use crate::trade::event::{self, Event};
use crate::trade::media;
use crate::trade::place;
use crate::trade::ticket::{self, Priced, Reason, State, Ticket, Verdict, Way};
use crate::values::id::{EventId, TicketId};
use crate::values::zone::Zone;
use rouille::Response;

pub(super) const SCAN: &[Field] = &[
    Field::new("qr", Kind::Text(300)),
    Field::new("number", Kind::Text(8)),
    Field::new("event", Kind::Key),
    Field::new("gate", Kind::Text(GATE_MAX)).optional(),
    Field::new("way", Kind::Choice(&["in", "out"])),
];

pub(super) fn list(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let search = call.request.get_param("search").unwrap_or_default().to_lowercase();
    let (tickets, options) = staff.tenant().read(|tx| {
        let mut tickets = ticket::list_tonight(tx)?;
        tickets.retain(|ticket| {
            format!("{} {}", ticket.first_name, ticket.last_name).to_lowercase().contains(&search)
        });
        let options = ticket::options(tx, &tickets)?;
        Ok((tickets, options))
    })?;
    let wire: Vec<_> = tickets.iter().map(|ticket| WireTicket::new(ticket, &options)).collect();
    Ok(json(200, &wire))
}

pub(super) fn show(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = id(call)?;
    let (ticket, options) = staff.tenant().read(|tx| {
        let ticket = ticket::get(tx, id)?;
        let options = ticket::options(tx, std::slice::from_ref(&ticket))?;
        Ok((ticket, options))
    })?;
    Ok(json(200, &WireTicket::new(&ticket, &options)))
}

pub(super) fn gauge(_: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    Ok(json(200, &WireGauge::new(staff.tenant().read(ticket::gauge)?)))
}

fn id(call: &Call<'_>) -> Result<TicketId, Error> {
    read_uuid(call.param(0)).map(TicketId).ok_or(Error::NotFound)
}

/// All that a printed ticket says, from one snapshot.
struct Print {
    ticket: Ticket,
    priced: Priced,
    event: Event,
    profile: Profile,
    zone: Zone,
    image: Option<Vec<u8>>,
    seed: [u8; 32],
}

impl Print {
    fn read(tx: &Read, id: TicketId) -> Result<Self, Error> {
        let ticket = ticket::get(tx, id)?;
        let (event, profile) = (event::get(tx, ticket.event)?, place::get(tx)?);
        let image = match event.image.as_ref().or(profile.image.as_ref()) {
            Some(name) => media::find(tx, name, "med")?,
            None => None,
        };
        Ok(Self {
            priced: ticket::priced(tx, id)?,
            seed: ticket::key_seed(tx)?,
            zone: place::zone(tx)?,
            image: image.map(|medium| medium.body),
            ticket,
            event,
            profile,
        })
    }

    fn pdf(&self) -> Result<Vec<u8>, Error> {
        let Self { ticket, priced, event, profile, zone, image, seed } = self;
        let holder = format!("{} {}", ticket.first_name, ticket.last_name);
        let street = [&profile.address, &profile.postal_code, &profile.city];
        let street: Vec<&str> = street.into_iter().filter_map(|part| part.as_deref()).collect();
        let (street, number) = (street.join(", "), number(ticket));
        let page = paper::Ticket {
            venue: &profile.label,
            event: &event.name,
            when: &zone.format(event.starts, "%d/%m/%Y à %H:%M"),
            price: &format!(
                "{} — {}\u{a0}€",
                priced.name,
                priced.unit.decimal().to_string().replace('.', ",")
            ),
            holder: Some(holder.as_str()),
            seat: if ticket.seat == "L" { "Placement libre" } else { &ticket.seat },
            number: &number,
            code: &Signer::from_seed(seed).sign(ticket.id.0, ticket.event.0),
            conditions: None,
            address: Some(street.as_str()).filter(|street| !street.is_empty()),
            image: image.as_deref(),
        };
        paper::pdf(&event.name, &[page], Language::French)
            .map_err(|fault| Error::internal(format!("a ticket cannot be printed: {fault}")))
    }
}

/// The number that a person can read out: the first eight digits of the id.
pub(super) fn number(ticket: &Ticket) -> String {
    ticket.id.0.simple().to_string().chars().take(8).collect::<String>().to_uppercase()
}

/// The ticket to print, for whoever knows its id.
pub(super) fn pdf(call: &Call<'_>, front: &Front) -> Answer {
    let id = id(call)?;
    let print = front.tenant.read(|tx| Print::read(tx, id))?;
    if !matches!(print.ticket.state, State::Open | State::Scanned) {
        return Err(Failure::Answer(json(403, say::BAD_TICKET)));
    }
    let name = format!(
        "{} {} {} {}.pdf",
        print.profile.label.to_uppercase(),
        print.zone.format(print.event.starts, "%d/%m/%Y"),
        print.ticket.first_name.to_uppercase(),
        print.ticket.last_name
    );
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_graphic() && c != '"' && c != '\\' || c == ' ' { c } else { '_' })
        .collect();
    let exact = percent_encoding::utf8_percent_encode(&name, percent_encoding::NON_ALPHANUMERIC);
    Ok(Response::from_data("application/pdf", print.pdf()?)
        .with_additional_header("Cache-Control", "private, no-store")
        .with_additional_header(
            "Content-Disposition",
            format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}"),
        ))
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
            Ok(json(status, &WireScan::new(verdict, WireTicket::new(ticket, options), zone)))
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
