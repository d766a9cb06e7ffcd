//! Making a data directory: ROOT, the first META, the admin's organization and the secrets.
//!
//! All is built under `tmp/init` and moved into place, `root.db` last: a directory without it was never finished, and
//! `init` begins again. Only the owner may look inside.

use super::draft::{disk, sync};
use super::found::{Founding, Naming};
use super::migrate::{self, Set};
use super::secrets::Secrets;
use super::{By, Founded, Options, Profile, Root, Write, file};
use crate::error::{Error, Result};
use crate::values::id::OrganizationId;
use crate::values::{Category, Host, Slug, Time};
use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// What a new house is to be.
#[derive(Clone, Debug)]
pub struct NewHouse {
    /// The domain under which tenants answer.
    pub domain: Host,
    /// The first agenda's label and slug.
    pub meta: Slug,
}

/// What an `init` that was killed leaves in its directory, and what file systems have from the start.
const OWN: [&str; 5] = ["tenants", "secrets", "backups", "tmp", "lost+found"];

/// Refuses a directory that holds something else than an unfinished `init` leaves.
pub fn check_free(dir: &Path) -> Result<()> {
    if dir.join("root.db").exists() {
        return Err(already(dir));
    }
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            return Err(Error::directory(format!("{} cannot be made: {error}", dir.display())));
        }
    };
    for entry in entries {
        let name = entry.map_err(disk(dir))?.file_name();
        if !OWN.iter().any(|own| name == *own) {
            return Err(Error::directory(format!(
                "{} is not empty: it holds {}",
                dir.display(),
                name.display()
            )));
        }
    }
    Ok(())
}

fn already(dir: &Path) -> Error {
    Error::directory(format!("{} is a data directory already", dir.display()))
}

/// Makes a data directory. `fill` writes what a tenant's file holds from the start. Refuses a directory that is one.
pub fn init(
    dir: &Path,
    new: &NewHouse,
    fill: impl Fn(&Write, &Profile) -> Result<Profile>,
) -> Result<()> {
    if dir.join("root.db").exists() {
        return Err(already(dir));
    }
    make_dir(&dir.join("tmp"))?;
    let draft = dir.join("tmp/init");
    if draft.exists() {
        fs::remove_dir_all(&draft).map_err(disk(&draft))?;
    }
    for home in [dir, &draft] {
        for part in ["tenants", "secrets", "backups", "tmp"] {
            make_dir(&home.join(part))?;
        }
    }
    Secrets::open(&draft)?;
    let path = draft.join("root.db");
    make_root(&path, new).map_err(|error| error.of_file(&path))?;
    found_first(&draft, new, &fill)?;
    for part in ["secrets", "tenants"] {
        let from = draft.join(part);
        for entry in fs::read_dir(&from).map_err(disk(&from))? {
            let entry = entry.map_err(disk(&from))?;
            let to = dir.join(part).join(entry.file_name());
            fs::rename(entry.path(), &to).map_err(disk(&to))?;
        }
        sync(&dir.join(part))?;
    }
    let path = dir.join("root.db");
    fs::rename(draft.join("root.db"), &path).map_err(disk(&path))?;
    sync(dir)?;
    fs::remove_dir_all(&draft).map_err(disk(&draft))
}

/// A directory, and those above it, that only the owner may look into; one that is there stays as it is.
pub fn make_dir(path: &Path) -> Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|e| Error::directory(format!("{} cannot be made: {e}", path.display())))
}

fn make_root(path: &Path, new: &NewHouse) -> Result<()> {
    let mut conn = file::create(path)?;
    migrate::make(&mut conn, Set::Root)?;
    let now = Time::now();
    for (name, value) in [("domain", new.domain.as_str()), ("meta", new.meta.as_str())] {
        conn.execute("INSERT INTO setting (name, value) VALUES (?1, ?2)", (name, value))?;
    }
    conn.execute("INSERT INTO sequence (kind, next) VALUES ('tenant', 0)", [])?;
    conn.execute("UPDATE sequence SET next = 2 WHERE kind = 'organization'", [])?;
    conn.execute(
        "INSERT INTO organization (id, no, name, created) VALUES (?1, 1, ?2, ?3)",
        (OrganizationId::new(), new.domain.as_str(), now),
    )?;
    Ok(())
}

fn found_first(
    draft: &Path,
    new: &NewHouse,
    fill: &impl Fn(&Write, &Profile) -> Result<Profile>,
) -> Result<()> {
    let root = Root::open(draft, Options::default())?;
    let found = |category, slug: &str, hosts: &[Host]| -> Result<Founded> {
        let slug = Slug::parse(slug).ok_or_else(|| Error::invalid("meta", "is no short name"))?;
        let profile = Profile::default();
        let founding = Founding {
            name: slug.to_string(),
            category,
            naming: Naming::Exact(slug),
            admin: None,
            profile,
            organization: None,
        };
        root.0.found(
            By::House,
            &founding,
            Some(hosts),
            |tx, _| fill(tx, &founding.profile),
            &mut |_| {},
        )
    };
    found(Category::Root, "root", std::slice::from_ref(&new.domain))?;
    let under = |label: &str| {
        new.domain.under(label).ok_or_else(|| Error::invalid("meta", "makes no host name"))
    };
    let mut hosts = vec![under(new.meta.as_str())?];
    if new.meta.as_str() != "m" {
        hosts.push(under("m")?);
    }
    found(Category::Agenda, new.meta.as_str(), &hosts)?;
    root.checkpoint()
}
