//! What the QR of a ticket says, and whether a venue's key signed it. Pure: no files, no clock.
//!
//! What must stay true: a code names its ticket and its event and nothing of the holder; whoever
//! has the public half of the key can tell a real code from a made-up one without a network; one
//! code has one spelling. Whether the ticket is still good is deliberately absent: that is the
//! database's to say.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use uuid::Uuid;

/// What a signed code begins with; another layout would begin otherwise.
const VERSION: &str = "G1";

/// Goes before the ids into the signature, so that nothing else signed with the key passes for a ticket.
const CONTEXT: &[u8; 16] = b"guichet ticket 1";

/// No code is longer, in bytes; a signed one has 133.
const LONGEST: usize = 300;

/// Before the id in the address of a ticket's page.
const PAGE: &str = "/ticket/";

/// The half of a venue's key that makes tickets. Has no `Debug`, so that it never gets into a log.
pub struct Signer(SigningKey);

impl Signer {
    /// The signer that grows out of a kept seed; always the same one.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// A seed for a new signer, from a generator that the system seeds. As secret as the key itself.
    #[must_use]
    pub fn new_seed() -> [u8; 32] {
        rand::random()
    }

    /// The half of the key that may be shown to everybody.
    #[must_use]
    pub fn verifying_key(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// The text for the QR of `ticket`, which lets into `event`.
    #[must_use]
    pub fn sign(&self, ticket: Uuid, event: Uuid) -> String {
        let signature = self.0.sign(&message(ticket, event));
        let mut ids = [0; 32];
        ids[..16].copy_from_slice(ticket.as_bytes());
        ids[16..].copy_from_slice(event.as_bytes());
        let (ids, signature) =
            (URL_SAFE_NO_PAD.encode(ids), URL_SAFE_NO_PAD.encode(signature.to_bytes()));
        format!("{VERSION}.{ids}.{signature}")
    }
}

/// What a reader saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The bare id of a ticket, typed by hand, printed without a signature, or in the address of its page.
    Plain(Uuid),
    /// A code in the layout of [`Signer::sign`], its signature not yet looked at.
    Signed {
        /// The ticket.
        ticket: Uuid,
        /// What the ticket lets into.
        event: Uuid,
        /// Over both, by somebody.
        signature: [u8; 64],
    },
}

impl Code {
    /// Did the owner of the key make this code? A bare id never counts as signed.
    #[must_use]
    pub fn is_signed_by(&self, verifying_key: &[u8; 32]) -> bool {
        let Self::Signed { ticket, event, signature } = self else { return false };
        let Ok(key) = VerifyingKey::from_bytes(verifying_key) else { return false };
        key.verify_strict(&message(*ticket, *event), &Signature::from_bytes(signature)).is_ok()
    }
}

/// The code in what a reader sent; `None` for anything that no ticket of ours says.
#[must_use]
pub fn read(text: &str) -> Option<Code> {
    if text.len() > LONGEST {
        return None;
    }
    let text = text.trim();
    let Some(parts) = text.strip_prefix(VERSION).and_then(|rest| rest.strip_prefix('.')) else {
        let id = text.rsplit_once(PAGE).map_or(text, |(_, id)| id.trim_end_matches('/'));
        return Uuid::try_parse(id).ok().map(Code::Plain);
    };
    let (ids, signature) = parts.split_once('.')?;
    let ids: [u8; 32] = bytes(ids)?;
    let (ticket, event) = ids.split_at(16);
    Some(Code::Signed {
        ticket: Uuid::from_slice(ticket).ok()?,
        event: Uuid::from_slice(event).ok()?,
        signature: bytes(signature)?,
    })
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

fn message(ticket: Uuid, event: Uuid) -> [u8; 48] {
    let mut message = [0; 48];
    message[..16].copy_from_slice(CONTEXT);
    message[16..32].copy_from_slice(ticket.as_bytes());
    message[32..].copy_from_slice(event.as_bytes());
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TICKET: Uuid = Uuid::from_u128(0x0197_2b3c_4d5e_7f60_8a9b_acbd_cedf_e0f1);
    const EVENT: Uuid = Uuid::from_u128(0x0197_0000_1111_7222_8333_4444_5555_6666);

    #[test]
    fn what_was_signed_is_read_and_recognised() {
        let seed = Signer::new_seed();
        assert_ne!(seed, Signer::new_seed());
        let signer = Signer::from_seed(&seed);
        let text = signer.sign(TICKET, EVENT);
        assert_eq!(text.len(), 133);
        let code = read(&format!(" {text}\r\n")).unwrap();
        assert!(matches!(code, Code::Signed { ticket: TICKET, event: EVENT, .. }));
        assert!(code.is_signed_by(&Signer::from_seed(&seed).verifying_key()));
    }

    #[test]
    fn the_layout_and_the_signature_never_change() {
        // The signature is another implementation's, over the same bytes.
        let text = Signer::from_seed(&[7; 32]).sign(TICKET, EVENT);
        assert_eq!(
            text,
            "G1.AZcrPE1ef2CKm6y9zt_g8QGXAAAREXIigzNERFVVZmY.QwRyY80BxUR2FOZHXZm6Qv-8pSwLHjg0bMh1\
             tyGcxxsS1is8FW7WdQ5-2z73SE8Gm1LBDBVDTiY2QgRRJT0GAw"
        );
    }

    #[test]
    fn a_change_anywhere_is_refused() {
        let signer = Signer::from_seed(&[7; 32]);
        let (text, key) = (signer.sign(TICKET, EVENT), signer.verifying_key());
        for at in 0..text.len() {
            for other in "AQgw019-_.".chars().filter(|other| !text[at..].starts_with(*other)) {
                let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
                let found = read(&changed).is_some_and(|code| code.is_signed_by(&key));
                assert!(!found, "{changed}");
            }
        }
        for bit in 0..512 {
            let Some(Code::Signed { ticket, event, mut signature }) = read(&text) else { panic!() };
            signature[bit / 8] ^= 1 << (bit % 8);
            assert!(!Code::Signed { ticket, event, signature }.is_signed_by(&key));
        }
    }

    #[test]
    fn another_key_and_a_key_that_is_none_are_refused() {
        let code = read(&Signer::from_seed(&[7; 32]).sign(TICKET, EVENT)).unwrap();
        assert!(!code.is_signed_by(&Signer::from_seed(&[8; 32]).verifying_key()));
        for weak in [[0; 32], [1; 32], [0xFF; 32]] {
            assert!(!code.is_signed_by(&weak));
        }
    }

    #[test]
    fn a_bare_id_is_read_in_any_spelling_and_never_counts_as_signed() {
        let key = Signer::from_seed(&[7; 32]).verifying_key();
        let (hyphenated, simple) = (TICKET.to_string(), TICKET.simple().to_string());
        for text in [
            hyphenated.to_uppercase(),
            simple.to_uppercase(),
            format!("\t{simple}\n"),
            format!("urn:uuid:{hyphenated}"),
            format!("https://bisik.example.org/ticket/{hyphenated}"),
            format!("http://bisik.example.org:8000/ticket/{hyphenated}/"),
            hyphenated,
        ] {
            let code = read(&text).unwrap();
            assert_eq!(code, Code::Plain(TICKET), "{text}");
            assert!(!code.is_signed_by(&key));
        }
    }

    #[test]
    fn garbage_and_texts_too_long_are_nothing() {
        let text = Signer::from_seed(&[7; 32]).sign(TICKET, EVENT);
        let longer = format!("{text}A");
        let padded = format!("{text}{}", " ".repeat(LONGEST));
        let long = format!("G1.{}.{}", "A".repeat(148), "A".repeat(148));
        let (shorter, lower) = (&text[..132], text.to_lowercase());
        for text in ["", "G1", "G1.", "G1..", "G1...", "é", "https://example.org/t/1", "123"] {
            assert_eq!(read(text), None, "{text}");
        }
        for text in [&longer, &padded, &long, shorter, &lower, &text[3..]] {
            assert_eq!(read(text), None, "{text}");
        }
        assert!(read(&format!("{text}{}", " ".repeat(LONGEST - text.len()))).is_some());
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in any::<String>(), tail in "[A-Za-z0-9_.=-]{0,200}") {
            let _ = (read(&text), read(&format!("G1.{tail}")), read(&format!("G1.{text}")));
        }

        #[test]
        fn every_pair_of_ids_survives(ticket in any::<u128>(), event in any::<u128>()) {
            let signer = Signer::from_seed(&[9; 32]);
            let (ticket, event) = (Uuid::from_u128(ticket), Uuid::from_u128(event));
            let code = read(&signer.sign(ticket, event)).unwrap();
            prop_assert!(code.is_signed_by(&signer.verifying_key()));
            let same = matches!(code, Code::Signed { ticket: t, event: e, .. } if (t, e) == (ticket, event));
            prop_assert!(same);
        }
    }
}
