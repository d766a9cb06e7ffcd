//! Sessions: whom an opaque token stands for, at the doors whose clients keep one. Lives a day from its last use.

use super::{Account, By, House, People, account};
use crate::error::Result;
use crate::values::Time;
use crate::values::id::{AccountId, OrderId, TenantId};
use crate::values::secret::{Fingerprint, alphanumeric};
use std::time::Duration;

crate::values::letters! {
    /// Whose clients.
    Dialect {
        /// Signed by log-ins and purchases; anonymous before.
        Oxynade = "oxynade",
        /// Of somebody who signed in.
        Roomle = "roomle",
    }
}

/// How long a session lives without being used.
pub const LIFE: Duration = Duration::from_hours(24);

/// A session is written to once in this time at most, however often it is used.
const TOUCH: Duration = Duration::from_hours(1);

/// What a token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Who works for tenants.
    pub account: Option<AccountId>,
    /// Who buys.
    pub customer: Option<AccountId>,
    /// The one order that it may look at, and where it was placed.
    pub order: Option<(TenantId, OrderId)>,
    /// When it ends, unless it is used.
    pub expires: Time,
}

impl People {
    /// Opens a session and returns its token. Of somebody's log-in the moment is kept.
    pub fn open_session(
        &self,
        dialect: Dialect,
        account: Option<AccountId>,
    ) -> Result<(String, Session)> {
        let token = alphanumeric(43);
        let session = self.house().file.write(By::Visitor, |tx| {
            let expires = tx.now().plus(LIFE);
            // Ended ones go as new ones come.
            tx.run("DELETE FROM session WHERE expires < ?1", [tx.now()])?;
            tx.run(
                "INSERT INTO session (digest, dialect, account, created, used, expires) VALUES (?1, ?2, ?3, ?4, ?4, ?5)",
                (Fingerprint::of(&token), dialect, account, tx.now(), expires),
            )?;
            tx.run("UPDATE account SET last_login = ?2 WHERE id = ?1", (account, tx.now()))?;
            Ok(Session { account, customer: None, order: None, expires })
        })?;
        Ok((token, session))
    }

    /// What a token stands for; none: it is unknown or has ended.
    pub fn session(&self, dialect: Dialect, token: &str) -> Result<Option<Session>> {
        let digest = Fingerprint::of(token);
        let found = self.house().file.read(|tx| {
            let sql = "SELECT account, customer, tenant, orders, used, expires FROM session
                 WHERE digest = ?1 AND dialect = ?2 AND expires > ?3";
            let found = tx.maybe(sql, (digest, dialect, tx.now()), |row| {
                let order = Option::zip(row.get("tenant")?, row.get("orders")?);
                let session = Session {
                    account: row.get("account")?,
                    customer: row.get("customer")?,
                    order,
                    expires: row.get("expires")?,
                };
                Ok((session, row.get::<_, Time>("used")?))
            })?;
            Ok(found.map(|(session, used)| (session, used.plus(TOUCH) < tx.now())))
        })?;
        let Some((mut session, is_stale)) = found else { return Ok(None) };
        if is_stale {
            session.expires = self.touch(&digest)?;
        }
        Ok(Some(session))
    }

    /// The active account that a token stands for.
    pub fn signed_in(&self, dialect: Dialect, token: &str) -> Result<Option<Account>> {
        let found = self.session(dialect, token)?.and_then(|session| session.account);
        let Some(id) = found else { return Ok(None) };
        let account = self.house().file.read(|tx| account::get(tx, id))?;
        Ok(account.filter(|account| account.active))
    }

    fn touch(&self, digest: &Fingerprint) -> Result<Time> {
        self.house().file.write(By::House, |tx| {
            let expires = tx.now().plus(LIFE);
            let sql = "UPDATE session SET used = ?2, expires = ?3 WHERE digest = ?1";
            tx.run(sql, (digest, tx.now(), expires))?;
            Ok(expires)
        })
    }

    /// Writes down what a token stands for from now on; its text stays.
    pub fn sign_session(&self, dialect: Dialect, token: &str, session: &Session) -> Result<()> {
        let Session { account, customer, order, expires: _ } = session;
        self.house().file.write(By::Visitor, |tx| {
            tx.run(
                "UPDATE session SET account = ?3, customer = ?4, tenant = ?5, orders = ?6
                 WHERE digest = ?1 AND dialect = ?2",
                (
                    Fingerprint::of(token),
                    dialect,
                    account,
                    customer,
                    order.map(|(tenant, _)| tenant),
                    order.map(|(_, order)| order),
                ),
            )?;
            tx.run("UPDATE account SET last_login = ?2 WHERE id = ?1", (account, tx.now()))
                .map(drop)
        })
    }

    /// Ends a session.
    pub fn close_session(&self, dialect: Dialect, token: &str) -> Result<()> {
        self.end_session(dialect, Fingerprint::of(token))
    }

    /// Ends the session whose token is known by this.
    pub fn end_session(&self, dialect: Dialect, digest: Fingerprint) -> Result<()> {
        let sql = "DELETE FROM session WHERE digest = ?1 AND dialect = ?2";
        self.house().file.write(By::Visitor, |tx| tx.run(sql, (digest, dialect))).map(drop)
    }
}

impl House {
    /// Ends all sessions of an account, whose password is another from now on.
    pub(super) fn close_sessions(tx: &super::Write, account: AccountId) -> Result<()> {
        tx.run("DELETE FROM session WHERE account = ?1 OR customer = ?1", [account]).map(drop)
    }
}
