//! Who changed what: one row beside each change, in the same transaction.

use crate::error::Result;
use crate::root::Write;
use uuid::Uuid;

/// Notes an action (`noun.verb`) on a subject.
pub fn note(tx: &Write, action: &'static str, subject: Option<Uuid>) -> Result<()> {
    tx.run(
        "INSERT INTO audit (at, actor, action, subject) VALUES (?1, ?2, ?3, ?4)",
        (tx.now(), tx.by().as_text(), action, subject),
    )
    .map(drop)
}

/// The newest rows, newest first: action and actor.
pub fn newest(tx: &crate::root::Read, limit: u32) -> Result<Vec<(String, String)>> {
    tx.all("SELECT action, actor FROM audit ORDER BY id DESC LIMIT ?1", [limit], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}
