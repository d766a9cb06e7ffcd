//! What a tenant looks after by itself, in its own file alone: seats that became free are offered, members are reminded.

use super::round::Round;
use crate::error::Result;
use crate::root::{By, Errand, Read, Root};
use crate::trade::errand;

/// Looks after what is due now; writes only where something is.
pub(super) fn look_after(root: &Root) -> Result<()> {
    Round::run(root, Errand::Care, errand::next_care, |_, tenant| {
        let is_due = |tx: &Read| Ok(errand::next_care(tx)?.is_some_and(|at| at <= tx.now()));
        if tenant.read(is_due)? {
            tenant.write(By::House, errand::care)?;
        }
        Ok(())
    })
}
