//! The tenant as this dialect shows it.

use super::held::{Held, WireConnection, WirePackage};
use crate::root::organizer::{Organizer, Record};
use schemars::JsonSchema;
use serde::Serialize;

/// What a tenant may use, unless it says otherwise.
const MODULES: [&str; 7] = [
    "basic_usage",
    "catalog_management",
    "user_management",
    "tenant_statistics",
    "tenant_payment",
    "ticketing",
    "membership",
];

/// Only for who may see it; the members are absent for all others.
#[derive(Default)]
pub(super) struct Private {
    /// Webhook and key, for who manages the tenant.
    pub(super) secrets: Option<(Option<String>, String)>,
    /// Who is connected, for who manages users.
    pub(super) users: Option<Vec<i64>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoomleTenant")]
pub(super) struct WireTenant {
    id: i64,
    name: String,
    label: String,
    active: bool,
    show_language_switch: bool,
    default_language: String,
    authentication_required: bool,
    visibility: u8,
    privacy_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<String>,
    packages: Vec<WirePackage>,
    configurators: Vec<String>,
    links: WireLinks,
    allow_registration: bool,
    branded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    users: Option<Vec<i64>>,
    skin: i64,
    catalogs: Vec<String>,
    visible_catalogs: Vec<String>,
    shown_catalogs: Vec<String>,
    configuration: String,
    modules: Vec<String>,
    catalog_connections: Vec<WireConnection>,
}

/// Where more of it is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoomleTenantLinks")]
struct WireLinks {
    plans: String,
    roles: String,
    users: String,
    catalogs: String,
    retailer_infos: String,
    visible_catalogs: String,
    shown_catalogs: String,
    payment_connections: String,
    billing_information: String,
    usages: String,
    asset_processings: String,
    enabled_tags: String,
}

impl WireLinks {
    fn of(no: i64) -> Self {
        let at = |what: &str| format!("/tenants/{no}/{what}/");
        Self {
            plans: format!("/tenants/{no}/plans"),
            roles: at("roles"),
            users: at("users"),
            catalogs: at("catalogs"),
            retailer_infos: at("retailerInfos"),
            visible_catalogs: at("visibleCatalogs"),
            shown_catalogs: at("shownCatalogs"),
            payment_connections: at("paymentConnections"),
            billing_information: at("billingInformation"),
            usages: at("usages"),
            asset_processings: at("assetProcessings"),
            enabled_tags: at("enabledTags"),
        }
    }
}

impl WireTenant {
    pub(super) fn new(organizer: Organizer, held: Held, private: Private) -> Self {
        let Organizer { no, slug, active, label, record, .. } = organizer;
        let Record { visibility, show_languages, language, needs_login, may_register, .. } = record;
        let Record { branded, privacy_url, configuration, modules, .. } = record;
        let Held { packages, catalogs, visible, shown, connections, configurators } = held;
        let (webhook, api_key) = private.secrets.unzip();
        let named = modules.and_then(|modules| serde_json::from_str(&modules).ok());
        Self {
            id: no,
            name: slug.to_string(),
            label,
            active,
            show_language_switch: show_languages,
            default_language: language,
            authentication_required: needs_login,
            visibility,
            privacy_url,
            webhook,
            api_key,
            packages,
            configurators,
            links: WireLinks::of(no),
            allow_registration: may_register,
            branded,
            users: private.users,
            skin: no,
            catalogs,
            visible_catalogs: visible,
            shown_catalogs: shown,
            configuration,
            modules: named.unwrap_or_else(|| MODULES.map(str::to_owned).to_vec()),
            catalog_connections: connections,
        }
    }
}
