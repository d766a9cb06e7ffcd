//! The secrets of the house: files of random bytes that only its owner may read.

use crate::error::{Error, Result};
use crate::values::id::random;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use rand::TryRng;
use std::fmt;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const LENGTH: usize = 32;
const NONCE: usize = 12;

/// The secrets, read once at start.
pub(super) struct Secrets {
    /// Signs access tokens.
    pub(super) jwt: [u8; LENGTH],
    /// Was it missing, and made at this opening?
    pub(super) is_new: bool,
    /// Encrypts what must be known again.
    seal: [u8; LENGTH],
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(hidden)")
    }
}

impl Secrets {
    /// Reads the secrets of a data directory; makes those that are missing.
    pub(super) fn open(dir: &Path) -> Result<Self> {
        let (jwt, is_new) = read_or_make(&dir.join("secrets/jwt.key"))?;
        let (seal, _) = read_or_make(&dir.join("secrets/seal.key"))?;
        Ok(Self { jwt, is_new, seal })
    }

    /// Encrypts a text that belongs to `owner`: a random nonce, then ChaCha20-Poly1305.
    pub(super) fn seal(&self, owner: &str, text: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE];
        rand::rngs::SysRng.try_fill_bytes(&mut nonce).map_err(|e| Error::Internal(Box::new(e)))?;
        let payload = Payload { msg: text, aad: owner.as_bytes() };
        let sealed = self.cipher().encrypt(&Nonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| Error::internal("a secret cannot be encrypted"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// The text that was sealed for `owner`.
    pub(super) fn open_sealed(&self, owner: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let opened = sealed.split_first_chunk::<NONCE>().and_then(|(nonce, text)| {
            let payload = Payload { msg: text, aad: owner.as_bytes() };
            self.cipher().decrypt(&Nonce::from(*nonce), payload).ok()
        });
        opened.ok_or_else(|| {
            Error::Unusable(
                "a stored secret does not open: secrets/seal.key is another one".to_owned(),
            )
        })
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(&self.seal.into())
    }
}

/// The secret at this path, and whether it had to be made.
fn read_or_make(path: &Path) -> Result<([u8; LENGTH], bool)> {
    let is_new = !path.exists();
    if is_new {
        make(path)?;
    }
    Ok((read(path)?, is_new))
}

/// Makes a secret. Written under another name first: of two processes that miss it at once, one's secret is both's, and
/// nobody reads half of it.
fn make(path: &Path) -> Result<()> {
    let named = |e: std::io::Error| Error::directory(format!("{}: {e}", path.display()));
    let mut bytes = [0; LENGTH];
    rand::rngs::SysRng.try_fill_bytes(&mut bytes).map_err(|e| Error::Internal(Box::new(e)))?;
    let draft = path.with_extension(random().simple().to_string());
    let made = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft);
    let mut file = made.map_err(named)?;
    let linked = file
        .write_all(&bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::hard_link(&draft, path));
    let removed = fs::remove_file(&draft);
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(named(error)),
        _ => removed.map_err(named),
    }
}

fn read(path: &Path) -> Result<[u8; LENGTH]> {
    let bytes = fs::read(path).map_err(|e| Error::directory(format!("{}: {e}", path.display())))?;
    bytes
        .try_into()
        .map_err(|_| Error::directory(format!("{} does not hold {LENGTH} bytes", path.display())))
}
