//! What a tenant has to do by itself, and when: read once from each file, afterwards planned by whoever writes.

use super::{checkout, hook, job, order, outbox, reminder, stripe_refund, waiting};
use crate::error::Result;
use crate::root::{Errand, Read, Write};
use crate::values::Time;

/// All kinds that there are.
pub const ALL: &[Errand] =
    &[Errand::Mail, Errand::Hook, Errand::Payment, Errand::Job, Errand::Care];

/// The next errand of each kind that is planned in this file.
pub fn planned(tx: &Read) -> Result<Vec<(Errand, Time)>> {
    let next = [
        (Errand::Mail, outbox::next(tx)?),
        (Errand::Hook, hook::next(tx)?),
        (Errand::Payment, payment(tx)?),
        (Errand::Job, job::next(tx)?),
        (Errand::Care, next_care(tx)?),
    ];
    Ok(next.into_iter().filter_map(|(errand, at)| Some((errand, at?))).collect())
}

/// When the next checkout is to be looked at, or the next refund to be sent.
pub fn payment(tx: &Read) -> Result<Option<Time>> {
    let next = [checkout::next(tx)?, stripe_refund::next(tx)?];
    Ok(next.into_iter().flatten().min())
}

/// When something is to be looked after next.
pub fn next_care(tx: &Read) -> Result<Option<Time>> {
    Ok(reminder::next(tx)?.into_iter().chain(waiting::next(tx)?).min())
}

/// Looks after what is due, as much as one write should do; the rest is due at once.
pub fn care(tx: &Write) -> Result<()> {
    order::release(tx)?;
    waiting::offer(tx)?;
    reminder::queue(tx)
}
