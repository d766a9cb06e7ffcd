//! Everything that opens a file, and who may ask for what. The rest of the crate sees few names.
//!
//! Only here are `Tenant`, `Read`, `Write`, `Staff`, `Founder` and `Operator` made. Root knows nothing of the trade:
//! what a tenant's file holds is filled and read by closures that the trade gives.

pub mod account;
pub mod admit;
mod among;
pub mod billing;
pub mod card;
pub mod catalogue;
pub mod coming;
pub mod connection;
pub mod credential;
mod current;
pub mod customer;
pub mod directory;
pub mod distribution;
mod draft;
pub mod errand;
pub mod fee;
mod file;
pub mod found;
pub mod init;
pub mod invite;
pub mod journal;
pub mod key;
pub mod license;
mod migrate;
pub mod network;
mod number;
mod opening;
pub mod operator;
pub mod organization;
pub mod organizer;
pub mod package;
pub mod people;
pub mod personnel;
pub mod promo;
pub mod proof;
mod registry;
pub mod role;
mod secrets;
pub mod session;
mod signed;
pub mod team;
mod tenant;
pub mod terminal;
pub mod throttle;
pub mod token;
mod tx;

pub use account::Account;
pub use admit::{AppCaller, Caller, Founder, Member, PairCaller, Right, Rights, Staff};
pub use directory::{Directory, Profile, Shown};
pub use errand::Errand;
pub use fee::Till;
pub use file::Figures;
pub use found::{Founded, Founding, Naming, Step};
pub use key::KeyCheck;
pub use network::Network;
pub use operator::Operator;
pub use people::People;
pub use registry::Entry;
pub use role::Role;
pub use signed::{Addressees, Signed};
pub use tenant::{Stamp, Tenant};
pub use tx::{By, Columns, Read, Write};

use crate::error::{Error, Result};
use crate::values::id::{AccountId, KeyId, OrganizationId, TenantId};
use crate::values::secret::Fingerprint;
use crate::values::{Host, Limits, Slug, Time};
use file::File;
use lru::LruCache;
use migrate::Set;
use parking_lot::{Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard};
use registry::Registry;
use std::collections::HashMap;
use std::io::ErrorKind::{NotADirectory, NotFound};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How a data directory is to be held open.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Tenants whose files stay open.
    pub tenants_open: usize,
    /// Idle readers kept for each file.
    pub readers_kept: usize,
    /// Passwords hashed at the same time.
    pub hashes_at_once: usize,
    /// Failed keys and log-ins a minute for one address.
    pub failures_per_address: u32,
    /// Failed log-ins a minute for one account.
    pub failures_per_account: u32,
    /// What strangers at one address may ask for in a minute; 0: no limit.
    pub asks_per_address: u32,
    /// Does each new tenant get an organization, and so customers, of its own?
    pub self_service: bool,
    /// How seats are counted.
    pub licensing: license::Licensing,
    /// How much each package gives.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tenants_open: 512,
            readers_kept: 8,
            hashes_at_once: 2,
            failures_per_address: 60,
            failures_per_account: 10,
            asks_per_address: 600,
            self_service: false,
            licensing: license::Licensing::default(),
            limits: Limits::default(),
        }
    }
}

/// The whole house: the root database, the tenants' files and the secrets, open. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Root(Arc<House>);

#[derive(Debug)]
struct House {
    dir: PathBuf,
    file: File,
    open: Mutex<LruCache<TenantId, Arc<File>>>,
    opening: Mutex<()>,
    /// Outlives the open file: an answer kept from before a file was closed must still be seen to be stale.
    generations: Mutex<HashMap<TenantId, Arc<AtomicU64>>>,
    readers_kept: usize,
    registry: RwLock<Registry>,
    /// Changes when a name, a domain or a public profile does.
    public: Arc<AtomicU64>,
    errands: errand::Schedule,
    /// Counts all writes to tenants' files.
    written: Arc<AtomicU64>,
    /// The foreign commits that the registry was read after.
    foreign_seen: AtomicU64,
    secrets: secrets::Secrets,
    organization: OrganizationId,
    self_service: bool,
    licensing: license::Licensing,
    seating: license::Seating,
    journal: journal::Journal,
    limits: Limits,
    passwords: people::Passwords,
    throttle: throttle::Throttle,
    keys_used: Mutex<HashMap<KeyId, Time>>,
    sessions_used: Mutex<HashMap<Fingerprint, Time>>,
    figures: Arc<Figures>,
}

/// How a tenant is named from outside.
#[derive(Clone, Copy, Debug)]
pub enum Name<'a> {
    /// By a host it answers on.
    Host(&'a Host),
    /// By its slug.
    Slug(&'a Slug),
    /// By its small number.
    No(i64),
    /// By its small number, its doors open or not.
    AnyNo(i64),
}

impl Root {
    /// Opens a data directory that `init` has made; its root database is brought up to date.
    pub fn open(dir: &Path, options: Options) -> Result<Self> {
        let path = dir.join("root.db");
        let none = || {
            Error::directory(format!(
                "{} is no data directory of guichet: `guichet --data {0} init --domain …` makes one",
                dir.display()
            ))
        };
        match std::fs::metadata(&path) {
            Ok(found) if found.is_file() => {}
            // It may be a house, of which this user sees nothing.
            Err(error) if !matches!(error.kind(), NotFound | NotADirectory) => {
                return Err(Error::directory(format!("{}: {error}", path.display())));
            }
            _ => return Err(none()),
        }
        let figures = Arc::new(Figures::default());
        let file =
            File::open(&path, Set::Root, options.readers_kept, Arc::default(), figures.clone())
                .map_err(|error| unusable(&path, error))?;
        let loaded = file.read(|tx| {
            tx.one("SELECT id FROM organization ORDER BY created, id LIMIT 1", [], |row| row.get(0))
        });
        let organization = loaded.map_err(|error| unusable(&path, error))?;
        // A copy of the house may hold its databases alone.
        for part in ["tenants", "secrets", "tmp"] {
            init::make_dir(&dir.join(part))?;
        }
        let kept = NonZeroUsize::new(options.tenants_open).unwrap_or(NonZeroUsize::MIN);
        Ok(Self(Arc::new(House {
            dir: dir.to_owned(),
            file,
            open: Mutex::new(LruCache::new(kept)),
            opening: Mutex::default(),
            generations: Mutex::default(),
            readers_kept: options.readers_kept,
            registry: RwLock::default(),
            public: Arc::default(),
            errands: errand::Schedule::default(),
            written: Arc::default(),
            foreign_seen: AtomicU64::new(0),
            secrets: secrets::Secrets::open(dir)?,
            organization,
            self_service: options.self_service,
            licensing: options.licensing,
            seating: license::Seating::default(),
            journal: journal::Journal::default(),
            limits: options.limits,
            passwords: people::Passwords::new(options.hashes_at_once),
            throttle: throttle::Throttle::new(
                options.failures_per_address,
                options.failures_per_account,
                options.asks_per_address,
            ),
            keys_used: Mutex::default(),
            sessions_used: Mutex::default(),
            figures,
        })))
    }

    /// Was the token key missing, and made anew? It ends every token that was issued under the old one.
    #[must_use]
    pub fn has_new_token_key(&self) -> bool {
        self.0.secrets.is_new
    }

    /// Opens the files of ROOT and of the first META, which answer on the house's own hosts; one sentence where one
    /// cannot be used. What ails any other tenant's file is that one's trouble alone.
    pub fn open_own(&self) -> Result<()> {
        let sql = "SELECT id, slug FROM tenant WHERE state = 'active'
             AND (category = 'R' OR slug = (SELECT value FROM setting WHERE name = 'meta')) ORDER BY no";
        let own: Vec<(TenantId, Slug)> =
            self.0.file.read(|tx| tx.all(sql, [], |row| Ok((row.get(0)?, row.get(1)?))))?;
        for (id, slug) in own {
            let path = self.0.tenant_path(id);
            if !path.is_file() {
                let what = format!("{slug} cannot be served: {} is missing", path.display());
                return Err(Error::directory(what));
            }
            self.0
                .tenant_file(id)
                .map_err(|error| Error::directory(format!("{slug} cannot be served: {error}")))?;
        }
        Ok(())
    }

    /// The tenant of this name, if it is there and active, where the name asks for that.
    pub fn tenant(&self, name: Name<'_>) -> Result<Option<Tenant>> {
        let entry = match name {
            Name::Host(host) => self.0.registry()?.by_host(host),
            Name::Slug(slug) => self.0.registry()?.by_slug(slug),
            Name::No(no) => self.0.registry()?.by_no(no),
            Name::AnyNo(no) => {
                let open = self.0.registry()?.by_no(no);
                match open {
                    None => self.0.file.read(|tx| registry::closed(tx, no))?,
                    open => open,
                }
            }
        };
        entry.map(|entry| Tenant::open(&self.0, entry)).transpose()
    }

    /// What is known of the tenant at this host without opening its file.
    #[must_use]
    pub fn entry(&self, host: &Host) -> Option<Arc<Entry>> {
        self.0.registry().ok()?.by_host(host)
    }

    /// Is this the host of a tenant, its doors open or closed?
    #[must_use]
    pub fn knows(&self, host: &Host) -> bool {
        self.0.registry().is_ok_and(|registry| registry.knows(host))
    }

    /// What all venues publish.
    #[must_use]
    pub fn directory(&self) -> Directory {
        Directory::new(self.0.clone())
    }

    /// Accounts of the admin's organization by e-mail, passwords, tokens.
    #[must_use]
    pub fn people(&self) -> People {
        People::new(self.0.clone(), self.0.organization)
    }

    /// The same for the organization that a tenant's customers belong to.
    #[must_use]
    pub fn people_of(&self, tenant: &Tenant) -> People {
        People::new(self.0.clone(), tenant.entry().organization)
    }

    /// Limits on failed keys and log-ins.
    #[must_use]
    pub fn throttle(&self) -> &throttle::Throttle {
        &self.0.throttle
    }

    /// All rights, for the person at the command line who owns the directory.
    #[must_use]
    pub fn console(&self) -> Operator {
        Operator::new(self.0.clone(), By::Console)
    }

    /// Figures of all files, for the metrics.
    #[must_use]
    pub fn figures(&self) -> &Figures {
        &self.0.figures
    }

    /// How many tenants have their file open.
    #[must_use]
    pub fn tenants_open(&self) -> usize {
        self.0.open.lock().len()
    }

    /// Is the root database readable?
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.0.file.read(|tx| tx.exists("SELECT 1 FROM setting", [])).unwrap_or(false)
    }

    /// Notices what another process has changed; to be called every few milliseconds.
    pub fn notice(&self) -> Result<()> {
        let house = &self.0;
        house.file.poll_foreign()?;
        let foreign = house.file.foreign();
        if house.foreign_seen.load(Relaxed) != foreign {
            let change = house.file.read(|tx| {
                // Locked before the first look at the file: a tenant that is founded here meanwhile is in what is
                // read, or is put in afterwards.
                let mut registry = house.registry.write();
                *registry = Registry::load(tx)?;
                let sql = "SELECT value FROM setting WHERE name = 'change'";
                tx.maybe(sql, [], |row| row.get::<_, String>(0))
            })?;
            house.foreign_seen.store(foreign, Relaxed);
            house.changed();
            // A verb that writes to a tenant's file also writes to root: all files may have changed.
            for generation in house.generations.lock().values() {
                generation.fetch_add(1, Relaxed);
            }
            if let Some(change) = change {
                let path = house.noticed_path();
                std::fs::write(&path, change).map_err(draft::disk(&path))?;
            }
        }
        Ok(())
    }

    /// Numbers all that was changed up to now, so that [`Root::is_noticed`] can tell whether a server has noticed it.
    pub fn number_change(&self) -> Result<u64> {
        let number: String = self.0.file.write(By::House, |tx| {
            tx.one(
                "INSERT INTO setting (name, value) VALUES ('change', '1')
                 ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + 1 RETURNING value",
                [],
                |row| row.get(0),
            )
        })?;
        number.parse().map_err(|_| Error::internal("the number of changes is no number"))
    }

    /// Has the process that calls [`Root::notice`] noticed the change of this number?
    #[must_use]
    pub fn is_noticed(&self, change: u64) -> bool {
        let noticed = std::fs::read_to_string(self.0.noticed_path()).unwrap_or_default();
        noticed.parse::<u64>().is_ok_and(|noticed| noticed >= change)
    }

    /// Writes down when keys and sessions were last used; to be called every few seconds and at the end.
    pub fn note_used(&self) -> Result<()> {
        let keys = std::mem::take(&mut *self.0.keys_used.lock());
        let sessions = std::mem::take(&mut *self.0.sessions_used.lock());
        if keys.is_empty() && sessions.is_empty() {
            return Ok(());
        }
        self.0.file.write(By::House, |tx| {
            for (key, at) in &keys {
                tx.run("UPDATE api_key SET last_used = ?2 WHERE id = ?1", (key, at))?;
            }
            House::touch_sessions(tx, &sessions)
        })
    }

    /// Empties the write-ahead logs of all open files; the last thing that a server does.
    pub fn checkpoint(&self) -> Result<()> {
        for (_, file) in self.0.open.lock().iter() {
            file.checkpoint()?;
        }
        self.0.file.checkpoint()
    }
}

impl House {
    /// All active tenants; read when they are first asked for, for most verbs name one alone.
    fn registry(&self) -> Result<RwLockReadGuard<'_, Registry>> {
        let registry = self.registry.read();
        if registry.is_loaded() {
            return Ok(registry);
        }
        drop(registry);
        // Locked before the look at the file, as in [`Root::notice`].
        let mut registry = self.registry.write();
        if !registry.is_loaded() {
            *registry = self.file.read(Registry::load)?;
        }
        Ok(RwLockWriteGuard::downgrade(registry))
    }

    fn changed(&self) {
        self.public.fetch_add(1, Relaxed);
    }

    /// Reads a tenant's row and domains anew.
    fn refresh(&self, id: TenantId) -> Result<Option<Arc<Entry>>> {
        let mut registry = self.registry.write();
        let entry = self.file.read(|tx| registry.refresh(tx, id));
        drop(registry);
        self.changed();
        entry
    }

    fn noticed_path(&self) -> PathBuf {
        self.dir.join("tmp").join("noticed")
    }

    fn tenant_path(&self, id: TenantId) -> PathBuf {
        self.dir.join("tenants").join(format!("{id}.db"))
    }

    /// The open file of a tenant; opened, and brought up to date, when it is not. Files are opened one at a time, so
    /// that all share one writer and none is migrated twice.
    fn tenant_file(&self, id: TenantId) -> Result<Arc<File>> {
        if let Some(file) = self.open.lock().get(&id) {
            return Ok(file.clone());
        }
        let opening = self.opening.lock();
        if let Some(file) = self.open.lock().get(&id) {
            return Ok(file.clone());
        }
        let generation = self.generations.lock().entry(id).or_default().clone();
        let path = self.tenant_path(id);
        let opened =
            File::open(&path, Set::Tenant, self.readers_kept, generation, self.figures.clone());
        let file = Arc::new(opened.map_err(|error| {
            Error::Unusable(format!("the file of tenant {id} cannot be opened: {error}"))
        })?);
        // What was there before things had numbers, or was made where none could be had.
        if file.read(|tx| tx.exists("SELECT 1 FROM unnumbered", []))? {
            file.write(By::House, |tx| self.number_things(tx, id))?;
        }
        let evicted = self.open.lock().push(id, file.clone());
        drop(opening);
        // Closing a file empties its log, which takes time: nobody waits for it.
        drop(evicted);
        Ok(file)
    }

    fn is_admin(tx: &Read, tenant: TenantId, account: AccountId) -> Result<bool> {
        Ok(connection::roles(tx, tenant, account)?.contains(&Role::Admin))
    }
}

/// One clear sentence for a file that the house cannot do without.
fn unusable(path: &Path, error: Error) -> Error {
    match error {
        Error::Unusable(why) => {
            let why = why.strip_prefix(&format!("{}: ", path.display())).unwrap_or(&why);
            Error::directory(format!("{} cannot be used: {why}", path.display()))
        }
        Error::Internal(cause) => {
            Error::directory(format!("{} cannot be used: {cause}", path.display()))
        }
        Error::Busy => Error::directory(format!("{} is locked by another program", path.display())),
        other => other,
    }
}
