//! Work that is done beside requests: exports, prints, letters to many, imports; and what is told of as such, images that
//! were cut and reminders.
//!
//! What must stay true: a job is taken up by one worker at a time, goes on after a crash where it was, and does nothing
//! twice: each step is one write, that also says how far the job came. A file that a job made is thrown away in the end,
//! and jobs that are over make room for new ones.

mod ask;
mod file;
mod note;

pub use ask::{ask_export, ask_import, ask_letters, ask_print};
pub use file::{File, file, finish, forget};
pub(super) use note::{note_image, note_reminders};

use super::Page;
use super::outbox::{self, Kind as Mail};
use super::print::Layout;
use super::report::{self, Days, Format, Report};
use crate::error::{Error, Result};
use crate::paper::table::{Separator, Style};
use crate::root::{Read, Write};
use crate::values::Time;
use crate::values::id::{AccountId, BookingId, EventId, JobId};
use jiff::civil::Date;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Row, named_params};
use std::time::Duration;

/// Makes an enum of numbers a column.
macro_rules! number_column {
    ($name:ident { $($variant:ident),+ }) => {
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::from(*self as i64))
            }
        }
        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let number = value.as_i64()?;
                [$(Self::$variant),+].into_iter().find(|one| *one as i64 == number).ok_or(FromSqlError::InvalidType)
            }
        }
    };
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Products and prices are made.
    Import = 0,
    /// An image was cut; told when it is done.
    Image = 1,
    /// All tickets of an event are drawn as one file.
    Print = 2,
    /// A report is written as a file.
    Export = 3,
    /// Everybody who has tickets of an event gets them again; or reminders were queued at once, told when that is done.
    Letters = 4,
}

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody has begun.
    Received = 0,
    /// Begun.
    Begun = 10,
    /// Over.
    Done = 100,
    /// Came to nothing.
    Failed = -1,
}

number_column!(Kind { Import, Image, Print, Export, Letters });
number_column!(State { Received, Begun, Done, Failed });

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What is to be done.
    pub kind: Kind,
    /// How it stands.
    pub state: State,
    /// What it is about.
    pub label: String,
    /// Who asked for it.
    pub email: Option<String>,
    /// Who asked for it, where only the house knows the address.
    pub account: Option<AccountId>,
    /// The catalogue that an import fills.
    pub catalogue: Option<String>,
    /// Of an export: the report's name, its days, and `csv` or `xlsx`.
    pub export: Option<[String; 4]>,
    /// Of a print: as what.
    pub layout: Option<Layout>,
    /// Of a print and of letters: the event.
    pub event: Option<EventId>,
    /// The image that was cut, while it is there.
    pub image: Option<String>,
    cursor: Option<BookingId>,
    /// Parts that are done.
    pub done: u32,
    /// Parts that could not be done.
    pub failed: u32,
    attempts: u32,
    /// What went wrong.
    pub error: Option<String>,
    /// Is the file that it made still there?
    pub has_file: bool,
    /// When it was asked for.
    pub created: Time,
    /// When it last came further.
    pub changed: Time,
}

const COLUMNS: &str = "id, kind, state, label, email, account, catalogue, report, day_from, day_to, format, event, cursor,
    (SELECT media.name FROM media WHERE media.name = job.image AND variation = '') AS image,
    done, failed, attempts, error, result IS NOT NULL AS has_file, created, changed";

fn row(row: &Row<'_>) -> rusqlite::Result<Job> {
    let (report, format): (Option<String>, Option<String>) =
        (row.get("report")?, row.get("format")?);
    let layout = format.as_deref().and_then(Layout::parse);
    let export = match (report, format) {
        (Some(report), Some(format)) => {
            Some([report, row.get("day_from")?, row.get("day_to")?, format])
        }
        _ => None,
    };
    Ok(Job {
        id: row.get("id")?,
        kind: row.get("kind")?,
        state: row.get("state")?,
        label: row.get("label")?,
        email: row.get("email")?,
        account: row.get("account")?,
        catalogue: row.get("catalogue")?,
        export,
        layout,
        event: row.get("event")?,
        image: row.get("image")?,
        cursor: row.get("cursor")?,
        done: row.get("done")?,
        failed: row.get("failed")?,
        attempts: row.get("attempts")?,
        error: row.get("error")?,
        has_file: row.get("has_file")?,
        created: row.get("created")?,
        changed: row.get("changed")?,
    })
}

/// What an export is to be.
#[derive(Debug)]
pub struct Export {
    /// Which report.
    pub report: &'static Report,
    /// Of which days.
    pub days: Days,
    /// As what.
    pub format: Format,
}

impl Job {
    /// Does the file that it makes name people?
    #[must_use]
    pub fn names_people(&self) -> bool {
        let report = self.export.as_ref().and_then(|[report, ..]| report::named(report));
        report.is_none_or(Report::names_people)
    }

    /// What it is to export.
    pub fn export(&self) -> Result<Export> {
        let [report, from, to, format] = self.export.as_ref().ok_or(Error::NotFound)?;
        let day = |text: &str| text.parse::<Date>().map_err(|e| Error::Internal(Box::new(e)));
        let days = Days::new(day(from)?, day(to)?);
        Ok(Export {
            report: report::named(report).ok_or(Error::NotFound)?,
            days: days.map_err(|fault| Error::internal(format!("{fault:?}")))?,
            format: match format.as_str() {
                "xlsx" => Format::Xlsx,
                _ => Format::Csv(Style { separator: Separator::Semicolon, bom: true }),
            },
        })
    }
}

/// The job, or `NotFound`.
pub fn get(tx: &Read, id: JobId) -> Result<Job> {
    tx.must(&format!("SELECT {COLUMNS} FROM job WHERE id = ?1"), [id], row)
}

/// Jobs that were asked for between two moments, both included, the newest first; and how many there are in all.
pub fn list(tx: &Read, from: Time, to: Time, page: Page) -> Result<(Vec<Job>, i64)> {
    let sql = format!(
        "SELECT {COLUMNS} FROM job WHERE created BETWEEN ?1 AND ?2 ORDER BY created DESC, id DESC LIMIT ?3 OFFSET ?4"
    );
    let all = tx.all(&sql, (from, to, page.limit, page.offset), row)?;
    let sql = "SELECT count(*) FROM job WHERE created BETWEEN ?1 AND ?2";
    Ok((all, tx.one(sql, (from, to), |row| row.get(0))?))
}

/// When a job is to be taken up next, or a file to be thrown away.
pub fn next(tx: &Read) -> Result<Option<Time>> {
    tx.one(
        "SELECT min(at) FROM (SELECT min(next_try) AS at FROM job WHERE next_try IS NOT NULL
            UNION ALL SELECT min(expires) FROM job WHERE expires IS NOT NULL)",
        [],
        |row| row.get(0),
    )
}

/// Takes up the job that waits longest; one that was begun before goes on. What was begun too often and never came to an
/// end, not even to a fault, ended us each time: it is over.
pub fn take(tx: &Write) -> Result<Option<Job>> {
    tx.run(
        "UPDATE job SET state = -1, next_try = NULL, error = 'the program ended over it, several times', changed = ?1
         WHERE next_try <= ?1 AND state = 10 AND attempts >= ?2",
        (tx.now(), TRIES),
    )?;
    let sql = format!(
        "UPDATE job SET state = 10, attempts = attempts + 1, changed = ?1
         WHERE id = (SELECT id FROM job WHERE next_try <= ?1 AND next_try IS NOT NULL ORDER BY next_try, id LIMIT 1)
         RETURNING {COLUMNS}"
    );
    tx.maybe(&sql, [tx.now()], row)
}

/// Letters that one write queues.
const LETTERS: u32 = 100;

/// Queues the next letters of a job; says whether it is over.
pub fn write_letters(tx: &Write, id: JobId) -> Result<bool> {
    let job = get(tx, id)?;
    let sql = "SELECT booking.id, orders.account, orders.email FROM booking JOIN orders ON orders.id = booking.orders
         WHERE booking.event = ?1 AND booking.proven = 1 AND orders.state = 'paid' AND (?2 IS NULL OR booking.id > ?2)
           AND EXISTS (SELECT 1 FROM ticket WHERE ticket.booking = booking.id AND ticket.state <> 'R')
         ORDER BY booking.id LIMIT ?3";
    let next: Vec<(BookingId, AccountId, String)> =
        tx.all(sql, (job.event, job.cursor, LETTERS), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    for (booking, account, email) in &next {
        outbox::queue(tx, Mail::Tickets, email, *account, Some(booking.0))?;
    }
    let cursor = next.last().map(|(booking, ..)| *booking).or(job.cursor);
    let queued = u32::try_from(next.len()).unwrap_or(LETTERS);
    advance(tx, id, queued, 0, cursor, queued < LETTERS)
}

/// Writes down how far a job came; says whether it is over.
pub(super) fn advance(
    tx: &Write,
    id: JobId,
    done: u32,
    failed: u32,
    cursor: Option<BookingId>,
    over: bool,
) -> Result<bool> {
    tx.run(
        "UPDATE job SET done = done + :done, failed = failed + :failed, cursor = :cursor, attempts = 0, changed = :now,
            state = iif(:over, 100, 10), next_try = iif(:over, NULL, next_try)
         WHERE id = :id AND state = 10",
        named_params! {
            ":id": id, ":done": done, ":failed": failed, ":cursor": cursor, ":over": over, ":now": tx.now(),
        },
    )?;
    Ok(over)
}

/// How often a job is taken up without coming further.
const TRIES: u32 = 5;

/// Writes down that a job did not come further: what is no use to try again, or was tried too often, is over.
pub fn fail(tx: &Write, job: &Job, error: &Error) -> Result<()> {
    let again = matches!(error, Error::Busy | Error::Unusable(_) | Error::Internal(_));
    let said = match error {
        Error::Internal(_) | Error::Unusable(_) => {
            "something is broken here: whoever hosts has it in the log".to_owned()
        }
        other => other.to_string(),
    };
    let over = !again || job.attempts >= TRIES;
    let next = (!over).then(|| tx.now().plus(Duration::from_secs(30 << job.attempts.min(6))));
    tx.run(
        "UPDATE job SET state = iif(?2, -1, 10), next_try = ?3, error = ?4, changed = ?5 WHERE id = ?1 AND state = 10",
        (job.id, over, next, said, tx.now()),
    )
    .map(drop)
}
