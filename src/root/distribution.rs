//! Distributions: the channels through which a tenant sells. Each tenant has two at the least: web shop and box office.

use super::among::Among;
use super::number::{self, Kind};
use super::{Directory, Read, Right, Staff, Write};
use crate::error::{Error, OnConflict, Refusal, Result};
use crate::values::id::{DistributionId, TenantId};
use crate::values::{Slug, Time};
use rusqlite::{Row, named_params};

crate::values::letters! {
    /// What kind of channel.
    Channel {
        /// A web shop.
        Web = "WEB",
        /// A box office.
        BoxOffice = "POS",
        /// Somebody else's shop.
        Partner = "PARTNER",
    }
}

/// One channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    /// Its id.
    pub id: DistributionId,
    /// Its small number.
    pub no: i64,
    /// Whose it is.
    pub tenant: TenantId,
    /// Its unique name in addresses.
    pub key: String,
    /// Its name.
    pub name: String,
    /// What kind of channel.
    pub channel: Channel,
    /// Where it is.
    pub url: Option<String>,
    /// Hosts that may embed it: a JSON array.
    pub allowed_hosts: String,
    /// What it says of itself: a JSON object.
    pub settings: String,
    /// Is it open?
    pub active: bool,
    /// Since when.
    pub created: Time,
}

/// What a new channel is to be.
#[derive(Clone, Debug)]
pub struct New<'a> {
    /// Its unique name in addresses.
    pub key: &'a str,
    /// Its name.
    pub name: &'a str,
    /// What kind of channel.
    pub channel: Channel,
    /// Where it is.
    pub url: Option<&'a str>,
    /// Hosts that may embed it: a JSON array.
    pub allowed_hosts: &'a str,
}

pub(super) const COLUMNS: &str =
    "id, no, tenant, key, name, kind, url, allowed_hosts, settings, active, created";

pub(super) fn row(row: &Row<'_>) -> rusqlite::Result<Distribution> {
    Ok(Distribution {
        id: row.get("id")?,
        no: row.get("no")?,
        tenant: row.get("tenant")?,
        key: row.get("key")?,
        name: row.get("name")?,
        channel: row.get("kind")?,
        url: row.get("url")?,
        allowed_hosts: row.get("allowed_hosts")?,
        settings: row.get("settings")?,
        active: row.get("active")?,
        created: row.get("created")?,
    })
}

pub(super) fn create(tx: &Write, tenant: TenantId, new: &New<'_>) -> Result<Distribution> {
    let sql = format!(
        "INSERT INTO distribution (id, no, tenant, key, name, kind, url, allowed_hosts, created)
         VALUES (:id, :no, :tenant, :key, :name, :kind, :url, :allowed_hosts, :now) RETURNING {COLUMNS}"
    );
    let params = named_params! {
        ":id": DistributionId::new(), ":no": number::next(tx, Kind::Distribution)?, ":tenant": tenant, ":key": new.key,
        ":name": new.name, ":kind": new.channel, ":url": new.url, ":allowed_hosts": new.allowed_hosts, ":now": tx.now(),
    };
    tx.one(&sql, params, row).on_conflict("distribution.key", Refusal::NameTaken)
}

/// The two that every tenant begins with.
pub(super) fn create_first(tx: &Write, tenant: TenantId, slug: &Slug) -> Result<()> {
    let first = [("", "Web shop", Channel::Web), ("_box_office", "Box office", Channel::BoxOffice)];
    for (tail, name, channel) in first {
        let key = format!("{slug}{tail}");
        let new = New { key: &key, name, channel, url: None, allowed_hosts: "[]" };
        create(tx, tenant, &new)?;
    }
    Ok(())
}

/// The channels of a tenant, oldest first.
pub(super) fn of(tx: &Read, tenant: TenantId) -> Result<Vec<Distribution>> {
    tx.all(
        &format!("SELECT {COLUMNS} FROM distribution WHERE tenant = ?1 ORDER BY no"),
        [tenant],
        row,
    )
}

/// Those of these small numbers, in their order; `numbers` is a JSON array.
pub(super) fn among(tx: &Read, numbers: &str) -> Result<Vec<Distribution>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM distribution WHERE no IN (SELECT value FROM json_each(?1)) ORDER BY no"
    );
    tx.all(&sql, [numbers], row)
}

pub(super) fn by_no(tx: &Read, no: i64) -> Result<Option<Distribution>> {
    tx.maybe(&format!("SELECT {COLUMNS} FROM distribution WHERE no = ?1"), [no], row)
}

impl Staff {
    /// The channels of this tenant, oldest first. For who may manage it.
    pub fn distributions(&self) -> Result<Vec<Distribution>> {
        self.must(Right::Manage)?;
        let id = self.tenant().entry().id;
        self.tenant().house().file.read(|tx| of(tx, id))
    }
}

/// Most channels of one tenant.
const MOST: usize = 200;

/// What is to be said of a channel from now on; none: it stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Change<'a> {
    /// Its name.
    pub name: Option<&'a str>,
    /// Where it is.
    pub url: Option<&'a str>,
    /// Hosts that may embed it: a JSON array.
    pub allowed_hosts: Option<&'a str>,
    /// Is it open?
    pub active: Option<bool>,
}

/// What is to change of a web shop; what is none stays.
#[derive(Clone, Debug, Default)]
pub struct ShopChange {
    /// Where it is; none of it clears.
    pub url: Option<Option<String>>,
    /// Hosts that may embed it: a JSON array.
    pub allowed_hosts: Option<String>,
    /// What it says of itself: a JSON object.
    pub settings: Option<String>,
}

impl Staff {
    /// Opens one channel more. For who may manage the tenant. Refused: a name that another has, more than so many.
    pub fn open_distribution(&self, new: &New<'_>) -> Result<Distribution> {
        self.must(Right::Manage)?;
        let id = self.tenant().entry().id;
        self.tenant().house().file.write(self.by(), |tx| {
            if of(tx, id)?.len() >= MOST {
                return Err(Error::Refused(Refusal::TooMany("distribution")));
            }
            create(tx, id, new)
        })
    }

    /// Changes a web shop of this tenant. For who may manage it.
    pub fn change_shop(&self, key: &str, change: &ShopChange) -> Result<Distribution> {
        self.must(Right::Manage)?;
        let (id, ShopChange { url, allowed_hosts, settings }) = (self.tenant().entry().id, change);
        let sql = format!(
            "UPDATE distribution SET url = iif(:keeps_url, url, :url),
                allowed_hosts = coalesce(:allowed_hosts, allowed_hosts), settings = coalesce(:settings, settings)
             WHERE tenant = :tenant AND key = :key AND kind = 'WEB' RETURNING {COLUMNS}"
        );
        let params = named_params! {
            ":tenant": id, ":key": key, ":keeps_url": url.is_none(), ":url": url.as_ref().and_then(Option::as_ref),
            ":allowed_hosts": allowed_hosts, ":settings": settings,
        };
        self.tenant().house().file.write(self.by(), |tx| tx.must(&sql, params, row))
    }

    /// Changes a channel of this tenant. Refused: closing one where fewer than two would be open.
    pub fn change_distribution(&self, no: i64, change: Change<'_>) -> Result<Distribution> {
        self.must(Right::Manage)?;
        let id = self.tenant().entry().id;
        let Change { name, url, allowed_hosts, active } = change;
        self.tenant().house().file.write(self.by(), |tx| {
            if active == Some(false) {
                stays_enough(tx, id, no)?;
            }
            let sql = format!(
                "UPDATE distribution SET name = coalesce(?3, name), url = coalesce(?4, url),
                    allowed_hosts = coalesce(?5, allowed_hosts), active = coalesce(?6, active)
                 WHERE tenant = ?1 AND no = ?2 RETURNING {COLUMNS}"
            );
            tx.must(&sql, (id, no, name, url, allowed_hosts, active), row)
        })
    }

    /// Deletes a channel of this tenant. Refused: where fewer than two open ones would be left.
    pub fn delete_distribution(&self, no: i64) -> Result<()> {
        self.must(Right::Manage)?;
        let id = self.tenant().entry().id;
        self.tenant().house().file.write(self.by(), |tx| {
            stays_enough(tx, id, no)?;
            let sql = "DELETE FROM distribution WHERE tenant = ?1 AND no = ?2 RETURNING no";
            tx.must(sql, (id, no), |row| row.get::<_, i64>(0)).map(drop)
        })
    }
}

/// Refused where a tenant would have fewer than two open channels without this one.
fn stays_enough(tx: &Read, tenant: TenantId, no: i64) -> Result<()> {
    let all = of(tx, tenant)?;
    if !all.iter().any(|one| one.no == no) {
        return Err(Error::NotFound);
    }
    let left = all.iter().filter(|one| one.active && one.no != no).count();
    if left < 2 { Err(Error::Refused(Refusal::TooFewDistributions)) } else { Ok(()) }
}

/// The keys of the open web shops of these tenants, each with whose it is, the oldest first.
pub(super) fn web(tx: &Read, tenants: &Among) -> Result<Vec<(TenantId, String)>> {
    let sql = format!(
        "SELECT tenant, key FROM distribution WHERE kind = 'WEB' AND active = 1 AND tenant {} ORDER BY no",
        tenants.sql()
    );
    tx.all(&sql, [tenants], |row| Ok((row.get(0)?, row.get(1)?)))
}

impl Directory {
    /// An open web shop of a tenant by its name.
    pub fn shop(&self, tenant: TenantId, key: &str) -> Result<Option<Distribution>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM distribution WHERE tenant = ?1 AND key = ?2 AND kind = 'WEB' AND active = 1"
        );
        self.house().file.read(|tx| tx.maybe(&sql, (tenant, key), row))
    }

    /// An open channel by its small number.
    pub fn distribution(&self, no: i64) -> Result<Option<Distribution>> {
        let found = self.house().file.read(|tx| by_no(tx, no))?;
        Ok(found.filter(|distribution| distribution.active))
    }
}
