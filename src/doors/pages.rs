//! The few pages that mails link to, in the venue's language: proving an e-mail, a ticket to show at the
//! door, an offer to who waits.
//!
//! What must stay true: looking at a page changes nothing, for mail servers look at every link before people do; a page
//! loads nothing but the images of the venue's look, which its policy names, and is kept nowhere.

use super::{Answer, Call, Failure, Front};
use crate::error::{Error, Refusal};
use crate::paper::qr_svg;
use crate::root::people::check_new_password;
use crate::root::proof::{Proof, ProofFault};
use crate::root::{Account, By, Read, Tenant};
use crate::trade::event::{self, Event};
use crate::trade::look::{self, Look};
use crate::trade::print::Print;
use crate::trade::waiting::{self, State, Waiting};
use crate::trade::{order, place};
use crate::values::id::{TicketId, WaitingId};
use crate::values::{ImageLink, Language, Time};
use askama::Template;
use rouille::Response;
use std::io::Read as _;

#[derive(Template)]
#[template(path = "confirm.html")]
struct Confirm<'a> {
    look: &'a Look,
    step: Step,
    password: Password,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Ask,
    Done,
    Opened,
    Expired,
}

/// What the page says of a password.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Password {
    /// Nothing: the account has one, or the link is not good.
    Silent,
    /// One may be chosen.
    Offered,
    /// What was chosen is too short or too long.
    Refused,
    /// What was chosen is the account's now.
    Taken,
}

#[derive(Template)]
#[template(path = "ticket.html")]
struct Shown<'a> {
    look: &'a Look,
    event: &'a str,
    when: &'a str,
    holder: &'a str,
    price: &'a str,
    number: &'a str,
    /// Made by us, of nothing but squares.
    qr: &'a str,
    pdf: &'a str,
}

/// Proves an address: the account is active from now on, and what waited for it opens, here and wherever it waits; how
/// many orders that were.
pub(super) fn prove(
    front: &Front,
    proof: &Proof,
    now: Time,
) -> Result<Result<(Account, usize), ProofFault>, Error> {
    let proven = front.people.prove(proof, now, order::prove)?;
    let Ok((account, elsewhere)) = proven else { return Ok(proven) };
    let here = front.tenant.write(By::Account(account.id), |tx| order::prove(tx, account.id))?;
    Ok(Ok((account, elsewhere + here)))
}

fn proof(call: &Call<'_>) -> Proof {
    Proof { uid: call.param(0).to_owned(), token: call.param(1).to_owned() }
}

/// May whoever follows this link choose a password? Who has one keeps it.
fn may_choose(call: &Call<'_>, front: &Front) -> Result<bool, Error> {
    Ok(front.people.holder(&proof(call), call.now)?.is_some_and(|account| !account.has_password))
}

/// Asks for a click, which proves the address.
pub(super) fn ask(call: &Call<'_>, front: &Front) -> Answer {
    let offered = may_choose(call, front)?;
    let password = if offered { Password::Offered } else { Password::Silent };
    confirm(front, 200, Step::Ask, password)
}

/// The click, with a password where the account has none.
pub(super) fn click(call: &Call<'_>, front: &Front) -> Answer {
    let chosen = match may_choose(call, front)? {
        true => typed(call, "password")?,
        false => None,
    };
    // Refused before the link is used up.
    if chosen.as_deref().is_some_and(|chosen| check_new_password(chosen).is_err()) {
        return confirm(front, 400, Step::Ask, Password::Refused);
    }
    let (account, opened) = match prove(front, &proof(call), call.now)? {
        Ok(proven) => proven,
        Err(ProofFault::Nobody | ProofFault::Invalid) => {
            return confirm(front, 400, Step::Expired, Password::Silent);
        }
    };
    let taken = match &chosen {
        Some(chosen) => front.people.set_first_password(account.id, chosen)?,
        None => false,
    };
    let step = if opened == 0 { Step::Done } else { Step::Opened };
    confirm(front, 200, step, if taken { Password::Taken } else { Password::Silent })
}

/// What was typed into a field of a page's form; none where nothing was.
pub(super) fn typed(call: &Call<'_>, field: &str) -> Result<Option<String>, Failure> {
    let mut bytes = vec![];
    if let Some(mut data) = call.request.data() {
        data.read_to_end(&mut bytes).map_err(|e| Failure::Malformed(e.to_string()))?;
    }
    let mut fields = url::form_urlencoded::parse(&bytes);
    let found = fields.find(|(name, value)| name == field && !value.is_empty());
    Ok(found.map(|(_, value)| value.into_owned()))
}

fn confirm(front: &Front, status: u16, step: Step, password: Password) -> Answer {
    let look = front.tenant.read(look::get)?;
    page(status, &Confirm { look: &look, step, password }, &look)
}

/// A ticket to show on a telephone, for whoever knows its id.
pub(super) fn ticket(call: &Call<'_>, front: &Front) -> Answer {
    let Ok(id) = call.param(0).parse() else { return missing(front) };
    let read = |tx: &Read| Ok((Print::of_ticket(tx, TicketId(id))?, look::get(tx)?));
    let (print, look) = match front.tenant.read(read) {
        Ok((print, look)) if print.is_open() => (print, look),
        Ok(_) | Err(Error::NotFound) => return missing(front),
        Err(other) => return Err(other.into()),
    };
    let Some((ticket, priced)) = print.tickets.first() else { return missing(front) };
    let qr = qr_svg(&print.code(ticket));
    let price = format!("{} — {}", priced.name, print.language.amount(priced.unit));
    let shown = Shown {
        look: &look,
        event: &print.event.name,
        when: &print.when(),
        holder: &format!("{} {}", ticket.first_name, ticket.last_name),
        price: &price,
        number: &ticket.number(),
        qr: &qr,
        pdf: &format!("/api/ticket/pdf/{id}"),
    };
    page(200, &shown, &look)
}

/// How it stands with somebody's wish, and what it is for.
struct Wish {
    look: Look,
    event: Event,
    waiting: Waiting,
    position: u32,
    /// When the event begins and until when the offer lasts, written out.
    when: String,
    until: String,
    /// The path of its page.
    here: String,
}

impl Wish {
    fn read(tx: &Read, id: WaitingId, seal: &str) -> Result<Self, Error> {
        let (waiting, look, zone) = (waiting::get(tx, id)?, look::get(tx)?, place::zone(tx)?);
        let (event, speaks) = (event::get(tx, waiting.event)?, look.speaks);
        Ok(Self {
            look,
            position: waiting::position(tx, &waiting)?,
            when: speaks.moment(&zone, event.starts),
            until: waiting.expires.map(|at| speaks.moment(&zone, at)).unwrap_or_default(),
            here: format!("/waiting/{id}/{seal}"),
            event,
            waiting,
        })
    }

    fn page(&self) -> Answer {
        let Self { look, event, waiting, position, when, until, here } = self;
        let Waiting { email, places, state, proven, .. } = waiting;
        let (event, position) = (&event.name, *position);
        let (places, state) = (*places, *state);
        let confirms = !*proven && matches!(state, State::Waiting | State::Offered);
        let waits = Waits {
            look,
            event,
            when,
            email,
            places,
            state,
            position,
            until,
            here,
            code: here.trim_start_matches("/waiting/"),
            confirms,
        };
        page(200, &waits, look)
    }
}

#[derive(Template)]
#[template(path = "waiting.html")]
struct Waits<'a> {
    look: &'a Look,
    event: &'a str,
    when: &'a str,
    email: &'a str,
    places: u16,
    state: State,
    position: u32,
    until: &'a str,
    /// The path of the page.
    here: &'a str,
    /// What takes the offer in a booking.
    code: &'a str,
    /// The address is to be proven.
    confirms: bool,
}

/// The wish of a link that we have sent.
fn sealed(call: &Call<'_>, front: &Front) -> Option<WaitingId> {
    let id = call.param(0).parse().ok().map(WaitingId)?;
    front.tenant.has_sealed("waiting", id.0, call.param(1)).then_some(id)
}

/// How it stands on a waiting list.
pub(super) fn waiting(call: &Call<'_>, front: &Front) -> Answer {
    let Some(id) = sealed(call, front) else { return missing(front) };
    shown(call, front, id)
}

/// The page of a wish, while what it is for is there.
fn shown(call: &Call<'_>, front: &Front, id: WaitingId) -> Answer {
    match front.tenant.read(|tx| Wish::read(tx, id, call.param(1))) {
        Ok(wish) => wish.page(),
        Err(Error::NotFound) => missing(front),
        Err(other) => Err(other.into()),
    }
}

/// Goes from the list; who is gone already stays so.
pub(super) fn leave(call: &Call<'_>, front: &Front) -> Answer {
    let Some(id) = sealed(call, front) else { return missing(front) };
    match front.tenant.write(By::Visitor, |tx| waiting::leave(tx, id)) {
        Ok(_) | Err(Error::Refused(Refusal::NotHeld(_))) => {}
        Err(other) => return Err(other.into()),
    }
    shown(call, front, id)
}

/// Proves the address of the link.
pub(super) fn keep(call: &Call<'_>, front: &Front) -> Answer {
    let Some(id) = sealed(call, front) else { return missing(front) };
    front.tenant.write(By::Visitor, |tx| waiting::confirm(tx, id))?;
    shown(call, front, id)
}

#[derive(Template)]
#[template(path = "missing.html")]
struct Missing<'a> {
    look: &'a Look,
}

/// Says at a venue that there is no such page.
pub(super) fn missing(front: &Front) -> Answer {
    missing_at(&front.tenant)
}

/// The same, for who has no front.
pub(super) fn missing_at(tenant: &Tenant) -> Answer {
    let look = tenant.read(look::get)?;
    page(404, &Missing { look: &look }, &look)
}

/// What a page may load: images from where its look has them, and nothing else.
fn policy(look: &Look) -> String {
    let images = [look.above_pages(), look.backdrop.as_ref()].into_iter().flatten();
    let mut sources: Vec<&str> = images.map(ImageLink::source).collect();
    sources.dedup();
    let images = match sources.as_slice() {
        [] => String::new(),
        sources => format!("img-src {}; ", sources.join(" ")),
    };
    format!(
        "default-src 'none'; {images}style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
    )
}

pub(super) fn page(status: u16, template: &impl Template, look: &Look) -> Answer {
    let html = template.render().map_err(|error| Error::Internal(Box::new(error)))?;
    Ok(Response::html(html)
        .with_status_code(status)
        .with_unique_header("Cache-Control", "private, no-store")
        .with_unique_header("Referrer-Policy", "no-referrer")
        .with_unique_header("X-Content-Type-Options", "nosniff")
        .with_unique_header("Content-Security-Policy", policy(look)))
}
