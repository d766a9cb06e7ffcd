//! Reports: what was sold and paid over some days, as tables that go out row by row. Each is a list of columns and one
//! query; nothing is held but the row at hand.
//!
//! A day is one of the venue's clock. What is sold counts on the day on which its order was settled, what goes back on
//! the day on which that was written down: a day that is over stays as it was.

mod closing;
mod days;
mod file;
mod tables;

pub use closing::{Closing, Moved, closings};
pub use days::{Days, Fault};
pub use file::{Format, ROWS_MAX};
pub use tables::ALL;

use crate::error::{Error, Result};
use crate::paper::table::{Cell, Head, Kind};
use crate::root::Read;
use crate::trade::place;
use crate::values::Time;
use crate::values::zone::Zone;
use rusqlite::types::ValueRef;
use rusqlite::{Row, ToSql};
use std::borrow::Cow;
use uuid::Uuid;

/// A table of what happened.
#[derive(Debug)]
pub struct Report {
    /// By which it is asked for; never changes.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Its columns, in their usual order.
    pub columns: &'static [Column],
    /// The query behind what the columns select, from `:from` to before `:to`.
    rows: &'static str,
    /// How its rows are ordered, each in its place.
    order: &'static str,
}

/// One column of a report.
#[derive(Debug)]
pub struct Column {
    /// By which it is asked for; never changes.
    pub name: &'static str,
    /// What stands above it.
    pub label: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What people call the letters that are stored; none where texts are shown as they are.
    words: &'static [(&'static str, &'static str)],
    /// Moments and days are stored as moments, ids as they are.
    sql: &'static str,
}

impl Column {
    /// The head of the column.
    #[must_use]
    pub const fn head(&self) -> Head<'static> {
        Head { label: self.label, kind: self.kind }
    }

    fn text<'r>(&self, text: Cow<'r, str>) -> Cell<'r> {
        let word = self.words.iter().find(|(letters, _)| *letters == text);
        Cell::Text(word.map_or(text, |(_, word)| (*word).into()))
    }

    fn cell<'r>(&self, value: ValueRef<'r>, zone: &Zone) -> Result<Cell<'r>> {
        Ok(match (self.kind, value) {
            (_, ValueRef::Null) => Cell::Empty,
            (Kind::Text, ValueRef::Text(bytes)) => self.text(String::from_utf8_lossy(bytes)),
            (Kind::Text, ValueRef::Blob(bytes)) => {
                let id = Uuid::from_slice(bytes).map_err(|e| Error::Internal(Box::new(e)))?;
                Cell::Text(id.to_string().into())
            }
            (Kind::Text, ValueRef::Integer(number)) => self.text(number.to_string().into()),
            (Kind::Money, ValueRef::Integer(cents)) => Cell::Money(cents),
            (Kind::Whole, ValueRef::Integer(number)) => Cell::Whole(number),
            (Kind::Percent, ValueRef::Integer(rate)) => Cell::Percent(rate),
            (Kind::Moment, ValueRef::Integer(at)) => Cell::Moment(zone.clock(Time(at))),
            (Kind::Day, ValueRef::Integer(at)) => Cell::Day(zone.date(Time(at))),
            (kind, other) => {
                let what = format!("{}: {other:?} is no {kind:?}", self.name);
                return Err(Error::internal(what));
            }
        })
    }
}

/// The report of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Report> {
    ALL.iter().find(|report| report.name == name)
}

impl Report {
    /// Does it name people? Then it is not for who may see figures alone.
    #[must_use]
    pub fn names_people(&self) -> bool {
        self.columns.iter().any(|column| matches!(column.name, "email" | "last_name"))
    }

    /// Where the column of this name stands.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Are there more rows than `max`? Reads no further than that.
    pub fn is_longer(&self, tx: &Read, days: &Days, max: u32) -> Result<bool> {
        let (from, to) = days.bounds(&place::zone(tx)?)?;
        let sql = format!("SELECT 1 {} LIMIT 1 OFFSET :max", self.rows);
        tx.exists(&sql, &[(":from", &from as &dyn ToSql), (":to", &to), (":max", &max)])
    }

    /// Shows the chosen columns of each row in turn, in the report's order; ends with the first error.
    pub fn each(
        &self,
        tx: &Read,
        days: &Days,
        chosen: &[usize],
        mut row: impl FnMut(&[Cell<'_>]) -> Result<()>,
    ) -> Result<()> {
        let zone = place::zone(tx)?;
        let (from, to) = days.bounds(&zone)?;
        // Always all of them, in one order: a report is one statement, however it is asked for.
        let all: Vec<&str> = self.columns.iter().map(|column| column.sql).collect();
        let sql = format!("SELECT {} {} ORDER BY {}", all.join(", "), self.rows, self.order);
        let show = |found: &Row<'_>| {
            let cells = chosen.iter().map(|&at| self.columns[at].cell(found.get_ref(at)?, &zone));
            row(&cells.collect::<Result<Vec<_>>>()?)
        };
        tx.each(&sql, &[(":from", &from), (":to", &to)], show)
    }
}
