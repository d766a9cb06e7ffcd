//! The public profile of every tenant, for the lists of agendas and venues: a projection of the tenants' files.

use super::coming::{self, Coming, set};
use super::registry::Entry;
use super::{Caller, House, Name, Read, Root, Tenant, Write};
use crate::error::Result;
use crate::values::category::Listing;
use crate::values::id::TenantId;
use crate::values::{Category, Slug};
use rusqlite::{Row, ToSql, named_params};
use std::sync::Arc;

/// What a tenant tells the public about itself. Its own file holds the truth, the directory a copy; both tables have
/// the same columns. Images are names of media in the tenant's file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// The display name (`organisation` in the contract).
    pub label: String,
    /// One line.
    pub short_description: String,
    /// As long as it takes.
    pub long_description: Option<String>,
    /// Street and number.
    pub address: Option<String>,
    /// As text; the contract shows it as a number.
    pub postal_code: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// As written.
    pub phone: String,
    /// The address for the public.
    pub email: String,
    /// Web site.
    pub website: Option<String>,
    /// Statutes and the like.
    pub legal_documents: Option<String>,
    /// Page there.
    pub twitter: Option<String>,
    /// Page there.
    pub facebook: Option<String>,
    /// Page there.
    pub instagram: Option<String>,
    /// Membership is proposed when a card is scanned.
    pub membership_required: bool,
    /// Membership has a button on the pages.
    pub membership_button: bool,
    /// A plan of the place.
    pub map_image: Option<String>,
    /// The restaurant's menu.
    pub menu_image: Option<String>,
    /// The main image.
    pub image: Option<String>,
    /// The logo.
    pub logo: Option<String>,
}

/// The columns of a profile, in both tables.
pub const COLUMNS: &str =
    "label, short_description, long_description, address, postal_code, city, phone, email,
    website, legal_documents, twitter, facebook, instagram, membership_required, membership_button, map_image,
    menu_image, image, logo";

/// The same as parameters.
pub const PARAMETERS: &str = ":label, :short_description, :long_description, :address, :postal_code, :city, :phone,
    :email, :website, :legal_documents, :twitter, :facebook, :instagram, :membership_required, :membership_button,
    :map_image, :menu_image, :image, :logo";

impl Profile {
    /// Reads [`COLUMNS`] of either table; `first` is the place of the first of them.
    pub fn row(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        Ok(Self {
            label: row.get(first)?,
            short_description: row.get(first + 1)?,
            long_description: row.get(first + 2)?,
            address: row.get(first + 3)?,
            postal_code: row.get(first + 4)?,
            city: row.get(first + 5)?,
            phone: row.get(first + 6)?,
            email: row.get(first + 7)?,
            website: row.get(first + 8)?,
            legal_documents: row.get(first + 9)?,
            twitter: row.get(first + 10)?,
            facebook: row.get(first + 11)?,
            instagram: row.get(first + 12)?,
            membership_required: row.get(first + 13)?,
            membership_button: row.get(first + 14)?,
            map_image: row.get(first + 15)?,
            menu_image: row.get(first + 16)?,
            image: row.get(first + 17)?,
            logo: row.get(first + 18)?,
        })
    }

    /// Writes the profile with a statement that holds [`PARAMETERS`] and those of `more`.
    pub fn save(&self, tx: &Write, sql: &str, more: &[(&str, &dyn ToSql)]) -> Result<usize> {
        let mut params: Vec<(&str, &dyn ToSql)> = vec![
            (":label", &self.label),
            (":short_description", &self.short_description),
            (":long_description", &self.long_description),
            (":address", &self.address),
            (":postal_code", &self.postal_code),
            (":city", &self.city),
            (":phone", &self.phone),
            (":email", &self.email),
            (":website", &self.website),
            (":legal_documents", &self.legal_documents),
            (":twitter", &self.twitter),
            (":facebook", &self.facebook),
            (":instagram", &self.instagram),
            (":membership_required", &self.membership_required),
            (":membership_button", &self.membership_button),
            (":map_image", &self.map_image),
            (":menu_image", &self.menu_image),
            (":image", &self.image),
            (":logo", &self.logo),
        ];
        params.extend_from_slice(more);
        tx.run(sql, params.as_slice())
    }
}

/// All that a tenant's file tells the house's directory.
#[derive(Clone, Debug)]
pub struct Published {
    /// What it says of itself.
    pub profile: Profile,
    /// Its events to come, those that it shows.
    pub coming: Vec<Coming>,
}

/// Puts what a tenant publishes in the place of what the directory had of it.
pub(super) fn publish(tx: &Write, tenant: TenantId, published: &Published) -> Result<()> {
    project(tx, tenant, &published.profile)?;
    coming::project(tx, tenant, &published.coming)
}

/// The same for the profile alone.
pub(super) fn project(tx: &Write, tenant: TenantId, profile: &Profile) -> Result<()> {
    let sql = format!(
        "INSERT OR REPLACE INTO directory (tenant, {COLUMNS}) VALUES (:tenant, {PARAMETERS})"
    );
    profile.save(tx, &sql, &[(":tenant", &tenant)]).map(drop)
}

/// A tenant as the public lists show it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its id.
    pub id: TenantId,
    /// Its short name.
    pub slug: Slug,
    /// What it is.
    pub category: Category,
    /// What it says of itself.
    pub profile: Profile,
}

/// Which tenants are seen by who sees what is listed from `:least` on: no stranger sees those that keep their pages for who
/// is logged in.
pub(super) const SEEN: &str =
    "tenant.state = 'active' AND tenant.visibility >= :least AND (:least <= 5 OR NOT EXISTS
    (SELECT 1 FROM organizer WHERE organizer.tenant = tenant.id AND organizer.needs_login = 1))";

/// Read-only: what all venues publish. Made only by [`Root::directory`].
#[derive(Clone, Debug)]
pub struct Directory {
    house: Arc<House>,
    /// The least visibility of what is listed.
    least: u8,
}

/// Another tenant's published files, to look at only.
#[derive(Debug)]
pub struct Shown(Tenant);

impl Shown {
    pub(super) fn of(tenant: Tenant) -> Self {
        Self(tenant)
    }

    /// Whose they are.
    #[must_use]
    pub fn entry(&self) -> &Entry {
        self.0.entry()
    }

    /// Runs `f` on a snapshot of the file.
    pub fn read<T>(&self, f: impl FnOnce(&Read) -> Result<T>) -> Result<T> {
        self.0.read(f)
    }
}

impl Directory {
    pub(super) fn new(house: Arc<House>) -> Self {
        Self { house, least: 10 }
    }

    /// The same for a caller: who shows who he is sees also what is listed for such alone.
    #[must_use]
    pub fn seen_by(self, caller: &Caller) -> Self {
        Self { least: if caller.known().is_ok() { 5 } else { 10 }, ..self }
    }

    pub(super) fn least(&self) -> u8 {
        self.least
    }

    /// The active tenants of one list, oldest first, as seen from `here`: an agenda shows those whose whole catalogue
    /// it shows.
    pub fn list(
        &self,
        here: &Entry,
        listing: Listing,
        limit: i64,
        offset: i64,
    ) -> Result<Vec<Listed>> {
        let letters: Vec<Category> =
            Category::ALL.iter().copied().filter(|c| c.traits().listing == listing).collect();
        let (first, second) = (letters.first().copied(), letters.last().copied());
        let sql = format!(
            "SELECT tenant.id, tenant.slug, tenant.category, {COLUMNS}
             FROM directory JOIN tenant ON tenant.id = directory.tenant
             WHERE {SEEN} AND tenant.category IN (:first, :second)
               AND (:all OR EXISTS (SELECT 1 FROM shown_on WHERE agenda = :here AND shown_on.tenant = tenant.id))
             ORDER BY tenant.no LIMIT :limit OFFSET :offset"
        );
        self.house.file.read(|tx| {
            let all = !here.category.traits().agenda;
            let params = named_params! {
                ":first": first, ":second": second, ":all": all, ":here": here.id, ":limit": limit, ":offset": offset,
                ":least": self.least,
            };
            tx.all(&sql, params, listed)
        })
    }

    /// One active tenant that the caller may see, listed at `here` or not; on its own host any.
    pub fn seen(&self, here: &Entry, id: TenantId) -> Result<Option<Listed>> {
        if id == here.id {
            return self.find(id);
        }
        let sql = format!(
            "SELECT tenant.id, tenant.slug, tenant.category, {COLUMNS}
             FROM directory JOIN tenant ON tenant.id = directory.tenant WHERE {SEEN} AND tenant.id = :id"
        );
        let params = named_params! { ":id": id, ":least": self.least };
        self.house.file.read(|tx| tx.maybe(&sql, params, listed))
    }

    /// One active tenant, whoever may see it.
    pub fn find(&self, id: TenantId) -> Result<Option<Listed>> {
        let sql = format!(
            "SELECT tenant.id, tenant.slug, tenant.category, {COLUMNS}
             FROM directory JOIN tenant ON tenant.id = directory.tenant
             WHERE tenant.state = 'active' AND tenant.id = ?1"
        );
        self.house.file.read(|tx| tx.maybe(&sql, [id], listed))
    }

    /// Another tenant of the same category that has this name, or was founded with it.
    pub fn namesake(&self, here: &Entry, name: &str) -> Result<Option<TenantId>> {
        let sql = "SELECT tenant.id FROM tenant LEFT JOIN directory ON directory.tenant = tenant.id
             WHERE tenant.id <> ?1 AND category = ?2 AND ?3 IN (tenant.name, directory.label) LIMIT 1";
        self.house.file.read(|tx| tx.maybe(sql, (here.id, here.category, name), |row| row.get(0)))
    }

    /// The active tenants among these.
    pub fn find_all(&self, ids: &[TenantId]) -> Result<Vec<Listed>> {
        let sql = format!(
            "SELECT tenant.id, tenant.slug, tenant.category, {COLUMNS}
             FROM directory JOIN tenant ON tenant.id = directory.tenant
             WHERE tenant.state = 'active' AND tenant.id IN (SELECT unhex(value) FROM json_each(?1))"
        );
        let ids = set(ids.iter().map(|id| id.0));
        self.house.file.read(|tx| tx.all(&sql, [ids], listed))
    }

    /// The tenant that publishes an image of this name with its profile: relative addresses in the lists of one host
    /// name images of many.
    pub fn publisher(&self, image: &str) -> Result<Option<Shown>> {
        let slug: Option<Slug> = self.house.file.read(|tx| {
            tx.maybe(
                "SELECT tenant.slug FROM directory JOIN tenant ON tenant.id = directory.tenant
                 WHERE tenant.state = 'active'
                   AND (image = ?1 OR logo = ?1 OR map_image = ?1 OR menu_image = ?1)
                 UNION ALL
                 SELECT tenant.slug FROM coming JOIN tenant ON tenant.id = coming.tenant
                 WHERE tenant.state = 'active' AND coming.image = ?1",
                [image],
                |row| row.get(0),
            )
        })?;
        slug.map_or(Ok(None), |slug| self.shown(&slug))
    }

    /// What a tenant shows to all, by its short name.
    pub fn shown(&self, slug: &Slug) -> Result<Option<Shown>> {
        Ok(Root(self.house.clone()).tenant(Name::Slug(slug))?.map(Shown))
    }

    pub(super) fn house(&self) -> &House {
        &self.house
    }
}

fn listed(row: &Row<'_>) -> rusqlite::Result<Listed> {
    Ok(Listed {
        id: row.get(0)?,
        slug: row.get(1)?,
        category: row.get(2)?,
        profile: Profile::row(row, 3)?,
    })
}
