//! Sessions: whom an opaque token stands for, at the doors whose clients keep one. Lives a day from its last use.

use super::{Account, By, Columns, House, People, Read, Write, account};
use crate::error::{Error, Refusal, Result};
use crate::values::Time;
use crate::values::id::{AccountId, OrderId, TenantId};
use crate::values::secret::{Fingerprint, alphanumeric};
use std::collections::HashMap;
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

    /// What a token stands for; none: it is unknown or has ended. That it is used is written down a little later.
    pub fn session(&self, dialect: Dialect, token: &str) -> Result<Option<Session>> {
        let digest = Fingerprint::of(token);
        self.house().file.read(|tx| self.used_session(tx, dialect, digest))
    }

    /// The active account that a token stands for.
    pub fn signed_in(&self, dialect: Dialect, token: &str) -> Result<Option<Account>> {
        let digest = Fingerprint::of(token);
        self.house().file.read(|tx| {
            let found = self.used_session(tx, dialect, digest)?.and_then(|found| found.account);
            let account = found.map(|id| account::get(tx, id)).transpose()?.flatten();
            Ok(account.filter(|account| account.active))
        })
    }

    fn used_session(
        &self,
        tx: &Read,
        dialect: Dialect,
        digest: Fingerprint,
    ) -> Result<Option<Session>> {
        let sql = "SELECT account, customer, tenant, orders, expires, used FROM session
             WHERE digest = ?1 AND dialect = ?2 AND expires > ?3";
        let found = tx.maybe(sql, (digest, dialect, tx.now()), |row| {
            let mut columns = Columns::of(row);
            let session = Session {
                account: columns.take()?,
                customer: columns.take()?,
                order: Option::zip(columns.take()?, columns.take()?),
                expires: columns.take()?,
            };
            Ok((session, columns.take::<Time>()?))
        })?;
        let Some((mut session, used)) = found else { return Ok(None) };
        if used.plus(TOUCH) < tx.now() {
            session.expires = tx.now().plus(LIFE);
            self.house().sessions_used.lock().insert(digest, tx.now());
        }
        Ok(Some(session))
    }

    /// Somebody who works for tenants logs in with a token; all else that it stands for stays, as at the other signings: two
    /// at once must not undo each other. Refused: a token that has ended.
    pub fn sign_operator(&self, dialect: Dialect, token: &str, who: AccountId) -> Result<()> {
        self.sign_in(
            dialect,
            token,
            "UPDATE session SET account = ?3 WHERE digest = ?1 AND dialect = ?2",
            who,
        )
    }

    /// The same of somebody who buys.
    pub fn sign_customer(&self, dialect: Dialect, token: &str, who: AccountId) -> Result<()> {
        self.sign_in(
            dialect,
            token,
            "UPDATE session SET customer = ?3 WHERE digest = ?1 AND dialect = ?2",
            who,
        )
    }

    fn sign_in(&self, dialect: Dialect, token: &str, sql: &str, who: AccountId) -> Result<()> {
        self.house().file.write(By::Visitor, |tx| {
            is_there(tx.run(sql, (Fingerprint::of(token), dialect, who))?)?;
            tx.run("UPDATE account SET last_login = ?2 WHERE id = ?1", (who, tx.now())).map(drop)
        })
    }

    /// The one order that a token may look at from now on, and where it was placed. Refused: where it may look at another
    /// than it did `before`, for two who place orders with one token must not lose one of them.
    pub fn sign_order(
        &self,
        dialect: Dialect,
        token: &str,
        before: Option<OrderId>,
        (tenant, order): (TenantId, OrderId),
    ) -> Result<()> {
        let sql = "UPDATE session SET tenant = ?3, orders = ?4 WHERE digest = ?1 AND dialect = ?2 AND orders IS ?5";
        let digest = Fingerprint::of(token);
        self.house().file.write(By::Visitor, |tx| {
            if tx.run(sql, (digest, dialect, tenant, order, before))? > 0 {
                return Ok(());
            }
            let there = "SELECT 1 FROM session WHERE digest = ?1 AND dialect = ?2";
            is_there(tx.exists(there, (digest, dialect))?.into())?;
            Err(Error::Refused(Refusal::HoldsAlready))
        })
    }

    /// A token stands for nobody from now on; its text stays.
    pub fn clear_session(&self, dialect: Dialect, token: &str) -> Result<()> {
        let sql = "UPDATE session SET account = NULL, customer = NULL, tenant = NULL, orders = NULL
             WHERE digest = ?1 AND dialect = ?2";
        let params = (Fingerprint::of(token), dialect);
        self.house().file.write(By::Visitor, |tx| is_there(tx.run(sql, params)?))
    }

    /// Ends the session whose token is known by this.
    pub fn end_session(&self, dialect: Dialect, digest: Fingerprint) -> Result<()> {
        let sql = "DELETE FROM session WHERE digest = ?1 AND dialect = ?2";
        self.house().file.write(By::Visitor, |tx| tx.run(sql, (digest, dialect))).map(drop)
    }
}

/// A session that was to be changed, and has ended meanwhile, is nobody's.
fn is_there(rows: usize) -> Result<()> {
    if rows == 0 { Err(Error::Unauthenticated) } else { Ok(()) }
}

impl House {
    /// Writes down when these were last used, which is from when they live on.
    pub(super) fn touch_sessions(tx: &Write, used: &HashMap<Fingerprint, Time>) -> Result<()> {
        let sql = "UPDATE session SET used = ?2, expires = ?3 WHERE digest = ?1";
        used.iter().try_for_each(|(digest, at)| tx.run(sql, (digest, at, at.plus(LIFE))).map(drop))
    }

    /// Ends all sessions of an account, whose password is another from now on.
    pub(super) fn close_sessions(tx: &Write, account: AccountId) -> Result<()> {
        tx.run("DELETE FROM session WHERE account = ?1 OR customer = ?1", [account]).map(drop)
    }
}
