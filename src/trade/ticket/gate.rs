//! Passing a gate. Every pass is written down as it was, with the reason where it was refused, and never rewritten.
//!
//! [`judge`] is the one rule of who may pass when; a gate with network and one without go by it alike.

use super::{State, Ticket, get};
use crate::error::Result;
use crate::root::{Read, Write};
use crate::trade::{audit, hook, order, setting};
use crate::values::Time;
use crate::values::id::{EventId, TicketId};
use rusqlite::{Row, named_params};
use uuid::Uuid;

crate::values::letters! {
    /// Which way somebody passes a gate.
    Way {
        /// In.
        In = "in",
        /// Out, to come back.
        Out = "out",
    }
}

crate::values::letters! {
    /// Why somebody is not let through.
    Reason {
        /// Not paid, or the address not proven.
        Inactive = "inactive",
        /// Given back.
        Void = "void",
        /// Opens another event.
        OtherEvent = "other_event",
        /// Is in already.
        AlreadyIn = "already_in",
        /// Cannot go out, not being in.
        NotIn = "not_in",
        /// Went out, where nobody comes back.
        WentOut = "went_out",
        /// A device's clock says that it passed before it was sold.
        BeforeSale = "before_sale",
        /// A device's clock is ahead.
        InFuture = "in_future",
        /// No ticket of this venue.
        Unknown = "unknown",
        /// The venue's key has not signed it.
        Forged = "forged",
        /// Was not written down when it happened.
        Unrecorded = "unrecorded",
    }
}

/// A pass that stands in the way of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// When.
    pub at: Time,
    /// Through which gate.
    pub gate: String,
    /// What the device without network called it.
    pub device_scan: Option<Uuid>,
}

/// What a gate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Let through.
    Passed(Way),
    /// Not let through, and by which pass, where that is why.
    Refused(Reason, Option<Earlier>),
}

/// Who was let through last.
pub(super) struct Last {
    pub(super) id: i64,
    pub(super) way: Way,
    pub(super) earlier: Earlier,
}

fn last_row(row: &Row<'_>) -> rusqlite::Result<Last> {
    let earlier = Earlier {
        at: row.get("at")?,
        gate: row.get("gate")?,
        device_scan: row.get("device_scan")?,
    };
    Ok(Last { id: row.get("id")?, way: row.get("way")?, earlier })
}

/// By which pass a ticket went through a gate last, by the clocks of the gates.
fn last(tx: &Read, ticket: TicketId) -> Result<Option<Last>> {
    let sql = "SELECT id, way, at, gate, device_scan FROM pass WHERE ticket = ?1 AND reason IS NULL
         ORDER BY at DESC, device_scan DESC, id DESC LIMIT 1";
    tx.maybe(sql, [ticket], last_row)
}

/// Why somebody who went this way last may not go that way now.
pub(super) fn judge(last: Option<Way>, way: Way, may_return: bool) -> Option<Reason> {
    match (way, last) {
        (Way::In, Some(Way::In)) => Some(Reason::AlreadyIn),
        (Way::In, Some(Way::Out)) if !may_return => Some(Reason::WentOut),
        (Way::Out, None | Some(Way::Out)) => Some(Reason::NotIn),
        (Way::In, _) | (Way::Out, Some(Way::In)) => None,
    }
}

/// What is wrong with the ticket itself, whoever passed before.
pub(super) fn fault(state: State, of: EventId, shown_at: Option<EventId>) -> Option<Reason> {
    match state {
        _ if shown_at.is_some_and(|shown_at| shown_at != of) => Some(Reason::OtherEvent),
        State::Inactive => Some(Reason::Inactive),
        State::Void => Some(Reason::Void),
        State::Open | State::Scanned => None,
    }
}

/// A pass, to be written down.
pub(super) struct Note<'a> {
    pub(super) ticket: Option<TicketId>,
    pub(super) shown: Uuid,
    pub(super) at: Time,
    pub(super) gate: &'a str,
    pub(super) way: Way,
    pub(super) reason: Option<Reason>,
    pub(super) earlier: Option<i64>,
    pub(super) device_scan: Option<Uuid>,
}

/// Writes a pass down, with the rule of its time. Who is let in has used the ticket.
pub(super) fn write_down(tx: &Write, note: &Note<'_>) -> Result<i64> {
    let Note { ticket, shown, at, gate, way, reason, earlier, device_scan } = note;
    let id = tx.one(
        "INSERT INTO scan (ticket, shown, at, gate, way, reason, earlier, device_scan, reentry, actor, noted)
         VALUES (:ticket, :shown, :at, :gate, :way, :reason, :earlier, :device_scan, (SELECT reentry FROM setting), :actor, :now)
         RETURNING id",
        named_params! {
            ":ticket": ticket, ":shown": shown, ":at": at, ":gate": gate, ":way": way,
            ":reason": reason, ":earlier": earlier, ":device_scan": device_scan, ":actor": tx.by().as_text(),
            ":now": tx.now(),
        },
        |row| row.get(0),
    )?;
    if let (None, Way::In, Some(ticket)) = (reason, way, ticket) {
        tx.run("UPDATE ticket SET state = 'S' WHERE id = ?1 AND state = 'K'", [ticket])?;
        hook::tell(tx, hook::Event::Scan, ticket.0)?;
    }
    Ok(id)
}

/// Passes a ticket through a gate of `event`, where it is said of which. A refused pass is written down as well.
pub fn scan(
    tx: &Write,
    id: TicketId,
    event: Option<EventId>,
    gate: &str,
    way: Way,
) -> Result<(Ticket, Verdict)> {
    order::release(tx)?;
    let ticket = get(tx, id)?;
    let last = last(tx, id)?;
    let reentry = setting::get(tx)?.reentry;
    let fault = fault(ticket.state, ticket.event, event);
    let conflict =
        fault.is_none().then(|| judge(last.as_ref().map(|last| last.way), way, reentry)).flatten();
    let (reason, by) = (fault.or(conflict), last.filter(|_| conflict.is_some()));
    write_down(
        tx,
        &Note {
            ticket: Some(id),
            shown: id.0,
            at: tx.now(),
            gate,
            way,
            reason,
            earlier: by.as_ref().map(|last| last.id),
            device_scan: None,
        },
    )?;
    let verdict = match reason {
        None => Verdict::Passed(way),
        Some(reason) => Verdict::Refused(reason, by.map(|last| last.earlier)),
    };
    if verdict == Verdict::Passed(Way::In) {
        audit::note(tx, "ticket.scan", Some(id.0))?;
    }
    Ok((get(tx, id)?, verdict))
}

/// Writes down that something was shown that is no ticket of this venue: its id is unknown, or its code is forged.
pub fn refuse(tx: &Write, shown: Uuid, gate: &str, way: Way, reason: Reason) -> Result<()> {
    let (ticket, at, reason) = (None, tx.now(), Some(reason));
    let note = Note { ticket, shown, at, gate, way, reason, earlier: None, device_scan: None };
    write_down(tx, &note).map(drop)
}
