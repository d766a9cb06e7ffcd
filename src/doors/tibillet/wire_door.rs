//! The shapes of the door of a venue. They are ours: the contract has none.

use super::messages as say;
use super::wire_order::{WireTicket, chosen};
use crate::trade::event::Event;
use crate::trade::setting::Settings;
use crate::trade::ticket::{AtDoor, Earlier, Pass, Reason, Ticket, Verdict};
use crate::values::Time;
use crate::values::id::{BookingId, OptionId};
use crate::values::zone::Zone;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use uuid::Uuid;

/// What a gate says of a ticket.
#[derive(Serialize, JsonSchema)]
pub(super) struct WireScan<'a> {
    /// May pass.
    valid: bool,
    /// `in`, `out`, or why not: `inactive`, `void`, `already_in`, `not_in`, `went_out`, `other_event`, `forged`.
    outcome: &'static str,
    /// When and where the pass was that stands in the way.
    earlier: Option<WireEarlier<'a>>,
    ticket: Option<WireTicket<'a>>,
    /// The refusal, for whoever holds the device.
    message: Option<String>,
}

/// An earlier pass.
#[derive(Serialize, JsonSchema)]
pub(super) struct WireEarlier<'a> {
    at: String,
    gate: &'a str,
}

impl<'a> WireEarlier<'a> {
    pub(super) fn new(earlier: &'a Earlier, zone: &Zone) -> Self {
        let Earlier { at, gate, device_scan: _ } = earlier;
        Self { at: zone.iso(*at), gate }
    }
}

impl<'a> WireScan<'a> {
    pub(super) fn new(verdict: &'a Verdict, ticket: WireTicket<'a>, zone: &Zone) -> Self {
        let Said { valid, outcome, earlier, message } = Said::new(verdict, zone);
        Self { valid, outcome, earlier, ticket: Some(ticket), message }
    }

    /// What was shown is no ticket of this venue.
    pub(super) fn refused(reason: Reason) -> Self {
        let outcome = reason.as_str();
        let message = Some(say::refused_at_gate(outcome, None));
        Self { valid: false, outcome, earlier: None, ticket: None, message }
    }
}

/// A verdict, in words.
pub(super) struct Said<'a> {
    pub(super) valid: bool,
    pub(super) outcome: &'static str,
    pub(super) earlier: Option<WireEarlier<'a>>,
    pub(super) message: Option<String>,
}

impl<'a> Said<'a> {
    pub(super) fn new(verdict: &'a Verdict, zone: &Zone) -> Self {
        let (reason, earlier) = match verdict {
            Verdict::Passed(way) => {
                let outcome = way.as_str();
                return Self { valid: true, outcome, earlier: None, message: None };
            }
            Verdict::Refused(reason, earlier) => (*reason, earlier.as_ref()),
        };
        let hour = earlier.map(|earlier| zone.format(earlier.at, "%H:%M"));
        let before = hour.as_deref().zip(earlier.map(|earlier| earlier.gate.as_str()));
        Self {
            valid: false,
            outcome: reason.as_str(),
            earlier: earlier.map(|earlier| WireEarlier::new(earlier, zone)),
            message: Some(say::refused_at_gate(reason.as_str(), before)),
        }
    }
}

/// What a venue decides for itself.
#[derive(Serialize, JsonSchema)]
pub(super) struct WireSettings<'a> {
    /// May who went out come back in? By default yes.
    reentry: bool,
    /// Until how many hours before an event its buyers may cancel by themselves; null: never. By default 24.
    refund_deadline_hours: Option<u16>,
    /// Is a price for members only for who is logged in as one? By default yes. Reservations through this API do not ask.
    member_price_needs_login: bool,
    /// How many days before its end a member is reminded of a membership; 0: not at all. By default 30.
    membership_reminder_days: u16,
    /// In which language letters, tickets and pages speak: `fr` or `en`. By default `fr`.
    language: &'static str,
    /// For how many hours a seat that became free is kept for whoever it is offered to. By default 24.
    offer_hours: u16,
    /// The venue's clock, by its name in the IANA database. By default `Europe/Paris`.
    time_zone: &'a str,
}

impl<'a> WireSettings<'a> {
    pub(super) fn new(settings: &Settings, zone: &'a Zone) -> Self {
        let Settings {
            reentry,
            refund_deadline_hours,
            member_price_needs_login,
            membership_reminder_days,
            language,
            offer_hours,
        } = *settings;
        Self {
            reentry,
            refund_deadline_hours,
            member_price_needs_login,
            membership_reminder_days,
            language: language.as_str(),
            offer_hours,
            time_zone: zone.name(),
        }
    }
}

/// All that a device needs to work at the door of an event without network.
#[derive(Serialize, JsonSchema)]
pub(super) struct WireDoor<'a> {
    event: Uuid,
    name: &'a str,
    datetime: String,
    /// When this was so.
    at: String,
    /// The Ed25519 key that signs the venue's tickets, in base64url.
    key: String,
    /// May who went out come back in?
    reentry: bool,
    tickets: Vec<WireAtDoor<'a>>,
}

/// A ticket, as a device without network must know it.
#[derive(Serialize, JsonSchema)]
struct WireAtDoor<'a> {
    uuid: Uuid,
    /// What is printed on it.
    number: String,
    first_name: &'a str,
    last_name: &'a str,
    /// `N` inactive, `K` opens the door, `S` has opened it, `R` void.
    status: &'static str,
    seat: &'a str,
    options: Vec<&'a str>,
    /// What its price was called.
    price: &'a str,
    /// Since when and by which gate it is inside; null: it is not.
    inside: Option<WireEarlier<'a>>,
}

impl<'a> WireDoor<'a> {
    pub(super) fn new(
        event: &'a Event,
        at: Time,
        key: [u8; 32],
        reentry: bool,
        tickets: &'a [AtDoor],
        options: &'a [(BookingId, OptionId, String)],
        zone: &Zone,
    ) -> Self {
        let chosen = chosen(options);
        let ticket = |one: &'a AtDoor| {
            let AtDoor { ticket, price_name, inside } = one;
            let Ticket { id, booking, event: _, state, first_name, last_name, seat } = ticket;
            WireAtDoor {
                uuid: id.0,
                number: ticket.number(),
                first_name,
                last_name,
                status: state.as_str(),
                seat,
                options: chosen.get(booking).cloned().unwrap_or_default(),
                price: price_name,
                inside: inside.as_ref().map(|inside| WireEarlier::new(inside, zone)),
            }
        };
        Self {
            event: event.id.0,
            name: &event.name,
            datetime: zone.iso(event.starts),
            at: zone.iso(at),
            key: URL_SAFE_NO_PAD.encode(key),
            reentry,
            tickets: tickets.iter().map(ticket).collect(),
        }
    }
}

/// What became of the passes that a device brought back.
#[derive(Serialize, JsonSchema)]
pub(super) struct WireSynced<'a> {
    /// In the order in which they were sent.
    scans: Vec<WirePass<'a>>,
    /// Passes that were told before and count otherwise now, because one of these was earlier.
    revised: Vec<WirePass<'a>>,
}

/// A pass, as it now counts.
#[derive(Serialize, JsonSchema)]
struct WirePass<'a> {
    /// What the device called it; null: the gate had network.
    id: Option<Uuid>,
    ticket: Uuid,
    at: String,
    gate: &'a str,
    valid: bool,
    /// `in`, `out`, or why not, as in a scan; also `before_sale`, `in_future`, `unknown`, and
    /// `unrecorded` when its id is another pass's.
    outcome: &'static str,
    /// When and where the pass was that stands in the way.
    earlier: Option<WireEarlier<'a>>,
    /// What that device called it; null: the gate had network, or nothing stands in the way.
    earlier_id: Option<Uuid>,
    /// The refusal, for whoever holds the device.
    message: Option<String>,
}

impl<'a> WireSynced<'a> {
    pub(super) fn new(scans: &'a [Pass], revised: &'a [Pass], zone: &Zone) -> Self {
        let pass = |pass: &'a Pass| {
            let Pass { device_scan, shown, at, gate, verdict } = pass;
            let Said { valid, outcome, earlier, message } = Said::new(verdict, zone);
            let earlier_id = match verdict {
                Verdict::Refused(_, Some(earlier)) => earlier.device_scan,
                Verdict::Refused(_, None) | Verdict::Passed(_) => None,
            };
            WirePass {
                id: *device_scan,
                ticket: *shown,
                at: zone.iso(*at),
                gate,
                valid,
                outcome,
                earlier,
                earlier_id,
                message,
            }
        };
        Self {
            scans: scans.iter().map(pass).collect(),
            revised: revised.iter().map(pass).collect(),
        }
    }
}

pub(super) fn settings(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<WireSettings<'static>>()
}

pub(super) fn door(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<WireDoor<'static>>()
}

pub(super) fn synced(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<WireSynced<'static>>()
}
