//! What a tenant has to do by itself, and when: read once from each file, afterwards planned by whoever writes.

use super::{checkout, hook, outbox, stripe_refund};
use crate::error::Result;
use crate::root::{Errand, Read};
use crate::values::Time;

/// All kinds that there are.
pub const ALL: &[Errand] = &[Errand::Mail, Errand::Hook, Errand::Payment];

/// The next errand of each kind that is planned in this file.
pub fn planned(tx: &Read) -> Result<Vec<(Errand, Time)>> {
    let next = [
        (Errand::Mail, outbox::next(tx)?),
        (Errand::Hook, hook::next(tx)?),
        (Errand::Payment, payment(tx)?),
    ];
    Ok(next.into_iter().filter_map(|(errand, at)| Some((errand, at?))).collect())
}

/// When the next checkout is to be looked at, or the next refund to be sent.
pub fn payment(tx: &Read) -> Result<Option<Time>> {
    let next = [checkout::next(tx)?, stripe_refund::next(tx)?];
    Ok(next.into_iter().flatten().min())
}
