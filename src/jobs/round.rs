//! A round of errands: tenant by tenant, for a few seconds, each on its own. What one tenant's files or letters do to us
//! stops nobody else's.

use crate::error::{Error, Result};
use crate::root::{Errand, Read, Root, Tenant};
use crate::values::Time;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// After so long the rest waits for the next round, so that a server can stop while somebody does not answer.
const LONG: Duration = Duration::from_secs(5);

/// After so long a tenant whose errand failed is tried again.
const LATER: Duration = Duration::from_secs(60);

/// A round that has begun.
pub(super) struct Round(Instant);

impl Round {
    /// Does the errands of this kind that are due; `next` says when a tenant has the next.
    pub(super) fn run(
        root: &Root,
        errand: Errand,
        next: fn(&Read) -> Result<Option<Time>>,
        turn: impl Fn(&Self, &Tenant) -> Result<()>,
    ) -> Result<()> {
        let round = Self(Instant::now());
        for tenant in root.take_due(errand, Time::now()) {
            if !round.in_time() {
                tenant.plan(errand, Time::now());
                continue;
            }
            let done = calmly(|| turn(&round, &tenant));
            if let Err(error) = &done {
                tracing::error!(tenant = %tenant.entry().slug, ?errand, %error, "an errand failed");
            }
            match (done, tenant.read(next)) {
                (Ok(()), Ok(Some(at))) => tenant.plan(errand, at),
                (Ok(()), Ok(None)) => {}
                _ => tenant.plan(errand, Time::now().plus(LATER)),
            }
        }
        Ok(())
    }

    /// May another question be asked in this round?
    pub(super) fn in_time(&self) -> bool {
        self.0.elapsed() < LONG
    }
}

/// Runs `f`; a panic is an error like any other.
pub(super) fn calmly<T>(f: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|_| Err(Error::internal("a job panicked")))
}
