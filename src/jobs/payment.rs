//! What is paid online, beside every request: checkouts that nobody has told us the end of are looked at, and money that
//! is to go back is sent.

use super::round::Round;
use crate::cashier::Cashier;
use crate::error::Result;
use crate::root::{Errand, Root, Tenant};
use crate::trade::{checkout, errand, stripe_refund};

/// Questions for one tenant before the next one's turn.
const AT_ONCE: u32 = 20;

/// Does what may be done now.
pub(super) fn settle_due(root: &Root, cashier: &Cashier) -> Result<()> {
    Round::run(root, Errand::Payment, errand::payment, |round, tenant| {
        settle(tenant, cashier, round)
    })
}

fn settle(tenant: &Tenant, cashier: &Cashier, round: &Round) -> Result<()> {
    // Refunds first: people wait for them.
    for waiting in tenant.read(|tx| stripe_refund::due(tx, AT_ONCE))? {
        if round.in_time() {
            cashier.refund(tenant, &waiting)?;
        }
    }
    for checkout in tenant.read(|tx| checkout::due(tx, AT_ONCE))? {
        if round.in_time() {
            cashier.reconcile(tenant, &checkout)?;
        }
    }
    Ok(())
}
