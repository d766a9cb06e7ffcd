//! Invitations: an address is asked to work for tenants and through channels. One that has an account is linked at once by
//! whoever asks; any other gets a letter, whose token is signed over the invitation and good for two weeks.

use super::coming::set;
use super::team::{ADMINISTERED, grant};
use super::{Account, House, Network, Operator, Read, Root, Write, account};
use crate::error::{Error, Refusal, Result};
use crate::values::id::{AccountId, DistributionId, TenantId};
use crate::values::{Email, Time, id};
use rusqlite::Row;
use std::time::Duration;
use uuid::Uuid;

/// How long an invitation may be accepted.
const LIFE: Duration = Duration::from_hours(14 * 24);

/// Most invitations that wait for an answer in one tenant's name.
const MOST: i64 = 200;

/// Most tenants and channels of one invitation.
const OFFERS: i64 = 100;

crate::values::letters! {
    /// How an invitation is written down.
    State {
        /// Nobody has answered.
        Pending = "pending",
        /// Accepted.
        Accepted = "accepted",
        /// Taken back.
        Revoked = "revoked",
    }
}

/// How an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has answered.
    Pending,
    /// Accepted.
    Accepted,
    /// Taken back.
    Revoked,
    /// Nobody has answered in time.
    Expired,
}

impl Standing {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => State::Pending.as_str(),
            Self::Accepted => State::Accepted.as_str(),
            Self::Revoked => State::Revoked.as_str(),
            Self::Expired => "expired",
        }
    }
}

/// An invitation.
#[derive(Clone, Debug)]
pub struct Invite {
    /// Its number.
    pub no: i64,
    /// What its letter's token is signed over.
    pub id: Uuid,
    /// Who is asked.
    pub email: Email,
    /// How it is written down.
    pub state: State,
    /// When somebody asked first.
    pub created: Time,
    /// Until when it may be accepted.
    pub expires: Time,
    /// Small numbers of tenants to administer.
    pub organizers: Vec<i64>,
    /// Small numbers of channels to sell through.
    pub distributions: Vec<i64>,
}

impl Invite {
    /// How it stands now.
    #[must_use]
    pub fn standing(&self, now: Time) -> Standing {
        match self.state {
            State::Pending if self.expires <= now => Standing::Expired,
            State::Pending => Standing::Pending,
            State::Accepted => Standing::Accepted,
            State::Revoked => Standing::Revoked,
        }
    }
}

/// What is offered: tenants to administer, channels to sell through.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    /// Tenants.
    pub tenants: Vec<TenantId>,
    /// Channels.
    pub channels: Vec<DistributionId>,
}

const SELECT: &str = "SELECT invite.no AS no, id, email, state, created, expires,
        (SELECT group_concat(tenant.no) FROM invite_grant JOIN tenant ON tenant.id = invite_grant.tenant
         WHERE invite = invite.no) AS organizers,
        (SELECT group_concat(distribution.no) FROM invite_grant JOIN distribution ON distribution.id = distribution
         WHERE invite = invite.no) AS distributions
     FROM invite";

/// What was offered: of which invitation, by which row, by whom, through which channel, and at which tenant.
const OFFERED: &str =
    "(SELECT invite, invite_grant.rowid AS grant_row, invite_grant.invited_by, distribution,
        coalesce(invite_grant.tenant, distribution.tenant) AS at
     FROM invite_grant LEFT JOIN distribution ON distribution.id = invite_grant.distribution)";

/// Who may see an invitation: a superuser (`?2`), who made it (`?1`), who administers something of it.
fn shown() -> String {
    format!(
        "(?2 OR invited_by = ?1 OR EXISTS
            (SELECT 1 FROM {OFFERED} AS offered WHERE offered.invite = invite.no AND at IN ({ADMINISTERED})))"
    )
}

/// What the tokens of letters are seals of.
const SEALED: &str = "invite";

fn row(row: &Row<'_>) -> rusqlite::Result<Invite> {
    let numbers = |text: Option<String>| {
        text.unwrap_or_default().split(',').filter_map(|no| no.parse().ok()).collect()
    };
    Ok(Invite {
        no: row.get("no")?,
        id: row.get("id")?,
        email: row.get("email")?,
        state: row.get("state")?,
        created: row.get("created")?,
        expires: row.get("expires")?,
        organizers: numbers(row.get("organizers")?),
        distributions: numbers(row.get("distributions")?),
    })
}

fn get(tx: &Read, no: i64) -> Result<Invite> {
    tx.must(&format!("{SELECT} WHERE invite.no = ?1"), [no], row)
}

/// Links an account to what was offered to it. A venue that has no place for it any more, unless it is one of those that
/// `must` have it, gives nothing and does not keep the others from it: the invitation goes on waiting for that venue alone,
/// and is answered otherwise. Refused: where nothing can be given.
fn give(house: &House, tx: &Write, who: AccountId, invite: i64, must: &[TenantId]) -> Result<()> {
    let sql = "SELECT tenant FROM invite_grant WHERE invite = ?1 AND tenant IS NOT NULL";
    let mut refused: Vec<(TenantId, Refusal)> = vec![];
    for tenant in tx.all::<TenantId>(sql, [invite], |row| row.get(0))? {
        // What refuses so has written nothing.
        match house.set_admin(tx, tenant, who, true, false) {
            Err(Error::Refused(
                why @ (Refusal::TooMany(_) | Refusal::SeatsTaken(_) | Refusal::Inactive),
            )) if !must.contains(&tenant) => {
                refused.push((tenant, why));
            }
            linked => linked?,
        }
    }
    let full = set(refused.iter().map(|(tenant, _)| tenant.0));
    let sql = format!(
        "SELECT distribution FROM {OFFERED} WHERE invite = ?1 AND distribution IS NOT NULL
            AND at NOT IN (SELECT unhex(value) FROM json_each(?2))"
    );
    for channel in tx.all::<DistributionId>(&sql, (invite, &full), |row| row.get(0))? {
        grant(tx, who, channel)?;
    }
    let Some((_, why)) = refused.pop() else {
        let sql = "UPDATE invite SET state = 'accepted' WHERE no = ?1";
        return tx.run(sql, [invite]).map(drop);
    };
    // What was given is offered no longer, or who loses it took it again by the same letter.
    let sql = format!(
        "DELETE FROM invite_grant WHERE rowid IN (SELECT grant_row FROM {OFFERED} WHERE invite = ?1
            AND at NOT IN (SELECT unhex(value) FROM json_each(?2)))"
    );
    match tx.run(&sql, (invite, &full))? {
        0 => Err(Error::Refused(why)),
        _ => Ok(()),
    }
}

impl Network {
    /// Asks an address to work for these tenants and channels, which the caller has been checked for. Who has an account is
    /// linked at once; what is offered to one that has an invitation is added to it. The letter goes out in the name of
    /// `tenant`.
    pub fn invite(
        &self,
        by: &Account,
        email: &Email,
        offer: &Offer,
        tenant: TenantId,
    ) -> Result<Invite> {
        let house = self.house();
        house.file.write(super::By::Account(by.id), |tx| {
            let known = account::find(tx, house.organization, email)?;
            // Whoever claimed the address without a proof is not the one who is asked.
            let is_owner = |account: &Account| account.is_proven() && account.has_password;
            let known = known.filter(is_owner);
            let pending = "SELECT count(*) FROM invite WHERE tenant = ?1 AND state = 'pending' AND expires > ?2";
            if tx.one::<i64>(pending, (tenant, tx.now()), |row| row.get(0))? >= MOST {
                return Err(Error::Refused(Refusal::TooMany("invite")));
            }
            // One that has run out is not added to: what it offered is not offered again by others.
            tx.run(
                "UPDATE invite SET state = 'revoked' WHERE email = ?1 AND state = 'pending' AND expires <= ?2",
                (email, tx.now()),
            )?;
            let sql = "INSERT INTO invite (id, email, state, tenant, invited_by, created, expires)
                 VALUES (?1, ?2, 'pending', ?3, ?4, ?5, ?6)
                 ON CONFLICT (email) WHERE state = 'pending' DO UPDATE SET expires = excluded.expires RETURNING no";
            let expires = tx.now().plus(LIFE);
            let params = (id::random(), email, tenant, by.id, tx.now(), expires);
            let no: i64 = tx.one(sql, params, |row| row.get(0))?;
            let sql = "INSERT OR IGNORE INTO invite_grant (invite, tenant, distribution, invited_by) VALUES (?1, ?2, ?3, ?4)";
            for tenant in &offer.tenants {
                tx.run(sql, (no, tenant, None::<DistributionId>, by.id))?;
            }
            for channel in &offer.channels {
                tx.run(sql, (no, None::<TenantId>, channel, by.id))?;
            }
            let offered = "SELECT count(*) FROM invite_grant WHERE invite = ?1";
            if tx.one::<i64>(offered, [no], |row| row.get(0))? > OFFERS {
                return Err(Error::Refused(Refusal::TooMany("offer")));
            }
            let Some(known) = known else { return get(tx, no) };
            give(house, tx, known.id, no, &offer.tenants)?;
            get(tx, no)
        })
    }

    /// The newest invitations to what this operator may administer, and his own; of one standing, or of all.
    pub fn invites(
        &self,
        own: &Account,
        standing: Option<Standing>,
        limit: i64,
        offset: i64,
    ) -> Result<Vec<Invite>> {
        let sql = format!(
            "{SELECT} WHERE {} AND (?3 IS NULL OR ?3 = iif(state = 'pending' AND expires <= ?4, 'expired', state))
             ORDER BY invite.no DESC LIMIT ?5 OFFSET ?6",
            shown()
        );
        let standing = standing.map(Standing::as_str);
        let house = self.house();
        house.file.read(|tx| {
            let params = (own.id, own.superuser, standing, tx.now(), limit, offset);
            tx.all(&sql, params, row)
        })
    }

    /// Who asked first for something that this operator may administer, or himself: who asked for another venue is not told.
    pub fn inviter(&self, own: &Account, invite: &Invite) -> Result<Option<AccountId>> {
        let sql = format!(
            "SELECT invited_by FROM {OFFERED} WHERE invite = ?3 AND invited_by IS NOT NULL
               AND (?2 OR invited_by = ?1 OR at IN ({ADMINISTERED})) ORDER BY grant_row LIMIT 1"
        );
        let params = (own.id, own.superuser, invite.no);
        self.house().file.read(|tx| tx.maybe(&sql, params, |row| row.get(0)))
    }

    /// Takes back what this operator may administer of an invitation that nobody has answered; it is over when nothing else
    /// is left of it. Refused: one that was answered, one of which he may administer nothing.
    pub fn revoke_invite(&self, by: &Account, no: i64) -> Result<Invite> {
        self.house().file.write(super::By::Account(by.id), |tx| {
            let shown = format!("SELECT 1 FROM invite WHERE no = ?3 AND {}", shown());
            if !tx.exists(&shown, (by.id, by.superuser, no))? {
                return Err(Error::NotFound);
            }
            let of_others =
                format!("SELECT 1 FROM {OFFERED} WHERE invite = ?2 AND at NOT IN ({ADMINISTERED})");
            if by.superuser || !tx.exists(&of_others, (by.id, no))? {
                return revoke(tx, no);
            }
            must_wait(&get(tx, no)?)?;
            let own = format!(
                "DELETE FROM invite_grant WHERE rowid IN
                    (SELECT grant_row FROM {OFFERED} WHERE invite = ?2 AND at IN ({ADMINISTERED}))"
            );
            match tx.run(&own, (by.id, no))? {
                0 => Err(Error::Forbidden),
                _ => get(tx, no),
            }
        })
    }

    fn of_token(&self, token: &str) -> Result<Option<Invite>> {
        let house = self.house();
        let Some((id, seal)) = token.split_once('.') else { return Ok(None) };
        let Some(id) = id.parse().ok().filter(|id| house.has_sealed(SEALED, *id, seal)) else {
            return Ok(None);
        };
        let id: Uuid = id;
        house.file.read(|tx| tx.maybe(&format!("{SELECT} WHERE id = ?1"), [id], row))
    }

    /// Does the token of a letter ask for a password to be chosen? None: it is good for nothing now.
    pub fn invited(&self, token: &str, now: Time) -> Result<Option<bool>> {
        let found = self.of_token(token)?;
        let Some(invite) = found.filter(|found| found.standing(now) == Standing::Pending) else {
            return Ok(None);
        };
        let house = self.house();
        let known = house.file.read(|tx| account::find(tx, house.organization, &invite.email))?;
        // A password that was chosen without a proof ends with this one.
        Ok(Some(!known.is_some_and(|known| known.has_password && !known.claimed)))
    }

    /// Accepts an invitation by the token of its letter, whatever tenant sent that. An account is made where there is
    /// none; whoever has one without a password needs to choose it. The letter proves the address, so `open` is run where
    /// something waits for that. Refused: one that was answered, taken back, or is over.
    pub fn accept_invite(
        &self,
        token: &str,
        password: Option<&str>,
        names: (Option<&str>, Option<&str>),
        open: impl Fn(&Write, AccountId) -> Result<usize>,
    ) -> Result<Account> {
        let house = self.house();
        let invalid = || Error::invalid("token", "this invitation is not valid");
        let invite = self.of_token(token)?.ok_or_else(invalid)?;
        let hash = password.map(|password| house.passwords.hash(password)).transpose()?;
        let accepted = house.file.write(super::By::Visitor, |tx| {
            let invite = get(tx, invite.no)?;
            if invite.standing(tx.now()) != Standing::Pending {
                return Err(invalid());
            }
            let (account, _) = account::find_or_make(tx, house.organization, &invite.email)?;
            // The letter went to this address alone.
            account::set_proven(tx, account.id)?;
            let account = account::get(tx, account.id)?.ok_or(Error::NotFound)?;
            match hash {
                Some(hash) if !account.has_password => {
                    account::set_password(tx, account.id, &hash, true)?;
                }
                None if !account.has_password => {
                    return Err(Error::invalid("password", "must have 8 to 128 characters"));
                }
                _ => {}
            }
            account::set_names(tx, account.id, names)?;
            give(house, tx, account.id, invite.no, &[])?;
            account::get(tx, account.id)?.ok_or(Error::NotFound)
        })?;
        self.operators().open_awaiting(Some(accepted.id), &open)?;
        Ok(accepted)
    }
}

fn must_wait(invite: &Invite) -> Result<()> {
    match invite.state {
        State::Pending => Ok(()),
        other => Err(Error::Refused(Refusal::NotHeld(other.as_str()))),
    }
}

fn revoke(tx: &Write, no: i64) -> Result<Invite> {
    must_wait(&get(tx, no)?)?;
    tx.run("UPDATE invite SET state = 'revoked' WHERE no = ?1", [no])?;
    get(tx, no)
}

impl Root {
    /// The invitation of this id.
    pub fn invite(&self, id: Uuid) -> Result<Option<Invite>> {
        self.0.file.read(|tx| tx.maybe(&format!("{SELECT} WHERE id = ?1"), [id], row))
    }

    /// What accepts an invitation, for its letter alone.
    pub fn invite_token(&self, invite: &Invite) -> Result<String> {
        Ok(format!("{}.{}", invite.id, self.0.seal(SEALED, invite.id)?))
    }
}

impl Operator {
    /// All invitations, the newest first.
    pub fn list_invites(&self) -> Result<Vec<Invite>> {
        self.house().file.read(|tx| tx.all(&format!("{SELECT} ORDER BY invite.no DESC"), [], row))
    }

    /// Takes an invitation back. Refused: one that was answered.
    pub fn revoke_invite(&self, no: i64) -> Result<Invite> {
        self.house().file.write(self.by(), |tx| revoke(tx, no))
    }
}
