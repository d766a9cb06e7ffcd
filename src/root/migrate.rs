//! The two sets of migrations and how a file is brought up to date.
//!
//! `PRAGMA user_version` repeats the number of the last migration, so that an up-to-date file costs one look.

use crate::error::{Error, Result};
use rusqlite::Connection;

mod root_set {
    refinery::embed_migrations!("migrations/root");
}
mod tenant_set {
    refinery::embed_migrations!("migrations/tenant");
}

/// Which migrations a file follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Set {
    /// The root database.
    Root,
    /// A tenant's file.
    Tenant,
}

impl Set {
    fn runner(self) -> refinery::Runner {
        match self {
            Self::Root => root_set::migrations::runner(),
            Self::Tenant => tenant_set::migrations::runner(),
        }
    }

    /// The number of the newest migration that this program knows. Written down here, for to ask refinery compiles an
    /// expression and reads them all, at each start.
    #[must_use]
    pub(super) const fn newest(self) -> i64 {
        match self {
            Self::Root => 12,
            Self::Tenant => 26,
        }
    }
}

/// The version that a file is at.
pub(super) fn version(conn: &Connection) -> Result<i64> {
    Ok(conn.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Makes the schema in a new file.
pub(super) fn make(conn: &mut Connection, set: Set) -> Result<()> {
    migrate(conn, set, set.newest())
}

/// Applies what is missing. A file from a newer program, and one that was never ours, is refused untouched.
pub(super) fn bring_up(conn: &mut Connection, set: Set) -> Result<()> {
    let (has, newest) = (version(conn)?, set.newest());
    if has == 0 {
        return Err(Error::Unusable("the file is empty or was not made by guichet".into()));
    }
    if has == newest {
        return Ok(());
    }
    if has > newest {
        return Err(Error::directory(format!(
            "a database is at version {has}, this program knows up to {newest}: it was written by a newer guichet"
        )));
    }
    migrate(conn, set, newest)
}

fn migrate(conn: &mut Connection, set: Set, newest: i64) -> Result<()> {
    // Inside a transaction, where the migrations run, this pragma would do nothing.
    conn.pragma_update(None, "foreign_keys", false)?;
    set.runner().run(conn)?;
    if conn.prepare("PRAGMA foreign_key_check")?.exists([])? {
        return Err(Error::internal("a migration broke a foreign key"));
    }
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "user_version", newest)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_migration_is_the_one_that_is_named() {
        for set in [Set::Root, Set::Tenant] {
            let runner = set.runner();
            let newest = runner.get_migrations().iter().map(|one| i64::from(one.version())).max();
            assert_eq!(newest, Some(set.newest()), "{set:?}");
        }
    }
}
