//! Makes a letter the bytes that are sent: headers, the text twice, attachments.
//!
//! What must stay true: a name, a subject or a file name is one line in one header, whatever a person wrote; the bytes
//! are ASCII, in lines that any server takes. Pictures inside the HTML, reply addresses, copies and signatures (DKIM is
//! the server's) are deliberately absent.

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{self, Mailbox, MultiPart};
use lettre::{Address, Message};
use url::Host;

/// One message to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The address alone.
    pub to: String,
    /// Who writes, as people know them; may be empty.
    pub from_name: String,
    /// One line.
    pub subject: String,
    /// For readers without HTML.
    pub text: String,
    /// The same, as HTML.
    pub html: String,
    /// What comes with it.
    pub attachments: Vec<Attachment>,
    /// `local@domain`, with or without angle brackets; the same at every try, so that a doubled letter is known as one.
    pub message_id: String,
}

/// A file that comes with a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// What it is called where it arrives.
    pub name: String,
    /// As `application/pdf`.
    pub media_type: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// To whom, and what; or why this can never be sent.
pub(super) fn compose(from: &Address, letter: &Letter) -> Result<(Address, Message), String> {
    let to = address(&letter.to)?;
    let name = Some(clean(&letter.from_name)).filter(|name| !name.is_empty());
    let both = MultiPart::alternative_plain_html(lines(&letter.text), lines(&letter.html));
    let mut parts = match letter.attachments.as_slice() {
        [] => both,
        _ => MultiPart::mixed().multipart(both),
    };
    for file in &letter.attachments {
        let kind = ContentType::parse(&file.media_type).ok().filter(|_| is_plain(&file.media_type));
        let kind = kind.ok_or_else(|| format!("not a media type: {:?}", file.media_type))?;
        parts = parts.singlepart(
            message::Attachment::new(file_name(&file.name)).body(file.bytes.clone(), kind),
        );
    }
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    let message = Message::builder()
        .from(Mailbox::new(name, from.clone()))
        .to(Mailbox::new(None, to.clone()))
        .subject(clean(&letter.subject))
        .message_id(Some(message_id(&letter.message_id)?))
        .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
        .multipart(parts)
        .map_err(|error| error.to_string())?;
    Ok((to, message))
}

/// An address in ASCII, the only form that every server takes: the domain may have another form, what is before it not.
pub(super) fn address(text: &str) -> Result<Address, String> {
    let wrong = || format!("not an address for mail: {text:?}");
    let (local, domain) = text.rsplit_once('@').ok_or_else(wrong)?;
    let domain = match Host::parse(domain) {
        Ok(Host::Domain(ascii)) if !domain.is_ascii() => ascii,
        _ => domain.to_owned(),
    };
    let found = Address::new(local, domain).map_err(|_| wrong())?;
    let found_text: &str = found.as_ref();
    if is_plain(found_text) { Ok(found) } else { Err(wrong()) }
}

/// Printable ASCII, spaces included.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// One line without control characters, outer or doubled spaces, or the beginning of an encoded word, which readers
/// would decode. Other kinds of space stay.
pub(super) fn clean(text: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, ' ' | '\u{2028}' | '\u{2029}');
    let words: Vec<&str> = text.split(breaks).filter(|word| !word.is_empty()).collect();
    words.join(" ").replace("=?", "= ?")
}

fn file_name(text: &str) -> String {
    let name = clean(text).replace(['/', '\\', '"'], "_");
    if name.is_empty() { "file".to_owned() } else { name }
}

fn message_id(text: &str) -> Result<String, String> {
    let bare = text.strip_prefix('<').and_then(|id| id.strip_suffix('>')).unwrap_or(text);
    let sides = bare.split_once('@').filter(|(left, right)| !left.is_empty() && !right.is_empty());
    let plain = bare.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>".contains(&byte));
    if sides.is_none() || !plain || bare.len() > 250 {
        return Err(format!("not a message id: {text:?}"));
    }
    Ok(format!("<{bare}>"))
}

/// Only whole line ends: a lone carriage return is an end of line to some servers.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter {
            to: "ada@example.org".to_owned(),
            from_name: "Théâtre".to_owned(),
            subject: "Vos billets".to_owned(),
            text: "Bonjour".to_owned(),
            html: "<p>Bonjour</p>".to_owned(),
            attachments: Vec::new(),
            message_id: "1@example.org".to_owned(),
        }
    }

    fn bytes(letter: &Letter) -> Result<String, String> {
        let from = address("box@example.org").unwrap();
        compose(&from, letter).map(|(_, m)| String::from_utf8(m.formatted()).unwrap())
    }

    /// The headers before the first empty line, unfolded.
    fn headers(letter: &Letter) -> Vec<String> {
        let all = bytes(letter).unwrap();
        let head = all.split_once("\r\n\r\n").unwrap().0.replace("\r\n ", " ");
        head.split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn no_text_becomes_a_header() {
        for evil in [
            "\r\nBcc: eve@example.org",
            "\nBcc: a",
            "\rBcc: a",
            "é\r\n\r\nBcc: a",
            "\u{85}\u{2028}Bcc: a",
        ] {
            let evil = format!("Théâtre{evil}");
            let mut letter = letter();
            let names = |letter: &Letter| -> Vec<String> {
                let heads = headers(letter);
                heads.iter().map(|h| h.split(':').next().unwrap().to_owned()).collect()
            };
            let before = names(&letter);
            letter.from_name.clone_from(&evil);
            letter.subject.clone_from(&evil);
            let media_type = "application/pdf".to_owned();
            letter.attachments.push(Attachment { name: evil, media_type, bytes: vec![1] });
            assert_eq!(names(&letter), before);
            let all = bytes(&letter).unwrap();
            assert!(!all.lines().any(|line| line.starts_with("Bcc")), "{all}");
        }
    }

    #[test]
    fn what_cannot_be_made_clean_is_refused() {
        let change: [fn(&mut Letter); 8] = [
            |l| l.to = "ada@example.org\r\nRCPT TO:<eve@example.org>".to_owned(),
            |l| l.to = "\"a\r\nb\"@example.org".to_owned(),
            |l| l.to = "adá@example.org".to_owned(),
            |l| l.to = "Ada <ada@example.org>".to_owned(),
            |l| l.to = String::new(),
            |l| l.message_id = "1@example.org>\r\nBcc: <eve@example.org".to_owned(),
            |l| l.message_id = "1".to_owned(),
            |l| {
                let (name, media_type) = (String::new(), "text/plain; a=\"\r\nBcc: b\"".to_owned());
                l.attachments.push(Attachment { name, media_type, bytes: Vec::new() });
            },
        ];
        for (at, change) in change.iter().enumerate() {
            let mut letter = letter();
            change(&mut letter);
            assert!(bytes(&letter).is_err(), "{at}");
        }
    }

    #[test]
    fn addresses_of_any_contract_are_written_in_ascii() {
        for (text, written) in [
            ("a@localhost", "a@localhost"),
            ("a@[127.0.0.1]", "a@[127.0.0.1]"),
            ("a@exemplé.fr", "a@xn--exempl-gva.fr"),
            ("contact+bisik@tibillet.re", "contact+bisik@tibillet.re"),
        ] {
            assert_eq!(address(text).unwrap().to_string(), written);
        }
    }

    #[test]
    fn every_line_is_short_ascii() {
        let mut letter = letter();
        letter.from_name = "L'Été des Théâtres, « à l'ombre » ".repeat(8);
        letter.subject = "Vos billets : été à la plage ".repeat(8);
        letter.text = format!("{} \r {}\0", "a".repeat(3_000), "é".repeat(3_000));
        letter.message_id = format!("{}@example.org", "1".repeat(120));
        let name = "Réservation d'été ".repeat(12);
        let media_type = "application/pdf".to_owned();
        letter.attachments.push(Attachment { name, media_type, bytes: vec![0; 9_000] });
        let all = bytes(&letter).unwrap();
        assert!(all.is_ascii() && !all.contains('\0'));
        assert!(
            all.split("\r\n").all(|line| line.len() < 200 && !line.contains(['\r', '\n'])),
            "{all}"
        );
        let ids = headers(&letter).iter().filter(|h| h.starts_with("Message-ID: <1")).count();
        assert_eq!(ids, 1);
    }
}
