//! Keys with a secret that must be known again: a program shows both, or encrypts with the secret. Encrypted at rest
//! under a key outside of the databases.

use super::admit::{AppCaller, PairCaller};
use super::secrets::Secrets;
use super::{Columns, House, Operator, Read, Staff, Write};
use crate::error::{Error, OnConflict, Refusal, Result};
use crate::values::id::TenantId;
use crate::values::secret::{Fingerprint, alphanumeric};
use crate::values::{Slug, Time};
use rusqlite::Row;
use subtle::ConstantTimeEq;

crate::values::letters! {
    /// Whose way of calling.
    Dialect {
        /// Key and secret in two headers.
        Coach = "coach",
        /// A key in a header, and a token encrypted with the secret.
        Roomle = "roomle",
    }
}

impl Dialect {
    /// Characters of key and secret: as in the Coach contract's samples; 16 bytes are an AES key.
    const fn lengths(self) -> (usize, usize) {
        match self {
            Self::Coach => (20, 50),
            Self::Roomle => (20, 16),
        }
    }
}

/// A key with its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its number, for the audit.
    pub no: i64,
    /// The key.
    pub key: String,
    /// The secret.
    pub secret: String,
    /// The tenant that it opens; none: an application's.
    pub tenant: Option<TenantId>,
    /// That one's small number.
    pub tenant_no: Option<i64>,
}

/// A key as lists show it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The key.
    pub key: String,
    /// The tenant that it opens; none: an application's.
    pub tenant: Option<Slug>,
    /// Does it open anything, or was it revoked?
    pub active: bool,
    /// Since when it is there.
    pub created: Time,
}

fn listed(row: &Row<'_>) -> rusqlite::Result<Listed> {
    Ok(Listed {
        key: row.get("key")?,
        tenant: row.get("slug")?,
        active: row.get("active")?,
        created: row.get("created")?,
    })
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential")
            .field("no", &self.no)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

struct Sealed {
    no: i64,
    key: String,
    secret: Vec<u8>,
    tenant: Option<TenantId>,
    tenant_no: Option<i64>,
}

const SELECT: &str = "SELECT credential.no, key, secret, tenant, tenant.no
     FROM credential LEFT JOIN tenant ON tenant.id = credential.tenant";

fn row(row: &Row<'_>) -> rusqlite::Result<Sealed> {
    let mut columns = Columns::of(row);
    Ok(Sealed {
        no: columns.take()?,
        key: columns.take()?,
        secret: columns.take()?,
        tenant: columns.take()?,
        tenant_no: columns.take()?,
    })
}

impl Sealed {
    fn open(self, secrets: &Secrets, dialect: Dialect) -> Result<Credential> {
        let Self { no, key, secret, tenant, tenant_no } = self;
        let secret = secrets.open_sealed(&bound(dialect, &key), &secret)?;
        let secret = String::from_utf8(secret).map_err(|e| Error::Internal(Box::new(e)))?;
        Ok(Credential { no, key, secret, tenant, tenant_no })
    }
}

/// What a sealed secret belongs to: moved to another row it does not open.
fn bound(dialect: Dialect, key: &str) -> String {
    format!("{} {key}", dialect.as_str())
}

/// Makes a pair for a tenant, or for an application.
pub(super) fn create(
    tx: &Write,
    secrets: &Secrets,
    dialect: Dialect,
    tenant: Option<TenantId>,
) -> Result<Credential> {
    let (key, secret) = dialect.lengths();
    let (key, secret) = (alphanumeric(key), alphanumeric(secret));
    let sealed = secrets.seal(&bound(dialect, &key), secret.as_bytes())?;
    tx.run(
        "INSERT INTO credential (dialect, key, secret, tenant, created) VALUES (?1, ?2, ?3, ?4, ?5)",
        (dialect, &key, sealed, tenant, tx.now()),
    )?;
    let sql = format!("{SELECT} WHERE dialect = ?1 AND key = ?2");
    tx.one(&sql, (dialect, &key), row)?.open(secrets, dialect)
}

fn by_key(tx: &Read, dialect: Dialect, key: &str) -> Result<Option<Sealed>> {
    let sql = format!("{SELECT} WHERE dialect = ?1 AND key = ?2 AND active = 1");
    tx.maybe(&sql, (dialect, key), row)
}

/// Makes the pairs that a new tenant has for each dialect.
pub(super) fn create_first(tx: &Write, secrets: &Secrets, tenant: TenantId) -> Result<()> {
    for dialect in Dialect::ALL {
        create(tx, secrets, *dialect, Some(tenant))?;
    }
    Ok(())
}

impl House {
    /// Makes what tenants lack who are from before there were such keys: to show one writes nothing.
    pub(super) fn make_credentials(&self) -> Result<()> {
        for dialect in Dialect::ALL {
            let sql = "SELECT id FROM tenant WHERE state <> 'creating'
                 AND NOT EXISTS (SELECT 1 FROM credential WHERE tenant = tenant.id AND dialect = ?1 AND active = 1)";
            let missing = |tx: &Read| tx.all::<TenantId>(sql, [dialect], |row| row.get(0));
            if self.file.read(missing)?.is_empty() {
                continue;
            }
            self.file.write(super::By::House, |tx| {
                missing(tx)?
                    .into_iter()
                    .try_for_each(|id| create(tx, &self.secrets, *dialect, Some(id)).map(drop))
            })?;
        }
        Ok(())
    }

    fn credential(&self, tenant: TenantId, dialect: Dialect) -> Result<Credential> {
        let sql = format!(
            "{SELECT} WHERE tenant = ?1 AND dialect = ?2 AND active = 1 ORDER BY credential.no LIMIT 1"
        );
        if let Some(found) = self.file.read(|tx| tx.maybe(&sql, (tenant, dialect), row))? {
            return found.open(&self.secrets, dialect);
        }
        // A tenant from before there were such keys, which the start has not come to yet.
        self.file.write(super::By::House, |tx| match tx.maybe(&sql, (tenant, dialect), row)? {
            Some(found) => found.open(&self.secrets, dialect),
            None => create(tx, &self.secrets, dialect, Some(tenant)),
        })
    }
}

impl super::Root {
    /// The tenant's pair of a Coach client, where key and secret are right. Takes as long for a wrong secret as for a right one.
    pub fn check_pair(&self, key: &str, secret: &str) -> Result<Option<PairCaller>> {
        let Some(found) = self.0.file.read(|tx| by_key(tx, Dialect::Coach, key))? else {
            return Ok(None);
        };
        let known = found.open(&self.0.secrets, Dialect::Coach)?;
        let right: bool = known.secret.as_bytes().ct_eq(secret.as_bytes()).into();
        let (Some(tenant), Some(no), true) = (known.tenant, known.tenant_no, right) else {
            return Ok(None);
        };
        // A closed tenant's pair opens nothing.
        let is_open = self.0.registry()?.by_no(no).is_some();
        Ok(is_open.then_some(PairCaller { no: known.no, tenant, is_host: no == 0 }))
    }

    /// The key of a Roomle client, with the secret that its tokens are encrypted with.
    pub fn app_key(&self, key: &str) -> Result<Option<Credential>> {
        let found = self.0.file.read(|tx| by_key(tx, Dialect::Roomle, key))?;
        found.map(|sealed| sealed.open(&self.0.secrets, Dialect::Roomle)).transpose()
    }
}

impl AppCaller {
    /// Who calls with a key of [`super::Root::app_key`], working on the tenant `current`.
    #[must_use]
    pub fn new(key: &Credential, current: TenantId, person: Option<super::Account>) -> Self {
        Self { no: key.no, session: None, current, person }
    }

    /// The same, by a session with this token.
    #[must_use]
    pub fn in_session(self, token: Option<&str>) -> Self {
        Self { session: token.map(Fingerprint::of), ..self }
    }
}

impl Staff {
    /// This tenant's pair for a dialect; made when there is none. For who may manage the tenant.
    pub fn credential(&self, dialect: Dialect) -> Result<Credential> {
        self.must(super::Right::Manage)?;
        self.tenant().house().credential(self.tenant().entry().id, dialect)
    }

    /// Where this tenant is told what happens, and the key of its pair for a dialect, in one look: the secret is not asked
    /// for. For who may manage the tenant.
    pub fn hook_and_key(&self, dialect: Dialect) -> Result<(Option<String>, String)> {
        self.must(super::Right::Manage)?;
        let sql =
            "SELECT (SELECT webhook FROM organizer WHERE tenant = ?1), (SELECT key FROM credential
             WHERE tenant = ?1 AND dialect = ?2 AND active = 1 ORDER BY no LIMIT 1)";
        let (file, id) = (&self.tenant().house().file, self.tenant().entry().id);
        let (webhook, key): (_, Option<String>) =
            file.read(|tx| tx.one(sql, (id, dialect), |row| Ok((row.get(0)?, row.get(1)?))))?;
        let key = match key {
            Some(key) => key,
            None => self.credential(dialect)?.key,
        };
        Ok((webhook, key))
    }

    /// Gives this tenant another pair; the old one is worth nothing at once. What could be guessed is refused.
    pub fn replace_credential(&self, dialect: Dialect, key: &str, secret: &str) -> Result<()> {
        self.must(super::Right::Manage)?;
        for (name, text, least) in [("apiKey", key, 8), ("apiSecret", secret, 16)] {
            if !(least..=100).contains(&text.chars().count()) {
                return Err(Error::invalid(name, format!("must have {least} to 100 characters")));
            }
        }
        let (house, id) = (self.tenant().house(), self.tenant().entry().id);
        let sealed = house.secrets.seal(&bound(dialect, key), secret.as_bytes())?;
        house.file.write(self.by(), |tx| {
            tx.run("DELETE FROM credential WHERE tenant = ?1 AND dialect = ?2", (id, dialect))?;
            tx.run(
                "INSERT INTO credential (dialect, key, secret, tenant, created) VALUES (?1, ?2, ?3, ?4, ?5)",
                (dialect, key, sealed, id, tx.now()),
            )
            .on_conflict("credential.dialect, credential.key", Refusal::NameTaken)
            .map(drop)
        })
    }
}

impl Operator {
    /// The pair of a tenant for a dialect; made when there is none.
    pub fn credential(&self, slug: &Slug, dialect: Dialect) -> Result<Credential> {
        let id = self.tenant_id(slug)?;
        self.house().credential(id, dialect)
    }

    /// Gives a tenant another pair for a dialect; the old one is worth nothing at once.
    pub fn renew_credential(&self, slug: &Slug, dialect: Dialect) -> Result<Credential> {
        let (house, id) = (self.house(), self.tenant_id(slug)?);
        house.file.write(self.by(), |tx| {
            tx.run("DELETE FROM credential WHERE tenant = ?1 AND dialect = ?2", (id, dialect))?;
            create(tx, &house.secrets, dialect, Some(id))
        })
    }

    /// The keys of Roomle clients, applications' first, without their secrets.
    pub fn roomle_keys(&self) -> Result<Vec<Listed>> {
        let sql = "SELECT key, slug, active, credential.created FROM credential
             LEFT JOIN tenant ON tenant.id = credential.tenant WHERE dialect = ?1
             ORDER BY credential.tenant IS NOT NULL, credential.no";
        self.house().file.read(|tx| tx.all(sql, [Dialect::Roomle], listed))
    }

    /// Ends a key of a Roomle client at once; where it is a tenant's, another is made when that is next shown.
    pub fn revoke_roomle_key(&self, key: &str) -> Result<()> {
        self.house().file.write(self.by(), |tx| {
            let sql = "SELECT active FROM credential WHERE dialect = ?1 AND key = ?2";
            if !tx.must(sql, (Dialect::Roomle, key), |row| row.get(0))? {
                return Err(Error::invalid("key", "was revoked already"));
            }
            let sql = "UPDATE credential SET active = 0 WHERE dialect = ?1 AND key = ?2";
            tx.run(sql, (Dialect::Roomle, key)).map(drop)
        })
    }

    /// Makes a key for an application that works for many tenants.
    pub fn create_app_key(&self) -> Result<Credential> {
        let house = self.house();
        house.file.write(self.by(), |tx| create(tx, &house.secrets, Dialect::Roomle, None))
    }
}
