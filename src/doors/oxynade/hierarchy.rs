//! Who owns customers and who sells: countries, organizations, organizers.

use super::ctx::{Ctx, Fault, Told, cut, int, page};
use super::fees::Fee;
use super::people::{Customer, CustomerFilter, TeamMember};
use super::scalars::{CurrencyCode, LangCode, Moment};
use super::shop::{Distribution, Event, EventFilter, asked, currency, events};
use crate::error::Error;
use crate::root::Staff;
use crate::root::organization::Organization as Realm;
use crate::root::organizer::Organizer as Tenant;
use crate::trade::fee::Scope;
use crate::trade::offer::{self, Wanted};
use crate::values::country::Country as Land;
use juniper::{DefaultScalarValue, Executor, ID, graphql_object};
use std::sync::Arc;

/// A country.
pub(super) struct Country(pub(super) &'static Land);

/// Who owns customers: one account for each address.
pub(super) struct Organization(pub(super) Realm);

/// Who sells: a tenant with a name, a bank account and one currency.
#[derive(Clone)]
pub(super) struct Organizer {
    tenant: Tenant,
}

impl Organizer {
    pub(super) const fn of(tenant: Tenant) -> Self {
        Self { tenant }
    }

    /// Its staff, where the caller may administer it.
    fn staff(&self, context: &Ctx) -> Told<Staff> {
        Ok(context.network.staff(&context.operator()?, self.tenant.no)?)
    }

    /// The same where nothing of its file is asked for.
    fn must_administer(&self, context: &Ctx) -> Told<()> {
        Ok(context.network.must_administer(&context.operator()?, &self.tenant)?)
    }
}

/// The country of this number.
pub(super) fn country(no: i64) -> Result<Country, Error> {
    Land::of(no).map(Country).ok_or(Error::NotFound)
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl Country {
    /// Its ISO 3166-1 number.
    fn id(&self) -> i32 {
        i32::from(self.0.no)
    }
    fn code(&self) -> &str {
        self.0.code
    }
    /// Its name, which is known in English.
    fn name(&self, #[graphql(default = Some(LangCode::EN))] lang_code: Option<LangCode>) -> &str {
        let _ = lang_code;
        self.0.name
    }
    fn currency(&self) -> Option<CurrencyCode> {
        self.0.currency().and_then(CurrencyCode::parse)
    }
    fn is_eu(&self) -> bool {
        self.0.is_eu()
    }
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl Organization {
    fn id(&self) -> i32 {
        int(self.0.no)
    }
    fn uuid(&self) -> ID {
        ID::new(self.0.id.to_string())
    }
    fn name(&self) -> &str {
        &self.0.name
    }
    fn country(&self) -> Told<Country> {
        Ok(country(i64::from(self.0.country))?)
    }
    fn created_at(&self) -> Moment {
        Moment(self.0.created)
    }
    /// Those that the caller may administer.
    fn organizers(
        &self,
        context: &Ctx,
        limit: Option<i32>,
        offset: Option<i32>,
    ) -> Told<Vec<Organizer>> {
        let page = page(limit, offset)?;
        let found = context.network.configured(
            &context.operator()?,
            Some(self.0.id),
            None,
            page.limit,
            page.offset,
        )?;
        Ok(found.into_iter().map(Organizer::of).collect())
    }
    /// For who may administer all its organizers.
    fn customers(
        &self,
        context: &Ctx,
        filter: Option<CustomerFilter>,
        limit: Option<i32>,
        offset: Option<i32>,
    ) -> Told<Vec<Customer>> {
        let page = page(limit, offset)?;
        let (email, search) = CustomerFilter::parts(filter);
        let who = context.operator()?;
        let found = context.network.customers_of(
            &who,
            self.0.id,
            (email.as_deref(), search.as_deref()),
            page.limit,
            page.offset,
        )?;
        Ok(found.into_iter().map(Customer::of).collect())
    }
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl Organizer {
    fn id(&self) -> i32 {
        int(self.tenant.no)
    }
    fn uuid(&self) -> ID {
        ID::new(self.tenant.id.to_string())
    }
    fn organization(&self, context: &Ctx) -> Told<Organization> {
        Ok(Organization(context.network.organization(self.tenant.organization)?))
    }
    fn name(&self) -> &str {
        &self.tenant.label
    }
    fn official_name(&self) -> &str {
        self.tenant.record.official_name.as_deref().unwrap_or(&self.tenant.label)
    }
    /// For who may administer it.
    fn bank_account_number(&self, context: &Ctx) -> Told<Option<String>> {
        self.must_administer(context)?;
        Ok(self.tenant.record.bank_account.clone())
    }
    fn vat(&self) -> Option<&str> {
        self.tenant.record.vat.as_deref()
    }
    fn currency(&self, context: &Ctx) -> Told<CurrencyCode> {
        let code = context.network.shown(&self.tenant)?.read(offer::currency)?;
        Ok(currency(&code)?)
    }
    fn country(&self) -> Told<Country> {
        Ok(country(i64::from(self.tenant.record.country))?)
    }
    fn email(&self) -> Option<&str> {
        Some(self.tenant.email.as_str()).filter(|email| !email.is_empty())
    }
    fn phone(&self) -> Option<&str> {
        Some(self.tenant.phone.as_str()).filter(|phone| !phone.is_empty())
    }
    fn website(&self) -> Option<&str> {
        self.tenant.website.as_deref()
    }
    fn is_active(&self) -> bool {
        self.tenant.active
    }
    fn category(&self) -> &str {
        self.tenant.category.as_str()
    }
    /// Its open channels; none while it is closed.
    fn distributions(
        &self,
        context: &Ctx,
        limit: Option<i32>,
        offset: Option<i32>,
    ) -> Told<Vec<Distribution>> {
        let page = page(limit, offset)?;
        let Some(shop) = context.network.shop_of(self.tenant.id, None)? else { return Ok(vec![]) };
        let all = cut(context.network.shops(&shop)?, page);
        Ok(all.into_iter().map(|shop| Distribution { shop: Arc::new(shop) }).collect())
    }
    /// Who works for it; for who may administer it.
    fn operators(&self, context: &Ctx) -> Told<Vec<TeamMember>> {
        self.must_administer(context)?;
        let members = context.network.operators_of(self.tenant.id)?;
        TeamMember::all(context, members)
    }
    /// For who may administer it.
    fn events(
        &self,
        executor: &Executor<'_, '_, Ctx, DefaultScalarValue>,
        context: &Ctx,
        filter: Option<EventFilter>,
        limit: Option<i32>,
        offset: Option<i32>,
    ) -> Told<Vec<Event>> {
        let shop = context.network.shop_of_staff(&self.staff(context)?, None)?;
        let mut wanted = Wanted { hidden: true, ..Wanted::default() };
        EventFilter::apply(filter, &mut wanted);
        asked(executor, &mut wanted);
        Ok(events(&Arc::new(shop), &wanted, page(limit, offset)?)?)
    }
    /// For who may administer it.
    fn fees(&self, context: &Ctx) -> Told<Vec<Fee>> {
        let (staff, no) = (self.staff(context)?, self.tenant.no);
        Ok(Fee::of_staff(&staff, |scope| (scope == Scope::Organizer).then_some(no))?)
    }
}

/// The organizer of this number, where the caller may administer it.
pub(super) fn administered(context: &Ctx, no: i32) -> Told<Staff> {
    context.network.staff(&context.operator()?, i64::from(no)).map_err(Fault)
}
