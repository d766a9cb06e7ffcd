//! What is to come at all venues: which event, where, when, with whom. A projection; all else of an event is read in its
//! tenant's own file.

use super::directory::{Directory, SEEN};
use super::registry::Entry;
use super::{Read, Write};
use crate::error::Result;
use crate::values::category::Programme;
use crate::values::id::{EventId, TenantId};
use crate::values::{Slug, Time};
use rusqlite::{Row, named_params};
use uuid::Uuid;

/// An event to come, as its tenant tells the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coming {
    /// Which.
    pub event: EventId,
    /// When it begins.
    pub starts: Time,
    /// The name of its image.
    pub image: Option<String>,
    /// The tenants that play.
    pub artists: Vec<TenantId>,
}

/// Where an event to come is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub event: EventId,
    /// The short name of its tenant.
    pub tenant: Slug,
}

/// Ids as a JSON text of hexadecimal digits, for `IN (SELECT unhex(value) FROM json_each(?))`.
pub fn set(ids: impl Iterator<Item = Uuid>) -> String {
    let mut text = String::from("[");
    for id in ids {
        text.push_str(if text.len() > 1 { ",\"" } else { "\"" });
        text.push_str(id.simple().encode_lower(&mut Uuid::encode_buffer()));
        text.push('"');
    }
    text.push(']');
    text
}

/// Puts a tenant's events to come in the place of what the directory had of them.
pub(super) fn project(tx: &Write, tenant: TenantId, coming: &[Coming]) -> Result<()> {
    tx.run("DELETE FROM coming WHERE tenant = ?1", [tenant])?;
    for one in coming {
        let Coming { event, starts, image, artists } = one;
        tx.run(
            "INSERT OR REPLACE INTO coming (event, tenant, starts, image) VALUES (?1, ?2, ?3, ?4)",
            (event, tenant, starts, image),
        )?;
        for artist in artists {
            tx.run(
                "INSERT OR IGNORE INTO coming_artist (event, artist) VALUES (?1, ?2)",
                (event, artist),
            )?;
        }
    }
    Ok(())
}

impl Directory {
    /// The events from a moment on that are shown at `here`, by date: an artist's own evenings, an agenda's tenants.
    pub fn coming(&self, here: &Entry, from: Time, limit: i64, offset: i64) -> Result<Vec<Found>> {
        let plays = here.category.traits().programme == Programme::Playing;
        let sql = format!(
            "SELECT coming.event, tenant.slug FROM coming JOIN tenant ON tenant.id = coming.tenant
             WHERE {SEEN} AND coming.starts >= :from
               AND (:all OR EXISTS (SELECT 1 FROM shown_on WHERE agenda = :here AND shown_on.tenant = tenant.id))
               AND (NOT :plays OR EXISTS (SELECT 1 FROM coming_artist WHERE artist = :here AND event = coming.event))
             ORDER BY coming.starts, coming.event LIMIT :limit OFFSET :offset"
        );
        self.house().file.read(|tx: &Read| {
            let params = named_params! {
                ":from": from, ":all": plays, ":here": here.id, ":plays": plays, ":limit": limit, ":offset": offset,
                ":least": self.least(),
            };
            tx.all(&sql, params, found)
        })
    }
}

fn found(row: &Row<'_>) -> rusqlite::Result<Found> {
    Ok(Found { event: row.get(0)?, tenant: row.get(1)? })
}
