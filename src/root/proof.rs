//! Proving an e-mail: the link that only its owner receives, and what opens once it was followed. And the seal of links in
//! letters about one thing.
//!
//! A link is good for three days, one that invites for two weeks, and once: the account's last proof is part of what is
//! signed. What waits
//! for a proof in tenants' files is opened after the account is active; `awaiting` says where and since when, so that a crash
//! in between leaves it to the next start, and no start opens what nobody has clicked for.

use super::people::People;
use super::{Account, By, House, Read, Root, Tenant, Write, account};
use crate::error::{Error, Result};
use crate::values::Time;
use crate::values::id::{AccountId, TenantId};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, crypto};
use std::time::Duration;
use uuid::Uuid;

/// Why a link was sent, and so how long it is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Somebody gave the address: three days.
    Asked,
    /// A tenant invites: two weeks.
    Invited,
}

impl Reason {
    const ALL: [Self; 2] = [Self::Asked, Self::Invited];

    const fn life(self) -> Duration {
        match self {
            Self::Asked => Duration::from_hours(72),
            Self::Invited => Duration::from_hours(14 * 24),
        }
    }

    /// What a token begins with; no number does so.
    const fn mark(self) -> &'static str {
        match self {
            Self::Asked => "",
            Self::Invited => "i",
        }
    }

    const fn said(self) -> &'static str {
        match self {
            Self::Asked => "proof of address",
            Self::Invited => "invitation",
        }
    }
}

/// The two parts of a link, neither of which holds a dot or a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Whose it is.
    pub uid: String,
    /// What only the owner of the address knows.
    pub token: String,
}

/// Why a link proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofFault {
    /// It names nobody.
    Nobody,
    /// Forged, too old, or used.
    Invalid,
}

impl Proof {
    fn sign(key: &[u8], account: &Account, reason: Reason, at: Time) -> Option<Self> {
        let said = said(account, reason, at.seconds());
        let key = EncodingKey::from_secret(key);
        let signature = crypto::sign(said.as_bytes(), &key, Algorithm::HS256).ok()?;
        let token = format!("{}{:x}-{signature}", reason.mark(), at.seconds());
        Some(Self { uid: uid(account.id), token })
    }

    /// Whom it names.
    fn account(&self) -> Option<AccountId> {
        let id = URL_SAFE_NO_PAD.decode(&self.uid).ok()?;
        String::from_utf8(id).ok()?.parse().ok().map(AccountId)
    }
}

/// When an address was proven that nobody has proven.
const NEVER: Time = Time(0);

fn uid(account: AccountId) -> String {
    URL_SAFE_NO_PAD.encode(account.to_string())
}

/// What is signed: it changes each time the address is proven and, once it was, when the account's password does. Before,
/// any stranger may have chosen that one: what he does leaves the owner's link good.
fn said(account: &Account, reason: Reason, at: i64) -> String {
    let Account { id, proven, password_changed, .. } = account;
    let password = if *proven == NEVER { NEVER } else { *password_changed };
    format!("{}|{id}|{}|{}|{at}", reason.said(), proven.0, password.0)
}

fn holds(key: &[u8], account: &Account, token: &str, now: Time) -> bool {
    let Some((at, signature)) = token.split_once('-') else { return false };
    let marked = Reason::ALL.into_iter().rev().find_map(|reason| {
        let at = i64::from_str_radix(at.strip_prefix(reason.mark())?, 16).ok()?;
        Some((reason, at))
    });
    let Some((reason, at)) = marked else { return false };
    let life = i64::try_from(reason.life().as_secs()).unwrap_or(i64::MAX);
    let fresh = at <= now.seconds() && now.seconds().saturating_sub(at) < life;
    let said = said(account, reason, at);
    let key = DecodingKey::from_secret(key);
    fresh && crypto::verify(signature, said.as_bytes(), &key, Algorithm::HS256).unwrap_or(false)
}

impl People {
    /// The link that proves this account's address; none where the account is gone.
    pub fn proof(&self, account: AccountId, now: Time) -> Result<Option<Proof>> {
        self.proof_for(account, Reason::Asked, now)
    }

    /// The same for an invitation.
    pub fn invitation(&self, account: AccountId, now: Time) -> Result<Option<Proof>> {
        self.proof_for(account, Reason::Invited, now)
    }

    fn proof_for(&self, account: AccountId, reason: Reason, now: Time) -> Result<Option<Proof>> {
        let found = self.house().file.read(|tx| account::get(tx, account))?;
        let key = &self.house().secrets.jwt;
        Ok(found.and_then(|account| Proof::sign(key, &account, reason, now)))
    }

    /// The link whose token this is, of the account of this small number.
    pub fn proof_of(&self, no: i64, token: &str) -> Result<Option<Proof>> {
        let found = self.house().file.read(|tx| account::by_no(tx, no))?;
        Ok(found.map(|account| Proof { uid: uid(account.id), token: token.to_owned() }))
    }

    /// Has this account proven its address by a link since then?
    pub fn has_proven_since(&self, account: AccountId, since: Time) -> Result<bool> {
        let sql = "SELECT 1 FROM account WHERE id = ?1 AND active = 1 AND proven >= ?2";
        self.house().file.read(|tx| tx.exists(sql, (account, since)))
    }

    /// Whose address this link would prove; none where it would prove nothing.
    pub fn holder(&self, proof: &Proof, now: Time) -> Result<Option<Account>> {
        let Some(id) = proof.account() else { return Ok(None) };
        let found = self.house().file.read(|tx| account::get(tx, id))?;
        let key = &self.house().secrets.jwt;
        Ok(found.filter(|account| holds(key, account, &proof.token, now)))
    }

    /// Follows a link: the account is active from now on, and `open` is run where something waits for that; how much it
    /// has opened in all.
    pub fn prove(
        &self,
        proof: &Proof,
        now: Time,
        open: impl Fn(&Write, AccountId) -> Result<usize>,
    ) -> Result<Result<(Account, usize), ProofFault>> {
        let Some(id) = proof.account() else { return Ok(Err(ProofFault::Nobody)) };
        let house = self.house();
        let proven = house.file.write(By::Account(id), |tx| {
            let Some(account) = account::get(tx, id)? else { return Ok(Err(ProofFault::Nobody)) };
            if !holds(&house.secrets.jwt, &account, &proof.token, now) {
                return Ok(Err(ProofFault::Invalid));
            }
            account::set_proven(tx, id)?;
            account::get(tx, id)?.map(Ok).ok_or(Error::NotFound)
        })?;
        match proven {
            Ok(account) => Ok(Ok((account, self.open_awaiting(Some(id), &open)?))),
            Err(fault) => Ok(Err(fault)),
        }
    }

    /// Takes a password from an account that has none. False: it has one.
    pub fn set_first_password(&self, id: AccountId, password: &str) -> Result<bool> {
        let hash = self.house().passwords.hash(password)?;
        self.house().file.write(By::Account(id), |tx| account::set_first_password(tx, id, &hash))
    }

    /// Runs `open` where something waits for an address that was proven, of one account or of all; how much it has opened.
    pub(super) fn open_awaiting(
        &self,
        of: Option<AccountId>,
        open: &impl Fn(&Write, AccountId) -> Result<usize>,
    ) -> Result<usize> {
        let mut opened_in_all = 0;
        let awaited = self.house().file.read(|tx| awaited(tx, of))?;
        for (account, id, since) in awaited {
            let entry = self.house().registry()?.among(&[id]).pop();
            // A tenant that is closed keeps its row until it is open again.
            let Some(entry) = entry else { continue };
            let opened = Tenant::open(self.shared(), entry)
                .and_then(|tenant| tenant.write(By::Account(account), |tx| open(tx, account)));
            match opened {
                Ok(opened) => opened_in_all += opened,
                Err(error) => {
                    tracing::error!(tenant = %id, %error, "what waits for a proven address stays closed");
                    continue;
                }
            }
            // What was noted again meanwhile waits for another click.
            let sql = "DELETE FROM awaiting WHERE account = ?1 AND tenant = ?2 AND since = ?3";
            self.house().file.write(By::House, |tx| tx.run(sql, (account, id, since)))?;
        }
        Ok(opened_in_all)
    }
}

/// Whose address was proven after something began to wait for that, where, and since when it did.
fn awaited(tx: &Read, of: Option<AccountId>) -> Result<Vec<(AccountId, TenantId, Time)>> {
    let sql = "SELECT awaiting.account, awaiting.tenant, since FROM awaiting JOIN account ON account.id = awaiting.account
         WHERE account.active = 1 AND account.registered IS NULL AND account.proven >= since
           AND (?1 IS NULL OR account.id = ?1)";
    tx.all(sql, [of], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

impl Tenant {
    /// What only who receives our letter about this thing knows: it proves nothing but that, at this tenant, and for as long
    /// as the thing is there.
    pub fn seal(&self, what: &str, id: Uuid) -> Result<String> {
        self.house().sign_letter(&self.sealed(what, id))
    }

    /// Is this the seal of this thing?
    #[must_use]
    pub fn has_sealed(&self, what: &str, id: Uuid, seal: &str) -> bool {
        self.house().has_signed_letter(&self.sealed(what, id), seal)
    }

    fn sealed(&self, what: &str, id: Uuid) -> String {
        format!("letter about {what}|{}|{id}", self.entry().id)
    }
}

impl House {
    /// The same as a tenant's seal for what is the house's, whatever tenant writes the letter.
    pub(super) fn seal(&self, what: &str, id: Uuid) -> Result<String> {
        self.sign_letter(&format!("letter about {what}|{id}"))
    }

    pub(super) fn has_sealed(&self, what: &str, id: Uuid, seal: &str) -> bool {
        self.has_signed_letter(&format!("letter about {what}|{id}"), seal)
    }

    fn sign_letter(&self, said: &str) -> Result<String> {
        let key = EncodingKey::from_secret(&self.secrets.jwt);
        crypto::sign(said.as_bytes(), &key, Algorithm::HS256)
            .map_err(|e| Error::Internal(Box::new(e)))
    }

    fn has_signed_letter(&self, said: &str, seal: &str) -> bool {
        let key = DecodingKey::from_secret(&self.secrets.jwt);
        crypto::verify(seal, said.as_bytes(), &key, Algorithm::HS256).unwrap_or(false)
    }
}

impl Root {
    /// Opens what still waits for addresses that are proven; to be called once, at start.
    pub fn settle_proofs(&self, open: impl Fn(&Write, AccountId) -> Result<usize>) -> Result<()> {
        self.people().open_awaiting(None, &open).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Email;
    use crate::values::id::OrganizationId;

    fn account() -> Account {
        Account {
            id: AccountId::new(),
            no: 1,
            organization: OrganizationId::new(),
            email: Email::parse("ana@example.org").unwrap(),
            first_name: None,
            last_name: None,
            phone: None,
            active: false,
            superuser: false,
            can_create_tenant: false,
            has_password: false,
            claimed: false,
            password_changed: Time(5),
            proven: Time(0),
            language: "fr".to_owned(),
            last_login: None,
            created: Time(5),
        }
    }

    #[test]
    fn a_link_is_good_for_three_days_once_and_for_one_account() {
        let (ana, now) = (account(), Time(1_700_000_000_000_000));
        let proof = Proof::sign(b"key", &ana, Reason::Asked, now).unwrap();
        let life = Reason::Asked.life();
        assert!(!format!("{}{}", proof.uid, proof.token).contains(['.', '/']));
        let good = |account: &Account, at: Time| holds(b"key", account, &proof.token, at);
        assert!(good(&ana, now) && good(&ana, now.plus(life).minus(Duration::from_secs(1))));
        assert!(!good(&ana, now.plus(life)) && !good(&ana, now.minus(Duration::from_secs(1))));
        assert!(!good(&Account { proven: now, ..ana.clone() }, now));
        assert!(good(&Account { password_changed: now, claimed: true, ..ana.clone() }, now));
        assert!(!good(&account(), now));
        assert!(!holds(b"other", &ana, &proof.token, now));
        for token in ["", "-", "zz-a", &proof.token[1..], "6553f100-AAAA"] {
            assert!(!holds(b"key", &ana, token, now), "{token}");
        }
    }

    #[test]
    fn a_link_of_who_was_proven_before_ends_with_his_password() {
        let now = Time(1_700_000_000_000_000);
        let ana = Account { proven: Time(6), ..account() };
        let proof = Proof::sign(b"key", &ana, Reason::Asked, now).unwrap();
        assert!(holds(b"key", &ana, &proof.token, now));
        assert!(!holds(b"key", &Account { password_changed: now, ..ana }, &proof.token, now));
    }

    #[test]
    fn an_invitation_is_good_for_two_weeks_and_no_other_link_becomes_one() {
        let (ana, now) = (account(), Time(1_700_000_000_000_000));
        let proof = Proof::sign(b"key", &ana, Reason::Invited, now).unwrap();
        let good = |at: Time| holds(b"key", &ana, &proof.token, at);
        let life = Reason::Invited.life();
        assert!(good(now) && good(now.plus(life).minus(Duration::from_secs(1))));
        assert!(!good(now.plus(life)));
        let asked = Proof::sign(b"key", &ana, Reason::Asked, now).unwrap();
        assert!(!holds(b"key", &ana, &format!("i{}", asked.token), now));
        assert!(!holds(b"key", &ana, &proof.token[1..], now));
    }
}
