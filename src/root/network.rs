//! What a dialect that works on many tenants at once may reach: shops that are open to anybody, and the tenants and channels
//! that an operator works for. Whoever asks for a tenant is checked here, before its file is opened.

use super::distribution::{self, Distribution};
use super::organization::{self, Organization};
use super::organizer::{self, Organizer};
use super::session::{Dialect, Session};
use super::{
    Account, By, Caller, Founder, House, Name, Operator, People, Read, Right, Root, Staff, Tenant,
    account, number, throttle,
};
use crate::error::{Error, Result};
use crate::values::id::{AccountId, DistributionId, OrganizationId, TenantId};
use std::collections::HashSet;
use std::sync::Arc;

/// All tenants, behind checks. Made only by [`Root::network`].
#[derive(Clone, Debug)]
pub struct Network(Root);

/// An open channel of an open tenant.
#[derive(Clone, Debug)]
pub struct Shop {
    /// The channel.
    pub distribution: Distribution,
    /// Whose it is.
    pub organizer: Organizer,
    tenant: Tenant,
}

impl Shop {
    pub(super) fn with(&self, distribution: Distribution) -> Self {
        Self { distribution, organizer: self.organizer.clone(), tenant: self.tenant.clone() }
    }

    /// The tenant's file.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
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

    /// An open channel of an open tenant by its small number, for anybody.
    pub fn shop(&self, no: i64) -> Result<Option<Shop>> {
        self.find_shop(|tx| distribution::by_no(tx, no))
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

    fn find_shop(
        &self,
        find: impl FnOnce(&Read) -> Result<Option<Distribution>>,
    ) -> Result<Option<Shop>> {
        let found = self.house().file.read(|tx| {
            let Some(distribution) = find(tx)?.filter(|one| one.active) else { return Ok(None) };
            let organizer = organizer::by_id(tx, distribution.tenant)?;
            Ok(organizer.map(|organizer| (distribution, organizer)))
        })?;
        self.open(found)
    }

    pub(super) fn open(&self, found: Option<(Distribution, Organizer)>) -> Result<Option<Shop>> {
        let Some((distribution, organizer)) = found else { return Ok(None) };
        let tenant = self.0.tenant(Name::No(organizer.no))?;
        Ok(tenant.map(|tenant| Shop { distribution, organizer, tenant }))
    }

    /// A channel through which this account may sell: by a grant of its own, or as a superuser. Who only administers the
    /// tenant does not sell.
    pub fn till_of(&self, seller: &Account, no: i64) -> Result<Shop> {
        let shop = self.shop(no)?.ok_or(Error::NotFound)?;
        if self.may_sell(seller, shop.distribution.id)? { Ok(shop) } else { Err(Error::Forbidden) }
    }

    /// May this account sell through this channel?
    pub fn may_sell(&self, seller: &Account, channel: DistributionId) -> Result<bool> {
        let sql = "SELECT 1 FROM sale_grant WHERE account = ?1 AND distribution = ?2";
        let granted = || self.house().file.read(|tx| tx.exists(sql, (seller.id, channel)));
        Ok(seller.superuser || granted()?)
    }

    /// The tenant of this small number, for who may administer it.
    pub fn staff(&self, account: &Account, no: i64) -> Result<Staff> {
        let tenant = self.0.tenant(Name::No(no))?.ok_or(Error::NotFound)?;
        tenant.admit(&Caller::Person(Box::new(account.clone())), Some(Right::Manage))
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
    let sql = "SELECT no FROM sale_grant JOIN distribution ON distribution.id = distribution WHERE account = ?1";
    let distributions: Vec<i64> = tx.all(sql, [account], |row| row.get(0))?;
    Ok(Links {
        organizers: organizers.into_iter().collect(),
        distributions: distributions.into_iter().collect(),
    })
}
