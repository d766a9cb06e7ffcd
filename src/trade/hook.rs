//! Other servers that are told of what happens here. What is to be told is written down in the transaction in which it
//! happens; telling is a job's work.
//!
//! What must stay true: each hook hears of each thing at least once or is switched off; one that fails again and again is.

use super::{Page, audit, check_room};
use crate::error::{Error, OnConflict, Refusal, Result};
use crate::root::{Errand, Read, Write};
use crate::values::Time;
use crate::values::id::{DeliveryId, HookId, TenantId};
use crate::values::secret::random_bytes;
use rusqlite::Row;
use std::time::Duration;
use uuid::Uuid;

crate::values::letters! {
    /// What a hook is told of. The first is the contract's; the others are ours, but for the letters of members.
    Event {
        /// A reservation is valid: paid, or proven.
        Booking = "RV",
        /// Somebody has become a member, or stays one.
        Membership = "MV",
        /// Money came in.
        Payment = "PA",
        /// A ticket was let in.
        Scan = "TS",
        /// Money goes back.
        Refund = "RF",
        /// An order is paid to the end.
        Purchase = "PC",
        /// The tenant says something else of itself.
        Tenant = "TU",
        /// Money was put on a card.
        TopUp = "TC",
    }
}

crate::values::letters! {
    /// In whose words a hook is told.
    Dialect {
        /// Each hook is made for one event, and has a secret.
        Tibillet = "tibillet",
        /// The tenant's webhook: one address for all.
        Roomle = "roomle",
    }
}

/// What the tenant's webhook is told of, besides letters.
const OF_WEBHOOK: [Event; 4] = [Event::Purchase, Event::Scan, Event::Tenant, Event::TopUp];

/// A hook.
#[derive(Clone, Debug)]
pub struct Hook {
    /// Its id.
    pub id: HookId,
    /// In whose words it is told.
    pub dialect: Dialect,
    /// What it is told of.
    pub event: Event,
    /// Where.
    pub url: String,
    /// The key that signs what it is told.
    pub secret: [u8; 32],
    /// Is told anything.
    pub active: bool,
    /// Tries in a row that failed.
    pub failures: u32,
    /// What came of the last try.
    pub last: Option<String>,
    /// Since when.
    pub created: Time,
}

const COLUMNS: &str =
    "hook.id AS id, dialect, event, url, secret, active, failures, last, hook.created AS created";

fn row(row: &Row<'_>) -> rusqlite::Result<Hook> {
    Ok(Hook {
        id: row.get("id")?,
        dialect: row.get("dialect")?,
        event: row.get("event")?,
        url: row.get("url")?,
        secret: row.get("secret")?,
        active: row.get("active")?,
        failures: row.get("failures")?,
        last: row.get("last")?,
        created: row.get("created")?,
    })
}

/// Hooks that a tenant may have.
const MAX: u64 = 20;

/// Makes a hook. Refused: the same once more, more than 20.
pub fn create(tx: &Write, event: Event, url: &str, secret: [u8; 32]) -> Result<Hook> {
    check_room(tx, "hook", MAX)?;
    let sql = format!(
        "INSERT INTO hook (id, event, url, secret, active, created) VALUES (?1, ?2, ?3, ?4, 1, ?5) RETURNING {COLUMNS}"
    );
    let hook = tx
        .one(&sql, (HookId::new(), event, url, secret.as_slice(), tx.now()), row)
        .on_conflict("hook.dialect, hook.event, hook.url", Refusal::NameTaken)?;
    audit::note(tx, "hook.create", Some(hook.id.0))?;
    Ok(hook)
}

/// Makes this the address of the tenant's webhook, or takes it away, with what another one has not heard yet.
pub fn set_webhook(tx: &Write, url: Option<&str>) -> Result<()> {
    tx.run("DELETE FROM hook WHERE dialect = 'roomle' AND (?1 IS NULL OR url <> ?1)", [url])?;
    for event in OF_WEBHOOK.iter().filter(|_| url.is_some()) {
        tx.run(
            "INSERT INTO hook (id, dialect, event, url, secret, active, created)
             VALUES (?1, 'roomle', ?2, ?3, ?4, 1, ?5)
             ON CONFLICT (dialect, event, url) DO UPDATE SET active = 1, failures = 0, failing = NULL",
            (HookId::new(), event, url, random_bytes().as_slice(), tx.now()),
        )?;
    }
    audit::note(tx, "webhook.update", None)
}

/// Lets the webhook know that the tenant says something else of itself.
pub fn tell_changed(tx: &Write, tenant: TenantId) -> Result<()> {
    tell(tx, Event::Tenant, tenant.0)
}

/// All hooks but the webhook's, oldest first.
pub fn list(tx: &Read, page: Page) -> Result<Vec<Hook>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM hook WHERE dialect = 'tibillet' ORDER BY created, id LIMIT ?1 OFFSET ?2"
    );
    tx.all(&sql, (page.limit, page.offset), row)
}

/// The hook, or `NotFound`.
pub fn get(tx: &Read, id: HookId) -> Result<Hook> {
    tx.must(
        &format!("SELECT {COLUMNS} FROM hook WHERE id = ?1 AND dialect = 'tibillet'"),
        [id],
        row,
    )
}

/// Switches a hook on, forgetting how often it failed, or off, with what it has not heard yet.
pub fn set_active(tx: &Write, id: HookId, active: bool) -> Result<Hook> {
    let sql = format!(
        "UPDATE hook SET active = ?2, failures = 0, failing = NULL WHERE id = ?1 AND dialect = 'tibillet' RETURNING {COLUMNS}"
    );
    let hook = tx.must(&sql, (id, active), row)?;
    if !active {
        give_up_all(tx, id)?;
    }
    audit::note(tx, "hook.update", Some(id.0))?;
    Ok(hook)
}

/// Takes a hook away, with what it has not heard yet.
pub fn remove(tx: &Write, id: HookId) -> Result<()> {
    if tx.run("DELETE FROM hook WHERE id = ?1 AND dialect = 'tibillet'", [id])? == 0 {
        return Err(Error::NotFound);
    }
    audit::note(tx, "hook.remove", Some(id.0))
}

/// Lets all hooks of this event be told of something.
pub(super) fn tell(tx: &Write, event: Event, subject: Uuid) -> Result<()> {
    let sql = "SELECT id FROM hook WHERE event = ?1 AND active = 1";
    let hooks: Vec<HookId> = tx.all(sql, [event], |row| row.get(0))?;
    for hook in &hooks {
        tx.run(
            "INSERT INTO delivery (id, hook, subject, next_try, created) VALUES (?1, ?2, ?3, ?4, ?4)",
            (DeliveryId::new(), hook, subject, tx.now()),
        )?;
    }
    if !hooks.is_empty() {
        tx.plan(Errand::Hook, tx.now());
    }
    Ok(())
}

/// Something that a hook is to be told.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its id; what is told twice carries it twice.
    pub id: DeliveryId,
    /// What it is about.
    pub subject: Uuid,
    /// How often it was tried.
    pub attempts: u32,
    /// When it happened.
    pub created: Time,
    /// To whom.
    pub hook: Hook,
}

/// When the next hook is to be told.
pub fn next(tx: &Read) -> Result<Option<Time>> {
    tx.one("SELECT min(next_try) FROM delivery WHERE state = 'waiting'", [], |row| row.get(0))
}

/// So many of what is to be told now, oldest first.
pub fn due(tx: &Read, limit: u32) -> Result<Vec<Delivery>> {
    let sql = format!(
        "SELECT {COLUMNS}, delivery.id AS delivery, subject, attempts, delivery.created AS happened
         FROM delivery JOIN hook ON hook.id = delivery.hook
         WHERE state = 'waiting' AND active = 1 AND next_try <= ?1 ORDER BY next_try, delivery.id LIMIT ?2"
    );
    tx.all(&sql, (tx.now(), limit), |found| {
        Ok(Delivery {
            hook: row(found)?,
            id: found.get("delivery")?,
            subject: found.get("subject")?,
            attempts: found.get("attempts")?,
            created: found.get("happened")?,
        })
    })
}

/// Seconds after each failed try.
const PAUSES: [u64; 7] = [5, 30, 120, 600, 3_600, 21_600, 86_400];

/// A hook is switched off that has failed so often in a row, for so long: a listener that is away for a night is not.
const OFF_AFTER: (u32, Duration) = (10, Duration::from_secs(2 * 24 * 3_600));

/// Writes down how a try ended, in words for the venue. Whoever did not hear one thing is not told the next at once. What
/// is told is forgotten after 30 days.
pub fn note(tx: &Write, delivery: &Delivery, heard: bool, said: &str) -> Result<()> {
    let pause = usize::try_from(delivery.attempts).ok().and_then(|n| PAUSES.get(n));
    let (state, pause) = match (heard, pause) {
        (true, _) => ("sent", 0),
        (false, Some(pause)) => ("waiting", *pause),
        (false, None) => ("given_up", 0),
    };
    tx.run(
        "UPDATE delivery SET state = ?2, attempts = attempts + 1, next_try = ?3 WHERE id = ?1 AND state = 'waiting'",
        (delivery.id, state, tx.now().plus(Duration::from_secs(pause))),
    )?;
    let last = format!("{} - {said}", tx.now());
    let sql = "UPDATE hook SET last = ?2, failures = iif(?3, 0, failures + 1), failing = iif(?3, NULL, coalesce(failing, ?4))
         WHERE id = ?1 RETURNING failures, failing";
    let hook = delivery.hook.id;
    let failing: Option<(u32, Option<Time>)> =
        tx.maybe(sql, (hook, last, heard, tx.now()), |row| Ok((row.get(0)?, row.get(1)?)))?;
    if !heard {
        let sql = "UPDATE delivery SET next_try = max(next_try, ?2) WHERE hook = ?1 AND state = 'waiting'";
        tx.run(sql, (hook, tx.now().plus(Duration::from_secs(PAUSES[0]))))?;
    }
    let is_lost = |(failures, since): (u32, Option<Time>)| {
        let long = since.is_some_and(|since| since.plus(OFF_AFTER.1) <= tx.now());
        failures >= OFF_AFTER.0 && long
    };
    if failing.is_some_and(is_lost) {
        tx.run("UPDATE hook SET active = 0 WHERE id = ?1", [delivery.hook.id])?;
        give_up_all(tx, delivery.hook.id)?;
        audit::note(tx, "hook.switch_off", Some(delivery.hook.id.0))?;
    }
    const KEPT: Duration = Duration::from_secs(30 * 24 * 3_600);
    let old = "DELETE FROM delivery WHERE hook = ?1 AND created < ?2 AND state <> 'waiting'";
    tx.run(old, (delivery.hook.id, tx.now().minus(KEPT))).map(drop)
}

fn give_up_all(tx: &Write, hook: HookId) -> Result<()> {
    let sql = "UPDATE delivery SET state = 'given_up' WHERE hook = ?1 AND state = 'waiting'";
    tx.run(sql, [hook]).map(drop)
}
