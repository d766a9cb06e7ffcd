//! A round of errands: tenant by tenant, for a few seconds, each on its own. What one tenant's files or letters do to us
//! stops nobody else's.

use crate::error::{Error, Result};
use crate::root::{Errand, Read, Root, Tenant};
use crate::values::Time;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// After so long the rest waits for the next round, so that a server can stop while somebody does not answer.
const LONG: Duration = Duration::from_secs(5);

/// After so long the next tenant has its turn, where others wait.
const TURN: Duration = Duration::from_secs(1);

/// After so long a tenant whose errand failed is tried again.
const LATER: Duration = Duration::from_secs(60);

/// A round that has begun, and the turn of one tenant in it.
pub(super) struct Round {
    began: Instant,
    turn: Instant,
    others_wait: bool,
}

impl Round {
    /// Does the errands of this kind that are due; `next` says when a tenant has the next. Who had no turn is first in the
    /// next round, and who had one waits behind who came meanwhile.
    pub(super) fn run(
        root: &Root,
        errand: Errand,
        next: fn(&Read) -> Result<Option<Time>>,
        turn: impl Fn(&Self, &Tenant) -> Result<()>,
    ) -> Result<()> {
        let due = root.take_due(errand, Time::now());
        let now = Instant::now();
        let mut round = Self { began: now, turn: now, others_wait: due.len() > 1 };
        for (tenant, since) in due {
            if round.is_over() {
                tenant.plan(errand, since);
                continue;
            }
            round.turn = Instant::now();
            let done = calmly(|| turn(&round, &tenant));
            if let Err(error) = &done {
                tracing::error!(tenant = %tenant.entry().slug, ?errand, %error, "an errand failed");
            }
            match (done, tenant.read(next)) {
                (Ok(()), Ok(Some(at))) => tenant.plan(errand, at.max(Time::now())),
                (Ok(()), Ok(None)) => {}
                _ => tenant.plan(errand, Time::now().plus(LATER)),
            }
        }
        Ok(())
    }

    /// May another question be asked in this turn?
    pub(super) fn in_time(&self) -> bool {
        !(self.is_over() || self.others_wait && self.turn.elapsed() >= TURN)
    }

    fn is_over(&self) -> bool {
        self.began.elapsed() >= LONG
    }
}

/// Runs `f`; a panic is an error like any other.
pub(super) fn calmly<T>(f: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|_| Err(Error::internal("a job panicked")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_turn_ends_where_others_wait() {
        let now = Instant::now();
        let round = |since: Duration, others_wait| {
            let then = now.checked_sub(since).unwrap();
            Round { began: then, turn: then, others_wait }
        };
        assert!(round(Duration::ZERO, true).in_time());
        assert!(!round(TURN, true).in_time());
        assert!(round(TURN, false).in_time());
        assert!(!round(LONG, false).in_time());
    }
}
