//! `/api/events/` and `/api/eventslug/`: what is on, at one venue or at all that an agenda shows.

use super::caller::{is_staff, staff};
use super::data::{Body, Data};
use super::fields::{Field, Form, GENERAL, Given, Kind, LONG_TEXT, read_uuid};
use super::json::Json;
use super::reservations::release_holds;
use super::wire::json;
use super::wire_event::{Context, WireEvent};
use super::wire_listed::WireCalledOff;
use super::{messages as say, pictures, products};
use crate::doors::programme::{Part, gather};
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::{Error, Field as Wrong, Refusal};
use crate::picture::Purpose;
use crate::root::coming::set;
use crate::root::directory::Listed;
use crate::root::{Read, Right, Staff, Write};
use crate::trade::event::{self, Category, Detail, Event, Links, New, TIMES};
use crate::trade::media::Upload;
use crate::trade::option::{self, Choice};
use crate::trade::order::{self, CalledOff};
use crate::trade::price::{self, Price};
use crate::trade::product::{self, Product};
use crate::trade::{Page, place, series};
use crate::values::category::{Listing, Programme};
use crate::values::id::{EventId, OptionId, ProductId, TenantId};
use crate::values::zone::{Written, Zone};
use crate::values::{Money, Time};
use std::collections::HashMap;

pub(super) const CATEGORIES: &[&str] = &["LIV", "FES", "REU", "CON", "RES", "CHT", "ACT"];
pub(super) const SMALL: i64 = i16::MAX as i64;

/// Most products, options, artists and tags of an event, each.
const LIST_MAX: usize = 100;

pub(super) const FIELDS: &[Field] = &[
    Field::new("name", Kind::Text(200)).optional(),
    Field::new("datetime", Kind::Moment).required(),
    Field::new("end_datetime", Kind::Moment).or_null(),
    Field::new("short_description", Kind::Text(100)).optional(),
    Field::new("long_description", Kind::Text(LONG_TEXT)).optional(),
    Field::new("event_facebook_url", Kind::Link(200)).optional(),
    Field::new("categorie", Kind::Choice(CATEGORIES)),
    Field::new("jauge_max", Kind::Integer { min: 0, max: 1_000_000, floor: 0 }),
    Field::new("max_per_user", Kind::Integer { min: 0, max: SMALL, floor: 0 }),
    Field::new("minimum_cashless_required", Kind::Integer { min: 0, max: SMALL, floor: 0 }),
    Field::new("published", Kind::Boolean),
    Field::new("img", Kind::Image(Purpose::Place)).or_null(),
    Field::new("img_url", Kind::Raw("Address of the image, where no file is sent")),
    Field::new("products", Kind::Raw("Ids of products")),
    Field::new("options_radio", Kind::Raw("Ids of options of which one may be chosen")),
    Field::new("options_checkbox", Kind::Raw("Ids of options that may be chosen freely")),
    Field::new("artists", Kind::Raw("Objects with uuid and datetime of artists of this server")),
    Field::new("tags", Kind::Raw("Words")),
];

pub(super) const QUERY: &[Field] =
    &[Field::new("series", Kind::Key), Field::new("published", Kind::Boolean)];

pub(super) const CALL_OFF: &[Field] = &[Field::new("reason", Kind::Text(200)).optional()];

/// Events of one tenant with all that is shown of them, from one snapshot.
pub(super) struct Board {
    details: Vec<Detail>,
    products: HashMap<ProductId, Product>,
    prices: Vec<Price>,
    options: Vec<Choice>,
    label: String,
    zone: Zone,
    /// Staff of the tenant look at it.
    for_staff: bool,
}

impl Board {
    pub(super) fn read(tx: &Read, events: Vec<Event>) -> Result<Self, Error> {
        let ids = set(events.iter().map(|event| event.id.0));
        let mut prices = price::of_events(tx, &ids)?;
        products::sort(&mut prices);
        Ok(Self {
            details: event::details(tx, events)?,
            products: product::of_events(tx, &ids)?.into_iter().map(|p| (p.id, p)).collect(),
            prices,
            options: option::list(tx, Page::ALL)?,
            label: place::get(tx)?.label,
            zone: place::zone(tx)?,
            for_staff: false,
        })
    }

    fn seen_by_staff(self, for_staff: bool) -> Self {
        Self { for_staff, ..self }
    }

    fn artists(&self, front: &Front) -> Result<Vec<Listed>, Error> {
        let plays = self.details.iter().flat_map(|detail| &detail.artists);
        let mut ids: Vec<TenantId> = plays.map(|(artist, _)| *artist).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() { Ok(vec![]) } else { front.directory.find_all(&ids) }
    }

    fn context<'a>(&'a self, artists: &'a [Listed], origin: &'a str) -> Context<'a> {
        let Self { details: _, products, prices, options, label, zone, for_staff } = self;
        let for_staff = *for_staff;
        Context { products, prices, options, artists, zone, label, origin, for_staff }
    }
}

pub(super) fn list(call: &Call<'_>, front: &Front) -> Answer {
    let page = page(call)?;
    let query = Body::of_query(call);
    let mut form = Form::check(QUERY, &query.data(call.desk.json_depth)?, true, call.desk)?;
    form.finish()?;
    let drafts = matches!(form.look("published"), Given::Boolean(false));
    let is_staff = if drafts { staff(call, front).map(|_| true)? } else { is_staff(call, front)? };
    let own = |board: Board| {
        let what = board.seen_by_staff(is_staff);
        all(front, vec![Part { what, origin: call.origin.clone() }])
    };
    if let Given::Key(id) = *form.look("series") {
        let id = EventId(id);
        return own(front.tenant.read(|tx| Board::read(tx, series::list(tx, id, page)?))?);
    }
    if drafts {
        return own(front.tenant.read(|tx| Board::read(tx, event::drafts(tx, page)?))?);
    }
    let parts = gather(call, front, page, Board::read)?;
    // Of other tenants' events, staff of an agenda are told what everybody is.
    let is_own = front.tenant.entry().category.traits().programme == Programme::Own;
    let seen =
        |part: Part<Board>| Part { what: part.what.seen_by_staff(is_staff && is_own), ..part };
    all(front, parts.into_iter().map(seen).collect())
}

/// A page of events: at most so many, also for who asks for all.
fn page(call: &Call<'_>) -> Result<Page, Failure> {
    const MOST: i64 = 1_000;
    let page = call.page()?;
    Ok(Page { limit: if page.limit < 0 { MOST } else { page.limit.min(MOST) }, ..page })
}

/// The events of all these tenants in one list, by date.
fn all(front: &Front, parts: Vec<Part<Board>>) -> Answer {
    let mut boards = vec![];
    for Part { what: board, origin } in parts {
        boards.push((board.artists(front)?, board, origin));
    }
    let mut wire = vec![];
    for (artists, board, origin) in &boards {
        let context = board.context(artists, origin);
        wire.extend(
            board.details.iter().map(|d| (d.event.starts, d.event.id, WireEvent::new(d, context))),
        );
    }
    wire.sort_by_key(|(starts, id, _)| (*starts, *id));
    Ok(json(200, &wire.into_iter().map(|(_, _, event)| event).collect::<Vec<_>>()))
}

pub(super) fn show(call: &Call<'_>, front: &Front) -> Answer {
    let id = id(call)?;
    shown(call, front, front.tenant.read(|tx| Board::read(tx, vec![event::get(tx, id)?]))?)
}

pub(super) fn show_by_slug(call: &Call<'_>, front: &Front) -> Answer {
    let board =
        front.tenant.read(|tx| Board::read(tx, vec![event::by_slug(tx, call.param(0))?]))?;
    shown(call, front, board)
}

/// What is not published is there for staff alone; what was cancelled stays for who has its address.
fn shown(call: &Call<'_>, front: &Front, board: Board) -> Answer {
    let hidden = |event: &Event| !event.published && event.cancelled.is_none();
    let hidden = board.details.iter().any(|detail| hidden(&detail.event));
    let is_staff = is_staff(call, front)?;
    if hidden && !is_staff {
        return Err(Error::NotFound.into());
    }
    one(call, front, 200, board.seen_by_staff(is_staff))
}

pub(super) fn one(call: &Call<'_>, front: &Front, status: u16, board: Board) -> Answer {
    let artists = board.artists(front)?;
    let detail = board.details.first().ok_or(Error::NotFound)?;
    Ok(json(status, &WireEvent::new(detail, board.context(&artists, &call.origin))))
}

pub(super) fn id(call: &Call<'_>) -> Result<EventId, Error> {
    read_uuid(call.param(0)).map(EventId).ok_or(Error::NotFound)
}

pub(super) fn create(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    let body = Body::read(call)?;
    let data = body.data(call.desk.json_depth)?;
    let mut form = Form::check(FIELDS, &data, false, call.desk)?;
    form.finish()?;
    let zone = staff.tenant().read(place::zone)?;
    let (playing, names) = artists(&data, front, &zone)?;
    let mut new = blank();
    new.name = names.join(" & ").chars().take(200).collect();
    apply(&mut form, &zone, &mut new)?;
    if new.name.is_empty() {
        return Err(Error::invalid(GENERAL, say::NO_EVENT_NAME).into());
    }
    staff.tenant().read(|tx| links(tx, &data, playing.clone()))?;
    let image = image(call, &data, &mut form)?;
    let max = call.desk.events_max;
    let made = staff.tenant().publish(staff.by(), place::published, |tx| {
        let links = links(tx, &data, playing)?;
        let event = event::create(tx, &new, &links, image.as_ref(), max)?;
        Board::read(tx, vec![event])
    });
    one(call, front, 201, made.map_err(refused)?)
}

/// A form must say its products again, as in the contract; JSON, which the contract's server could not read, need not.
pub(super) fn update(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    let id = id(call)?;
    let body = Body::read(call)?;
    let data = body.data(call.desk.json_depth)?;
    let mut form = Form::check(FIELDS, &data, true, call.desk)?;
    pictures::refuse_removal(&mut form, &data, "img", "img_url");
    form.finish()?;
    if data.is_form && data.list("products").is_none() {
        return Err(Error::invalid(GENERAL, say::PRODUCTS_MISSING).into());
    }
    let (zone, old) = staff.tenant().read(|tx| Ok((place::zone(tx)?, event::get(tx, id)?)))?;
    apply(&mut form, &zone, &mut of(&old))?;
    let (playing, _) = artists(&data, front, &zone)?;
    let image = image(call, &data, &mut form)?;
    let written = staff.tenant().publish(staff.by(), place::published, |tx| {
        let links = links(tx, &data, playing)?;
        let mut new = of(&event::get(tx, id)?);
        apply(&mut form, &zone, &mut new)?;
        Board::read(tx, vec![event::update(tx, id, &new, &links, image.as_ref())?])
    });
    one(call, front, 201, written.map_err(refused)?)
}

pub(super) fn remove(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = id(call)?;
    release_holds(staff.tenant())?;
    let removed = staff.tenant().publish(staff.by(), place::published, |tx| event::remove(tx, id));
    removed.map_err(sold)?;
    Ok(json(200, "deleted"))
}

/// Where seats are sold, an event is not just taken away.
pub(super) fn sold(error: Error) -> Failure {
    match error {
        Error::Refused(Refusal::SeatsSold) => Failure::Answer(json(409, say::SEATS_SOLD)),
        other => other.into(),
    }
}

/// Calls an event off: it is no longer sold or shown, and what was sold goes back, so many reservations in a write, for
/// there may be thousands. Asked for again, it goes on where it stopped.
pub(super) fn call_off(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    const AT_ONCE: u32 = 100;
    let id = id(call)?;
    if !staff.may(Right::Event) {
        return Err(Error::Forbidden.into());
    }
    let body = Body::read(call)?;
    let mut form = Form::check(CALL_OFF, &body.data(call.desk.json_depth)?, false, call.desk)?;
    form.finish()?;
    let reason = form.text("reason").unwrap_or("");
    staff.tenant().publish(staff.by(), place::published, |tx| event::call_off(tx, id))?;
    release_holds(staff.tenant())?;
    let mut all = CalledOff::NOTHING;
    loop {
        let write = |tx: &Write| order::call_off(tx, id, reason, AT_ONCE);
        let some = staff.tenant().write(staff.by(), write)?;
        all.bookings += some.bookings;
        all.back = Money(all.back.0 + some.back.0);
        if some.bookings < AT_ONCE {
            return Ok(json(200, &WireCalledOff::new(all)));
        }
    }
}

fn blank() -> New {
    New {
        name: String::new(),
        category: Category::Concert,
        short_description: None,
        long_description: None,
        link: None,
        starts: Time(0),
        ends: None,
        gauge: 50,
        max_per_user: 10,
        minimum_cashless: 0,
        published: true,
    }
}

pub(super) fn of(event: &Event) -> New {
    let Event {
        id: _,
        name,
        slug: _,
        category,
        short_description,
        long_description,
        link,
        starts,
        ends,
        gauge,
        max_per_user,
        minimum_cashless,
        published,
        image: _,
        taken: _,
        offered: _,
        series: _,
        changed: _,
        cancelled: _,
    } = event.clone();
    New {
        name,
        category,
        short_description,
        long_description,
        link,
        starts,
        ends,
        gauge,
        max_per_user,
        minimum_cashless,
        published,
    }
}

pub(super) fn moment(zone: &Zone, written: Written, field: &'static str) -> Result<Time, Error> {
    let time = zone.moment(written).filter(|time| TIMES.contains(time));
    time.ok_or_else(|| Error::invalid(field, say::OUT_OF_TIME))
}

/// What the fields say, in the place of what was.
fn apply(form: &mut Form, zone: &Zone, new: &mut New) -> Result<(), Error> {
    describe(form, new);
    if let Given::Moment(written) = form.look("datetime") {
        new.starts = moment(zone, *written, "datetime")?;
    }
    match form.look("end_datetime") {
        Given::Moment(written) => new.ends = Some(moment(zone, *written, "end_datetime")?),
        Given::Null => new.ends = None,
        _ => {}
    }
    if new.ends.is_some_and(|ends| ends <= new.starts) {
        return Err(Error::invalid("end_datetime", say::ENDS_BEFORE));
    }
    Ok(())
}

/// The same for all but the hours.
pub(super) fn describe(form: &mut Form, new: &mut New) {
    if let Some(name) = form.text("name").filter(|name| !name.is_empty()) {
        name.clone_into(&mut new.name);
    }
    form.copy_optional("short_description", &mut new.short_description);
    form.copy_optional("long_description", &mut new.long_description);
    form.copy_optional("event_facebook_url", &mut new.link);
    form.set_choice("categorie", &mut new.category, Category::parse);
    form.copy_integer("jauge_max", &mut new.gauge);
    form.copy_integer("max_per_user", &mut new.max_per_user);
    form.copy_integer("minimum_cashless_required", &mut new.minimum_cashless);
    if let Given::Boolean(published) = form.look("published") {
        new.published = *published;
    }
}

/// The artists that the data names, each with its hour, and their names.
#[expect(clippy::type_complexity, reason = "two lists, made in one pass")]
fn artists(
    data: &Data<'_>,
    front: &Front,
    zone: &Zone,
) -> Result<(Option<Vec<(TenantId, Time)>>, Vec<String>), Failure> {
    let Some(values) = data.list("artists") else { return Ok((None, vec![])) };
    if values.len() > LIST_MAX {
        return Err(Error::invalid("artists", say::list_too_long(LIST_MAX)).into());
    }
    let (mut playing, mut names) = (vec![], vec![]);
    for value in values {
        let member = |name: &str| match value {
            Json::Object(members) => {
                members.iter().rev().find(|(key, _)| key == name).map(|m| &m.1)
            }
            _ => None,
        };
        let id = member("uuid").map(Json::as_python).unwrap_or_default();
        let artist = match read_uuid(&id) {
            Some(id) => front.directory.find(TenantId(id))?,
            None => None,
        };
        let Some(artist) = artist.filter(|a| a.category.traits().listing == Listing::Artists)
        else {
            let wrong = serde_json::json!({ "artists": [{ "uuid": [say::no_artist(&id)] }] });
            return Err(Failure::Answer(json(400, &wrong)));
        };
        let at = member("datetime").map(Json::as_python).and_then(|text| Written::parse(&text));
        let at = at.ok_or_else(|| Error::invalid("artists", say::NOT_A_MOMENT))?;
        playing.push((artist.id, moment(zone, at, "artists")?));
        names.push(artist.profile.label);
    }
    Ok((Some(playing), names))
}

/// The products, options and words that the data names; each must be there.
pub(super) fn links(
    tx: &Read,
    data: &Data<'_>,
    artists: Option<Vec<(TenantId, Time)>>,
) -> Result<Links, Error> {
    let mut wrong = vec![];
    let mut named =
        |field: &'static str, thing: &str, is_there: &dyn Fn(uuid::Uuid) -> Result<bool, Error>| {
            let Some(values) = data.list(field) else {
                if data.value(field).is_some_and(Json::is_truthy) {
                    wrong.push(Wrong::new(field, say::NOT_A_LIST));
                }
                return Ok(None);
            };
            if values.len() > LIST_MAX {
                wrong.push(Wrong::new(field, say::list_too_long(LIST_MAX)));
                return Ok(None);
            }
            let mut ids = vec![];
            for value in values {
                let text = value.as_python();
                match read_uuid(&text) {
                    Some(id) if is_there(id)? => ids.push(id),
                    _ => wrong.push(Wrong::new(field, say::not_found(&text, thing))),
                }
            }
            Ok::<_, Error>(Some(ids))
        };
    let products = named("products", "Produit", &|id| product::is_there(tx, ProductId(id), false))?;
    let option = |id| option::is_there(tx, OptionId(id));
    let radio = named("options_radio", "Option", &option)?;
    let checkbox = named("options_checkbox", "Option", &option)?;
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let tags =
        data.list("tags").map(|tags| tags.into_iter().map(Json::as_python).collect::<Vec<_>>());
    if tags.as_ref().is_some_and(|tags| tags.len() > LIST_MAX) {
        return Err(Error::invalid("tags", say::list_too_long(LIST_MAX)));
    }
    if tags.iter().flatten().any(|tag| tag.is_empty() || tag.chars().count() > 50) {
        return Err(Error::invalid("tags", say::too_long(50)));
    }
    Ok(Links {
        products: products.map(|ids| ids.into_iter().map(ProductId).collect()),
        radio: radio.map(|ids| ids.into_iter().map(OptionId).collect()),
        checkbox: checkbox.map(|ids| ids.into_iter().map(OptionId).collect()),
        tags,
        artists,
    })
}

/// An address that names no image is a fault of its own field here.
pub(super) fn image(
    call: &Call<'_>,
    data: &Data<'_>,
    form: &mut Form,
) -> Result<Option<Upload>, Failure> {
    pictures::sent_or_fetched(form.image("img"), data, "img_url", Purpose::Place, call.desk)
}

pub(super) fn refused(error: Error) -> Error {
    match error {
        Error::Refused(Refusal::NameTaken) => Error::invalid(GENERAL, say::EVENT_TAKEN),
        Error::Refused(Refusal::GaugeTaken) => Error::invalid("jauge_max", say::GAUGE_TAKEN),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_of_event_may_be_chosen() {
        let all: Vec<_> = Category::ALL.iter().map(|category| category.as_str()).collect();
        assert_eq!(all, CATEGORIES);
    }
}
