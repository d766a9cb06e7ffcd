//! What tenants have to do by themselves, and when: a schedule in memory, filled by the writes that are the reason and, for
//! what was written before this process began, by a look into each file.
//!
//! Deliberately absent: what the errands are. The trade knows it, and jobs do it.

use super::{Read, Root, Tenant, file};
use crate::error::Result;
use crate::values::Time;
use crate::values::id::TenantId;
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// A kind of errand; each has a worker of its own, so that none waits for another's network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Errand {
    /// Mail waits to be sent.
    Mail,
    /// A payment elsewhere is to be looked at, or money to be sent back.
    Payment,
    /// Another server is to be told.
    Hook,
    /// Work waits that somebody asked for.
    Job,
    /// Something in the tenant's own file is to be looked after: a seat to be offered, a member to be reminded.
    Care,
}

/// Who has what to do, and when; and whose files were looked into.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    due: Mutex<HashMap<(Errand, TenantId), Time>>,
    known: Mutex<HashSet<TenantId>>,
}

impl Schedule {
    /// Plans an errand; of two moments the earlier counts.
    pub(super) fn plan(&self, errand: Errand, tenant: TenantId, at: Time) {
        let mut due = self.due.lock();
        let planned = due.entry((errand, tenant)).or_insert(at);
        *planned = at.min(*planned);
    }

    /// Who is due, and since when: who waits longest comes first.
    fn take(&self, errand: Errand, now: Time) -> Vec<(TenantId, Time)> {
        let mut ready = vec![];
        self.due.lock().retain(|(kind, tenant), at| {
            let is_due = *kind == errand && *at <= now;
            if is_due {
                ready.push((*tenant, *at));
            }
            !is_due
        });
        ready.sort_unstable_by_key(|(_, at)| *at);
        ready
    }

    /// Its file is looked into once more, as soon as its doors are open.
    fn forget(&self, tenant: TenantId) {
        self.known.lock().remove(&tenant);
    }
}

/// After so long a tenant whose file could not be opened is tried again.
const LATER: Duration = Duration::from_secs(600);

impl Root {
    /// The tenants whose errand of this kind is due, and since when, who waits longest first; each is told once. Who does the
    /// errand plans the next. A closed tenant's waits until it is open.
    pub fn take_due(&self, errand: Errand, now: Time) -> Vec<(Tenant, Time)> {
        let ready = self.0.errands.take(errand, now);
        if ready.is_empty() {
            return vec![];
        }
        let ids: Vec<TenantId> = ready.iter().map(|(id, _)| *id).collect();
        let entries: HashMap<TenantId, _> = match self.0.registry() {
            Ok(registry) => {
                registry.among(&ids).into_iter().map(|entry| (entry.id, entry)).collect()
            }
            Err(error) => {
                tracing::error!(%error, "no errand can be done");
                ids.iter().for_each(|id| self.0.errands.plan(errand, *id, now.plus(LATER)));
                return vec![];
            }
        };
        let open = |(id, since): (TenantId, Time)| {
            let Some(entry) = entries.get(&id) else {
                self.0.errands.forget(id);
                return None;
            };
            Tenant::open(&self.0, entry.clone())
                .inspect_err(|error| {
                    tracing::error!(tenant = %id, %error, "a tenant's errands cannot be done");
                    self.0.errands.plan(errand, id, now.plus(LATER));
                })
                .ok()
                .map(|tenant| (tenant, since))
        };
        ready.into_iter().filter_map(open).collect()
    }

    /// Looks into the files that nobody has looked into yet: at the start all, later those of new tenants. `look` says what
    /// is to be done in a file, and when. Files are not kept open for it; one that cannot be read yet is due at once, for
    /// whoever opens it brings it up to date.
    pub fn survey_errands(
        &self,
        look: impl Fn(&Read) -> Result<Vec<(Errand, Time)>>,
        kinds: &[Errand],
    ) {
        let Ok(ids) = self.0.registry().map(|registry| registry.ids()) else { return };
        let new: Vec<TenantId> = {
            let mut known = self.0.errands.known.lock();
            ids.into_iter().filter(|id| known.insert(*id)).collect()
        };
        for id in new {
            let now = Time::now();
            let seen =
                file::connect(&self.0.tenant_path(id)).and_then(|conn| look(&Read::new(conn, now)));
            let planned = seen.unwrap_or_else(|_| kinds.iter().map(|kind| (*kind, now)).collect());
            for (errand, at) in planned {
                self.0.errands.plan(errand, id, at);
            }
        }
    }
}

impl Tenant {
    /// Plans an errand of this tenant.
    pub fn plan(&self, errand: Errand, at: Time) {
        self.house().errands.plan(errand, self.entry().id, at);
    }
}
