//! Reminding members before their membership ends: once before each end, and again after it was renewed.
//!
//! What must stay true: nobody is reminded of an end that is past, or that another price of the same membership outlasts.
//! A membership that is shorter than the venue's notice is recalled in its second half; one of a day or less, never.

use super::outbox::{self, Kind};
use super::{job, setting};
use crate::error::Result;
use crate::root::{Read, Write};
use crate::values::Time;
use crate::values::id::{AccountId, MembershipId};

/// Reminders in one write, at the most.
const AT_ONCE: u32 = 500;

/// Who is still to be reminded at `?1`, with the moment `due` from which, where the venue gives `?2` days notice.
const UNREMINDED: &str = "SELECT membership.id, account, email,
        ends - 86400000000 * min(?2, CASE period WHEN 'W' THEN 3 WHEN 'M' THEN 15 WHEN 'O' THEN 15 ELSE 365 END) AS due
     FROM membership JOIN price ON price.id = membership.price
     WHERE ends > ?1 AND ends IS NOT NULL AND reminded IS NOT ends AND first_paid IS NOT NULL
       AND period NOT IN ('H', 'D') AND ?2 > 0
       AND NOT EXISTS (SELECT 1 FROM membership AS other
         WHERE other.product = membership.product AND other.account = membership.account AND other.first_paid IS NOT NULL
           AND (other.ends IS NULL OR other.ends > membership.ends))";

/// When the next member is to be reminded; none where nobody is, or the venue reminds nobody.
pub fn next(tx: &Read) -> Result<Option<Time>> {
    let days = setting::get(tx)?.membership_reminder_days;
    let sql = format!("SELECT min(due) FROM ({UNREMINDED})");
    tx.one(&sql, (tx.now(), days), |row| row.get(0))
}

/// Lets the reminders that are due wait to be sent, the earliest first; those of one write are one job.
pub(super) fn queue(tx: &Write) -> Result<()> {
    let days = setting::get(tx)?.membership_reminder_days;
    let sql = format!("{UNREMINDED} AND due <= ?1 ORDER BY due, membership.id LIMIT ?3");
    let due: Vec<(MembershipId, AccountId, String)> =
        tx.all(&sql, (tx.now(), days, AT_ONCE), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for (id, account, email) in &due {
        outbox::queue(tx, Kind::MembershipEnds, email, *account, Some(id.0))?;
        tx.run("UPDATE membership SET reminded = ends WHERE id = ?1", [id])?;
    }
    if due.is_empty() { Ok(()) } else { job::note_reminders(tx, due.len()) }
}
