//! A tenant as a value: who holds it may read and write this one file, and no other.
//!
//! Deliberately absent: a public maker, and a way back to the house.

use super::directory::Published;
use super::file::File;
use super::registry::Entry;
use super::{By, House, Read, Write, directory};
use crate::error::Result;
use crate::values::category::Programme;
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
    counters: [(Arc<AtomicU64>, u64); 3],
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

    /// The same, to be kept.
    #[must_use]
    pub fn shared_entry(&self) -> Arc<Entry> {
        self.entry.clone()
    }

    pub(super) fn house(&self) -> &Arc<House> {
        &self.house
    }

    /// The state of this tenant's data and of what all publish; taken before reading. Where others' events are shown, of
    /// all that is sold anywhere as well.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        let at = |counter: &Arc<AtomicU64>| (counter.clone(), counter.load(Relaxed));
        let programme = self.entry.category.traits().programme;
        let others =
            if programme == Programme::Own { &self.house.public } else { &self.house.written };
        Stamp { counters: [at(self.file.generation()), at(&self.house.public), at(others)] }
    }

    /// Runs `f` on a snapshot of the file.
    pub fn read<T>(&self, f: impl FnOnce(&Read) -> Result<T>) -> Result<T> {
        self.file.read(f)
    }

    /// Runs `f` alone on the file; returns once it is on disk. An `Err` or a panic undoes exactly its own work.
    pub fn write<T>(&self, by: By, f: impl FnOnce(&Write) -> Result<T>) -> Result<T> {
        let mut errands = vec![];
        let allowed = self.house.allowance(self.entry.id)?;
        let written = self.file.write(by, |tx| {
            tx.allow(allowed);
            let done = f(tx)?;
            self.house.number_things(tx, self.entry.id)?;
            errands = tx.take_errands();
            Ok(done)
        });
        self.house.written.fetch_add(1, Relaxed);
        if written.is_ok() {
            errands.into_iter().for_each(|(errand, at)| self.plan(errand, at));
        }
        written
    }

    /// A write that changes what the tenant publishes: the directory of the house is kept in step, and start-up finishes
    /// what a crash between the two files leaves. `published` reads what the file holds at that moment, so that of two
    /// changes at once the directory keeps the later one.
    pub fn publish<T>(
        &self,
        by: By,
        published: impl Fn(&Read) -> Result<Published>,
        f: impl FnOnce(&Write) -> Result<T>,
    ) -> Result<T> {
        let (house, id) = (&self.house, self.entry.id);
        let mark = "UPDATE tenant SET dirty = dirty + 1 WHERE id = ?1";
        house.file.write(By::House, |tx| tx.run(mark, [id]))?;
        let written = self.write(by, f);
        let projected = house.file.write(By::House, |tx| {
            directory::publish(tx, id, &self.file.read(&published)?)?;
            tx.run("UPDATE tenant SET dirty = max(dirty - 1, 0) WHERE id = ?1", [id])
        });
        house.changed();
        if let Err(error) = projected {
            // The change itself is on disk, and marked: the next start brings the directory in step.
            tracing::error!(tenant = %id, %error, "the directory could not follow a change");
        }
        written
    }
}
