//! Opening a tenant's doors, closing them, deleting it and bringing it back: one rule, whoever asks at whichever door.
//!
//! ROOT stays open, and the first META is not deleted. What is deleted is closed, and is opened by bringing it back first.

use super::{By, House, Operator, Read, Right, Staff, Write};
use crate::error::{Error, Refusal, Result};
use crate::values::id::TenantId;
use crate::values::{Category, Slug};

/// What becomes of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// Its doors open.
    Open,
    /// They close.
    Close,
    /// It is deleted softly.
    Delete,
    /// It is brought back, its doors closed.
    Restore,
}

/// Says whether the tenant stands so now: not where a deleted one is to be opened, nor where one is brought back that is
/// there.
pub(super) fn set(tx: &Write, id: TenantId, to: Opening) -> Result<bool> {
    let sql =
        "SELECT category, deleted IS NOT NULL FROM tenant WHERE id = ?1 AND state <> 'creating'";
    let (category, is_deleted): (Category, bool) =
        tx.must(sql, [id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if category == Category::Root && to != Opening::Open {
        return Err(Error::invalid("tenant", "ROOT stays open"));
    }
    let is_meta = "SELECT 1 FROM tenant JOIN setting ON setting.name = 'meta' AND value = slug WHERE tenant.id = ?1";
    // The hosts of the house are often its own.
    if to == Opening::Delete && tx.exists(is_meta, [id])? {
        return Err(Error::Refused(Refusal::InUse));
    }
    let sql = match (to, is_deleted) {
        (Opening::Open, true) | (Opening::Restore, false) => return Ok(false),
        (Opening::Open, false) => "UPDATE tenant SET state = 'active' WHERE id = ?1",
        (Opening::Close, _) => "UPDATE tenant SET state = 'disabled' WHERE id = ?1",
        (Opening::Delete, _) => {
            "UPDATE tenant SET state = 'disabled', deleted = coalesce(deleted, ?2) WHERE id = ?1"
        }
        (Opening::Restore, true) => "UPDATE tenant SET deleted = NULL WHERE id = ?1",
    };
    match to {
        Opening::Delete => tx.run(sql, (id, tx.now()))?,
        _ => tx.run(sql, [id])?,
    };
    Ok(true)
}

impl House {
    fn set_opening(&self, by: By, id: TenantId, to: Opening) -> Result<bool> {
        let is_so = self.file.write(by, |tx| set(tx, id, to))?;
        self.refresh(id)?;
        Ok(is_so)
    }
}

impl Staff {
    /// Opens or closes this tenant's doors; a deleted one stays closed. For who may manage it.
    pub fn set_open(&self, open: bool) -> Result<()> {
        self.must(Right::Manage)?;
        let to = if open { Opening::Open } else { Opening::Close };
        self.tenant().house().set_opening(self.by(), self.tenant().entry().id, to).map(drop)
    }
}

impl Operator {
    /// Opens or closes a tenant's doors. Refused: opening one that is deleted.
    pub fn set_active(&self, slug: &Slug, active: bool) -> Result<()> {
        let (id, to) = (self.tenant_id(slug)?, if active { Opening::Open } else { Opening::Close });
        match self.house().set_opening(self.by(), id, to)? {
            true => Ok(()),
            false => Err(Error::invalid("tenant", "is deleted: bring it back first")),
        }
    }

    /// Deletes a tenant softly: it is closed and in no list, and all that it has stays.
    pub fn delete(&self, no: i64) -> Result<()> {
        let sql = "SELECT id FROM tenant WHERE no = ?1";
        let id = self.house().file.read(|tx: &Read| tx.must(sql, [no], |row| row.get(0)))?;
        self.house().set_opening(self.by(), id, Opening::Delete).map(drop)
    }

    /// Brings a deleted tenant back, its doors closed.
    pub fn restore(&self, slug: &Slug) -> Result<()> {
        let id = self.tenant_id(slug)?;
        match self.house().set_opening(self.by(), id, Opening::Restore)? {
            true => Ok(()),
            false => Err(Error::invalid("tenant", "is not deleted")),
        }
    }
}
