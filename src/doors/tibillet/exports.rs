//! `/api/exports/{report}/`: reports as files, with the columns that were asked for in the order in which they were.
//!
//! The file is made in one piece of memory; rows are never held besides it, and there is a limit to them.

use super::data::Body;
use super::fields::{Field, Form, Given, Kind};
use super::messages as say;
use super::reservations::release_holds;
use crate::doors::results::attachment;
use crate::doors::{Answer, Call, Front};
use crate::error::{Error, Result};
use crate::paper::table::{Separator, Style};
use crate::root::Staff;
use crate::trade::report::{self, Days, Fault, Format, ROWS_MAX, Report};

pub(super) const QUERY: &[Field] = &[
    Field::new("from", Kind::Day).required(),
    Field::new("to", Kind::Day).required(),
    Field::new("as", Kind::OneOf(&["csv", "xlsx"])),
    Field::new("columns", Kind::Raw("Names of columns with commas between; without it, all")),
    Field::new("separator", Kind::OneOf(&[";", ","])),
    Field::new("bom", Kind::OneOf(&["true", "false"])),
];

pub(super) fn show(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let report = report::named(call.param(0)).ok_or(Error::NotFound)?;
    let query = Body::of_query(call);
    let data = query.data(call.desk.json_depth)?;
    let mut form = Form::check(QUERY, &data, false, call.desk)?;
    let names = data.value("columns").map(|names| names.as_python()).unwrap_or_default();
    let chosen = choose(report, &names).unwrap_or_else(|what| {
        form.fail("columns", what);
        vec![]
    });
    let days = days(&mut form)?;
    let is_sheet = form.text("as") == Some("xlsx");
    let comma = form.text("separator") == Some(",");
    let separator = if comma { Separator::Comma } else { Separator::Semicolon };
    // Without the mark, the spreadsheet that most people have reads accents wrongly.
    let style = Style { separator, bom: form.text("bom") != Some("false") };
    let format = if is_sheet { Format::Xlsx } else { Format::Csv(style) };
    release_holds(staff.tenant())?;
    let bytes = staff.tenant().read(|tx| {
        if report.is_longer(tx, &days, ROWS_MAX)? {
            return Err(Error::invalid("to", say::too_many_rows(ROWS_MAX)));
        }
        report.write(tx, &days, &chosen, format)
    })?;
    let slug = &staff.tenant().entry().slug;
    Ok(attachment(format.media_type(), &report.file_name(slug, &days, format), bytes))
}

/// The days that `from` and `to` of a query name; fails with all that is wrong with the query.
pub(super) fn days(form: &mut Form) -> Result<Days> {
    let days = match (form.look("from"), form.look("to")) {
        (Given::Day(from), Given::Day(to)) => Some(Days::new(*from, *to)),
        _ => None,
    };
    match days {
        Some(Err(Fault::OutOfTime)) => form.fail("from", say::OUT_OF_TIME),
        Some(Err(Fault::Empty)) => form.fail("to", say::DAYS_EMPTY),
        Some(Err(Fault::TooLong)) => form.fail("to", say::DAYS_TOO_LONG),
        Some(Ok(_)) | None => {}
    }
    form.finish()?;
    // Both are required, and their faults are told above.
    days.and_then(|days| days.ok()).ok_or_else(|| Error::invalid("from", say::REQUIRED))
}

/// Where the named columns stand, in the order of their names; or what is wrong with the names.
fn choose(report: &Report, names: &str) -> std::result::Result<Vec<usize>, String> {
    if names.is_empty() {
        return Ok((0..report.columns.len()).collect());
    }
    let mut chosen = vec![];
    for name in names.split(',') {
        let Some(at) = report.position(name.trim()) else {
            let all: Vec<&str> = report.columns.iter().map(|column| column.name).collect();
            let short: String = name.chars().take(100).collect();
            return Err(say::no_column(&short, &all.join(", ")));
        };
        if chosen.contains(&at) {
            return Err(say::COLUMN_TWICE.to_owned());
        }
        chosen.push(at);
    }
    Ok(chosen)
}
