//! `/v2/tenants/:id/assetProcessings`: the work that is done beside requests, and asking for some.

use super::errors::names_people;
use super::given::{Given, page};
use super::imported;
use super::tenants::current;
use super::wire::{many, one};
use crate::doors::{Answer, Call, Front, results};
use crate::error::{Error, Refusal, Result};
use crate::paper::table::{Separator, Style};
use crate::root::{Caller, Right, Staff, Tenant};
use crate::trade::import;
use crate::trade::job::{self, Export, Job, Kind};
use crate::trade::media::variation_path;
use crate::trade::print::Layout;
use crate::trade::report::{self, Days, Format};
use crate::values::Time;
use crate::values::id::EventId;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use std::time::Duration;

/// How far back is looked where nobody says.
const USUAL: Duration = Duration::from_hours(30 * 24);

/// One piece of work.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoomleAssetProcessing")]
pub(super) struct WireProcessing {
    id: String,
    source_settings: Value,
    result_meta_data: Value,
    r#type: i64,
    status: i64,
    tenant_id: i64,
    target_id: Option<String>,
    updated: String,
    created: String,
    user_email: Option<String>,
    thumbnail: Option<String>,
    result_url: Option<String>,
    label: String,
    catalog_label: Option<String>,
}

impl WireProcessing {
    fn new(call: &Call<'_>, staff: &Staff, job: Job, refused: &[(u32, String)]) -> Result<Self> {
        let tenant = staff.tenant();
        // Whoever has the link has the file.
        let shown = job.has_file && (staff.may(Right::Reservation) || !job.names_people());
        let file = shown.then(|| results::path(tenant, job.id)).transpose()?;
        let image = job.image.as_ref().map(|image| format!("/media/{image}"));
        let url = file.or(image).map(|path| link(call, tenant, &path));
        let thumbnail = job.image.as_ref().map(|image| {
            link(call, tenant, &format!("/media/{}", variation_path(image, "thumbnail")))
        });
        let asked = match (&job.export, job.event, job.layout) {
            (Some([report, from, to, format]), ..) => {
                json!({ "report": report, "from": from, "to": to, "format": format })
            }
            (None, Some(event), Some(layout)) => {
                json!({ "event": event.to_string(), "layout": layout.as_str() })
            }
            (None, Some(event), None) => json!({ "event": event.to_string() }),
            (None, None, _) => json!({}),
        };
        let rows: Vec<Value> =
            refused.iter().map(|(row, why)| json!({ "row": row, "error": why })).collect();
        Ok(Self {
            id: job.id.to_string(),
            source_settings: asked,
            result_meta_data: json!({ "done": job.done, "failed": job.failed, "error": job.error, "refused": rows }),
            r#type: job.kind as i64,
            status: job.state as i64,
            tenant_id: tenant.entry().no,
            target_id: job
                .event
                .map(|event| event.to_string())
                .or(job.export.map(|[report, ..]| report))
                .or(job.image),
            updated: job.changed.millis(),
            created: job.created.millis(),
            user_email: job.email,
            thumbnail,
            result_url: url,
            label: job.label,
            catalog_label: job.catalogue,
        })
    }
}

/// The address of a path on the tenant's own host, as the caller reaches this one.
fn link(call: &Call<'_>, tenant: &Tenant, path: &str) -> String {
    let (scheme, here) = call.origin.split_once("://").unwrap_or(("https", ""));
    let port = here.rsplit_once(':').map(|(_, port)| port);
    let port = port.filter(|port| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()));
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    format!("{scheme}://{}{port}{path}", tenant.entry().primary)
}

/// Fills in the addresses of who asked, where the house alone knows them.
fn named(staff: &Staff, mut jobs: Vec<Job>) -> Result<Vec<Job>> {
    let asked = jobs.iter().filter(|job| job.email.is_none()).filter_map(|job| job.account);
    let known = staff.addresses(&asked.collect::<Vec<_>>())?;
    for job in jobs.iter_mut().filter(|job| job.email.is_none()) {
        job.email = job.account.and_then(|account| known.get(&account).cloned());
    }
    Ok(jobs)
}

/// A moment such as `2016-06-01T07:54:07.000Z`, or with `+02:00` in the place of the `Z`.
fn moment(name: &'static str, text: &str) -> Result<Time> {
    // In a query, a plus is a space.
    let text = text.replace(' ', "+");
    let shape = "dddd-dd-ddTdd:dd:dd.ddd";
    let fits = |text: &str, shape: &str| {
        let fits = |(byte, form): (u8, u8)| match form {
            b'd' => byte.is_ascii_digit(),
            b's' => matches!(byte, b'+' | b'-'),
            own => own == byte,
        };
        text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
    };
    let right = text.split_at_checked(shape.len()).is_some_and(|(at, zone)| {
        fits(at, shape) && ["Z", "sdd:dd"].iter().any(|shape| fits(zone, shape))
    });
    let read = right.then(|| Time::parse(&text)).flatten();
    read.ok_or_else(|| Error::invalid(name, "must be such as 2016-06-01T07:54:07.000Z"))
}

/// The work that was asked for in a span of time, the newest first.
pub(super) fn list(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    current(call, front)?;
    let said = |name: &'static str| {
        call.request.get_param(name).map(|text| moment(name, &text)).transpose()
    };
    let (from, to) = (said("from")?, said("to")?);
    let to = to.unwrap_or(call.now);
    let from = from.unwrap_or_else(|| to.minus(USUAL));
    if from > to {
        return Err(Error::invalid("from", "must not be after to").into());
    }
    let page = page(call)?;
    let (found, total) = staff.tenant().read(|tx| job::list(tx, from, to, page))?;
    let wire = |job| WireProcessing::new(call, staff, job, &[]);
    let all: Vec<_> = named(staff, found)?.into_iter().map(wire).collect::<Result<_>>()?;
    Ok(many(call, "assetProcessings", &all, total))
}

/// One piece of work, with the rows that an import refused.
pub(super) fn show(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    current(call, front)?;
    let id = call.param(1).parse().map_err(|_| Error::NotFound)?;
    let id = crate::values::id::JobId(id);
    let (job, refused) =
        staff.tenant().read(|tx| Ok((job::get(tx, id)?, import::refused(tx, id)?)))?;
    let job = named(staff, vec![job])?.pop().ok_or(Error::NotFound)?;
    Ok(one(call, "assetProcessing", WireProcessing::new(call, staff, job, &refused)?))
}

/// Asks for work: 0 an import, 2 a print, 3 an export, 4 letters. Each needs a right of its own.
pub(super) fn ask(call: &Call<'_>, front: &Front, caller: &Caller) -> Answer {
    current(call, front)?;
    let given = Given::body(call)?.within("assetProcessing")?;
    let wanted = given.number("type")?.ok_or_else(|| Error::invalid("type", "is required"))?;
    let (kind, right) = [
        (Kind::Import, Right::Product),
        (Kind::Print, Right::Reservation),
        (Kind::Export, Right::Statistics),
        (Kind::Letters, Right::Event),
    ]
    .into_iter()
    .find(|(kind, _)| *kind as i64 == wanted)
    .ok_or_else(|| Error::invalid("type", "must be 0, 2, 3 or 4"))?;
    let staff = front.tenant.admit(caller, Some(right))?;
    let label = given.text("label", 200)?;
    let mut settings = given.object("sourceSettings")?;
    let email = staff.account().map(|account| account.email.as_str().to_owned());
    let (tenant, by) = (staff.tenant(), email.as_deref());
    let asked = match kind {
        Kind::Export => {
            let export = export(&settings)?;
            if export.report.names_people() && !staff.may(Right::Reservation) {
                return Err(names_people(call));
            }
            tenant.write(staff.by(), |tx| job::ask_export(tx, by, &export))?
        }
        Kind::Letters => {
            let event = event(&settings)?;
            tenant.write(staff.by(), |tx| job::ask_letters(tx, by, event)).map_err(refused)?
        }
        Kind::Print => {
            let (event, layout) = (event(&settings)?, layout(&settings)?);
            tenant.write(staff.by(), |tx| job::ask_print(tx, by, event, layout)).map_err(refused)?
        }
        Kind::Import => {
            let import = imported::read(call, &staff, &mut settings)?;
            let label = label.unwrap_or_else(|| "Import".to_owned());
            let catalogue = import.catalogue.as_deref();
            tenant
                .write(staff.by(), |tx| job::ask_import(tx, by, &label, catalogue, &import.rows))?
        }
        Kind::Image => return Err(Error::NotFound.into()),
    };
    Ok(one(call, "assetProcessing", WireProcessing::new(call, &staff, asked, &[])?))
}

fn no_event() -> Error {
    Error::invalid("event", "must be the id of an event")
}

fn event(settings: &Given) -> Result<EventId> {
    let text = settings.text("event", 36)?.unwrap_or_default();
    text.parse().map(EventId).map_err(|_| no_event())
}

fn layout(settings: &Given) -> Result<Layout> {
    let Some(text) = settings.text("layout", 10)? else { return Ok(Layout::Tickets) };
    Layout::parse(&text).ok_or_else(|| Error::invalid("layout", "must be tickets or list"))
}

/// What is wrong with the event.
fn refused(error: Error) -> Error {
    match error {
        Error::NotFound => no_event(),
        Error::Refused(refusal @ Refusal::NoTickets) => {
            Error::invalid("event", refusal.to_string())
        }
        Error::Refused(refusal @ Refusal::TooManyTickets(_)) => {
            Error::invalid("layout", refusal.to_string())
        }
        other => other,
    }
}

fn export(settings: &Given) -> Result<Export> {
    let name = settings.text("report", 50)?.unwrap_or_default();
    let known = || report::ALL.iter().map(|report| report.name).collect::<Vec<_>>().join(", ");
    let report = report::named(&name)
        .ok_or_else(|| Error::invalid("report", format!("must be one of {}", known())))?;
    let day = |field: &'static str| {
        let text = settings.text(field, 10)?.unwrap_or_default();
        let wrong = |_| Error::invalid(field, "must be a day such as 2016-06-01");
        text.parse::<jiff::civil::Date>().map_err(wrong)
    };
    let days = Days::new(day("from")?, day("to")?)
        .map_err(|_| Error::invalid("to", "must be after from, and by ten years at the most"))?;
    let format = match settings.text("format", 10)?.as_deref() {
        None | Some("csv") => Format::Csv(Style { separator: Separator::Semicolon, bom: true }),
        Some("xlsx") => Format::Xlsx,
        Some(_) => return Err(Error::invalid("format", "must be csv or xlsx")),
    };
    Ok(Export { report, days, format })
}
