//! The tenant that an application works on: the one that it names, or its key's, or the host's.

use super::credential::Credential;
use super::registry::{Entry, Registry};
use super::{Account, House, Root, Tenant, connection};
use crate::error::{Error, Result};
use crate::values::Host;
use crate::values::id::TenantId;
use std::sync::Arc;

impl Root {
    /// The tenant that a request with this key is about. A key that is bound to a tenant names no other, unless the person
    /// behind it is connected with that one; a closed tenant is for superusers alone. Whatever is wrong, the answer is one.
    pub fn work_on(
        &self,
        key: &Credential,
        person: Option<&Account>,
        named: Option<i64>,
        host: &Host,
    ) -> Result<Tenant> {
        let house = &self.0;
        let superuser = person.is_some_and(|person| person.superuser);
        let by_host = || self.entry(host).map(|entry| entry.no);
        let no = named.or(key.tenant_no).or_else(by_host);
        let entry = no.map(|no| house.entry_of(no, superuser)).transpose()?.flatten();
        let entry = entry.ok_or(Error::Forbidden)?;
        let is_own = key.tenant.is_none_or(|own| own == entry.id);
        if !is_own && !superuser && !house.is_connected(entry.id, person)? {
            return Err(Error::Forbidden);
        }
        Tenant::open(house, entry)
    }
}

impl House {
    fn entry_of(&self, no: i64, closed_too: bool) -> Result<Option<Arc<Entry>>> {
        match self.registry.read().by_no(no) {
            None if closed_too => self.file.read(|tx| Registry::find(tx, no)),
            open => Ok(open),
        }
    }

    fn is_connected(&self, tenant: TenantId, person: Option<&Account>) -> Result<bool> {
        let Some(person) = person else { return Ok(false) };
        let found = self.file.read(|tx| connection::find(tx, tenant, person.id))?;
        Ok(found.is_some_and(|connection| connection.active))
    }
}
