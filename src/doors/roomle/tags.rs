//! `/v2/tags` and `/v2/tenants/:id/enabledTags`: the words that the events of the tenant that is worked on are filed under.

use super::given::{Given, page};
use super::tenants::current;
use super::wire::{answer, many, one};
use super::wire_catalog::WireItem;
use crate::doors::{Answer, Call, Front};
use crate::error::{Error, Result};
use crate::root::{Caller, Staff};
use crate::trade::tag::{self, Tag};
use crate::trade::{Page, setting};
use crate::values::{Language, Slug};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use schemars::JsonSchema;
use serde::Serialize;

/// A tag.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoomleTag")]
pub(super) struct WireTag {
    id: String,
    global: bool,
    created: String,
    updated: String,
    catalog: String,
    label: String,
    language: &'static str,
    items: Vec<String>,
    tags: Vec<String>,
    parents: Vec<String>,
    enabled: bool,
    hidden: bool,
    visibility_status: u8,
    links: WireLinks,
}

/// Where more of it is; of what is not kept here there is no link.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoomleTagLinks")]
struct WireLinks {
    items: String,
}

impl WireTag {
    fn new(tenant: &Slug, speaks: Language, tag: Tag) -> Self {
        let Tag { id, label, enabled, hidden, created, changed, events } = tag;
        let path = utf8_percent_encode(&id, NON_ALPHANUMERIC);
        let links = WireLinks { items: format!("/tags/{path}/items") };
        Self {
            id,
            links,
            global: false,
            created: created.millis(),
            updated: changed.millis(),
            catalog: tenant.to_string(),
            label,
            language: speaks.as_str(),
            items: events.iter().map(|event| format!("{tenant}:{event}")).collect(),
            tags: vec![],
            parents: vec![],
            enabled,
            hidden,
            visibility_status: u8::from(hidden),
        }
    }
}

fn listed(call: &Call<'_>, front: &Front, enabled: bool, page: Page) -> Answer {
    let read =
        |tx: &crate::root::Read| Ok((tag::list(tx, enabled, page)?, setting::get(tx)?.language));
    let ((found, total), speaks) = front.tenant.read(read)?;
    let slug = &front.tenant.entry().slug;
    let all: Vec<_> = found.into_iter().map(|tag| WireTag::new(slug, speaks, tag)).collect();
    Ok(many(call, "tags", &all, total))
}

/// Those that may be looked for, to whoever works on the tenant.
pub(super) fn enabled(call: &Call<'_>, front: &Front, _: &Caller) -> Answer {
    current(call, front)?;
    listed(call, front, true, page(call)?)
}

/// All of them.
pub(super) fn list(call: &Call<'_>, front: &Front, _: &Staff) -> Answer {
    listed(call, front, false, page(call)?)
}

fn shown(call: &Call<'_>, front: &Front, tag: Tag) -> Answer {
    let speaks = front.tenant.read(|tx| Ok(setting::get(tx)?.language))?;
    Ok(one(call, "tag", WireTag::new(&front.tenant.entry().slug, speaks, tag)))
}

/// One of them.
pub(super) fn show(call: &Call<'_>, front: &Front, _: &Staff) -> Answer {
    let found = front.tenant.read(|tx| tag::get(tx, call.param(0)))?;
    shown(call, front, found)
}

/// The events that stand under it, the newest first.
pub(super) fn items(call: &Call<'_>, front: &Front, _: &Staff) -> Answer {
    let page = page(call)?;
    let (found, total) = front.tenant.read(|tx| tag::items(tx, call.param(0), page))?;
    let slug = &front.tenant.entry().slug;
    let all: Vec<_> = found.into_iter().map(|item| WireItem::new(slug, item)).collect();
    Ok(many(call, "items", &all, total))
}

/// Makes one.
pub(super) fn create(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    let given = Given::body(call)?.within("tag")?;
    let id = given.text("id", 100)?.ok_or_else(|| Error::invalid("id", "is required"))?;
    let label = given.text("label", 100)?.unwrap_or_else(|| id.clone());
    let (enabled, hidden) = (given.flag("enabled")?, given.flag("hidden")?);
    let (enabled, hidden) = (enabled.unwrap_or(true), hidden.unwrap_or(false));
    let made =
        front.tenant.write(staff.by(), |tx| tag::create(tx, &id, &label, enabled, hidden))?;
    shown(call, front, made)
}

/// Changes one; what is absent stays.
pub(super) fn update(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    let given = Given::body(call)?.within("tag")?;
    let (label, enabled) = (given.text("label", 100)?, given.flag("enabled")?);
    let hidden = given.flag("hidden")?;
    let changed: Result<Tag> = front.tenant.write(staff.by(), |tx| {
        let Tag { id, label: old, enabled: was, hidden: hid, .. } = tag::get(tx, call.param(0))?;
        let label = label.as_ref().unwrap_or(&old);
        tag::update(tx, &id, label, enabled.unwrap_or(was), hidden.unwrap_or(hid))
    });
    shown(call, front, changed?)
}

/// Takes one away that no event stands under.
pub(super) fn remove(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    front.tenant.write(staff.by(), |tx| tag::remove(tx, call.param(0)))?;
    Ok(answer(204, &()))
}
