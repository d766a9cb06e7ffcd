//! Tickets as they are printed: what stands on the paper, read from one snapshot.

use super::ticket::{self, Priced, State, Ticket};
use super::{event, media, place, setting};
use crate::error::{Error, Result};
use crate::paper;
use crate::paper::code::Signer;
use crate::root::{Profile, Read};
use crate::trade::event::Event;
use crate::values::Language;
use crate::values::id::{BookingId, TicketId};
use crate::values::zone::Zone;

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

    fn read(tx: &Read, tickets: Vec<(Ticket, Priced)>) -> Result<Self> {
        let (first, _) = tickets.first().ok_or(Error::NotFound)?;
        let (event, profile) = (event::get(tx, first.event)?, place::get(tx)?);
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
        let language = match language {
            Language::French => paper::Language::French,
            Language::English => paper::Language::English,
        };
        paper::pdf(&event.name, &pages, language)
            .map_err(|fault| Error::internal(format!("a ticket cannot be printed: {fault}")))
    }
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
