//! Random texts that open something, and the digests under which they are kept.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rand::distr::{Alphanumeric, SampleString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The SHA-256 of a secret: all that is ever stored of it. Right for secrets of 112 bits and more, not for passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// The digest of `secret`.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// Is `secret` the one behind this digest? Takes the same time either way.
    #[must_use]
    pub fn matches(&self, secret: &str) -> bool {
        self.0.ct_eq(&Self::of(secret).0).into()
    }
}

impl rusqlite::ToSql for Fingerprint {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(rusqlite::types::ToSqlOutput::from(self.0.as_slice()))
    }
}

impl rusqlite::types::FromSql for Fingerprint {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        <[u8; 32]>::column_result(value).map(Self)
    }
}

/// The SHA-256 of some bytes, by which they are known again.
#[must_use]
pub fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The HMAC-SHA256 of a text, in base64.
#[must_use]
pub fn sign(key: &[u8], text: &str) -> String {
    let key = jsonwebtoken::EncodingKey::from_secret(key);
    let signed = jsonwebtoken::crypto::sign(text.as_bytes(), &key, jsonwebtoken::Algorithm::HS256);
    let bytes = signed.ok().and_then(|signed| URL_SAFE_NO_PAD.decode(signed).ok());
    STANDARD.encode(bytes.expect("a key of any length signs any text"))
}

/// 32 random bytes, from a generator that the system seeds.
#[must_use]
pub fn random_bytes() -> [u8; 32] {
    rand::random()
}

/// `length` random characters of `A-Z a-z 0-9`, from a generator that the system seeds (5.95 bits each).
#[must_use]
pub fn alphanumeric(length: usize) -> String {
    Alphanumeric.sample_string(&mut rand::rng(), length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_signed_as_rfc_4231_says() {
        let signed = sign(b"Jefe", "what do ya want for nothing?");
        assert_eq!(signed, "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
    }

    #[test]
    fn only_the_secret_itself_matches_its_fingerprint() {
        let secret = alphanumeric(32);
        assert_eq!(secret.len(), 32);
        assert!(Fingerprint::of(&secret).matches(&secret));
        assert!(!Fingerprint::of(&secret).matches(&alphanumeric(32)));
    }
}
