//! Units: the parts of a tenant, one in another.
//!
//! What must stay true: no unit is in itself, at no depth; what is deleted is not active.

use super::link::{self, Link};
use super::{audit, check_room};
use crate::error::{Error, Refusal, Result};
use crate::root::{Read, Write};
use crate::values::id::{AccountId, UnitId};
use rusqlite::{Row, named_params};

/// Units that a tenant may have.
const MAX: u64 = 2_000;

/// How deep units are in each other.
const DEPTH: u32 = 32;

/// What is said of a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Its name.
    pub name: String,
    /// A line about it.
    pub description: Option<String>,
    /// Is it in use?
    pub active: bool,
    /// Was it taken away? It then is not active.
    pub deleted: bool,
    /// The unit that it is in.
    pub parent: Option<UnitId>,
}

/// A unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// What is said of it.
    pub content: Content,
}

const COLUMNS: &str = "id, name, description, active, deleted, parent";

fn row(row: &Row<'_>) -> rusqlite::Result<Unit> {
    Ok(Unit {
        id: row.get("id")?,
        content: Content {
            name: row.get("name")?,
            description: row.get("description")?,
            active: row.get("active")?,
            deleted: row.get("deleted")?,
            parent: row.get("parent")?,
        },
    })
}

/// The names of the units in use that somebody manages, or manages or belongs to a team of; so many at the most.
pub fn names_of(tx: &Read, account: AccountId, most: u32) -> Result<Vec<String>> {
    tx.all(
        "SELECT name FROM unit WHERE active = 1 AND id IN (
            SELECT unit FROM unit_manager WHERE account = ?1
            UNION SELECT unit FROM team JOIN team_manager ON team_manager.team = team.id WHERE account = ?1
            UNION SELECT unit FROM team JOIN team_member ON team_member.team = team.id WHERE account = ?1)
         ORDER BY name LIMIT ?2",
        (account, most),
        |row| row.get(0),
    )
}

/// Makes a unit.
pub fn create(tx: &Write, content: &Content) -> Result<Unit> {
    check_room(tx, "unit", MAX)?;
    let sql = format!(
        "INSERT INTO unit (id, name, description, active, deleted, parent, created)
         VALUES (:id, :name, :description, :active AND NOT :deleted, :deleted, :parent, :now) RETURNING {COLUMNS}"
    );
    let id = UnitId::new();
    let parent = parent_of(tx, id, content.parent)?;
    let Content { name, description, active, deleted, .. } = content;
    let made = tx.one(
        &sql,
        named_params! {
            ":id": id, ":name": name, ":description": description, ":active": active, ":deleted": deleted,
            ":parent": parent, ":now": tx.now(),
        },
        row,
    )?;
    audit::note(tx, "unit.create", Some(id.0))?;
    Ok(made)
}

/// All units by name.
pub fn list(tx: &Read) -> Result<Vec<Unit>> {
    tx.all(&format!("SELECT {COLUMNS} FROM unit ORDER BY name, id"), [], row)
}

/// The unit, or `NotFound`.
pub fn get(tx: &Read, id: UnitId) -> Result<Unit> {
    tx.must(&format!("SELECT {COLUMNS} FROM unit WHERE id = ?1"), [id], row)
}

/// Says something else of a unit.
pub fn update(tx: &Write, id: UnitId, content: &Content) -> Result<Unit> {
    let sql = format!(
        "UPDATE unit SET name = :name, description = :description, active = :active AND NOT :deleted,
            deleted = :deleted, parent = :parent
         WHERE id = :id RETURNING {COLUMNS}"
    );
    let stays = get(tx, id)?.content.parent == content.parent;
    // A parent that is not in use any more is none to choose, and still the one that it has.
    let parent = if stays { content.parent } else { parent_of(tx, id, content.parent)? };
    let Content { name, description, active, deleted, .. } = content;
    let changed = tx.must(
        &sql,
        named_params! {
            ":id": id, ":name": name, ":description": description, ":active": active, ":deleted": deleted,
            ":parent": parent,
        },
        row,
    )?;
    audit::note(tx, "unit.update", Some(id.0))?;
    Ok(changed)
}

/// Takes a unit away: where something is in it or somebody manages it, it stays as deleted.
pub fn remove(tx: &Write, id: UnitId) -> Result<()> {
    let is_used = tx.exists(
        "SELECT 1 FROM unit WHERE parent = ?1 UNION ALL SELECT 1 FROM team WHERE unit = ?1",
        [id],
    )? || !link::people(tx, Link::UnitManager, id.0)?.is_empty();
    let sql = match is_used {
        true => "UPDATE unit SET active = 0, deleted = 1 WHERE id = ?1",
        false => "DELETE FROM unit WHERE id = ?1",
    };
    if tx.run(sql, [id])? == 0 {
        return Err(Error::NotFound);
    }
    audit::note(tx, "unit.remove", Some(id.0))
}

/// The parent that a unit gets: none where the named one is not in use.
fn parent_of(tx: &Read, id: UnitId, parent: Option<UnitId>) -> Result<Option<UnitId>> {
    let Some(parent) = parent else { return Ok(None) };
    let active: Option<bool> =
        tx.maybe("SELECT active FROM unit WHERE id = ?1", [parent], |row| row.get(0))?;
    if active.is_none() && parent != id {
        return Err(Error::Refused(Refusal::NoSuchReference("parentUnitId")));
    }
    let above = "WITH RECURSIVE above (id, depth) AS (SELECT ?1, 1 UNION SELECT unit.parent, depth + 1
            FROM above JOIN unit ON unit.id = above.id WHERE unit.parent IS NOT NULL AND depth <= 64)
         SELECT max(depth) AS depth, max(id = ?2) AS is_circle FROM above";
    let (depth, is_circle): (u32, bool) =
        tx.one(above, (parent, id), |row| Ok((row.get("depth")?, row.get("is_circle")?)))?;
    if is_circle {
        return Err(Error::invalid("parentUnitId", "a unit is not in itself"));
    }
    let below = "WITH RECURSIVE below (id, depth) AS (SELECT ?1, 1 UNION SELECT unit.id, depth + 1
            FROM below JOIN unit ON unit.parent = below.id WHERE depth <= 64)
         SELECT max(depth) FROM below";
    if depth + tx.one(below, [id], |row| row.get::<_, u32>(0))? > DEPTH {
        return Err(Error::invalid("parentUnitId", format!("units are {DEPTH} deep at the most")));
    }
    Ok(Some(parent).filter(|_| active == Some(true)))
}
