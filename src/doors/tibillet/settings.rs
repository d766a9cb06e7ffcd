//! `/api/settings/`: what a venue decides for itself; its administrators alone see and change it.

use super::data::Body;
use super::fields::{Field, Form, GENERAL, Given, Kind};
use super::messages as say;
use super::wire::json;
use super::wire_door::WireSettings;
use crate::doors::{Answer, Call, Front};
use crate::error::Error;
use crate::root::Staff;
use crate::trade::place;
use crate::trade::setting::{
    self, MEMBERSHIP_REMINDER_DAYS_MAX, OFFER_HOURS, REFUND_DEADLINE_HOURS_MAX,
};
use crate::values::Language;
use crate::values::zone::Zone;

const LANGUAGES: &[&str] = &[Language::French.as_str(), Language::English.as_str()];

const fn up_to(max: u16) -> Kind {
    Kind::Integer { min: 0, max: max as i64, floor: 0 }
}

pub(super) const FIELDS: &[Field] = &[
    Field::new("reentry", Kind::Boolean),
    Field::new("refund_deadline_hours", up_to(REFUND_DEADLINE_HOURS_MAX)).or_null(),
    Field::new("member_price_needs_login", Kind::Boolean),
    Field::new("membership_reminder_days", up_to(MEMBERSHIP_REMINDER_DAYS_MAX)),
    Field::new("language", Kind::OneOf(LANGUAGES)),
    Field::new(
        "offer_hours",
        Kind::Integer {
            min: *OFFER_HOURS.start() as i64,
            max: *OFFER_HOURS.end() as i64,
            floor: *OFFER_HOURS.start() as i64,
        },
    ),
    Field::new("time_zone", Kind::Text(64)),
];

pub(super) fn show(_: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let (settings, zone) = staff.tenant().read(|tx| Ok((setting::get(tx)?, place::zone(tx)?)))?;
    Ok(json(200, &WireSettings::new(&settings, &zone)))
}

/// Changes what is sent, and leaves the rest.
pub(super) fn update(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let body = Body::read(call)?;
    let data = body.data(call.desk.json_depth)?;
    let mut form = Form::check(FIELDS, &data, true, call.desk)?;
    let named = form.text("time_zone").map(|name| Zone::parse(name).ok_or_else(|| name.to_owned()));
    let zone = named.transpose().unwrap_or_else(|name| {
        form.fail("time_zone", say::not_a_zone(&name));
        None
    });
    form.finish()?;
    // What is misspelt would else be taken as said.
    if let Some(name) = data.names().find(|name| !FIELDS.iter().any(|field| field.name == *name)) {
        return Err(Error::invalid(GENERAL, say::no_setting(name)).into());
    }
    let (changed, zone) = staff.tenant().write(staff.by(), |tx| {
        let mut settings = setting::get(tx)?;
        form.set_boolean("reentry", &mut settings.reentry);
        form.set_boolean("member_price_needs_login", &mut settings.member_price_needs_login);
        form.copy_integer("membership_reminder_days", &mut settings.membership_reminder_days);
        form.copy_integer("offer_hours", &mut settings.offer_hours);
        form.set_choice("language", &mut settings.language, Language::parse);
        match form.look("refund_deadline_hours") {
            Given::Null => settings.refund_deadline_hours = None,
            Given::Integer(hours) => settings.refund_deadline_hours = u16::try_from(*hours).ok(),
            _ => {}
        }
        setting::change(tx, &settings)?;
        if let Some(zone) = &zone {
            place::set_zone(tx, zone)?;
        }
        Ok((settings, place::zone(tx)?))
    })?;
    Ok(json(200, &WireSettings::new(&changed, &zone)))
}
