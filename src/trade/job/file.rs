//! The files that jobs make: kept for some days, so many bytes of them at once, and thrown away, the oldest first.

use super::{Job, Kind, note};
use crate::error::{Error, Result};
use crate::root::{Read, Write};
use crate::trade::usage;
use crate::values::id::JobId;
use std::time::Duration;

/// What a job made.
#[derive(Clone, Debug)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// The longest file that is kept.
const FILE_MAX: usize = 16 << 20;

/// Bytes of all files that are kept at once; for a new one the oldest go.
const FILES_MAX: i64 = 64 << 20;

/// How long a file is kept.
const FILE_KEPT: Duration = Duration::from_hours(7 * 24);

/// Keeps the file that a job made, which is over with it. A file that is too long is none.
pub fn finish(tx: &Write, job: &Job, file: &File) -> Result<()> {
    if file.bytes.len() > FILE_MAX {
        let (field, instead) = match job.kind {
            Kind::Print => ("layout", "a list"),
            _ => ("to", "fewer days"),
        };
        let most = FILE_MAX >> 20;
        let why = format!("the file is longer than {most} MiB: take {instead}");
        return Err(Error::invalid(field, why));
    }
    usage::check_size(tx)?;
    // The oldest give way.
    let room = FILES_MAX - i64::try_from(file.bytes.len()).unwrap_or(FILES_MAX);
    tx.run(
        "UPDATE job SET result = NULL, expires = NULL WHERE id IN (SELECT id FROM
            (SELECT id, sum(length(result)) OVER (ORDER BY changed DESC, id DESC) AS kept FROM job WHERE result IS NOT NULL)
            WHERE kept > ?1)",
        [room],
    )?;
    let expires = tx.now().plus(FILE_KEPT);
    tx.run(
        "UPDATE job SET state = 100, next_try = NULL, error = NULL, done = 1, name = ?2, media = ?3, result = ?4,
            expires = ?5, changed = ?6
         WHERE id = ?1 AND state = 10",
        (job.id, &file.name, &file.media_type, &file.bytes, expires, tx.now()),
    )
    .map(drop)
}

/// The file that a job made, while it is there.
pub fn file(tx: &Read, id: JobId) -> Result<File> {
    let sql =
        "SELECT name, media, result FROM job WHERE id = ?1 AND result IS NOT NULL AND expires > ?2";
    tx.must(sql, (id, tx.now()), |row| {
        Ok(File {
            name: row.get("name")?,
            media_type: row.get("media")?,
            bytes: row.get("result")?,
        })
    })
}

/// Throws away files whose time is over, and jobs that are not told of any more.
pub fn forget(tx: &Write) -> Result<()> {
    tx.run(
        "UPDATE job SET result = NULL, expires = NULL WHERE expires IS NOT NULL AND expires <= ?1",
        [tx.now()],
    )?;
    note::make_room(tx)
}
