//! Events that were taken away: one that was booked is gone for all but the orders and tickets that name it.

use super::{forget_image, get, hide};
use crate::error::{Error, Refusal, Result};
use crate::root::Write;
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
        // No clock shows a microsecond: its name and beginning are another's to have.
        tx.run(
            "UPDATE event SET deleted = ?2, starts = (SELECT max(other.starts) + 1 FROM event AS other
                WHERE other.name = event.name AND other.starts BETWEEN event.starts AND event.starts + 999999)
             WHERE id = ?1",
            (id, tx.now()),
        )?;
    } else {
        tx.run("DELETE FROM event WHERE id = ?1", [id])?;
        forget_image(tx, &event)?;
    }
    audit::note(tx, "event.remove", Some(id.0))?;
    Ok(booked)
}
