//! Work that is done in the write that tells of it: an image that was cut before, reminders that it queues. What is over
//! is told of for a while, and so many of it at the most.

use super::Kind;
use crate::error::Result;
use crate::root::{By, Write};
use crate::trade::setting;
use crate::values::Language;
use crate::values::id::JobId;
use std::time::Duration;

/// How long a job is told of.
const TOLD: Duration = Duration::from_hours(400 * 24);

/// Jobs that are over and told of.
const TOLD_MAX: u32 = 5_000;

/// Tells of an image that was cut and is stored as `image`; `label` is what it was called where it came from.
pub(in crate::trade) fn note_image(tx: &Write, label: &str, image: &str) -> Result<()> {
    let account = match tx.by() {
        By::Account(id) => Some(*id),
        By::Program(_) | By::Console | By::House | By::Visitor => None,
    };
    tx.run(
        "INSERT INTO job (id, kind, state, label, account, image, done, created, changed)
         VALUES (?1, ?2, 100, ?3, ?4, ?5, 1, ?6, ?6)",
        (JobId::new(), Kind::Image, label, account, image, tx.now()),
    )?;
    make_room(tx)
}

/// Tells of so many reminders that this write queued.
pub(in crate::trade) fn note_reminders(tx: &Write, number: usize) -> Result<()> {
    let label = match setting::get(tx)?.language {
        Language::French => "Rappels d’adhésion",
        Language::English => "Membership reminders",
    };
    tx.run(
        "INSERT INTO job (id, kind, state, label, done, created, changed) VALUES (?1, ?2, 100, ?3, ?4, ?5, ?5)",
        (JobId::new(), Kind::Letters, label, u32::try_from(number).unwrap_or(u32::MAX), tx.now()),
    )?;
    make_room(tx)
}

/// Forgets jobs that are over: the old ones, and the oldest of too many.
pub(super) fn make_room(tx: &Write) -> Result<()> {
    let sql = "DELETE FROM job WHERE created < ?1 AND next_try IS NULL";
    tx.run(sql, [tx.now().minus(TOLD)])?;
    tx.run(
        "DELETE FROM job WHERE id IN
            (SELECT id FROM job WHERE next_try IS NULL ORDER BY created DESC, id DESC LIMIT -1 OFFSET ?1)",
        [TOLD_MAX],
    )
    .map(drop)
}
