//! Customers of an organization: who registers, what they say of themselves, and at which tenants they have bought.

use super::network::Shop;
use super::people::People;
use super::{Account, By, House, Network, Read, Tenant, Write, account};
use crate::error::{Error, Refusal, Result};
use crate::values::Email;
use crate::values::id::{AccountId, TenantId};

/// What somebody says of himself; none: it stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Says<'a> {
    /// Given name.
    pub first_name: Option<&'a str>,
    /// Family name.
    pub last_name: Option<&'a str>,
    /// As written.
    pub phone: Option<&'a str>,
    /// Two letters.
    pub language: Option<&'a str>,
}

impl People {
    /// Who buys at this tenant with this address; made, inactive and without a password, when there is nobody. Before
    /// anything is bought it is written down that he buys here and, where it `may_wait` for a click in a letter, that
    /// something waits: in one write, or in none where all of it stands there. Also of an address that was proven before:
    /// what somebody types opens nothing.
    pub fn buyer(&self, email: &Email, tenant: &Tenant, may_wait: bool) -> Result<Account> {
        let (file, organization, at) = (&self.house().file, self.organization(), tenant.entry().id);
        let noted = file.read(|tx| match account::find(tx, organization, email)? {
            Some(account) if is_noted(tx, account.id, at, may_wait)? => Ok(Some(account)),
            _ => Ok(None),
        })?;
        if let Some(account) = noted {
            return Ok(account);
        }
        file.write(By::Visitor, |tx| {
            let (account, _) = account::find_or_make(tx, organization, email)?;
            note(tx, account.id, at, may_wait)?;
            Ok(account)
        })
    }

    /// Writes down that an account buys at this tenant, and whether something there waits for its address to be proven, from
    /// now on; before it buys.
    pub fn note_buyer(&self, account: AccountId, tenant: &Tenant, waits: bool) -> Result<()> {
        let (file, at) = (&self.house().file, tenant.entry().id);
        if file.read(|tx| is_noted(tx, account, at, waits))? {
            return Ok(());
        }
        file.write(By::Visitor, |tx| note(tx, account, at, waits))
    }

    /// Makes an account with a password that nobody has proven the address of, or gives one to an account without.
    /// Refused: an address whose account has a password, was proven, or works here: who invited its owner means him.
    pub fn register_with_password(
        &self,
        email: &Email,
        password: &str,
        says: Says<'_>,
    ) -> Result<Account> {
        let house = self.house();
        let organization = self.organization();
        let known = house.file.read(|tx| account::find(tx, organization, email))?;
        if known.is_some_and(|account| account.has_password || account.active) {
            return Err(Error::Refused(Refusal::AccountExists));
        }
        let hash = house.passwords.hash(password)?;
        house.file.write(By::Visitor, |tx| {
            let (account, _) = account::find_or_make(tx, organization, email)?;
            let is_taken = account.has_password || account.active;
            if is_taken || account::works_here(tx, account.id)? {
                return Err(Error::Refused(Refusal::AccountExists));
            }
            // What was said of somebody before is not this one's to see.
            forget(tx, account.id)?;
            account::set_password(tx, account.id, &hash, true)?;
            tx.run("UPDATE account SET registered = ?2 WHERE id = ?1", (account.id, tx.now()))?;
            describe(tx, account.id, says)
        })
    }

    /// Writes down what somebody says of himself, and his new password, which ends all his sessions.
    pub fn describe(
        &self,
        id: AccountId,
        says: Says<'_>,
        password: Option<&str>,
    ) -> Result<Account> {
        let house = self.house();
        let hash = password.map(|password| house.passwords.hash(password)).transpose()?;
        house.file.write(By::Account(id), |tx| {
            if let Some(hash) = &hash {
                account::set_password(tx, id, hash, false)?;
            }
            describe(tx, id, says)
        })
    }

    /// Closes somebody's account and forgets who it was; what was bought stays. Of an address that nobody has proven only
    /// the password goes: its owner reaches by it what he bought. Refused: somebody who works here.
    pub fn close(&self, id: AccountId) -> Result<()> {
        self.house().file.write(By::Account(id), |tx| {
            if account::works_here(tx, id)? {
                return Err(Error::Refused(Refusal::InUse));
            }
            forget(tx, id)?;
            if account::get(tx, id)?.is_some_and(|account| account.claimed) {
                return account::end_claim(tx, id);
            }
            House::close_sessions(tx, id)?;
            tx.run(
                "UPDATE account SET active = 0, password = NULL, password_changed = ?2,
                    email = 'closed-' || no || '@closed.invalid'
                 WHERE id = ?1",
                (id, tx.now()),
            )
            .map(drop)
        })
    }

    /// Takes back an account that was registered for something which then failed; of one that was there before, the
    /// registration alone.
    pub fn unregister(&self, id: AccountId) -> Result<()> {
        let unused = "SELECT 1 FROM account WHERE id = ?1 AND coalesce(last_login, 0) < registered";
        let made = "DELETE FROM account WHERE id = ?1 AND registered = created";
        self.house().file.write(By::House, |tx| {
            if !tx.exists(unused, [id])? || tx.run(made, [id])? > 0 {
                return Ok(());
            }
            account::end_claim(tx, id)
        })
    }
}

/// Stands there already what [`note`] would write?
fn is_noted(tx: &Read, account: AccountId, tenant: TenantId, waits: bool) -> Result<bool> {
    let sql = "SELECT 1 WHERE EXISTS (SELECT 1 FROM buyer WHERE account = ?1 AND tenant = ?2)
         AND (NOT ?3 OR EXISTS (SELECT 1 FROM awaiting JOIN account ON account.id = awaiting.account
            WHERE account = ?1 AND tenant = ?2 AND since > proven))";
    tx.exists(sql, (account, tenant, waits))
}

fn note(tx: &Write, account: AccountId, tenant: TenantId, waits: bool) -> Result<()> {
    tx.run("INSERT OR IGNORE INTO buyer (account, tenant) VALUES (?1, ?2)", (account, tenant))?;
    if waits {
        // After the last proof, which opens nothing of it.
        tx.run(
            "INSERT INTO awaiting (account, tenant, since)
             VALUES (?1, ?2, max(?3, (SELECT proven + 1 FROM account WHERE id = ?1)))
             ON CONFLICT DO UPDATE SET since = excluded.since",
            (account, tenant, tx.now()),
        )?;
    }
    Ok(())
}

/// Who somebody was.
fn forget(tx: &Write, id: AccountId) -> Result<()> {
    let sql = "UPDATE account SET first_name = NULL, last_name = NULL, phone = NULL WHERE id = ?1";
    tx.run(sql, [id]).map(drop)
}

fn describe(tx: &Write, id: AccountId, says: Says<'_>) -> Result<Account> {
    let Says { first_name, last_name, phone, language } = says;
    account::set_names(tx, id, (first_name, last_name))?;
    let sql = "UPDATE account SET phone = coalesce(?2, phone), language = coalesce(?3, language) WHERE id = ?1";
    tx.run(sql, (id, phone, language))?;
    account::get(tx, id)?.ok_or(Error::NotFound)
}

impl Network {
    /// The shops at which an account has bought, at most a hundred.
    pub fn bought_at(&self, account: AccountId) -> Result<Vec<Shop>> {
        let sql = "SELECT tenant FROM buyer WHERE account = ?1 ORDER BY tenant LIMIT 100";
        let tenants: Vec<TenantId> =
            self.house().file.read(|tx| tx.all(sql, [account], |row| row.get(0)))?;
        let mut shops = vec![];
        for tenant in tenants {
            shops.extend(self.shop_of(tenant, None)?);
        }
        Ok(shops)
    }
}
