//! The mail that waits in tenants' files: each letter is written from what the file holds now, handed over, and its end
//! written down.

use super::round::{Round, calmly};
use crate::error::{Error, Result};
use crate::mail::letters::{
    self, ConfirmEmail, Invite, Membership, MembershipEnds, OrderCancelled, Tickets, WaitingOffer,
};
use crate::mail::{Attachment, Fault, Letter, Post};
use crate::root::{By, Errand, Read, Root, Tenant};
use crate::trade::outbox::{self, Kind, Mail, Outcome};
use crate::trade::print::Print;
use crate::trade::waiting::{self, State};
use crate::trade::{event, membership, order, place, setting};
use crate::values::id::{BookingId, MembershipId, OrderId, PriceId, WaitingId};
use crate::values::{Language, Money, Time};

/// Where letters go.
pub(super) enum Outlet {
    /// To a mail server.
    Server(Box<Post>),
    /// To the log, for demos and for who builds on this.
    Log,
}

impl Outlet {
    fn send(&self, letter: &Letter) -> Result<(), Fault> {
        match self {
            Self::Server(post) => post.send(letter),
            Self::Log => {
                let Letter { to, subject, text, .. } = letter;
                tracing::info!(to, subject, text, "a letter");
                Ok(())
            }
        }
    }
}

/// Letters of one tenant before the next one's turn.
const AT_ONCE: u32 = 20;

/// Sends what may be sent now. `pages` is how addresses begin.
pub(super) fn send_due(root: &Root, outlet: &Outlet, pages: &str) -> Result<()> {
    Round::run(root, Errand::Mail, outbox::next, |round, tenant| {
        let host = tenant.entry().primary.to_string();
        let desk = Desk { root, tenant, pages: pages.replace("{host}", &host), host };
        for mail in tenant.read(|tx| outbox::due(tx, AT_ONCE))? {
            if round.in_time() {
                send(&desk, &mail, outlet)?;
            }
        }
        Ok(())
    })
}

/// Writes one letter, hands it over, and writes down how that ended. One that cannot be written is tried again like one
/// that cannot be sent: the next must not wait for it.
fn send(desk: &Desk<'_>, mail: &Mail, outlet: &Outlet) -> Result<()> {
    let outcome = match calmly(|| desk.tenant.read(|tx| desk.letter(tx, mail))) {
        Ok(letter) => match outlet.send(&letter) {
            Ok(()) => Outcome::Sent,
            Err(Fault::Later(why)) => Outcome::Later(why),
            Err(Fault::Never(why)) => Outcome::Never(why),
        },
        Err(Error::NotFound) => Outcome::Never("what it is about is gone".to_owned()),
        Err(other) => Outcome::Later(other.to_string()),
    };
    if let Outcome::Later(why) | Outcome::Never(why) = &outcome {
        tracing::warn!(tenant = %desk.tenant.entry().slug, mail = %mail.id, why, "a letter was not sent");
    }
    desk.tenant.write(By::House, |tx| outbox::note(tx, mail, &outcome))
}

/// Where the letters of one tenant are written.
struct Desk<'a> {
    root: &'a Root,
    tenant: &'a Tenant,
    /// How the tenant's addresses begin.
    pages: String,
    host: String,
}

type Written = (String, String, String);

impl Desk<'_> {
    fn letter(&self, tx: &Read, mail: &Mail) -> Result<Letter> {
        let (venue, speaks) = (place::get(tx)?.label, setting::get(tx)?.language);
        let about = || mail.subject.ok_or(Error::NotFound);
        let mut attachments = vec![];
        let (subject, text, html) = match mail.kind {
            Kind::ConfirmEmail => self.confirm(&venue, speaks, mail)?,
            Kind::Tickets => {
                let print = Print::of_booking(tx, BookingId(about()?))?;
                attachments.push(Attachment {
                    name: print.file_name(),
                    media_type: "application/pdf".to_owned(),
                    bytes: print.pdf()?,
                });
                self.tickets(&venue, &print)
            }
            Kind::Membership => joined(tx, &venue, speaks, mail, PriceId(about()?))?,
            Kind::OrderCancelled => cancelled(tx, &venue, speaks, OrderId(about()?))?,
            Kind::MembershipEnds => self.ends(tx, &venue, speaks, MembershipId(about()?))?,
            Kind::Invite => self.invite(&venue, speaks, about()?)?,
            Kind::WaitingOffer => self.offer(tx, &venue, speaks, WaitingId(about()?))?,
        };
        Ok(Letter {
            to: mail.recipient.clone(),
            from_name: venue,
            subject,
            text,
            html,
            attachments,
            message_id: format!("{}@{}", mail.id, self.host),
        })
    }

    fn confirm(&self, venue: &str, speaks: Language, mail: &Mail) -> Result<Written> {
        let proof = self.root.people().proof(mail.account, Time::now())?.ok_or(Error::NotFound)?;
        let link = format!("{}/emailconfirmation/{}/{}", self.pages, proof.uid, proof.token);
        Ok(ConfirmEmail { venue, link: &link }.write(words(speaks)))
    }

    fn tickets(&self, venue: &str, print: &Print) -> Written {
        let shown = |(ticket, _): &(crate::trade::ticket::Ticket, _)| {
            (ticket.number(), format!("{}/ticket/{}", self.pages, ticket.id))
        };
        let shown: Vec<(String, String)> = print.tickets.iter().map(shown).collect();
        let tickets: Vec<(&str, &str)> =
            shown.iter().map(|(number, link)| (number.as_str(), link.as_str())).collect();
        Tickets { venue, event: &print.event.name, when: &print.when(), tickets: &tickets }
            .write(words(print.language))
    }

    fn ends(&self, tx: &Read, venue: &str, speaks: Language, id: MembershipId) -> Result<Written> {
        let held = membership::get(tx, id)?;
        // Renewed or given back since: it does not end then.
        if held.reminded != held.ends {
            return Err(Error::NotFound);
        }
        let (product, valid_until) = (&held.product_name, last_day(tx, speaks, held.ends)?);
        Ok(MembershipEnds { venue, product, valid_until: &valid_until, link: &self.pages }
            .write(words(speaks)))
    }

    fn invite(&self, venue: &str, speaks: Language, id: uuid::Uuid) -> Result<Written> {
        let token = format!("{id}.{}", self.tenant.seal("invite", id)?);
        Ok(Invite { venue, token: &token }.write(words(speaks)))
    }

    fn offer(&self, tx: &Read, venue: &str, speaks: Language, id: WaitingId) -> Result<Written> {
        let waiting = waiting::get(tx, id)?;
        let (State::Offered, Some(until)) = (waiting.state, waiting.expires) else {
            return Err(Error::NotFound);
        };
        let (event, until) =
            (event::get(tx, waiting.event)?.name, speaks.moment(&place::zone(tx)?, until));
        let link = format!("{}/waiting/{id}/{}", self.pages, self.tenant.seal("waiting", id.0)?);
        let places = waiting.places;
        Ok(WaitingOffer { venue, event: &event, places, until: &until, link: &link }
            .write(words(speaks)))
    }
}

fn joined(
    tx: &Read,
    venue: &str,
    speaks: Language,
    mail: &Mail,
    price: PriceId,
) -> Result<Written> {
    let id = membership::id(tx, mail.account, price)?;
    let held = membership::get(tx, id)?;
    let (product, valid_until) = (&held.product_name, last_day(tx, speaks, held.ends)?);
    Ok(Membership { venue, product, valid_until: &valid_until }.write(words(speaks)))
}

/// The day before a membership is over; for life has none.
fn last_day(tx: &Read, speaks: Language, ends: Option<Time>) -> Result<String> {
    match (ends, speaks) {
        (Some(ends), _) => Ok(speaks.day(&place::zone(tx)?, Time(ends.0 - 1))),
        (None, Language::French) => Ok("toujours".to_owned()),
        (None, Language::English) => Ok("further notice".to_owned()),
    }
}

/// Letters know no venue, and have a language of their own.
const fn words(speaks: Language) -> letters::Language {
    match speaks {
        Language::French => letters::Language::French,
        Language::English => letters::Language::English,
    }
}

fn cancelled(tx: &Read, venue: &str, speaks: Language, id: OrderId) -> Result<Written> {
    let (lines, refunds) = (order::lines(tx, id)?, order::refunds(tx, id)?);
    let event = lines.first().map(|line| line.product_name.as_str()).ok_or(Error::NotFound)?;
    let back = Money(refunds.iter().map(|refund| refund.amount.0).sum());
    let amount = speaks.amount(back);
    let refunded = (back > Money(0)).then_some(amount.as_str());
    Ok(OrderCancelled { venue, event, refunded }.write(words(speaks)))
}
