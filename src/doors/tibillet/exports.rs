//! `/api/exports/{report}/`: reports as files, with the columns that were asked for in the order in which they were.
//!
//! The file is made in one piece of memory; rows are never held besides it, and there is a limit to them.

use super::data::Body;
use super::fields::{Field, Form, Given, Kind};
use super::messages as say;
use super::reservations::release_holds;
use crate::doors::{Answer, Call, Front};
use crate::error::{Error, Result};
use crate::paper::table::{Csv, Head, Separator, Style, Xlsx};
use crate::root::{Read, Staff};
use crate::trade::report::{self, Days, Fault, Report};
use rouille::Response;

pub(super) const QUERY: &[Field] = &[
    Field::new("from", Kind::Day).required(),
    Field::new("to", Kind::Day).required(),
    Field::new("as", Kind::OneOf(&["csv", "xlsx"])),
    Field::new("columns", Kind::Raw("Names of columns with commas between; without it, all")),
    Field::new("separator", Kind::OneOf(&[";", ","])),
    Field::new("bom", Kind::OneOf(&["true", "false"])),
];

/// Most rows of a file.
const ROWS_MAX: u32 = 200_000;

const CSV: &str = "text/csv; charset=utf-8";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

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
    release_holds(staff.tenant())?;
    let bytes = staff.tenant().read(|tx| {
        if report.is_longer(tx, &days, ROWS_MAX)? {
            return Err(Error::invalid("to", say::too_many_rows(ROWS_MAX)));
        }
        if is_sheet {
            sheet(tx, report, &days, &chosen)
        } else {
            text(tx, report, &days, &chosen, style)
        }
    })?;
    let (media_type, ending) = if is_sheet { (XLSX, "xlsx") } else { (CSV, "csv") };
    let slug = &staff.tenant().entry().slug;
    let name = format!("{} {slug} {} {}.{ending}", report.title, days.from(), days.to());
    Ok(file(media_type, &name, bytes))
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

fn heads(report: &Report, chosen: &[usize]) -> Vec<Head<'static>> {
    chosen.iter().map(|&at| report.columns[at].head()).collect()
}

fn text(
    tx: &Read,
    report: &Report,
    days: &Days,
    chosen: &[usize],
    style: Style,
) -> Result<Vec<u8>> {
    let mut bytes = vec![];
    let mut csv = Csv::begin(&mut bytes, style, &heads(report, chosen)).map_err(unwritten)?;
    report.each(tx, days, chosen, |cells| csv.row(cells).map_err(unwritten))?;
    csv.end().map_err(unwritten)?;
    Ok(bytes)
}

fn sheet(tx: &Read, report: &Report, days: &Days, chosen: &[usize]) -> Result<Vec<u8>> {
    let mut bytes = vec![];
    let mut sheet =
        Xlsx::begin(&mut bytes, report.title, &heads(report, chosen)).map_err(unwritten)?;
    report.each(tx, days, chosen, |cells| sheet.row(cells).map_err(unwritten))?;
    sheet.end().map_err(unwritten)?;
    Ok(bytes)
}

fn unwritten(fault: std::io::Error) -> Error {
    Error::Internal(Box::new(fault))
}

/// A file to keep, under a name that old clients read without its accents. Nobody on the way keeps it.
pub(super) fn file(media_type: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_graphic() && c != '"' && c != '\\' || c == ' ' { c } else { '_' })
        .collect();
    let exact = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
    Response::from_data(media_type, bytes)
        .with_additional_header("Cache-Control", "private, no-store")
        .with_additional_header(
            "Content-Disposition",
            format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}"),
        )
}
