//! The threads that run the app, and who may have one now. Slow work has its own, so that it cannot keep the quick waiting,
//! and a queue with an end. Of each kind a tenant has its share, so that whoever is asked a lot leaves room to the others.
//! A permit goes with its job, because a job runs to its end even when nobody waits for it any more.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use super::small;
use crate::app::{App, Lane};
use crate::config::Config;
use crate::values::id::TenantId;

/// Log-ins on a worker at once; how many of them hash at once is the app's to say.
const PASSWORDS: u32 = 4;

/// How many log-ins may wait for one that is on a worker.
const PASSWORDS_EACH: u32 = 63;

/// How many payments may wait for one that is on a worker: a sale that opens asks for hundreds of pages at once.
const PAYMENTS_EACH: u32 = 15;

/// So many at once, and three in four of them, or one, for a tenant.
struct Permits {
    count: u32,
    all: Arc<Semaphore>,
    shares: Mutex<HashMap<TenantId, Arc<Semaphore>>>,
}

/// Given back when they are dropped: that of the tenant's share, and that of all.
type Taken = (Option<OwnedSemaphorePermit>, OwnedSemaphorePermit);

impl Permits {
    fn new(count: u32) -> Self {
        Self { count, all: Arc::new(Semaphore::new(count as usize)), shares: Mutex::default() }
    }

    fn share(&self, tenant: TenantId) -> Arc<Semaphore> {
        let most = (self.count - self.count / 4).max(1) as usize;
        let mut shares = self.shares.lock();
        shares.entry(tenant).or_insert_with(|| Arc::new(Semaphore::new(most))).clone()
    }

    /// Waits for one. A tenant waits for its share first, so that only who may work stands before the others.
    async fn take(&self, tenant: Option<TenantId>) -> Option<Taken> {
        let share = match tenant {
            Some(tenant) => Some(self.share(tenant).acquire_owned().await.ok()?),
            None => None,
        };
        Some((share, self.all.clone().acquire_owned().await.ok()?))
    }

    /// The same without waiting.
    fn try_take(&self, tenant: Option<TenantId>) -> Option<Taken> {
        let share = match tenant {
            Some(tenant) => Some(self.share(tenant).try_acquire_owned().ok()?),
            None => None,
        };
        Some((share, self.all.clone().try_acquire_owned().ok()?))
    }
}

/// Workers for one kind of work.
struct Crew {
    workers: Permits,
    /// From joining the queue until the work is done; without it the queue is as long as there are connections.
    line: Option<Permits>,
}

impl Crew {
    fn new(count: u32, queue: Option<u32>) -> Self {
        let line = queue.map(|queue| Permits::new(count.saturating_add(queue)));
        Self { workers: Permits::new(count), line }
    }
}

pub(super) struct Workers {
    quick: Crew,
    slow: Crew,
    /// Log-ins, so that they do not wait behind images.
    password: Crew,
    /// What asks Stripe, so that its bad day is not everybody's.
    payment: Crew,
}

impl Workers {
    pub(super) fn new(config: &Config, cores: usize) -> Self {
        let count = if config.workers == 0 {
            small(cores as u64 * 24).max(48)
        } else {
            small(config.workers)
        };
        let slow = small(config.slow_workers).max(1);
        Self {
            quick: Crew::new(count, None),
            slow: Crew::new(slow, Some(small(config.slow_queue))),
            password: Crew::new(PASSWORDS, Some(PASSWORDS * PASSWORDS_EACH)),
            payment: Crew::new(count, Some(count.saturating_mul(PAYMENTS_EACH))),
        }
    }

    const fn crews(&self) -> [&Crew; 4] {
        [&self.quick, &self.slow, &self.password, &self.payment]
    }

    pub(super) fn threads(&self) -> usize {
        self.crews().iter().fold(0, |sum, crew| sum.saturating_add(crew.workers.count as usize))
    }

    /// Runs `job` for a tenant when a worker is free. None when too many wait for such work, or the job panicked.
    pub(super) async fn run<T, F>(
        &self,
        app: &Arc<App>,
        lane: Lane,
        tenant: Option<TenantId>,
        job: F,
    ) -> Option<T>
    where
        T: Send + 'static,
        F: FnOnce(&App) -> T + Send + 'static,
    {
        let crew = match lane {
            Lane::Read | Lane::Quick => &self.quick,
            Lane::Slow => &self.slow,
            Lane::Password => &self.password,
            Lane::Payment => &self.payment,
        };
        let waiting = match &crew.line {
            Some(line) => Some(line.try_take(tenant)?),
            None => None,
        };
        let permit = crew.workers.take(tenant).await?;
        let app = app.clone();
        let run = move || {
            let done = job(&app);
            drop((waiting, permit));
            done
        };
        spawn_blocking(run).await.ok()
    }

    /// Waits until nobody works: who holds all permits is alone.
    pub(super) async fn idle(&self) {
        for Permits { all, count, .. } in self.crews().map(|crew| &crew.workers) {
            if let Ok(all) = all.acquire_many(*count).await {
                all.forget();
            }
        }
    }
}
