//! `/api/events/<id>/repeat/` and `/api/events/<id>/duplicate/`: an evening that is held again; `/api/series/<id>/`: all of
//! its dates at once. Not of the contract.

use super::data::{Body, Data};
use super::events::{self, Board, moment, one};
use super::fields::{Field, Form, GENERAL, Given, Kind, LONG_TEXT};
use super::json::Json;
use super::messages as say;
use super::reservations::release_holds;
use super::wire::json;
use super::wire_event::{WireDate, WireSeries, WireSeriesRemoved};
use crate::doors::{Answer, Call, Front};
use crate::error::{Error, Refusal};
use crate::picture::Purpose;
use crate::root::Staff;
use crate::trade::place;
use crate::trade::series::{self, DATES_MAX, End, Plan, Rule};
use jiff::civil::Date;

const RULES: &[&str] = &["weekly", "monthly", "monthly_weekday"];

pub(super) const REPEAT: &[Field] = &[
    Field::new("rule", Kind::OneOf(RULES)).required(),
    Field::new("every", Kind::Integer { min: 1, max: 52, floor: 1 }),
    Field::new("until", Kind::Raw("The last day that counts, YYYY-MM-DD; or else count")),
    // The event that is repeated counts too.
    Field::new("count", Kind::Integer { min: 2, max: DATES_MAX as i64, floor: 2 }),
];

pub(super) const DUPLICATE: &[Field] = &[
    Field::new("datetime", Kind::Moment).required(),
    Field::new("name", Kind::Text(200)).optional(),
];

/// What all dates have in common: their hours and who plays are each date's own.
pub(super) const CHANGE: &[Field] = &[
    Field::new("name", Kind::Text(200)).optional(),
    Field::new("short_description", Kind::Text(100)).optional(),
    Field::new("long_description", Kind::Text(LONG_TEXT)).optional(),
    Field::new("event_facebook_url", Kind::Link(200)).optional(),
    Field::new("categorie", Kind::Choice(events::CATEGORIES)),
    Field::new("jauge_max", Kind::Integer { min: 0, max: 1_000_000, floor: 0 }),
    Field::new("max_per_user", Kind::Integer { min: 0, max: events::SMALL, floor: 0 }),
    Field::new("minimum_cashless_required", Kind::Integer { min: 0, max: events::SMALL, floor: 0 }),
    Field::new("published", Kind::Boolean),
    Field::new("img", Kind::Image(Purpose::Place)).or_null(),
    Field::new("img_url", Kind::Raw("Address of the image, where no file is sent")),
    Field::new("products", Kind::Raw("Ids of products")),
    Field::new("options_radio", Kind::Raw("Ids of options of which one may be chosen")),
    Field::new("options_checkbox", Kind::Raw("Ids of options that may be chosen freely")),
    Field::new("tags", Kind::Raw("Words")),
];

/// Changes all dates that are not over, or none.
pub(super) fn change(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = events::id(call)?;
    let body = Body::read(call)?;
    let data = body.data(call.desk.json_depth)?;
    let mut form = Form::check(CHANGE, &data, true, call.desk)?;
    form.finish()?;
    let image = events::image(call, &data, &mut form)?;
    let changed = staff.tenant().publish(staff.by(), place::published, |tx| {
        let links = events::links(tx, &data, None)?;
        let dates = series::update(tx, id, &links, image.as_ref(), |date| {
            let mut new = events::of(date);
            events::describe(&mut form, &mut new);
            Ok(new)
        })?;
        Ok((dates, place::zone(tx)?))
    });
    let (dates, zone) = changed.map_err(events::refused)?;
    let wire: Vec<_> = dates.iter().map(|date| WireDate::new(date, &zone, &call.origin)).collect();
    Ok(json(201, &wire))
}

/// Takes all dates away that are not over.
pub(super) fn remove(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = events::id(call)?;
    release_holds(staff.tenant())?;
    let removed = staff.tenant().publish(staff.by(), place::published, |tx| {
        Ok((series::remove(tx, id)?, place::zone(tx)?))
    });
    let (removed, zone) = removed.map_err(events::sold)?;
    let date = |event| WireDate::new(event, &zone, &call.origin);
    let wire = WireSeriesRemoved {
        cancelled: removed.cancelled.iter().map(date).collect(),
        deleted: removed.deleted.iter().map(date).collect(),
    };
    Ok(json(200, &wire))
}

/// Makes all dates, or none. Sent again, it makes those that are not there.
pub(super) fn repeat(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = events::id(call)?;
    let body = Body::read(call)?;
    let data = body.data(call.desk.json_depth)?;
    let mut form = Form::check(REPEAT, &data, false, call.desk)?;
    let until = until(&data, &mut form);
    form.finish()?;
    let plan = plan(&form, until)?;
    let repeated = staff.tenant().publish(staff.by(), place::published, |tx| {
        Ok((series::repeat(tx, id, &plan, call.desk.events_max)?, place::zone(tx)?))
    });
    let end = if until.is_some() { "until" } else { "count" };
    let (repeated, zone) = repeated.map_err(|error| refused(error, end))?;
    let date = |event| WireDate::new(event, &zone, &call.origin);
    let wire = WireSeries {
        series: repeated.series.0,
        made: repeated.made.iter().map(date).collect(),
        existing: repeated.existing.iter().map(date).collect(),
    };
    Ok(json(201, &wire))
}

/// Makes one copy that is not published yet.
pub(super) fn duplicate(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    let id = events::id(call)?;
    let body = Body::read(call)?;
    let mut form = Form::check(DUPLICATE, &body.data(call.desk.json_depth)?, false, call.desk)?;
    form.finish()?;
    let Given::Moment(written) = *form.look("datetime") else {
        return Err(Error::invalid("datetime", say::REQUIRED).into());
    };
    let starts = moment(&staff.tenant().read(place::zone)?, written, "datetime")?;
    let name = form.text("name").filter(|name| !name.is_empty());
    let max = call.desk.events_max;
    let made = staff.tenant().publish(staff.by(), place::published, |tx| {
        Board::read(tx, vec![series::duplicate(tx, id, starts, name, max)?])
    });
    one(call, front, 201, made.map_err(|error| refused(error, "datetime"))?)
}

/// The last day, where one is said.
fn until(data: &Data<'_>, form: &mut Form) -> Option<Date> {
    match data.value("until")? {
        Json::Null => None,
        Json::Text(text) if text.is_empty() => None,
        // A time of day behind it would be read as well.
        Json::Text(text) if text.len() == 10 && text.parse::<Date>().is_ok() => text.parse().ok(),
        _ => {
            form.fail("until", say::NOT_A_DAY);
            None
        }
    }
}

fn plan(form: &Form, until: Option<Date>) -> Result<Plan, Error> {
    let rule = form.text("rule").and_then(Rule::parse);
    let rule = rule.ok_or_else(|| Error::invalid("rule", say::REQUIRED))?;
    let (mut every, mut count) = (1, 0);
    form.copy_integer("every", &mut every);
    form.copy_integer("count", &mut count);
    let end = match (until, count) {
        (Some(last), 0) => End::Until(last),
        (None, 1..) => End::Count(count),
        _ => return Err(Error::invalid(GENERAL, say::UNTIL_OR_COUNT)),
    };
    Ok(Plan { rule, every, end })
}

/// `field`: what said the dates.
fn refused(error: Error, field: &'static str) -> Error {
    match error {
        Error::Refused(Refusal::NoDate) => Error::invalid(field, say::NO_DATE),
        Error::Refused(Refusal::TooManyDates(most)) => {
            Error::invalid(field, say::too_many_dates(most))
        }
        Error::Refused(Refusal::OutOfTime) => Error::invalid(field, say::OUT_OF_TIME),
        other => events::refused(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_may_be_chosen() {
        let all: Vec<_> = Rule::ALL.iter().map(|rule| rule.as_str()).collect();
        assert_eq!(all, RULES);
    }
}
