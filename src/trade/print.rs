//! Tickets as they are printed: what stands on the paper, read from one snapshot and drawn after it. Who draws holds no
//! file: a hundred pages take longer than a read may.

use super::ticket::{self, Priced, State, Ticket};
use super::{event, media, place, setting};
use crate::error::{Error, Refusal, Result};
use crate::paper;
use crate::paper::code::Signer;
use crate::root::{Profile, Read};
use crate::trade::event::Event;
use crate::values::Language;
use crate::values::id::{BookingId, EventId, TicketId};
use crate::values::{Slug, zone::Zone};

crate::values::letters! {
    /// How all tickets of an event lie on paper.
    Layout {
        /// A page each, with its QR.
        Tickets = "tickets",
        /// A line each, by name, to tick off at the desk.
        List = "list",
    }
}

impl Layout {
    /// Tickets of one file, at the most: its length, and the seconds for which it is drawn, stay those of a report.
    #[must_use]
    pub const fn most(self) -> u32 {
        match self {
            Self::Tickets => 2_000,
            Self::List => 10_000,
        }
    }
}

/// Refuses to print an event without tickets that open the door or have opened it, or with too many for the layout.
pub fn check(tx: &Read, event: EventId, layout: Layout) -> Result<()> {
    let most = layout.most();
    match ticket::open_at(tx, event)? {
        0 => Err(Error::Refused(Refusal::NoTickets)),
        number if number <= most => Ok(()),
        _ => Err(Error::Refused(Refusal::TooManyTickets(most))),
    }
}

/// Tickets of one event, with all that is printed on them.
#[derive(Debug)]
pub struct Print {
    /// The tickets, each with what it was sold as.
    pub tickets: Vec<(Ticket, Priced)>,
    /// Their event.
    pub event: Event,
    /// The venue.
    pub profile: Profile,
    /// Its clock.
    pub zone: Zone,
    /// Its language.
    pub language: Language,
    image: Option<Vec<u8>>,
    seed: [u8; 32],
}

impl Print {
    /// One ticket, or `NotFound`.
    pub fn of_ticket(tx: &Read, id: TicketId) -> Result<Self> {
        let ticket = ticket::get(tx, id)?;
        let priced = ticket::priced(tx, id)?;
        Self::read(tx, vec![(ticket, priced)])
    }

    /// The tickets of a reservation that open the door or have opened it; `NotFound` where there is none.
    pub fn of_booking(tx: &Read, id: BookingId) -> Result<Self> {
        let mut tickets = ticket::priced_of(tx, id)?;
        tickets.retain(|(ticket, _)| is_open(ticket));
        Self::read(tx, tickets)
    }

    /// The tickets of an event that open the door or have opened it, by name; refused as [`check`] does.
    pub fn of_event(tx: &Read, event: EventId, layout: Layout) -> Result<Self> {
        check(tx, event, layout)?;
        Self::read(tx, ticket::priced_at(tx, event)?)
    }

    fn read(tx: &Read, tickets: Vec<(Ticket, Priced)>) -> Result<Self> {
        let (first, _) = tickets.first().ok_or(Error::NotFound)?;
        let (event, profile) = (event::named_by_sale(tx, first.event)?, place::get(tx)?);
        let image = match event.image.as_ref().or(profile.image.as_ref()) {
            Some(name) => media::find(tx, name, "med")?,
            None => None,
        };
        let (zone, seed) = (place::zone(tx)?, ticket::key_seed(tx)?);
        let (language, image) = (setting::get(tx)?.language, image.map(|medium| medium.body));
        Ok(Self { tickets, event, profile, zone, language, image, seed })
    }

    /// Do all of them open the door, or have they?
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.tickets.iter().all(|(ticket, _)| is_open(ticket))
    }

    /// What the QR of one of these tickets says.
    #[must_use]
    pub fn code(&self, ticket: &Ticket) -> String {
        Signer::from_seed(&self.seed).sign(ticket.id.0, ticket.event.0)
    }

    /// What the file is called where it arrives: venue, day and first holder, as in the contract.
    #[must_use]
    pub fn file_name(&self) -> String {
        let (venue, day) =
            (self.profile.label.to_uppercase(), self.zone.format(self.event.starts, "%d/%m/%Y"));
        let holder = self.tickets.first().map(|(ticket, _)| {
            format!("{} {}", ticket.first_name.to_uppercase(), ticket.last_name)
        });
        format!("{venue} {day} {}.pdf", holder.unwrap_or_default())
    }

    /// What the file of a whole event is called: event, venue and day.
    #[must_use]
    pub fn event_file_name(&self, tenant: &Slug) -> String {
        let day = self.zone.format(self.event.starts, "%Y-%m-%d");
        format!("{} {tenant} {day}.pdf", self.event.name)
    }

    /// When the event begins, written out.
    #[must_use]
    pub fn when(&self) -> String {
        self.language.moment(&self.zone, self.event.starts)
    }

    /// The document, a page each, in the venue's language.
    pub fn pdf(&self) -> Result<Vec<u8>> {
        let Self { tickets, event, profile, zone: _, language, image, seed } = self;
        let signer = Signer::from_seed(seed);
        let street = [&profile.address, &profile.postal_code, &profile.city];
        let street: Vec<&str> = street.into_iter().filter_map(|part| part.as_deref()).collect();
        let street = street.join(", ");
        let when = self.when();
        let texts: Vec<_> = tickets
            .iter()
            .map(|(ticket, priced)| Texts::of(ticket, priced, &signer, *language))
            .collect();
        let street = Some(street.as_str()).filter(|street| !street.is_empty());
        let pages = texts.iter().map(|text| paper::Ticket {
            venue: &profile.label,
            event: &event.name,
            when: &when,
            price: &text.price,
            holder: Some(&text.holder),
            seat: &text.seat,
            number: &text.number,
            code: &text.code,
            conditions: None,
            address: street,
            image: image.as_deref(),
        });
        let pages: Vec<paper::Ticket<'_>> = pages.collect();
        paper::pdf(&event.name, &pages, spoken(*language)).map_err(|fault| unprinted(&fault))
    }

    /// The document of a whole event.
    pub fn draw(&self, layout: Layout) -> Result<Vec<u8>> {
        match layout {
            Layout::Tickets => self.pdf(),
            Layout::List => self.list(),
        }
    }

    /// A line each; what has opened the door is ticked.
    fn list(&self) -> Result<Vec<u8>> {
        let signer = Signer::from_seed(&self.seed);
        let texts = self.tickets.iter().map(|(ticket, priced)| {
            (Texts::of(ticket, priced, &signer, self.language), ticket.state == State::Scanned)
        });
        let texts: Vec<_> = texts.collect();
        let lines = texts.iter().map(|(text, ticked)| paper::Line {
            holder: &text.holder,
            number: &text.number,
            price: &text.price,
            seat: &text.seat,
            ticked: *ticked,
        });
        let (lines, when): (Vec<_>, _) = (lines.collect(), self.when());
        let head = paper::Head { venue: &self.profile.label, event: &self.event.name, when: &when };
        paper::list(&head, &lines, spoken(self.language)).map_err(|fault| unprinted(&fault))
    }
}

const fn spoken(language: Language) -> paper::Language {
    match language {
        Language::French => paper::Language::French,
        Language::English => paper::Language::English,
    }
}

fn unprinted(fault: &paper::Fault) -> Error {
    Error::internal(format!("a ticket cannot be printed: {fault}"))
}

/// What differs from ticket to ticket.
struct Texts {
    price: String,
    holder: String,
    seat: String,
    number: String,
    code: String,
}

impl Texts {
    fn of(ticket: &Ticket, priced: &Priced, signer: &Signer, language: Language) -> Self {
        let any_seat = match language {
            Language::French => "Placement libre",
            Language::English => "Any seat",
        };
        Self {
            price: format!("{} — {}", priced.name, language.amount(priced.unit)),
            holder: format!("{} {}", ticket.first_name, ticket.last_name),
            seat: if ticket.seat == "L" { any_seat.to_owned() } else { ticket.seat.clone() },
            number: ticket.number(),
            code: signer.sign(ticket.id.0, ticket.event.0),
        }
    }
}

fn is_open(ticket: &Ticket) -> bool {
    matches!(ticket.state, State::Open | State::Scanned)
}
