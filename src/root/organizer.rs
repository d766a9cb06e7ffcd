//! The tenant as an organizer: what other dialects say of it besides its public profile. It stands in root, because lists
//! of many tenants must not open their files.

use super::catalogue::{self, Commerce};
use super::opening::{self, Opening};
use super::{Account, By, Columns, Directory, House, Operator, Read, Right, Staff, Write};
use crate::error::{Error, OnConflict, Refusal, Result};
use crate::values::id::{AccountId, OrganizationId, TenantId};
use crate::values::{Category, Slug, Time};
use rusqlite::{Row, named_params};

/// One tenant with all that is said of it here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organizer {
    /// Its id.
    pub id: TenantId,
    /// Its small number.
    pub no: i64,
    /// Who owns its customers.
    pub organization: OrganizationId,
    /// What it is.
    pub category: Category,
    /// Its short name.
    pub slug: Slug,
    /// Are its doors open?
    pub active: bool,
    /// Since when it is deleted.
    pub deleted: Option<Time>,
    /// Since when it is there.
    pub created: Time,
    /// The display name, and how the public reaches it: from its public profile, to look at only.
    pub label: String,
    /// From the public profile, to look at only.
    pub email: String,
    /// From the public profile, to look at only.
    pub phone: String,
    /// From the public profile, to look at only.
    pub website: Option<String>,
    /// Street, postal code and town of the public profile, to look at only.
    pub address: [Option<String>; 3],
    /// What may be changed.
    pub record: Record,
}

impl Organizer {
    /// The same without what its own staff alone may know.
    fn without_secrets(mut self) -> Self {
        self.record.webhook = None;
        self.record.bank_account = None;
        self.record.license = [None, None];
        self
    }
}

/// What may be changed of an organizer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The name in the register of companies.
    pub official_name: Option<String>,
    /// The VAT number.
    pub vat: Option<String>,
    /// The account that it is paid on.
    pub bank_account: Option<String>,
    /// Where it is at home: an ISO 3166 number.
    pub country: u16,
    /// 0 hidden, 5 for who is logged in, 10 public.
    pub visibility: u8,
    /// A line about it.
    pub description: Option<String>,
    /// Whom to ask for.
    pub main_contact: Option<String>,
    /// The words that pages use for tenant, unit and template; 30 characters each.
    pub words: [Option<String>; 3],
    /// Who bought its licence, and with which code.
    pub license: [Option<String>; 2],
    /// Is a switch of languages shown?
    pub show_languages: bool,
    /// Its first language: two letters.
    pub language: String,
    /// Are its pages only for who is logged in?
    pub needs_login: bool,
    /// May anybody make an account?
    pub may_register: bool,
    /// What clients of the Roomle dialect say of it: pages and letters are in its colours where it has some.
    pub branded: bool,
    /// Where it says what it does with people's data.
    pub privacy_url: Option<String>,
    /// Who is told of what happens.
    pub webhook: Option<String>,
    /// JSON, as text.
    pub configuration: String,
    /// What it may use: a JSON array of names; none: the usual.
    pub modules: Option<String>,
}

/// What is to change of an organizer at once.
pub struct Change<'a> {
    /// Its short name.
    pub slug: Option<&'a Slug>,
    /// Whether its doors are open.
    pub active: Option<bool>,
    /// All else.
    pub record: &'a dyn Fn(&mut Record),
    /// Which catalogues it uses from now on, besides those of before.
    pub connect: &'a [catalogue::Wish],
}

const SELECT: &str = "SELECT tenant.id, no, organization, category, slug, state, deleted, created,
        coalesce(directory.label, tenant.name), coalesce(directory.email, ''), coalesce(directory.phone, ''),
        directory.website, directory.address, directory.postal_code, directory.city,
        official_name, vat, bank_account, country, visibility,
        description, main_contact, word_tenant, word_unit, word_template, license_customer, license_code,
        coalesce(show_languages, 1), coalesce(language, 'fr'), coalesce(needs_login, 0), coalesce(may_register, 1),
        coalesce(branded, 0), privacy_url, webhook, coalesce(configuration, '{}'), modules
     FROM tenant LEFT JOIN directory ON directory.tenant = tenant.id LEFT JOIN organizer ON organizer.tenant = tenant.id";

fn row(row: &Row<'_>) -> rusqlite::Result<Organizer> {
    let mut columns = Columns::of(row);
    Ok(Organizer {
        id: columns.take()?,
        no: columns.take()?,
        organization: columns.take()?,
        category: columns.take()?,
        slug: columns.take()?,
        active: columns.take::<String>()? == "active",
        deleted: columns.take()?,
        created: columns.take()?,
        label: columns.take()?,
        email: columns.take()?,
        phone: columns.take()?,
        website: columns.take()?,
        address: [columns.take()?, columns.take()?, columns.take()?],
        record: record(&mut columns)?,
    })
}

fn record(columns: &mut Columns<'_, '_>) -> rusqlite::Result<Record> {
    Ok(Record {
        official_name: columns.take()?,
        vat: columns.take()?,
        bank_account: columns.take()?,
        country: columns.take()?,
        visibility: columns.take()?,
        description: columns.take()?,
        main_contact: columns.take()?,
        words: [columns.take()?, columns.take()?, columns.take()?],
        license: [columns.take()?, columns.take()?],
        show_languages: columns.take()?,
        language: columns.take()?,
        needs_login: columns.take()?,
        may_register: columns.take()?,
        branded: columns.take()?,
        privacy_url: columns.take()?,
        webhook: columns.take()?,
        configuration: columns.take()?,
        modules: columns.take()?,
    })
}

pub(super) fn by_no(tx: &Read, no: i64) -> Result<Option<Organizer>> {
    tx.maybe(&format!("{SELECT} WHERE no = ?1 AND state <> 'creating'"), [no], row)
}

pub(super) fn by_id(tx: &Read, id: TenantId) -> Result<Option<Organizer>> {
    tx.maybe(&format!("{SELECT} WHERE tenant.id = ?1 AND state <> 'creating'"), [id], row)
}

/// Those of these small numbers; `numbers` is a JSON array.
pub(super) fn among(tx: &Read, numbers: &str) -> Result<Vec<Organizer>> {
    let sql = format!(
        "{SELECT} WHERE no IN (SELECT value FROM json_each(?1)) AND state <> 'creating' ORDER BY no"
    );
    tx.all(&sql, [numbers], row)
}

/// Whose these channels are; `numbers` is a JSON array.
pub(super) fn of_channels(tx: &Read, numbers: &str) -> Result<Vec<Organizer>> {
    let sql = format!(
        "{SELECT} WHERE state <> 'creating' AND tenant.id IN
            (SELECT tenant FROM distribution WHERE no IN (SELECT value FROM json_each(?1))) ORDER BY no"
    );
    tx.all(&sql, [numbers], row)
}

/// Those that an account administers, or with `all` of the pair all; ROOT sells nothing and is left out.
pub(super) fn configured(
    tx: &Read,
    (account, all): (AccountId, bool),
    organization: Option<OrganizationId>,
    search: Option<&str>,
    (limit, offset): (i64, i64),
) -> Result<Vec<Organizer>> {
    let sql = format!(
        "{SELECT} WHERE state <> 'creating' AND category NOT IN ('R', 'M') AND deleted IS NULL
           AND (?3 IS NULL OR organization = ?3)
           AND (?4 IS NULL OR instr(lower(coalesce(directory.label, tenant.name)), lower(?4)) > 0)
           AND (?2 OR tenant.id IN (
                SELECT tenant FROM connection JOIN connection_role ON connection_role.connection = connection.no
                WHERE account = ?1 AND active = 1 AND role = 99))
         ORDER BY no LIMIT ?5 OFFSET ?6"
    );
    tx.all(&sql, (account, all, organization, search, limit, offset), row)
}

fn save(tx: &Write, tenant: TenantId, record: &Record) -> Result<()> {
    let Record { official_name, vat, bank_account, country, visibility, .. } = record;
    tx.run(
        "UPDATE tenant SET official_name = ?2, vat = ?3, bank_account = ?4, country = ?5, visibility = ?6 WHERE id = ?1",
        (tenant, official_name, vat, bank_account, country, visibility),
    )?;
    let Record { description, main_contact, words, license, show_languages, language, .. } = record;
    let Record { needs_login, may_register, branded, privacy_url, webhook, .. } = record;
    let Record { configuration, modules, .. } = record;
    tx.run("INSERT OR IGNORE INTO organizer (tenant) VALUES (?1)", [tenant])?;
    tx.run(
        "UPDATE organizer SET description = :description, main_contact = :main_contact, word_tenant = :word_tenant,
            word_unit = :word_unit, word_template = :word_template, license_customer = :license_customer,
            license_code = :license_code, show_languages = :show_languages, language = :language,
            needs_login = :needs_login, may_register = :may_register, branded = :branded, privacy_url = :privacy_url,
            webhook = :webhook, configuration = :configuration, modules = :modules
         WHERE tenant = :tenant",
        named_params! {
            ":tenant": tenant, ":description": description, ":main_contact": main_contact, ":word_tenant": words[0],
            ":word_unit": words[1], ":word_template": words[2], ":license_customer": license[0],
            ":license_code": license[1], ":show_languages": show_languages, ":language": language,
            ":needs_login": needs_login, ":may_register": may_register, ":branded": branded,
            ":privacy_url": privacy_url, ":webhook": webhook, ":configuration": configuration, ":modules": modules,
        },
    )
    .map(drop)
}

impl House {
    /// Changes a tenant's record, its short name and whether its doors are open, all or nothing.
    fn reorganize(&self, by: By, no: i64, change: Change<'_>) -> Result<Organizer> {
        let Change { slug, active, record: change, connect } = change;
        let changed = self.file.write(by, |tx| {
            let Organizer { id, mut record, slug: old, .. } =
                by_no(tx, no)?.ok_or(Error::NotFound)?;
            change(&mut record);
            save(tx, id, &record)?;
            catalogue::connect(tx, id, connect)?;
            if let Some(slug) = slug.filter(|slug| **slug != old) {
                if slug.is_reserved() {
                    return Err(Error::Refused(Refusal::SlugReserved));
                }
                tx.run("UPDATE tenant SET slug = ?2 WHERE id = ?1", (id, slug))
                    .on_conflict("tenant.slug", Refusal::SlugTaken)?;
                // The first META is known by it.
                let sql = "UPDATE setting SET value = ?2 WHERE name = 'meta' AND value = ?1";
                tx.run(sql, (old, slug))?;
            }
            if let Some(active) = active {
                opening::set(tx, id, if active { Opening::Open } else { Opening::Close })?;
            }
            by_no(tx, no)?.ok_or(Error::NotFound)
        })?;
        self.refresh(changed.id)?;
        Ok(changed)
    }

    /// A tenant by its small number, open or not.
    pub(super) fn organizer(&self, no: i64) -> Result<Option<Organizer>> {
        self.file.read(|tx| by_no(tx, no))
    }
}

impl super::Root {
    /// What is said of the tenant of this small number, open or not; doors choose what of it they show to whom.
    pub fn organizer(&self, no: i64) -> Result<Option<Organizer>> {
        self.0.organizer(no)
    }
}

impl Directory {
    /// What anybody may know of the tenant of this small number, open or not.
    pub fn organizer(&self, no: i64) -> Result<Option<Organizer>> {
        Ok(self.house().organizer(no)?.map(Organizer::without_secrets))
    }

    /// The same with what the tenant has of the house, in one look.
    pub fn organizer_with_commerce(&self, no: i64) -> Result<Option<(Organizer, Commerce)>> {
        self.house().file.read(|tx| {
            let Some(found) = by_no(tx, no)? else { return Ok(None) };
            let commerce = catalogue::commerce(tx, &[found.id])?.pop().unwrap_or_default();
            Ok(Some((found.without_secrets(), commerce)))
        })
    }

    /// The tenants that somebody has to do with, and how many they are in all: for a superuser all that there are, for a
    /// stranger none. Deleted ones are nobody's.
    pub fn organizers(
        &self,
        person: Option<&Account>,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<Organizer>, i64)> {
        let Some(person) = person else { return Ok((vec![], 0)) };
        let of = "WHERE state <> 'creating' AND tenant.deleted IS NULL AND (?1 OR EXISTS
            (SELECT 1 FROM connection WHERE connection.tenant = tenant.id AND account = ?2 AND active = 1))";
        let sql = format!("{SELECT} {of} ORDER BY no LIMIT ?3 OFFSET ?4");
        self.house().file.read(|tx| {
            let (all, id) = (person.superuser, person.id);
            let total =
                tx.one(&format!("SELECT count(*) FROM tenant {of}"), (all, id), |row| row.get(0))?;
            let found = tx.all(&sql, (all, id, limit, offset), row)?;
            Ok((found.into_iter().map(Organizer::without_secrets).collect(), total))
        })
    }
}

impl Staff {
    /// All that is said of this tenant.
    pub fn organizer(&self) -> Result<Organizer> {
        self.tenant().house().organizer(self.tenant().entry().no)?.ok_or(Error::NotFound)
    }

    /// Changes what is said of it, its short name and whether its doors are open, all or nothing. For who may manage it.
    pub fn reorganize(&self, change: Change<'_>) -> Result<Organizer> {
        self.must(Right::Manage)?;
        self.tenant().house().reorganize(self.by(), self.tenant().entry().no, change)
    }

    /// Says something else of it; what `change` leaves alone stays as others say it. For who may manage it.
    pub fn amend(&self, change: impl Fn(&mut Record)) -> Result<Organizer> {
        self.reorganize(Change { slug: None, active: None, record: &change, connect: &[] })
    }
}

impl Operator {
    /// Changes what is said of any tenant, all or nothing.
    pub fn reorganize(&self, no: i64, change: Change<'_>) -> Result<Organizer> {
        self.house().reorganize(self.by(), no, change)
    }

    /// Tenants by their small number, open or not; deleted ones only where `deleted` says so.
    pub fn organizers(&self, deleted: bool, limit: i64, offset: i64) -> Result<Vec<Organizer>> {
        let sql = format!(
            "{SELECT} WHERE state <> 'creating' AND (?1 OR deleted IS NULL) ORDER BY no LIMIT ?2 OFFSET ?3"
        );
        self.house().file.read(|tx| tx.all(&sql, (deleted, limit, offset), row))
    }
}
