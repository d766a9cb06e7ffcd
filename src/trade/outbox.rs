//! Mail that waits to be sent. A row is written in the transaction that is its reason; sending is a job's work.
//!
//! What must stay true: of one kind about one thing one mail waits at the most; a mail that failed is tried again, ever
//! more rarely, and given up in the end; what became of each is kept to be shown.

use super::Page;
use crate::error::Result;
use crate::root::{Errand, Read, Write};
use crate::values::id::{AccountId, MailId};
use crate::values::{Email, Time};
use rusqlite::Row;
use std::time::Duration;
use uuid::Uuid;

crate::values::letters! {
    /// What a mail says.
    Kind {
        /// Asks a person to prove the e-mail.
        ConfirmEmail = "confirm_email",
        /// Brings the tickets of a reservation.
        Tickets = "tickets",
        /// Thanks a member; about a price.
        Membership = "membership",
        /// Confirms that goods are paid, where nothing else is in an order; about it.
        OrderPaid = "order_paid",
        /// Says that an order is over; about an order.
        OrderCancelled = "order_cancelled",
        /// Says that somebody is on a waiting list, and how to leave it; about a wish.
        WaitingJoined = "waiting_joined",
        /// Offers a place that became free.
        WaitingOffer = "waiting_offer",
        /// Tells an administrator the digits of a device at the door; about its account.
        TerminalDigits = "terminal_digits",
        /// Reminds a member; about a membership.
        MembershipEnds = "membership_ends",
        /// Invites somebody to work with the venue.
        Invitation = "invitation",
        /// Asks somebody to work here; about an invitation.
        Invite = "invite",
    }
}

crate::values::letters! {
    /// What became of a mail.
    State {
        /// Not sent yet.
        Waiting = "waiting",
        /// The mail server has taken it.
        Sent = "sent",
        /// Refused for good, or tried too often.
        GivenUp = "given_up",
    }
}

/// A mail.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Its id; a mail that is sent twice carries it twice.
    pub id: MailId,
    /// What it says.
    pub kind: Kind,
    /// The address.
    pub recipient: String,
    /// Whose address that is.
    pub account: AccountId,
    /// What it is about.
    pub subject: Option<Uuid>,
    /// What became of it.
    pub state: State,
    /// How often it was tried.
    pub attempts: u32,
    /// What was said last by whoever did not take it.
    pub error: Option<String>,
    /// Since when it waits.
    pub created: Time,
    /// Since when it does not.
    pub settled: Option<Time>,
}

const COLUMNS: &str =
    "id, kind, recipient, account, subject, state, attempts, error, created, settled";

fn row(row: &Row<'_>) -> rusqlite::Result<Mail> {
    Ok(Mail {
        id: row.get(0)?,
        kind: row.get(1)?,
        recipient: row.get(2)?,
        account: row.get(3)?,
        subject: row.get(4)?,
        state: row.get(5)?,
        attempts: row.get(6)?,
        error: row.get(7)?,
        created: row.get(8)?,
        settled: row.get(9)?,
    })
}

/// Asks a person to prove their e-mail, unless such a mail is waiting already or went out a moment ago: whoever types an
/// address must not be able to fill its box.
pub fn confirm_email(tx: &Write, recipient: &Email, account: AccountId) -> Result<()> {
    ask(tx, Kind::ConfirmEmail, recipient, account)
}

/// Invites a person to work with the venue; as seldom.
pub fn invite(tx: &Write, recipient: &Email, account: AccountId) -> Result<()> {
    ask(tx, Kind::Invitation, recipient, account)
}

fn ask(tx: &Write, kind: Kind, recipient: &Email, account: AccountId) -> Result<()> {
    const MOMENT: Duration = Duration::from_secs(300);
    let asked = "SELECT 1 FROM outbox WHERE account = ?1 AND kind = ?2 AND created > ?3";
    if tx.exists(asked, (account, kind, tx.now().minus(MOMENT)))? {
        return Ok(());
    }
    queue(tx, kind, recipient.as_str(), account, None)
}

/// Tells an administrator the digits that pair a device, which is an account of its own.
pub fn terminal_digits(
    tx: &Write,
    recipient: &Email,
    admin: AccountId,
    terminal: AccountId,
) -> Result<()> {
    queue(tx, Kind::TerminalDigits, recipient.as_str(), admin, Some(terminal.0))
}

/// Asks somebody to work here, or says that he does from now on: in the name of whoever asks, about this invitation.
pub fn ask_to_work(tx: &Write, recipient: &Email, by: AccountId, invite: Uuid) -> Result<()> {
    queue(tx, Kind::Invite, recipient.as_str(), by, Some(invite))
}

/// Lets a mail wait to be sent; one that waits already is tried at once.
pub(super) fn queue(
    tx: &Write,
    kind: Kind,
    recipient: &str,
    account: AccountId,
    subject: Option<Uuid>,
) -> Result<()> {
    tx.run(
        "INSERT INTO outbox (id, kind, recipient, account, subject, next_try, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
         ON CONFLICT (account, kind, ifnull(subject, x'')) WHERE state = 'waiting'
         DO UPDATE SET next_try = min(next_try, excluded.next_try), recipient = excluded.recipient",
        (MailId::new(), kind, recipient, account, subject, tx.now()),
    )?;
    tx.plan(Errand::Mail, tx.now());
    Ok(())
}

/// When the next mail may be tried.
pub fn next(tx: &Read) -> Result<Option<Time>> {
    tx.one("SELECT min(next_try) FROM outbox WHERE state = 'waiting'", [], |row| row.get(0))
}

/// So many mails that may be tried now, those that wait longest first.
pub fn due(tx: &Read, limit: u32) -> Result<Vec<Mail>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM outbox WHERE state = 'waiting' AND next_try <= ?1 ORDER BY next_try, id LIMIT ?2"
    );
    tx.all(&sql, (tx.now(), limit), row)
}

/// All mails, the newest first.
pub fn list(tx: &Read, page: Page) -> Result<Vec<Mail>> {
    let sql =
        format!("SELECT {COLUMNS} FROM outbox ORDER BY created DESC, id DESC LIMIT ?1 OFFSET ?2");
    tx.all(&sql, (page.limit, page.offset), row)
}

/// What became of the last mail of this kind about this.
pub fn state(tx: &Read, kind: Kind, subject: Uuid) -> Result<Option<State>> {
    let sql = "SELECT state FROM outbox WHERE kind = ?1 AND subject = ?2 ORDER BY created DESC, id DESC LIMIT 1";
    tx.maybe(sql, (kind, subject), |row| row.get(0))
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The mail server has taken it.
    Sent,
    /// Not now; in whose words.
    Later(String),
    /// Never; in whose words.
    Never(String),
}

/// Tries of a mail, before it is given up: some three days.
const TRIES: u32 = 16;

/// How long to wait after so many tries: a minute, and each time twice as long, up to twelve hours.
fn pause(attempts: u32) -> Duration {
    Duration::from_secs(60 << attempts.saturating_sub(1).min(10)).min(Duration::from_secs(43_200))
}

/// Writes down how a try ended; tickets that are sent are marked so at their reservation.
pub fn note(tx: &Write, mail: &Mail, outcome: &Outcome) -> Result<()> {
    let attempts = mail.attempts.saturating_add(1);
    let (state, error) = match outcome {
        Outcome::Sent => (State::Sent, None),
        Outcome::Later(why) if attempts < TRIES => (State::Waiting, Some(why)),
        Outcome::Later(why) | Outcome::Never(why) => (State::GivenUp, Some(why)),
    };
    let settled = (state != State::Waiting).then(|| tx.now());
    tx.run(
        "UPDATE outbox SET state = ?2, attempts = ?3, error = ?4, next_try = ?5, settled = ?6 WHERE id = ?1",
        (mail.id, state, attempts, error, tx.now().plus(pause(attempts)), settled),
    )?;
    if state == State::Sent && mail.kind == Kind::Tickets {
        let sql = "UPDATE booking SET mailed = 1, changed = ?2 WHERE id = ?1";
        tx.run(sql, (mail.subject.map(crate::values::id::BookingId), tx.now()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_tried_for_some_days_and_ever_more_rarely() {
        let pauses: Vec<u64> = (1..TRIES).map(|n| pause(n).as_secs()).collect();
        assert!(pauses.is_sorted());
        assert_eq!(pauses[0], 60);
        assert!((1..=4).contains(&(pauses.iter().sum::<u64>() / 86_400)));
    }
}
