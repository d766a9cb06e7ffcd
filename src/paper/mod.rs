//! Tickets as a PDF to print or to show: one page a ticket, or a list of all with a line each. Pure: no files, no clock,
//! the same bytes every time.
//!
//! What must stay true: no text is too long and no image too broken for a ticket to be printed;
//! everything on the paper is also text that can be selected. How it looks is `sheet.rs`'s to say.
//! Several tickets on a page and tags for screen readers are deliberately absent.

mod list;
mod qr;
mod sheet;
mod typeset;

pub mod calendar;
pub mod code;
pub mod feed;
pub mod table;

use self::qr::Qr;
use krilla::Document;
use krilla::image::Image;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;

pub use self::list::{Head, Line, list};
pub use self::qr::qr_svg;

/// In which language the few words are that the ticket itself says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// « Tarif », « Place », « Au nom de »…
    French,
    /// “Price”, “Seat”, “Name”…
    English,
}

/// What one ticket says. Empty texts are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket<'a> {
    /// Who receives the audience.
    pub venue: &'a str,
    /// What is on.
    pub event: &'a str,
    /// Day and hour, as they are to be read.
    pub when: &'a str,
    /// Such as “Plein tarif — 12,50 €”.
    pub price: &'a str,
    /// Whose ticket it is, when it is somebody's.
    pub holder: Option<&'a str>,
    /// Such as “Rang C, place 12” or “Placement libre”.
    pub seat: &'a str,
    /// The short code that a person can read out.
    pub number: &'a str,
    /// What the QR says.
    pub code: &'a str,
    /// What the buyer agreed to.
    pub conditions: Option<&'a str>,
    /// Of the venue.
    pub address: Option<&'a str>,
    /// A JPEG of the event or the venue, upright; left out when it is none.
    pub image: Option<&'a [u8]>,
}

/// Why there is no PDF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No ticket was given.
    Empty,
    /// A code has more than a QR holds, about 2300 bytes.
    CodeTooLong,
    /// The PDF library refused.
    Unwritable,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Empty => "there is no ticket",
            Self::CodeTooLong => "the code is longer than a QR holds",
            Self::Unwritable => "the document cannot be written",
        })
    }
}

/// The `tickets`, one page each, in a document called `title`.
pub fn pdf(title: &str, tickets: &[Ticket<'_>], language: Language) -> Result<Vec<u8>, Fault> {
    if tickets.is_empty() {
        return Err(Fault::Empty);
    }
    let mut document = titled(title, language);
    // The tickets of an order mostly show the same image: it is read once.
    let mut last: Option<(&[u8], Option<Image>)> = None;
    for ticket in tickets {
        let code = Qr::of(ticket.code).ok_or(Fault::CodeTooLong)?;
        let image = ticket.image.and_then(|bytes| match &last {
            Some((same, image)) if *same == bytes => image.clone(),
            _ => last.insert((bytes, picture(bytes))).1.clone(),
        });
        let settings = PageSettings::from_wh(sheet::PAGE.0, sheet::PAGE.1).expect("A4 has a size");
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        sheet::draw(&mut surface, ticket, language, &code, image);
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|_| Fault::Unwritable)
}

/// An empty document of this title.
fn titled(title: &str, language: Language) -> Document {
    let title = title.chars().filter(|c| !c.is_control()).take(200).collect();
    let metadata = Metadata::new().title(title).language(sheet::tag(language).into());
    let mut document = Document::new();
    document.set_metadata(metadata.creator("guichet".into()));
    document
}

/// The image, when it is a JPEG with a head and an end. What is between them is passed on unread.
fn picture(bytes: &[u8]) -> Option<Image> {
    let whole = bytes.windows(2).rev().take(1000).any(|end| end == [0xFF, 0xD9]);
    let image = Image::from_jpeg(bytes.to_vec().into(), false).ok().filter(|_| whole)?;
    (image.size().0 > 0 && image.size().1 > 0).then_some(image)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TICKET: Ticket<'_> = Ticket {
        venue: "Le Billetistan",
        event: "Nuit d’été : l’Œuvre au noir",
        when: "jeudi 31 décembre 2026 à 20 h 30",
        price: "Plein tarif — 12,50 €",
        holder: Some("Zoë Lefèvre"),
        seat: "Rang C, place 12",
        number: "7K2M-Q9XD",
        code: "01972b3c-4d5e-7f60-8a9b-acbdcedfe0f1",
        conditions: Some("Ni repris ni échangé."),
        address: Some("1, rue de l’Église\n69001 Lyon"),
        image: None,
    };

    fn written(tickets: &[Ticket<'_>]) -> Vec<u8> {
        pdf("Billets", tickets, Language::French).unwrap()
    }

    fn count(bytes: &[u8], wanted: &[u8]) -> usize {
        bytes.windows(wanted.len()).filter(|window| *window == wanted).count()
    }

    /// A grey JPEG of 8 by 8.
    fn jpeg() -> Vec<u8> {
        let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0];
        bytes.extend([1; 64]);
        bytes.extend([0xFF, 0xC0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0]);
        for table in [0x00, 0x10] {
            bytes.extend([0xFF, 0xC4, 0, 20, table, 1]);
            bytes.extend([0; 16]);
        }
        bytes.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x3F, 0xFF, 0xD9]);
        bytes
    }

    #[test]
    fn every_ticket_has_its_page_and_the_same_tickets_are_the_same_bytes() {
        for number in 1..4 {
            let tickets = vec![TICKET; number];
            let bytes = written(&tickets);
            assert!(bytes.starts_with(b"%PDF-1."));
            assert_eq!(count(&bytes, b"/Type/Page/") + count(&bytes, b"/Type /Page\n"), number);
            assert_eq!(count(&bytes, b"/FontFile2"), 2);
            assert_eq!(count(&bytes, b"Date"), 0);
            assert_eq!(bytes, written(&tickets));
        }
        let english = pdf("Billets", &[TICKET], Language::English).unwrap();
        assert_ne!(english, written(&[TICKET]));
    }

    #[test]
    fn no_ticket_and_an_endless_code_are_faults() {
        assert_eq!(pdf("Billets", &[], Language::French), Err(Fault::Empty));
        let code = "a".repeat(2400);
        let long = Ticket { code: &code, ..TICKET };
        assert_eq!(pdf("Billets", &[long], Language::French), Err(Fault::CodeTooLong));
    }

    #[test]
    fn a_text_of_ten_thousand_characters_or_of_none_is_printed() {
        for text in ["é".repeat(10_000), "mot ".repeat(2_500), "\n".repeat(10_000), String::new()]
        {
            let text = text.as_str();
            let ticket = Ticket {
                venue: text,
                event: text,
                when: text,
                price: text,
                holder: Some(text),
                seat: text,
                number: text,
                code: "1",
                conditions: Some(text),
                address: Some(text),
                image: None,
            };
            assert!(pdf(text, &[ticket], Language::English).is_ok());
        }
    }

    #[test]
    fn an_image_is_embedded_once_and_left_out_when_it_is_none() {
        let (whole, plain) = (jpeg(), written(&[TICKET]));
        let pictured = Ticket { image: Some(&whole), ..TICKET };
        let bytes = written(&[pictured, pictured, TICKET]);
        assert_eq!(count(&bytes, b"/DCTDecode"), 1);
        for broken in
            [b"", &b"\x89PNG\r\n\x1A\n"[..], b"\xFF\xD8\xFF\xD9", &whole[..40], &whole[..60]]
        {
            assert_eq!(written(&[Ticket { image: Some(broken), ..TICKET }]), plain);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn any_text_and_any_bytes_make_a_ticket(text in any::<String>(), tail in any::<Vec<u8>>()) {
            let mut image = jpeg();
            let at = tail.len().min(image.len());
            image.splice(2..at.max(2), tail.iter().copied());
            let ticket = Ticket { event: &text, seat: &text, image: Some(&image), ..TICKET };
            prop_assert!(pdf(&text, &[ticket], Language::French).is_ok());
        }
    }
}
