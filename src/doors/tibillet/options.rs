//! `/api/optionticket/`: for administrators alone, no key has the right.

use super::data::Body;
use super::errors::with_conflict;
use super::fields::{Field, Form, Kind};
use super::messages as say;
use super::wire::{WireOption, json};
use crate::doors::{Answer, Call, Front};
use crate::error::{Error, Field as Wrong, Refusal};
use crate::root::Staff;
use crate::trade::option;

pub(super) const FIELDS: &[Field] = &[
    Field::new("name", Kind::Text(30)).required(),
    Field::new("description", Kind::Text(250)).optional(),
];

pub(super) fn list(call: &Call<'_>, front: &Front) -> Answer {
    let page = call.page()?;
    let choices = front.tenant.read(|tx| option::list(tx, page))?;
    Ok(json(200, &choices.iter().map(WireOption::new).collect::<Vec<_>>()))
}

pub(super) fn create(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let body = Body::read(call)?;
    let mut form = Form::check(FIELDS, &body.data(call.desk.json_depth)?, false, call.desk)?;
    let made = staff.tenant().write(staff.by(), |tx| {
        let taken = form.text("name").map(|name| option::is_name_taken(tx, name)).transpose()?;
        if taken == Some(true) {
            form.fail_taken("name", say::OPTION_TAKEN);
        }
        form.finish()?;
        let (name, description) = (form.text("name").unwrap_or(""), form.text("description"));
        option::create(tx, name, description, call.desk.options_max)
    });
    let made = made.map_err(|error| match error {
        Error::Refused(Refusal::NameTaken) => {
            with_conflict(Error::Invalid(vec![Wrong::taken("name", say::OPTION_TAKEN)]))
        }
        other => with_conflict(other),
    })?;
    Ok(json(201, &WireOption::new(&made)))
}
