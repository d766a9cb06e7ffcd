//! What a tenant holds of packages and catalogues, as its object shows it.

use crate::doors::{Failure, Front};
use crate::root::catalogue::{Commerce, Link};
use crate::root::organizer::Organizer;
use crate::root::package;
use crate::values::Package;
use schemars::JsonSchema;
use serde::Serialize;

/// The end of what has none.
const NEVER: &str = "2100-01-01T00:00:00.000Z";

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

impl WirePackage {
    /// What everybody has, since they are there.
    fn free(tenant: &Organizer) -> Self {
        let name = Package::Free.as_str().to_owned();
        Self {
            id: name.clone(),
            package: name,
            from_promocode: false,
            valid_from: tenant.created.millis(),
            valid_till: NEVER.to_owned(),
        }
    }

    fn new(held: package::Held) -> Self {
        let package::Held { id, package, from_code, starts, ends } = held;
        Self {
            id: id.map_or_else(|| package.as_str().to_owned(), |id| id.to_string()),
            package: package.as_str().to_owned(),
            from_promocode: from_code,
            valid_from: starts.millis(),
            valid_till: ends.map_or_else(|| NEVER.to_owned(), |ends| ends.millis()),
        }
    }
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
    pub(super) configurators: Vec<String>,
}

impl Held {
    pub(super) fn new(tenant: &Organizer, commerce: Commerce) -> Self {
        let Commerce { packages, links, shops } = commerce;
        let named = |which: &dyn Fn(&Link) -> bool| {
            links.iter().filter(|link| which(link)).map(|link| link.id.clone()).collect()
        };
        let free = std::iter::once(WirePackage::free(tenant));
        Self {
            packages: free.chain(packages.into_iter().map(WirePackage::new)).collect(),
            catalogs: named(&|link| link.owner),
            visible: named(&|link| link.active && link.level >= 5),
            shown: named(&|link| link.active && link.level >= 10),
            connections: links.into_iter().map(WireConnection::new).collect(),
            configurators: shops,
        }
    }
}

impl WireConnection {
    fn new(link: Link) -> Self {
        let Link { id, active, owner, public, level } = link;
        Self { id, active, owner, public, visibility_level: level }
    }
}

/// What these tenants hold, in their order.
pub(super) fn of(front: &Front, tenants: &[Organizer]) -> Result<Vec<Held>, Failure> {
    let ids: Vec<_> = tenants.iter().map(|tenant| tenant.id).collect();
    let found = front.directory.commerce(&ids)?;
    Ok(tenants.iter().zip(found).map(|(tenant, commerce)| Held::new(tenant, commerce)).collect())
}
