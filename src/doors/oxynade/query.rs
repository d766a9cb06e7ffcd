//! The roots of queries.

use super::ctx::{Ctx, Told, page};
use super::fees::Fee;
use super::hierarchy::{Country, Organization, Organizer};
use super::people::{Customer, Invite, InviteStatus, Operator, TeamMember};
use super::purchase::Purchase;
use super::scalars::FeeScope;
use super::shop::Distribution;
use crate::error::Error;
use crate::trade::fee::Scope;
use crate::values::country::Country as Land;
use juniper::{DefaultScalarValue, GraphQLInputObject, graphql_object};
use std::sync::Arc;

/// The roots of queries.
pub(super) struct Query;

/// What only an admin may look at.
pub(super) struct AdminQuery;

/// Which countries.
#[derive(GraphQLInputObject)]
pub(super) struct CountryFilter {
    code: Option<String>,
}

/// Which organizers.
#[derive(GraphQLInputObject)]
pub(super) struct OrganizerFilter {
    organization_id: Option<i32>,
    search: Option<String>,
}

/// Which operators.
#[derive(GraphQLInputObject)]
pub(super) struct OperatorFilter {
    email: Option<String>,
    organizer_id: Option<i32>,
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl Query {
    /// All countries.
    fn countries(filter: Option<CountryFilter>) -> Vec<Country> {
        let code = filter.and_then(|filter| filter.code);
        let wanted =
            |land: &&Land| code.as_ref().is_none_or(|code| land.code.eq_ignore_ascii_case(code));
        Land::ALL.iter().filter(wanted).map(Country).collect()
    }
    /// An open channel, for anybody, or for who is logged in where its organizer says so.
    fn distribution(context: &Ctx, id: i32) -> Told<Option<Distribution>> {
        let shop = context.network.shop(i64::from(id), context.visit().as_ref())?;
        Ok(shop.map(|shop| Distribution { shop: Arc::new(shop) }))
    }
    /// The purchase that the token is signed with.
    fn purchase(context: &Ctx) -> Told<Option<Purchase>> {
        Purchase::signed(context).map(Some)
    }
    /// The customer that the token is signed with.
    fn customer(context: &Ctx) -> Told<Option<Customer>> {
        context.customer().map(Customer::of).map(Some)
    }
    /// The operator that the token is signed with.
    fn operator(context: &Ctx) -> Told<Option<Operator>> {
        context.operator().map(Operator).map(Some)
    }
    /// The organizers that the operator may administer.
    fn organizers(context: &Ctx, limit: Option<i32>, offset: Option<i32>) -> Told<Vec<Organizer>> {
        let (page, own) = (page(limit, offset)?, context.operator()?);
        let found = context.network.configured(&own, None, None, page.limit, page.offset)?;
        Ok(found.into_iter().map(Organizer::of).collect())
    }
    /// One of the operator's team.
    fn team_member(context: &Ctx, id: i32) -> Told<Option<TeamMember>> {
        let own = context.operator()?;
        let found = context.network.team(&own, Some(i64::from(id)), 1, 0)?;
        if found.is_empty() {
            return Err(Error::NotFound.into());
        }
        Ok(TeamMember::all(context, found)?.pop())
    }
    /// Invitations to what the operator may administer, and his own.
    fn invites(
        context: &Ctx,
        status: Option<InviteStatus>,
        limit: Option<i32>,
        offset: Option<i32>,
    ) -> Told<Vec<Invite>> {
        let (page, own) = (page(limit, offset)?, context.operator()?);
        let status = status.map(Into::into);
        let found = context.network.invites(&own, status, page.limit, page.offset)?;
        Ok(found.into_iter().map(Invite).collect())
    }
    /// The whole house, for an admin.
    fn admin(context: &Ctx) -> Told<Option<AdminQuery>> {
        context.network.admin(&context.operator()?)?;
        Ok(Some(AdminQuery))
    }
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl AdminQuery {
    fn organizations(
        context: &Ctx,
        limit: Option<i32>,
        offset: Option<i32>,
    ) -> Told<Vec<Organization>> {
        let page = page(limit, offset)?;
        let admin = context.network.admin(&context.operator()?)?;
        Ok(admin.organizations(page.limit, page.offset)?.into_iter().map(Organization).collect())
    }
    fn organization(context: &Ctx, id: i32) -> Told<Option<Organization>> {
        let admin = context.network.admin(&context.operator()?)?;
        Ok(admin.organization(i64::from(id))?.map(Organization))
    }
    fn organizers(
        context: &Ctx,
        filter: Option<OrganizerFilter>,
        limit: Option<i32>,
        offset: Option<i32>,
    ) -> Told<Vec<Organizer>> {
        let (page, own) = (page(limit, offset)?, context.operator()?);
        let admin = context.network.admin(&own)?;
        let (organization, search) =
            filter.map_or((None, None), |filter| (filter.organization_id, filter.search));
        let organization = match organization {
            Some(no) => Some(admin.organization(i64::from(no))?.ok_or(Error::NotFound)?.id),
            None => None,
        };
        let found = context.network.configured(
            &own,
            organization,
            search.as_deref(),
            page.limit,
            page.offset,
        )?;
        Ok(found.into_iter().map(Organizer::of).collect())
    }
    fn organizer(context: &Ctx, id: i32) -> Told<Option<Organizer>> {
        context.network.admin(&context.operator()?)?;
        Ok(context.network.organizers(&[i64::from(id)])?.pop().map(Organizer::of))
    }
    fn operators(
        context: &Ctx,
        filter: Option<OperatorFilter>,
        limit: Option<i32>,
        offset: Option<i32>,
    ) -> Told<Vec<Operator>> {
        let page = page(limit, offset)?;
        let admin = context.network.admin(&context.operator()?)?;
        let (email, organizer) =
            filter.map_or((None, None), |filter| (filter.email, filter.organizer_id));
        let found =
            admin.operators(email.as_deref(), organizer.map(i64::from), page.limit, page.offset)?;
        Ok(found.into_iter().map(Operator).collect())
    }
    /// Fees of one scope; below organizations, those of what `scopeId` names.
    fn fees(context: &Ctx, scope: Option<FeeScope>, scope_id: Option<i32>) -> Told<Vec<Fee>> {
        let own = context.operator()?;
        let admin = context.network.admin(&own)?;
        let id = scope_id.map(i64::from);
        let of_house = |fees: Vec<crate::root::fee::HouseFee>,
                        wanted: &dyn Fn(Option<i64>) -> bool| {
            fees.into_iter().filter(|fee| wanted(fee.organization)).map(Fee::of_house).collect()
        };
        let must = || id.ok_or_else(|| Error::invalid("scopeId", "is needed for this scope"));
        Ok(match scope {
            None => of_house(admin.house_fees(None)?, &|_| true),
            Some(FeeScope::Platform) => of_house(admin.house_fees(None)?, &|of| of.is_none()),
            Some(FeeScope::Organization) => {
                of_house(admin.house_fees(id)?, &|of| of.is_some() && (id.is_none() || of == id))
            }
            Some(FeeScope::Organizer) => {
                let no = must()?;
                let staff = context.network.staff(&own, no)?;
                Fee::of_staff(&staff, |scope| (scope == Scope::Organizer).then_some(no))?
            }
            Some(FeeScope::Distribution) => {
                let staff = context.network.staff_of_channel(&own, must()?)?;
                let shop = context.network.shop_of_staff(&staff, id)?;
                return Fee::of_channel(&staff, shop.distribution.id, shop.distribution.no);
            }
            Some(FeeScope::Event | FeeScope::TicketType) => {
                let no = must()?;
                let staff = context.network.staff_of(&own, no)?;
                let set = super::fee_input::scope(&staff, scope, no)?;
                Fee::of_staff(&staff, |scope| (scope == set).then_some(no))?
            }
        })
    }
}
