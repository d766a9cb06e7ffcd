//! `/api/events/<id>/repeat/` and `/api/events/<id>/duplicate/`: an evening that is held again. Not of the contract.

use super::data::{Body, Data};
use super::events::{self, Board, moment, one};
use super::fields::{Field, Form, GENERAL, Given, Kind};
use super::json::Json;
use super::messages as say;
use super::wire::json;
use super::wire_event::{WireDate, WireSeries};
use crate::doors::{Answer, Call, Front};
use crate::error::{Error, Refusal};
use crate::root::Staff;
use crate::trade::place;
use crate::trade::series::{self, DATES_MAX, End, Plan, Rule};
use jiff::civil::Date;

const RULES: &[&str] = &["weekly", "monthly", "monthly_weekday"];

pub(super) const REPEAT: &[Field] = &[
    Field::new("rule", Kind::Choice(RULES)).required(),
    Field::new("every", Kind::Integer { min: 1, max: 52, floor: 1 }),
    Field::new("until", Kind::Raw("The last day that counts, YYYY-MM-DD; or else count")),
    // The event that is repeated counts too.
    Field::new("count", Kind::Integer { min: 2, max: DATES_MAX as i64, floor: 2 }),
];

pub(super) const DUPLICATE: &[Field] = &[
    Field::new("datetime", Kind::Moment).required(),
    Field::new("name", Kind::Text(200)).optional(),
];

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
