//! Who asks, and what that opens: the only makers of `Staff`, `Member` and `Founder`.

use super::role::Role;
use super::{Account, By, House, Operator, Root, Tenant, connection};
use crate::error::{Error, Refusal, Result};
use crate::values::id::{KeyId, TenantId};
use crate::values::secret::Fingerprint;
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use std::sync::Arc;

/// What may be done at a tenant. The first six are those that a key may have, one right a resource, where Product
/// covers products and prices; a key's rights are stored by their order.
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
    /// All of the tenant's own settings.
    Manage,
    /// What the tenant pays for, and how.
    Payment,
    /// Figures.
    Statistics,
    /// Who is connected with the tenant, and in which roles.
    Users,
    /// Catalogues.
    Catalogue,
    /// What catalogues say of what is in them.
    CatalogueMeta,
    /// Prices alone.
    Prices,
    /// Pictures and papers made of what is sold.
    Renderings,
    /// Catalogues, to look at: whoever describes or prices what is in them.
    SeeCatalogues,
    /// Fees.
    Fees,
}

impl Right {
    /// Those that a key may have with their names, in the order of the contract.
    pub const OF_KEYS: [(Self, &'static str); 6] = [
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
    /// None.
    pub const NONE: Self = Self(0);
    /// All there are.
    pub const ALL: Self = Self((1 << (Right::Fees as i64 + 1)) - 1);

    /// Just these.
    #[must_use]
    pub const fn of(rights: &[Right]) -> Self {
        let (mut all, mut n) = (0, 0);
        while n < rights.len() {
            all |= rights[n].bit();
            n += 1;
        }
        Self(all)
    }

    /// These and those.
    #[must_use]
    pub const fn and(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    /// Those of a key with these: its Product covers prices and fees as well.
    #[must_use]
    pub const fn of_key(self) -> Self {
        let covered = Self::of(&[Right::Prices, Right::Fees]);
        if self.has(Right::Product) { self.and(covered) } else { self }
    }

    /// Is this right among them?
    #[must_use]
    pub const fn has(self, right: Right) -> bool {
        self.0 & right.bit() != 0
    }

    /// Reads names separated by commas; `Err` is the first that names no right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rights = Self::default();
        for name in text.split(',').map(str::trim).filter(|n| !n.is_empty()) {
            let right = Right::OF_KEYS.iter().find(|(_, n)| *n == name).ok_or(name)?;
            rights.0 |= right.0.bit();
        }
        Ok(rights)
    }

    /// The names, in the order of the contract.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        Right::OF_KEYS.iter().filter(|(right, _)| self.has(*right)).map(|(_, name)| *name).collect()
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

/// A pair of key and secret that was right: it acts for its tenant, ROOT's for all.
#[derive(Clone, Debug)]
pub struct PairCaller {
    /// Its number, for the audit.
    pub no: i64,
    /// Is it ROOT's?
    pub is_host: bool,
    pub(super) tenant: TenantId,
}

/// An application whose key and token were right.
#[derive(Clone, Debug)]
pub struct AppCaller {
    /// Who is logged in through it.
    pub person: Option<Account>,
    /// Its key's number, for the audit.
    pub no: i64,
    /// What its session's token is known by.
    pub session: Option<Fingerprint>,
    /// The tenant that it works on; no other lets it in.
    pub(super) current: TenantId,
}

/// Who asks.
#[derive(Clone, Debug)]
pub enum Caller {
    /// Nobody that is known.
    Nobody,
    /// A key.
    Key(Box<KeyCaller>),
    /// A tenant's pair.
    Pair(Box<PairCaller>),
    /// An application.
    App(Box<AppCaller>),
    /// Somebody who is logged in.
    Person(Box<Account>),
}

impl Caller {
    /// The account that acts.
    #[must_use]
    pub fn account(&self) -> Option<&Account> {
        match self {
            Self::Person(account) => Some(account),
            Self::Key(key) => Some(&key.account),
            Self::App(app) => app.person.as_ref(),
            Self::Pair(_) | Self::Nobody => None,
        }
    }

    /// The person who is logged in, where a handler is for persons.
    pub fn member(&self) -> Result<Member> {
        let account = match self {
            Self::Person(account) => Some(&**account),
            Self::App(app) => app.person.as_ref(),
            Self::Nobody | Self::Key(_) | Self::Pair(_) => None,
        };
        account.cloned().map(Member).ok_or(Error::Unauthenticated)
    }

    /// Anybody but a stranger.
    pub fn known(&self) -> Result<()> {
        if matches!(self, Self::Nobody) { Err(Error::Unauthenticated) } else { Ok(()) }
    }

    fn by(&self) -> By {
        match self {
            Self::Nobody => By::Visitor,
            Self::Pair(pair) => By::Program(pair.no),
            Self::Key(_) | Self::Person(_) | Self::App(_) => {
                self.account().map_or(By::Visitor, |account| By::Account(account.id))
            }
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
    account: Option<Account>,
    by: By,
    rights: Rights,
    is_operator: bool,
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
        self.by.clone()
    }

    /// Whose account acts; a pair has none.
    #[must_use]
    pub fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    /// May they do this here too?
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        self.rights.has(right)
    }

    /// The same, as a refusal.
    pub(super) fn must(&self, right: Right) -> Result<()> {
        if self.may(right) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// May they do all, everywhere?
    #[must_use]
    pub fn is_operator(&self) -> bool {
        self.is_operator
    }

    /// Are they named as administrator of this tenant? A superuser or the owner of a key need not be.
    pub fn is_named_admin(&self) -> Result<bool> {
        let Some(account) = &self.account else { return Ok(false) };
        let id = self.tenant.entry().id;
        self.tenant.house().file.read(|tx| House::is_admin(tx, id, account.id))
    }
}

impl House {
    /// What a caller may do at a tenant: the one place that answers it. An error says why it is nothing at all.
    pub(super) fn rights(&self, tenant: TenantId, caller: &Caller) -> Result<Rights> {
        let of_person = |account: &Account| {
            if account.superuser {
                return Ok(Rights::ALL);
            }
            let roles = self.file.read(|tx| connection::roles_in_force(tx, tenant, account.id))?;
            Ok(roles.into_iter().map(Role::rights).fold(Rights::NONE, Rights::and))
        };
        match caller {
            Caller::Key(key) if key.tenant == tenant => Ok(key.rights),
            Caller::Key(_) | Caller::Nobody => Err(Error::Unauthenticated),
            Caller::Pair(pair) if pair.is_host || pair.tenant == tenant => Ok(Rights::ALL),
            Caller::App(app) if app.current == tenant => {
                app.person.as_ref().map_or(Ok(Rights::NONE), of_person)
            }
            Caller::Pair(_) | Caller::App(_) => Err(Error::Forbidden),
            Caller::Person(account) => of_person(account),
        }
    }
}

impl Tenant {
    /// Lets a caller work here who has the right; without one, who may manage the tenant. A key of another tenant, or one
    /// without the right, is nobody.
    pub fn admit(&self, caller: &Caller, right: Option<Right>) -> Result<Staff> {
        let rights = self.house().rights(self.entry().id, caller)?;
        if !rights.has(right.unwrap_or(Right::Manage)) {
            let is_key = matches!(caller, Caller::Key(_));
            return Err(if is_key { Error::Unauthenticated } else { Error::Forbidden });
        }
        Ok(Staff {
            tenant: self.clone(),
            account: caller.account().cloned(),
            by: caller.by(),
            rights,
            is_operator: Root::operates(caller),
        })
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
        let may = |account: &Account| account.can_create_tenant || account.superuser;
        if self.is_operator || self.account.as_ref().is_some_and(may) {
            Ok(Founder { house: self.tenant.house().clone(), by: self.by() })
        } else {
            Err(Error::Refused(Refusal::NoFounder))
        }
    }
}

impl Staff {
    /// Lets who runs the house do so from here too.
    pub fn operator(&self) -> Result<Operator> {
        if !self.is_operator {
            return Err(Error::Forbidden);
        }
        Ok(Operator::new(self.tenant.house().clone(), self.by()))
    }
}

impl Operator {
    /// Who runs the house, at work on one tenant, its doors open or not.
    #[must_use]
    pub fn staff(&self, tenant: &Tenant) -> Staff {
        let (by, rights) = (self.by(), Rights::ALL);
        Staff { tenant: tenant.clone(), account: None, by, rights, is_operator: true }
    }

    /// Who runs the house may found tenants.
    #[must_use]
    pub fn founder(&self) -> Founder {
        Founder { house: self.house().clone(), by: self.by() }
    }
}

impl Root {
    /// Lets a superuser, or the pair of ROOT, run the whole house.
    pub fn admit(&self, caller: &Caller) -> Result<Operator> {
        caller.known()?;
        if !Self::operates(caller) {
            return Err(Error::Forbidden);
        }
        Ok(Operator::new(self.0.clone(), caller.by()))
    }

    fn operates(caller: &Caller) -> bool {
        match caller {
            Caller::Person(account) => account.superuser,
            Caller::App(app) => app.person.as_ref().is_some_and(|account| account.superuser),
            Caller::Pair(pair) => pair.is_host,
            Caller::Key(_) | Caller::Nobody => false,
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
