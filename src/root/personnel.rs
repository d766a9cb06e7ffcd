//! A tenant's people as it keeps them itself: under a name of its own, active or not, deleted and brought back. Each
//! change is one write: standing, roles, the last administrator and seats are looked at together.

use super::coming::set;
use super::connection::{self, Connection, find};
use super::license::Agents;
use super::role::Role;
use super::team;
use super::{Account, Read, Right, Staff, Write, account};
use crate::error::{Error, OnConflict, Refusal, Result};
use crate::values::Email;
use crate::values::id::{AccountId, TenantId, random};
use std::collections::HashMap;

/// The domain of addresses that stand for none: nothing is ever sent there.
pub(super) const NOWHERE: &str = "@nobody.invalid";

/// What is to be said of somebody; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// By what name the tenant knows him.
    pub username: Option<String>,
    /// Does his connection count?
    pub active: Option<bool>,
    /// Is it deleted?
    pub deleted: Option<bool>,
    /// Does he administer the tenant?
    pub administers: Option<bool>,
    /// Does he run the house? For who runs it, on ROOT.
    pub superuser: Option<bool>,
    /// Will he belong to a team that is in use?
    pub joins: Option<bool>,
}

impl Account {
    /// Its address, where somebody reads what is sent there.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        Some(self.email.as_str()).filter(|email| !email.ends_with(NOWHERE))
    }

    /// The e-mail of an account for somebody without one: unlike any other.
    pub fn no_address() -> Result<Email> {
        Email::parse(&format!("{}{NOWHERE}", random().simple()))
            .ok_or_else(|| Error::internal("no such address"))
    }
}

impl Staff {
    /// Takes somebody on: whoever has this e-mail, or somebody without any. Says whether he has to prove his address now,
    /// which nobody had.
    pub fn enroll(
        &self,
        email: Option<&Email>,
        standing: &Standing,
        agents: Agents<'_>,
    ) -> Result<(Connection, bool)> {
        self.must(Right::Users)?;
        let (house, id) = (self.tenant().house(), self.tenant().entry().id);
        let email = email.cloned().map_or_else(Account::no_address, Ok)?;
        house.file.write(self.by(), |tx| {
            let (account, _) = account::find_or_make(tx, house.organization, &email)?;
            if find(tx, id, account.id)?.is_some() {
                return Err(Error::Refused(Refusal::AccountExists));
            }
            house.take_place(tx, id)?;
            // Whether a seat is taken as well, what is said of him decides.
            connection::find_or_make(tx, id, account.id)?;
            let sql = "UPDATE connection SET active = 0 WHERE tenant = ?1 AND account = ?2";
            tx.run(sql, (id, account.id))?;
            let connection = self.apply(tx, account.id, standing, agents)?;
            Ok((connection, account::has_lost_claim(tx, &account)?))
        })
    }

    /// Says something else of somebody who is connected. Says whether he has to prove his address now, which nobody had.
    pub fn change_standing(
        &self,
        account: AccountId,
        standing: &Standing,
        agents: Agents<'_>,
    ) -> Result<(Connection, bool)> {
        self.must(Right::Users)?;
        let house = self.tenant().house();
        house.file.write(self.by(), |tx| {
            let before = account::get(tx, account)?.ok_or(Error::NotFound)?;
            let connection = self.apply(tx, account, standing, agents)?;
            Ok((connection, account::has_lost_claim(tx, &before)?))
        })
    }

    /// Lets somebody go: with a trace that can be brought back where he is something here, otherwise without. His account
    /// stays his own. Says whether a trace is left.
    pub fn dismiss(&self, account: AccountId, is_linked: bool) -> Result<bool> {
        self.must(Right::Users)?;
        let (house, id) = (self.tenant().house(), self.tenant().entry().id);
        let by_himself = self.account().is_some_and(|own| own.id == account);
        house.file.write(self.by(), |tx| {
            let known = find(tx, id, account)?.ok_or(Error::NotFound)?;
            let runs_house = known.account.superuser && self.tenant().entry().no == 0;
            let trace = is_linked || runs_house || !known.roles.is_empty();
            if known.active && known.has(Role::Admin) {
                connection::may_lose_admin(tx, id, account, by_himself)?;
            }
            if trace {
                connection::delete_softly(tx, id, account)?;
            } else {
                forget(tx, id, account)?;
            }
            Ok(trace)
        })
    }

    fn apply(
        &self,
        tx: &Write,
        account: AccountId,
        standing: &Standing,
        agents: Agents<'_>,
    ) -> Result<Connection> {
        let (house, id) = (self.tenant().house(), self.tenant().entry().id);
        let known = find(tx, id, account)?.ok_or(Error::NotFound)?;
        let before = house.seats(tx, self.tenant(), agents)?;
        let by_himself = self.account().is_some_and(|own| own.id == account);
        if let Some(username) = &standing.username {
            let sql = "UPDATE connection SET username = ?3 WHERE tenant = ?1 AND account = ?2";
            tx.run(sql, (id, account, username))
                .on_conflict("connection.tenant, connection.username", Refusal::NameTaken)?;
        }
        let deleted = standing.deleted.unwrap_or(known.deleted.is_some());
        let active = !deleted && standing.active.unwrap_or(known.active);
        if known.deleted.is_some() && !deleted {
            house.take_place(tx, id)?;
        }
        let administers = standing.administers.unwrap_or(known.has(Role::Admin));
        if known.active && known.has(Role::Admin) && !(active && administers) {
            connection::may_lose_admin(tx, id, account, by_himself)?;
        }
        if administers {
            connection::add_role(tx, known.no, Role::Admin)?;
        } else {
            let sql = "DELETE FROM connection_role WHERE connection = ?1 AND role = ?2";
            tx.run(sql, (known.no, Role::Admin))?;
        }
        self.set_superuser(tx, &known, standing.superuser)?;
        tx.run(
            "UPDATE connection SET active = ?3, deleted = iif(?4, coalesce(deleted, ?5), NULL)
             WHERE tenant = ?1 AND account = ?2",
            (id, account, active, deleted, tx.now()),
        )?;
        if deleted {
            team::end_sales(tx, id, account)?;
        }
        house.check_seats(tx, self.tenant(), agents, before, (account, standing.joins))?;
        find(tx, id, account)?.ok_or(Error::NotFound)
    }

    fn set_superuser(&self, tx: &Write, known: &Connection, on: Option<bool>) -> Result<()> {
        let Some(on) = on.filter(|on| *on != known.account.superuser) else { return Ok(()) };
        if !self.is_operator() || self.tenant().entry().no != 0 {
            return Err(Error::Forbidden);
        }
        let sql = "SELECT 1 FROM account WHERE superuser = 1 AND active = 1 AND id <> ?1";
        if !on && !tx.exists(sql, [known.account.id])? {
            return Err(Error::Refused(Refusal::LastSuperuser));
        }
        account::set_flags(tx, known.account.id, Some(on), None)?;
        if on { connection::join_root(tx, known.account.id) } else { Ok(()) }
    }

    /// The addresses of accounts that acted here: whoever keeps what they did keeps their ids alone.
    pub fn addresses(&self, accounts: &[AccountId]) -> Result<HashMap<AccountId, String>> {
        if accounts.is_empty() {
            return Ok(HashMap::new());
        }
        let sql =
            "SELECT id, email FROM account WHERE id IN (SELECT unhex(value) FROM json_each(?1))";
        let ids = set(accounts.iter().map(|account| account.0));
        let all: Vec<(AccountId, String)> = self
            .tenant()
            .house()
            .file
            .read(|tx: &Read| tx.all(sql, [ids], |row| Ok((row.get(0)?, row.get(1)?))))?;
        Ok(all.into_iter().filter(|(_, email)| !email.ends_with(NOWHERE)).collect())
    }

    /// Of these accounts, those that are connected; each with whether the connection is active.
    pub fn connected_among(&self, accounts: &[AccountId]) -> Result<Vec<(AccountId, bool)>> {
        let sql = "SELECT account, active FROM connection WHERE tenant = ?1 AND account = ?2";
        let id = self.tenant().entry().id;
        self.tenant().house().file.read(|tx: &Read| {
            let one = |account| tx.maybe(sql, (id, account), |row| Ok((row.get(0)?, row.get(1)?)));
            accounts.iter().filter_map(|account| one(account).transpose()).collect()
        })
    }
}

/// An account without an address is nobody's once nothing refers to it.
fn forget(tx: &Write, tenant: TenantId, account: AccountId) -> Result<()> {
    team::end_sales(tx, tenant, account)?;
    tx.run("DELETE FROM connection WHERE tenant = ?1 AND account = ?2", (tenant, account))?;
    tx.run(
        "DELETE FROM account WHERE id = ?1 AND email LIKE '%' || ?2
            AND NOT EXISTS (SELECT 1 FROM connection WHERE account = ?1)
            AND NOT EXISTS (SELECT 1 FROM api_key WHERE account = ?1)
            AND NOT EXISTS (SELECT 1 FROM sale_grant WHERE account = ?1)",
        (account, NOWHERE),
    )
    .map(drop)
}
