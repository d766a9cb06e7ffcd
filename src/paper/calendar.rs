//! Events as a file that calendars take in (RFC 5545). Pure: no files, no clock.
//!
//! What must stay true: the same entries give the same bytes; every line ends with CRLF and has
//! at most 75 octets, cut between characters; no text can end its line and begin another; times
//! are UTC. Time zones, alarms, recurrence, people and sequence numbers are deliberately absent:
//! a calendar knows a later version by its stamp.

use jiff::Timestamp;
use uuid::Uuid;

/// How long an event lasts that does not say, in microseconds.
const USUAL_LENGTH: i64 = 2 * 3_600_000_000;

/// The first moment of the year 1: before it, a year does not fit its four digits.
const EARLIEST: i64 = -62_135_596_800_000_000;

/// The last second that a timestamp holds, at the end of the year 9999.
const LATEST: i64 = 253_402_207_200_000_000;

/// The most octets of a line, its end not counted.
const LINE: usize = 75;

/// One event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Stays the same for as long as it is the same event.
    pub uid: Uuid,
    /// Microseconds since 1970 UTC.
    pub starts: i64,
    /// Microseconds since 1970 UTC; without it, or when it is not after the start, two hours.
    pub ends: Option<i64>,
    /// When this version of the entry came to be, in microseconds since 1970 UTC.
    pub stamp: i64,
    /// What it is called.
    pub title: &'a str,
    /// Left out when empty, like the two below.
    pub description: &'a str,
    /// Where it takes place.
    pub place: &'a str,
    /// The address of its page.
    pub link: &'a str,
    /// Whether it does not take place after all.
    pub cancelled: bool,
}

/// The calendar called `name` with these entries, in the given order.
#[must_use]
pub fn ics(name: &str, entries: &[Entry<'_>]) -> String {
    let mut out = String::new();
    line(&mut out, "BEGIN", "VCALENDAR");
    line(&mut out, "VERSION", "2.0");
    line(&mut out, "PRODID", "-//guichet//guichet//FR");
    line(&mut out, "CALSCALE", "GREGORIAN");
    line(&mut out, "METHOD", "PUBLISH");
    text(&mut out, "NAME", name);
    // What calendars understood before there was NAME (RFC 7986), and mostly still do.
    text(&mut out, "X-WR-CALNAME", name);
    for entry in entries {
        event(&mut out, entry);
    }
    line(&mut out, "END", "VCALENDAR");
    out
}

fn event(out: &mut String, entry: &Entry<'_>) {
    let ends = entry
        .ends
        .filter(|ends| *ends > entry.starts)
        .unwrap_or_else(|| entry.starts.saturating_add(USUAL_LENGTH));
    line(out, "BEGIN", "VEVENT");
    line(out, "UID", &entry.uid.to_string());
    line(out, "DTSTAMP", &utc(entry.stamp));
    line(out, "DTSTART", &utc(entry.starts));
    line(out, "DTEND", &utc(ends));
    text(out, "SUMMARY", entry.title);
    text(out, "DESCRIPTION", entry.description);
    text(out, "LOCATION", entry.place);
    let link: String =
        entry.link.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    if !link.is_empty() {
        line(out, "URL", &link);
    }
    line(out, "STATUS", if entry.cancelled { "CANCELLED" } else { "CONFIRMED" });
    line(out, "END", "VEVENT");
}

fn utc(microseconds: i64) -> String {
    let within = microseconds.clamp(EARLIEST, LATEST);
    let moment = Timestamp::from_microsecond(within).expect("clamped to what a timestamp holds");
    moment.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn text(out: &mut String, name: &str, value: &str) {
    if !value.is_empty() {
        line(out, name, &escaped(value));
    }
}

/// `value` with what means something escaped, and without the control characters, which may not be there.
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut characters = value.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' | ';' | ',' => out.extend(['\\', character]),
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' | '\n' => out.push_str("\\n"),
            '\t' => out.push('\t'),
            _ if character.is_control() => {}
            _ => out.push(character),
        }
    }
    out
}

/// Writes `NAME:value`, folded: a line that goes on begins with a space, which counts.
fn line(out: &mut String, name: &str, value: &str) {
    let mut used = 0;
    for character in name.chars().chain([':']).chain(value.chars()) {
        if used + character.len_utf8() > LINE {
            out.push_str("\r\n ");
            used = 1;
        }
        out.push(character);
        used += character.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ENTRY: Entry<'_> = Entry {
        uid: Uuid::from_u128(0x0197_2b3c_4d5e_7f60_8a9b_acbd_cedf_e0f1),
        starts: 1_798_741_800_000_000,
        ends: None,
        stamp: 1_790_000_000_999_999,
        title: "Été, « nuit »; à 5 €",
        description: "",
        place: "",
        link: "",
        cancelled: false,
    };

    /// The value of the first property `name`, unfolded and unescaped, by a reader of its own.
    fn value(ics: &str, name: &str) -> Option<String> {
        let unfolded = ics.replace("\r\n ", "");
        let raw =
            unfolded.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        let (mut out, mut characters) = (String::new(), raw.chars());
        while let Some(character) = characters.next() {
            out.push(match character {
                '\\' => match characters.next()? {
                    'n' | 'N' => '\n',
                    other => other,
                },
                other => other,
            });
        }
        Some(out)
    }

    #[test]
    fn an_entry_with_everything() {
        let entry = Entry {
            ends: Some(1_798_752_600_000_000),
            description: "Première partie : Bisik.\r\nOuverture des portes à 19 h 30\\20 h",
            place: "Le Billetistan, 1 rue de l’Église, 69001 Lyon",
            link: "https://example.org/e/nuit?a=1,2\r\nX:1",
            cancelled: true,
            ..ENTRY
        };
        assert_eq!(
            ics("Le Billetistan", &[entry]),
            "BEGIN:VCALENDAR\r\n\
             VERSION:2.0\r\n\
             PRODID:-//guichet//guichet//FR\r\n\
             CALSCALE:GREGORIAN\r\n\
             METHOD:PUBLISH\r\n\
             NAME:Le Billetistan\r\n\
             X-WR-CALNAME:Le Billetistan\r\n\
             BEGIN:VEVENT\r\n\
             UID:01972b3c-4d5e-7f60-8a9b-acbdcedfe0f1\r\n\
             DTSTAMP:20260921T141320Z\r\n\
             DTSTART:20261231T183000Z\r\n\
             DTEND:20261231T213000Z\r\n\
             SUMMARY:Été\\, « nuit »\\; à 5 €\r\n\
             DESCRIPTION:Première partie : Bisik.\\nOuverture des portes à 19 h 30\\\\20 \r\n \
             h\r\n\
             LOCATION:Le Billetistan\\, 1 rue de l’Église\\, 69001 Lyon\r\n\
             URL:https://example.org/e/nuit?a=1,2X:1\r\n\
             STATUS:CANCELLED\r\n\
             END:VEVENT\r\n\
             END:VCALENDAR\r\n"
        );
    }

    #[test]
    fn what_is_not_known_is_left_out_and_an_event_lasts_two_hours() {
        assert_eq!(
            ics("", &[ENTRY]),
            "BEGIN:VCALENDAR\r\n\
             VERSION:2.0\r\n\
             PRODID:-//guichet//guichet//FR\r\n\
             CALSCALE:GREGORIAN\r\n\
             METHOD:PUBLISH\r\n\
             BEGIN:VEVENT\r\n\
             UID:01972b3c-4d5e-7f60-8a9b-acbdcedfe0f1\r\n\
             DTSTAMP:20260921T141320Z\r\n\
             DTSTART:20261231T183000Z\r\n\
             DTEND:20261231T203000Z\r\n\
             SUMMARY:Été\\, « nuit »\\; à 5 €\r\n\
             STATUS:CONFIRMED\r\n\
             END:VEVENT\r\n\
             END:VCALENDAR\r\n"
        );
        let backwards = Entry { ends: Some(ENTRY.starts), ..ENTRY };
        assert_eq!(ics("", &[backwards]), ics("", &[ENTRY]));
    }

    #[test]
    fn a_long_line_is_folded_between_characters() {
        let mut out = String::new();
        line(&mut out, "A", &"é".repeat(75));
        let expected = ["A:", &"é".repeat(36), "\r\n ", &"é".repeat(37), "\r\n ", "éé\r\n"];
        assert_eq!(out, expected.concat());
        let mut out = String::new();
        line(&mut out, "A", &"b".repeat(73));
        assert_eq!(out, format!("A:{}\r\n", "b".repeat(73)));
    }

    #[test]
    fn times_beyond_the_calendar_stop_at_its_ends() {
        assert_eq!(utc(i64::MIN), "00010101T000000Z");
        assert_eq!(utc(i64::MAX), "99991230T220000Z");
        let entry = Entry { starts: i64::MAX, ..ENTRY };
        assert!(ics("", &[entry]).contains("DTEND:99991230T220000Z"));
    }

    proptest! {
        #[test]
        fn every_title_comes_back(title in any::<String>(), cut in "[ -~é€😀\\\\;,]{60,200}") {
            for title in [title, cut] {
                let out = ics(&title, &[Entry { title: &title, ..ENTRY }]);
                let kept = title.replace("\r\n", "\n").replace('\r', "\n");
                let kept: String =
                    kept.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect();
                prop_assert_eq!(value(&out, "SUMMARY").unwrap_or_default(), kept);
                prop_assert!(out.split("\r\n").all(|line| line.len() <= LINE));
                prop_assert!(!out.replace("\r\n", "").contains(['\r', '\n']));
                prop_assert_eq!(out.matches("\nBEGIN:").count(), 1);
            }
        }
    }
}
