//! Which tenants there are and where each answers, held in memory: a request finds its tenant without a query.

use super::Read;
use crate::error::Result;
use crate::values::id::{OrganizationId, TenantId};
use crate::values::{Category, Host, Slug};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What is known of an active tenant before its file is open.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its id, and the name of its file.
    pub id: TenantId,
    /// Its small number; ROOT is 0.
    pub no: i64,
    /// Who owns its customers.
    pub organization: OrganizationId,
    /// What it is.
    pub category: Category,
    /// Its short name.
    pub slug: Slug,
    /// Its name.
    pub name: String,
    /// The host that its links are made with.
    pub primary: Host,
    /// Are its pages only for who is logged in?
    pub needs_login: bool,
    /// May anybody make an account?
    pub may_register: bool,
}

/// All active tenants by host and slug, and the hosts of those that are closed.
#[derive(Debug, Default)]
pub(super) struct Registry {
    is_loaded: bool,
    hosts: HashMap<Host, Arc<Entry>>,
    slugs: HashMap<Slug, Arc<Entry>>,
    numbers: HashMap<i64, Arc<Entry>>,
    closed: HashMap<Host, TenantId>,
}

const COLUMNS: &str = "tenant.id, no, organization, category, slug, name,
    (SELECT host FROM domain AS p WHERE p.tenant = tenant.id AND is_primary = 1) AS primary_host,
    coalesce((SELECT needs_login FROM organizer WHERE organizer.tenant = tenant.id), 0) AS needs_login,
    coalesce((SELECT may_register FROM organizer WHERE organizer.tenant = tenant.id), 1) AS may_register";

impl Registry {
    /// Reads all active tenants and their domains.
    pub(super) fn load(tx: &Read) -> Result<Self> {
        let sql = format!("SELECT {COLUMNS} FROM tenant WHERE state = 'active'");
        let entries: HashMap<TenantId, Arc<Entry>> =
            tx.all(&sql, [], entry)?.into_iter().map(|entry| (entry.id, Arc::new(entry))).collect();
        let sql = "SELECT host, tenant FROM domain JOIN tenant ON tenant.id = tenant WHERE state <> 'creating'";
        let domains: Vec<(Host, TenantId)> =
            tx.all(sql, [], |row| Ok((row.get("host")?, row.get("tenant")?)))?;
        let (open, closed): (Vec<_>, Vec<_>) =
            domains.into_iter().partition(|(_, id)| entries.contains_key(id));
        let hosts = open
            .into_iter()
            .filter_map(|(host, id)| entries.get(&id).map(|entry| (host, entry.clone())))
            .collect();
        let numbers = entries.values().map(|entry| (entry.no, entry.clone())).collect();
        let slugs = entries.into_values().map(|entry| (entry.slug.clone(), entry)).collect();
        let closed = closed.into_iter().collect();
        Ok(Self { is_loaded: true, hosts, slugs, numbers, closed })
    }

    /// Has it been read, or does it still know nobody?
    pub(super) fn is_loaded(&self) -> bool {
        self.is_loaded
    }

    /// The tenant of this small number, its doors open or closed.
    pub(super) fn find(tx: &Read, no: i64) -> Result<Option<Arc<Entry>>> {
        let sql = format!("SELECT {COLUMNS} FROM tenant WHERE no = ?1 AND state <> 'creating'");
        Ok(tx.maybe(&sql, [no], entry)?.map(Arc::new))
    }

    /// Reads one tenant anew and puts it in the place of what was known of it.
    pub(super) fn refresh(&mut self, tx: &Read, id: TenantId) -> Result<Option<Arc<Entry>>> {
        let found = active(tx, id)?;
        if !self.is_loaded {
            return Ok(found);
        }
        let sql = "SELECT host FROM domain JOIN tenant ON tenant.id = tenant WHERE tenant = ?1 AND state <> 'creating'";
        let hosts: Vec<Host> = tx.all(sql, [id], |row| row.get(0))?;
        self.closed.retain(|_, known| *known != id);
        self.hosts.retain(|_, entry| entry.id != id);
        self.slugs.retain(|_, entry| entry.id != id);
        self.numbers.retain(|_, entry| entry.id != id);
        let Some(found) = found else {
            self.closed.extend(hosts.into_iter().map(|host| (host, id)));
            return Ok(None);
        };
        for host in hosts {
            self.hosts.insert(host, found.clone());
        }
        self.slugs.insert(found.slug.clone(), found.clone());
        self.numbers.insert(found.no, found.clone());
        Ok(Some(found))
    }

    pub(super) fn by_host(&self, host: &Host) -> Option<Arc<Entry>> {
        self.hosts.get(host).cloned()
    }

    /// Is this the host of a tenant, its doors open or closed?
    pub(super) fn knows(&self, host: &Host) -> bool {
        self.hosts.contains_key(host) || self.closed.contains_key(host)
    }

    /// All hosts of a tenant.
    pub(super) fn hosts_of(&self, id: TenantId) -> Vec<Host> {
        let own = self.hosts.iter().filter(|(_, entry)| entry.id == id);
        own.map(|(host, _)| host.clone()).collect()
    }

    /// All active tenants.
    pub(super) fn ids(&self) -> Vec<TenantId> {
        self.slugs.values().map(|entry| entry.id).collect()
    }

    /// Those of these tenants that are active.
    pub(super) fn among(&self, ids: &[TenantId]) -> Vec<Arc<Entry>> {
        let ids: HashSet<&TenantId> = ids.iter().collect();
        self.slugs.values().filter(|entry| ids.contains(&entry.id)).cloned().collect()
    }

    pub(super) fn by_no(&self, no: i64) -> Option<Arc<Entry>> {
        self.numbers.get(&no).cloned()
    }

    pub(super) fn by_slug(&self, slug: &Slug) -> Option<Arc<Entry>> {
        self.slugs.get(slug).cloned()
    }
}

/// An active tenant.
pub(super) fn active(tx: &Read, id: TenantId) -> Result<Option<Arc<Entry>>> {
    let sql = format!("SELECT {COLUMNS} FROM tenant WHERE tenant.id = ?1 AND state = 'active'");
    Ok(tx.maybe(&sql, [id], entry)?.map(Arc::new))
}

/// A tenant of this small number that is there, and not among the active ones.
pub(super) fn closed(tx: &Read, no: i64) -> Result<Option<Arc<Entry>>> {
    let sql = format!("SELECT {COLUMNS} FROM tenant WHERE no = ?1 AND state = 'disabled'");
    Ok(tx.maybe(&sql, [no], entry)?.map(Arc::new))
}

fn entry(row: &rusqlite::Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        id: row.get("id")?,
        no: row.get("no")?,
        organization: row.get("organization")?,
        category: row.get("category")?,
        slug: row.get("slug")?,
        name: row.get("name")?,
        primary: row.get("primary_host")?,
        needs_login: row.get("needs_login")?,
        may_register: row.get("may_register")?,
    })
}
