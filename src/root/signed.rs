//! Messages that say by their signature who sent them, and the one tenant that such a message is about.
//!
//! Who holds a [`Signed`] may reach the tenant whose id the message holds, and no other: so what one host is told for
//! another still arrives, and no handler can name a tenant by itself.

use super::{House, Root, Tenant};
use crate::error::Result;
use crate::values::Time;
use crate::values::id::TenantId;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use std::sync::Arc;

/// How old a message may be, in seconds, and how far its clock ahead of ours.
const TOLERANCE: i64 = 300;

/// A message whose signature is right.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a>(&'a [u8]);

impl<'a> Signed<'a> {
    /// Checks `t=…,v1=…`: seconds since 1970, and HMAC-SHA256 of `t.body` in hexadecimal; of several, while a key is being
    /// changed, one must be right. None: forged, too old, or without a secret.
    #[must_use]
    pub fn check(secret: &str, header: &str, body: &'a [u8], now: Time) -> Option<Self> {
        let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
        let (_, at) = parts().find(|(name, _)| *name == "t")?;
        let age = now.seconds().checked_sub(at.parse().ok()?)?;
        if secret.is_empty() || !(-TOLERANCE..=TOLERANCE).contains(&age) {
            return None;
        }
        let said = [at.as_bytes(), b".", body].concat();
        let key = DecodingKey::from_secret(secret.as_bytes());
        let right = |(name, signature): (&str, &str)| {
            let signature = (name == "v1").then(|| unhex(signature)).flatten()?;
            let signature = URL_SAFE_NO_PAD.encode(signature);
            crypto::verify(&signature, &said, &key, Algorithm::HS256).ok()?.then_some(())
        };
        parts().find_map(right).map(|()| Self(body))
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = text.chars().map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let byte = |pair: &[u32]| u8::try_from(pair.first()? * 16 + pair.get(1)?).ok();
    digits.chunks(2).map(byte).collect()
}

/// Made only by [`Root::addressees`].
#[derive(Clone, Debug)]
pub struct Addressees(Arc<House>);

impl Root {
    /// The tenants that signed messages are about.
    #[must_use]
    pub fn addressees(&self) -> Addressees {
        Addressees(self.0.clone())
    }
}

impl Addressees {
    /// Tells `hear` at the tenant of this id, which the message holds. None: there is no such tenant here.
    pub fn tell<T>(
        &self,
        message: Signed<'_>,
        id: TenantId,
        hear: impl FnOnce(&Tenant) -> Result<T>,
    ) -> Result<Option<T>> {
        let text = id.to_string();
        if !message.0.windows(text.len()).any(|part| part == text.as_bytes()) {
            return Ok(None);
        }
        let entry = self.0.registry()?.among(&[id]).pop();
        entry.map(|entry| hear(&Tenant::open(&self.0, entry)?)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"{\"id\":\"evt_1\"}";

    fn sign(secret: &str, at: i64, body: &[u8]) -> String {
        let key = jsonwebtoken::EncodingKey::from_secret(secret.as_bytes());
        let said = [format!("{at}.").as_bytes(), body].concat();
        let signature = crypto::sign(&said, &key, Algorithm::HS256).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn a_message_is_heard_when_its_signature_is_right_and_it_is_of_now() {
        let now = Time(1_700_000_000_000_000);
        let at = now.seconds();
        let right = sign("whsec", at, BODY);
        let good = |header: &str| Signed::check("whsec", header, BODY, now).is_some();
        assert!(good(&format!("t={at},v1={right}")));
        assert!(good(&format!("t={at}, v0=00, v1=00, v1={right}")));
        for header in [
            String::new(),
            format!("t={at}"),
            format!("v1={right}"),
            format!("t={at},v0={right}"),
            format!("t={at},v1={}", &right[1..]),
            format!("t={at},v1={}", right.replace(|c: char| c.is_ascii_digit(), "0")),
            format!("t={},v1={right}", at + 1),
            format!("t=x,v1={right}"),
            format!("t={at},v1=é"),
        ] {
            assert!(!good(&header), "{header}");
        }
        for (age, heard) in [(300, true), (301, false), (-300, true), (-301, false)] {
            let header = format!("t={},v1={}", at - age, sign("whsec", at - age, BODY));
            assert_eq!(good(&header), heard, "{age}");
        }
        let header = format!("t={at},v1={}", sign("", at, BODY));
        assert!(Signed::check("", &header, BODY, now).is_none());
        assert!(Signed::check("whsec", &format!("t={at},v1={right}"), b"{}", now).is_none());
    }
}
