//! Who asks, and what that opens: the only makers of `Staff`, `Member` and `Founder`.

use super::{Account, By, House, Operator, Root, Tenant};
use crate::error::{Error, Refusal, Result};
use crate::values::id::{KeyId, TenantId};
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use std::sync::Arc;

/// What a key may do, one right a resource. Product covers products and prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Events.
    Event,
    /// Products and prices.
    Product,
    /// Places.
    Place,
    /// Artists.
    Artist,
    /// Reservations.
    Reservation,
    /// Tickets.
    Ticket,
}

impl Right {
    /// Every right with its name, in the order of the contract.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Event, "event"),
        (Self::Product, "product"),
        (Self::Place, "place"),
        (Self::Artist, "artist"),
        (Self::Reservation, "reservation"),
        (Self::Ticket, "ticket"),
    ];

    const fn bit(self) -> i64 {
        1 << self as i64
    }
}

/// A set of rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Rights(i64);

impl Rights {
    /// Is this right among them?
    #[must_use]
    pub const fn has(self, right: Right) -> bool {
        self.0 & right.bit() != 0
    }

    /// Reads names separated by commas; `Err` is the first that names no right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rights = Self::default();
        for name in text.split(',').map(str::trim).filter(|n| !n.is_empty()) {
            let right = Right::ALL.iter().find(|(_, n)| *n == name).ok_or(name)?;
            rights.0 |= right.0.bit();
        }
        Ok(rights)
    }

    /// The names, in the order of the contract.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        Right::ALL.iter().filter(|(right, _)| self.has(*right)).map(|(_, name)| *name).collect()
    }
}

impl ToSql for Rights {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0))
    }
}

impl FromSql for Rights {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self)
    }
}

/// A key that was right.
#[derive(Clone, Debug)]
pub struct KeyCaller {
    /// The key.
    pub key: KeyId,
    /// Whom it acts as.
    pub account: Account,
    /// What it may do.
    pub rights: Rights,
    pub(super) tenant: TenantId,
}

/// Who asks.
#[derive(Clone, Debug)]
pub enum Caller {
    /// Nobody that is known.
    Nobody,
    /// A key.
    Key(Box<KeyCaller>),
    /// Somebody who is logged in.
    Person(Box<Account>),
}

impl Caller {
    /// The person who is logged in, where a handler is for persons.
    pub fn member(&self) -> Result<Member> {
        match self {
            Self::Person(account) => Ok(Member((**account).clone())),
            Self::Nobody | Self::Key(_) => Err(Error::Unauthenticated),
        }
    }
}

/// Somebody who is logged in.
#[derive(Clone, Debug)]
pub struct Member(Account);

impl Member {
    /// Their account.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.0
    }
}

/// Somebody who may work on one tenant with the right that was asked for.
#[derive(Clone, Debug)]
pub struct Staff {
    tenant: Tenant,
    account: Account,
}

impl Staff {
    /// The tenant that they work on.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// Who acts, for the audit.
    #[must_use]
    pub fn by(&self) -> By {
        By::Account(self.account.id)
    }

    /// Are they named as administrator of this tenant? A superuser or the owner of a key need not be.
    pub fn is_named_admin(&self) -> Result<bool> {
        self.tenant
            .house()
            .file
            .read(|tx| House::is_admin(tx, self.tenant.entry().id, self.account.id))
    }
}

impl Tenant {
    /// Lets a caller work here: a key of this tenant with the right, an administrator, or a superuser. A key of
    /// another tenant, or one without the right, is nobody.
    pub fn admit(&self, caller: &Caller, right: Option<Right>) -> Result<Staff> {
        let account = match caller {
            Caller::Key(key)
                if key.tenant == self.entry().id && right.is_some_and(|r| key.rights.has(r)) =>
            {
                &key.account
            }
            Caller::Key(_) | Caller::Nobody => return Err(Error::Unauthenticated),
            Caller::Person(account) => {
                let id = self.entry().id;
                if !account.superuser
                    && !self.house().file.read(|tx| House::is_admin(tx, id, account.id))?
                {
                    return Err(Error::Forbidden);
                }
                account
            }
        };
        Ok(Staff { tenant: self.clone(), account: account.clone() })
    }
}

/// Somebody who may found a tenant.
#[derive(Clone, Debug)]
pub struct Founder {
    pub(super) house: Arc<House>,
    pub(super) by: By,
}

impl Staff {
    /// Lets staff found tenants, when their account may.
    pub fn founder(&self) -> Result<Founder> {
        if self.account.can_create_tenant || self.account.superuser {
            Ok(Founder { house: self.tenant.house().clone(), by: self.by() })
        } else {
            Err(Error::Refused(Refusal::NoFounder))
        }
    }
}

impl Operator {
    /// The person at the command line may found tenants.
    #[must_use]
    pub fn founder(&self) -> Founder {
        Founder { house: self.house().clone(), by: By::Console }
    }
}

impl Root {
    /// Lets a superuser run the whole house.
    pub fn admit(&self, caller: &Caller) -> Result<Operator> {
        match caller {
            Caller::Person(account) if account.superuser => {
                Ok(Operator::new(self.0.clone(), By::Account(account.id)))
            }
            Caller::Person(_) | Caller::Key(_) => Err(Error::Forbidden),
            Caller::Nobody => Err(Error::Unauthenticated),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_read_from_their_names_and_print_in_the_contracts_order() {
        let rights = Rights::parse("ticket, event").unwrap();
        assert_eq!(rights.names(), ["event", "ticket"]);
        assert!(!rights.has(Right::Product));
        assert_eq!(Rights::parse("event,all"), Err("all".to_owned()));
    }
}
