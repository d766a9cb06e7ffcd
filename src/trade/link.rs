//! Who manages a unit or a team, and who belongs to a team.

use crate::error::{Error, Refusal, Result};
use crate::root::{Read, Write};
use crate::values::id::AccountId;
use uuid::Uuid;

/// What somebody is to a unit or a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Manages the unit.
    UnitManager,
    /// Manages the team.
    TeamManager,
    /// Belongs to the team.
    TeamMember,
}

impl Link {
    /// Where it is written down, and to what it leads.
    const fn table(self) -> (&'static str, &'static str) {
        match self {
            Self::UnitManager => ("unit_manager", "unit"),
            Self::TeamManager => ("team_manager", "team"),
            Self::TeamMember => ("team_member", "team"),
        }
    }

    /// The field by which a person names it.
    const fn field(self) -> &'static str {
        match self {
            Self::UnitManager => "managedUnits",
            Self::TeamManager => "managedTeams",
            Self::TeamMember => "teamMemberships",
        }
    }
}

/// The people of one unit or team.
pub fn people(tx: &Read, link: Link, place: Uuid) -> Result<Vec<AccountId>> {
    let (table, to) = link.table();
    let sql = format!("SELECT account FROM {table} WHERE {to} = ?1 ORDER BY account");
    tx.all(&sql, [place.as_bytes().as_slice()], |row| row.get(0))
}

/// The units or teams of one person.
pub fn places(tx: &Read, link: Link, account: AccountId) -> Result<Vec<Uuid>> {
    let (table, to) = link.table();
    let sql = format!("SELECT {to} FROM {table} WHERE account = ?1 ORDER BY {to}");
    tx.all(&sql, [account], |row| row.get(0))
}

/// All links of a kind: unit or team, and person.
pub fn all(tx: &Read, link: Link) -> Result<Vec<(Uuid, AccountId)>> {
    let (table, to) = link.table();
    let sql = format!("SELECT {to}, account FROM {table} ORDER BY {to}, account");
    tx.all(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Is this person linked to anything?
pub fn is_linked(tx: &Read, account: AccountId) -> Result<bool> {
    tx.exists(
        "SELECT 1 FROM unit_manager WHERE account = ?1 UNION ALL
         SELECT 1 FROM team_manager WHERE account = ?1 UNION ALL
         SELECT 1 FROM team_member WHERE account = ?1",
        [account],
    )
}

/// Refuses ids of units or teams that are not there.
pub fn check_places(tx: &Read, link: Link, places: &[Uuid]) -> Result<()> {
    let sql = format!("SELECT 1 FROM {} WHERE id = ?1", link.table().1);
    for place in places {
        if !tx.exists(&sql, [place.as_bytes().as_slice()])? {
            return Err(Error::Refused(Refusal::NoSuchReference(link.field())));
        }
    }
    Ok(())
}

/// Makes these the people of one unit or team.
pub fn set_people(tx: &Write, link: Link, place: Uuid, people: &[AccountId]) -> Result<()> {
    let (table, to) = link.table();
    let id = place.as_bytes().as_slice();
    tx.run(&format!("DELETE FROM {table} WHERE {to} = ?1"), [id])?;
    let sql = format!("INSERT OR IGNORE INTO {table} ({to}, account) VALUES (?1, ?2)");
    people.iter().try_for_each(|account| tx.run(&sql, (id, account)).map(drop))
}

/// Makes these the units or teams of one person; those that are not in use are left out.
pub fn set_places(tx: &Write, link: Link, account: AccountId, places: &[Uuid]) -> Result<()> {
    let (table, to) = link.table();
    tx.run(&format!("DELETE FROM {table} WHERE account = ?1"), [account])?;
    let sql = format!(
        "INSERT OR IGNORE INTO {table} ({to}, account) SELECT id, ?2 FROM {to} WHERE id = ?1 AND active = 1"
    );
    places
        .iter()
        .try_for_each(|place| tx.run(&sql, (place.as_bytes().as_slice(), account)).map(drop))
}
