//! What runs on its own: changes of other processes are noticed, the use of keys is written down, what a crash left is
//! settled. Each job ends with the server.

use crate::root::Root;
use crate::trade::place;
use parking_lot::{Condvar, Mutex};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

const NOTICE_EVERY: Duration = Duration::from_millis(5);
const NOTE_KEYS_EVERY: Duration = Duration::from_secs(5);

/// The jobs at work.
#[derive(Debug)]
pub struct Jobs {
    over: Arc<(Mutex<bool>, Condvar)>,
    threads: Vec<JoinHandle<()>>,
}

impl Jobs {
    /// Starts them all.
    #[must_use]
    pub fn start(root: &Root) -> Self {
        let over = Arc::new((Mutex::new(false), Condvar::new()));
        let mut jobs = Self { over, threads: vec![] };
        jobs.every("notice", NOTICE_EVERY, root, Root::notice);
        jobs.every("note-keys", NOTE_KEYS_EVERY, root, Root::note_keys_used);
        jobs.once("settle", root, |root| root.settle(place::published));
        jobs
    }

    /// Runs `job` once, beside everything else.
    fn once(
        &mut self,
        name: &'static str,
        root: &Root,
        job: fn(&Root) -> crate::error::Result<()>,
    ) {
        let root = root.clone();
        self.spawn(name, move || report(name, job(&root)));
    }

    /// Runs `job` at once and then every `pause`, until the end.
    fn every(
        &mut self,
        name: &'static str,
        pause: Duration,
        root: &Root,
        job: fn(&Root) -> crate::error::Result<()>,
    ) {
        let (root, over) = (root.clone(), self.over.clone());
        self.spawn(name, move || {
            loop {
                report(name, job(&root));
                let mut ended = over.0.lock();
                if !*ended {
                    over.1.wait_for(&mut ended, pause);
                }
                if *ended {
                    return;
                }
            }
        });
    }

    fn spawn(&mut self, name: &'static str, body: impl FnOnce() + Send + 'static) {
        match std::thread::Builder::new().name(name.to_owned()).spawn(body) {
            Ok(thread) => self.threads.push(thread),
            Err(error) => tracing::error!(job = name, %error, "a job cannot be started"),
        }
    }

    /// Ends them all and waits for them.
    pub fn stop(self) {
        *self.over.0.lock() = true;
        self.over.1.notify_all();
        for thread in self.threads {
            drop(thread.join());
        }
    }
}

fn report(name: &str, result: crate::error::Result<()>) {
    if let Err(error) = result {
        tracing::error!(job = name, %error, "a job failed");
    }
}
