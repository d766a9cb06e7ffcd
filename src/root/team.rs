//! Who works together: what an operator is linked to, and who else is. Links are connections as administrator, and grants to
//! sell; only their holder's own links count for what he sees of others.

use super::distribution;
use super::network::{Links, Shop};
use super::organizer::{self, Organizer};
use super::{Account, Network, Read, Staff, Write, account};
use crate::error::{Error, Result};
use crate::values::Time;
use crate::values::id::{AccountId, DistributionId, OrganizationId, TenantId};
use std::collections::HashMap;

/// Somebody and what he is linked to.
#[derive(Clone, Debug)]
pub struct Member {
    /// Who.
    pub account: Account,
    /// To what.
    pub links: Links,
}

/// What somebody is linked to, since when.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    /// Small numbers of tenants that he administers.
    pub organizers: Vec<(i64, Time)>,
    /// Small numbers of channels that he sells through.
    pub distributions: Vec<(i64, Time)>,
}

/// Who sells through which channels of which tenants. Whom a tenant has stopped sells nothing there meanwhile.
pub(super) const SELLS: &str = "(SELECT sale_grant.account, granted, distribution.id AS channel, distribution.no, distribution.tenant
     FROM sale_grant JOIN distribution ON distribution.id = sale_grant.distribution
     WHERE NOT EXISTS (SELECT 1 FROM connection WHERE connection.tenant = distribution.tenant
        AND connection.account = sale_grant.account AND connection.active = 0 AND connection.deleted IS NULL))";

/// Accounts that share a tenant with this one; those who sell through the same channels are his team as well.
const TEAM: &str = "SELECT other.account FROM connection AS own
         JOIN connection_role AS own_role ON own_role.connection = own.no AND own_role.role = 99
         JOIN connection AS other ON other.tenant = own.tenant AND other.active = 1
         JOIN connection_role AS other_role ON other_role.connection = other.no AND other_role.role = 99
         WHERE own.account = ?1 AND own.active = 1";

/// Who is something here but a buyer, of whom the admin's organization may hold as many as come.
const WORKS: &str = "(superuser = 1 OR id IN (SELECT account FROM connection) OR id IN (SELECT account FROM sale_grant))";

/// The tenants that an account administers.
pub(super) const ADMINISTERED: &str = "SELECT connection.tenant FROM connection
     JOIN connection_role ON connection_role.connection = connection.no
     WHERE connection.account = ?1 AND connection.active = 1 AND role = 99";

fn numbers(all: &[i64]) -> String {
    let all: Vec<String> = all.iter().map(i64::to_string).collect();
    format!("[{}]", all.join(","))
}

impl Network {
    /// The operators with whom this one shares a link; a superuser's are all who work here. With `no`, that one alone.
    pub fn team(
        &self,
        own: &Account,
        no: Option<i64>,
        limit: i64,
        offset: i64,
    ) -> Result<Vec<Member>> {
        let house = self.house();
        house.file.read(|tx| {
            let columns = account::COLUMNS;
            let sql = format!(
                "SELECT {columns} FROM account WHERE organization = ?2 AND id <> ?1 AND active = 1
                   AND iif(?3, {WORKS}, id IN ({TEAM}
                       UNION SELECT other.account FROM {SELLS} AS own JOIN {SELLS} AS other ON other.channel = own.channel
                         WHERE own.account = ?1)) AND (?4 IS NULL OR no = ?4) ORDER BY no LIMIT ?5 OFFSET ?6"
            );
            let params = (own.id, house.organization, own.superuser, no, limit, offset);
            members(tx, tx.all(&sql, params, account::row)?)
        })
    }

    /// One operator.
    pub fn member(&self, id: AccountId) -> Result<Option<Member>> {
        self.house().file.read(|tx| {
            let found = account::get(tx, id)?.into_iter().collect();
            Ok(members(tx, found)?.pop())
        })
    }

    /// The administrators of a tenant and who sells through its channels.
    pub fn operators_of(&self, tenant: TenantId) -> Result<Vec<Member>> {
        self.house().file.read(|tx| {
            let columns = account::COLUMNS;
            let sql = format!(
                "SELECT {columns} FROM account WHERE id IN (
                    SELECT account FROM connection JOIN connection_role ON connection_role.connection = connection.no
                    WHERE tenant = ?1 AND active = 1 AND role = 99
                    UNION SELECT account FROM {SELLS} WHERE tenant = ?1)
                 ORDER BY no LIMIT 500"
            );
            members(tx, tx.all(&sql, [tenant], account::row)?)
        })
    }

    /// What an account is linked to, since when.
    pub fn grants(&self, id: AccountId) -> Result<Grants> {
        self.house().file.read(|tx| {
            let sql = "SELECT tenant.no, granted FROM connection
                 JOIN connection_role ON connection_role.connection = connection.no
                 JOIN tenant ON tenant.id = connection.tenant
                 WHERE connection.account = ?1 AND connection.active = 1 AND role = 99 ORDER BY tenant.no LIMIT 500";
            let organizers = tx.all(sql, [id], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let sql = format!(
                "SELECT no, granted FROM {SELLS} WHERE account = ?1 ORDER BY no LIMIT 500"
            );
            let distributions = tx.all(&sql, [id], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(Grants { organizers, distributions })
        })
    }

    /// The open channels of the tenant of a shop.
    pub fn shops(&self, shop: &Shop) -> Result<Vec<Shop>> {
        let all = self.house().file.read(|tx| distribution::of(tx, shop.organizer.id))?;
        Ok(all.into_iter().filter(|one| one.active).map(|one| shop.with(one)).collect())
    }

    /// The channels of these small numbers, in one look; those of closed tenants are left out.
    pub fn shops_of(&self, all: &[i64]) -> Result<Vec<Shop>> {
        let found = self.house().file.read(|tx| {
            let channels = distribution::among(tx, &numbers(all))?;
            let mut organizers: HashMap<TenantId, Organizer> = HashMap::new();
            let owners = organizer::of_channels(tx, &numbers(all))?;
            organizers.extend(owners.into_iter().map(|organizer| (organizer.id, organizer)));
            let pair = |one: distribution::Distribution| {
                organizers.get(&one.tenant).cloned().map(|organizer| (one, organizer))
            };
            Ok(channels.into_iter().filter_map(pair).collect::<Vec<_>>())
        })?;
        let mut shops = vec![];
        for pair in found {
            shops.extend(self.open(Some(pair))?);
        }
        Ok(shops)
    }

    /// The tenants of these small numbers.
    pub fn organizers(&self, all: &[i64]) -> Result<Vec<Organizer>> {
        self.house().file.read(|tx| organizer::among(tx, &numbers(all)))
    }

    /// The tenants that an account may administer, of one organization or of all; a superuser all.
    pub fn configured(
        &self,
        own: &Account,
        organization: Option<OrganizationId>,
        search: Option<&str>,
        limit: i64,
        offset: i64,
    ) -> Result<Vec<Organizer>> {
        self.house().file.read(|tx| {
            organizer::configured(
                tx,
                (own.id, own.superuser),
                organization,
                search,
                (limit, offset),
            )
        })
    }

    /// Those of these tenants that an account may administer.
    pub fn administrable(&self, own: &Account, all: &[i64]) -> Result<Vec<i64>> {
        let links = self.links(own.id)?.organizers;
        Ok(all.iter().copied().filter(|no| own.superuser || links.contains(no)).collect())
    }

    /// Those of these channels whose tenant an account may administer.
    pub fn administrable_channels(&self, own: &Account, all: &[i64]) -> Result<Vec<i64>> {
        let sql = format!(
            "SELECT no FROM distribution WHERE no IN (SELECT value FROM json_each(?3))
               AND (?2 OR tenant IN ({ADMINISTERED})) ORDER BY no"
        );
        let params = (own.id, own.superuser, numbers(all));
        self.house().file.read(|tx| tx.all(&sql, params, |row| row.get(0)))
    }

    /// The customers of an organization, for who may administer all its tenants. Refused: anybody else.
    pub fn customers_of(
        &self,
        own: &Account,
        organization: OrganizationId,
        (email, search): (Option<&str>, Option<&str>),
        limit: i64,
        offset: i64,
    ) -> Result<Vec<Account>> {
        let house = self.house();
        house.file.read(|tx| {
            let other = "SELECT 1 FROM tenant WHERE organization = ?2 AND category <> 'R' AND id NOT IN (
                    SELECT tenant FROM connection JOIN connection_role ON connection_role.connection = connection.no
                    WHERE account = ?1 AND active = 1 AND role = 99)";
            let mine = "SELECT 1 FROM tenant WHERE organization = ?1";
            // The admin's organization holds everybody who works here as well.
            let is_owner = organization != house.organization
                && tx.exists(mine, [organization])?
                && !tx.exists(other, (own.id, organization))?;
            if !own.superuser && !is_owner {
                return Err(Error::Forbidden);
            }
            let columns = account::COLUMNS;
            let sql = format!(
                "SELECT {columns} FROM account WHERE organization = ?1 AND (?2 IS NULL OR email = ?2)
                   AND (?3 IS NULL OR instr(lower(email || ' ' || ifnull(first_name, '') || ' ' || ifnull(last_name, '')), lower(?3)) > 0)
                 ORDER BY no LIMIT ?4 OFFSET ?5"
            );
            tx.all(&sql, (organization, email, search, limit, offset), account::row)
        })
    }

    /// The account of this id.
    pub fn account(&self, id: AccountId) -> Result<Option<Account>> {
        self.house().file.read(|tx| account::get(tx, id))
    }
}

fn members(tx: &Read, accounts: Vec<Account>) -> Result<Vec<Member>> {
    let ids = super::coming::set(accounts.iter().map(|account| account.id.0));
    let sql = "SELECT account, tenant.no FROM connection JOIN connection_role ON connection_role.connection = connection.no
         JOIN tenant ON tenant.id = tenant
         WHERE account IN (SELECT unhex(value) FROM json_each(?1)) AND active = 1 AND role = 99";
    let organizers: Vec<(AccountId, i64)> =
        tx.all(sql, [&ids], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let sql = format!(
        "SELECT account, no FROM {SELLS} WHERE account IN (SELECT unhex(value) FROM json_each(?1))"
    );
    let distributions: Vec<(AccountId, i64)> =
        tx.all(&sql, [&ids], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut all: HashMap<AccountId, Links> = HashMap::new();
    for (account, no) in organizers {
        all.entry(account).or_default().organizers.insert(no);
    }
    for (account, no) in distributions {
        all.entry(account).or_default().distributions.insert(no);
    }
    let member =
        |account: Account| Member { links: all.remove(&account.id).unwrap_or_default(), account };
    Ok(accounts.into_iter().map(member).collect())
}

impl Staff {
    /// Links an operator to this tenant, to administer it, or to sell through these channels of it. Says whether he has to
    /// prove his address now, which nobody had.
    pub fn link(
        &self,
        who: AccountId,
        administer: bool,
        channels: &[DistributionId],
    ) -> Result<bool> {
        let (house, tenant) = (self.tenant().house(), self.tenant().entry().id);
        house.file.write(self.by(), |tx| {
            let before = account::get(tx, who)?.ok_or(Error::NotFound)?;
            if administer {
                house.set_admin(tx, tenant, who, true, false)?;
            }
            channels.iter().try_for_each(|channel| grant(tx, who, *channel))?;
            account::has_lost_claim(tx, &before)
        })
    }

    /// Takes such links from an operator. Refused: from the last administrator, and his own right to administer.
    pub fn unlink(
        &self,
        who: AccountId,
        administer: bool,
        channels: &[DistributionId],
    ) -> Result<()> {
        let (house, tenant) = (self.tenant().house(), self.tenant().entry().id);
        let by_himself = self.account().is_some_and(|own| own.id == who);
        house.file.write(self.by(), |tx| {
            if administer {
                house.set_admin(tx, tenant, who, false, by_himself)?;
            }
            let sql = "DELETE FROM sale_grant WHERE account = ?1 AND distribution = ?2";
            channels.iter().try_for_each(|channel| tx.run(sql, (who, channel)).map(drop))
        })
    }
}

pub(super) fn grant(tx: &Write, who: AccountId, channel: DistributionId) -> Result<()> {
    let sql = "INSERT OR IGNORE INTO sale_grant (account, distribution, granted, granted_by) VALUES (?1, ?2, ?3, ?4)";
    match tx.run(sql, (who, channel, tx.now(), tx.by().as_text()))? {
        0 => Ok(()),
        _ => account::entrust(tx, who),
    }
}

/// Takes from somebody all that he sells of a tenant, which lets him go.
pub(super) fn end_sales(tx: &Write, tenant: TenantId, who: AccountId) -> Result<()> {
    let sql = "DELETE FROM sale_grant WHERE account = ?2
         AND distribution IN (SELECT id FROM distribution WHERE tenant = ?1)";
    tx.run(sql, (tenant, who)).map(drop)
}

impl super::Operator {
    /// Those who work here: accounts of the admin's organization with a link or all rights.
    pub fn operators(
        &self,
        email: Option<&str>,
        organizer: Option<i64>,
        limit: i64,
        offset: i64,
    ) -> Result<Vec<Account>> {
        let house = self.house();
        let columns = account::COLUMNS;
        let sql = format!(
            "SELECT {columns} FROM account WHERE organization = ?1 AND (?2 IS NULL OR email = ?2)
               AND {WORKS}
               AND (?3 IS NULL OR id IN (SELECT account FROM connection JOIN tenant ON tenant.id = tenant WHERE tenant.no = ?3
                    UNION SELECT account FROM {SELLS} AS sells JOIN tenant ON tenant.id = sells.tenant WHERE tenant.no = ?3))
             ORDER BY no LIMIT ?4 OFFSET ?5"
        );
        let params = (house.organization, email, organizer, limit, offset);
        house.file.read(|tx| tx.all(&sql, params, account::row))
    }

    /// The account of this small number that works here.
    pub fn operator(&self, no: i64) -> Result<Option<Account>> {
        let house = self.house();
        let found = house.file.read(|tx| account::by_no(tx, no))?;
        Ok(found.filter(|account| account.organization == house.organization))
    }
}
