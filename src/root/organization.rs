//! Organizations: who owns the customers. One account per organization and e-mail.

use super::number::{self, Kind};
use super::{Operator, Read, Write};
use crate::error::{Error, Result};
use crate::values::Time;
use crate::values::id::OrganizationId;
use rusqlite::{Row, named_params};

/// Most characters of an organization's name.
pub const NAME_MAX: usize = 100;

/// One organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its small number; the admin's is 1.
    pub no: i64,
    /// Its name.
    pub name: String,
    /// Where it is at home: an ISO 3166 number.
    pub country: u16,
    /// Since when.
    pub created: Time,
}

const COLUMNS: &str = "id, no, name, country, created";

fn row(row: &Row<'_>) -> rusqlite::Result<Organization> {
    Ok(Organization {
        id: row.get("id")?,
        no: row.get("no")?,
        name: row.get("name")?,
        country: row.get("country")?,
        created: row.get("created")?,
    })
}

pub(super) fn create(tx: &Write, name: &str, country: u16) -> Result<Organization> {
    let sql = format!(
        "INSERT INTO organization (id, no, name, country, created) VALUES (:id, :no, :name, :country, :now)
         RETURNING {COLUMNS}"
    );
    let params = named_params! {
        ":id": OrganizationId::new(), ":no": number::next(tx, Kind::Organization)?, ":name": checked(name)?,
        ":country": country, ":now": tx.now(),
    };
    tx.one(&sql, params, row)
}

pub(super) fn by_no(tx: &Read, no: i64) -> Result<Option<Organization>> {
    tx.maybe(&format!("SELECT {COLUMNS} FROM organization WHERE no = ?1"), [no], row)
}

pub(super) fn by_id(tx: &Read, id: OrganizationId) -> Result<Option<Organization>> {
    tx.maybe(&format!("SELECT {COLUMNS} FROM organization WHERE id = ?1"), [id], row)
}

/// The name without spaces around it; 1 to [`NAME_MAX`] characters.
fn checked(name: &str) -> Result<&str> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX {
        return Err(Error::invalid("name", format!("must have 1 to {NAME_MAX} characters")));
    }
    Ok(name)
}

impl Operator {
    /// Makes an organization.
    pub fn create_organization(&self, name: &str, country: u16) -> Result<Organization> {
        self.house().file.write(self.by(), |tx| create(tx, name, country))
    }

    /// All organizations, oldest first.
    pub fn organizations(&self, limit: i64, offset: i64) -> Result<Vec<Organization>> {
        let sql = format!("SELECT {COLUMNS} FROM organization ORDER BY no LIMIT ?1 OFFSET ?2");
        self.house().file.read(|tx| tx.all(&sql, (limit, offset), row))
    }

    /// One organization by its small number.
    pub fn organization(&self, no: i64) -> Result<Option<Organization>> {
        self.house().file.read(|tx| by_no(tx, no))
    }

    /// Gives an organization another name or country.
    pub fn change_organization(
        &self,
        no: i64,
        name: Option<&str>,
        country: Option<u16>,
    ) -> Result<Organization> {
        let name = name.map(checked).transpose()?;
        let sql = format!(
            "UPDATE organization SET name = coalesce(?2, name), country = coalesce(?3, country) WHERE no = ?1
             RETURNING {COLUMNS}"
        );
        self.house().file.write(self.by(), |tx| tx.must(&sql, (no, name, country), row))
    }
}
