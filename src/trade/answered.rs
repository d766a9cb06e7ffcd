//! Answers to POSTs that came with an `Idempotency-Key`: written in the transaction that they answer, so that a client
//! that repeats itself hears the same and nothing happens twice.

use crate::error::{Error, Refusal, Result};
use crate::root::{Read, Write};
use crate::values::id::PaymentId;
use crate::values::secret;
use std::time::Duration;

/// For how long an answer is kept.
pub const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// An answer that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: Vec<u8>,
    /// The checkout whose page it names, which the body does not hold.
    pub checkout: Option<PaymentId>,
}

impl Answered {
    /// An answer that names no page to pay at.
    #[must_use]
    pub const fn plain(status: u16, body: Vec<u8>) -> Self {
        Self { status, body, checkout: None }
    }
}

/// The answer that was given to this key. Refused: a key that came with another body before.
pub fn find(tx: &Read, key: &str, asked: &[u8]) -> Result<Option<Answered>> {
    let sql = "SELECT digest, status, body, checkout FROM answered WHERE key = ?1 AND created > ?2";
    let found: Option<([u8; 32], Answered)> =
        tx.maybe(sql, (key, tx.now().minus(KEPT)), |row| {
            let (status, body, checkout) = (row.get(1)?, row.get(2)?, row.get(3)?);
            Ok((row.get(0)?, Answered { status, body, checkout }))
        })?;
    match found {
        Some((digest, _)) if digest != secret::digest(asked) => {
            Err(Error::Refused(Refusal::KeyReused))
        }
        found => Ok(found.map(|(_, answered)| answered)),
    }
}

/// Keeps an answer, and forgets those that are too old.
pub fn keep(tx: &Write, key: &str, asked: &[u8], answered: &Answered) -> Result<()> {
    let Answered { status, body, checkout } = answered;
    tx.run("DELETE FROM answered WHERE created <= ?1", [tx.now().minus(KEPT)])?;
    tx.run(
        "INSERT INTO answered (key, digest, status, body, checkout, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (key, secret::digest(asked), status, body, checkout, tx.now()),
    )
    .map(drop)
}
