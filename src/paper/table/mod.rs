//! Tables as files: rows go out one by one, as text with separators or as a spreadsheet. Pure: no files, no clock, the
//! same bytes every time.
//!
//! What must stay true: a number is a number and a text is a text, so that no text is ever worked out as a formula;
//! no row is kept once it is written. Amounts are whole hundredths, no float is involved. What a table holds is others'
//! to say.

mod csv;
mod xlsx;

pub use self::csv::{Csv, Separator, Style};
pub use self::xlsx::Xlsx;

use jiff::civil::{Date, DateTime};
use std::borrow::Cow;
use std::fmt::{Arguments, Write as _};

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Words.
    Text,
    /// An amount of money.
    Money,
    /// A whole number.
    Whole,
    /// A percentage.
    Percent,
    /// A day with its time, as a clock shows it.
    Moment,
    /// A day.
    Day,
}

/// The head of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head<'a> {
    /// What stands above it.
    pub label: &'a str,
    /// What is below.
    pub kind: Kind,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Nothing.
    Empty,
    /// Words.
    Text(Cow<'a, str>),
    /// In hundredths: cents.
    Money(i64),
    /// A whole number.
    Whole(i64),
    /// In hundredths of a percent.
    Percent(i64),
    /// As a clock shows it; fractions of a second are left out.
    Moment(DateTime),
    /// A day.
    Day(Date),
}

/// A number of hundredths with two digits after the point.
fn hundredths(out: &mut String, number: i64, point: char) {
    let (sign, size) = (if number < 0 { "-" } else { "" }, number.unsigned_abs());
    put(out, format_args!("{sign}{}{point}{:02}", size / 100, size % 100));
}

fn put(out: &mut String, what: Arguments<'_>) {
    out.write_fmt(what).expect("a text takes all that is written to it");
}
