//! `/api/prints/`: all tickets of an event as one PDF, to hand out or to tick off at the desk. A job draws it; who asked
//! looks again until there is an address. Ours: the contract has none.

use super::data::Body;
use super::fields::{Field, Form, Kind, read_uuid};
use super::messages as say;
use super::wire::json;
use crate::doors::{Answer, Call, Front, results};
use crate::error::{Error, Refusal};
use crate::root::{Staff, Tenant};
use crate::trade::event;
use crate::trade::job::{self, Job, State};
use crate::trade::print::Layout;
use crate::values::id::{EventId, JobId};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use uuid::Uuid;

const LAYOUTS: &[&str] = &[Layout::Tickets.as_str(), Layout::List.as_str()];

pub(super) const FIELDS: &[Field] =
    &[Field::new("event", Kind::Key).required(), Field::new("layout", Kind::OneOf(LAYOUTS))];

pub(super) fn shape(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<WirePrint<'_>>()
}

/// A print that was asked for.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Print")]
struct WirePrint<'a> {
    uuid: Uuid,
    event: Option<Uuid>,
    /// `tickets`, a page each, or `list`, a line each.
    layout: &'static str,
    /// `received`, `begun`, `done` or `failed`.
    state: &'static str,
    /// What went wrong.
    error: Option<&'a str>,
    /// Where the file is, for seven days: whoever knows it has the tickets.
    url: Option<String>,
    created: String,
}

impl<'a> WirePrint<'a> {
    fn new(call: &Call<'_>, tenant: &Tenant, job: &'a Job) -> Result<Self, Error> {
        let url = job.has_file.then(|| results::path(tenant, job.id)).transpose()?;
        Ok(Self {
            uuid: job.id.0,
            event: job.event.map(|event| event.0),
            layout: job.layout.map_or("", Layout::as_str),
            state: match job.state {
                State::Received => "received",
                State::Begun => "begun",
                State::Done => "done",
                State::Failed => "failed",
            },
            error: job.error.as_deref(),
            url: url.map(|path| format!("{}{path}", call.origin)),
            created: job.created.to_string(),
        })
    }
}

/// Asks for one.
pub(super) fn ask(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let (body, tenant) = (Body::read(call)?, staff.tenant());
    let mut form = Form::check(FIELDS, &body.data(call.desk.json_depth)?, false, call.desk)?;
    let event = form.key("event", |id| is_there(tenant, EventId(id)))?;
    let layout = form.text("layout").and_then(Layout::parse).unwrap_or(Layout::Tickets);
    form.finish()?;
    let event = event.map(EventId).ok_or_else(|| Error::invalid("event", say::REQUIRED))?;
    let email = staff.account().map(|account| account.email.as_str());
    let asked = tenant.write(staff.by(), |tx| job::ask_print(tx, email, event, layout));
    let job = asked.map_err(refused)?;
    Ok(json(202, &WirePrint::new(call, tenant, &job)?))
}

fn is_there(tenant: &Tenant, event: EventId) -> Result<bool, Error> {
    match tenant.read(|tx| event::get(tx, event)) {
        Ok(_) => Ok(true),
        Err(Error::NotFound) => Ok(false),
        Err(other) => Err(other),
    }
}

fn refused(error: Error) -> Error {
    match error {
        Error::Refused(Refusal::NoTickets) => Error::invalid("event", say::NO_TICKETS),
        Error::Refused(Refusal::TooManyTickets(most)) => {
            Error::invalid("layout", say::too_many_tickets(most))
        }
        other => other,
    }
}

/// How one stands.
pub(super) fn show(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = read_uuid(call.param(0)).map(JobId).ok_or(Error::NotFound)?;
    let job = staff.tenant().read(|tx| job::get(tx, id))?;
    match job.kind {
        job::Kind::Print => Ok(json(200, &WirePrint::new(call, staff.tenant(), &job)?)),
        _ => Err(Error::NotFound.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_may_be_chosen() {
        assert_eq!(Layout::ALL.iter().map(|layout| layout.as_str()).collect::<Vec<_>>(), LAYOUTS);
    }
}
