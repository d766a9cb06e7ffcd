//! Founding a tenant: the one function behind the API, the command line, `init` and the demo.
//!
//! A crash leaves something that start-up finishes or removes, never half a tenant: the row is written as 'creating',
//! the file is filled under another name, synced and renamed, then the row becomes active. A lock that all founders
//! share tells start-up whether a 'creating' row, or a draft, is somebody's work of this moment.

use super::directory::Published;
use super::draft::{self, Draft, disk};
use super::number::{self, Kind};
use super::{
    Account, By, Entry, Founder, House, Profile, Read, Role, Root, Tenant, Write, account,
    catalogue, connection, credential, directory, distribution, organization, registry,
};
use crate::error::{Error, OnConflict, Refusal, Result};
use crate::values::id::{OrganizationId, TenantId};
use crate::values::{Category, Email, Host, Slug};
use std::fs::{self, File as Plain};
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;
use std::thread;

/// Where an organization is at home that nobody said more of: its ISO 3166 number.
const FRANCE: u16 = 250;

/// How the slug is chosen.
#[derive(Clone, Debug)]
pub enum Naming {
    /// This one, or a refusal.
    Exact(Slug),
    /// This one, or with `-2`, `-3`, … behind it.
    Suffix(Slug),
}

/// What a new tenant is to be.
#[derive(Clone, Debug)]
pub struct Founding {
    /// Its name.
    pub name: String,
    /// What it is.
    pub category: Category,
    /// Its slug.
    pub naming: Naming,
    /// Who will administer it; an account is made, inactive, when there is none.
    pub admin: Option<Email>,
    /// What it tells the public.
    pub profile: Profile,
    /// Who owns its customers; none: the admin's organization, or with `self_service` one of its own.
    pub organization: Option<OrganizationId>,
}

/// How far founding has come; the crash test stops at each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The row is there, in state 'creating'.
    Reserved,
    /// The file is filled and synced, under another name.
    Filled,
    /// The file has its name.
    InPlace,
}

/// The administrator that a founding found or made, and whether the e-mail has yet to be proven.
#[derive(Clone, Debug)]
pub struct Administrator {
    /// The account.
    pub account: Account,
    /// A confirmation is due.
    pub must_confirm: bool,
}

/// A tenant that was founded this moment and is on disk. Its file is opened by who works on it: for the command line,
/// which does not, that would be a seventh of its time.
#[derive(Debug)]
pub struct Founded {
    house: Arc<House>,
    entry: Arc<Entry>,
}

impl Founded {
    /// What is known of it.
    #[must_use]
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// The tenant, to work on.
    pub fn open(self) -> Result<Tenant> {
        Tenant::open(&self.house, self.entry)
    }
}

impl Founder {
    /// Founds a tenant; `fill` writes what its file holds from the start and returns its profile, images named.
    pub fn found(
        &self,
        founding: &Founding,
        fill: impl FnOnce(&Write, Option<&Administrator>) -> Result<Profile>,
    ) -> Result<Founded> {
        self.found_watched(founding, fill, &mut |_| {})
    }

    /// The same, telling `watch` of each step that is done.
    pub fn found_watched(
        &self,
        founding: &Founding,
        fill: impl FnOnce(&Write, Option<&Administrator>) -> Result<Profile>,
        watch: &mut dyn FnMut(Step),
    ) -> Result<Founded> {
        if !founding.category.traits().founded {
            return Err(Error::invalid("category", "cannot be founded"));
        }
        self.house.found(self.by.clone(), founding, None, fill, watch)
    }
}

impl House {
    /// `hosts`, when given, are the domains (the first is primary) and lift the reservation of house labels: `init`
    /// alone does so.
    pub(super) fn found(
        self: &Arc<Self>,
        by: By,
        founding: &Founding,
        hosts: Option<&[Host]>,
        fill: impl FnOnce(&Write, Option<&Administrator>) -> Result<Profile>,
        watch: &mut dyn FnMut(Step),
    ) -> Result<Founded> {
        let _shared = founding_lock(&self.dir, Lock::Shared)?;
        let id = TenantId::new();
        // Both wait for the disk, neither for the other.
        let (admin, draft) = thread::scope(|scope| {
            let draft =
                thread::Builder::new()
                    .spawn_scoped(scope, || Draft::open(&self.dir, id))
                    .map_err(|error| Error::internal(format!("a thread cannot begin: {error}")))?;
            let admin = self.file.write(by.clone(), |tx| self.reserve(tx, id, founding, hosts));
            let draft = draft.join().unwrap_or_else(|panic| resume_unwind(panic));
            admin.map(|admin| (admin, draft))
        })?;
        watch(Step::Reserved);
        let made = draft.and_then(|mut draft| {
            let profile = draft.fill(by, |tx| fill(tx, admin.as_ref()))?;
            watch(Step::Filled);
            draft.put(&self.tenant_path(id))?;
            watch(Step::InPlace);
            Ok(profile)
        });
        let profile = match made {
            Ok(profile) => profile,
            Err(error) => {
                self.forget(id)?;
                return Err(error);
            }
        };
        let entry = self.activate(id, &profile)?.ok_or(Error::NotFound)?;
        Ok(Founded { house: self.clone(), entry })
    }

    fn reserve(
        &self,
        tx: &Write,
        id: TenantId,
        founding: &Founding,
        hosts: Option<&[Host]>,
    ) -> Result<Option<Administrator>> {
        let hosts_are_free = hosts.is_none();
        let (slug, hosts) = match hosts {
            Some(hosts) => {
                let (Naming::Exact(slug) | Naming::Suffix(slug)) = &founding.naming;
                (slug.clone(), hosts.to_vec())
            }
            None => {
                let domain = house_domain(tx)?;
                let slug = free_slug(tx, founding, &domain)?;
                let host =
                    domain.under(slug.as_str()).ok_or(Error::Refused(Refusal::SlugReserved))?;
                (slug, vec![host])
            }
        };
        let no = number::next(tx, Kind::Tenant)?;
        let organization = match founding.organization {
            Some(organization) => organization,
            None if self.self_service && hosts_are_free => {
                organization::create(tx, &founding.name, FRANCE)?.id
            }
            None => self.organization,
        };
        tx.run(
            "INSERT INTO tenant (id, no, organization, category, slug, name, state, created)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'creating', ?7)",
            (id, no, organization, founding.category, &slug, &founding.name, tx.now()),
        )
        .on_conflict("tenant.slug", Refusal::SlugTaken)?;
        for (i, host) in hosts.iter().enumerate() {
            tx.run(
                "INSERT INTO domain (host, tenant, is_primary) VALUES (?1, ?2, ?3)",
                (host, id, i == 0),
            )
            .on_conflict("domain.host", Refusal::DomainTaken)?;
        }
        if founding.category.traits().shop {
            distribution::create_first(tx, id, &slug)?;
        }
        if !matches!(founding.category, Category::Root | Category::Agenda) {
            catalogue::create_first(tx, id, &slug, &founding.name)?;
        }
        credential::create_first(tx, &self.secrets, id)?;
        let Some(email) = &founding.admin else { return Ok(None) };
        let (account, _) = account::find_or_make(tx, self.organization, email)?;
        // A tenant begins with him, whatever seats it will have.
        let connected = connection::find_or_make(tx, id, account.id)?;
        connection::add_role(tx, connected, Role::Admin)?;
        let account = account::get(tx, account.id)?.ok_or(Error::NotFound)?;
        let must_confirm = !account.active;
        Ok(Some(Administrator { account, must_confirm }))
    }

    fn forget(&self, id: TenantId) -> Result<()> {
        let sql = "DELETE FROM tenant WHERE id = ?1 AND state = 'creating'";
        self.file.write(By::House, |tx| tx.run(sql, [id])).map(drop)
    }

    fn activate(&self, id: TenantId, profile: &Profile) -> Result<Option<Arc<Entry>>> {
        let entry = self.file.write(By::House, |tx| {
            directory::project(tx, id, profile)?;
            tx.run("UPDATE tenant SET state = 'active' WHERE id = ?1", [id])?;
            registry::active(tx, id)
        })?;
        if self.registry.read().is_loaded() {
            return self.refresh(id);
        }
        // Who has not read the registry, as the command line has not, finds it there later.
        self.changed();
        Ok(entry)
    }
}

impl Root {
    /// Finishes or removes what a crash left, and brings the directory in step with tenants that were being changed;
    /// to be called once, at start. `published` reads what a tenant's file publishes. Leaves foundings alone while somebody is
    /// at one. A tenant that cannot be settled is reported, and the others go on.
    pub fn settle(&self, published: impl Fn(&Read) -> Result<Published>) -> Result<()> {
        let house = &self.0;
        // Who serves needs them all, and is told now when they cannot be read.
        drop(house.registry()?);
        let alone = founding_lock(&house.dir, Lock::Alone).ok();
        if alone.is_some() {
            draft::remove_all(&house.dir)?;
        }
        let unsettled: Vec<(TenantId, bool)> = house.file.read(|tx| {
            let sql =
                "SELECT id, state = 'creating' FROM tenant WHERE state = 'creating' OR dirty > 0";
            tx.all(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
        })?;
        for (id, is_draft) in unsettled {
            if is_draft && alone.is_none() {
                continue;
            }
            if let Err(error) = house.settle(id, is_draft, &published) {
                tracing::error!(tenant = %id, %error, "a tenant cannot be brought in order");
            }
        }
        house.make_credentials()
    }
}

impl House {
    fn settle(
        &self,
        id: TenantId,
        is_draft: bool,
        published: impl Fn(&Read) -> Result<Published>,
    ) -> Result<()> {
        if is_draft && !self.tenant_path(id).is_file() {
            return self.forget(id);
        }
        let own = self.tenant_file(id)?.read(published)?;
        if is_draft {
            return self.activate(id, &own.profile).map(drop);
        }
        self.file.write(By::House, |tx| {
            directory::publish(tx, id, &own)?;
            tx.run("UPDATE tenant SET dirty = 0 WHERE id = ?1", [id])
        })?;
        self.changed();
        Ok(())
    }
}

pub(super) fn house_domain(tx: &Read) -> Result<Host> {
    tx.one("SELECT value FROM setting WHERE name = 'domain'", [], |row| row.get(0))
}

/// The slug that the founding wants, or the reason why it cannot have it.
fn free_slug(tx: &Read, founding: &Founding, domain: &Host) -> Result<Slug> {
    let is_taken = |slug: &Slug| {
        let host = domain.under(slug.as_str());
        tx.exists(
            "SELECT 1 FROM tenant WHERE slug = ?1 UNION ALL SELECT 1 FROM domain WHERE host = ?2",
            (slug, host),
        )
    };
    let meta: String =
        tx.one("SELECT value FROM setting WHERE name = 'meta'", [], |row| row.get(0))?;
    let is_reserved = |slug: &Slug| slug.is_reserved() || slug.as_str() == meta;
    match &founding.naming {
        Naming::Exact(slug) => {
            if is_reserved(slug) {
                return Err(Error::Refused(Refusal::SlugReserved));
            }
            let sql = "SELECT id FROM tenant WHERE slug = ?1 AND name = ?2 AND category = ?3";
            if let Some(same) =
                tx.maybe(sql, (slug, &founding.name, founding.category), |row| row.get(0))?
            {
                return Err(Error::Refused(Refusal::TenantExists(same)));
            }
            if is_taken(slug)? { Err(Error::Refused(Refusal::SlugTaken)) } else { Ok(slug.clone()) }
        }
        Naming::Suffix(slug) => {
            if !is_reserved(slug) && !is_taken(slug)? {
                return Ok(slug.clone());
            }
            // What is reserved by how it begins stays so with a number behind it.
            if is_reserved(&slug.numbered(2)) {
                return Err(Error::Refused(Refusal::SlugReserved));
            }
            for number in 2..10_000 {
                let candidate = slug.numbered(number);
                if !is_reserved(&candidate) && !is_taken(&candidate)? {
                    return Ok(candidate);
                }
            }
            Err(Error::Refused(Refusal::SlugTaken))
        }
    }
}

enum Lock {
    Shared,
    Alone,
}

/// Held while it is kept; `Alone` fails at once when somebody founds.
fn founding_lock(dir: &Path, lock: Lock) -> Result<Plain> {
    let path = dir.join("tmp").join("founding.lock");
    let options = fs::OpenOptions::new().create(true).truncate(false).write(true).clone();
    let file = options.open(&path).map_err(disk(&path))?;
    match lock {
        Lock::Shared => file.lock_shared().map_err(disk(&path))?,
        Lock::Alone => file.try_lock().map_err(|_| Error::Busy)?,
    }
    Ok(file)
}
