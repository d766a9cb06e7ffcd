//! `/v2/catalogs` and the lists of them below a tenant: what the tenant that is worked on has, uses and shows.

use super::given::{Given, page};
use super::tenants::current;
use super::wire::{answer, many, one};
use super::wire_catalog::{WireCatalog, WireItem};
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::{Error, Refusal, Result};
use crate::root::Staff;
use crate::root::catalogue::{Catalogue, Record, View, Wish};
use crate::trade::catalogue;
use crate::values::Slug;

/// Tenants that a catalogue may be shared with.
const SHARES: usize = 1_000;

/// Things that may be named at once.
const ITEMS: usize = 5_000;

fn listed(call: &Call<'_>, staff: &Staff, view: View) -> Answer {
    let page = page(call)?;
    let (found, total) = staff.catalogues(view, page.limit, page.offset)?;
    let all: Vec<_> = found.into_iter().map(WireCatalog::new).collect();
    Ok(many(call, "catalogs", &all, total))
}

/// The tenant's own.
pub(super) fn own(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    current(call, front)?;
    listed(call, staff, View::Own)
}

/// Those that it uses.
pub(super) fn visible(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    current(call, front)?;
    listed(call, staff, View::Visible)
}

/// Those that it shows.
pub(super) fn shown(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    current(call, front)?;
    listed(call, staff, View::Shown)
}

/// All that it may use.
pub(super) fn usable(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    listed(call, staff, View::Usable)
}

fn id(call: &Call<'_>) -> Result<Slug> {
    Slug::parse(call.param(0)).ok_or(Error::NotFound)
}

/// One that the tenant may use.
pub(super) fn show(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let found = staff.catalogue(&id(call)?)?;
    Ok(one(call, "catalog", WireCatalog::new(found)))
}

/// What a body says of a catalogue, on top of what it was.
fn read(given: &Given, mut record: Record) -> Result<(Record, Option<Vec<Slug>>)> {
    record.name = given.text("name", 100)?.unwrap_or(record.name);
    record.label = given.text("label", 200)?.unwrap_or(record.label);
    if record.label.is_empty() {
        record.label.clone_from(&record.name);
    }
    if let Some(description) = given.clearable("description", 2_000)? {
        record.description = description;
    }
    if let Some(language) = given.text("language", 2)? {
        if language.len() != 2 || !language.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Err(Error::invalid("language", "must be two lower-case letters"));
        }
        record.language = language;
    }
    record.public = given.flag("public")?.unwrap_or(record.public);
    record.active = given.flag("active")?.unwrap_or(record.active);
    record.hidden = given.flag("hidden")?.unwrap_or(record.hidden);
    if let Some(status) = given.number("visibilityStatus")? {
        let known = u8::try_from(status).ok().filter(|status| *status < 3);
        let wrong = || Error::invalid("visibilityStatus", "must be 0, 1 or 2");
        record.status = known.ok_or_else(wrong)?;
    }
    let none = || Error::invalid("accessibleByTenants", "must be names of tenants");
    let shared = given.texts("accessibleByTenants", SHARES)?.map(|names| {
        names.iter().map(|name| Slug::parse(name).ok_or_else(none)).collect::<Result<Vec<_>>>()
    });
    Ok((record, shared.transpose()?))
}

/// Makes a catalogue of the tenant that is worked on.
pub(super) fn create(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    let given = Given::body(call)?.within("catalog")?;
    let empty = Record {
        name: String::new(),
        label: String::new(),
        description: None,
        language: "fr".to_owned(),
        public: false,
        active: true,
        hidden: false,
        status: 0,
    };
    let (record, shared) = read(&given, empty)?;
    if record.name.is_empty() {
        return Err(Error::invalid("name", "is required").into());
    }
    let wrong = || Error::invalid("id", "must be 1 to 63 of a-z, 0-9, - and _");
    let id = match given.text("id", 63)? {
        Some(id) => Slug::parse(&id).ok_or_else(wrong)?,
        None => Slug::of(&record.name).ok_or_else(wrong)?,
    };
    let made = staff.create_catalogue(&id, &record, &shared.unwrap_or_default())?;
    // A crash may have left what was in an earlier one of this name.
    front.tenant.write(staff.by(), |tx| catalogue::set_items(tx, &id, &[]))?;
    Ok(one(call, "catalog", WireCatalog::new(made)))
}

/// Changes one of the tenant's own; what is absent stays.
pub(super) fn update(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let (id, given) = (id(call)?, Given::body(call)?.within("catalog")?);
    let (_, shared) = read(&given, owned(staff, &id)?.record)?;
    let change = |record| read(&given, record).map(|(record, _)| record);
    let changed = staff.change_catalogue(&id, change, shared.as_deref())?;
    Ok(one(call, "catalog", WireCatalog::new(changed)))
}

/// One of the tenant's own; of others nobody here may change anything.
fn owned(staff: &Staff, id: &Slug) -> Result<Catalogue> {
    let known = staff.catalogue(id)?;
    if known.own { Ok(known) } else { Err(Error::Forbidden) }
}

/// Takes a draft away.
pub(super) fn remove(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    let id = id(call)?;
    owned(staff, &id)?;
    staff.remove_catalogue(&id)?;
    front.tenant.write(staff.by(), |tx| catalogue::forget(tx, &id))?;
    Ok(answer(204, &()))
}

/// What is in one that the tenant may use; of another's only what is published.
pub(super) fn items(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    let (known, page) = (staff.catalogue(&id(call)?)?, page(call)?);
    let look = |tx: &crate::root::Read| {
        let (id, whole, public) = (&known.id, known.whole, !known.own);
        let found = catalogue::items(tx, id, whole, public, page)?;
        Ok((found, catalogue::count(tx, id, whole, public)?))
    };
    let (found, total) = if known.own {
        front.tenant.read(look)?
    } else {
        front.directory.shown(&known.owner_slug)?.ok_or(Error::NotFound)?.read(look)?
    };
    let all: Vec<_> = found.into_iter().map(|item| WireItem::new(&known.id, item)).collect();
    Ok(many(call, "items", &all, total))
}

/// Says what is in one of the tenant's own; the whole one holds all by itself.
pub(super) fn fill(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    let known = owned(staff, &id(call)?)?;
    if known.whole {
        return Err(Error::Refused(Refusal::InUse).into());
    }
    let named = Given::body(call)?.ids("items", ITEMS)?;
    let named = named.ok_or_else(|| Error::invalid("items", "is required"))?;
    // The name of a catalogue may stand before it, as in the list of any that it is in.
    let bare = |text: &String| {
        let text = text.rsplit_once(':').map_or(text.as_str(), |(_, id)| id);
        text.parse().map_err(|_| Error::invalid("items", "must be ids of products and events"))
    };
    let ids = named.iter().map(bare).collect::<Result<Vec<_>>>()?;
    front.tenant.write(staff.by(), |tx| catalogue::set_items(tx, &known.id, &ids))?;
    items(call, front, staff)
}

/// The connections that a tenant's object wishes for.
pub(super) fn wishes(given: &mut Given) -> Result<Option<Vec<Wish>>, Failure> {
    const NAME: &str = "catalogConnections";
    let Some(wished) = given.objects(NAME)? else { return Ok(None) };
    let wish = |one: &Given| {
        let id = one.text("id", 63)?.as_deref().and_then(Slug::parse);
        let level = one.number("visibilityLevel")?.map(u8::try_from).transpose();
        Ok(Wish {
            id: id.ok_or_else(|| Error::invalid(NAME, "each needs the id of a catalogue"))?,
            active: one.flag("active")?,
            level: level.map_err(|_| Error::invalid(NAME, "visibilityLevel must be 0, 5 or 10"))?,
        })
    };
    Ok(Some(wished.iter().map(wish).collect::<Result<Vec<_>>>()?))
}
