//! What an admin says of a fee, and where it is kept: in root for the house and its organizations, in the tenant's file for
//! what is below.

use super::ctx::{Ctx, Fault, Told, line};
use super::fees::Fee;
use super::scalars::{FeePayer, FeeScope, FeeUnit, Float, amount, percent};
use crate::error::{Error, Result};
use crate::root::Staff;
use crate::root::fee::HouseTerms;
use crate::trade::fee::{self, Rate, Scope, Terms};
use crate::trade::{number, offer};
use crate::values::id::{EventId, FeeId};
use juniper::GraphQLInputObject;

/// A fee.
#[derive(GraphQLInputObject)]
pub(super) struct FeeInput {
    name: String,
    scope: FeeScope,
    /// What it is set for; none for the whole platform.
    scope_id: Option<i32>,
    #[graphql(default = Some(0.0))]
    fixed: Option<Float>,
    #[graphql(default = Some(0.0))]
    percentage: Option<Float>,
    min: Option<Float>,
    max: Option<Float>,
    payer: FeePayer,
    #[graphql(default = Some(FeeUnit::Ticket))]
    unit: Option<FeeUnit>,
    #[graphql(default = Some(0.0))]
    vat_rate: Option<Float>,
    /// Without it, for all that is not free.
    price_from: Option<Float>,
    price_till: Option<Float>,
}

impl FeeInput {
    fn terms(&self) -> Result<HouseTerms> {
        let bound = |name, value: Option<Float>| value.map(|value| amount(name, value)).transpose();
        let name = line("name", &self.name, 100)?;
        let rate = Rate {
            payer: self.payer.into(),
            fixed: amount("fixed", self.fixed.unwrap_or_default())?,
            percent: percent("percentage", self.percentage.unwrap_or_default())?,
            minimum: bound("min", self.min)?,
            maximum: bound("max", self.max)?,
            from: bound("priceFrom", self.price_from)?,
            to: bound("priceTill", self.price_till)?,
        };
        if rate.minimum.zip(rate.maximum).is_some_and(|(least, most)| most < least) {
            return Err(Error::invalid("max", "must not be below min"));
        }
        if rate.from.zip(rate.to).is_some_and(|(from, to)| to < from) {
            return Err(Error::invalid("priceTill", "must not be below priceFrom"));
        }
        let vat_rate = percent("vatRate", self.vat_rate.unwrap_or_default())?;
        Ok(HouseTerms { name, unit: self.unit.unwrap_or(FeeUnit::Ticket).into(), rate, vat_rate })
    }

    fn id(&self) -> Result<i64> {
        let id = self.scope_id.map(i64::from);
        id.ok_or_else(|| Error::invalid("scopeId", "is needed for this scope"))
    }

    /// The organization of a fee of the house; `None`: it is a tenant's.
    fn house(&self) -> Result<Option<Option<i64>>> {
        match (self.scope, self.scope_id) {
            (FeeScope::Platform, None) => Ok(Some(None)),
            (FeeScope::Platform, Some(_)) => {
                Err(Error::invalid("scopeId", "the platform has none"))
            }
            (FeeScope::Organization, _) => self.id().map(|id| Some(Some(id))),
            _ => Ok(None),
        }
    }

    /// The tenant that holds what it is set for, and that in its file.
    fn place(&self, context: &Ctx) -> Told<(Staff, Scope, i64)> {
        let (own, id) = (context.operator()?, self.id()?);
        let found = match self.scope {
            FeeScope::Organizer => {
                let staff = context.network.staff(&own, id)?;
                (staff, Scope::Organizer)
            }
            FeeScope::Distribution => {
                let staff = context.network.staff_of_channel(&own, id)?;
                let shop = context.network.shop_of_staff(&staff, Some(id))?;
                (staff, Scope::Distribution(shop.distribution.id))
            }
            scope => {
                let staff = context.network.staff_of(&own, id)?;
                let set = self::scope(&staff, Some(scope), id)?;
                (staff, set)
            }
        };
        Ok((found.0, found.1, id))
    }

    fn write(&self, context: &Ctx, old: Option<(i64, FeeId)>) -> Told<Fee> {
        let HouseTerms { name, unit, rate, vat_rate } = self.terms()?;
        let (staff, scope, id) = self.place(context)?;
        if old.is_some_and(|(tenant, _)| tenant != staff.tenant().entry().no) {
            return Err(Fault::field("scopeId", "must be of the same organizer as before"));
        }
        let terms = Terms { name, scope, unit, rate, vat_rate, active: true };
        let made = staff.tenant().write(staff.by(), |tx| match old {
            Some((_, old)) => fee::update(tx, old, &terms),
            None => fee::create(tx, &terms),
        })?;
        let numbers = staff.tenant().read(|tx| number::of(tx, [made.id.0]))?;
        let no = numbers.get(&made.id.0).copied().ok_or(Error::NotFound)?;
        Ok(Fee::of_tenant(made, no, id))
    }
}

/// What a number names that a fee may be set for.
pub(super) fn scope(staff: &Staff, kind: Option<FeeScope>, no: i64) -> Result<Scope> {
    staff.tenant().read(|tx| match kind {
        Some(FeeScope::Event) => {
            let found = number::named(tx, &[no])?.remove(&no).ok_or(Error::NotFound)?;
            crate::trade::event::get(tx, EventId(found)).map(|event| Scope::Event(event.id))
        }
        _ => {
            let (_, price) = offer::types(tx, &[no])?.remove(&no).ok_or(Error::NotFound)?;
            Ok(Scope::Price(price))
        }
    })
}

pub(super) fn create(context: &Ctx, input: &FeeInput) -> Told<Fee> {
    let admin = context.network.admin(&context.operator()?)?;
    match input.house()? {
        Some(organization) => {
            Ok(Fee::of_house(admin.create_house_fee(organization, &input.terms()?)?))
        }
        None => input.write(context, None),
    }
}

/// The tenant's fee of this number.
fn find(context: &Ctx, no: i64) -> Told<(Staff, FeeId)> {
    let staff = context.network.staff_of(&context.operator()?, no)?;
    let id = staff.tenant().read(|tx| {
        let found = number::named(tx, &[no])?.remove(&no).ok_or(Error::NotFound)?;
        fee::get(tx, FeeId(found)).map(|fee| fee.id)
    })?;
    Ok((staff, id))
}

pub(super) fn update(context: &Ctx, no: i32, input: &FeeInput) -> Told<Fee> {
    let no = i64::from(no);
    let admin = context.network.admin(&context.operator()?)?;
    match input.house()? {
        Some(organization) => {
            let changed = admin.change_house_fee(no, organization, &input.terms()?)?;
            Ok(Fee::of_house(changed.ok_or(Error::NotFound)?))
        }
        None => {
            let (staff, id) = find(context, no)?;
            input.write(context, Some((staff.tenant().entry().no, id)))
        }
    }
}

pub(super) fn delete(context: &Ctx, no: i32) -> Told<bool> {
    let no = i64::from(no);
    let admin = context.network.admin(&context.operator()?)?;
    if admin.delete_house_fee(no)? {
        return Ok(true);
    }
    let (staff, id) = find(context, no)?;
    staff.tenant().write(staff.by(), |tx| fee::archive(tx, id))?;
    Ok(true)
}
