//! The mail that waits in tenants' files: each letter is written from what the file holds now, handed over, and its end
//! written down.

use super::hooks;
use super::round::{Round, calmly};
use crate::doors::roomle;
use crate::error::{Error, Result};
use crate::fetch::Fetcher;
use crate::mail::letters::{
    self, ConfirmEmail, Held, Invitation, Invite, Membership, MembershipEnds, OrderCancelled,
    OrderPaid, TerminalDigits, Tickets, WaitingJoined, WaitingOffer, Wish,
};
use crate::mail::{Attachment, Fault, Letter, Post};
use crate::root::invite::Standing;
use crate::root::{By, Errand, Read, Root, Tenant};
use crate::trade::look::{self, Look};
use crate::trade::outbox::{self, Kind, Mail, Outcome};
use crate::trade::print::Print;
use crate::trade::waiting::{self, State, Waiting};
use crate::trade::{event, membership, order, place, unit};
use crate::values::id::{AccountId, BookingId, MembershipId, OrderId, PriceId, WaitingId};
use crate::values::{Language, Money, Time};
use std::cell::Cell;

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

/// Units that a letter names.
const UNITS: u32 = 10;

/// Letters of one tenant before the next one's turn.
const AT_ONCE: u32 = 20;

/// Sends what may be sent now. `pages` is how addresses begin; `fetcher` is who tells tenants' webhooks.
pub(super) fn send_due(root: &Root, outlet: &Outlet, fetcher: &Fetcher, pages: &str) -> Result<()> {
    Round::run(root, Errand::Mail, outbox::next, |round, tenant| {
        let host = tenant.entry().primary.to_string();
        let record = root.organizer(tenant.entry().no)?.map(|found| found.record);
        let (webhook, called) =
            record.map(|record| (record.webhook, record.words)).unwrap_or_default();
        let pages = pages.replace("{host}", &host);
        let deaf = Cell::new(false);
        let desk = Desk { root, tenant, fetcher, webhook, called, deaf, pages, host };
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
    let outcome = match calmly(|| desk.written(mail)) {
        Ok(letter) if desk.is_taken(mail, &letter) => Outcome::Sent,
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
    fetcher: &'a Fetcher,
    /// Where letters are offered before they are sent.
    webhook: Option<String>,
    /// What the venue calls itself, its units and its templates, where it has words of its own.
    called: [Option<String>; 3],
    /// Who did not take one letter is not offered the next at once: other tenants' mail waits for its answer.
    deaf: Cell<bool>,
    /// How the tenant's addresses begin.
    pages: String,
    host: String,
}

type Written = (String, String, String);

impl Desk<'_> {
    /// Does the tenant's webhook take this letter, so that we need not send it?
    fn is_taken(&self, mail: &Mail, letter: &Letter) -> bool {
        let Letter { to, subject, text, .. } = letter;
        let event = roomle::events::of_mail(mail.kind);
        let (Some(url), Some(event), false) = (&self.webhook, event, self.deaf.get()) else {
            return false;
        };
        let body = roomle::events::offered(event, to, subject, text, &self.pages);
        let (taken, said) = hooks::offer(self.root, self.tenant, self.fetcher, url, &body);
        self.deaf.set(!taken);
        if !taken {
            let slug = &self.tenant.entry().slug;
            tracing::info!(tenant = %slug, mail = %mail.id, said, "the webhook leaves a letter to us");
        }
        taken
    }

    /// The letter with what comes with it: tickets are drawn when the file is no longer read.
    fn written(&self, mail: &Mail) -> Result<Letter> {
        let (mut letter, print) = self.tenant.read(|tx| self.letter(tx, mail))?;
        if let Some(print) = print {
            letter.attachments.push(Attachment {
                name: print.file_name(),
                media_type: "application/pdf".to_owned(),
                bytes: print.pdf()?,
            });
        }
        Ok(letter)
    }

    /// What a letter says, and the tickets that are to come with it.
    fn letter(&self, tx: &Read, mail: &Mail) -> Result<(Letter, Option<Print>)> {
        let voice = Voice::new(look::get(tx)?, &self.pages);
        let about = || mail.subject.ok_or(Error::NotFound);
        let mut print = None;
        let (subject, text, html) = match mail.kind {
            Kind::ConfirmEmail => self.confirm(tx, &voice, mail)?,
            Kind::Invitation => self.invitation(tx, &voice, mail)?,
            Kind::Tickets => {
                let print = print.insert(Print::of_booking(tx, BookingId(about()?))?);
                self.tickets(&voice, print)
            }
            Kind::Membership => joined(tx, &voice, mail, PriceId(about()?))?,
            Kind::OrderPaid => paid(tx, &voice, OrderId(about()?))?,
            Kind::OrderCancelled => cancelled(tx, &voice, OrderId(about()?))?,
            Kind::TerminalDigits => self.digits(&voice, AccountId(about()?))?,
            Kind::MembershipEnds => self.ends(tx, &voice, MembershipId(about()?))?,
            Kind::WaitingJoined => self.joins(tx, &voice, WaitingId(about()?))?,
            Kind::Invite => self.invite(&voice, about()?)?,
            Kind::WaitingOffer => self.offer(tx, &voice, WaitingId(about()?))?,
        };
        let letter = Letter {
            to: mail.recipient.clone(),
            from_name: voice.venue,
            subject,
            text,
            html,
            attachments: vec![],
            message_id: format!("{}@{}", mail.id, self.host),
        };
        Ok((letter, print))
    }

    fn confirm(&self, tx: &Read, voice: &Voice, mail: &Mail) -> Result<Written> {
        let proof = self.root.people().proof(mail.account, Time::now())?.ok_or(Error::NotFound)?;
        let link = format!("{}/emailconfirmation/{}/{}", self.pages, proof.uid, proof.token);
        let (all, zone) = (order::unproven(tx, mail.account)?, place::zone(tx)?);
        let line = |one: &order::Unproven| {
            let when = one.starts.map(|at| format!(", {}", voice.speaks.moment(&zone, at)));
            format!("{} × {}{}", one.pieces, one.name, when.unwrap_or_default())
        };
        let lines: Vec<String> = all.iter().take(NAMES).map(line).collect();
        let more = all.len().saturating_sub(NAMES);
        let until = all.iter().map(|one| one.expires).min();
        let until = until.map(|at| voice.speaks.moment(&zone, at));
        let held = until.as_deref().map(|until| Held { lines: &lines, more, until });
        Ok(ConfirmEmail { venue: &voice.venue, link: &link, held }.write(voice.words, &voice.look))
    }

    /// The digits of a pairing that is still under way.
    fn digits(&self, voice: &Voice, terminal: AccountId) -> Result<Written> {
        let people = self.root.people();
        let digits = people.terminal_digits(terminal, Time::now())?.ok_or(Error::NotFound)?;
        let device = people.terminal(terminal)?.ok_or(Error::NotFound)?.device.id;
        Ok(TerminalDigits { venue: &voice.venue, device: &device, digits: &digits }
            .write(voice.words, &voice.look))
    }

    /// What somebody is invited to, in the venue's own words: itself, where it has one for that, and these units.
    fn about(&self, voice: &Voice, units: Vec<String>) -> Vec<(String, String)> {
        let [tenant, unit, _] = &self.called;
        let usual = match voice.speaks {
            Language::French => "Unité",
            Language::English => "Unit",
        };
        let unit = unit.as_deref().unwrap_or(usual);
        let own = tenant.iter().map(|word| (word.clone(), voice.venue.clone()));
        own.chain(units.into_iter().map(|name| (unit.to_owned(), name))).collect()
    }

    fn invitation(&self, tx: &Read, voice: &Voice, mail: &Mail) -> Result<Written> {
        let people = self.root.people();
        let proof = people.invitation(mail.account, Time::now())?.ok_or(Error::NotFound)?;
        let link = format!("{}/emailconfirmation/{}/{}", self.pages, proof.uid, proof.token);
        let about = self.about(voice, unit::names_of(tx, mail.account, UNITS)?);
        Ok(Invitation { venue: &voice.venue, link: &link, about: &about }
            .write(voice.words, &voice.look))
    }

    fn tickets(&self, voice: &Voice, print: &Print) -> Written {
        let shown = |(ticket, _): &(crate::trade::ticket::Ticket, _)| {
            (ticket.number(), format!("{}/ticket/{}", self.pages, ticket.id))
        };
        let shown: Vec<(String, String)> = print.tickets.iter().map(shown).collect();
        let tickets: Vec<(&str, &str)> =
            shown.iter().map(|(number, link)| (number.as_str(), link.as_str())).collect();
        Tickets {
            venue: &voice.venue,
            event: &print.event.name,
            when: &print.when(),
            tickets: &tickets,
        }
        .write(voice.words, &voice.look)
    }

    fn ends(&self, tx: &Read, voice: &Voice, id: MembershipId) -> Result<Written> {
        let held = membership::get(tx, id)?;
        // Renewed or given back since: it does not end then.
        if held.reminded != held.ends {
            return Err(Error::NotFound);
        }
        let valid_until = last_day(tx, voice.speaks, held.ends)?.ok_or(Error::NotFound)?;
        let product = &held.product_name;
        Ok(MembershipEnds {
            venue: &voice.venue,
            product,
            valid_until: &valid_until,
            link: &self.pages,
        }
        .write(voice.words, &voice.look))
    }

    fn joins(&self, tx: &Read, voice: &Voice, id: WaitingId) -> Result<Written> {
        let waiting = waiting::get(tx, id)?;
        if waiting.state != State::Waiting {
            return Err(Error::NotFound);
        }
        let (event, link) = self.wish(tx, &waiting)?;
        let wish = Wish { event: &event, places: waiting.places, link: &link };
        Ok(WaitingJoined { venue: &voice.venue, wish, proven: waiting.proven }
            .write(voice.words, &voice.look))
    }

    fn invite(&self, voice: &Voice, id: uuid::Uuid) -> Result<Written> {
        let invite = self.root.invite(id)?.ok_or(Error::NotFound)?;
        let token = match invite.standing(Time::now()) {
            Standing::Pending => Some(self.root.invite_token(&invite)?),
            Standing::Accepted => None,
            Standing::Revoked | Standing::Expired => return Err(Error::NotFound),
        };
        let about = self.about(voice, vec![]);
        let path = token.as_deref().map(|token| token.replace('.', "/"));
        let link = path.map(|path| format!("{}/invitation/{path}", self.pages));
        let opens = link.as_deref().zip(token.as_deref());
        Ok(Invite { venue: &voice.venue, opens, about: &about }.write(voice.words, &voice.look))
    }

    fn offer(&self, tx: &Read, voice: &Voice, id: WaitingId) -> Result<Written> {
        let waiting = waiting::get(tx, id)?;
        let (State::Offered, Some(until)) = (waiting.state, waiting.expires) else {
            return Err(Error::NotFound);
        };
        let (event, link) = self.wish(tx, &waiting)?;
        let wish = Wish { event: &event, places: waiting.places, link: &link };
        let until = voice.speaks.moment(&place::zone(tx)?, until);
        Ok(WaitingOffer { venue: &voice.venue, wish, until: &until }
            .write(voice.words, &voice.look))
    }

    /// The event that somebody waits for, and the page about it.
    fn wish(&self, tx: &Read, waiting: &Waiting) -> Result<(String, String)> {
        let seal = self.tenant.seal("waiting", waiting.id.0)?;
        let link = format!("{}/waiting/{}/{seal}", self.pages, waiting.id);
        Ok((event::get(tx, waiting.event)?.name, link))
    }
}

fn joined(tx: &Read, voice: &Voice, mail: &Mail, price: PriceId) -> Result<Written> {
    let id = membership::id(tx, mail.account, price)?;
    let held = membership::get(tx, id)?;
    let (product, valid_until) = (&held.product_name, last_day(tx, voice.speaks, held.ends)?);
    Ok(Membership { venue: &voice.venue, product, valid_until: valid_until.as_deref() }
        .write(voice.words, &voice.look))
}

/// The day before a membership is over; for life has none.
fn last_day(tx: &Read, speaks: Language, ends: Option<Time>) -> Result<Option<String>> {
    let Some(ends) = ends else { return Ok(None) };
    Ok(Some(speaks.day(&place::zone(tx)?, Time(ends.0 - 1))))
}

/// How a venue speaks in its letters, which know no venue: they have a language and a look of their own.
struct Voice {
    venue: String,
    speaks: Language,
    words: letters::Language,
    look: letters::Look,
}

impl Voice {
    /// `pages` is how the venue's addresses begin.
    fn new(look: Look, pages: &str) -> Self {
        let words = match look.speaks {
            Language::French => letters::Language::French,
            Language::English => letters::Language::English,
        };
        let image = look.above_letters().map(|image| image.from_afar(pages));
        let Look { venue, speaks, accent, button, paper, .. } = look;
        let look = letters::Look {
            accent: accent.to_string(),
            button: button.to_string(),
            ink: button.ink().to_string(),
            background: paper.to_string(),
            image,
        };
        Self { venue, speaks, words, look }
    }
}

/// Most names in a letter.
const NAMES: usize = 4;

fn paid(tx: &Read, voice: &Voice, id: OrderId) -> Result<Written> {
    let (order, all) = (order::get(tx, id)?, order::lines(tx, id)?);
    let line = |line: &order::Line| {
        format!("{} × {} ({})", line.quantity, line.product_name, line.price_name)
    };
    let lines: Vec<String> = all.iter().take(NAMES).map(line).collect();
    let (more, total) = (all.len().saturating_sub(NAMES), voice.speaks.amount(order.total));
    Ok(OrderPaid { venue: &voice.venue, lines: &lines, more, total: &total }
        .write(voice.words, &voice.look))
}

fn cancelled(tx: &Read, voice: &Voice, id: OrderId) -> Result<Written> {
    let (mut held, (back, owed)) = (order::names(tx, id)?, order::way_back(tx, id)?);
    if held.is_empty() {
        return Err(Error::NotFound);
    }
    let more = held.len().saturating_sub(NAMES);
    held.truncate(NAMES);
    let text = |amount: Money| (amount > Money(0)).then(|| voice.speaks.amount(amount));
    let (refunded, owed) = (text(back), text(owed));
    let (refunded, owed) = (refunded.as_deref(), owed.as_deref());
    Ok(OrderCancelled { venue: &voice.venue, held: &held, more, refunded, owed }
        .write(voice.words, &voice.look))
}
