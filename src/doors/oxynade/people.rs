//! Who works and who buys: operators, their team, what they may do, invitations, customers.

use super::ctx::{Ctx, Told, cut, int, page};
use super::hierarchy::{Organization, Organizer};
use super::purchase::Purchase;
use super::scalars::{LangCode, Moment};
use super::shop::Distribution;
use crate::root::Account;
use crate::root::invite::{Invite as Asked, Standing};
use crate::root::network::Links;
use crate::root::organizer::Organizer as Seller;
use crate::root::team::Member;
use crate::trade::Page;
use crate::trade::order::{Holder, Order};
use crate::values::Time;
use crate::values::id::{AccountId, OrganizationId};
use juniper::{
    DefaultScalarValue, GraphQLEnum, GraphQLInputObject, GraphQLObject, ID, graphql_object,
};
use std::sync::Arc;

/// Somebody who logs in and works for organizers.
pub(super) struct Operator(pub(super) Account);

/// What an operator may do.
#[derive(GraphQLObject)]
#[graphql(context = Ctx, scalar = DefaultScalarValue)]
pub(super) struct OperatorPermissions {
    /// Everything, everywhere.
    is_admin: bool,
    /// Sell through these channels.
    sale: Vec<SalePermission>,
    /// Administer these organizers.
    configuration: Vec<ConfigurationPermission>,
}

/// Sell through a channel.
#[derive(GraphQLObject)]
#[graphql(context = Ctx, scalar = DefaultScalarValue)]
pub(super) struct SalePermission {
    distribution: Distribution,
    granted_at: Moment,
}

/// Administer an organizer.
#[derive(GraphQLObject)]
#[graphql(context = Ctx, scalar = DefaultScalarValue)]
pub(super) struct ConfigurationPermission {
    organizer: Organizer,
    granted_at: Moment,
}

/// Another operator, of whom only that is shown which both are linked to.
pub(super) struct TeamMember {
    account: Account,
    mutual: Links,
}

/// How an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, GraphQLEnum)]
pub(super) enum InviteStatus {
    Pending,
    Accepted,
    Revoked,
    Expired,
}

impl From<InviteStatus> for Standing {
    fn from(status: InviteStatus) -> Self {
        match status {
            InviteStatus::Pending => Self::Pending,
            InviteStatus::Accepted => Self::Accepted,
            InviteStatus::Revoked => Self::Revoked,
            InviteStatus::Expired => Self::Expired,
        }
    }
}

impl From<Standing> for InviteStatus {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Pending => Self::Pending,
            Standing::Accepted => Self::Accepted,
            Standing::Revoked => Self::Revoked,
            Standing::Expired => Self::Expired,
        }
    }
}

/// Somebody is asked to work for organizers.
pub(super) struct Invite(pub(super) Asked);

/// Which customers of a list.
#[derive(GraphQLInputObject)]
pub(super) struct CustomerFilter {
    email: Option<String>,
    search: Option<String>,
}

impl CustomerFilter {
    pub(super) fn parts(filter: Option<Self>) -> (Option<String>, Option<String>) {
        filter.map_or((None, None), |filter| (filter.email, filter.search))
    }
}

/// Somebody who buys: known once in an organization or, to who is not logged in as them, as far as their purchase says.
pub(super) struct Customer {
    /// None: a purchase alone says who it is.
    account: Option<(AccountId, i64)>,
    /// Made by this request, whose sender may be anybody.
    is_new: bool,
    email: String,
    first_name: Option<String>,
    last_name: Option<String>,
    phone: Option<String>,
    language: String,
    created: Time,
    organization: OrganizationId,
}

impl Customer {
    /// Somebody who is logged in, or whom the caller may know.
    pub(super) fn of(account: Account) -> Self {
        Self {
            account: Some((account.id, account.no)),
            is_new: false,
            email: account.email.as_str().to_owned(),
            first_name: account.first_name,
            last_name: account.last_name,
            phone: account.phone,
            language: account.language,
            created: account.created,
            organization: account.organization,
        }
    }

    /// Somebody whose account was made just now.
    pub(super) fn of_newcomer(account: Account) -> Self {
        Self { is_new: true, ..Self::of(account) }
    }

    /// What was said of its buyer in a purchase. Whoever types an address must not be told what is known of it, not even
    /// since when.
    pub(super) fn of_purchase(order: &Order, holder: Option<Holder>, seller: &Seller) -> Self {
        let said = |name: String| Some(name).filter(|name| !name.is_empty());
        let (first_name, last_name) =
            holder.map_or((None, None), |one| (said(one.first_name), said(one.last_name)));
        Self {
            account: None,
            is_new: false,
            email: order.email.clone(),
            first_name,
            last_name,
            phone: None,
            language: seller.record.language.clone(),
            created: order.placed,
            organization: seller.organization,
        }
    }
}

impl TeamMember {
    /// These people, each with what the caller shares with them.
    pub(super) fn all(context: &Ctx, members: Vec<Member>) -> Told<Vec<Self>> {
        let own = context.network.links(context.operator()?.id)?;
        let shared = |member: Member| {
            let both = |a: &std::collections::HashSet<i64>, b: &std::collections::HashSet<i64>| {
                a.intersection(b).copied().collect()
            };
            let mutual = Links {
                organizers: both(&own.organizers, &member.links.organizers),
                distributions: both(&own.distributions, &member.links.distributions),
            };
            Self { account: member.account, mutual }
        };
        Ok(members.into_iter().map(shared).collect())
    }
}

/// A page of some numbers, which are in no order.
fn sorted(numbers: impl IntoIterator<Item = i64>, page: Page) -> Vec<i64> {
    let mut all: Vec<i64> = numbers.into_iter().collect();
    all.sort_unstable();
    cut(all, page)
}

fn channels(
    context: &Ctx,
    numbers: impl IntoIterator<Item = i64>,
    page: Page,
) -> Told<Vec<Distribution>> {
    let shops = context.network.shops_of(&sorted(numbers, page))?;
    Ok(shops.into_iter().map(|shop| Distribution { shop: Arc::new(shop) }).collect())
}

fn organizers(
    context: &Ctx,
    numbers: impl IntoIterator<Item = i64>,
    page: Page,
) -> Told<Vec<Organizer>> {
    let found = context.network.organizers(&sorted(numbers, page))?;
    Ok(found.into_iter().map(Organizer::of).collect())
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl Operator {
    fn id(&self) -> i32 {
        int(self.0.no)
    }
    fn uuid(&self) -> ID {
        ID::new(self.0.id.to_string())
    }
    fn email(&self) -> &str {
        self.0.email.as_str()
    }
    fn first_name(&self) -> Option<&str> {
        self.0.first_name.as_deref()
    }
    fn last_name(&self) -> Option<&str> {
        self.0.last_name.as_deref()
    }
    fn lang_code(&self) -> LangCode {
        LangCode::of(&self.0.language)
    }
    fn is_admin(&self) -> bool {
        self.0.superuser
    }
    fn is_active(&self) -> bool {
        self.0.active
    }
    fn permissions(&self, context: &Ctx) -> Told<OperatorPermissions> {
        let grants = context.network.grants(self.0.id)?;
        let numbers: Vec<i64> = grants.organizers.iter().map(|(no, _)| *no).collect();
        let since = |all: &[(i64, Time)], no: i64| {
            let found = all.iter().find(|(one, _)| *one == no);
            Moment(found.map_or(Time(0), |(_, at)| *at))
        };
        let configuration = context.network.organizers(&numbers)?.into_iter();
        let configuration = configuration.map(|organizer| ConfigurationPermission {
            granted_at: since(&grants.organizers, organizer.no),
            organizer: Organizer::of(organizer),
        });
        let numbers: Vec<i64> = grants.distributions.iter().map(|(no, _)| *no).collect();
        let sale = context.network.shops_of(&numbers)?.into_iter().map(|shop| SalePermission {
            granted_at: since(&grants.distributions, shop.distribution.no),
            distribution: Distribution { shop: Arc::new(shop) },
        });
        Ok(OperatorPermissions {
            is_admin: self.0.superuser,
            sale: sale.collect(),
            configuration: configuration.collect(),
        })
    }
    fn organizers(
        &self,
        context: &Ctx,
        limit: Option<i32>,
        offset: Option<i32>,
    ) -> Told<Vec<Organizer>> {
        organizers(context, context.network.links(self.0.id)?.organizers, page(limit, offset)?)
    }
    fn distributions(
        &self,
        context: &Ctx,
        limit: Option<i32>,
        offset: Option<i32>,
    ) -> Told<Vec<Distribution>> {
        channels(context, context.network.links(self.0.id)?.distributions, page(limit, offset)?)
    }
    /// Operators with whom the one who is logged in shares an organizer or a channel.
    fn team_members(
        &self,
        context: &Ctx,
        limit: Option<i32>,
        offset: Option<i32>,
    ) -> Told<Vec<TeamMember>> {
        let page = page(limit, offset)?;
        let own = context.visit().and_then(|visit| visit.operator);
        let Some(own) = own.filter(|own| own.id == self.0.id) else { return Ok(vec![]) };
        let members = context.network.team(&own, None, page.limit, page.offset)?;
        TeamMember::all(context, members)
    }
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl TeamMember {
    fn id(&self) -> i32 {
        int(self.account.no)
    }
    fn email(&self) -> &str {
        self.account.email.as_str()
    }
    fn first_name(&self) -> Option<&str> {
        self.account.first_name.as_deref()
    }
    fn last_name(&self) -> Option<&str> {
        self.account.last_name.as_deref()
    }
    fn mutual_organizers(
        &self,
        context: &Ctx,
        limit: Option<i32>,
        offset: Option<i32>,
    ) -> Told<Vec<Organizer>> {
        organizers(context, self.mutual.organizers.iter().copied(), page(limit, offset)?)
    }
    fn mutual_distributions(
        &self,
        context: &Ctx,
        limit: Option<i32>,
        offset: Option<i32>,
    ) -> Told<Vec<Distribution>> {
        channels(context, self.mutual.distributions.iter().copied(), page(limit, offset)?)
    }
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl Invite {
    fn id(&self) -> i32 {
        int(self.0.no)
    }
    fn email(&self) -> &str {
        self.0.email.as_str()
    }
    fn status(&self, context: &Ctx) -> InviteStatus {
        self.0.standing(context.now).into()
    }
    /// Who asked first for what the caller may administer.
    fn invited_by(&self, context: &Ctx) -> Told<Option<TeamMember>> {
        let inviter = context.network.inviter(&context.operator()?, &self.0)?;
        let Some(by) = inviter else { return Ok(None) };
        let member = context.network.member(by)?;
        Ok(TeamMember::all(context, member.into_iter().collect())?.pop())
    }
    /// Those of them that the caller may administer too.
    fn organizers(&self, context: &Ctx) -> Told<Vec<Organizer>> {
        let shown = context.network.administrable(&context.operator()?, &self.0.organizers)?;
        organizers(context, shown, Page::ALL)
    }
    fn distributions(&self, context: &Ctx) -> Told<Vec<Distribution>> {
        let own = context.operator()?;
        let shown = context.network.administrable_channels(&own, &self.0.distributions)?;
        channels(context, shown, Page::ALL)
    }
    fn created_at(&self) -> Moment {
        Moment(self.0.created)
    }
    fn expires_at(&self) -> Moment {
        Moment(self.0.expires)
    }
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl Customer {
    /// 0 for who is not logged in as this customer.
    fn id(&self) -> i32 {
        self.account.map_or(0, |(_, no)| int(no))
    }
    /// Empty for who is not logged in as this customer.
    fn uuid(&self) -> ID {
        ID::new(self.account.map_or_else(String::new, |(id, _)| id.to_string()))
    }
    fn email(&self) -> &str {
        &self.email
    }
    fn first_name(&self) -> Option<&str> {
        self.first_name.as_deref()
    }
    fn last_name(&self) -> Option<&str> {
        self.last_name.as_deref()
    }
    fn phone(&self) -> Option<&str> {
        self.phone.as_deref()
    }
    fn lang_code(&self) -> LangCode {
        LangCode::of(&self.language)
    }
    fn created_at(&self) -> Moment {
        Moment(self.created)
    }
    fn organization(&self, context: &Ctx) -> Told<Organization> {
        Ok(Organization(context.network.organization(self.organization)?))
    }
    /// What this customer bought; for the customer alone. Nothing of who has just registered, or is known by a purchase
    /// alone. Before the address is proven, what was bought while logged in since the password was chosen.
    fn purchases(
        &self,
        context: &Ctx,
        limit: Option<i32>,
        offset: Option<i32>,
    ) -> Told<Vec<Purchase>> {
        let page = page(limit, offset)?;
        // What was done must not be answered as if it had failed.
        let Some((id, _)) = self.account.filter(|_| !self.is_new) else { return Ok(vec![]) };
        let own = context.customer()?;
        if id != own.id {
            return Err(crate::error::Error::Forbidden.into());
        }
        Purchase::of_customer(context, &own, page)
    }
}
