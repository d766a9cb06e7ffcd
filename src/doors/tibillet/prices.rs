//! `/api/prices/`. The contract has no route for a single one; ours follows the same style.

use super::data::Body;
use super::fields::{Field, Form, GENERAL, Given, Kind, LONG_TEXT, read_uuid};
use super::messages as say;
use super::wire::{WirePrice, json};
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::{Error, Refusal};
use crate::root::{Read, Staff};
use crate::trade::price::{self, New, Period, Price, Vat};
use crate::trade::product;
use crate::values::Money;
use crate::values::id::{PriceId, ProductId};
use rouille::Response;

const VATS: &[&str] = &["NA", "DX", "VG", "HC", "DD"];
const PERIODS: &[&str] = &["N", "Y", "M", "C", "H", "D", "W", "O", "S", "L"];
const SMALL: i64 = i16::MAX as i64;

pub(super) const FIELDS: &[Field] = &[
    Field::new("product", Kind::Key).required(),
    Field::new("name", Kind::Text(50)).required(),
    Field::new("short_description", Kind::Text(250)).optional(),
    Field::new("long_description", Kind::Text(LONG_TEXT)).optional(),
    Field::new("prix", Kind::Money).required(),
    Field::new("free_price", Kind::Boolean),
    Field::new("vat", Kind::Choice(VATS)),
    Field::new("stock", Kind::Integer { min: -SMALL - 1, max: SMALL, floor: 0 }).or_null(),
    Field::new("max_per_user", Kind::Integer { min: 0, max: SMALL, floor: 0 }),
    Field::new("adhesion_obligatoire", Kind::Key),
    Field::new("subscription_type", Kind::Choice(PERIODS)),
];

pub(super) fn list(call: &Call<'_>, front: &Front) -> Answer {
    let page = call.page()?;
    let prices = front.tenant.read(|tx| price::list(tx, page))?;
    Ok(json(200, &prices.iter().map(WirePrice::new).collect::<Vec<_>>()))
}

pub(super) fn show(call: &Call<'_>, front: &Front) -> Answer {
    let id = id(call)?;
    let price = front.tenant.read(|tx| price::get(tx, id))?;
    Ok(json(200, &WirePrice::new(&price)))
}

pub(super) fn create(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let body = Body::read(call)?;
    let mut form = Form::check(FIELDS, &body.data(call.desk.json_depth)?, false, call.desk)?;
    let max = call.desk.prices_max;
    let price = staff
        .tenant()
        .write(staff.by(), |tx| price::create(tx, &check(tx, &mut form, None, blank())?, max));
    Ok(json(201, &WirePrice::new(&price.map_err(refused)?)))
}

pub(super) fn update(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = id(call)?;
    let body = Body::read(call)?;
    let mut form = Form::check(FIELDS, &body.data(call.desk.json_depth)?, true, call.desk)?;
    let price = staff.tenant().write(staff.by(), |tx| {
        let old = price::get(tx, id)?;
        price::update(tx, id, &check(tx, &mut form, Some(id), of(old))?)
    });
    Ok(json(200, &WirePrice::new(&price.map_err(refused)?)))
}

pub(super) fn remove(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = id(call)?;
    staff.tenant().write(staff.by(), |tx| price::remove(tx, id))?;
    Ok(Response::empty_204())
}

fn id(call: &Call<'_>) -> Result<PriceId, Error> {
    read_uuid(call.param(0)).map(PriceId).ok_or(Error::NotFound)
}

fn blank() -> New {
    New {
        product: ProductId(uuid::Uuid::nil()),
        name: String::new(),
        short_description: None,
        long_description: None,
        amount: Money(0),
        free_amount: false,
        vat: Vat::None,
        stock: None,
        max_per_user: 10,
        period: Period::None,
        membership: None,
    }
}

fn of(price: Price) -> New {
    let Price {
        id: _,
        product,
        name,
        short_description,
        long_description,
        amount,
        free_amount,
        vat,
        stock,
        max_per_user,
        period,
        membership,
    } = price;
    New {
        product,
        name,
        short_description,
        long_description,
        amount,
        free_amount,
        vat,
        stock,
        max_per_user,
        period,
        membership,
    }
}

/// What the fields say, with ids looked up; then the rules on the whole.
fn check(tx: &Read, form: &mut Form, but: Option<PriceId>, mut new: New) -> Result<New, Error> {
    if let Some(id) = form.key("product", |id| product::is_there(tx, ProductId(id), false))? {
        new.product = ProductId(id);
    }
    if let Some(id) =
        form.key("adhesion_obligatoire", |id| product::is_there(tx, ProductId(id), true))?
    {
        new.membership = Some(ProductId(id));
    }
    if let Given::Null = form.take("adhesion_obligatoire") {
        new.membership = None;
    }
    form.finish()?;
    form.set_text("name", &mut new.name);
    form.set_optional("short_description", &mut new.short_description);
    form.set_optional("long_description", &mut new.long_description);
    form.set_choice("vat", &mut new.vat, Vat::parse);
    form.set_choice("subscription_type", &mut new.period, Period::parse);
    form.set_boolean("free_price", &mut new.free_amount);
    if let Given::Money(amount) = form.take("prix") {
        new.amount = amount;
    }
    match form.take("stock") {
        Given::Integer(stock) => new.stock = u16::try_from(stock).ok(),
        Given::Null => new.stock = None,
        _ => {}
    }
    if let Given::Integer(max) = form.take("max_per_user") {
        new.max_per_user = u16::try_from(max).unwrap_or(new.max_per_user);
    }
    if price::is_name_taken(tx, new.product, &new.name, but)? {
        return Err(Error::invalid(GENERAL, say::PRICE_TAKEN));
    }
    Ok(new)
}

fn refused(error: Error) -> Failure {
    match error {
        Error::Refused(Refusal::NameTaken) => Error::invalid(GENERAL, say::PRICE_TAKEN).into(),
        Error::Refused(Refusal::PeriodMissing) => {
            Error::invalid(GENERAL, say::PERIOD_MISSING).into()
        }
        Error::Refused(Refusal::StockTaken) => Error::invalid("stock", say::STOCK_TAKEN).into(),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vat_and_every_period_may_be_chosen() {
        assert_eq!(Vat::ALL.iter().map(|vat| vat.as_str()).collect::<Vec<_>>(), VATS);
        assert_eq!(Period::ALL.iter().map(|period| period.as_str()).collect::<Vec<_>>(), PERIODS);
    }
}
