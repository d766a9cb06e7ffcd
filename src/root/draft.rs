//! The file of a tenant that is being founded: copied from a template, filled under another name, then put in its place.

use super::migrate::{self, Set};
use super::tx::{By, Write};
use super::{Profile, file};
use crate::error::{Error, Result};
use crate::values::Time;
use crate::values::id::TenantId;
use rusqlite::Connection;
use std::fs::{self, File as Plain};
use std::path::{Path, PathBuf};

/// A tenant's file that is nobody's yet. One that is not put in its place is removed.
pub(super) struct Draft {
    path: PathBuf,
    conn: Option<Connection>,
}

impl Draft {
    /// Copies the template and reads its schema, which is half of the work of founding and needs nothing else.
    pub(super) fn open(dir: &Path, id: TenantId) -> Result<Self> {
        let mut draft = Self { path: path(dir, id), conn: None };
        fs::copy(template(dir)?, &draft.path).map_err(disk(&draft.path))?;
        let conn = file::connect(&draft.path)?;
        // Alone with the file, SQLite keeps the index of its log in memory instead of in a third file.
        conn.execute_batch(
            "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY;",
        )?;
        draft.conn = Some(conn);
        Ok(draft)
    }

    /// Writes what a new file holds. One sync at the end is enough.
    pub(super) fn fill(
        &mut self,
        by: By,
        fill: impl FnOnce(&Write) -> Result<Profile>,
    ) -> Result<Profile> {
        let conn = self.conn.take().ok_or_else(|| Error::internal("a draft is filled once"))?;
        let filled = filled(conn, by, fill).map_err(|error| error.of_file(&self.path))?;
        sync(&self.path)?;
        Ok(filled)
    }

    /// Gives it the name by which it is a tenant's.
    pub(super) fn put(self, place: &Path) -> Result<()> {
        let done = fs::rename(&self.path, place).map_err(disk(place));
        let done = done.and_then(|()| place.parent().map_or(Ok(()), sync));
        if done.is_err() {
            remove(place);
        }
        done
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        drop(self.conn.take());
        remove(&self.path);
    }
}

fn filled(
    conn: Connection,
    by: By,
    fill: impl FnOnce(&Write) -> Result<Profile>,
) -> Result<Profile> {
    conn.execute_batch("BEGIN IMMEDIATE")?;
    let write = Write::new(conn, Time::now(), by);
    let profile = fill(&write)?;
    let conn = write.into_connection();
    conn.execute_batch("COMMIT")?;
    close(conn)?;
    Ok(profile)
}

fn path(dir: &Path, id: TenantId) -> PathBuf {
    dir.join("tmp").join(format!("{id}.db"))
}

/// Removes what is left of drafts; to be called where nobody founds.
pub(super) fn remove_all(dir: &Path) -> Result<()> {
    let tmp = dir.join("tmp");
    for entry in fs::read_dir(&tmp).map_err(disk(&tmp))? {
        let path = entry.map_err(disk(&tmp))?.path();
        let is_draft = |name: &str| uuid::Uuid::parse_str(name).is_ok();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        if stem.is_some_and(is_draft) {
            remove(&path.with_extension("db"));
        }
    }
    Ok(())
}

/// Removes a database with its logs.
fn remove(path: &Path) {
    for tail in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(tail);
        // It may never have been made.
        drop(fs::remove_file(name));
    }
}

/// An empty, migrated tenant's file to copy from; made once for each version of the schema.
fn template(dir: &Path) -> Result<PathBuf> {
    let path = dir.join("tmp").join(format!("template-v{}.db", Set::Tenant.newest()));
    if !path.is_file() {
        let draft = dir.join("tmp").join(format!("template-{}.db", crate::values::id::random()));
        let made = file::create(&draft).and_then(|mut conn| {
            migrate::make(&mut conn, Set::Tenant)?;
            close(conn)
        });
        made.map_err(|error| error.of_file(&draft))?;
        sync(&draft)?;
        fs::rename(&draft, &path).map_err(disk(&path))?;
    }
    Ok(path)
}

/// Closes a connection with everything in the main file.
fn close(conn: Connection) -> Result<()> {
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    conn.close().map_err(|(_, error)| error.into())
}

pub(super) fn sync(path: &Path) -> Result<()> {
    Plain::open(path).and_then(|f| f.sync_all()).map_err(disk(path))
}

/// What went wrong at this path, which the system's own sentence does not name.
pub(super) fn disk(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    move |error| match error.kind() {
        std::io::ErrorKind::StorageFull => {
            Error::directory(format!("{}: the disk is full", path.display()))
        }
        _ => Error::internal(format!("{}: {error}", path.display())),
    }
}
