//! `/api/promotions/`: codes that take something off, for staff; and what all buyers send and hear of them. The contract
//! has none: ours follow its style.
//!
//! Codes are short, so guessing them is counted as failed keys are; and who failed too often is not told of a right one
//! either.

use super::data::{Body, Data};
use super::fields::{Field, Form, Given, Kind, read_uuid};
use super::json::Json;
use super::messages as say;
use super::reservations::LIST_MAX;
use super::wire::json;
use super::wire_offer::WirePromotion;
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::{Error, NoPromotion, Refusal};
use crate::root::{Read, Staff};
use crate::trade::event::TIMES;
use crate::trade::promotion::{self, Code, Cut, Terms};
use crate::trade::{place, product};
use crate::values::id::{ProductId, PromotionId};
use crate::values::zone::Zone;
use crate::values::{Money, Time};
use rouille::Response;

/// The field of a buyer's body that names a code.
pub(super) const CODE: Field = Field::new("promo_code", Kind::Text(Code::MAX)).optional();

const USES_MAX: i64 = 1_000_000;
const SMALL: i64 = i16::MAX as i64;

pub(super) const FIELDS: &[Field] = &[
    Field::new("code", Kind::Text(Code::MAX)).required(),
    Field::new("percent", Kind::Percent { floor: 1 }).or_null(),
    Field::new("amount", Kind::Money).or_null(),
    Field::new("valid_from", Kind::Moment).or_null(),
    Field::new("valid_until", Kind::Moment).or_null(),
    Field::new("uses", Kind::Integer { min: 1, max: USES_MAX, floor: 1 }).or_null(),
    Field::new("uses_per_person", Kind::Integer { min: 1, max: SMALL, floor: 1 }).or_null(),
    Field::new("products", Kind::Raw("Ids of products that it applies to; none: all")),
];

pub(super) fn list(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let page = call.page()?;
    let (promotions, zone) =
        staff.tenant().read(|tx| Ok((promotion::list(tx, page)?, place::zone(tx)?)))?;
    let wire: Vec<_> = promotions.iter().map(|one| WirePromotion::new(one, &zone)).collect();
    Ok(json(200, &wire))
}

pub(super) fn show(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = id(call)?;
    let (promotion, zone) =
        staff.tenant().read(|tx| Ok((promotion::get(tx, id)?, place::zone(tx)?)))?;
    Ok(json(200, &WirePromotion::new(&promotion, &zone)))
}

pub(super) fn create(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let body = Body::read(call)?;
    let data = body.data(call.desk.json_depth)?;
    let mut form = Form::check(FIELDS, &data, false, call.desk)?;
    let made = staff.tenant().write(staff.by(), |tx| {
        let zone = place::zone(tx)?;
        let terms = terms(tx, &data, &mut form, &zone, None)?;
        Ok((promotion::create(tx, &terms)?, zone))
    });
    let (promotion, zone) = made.map_err(refused)?;
    Ok(json(201, &WirePromotion::new(&promotion, &zone)))
}

pub(super) fn update(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = id(call)?;
    let body = Body::read(call)?;
    let data = body.data(call.desk.json_depth)?;
    let mut form = Form::check(FIELDS, &data, true, call.desk)?;
    let changed = staff.tenant().write(staff.by(), |tx| {
        let (old, zone) = (promotion::get(tx, id)?.terms, place::zone(tx)?);
        let terms = terms(tx, &data, &mut form, &zone, Some(old))?;
        Ok((promotion::update(tx, id, &terms)?, zone))
    });
    let (promotion, zone) = changed.map_err(refused)?;
    Ok(json(200, &WirePromotion::new(&promotion, &zone)))
}

pub(super) fn remove(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = id(call)?;
    staff.tenant().write(staff.by(), |tx| promotion::remove(tx, id))?;
    Ok(Response::empty_204())
}

fn id(call: &Call<'_>) -> Result<PromotionId, Error> {
    read_uuid(call.param(0)).map(PromotionId).ok_or(Error::NotFound)
}

/// What the fields say, in the place of what was.
fn terms(
    tx: &Read,
    data: &Data<'_>,
    form: &mut Form,
    zone: &Zone,
    old: Option<Terms>,
) -> Result<Terms, Error> {
    let said = form.text("code").map(Code::parse);
    if said == Some(None) {
        form.fail("code", say::BAD_CODE);
    }
    let cut = cut(form, old.as_ref().map(|old| old.cut));
    let products = products(tx, data, form, old.as_ref().and_then(|old| old.products.clone()))?;
    let starts = moment(form, "valid_from", zone, old.as_ref().and_then(|old| old.starts));
    let ends = moment(form, "valid_until", zone, old.as_ref().and_then(|old| old.ends));
    if starts.zip(ends).is_some_and(|(starts, ends)| ends <= starts) {
        form.fail("valid_until", say::ENDS_BEFORE);
    }
    form.finish()?;
    let code = said.flatten().or_else(|| old.as_ref().map(|old| old.code.clone()));
    Ok(Terms {
        code: code.ok_or_else(|| Error::invalid("code", say::REQUIRED))?,
        cut: cut.ok_or_else(|| Error::invalid("percent", say::ONE_CUT))?,
        starts,
        ends,
        uses_max: number(form, "uses", old.as_ref().and_then(|old| old.uses_max)),
        uses_per_person: number(form, "uses_per_person", old.and_then(|old| old.uses_per_person)),
        products,
    })
}

/// One of `percent` and `amount`, which takes the place of the other.
fn cut(form: &mut Form, old: Option<Cut>) -> Option<Cut> {
    match (form.take("percent"), form.take("amount")) {
        (Given::Integer(_), Given::Money(_)) => {
            form.fail("amount", say::ONE_CUT);
            None
        }
        (Given::Integer(percent), _) => u16::try_from(percent).ok().map(Cut::Percent),
        (_, Given::Money(Money(0))) => {
            form.fail("amount", say::too_small("0.01"));
            None
        }
        (_, Given::Money(amount)) => Some(Cut::Amount(amount)),
        (Given::Null, _) if matches!(old, Some(Cut::Percent(_))) => None,
        (_, Given::Null) if matches!(old, Some(Cut::Amount(_))) => None,
        _ => old,
    }
}

fn products(
    tx: &Read,
    data: &Data<'_>,
    form: &mut Form,
    old: Option<Vec<ProductId>>,
) -> Result<Option<Vec<ProductId>>, Error> {
    let values = match (data.value("products"), data.list("products")) {
        (None, None) => return Ok(old),
        (Some(Json::Null), _) => return Ok(None),
        (_, Some(values)) if values.len() <= LIST_MAX => values,
        (_, Some(_)) => {
            form.fail("products", say::list_too_long(LIST_MAX));
            return Ok(old);
        }
        (Some(_), None) => {
            form.fail("products", say::NOT_A_LIST);
            return Ok(old);
        }
    };
    let mut ids = vec![];
    for value in values {
        let text = value.as_python();
        match read_uuid(&text).map(ProductId) {
            Some(id) if product::is_there(tx, id, false)? => ids.push(id),
            _ => form.fail("products", say::not_found(&text, "Produit")),
        }
    }
    Ok((!ids.is_empty()).then_some(ids))
}

fn moment(form: &mut Form, name: &'static str, zone: &Zone, old: Option<Time>) -> Option<Time> {
    match form.take(name) {
        Given::Moment(written) => {
            let time = zone.moment(written).filter(|time| TIMES.contains(time));
            if time.is_none() {
                form.fail(name, say::OUT_OF_TIME);
            }
            time
        }
        Given::Null => None,
        _ => old,
    }
}

fn number<T: TryFrom<i64>>(form: &mut Form, name: &str, old: Option<T>) -> Option<T> {
    match form.take(name) {
        Given::Integer(number) => T::try_from(number).ok(),
        Given::Null => None,
        _ => old,
    }
}

fn refused(error: Error) -> Error {
    match error {
        Error::Refused(Refusal::NameTaken) => Error::invalid("code", say::CODE_TAKEN),
        Error::Refused(Refusal::UsesTaken) => Error::invalid("uses", say::USES_TAKEN),
        other => other,
    }
}

/// The code that a buyer sends. Who guessed too often hears so before it is looked up.
pub(super) fn code(call: &Call<'_>, form: &Form) -> Result<Option<String>, Failure> {
    let code = form.text("promo_code").filter(|code| !code.is_empty()).map(str::to_owned);
    if code.is_some() && call.throttle.address_is_blocked(call.now, call.client) {
        return Err(Failure::TooManyFailures);
    }
    Ok(code)
}

/// Counts a code that there is not.
pub(super) fn guessed(call: &Call<'_>, error: Error) -> Error {
    if let Error::Refused(Refusal::NoPromotion(NoPromotion::Unknown)) = error {
        call.throttle.failed(call.now, call.client);
    }
    error
}

/// Why a code takes nothing off, for its buyer.
pub(super) const fn sentence(why: NoPromotion) -> &'static str {
    match why {
        NoPromotion::Unknown => say::PROMO_UNKNOWN,
        NoPromotion::NotYet => say::PROMO_NOT_YET,
        NoPromotion::Over => say::PROMO_OVER,
        NoPromotion::UsedUp => say::PROMO_USED_UP,
        NoPromotion::UsedByPerson => say::PROMO_USED_BY_PERSON,
        NoPromotion::NotForThis => say::PROMO_NOT_FOR_THIS,
    }
}
