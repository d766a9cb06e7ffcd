//! Tokens: `<algorithm>-<base64>` of `timestamp;session;key`, encrypted with the key's secret, or plain.
//!
//! A token is right or it is not: nothing says at which step it failed.

use crate::root::credential::Credential;
use crate::values::Time;
use crate::values::secret::random_bytes;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit};
use aes::{Aes128, Aes192, Aes256};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::time::Duration;
use subtle::ConstantTimeEq;

/// What stands for nobody in the place of a session.
const ANONYMOUS: &str = "anonymous";

const BLOCK: usize = 16;

/// Padding may be there or not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Which tokens are taken.
#[derive(Clone, Copy, Debug)]
pub struct Tokens {
    /// Those that are not encrypted too.
    pub plain: bool,
    /// How far their moment may be from now; none: as far as it likes.
    pub window: Option<Duration>,
}

/// What a right token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The token of a session; none: nobody is signed in.
    pub session: Option<String>,
}

impl Tokens {
    /// What this token says, if it was made with this key and not long ago.
    #[must_use]
    pub fn read(&self, key: &Credential, token: &str, now: Time) -> Option<Said> {
        let (algorithm, text) = token.split_once('-')?;
        let standard: String = text.chars().map(to_standard).collect();
        let bytes = BASE64.decode(standard).ok()?;
        let secret = key.secret.as_bytes();
        let said = |plain: Vec<u8>| self.said(key, plain, now);
        match algorithm {
            "01" => {
                let own = bytes.split_first_chunk::<BLOCK>();
                let with_own = own.and_then(|(iv, text)| cbc(secret, iv, text));
                with_own.and_then(said).or_else(|| cbc(secret, &[0; BLOCK], &bytes).and_then(said))
            }
            "02" => ecb(secret, &bytes).and_then(said),
            "03" if self.plain => said(bytes),
            _ => None,
        }
    }

    fn said(&self, key: &Credential, plain: Vec<u8>, now: Time) -> Option<Said> {
        let plain = String::from_utf8(plain).ok()?;
        let mut parts = plain.splitn(3, ';');
        let (at, session, named) = (parts.next()?, parts.next()?, parts.next()?);
        let is_key: bool = key.key.as_bytes().ct_eq(named.as_bytes()).into();
        let at = Time::parse(at)?;
        let in_time =
            self.window.is_none_or(|window| at.plus(window) >= now && at.minus(window) <= now);
        let session = (session != ANONYMOUS).then(|| session.to_owned());
        (is_key && in_time).then_some(Said { session })
    }
}

/// Both alphabets are read; a form turns `+` into a space.
fn to_standard(c: char) -> char {
    match c {
        '-' | ' ' => '+',
        '_' => '/',
        other => other,
    }
}

fn ecb(key: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    match key.len() {
        16 => opened(ecb::Decryptor::<Aes128>::new_from_slice(key).ok()?, text),
        24 => opened(ecb::Decryptor::<Aes192>::new_from_slice(key).ok()?, text),
        32 => opened(ecb::Decryptor::<Aes256>::new_from_slice(key).ok()?, text),
        _ => None,
    }
}

fn cbc(key: &[u8], iv: &[u8; BLOCK], text: &[u8]) -> Option<Vec<u8>> {
    match key.len() {
        16 => opened(cbc::Decryptor::<Aes128>::new_from_slices(key, iv).ok()?, text),
        24 => opened(cbc::Decryptor::<Aes192>::new_from_slices(key, iv).ok()?, text),
        32 => opened(cbc::Decryptor::<Aes256>::new_from_slices(key, iv).ok()?, text),
        _ => None,
    }
}

fn opened(cipher: impl BlockModeDecrypt, text: &[u8]) -> Option<Vec<u8>> {
    cipher.decrypt_padded_vec::<Pkcs7>(text).ok()
}

/// A token of ours, by which a tenant's webhook knows us: `01`, with an initialization vector of its own. None where the
/// secret is no key of AES.
#[must_use]
pub fn of_webhook(key: &str, secret: &str, now: Time) -> Option<String> {
    let plain = format!("{};webhook;{key}", now.millis());
    let random = random_bytes();
    let (iv, secret) = (random.first_chunk::<BLOCK>()?, secret.as_bytes());
    let text = match secret.len() {
        16 => sealed(cbc::Encryptor::<Aes128>::new_from_slices(secret, iv).ok()?, &plain),
        24 => sealed(cbc::Encryptor::<Aes192>::new_from_slices(secret, iv).ok()?, &plain),
        32 => sealed(cbc::Encryptor::<Aes256>::new_from_slices(secret, iv).ok()?, &plain),
        _ => return None,
    };
    Some(format!("01-{}", BASE64.encode([iv.as_slice(), &text].concat())))
}

fn sealed(cipher: impl BlockModeEncrypt, plain: &str) -> Vec<u8> {
    cipher.encrypt_padded_vec::<Pkcs7>(plain.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Tokens = Tokens { plain: true, window: None };
    const PLAIN: &str = "2020-12-31T23:00:00.000Z;aSessionToken;aValidApiKey";
    /// Made with another implementation.
    const ECB: &str = "02-jOi87tgUadH3EGwcs/FPR44LlPEVoayzgkkkzmMbPwz50gNngNxgX8aNmNZ1SMAy31j1qsB9RvlF1RxiILGYDQ==";
    const OPEN: &str = "03-MjAxOC0wMS0yNlQxMDozMzoxMC4yNTBaO2Fub255bW91cztzdG9yeWJsb2s=";

    fn key(key: &str, secret: &str) -> Credential {
        Credential { no: 1, key: key.into(), secret: secret.into(), tenant: None, tenant_no: None }
    }

    fn known() -> Credential {
        key("aValidApiKey", "a-Secr3t_Str1ng!")
    }

    fn at(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    /// A token of each algorithm for a plaintext.
    fn made(secret: &[u8], plain: &str) -> [String; 4] {
        let iv = [7; BLOCK];
        let with = |iv: &[u8]| {
            sealed(cbc::Encryptor::<Aes128>::new_from_slices(secret, iv).unwrap(), plain)
        };
        let own = [iv.as_slice(), &with(&iv)].concat();
        let ecb = sealed(ecb::Encryptor::<Aes128>::new_from_slice(secret).unwrap(), plain);
        [
            format!("01-{}", BASE64.encode(own)),
            format!("01-{}", BASE64.encode(with(&[0; BLOCK]))),
            format!("02-{}", BASE64.encode(ecb)),
            format!("03-{}", BASE64.encode(plain)),
        ]
    }

    #[test]
    fn the_vectors_of_the_contract_are_read() {
        let said = ANY.read(&known(), ECB, Time(0)).unwrap();
        assert_eq!(said.session.as_deref(), Some("aSessionToken"));
        let said = ANY.read(&key("storyblok", "x"), OPEN, Time(0)).unwrap();
        assert_eq!(said.session, None);
        let strict = Tokens { plain: true, window: Some(Duration::from_secs(900)) };
        assert!(strict.read(&known(), ECB, at("2020-12-31T23:00:00Z")).is_some());
        assert!(strict.read(&known(), ECB, Time::now()).is_none());
    }

    #[test]
    fn every_algorithm_is_read_in_both_alphabets_with_padding_and_without() {
        for token in made(b"a-Secr3t_Str1ng!", PLAIN) {
            let bare = token.trim_end_matches('=').to_owned();
            let (head, tail) = token.split_once('-').unwrap();
            let other = format!("{head}-{}", tail.replace('+', "-").replace('/', "_"));
            for token in [&token, &bare, &other] {
                let said = ANY.read(&known(), token, Time(0));
                assert_eq!(said.unwrap().session.as_deref(), Some("aSessionToken"), "{token}");
            }
        }
    }

    #[test]
    fn keys_of_24_and_32_bytes_are_keys_too() {
        for length in [24, 32] {
            let secret = "s".repeat(length);
            let token = of_webhook("k", &secret, at("2020-12-31T23:00:00Z")).unwrap();
            let said = ANY.read(&key("k", &secret), &token, Time(0)).unwrap();
            assert_eq!(said.session.as_deref(), Some("webhook"));
        }
        assert_eq!(of_webhook("k", "short", Time(0)), None);
    }

    #[test]
    fn a_token_that_is_wrong_in_any_way_says_nothing() {
        let cut = &ECB[..ECB.len() - 8];
        let wrong = [
            "",
            "02",
            "02-",
            "04-AAAA",
            "02-!!!!",
            "01-AAAA",
            cut,
            &ECB.replace("02-", "01-"),
            &ECB.replace("jOi8", "jOi9"),
            "03-",
            "03-eDt5",
            &ECB.replace("02-", "2-"),
        ];
        for token in wrong {
            assert_eq!(ANY.read(&known(), token, Time(0)), None, "{token}");
        }
        assert_eq!(ANY.read(&key("aValidApiKey", "another secret!!"), ECB, Time(0)), None);
        assert_eq!(ANY.read(&key("anotherApiKey", "a-Secr3t_Str1ng!"), ECB, Time(0)), None);
    }

    #[test]
    fn a_plain_token_is_refused_where_the_settings_say_so() {
        let strict = Tokens { plain: false, window: None };
        assert_eq!(strict.read(&key("storyblok", "x"), OPEN, Time(0)), None);
    }

    #[test]
    fn a_token_is_good_for_the_window_on_both_sides() {
        let tokens = Tokens { plain: true, window: Some(Duration::from_secs(900)) };
        for (now, good) in [
            ("2020-12-31T23:15:00Z", true),
            ("2020-12-31T22:45:00Z", true),
            ("2020-12-31T23:15:01Z", false),
            ("2020-12-31T22:44:59Z", false),
        ] {
            assert_eq!(tokens.read(&known(), ECB, at(now)).is_some(), good, "{now}");
        }
    }
}
