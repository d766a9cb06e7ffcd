//! `/v2/tenants/:id/users` and `/roles`: who works with the tenant, and as what.

use super::given::{Given, page};
use super::tenants::current;
use super::wire::{Envelope, answer, many, meta, one};
use super::wire_user::{WireRole, WireUser};
use crate::doors::{Answer, Call, Front};
use crate::error::{Error, Result};
use crate::root::connection::Connection;
use crate::root::{Account, Role, Staff};
use crate::trade::{outbox, team};
use crate::values::Email;
use rouille::Response;
use serde_json::Value;

/// People that are invited at once.
const BATCH_MAX: usize = 100;

pub(super) fn list(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    current(call, front)?;
    let page = page(call)?;
    let (connected, total) = staff.connected(page.limit, page.offset)?;
    let wire: Vec<_> = connected.iter().map(WireUser::connected).collect();
    Ok(many(call, "users", &wire, total))
}

/// Connects one, or all of a batch; who cannot log in yet is invited by mail.
pub(super) fn invite(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    current(call, front)?;
    let mut given = Given::body(call)?;
    match given.objects("users")? {
        Some(batch) if batch.len() > BATCH_MAX => {
            Err(Error::invalid("users", format!("must be {BATCH_MAX} at the most")).into())
        }
        Some(batch) => {
            let wanted = batch.iter().map(wanted).collect::<Result<Vec<_>>>()?;
            let connected = connect(staff, &wanted)?;
            let wire: Vec<_> = connected.iter().map(WireUser::connected).collect();
            Ok(many(call, "users", &wire, total(&wire)))
        }
        None => {
            let connected = connect(staff, &[wanted(&given.within("user")?)?])?;
            Ok(one(call, "user", connected.first().map(WireUser::connected)))
        }
    }
}

fn total<T>(all: &[T]) -> i64 {
    i64::try_from(all.len()).unwrap_or(i64::MAX)
}

/// Nothing but e-mail and roles is read; who is named without a role is a plain member.
fn wanted(given: &Given) -> Result<(Email, Vec<Role>)> {
    let mut roles = roles(given)?.unwrap_or_default();
    if roles.is_empty() {
        roles.push(Role::Member);
    }
    Ok((email(given)?.ok_or_else(|| Error::invalid("email", "is required"))?, roles))
}

/// The invitation is written down after the connection: one that is lost in between is made by asking again.
fn connect(staff: &Staff, wanted: &[(Email, Vec<Role>)]) -> Result<Vec<Connection>> {
    let seat = staff.seating();
    let connected = staff.invite(wanted, &team::agents)?;
    drop(seat);
    let mut invited =
        connected.iter().map(|one| &one.account).filter(|account| !account.active).peekable();
    if invited.peek().is_some() {
        invite_all(staff, invited)?;
    }
    Ok(connected)
}

fn invite_all<'a>(staff: &Staff, who: impl Iterator<Item = &'a Account> + Clone) -> Result<()> {
    staff.tenant().write(staff.by(), |tx| {
        who.clone().try_for_each(|account| outbox::invite(tx, &account.email, account.id))
    })
}

/// Makes these somebody's roles; without any he is connected no longer.
pub(super) fn update(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    current(call, front)?;
    let given = Given::body(call)?.within("user")?;
    let (email, roles) = (email(&given)?, roles(&given)?);
    let no = call.param(1).parse().map_err(|_| Error::NotFound)?;
    let known = staff.connection_by_no(no)?.filter(|known| known.deleted.is_none());
    let known = known.ok_or(Error::NotFound)?;
    if email.is_some_and(|email| email != known.account.email) {
        return Err(Error::invalid("email", "is another person's").into());
    }
    let Some(roles) = roles else { return Ok(one(call, "user", WireUser::connected(&known))) };
    let wire = match staff.set_roles(known.account.id, &roles)? {
        (Some(connection), must_prove) => {
            if must_prove {
                invite_all(staff, [&connection.account].into_iter())?;
            }
            WireUser::connected(&connection)
        }
        (None, _) => WireUser::gone(&known.account),
    };
    Ok(one(call, "user", wire))
}

/// All roles of all people, one by one; under both names that clients look for.
pub(super) fn roles_of_all(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    current(call, front)?;
    let page = page(call)?;
    let (connected, _) = staff.connected(page.limit, page.offset)?;
    let no = front.tenant.entry().no;
    Ok(told(call, connected.iter().flat_map(|one| WireRole::all(one, no)).collect()))
}

/// Roles under both names that clients look for.
pub(super) fn told(call: &Call<'_>, all: Vec<WireRole>) -> Response {
    let meta = meta(call, total(&all));
    let members = vec![("user2Tenants", all.clone()), ("roles", all)];
    answer(200, &Envelope { members, meta })
}

fn email(given: &Given) -> Result<Option<Email>> {
    let email = given.text("email", 254)?;
    let parse = |text: String| Email::parse(&text);
    let wrong = || Error::invalid("email", "must be an e-mail address");
    email.map(|text| parse(text).ok_or_else(wrong)).transpose()
}

/// As numbers, names or objects. What this door tells of somebody has numbers of connections under `roles`, so
/// `rolesInTenant` counts where both are sent.
fn roles(given: &Given) -> Result<Option<Vec<Role>>> {
    let value = given.value("rolesInTenant").or_else(|| given.value("roles"));
    let wrong =
        || Error::invalid("roles", "must be a list of roles such as 40 or \"Catalog Manager\"");
    match value {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(vec![])),
        Some(Value::Array(values)) => values
            .iter()
            .map(|value| role(value).ok_or_else(wrong))
            .collect::<Result<_>>()
            .map(Some),
        Some(_) => Err(wrong()),
    }
}

/// The role that a value names; not that of a device at the door, for which this dialect has no word.
fn role(value: &Value) -> Option<Role> {
    let found = match value {
        Value::Number(code) => Role::of(code.as_i64()?),
        Value::Object(members) => members.get("role").filter(|v| !v.is_object()).and_then(role),
        Value::String(text) => match text.parse() {
            Ok(code) => Role::of(code),
            Err(_) => named(text),
        },
        _ => None,
    };
    found.filter(|role| *role != Role::Gate)
}

fn named(text: &str) -> Option<Role> {
    let name = |role: Role| match role {
        Role::Gate => "",
        Role::Member => "Member",
        Role::Statistics => "Statistics Data",
        Role::CatalogueMeta => "Catalog Meta Manager",
        Role::Catalogue => "Catalog Manager",
        Role::Prices => "Price Manager",
        Role::Marketer => "Marketer",
        Role::Admin => "Admin",
    };
    Role::ALL.into_iter().find(|role| name(*role).eq_ignore_ascii_case(text.trim()))
}
