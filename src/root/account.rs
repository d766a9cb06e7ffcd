//! Accounts: one person or device in one organization, known by e-mail.

use super::number::{self, Kind};
use super::people::Newcomer;
use super::{By, Columns, Read, Write};
use crate::error::{OnConflict, Refusal, Result};
use crate::values::id::{AccountId, OrganizationId};
use crate::values::{Email, Time};
use rusqlite::{Row, named_params};

/// One account, without its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its small number.
    pub no: i64,
    /// Whose customer or staff it is.
    pub organization: OrganizationId,
    /// Unique in its organization, without regard to letter case.
    pub email: Email,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// As written.
    pub phone: Option<String>,
    /// Has proven the e-mail, or was made active by the house.
    pub active: bool,
    /// May do all, everywhere.
    pub superuser: bool,
    /// May found tenants.
    pub can_create_tenant: bool,
    /// Has a password.
    pub has_password: bool,
    /// Chose its password before anybody had proven the e-mail.
    pub claimed: bool,
    /// Tokens from before this moment are worth nothing.
    pub password_changed: Time,
    /// When the address was last proven by a link; 1970: never.
    pub proven: Time,
    /// The language that it is written to in: two letters.
    pub language: String,
    /// When it last logged in, at the doors that keep sessions.
    pub last_login: Option<Time>,
    /// Since when.
    pub created: Time,
}

impl Account {
    /// Its address is known to be its owner's: whoever is logged in as it is who reads what is sent there. Not where it was
    /// opened with a password that somebody chose before anybody had proven the address.
    #[must_use]
    pub const fn is_proven(&self) -> bool {
        self.active && !self.claimed
    }
}

/// What a new account is to be.
#[derive(Clone, Debug)]
pub struct New {
    /// Its e-mail.
    pub email: Email,
    /// The hash of its password, if it has one.
    pub password: Option<String>,
    /// May log in at once.
    pub active: bool,
    /// May do all, everywhere.
    pub superuser: bool,
    /// May found tenants.
    pub can_create_tenant: bool,
}

pub(super) const COLUMNS: &str =
    "id, no, organization, email, first_name, last_name, phone, active, superuser, can_create_tenant,
    password IS NOT NULL, registered IS NOT NULL, password_changed, proven, language,
    last_login, created";

pub(super) fn row(row: &Row<'_>) -> rusqlite::Result<Account> {
    take(&mut Columns::of(row))
}

/// Takes [`COLUMNS`].
pub(super) fn take(columns: &mut Columns<'_, '_>) -> rusqlite::Result<Account> {
    Ok(Account {
        id: columns.take()?,
        no: columns.take()?,
        organization: columns.take()?,
        email: columns.take()?,
        first_name: columns.take()?,
        last_name: columns.take()?,
        phone: columns.take()?,
        active: columns.take()?,
        superuser: columns.take()?,
        can_create_tenant: columns.take()?,
        has_password: columns.take()?,
        claimed: columns.take()?,
        password_changed: columns.take()?,
        proven: columns.take()?,
        language: columns.take()?,
        last_login: columns.take()?,
        created: columns.take()?,
    })
}

pub(super) fn create(tx: &Write, organization: OrganizationId, new: &New) -> Result<Account> {
    let sql = format!(
        "INSERT INTO account (id, no, organization, email, password, password_changed, active, superuser,
            can_create_tenant, created)
         VALUES (:id, :no, :organization, :email, :password, :now, :active, :superuser, :can_create_tenant, :now)
         RETURNING {COLUMNS}"
    );
    let params = named_params! {
        ":id": AccountId::new(), ":no": number::next(tx, Kind::Account)?, ":organization": organization,
        ":email": new.email, ":password": new.password,
        ":active": new.active, ":superuser": new.superuser, ":can_create_tenant": new.can_create_tenant,
        ":now": tx.now(),
    };
    tx.one(&sql, params, row)
        .on_conflict("account.organization, account.email", Refusal::AccountExists)
}

pub(super) fn get(tx: &Read, id: AccountId) -> Result<Option<Account>> {
    tx.maybe(&format!("SELECT {COLUMNS} FROM account WHERE id = ?1"), [id], row)
}

pub(super) fn by_no(tx: &Read, no: i64) -> Result<Option<Account>> {
    tx.maybe(&format!("SELECT {COLUMNS} FROM account WHERE no = ?1"), [no], row)
}

pub(super) fn find(
    tx: &Read,
    organization: OrganizationId,
    email: &Email,
) -> Result<Option<Account>> {
    tx.maybe(
        &format!("SELECT {COLUMNS} FROM account WHERE organization = ?1 AND email = ?2"),
        (organization, email),
        row,
    )
}

/// The account of this e-mail; made, inactive and without a password, when there is none. Says whether it was made.
pub(super) fn find_or_make(
    tx: &Write,
    organization: OrganizationId,
    email: &Email,
) -> Result<(Account, bool)> {
    if let Some(account) = find(tx, organization, email)? {
        return Ok((account, false));
    }
    let new = New {
        email: email.clone(),
        password: None,
        active: false,
        superuser: false,
        can_create_tenant: false,
    };
    create(tx, organization, &new).map(|account| (account, true))
}

/// Writes down what a newcomer says of himself.
pub(super) fn describe(tx: &Write, id: AccountId, new: &Newcomer) -> Result<Account> {
    let Newcomer { email: _, first_name, last_name, phone, language } = new;
    let sql = format!(
        "UPDATE account SET first_name = ?2, last_name = ?3, phone = ?4, language = coalesce(?5, language)
         WHERE id = ?1 RETURNING {COLUMNS}"
    );
    tx.one(&sql, (id, first_name, last_name, phone, language), row)
}

pub(super) fn list(tx: &Read, organization: OrganizationId) -> Result<Vec<Account>> {
    tx.all(
        &format!("SELECT {COLUMNS} FROM account WHERE organization = ?1 ORDER BY email"),
        [organization],
        row,
    )
}

pub(super) fn set_password(tx: &Write, id: AccountId, hash: &str, activate: bool) -> Result<usize> {
    super::House::close_sessions(tx, id)?;
    tx.run(
        "UPDATE account SET password = ?2, password_changed = ?3, active = active OR ?4 WHERE id = ?1",
        (id, hash, tx.now(), activate),
    )
}

/// Takes a password where there is none; tokens stay good. Says whether it was taken.
pub(super) fn set_first_password(tx: &Write, id: AccountId, hash: &str) -> Result<bool> {
    let sql = "UPDATE account SET password = ?2 WHERE id = ?1 AND password IS NULL";
    tx.run(sql, (id, hash)).map(|rows| rows == 1)
}

/// Names, where they are given.
pub(super) fn set_names(
    tx: &Write,
    id: AccountId,
    (first, last): (Option<&str>, Option<&str>),
) -> Result<usize> {
    let sql = "UPDATE account SET first_name = coalesce(?2, first_name), last_name = coalesce(?3, last_name) WHERE id = ?1";
    tx.run(sql, (id, first, last))
}

/// The account's address is its owner's, as of now. What was claimed before anybody had proven it ends with the first proof.
pub(super) fn set_proven(tx: &Write, id: AccountId) -> Result<usize> {
    end_claim(tx, id)?;
    let sql = "UPDATE account SET active = 1, proven = max(?2, proven + 1) WHERE id = ?1";
    tx.run(sql, (id, tx.now()))
}

/// Somebody gives this account rights, and means the owner of its address: a claim that nobody has proven ends, and the
/// account waits for the proof. What somebody gives himself is within his claim.
pub(super) fn entrust(tx: &Write, id: AccountId) -> Result<()> {
    if *tx.by() == By::Account(id) { Ok(()) } else { end_claim(tx, id) }
}

/// The password that was chosen for an address before anybody had proven it, and all that was opened with it, is over.
pub(super) fn end_claim(tx: &Write, id: AccountId) -> Result<()> {
    let sql =
        "UPDATE account SET active = 0, password = NULL, password_changed = ?2, registered = NULL
         WHERE id = ?1 AND registered IS NOT NULL";
    match tx.run(sql, (id, tx.now()))? {
        0 => Ok(()),
        _ => super::House::close_sessions(tx, id),
    }
}

/// Has its claim ended since then?
pub(super) fn has_lost_claim(tx: &Read, before: &Account) -> Result<bool> {
    let after = get(tx, before.id)?;
    Ok(before.claimed && after.is_some_and(|account| !account.claimed))
}

/// Is this account anything to the house or a tenant but a buyer?
pub(super) fn works_here(tx: &Read, id: AccountId) -> Result<bool> {
    let sql = "SELECT 1 FROM account WHERE id = ?1 AND (superuser = 1 OR can_create_tenant = 1)
         UNION ALL SELECT 1 FROM connection WHERE account = ?1 UNION ALL SELECT 1 FROM sale_grant WHERE account = ?1
         UNION ALL SELECT 1 FROM api_key WHERE account = ?1 UNION ALL SELECT 1 FROM terminal WHERE account = ?1";
    tx.exists(sql, [id])
}

pub(super) fn set_flags(
    tx: &Write,
    id: AccountId,
    superuser: Option<bool>,
    creator: Option<bool>,
) -> Result<usize> {
    let held =
        "SELECT 1 FROM account WHERE id = ?1 AND superuser >= ?2 AND can_create_tenant >= ?3";
    let given = (id, superuser.unwrap_or(false), creator.unwrap_or(false));
    if !tx.exists(held, given)? {
        entrust(tx, id)?;
    }
    tx.run(
        "UPDATE account SET superuser = coalesce(?2, superuser), can_create_tenant = coalesce(?3, can_create_tenant)
         WHERE id = ?1",
        (id, superuser, creator),
    )
}
