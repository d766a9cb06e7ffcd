//! Gates without network: what a device takes along, and what it brings back.
//!
//! Each pass that a device names is taken once. Passes of one ticket count in the order of their time, whichever device
//! comes back first: one that is overtaken keeps its row, and a revision says what it counts as now.

use super::gate::{Earlier, Note, Reason, Verdict, Way, fault, judge, write_down};
use super::{COLUMNS, State, Ticket, ensure_key, key_seed, row};
use crate::error::{Error, Result};
use crate::root::{Read, Write};
use crate::trade::{audit, event, order, setting};
use crate::values::Time;
use crate::values::id::{EventId, TicketId};
use rusqlite::Row;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;
use uuid::Uuid;

/// As many passes are taken in one write, so that others who write are not held up.
pub const GROUP: usize = 500;

/// So far the clock of a device may be off before what it says is refused.
const CLOCKS_DIFFER: Duration = Duration::from_secs(5 * 60);

/// A ticket, as a device without network must know it.
#[derive(Clone, Debug)]
pub struct AtDoor {
    /// The ticket.
    pub ticket: Ticket,
    /// What its price was called.
    pub price_name: String,
    /// By which pass it is inside, if it is.
    pub inside: Option<Earlier>,
}

/// All tickets of an event, in any state, by name.
pub fn at_door(tx: &Read, event: EventId) -> Result<Vec<AtDoor>> {
    event::get(tx, event)?;
    // The row itself, not the view, which would be worked out for all passes of the venue.
    let sql = format!(
        "SELECT {COLUMNS}, line.price_name AS price_name, last.way AS way, last.at AS at, last.gate AS gate,
           last.device_scan AS device_scan
         FROM ticket JOIN line ON line.id = ticket.line
         LEFT JOIN scan AS last ON last.id = (SELECT one.id FROM pass AS one WHERE one.ticket = ticket.id AND one.reason IS NULL
            ORDER BY one.at DESC, one.device_scan DESC, one.id DESC LIMIT 1)
         WHERE ticket.event = ?1 ORDER BY ticket.last_name, ticket.first_name, ticket.id"
    );
    tx.all(&sql, [event], |found| {
        let inside = match found.get("way")? {
            Some(Way::In) => Some(Earlier {
                at: found.get("at")?,
                gate: found.get("gate")?,
                device_scan: found.get("device_scan")?,
            }),
            Some(Way::Out) | None => None,
        };
        Ok(AtDoor { ticket: row(found)?, price_name: found.get("price_name")?, inside })
    })
}

/// The seed of the key that signs this tenant's tickets, before the first of them too.
pub fn ensure_door_key(tx: &Write) -> Result<[u8; 32]> {
    ensure_key(tx)?;
    key_seed(tx)
}

/// A pass that a device says it has let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What the device calls it.
    pub device_scan: Uuid,
    /// What was shown.
    pub ticket: TicketId,
    /// When, by the device's clock.
    pub at: Time,
    /// Which way.
    pub way: Way,
    /// Through which gate.
    pub gate: String,
}

/// Puts passes in the order in which they are to be taken.
pub fn sort(claims: &mut [Claim]) {
    claims.sort_by_key(|claim| (claim.at, claim.device_scan));
}

/// Takes a group of passes at an event, at most [`GROUP`] and in order; one that was taken before stays as it is. Who was
/// let in is told also of an event that was taken away since.
/// Returns the rows of earlier taken passes that count otherwise now.
pub fn sync(tx: &Write, event: EventId, claims: &[Claim]) -> Result<HashSet<i64>> {
    order::release(tx)?;
    event::named_by_sale(tx, event)?;
    let reentry = setting::get(tx)?.reentry;
    let (mut seen, mut new) = (HashSet::new(), false);
    let mut of_ticket: BTreeMap<TicketId, Vec<&Claim>> = BTreeMap::new();
    for claim in claims {
        let known = "SELECT 1 FROM scan WHERE device_scan = ?1";
        let again = !seen.insert(claim.device_scan) || tx.exists(known, [claim.device_scan])?;
        if again {
            continue;
        }
        new = true;
        if !turn_away(tx, event, claim)? {
            of_ticket.entry(claim.ticket).or_default().push(claim);
        }
    }
    let mut revised = HashSet::new();
    for (ticket, claims) in of_ticket {
        take(tx, ticket, &claims, reentry, &mut revised)?;
    }
    if new {
        audit::note(tx, "door.sync", Some(event.0))?;
    }
    Ok(revised)
}

/// Writes a pass down that is refused whoever passed before; was it?
fn turn_away(tx: &Write, event: EventId, claim: &Claim) -> Result<bool> {
    let Claim { device_scan, ticket, at, way, gate } = claim;
    let sql = "SELECT ticket.state, ticket.event, orders.placed FROM ticket JOIN line ON line.id = ticket.line
         JOIN orders ON orders.id = line.orders WHERE ticket.id = ?1";
    let known: Option<(State, EventId, Time)> =
        tx.maybe(sql, [ticket], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let reason = match known {
        None => Some(Reason::Unknown),
        Some(_) if *at > tx.now().plus(CLOCKS_DIFFER) => Some(Reason::InFuture),
        Some((.., sold)) if at.plus(CLOCKS_DIFFER) < sold => Some(Reason::BeforeSale),
        Some((state, of, _)) => fault(state, of, Some(event)),
    };
    if reason.is_some() {
        let note = Note {
            ticket: known.map(|_| *ticket),
            shown: ticket.0,
            at: *at,
            gate,
            way: *way,
            reason,
            earlier: None,
            device_scan: Some(*device_scan),
        };
        write_down(tx, &note)?;
    }
    Ok(reason.is_some())
}

/// Takes the new passes of one ticket, and sees what all of its passes count as now.
fn take(
    tx: &Write,
    ticket: TicketId,
    claims: &[&Claim],
    reentry: bool,
    revised: &mut HashSet<i64>,
) -> Result<()> {
    let mut line = passes_of(tx, ticket)?;
    line.extend(claims.iter().map(|claim| InLine::new(claim, tx.now(), reentry)));
    line.sort_by_key(InLine::order);
    let mut rows: Vec<i64> = vec![];
    for (one, (reason, by)) in line.iter().zip(replay(&line)) {
        // What stands in the way stands before it, and is written down already.
        let earlier = by.map(|place| rows[place]);
        let (at, way, device_scan) = (one.at, one.way, one.device_scan);
        let row = match one.known {
            Known::New(gate) => {
                let (ticket, shown) = (Some(ticket), ticket.0);
                write_down(
                    tx,
                    &Note { ticket, shown, at, gate, way, reason, earlier, device_scan },
                )?
            }
            Known::Row { id, reason: before, earlier: by } => {
                if (before, by) != (reason, earlier) {
                    tx.run(
                        "INSERT INTO scan_revision (scan, reason, earlier, actor, noted) VALUES (?1, ?2, ?3, ?4, ?5)",
                        (id, reason, earlier, tx.by().as_text(), tx.now()),
                    )?;
                }
                if before != reason {
                    revised.insert(id);
                }
                id
            }
        };
        rows.push(row);
    }
    Ok(())
}

/// One pass among those of its ticket.
#[derive(Clone, Debug)]
struct InLine<'a> {
    at: Time,
    way: Way,
    device_scan: Option<Uuid>,
    /// Might who went out come back in, when this was noted?
    reentry: bool,
    known: Known<'a>,
}

/// Is a pass written down already?
#[derive(Clone, Copy, Debug)]
enum Known<'a> {
    /// Not yet; its gate.
    New(&'a str),
    /// In this row, and what it has counted as until now.
    Row { id: i64, reason: Option<Reason>, earlier: Option<i64> },
}

impl<'a> InLine<'a> {
    /// A clock that is a little ahead does not put a pass behind those that follow.
    fn new(claim: &'a Claim, now: Time, reentry: bool) -> Self {
        let Claim { device_scan, ticket: _, at, way, gate } = claim;
        let known = Known::New(gate);
        Self { at: (*at).min(now), way: *way, device_scan: Some(*device_scan), reentry, known }
    }

    /// Two devices may name the same moment: their own names decide, so that it does not matter who comes back first.
    fn order(&self) -> (Time, Option<Uuid>, i64) {
        let row = match self.known {
            Known::New(_) => i64::MAX,
            Known::Row { id, .. } => id,
        };
        (self.at, self.device_scan, row)
    }
}

/// The passes of a ticket that can stand in each other's way: all that were let through when they happened, whatever they
/// count as since, and those of devices that were refused for another pass. Who was turned away at a gate with network did
/// not pass.
fn passes_of(tx: &Read, ticket: TicketId) -> Result<Vec<InLine<'static>>> {
    let sql = "SELECT scan.id, scan.at, scan.way, scan.device_scan, scan.reentry, pass.reason AS reason, pass.earlier AS earlier
         FROM scan JOIN pass ON pass.id = scan.id WHERE scan.ticket = ?1 AND (scan.reason IS NULL
           OR (scan.device_scan IS NOT NULL AND scan.reason IN ('already_in', 'not_in', 'went_out')))";
    tx.all(sql, [ticket], |row| {
        Ok(InLine {
            at: row.get("at")?,
            way: row.get("way")?,
            device_scan: row.get("device_scan")?,
            reentry: row.get("reentry")?,
            known: Known::Row {
                id: row.get("id")?,
                reason: row.get("reason")?,
                earlier: row.get("earlier")?,
            },
        })
    })
}

/// What each pass of a ticket counts as, in order, and the place of the one that stands in its way. Each is judged by
/// the rule of its time.
fn replay(line: &[InLine<'_>]) -> Vec<(Option<Reason>, Option<usize>)> {
    let mut last: Option<usize> = None;
    let mut counts = vec![];
    for (place, one) in line.iter().enumerate() {
        let reason = judge(last.map(|last| line[last].way), one.way, one.reentry);
        counts.push((reason, last.filter(|_| reason.is_some())));
        if reason.is_none() {
            last = Some(place);
        }
    }
    counts
}

/// A pass as it now counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// What the device without network called it; none: the gate had network.
    pub device_scan: Option<Uuid>,
    /// What was shown.
    pub shown: Uuid,
    /// When.
    pub at: Time,
    /// Through which gate.
    pub gate: String,
    /// What was said, or would be now.
    pub verdict: Verdict,
}

const PASS: &str =
    "pass.device_scan AS device_scan, pass.shown AS shown, pass.at AS at, pass.gate AS gate, pass.way AS way,
    pass.reason AS reason, other.at AS other_at, other.gate AS other_gate, other.device_scan AS other_device_scan
    FROM pass LEFT JOIN scan AS other ON other.id = pass.earlier";

fn pass_row(row: &Row<'_>) -> rusqlite::Result<Pass> {
    let earlier = match row.get::<_, Option<Time>>("other_at")? {
        Some(at) => Some(Earlier {
            at,
            gate: row.get("other_gate")?,
            device_scan: row.get("other_device_scan")?,
        }),
        None => None,
    };
    Ok(Pass {
        device_scan: row.get("device_scan")?,
        shown: row.get("shown")?,
        at: row.get("at")?,
        gate: row.get("gate")?,
        verdict: match row.get("reason")? {
            None => Verdict::Passed(row.get("way")?),
            Some(reason) => Verdict::Refused(reason, earlier),
        },
    })
}

/// What these passes count as, in one look; `NotFound` when one of them was not taken. One whose name was another pass's
/// before is not written down.
pub fn verdicts(tx: &Read, claims: &[Claim]) -> Result<Vec<Pass>> {
    let ids = crate::root::coming::set(claims.iter().map(|claim| claim.device_scan));
    let sql =
        format!("SELECT {PASS} WHERE pass.device_scan IN (SELECT unhex(value) FROM json_each(?1))");
    let found = tx.all(&sql, [ids], pass_row)?;
    let by_name: HashMap<Option<Uuid>, &Pass> =
        found.iter().map(|pass| (pass.device_scan, pass)).collect();
    let of = |claim: &Claim| {
        let pass = *by_name.get(&Some(claim.device_scan))?;
        let Claim { device_scan, ticket, at, way: _, gate } = claim;
        Some(if pass.shown == ticket.0 {
            pass.clone()
        } else {
            Pass {
                device_scan: Some(*device_scan),
                shown: ticket.0,
                at: *at,
                gate: gate.clone(),
                verdict: Verdict::Refused(Reason::Unrecorded, None),
            }
        })
    };
    claims.iter().map(of).collect::<Option<_>>().ok_or(Error::NotFound)
}

/// The passes of these rows as they now count, without those of `claims`, by time.
pub fn revised(tx: &Read, rows: &HashSet<i64>, claims: &[Claim]) -> Result<Vec<Pass>> {
    let own: HashSet<Uuid> = claims.iter().map(|claim| claim.device_scan).collect();
    let ids: Vec<String> = rows.iter().map(i64::to_string).collect();
    let sql = format!(
        "SELECT {PASS} WHERE pass.id IN (SELECT value FROM json_each(?1)) ORDER BY pass.at, pass.id"
    );
    let mut found = tx.all(&sql, [format!("[{}]", ids.join(","))], pass_row)?;
    found.retain(|pass| pass.device_scan.is_none_or(|name| !own.contains(&name)));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pass((at, way, name, reentry): (i64, bool, u128, bool)) -> InLine<'static> {
        InLine {
            at: Time(at),
            way: if way { Way::In } else { Way::Out },
            device_scan: Some(Uuid::from_u128(name)),
            reentry,
            known: Known::New(""),
        }
    }

    proptest! {
        #[test]
        fn of_the_passes_of_a_ticket_those_that_count_go_in_and_out_by_turns(
            mut passes in proptest::collection::vec((0_i64..50, any::<bool>(), any::<u128>(), any::<bool>()), 0..30),
        ) {
            passes.sort_unstable_by_key(|(at, _, name, _)| (*at, *name));
            let line: Vec<InLine<'_>> = passes.into_iter().map(pass).collect();
            let counts = replay(&line);
            let through = line.iter().zip(&counts).filter(|(_, (reason, _))| reason.is_none());
            for (n, (one, _)) in through.enumerate() {
                prop_assert_eq!(one.way, if n % 2 == 0 { Way::In } else { Way::Out });
                prop_assert!(one.reentry || n < 2 || one.way == Way::Out);
            }
        }
    }
}
