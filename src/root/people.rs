//! Accounts by e-mail, passwords and tokens. No listing, except for the operator.

use super::token::{self, Kind};
use super::{Account, By, House, Member, Operator, Read, account, connection};
use crate::error::{Error, Refusal, Result};
use crate::values::id::OrganizationId;
use crate::values::{Email, Slug, Time};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use parking_lot::{Condvar, Mutex};
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

/// Made only by [`super::Root::people`].
#[derive(Clone, Debug)]
pub struct People {
    house: Arc<House>,
    organization: OrganizationId,
}

/// A pair of tokens.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Gets new access tokens.
    pub refresh: String,
    /// Sent with each request.
    pub access: String,
}

/// Why a token opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFault {
    /// Forged, expired, malformed, of the wrong kind, or older than the password.
    Invalid,
    /// Its account is not active, or nobody has proven its address.
    Inactive,
    /// Its account is gone.
    Gone,
    /// A terminal's, shown by another device.
    OtherDevice,
}

/// Why somebody is not logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoLogIn {
    /// He, or somebody at his network, has failed too often in this minute.
    TooOften,
    /// There is no such account, or its password is another.
    Wrong,
}

impl People {
    pub(super) fn new(house: Arc<House>, organization: OrganizationId) -> Self {
        Self { house, organization }
    }

    pub(super) fn house(&self) -> &House {
        &self.house
    }

    pub(super) fn organization(&self) -> OrganizationId {
        self.organization
    }

    pub(super) fn shared(&self) -> &Arc<House> {
        &self.house
    }

    /// Logs in by e-mail and password: the organization's account, or else the admin's, whose staff log in everywhere; only
    /// one that is `wanted`. Who has failed too often is not even listened to: the hash is what an attacker makes us pay.
    /// Takes as long for an unknown e-mail as for a known one.
    pub fn log_in(
        &self,
        (now, client): (Time, IpAddr),
        (name, password): (&str, &str),
        wanted: impl Fn(&Account) -> bool,
    ) -> Result<Result<Account, NoLogIn>> {
        let email = Email::parse(name);
        let found = match &email {
            Some(email) => self.house.file.read(|tx| self.with_hash(tx, email))?,
            None => None,
        };
        // What counts is whose account it is: the same words may name other people elsewhere.
        let key = match &found {
            Some((account, _)) => account.id.to_string(),
            None => format!("{}|{}", self.organization, name.to_lowercase()),
        };
        if !self.house.throttle.may_try(now, client, &key) {
            return Ok(Err(NoLogIn::TooOften));
        }
        let hash = found.as_ref().and_then(|(_, hash)| hash.as_deref());
        let right = self.house.passwords.verify(password, hash)?;
        let account = found.map(|(account, _)| account);
        let Some(account) = account.filter(|one| right && one.active && wanted(one)) else {
            return Ok(Err(NoLogIn::Wrong));
        };
        self.house.throttle.succeeded(now, client, &key);
        Ok(Ok(account))
    }

    /// Whose account an e-mail names here, with the hash of its password.
    fn with_hash(&self, tx: &Read, email: &Email) -> Result<Option<(Account, Option<String>)>> {
        let own = account::find(tx, self.organization, email)?;
        let own = own.filter(|own| own.has_password || self.is_admins());
        let staff = || account::find(tx, self.house.organization, email);
        let Some(account) = own.map_or_else(staff, |own| Ok(Some(own)))? else { return Ok(None) };
        let sql = "SELECT password FROM account WHERE id = ?1";
        let hash = tx.one(sql, [account.id], |row| row.get(0))?;
        Ok(Some((account, hash)))
    }

    /// The same of the admin's organization, whose accounts work for tenants.
    #[must_use]
    pub fn staff(&self) -> Self {
        Self::new(self.house.clone(), self.house.organization)
    }

    fn is_admins(&self) -> bool {
        self.organization == self.house.organization
    }

    /// Is this account one of the organization's, or of the admin's?
    fn knows(&self, account: &Account) -> bool {
        [self.organization, self.house.organization].contains(&account.organization)
    }

    /// Does this account administer any tenant?
    pub fn is_admin_anywhere(&self, account: &Account) -> Result<bool> {
        self.house
            .file
            .read(|tx| {
                tx.exists(
                    "SELECT 1 FROM connection JOIN connection_role ON connection_role.connection = connection.no
                     WHERE account = ?1 AND active = 1 AND role = 99",
                    [account.id],
                )
            })
    }

    /// The account of this e-mail, if there is one.
    pub fn find(&self, email: &Email) -> Result<Option<Account>> {
        self.house.file.read(|tx| account::find(tx, self.organization, email))
    }

    /// The account of this e-mail; made, inactive and without a password, when there is none.
    pub fn find_or_make(&self, email: &Email) -> Result<Account> {
        let organization = self.organization;
        let known = self.house.file.read(|tx| account::find(tx, organization, email))?;
        match known {
            Some(account) => Ok(account),
            None => self.house.file.write(By::Visitor, |tx| {
                account::find_or_make(tx, organization, email).map(|(account, _)| account)
            }),
        }
    }

    /// A new pair of tokens for an account.
    pub fn issue(&self, account: &Account, now: Time) -> Result<Pair> {
        let make = |kind| self.token(kind, account, now);
        Ok(Pair { refresh: make(Kind::Refresh)?, access: make(Kind::Access)? })
    }

    fn token(&self, kind: Kind, account: &Account, now: Time) -> Result<String> {
        let said = token::Said { account: account.id, password_of: account.password_changed };
        token::issue(&self.house.secrets.jwt, kind, said, now)
            .ok_or_else(|| Error::internal("a token cannot be signed"))
    }

    /// A new access token for a valid refresh token; a terminal's only where `device`, its name for itself and its MAC, is
    /// the one that was paired.
    pub fn refresh(
        &self,
        text: &str,
        device: (&str, &str),
        now: Time,
    ) -> Result<Result<String, TokenFault>> {
        match self.account(Some(Kind::Refresh), text, now)? {
            Ok(account)
                if self.terminal(account.id)?.is_some_and(|own| {
                    (own.device.id.as_str(), own.device.mac.as_str()) != device
                }) =>
            {
                Ok(Err(TokenFault::OtherDevice))
            }
            Ok(account) => self.token(Kind::Access, &account, now).map(Ok),
            Err(fault) => Ok(Err(fault)),
        }
    }

    /// Is this a valid token of either kind?
    pub fn verify(&self, text: &str, now: Time) -> Result<bool> {
        Ok(self.account(None, text, now)?.is_ok())
    }

    /// The account behind an access token.
    pub fn by_token(&self, text: &str, now: Time) -> Result<Result<Account, TokenFault>> {
        self.account(Some(Kind::Access), text, now)
    }

    fn account(
        &self,
        kind: Option<Kind>,
        text: &str,
        now: Time,
    ) -> Result<Result<Account, TokenFault>> {
        let Some(said) = token::read(&self.house.secrets.jwt, kind, text, now) else {
            return Ok(Err(TokenFault::Invalid));
        };
        let found = self.house.file.read(|tx| account::get(tx, said.account))?;
        Ok(match found {
            None => Err(TokenFault::Gone),
            Some(account) if !account.is_proven() => Err(TokenFault::Inactive),
            // A changed password ends the tokens from before it.
            Some(account) if said.password_of != account.password_changed => {
                Err(TokenFault::Invalid)
            }
            // A customer of another organization is somebody else here.
            Some(account) if !self.knows(&account) => Err(TokenFault::Gone),
            Some(account) => Ok(account),
        })
    }
}

/// What somebody says of himself who makes an account.
#[derive(Clone, Debug)]
pub struct Newcomer {
    /// The e-mail, which has yet to be proven.
    pub email: Email,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// As written.
    pub phone: Option<String>,
    /// Two letters.
    pub language: Option<String>,
}

impl People {
    /// Makes an account, inactive until its address is proven. Refused: one that anybody could use already. One that nobody
    /// has proven stays as it is.
    pub fn register(&self, new: &Newcomer) -> Result<Account> {
        self.house.file.write(By::Visitor, |tx| {
            let (account, made) = account::find_or_make(tx, self.organization, &new.email)?;
            if account.active || account.has_password {
                return Err(Error::Refused(Refusal::AccountExists));
            }
            if made { account::describe(tx, account.id, new) } else { Ok(account) }
        })
    }

    /// Switches an account off at its owner's wish, and ends its sessions. Refused: the last superuser, the last
    /// administrator of any tenant.
    pub fn leave(&self, member: &Member) -> Result<()> {
        let id = member.account().id;
        self.house.file.write(By::Account(id), |tx| {
            let others = "SELECT 1 FROM account WHERE superuser = 1 AND active = 1 AND id <> ?1";
            if member.account().superuser && !tx.exists(others, [id])? {
                return Err(Error::Refused(Refusal::LastSuperuser));
            }
            if connection::is_last_admin_anywhere(tx, id)? {
                return Err(Error::Refused(Refusal::LastAdministrator));
            }
            House::close_sessions(tx, id)?;
            tx.run("UPDATE account SET active = 0 WHERE id = ?1", [id]).map(drop)
        })
    }
}

/// What the operator says of a new account.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Its e-mail.
    pub email: Email,
    /// Its password; without one it cannot log in yet.
    pub password: Option<String>,
    /// May do all, everywhere.
    pub superuser: bool,
    /// May found tenants.
    pub can_create_tenant: bool,
}

impl Operator {
    /// Makes an active account.
    pub fn create_user(&self, new: &NewUser) -> Result<Account> {
        let house = self.house();
        let password = new.password.as_deref().map(|p| house.passwords.hash(p)).transpose()?;
        let new = account::New {
            email: new.email.clone(),
            password,
            active: true,
            superuser: new.superuser,
            can_create_tenant: new.can_create_tenant,
        };
        house.file.write(self.by(), |tx| {
            let made = account::create(tx, house.organization, &new)?;
            if made.superuser {
                connection::join_root(tx, made.id)?;
            }
            Ok(made)
        })
    }

    /// The account of this e-mail, if there is one.
    pub fn user(&self, email: &Email) -> Result<Option<Account>> {
        self.house().file.read(|tx| account::find(tx, self.house().organization, email))
    }

    /// Does this account administer the tenant?
    pub fn administers(&self, account: &Account, tenant: &Slug) -> Result<bool> {
        let tenant = self.tenant_id(tenant)?;
        self.house().file.read(|tx| House::is_admin(tx, tenant, account.id))
    }

    /// All accounts, by e-mail.
    pub fn list_users(&self) -> Result<Vec<Account>> {
        self.house().file.read(|tx| account::list(tx, self.house().organization))
    }

    /// Gives an account a new password, which ends its tokens; with `activate` it may log in.
    pub fn set_password(&self, email: &Email, password: &str, activate: bool) -> Result<()> {
        let hash = self.house().passwords.hash(password)?;
        self.house().file.write(self.by(), |tx| {
            let account = self.must_find(tx, email)?;
            // Whoever claimed the address knows this password no more than anybody.
            tx.run("UPDATE account SET registered = NULL WHERE id = ?1", [account.id])?;
            account::set_password(tx, account.id, &hash, activate).map(drop)
        })
    }

    /// Gives (or, with `on` false, takes) the rights that are named. Says whether the account has to prove its address now,
    /// which nobody had.
    pub fn grant(
        &self,
        email: &Email,
        admin_of: Option<&Slug>,
        superuser: bool,
        creator: bool,
        on: bool,
    ) -> Result<bool> {
        let tenant = admin_of.map(|slug| self.tenant_id(slug)).transpose()?;
        let house = self.house();
        house.file.write(self.by(), |tx| {
            let account = self.must_find(tx, email)?;
            if !on && superuser {
                let others = tx.exists(
                    "SELECT 1 FROM account WHERE superuser = 1 AND active = 1 AND id <> ?1",
                    [account.id],
                )?;
                if !others {
                    return Err(Error::Refused(Refusal::LastSuperuser));
                }
            }
            account::set_flags(tx, account.id, superuser.then_some(on), creator.then_some(on))?;
            match (superuser, on) {
                (true, true) => connection::join_root(tx, account.id)?,
                (true, false) => connection::leave_root(tx, account.id)?,
                (false, _) => {}
            }
            if let Some(tenant) = tenant {
                house.set_admin(tx, tenant, account.id, on, false)?;
            }
            account::has_lost_claim(tx, &account)
        })
    }

    fn must_find(&self, tx: &Read, email: &Email) -> Result<Account> {
        account::find(tx, self.house().organization, email)?
            .ok_or_else(|| Error::invalid("user", format!("no account has the e-mail {email}")))
    }
}

/// Hashes passwords with argon2id, a few at a time: each takes 19 MiB and tens of milliseconds of a core.
#[derive(Debug)]
pub(super) struct Passwords {
    free: Mutex<usize>,
    freed: Condvar,
    stand_in: OnceLock<String>,
}

/// Characters of a password.
const LENGTH: std::ops::RangeInclusive<usize> = 8..=128;

/// Refuses a password that is too short or too long.
pub fn check_new_password(password: &str) -> Result<()> {
    if LENGTH.contains(&password.chars().count()) {
        return Ok(());
    }
    Err(Error::invalid("password", "must have 8 to 128 characters"))
}

impl Passwords {
    pub(super) fn new(at_once: usize) -> Self {
        Self { free: Mutex::new(at_once.max(1)), freed: Condvar::new(), stand_in: OnceLock::new() }
    }

    /// The hash of a new password of 8 to 128 characters.
    pub(super) fn hash(&self, password: &str) -> Result<String> {
        check_new_password(password)?;
        self.in_turn(|| hash(password))
    }

    /// Is this the password behind `hash`? Without a hash the answer is no, after the same time.
    fn verify(&self, password: &str, hash_of: Option<&str>) -> Result<bool> {
        self.in_turn(|| {
            let stand_in = match self.stand_in.get() {
                Some(known) => known,
                None => {
                    let made = hash("nobody has this password")?;
                    self.stand_in.get_or_init(|| made)
                }
            };
            let parsed = PasswordHash::new(hash_of.unwrap_or(stand_in)).map_err(|e| {
                Error::internal(format!("a stored password hash cannot be read: {e}"))
            })?;
            let right = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
            Ok(right && hash_of.is_some())
        })
    }

    fn in_turn<T>(&self, f: impl FnOnce() -> T) -> T {
        let mut free = self.free.lock();
        while *free == 0 {
            self.freed.wait(&mut free);
        }
        *free -= 1;
        drop(free);
        let _seat = Seat(self);
        f()
    }
}

/// Given back when it is dropped, in a panic too.
struct Seat<'a>(&'a Passwords);

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        *self.0.free.lock() += 1;
        self.0.freed.notify_one();
    }
}

fn hash(password: &str) -> Result<String> {
    let hash: PasswordHash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|e| Error::internal(format!("a password cannot be hashed: {e}")))?;
    Ok(hash.to_string())
}
