//! Public answers kept as bytes. One is valid while nothing that it was made from has changed.
//!
//! The key holds scheme, host with port, encoding and target, because answers hold absolute addresses.

use super::{Ready, Where};
use crate::root::{Entry, Stamp};
use lru::LruCache;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

/// One kept answer.
#[derive(Debug)]
pub(super) struct Kept {
    ready: Ready,
    stamp: Stamp,
    made: Instant,
    due: AtomicU64,
    pub(super) tenant: Arc<Entry>,
    pub(super) at: Where,
}

impl Kept {
    pub(super) fn new(ready: Ready, stamp: Stamp, tenant: Arc<Entry>, at: Where) -> Arc<Self> {
        Arc::new(Self { ready, stamp, made: Instant::now(), due: AtomicU64::new(0), tenant, at })
    }

    /// The answer, or that the client has it already.
    pub(super) fn ready(&self, if_none_match: Option<&str>) -> Ready {
        self.ready.clone().unless_known(if_none_match)
    }

    /// Must it be made anew though nothing was written? Holds run out and evenings begin by themselves: each second one
    /// caller is told so, and the others have the old answer until that one is done.
    fn is_due(&self) -> bool {
        let age = self.made.elapsed().as_secs();
        age > 0 && self.due.swap(age, Relaxed) != age
    }

    /// Is it of the one media type that callers may turn down?
    pub(super) fn is_json(&self) -> bool {
        self.ready.header("Content-Type").is_some_and(|kind| kind.starts_with("application/json"))
    }

    fn weight(&self, key: &str) -> usize {
        key.len() + self.ready.body.len() + 512
    }
}

/// The answers kept, the ones longest unused given up first.
#[derive(Debug)]
pub(super) struct Cache {
    limit: usize,
    kept: Mutex<Shelf>,
    pub(super) hits: AtomicU64,
    pub(super) misses: AtomicU64,
}

#[derive(Debug)]
struct Shelf {
    answers: LruCache<String, Arc<Kept>>,
    weight: usize,
}

/// The key of an answer.
pub(super) fn key(scheme: &str, host: &str, gzip: bool, target: &str) -> String {
    let encoding = if gzip { "gzip" } else { "-" };
    let mut key = String::with_capacity(scheme.len() + host.len() + target.len() + 8);
    for part in [scheme, " ", host, " ", encoding, " ", target] {
        key.push_str(part);
    }
    key
}

impl Cache {
    pub(super) fn new(limit: usize) -> Self {
        let kept = Mutex::new(Shelf { answers: LruCache::unbounded(), weight: 0 });
        Self { limit, kept, hits: AtomicU64::new(0), misses: AtomicU64::new(0) }
    }

    /// A kept answer that is still true.
    pub(super) fn get(&self, key: &str) -> Option<Arc<Kept>> {
        let mut shelf = self.kept.lock();
        let found = shelf.answers.get(key).cloned();
        match found {
            Some(kept) if kept.stamp.holds() => {
                drop(shelf);
                let due = kept.is_due();
                if due { &self.misses } else { &self.hits }.fetch_add(1, Relaxed);
                (!due).then_some(kept)
            }
            Some(kept) => {
                shelf.weight -= kept.weight(key);
                shelf.answers.pop(key);
                drop(shelf);
                self.misses.fetch_add(1, Relaxed);
                None
            }
            None => {
                drop(shelf);
                self.misses.fetch_add(1, Relaxed);
                None
            }
        }
    }

    /// Keeps an answer, unless it alone would take more than half of all there is.
    pub(super) fn put(&self, key: String, kept: Arc<Kept>) {
        let weight = kept.weight(&key);
        if weight > self.limit / 2 {
            return;
        }
        let mut shelf = self.kept.lock();
        shelf.weight += weight;
        let replaced = shelf.answers.push(key, kept);
        if let Some((old_key, old)) = replaced {
            shelf.weight -= old.weight(&old_key);
        }
        while shelf.weight > self.limit {
            let Some((old_key, old)) = shelf.answers.pop_lru() else { break };
            shelf.weight -= old.weight(&old_key);
        }
    }

    /// How many answers are kept, and how many bytes they are charged with.
    pub(super) fn size(&self) -> (usize, usize) {
        let shelf = self.kept.lock();
        (shelf.answers.len(), shelf.weight)
    }
}
