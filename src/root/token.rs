//! Tokens of logged-in people: JWT, HS256, in the shape of the contract (`djangorestframework-simplejwt`).
//!
//! The one file below the doors that names serde: a token's claims are JSON wherever it goes.

use crate::values::Time;
use crate::values::id::{AccountId, random};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Sent with each request; lives a day.
    Access,
    /// Gets new access tokens; lives 30 days.
    Refresh,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
        }
    }

    const fn life(self) -> Duration {
        match self {
            Self::Access => Duration::from_hours(24),
            Self::Refresh => Duration::from_hours(24 * 30),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    token_type: String,
    exp: i64,
    iat: i64,
    jti: String,
    user_id: String,
    /// Which password it was issued under; a claim of ours beside the contract's.
    pwd: i64,
}

/// What a valid token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// Whose it is.
    pub account: AccountId,
    /// When the password was set that it was issued under.
    pub password_of: Time,
}

pub(super) fn issue(secret: &[u8], kind: Kind, said: Said, now: Time) -> Option<String> {
    let claims = Claims {
        token_type: kind.name().into(),
        exp: now.plus(kind.life()).seconds(),
        iat: now.seconds(),
        jti: random().simple().to_string(),
        user_id: said.account.to_string(),
        pwd: said.password_of.0,
    };
    encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(secret)).ok()
}

/// Reads a token of one kind, or of any where `kind` is none. Expired, forged and malformed ones are all just invalid.
pub(super) fn read(secret: &[u8], kind: Option<Kind>, text: &str, now: Time) -> Option<Said> {
    let mut rules = Validation::new(Algorithm::HS256);
    rules.leeway = 0;
    rules.validate_exp = false;
    let claims = decode::<Claims>(text, &DecodingKey::from_secret(secret), &rules).ok()?.claims;
    if claims.exp <= now.seconds() || kind.is_some_and(|k| k.name() != claims.token_type) {
        return None;
    }
    let account = AccountId(claims.user_id.parse().ok()?);
    Some(Said { account, password_of: Time(claims.pwd) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_by_its_secret_its_kind_and_before_its_end() {
        let (account, now) = (AccountId::new(), Time(1_700_000_000_000_000));
        let said = Said { account, password_of: Time(7) };
        let token = issue(b"secret", Kind::Access, said, now).unwrap();
        assert_eq!(read(b"secret", Some(Kind::Access), &token, now).unwrap(), said);
        assert!(read(b"secret", None, &token, now).is_some());
        assert!(read(b"secret", Some(Kind::Refresh), &token, now).is_none());
        assert!(read(b"other", Some(Kind::Access), &token, now).is_none());
        assert!(
            read(b"secret", Some(Kind::Access), &token, now.plus(Duration::from_hours(24)))
                .is_none()
        );
        assert!(read(b"secret", None, "x", now).is_none());
    }
}
