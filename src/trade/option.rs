//! Options that a buyer may choose with an event: balcony, vegetarian, …

use super::{Page, audit, check_room};
use crate::error::{OnConflict, Refusal, Result};
use crate::root::{Read, Write};
use crate::values::id::OptionId;
use rusqlite::Row;

/// An option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its id.
    pub id: OptionId,
    /// Unique in its tenant.
    pub name: String,
    /// One line.
    pub description: Option<String>,
    /// Its place in the list; the first is 2, as in the contract.
    pub weight: i64,
}

const COLUMNS: &str = "id, name, description, weight";

fn row(row: &Row<'_>) -> rusqlite::Result<Choice> {
    Ok(Choice {
        id: row.get("id")?,
        name: row.get("name")?,
        description: row.get("description")?,
        weight: row.get("weight")?,
    })
}

/// Makes an option. Refused: a name that is taken, more than `max` options.
pub fn create(tx: &Write, name: &str, description: Option<&str>, max: u64) -> Result<Choice> {
    check_room(tx, "option", max)?;
    let sql = format!(
        "INSERT INTO option ({COLUMNS}) VALUES (?1, ?2, ?3, (SELECT coalesce(max(weight), 1) + 1 FROM option))
         RETURNING {COLUMNS}"
    );
    let made = tx
        .one(&sql, (OptionId::new(), name, description), row)
        .on_conflict("option.name", Refusal::NameTaken)?;
    audit::note(tx, "option.create", Some(made.id.0))?;
    Ok(made)
}

/// All options in their order.
pub fn list(tx: &Read, page: Page) -> Result<Vec<Choice>> {
    let sql = format!("SELECT {COLUMNS} FROM option ORDER BY weight, id LIMIT ?1 OFFSET ?2");
    tx.all(&sql, (page.limit, page.offset), row)
}

/// Is there such an option?
pub fn is_there(tx: &Read, id: OptionId) -> Result<bool> {
    tx.exists("SELECT 1 FROM option WHERE id = ?1", [id])
}

/// Is this the name of an option?
pub fn is_name_taken(tx: &Read, name: &str) -> Result<bool> {
    tx.exists("SELECT 1 FROM option WHERE name = ?1", [name])
}
