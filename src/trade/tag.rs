//! Tags: the words that events are filed under. A word is known as soon as it stands at an event.

use super::catalogue::Item;
use super::{Page, audit};
use crate::error::{Error, OnConflict, Refusal, Result};
use crate::root::{Read, Write};
use crate::values::Time;
use crate::values::id::EventId;
use rusqlite::Row;

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The word that stands at events.
    pub id: String,
    /// What people call it.
    pub label: String,
    /// May it be looked for?
    pub enabled: bool,
    /// Left out of what is shown.
    pub hidden: bool,
    /// Since when.
    pub created: Time,
    /// When it was last changed.
    pub changed: Time,
    /// So many events stand under it, the first of them.
    pub events: Vec<EventId>,
}

const COLUMNS: &str = "id, label, enabled, hidden, created, changed,
    (SELECT group_concat(hex(event), ' ') FROM
        (SELECT event FROM event_tag WHERE event_tag.tag = tag.id ORDER BY event DESC LIMIT 100)) AS events";

fn row(row: &Row<'_>) -> rusqlite::Result<Tag> {
    let events: Option<String> = row.get("events")?;
    let id = |hex: &str| uuid::Uuid::try_parse(hex).ok().map(EventId);
    Ok(Tag {
        id: row.get("id")?,
        label: row.get("label")?,
        enabled: row.get("enabled")?,
        hidden: row.get("hidden")?,
        created: row.get("created")?,
        changed: row.get("changed")?,
        events: events.unwrap_or_default().split(' ').filter_map(id).collect(),
    })
}

/// Tags of one tenant that somebody makes; words that stand at events are not counted.
const MOST: i64 = 1_000;

/// Longest word and label.
const LENGTH: usize = 100;

/// So many tags by word; `enabled`: those alone that may be looked for. And how many there are in all.
pub fn list(tx: &Read, enabled: bool, page: Page) -> Result<(Vec<Tag>, i64)> {
    let sql =
        format!("SELECT {COLUMNS} FROM tag WHERE enabled OR NOT ?1 ORDER BY id LIMIT ?2 OFFSET ?3");
    let all = tx.all(&sql, (enabled, page.limit, page.offset), row)?;
    let sql = "SELECT count(*) FROM tag WHERE enabled OR NOT ?1";
    Ok((all, tx.one(sql, [enabled], |row| row.get(0))?))
}

/// The tag, or `NotFound`.
pub fn get(tx: &Read, id: &str) -> Result<Tag> {
    tx.must(&format!("SELECT {COLUMNS} FROM tag WHERE id = ?1"), [id], row)
}

/// The events that stand under a tag, the newest first, and how many there are in all; or `NotFound`.
pub fn items(tx: &Read, id: &str, page: Page) -> Result<(Vec<Item>, i64)> {
    get(tx, id)?;
    let sql = "SELECT event.id, event.name FROM event_tag JOIN event ON event.id = event_tag.event
         WHERE event_tag.tag = ?1 AND deleted IS NULL ORDER BY event.id DESC LIMIT ?2 OFFSET ?3";
    let all = tx.all(sql, (id, page.limit, page.offset), |row| {
        let id: EventId = row.get("id")?;
        Ok(Item { id: id.0, is_event: true, name: row.get("name")? })
    })?;
    let sql = "SELECT count(*) FROM event_tag JOIN event ON event.id = event_tag.event WHERE tag = ?1 AND deleted IS NULL";
    Ok((all, tx.one(sql, [id], |row| row.get(0))?))
}

fn check(name: &'static str, text: &str) -> Result<()> {
    let right = !text.trim().is_empty() && text.chars().count() <= LENGTH;
    let wrong = || Error::invalid(name, format!("must have 1 to {LENGTH} characters"));
    if right { Ok(()) } else { Err(wrong()) }
}

/// Makes a tag. Refused: a word that is known.
pub fn create(tx: &Write, id: &str, label: &str, enabled: bool, hidden: bool) -> Result<Tag> {
    check("id", id)?;
    check("label", label)?;
    let own = "SELECT count(*) FROM tag WHERE id NOT IN (SELECT tag FROM event_tag)";
    if tx.one(own, [], |row| row.get::<_, i64>(0))? >= MOST {
        return Err(Error::Refused(Refusal::TooMany("tag")));
    }
    tx.run(
        "INSERT INTO tag (id, label, enabled, hidden, created, changed) VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
        (id, label, enabled, hidden, tx.now()),
    )
    .on_conflict("tag.id", Refusal::NameTaken)?;
    audit::note(tx, "tag.create", None)?;
    get(tx, id)
}

/// Says something else of a tag; the word stays.
pub fn update(tx: &Write, id: &str, label: &str, enabled: bool, hidden: bool) -> Result<Tag> {
    check("label", label)?;
    let sql = "UPDATE tag SET label = ?2, enabled = ?3, hidden = ?4, changed = ?5 WHERE id = ?1";
    tx.run(sql, (id, label, enabled, hidden, tx.now()))?;
    audit::note(tx, "tag.update", None)?;
    get(tx, id)
}

/// Takes a tag away. Refused: one that events stand under.
pub fn remove(tx: &Write, id: &str) -> Result<()> {
    get(tx, id)?;
    if tx.exists("SELECT 1 FROM event_tag WHERE tag = ?1", [id])? {
        return Err(Error::Refused(Refusal::InUse));
    }
    tx.run("DELETE FROM tag WHERE id = ?1", [id])?;
    audit::note(tx, "tag.remove", None)
}
