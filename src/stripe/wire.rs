//! What Stripe writes and reads: JSON in its answers and events, of which we read as little as we need, and forms in its
//! questions.

use super::{Fault, NewSession};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use url::form_urlencoded::Serializer;

/// A page to pay at, as Stripe tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Stripe's name for it.
    pub id: String,
    /// Where it is paid; while it is open.
    pub url: Option<String>,
    /// How it stands.
    pub standing: Standing,
    /// What is paid, in minor units.
    pub amount: Option<i64>,
    /// Three letters, in lower case.
    pub currency: Option<String>,
    /// What we gave it to keep.
    pub metadata: HashMap<String, String>,
}

/// How a session stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// May still be paid.
    Open,
    /// Paid; by which payment intent.
    Paid(String),
    /// Gone through, but the money has not come.
    Unpaid,
    /// Cannot be paid any more.
    Expired,
}

#[derive(Deserialize)]
struct WireSession {
    id: String,
    url: Option<String>,
    status: Option<String>,
    payment_status: Option<String>,
    payment_intent: Option<WireIntent>,
    amount_total: Option<i64>,
    currency: Option<String>,
    metadata: Option<HashMap<String, String>>,
}

/// An id, or the thing itself where it was expanded.
#[derive(Deserialize)]
#[serde(untagged)]
enum WireIntent {
    Id(String),
    Whole { id: String },
}

impl WireIntent {
    fn id(self) -> String {
        match self {
            Self::Id(id) | Self::Whole { id } => id,
        }
    }
}

impl From<WireSession> for Session {
    fn from(wire: WireSession) -> Self {
        let WireSession {
            id,
            url,
            status,
            payment_status,
            payment_intent,
            amount_total,
            currency,
            metadata,
        } = wire;
        let intent = payment_intent.map(WireIntent::id);
        let standing = match (status.as_deref(), payment_status.as_deref(), intent) {
            (_, Some("paid"), Some(intent)) => Standing::Paid(intent),
            (Some("expired"), ..) => Standing::Expired,
            (Some("complete"), ..) => Standing::Unpaid,
            _ => Standing::Open,
        };
        let metadata = metadata.unwrap_or_default();
        Self { id, url, standing, amount: amount_total, currency, metadata }
    }
}

/// What Stripe tells without being asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Something happened to a page to pay at.
    Session(Session),
    /// A refund that Stripe had taken on came to nothing.
    RefundFailed {
        /// What we gave it to keep.
        metadata: HashMap<String, String>,
    },
    /// Something went back of a payment.
    Refunded {
        /// Of which.
        intent: String,
        /// What we gave it to keep.
        metadata: HashMap<String, String>,
    },
    /// Nothing that we wait for.
    Other,
}

/// Money that went back, as Stripe tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Stripe's name for it.
    pub id: String,
    /// How much, in minor units.
    pub amount: i64,
    /// Three letters, in lower case.
    pub currency: String,
    /// The key under which we asked for it; none: somebody else did.
    pub key: Option<String>,
}

#[derive(Deserialize)]
struct WireEvent {
    r#type: String,
    data: Option<WireData>,
}

#[derive(Deserialize)]
struct WireData {
    object: serde_json::Value,
}

impl Event {
    /// Reads an event. None: it is none of Stripe's.
    #[must_use]
    pub fn read(body: &[u8]) -> Option<Self> {
        let event: WireEvent = serde_json::from_slice(body).ok()?;
        match event.r#type.as_str() {
            "checkout.session.completed"
            | "checkout.session.async_payment_succeeded"
            | "checkout.session.expired" => {
                let session: WireSession = serde_json::from_value(event.data?.object).ok()?;
                Some(Self::Session(session.into()))
            }
            "refund.failed" | "refund.updated" | "charge.refund.updated" => {
                let refund: WireRefund = serde_json::from_value(event.data?.object).ok()?;
                if !refund.has_failed() {
                    return Some(Self::Other);
                }
                Some(Self::RefundFailed { metadata: refund.metadata.unwrap_or_default() })
            }
            "charge.refunded" => {
                let charge: WireCharge = serde_json::from_value(event.data?.object).ok()?;
                let metadata = charge.metadata.unwrap_or_default();
                Some(
                    charge.payment_intent.map_or(Self::Other, |intent| Self::Refunded {
                        intent: intent.id(),
                        metadata,
                    }),
                )
            }
            _ => Some(Self::Other),
        }
    }
}

/// A payment that has gone through; with it is kept what was kept with its intent.
#[derive(Deserialize)]
struct WireCharge {
    payment_intent: Option<WireIntent>,
    metadata: Option<HashMap<String, String>>,
}

#[derive(Deserialize)]
struct WireRefund {
    id: String,
    amount: Option<i64>,
    currency: Option<String>,
    status: Option<String>,
    metadata: Option<HashMap<String, String>>,
}

impl WireRefund {
    fn has_failed(&self) -> bool {
        matches!(self.status.as_deref(), Some("failed" | "canceled"))
    }
}

#[derive(Deserialize)]
struct WireList {
    data: Vec<WireRefund>,
}

#[derive(Deserialize)]
struct WireError {
    error: Option<WireFault>,
}

#[derive(Deserialize)]
struct WireFault {
    r#type: Option<String>,
    code: Option<String>,
    message: Option<String>,
}

pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(body)
        .map_err(|why| Fault::NotNow(format!("Stripe answers what we do not understand: {why}")))
}

pub(super) fn session(body: &[u8]) -> Result<Session, Fault> {
    read::<WireSession>(body).map(Session::from)
}

/// A refund that Stripe has taken on; one that failed at once is none.
pub(super) fn refund(body: &[u8]) -> Result<String, Fault> {
    let refund: WireRefund = read(body)?;
    match refund.has_failed() {
        true => Err(Fault::Never(format!("{} has failed", refund.id))),
        false => Ok(refund.id),
    }
}

/// The refunds of a payment that did not fail, oldest first.
pub(super) fn refunds(body: &[u8]) -> Result<Vec<Refund>, Fault> {
    let list: WireList = read(body)?;
    let made = list.data.into_iter().rev().filter(|refund| !refund.has_failed());
    Ok(made
        .map(|WireRefund { id, amount, currency, status: _, metadata }| Refund {
            id,
            amount: amount.unwrap_or(0),
            currency: currency.unwrap_or_default(),
            key: metadata.and_then(|mut said| said.remove("refund")),
        })
        .collect())
}

/// What an answer says went wrong.
pub(super) fn error(body: &[u8]) -> String {
    let fault = serde_json::from_slice(body).ok().and_then(|error: WireError| error.error);
    let Some(WireFault { r#type, code, message }) = fault else { return "nothing".to_owned() };
    let said = [r#type, code, message].into_iter().flatten();
    said.collect::<Vec<_>>().join(", ")
}

pub(super) fn session_form(new: &NewSession) -> String {
    let NewSession { key: _, currency, lines, email, buyer, metadata, return_to, ends } = new;
    let mut form = Serializer::new(String::new());
    form.append_pair("mode", "payment")
        .append_pair("payment_method_types[0]", "card")
        .append_pair("customer_email", email)
        .append_pair("client_reference_id", buyer)
        .append_pair("success_url", return_to)
        .append_pair("cancel_url", return_to)
        .append_pair("expires_at", &ends.to_string());
    let currency = currency.to_ascii_lowercase();
    for (at, line) in lines.iter().enumerate() {
        let item = |name: &str| format!("line_items[{at}]{name}");
        form.append_pair(&item("[quantity]"), &line.quantity.to_string())
            .append_pair(&item("[price_data][currency]"), &currency)
            .append_pair(&item("[price_data][unit_amount]"), &line.unit.to_string())
            .append_pair(&item("[price_data][product_data][name]"), &line.name);
    }
    for (name, value) in metadata {
        form.append_pair(&format!("metadata[{name}]"), value);
        // What is told of the payment itself names its tenant only so.
        form.append_pair(&format!("payment_intent_data[metadata][{name}]"), value);
    }
    form.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_paid_when_it_says_so_and_by_what() {
        let read = |json: &str| session(json.as_bytes()).map(|session| session.standing);
        let paid = Standing::Paid("pi_1".to_owned());
        for (json, standing) in [
            (r#"{"id":"cs_1","status":"open","payment_status":"unpaid"}"#, Standing::Open),
            (r#"{"id":"cs_1","status":"expired","payment_status":"unpaid"}"#, Standing::Expired),
            (r#"{"id":"cs_1","status":"complete","payment_status":"unpaid"}"#, Standing::Unpaid),
            (
                r#"{"id":"cs_1","status":"complete","payment_status":"paid","payment_intent":"pi_1"}"#,
                paid.clone(),
            ),
            (
                r#"{"id":"cs_1","status":"complete","payment_status":"paid","payment_intent":{"id":"pi_1"}}"#,
                paid,
            ),
        ] {
            assert_eq!(read(json).unwrap(), standing, "{json}");
        }
        assert!(matches!(read("<html>"), Err(Fault::NotNow(_))));
    }

    #[test]
    fn what_is_no_event_is_none_and_what_we_do_not_wait_for_is_another() {
        assert_eq!(Event::read(b"{}"), None);
        assert_eq!(Event::read(br#"{"type":"charge.succeeded"}"#), Some(Event::Other));
        assert_eq!(Event::read(br#"{"type":"charge.refunded"}"#), None);
        assert_eq!(Event::read(br#"{"type":"checkout.session.completed"}"#), None);
    }
}
