//! `/v2/tenants`: tenants as objects.

use super::catalogs;
use super::change::Wish;
use super::errors::not_current;
use super::given::{Given, page};
use super::held::{self, Held};
use super::wire::{answer, many, one};
use super::wire_tenant::{Private, WireTenant};
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::{Error, Result};
use crate::root::credential::Dialect;
use crate::root::organizer::{Change, Organizer};
use crate::root::{By, Caller, Founding, Naming, Operator, Profile, Right, Staff};
use crate::trade::hook;
use crate::trade::place::{self, Images};
use crate::values::Category;

/// The small number in the path.
pub(super) fn number(call: &Call<'_>) -> Result<i64> {
    call.param(0).parse().map_err(|_| Error::NotFound)
}

/// What is about a tenant is asked while working on it.
pub(super) fn current(call: &Call<'_>, front: &Front) -> Result<(), Failure> {
    if number(call)? == front.tenant.entry().no { Ok(()) } else { Err(not_current(call)) }
}

/// The tenants of who is signed in; for a superuser all.
pub(super) fn list(call: &Call<'_>, front: &Front, caller: &Caller) -> Answer {
    let page = page(call)?;
    let (found, total) = front.directory.organizers(caller.account(), page.limit, page.offset)?;
    let staff = staff(front, caller);
    Ok(many(call, "tenants", &shown(front, staff.as_ref(), found)?, total))
}

/// One tenant; `me` is the number of the one that is worked on.
pub(super) fn show(call: &Call<'_>, front: &Front, caller: &Caller) -> Answer {
    if call.param(0) == "me" {
        return Ok(answer(200, &front.tenant.entry().no));
    }
    let found = front.directory.organizer_with_commerce(number(call)?)?;
    let (found, commerce) = found.ok_or(Error::NotFound)?;
    may_see(&found, front, caller)?;
    let held = Held::new(&found, commerce);
    let private = private(staff(front, caller).as_ref(), &found)?;
    Ok(one(call, "tenant", WireTenant::new(found, held, private)))
}

/// Closed tenants are for superusers; hidden ones for who works on them, half-hidden ones for who is signed in.
fn may_see(found: &Organizer, front: &Front, caller: &Caller) -> Result<()> {
    let person = caller.account();
    if found.id == front.tenant.entry().id || person.is_some_and(|person| person.superuser) {
        return Ok(());
    }
    match found.record.visibility {
        _ if !found.active => Err(Error::Forbidden),
        0 => Err(Error::NotFound),
        5 if person.is_none() => Err(Error::NotFound),
        _ => Ok(()),
    }
}

/// Founds a tenant; whoever does it administers it.
pub(super) fn create(call: &Call<'_>, front: &Front, operator: &Operator) -> Answer {
    let given = Given::body(call)?.within("tenant")?;
    let wish = Wish::read(&given, true)?;
    let slug = wish.slug.clone().ok_or_else(|| Error::invalid("name", "is required"))?;
    let label = match &wish.label {
        Some(label) => label.clone(),
        None => given.text("name", 50)?.unwrap_or_default(),
    };
    let founder = operator.account()?;
    let founding = Founding {
        name: label.clone(),
        category: Category::Venue,
        naming: Naming::Exact(slug),
        admin: founder.as_ref().map(|account| account.email.clone()),
        profile: Profile { label, ..Profile::default() },
        organization: None,
    };
    let made = place::found(&operator.founder(), &founding, &Images::default())?.open()?;
    let entry = made.entry();
    if let Some(url) = wish.webhook.as_ref().and_then(Option::as_deref) {
        let by = founder.as_ref().map_or(By::House, |account| By::Account(account.id));
        made.write(by, |tx| hook::set_webhook(tx, Some(url)))?;
    }
    let change = Change {
        slug: None,
        active: wish.active,
        record: &|record| wish.apply(record),
        connect: &[],
    };
    let found = operator.reorganize(entry.no, change)?;
    let key = operator.credential(&entry.slug, Dialect::Roomle)?.key;
    let private = Private {
        secrets: Some((found.record.webhook.clone(), key)),
        users: Some(founder.iter().map(|account| account.no).collect()),
    };
    let held = held::of(front, std::slice::from_ref(&found))?.pop().unwrap_or_default();
    Ok(one(call, "tenant", WireTenant::new(found, held, private)))
}

/// Changes the tenant that is worked on; what is absent stays.
pub(super) fn update(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    current(call, front)?;
    let mut given = Given::body(call)?.within("tenant")?;
    let wish = Wish::read(&given, staff.is_operator())?;
    let wishes = catalogs::wishes(&mut given)?.unwrap_or_default();
    let change = Change {
        slug: wish.slug.as_ref(),
        active: wish.active,
        record: &|record| wish.apply(record),
        connect: &wishes,
    };
    let mut found = staff.reorganize(change)?;
    if let Some(label) = &wish.label {
        staff.tenant().publish(staff.by(), place::published, |tx| place::relabel(tx, label))?;
        found.label.clone_from(label);
    }
    staff.tenant().write(staff.by(), |tx| {
        if let Some(url) = &wish.webhook {
            hook::set_webhook(tx, url.as_deref())?;
        }
        hook::tell_changed(tx, found.id)
    })?;
    Ok(one(call, "tenant", shown(front, Some(staff), vec![found])?.pop()))
}

/// Plans, and retailers: nobody has any here, but clients follow the links.
pub(super) fn plans(call: &Call<'_>, front: &Front, _: &Caller) -> Answer {
    current(call, front)?;
    Ok(many(call, "plans", NONE, 0))
}

pub(super) fn retailers(call: &Call<'_>, front: &Front, _: &Caller) -> Answer {
    current(call, front)?;
    Ok(many(call, "retailerInfos", NONE, 0))
}

const NONE: &[i64] = &[];

/// What somebody may do at the tenant that is worked on, where that shows more of it.
fn staff(front: &Front, caller: &Caller) -> Option<Staff> {
    let admit = |right| front.tenant.admit(caller, Some(right));
    admit(Right::Manage).or_else(|_| admit(Right::Users)).ok()
}

/// Tenants as somebody sees them who is staff, or nobody, at the one that is worked on.
fn shown(
    front: &Front,
    staff: Option<&Staff>,
    found: Vec<Organizer>,
) -> Result<Vec<WireTenant>, Failure> {
    let held = held::of(front, &found)?;
    let wire = found.into_iter().zip(held).map(|(one, held)| {
        let private = private(staff, &one)?;
        Ok(WireTenant::new(one, held, private))
    });
    wire.collect()
}

/// What of a tenant is for its own staff alone.
fn private(staff: Option<&Staff>, shown: &Organizer) -> Result<Private> {
    let Some(staff) = staff.filter(|staff| staff.tenant().entry().id == shown.id) else {
        return Ok(Private::default());
    };
    let users = staff.may(Right::Users).then(|| staff.connected_numbers()).transpose()?;
    let secrets =
        staff.may(Right::Manage).then(|| staff.hook_and_key(Dialect::Roomle)).transpose()?;
    Ok(Private { secrets, users })
}
