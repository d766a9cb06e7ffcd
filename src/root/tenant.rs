//! A tenant as a value: who holds it may read and write this one file, and no other.
//!
//! Deliberately absent: a public maker, and a way back to the house.

use super::file::File;
use super::found::publishing_lock;
use super::registry::Entry;
use super::{By, House, Profile, Read, Write, directory};
use crate::error::Result;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// One tenant, open. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Tenant {
    house: Arc<House>,
    entry: Arc<Entry>,
    file: Arc<File>,
}

/// The state of the data that an answer was made from.
#[derive(Clone, Debug)]
pub struct Stamp {
    counters: [(Arc<AtomicU64>, u64); 2],
}

impl Stamp {
    /// Has nothing changed since?
    #[must_use]
    pub fn holds(&self) -> bool {
        self.counters.iter().all(|(counter, seen)| counter.load(Relaxed) == *seen)
    }
}

impl Tenant {
    pub(super) fn open(house: &Arc<House>, entry: Arc<Entry>) -> Result<Self> {
        let file = house.tenant_file(entry.id)?;
        Ok(Self { house: house.clone(), entry, file })
    }

    /// What is known of it.
    #[must_use]
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    pub(super) fn house(&self) -> &Arc<House> {
        &self.house
    }

    /// The state of this tenant's data and of what all publish; taken before reading.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        let at = |counter: &Arc<AtomicU64>| (counter.clone(), counter.load(Relaxed));
        Stamp { counters: [at(self.file.generation()), at(&self.house.public)] }
    }

    /// Runs `f` on a snapshot of the file.
    pub fn read<T>(&self, f: impl FnOnce(&Read) -> Result<T>) -> Result<T> {
        self.file.read(f)
    }

    /// Runs `f` alone on the file; returns once it is on disk. An `Err` or a panic undoes exactly its own work.
    pub fn write<T>(&self, by: By, f: impl FnOnce(&Write) -> Result<T>) -> Result<T> {
        self.file.write(by, f)
    }

    /// A write that changes the public profile, which `f` returns: the directory of the house is kept in step, and
    /// start-up finishes what a crash between the two files leaves.
    pub fn publish(&self, by: By, f: impl FnOnce(&Write) -> Result<Profile>) -> Result<Profile> {
        let id = self.entry.id;
        let _alone = publishing_lock(&self.house.dir)?;
        self.house
            .file
            .write(By::House, |tx| tx.run("UPDATE tenant SET dirty = 1 WHERE id = ?1", [id]))?;
        let written = self.file.write(by, f);
        self.house.file.write(By::House, |tx| {
            if let Ok(profile) = &written {
                directory::project(tx, id, profile)?;
            }
            tx.run("UPDATE tenant SET dirty = 0 WHERE id = ?1", [id])
        })?;
        self.house.changed();
        written
    }
}
