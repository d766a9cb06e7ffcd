//! What operators do: their team, invitations, what they administer, and selling.

use super::buying::{self, TicketLineInput};
use super::ctx::{Ctx, Fault, Told, line, vat_number};
use super::hierarchy::{Organizer, administered};
use super::people::{Invite, TeamMember};
use super::purchase::Purchase;
use super::scalars::{CurrencyCode, DistributionType};
use super::shop::{Distribution, Event, events};
use crate::error::{Error, Refusal, Result};
use crate::root::distribution::{Change, New};
use crate::root::invite::Offer;
use crate::root::{Staff, Write, team};
use crate::trade::offer::{self, Wanted};
use crate::trade::{Page, number, outbox, place};
use crate::values::country::Country;
use crate::values::id::{AccountId, DistributionId, EventId, TenantId};
use crate::values::{Email, Host, secret};
use juniper::{DefaultScalarValue, GraphQLInputObject, graphql_object};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

/// What an operator who is logged in may do.
pub(super) struct OperatorMutation;

/// Organizers to administer, channels to sell through.
#[derive(GraphQLInputObject)]
pub(super) struct PermissionInput {
    organizer_ids: Option<Vec<i32>>,
    distribution_ids: Option<Vec<i32>>,
}

/// What is to change of an organizer.
#[derive(GraphQLInputObject)]
pub(super) struct OrganizerUpdateInput {
    name: Option<String>,
    official_name: Option<String>,
    bank_account_number: Option<String>,
    vat: Option<String>,
    currency: Option<CurrencyCode>,
    country_id: Option<i32>,
    email: Option<String>,
    phone: Option<String>,
    is_active: Option<bool>,
}

/// A new channel.
#[derive(GraphQLInputObject)]
pub(super) struct DistributionInput {
    organizer_id: i32,
    name: String,
    #[graphql(name = "type")]
    kind: DistributionType,
    url: Option<String>,
    allowed_hosts: Option<Vec<String>>,
}

/// What is offered at one tenant, whose staff the caller is.
struct Part {
    staff: Staff,
    administer: bool,
    channels: Vec<DistributionId>,
}

/// Most resources of one request.
const MOST: usize = 100;

/// What a request is about, by tenant; every resource checked. Refused: none at all, one that the caller may not administer.
fn parts(context: &Ctx, permissions: &PermissionInput) -> Told<Vec<Part>> {
    let own = context.operator()?;
    let organizers = permissions.organizer_ids.as_deref().unwrap_or(&[]);
    let channels = permissions.distribution_ids.as_deref().unwrap_or(&[]);
    let count = organizers.len() + channels.len();
    if count == 0 || count > MOST {
        return Err(Fault::field("permissions", format!("must name 1 to {MOST} of them")));
    }
    let mut parts: BTreeMap<i64, Part> = BTreeMap::new();
    for no in organizers {
        let staff = administered(context, *no)?;
        parts
            .entry(i64::from(*no))
            .or_insert(Part { staff, administer: false, channels: vec![] })
            .administer = true;
    }
    let numbers: Vec<i64> = channels.iter().copied().map(i64::from).collect();
    let shops = context.network.shops_of(&numbers)?;
    for no in numbers {
        let shop = shops.iter().find(|shop| shop.distribution.no == no).ok_or(Error::NotFound)?;
        let tenant = shop.organizer.no;
        let part = match parts.entry(tenant) {
            Entry::Occupied(part) => part.into_mut(),
            Entry::Vacant(place) => {
                let staff = context.network.staff(&own, tenant)?;
                place.insert(Part { staff, administer: false, channels: vec![] })
            }
        };
        part.channels.push(shop.distribution.id);
    }
    Ok(parts.into_values().collect())
}

/// One of the caller's team, or `NotFound`.
fn mate(context: &Ctx, no: i32) -> Told<team::Member> {
    let own = context.operator()?;
    let found = context.network.team(&own, Some(i64::from(no)), 1, 0)?.pop();
    found.ok_or(Fault(Error::NotFound))
}

fn shown(context: &Ctx, id: AccountId) -> Told<TeamMember> {
    let member = context.network.member(id)?.ok_or(Error::NotFound)?;
    TeamMember::all(context, vec![member])?.pop().ok_or(Fault(Error::NotFound))
}

/// The tenant of a channel, for who may administer it.
fn channel(context: &Ctx, no: i32) -> Told<Staff> {
    Ok(context.network.staff_of_channel(&context.operator()?, i64::from(no))?)
}

fn distribution(context: &Ctx, staff: &Staff, no: i64) -> Told<Distribution> {
    let shop = context.network.shop_of_staff(staff, Some(no))?;
    Ok(Distribution { shop: Arc::new(shop) })
}

fn checked_url(address: Option<&str>) -> Result<Option<&str>> {
    let is_right = |address: &str| {
        address.len() <= 500
            && url::Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
    };
    match address {
        Some(address) if !is_right(address) => Err(Error::invalid("url", "is no address")),
        other => Ok(other),
    }
}

fn checked_hosts(hosts: &[String]) -> Result<String> {
    if hosts.len() > 50 || hosts.iter().any(|host| Host::parse(host).is_none()) {
        return Err(Error::invalid("allowedHosts", "must be 50 names of hosts at the most"));
    }
    serde_json::to_string(hosts).map_err(|e| Error::Internal(Box::new(e)))
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl OperatorMutation {
    /// Asks an address to work for what the caller may administer. Who has an account is linked at once, and told by mail.
    fn invite(context: &Ctx, email: String, permissions: PermissionInput) -> Told<Invite> {
        let own = context.operator()?;
        let email = Email::parse(&email).ok_or_else(|| Fault::field("email", "is no e-mail"))?;
        let parts = parts(context, &permissions)?;
        let first = parts.first().ok_or(Error::NotFound)?.staff.clone();
        let mut offered = Offer::default();
        for part in &parts {
            offered.channels.extend(&part.channels);
            if part.administer {
                let tenant: TenantId = part.staff.tenant().entry().id;
                offered.tenants.push(tenant);
            }
        }
        let tenant = first.tenant();
        let invite = context.network.invite(&own, &email, &offered, tenant.entry().id)?;
        tenant.write(first.by(), |tx| outbox::ask_to_work(tx, &email, own.id, invite.id))?;
        Ok(Invite(invite))
    }
    /// Takes back what the operator may administer of an invitation that nobody has answered; where others offered something
    /// too, it still waits for that.
    fn revoke_invite(context: &Ctx, id: i32) -> Told<Invite> {
        Ok(Invite(context.network.revoke_invite(&context.operator()?, i64::from(id))?))
    }
    fn assign_team_member(
        context: &Ctx,
        team_member_id: i32,
        permissions: PermissionInput,
    ) -> Told<TeamMember> {
        let account = mate(context, team_member_id)?.account;
        let who = account.id;
        for part in parts(context, &permissions)? {
            let Part { staff, administer, channels } = part;
            if staff.link(who, administer, &channels)? {
                let ask = |tx: &Write| outbox::invite(tx, &account.email, who);
                staff.tenant().write(staff.by(), ask)?;
            }
        }
        shown(context, who)
    }
    fn unassign_team_member(
        context: &Ctx,
        team_member_id: i32,
        permissions: PermissionInput,
    ) -> Told<TeamMember> {
        let who = mate(context, team_member_id)?.account.id;
        for part in parts(context, &permissions)? {
            part.staff.unlink(who, part.administer, &part.channels)?;
        }
        shown(context, who)
    }
    fn update_organizer(context: &Ctx, id: i32, input: OrganizerUpdateInput) -> Told<Organizer> {
        let staff = administered(context, id)?;
        update(&staff, &input)?;
        let found = context.network.organizers(&[i64::from(id)])?.pop();
        Ok(Organizer::of(found.ok_or(Error::NotFound)?))
    }
    fn create_distribution(context: &Ctx, input: DistributionInput) -> Told<Distribution> {
        let staff = administered(context, input.organizer_id)?;
        let hosts = checked_hosts(input.allowed_hosts.as_deref().unwrap_or(&[]))?;
        let key = format!("{}_{}", staff.tenant().entry().slug, secret::alphanumeric(8));
        let new = New {
            key: &key,
            name: &line("name", &input.name, 100)?,
            channel: input.kind.into(),
            url: checked_url(input.url.as_deref())?,
            allowed_hosts: &hosts,
        };
        let made = staff.open_distribution(&new)?;
        distribution(context, &staff, made.no)
    }
    fn update_distribution(
        context: &Ctx,
        id: i32,
        name: Option<String>,
        url: Option<String>,
        allowed_hosts: Option<Vec<String>>,
        is_active: Option<bool>,
    ) -> Told<Distribution> {
        let staff = channel(context, id)?;
        let hosts = allowed_hosts.as_deref().map(checked_hosts).transpose()?;
        let name = name.map(|name| line("name", &name, 100)).transpose()?;
        let change = Change {
            name: name.as_deref(),
            url: checked_url(url.as_deref())?,
            allowed_hosts: hosts.as_deref(),
            active: is_active,
        };
        staff.change_distribution(i64::from(id), change)?;
        distribution(context, &staff, i64::from(id))
    }
    /// Refused: where fewer than two would be left, or something was sold through it.
    fn delete_distribution(context: &Ctx, id: i32) -> Told<bool> {
        let staff = channel(context, id)?;
        let found = distribution(context, &staff, i64::from(id))?.shop.distribution.id;
        if staff.tenant().read(|tx| offer::has_sold_through(tx, found))? {
            return Err(Fault(Error::Refused(Refusal::HasSales)));
        }
        staff.delete_distribution(i64::from(id))?;
        Ok(true)
    }
    /// Offers an event through these channels alone; through none where none is named.
    fn link_event(context: &Ctx, event_id: i32, distribution_ids: Vec<i32>) -> Told<Event> {
        let no = i64::from(event_id);
        let staff = context.network.staff_of(&context.operator()?, no)?;
        let own = staff.distributions()?;
        let mut linked = vec![];
        for id in distribution_ids {
            let found = own.iter().find(|one| one.no == i64::from(id)).ok_or(Error::NotFound)?;
            linked.push(found.id);
        }
        let event = staff.tenant().write(staff.by(), |tx| {
            let found = number::named(tx, &[no])?.remove(&no).ok_or(Error::NotFound)?;
            offer::link(tx, EventId(found), &linked)?;
            Ok(EventId(found))
        })?;
        let shop = context.network.shop_of_staff(&staff, None)?;
        let wanted = Wanted {
            events: Some(vec![event]),
            hidden: true,
            tickets: true,
            numbers: true,
            ..Wanted::default()
        };
        let found = events(&Arc::new(shop), &wanted, Page::ALL)?.pop();
        found.ok_or(Fault(Error::NotFound))
    }
    /// Holds tickets for a buyer at the counter; `purchase { confirm }` takes the money.
    fn create_purchase(
        context: &Ctx,
        distribution_id: i32,
        tickets: Vec<TicketLineInput>,
    ) -> Told<Purchase> {
        let shop = context.network.till_of(&context.operator()?, i64::from(distribution_id))?;
        buying::create(context, &shop, &tickets)
    }
}

/// Changes what is said of an organizer: the currency and the public profile in its file, the rest in root.
fn update(staff: &Staff, input: &OrganizerUpdateInput) -> Told<()> {
    let country = match input.country_id {
        Some(no) => Some(
            Country::of(i64::from(no)).ok_or_else(|| Fault::field("countryId", "is no country"))?,
        ),
        None => None,
    };
    let currency = input.currency.map(CurrencyCode::sold_in).transpose()?;
    let email = match &input.email {
        Some(email) => {
            Some(Email::parse(email).ok_or_else(|| Fault::field("email", "is no e-mail"))?)
        }
        None => None,
    };
    let said = |name, value: &Option<String>, most| {
        value.as_deref().map(|value| line(name, value, most)).transpose()
    };
    let name = said("name", &input.name, 50)?;
    let official_name = said("officialName", &input.official_name, 200)?;
    let bank_account = said("bankAccountNumber", &input.bank_account_number, 50)?;
    let phone = said("phone", &input.phone, 20)?;
    let vat = match input.vat.as_deref().map(str::trim) {
        Some("") => Some(None),
        Some(given) => Some(Some(vat_number(&line("vat", given, 50)?)?)),
        None => None,
    };
    staff.tenant().publish(staff.by(), place::published, |tx| {
        if let Some(currency) = currency
            && offer::currency(tx)? != currency
        {
            if offer::has_sold(tx)? {
                return Err(Error::Refused(Refusal::HasSales));
            }
            offer::set_currency(tx, currency)?;
        }
        let mut profile = place::get(tx)?;
        profile.label = name.clone().unwrap_or(profile.label);
        profile.phone = phone.clone().unwrap_or(profile.phone);
        profile.email = email.as_ref().map_or(profile.email, |email| email.as_str().to_owned());
        place::update(tx, &profile, &place::Images::default())
    })?;
    staff.amend(|record| {
        for (new, old) in
            [(&official_name, &mut record.official_name), (&bank_account, &mut record.bank_account)]
        {
            if new.is_some() {
                old.clone_from(new);
            }
        }
        record.vat = vat.clone().unwrap_or(record.vat.take());
        record.country = country.map_or(record.country, |country| country.no);
    })?;
    if let Some(active) = input.is_active {
        staff.set_open(active)?;
    }
    Ok(())
}
