//! What a tenant looks after by itself, in its own file alone: seats that became free are offered, members are reminded.

use crate::error::Result;
use crate::root::{By, Errand, Read, Root, Tenant};
use crate::trade::errand;
use crate::values::Time;
use std::time::Duration;

/// Looks after what is due now.
pub(super) fn look_after(root: &Root) -> Result<()> {
    for tenant in root.take_due(Errand::Care, Time::now()) {
        match care(&tenant) {
            Ok(Some(at)) => tenant.plan(Errand::Care, at),
            Ok(None) => {}
            Err(error) => {
                tracing::error!(tenant = %tenant.entry().slug, %error, "a tenant is not looked after");
                tenant.plan(Errand::Care, Time::now().plus(Duration::from_secs(60)));
            }
        }
    }
    Ok(())
}

/// Writes only where something is due; says when the next thing is.
fn care(tenant: &Tenant) -> Result<Option<Time>> {
    let is_due = |tx: &Read| Ok(errand::next_care(tx)?.is_some_and(|at| at <= tx.now()));
    if tenant.read(is_due)? {
        tenant.write(By::House, errand::care)?;
    }
    tenant.read(errand::next_care)
}
