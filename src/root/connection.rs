//! Connections: who has to do with a tenant, in which roles, and whether he lets it see more of him than his e-mail.
//!
//! A tenant that has an administrator never loses its last one, and nobody takes away his own right to administer.

use super::account;
use super::role::Role;
use super::{Account, By, House, People, Read, Right, Staff, Write};
use crate::error::{Error, OnConflict, Refusal, Result};
use crate::values::id::{AccountId, TenantId};
use crate::values::{Email, Time, Usage};
use rusqlite::Row;

/// One connection.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Its number.
    pub no: i64,
    /// Who.
    pub account: Account,
    /// By what name the tenant knows him.
    pub username: Option<String>,
    /// Do its roles count?
    pub active: bool,
    /// Since when it is deleted.
    pub deleted: Option<Time>,
    /// Since when the tenant may see all that the account says of itself.
    pub consent: Option<Time>,
    /// Since when.
    pub created: Time,
    /// Its roles, each with its own number.
    pub roles: Vec<(i64, Role)>,
}

impl Connection {
    /// Is this role among them?
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.iter().any(|(_, has)| *has == role)
    }
}

const COLUMNS: &str = "connection.no AS connection_no, connection.username, connection.active AS connected,
    connection.deleted, connection.consent, connection.created AS since,
    (SELECT group_concat(no || ':' || role, ' ') FROM
        (SELECT no, role FROM connection_role WHERE connection = connection.no ORDER BY role DESC)) AS roles";

fn row(row: &Row<'_>) -> rusqlite::Result<Connection> {
    let roles: Option<String> = row.get("roles")?;
    let role = |pair: &str| {
        let (no, code) = pair.split_once(':')?;
        Some((no.parse().ok()?, Role::of(code.parse().ok()?)?))
    };
    Ok(Connection {
        no: row.get("connection_no")?,
        account: account::row(row)?,
        username: row.get("username")?,
        active: row.get("connected")?,
        deleted: row.get("deleted")?,
        consent: row.get("consent")?,
        created: row.get("since")?,
        roles: roles.unwrap_or_default().split(' ').filter_map(role).collect(),
    })
}

/// The select of a connection with its account.
fn select(rest: &str) -> String {
    let accounts: Vec<_> =
        account::COLUMNS.split(',').map(|column| format!("account.{}", column.trim())).collect();
    let accounts = accounts.join(", ");
    format!(
        "SELECT {COLUMNS}, {accounts} FROM connection JOIN account ON account.id = connection.account {rest}"
    )
}

/// The roles that count of an account at a tenant.
pub(super) fn roles(tx: &Read, tenant: TenantId, account: AccountId) -> Result<Vec<Role>> {
    tx.all(
        "SELECT role FROM connection JOIN connection_role ON connection_role.connection = connection.no
         WHERE tenant = ?1 AND account = ?2 AND active = 1",
        (tenant, account),
        |row| row.get(0),
    )
}

/// Of these roles, those that count now: when its trial is over, a tenant is open to its administrators alone.
pub(super) fn roles_in_force(tx: &Read, tenant: TenantId, account: AccountId) -> Result<Vec<Role>> {
    tx.all(
        "SELECT role FROM connection JOIN connection_role ON connection_role.connection = connection.no
         WHERE connection.tenant = ?1 AND account = ?2 AND active = 1 AND (role = 99 OR NOT EXISTS
            (SELECT 1 FROM organizer WHERE organizer.tenant = ?1 AND license_expires <= ?3))",
        (tenant, account, tx.now()),
        |row| row.get(0),
    )
}

/// The connection of an account with a tenant; made, without roles, when there is none. One that was deleted lives again.
pub(super) fn find_or_make(tx: &Write, tenant: TenantId, account: AccountId) -> Result<i64> {
    tx.one(
        "INSERT INTO connection (tenant, account, created) VALUES (?1, ?2, ?3)
         ON CONFLICT (tenant, account) DO UPDATE SET deleted = NULL, active = iif(deleted IS NULL, active, 1)
         RETURNING no",
        (tenant, account, tx.now()),
        |row| row.get(0),
    )
}

/// Gives one role more.
pub(super) fn add_role(tx: &Write, connection: i64, role: Role) -> Result<()> {
    let sql = "INSERT OR IGNORE INTO connection_role (connection, role, granted, granted_by) VALUES (?1, ?2, ?3, ?4)";
    if tx.run(sql, (connection, role, tx.now(), tx.by().as_text()))? == 0 {
        return Ok(());
    }
    let whose = "SELECT account FROM connection WHERE no = ?1";
    account::entrust(tx, tx.one(whose, [connection], |row| row.get(0))?)
}

/// Makes these the roles of an account at a tenant; without any the connection goes. That of a device at the door, for
/// which no dialect has a word, stays beside them. `by_himself`: it is his own
/// doing, who may not stop being administrator.
pub(super) fn set_roles(
    tx: &Write,
    tenant: TenantId,
    account: AccountId,
    roles: &[Role],
    by_himself: bool,
) -> Result<()> {
    if !roles.contains(&Role::Admin) && self::roles(tx, tenant, account)?.contains(&Role::Admin) {
        may_lose_admin(tx, tenant, account, by_himself)?;
    }
    if roles.is_empty() {
        let sql = "DELETE FROM connection WHERE tenant = ?1 AND account = ?2";
        return tx.run(sql, (tenant, account)).map(drop);
    }
    let connection = find_or_make(tx, tenant, account)?;
    let keep: Vec<String> = roles.iter().map(|role| role.code().to_string()).collect();
    tx.run(
        "DELETE FROM connection_role WHERE connection = ?1 AND role NOT IN (SELECT value FROM json_each(?2))
            AND role <> 15",
        (connection, format!("[{}]", keep.join(","))),
    )?;
    roles.iter().try_for_each(|role| add_role(tx, connection, *role))
}

/// Makes an account administrator of a tenant, or takes that from it; its other roles stay.
pub(super) fn set_admin(tx: &Write, tenant: TenantId, account: AccountId, on: bool) -> Result<()> {
    let mut roles = roles(tx, tenant, account)?;
    roles.retain(|role| *role != Role::Admin);
    if on {
        roles.push(Role::Admin);
    }
    set_roles(tx, tenant, account, &roles, false)
}

/// Refused where it is the last active administrator's role, or his own doing.
pub(super) fn may_lose_admin(
    tx: &Write,
    tenant: TenantId,
    account: AccountId,
    by_himself: bool,
) -> Result<()> {
    // The one who hosts may leave a tenant without any.
    if *tx.by() == By::Console {
        return Ok(());
    }
    if by_himself {
        return Err(Error::Refused(Refusal::OwnRole));
    }
    let another = tx.exists(
        "SELECT 1 FROM connection JOIN connection_role ON connection_role.connection = connection.no
         WHERE tenant = ?1 AND account <> ?2 AND active = 1 AND role = 99",
        (tenant, account),
    )?;
    if another { Ok(()) } else { Err(Error::Refused(Refusal::LastAdministrator)) }
}

/// Is there a tenant that would lose its last administrator with this account?
pub(super) fn is_last_admin_anywhere(tx: &Read, account: AccountId) -> Result<bool> {
    tx.exists(
        "SELECT 1 FROM connection AS own JOIN connection_role AS role ON role.connection = own.no
         WHERE own.account = ?1 AND own.active = 1 AND role.role = 99 AND NOT EXISTS
            (SELECT 1 FROM connection AS other JOIN connection_role ON connection_role.connection = other.no
                JOIN account ON account.id = other.account
             WHERE other.tenant = own.tenant AND other.account <> ?1 AND other.active = 1
                AND connection_role.role = 99 AND account.active = 1)",
        [account],
    )
}

pub(super) fn find(tx: &Read, tenant: TenantId, account: AccountId) -> Result<Option<Connection>> {
    let sql = select("WHERE connection.tenant = ?1 AND connection.account = ?2");
    tx.maybe(&sql, (tenant, account), row)
}

/// Refused where a tenant's package gives no seat more.
fn check_seat(tx: &Read, tenant: TenantId, most: Option<u64>) -> Result<()> {
    let Some(most) = most else { return Ok(()) };
    let sql = "SELECT count(*) FROM connection WHERE tenant = ?1 AND deleted IS NULL";
    let seats: i64 = tx.one(sql, [tenant], |row| row.get(0))?;
    let is_free = u64::try_from(seats).unwrap_or(0) < most;
    if is_free { Ok(()) } else { Err(Error::Refused(Refusal::TooMany("user"))) }
}

impl House {
    fn connections(&self, tenant: TenantId, limit: i64, offset: i64) -> Result<Vec<Connection>> {
        let sql = select("WHERE connection.tenant = ?1 ORDER BY connection.no LIMIT ?2 OFFSET ?3");
        self.file.read(|tx| tx.all(&sql, (tenant, limit, offset), row))
    }
}

impl Staff {
    /// Everybody who is connected with this tenant, deleted ones too.
    pub fn connections(&self, limit: i64, offset: i64) -> Result<Vec<Connection>> {
        self.must(Right::Users)?;
        self.tenant().house().connections(self.tenant().entry().id, limit, offset)
    }

    /// A page of those who are connected with this tenant now, and how many they are in all.
    pub fn connected(&self, limit: i64, offset: i64) -> Result<(Vec<Connection>, i64)> {
        self.must(Right::Users)?;
        let rest = "WHERE connection.tenant = ?1 AND connection.deleted IS NULL ORDER BY connection.no LIMIT ?2 OFFSET ?3";
        let (sql, id) = (select(rest), self.tenant().entry().id);
        let count = "SELECT count(*) FROM connection WHERE tenant = ?1 AND deleted IS NULL";
        self.tenant().house().file.read(|tx| {
            let total = tx.one(count, [id], |row| row.get(0))?;
            Ok((tx.all(&sql, (id, limit, offset), row)?, total))
        })
    }

    /// Connects all who have these e-mails, each with these roles besides those he has, or none of them. Accounts that are
    /// made for it are inactive until the address is proven.
    pub fn invite(&self, wanted: &[(Email, Vec<Role>)]) -> Result<Vec<Connection>> {
        self.must(Right::Users)?;
        let (house, id) = (self.tenant().house(), self.tenant().entry().id);
        house.file.write(self.by(), |tx| {
            let connect = |(email, roles): &(Email, Vec<Role>)| {
                let (account, _) = account::find_or_make(tx, house.organization, email)?;
                let no = find_or_make(tx, id, account.id)?;
                roles.iter().try_for_each(|role| add_role(tx, no, *role))?;
                find(tx, id, account.id)?.ok_or(Error::NotFound)
            };
            wanted.iter().map(connect).collect()
        })
    }

    /// The numbers of the accounts that are connected with this tenant now.
    pub fn connected_numbers(&self) -> Result<Vec<i64>> {
        self.must(Right::Users)?;
        let sql =
            "SELECT account.no FROM connection JOIN account ON account.id = connection.account
             WHERE connection.tenant = ?1 AND connection.deleted IS NULL ORDER BY account.no";
        let id = self.tenant().entry().id;
        self.tenant().house().file.read(|tx| tx.all(sql, [id], |row| row.get(0)))
    }

    /// One of them.
    pub fn connection(&self, account: AccountId) -> Result<Option<Connection>> {
        self.must(Right::Users)?;
        let id = self.tenant().entry().id;
        self.tenant().house().file.read(|tx| find(tx, id, account))
    }

    /// The account of this small number, where it is connected with this tenant.
    pub fn connection_by_no(&self, no: i64) -> Result<Option<Connection>> {
        self.must(Right::Users)?;
        let id = self.tenant().entry().id;
        self.tenant().house().file.read(|tx| match account::by_no(tx, no)? {
            Some(account) => find(tx, id, account.id),
            None => Ok(None),
        })
    }

    /// Connects whoever has this e-mail, with these roles besides those he has; says whether an account was made for it,
    /// inactive until the address is proven.
    pub fn connect(&self, email: &Email, roles: &[Role]) -> Result<(Connection, bool)> {
        self.must(Right::Users)?;
        let (house, id) = (self.tenant().house(), self.tenant().entry().id);
        house.file.write(self.by(), |tx| {
            let (account, made) = account::find_or_make(tx, house.organization, email)?;
            if find(tx, id, account.id)?.is_none_or(|known| known.deleted.is_some()) {
                check_seat(tx, id, house.allowed(tx, id)?.most(Usage::Users))?;
            }
            let no = find_or_make(tx, id, account.id)?;
            roles.iter().try_for_each(|role| add_role(tx, no, *role))?;
            let connection = find(tx, id, account.id)?.ok_or(Error::NotFound)?;
            Ok((connection, made))
        })
    }

    /// Makes these the roles of somebody who is connected; none: he is connected no longer.
    pub fn set_roles(&self, account: AccountId, roles: &[Role]) -> Result<Option<Connection>> {
        self.must(Right::Users)?;
        let id = self.tenant().entry().id;
        let by_himself = self.account().is_some_and(|own| own.id == account);
        self.tenant().house().file.write(self.by(), |tx| {
            find(tx, id, account)?.ok_or(Error::NotFound)?;
            set_roles(tx, id, account, roles, by_himself)?;
            find(tx, id, account)
        })
    }

    /// Gives or takes the name by which the tenant knows somebody.
    pub fn set_username(&self, account: AccountId, username: Option<&str>) -> Result<()> {
        self.must(Right::Users)?;
        let sql = "UPDATE connection SET username = ?3 WHERE tenant = ?1 AND account = ?2";
        let id = self.tenant().entry().id;
        self.tenant().house().file.write(self.by(), |tx| {
            tx.run(sql, (id, account, username))
                .on_conflict("connection.tenant, connection.username", Refusal::NameTaken)
                .map(drop)
        })
    }

    /// Lets a connection's roles count or not, deletes it or brings it back. An administrator neither stops himself nor is
    /// the last one stopped.
    pub fn set_connected(&self, account: AccountId, active: bool, deleted: bool) -> Result<()> {
        self.must(Right::Users)?;
        let id = self.tenant().entry().id;
        let by_himself = self.account().is_some_and(|own| own.id == account);
        self.tenant().house().file.write(self.by(), |tx| {
            let stops = !active || deleted;
            if stops && roles(tx, id, account)?.contains(&Role::Admin) {
                may_lose_admin(tx, id, account, by_himself)?;
            }
            tx.run(
                "UPDATE connection SET active = ?3 AND NOT ?4, deleted = iif(?4, coalesce(deleted, ?5), NULL)
                 WHERE tenant = ?1 AND account = ?2",
                (id, account, active, deleted, tx.now()),
            )
            .map(drop)
        })
    }
}

impl People {
    /// What an account has to do with the tenant of this small number now.
    pub fn connection(&self, account: AccountId, tenant: i64) -> Result<Option<Connection>> {
        self.house().file.read(|tx| {
            let Some(tenant) = tenant_of(tx, tenant)? else { return Ok(None) };
            Ok(find(tx, tenant, account)?.filter(|connection| connection.deleted.is_none()))
        })
    }

    /// Lets the tenant of this small number see what an account says of itself, or not; nothing happens where they have
    /// nothing to do with each other.
    pub fn set_consent(&self, account: AccountId, tenant: i64, on: bool) -> Result<()> {
        self.house().file.write(By::Account(account), |tx| {
            tx.run(
                "UPDATE connection SET consent = iif(?3, coalesce(consent, ?4), NULL)
                 WHERE account = ?1 AND tenant = (SELECT id FROM tenant WHERE no = ?2)",
                (account, tenant, on, tx.now()),
            )
            .map(drop)
        })
    }

    /// The numbers of the tenants that an account has to do with now.
    pub fn tenants_of(&self, account: AccountId) -> Result<Vec<i64>> {
        let sql = "SELECT tenant.no FROM connection JOIN tenant ON tenant.id = connection.tenant
             WHERE connection.account = ?1 AND connection.deleted IS NULL AND tenant.deleted IS NULL ORDER BY tenant.no";
        self.house().file.read(|tx| tx.all(sql, [account], |row| row.get(0)))
    }

    /// The e-mail of who is known by this name at the tenant of this small number.
    pub fn email_of(&self, username: &str, tenant: i64) -> Result<Option<Email>> {
        let sql = "SELECT account.email FROM connection JOIN account ON account.id = connection.account
             WHERE username = ?1 AND connection.tenant = (SELECT id FROM tenant WHERE no = ?2) AND deleted IS NULL";
        self.house().file.read(|tx| tx.maybe(sql, (username, tenant), |row| row.get(0)))
    }
}

fn tenant_of(tx: &Read, no: i64) -> Result<Option<TenantId>> {
    tx.maybe("SELECT id FROM tenant WHERE no = ?1", [no], |row| row.get(0))
}
