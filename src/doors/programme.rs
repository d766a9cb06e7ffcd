//! Which events a host shows, for every door that lists them: a venue's own, those that an artist plays at, those of all
//! that an agenda shows.
//!
//! The house's directory says which and in which order; each tenant's file is read once, in one snapshot.

use super::{Call, Front};
use crate::error::Error;
use crate::root::{Entry, Read};
use crate::trade::Page;
use crate::trade::event::{self, Event};
use crate::values::Slug;
use crate::values::category::Programme;
use crate::values::id::EventId;
use std::time::Duration;

/// What one tenant has of a programme.
pub(super) struct Part<T> {
    /// What was read of its events.
    pub(super) what: T,
    /// Where its pages are: scheme, host and port.
    pub(super) origin: String,
}

/// A page of the programme, tenant by tenant: `read` gets the events of each. Of several tenants, whoever shows them all
/// in one list sorts them.
pub(super) fn gather<T>(
    call: &Call<'_>,
    front: &Front,
    page: Page,
    read: impl Fn(&Read, Vec<Event>) -> Result<T, Error>,
) -> Result<Vec<Part<T>>, Error> {
    if front.tenant.entry().category.traits().programme != Programme::Own {
        return gather_of_others(call, front, page, read);
    }
    let what = front.tenant.read(|tx| read(tx, event::list(tx, page)?))?;
    Ok(vec![Part { what, origin: call.origin.clone() }])
}

fn gather_of_others<T>(
    call: &Call<'_>,
    front: &Front,
    page: Page,
    read: impl Fn(&Read, Vec<Event>) -> Result<T, Error>,
) -> Result<Vec<Part<T>>, Error> {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let from = call.now.minus(DAY);
    let found = front.directory.coming(front.tenant.entry(), from, page.limit, page.offset)?;
    let mut tenants: Vec<&Slug> = found.iter().map(|found| &found.tenant).collect();
    tenants.sort_unstable();
    tenants.dedup();
    let mut parts = vec![];
    for tenant in tenants {
        let Some(shown) = front.directory.shown(tenant)? else { continue };
        let own = found.iter().filter(|found| found.tenant == *tenant);
        let ids: Vec<EventId> = own.map(|found| found.event).collect();
        let what = shown.read(|tx| read(tx, event::among(tx, &ids)?))?;
        parts.push(Part { what, origin: origin_of(call, front, shown.entry()) });
    }
    Ok(parts)
}

/// Where the pages of a tenant are, seen from a request that may have come to another.
fn origin_of(call: &Call<'_>, front: &Front, entry: &Entry) -> String {
    if entry.id == front.tenant.entry().id {
        return call.origin.clone();
    }
    let (scheme, host) = call.origin.split_once("://").unwrap_or(("http", ""));
    let port = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    let port = port.map_or(String::new(), |(_, port)| format!(":{port}"));
    format!("{scheme}://{}{port}", entry.primary)
}
