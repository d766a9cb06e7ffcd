//! `/api/fees/`: what is added to prices or withheld of them, for staff; and `/api/prices/{id}/detail/`, which tells anybody
//! what a price costs with it. The contract has none: ours follow its style.

use super::data::{Body, Data};
use super::fields::{Field, Form, Given, Kind, read_uuid};
use super::json::Json;
use super::messages as say;
use super::reservations::{Names, refused_as};
use super::wire::json;
use super::wire_fee::{WireDetail, WireFee};
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::{Error, Refusal};
use crate::root::{Read, Staff};
use crate::trade::fee::{self, Payer, Rate, Scope, Terms, Unit};
use crate::trade::{event, order, price};
use crate::values::Money;
use crate::values::id::{EventId, FeeId, PriceId};
use rouille::Response;
use uuid::Uuid;

pub(super) const FIELDS: &[Field] = &[
    Field::new("name", Kind::Text(100)).required(),
    Field::new("scope", Kind::OneOf(&["organizer", "event", "price"])).required(),
    Field::new("scope_id", Kind::Key).or_null(),
    Field::new("payer", Kind::OneOf(&["customer", "organizer"])).required(),
    Field::new("fixed", Kind::Money),
    Field::new("percentage", Kind::Percent { floor: 0 }),
    Field::new("minimum", Kind::Money).or_null(),
    Field::new("maximum", Kind::Money).or_null(),
    Field::new("price_from", Kind::Money).or_null(),
    Field::new("price_to", Kind::Money).or_null(),
    Field::new("active", Kind::Boolean),
];

/// The event at which a piece is to be bought, and what its buyer chooses to pay.
pub(super) const DETAIL: &[Field] =
    &[Field::new("event", Kind::Key), Field::new("amount", Kind::Money)];

const NAMES: Names = Names { event: "event", items: "event", options: "event", amount: "amount" };

pub(super) fn list(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let page = call.page()?;
    let fees = staff.tenant().read(|tx| fee::list(tx, page))?;
    Ok(json(200, &fees.iter().map(WireFee::new).collect::<Vec<_>>()))
}

pub(super) fn show(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = id(call)?;
    let fee = staff.tenant().read(|tx| fee::get(tx, id))?;
    Ok(json(200, &WireFee::new(&fee)))
}

pub(super) fn create(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let body = Body::read(call)?;
    let data = body.data(call.desk.json_depth)?;
    let mut form = Form::check(FIELDS, &data, false, call.desk)?;
    let made = staff.tenant().write(staff.by(), |tx| {
        let terms = terms(tx, &data, &mut form, None)?;
        fee::create(tx, &terms)
    });
    Ok(json(201, &WireFee::new(&made.map_err(refused)?)))
}

pub(super) fn update(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = id(call)?;
    let body = Body::read(call)?;
    let data = body.data(call.desk.json_depth)?;
    let mut form = Form::check(FIELDS, &data, true, call.desk)?;
    let changed = staff.tenant().write(staff.by(), |tx| {
        let old = fee::get(tx, id)?.terms;
        let terms = terms(tx, &data, &mut form, Some(old))?;
        fee::update(tx, id, &terms)
    });
    Ok(json(200, &WireFee::new(&changed.map_err(refused)?)))
}

pub(super) fn remove(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = id(call)?;
    staff.tenant().write(staff.by(), |tx| fee::archive(tx, id))?;
    Ok(Response::empty_204())
}

/// What one piece of a price costs at an event, or anywhere.
pub(super) fn detail(call: &Call<'_>, front: &Front) -> Answer {
    let id = read_uuid(call.param(0)).map(PriceId).ok_or(Error::NotFound)?;
    let query = Body::of_query(call);
    let mut form = Form::check(DETAIL, &query.data(call.desk.json_depth)?, false, call.desk)?;
    let till = front.tenant.till(None)?;
    let told = front.tenant.read(|tx| {
        let price = price::get(tx, id)?;
        let event = form.key("event", |id| match event::get(tx, EventId(id)) {
            Ok(event) => Ok(event.published),
            Err(Error::NotFound) => Ok(false),
            Err(other) => Err(other),
        })?;
        form.finish()?;
        let amount = match form.take("amount") {
            Given::Money(amount) => Some(amount),
            _ => None,
        };
        let (split, vat) = order::detail(tx, &price, event.map(EventId), amount, &till)?;
        Ok(WireDetail::new(split, vat, price.free_amount))
    });
    let detail = told.map_err(|error| match error {
        Error::Refused(Refusal::NotSold) => Error::invalid("event", say::NOT_SOLD).into(),
        other => refused_as(&NAMES, other, &front.tenant),
    })?;
    Ok(json(200, &detail))
}

fn id(call: &Call<'_>) -> Result<FeeId, Error> {
    read_uuid(call.param(0)).map(FeeId).ok_or(Error::NotFound)
}

/// What the fields say, in the place of what was.
fn terms(tx: &Read, data: &Data<'_>, form: &mut Form, old: Option<Terms>) -> Result<Terms, Error> {
    let blank = || Terms {
        name: String::new(),
        scope: Scope::Organizer,
        unit: Unit::Ticket,
        vat_rate: 0,
        rate: Rate {
            payer: Payer::Customer,
            fixed: Money(0),
            percent: 0,
            minimum: None,
            maximum: None,
            from: None,
            to: None,
        },
        active: true,
    };
    let scope = scope(tx, data, form, old.as_ref().map(|old| old.scope))?;
    let mut terms = old.unwrap_or_else(blank);
    let Terms { name, scope: _, unit: _, rate, vat_rate: _, active } = &mut terms;
    form.set_text("name", name);
    form.set_choice("payer", &mut rate.payer, Payer::parse);
    if let Given::Money(fixed) = form.take("fixed") {
        rate.fixed = fixed;
    }
    form.copy_integer("percentage", &mut rate.percent);
    set_bound(form, "minimum", &mut rate.minimum);
    set_bound(form, "maximum", &mut rate.maximum);
    set_bound(form, "price_from", &mut rate.from);
    set_bound(form, "price_to", &mut rate.to);
    form.set_boolean("active", active);
    if rate.minimum.zip(rate.maximum).is_some_and(|(minimum, maximum)| maximum < minimum) {
        form.fail("maximum", say::MAXIMUM_BELOW);
    }
    if rate.from.zip(rate.to).is_some_and(|(from, to)| to < from) {
        form.fail("price_to", say::BAND_ENDS_BEFORE);
    }
    form.finish()?;
    terms.scope = scope.ok_or_else(|| Error::invalid("scope_id", say::REQUIRED))?;
    Ok(terms)
}

fn set_bound(form: &mut Form, name: &str, to: &mut Option<Money>) {
    match form.take(name) {
        Given::Money(amount) => *to = Some(amount),
        Given::Null => *to = None,
        _ => {}
    }
}

/// For what the fee is set; none where that is wrong, which then is told.
fn scope(
    tx: &Read,
    data: &Data<'_>,
    form: &mut Form,
    old: Option<Scope>,
) -> Result<Option<Scope>, Error> {
    let scope = form.text("scope").or(old.map(|old| old.level().as_str())).unwrap_or("").to_owned();
    let said = data.value("scope_id");
    let unnamed = said.is_none_or(|said| *said == Json::Null);
    if unnamed && matches!(scope.as_str(), "distribution" | "event" | "price") {
        if let Some(old) = old.filter(|old| said.is_none() && old.level().as_str() == scope) {
            return Ok(Some(old));
        }
        form.fail("scope_id", say::REQUIRED);
        return Ok(None);
    }
    match scope.as_str() {
        "organizer" => {
            // What was set for something smaller no longer is.
            if !matches!(form.take("scope_id"), Given::Absent | Given::Null) {
                form.fail("scope_id", say::FEE_FOR_ALL);
            }
            Ok(Some(Scope::Organizer))
        }
        // Made elsewhere; here all but its channel may be changed.
        "distribution" => Ok(old),
        "event" => {
            let found = key(form, |id| event::get(tx, EventId(id)).map(drop))?;
            Ok(found.map(|id| Scope::Event(EventId(id))))
        }
        "price" => {
            let found = key(form, |id| price::get(tx, PriceId(id)).map(drop))?;
            Ok(found.map(|id| Scope::Price(PriceId(id))))
        }
        // What is wrong with the scope itself is told already.
        _ => Ok(None),
    }
}

/// The id of what is there.
fn key(
    form: &mut Form,
    get: impl FnOnce(Uuid) -> Result<(), Error>,
) -> Result<Option<Uuid>, Error> {
    form.key("scope_id", |id| match get(id) {
        Ok(()) => Ok(true),
        Err(Error::NotFound) => Ok(false),
        Err(other) => Err(other),
    })
}

fn refused(error: Error) -> Failure {
    match error {
        Error::Refused(Refusal::NameTaken) => Error::invalid("name", say::FEE_TAKEN).into(),
        other => other.into(),
    }
}
