//! What a tenant holds of packages and catalogues, as its object shows it.

use crate::doors::{Failure, Front};
use crate::root::organizer::Organizer;
use schemars::JsonSchema;
use serde::Serialize;

/// A package that runs.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoomlePackage")]
pub(super) struct WirePackage {
    id: String,
    package: String,
    from_promocode: bool,
    valid_from: String,
    valid_till: String,
}

/// A catalogue that a tenant owns, may use or wants to show.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoomleCatalogConnection")]
pub(super) struct WireConnection {
    id: String,
    active: bool,
    owner: bool,
    public: bool,
    visibility_level: u8,
}

/// All of that.
#[derive(Default)]
pub(super) struct Held {
    pub(super) packages: Vec<WirePackage>,
    pub(super) catalogs: Vec<String>,
    pub(super) visible: Vec<String>,
    pub(super) shown: Vec<String>,
    pub(super) connections: Vec<WireConnection>,
}

/// What these tenants hold, in their order. There are no packages and no catalogues yet, so nothing can be held.
pub(super) fn of(_: &Front, tenants: &[Organizer]) -> Result<Vec<Held>, Failure> {
    Ok(tenants.iter().map(|_| Held::default()).collect())
}
