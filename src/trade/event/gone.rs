//! Events that were taken away: one that was booked is gone for all but the orders and tickets that name it, and is held
//! again under its name and beginning when somebody makes it anew.

use super::{COLUMNS, Event, Links, New, forget_image, get, hide, row, update};
use crate::error::{Error, Refusal, Result};
use crate::root::{Read, Write};
use crate::trade::media::Upload;
use crate::trade::{audit, order};
use crate::values::id::EventId;

/// Takes an event away, and ends what is held of it unpaid, which its buyers are told. One that somebody booked stays,
/// cancelled, for the orders that name it alone; says whether. Refused: one that is not over and has seats that are sold.
pub fn remove(tx: &Write, id: EventId) -> Result<bool> {
    let event = get(tx, id)?;
    order::end_holds(tx, id)?;
    let sold = "SELECT 1 FROM line WHERE event = ?1 AND returned < quantity";
    if event.over() > tx.now() && tx.exists(sold, [id])? {
        return Err(Error::Refused(Refusal::SeatsSold));
    }
    let booked = tx.exists("SELECT 1 FROM booking WHERE event = ?1", [id])?;
    if booked {
        hide(tx, id)?;
        tx.run("UPDATE event SET deleted = ?2 WHERE id = ?1", (id, tx.now()))?;
    } else {
        tx.run("DELETE FROM event WHERE id = ?1", [id])?;
        forget_image(tx, &event)?;
    }
    audit::note(tx, "event.remove", Some(id.0))?;
    Ok(booked)
}

/// Makes an event anew that was taken away: orders name it, so its name and beginning are still its own.
pub(super) fn renew(
    tx: &Write,
    known: &Event,
    new: &New,
    links: &Links,
    image: Option<&Upload>,
) -> Result<Event> {
    bring_back(tx, known.id, new.published, None)?;
    tx.run("UPDATE event SET image = NULL WHERE id = ?1", [known.id])?;
    forget_image(tx, known)?;
    let Links { products, radio, checkbox, tags, artists } = links.clone();
    let links = Links {
        products: products.or_else(|| Some(vec![])),
        radio: radio.or_else(|| Some(vec![])),
        checkbox: checkbox.or_else(|| Some(vec![])),
        tags: tags.or_else(|| Some(vec![])),
        artists: artists.or_else(|| Some(vec![])),
    };
    update(tx, known.id, new, &links, image)
}

/// Was this event taken away?
pub(in crate::trade) fn is_gone(tx: &Read, id: EventId) -> Result<bool> {
    tx.exists("SELECT 1 FROM event WHERE id = ?1 AND deleted IS NOT NULL", [id])
}

/// Holds an event again that was taken away, as it was.
pub(in crate::trade) fn bring_back(
    tx: &Write,
    id: EventId,
    published: bool,
    series: Option<EventId>,
) -> Result<Event> {
    let sql = format!(
        "UPDATE event SET deleted = NULL, cancelled = NULL, published = ?2, series = ?3, changed = ?4
         WHERE id = ?1 RETURNING {COLUMNS}"
    );
    tx.one(&sql, (id, published, series, tx.now()), row)
}
