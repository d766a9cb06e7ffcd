//! The secrets of the house: files of random bytes that only its owner may read.

use crate::error::{Error, Result};
use rand::TryRng;
use std::fmt;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const LENGTH: usize = 32;

/// The secrets, read once at start.
pub(super) struct Secrets {
    /// Signs access tokens.
    pub(super) jwt: [u8; LENGTH],
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(hidden)")
    }
}

impl Secrets {
    /// Reads the secrets of a data directory.
    pub(super) fn open(dir: &Path) -> Result<Self> {
        Ok(Self { jwt: read(&dir.join("secrets/jwt.key"))? })
    }

    /// Makes new ones; refuses to write over old ones.
    pub(super) fn create(dir: &Path) -> Result<()> {
        let mut bytes = [0; LENGTH];
        rand::rngs::SysRng.try_fill_bytes(&mut bytes).map_err(|e| Error::Internal(Box::new(e)))?;
        let path = dir.join("secrets/jwt.key");
        let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let mut file = made.map_err(|e| Error::directory(format!("{}: {e}", path.display())))?;
        file.write_all(&bytes)
            .and_then(|()| file.sync_all())
            .map_err(|e| Error::Internal(Box::new(e)))
    }
}

fn read(path: &Path) -> Result<[u8; LENGTH]> {
    let bytes =
        std::fs::read(path).map_err(|e| Error::directory(format!("{}: {e}", path.display())))?;
    bytes
        .try_into()
        .map_err(|_| Error::directory(format!("{} does not hold {LENGTH} bytes", path.display())))
}
