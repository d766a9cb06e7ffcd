//! The right to query, as values: `Read` sees one snapshot, `Write` changes.
//!
//! Statements are compiled once per connection. A `Read` sits on a connection that SQLite itself holds to queries.

use super::Errand;
use crate::error::{Error, Result};
use crate::values::id::AccountId;
use crate::values::{Allowance, Time, Usage};
use rusqlite::types::FromSql;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Params, Row};
use std::cell::{Cell, RefCell};
use std::ops::Deref;

/// Who acts, for the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// An account, through a door.
    Account(AccountId),
    /// A program, by the number of its credential.
    Program(i64),
    /// A person at the command line of the house.
    Console,
    /// The program itself: migrations, repairs, jobs.
    House,
    /// A visitor who is nobody yet.
    Visitor,
}

impl By {
    /// The text that the audit keeps.
    #[must_use]
    pub fn as_text(&self) -> String {
        match self {
            Self::Account(id) => id.to_string(),
            Self::Program(no) => format!("credential {no}"),
            Self::Console => "console".into(),
            Self::House => "house".into(),
            Self::Visitor => "visitor".into(),
        }
    }
}

/// The right to see one file, as it is at one moment.
#[derive(Debug)]
pub struct Read {
    conn: Connection,
    now: Time,
}

/// The right to change one file.
#[derive(Debug)]
pub struct Write {
    read: Read,
    by: By,
    errands: RefCell<Vec<(Errand, Time)>>,
    allowed: Cell<Allowance>,
}

/// A row's columns one after another, in the order of its SELECT. By name, SQLite is asked for the names before it again
/// on every row.
#[derive(Debug)]
pub struct Columns<'r, 's> {
    row: &'r Row<'s>,
    next: usize,
}

impl<'r, 's> Columns<'r, 's> {
    /// From the first on.
    #[must_use]
    pub fn of(row: &'r Row<'s>) -> Self {
        Self { row, next: 0 }
    }

    /// The next one.
    #[inline]
    pub fn take<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        self.next += 1;
        self.row.get(self.next - 1)
    }
}

impl Read {
    pub(super) fn new(conn: Connection, now: Time) -> Self {
        Self { conn, now }
    }

    pub(super) fn into_connection(self) -> Connection {
        self.conn
    }

    /// The moment at which this transaction began.
    #[must_use]
    pub fn now(&self) -> Time {
        self.now
    }

    /// Not inlined: what it does is the same for each of the many queries.
    #[inline(never)]
    fn statement(&self, sql: &str) -> rusqlite::Result<CachedStatement<'_>> {
        self.conn.prepare_cached(sql)
    }

    /// The only row of a query that always has one.
    pub fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        row: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        Ok(self.statement(sql)?.query_row(params, row)?)
    }

    /// The first row, if there is one.
    pub fn maybe<T>(
        &self,
        sql: &str,
        params: impl Params,
        row: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.statement(sql)?.query_row(params, row).optional()?)
    }

    /// The row that must be there for the caller; `NotFound` where it is not.
    pub fn must<T>(
        &self,
        sql: &str,
        params: impl Params,
        row: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        self.maybe(sql, params, row)?.ok_or(Error::NotFound)
    }

    /// All rows.
    pub fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        mut row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.statement(sql)?;
        let (mut rows, mut all) = (statement.query(params)?, vec![]);
        while let Some(one) = rows.next()? {
            all.push(row(one)?);
        }
        Ok(all)
    }

    /// Shows each row in turn, and keeps none; ends with the first error.
    pub fn each(
        &self,
        sql: &str,
        params: impl Params,
        mut row: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut statement = self.statement(sql)?;
        let mut rows = statement.query(params)?;
        while let Some(one) = rows.next()? {
            row(one)?;
        }
        Ok(())
    }

    /// Is there a row?
    pub fn exists(&self, sql: &str, params: impl Params) -> Result<bool> {
        Ok(self.statement(sql)?.exists(params)?)
    }
}

impl Write {
    pub(super) fn new(conn: Connection, now: Time, by: By) -> Self {
        Self {
            read: Read::new(conn, now),
            by,
            errands: RefCell::default(),
            allowed: Cell::default(),
        }
    }

    pub(super) fn into_connection(self) -> Connection {
        self.read.conn
    }

    /// Who acts.
    #[must_use]
    pub fn by(&self) -> &By {
        &self.by
    }

    /// How much of this the tenant may have; none: without limit.
    #[must_use]
    pub fn most(&self, usage: Usage) -> Option<u64> {
        self.allowed.get().most(usage)
    }

    pub(super) fn allow(&self, allowed: Allowance) {
        self.allowed.set(allowed);
    }

    /// Plans an errand of this tenant, for when this is on disk.
    pub fn plan(&self, errand: Errand, at: Time) {
        self.errands.borrow_mut().push((errand, at));
    }

    pub(super) fn take_errands(&self) -> Vec<(Errand, Time)> {
        self.errands.take()
    }

    /// Runs a statement that changes; how many rows it changed.
    pub fn run(&self, sql: &str, params: impl Params) -> Result<usize> {
        Ok(self.read.statement(sql)?.execute(params)?)
    }
}

impl Deref for Write {
    type Target = Read;
    fn deref(&self) -> &Read {
        &self.read
    }
}
