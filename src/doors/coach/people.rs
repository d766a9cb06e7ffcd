//! People as units and teams name them: by the ids of their accounts.

use super::doc::Doc;
use super::errors::Known;
use super::input::Input;
use crate::doors::Failure;
use crate::error::Result;
use crate::root::Staff;
use crate::root::connection::Connection;
use crate::values::id::AccountId;
use std::collections::HashMap;

/// What the tenant calls somebody.
pub(super) fn username(connection: &Connection) -> String {
    let address = connection.account.address().unwrap_or("");
    connection.username.as_deref().unwrap_or(address).to_owned()
}

/// Everybody by id.
pub(super) fn all(staff: &Staff) -> Result<HashMap<AccountId, Connection>> {
    let all = staff.connections(-1, 0)?;
    Ok(all.into_iter().map(|connection| (connection.account.id, connection)).collect())
}

/// Those who may be named, with their names.
pub(super) fn lookup(staff: &Staff) -> Result<Doc> {
    let all = staff.connections(-1, 0)?;
    let active = all.iter().filter(|connection| connection.active);
    let pair = |connection: &Connection| (connection.account.id.to_string(), username(connection));
    Ok(Doc::Lookup(active.map(pair).collect()))
}

/// The people whom a field names: whoever is not at work is left out, whoever is unknown refused. None: unchanged.
pub(super) fn named(
    input: &Input<'_>,
    staff: &Staff,
    field: &str,
) -> Result<Option<Vec<AccountId>>, Failure> {
    let Some(ids) = input.guids(field)? else { return Ok(None) };
    let ids: Vec<AccountId> = ids.into_iter().map(AccountId).collect();
    let known = staff.connected_among(&ids)?;
    if known.len() < ids.len() {
        return Err(input.wrong(Known::Reference, &format!("{field} names somebody unknown.")));
    }
    Ok(Some(known.into_iter().filter(|(_, active)| *active).map(|(id, _)| id).collect()))
}
