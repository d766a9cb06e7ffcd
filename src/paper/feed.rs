//! Events as a file that feed readers follow (RSS 2.0, XML 1.0). Pure: no files, no clock.
//!
//! What must stay true: the same items give the same bytes; whatever a text holds, the file stays well-formed, and nothing
//! of it becomes markup, neither of the feed nor of the page that a reader makes of it. Authors, comments and full pages
//! are deliberately absent.

use jiff::Timestamp;
use uuid::Uuid;

/// What the feed says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel<'a> {
    /// What it is called.
    pub title: &'a str,
    /// The page that it is of.
    pub link: &'a str,
    /// One line.
    pub description: &'a str,
    /// Where it is found itself.
    pub address: &'a str,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Stays the same for as long as it is the same event.
    pub uid: Uuid,
    /// What it is called.
    pub title: String,
    /// The address of its page.
    pub link: String,
    /// Plain text, of any number of lines.
    pub description: String,
    /// When what is said of it last changed, in microseconds since 1970 UTC.
    pub changed: i64,
    /// Its image.
    pub image: Option<Enclosure>,
}

/// A file that comes with an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enclosure {
    /// Its address.
    pub address: String,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes.
    pub length: u32,
}

/// The feed with these items, in the given order.
#[must_use]
pub fn rss(channel: &Channel<'_>, items: &[Item]) -> String {
    let Channel { title, link, description, address } = channel;
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\">\n<channel>\n",
    );
    element(&mut out, "title", &line(title));
    element(&mut out, "link", &line(link));
    element(&mut out, "description", &page(description));
    out.push_str("<atom:link href=\"");
    escape(&mut out, &line(address));
    out.push_str("\" rel=\"self\" type=\"application/rss+xml\"/>\n");
    element(&mut out, "language", "fr-fr");
    if let Some(changed) = items.iter().map(|item| item.changed).max() {
        element(&mut out, "lastBuildDate", &date(changed));
    }
    for one in items {
        item(&mut out, one);
    }
    out.push_str("</channel>\n</rss>\n");
    out
}

fn item(out: &mut String, item: &Item) {
    let Item { uid, title, link, description, changed, image } = item;
    out.push_str("<item>\n");
    element(out, "title", &line(title));
    element(out, "link", &line(link));
    element(out, "description", &page(description));
    out.push_str("<guid isPermaLink=\"false\">");
    escape(out, &uid.to_string());
    out.push_str("</guid>\n");
    element(out, "pubDate", &date(*changed));
    if let Some(Enclosure { address, media_type, length }) = image {
        out.push_str("<enclosure url=\"");
        escape(out, &line(address));
        out.push_str(&format!("\" length=\"{length}\" type=\""));
        escape(out, &line(media_type));
        out.push_str("\"/>\n");
    }
    out.push_str("</item>\n");
}

fn element(out: &mut String, name: &str, text: &str) {
    out.push_str(&format!("<{name}>"));
    escape(out, text);
    out.push_str(&format!("</{name}>\n"));
}

/// A moment as RFC 822 writes it, with four digits of the year.
fn date(microseconds: i64) -> String {
    let moment = Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::UNIX_EPOCH);
    moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A text on one line.
fn line(text: &str) -> String {
    text.split(['\r', '\n', '\t']).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A text as the HTML that readers take a description for.
fn page(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.trim().chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' | '\n' => out.push_str("<br>"),
            _ => out.push(character),
        }
    }
    out
}

/// Writes a text where XML takes text or the value of an attribute, without the characters that may not be there even
/// when they are escaped (XML 1.0, 2.2).
fn escape(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' => out.push('\t'),
            '\u{fffe}' | '\u{ffff}' => {}
            _ if character.is_control() => {}
            _ => out.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CHANNEL: Channel<'_> = Channel {
        title: "Le Bisik : Derniers évènements créés",
        link: "http://bisik.example.org/",
        description: "Un lieu & des gens",
        address: "http://bisik.example.org/rss/latest/feed/",
    };

    fn evening(title: &str) -> Item {
        Item {
            uid: Uuid::from_u128(0x0197_2b3c_4d5e_7f60_8a9b_acbd_cedf_e0f1),
            title: title.to_owned(),
            link: "http://bisik.example.org/event/jam/".to_owned(),
            description: title.to_owned(),
            changed: 1_790_000_000_999_999,
            image: None,
        }
    }

    #[test]
    fn an_item_with_everything() {
        let image = Enclosure {
            address: "http://bisik.example.org/media/images/a.med.jpg".to_owned(),
            media_type: "image/jpeg".to_owned(),
            length: 1_234,
        };
        let item = Item { image: Some(image), ..evening("Jam <Été> & Co\r\n]]>") };
        assert_eq!(
            rss(&CHANNEL, &[item]),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\">\n\
             <channel>\n\
             <title>Le Bisik : Derniers évènements créés</title>\n\
             <link>http://bisik.example.org/</link>\n\
             <description>Un lieu &amp;amp; des gens</description>\n\
             <atom:link href=\"http://bisik.example.org/rss/latest/feed/\" rel=\"self\" type=\"application/rss+xml\"/>\n\
             <language>fr-fr</language>\n\
             <lastBuildDate>Mon, 21 Sep 2026 14:13:20 GMT</lastBuildDate>\n\
             <item>\n\
             <title>Jam &lt;Été&gt; &amp; Co ]]&gt;</title>\n\
             <link>http://bisik.example.org/event/jam/</link>\n\
             <description>Jam &amp;lt;Été&amp;gt; &amp;amp; Co&lt;br&gt;]]&amp;gt;</description>\n\
             <guid isPermaLink=\"false\">01972b3c-4d5e-7f60-8a9b-acbdcedfe0f1</guid>\n\
             <pubDate>Mon, 21 Sep 2026 14:13:20 GMT</pubDate>\n\
             <enclosure url=\"http://bisik.example.org/media/images/a.med.jpg\" length=\"1234\" type=\"image/jpeg\"/>\n\
             </item>\n\
             </channel>\n\
             </rss>\n"
        );
    }

    #[test]
    fn a_feed_of_nothing_has_no_date() {
        assert!(!rss(&CHANNEL, &[]).contains("Date"));
    }

    /// The text between the first pair of these tags within the item, by a reader of its own.
    fn text(rss: &str, name: &str) -> String {
        let item = rss.split_once("<item>").unwrap().1;
        let start = item.split_once(&format!("<{name}>")).unwrap().1;
        let raw = start.split_once(&format!("</{name}>")).unwrap().0;
        let marks =
            [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
        marks.iter().fold(raw.to_owned(), |text, (mark, is)| text.replace(mark, is))
    }

    proptest! {
        #[test]
        fn every_title_comes_back_and_adds_no_markup(title in any::<String>(), sharp in "[<>&\"'/a-c\\]!\\[\r\n\u{0}\u{8}\u{fffe}]{0,40}") {
            for title in [title, sharp] {
                let out = rss(&CHANNEL, &[evening(&title)]);
                let kept: String = line(&title)
                    .chars()
                    .filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'))
                    .collect();
                prop_assert_eq!(text(&out, "title"), kept);
                let tags = |text: &str| (text.matches('<').count(), text.matches('>').count());
                prop_assert_eq!(tags(&out), tags(&rss(&CHANNEL, &[evening("")])));
                let shown = text(&out, "description").replace("<br>", "");
                prop_assert!(!shown.contains(['<', '>']));
                prop_assert!(out.chars().all(|c| c == '\n' || !c.is_control()));
            }
        }
    }
}
