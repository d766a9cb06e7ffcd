//! The whole house: tenants and their domains, for the one who hosts.

use super::directory::Published;
use super::found::house_domain;
use super::{Account, By, House, Profile, Read, Root, Tenant, Write, account, file};
use crate::error::{Error, OnConflict, Refusal, Result};
use crate::values::id::TenantId;
use crate::values::secret::{Fingerprint, alphanumeric};
use crate::values::{Category, Host, Slug, Time};
use rusqlite::Row;
use std::sync::Arc;
use std::time::Duration;

/// Somebody who may do all in this house. Made only by [`Root::admit`] and [`Root::console`].
#[derive(Clone, Debug)]
pub struct Operator {
    house: Arc<House>,
    by: By,
}

/// A tenant as the operator sees it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its id, and the name of its file.
    pub id: TenantId,
    /// Its small number.
    pub no: i64,
    /// What it is.
    pub category: Category,
    /// Its short name.
    pub slug: Slug,
    /// Its name.
    pub name: String,
    /// 'active', 'disabled', 'deleted', or 'creating'.
    pub state: String,
    /// Since when.
    pub created: Time,
    /// All hosts, the primary one first.
    pub domains: Vec<String>,
}

impl Operator {
    pub(super) fn new(house: Arc<House>, by: By) -> Self {
        Self { house, by }
    }

    pub(super) fn house(&self) -> &Arc<House> {
        &self.house
    }

    pub(super) fn by(&self) -> By {
        self.by.clone()
    }

    pub(super) fn tenant_id(&self, slug: &Slug) -> Result<TenantId> {
        let found = self.house.file.read(|tx| {
            tx.maybe("SELECT id FROM tenant WHERE slug = ?1", [slug], |row| row.get(0))
        })?;
        found.ok_or_else(|| Error::invalid("tenant", format!("there is no tenant {slug}")))
    }

    /// Whose account runs the house; none at the command line.
    pub fn account(&self) -> Result<Option<Account>> {
        let By::Account(id) = self.by else { return Ok(None) };
        self.house.file.read(|tx| account::get(tx, id))
    }

    /// The domain under which tenants answer.
    pub fn domain(&self) -> Result<Host> {
        self.house.file.read(house_domain)
    }

    /// All tenants, oldest first.
    pub fn tenants(&self) -> Result<Vec<Listed>> {
        self.house.file.read(|tx| {
            tx.all(
                "SELECT id, no, category, slug, name, iif(deleted IS NULL, state, 'deleted') AS state, created,
                    (SELECT group_concat(host, ' ') FROM
                        (SELECT host FROM domain WHERE tenant = tenant.id ORDER BY is_primary DESC, host)) AS domains
                 FROM tenant ORDER BY no",
                [],
                listed,
            )
        })
    }

    /// One tenant.
    pub fn tenant(&self, slug: &Slug) -> Result<Listed> {
        let found = self.tenants()?.into_iter().find(|t| t.slug == *slug);
        found.ok_or_else(|| Error::invalid("tenant", format!("there is no tenant {slug}")))
    }

    /// Is the tenant that has the slug of this name called so too?
    pub fn has_namesake(&self, name: &str) -> Result<bool> {
        let Some(slug) = Slug::of(name) else { return Ok(false) };
        let sql = "SELECT 1 FROM tenant WHERE slug = ?1 AND name = ?2";
        self.house.file.read(|tx| tx.exists(sql, (&slug, name)))
    }

    /// One active tenant, to work on.
    pub fn open(&self, slug: &Slug) -> Result<Tenant> {
        let found = Root(self.house.clone()).tenant(super::Name::Slug(slug))?;
        found.ok_or_else(|| Error::invalid("tenant", format!("there is no active tenant {slug}")))
    }

    /// Gives an active tenant another name; slug and domains stay. `relabel` writes it to the tenant's own profile.
    pub fn rename(
        &self,
        slug: &Slug,
        name: &str,
        published: impl Fn(&Read) -> Result<Published>,
        relabel: impl FnOnce(&Write, &str) -> Result<Profile>,
    ) -> Result<()> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 50 {
            return Err(Error::invalid("name", "must have 1 to 50 characters"));
        }
        let tenant = self.open(slug)?;
        tenant.publish(self.by(), published, |tx| relabel(tx, name))?;
        let id = tenant.entry().id;
        self.house.file.write(self.by(), |tx| {
            tx.run("UPDATE tenant SET name = ?2 WHERE id = ?1", (id, name))
        })?;
        self.house.refresh(id).map(drop)
    }

    /// Lets a tenant answer on one more host.
    pub fn add_domain(&self, slug: &Slug, host: &Host) -> Result<()> {
        let id = self.tenant_id(slug)?;
        self.house.file.write(self.by(), |tx| {
            tx.run("INSERT INTO domain (host, tenant, is_primary) VALUES (?1, ?2, 0)", (host, id))
                .on_conflict("domain.host", Refusal::DomainTaken)
        })?;
        self.house.refresh(id).map(drop)
    }

    /// Takes a host away; not the primary one.
    pub fn remove_domain(&self, slug: &Slug, host: &Host) -> Result<()> {
        let id = self.tenant_id(slug)?;
        self.house.file.write(self.by(), |tx| {
            let sql = "SELECT is_primary FROM domain WHERE host = ?1 AND tenant = ?2";
            if tx.must(sql, (host, id), |row| row.get(0))? {
                return Err(Error::Refused(Refusal::DomainIsPrimary));
            }
            tx.run("DELETE FROM domain WHERE host = ?1", [host])
        })?;
        self.house.refresh(id).map(drop)
    }

    /// Makes one of a tenant's hosts the one that links are made with.
    pub fn set_primary_domain(&self, slug: &Slug, host: &Host) -> Result<()> {
        let id = self.tenant_id(slug)?;
        self.house.file.write(self.by(), |tx| {
            tx.run("UPDATE domain SET is_primary = 0 WHERE tenant = ?1", [id])?;
            match tx.run(
                "UPDATE domain SET is_primary = 1 WHERE tenant = ?1 AND host = ?2",
                (id, host),
            )? {
                0 => Err(Error::NotFound),
                _ => Ok(()),
            }
        })?;
        self.house.refresh(id).map(drop)
    }

    /// A one-time token for the set-up link, good for a day. Earlier ones are worth nothing from then on.
    pub fn setup_token(&self) -> Result<String> {
        let token = alphanumeric(32);
        self.house.file.write(self.by(), |tx| {
            tx.run("DELETE FROM setup_link", [])?;
            let expires = tx.now().plus(Duration::from_hours(24));
            tx.run(
                "INSERT INTO setup_link (digest, expires) VALUES (?1, ?2)",
                (Fingerprint::of(&token), expires),
            )
        })?;
        Ok(token)
    }

    /// Is there somebody who may run the house?
    pub fn has_superuser(&self) -> Result<bool> {
        self.house
            .file
            .read(|tx| tx.exists("SELECT 1 FROM account WHERE superuser = 1 AND active = 1", []))
    }

    /// Brings every tenant's file up to date, telling `each` of its slug and of how it went.
    pub fn migrate(&self, mut each: impl FnMut(&Slug, Result<()>)) -> Result<()> {
        for tenant in self.tenants()? {
            each(&tenant.slug, self.house.tenant_file(tenant.id).map(drop));
        }
        Ok(())
    }

    /// The schema version of each tenant's file as it stands, or why it cannot be told, and the newest that is known here.
    pub fn versions(&self) -> Result<Vec<(Slug, Result<i64>, i64)>> {
        let newest = super::migrate::Set::Tenant.newest();
        let version = |id| super::migrate::version(&file::connect(&self.house.tenant_path(id))?);
        let of = |tenant: Listed| (tenant.slug, version(tenant.id), newest);
        Ok(self.tenants()?.into_iter().map(of).collect())
    }
}

fn listed(row: &Row<'_>) -> rusqlite::Result<Listed> {
    let domains: Option<String> = row.get("domains")?;
    Ok(Listed {
        id: row.get("id")?,
        no: row.get("no")?,
        category: row.get("category")?,
        slug: row.get("slug")?,
        name: row.get("name")?,
        state: row.get("state")?,
        created: row.get("created")?,
        domains: domains.unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
    })
}
