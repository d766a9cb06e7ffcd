//! The shapes of the door of a venue. They are ours: the contract has none.

use super::messages as say;
use super::wire_order::WireTicket;
use crate::trade::ticket::{Earlier, Reason, Verdict};
use crate::values::zone::Zone;
use schemars::JsonSchema;
use serde::Serialize;

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
