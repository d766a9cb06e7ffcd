//! What a tenant's webhook is told: letters before they are sent, and what happens, in the words of this dialect.
//!
//! Letters that prove an address are not offered: whoever holds their link is taken for the owner of the address.

use crate::error::Error;
use crate::root::Read;
use crate::trade::hook::{Delivery, Event};
use crate::trade::outbox::Kind;
use crate::trade::{offer, order, ticket};
use crate::values::id::{OrderId, TicketId};
use serde_json::{Value, json};

/// Under which name a letter is offered, if it is.
#[must_use]
pub const fn of_mail(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::ConfirmEmail | Kind::Invitation | Kind::Invite | Kind::TerminalDigits => None,
        Kind::Tickets | Kind::OrderPaid => Some("email.ticket"),
        Kind::Membership | Kind::MembershipEnds => Some("email.membership"),
        Kind::OrderCancelled | Kind::WaitingJoined | Kind::WaitingOffer => {
            Some("email.reservation")
        }
    }
}

/// A letter as it is offered.
#[must_use]
pub fn offered(event: &str, to: &str, subject: &str, text: &str, url: &str) -> String {
    let data =
        json!({ "success": true, "email": to, "subject": subject, "text": text, "url": url });
    json!({ "event": event, "data": data }).to_string()
}

/// What happened; `NotFound` where it is gone.
pub fn message(tx: &Read, delivery: &Delivery, tenant: i64) -> Result<String, Error> {
    let id = delivery.subject;
    let (event, mut data) = match delivery.hook.event {
        Event::Tenant => ("tenant.updated", json!({})),
        Event::Purchase => ("purchase.completed", purchase(tx, OrderId(id))?),
        Event::Scan => ("ticket.scanned", scan(tx, TicketId(id))?),
        Event::TopUp => ("card.topup", json!({ "id": id })),
        Event::Booking | Event::Membership | Event::Payment | Event::Refund => {
            return Err(Error::NotFound);
        }
    };
    data["success"] = true.into();
    data["tenant"] = tenant.into();
    data["created"] = delivery.created.millis().into();
    Ok(json!({ "event": event, "id": delivery.id.0, "data": data }).to_string())
}

fn purchase(tx: &Read, id: OrderId) -> Result<Value, Error> {
    let order = order::get(tx, id)?;
    Ok(json!({
        "id": id.0, "email": order.email, "amount": order.total.0, "currency": offer::currency(tx)?, "status": "completed",
    }))
}

fn scan(tx: &Read, id: TicketId) -> Result<Value, Error> {
    let ticket = ticket::get(tx, id)?;
    Ok(json!({
        "id": id.0, "event": ticket.event.0, "firstname": ticket.first_name, "lastname": ticket.last_name,
    }))
}
