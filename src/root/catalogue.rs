//! Catalogues: named sets of what a tenant offers, and who uses whose. What is in one stands in its tenant's file.
//!
//! What must stay true: a tenant uses its own catalogues, public ones, and those that their owner shares with it, and learns
//! of no others. An agenda shows a venue exactly when it shows the venue's whole catalogue.

use super::among::Among;
use super::directory::Directory;
use super::{Columns, House, Operator, Read, Right, Staff, Write, distribution, package};
use crate::error::{Error, Field, OnConflict, Refusal, Result};
use crate::values::id::TenantId;
use crate::values::{Slug, Time, Usage};
use rusqlite::{Row, named_params};
use std::collections::HashMap;

/// A catalogue, as one tenant sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    /// Its id, unique in the house.
    pub id: Slug,
    /// The small number of whose it is.
    pub owner: i64,
    /// The short name of whose it is.
    pub owner_slug: Slug,
    /// Does it hold all that its tenant publishes?
    pub whole: bool,
    /// What may be said of it.
    pub record: Record,
    /// The short names of those that it is shared with; for its owner.
    pub shared: Vec<String>,
    /// Is it the looking tenant's own?
    pub own: bool,
    /// Is the connection of the looking tenant in use?
    pub connected: bool,
    /// 0 none, 5 visible, 10 shown.
    pub level: u8,
    /// Since when.
    pub created: Time,
    /// When it was last changed.
    pub changed: Time,
}

/// What its owner may say of a catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its name.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// A line about it.
    pub description: Option<String>,
    /// Two letters.
    pub language: String,
    /// May everybody use it?
    pub public: bool,
    /// In use; otherwise a draft.
    pub active: bool,
    /// Left out of what is shown.
    pub hidden: bool,
    /// 0 shown, 1 for who manages, 2 archived.
    pub status: u8,
}

const SELECT: &str = "SELECT catalogue.id AS id, owner.no AS owner_no, owner.slug AS owner_slug, whole, catalogue.name AS name,
        label, description, language, public, catalogue.active AS active, hidden, catalogue.status AS status,
        catalogue.tenant = :here AS own, coalesce(mine.active, 0) AS connected, coalesce(mine.level, 0) AS level,
        iif(catalogue.tenant = :here, (SELECT group_concat(slug, ' ') FROM
            (SELECT slug FROM catalogue_share JOIN tenant ON tenant.id = catalogue_share.tenant
             WHERE catalogue_share.catalogue = catalogue.id ORDER BY slug LIMIT 1000)), NULL) AS shared,
        catalogue.created AS created, catalogue.changed AS changed
     FROM catalogue JOIN tenant AS owner ON owner.id = catalogue.tenant
     LEFT JOIN catalogue_connection AS mine ON mine.catalogue = catalogue.id AND mine.tenant = :here";

/// A catalogue that this tenant, a parameter or a column, may use. What a hidden tenant makes public is hidden with it.
fn usable(by: &str) -> String {
    format!(
        "(catalogue.tenant = {by} OR (owner.state = 'active' AND catalogue.active = 1 AND catalogue.status < 2
            AND ((public = 1 AND owner.visibility > 0) OR EXISTS (SELECT 1 FROM catalogue_share
                WHERE catalogue_share.catalogue = catalogue.id AND catalogue_share.tenant = {by}))))"
    )
}

fn row(row: &Row<'_>) -> rusqlite::Result<Catalogue> {
    let shared: Option<String> = row.get("shared")?;
    Ok(Catalogue {
        id: row.get("id")?,
        owner: row.get("owner_no")?,
        owner_slug: row.get("owner_slug")?,
        whole: row.get("whole")?,
        record: Record {
            name: row.get("name")?,
            label: row.get("label")?,
            description: row.get("description")?,
            language: row.get("language")?,
            public: row.get("public")?,
            active: row.get("active")?,
            hidden: row.get("hidden")?,
            status: row.get("status")?,
        },
        shared: shared.unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
        own: row.get("own")?,
        connected: row.get("connected")?,
        level: row.get("level")?,
        created: row.get("created")?,
        changed: row.get("changed")?,
    })
}

fn find(tx: &Read, here: TenantId, id: &Slug) -> Result<Catalogue> {
    let sql = format!("{SELECT} WHERE catalogue.id = :id AND {}", usable(":here"));
    tx.must(&sql, named_params! { ":here": here, ":id": id }, row)
}

fn link(tx: &Write, tenant: TenantId, catalogue: &Slug, active: bool, level: u8) -> Result<()> {
    let sql = "INSERT INTO catalogue_connection (tenant, catalogue, active, level, created) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (tenant, catalogue) DO UPDATE SET active = excluded.active, level = excluded.level";
    tx.run(sql, (tenant, catalogue, active, level, tx.now())).map(drop)
}

/// Gives a new tenant the catalogue of all that it publishes, which the first agenda shows.
pub(super) fn create_first(tx: &Write, tenant: TenantId, slug: &Slug, name: &str) -> Result<()> {
    let is_taken = |id: &Slug| tx.exists("SELECT 1 FROM catalogue WHERE id = ?1", [id]);
    let mut id = slug.clone();
    // Somebody may have called a catalogue so.
    for number in 2..10_000 {
        if !is_taken(&id)? {
            break;
        }
        id = slug.numbered(number);
    }
    let name: String = name.chars().take(100).collect();
    tx.run(
        "INSERT INTO catalogue (id, tenant, whole, name, label, public, active, created, changed)
         VALUES (?1, ?2, 1, ?3, ?3, 1, 1, ?4, ?4)",
        (&id, tenant, name, tx.now()),
    )?;
    link(tx, tenant, &id, true, 10)?;
    let first = "SELECT id FROM tenant WHERE category = 'M' ORDER BY no LIMIT 1";
    match tx.maybe(first, [], |row| row.get::<_, TenantId>(0))? {
        Some(agenda) => link(tx, agenda, &id, true, 10),
        None => Ok(()),
    }
}

/// Lets an agenda show a tenant, whoever else may use its catalogue.
pub(super) fn show(tx: &Write, agenda: TenantId, tenant: TenantId) -> Result<()> {
    let sql = "SELECT id FROM catalogue WHERE tenant = ?1 AND whole = 1";
    let none = || Error::invalid("tenant", "an agenda shows no agendas");
    let id: Slug = tx.maybe(sql, [tenant], |row| row.get(0))?.ok_or_else(none)?;
    tx.run(
        "INSERT OR IGNORE INTO catalogue_share (catalogue, tenant) VALUES (?1, ?2)",
        (&id, agenda),
    )?;
    link(tx, agenda, &id, true, 10)
}

/// Which catalogues of a tenant's view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Its own.
    Own,
    /// Those that it uses.
    Visible,
    /// Those that it shows.
    Shown,
    /// All that it may use.
    Usable,
}

impl View {
    const fn condition(self) -> &'static str {
        match self {
            Self::Own => "catalogue.tenant = :here",
            Self::Visible => "mine.active = 1 AND mine.level >= 5 AND catalogue.active = 1",
            Self::Shown => "mine.active = 1 AND mine.level >= 10 AND catalogue.active = 1",
            Self::Usable => "1",
        }
    }
}

/// A wish for a connection; what is not said stays as it is, or is visible and in use.
#[derive(Clone, Debug)]
pub struct Wish {
    /// With which catalogue.
    pub id: Slug,
    /// In use?
    pub active: Option<bool>,
    /// 0, 5 or 10.
    pub level: Option<u8>,
}

/// Connections that may be wished for at once.
const WISHES: usize = 1_000;

/// Catalogues of one tenant, whatever its package.
const MOST: u64 = 1_000;

impl Staff {
    fn catalogue_write<T>(
        &self,
        f: impl FnOnce(&House, &Write, TenantId) -> Result<T>,
    ) -> Result<T> {
        let (house, id) = (self.tenant().house(), self.tenant().entry().id);
        let done = house.file.write(self.by(), |tx| f(house, tx, id))?;
        house.changed();
        Ok(done)
    }

    /// So many catalogues of a view of this tenant, by id, and how many there are in all.
    pub fn catalogues(&self, view: View, limit: i64, offset: i64) -> Result<(Vec<Catalogue>, i64)> {
        self.must(Right::SeeCatalogues)?;
        let here = self.tenant().entry().id;
        let rest = format!("WHERE {} AND {}", view.condition(), usable(":here"));
        self.tenant().house().file.read(|tx| {
            let sql = format!("{SELECT} {rest} ORDER BY catalogue.id LIMIT :limit OFFSET :offset");
            let params = named_params! { ":here": here, ":limit": limit, ":offset": offset };
            let all = tx.all(&sql, params, row)?;
            let sql = format!("SELECT count(*) FROM ({SELECT} {rest})");
            Ok((all, tx.one(&sql, named_params! { ":here": here }, |row| row.get(0))?))
        })
    }

    /// One that this tenant may use.
    pub fn catalogue(&self, id: &Slug) -> Result<Catalogue> {
        self.must(Right::SeeCatalogues)?;
        let here = self.tenant().entry().id;
        self.tenant().house().file.read(|tx| find(tx, here, id))
    }

    /// Makes a catalogue of this tenant, which it shows itself. Refused: an id that there is, or that is a tenant's short
    /// name; more than its package gives.
    pub fn create_catalogue(
        &self,
        id: &Slug,
        record: &Record,
        shared: &[Slug],
    ) -> Result<Catalogue> {
        self.must(Right::Catalogue)?;
        self.catalogue_write(|house, tx, here| {
            let rows: i64 = tx.one("SELECT count(*) FROM catalogue WHERE tenant = ?1", [here], |row| row.get(0))?;
            let most = house.allowed(tx, here)?.most(Usage::Catalogues).unwrap_or(MOST).min(MOST);
            if u64::try_from(rows).unwrap_or(0) >= most {
                return Err(Error::Refused(Refusal::TooMany("catalogue")));
            }
            if tx.exists("SELECT 1 FROM tenant WHERE slug = ?1 AND id <> ?2", (id, here))? {
                return Err(Error::Refused(Refusal::NameTaken));
            }
            let Record { name, label, description, language, public, active, hidden, status } = record;
            tx.run(
                "INSERT INTO catalogue (id, tenant, name, label, description, language, public, active, hidden, status,
                    created, changed)
                 VALUES (:id, :here, :name, :label, :description, :language, :public, :active, :hidden, :status, :now, :now)",
                named_params! {
                    ":id": id, ":here": here, ":name": name, ":label": label, ":description": description,
                    ":language": language, ":public": public, ":active": active, ":hidden": hidden,
                    ":status": status, ":now": tx.now(),
                },
            )
            .on_conflict("catalogue.id", Refusal::NameTaken)?;
            link(tx, here, id, true, 10)?;
            share(tx, id, shared)?;
            find(tx, here, id)
        })
    }

    /// Says something else of a catalogue of this tenant; who it is shared with only where that is said.
    pub fn change_catalogue(
        &self,
        id: &Slug,
        change: impl Fn(Record) -> Result<Record>,
        shared: Option<&[Slug]>,
    ) -> Result<Catalogue> {
        self.must(Right::Catalogue)?;
        self.catalogue_write(|_, tx, here| {
            let record = change(find(tx, here, id)?.record)?;
            let Record { name, label, description, language, public, active, hidden, status } = record;
            let changed = tx.run(
                "UPDATE catalogue SET name = :name, label = :label, description = :description, language = :language,
                    public = :public, active = :active, hidden = :hidden, status = :status, changed = :now
                 WHERE id = :id AND tenant = :here",
                named_params! {
                    ":id": id, ":here": here, ":name": name, ":label": label, ":description": description,
                    ":language": language, ":public": public, ":active": active, ":hidden": hidden,
                    ":status": status, ":now": tx.now(),
                },
            )?;
            if changed == 0 {
                return Err(Error::NotFound);
            }
            if let Some(shared) = shared {
                share(tx, id, shared)?;
            }
            find(tx, here, id)
        })
    }

    /// Takes a draft of this tenant away. Refused: a catalogue in use, and the whole one.
    pub fn remove_catalogue(&self, id: &Slug) -> Result<()> {
        self.must(Right::Catalogue)?;
        self.catalogue_write(|_, tx, here| {
            let sql = "SELECT active OR whole FROM catalogue WHERE id = ?1 AND tenant = ?2";
            if tx.must(sql, (id, here), |row| row.get(0))? {
                return Err(Error::Refused(Refusal::InUse));
            }
            tx.run("DELETE FROM catalogue WHERE id = ?1", [id]).map(drop)
        })
    }
}

/// Connects a tenant with catalogues that it may use; all of them or none.
pub(super) fn connect(tx: &Write, here: TenantId, wishes: &[Wish]) -> Result<()> {
    let wrong = |what: String| Error::Invalid(vec![Field::new("catalogConnections", what)]);
    if wishes.len() > WISHES {
        return Err(wrong(format!("at most {WISHES} at once")));
    }
    for Wish { id, active, level } in wishes {
        let known = match find(tx, here, id) {
            Err(Error::NotFound) => {
                return Err(wrong(format!("there is no catalogue {id} for this tenant")));
            }
            other => other?,
        };
        let sql = "SELECT 1 FROM catalogue_connection WHERE tenant = ?1 AND catalogue = ?2";
        let is_new = !tx.exists(sql, (here, id))?;
        let level = level.unwrap_or(if is_new { 5 } else { known.level });
        if !matches!(level, 0 | 5 | 10) {
            return Err(wrong("visibilityLevel must be 0, 5 or 10".to_owned()));
        }
        link(tx, here, id, active.unwrap_or(is_new || known.connected), level)?;
    }
    Ok(())
}

/// Makes these the tenants that a catalogue is shared with.
fn share(tx: &Write, id: &Slug, with: &[Slug]) -> Result<()> {
    tx.run("DELETE FROM catalogue_share WHERE catalogue = ?1", [id])?;
    for slug in with {
        let sql = "INSERT OR IGNORE INTO catalogue_share (catalogue, tenant) SELECT ?1, id FROM tenant WHERE slug = ?2";
        if tx.run(sql, (id, slug))? == 0
            && !tx.exists("SELECT 1 FROM tenant WHERE slug = ?1", [slug])?
        {
            return Err(Error::invalid(
                "accessibleByTenants",
                format!("there is no tenant {slug}"),
            ));
        }
    }
    Ok(())
}

/// A connection of a tenant with a catalogue, as lists of tenants tell of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// With which.
    pub id: String,
    /// Is it in use, and the catalogue too?
    pub active: bool,
    /// Is the catalogue the tenant's own?
    pub owner: bool,
    /// May everybody use it?
    pub public: bool,
    /// 0 none, 5 visible, 10 shown.
    pub level: u8,
}

/// What a tenant has of the house, and which catalogues it uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commerce {
    /// The packages in force, without the free one.
    pub packages: Vec<package::Held>,
    /// Its own catalogues and those that it uses, by id.
    pub links: Vec<Link>,
    /// The keys of its open web shops, the oldest first.
    pub shops: Vec<String>,
}

/// Connections of one tenant that are told.
const LINKS: u32 = 1_000;

/// What of connections is told, and of which: `mine.tenant` is held against the tenants that are asked for.
const LINKED: &str =
    "SELECT mine.tenant AS tenant, catalogue.id AS id, mine.active AND catalogue.active AS active,
        catalogue.tenant = mine.tenant AS owner, public, level";

fn linked(tenants: &Among) -> String {
    format!(
        "FROM catalogue_connection AS mine JOIN catalogue ON catalogue.id = mine.catalogue
         JOIN tenant AS owner ON owner.id = catalogue.tenant
         WHERE mine.tenant {} AND {}",
        tenants.sql(),
        usable("mine.tenant")
    )
}

fn links(tx: &Read, tenants: &Among) -> Result<Vec<(TenantId, Link)>> {
    let from = linked(tenants);
    let sql = match tenants {
        Among::One(_) => {
            format!("{LINKED} {from} ORDER BY catalogue.tenant = mine.tenant DESC, catalogue.id LIMIT ?2")
        }
        Among::Many(_) => format!(
            "SELECT * FROM ({LINKED}, row_number() OVER
                (PARTITION BY mine.tenant ORDER BY catalogue.tenant = mine.tenant DESC, catalogue.id) AS place {from})
             WHERE place <= ?2"
        ),
    };
    tx.all(&sql, (tenants, LINKS), |row| {
        let mut columns = Columns::of(row);
        let tenant = columns.take()?;
        let link = Link {
            id: columns.take()?,
            active: columns.take()?,
            owner: columns.take()?,
            public: columns.take()?,
            level: columns.take()?,
        };
        Ok((tenant, link))
    })
}

impl Directory {
    /// What these tenants have of the house, which catalogues they use and which web shops they have, in the order in which
    /// they are named; three looks for all of them.
    pub fn commerce(&self, tenants: &[TenantId]) -> Result<Vec<Commerce>> {
        self.house().file.read(|tx| commerce(tx, tenants))
    }
}

pub(super) fn commerce(tx: &Read, tenants: &[TenantId]) -> Result<Vec<Commerce>> {
    let among = Among::of(tenants);
    let mut all: HashMap<TenantId, Commerce> = HashMap::new();
    for (of, held) in package::in_force(tx, &among)? {
        all.entry(of).or_default().packages.push(held);
    }
    for (of, link) in links(tx, &among)? {
        all.entry(of).or_default().links.push(link);
    }
    for (of, key) in distribution::web(tx, &among)? {
        all.entry(of).or_default().shops.push(key);
    }
    Ok(tenants.iter().map(|id| all.remove(id).unwrap_or_default()).collect())
}

impl Operator {
    /// Names the tenants that an agenda shows, besides those named before.
    pub fn show_on(&self, agenda: &Slug, tenants: &[Slug]) -> Result<()> {
        let agenda = self.tenant(agenda)?;
        if !agenda.category.traits().agenda {
            return Err(Error::invalid("meta", format!("{} is no agenda", agenda.slug)));
        }
        let ids = tenants.iter().map(|slug| self.tenant_id(slug)).collect::<Result<Vec<_>>>()?;
        self.house()
            .file
            .write(self.by(), |tx| ids.iter().try_for_each(|id| show(tx, agenda.id, *id)))?;
        self.house().changed();
        Ok(())
    }
}
