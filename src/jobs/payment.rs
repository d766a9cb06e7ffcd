//! What is paid online, beside every request: checkouts that nobody has told us the end of are looked at, and money that
//! is to go back is sent.

use crate::cashier::Cashier;
use crate::error::Result;
use crate::root::{Errand, Root, Tenant};
use crate::trade::{checkout, errand, stripe_refund};
use crate::values::Time;
use std::time::{Duration, Instant};

/// Questions for one tenant before the next one's turn.
const AT_ONCE: u32 = 20;

/// After so long the rest waits for the next round, so that a server can stop while Stripe does not answer.
const ROUND: Duration = Duration::from_secs(5);

/// After so long a tenant whose errand failed is tried again.
const LATER: Duration = Duration::from_secs(60);

/// Does what may be done now.
pub(super) fn settle_due(root: &Root, cashier: &Cashier) -> Result<()> {
    let begun = Instant::now();
    for tenant in root.take_due(Errand::Payment, Time::now()) {
        let done = settle(&tenant, cashier, begun);
        if let Err(error) = &done {
            tracing::error!(tenant = %tenant.entry().slug, %error, "payments cannot be settled");
        }
        match (done, tenant.read(errand::payment)) {
            (Ok(()), Ok(Some(at))) => tenant.plan(Errand::Payment, at),
            (Ok(()), Ok(None)) => {}
            _ => tenant.plan(Errand::Payment, Time::now().plus(LATER)),
        }
    }
    Ok(())
}

fn settle(tenant: &Tenant, cashier: &Cashier, begun: Instant) -> Result<()> {
    let in_time = || begun.elapsed() < ROUND;
    // Refunds first: people wait for them.
    for waiting in tenant.read(|tx| stripe_refund::due(tx, AT_ONCE))? {
        if in_time() {
            cashier.refund(tenant, &waiting)?;
        }
    }
    for checkout in tenant.read(|tx| checkout::due(tx, AT_ONCE))? {
        if in_time() {
            cashier.reconcile(tenant, &checkout)?;
        }
    }
    Ok(())
}
