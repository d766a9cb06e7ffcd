//! Feeds: what is on, for feed readers and calendars, and a ticket's evening for the calendar of whoever holds it.
//!
//! The events are those of `/api/events/` at the same host, and so is their order. Texts are cut: a feed makes people
//! curious, the page says it all.

use super::programme::{Part, gather};
use super::tibillet::fields::read_uuid;
use super::{Answer, Call, Failure, Front, web};
use crate::error::Error;
use crate::paper::calendar::{Entry, ics};
use crate::paper::feed::{self, Channel, Enclosure, Item};
use crate::root::coming::set;
use crate::root::{Profile, Read};
use crate::trade::event::{self, Event};
use crate::trade::media::{self, variation_path};
use crate::trade::ticket::{self, State};
use crate::trade::{Page, place};
use crate::values::category::Programme;
use crate::values::id::TicketId;
use crate::values::zone::Zone;
use percent_encoding::{CONTROLS, utf8_percent_encode};
use rouille::Response;
use std::collections::HashMap;

/// Most events in a feed.
const RSS_MOST: i64 = 100;

/// Most events in a calendar.
const CALENDAR_MOST: i64 = 1_000;

/// Most characters of what is said of an event.
const TEXT_MOST: usize = 2_000;

/// The variation of an image that goes with a feed.
const VARIATION: &str = "med";

/// The events of one tenant with what feeds say of them, from one snapshot.
struct Bill {
    events: Vec<Event>,
    venue: Profile,
    zone: Zone,
    images: HashMap<String, (String, u32)>,
}

impl Bill {
    fn read(tx: &Read, events: Vec<Event>) -> Result<Self, Error> {
        Ok(Self { events, venue: place::get(tx)?, zone: place::zone(tx)?, images: HashMap::new() })
    }

    fn read_with_images(tx: &Read, events: Vec<Event>) -> Result<Self, Error> {
        let ids = set(events.iter().map(|event| event.id.0));
        let images = media::of_events(tx, &ids, VARIATION)?;
        Ok(Self { images, ..Self::read(tx, events)? })
    }
}

/// The events of all these tenants by date.
fn by_date(parts: &[Part<Bill>]) -> Vec<(&Event, &Part<Bill>)> {
    let each =
        parts.iter().flat_map(|part| part.what.events.iter().map(move |event| (event, part)));
    let mut all: Vec<_> = each.collect();
    all.sort_by_key(|(event, _)| (event.starts, event.id));
    all
}

/// What the tenant of this host is called; an agenda that says nothing of itself has its short name.
fn name<'a>(front: &'a Front, profile: &'a Profile) -> &'a str {
    if profile.label.is_empty() { &front.tenant.entry().name } else { &profile.label }
}

/// RSS 2.0, as the contract words it; hours are those of the venue.
pub(super) fn rss(call: &Call<'_>, front: &Front) -> Answer {
    let here = front.tenant.read(place::get)?;
    let parts = gather(call, front, Page { limit: RSS_MOST, offset: 0 }, Bill::read_with_images)?;
    let items: Vec<Item> =
        by_date(&parts).into_iter().map(|(event, part)| item(event, part)).collect();
    let channel = Channel {
        title: &format!("{} : Derniers évènements créés", name(front, &here)),
        link: &format!("{}/", call.origin),
        description: &here.short_description,
        address: &format!("{}{}", call.origin, call.route.path),
    };
    Ok(file("application/rss+xml; charset=utf-8", feed::rss(&channel, &items)))
}

fn item(event: &Event, part: &Part<Bill>) -> Item {
    let Part { what: Bill { events: _, venue: _, zone, images }, origin } = part;
    let image = event.image.as_deref().and_then(|name| Some((name, images.get(name)?)));
    let image = image.map(|(name, (media_type, length))| {
        let path = variation_path(name, VARIATION);
        let path = utf8_percent_encode(&path, CONTROLS);
        Enclosure {
            address: format!("{origin}/media/{path}"),
            media_type: media_type.clone(),
            length: *length,
        }
    });
    Item {
        uid: event.id.0,
        title: format!("{} : {}", event.name, zone.format(event.starts, "%m/%d/%y %H:%M")),
        link: page_of(event, origin),
        description: about(event, " - "),
        changed: event.changed.0,
        image,
    }
}

/// The agenda as a calendar.
pub(super) fn calendar(call: &Call<'_>, front: &Front) -> Answer {
    let here = front.tenant.read(place::get)?;
    let page = Page { limit: CALENDAR_MOST, offset: 0 };
    let entry = front.tenant.entry();
    let artist = (entry.category.traits().programme == Programme::Playing).then_some(entry.id);
    // Who has an evening in a calendar already must be told that it does not take place.
    let parts = gather(call, front, page, |tx, mut events| {
        events.extend(event::cancelled(tx, artist, page)?);
        Bill::read(tx, events)
    })?;
    let texts: Vec<Texts<'_>> = by_date(&parts)
        .into_iter()
        .map(|(event, part)| Texts::new(event, &part.what.venue, &part.origin))
        .collect();
    let entries: Vec<Entry<'_>> = texts.iter().map(Texts::entry).collect();
    Ok(file(CALENDAR, ics(name(front, &here), &entries)))
}

/// The evening of a ticket, for whoever knows the ticket's id.
pub(super) fn ticket(call: &Call<'_>, front: &Front) -> Answer {
    let id = read_uuid(call.param(0)).map(TicketId).ok_or(Error::NotFound)?;
    let (state, event, venue) = front.tenant.read(|tx| {
        let ticket = ticket::get(tx, id)?;
        Ok((ticket.state, event::named_by_sale(tx, ticket.event)?, place::get(tx)?))
    })?;
    // Who had the evening in a calendar is told there that it was called off.
    let is_off = state == State::Void && event.cancelled.is_some();
    if !matches!(state, State::Open | State::Scanned) && !is_off {
        return Err(Failure::Answer(web::page(403, "Forbidden")));
    }
    let texts = Texts::new(&event, &venue, &call.origin);
    // A slug is letters, digits, `-` and `_` of ASCII.
    let name = format!("attachment; filename=\"{}.ics\"", event.slug);
    Ok(file(CALENDAR, ics(&venue.label, &[texts.entry()]))
        .with_unique_header("Cache-Control", "private, no-store")
        .with_unique_header("Content-Disposition", name))
}

const CALENDAR: &str = "text/calendar; charset=utf-8";

/// What an entry of a calendar says, kept for as long as it is written.
struct Texts<'a> {
    event: &'a Event,
    about: String,
    place: String,
    link: String,
}

impl<'a> Texts<'a> {
    fn new(event: &'a Event, venue: &Profile, origin: &str) -> Self {
        let parts = [&venue.address, &venue.postal_code, &venue.city];
        let parts = parts.into_iter().filter_map(|part| part.as_deref());
        let parts = parts.filter(|part| !part.is_empty());
        let place: Vec<&str> = std::iter::once(venue.label.as_str()).chain(parts).collect();
        Self {
            event,
            about: about(event, "\n\n"),
            place: place.join(", "),
            link: page_of(event, origin),
        }
    }

    fn entry(&self) -> Entry<'_> {
        Entry {
            uid: self.event.id.0,
            starts: self.event.starts.0,
            ends: self.event.ends.map(|ends| ends.0),
            stamp: self.event.changed.0,
            title: &self.event.name,
            description: &self.about,
            place: &self.place,
            link: &self.link,
            cancelled: self.event.cancelled.is_some(),
        }
    }
}

fn page_of(event: &Event, origin: &str) -> String {
    format!("{origin}/event/{}/", event.slug)
}

/// Both descriptions of an event, of which the long one may be long.
fn about(event: &Event, between: &str) -> String {
    let texts = [&event.short_description, &event.long_description];
    let texts = texts.into_iter().filter_map(|text| text.as_deref());
    let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
    let whole = texts.join(between);
    match whole.char_indices().nth(TEXT_MOST) {
        Some((cut, _)) => format!("{}…", &whole[..cut]),
        None => whole,
    }
}

fn file(media_type: &'static str, text: String) -> Response {
    Response::from_data(media_type, text).with_unique_header("X-Content-Type-Options", "nosniff")
}

/// A feed.
pub(super) fn rss_shape(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": "string", "contentMediaType": "application/rss+xml; charset=utf-8" })
}

/// A calendar.
pub(super) fn calendar_shape(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": "string", "contentMediaType": CALENDAR })
}
