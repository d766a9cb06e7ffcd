//! Connections: who has to do with a tenant, in which roles, and whether he lets it see more of him than his e-mail.
//!
//! A tenant that has an administrator never loses its last one, and nobody takes away his own right to administer.

use super::account;
use super::license::Agents;
use super::personnel::NOWHERE;
use super::role::Role;
use super::team;
use super::{Account, By, Columns, House, People, Read, Right, Staff, Write};
use crate::error::{Error, Refusal, Result};
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

const COLUMNS: &str = "connection.no, connection.username, connection.active, connection.deleted, connection.consent, connection.created,
    (SELECT group_concat(no || ':' || role, ' ') FROM
        (SELECT no, role FROM connection_role WHERE connection = connection.no ORDER BY role DESC))";

fn row(row: &Row<'_>) -> rusqlite::Result<Connection> {
    let role = |pair: &str| {
        let (no, code) = pair.split_once(':')?;
        Some((no.parse().ok()?, Role::of(code.parse().ok()?)?))
    };
    let roles = |all: Option<String>| all.unwrap_or_default().split(' ').filter_map(role).collect();
    let mut columns = Columns::of(row);
    Ok(Connection {
        no: columns.take()?,
        username: columns.take()?,
        active: columns.take()?,
        deleted: columns.take()?,
        consent: columns.take()?,
        created: columns.take()?,
        roles: roles(columns.take()?),
        account: account::take(&mut columns)?,
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

/// People that a tenant may have, whatever its package gives.
const MOST: u64 = 10_000;

/// Those of a tenant's connections that are people: a device at the door takes nobody's seat.
pub(super) const PEOPLE: &str = "FROM connection WHERE connection.tenant = ?1
    AND NOT EXISTS (SELECT 1 FROM terminal WHERE terminal.account = connection.account)";

/// The connection of an account with a tenant; made, without roles, when there is none. One that was deleted lives again.
/// For who takes no seat; anybody else is connected by [`House::connect`].
pub(super) fn find_or_make(tx: &Write, tenant: TenantId, account: AccountId) -> Result<i64> {
    tx.one(
        "INSERT INTO connection (tenant, account, created) VALUES (?1, ?2, ?3)
         ON CONFLICT (tenant, account) DO UPDATE SET deleted = NULL, active = iif(deleted IS NULL, active, 1)
         RETURNING no",
        (tenant, account, tx.now()),
        |row| row.get(0),
    )
}

/// Connects who runs the house with ROOT, the first under the name that is the contract's. He has no role there: what he
/// may do is his account's.
pub(super) fn join_root(tx: &Write, account: AccountId) -> Result<()> {
    let root = tx.one("SELECT id FROM tenant WHERE no = 0", [], |row| row.get(0))?;
    let no = find_or_make(tx, root, account)?;
    let sql = "UPDATE connection SET username = 'sys.admin' WHERE no = ?1 AND username IS NULL
         AND NOT EXISTS (SELECT 1 FROM connection WHERE tenant = ?2 AND username = 'sys.admin')";
    tx.run(sql, (no, root)).map(drop)
}

/// Lets who runs the house no longer go from ROOT, unless he is something else there.
pub(super) fn leave_root(tx: &Write, account: AccountId) -> Result<()> {
    let root = tx.one("SELECT id FROM tenant WHERE no = 0", [], |row| row.get(0))?;
    match roles(tx, root, account)?.is_empty() {
        true => delete_softly(tx, root, account),
        false => Ok(()),
    }
}

/// Ends a connection with a trace that can be brought back.
pub(super) fn delete_softly(tx: &Write, tenant: TenantId, account: AccountId) -> Result<()> {
    team::end_sales(tx, tenant, account)?;
    let sql = "UPDATE connection SET active = 0, deleted = coalesce(deleted, ?3) WHERE tenant = ?1 AND account = ?2";
    tx.run(sql, (tenant, account, tx.now())).map(drop)
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

impl House {
    /// The same for a person, who takes a seat where he was not connected yet. What he was here before he was let go he is
    /// not again by that. Refused, before anything is written: where no seat is left.
    pub(super) fn connect(&self, tx: &Write, tenant: TenantId, account: AccountId) -> Result<i64> {
        let known =
            "SELECT no FROM connection WHERE tenant = ?1 AND account = ?2 AND deleted IS NULL";
        if let Some(no) = tx.maybe(known, (tenant, account), |row| row.get(0))? {
            return Ok(no);
        }
        self.take_place(tx, tenant)?;
        self.check_license(tx, tenant)?;
        // The role of a device at the door is its pairing's to take.
        tx.run(
            "DELETE FROM connection_role WHERE role <> 15 AND connection IN
                (SELECT no FROM connection WHERE tenant = ?1 AND account = ?2 AND deleted IS NOT NULL)",
            (tenant, account),
        )?;
        find_or_make(tx, tenant, account)
    }

    /// Refused where a tenant's package has no room for one person more. The one who hosts decides by himself.
    pub(super) fn take_place(&self, tx: &Write, tenant: TenantId) -> Result<()> {
        if *tx.by() == By::Console {
            return Ok(());
        }
        let most = self.allowed(tx, tenant)?.most(Usage::Users).unwrap_or(MOST).min(MOST);
        let sql = format!("SELECT count(*) {PEOPLE} AND deleted IS NULL");
        let people: i64 = tx.one(&sql, [tenant], |row| row.get(0))?;
        let is_free = u64::try_from(people).unwrap_or(0) < most;
        if is_free { Ok(()) } else { Err(Error::Refused(Refusal::TooMany("user"))) }
    }

    /// Makes an account administrator of a tenant, or takes that from it; all else that it is there stays. Refused: who is
    /// not active there, from the last administrator, and `by_himself`.
    pub(super) fn set_admin(
        &self,
        tx: &Write,
        tenant: TenantId,
        account: AccountId,
        on: bool,
        by_himself: bool,
    ) -> Result<()> {
        let known = if on {
            self.connect(tx, tenant, account)?;
            find(tx, tenant, account)?.ok_or(Error::NotFound)?
        } else {
            let known = find(tx, tenant, account)?.filter(|known| known.has(Role::Admin));
            let Some(known) = known else { return Ok(()) };
            known
        };
        match (on, known.active) {
            (true, false) => return Err(Error::Refused(Refusal::Inactive)),
            (true, true) => return add_role(tx, known.no, Role::Admin),
            (false, true) => may_lose_admin(tx, tenant, account, by_himself)?,
            (false, false) => {}
        }
        let sql = "DELETE FROM connection_role WHERE connection = ?1 AND role = ?2";
        tx.run(sql, (known.no, Role::Admin)).map(drop)
    }
}

/// Makes these the roles of an account that is connected with a tenant; without any the connection goes, and with it what
/// he sells there. That of a device
/// at the door, for which no dialect has a word, stays beside them. `by_himself`: it is his own doing, who may not stop
/// being administrator.
fn set_roles(
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
        team::end_sales(tx, tenant, account)?;
        let sql = "DELETE FROM connection WHERE tenant = ?1 AND account = ?2";
        return tx.run(sql, (tenant, account)).map(drop);
    }
    let connection = find(tx, tenant, account)?.ok_or(Error::NotFound)?.no;
    let keep: Vec<String> = roles.iter().map(|role| role.code().to_string()).collect();
    tx.run(
        "DELETE FROM connection_role WHERE connection = ?1 AND role NOT IN (SELECT value FROM json_each(?2))
            AND role <> 15",
        (connection, format!("[{}]", keep.join(","))),
    )?;
    roles.iter().try_for_each(|role| add_role(tx, connection, *role))
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
    match another_admin(tx, tenant, account)? {
        true => Ok(()),
        false => Err(Error::Refused(Refusal::LastAdministrator)),
    }
}

/// Does anybody else administer the tenant? Not somebody whose address is not proven: he may never come. Who has none is
/// somebody by his employer's word alone.
fn another_admin(tx: &Read, tenant: TenantId, account: AccountId) -> Result<bool> {
    let sql = "SELECT 1 FROM connection JOIN connection_role ON connection_role.connection = connection.no
             JOIN account ON account.id = connection.account
         WHERE connection.tenant = ?1 AND account.id <> ?2 AND connection.active = 1 AND role = 99
            AND (account.active = 1 OR account.email LIKE '%' || ?3)";
    tx.exists(sql, (tenant, account, NOWHERE))
}

/// Is there a tenant that would lose its last administrator with this account?
pub(super) fn is_last_admin_anywhere(tx: &Read, account: AccountId) -> Result<bool> {
    let sql = "SELECT tenant FROM connection JOIN connection_role ON connection_role.connection = connection.no
         WHERE account = ?1 AND active = 1 AND role = 99";
    for tenant in tx.all::<TenantId>(sql, [account], |row| row.get(0))? {
        if !another_admin(tx, tenant, account)? {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(super) fn find(tx: &Read, tenant: TenantId, account: AccountId) -> Result<Option<Connection>> {
    let sql = select("WHERE connection.tenant = ?1 AND connection.account = ?2");
    tx.maybe(&sql, (tenant, account), row)
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

    /// A page of those who have a role at this tenant that every dialect has a word for, and how many they are in all.
    pub fn connected(&self, limit: i64, offset: i64) -> Result<(Vec<Connection>, i64)> {
        self.must(Right::Users)?;
        let of = "WHERE connection.tenant = ?1 AND connection.deleted IS NULL AND EXISTS
            (SELECT 1 FROM connection_role WHERE connection_role.connection = connection.no AND role <> 15)";
        let sql = select(&format!("{of} ORDER BY connection.no LIMIT ?2 OFFSET ?3"));
        let (count, id) =
            (format!("SELECT count(*) FROM connection {of}"), self.tenant().entry().id);
        self.tenant().house().file.read(|tx| {
            let total = tx.one(&count, [id], |row| row.get(0))?;
            Ok((tx.all(&sql, (id, limit, offset), row)?, total))
        })
    }

    /// Connects all who have these e-mails, each with these roles besides those he has, or none of them. Accounts that are
    /// made for it are inactive until the address is proven. Refused: where there are seats for fewer.
    pub fn invite(
        &self,
        wanted: &[(Email, Vec<Role>)],
        agents: Agents<'_>,
    ) -> Result<Vec<Connection>> {
        self.must(Right::Users)?;
        let (house, id) = (self.tenant().house(), self.tenant().entry().id);
        house.file.write(self.by(), |tx| {
            let before = house.agents(tx, self.tenant(), agents)?;
            let connect = |(email, roles): &(Email, Vec<Role>)| {
                let (account, _) = account::find_or_make(tx, house.organization, email)?;
                let no = house.connect(tx, id, account.id)?;
                roles.iter().try_for_each(|role| add_role(tx, no, *role))?;
                find(tx, id, account.id)?.ok_or(Error::NotFound)
            };
            let connected = wanted.iter().map(connect).collect::<Result<_>>()?;
            house.check_agents(tx, self.tenant(), agents, before)?;
            Ok(connected)
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

    /// Makes these the roles of somebody who is connected; none: he is connected no longer. Says whether he has to prove his
    /// address now, which nobody had.
    pub fn set_roles(
        &self,
        account: AccountId,
        roles: &[Role],
    ) -> Result<(Option<Connection>, bool)> {
        self.must(Right::Users)?;
        let id = self.tenant().entry().id;
        let by_himself = self.account().is_some_and(|own| own.id == account);
        self.tenant().house().file.write(self.by(), |tx| {
            let before = find(tx, id, account)?.ok_or(Error::NotFound)?.account;
            set_roles(tx, id, account, roles, by_himself)?;
            Ok((find(tx, id, account)?, account::has_lost_claim(tx, &before)?))
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
