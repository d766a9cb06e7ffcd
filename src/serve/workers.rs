//! The threads that run the app, and who may have one now. Slow work has its own, so that it cannot keep the quick waiting.
//! A permit goes with its job, because a job runs to its end even when nobody waits for it any more.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::small;
use crate::app::{App, Lane};
use crate::config::Config;
use crate::values::id::TenantId;

pub(super) struct Workers {
    count: u32,
    slow_count: u32,
    quick: Arc<Semaphore>,
    slow: Arc<Semaphore>,
    /// Log-ins, so that they do not wait behind images.
    password: Arc<Semaphore>,
    /// What asks Stripe, so that its bad day is not everybody's.
    payment: Arc<Semaphore>,
    /// Slow work, from joining the queue until it is done.
    line: Arc<Semaphore>,
    /// Quick workers, those for payments among them, that one tenant has: whoever is asked a lot must not keep the others waiting.
    shares: Mutex<HashMap<TenantId, Arc<Semaphore>>>,
}

/// Log-ins on a worker at once; how many of them hash at once is the app's to say.
const PASSWORDS: u32 = 4;

impl Workers {
    pub(super) fn new(config: &Config, cores: usize) -> Self {
        let count = if config.workers == 0 {
            small(cores as u64 * 24).max(48)
        } else {
            small(config.workers)
        };
        let slow_count = small(config.slow_workers).max(1);
        let line = slow_count.saturating_add(small(config.slow_queue));
        let [quick, slow, line, password, payment] = [count, slow_count, line, PASSWORDS, count]
            .map(|n| Arc::new(Semaphore::new(n as usize)));
        let shares = Mutex::default();
        Self { count, slow_count, quick, slow, line, password, payment, shares }
    }

    pub(super) fn threads(&self) -> usize {
        (self.count as usize)
            .saturating_mul(2)
            .saturating_add(self.slow_count as usize)
            .saturating_add(PASSWORDS as usize)
    }

    /// Runs `job` for a tenant when a worker is free. None when too many wait for slow work, or the job panicked.
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
        let (waiting, semaphore) = match lane {
            Lane::Read | Lane::Quick => (None, &self.quick),
            Lane::Slow => (Some(self.line.clone().try_acquire_owned().ok()?), &self.slow),
            Lane::Password => (None, &self.password),
            Lane::Payment => (None, &self.payment),
        };
        let share =
            match tenant.filter(|_| matches!(lane, Lane::Read | Lane::Quick | Lane::Payment)) {
                Some(tenant) => Some(self.share(tenant).acquire_owned().await.ok()?),
                None => None,
            };
        let permit = semaphore.clone().acquire_owned().await.ok()?;
        let app = app.clone();
        let run = move || {
            let done = job(&app);
            drop((waiting, permit, share));
            done
        };
        spawn_blocking(run).await.ok()
    }

    /// Three in four of the quick workers, and one at the least.
    fn share(&self, tenant: TenantId) -> Arc<Semaphore> {
        let most = (self.count - self.count / 4).max(1) as usize;
        let mut shares = self.shares.lock();
        shares.entry(tenant).or_insert_with(|| Arc::new(Semaphore::new(most))).clone()
    }

    /// Waits until nobody works: who holds all permits is alone.
    pub(super) async fn idle(&self) {
        let lanes = [
            (&self.quick, self.count),
            (&self.slow, self.slow_count),
            (&self.password, PASSWORDS),
            (&self.payment, self.count),
        ];
        for (semaphore, count) in lanes {
            if let Ok(all) = semaphore.acquire_many(count).await {
                all.forget();
            }
        }
    }
}
