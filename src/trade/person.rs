//! What a tenant itself knows of its people. Who they are and whether they may come in is the house's to say.

use super::audit;
use super::link::{self, Link};
use crate::error::{Error, Result};
use crate::root::{Read, Write};
use crate::values::Time;
use crate::values::id::AccountId;
use rusqlite::{Row, named_params};
use uuid::Uuid;

/// What is known of somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// How the tenant writes to him; the account's own address is another thing.
    pub email: Option<String>,
    /// As written.
    pub phone: Option<String>,
    /// On one line.
    pub address: Option<String>,
    /// As written.
    pub country: Option<String>,
    /// When he was born.
    pub born: Option<Time>,
    /// The number by which his employer knows him.
    pub reference: Option<String>,
    /// Since when he works here.
    pub starts: Option<Time>,
    /// Until when.
    pub ends: Option<Time>,
    /// What plays his recordings.
    pub player: Option<Uuid>,
    /// Who he is at the recorder.
    pub recorder_user: Option<String>,
    /// His account there.
    pub recorder_account: Option<String>,
}

const COLUMNS: &str =
    "first_name, last_name, email, phone, address, country, born, reference, starts, ends, player,
    recorder_user, recorder_account";

fn row(row: &Row<'_>) -> rusqlite::Result<Person> {
    Ok(Person {
        first_name: row.get("first_name")?,
        last_name: row.get("last_name")?,
        email: row.get("email")?,
        phone: row.get("phone")?,
        address: row.get("address")?,
        country: row.get("country")?,
        born: row.get("born")?,
        reference: row.get("reference")?,
        starts: row.get("starts")?,
        ends: row.get("ends")?,
        player: row.get("player")?,
        recorder_user: row.get("recorder_user")?,
        recorder_account: row.get("recorder_account")?,
    })
}

/// What is known of somebody, if anything is.
pub fn get(tx: &Read, account: AccountId) -> Result<Option<Person>> {
    tx.maybe(&format!("SELECT {COLUMNS} FROM person WHERE account = ?1"), [account], row)
}

/// Everybody of whom something is known.
pub fn list(tx: &Read) -> Result<Vec<(AccountId, Person)>> {
    let sql = format!("SELECT account, {COLUMNS} FROM person");
    tx.all(&sql, [], |found| Ok((found.get("account")?, row(found)?)))
}

/// Refuses an end before its beginning.
pub fn check(person: &Person) -> Result<()> {
    let is_wrong = person.starts.zip(person.ends).is_some_and(|(starts, ends)| ends < starts);
    if is_wrong { Err(Error::invalid("endDate", "is before startDate")) } else { Ok(()) }
}

/// Writes down what is known of somebody.
pub fn save(tx: &Write, account: AccountId, person: &Person) -> Result<()> {
    check(person)?;
    let player = person.player.as_ref().map(|id| id.as_bytes().as_slice());
    let sql = format!(
        "INSERT OR REPLACE INTO person (account, {COLUMNS})
         VALUES (:account, :first_name, :last_name, :email, :phone, :address, :country, :born, :reference, :starts,
            :ends, :player, :recorder_user, :recorder_account)"
    );
    tx.run(
        &sql,
        named_params! {
            ":account": account, ":first_name": person.first_name, ":last_name": person.last_name,
            ":email": person.email, ":phone": person.phone, ":address": person.address,
            ":country": person.country, ":born": person.born, ":reference": person.reference,
            ":starts": person.starts, ":ends": person.ends, ":player": player,
            ":recorder_user": person.recorder_user, ":recorder_account": person.recorder_account,
        },
    )?;
    audit::note(tx, "person.save", Some(account.0))
}

/// Forgets somebody who is not linked to anything.
pub fn forget(tx: &Write, account: AccountId) -> Result<()> {
    for link in [Link::UnitManager, Link::TeamManager, Link::TeamMember] {
        link::set_places(tx, link, account, &[])?;
    }
    tx.run("DELETE FROM person WHERE account = ?1", [account])?;
    audit::note(tx, "person.forget", Some(account.0))
}
