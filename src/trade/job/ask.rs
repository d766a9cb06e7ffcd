//! Asking for work: each is refused before it is a row, where it could not be done.

use super::{Export, Job, Kind, get, note};
use crate::error::{Error, Refusal, Result};
use crate::root::{Errand, Read, Write};
use crate::trade::print::{self, Layout};
use crate::trade::{audit, event, import};
use crate::values::id::{EventId, JobId};
use rusqlite::named_params;
use std::time::Duration;

/// Jobs of one tenant that may wait.
const WAITING: i64 = 100;

fn check_queue(tx: &Read) -> Result<()> {
    let sql = "SELECT count(*) FROM job WHERE next_try IS NOT NULL";
    let waiting: i64 = tx.one(sql, [], |row| row.get(0))?;
    if waiting >= WAITING { Err(Error::Refused(Refusal::TooMany("job"))) } else { Ok(()) }
}

fn asked(tx: &Write, id: JobId) -> Result<Job> {
    tx.plan(Errand::Job, tx.now());
    note::make_room(tx)?;
    audit::note(tx, "job.create", Some(id.0))?;
    get(tx, id)
}

/// Asks for a report as a file. Refused: more jobs than may wait.
pub fn ask_export(tx: &Write, email: Option<&str>, export: &Export) -> Result<Job> {
    check_queue(tx)?;
    let (id, Export { report, days, format }) = (JobId::new(), export);
    tx.run(
        "INSERT INTO job (id, kind, label, email, report, day_from, day_to, format, next_try, created, changed)
         VALUES (:id, :kind, :label, :email, :report, :from, :to, :format, :now, :now, :now)",
        named_params! {
            ":id": id, ":kind": Kind::Export, ":label": report.title, ":email": email, ":report": report.name,
            ":from": days.from().to_string(), ":to": days.to().to_string(), ":format": format.ending(), ":now": tx.now(),
        },
    )?;
    asked(tx, id)
}

/// How long all who have tickets of an event are left in peace once they were written to.
const LETTERS_EVERY: Duration = Duration::from_hours(1);

/// Asks to send their tickets again to all who have some of an event. Refused: more jobs than may wait, and an event whose
/// tickets were sent again within the hour.
pub fn ask_letters(tx: &Write, email: Option<&str>, event: EventId) -> Result<Job> {
    check_queue(tx)?;
    let (id, name) = (JobId::new(), event::get(tx, event)?.name);
    let sql = "SELECT 1 FROM job WHERE kind = ?1 AND event = ?2 AND state <> -1 AND created > ?3";
    if tx.exists(sql, (Kind::Letters, event, tx.now().minus(LETTERS_EVERY)))? {
        return Err(Error::invalid("event", "its tickets were sent again within the last hour"));
    }
    tx.run(
        "INSERT INTO job (id, kind, label, email, event, next_try, created, changed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?6)",
        (id, Kind::Letters, name, email, event, tx.now()),
    )?;
    asked(tx, id)
}

/// Asks to draw all tickets of an event as one file. Refused: more jobs than may wait, an event without tickets, and one
/// with more than a file of this layout takes.
pub fn ask_print(tx: &Write, email: Option<&str>, event: EventId, layout: Layout) -> Result<Job> {
    check_queue(tx)?;
    let (id, name) = (JobId::new(), event::get(tx, event)?.name);
    print::check(tx, event, layout)?;
    tx.run(
        "INSERT INTO job (id, kind, label, email, event, format, next_try, created, changed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?7)",
        (id, Kind::Print, name, email, event, layout.as_str(), tx.now()),
    )?;
    asked(tx, id)
}

/// Asks to make products and prices. Refused: more jobs than may wait.
pub fn ask_import(
    tx: &Write,
    email: Option<&str>,
    label: &str,
    catalogue: Option<&str>,
    rows: &[import::Row],
) -> Result<Job> {
    check_queue(tx)?;
    import::check_room(tx, rows)?;
    let id = JobId::new();
    tx.run(
        "INSERT INTO job (id, kind, label, email, catalogue, next_try, created, changed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?6)",
        (id, Kind::Import, label, email, catalogue, tx.now()),
    )?;
    import::keep(tx, id, rows)?;
    asked(tx, id)
}
