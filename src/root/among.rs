//! Which tenants a query is about: one, as most requests are, or as many as a list shows. Of one SQLite needs no set.

use super::coming::set;
use crate::values::id::TenantId;
use rusqlite::types::{ToSql, ToSqlOutput};

/// One tenant or several.
pub(super) enum Among {
    One(TenantId),
    Many(String),
}

impl Among {
    pub(super) fn of(tenants: &[TenantId]) -> Self {
        match tenants {
            [one] => Self::One(*one),
            many => Self::Many(set(many.iter().map(|id| id.0))),
        }
    }

    /// What stands behind a column that holds tenants; bound as the first parameter.
    pub(super) const fn sql(&self) -> &'static str {
        match self {
            Self::One(_) => "= ?1",
            Self::Many(_) => "IN (SELECT unhex(value) FROM json_each(?1))",
        }
    }
}

impl ToSql for Among {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::One(tenant) => tenant.to_sql(),
            Self::Many(tenants) => tenants.to_sql(),
        }
    }
}
