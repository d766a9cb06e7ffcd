//! The threads that run the app, and who may have one now. Slow work has its own, so that it cannot keep the quick waiting.
//! A permit goes with its job, because a job runs to its end even when nobody waits for it any more.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::small;
use crate::app::{App, Lane};
use crate::config::Config;

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
}

/// Log-ins on a worker at once; how many of them hash at once is the app's to say.
const PASSWORDS: u32 = 4;

impl Workers {
    pub(super) fn new(config: &Config, cores: usize) -> Self {
        let count = if config.workers == 0 {
            small(cores as u64 * 16).max(32)
        } else {
            small(config.workers)
        };
        let slow_count = small(config.slow_workers).max(1);
        let line = slow_count.saturating_add(small(config.slow_queue));
        let [quick, slow, line, password, payment] = [count, slow_count, line, PASSWORDS, count]
            .map(|n| Arc::new(Semaphore::new(n as usize)));
        Self { count, slow_count, quick, slow, line, password, payment }
    }

    pub(super) fn threads(&self) -> usize {
        (self.count as usize)
            .saturating_mul(2)
            .saturating_add(self.slow_count as usize)
            .saturating_add(PASSWORDS as usize)
    }

    /// Runs `job` when a worker is free. None when too many wait for slow work, or the job panicked.
    pub(super) async fn run<T, F>(&self, app: &Arc<App>, lane: Lane, job: F) -> Option<T>
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
        let permit = semaphore.clone().acquire_owned().await.ok()?;
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
