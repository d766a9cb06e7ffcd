//! Teams: each in a unit, with people who belong to it, the agents, and people who manage it.

use super::link::{self, Link};
use super::{audit, check_room};
use crate::error::{Error, Refusal, Result};
use crate::root::{Read, Write};
use crate::values::id::{AccountId, TeamId, UnitId};
use rusqlite::{Row, named_params};

/// Teams that a tenant may have.
const MAX: u64 = 5_000;

/// What is said of a team.
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
    /// The unit that it is in; one always.
    pub unit: Option<UnitId>,
    /// Does it see its score?
    pub show_score: bool,
}

/// A team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// What is said of it.
    pub content: Content,
}

const COLUMNS: &str = "id, name, description, active, deleted, unit, show_score";

fn row(row: &Row<'_>) -> rusqlite::Result<Team> {
    Ok(Team {
        id: row.get("id")?,
        content: Content {
            name: row.get("name")?,
            description: row.get("description")?,
            active: row.get("active")?,
            deleted: row.get("deleted")?,
            unit: row.get("unit")?,
            show_score: row.get("show_score")?,
        },
    })
}

/// Makes a team in a unit that is in use.
pub fn create(tx: &Write, content: &Content) -> Result<Team> {
    check_room(tx, "team", MAX)?;
    check_unit(tx, content.unit)?;
    let sql = format!(
        "INSERT INTO team (id, name, description, active, deleted, unit, show_score, created)
         VALUES (:id, :name, :description, :active AND NOT :deleted, :deleted, :unit, :show_score, :now)
         RETURNING {COLUMNS}"
    );
    let id = TeamId::new();
    let Content { name, description, active, deleted, unit, show_score } = content;
    let made = tx.one(
        &sql,
        named_params! {
            ":id": id, ":name": name, ":description": description, ":active": active, ":deleted": deleted,
            ":unit": unit, ":show_score": show_score, ":now": tx.now(),
        },
        row,
    )?;
    audit::note(tx, "team.create", Some(id.0))?;
    Ok(made)
}

/// All teams by name.
pub fn list(tx: &Read) -> Result<Vec<Team>> {
    tx.all(&format!("SELECT {COLUMNS} FROM team ORDER BY name, id"), [], row)
}

/// The team, or `NotFound`.
pub fn get(tx: &Read, id: TeamId) -> Result<Team> {
    tx.must(&format!("SELECT {COLUMNS} FROM team WHERE id = ?1"), [id], row)
}

/// Says something else of a team. It may stay in a unit that is not in use any more, but not come into one.
pub fn update(tx: &Write, id: TeamId, content: &Content) -> Result<Team> {
    if get(tx, id)?.content.unit != content.unit {
        check_unit(tx, content.unit)?;
    }
    let sql = format!(
        "UPDATE team SET name = :name, description = :description, active = :active AND NOT :deleted,
            deleted = :deleted, unit = :unit, show_score = :show_score
         WHERE id = :id RETURNING {COLUMNS}"
    );
    let Content { name, description, active, deleted, unit, show_score } = content;
    let changed = tx.must(
        &sql,
        named_params! {
            ":id": id, ":name": name, ":description": description, ":active": active, ":deleted": deleted,
            ":unit": unit, ":show_score": show_score,
        },
        row,
    )?;
    audit::note(tx, "team.update", Some(id.0))?;
    Ok(changed)
}

/// Takes a team away: where somebody manages it or belongs to it, it stays as deleted.
pub fn remove(tx: &Write, id: TeamId) -> Result<()> {
    let is_used = !link::people(tx, Link::TeamManager, id.0)?.is_empty()
        || !link::people(tx, Link::TeamMember, id.0)?.is_empty();
    let sql = match is_used {
        true => "UPDATE team SET active = 0, deleted = 1 WHERE id = ?1",
        false => "DELETE FROM team WHERE id = ?1",
    };
    if tx.run(sql, [id])? == 0 {
        return Err(Error::NotFound);
    }
    audit::note(tx, "team.remove", Some(id.0))
}

/// Who belongs to a team that is in use, each once.
pub fn agents(tx: &Read) -> Result<Vec<AccountId>> {
    let sql =
        "SELECT DISTINCT account FROM team_member JOIN team ON team.id = team WHERE active = 1";
    tx.all(sql, [], |row| row.get(0))
}

fn check_unit(tx: &Read, unit: Option<UnitId>) -> Result<()> {
    let Some(unit) = unit else { return Err(Error::invalid("unitId", "is required")) };
    let sql = "SELECT active FROM unit WHERE id = ?1";
    match tx.maybe(sql, [unit], |row| row.get::<_, bool>(0))? {
        Some(true) => Ok(()),
        Some(false) => Err(Error::invalid("unitId", "must be a unit that is active")),
        None => Err(Error::Refused(Refusal::NoSuchReference("unitId"))),
    }
}
