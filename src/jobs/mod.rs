//! What runs on its own: changes of other processes are noticed, the use of keys is written down, what a crash left is
//! settled, mail is sent, online payments are reconciled, other servers are told, seats are offered and members
//! reminded, what somebody asked for is worked off.
//! Each job ends with the server.

mod care;
mod hooks;
mod mail;
mod payment;
mod round;
mod work;

use crate::cashier::Cashier;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::fetch::{Fetcher, Limits};
use crate::mail::Post;
use crate::root::Root;
use crate::trade::import::Room;
use crate::trade::{errand, order, place};
use mail::Outlet;
use parking_lot::{Condvar, Mutex};
use round::calmly;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

const NOTICE_EVERY: Duration = Duration::from_millis(5);
const NOTE_USED_EVERY: Duration = Duration::from_secs(5);
const WRITE_JOURNAL_EVERY: Duration = Duration::from_secs(1);
const SURVEY_EVERY: Duration = Duration::from_secs(2);
const ERRANDS_EVERY: Duration = Duration::from_millis(100);

/// Seconds for another server to hear what it is told.
const TELL_WITHIN: u64 = 5;

/// The jobs at work.
#[derive(Debug)]
pub struct Jobs {
    over: Arc<(Mutex<bool>, Condvar)>,
    threads: Vec<JoinHandle<()>>,
}

impl Jobs {
    /// Starts them all. Refused: settings of the mail or of Stripe that cannot work.
    pub fn start(root: &Root, config: &Config) -> Result<Self> {
        let over = Arc::new((Mutex::new(false), Condvar::new()));
        let mut jobs = Self { over, threads: vec![] };
        jobs.every("notice", NOTICE_EVERY, root, Root::notice);
        jobs.every("note-used", NOTE_USED_EVERY, root, Root::note_used);
        jobs.every("write-journal", WRITE_JOURNAL_EVERY, root, Root::write_journal);
        jobs.once("settle", root, |root| {
            root.settle(place::published)?;
            root.settle_proofs(order::prove)
        });
        jobs.every("survey", SURVEY_EVERY, root, |root| {
            root.survey_errands(errand::planned, errand::ALL);
            Ok(())
        });
        let limits = Limits { seconds: TELL_WITHIN, ..Limits::default() };
        let fetcher = Fetcher::new(limits, config.fetch_allow.clone());
        jobs.every("hooks", ERRANDS_EVERY, root, move |root| hooks::tell_due(root, &fetcher));
        jobs.every("care", ERRANDS_EVERY, root, care::look_after);
        let room = Room { products: config.products, prices: config.prices };
        jobs.every("work", ERRANDS_EVERY, root, move |root| work::work_off(root, room));
        if let Some(outlet) = outlet(config)? {
            let pages = config.pages.clone();
            let fetcher = Fetcher::new(limits, config.fetch_allow.clone());
            jobs.every("mail", ERRANDS_EVERY, root, move |root| {
                mail::send_due(root, &outlet, &fetcher, &pages)
            });
        }
        if let Some(cashier) = Cashier::of(config)? {
            jobs.every("payment", ERRANDS_EVERY, root, move |root| {
                payment::settle_due(root, &cashier)
            });
        }
        Ok(jobs)
    }

    /// Runs `job` once, beside everything else.
    fn once(&mut self, name: &'static str, root: &Root, job: fn(&Root) -> Result<()>) {
        let root = root.clone();
        self.spawn(name, move || report(name, calmly(|| job(&root))));
    }

    /// Runs `job` at once and then every `pause`, until the end.
    fn every(
        &mut self,
        name: &'static str,
        pause: Duration,
        root: &Root,
        job: impl Fn(&Root) -> Result<()> + Send + 'static,
    ) {
        let (root, over) = (root.clone(), self.over.clone());
        self.spawn(name, move || {
            loop {
                report(name, calmly(|| job(&root)));
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

/// Where letters go, if anywhere.
fn outlet(config: &Config) -> Result<Option<Outlet>> {
    match config.smtp_url.as_str() {
        "" => Ok(None),
        "log" => Ok(Some(Outlet::Log)),
        url => {
            let wait = Duration::from_secs(config.smtp_seconds);
            let post = Post::new(url, &config.smtp_from, wait);
            let post = post.map_err(|why| Error::invalid("smtp_url", why))?;
            Ok(Some(Outlet::Server(Box::new(post))))
        }
    }
}

fn report(name: &str, result: Result<()>) {
    if let Err(error) = result {
        tracing::error!(job = name, %error, "a job failed");
    }
}
