//! API keys: `<8>.<32>` characters, bound to the tenant where they were made, acting as their account.

use super::admit::{Caller, KeyCaller};
use super::{By, Operator, People, Read, Rights, account};
use crate::error::{Error, OnConflict, Refusal, Result};
use crate::values::id::{AccountId, KeyId, TenantId};
use crate::values::secret::{Fingerprint, alphanumeric};
use crate::values::{Email, Slug, Time};
use rusqlite::{Row, named_params};
use std::net::IpAddr;

const PREFIX_LENGTH: usize = 8;
const SECRET_LENGTH: usize = 32;

/// What a presented key turned out to be.
#[derive(Debug)]
pub enum KeyCheck {
    /// Does not look like a key at all: some other scheme's credentials.
    NoKey,
    /// No such key, or it has expired or was revoked.
    Unknown,
    /// The key is right, but not from this address; shown only to whoever holds it.
    WrongAddress(Box<KeyCaller>),
    /// Right in every way.
    Right(Box<KeyCaller>),
}

/// A key as lists show it; the secret is nowhere.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its public id.
    pub id: KeyId,
    /// The first eight characters.
    pub prefix: String,
    /// What it is called, unique for its tenant.
    pub name: String,
    /// The tenant that it opens.
    pub tenant: Slug,
    /// The account that it acts as.
    pub email: Email,
    /// What it may do.
    pub rights: Rights,
    /// The only address that it may come from.
    pub ip: Option<String>,
    /// When it ends by itself.
    pub expires: Option<Time>,
    /// When it was revoked.
    pub revoked: Option<Time>,
    /// When it was last used, to a few seconds.
    pub last_used: Option<Time>,
}

/// What a new key is to be.
#[derive(Clone, Debug)]
pub struct New {
    /// The tenant that it opens.
    pub tenant: Slug,
    /// The account that it acts as.
    pub email: Email,
    /// What it is called: 1 to 30 characters.
    pub name: String,
    /// What it may do.
    pub rights: Rights,
    /// The only address that it may come from; none: any.
    pub ip: Option<IpAddr>,
    /// When it ends by itself.
    pub expires: Option<Time>,
}

struct Stored {
    id: KeyId,
    digest: Fingerprint,
    tenant: TenantId,
    account: AccountId,
    rights: Rights,
    ip: Option<String>,
}

impl People {
    /// Looks at a key presented from `address`. Failures are not counted here: a key that is wrong may also be no key.
    pub fn check_key(&self, text: &str, address: IpAddr) -> Result<KeyCheck> {
        let Some((prefix, secret)) = text.split_once('.') else { return Ok(KeyCheck::NoKey) };
        if prefix.len() != PREFIX_LENGTH || secret.len() != SECRET_LENGTH {
            return Ok(KeyCheck::NoKey);
        }
        let found = self.house().file.read(|tx| {
            let Some(stored) = live(tx, prefix)? else { return Ok(None) };
            Ok(account::get(tx, stored.account)?
                .filter(|a| a.active)
                .map(|account| (stored, account)))
        })?;
        let Some((stored, account)) = found else { return Ok(KeyCheck::Unknown) };
        if !stored.digest.matches(secret) {
            return Ok(KeyCheck::Unknown);
        }
        let from_here = stored.ip.is_none_or(|ip| ip.parse::<IpAddr>() == Ok(address));
        let Stored { id, tenant, rights, .. } = stored;
        let caller = Box::new(KeyCaller { key: id, tenant, account, rights: rights.of_key() });
        if !from_here {
            return Ok(KeyCheck::WrongAddress(caller));
        }
        self.house().keys_used.lock().insert(id, Time::now());
        Ok(KeyCheck::Right(caller))
    }
}

impl KeyCheck {
    /// Who calls; a key from a wrong address is nobody's.
    #[must_use]
    pub fn caller(self) -> Caller {
        match self {
            Self::Right(caller) => Caller::Key(caller),
            Self::NoKey | Self::Unknown | Self::WrongAddress(_) => Caller::Nobody,
        }
    }
}

fn live(tx: &Read, prefix: &str) -> Result<Option<Stored>> {
    tx.maybe(
        "SELECT id, digest, tenant, account, rights, ip FROM api_key
         WHERE prefix = ?1 AND revoked IS NULL AND (expires IS NULL OR expires > ?2)",
        (prefix, tx.now()),
        |row| {
            Ok(Stored {
                id: row.get("id")?,
                digest: row.get("digest")?,
                tenant: row.get("tenant")?,
                account: row.get("account")?,
                rights: row.get("rights")?,
                ip: row.get("ip")?,
            })
        },
    )
}

impl Operator {
    /// Makes a key and returns its whole text: this is the only time that it can be seen.
    pub fn create_key(&self, new: &New) -> Result<String> {
        if new.name.is_empty() || new.name.chars().count() > 30 {
            return Err(Error::invalid("name", "must have 1 to 30 characters"));
        }
        let (prefix, secret) = (alphanumeric(PREFIX_LENGTH), alphanumeric(SECRET_LENGTH));
        let tenant = self.tenant_id(&new.tenant)?;
        self.house().file.write(By::Console, |tx| {
            let account = account::find(tx, self.house().organization, &new.email)?
                .ok_or_else(|| Error::invalid("user", format!("no account has the e-mail {}", new.email)))?;
            let params = named_params! {
                ":id": KeyId::new(), ":prefix": prefix, ":digest": Fingerprint::of(&secret), ":tenant": tenant,
                ":account": account.id, ":name": new.name, ":rights": new.rights,
                ":ip": new.ip.map(|ip| ip.to_string()), ":expires": new.expires, ":now": tx.now(),
            };
            tx.run(
                "INSERT INTO api_key (id, prefix, digest, tenant, account, name, rights, ip, expires, created)
                 VALUES (:id, :prefix, :digest, :tenant, :account, :name, :rights, :ip, :expires, :now)",
                params,
            )
            .on_conflict("api_key.tenant, api_key.name", Refusal::NameTaken)
        })?;
        Ok(format!("{prefix}.{secret}"))
    }

    /// All keys, or those of one tenant.
    pub fn list_keys(&self, tenant: Option<&Slug>) -> Result<Vec<Listed>> {
        if let Some(slug) = tenant {
            self.tenant_id(slug)?;
        }
        self.house().file.read(|tx| {
            tx.all(
                "SELECT api_key.id, prefix, api_key.name, tenant.slug, account.email, rights, ip, expires, revoked,
                    last_used
                 FROM api_key JOIN tenant ON tenant.id = api_key.tenant JOIN account ON account.id = api_key.account
                 WHERE ?1 IS NULL OR tenant.slug = ?1 ORDER BY api_key.created",
                [tenant],
                listed,
            )
        })
    }

    /// Ends a key at once, named by its prefix or id.
    pub fn revoke_key(&self, name: &str) -> Result<()> {
        let id = name.parse::<uuid::Uuid>().ok().map(KeyId);
        self.house().file.write(By::Console, |tx| {
            let sql = "SELECT id, revoked FROM api_key WHERE prefix = ?1 OR id = ?2";
            let (id, revoked): (KeyId, Option<Time>) =
                tx.must(sql, (name, id), |row| Ok((row.get(0)?, row.get(1)?)))?;
            if let Some(at) = revoked {
                return Err(Error::invalid("key", format!("was revoked already, at {at}")));
            }
            tx.run("UPDATE api_key SET revoked = ?2 WHERE id = ?1", (id, tx.now())).map(drop)
        })
    }
}

fn listed(row: &Row<'_>) -> rusqlite::Result<Listed> {
    Ok(Listed {
        id: row.get("id")?,
        prefix: row.get("prefix")?,
        name: row.get("name")?,
        tenant: row.get("slug")?,
        email: row.get("email")?,
        rights: row.get("rights")?,
        ip: row.get("ip")?,
        expires: row.get("expires")?,
        revoked: row.get("revoked")?,
        last_used: row.get("last_used")?,
    })
}
