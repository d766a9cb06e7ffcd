//! Roles at a tenant, and in one table what each may do there.

use super::admit::{Right, Rights};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

/// What somebody is at a tenant, by the number that the schema and the Roomle dialect have for it. The administrator is
/// the same in every dialect: role 99, configuration grant, Application Administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Connected, and no more.
    Member = 10,
    /// Passes tickets at the door; what a device there is. No other dialect has a word for it.
    Gate = 15,
    /// Sees figures.
    Statistics = 20,
    /// Describes what is in the catalogues.
    CatalogueMeta = 30,
    /// Runs the catalogues.
    Catalogue = 40,
    /// Sets prices.
    Prices = 50,
    /// Describes products, and makes pictures and papers of them.
    Marketer = 60,
    /// Administers the tenant.
    Admin = 99,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 8] = [
        Self::Member,
        Self::Gate,
        Self::Statistics,
        Self::CatalogueMeta,
        Self::Catalogue,
        Self::Prices,
        Self::Marketer,
        Self::Admin,
    ];

    /// The role of this number.
    #[must_use]
    pub fn of(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// Its number.
    #[must_use]
    pub const fn code(self) -> i64 {
        self as i64
    }

    /// What it may do.
    #[must_use]
    pub const fn rights(self) -> Rights {
        match self {
            Self::Member => Rights::NONE,
            Self::Gate => Rights::of(&[Right::Ticket]),
            Self::Statistics => Rights::of(&[Right::Statistics]),
            Self::CatalogueMeta => Rights::of(&[Right::CatalogueMeta, Right::SeeCatalogues]),
            Self::Catalogue => Rights::of(&[
                Right::Event,
                Right::Product,
                Right::Catalogue,
                Right::CatalogueMeta,
                Right::SeeCatalogues,
            ]),
            Self::Prices => Rights::of(&[Right::Prices, Right::SeeCatalogues]),
            Self::Marketer => {
                Rights::of(&[Right::Product, Right::CatalogueMeta, Right::Renderings])
            }
            Self::Admin => Rights::ALL,
        }
    }
}

impl ToSql for Role {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.code()))
    }
}

impl FromSql for Role {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::of(value.as_i64()?).ok_or(FromSqlError::InvalidType)
    }
}
