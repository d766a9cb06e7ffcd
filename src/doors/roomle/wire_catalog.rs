//! Catalogues as this dialect shows them.

use crate::root::catalogue::{Catalogue, Record};
use crate::trade::catalogue::Item;
use crate::values::Slug;
use schemars::JsonSchema;
use serde::Serialize;

/// A catalogue, as the tenant that is worked on sees it. What nothing stands behind here says so by `false`.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoomleCatalog")]
pub(super) struct WireCatalog {
    id: String,
    name: String,
    label: String,
    description: Option<String>,
    language: String,
    translations: Vec<String>,
    free: bool,
    public: bool,
    featured: bool,
    created: String,
    updated: String,
    active: bool,
    hidden: bool,
    visibility_status: u8,
    publicly_orderable: bool,
    mandatory: bool,
    orderable: bool,
    requestable: bool,
    retail_price_allowed: bool,
    hidden_by_user: bool,
    hidden_by_tenant: bool,
    tenant_is_owner: bool,
    purchased: bool,
    branded: bool,
    shown_in_overview: bool,
    tags: Vec<String>,
    root_tags: Vec<String>,
    tenant: i64,
    accessible_by_tenants: Vec<String>,
    links: WireLinks,
}

/// Where more of it is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoomleCatalogLinks")]
struct WireLinks {
    items: String,
}

impl WireCatalog {
    pub(super) fn new(catalogue: Catalogue) -> Self {
        let Catalogue { id, owner, owner_slug: _, whole, record, shared, own, .. } = catalogue;
        let Catalogue { connected, level, created, changed, .. } = catalogue;
        let Record { name, label, description, language, public, active, hidden, status } = record;
        let shown = connected && level >= 10 && active;
        Self {
            name,
            label,
            description,
            language,
            translations: vec![],
            free: false,
            public,
            featured: false,
            created: created.millis(),
            updated: changed.millis(),
            active,
            hidden,
            visibility_status: status,
            publicly_orderable: false,
            mandatory: whole && own,
            orderable: false,
            requestable: false,
            retail_price_allowed: false,
            hidden_by_user: false,
            hidden_by_tenant: !shown,
            tenant_is_owner: own,
            purchased: false,
            branded: false,
            shown_in_overview: shown,
            tags: vec![],
            root_tags: vec![],
            tenant: owner,
            accessible_by_tenants: shared,
            links: WireLinks { items: format!("/catalogs/{id}/items") },
            id: id.to_string(),
        }
    }
}

/// One thing in a catalogue.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoomleCatalogItem")]
pub(super) struct WireItem {
    id: String,
    catalog: String,
    r#type: &'static str,
    label: String,
}

impl WireItem {
    pub(super) fn new(catalogue: &Slug, item: Item) -> Self {
        let Item { id, is_event, name } = item;
        Self {
            id: format!("{catalogue}:{id}"),
            catalog: catalogue.to_string(),
            r#type: if is_event { "event" } else { "product" },
            label: name,
        }
    }
}
