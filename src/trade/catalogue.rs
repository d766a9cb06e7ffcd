//! What is in a catalogue: products and events. The whole catalogue of a tenant holds all; its rows are not written down.

use super::{Page, audit};
use crate::error::{Error, Result};
use crate::root::{Read, Write};
use crate::values::Slug;
use crate::values::id::{EventId, ProductId};
use uuid::Uuid;

/// One thing in a catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The product's or the event's id.
    pub id: Uuid,
    /// Is it an event?
    pub is_event: bool,
    /// What it is called.
    pub name: String,
}

/// Things of one catalogue.
const MOST: usize = 5_000;

/// What is in a catalogue, products first; `public`: what is published alone.
pub fn items(tx: &Read, id: &Slug, whole: bool, public: bool, page: Page) -> Result<Vec<Item>> {
    let sql = "SELECT id, 0 AS is_event, name FROM product
         WHERE archived = 0 AND (published OR NOT :public)
           AND (:whole OR EXISTS (SELECT 1 FROM catalogue_item WHERE catalogue = :id AND product = product.id))
         UNION ALL
         SELECT id, 1, name FROM event
         WHERE deleted IS NULL AND (published OR NOT :public)
           AND (:whole OR EXISTS (SELECT 1 FROM catalogue_item WHERE catalogue = :id AND event = event.id))
         ORDER BY is_event, name, id LIMIT :limit OFFSET :offset";
    let params: &[(&str, &dyn rusqlite::ToSql)] = &[
        (":id", id),
        (":whole", &whole),
        (":public", &public),
        (":limit", &page.limit),
        (":offset", &page.offset),
    ];
    tx.all(sql, params, |row| {
        Ok(Item { id: row.get("id")?, is_event: row.get("is_event")?, name: row.get("name")? })
    })
}

/// How many things are in it.
pub fn count(tx: &Read, id: &Slug, whole: bool, public: bool) -> Result<i64> {
    let sql = "SELECT (SELECT count(*) FROM product WHERE archived = 0 AND (published OR NOT :public)
             AND (:whole OR EXISTS (SELECT 1 FROM catalogue_item WHERE catalogue = :id AND product = product.id)))
         + (SELECT count(*) FROM event WHERE deleted IS NULL AND (published OR NOT :public)
             AND (:whole OR EXISTS (SELECT 1 FROM catalogue_item WHERE catalogue = :id AND event = event.id)))";
    let params: &[(&str, &dyn rusqlite::ToSql)] =
        &[(":id", id), (":whole", &whole), (":public", &public)];
    tx.one(sql, params, |row| row.get(0))
}

/// Makes these products and events what is in a catalogue. Refused: what this tenant does not have.
pub fn set_items(tx: &Write, id: &Slug, items: &[Uuid]) -> Result<()> {
    if items.len() > MOST {
        return Err(Error::invalid("items", format!("must be {MOST} at the most")));
    }
    tx.run("DELETE FROM catalogue_item WHERE catalogue = ?1", [id])?;
    for item in items {
        put(tx, id, *item)?;
    }
    audit::note(tx, "catalogue.fill", None)
}

fn put(tx: &Write, id: &Slug, item: Uuid) -> Result<()> {
    let product = "SELECT 1 FROM product WHERE id = ?1 AND archived = 0";
    let event = "SELECT 1 FROM event WHERE id = ?1 AND deleted IS NULL";
    let column = if tx.exists(product, [ProductId(item)])? {
        "product"
    } else if tx.exists(event, [EventId(item)])? {
        "event"
    } else {
        return Err(Error::invalid("items", format!("there is no product or event {item}")));
    };
    let sql = format!("INSERT OR IGNORE INTO catalogue_item (catalogue, {column}) VALUES (?1, ?2)");
    tx.run(&sql, (id, item.as_bytes().as_slice())).map(drop)
}

/// Puts a product into a catalogue, besides what is in it.
pub(super) fn add_product(tx: &Write, id: &str, product: ProductId) -> Result<()> {
    let sql = "INSERT OR IGNORE INTO catalogue_item (catalogue, product) VALUES (?1, ?2)";
    tx.run(sql, (id, product)).map(drop)
}

/// Forgets what is in a catalogue that is gone.
pub fn forget(tx: &Write, id: &Slug) -> Result<()> {
    tx.run("DELETE FROM catalogue_item WHERE catalogue = ?1", [id])?;
    audit::note(tx, "catalogue.remove", None)
}
