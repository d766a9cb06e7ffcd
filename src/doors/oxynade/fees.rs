//! Fees as they are shown: those of the house, and those that a tenant's file holds.

use super::ctx::{Ctx, Told, int};
use super::scalars::{FeePayer, FeeScope, FeeUnit, Float, sent};
use super::shop::Programme;
use crate::error::{Error, Result};
use crate::root::fee::HouseFee;
use crate::root::{Read, Staff};
use crate::trade::fee::{self, Fee as OwnFee, Level, Part, Scope};
use crate::trade::{Page, number, offer};
use crate::values::id::{DistributionId, FeeId};
use crate::values::rate::{Rate, Unit};
use juniper::{DefaultScalarValue, graphql_object};

/// A fee: so much a piece, a part of its price, or both.
#[derive(Clone, Debug)]
pub(super) struct Fee {
    no: i64,
    name: String,
    level: Level,
    scope: Option<i64>,
    unit: Unit,
    rate: Rate,
    vat_rate: u16,
    active: bool,
}

impl Fee {
    pub(super) fn of_house(fee: HouseFee) -> Self {
        let level = fee.organization.map_or(Level::Platform, |_| Level::Organization);
        let terms = fee.terms;
        Self {
            no: fee.no,
            name: terms.name,
            level,
            scope: fee.organization,
            unit: terms.unit,
            rate: terms.rate,
            vat_rate: terms.vat_rate,
            active: true,
        }
    }

    /// `scope`: the number of what it is set for.
    pub(super) fn of_tenant(fee: OwnFee, no: i64, scope: i64) -> Self {
        let terms = fee.terms;
        Self {
            no,
            name: terms.name,
            level: terms.scope.level(),
            scope: Some(scope),
            unit: terms.unit,
            rate: terms.rate,
            vat_rate: terms.vat_rate,
            active: terms.active,
        }
    }

    /// The fees of a channel.
    pub(super) fn of_channel(staff: &Staff, channel: DistributionId, no: i64) -> Told<Vec<Self>> {
        let all =
            Self::of_staff(staff, |scope| (scope == Scope::Distribution(channel)).then_some(no))?;
        Ok(all)
    }

    /// The fees of a tenant that `scope` gives a number to; events and prices have their own.
    pub(super) fn of_staff(
        staff: &Staff,
        scope: impl Fn(Scope) -> Option<i64>,
    ) -> Result<Vec<Self>> {
        staff.tenant().read(|tx| {
            let all = fee::list(tx, Page::ALL)?;
            let numbers = number::of(tx, all.iter().map(|fee| fee.id.0))?;
            let shown = |fee: OwnFee| {
                let scope = scope(fee.terms.scope)?;
                let no = numbers.get(&fee.id.0).copied()?;
                Some(Self::of_tenant(fee, no, scope))
            };
            Ok(all.into_iter().filter_map(shown).collect())
        })
    }

    /// The fees of these parts of a price, in their order.
    pub(super) fn of_parts(tx: &Read, programme: &Programme, parts: &[Part]) -> Result<Vec<Self>> {
        let numbers = number::of(tx, parts.iter().map(|part| part.id))?;
        let find = |part: &Part| {
            let house = programme.till.fees.iter().find(|fee| fee.id.0 == part.id);
            if let Some(fee) = house {
                return Ok(Self::of_house(fee.clone()));
            }
            let fee = fee::get(tx, FeeId(part.id))?;
            let scope = match fee.terms.scope {
                Scope::Event(id) => number::of(tx, [id.0])?.get(&id.0).copied(),
                Scope::Price(id) => offer::type_of(tx, id)?,
                Scope::Distribution(_) => Some(programme.shop.distribution.no),
                Scope::Organizer => Some(programme.shop.organizer.no),
            };
            let no = numbers.get(&part.id).copied().ok_or(Error::NotFound)?;
            Ok(Self::of_tenant(fee, no, scope.ok_or(Error::NotFound)?))
        };
        parts.iter().map(find).collect()
    }
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl Fee {
    fn id(&self) -> i32 {
        int(self.no)
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn scope(&self) -> FeeScope {
        self.level.into()
    }
    fn scope_id(&self) -> Option<i32> {
        self.scope.map(int)
    }
    fn fixed(&self) -> Float {
        sent(self.rate.fixed)
    }
    fn percentage(&self) -> Float {
        sent(crate::values::Money(i64::from(self.rate.percent)))
    }
    fn min(&self) -> Option<Float> {
        self.rate.minimum.map(sent)
    }
    fn max(&self) -> Option<Float> {
        self.rate.maximum.map(sent)
    }
    fn payer(&self) -> FeePayer {
        self.rate.payer.into()
    }
    fn unit(&self) -> FeeUnit {
        self.unit.into()
    }
    fn vat_rate(&self) -> Float {
        sent(crate::values::Money(i64::from(self.vat_rate)))
    }
    fn price_from(&self) -> Option<Float> {
        self.rate.from.map(sent)
    }
    fn price_till(&self) -> Option<Float> {
        self.rate.to.map(sent)
    }
    fn is_active(&self) -> bool {
        self.active
    }
}
