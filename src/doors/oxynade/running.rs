//! What admins do, and how operators and organizers come to be: founding, registration, rights, fees.

use super::ctx::{Ctx, Fault, Told, line, vat_number};
use super::fee_input::{self, FeeInput};
use super::fees::Fee;
use super::hierarchy::{Organization, Organizer};
use super::people::Operator;
use super::scalars::CurrencyCode;
use crate::error::{Error, Refusal, Result};
use crate::root::customer::Says;
use crate::root::organizer::Record;
use crate::root::people::check_new_password;
use crate::root::{Account, Founder, Founding, Naming, Profile, Staff};
use crate::trade::{offer, place};
use crate::values::country::Country;
use crate::values::id::{DistributionId, OrganizationId};
use crate::values::{Category, Email, Slug};
use juniper::{DefaultScalarValue, GraphQLInputObject, graphql_object};

/// What only an admin may do.
pub(super) struct AdminMutation;

/// A new organization.
#[derive(GraphQLInputObject)]
pub(super) struct OrganizationInput {
    name: String,
    country_id: i32,
}

/// A new organizer.
#[derive(GraphQLInputObject)]
pub(super) struct OrganizerInput {
    organization_id: i32,
    name: String,
    official_name: String,
    bank_account_number: Option<String>,
    vat: Option<String>,
    currency: CurrencyCode,
    country_id: i32,
    email: Option<String>,
    phone: Option<String>,
    #[graphql(default = Some("S".to_owned()))]
    category: Option<String>,
}

/// Somebody and his organizer.
#[derive(GraphQLInputObject)]
pub(super) struct RegisterInput {
    email: String,
    password: String,
    first_name: Option<String>,
    last_name: Option<String>,
    organizer_name: String,
    country_id: i32,
    currency: CurrencyCode,
}

fn country(no: i32) -> Result<&'static Country> {
    Country::of(i64::from(no)).ok_or_else(|| Error::invalid("countryId", "is no country"))
}

/// What a new organizer is to be, checked.
struct Wish {
    name: String,
    official_name: Option<String>,
    bank_account: Option<String>,
    vat: Option<String>,
    currency: &'static str,
    country: u16,
    email: Option<Email>,
    phone: Option<String>,
    category: Category,
    organization: OrganizationId,
    admin: Option<Email>,
}

impl Wish {
    fn found(&self, founder: &Founder) -> Result<crate::root::Tenant> {
        let slug = Slug::of(&self.name).ok_or(Error::Refused(Refusal::SlugEmpty))?;
        let email = self.email.as_ref().or(self.admin.as_ref());
        let founding = Founding {
            name: self.name.clone(),
            category: self.category,
            naming: Naming::Suffix(slug),
            admin: self.admin.clone(),
            profile: Profile {
                label: self.name.clone(),
                phone: self.phone.clone().unwrap_or_default(),
                email: email.map(|email| email.as_str().to_owned()).unwrap_or_default(),
                ..Profile::default()
            },
            organization: Some(self.organization),
        };
        let images = place::Images::default();
        let made = founder.found(&founding, |tx, admin| {
            let profile = place::open(tx, &founding.profile, &images, admin)?;
            offer::set_currency(tx, self.currency)?;
            Ok(profile)
        })?;
        made.open()
    }

    fn describe(&self, staff: &Staff) -> Result<()> {
        let change = |record: &mut Record| {
            record.official_name.clone_from(&self.official_name);
            record.bank_account.clone_from(&self.bank_account);
            record.vat.clone_from(&self.vat);
            record.country = self.country;
        };
        staff.amend(change).map(drop)
    }
}

/// Makes an operator and an organizer that he administers and sells for.
pub(super) fn register(context: &Ctx, input: &RegisterInput) -> Told<Account> {
    if !context.registration.open {
        return Err(Fault(Error::Forbidden));
    }
    let email = Email::parse(&input.email).ok_or_else(|| Fault::field("email", "is no e-mail"))?;
    let name = line("organizerName", &input.organizer_name, 50)?;
    let (country, currency) = (country(input.country_id)?, input.currency.sold_in()?);
    check_new_password(&input.password)?;
    if Slug::of(&name).is_none() {
        return Err(Fault(Error::Refused(Refusal::SlugEmpty)));
    }
    let says = Says {
        first_name: input.first_name.as_deref(),
        last_name: input.last_name.as_deref(),
        ..Says::default()
    };
    let people = context.network.operators();
    let account = people.register_with_password(&email, &input.password, says)?;
    let made = (|| {
        let organization = match context.registration.own_organization {
            true => context.network.create_organization(&name, country.no)?.id,
            false => account.organization,
        };
        let wish = Wish {
            official_name: Some(name.clone()),
            name,
            bank_account: None,
            vat: None,
            currency,
            country: country.no,
            email: None,
            phone: None,
            category: Category::Venue,
            organization,
            admin: Some(email),
        };
        let tenant = wish.found(&context.network.registrar(&account))?;
        let staff = context.network.staff(&account, tenant.entry().no)?;
        wish.describe(&staff)?;
        let channels: Vec<DistributionId> =
            staff.distributions()?.into_iter().map(|one| one.id).collect();
        staff.link(account.id, false, &channels)?;
        Ok(())
    })();
    if let Err(error) = made {
        // Whoever tries again must find the address free.
        people.unregister(account.id)?;
        return Err(Fault(error));
    }
    Ok(account)
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl AdminMutation {
    fn create_organization(context: &Ctx, input: OrganizationInput) -> Told<Organization> {
        let admin = context.network.admin(&context.operator()?)?;
        let country = country(input.country_id)?;
        Ok(Organization(admin.create_organization(&input.name, country.no)?))
    }
    fn update_organization(
        context: &Ctx,
        id: i32,
        name: Option<String>,
        country_id: Option<i32>,
    ) -> Told<Organization> {
        let admin = context.network.admin(&context.operator()?)?;
        let country = country_id.map(country).transpose()?.map(|country| country.no);
        Ok(Organization(admin.change_organization(i64::from(id), name.as_deref(), country)?))
    }
    fn create_organizer(context: &Ctx, input: OrganizerInput) -> Told<Organizer> {
        let own = context.operator()?;
        let admin = context.network.admin(&own)?;
        let organization = admin.organization(i64::from(input.organization_id))?;
        let optional = |name, value: &Option<String>, most| {
            value.as_deref().map(|value| line(name, value, most)).transpose()
        };
        let email = match &input.email {
            Some(email) => {
                Some(Email::parse(email).ok_or_else(|| Fault::field("email", "is no e-mail"))?)
            }
            None => None,
        };
        let category = Category::parse(input.category.as_deref().unwrap_or("S"))
            .filter(|category| category.traits().founded);
        let wish = Wish {
            name: line("name", &input.name, 50)?,
            official_name: Some(line("officialName", &input.official_name, 200)?),
            bank_account: optional("bankAccountNumber", &input.bank_account_number, 50)?,
            vat: optional("vat", &input.vat, 50)?.map(|vat| vat_number(&vat)).transpose()?,
            currency: input.currency.sold_in()?,
            country: country(input.country_id)?.no,
            email,
            phone: optional("phone", &input.phone, 20)?,
            category: category.ok_or_else(|| Fault::field("category", "is no category"))?,
            organization: organization.ok_or(Error::NotFound)?.id,
            admin: Some(own.email.clone()),
        };
        let tenant = wish.found(&admin.founder())?;
        let staff = context.network.staff(&own, tenant.entry().no)?;
        wish.describe(&staff)?;
        Ok(Organizer::of(staff.organizer()?))
    }
    /// Refused: the last admin stays one.
    fn set_operator_admin(context: &Ctx, operator_id: i32, is_admin: bool) -> Told<Operator> {
        let admin = context.network.admin(&context.operator()?)?;
        let who = admin.operator(i64::from(operator_id))?.ok_or(Error::NotFound)?;
        // No tenant writes to him for the house: the proof must be there before.
        if is_admin && who.claimed {
            return Err(Fault::field("operatorId", "has not proven the address yet"));
        }
        admin.grant(&who.email, None, true, false, is_admin)?;
        Ok(Operator(admin.operator(who.no)?.ok_or(Error::NotFound)?))
    }
    fn create_fee(context: &Ctx, input: FeeInput) -> Told<Fee> {
        fee_input::create(context, &input)
    }
    fn update_fee(context: &Ctx, id: i32, input: FeeInput) -> Told<Fee> {
        fee_input::update(context, id, &input)
    }
    fn delete_fee(context: &Ctx, id: i32) -> Told<bool> {
        fee_input::delete(context, id)
    }
}
