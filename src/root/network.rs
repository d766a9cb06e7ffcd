//! What a dialect that works on many tenants at once may reach: shops that are open to anybody, and the tenants and channels
//! that an operator works for. Whoever asks for a tenant is checked here, before its file is opened.

use super::directory::Shown;
use super::distribution::{self, Distribution};
use super::organization::{self, Organization};
use super::organizer::{self, Organizer};
use super::session::{Dialect, Session};
use super::team::SELLS;
use super::{
    Account, By, Caller, Entry, Founder, House, Name, Operator, People, Read, Right, Root, Staff,
    Tenant, account, number, throttle,
};
use crate::error::{Error, Result};
use crate::values::id::{AccountId, DistributionId, OrganizationId, TenantId};
use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

/// All tenants, behind checks. Made only by [`Root::network`].
#[derive(Clone, Debug)]
pub struct Network(Root);

/// A channel of a tenant. The tenant's file is opened when something of it is asked for: lists of shops must not open as
/// many files.
#[derive(Clone, Debug)]
pub struct Shop {
    /// The channel.
    pub distribution: Distribution,
    /// Whose it is.
    pub organizer: Organizer,
    house: Arc<House>,
    entry: Arc<Entry>,
    tenant: OnceLock<Tenant>,
}

impl Shop {
    /// May anybody make an account here?
    #[must_use]
    pub fn may_register(&self) -> bool {
        self.entry.may_register
    }

    /// Refused: a stranger, where the tenant keeps its pages for who is logged in. Customers of other organizations are
    /// strangers here.
    pub fn greet(&self, visit: Option<&Visit>) -> Result<()> {
        let is_own = |account: &Account| account.organization == self.organizer.organization;
        let is_known = visit.is_some_and(|visit| {
            visit.operator.is_some() || visit.customer.as_ref().is_some_and(is_own)
        });
        match self.entry.needs_login && !is_known {
            true => Err(Error::Unauthenticated),
            false => Ok(()),
        }
    }

    pub(super) fn with(&self, distribution: Distribution) -> Self {
        Self { distribution, ..self.clone() }
    }

    /// The tenant's file.
    pub fn tenant(&self) -> Result<&Tenant> {
        if let Some(tenant) = self.tenant.get() {
            return Ok(tenant);
        }
        let tenant = Tenant::open(&self.house, self.entry.clone())?;
        Ok(self.tenant.get_or_init(|| tenant))
    }
}

/// Who holds a token.
#[derive(Clone, Debug)]
pub struct Visit {
    /// What the token stands for.
    pub session: Session,
    /// Who works for tenants.
    pub operator: Option<Account>,
    /// Who buys.
    pub customer: Option<Account>,
}

/// What an account is linked to by itself, by small numbers: tenants that it administers, channels that it sells through.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// Tenants.
    pub organizers: HashSet<i64>,
    /// Channels.
    pub distributions: HashSet<i64>,
}

impl Root {
    /// The network of all tenants, for `doors::serve` alone.
    #[must_use]
    pub fn network(&self) -> Network {
        Network(self.clone())
    }
}

impl Network {
    pub(super) fn house(&self) -> &Arc<House> {
        &self.0.0
    }

    /// Limits on guessing.
    #[must_use]
    pub fn throttle(&self) -> &throttle::Throttle {
        self.0.throttle()
    }

    /// Accounts of those who work here: the admin's organization.
    #[must_use]
    pub fn operators(&self) -> People {
        self.0.people()
    }

    /// Accounts of those who buy at this tenant.
    #[must_use]
    pub fn customers(&self, shop: &Shop) -> People {
        People::new(self.house().clone(), shop.organizer.organization)
    }

    /// Whoever holds this token; none: it is unknown or has ended. An account that is closed is nobody.
    pub fn visit(&self, token: &str) -> Result<Option<Visit>> {
        let Some(session) = self.operators().session(Dialect::Oxynade, token)? else {
            return Ok(None);
        };
        self.house().file.read(|tx| {
            let get = |id: Option<AccountId>| match id {
                Some(id) => Ok(account::get(tx, id)?.filter(|account| account.active)),
                None => Ok::<_, Error>(None),
            };
            let (operator, customer) = (get(session.account)?, get(session.customer)?);
            Ok(Some(Visit { session, operator, customer }))
        })
    }

    /// An open channel of an open tenant by its small number, for who asks. Refused: a stranger, where its tenant keeps its
    /// pages for who is logged in.
    pub fn shop(&self, no: i64, visit: Option<&Visit>) -> Result<Option<Shop>> {
        let shop = self.front(no)?;
        shop.map(|shop| shop.greet(visit).map(|()| shop)).transpose()
    }

    /// The same for who comes to log in, or to make an account, which strangers do.
    pub fn front(&self, no: i64) -> Result<Option<Shop>> {
        let found = self.house().file.read(|tx| {
            let Some(distribution) = distribution::by_no(tx, no)?.filter(|one| one.active) else {
                return Ok(None);
            };
            let organizer = organizer::by_id(tx, distribution.tenant)?;
            Ok(organizer.map(|organizer| (distribution, organizer)))
        })?;
        self.open(found)
    }

    /// The shop in which an order of this tenant was placed: through this channel, or its oldest.
    pub fn shop_of(
        &self,
        tenant: TenantId,
        channel: Option<DistributionId>,
    ) -> Result<Option<Shop>> {
        let found = self.house().file.read(|tx| {
            let all = distribution::of(tx, tenant)?;
            let first = all.first().cloned();
            let shop = all.into_iter().find(|one| Some(one.id) == channel).or(first);
            let Some(distribution) = shop else { return Ok(None) };
            Ok(organizer::by_id(tx, tenant)?.map(|organizer| (distribution, organizer)))
        })?;
        self.open(found)
    }

    pub(super) fn open(&self, found: Option<(Distribution, Organizer)>) -> Result<Option<Shop>> {
        let Some((distribution, organizer)) = found else { return Ok(None) };
        let entry = self.house().registry()?.by_no(organizer.no);
        let shop = |entry| {
            let (house, tenant) = (self.house().clone(), OnceLock::new());
            Shop { distribution, organizer, house, entry, tenant }
        };
        Ok(entry.map(shop))
    }

    /// A channel of a tenant, open or not, for who administers it: that of this small number, or the oldest.
    pub fn shop_of_staff(&self, staff: &Staff, no: Option<i64>) -> Result<Shop> {
        let (house, entry) = (self.house().clone(), staff.tenant().shared_entry());
        let (distribution, organizer) = house.file.read(|tx| {
            let mut all = distribution::of(tx, entry.id)?.into_iter();
            let found = all.find(|one| no.is_none_or(|no| one.no == no));
            Ok((found.ok_or(Error::NotFound)?, organizer::by_id(tx, entry.id)?))
        })?;
        let (organizer, tenant) =
            (organizer.ok_or(Error::NotFound)?, OnceLock::from(staff.tenant().clone()));
        Ok(Shop { distribution, organizer, house, entry, tenant })
    }

    /// A channel through which this account may sell: by a grant of its own, or as a superuser. Who only administers the
    /// tenant does not sell.
    pub fn till_of(&self, seller: &Account, no: i64) -> Result<Shop> {
        let shop = self.front(no)?.ok_or(Error::NotFound)?;
        if self.may_sell(seller, shop.distribution.id)? { Ok(shop) } else { Err(Error::Forbidden) }
    }

    /// May this account sell through this channel?
    pub fn may_sell(&self, seller: &Account, channel: DistributionId) -> Result<bool> {
        let sql = format!("SELECT 1 FROM {SELLS} WHERE account = ?1 AND channel = ?2");
        let granted = || self.house().file.read(|tx| tx.exists(&sql, (seller.id, channel)));
        Ok(seller.superuser || granted()?)
    }

    /// The tenant of this small number, for who may administer it: its doors open or not, or who closes them could not open
    /// them again. A deleted one is nobody's.
    pub fn staff(&self, account: &Account, no: i64) -> Result<Staff> {
        let known = self.house().organizer(no)?.filter(|known| known.deleted.is_none());
        known.ok_or(Error::NotFound)?;
        let tenant = self.0.tenant(Name::AnyNo(no))?.ok_or(Error::NotFound)?;
        tenant.admit(&Caller::Person(Box::new(account.clone())), Some(Right::Manage))
    }

    /// Refused: who may not administer this tenant. Its file stays closed.
    pub fn must_administer(&self, account: &Account, organizer: &Organizer) -> Result<()> {
        let caller = Caller::Person(Box::new(account.clone()));
        match self.house().rights(organizer.id, &caller)?.has(Right::Manage) {
            true => Ok(()),
            false => Err(Error::Forbidden),
        }
    }

    /// A tenant's file to look at, its doors open or not, for what lists say of each.
    pub fn shown(&self, organizer: &Organizer) -> Result<Shown> {
        let tenant = self.0.tenant(Name::AnyNo(organizer.no))?;
        tenant.map(Shown::of).ok_or(Error::NotFound)
    }

    /// The tenant of the channel of this small number, for who may administer it.
    pub fn staff_of_channel(&self, account: &Account, no: i64) -> Result<Staff> {
        let found = self.house().file.read(|tx| {
            let Some(channel) = distribution::by_no(tx, no)? else { return Ok(None) };
            organizer::by_id(tx, channel.tenant)
        })?;
        self.staff(account, found.ok_or(Error::NotFound)?.no)
    }

    /// The tenant whose file may hold the thing of this number, for who may administer it.
    pub fn staff_of(&self, account: &Account, thing: i64) -> Result<Staff> {
        let no = self.house().file.read(|tx| number::tenant_of(tx, thing))?;
        self.staff(account, no.ok_or(Error::NotFound)?)
    }

    /// Lets somebody found a tenant of his own, where the settings open registration; the door looks at them. It is his own
    /// doing: his address may be proven later.
    #[must_use]
    pub fn registrar(&self, account: &Account) -> Founder {
        Founder { house: self.house().clone(), by: By::Account(account.id) }
    }

    /// An organization for a tenant that registers.
    pub fn create_organization(&self, name: &str, country: u16) -> Result<Organization> {
        self.0.console().create_organization(name, country)
    }

    /// The whole house, for a superuser.
    pub fn admin(&self, account: &Account) -> Result<Operator> {
        self.0.admit(&Caller::Person(Box::new(account.clone())))
    }

    /// The organization of a tenant, which its shop shows.
    pub fn organization(&self, id: OrganizationId) -> Result<Organization> {
        self.house().file.read(|tx| organization::by_id(tx, id))?.ok_or(Error::NotFound)
    }

    /// What an account is linked to by itself.
    pub fn links(&self, account: AccountId) -> Result<Links> {
        self.house().file.read(|tx| links(tx, account))
    }
}

pub(super) fn links(tx: &Read, account: AccountId) -> Result<Links> {
    let sql = "SELECT tenant.no FROM connection JOIN connection_role ON connection_role.connection = connection.no
         JOIN tenant ON tenant.id = connection.tenant
         WHERE connection.account = ?1 AND connection.active = 1 AND role = 99 AND tenant.state <> 'creating'";
    let organizers: Vec<i64> = tx.all(sql, [account], |row| row.get(0))?;
    let sql = format!("SELECT no FROM {SELLS} WHERE account = ?1");
    let distributions: Vec<i64> = tx.all(&sql, [account], |row| row.get(0))?;
    Ok(Links {
        organizers: organizers.into_iter().collect(),
        distributions: distributions.into_iter().collect(),
    })
}
