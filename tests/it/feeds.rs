//! What feed readers and calendars get: the coming events of a host, well-formed whatever they are called.

use crate::support::{House, Reply, Venue, column, house, image_url, text, unzip};
use guichet::root::By;
use guichet::values::Category;
use serde_json::{Value, json};

const RSS: &str = "/rss/latest/feed/";
const ICAL: &str = "/ical/agenda.ics";
const EVENTS: &str = "/api/events/";

/// An element of a document, as a strict reader sees it.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Self>,
    text: String,
}

impl Element {
    fn all(&self, name: &str) -> Vec<&Self> {
        self.children.iter().filter(|child| child.name == name).collect()
    }

    #[track_caller]
    fn one(&self, name: &str) -> &Self {
        let all = self.all(name);
        assert_eq!(all.len(), 1, "{name} in {self:?}");
        all[0]
    }

    fn attribute(&self, name: &str) -> &str {
        &self.attributes.iter().find(|(key, _)| key == name).unwrap().1
    }
}

/// The characters that XML 1.0 allows (2.2).
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Reads text between marks: no `<`, no `]]>`, no `&` that is not a reference to one of the five or to a number.
fn unescaped(raw: &str) -> String {
    assert!(!raw.contains('<') && !raw.contains("]]>"), "{raw}");
    let (mut text, mut rest) = (String::new(), raw);
    while let Some((before, after)) = rest.split_once('&') {
        let (name, more) = after.split_once(';').unwrap();
        text.push_str(before);
        text.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            number => char::from_u32(number.strip_prefix('#').unwrap().parse().unwrap()).unwrap(),
        });
        rest = more;
    }
    text + rest
}

fn start_tag(inside: &str) -> Element {
    let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
    assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == ':'), "{inside}");
    let mut element = Element { name: name.to_owned(), ..Element::default() };
    while !rest.is_empty() {
        let (key, after) = rest.split_once("=\"").unwrap();
        let (value, more) = after.split_once('"').unwrap();
        element.attributes.push((key.to_owned(), unescaped(value)));
        rest = more.trim_start();
    }
    element
}

/// Reads a whole document of elements, attributes and text; anything else fails.
fn xml(document: &str) -> Element {
    assert!(document.chars().all(is_allowed));
    let mut rest = document.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap();
    let mut open = vec![Element::default()];
    while let Some((before, after)) = rest.split_once('<') {
        let (inside, more) = after.split_once('>').unwrap();
        open.last_mut().unwrap().text.push_str(&unescaped(before));
        if let Some(name) = inside.strip_prefix('/') {
            let done = open.pop().unwrap();
            assert_eq!(done.name, name);
            open.last_mut().unwrap().children.push(done);
        } else if let Some(empty) = inside.strip_suffix('/') {
            open.last_mut().unwrap().children.push(start_tag(empty));
        } else {
            open.push(start_tag(inside));
        }
        rest = more;
    }
    assert_eq!((rest, open.len()), ("\n", 1));
    let top = open.pop().unwrap();
    assert_eq!((top.children.len(), top.text.as_str()), (1, ""));
    top.children.into_iter().next().unwrap()
}

/// The channel of a feed.
fn channel(reply: Reply) -> Element {
    let reply = reply.is(200);
    assert_eq!(reply.header("Content-Type"), Some("application/rss+xml; charset=utf-8"));
    let mut rss = xml(std::str::from_utf8(&reply.body).unwrap());
    assert_eq!((rss.name.as_str(), rss.attribute("version")), ("rss", "2.0"));
    rss.children.remove(0)
}

fn texts(channel: &Element, name: &str) -> Vec<String> {
    channel.all("item").iter().map(|item| item.one(name).text.clone()).collect()
}

/// The entries of a calendar, each as its lines by name, unfolded and unescaped.
fn entries(reply: Reply) -> Vec<Vec<(String, String)>> {
    let reply = reply.is(200);
    assert_eq!(reply.header("Content-Type"), Some("text/calendar; charset=utf-8"));
    let text = std::str::from_utf8(&reply.body).unwrap();
    assert!(text.split("\r\n").all(|line| line.len() <= 75));
    assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']));
    let unfolded = text.replace("\r\n ", "");
    let mut lines = unfolded.trim_end().split("\r\n").map(|line| line.split_once(':').unwrap());
    assert_eq!(lines.next(), Some(("BEGIN", "VCALENDAR")));
    let (mut all, mut within): (Vec<Vec<(String, String)>>, bool) = (vec![], false);
    for (name, value) in lines {
        match (name, value) {
            ("BEGIN", "VEVENT") if !within => (within, _) = (true, all.push(vec![])),
            ("END", "VEVENT") if within => within = false,
            ("END", "VCALENDAR") if !within => return all,
            ("BEGIN" | "END", _) => panic!("{name}:{value}"),
            _ if within => {
                let plain = value.replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";");
                all.last_mut().unwrap().push((name.to_owned(), plain.replace("\\\\", "\\")));
            }
            _ => {}
        }
    }
    panic!("a calendar without an end");
}

fn values(entries: &[Vec<(String, String)>], name: &str) -> Vec<String> {
    let of = |entry: &Vec<(String, String)>| {
        entry.iter().find(|(key, _)| key == name).unwrap().1.clone()
    };
    entries.iter().map(of).collect()
}

fn evening(venue: &Venue<'_>, body: &Value) -> String {
    text(&venue.staff().post(EVENTS, body).ok(201), "uuid").to_owned()
}

/// Three venues with an evening each on days that alternate.
fn with_evenings(house: &House) -> (Venue<'_>, Venue<'_>) {
    let (bisik, ancre) = (house.venue("Bisik"), house.venue("Ancre"));
    for (venue, name, day) in
        [(&bisik, "C", 3), (&ancre, "A", 1), (&ancre, "D", 4), (&bisik, "B", 2)]
    {
        evening(venue, &json!({ "name": name, "datetime": format!("2099-06-0{day}T20:00") }));
    }
    (bisik, ancre)
}

#[test]
fn a_feed_holds_the_coming_evenings_of_a_venue() {
    let house = house();
    let venue = house.venue("Bisik");
    let id = evening(
        &venue,
        &json!({
            "name": "Jam", "datetime": "2099-06-01T20:00", "short_description": "Maloya",
            "long_description": "Toute la nuit.\r\nEntrée libre.", "img_url": image_url("bg.jpg"),
        }),
    );
    evening(&venue, &json!({ "name": "Hier", "datetime": "2020-06-01T20:00" }));
    evening(
        &venue,
        &json!({ "name": "Secret", "datetime": "2099-06-01T20:00", "published": false }),
    );
    let feed = channel(venue.anyone().get(RSS));
    assert_eq!(feed.one("title").text, "Bisik : Derniers évènements créés");
    assert_eq!(feed.one("link").text, "http://bisik.example.org/");
    assert_eq!(
        feed.one("atom:link").attribute("href"),
        "http://bisik.example.org/rss/latest/feed/"
    );
    let item = feed.one("item");
    assert_eq!(item.one("title").text, "Jam : 06/01/99 20:00");
    assert_eq!(item.one("link").text, "http://bisik.example.org/event/jam-060199-2000/");
    assert_eq!(item.one("description").text, "Maloya - Toute la nuit.<br>Entrée libre.");
    assert_eq!(item.one("guid").text, id);
    let image = item.one("enclosure");
    let sent = venue
        .anyone()
        .get(image.attribute("url").strip_prefix("http://bisik.example.org").unwrap())
        .is(200);
    assert_eq!(sent.header("Content-Type"), Some(image.attribute("type")));
    assert_eq!(image.attribute("length"), sent.body.len().to_string());
}

#[test]
fn a_calendar_holds_the_coming_evenings_of_a_venue() {
    let house = house();
    let venue = house.venue("Bisik");
    let change = json!({
        "adress": "1, rue de l'Ancre", "postal_code": 97410, "city": "Saint-Pierre", "img_url": image_url("bg.jpg"),
        "logo_url": image_url("logo.png"),
    });
    venue.admin().put(&format!("/api/place/{}/", venue.id()), &change).ok(201);
    let body = json!({
        "name": "Jam; bal, etc.", "datetime": "2099-06-01T20:00", "end_datetime": "2099-06-02T01:00",
        "short_description": "Maloya", "long_description": "Toute la nuit.",
    });
    let id = evening(&venue, &body);
    let found = entries(venue.anyone().get(ICAL));
    for (name, value) in [
        ("UID", id.as_str()),
        ("DTSTART", "20990601T180000Z"),
        ("DTEND", "20990601T230000Z"),
        ("SUMMARY", "Jam; bal, etc."),
        ("DESCRIPTION", "Maloya\n\nToute la nuit."),
        ("LOCATION", "Bisik, 1, rue de l'Ancre, 97410, Saint-Pierre"),
        ("URL", "http://bisik.example.org/event/jam-bal-etc-060199-2000/"),
        ("STATUS", "CONFIRMED"),
    ] {
        assert_eq!(values(&found, name), [value]);
    }
}

#[test]
fn the_feeds_of_an_agenda_are_sorted_by_date_across_venues_and_lead_to_each() {
    let house = house();
    with_evenings(&house);
    let anyone = house.meta().anyone();
    let feed = channel(anyone.get(RSS));
    assert_eq!(feed.one("title").text, "meta : Derniers évènements créés");
    assert_eq!(
        texts(&feed, "title"),
        ["A : 06/01/99 20:00", "B : 06/02/99 20:00", "C : 06/03/99 20:00", "D : 06/04/99 20:00"]
    );
    let links = [
        "http://ancre.example.org/event/a-060199-2000/",
        "http://bisik.example.org/event/b-060299-2000/",
        "http://bisik.example.org/event/c-060399-2000/",
        "http://ancre.example.org/event/d-060499-2000/",
    ];
    assert_eq!(texts(&feed, "link"), links);
    let calendar = entries(anyone.get(ICAL));
    assert_eq!(values(&calendar, "SUMMARY"), ["A", "B", "C", "D"]);
    assert_eq!(values(&calendar, "URL"), links);
    assert_eq!(values(&calendar, "LOCATION"), ["Ancre", "Bisik", "Bisik", "Ancre"]);
    let listed = anyone.get(EVENTS).ok(200);
    assert_eq!(column(&listed, "url"), links);
}

#[test]
fn the_feeds_of_an_artist_hold_where_it_plays() {
    let house = house();
    let (venue, artist) = (house.venue("Bisik"), house.tenant("Ziskakan", Category::Artist));
    let plays = json!([{ "uuid": artist.id(), "datetime": "2099-06-01T21:00" }]);
    evening(&venue, &json!({ "name": "Avec", "datetime": "2099-06-01T20:00", "artists": plays }));
    evening(&venue, &json!({ "name": "Sans", "datetime": "2099-06-01T20:00" }));
    let feed = channel(artist.anyone().get(RSS));
    assert_eq!(feed.one("title").text, "Ziskakan : Derniers évènements créés");
    assert_eq!(texts(&feed, "title"), ["Avec : 06/01/99 20:00"]);
    assert_eq!(values(&entries(artist.anyone().get(ICAL)), "SUMMARY"), ["Avec"]);
}

#[test]
fn where_there_is_no_shop_there_are_no_feeds() {
    let house = house();
    for path in [RSS, ICAL, "/api/ticket/ics/x"] {
        house.at("example.org").get(path).is(404);
        house.at("nobody.example.com").get(path).is(404);
    }
}

#[test]
fn a_feed_of_nothing_is_one() {
    let house = house();
    let anyone = house.venue("Bisik").anyone();
    assert_eq!(channel(anyone.get(RSS)).all("item").len(), 0);
    assert_eq!(entries(anyone.get(ICAL)).len(), 0);
}

#[test]
fn no_text_whatever_breaks_a_feed() {
    let house = house();
    let venue = house.venue("Bisik");
    let evil = [
        "]]> fin",
        "<script>alert(1)</script>",
        "</title></item></channel></rss>",
        "A &amp; B & C &#0; &x;",
        "ding\u{7}dong\u{8}\u{b}\u{c}\u{1f}\u{7f}\u{85}\u{1b}[31m",
        "deux\r\nlignes\rou\ntrois",
        "Fin\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:faux",
        "non-caractères \u{fffe}\u{ffff} et 😀",
        "guillemets \" et ' et `",
        "<![CDATA[ x ]]> <!-- y --> <?z?>",
    ];
    for (number, title) in evil.iter().enumerate() {
        let body = json!({
            "name": title, "datetime": format!("2099-06-{:02}T20:00", number + 1), "short_description": title,
            "long_description": title.repeat(40),
        });
        evening(&venue, &body);
    }
    // A label of a venue is no safer.
    let sql = "UPDATE place SET label = ?1, short_description = ?1";
    for label in evil {
        venue.tenant().write(By::Console, |tx| tx.run(sql, [label])).unwrap();
        let feed = channel(venue.anyone().get(RSS));
        assert_eq!(feed.all("item").len(), evil.len());
        let titles = texts(&feed, "title");
        assert_eq!(titles[0], "]]> fin : 06/01/99 20:00");
        assert_eq!(titles[1], "<script>alert(1)</script> : 06/02/99 20:00");
        assert_eq!(titles[4], "dingdong[31m : 06/05/99 20:00");
        assert_eq!(titles[5], "deux lignes ou trois : 06/06/99 20:00");
        // What a reader takes for a page has no mark in it but the end of a line.
        for page in texts(&feed, "description") {
            assert!(!page.replace("<br>", "").contains(['<', '>']), "{page}");
        }
        let calendar = entries(venue.anyone().get(ICAL));
        assert_eq!(calendar.len(), evil.len());
        assert_eq!(values(&calendar, "SUMMARY")[6], "Fin\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:faux");
    }
}

#[test]
fn a_long_text_is_cut() {
    let house = house();
    let venue = house.venue("Bisik");
    let long = "é".repeat(100_000);
    evening(
        &venue,
        &json!({ "name": "Jam", "datetime": "2099-06-01T20:00", "long_description": long }),
    );
    let text = channel(venue.anyone().get(RSS)).one("item").one("description").text.clone();
    assert_eq!((text.chars().count(), text.ends_with('…')), (2_001, true));
    assert!(venue.anyone().get(ICAL).is(200).body.len() < 10_000);
}

#[test]
fn a_feed_holds_100_evenings_and_a_calendar_more() {
    let house = house();
    let venue = house.venue("Bisik");
    for name in ["Jam", "Slam"] {
        let first = evening(&venue, &json!({ "name": name, "datetime": "2099-06-01T20:00" }));
        let repeat = format!("{EVENTS}{first}/repeat/");
        venue.staff().post(&repeat, &json!({ "rule": "weekly", "count": 60 })).ok(201);
    }
    for host in [venue.anyone(), house.meta().anyone()] {
        assert_eq!(channel(host.get(RSS)).all("item").len(), 100);
        assert_eq!(entries(host.get(ICAL)).len(), 120);
    }
}

#[test]
fn who_has_a_feed_already_is_not_sent_it_again_until_an_evening_changes() {
    let house = house();
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Concert");
    let price = venue.price(&ticket, "Plein", 1_000);
    let event = venue.event("Jam", &[&ticket], 50);
    for (path, host) in
        [RSS, ICAL].into_iter().flat_map(|p| [(p, venue.anyone()), (p, house.meta().anyone())])
    {
        let first = host.get(path).is(200);
        let tag = first.header("ETag").unwrap().to_owned();
        assert_eq!(first.header("Cache-Control"), Some("no-cache"));
        assert!(host.with("If-None-Match", &tag).get(path).is(304).body.is_empty());
        assert_eq!(host.kept(path).unwrap().is(200).body, first.body);
        host.with("If-None-Match", &tag).kept(path).unwrap().is(304);
        let zipped = host.with("Accept-Encoding", "gzip").get(path).is(200);
        match zipped.header("Content-Encoding") {
            Some(_) => assert_eq!(unzip(&zipped.body), first.body),
            None => assert!(first.body.len() <= 1_024),
        }
        // Seats are not in a feed: who books changes nothing there.
        venue.book("ana@example.org", &event, &price, 1).ok(201);
        assert!(host.with("If-None-Match", &tag).get(path).is(304).body.is_empty());
        let path_of_event = format!("{EVENTS}{event}/");
        venue.staff().put(&path_of_event, &json!({ "name": "Jam", "jauge_max": 60 })).ok(201);
        assert!(host.with("If-None-Match", &tag).get(path).is(304).body.is_empty());
        let change = json!({ "short_description": format!("{path}{}", house.next()) });
        venue.staff().put(&path_of_event, &change).ok(201);
        assert!(host.kept(path).is_none());
        host.with("If-None-Match", &tag).get(path).is(200);
    }
}

#[test]
fn a_feed_reader_that_takes_no_json_is_served() {
    let house = house();
    let (venue, _) = with_evenings(&house);
    let reader = venue.anyone().with("Accept", "application/rss+xml");
    let first = reader.get(RSS).is(200);
    assert_eq!(reader.kept(RSS).unwrap().is(200).body, first.body);
    let calendar = venue.anyone().with("Accept", "text/calendar");
    calendar.get(ICAL).is(200);
    assert!(calendar.kept(ICAL).is_some());
    venue.anyone().get(EVENTS).is(200);
    assert!(reader.kept(EVENTS).is_none());
}

#[test]
fn only_get_is_answered() {
    let house = house();
    let anyone = house.venue("Bisik").anyone();
    for path in [RSS, ICAL] {
        assert_eq!(anyone.post(path, &json!({})).is(405).header("Allow"), Some("GET, HEAD"));
        anyone.send("HEAD", path, None, vec![]).is(200);
    }
}

/// A ticket of an evening, and the path of its order.
fn ticket(venue: &Venue<'_>) -> (String, String) {
    let product = venue.ticket("Concert");
    let price = venue.price(&product, "Plein", 1_000);
    let event = venue.event("Jam", &[&product], 50);
    let booked = venue.book("ana@example.org", &event, &price, 1).ok(201);
    let ticket = booked["reservation"]["tickets"][0].as_str().unwrap().to_owned();
    (ticket, format!("/api/orders/{}/", text(&booked["order"], "uuid")))
}

#[test]
fn who_knows_a_ticket_gets_its_evening_for_the_calendar() {
    let house = house();
    let venue = house.venue("Bisik");
    let (ticket, order) = ticket(&venue);
    let path = format!("/api/ticket/ics/{ticket}");
    venue.anyone().get(&path).is(403);
    venue.staff().post(&format!("{order}payments/"), &json!({ "means": "cash" })).ok(201);
    let reply = venue.anyone().get(&path).is(200);
    assert_eq!(
        reply.header("Content-Disposition"),
        Some("attachment; filename=\"jam-060199-2000.ics\"")
    );
    assert_eq!(reply.header("Cache-Control"), Some("private, no-store"));
    assert!(!reply.text().contains(&ticket));
    assert!(venue.anyone().kept(&path).is_none());
    let found = entries(reply);
    assert_eq!(values(&found, "SUMMARY"), ["Jam"]);
    assert_eq!(values(&found, "LOCATION"), ["Bisik"]);
    // The same evening in the agenda is the same entry.
    assert_eq!(values(&found, "UID"), values(&entries(venue.anyone().get(ICAL)), "UID"));
}

#[test]
fn a_ticket_that_was_given_back_or_is_elsewhere_has_no_evening() {
    let house = house();
    let (venue, other) = (house.venue("Bisik"), house.venue("Ancre"));
    let (ticket, order) = ticket(&venue);
    venue.staff().post(&format!("{order}payments/"), &json!({ "means": "cash" })).ok(201);
    let path = format!("/api/ticket/ics/{ticket}");
    other.anyone().get(&path).is(404);
    venue.anyone().get("/api/ticket/ics/abc").is(404);
    venue.staff().post(&format!("{order}refund/"), &json!({})).ok(200);
    venue.anyone().get(&path).is(403);
}
