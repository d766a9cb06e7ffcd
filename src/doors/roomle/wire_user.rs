//! People as this dialect shows them: little of who has not consented, all of who looks at himself.

use crate::root::connection::Connection;
use crate::root::{Account, Right, Role};
use schemars::JsonSchema;
use serde::Serialize;

/// Somebody; what is none is not told.
#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoomleUser")]
pub(super) struct WireUser {
    id: i64,
    email: String,
    roles_in_tenant: Vec<i64>,
    #[serde(flatten)]
    basic: Option<WireBasic>,
    /// Of oneself.
    #[serde(skip_serializing_if = "Option::is_none")]
    tenants: Option<Vec<i64>>,
    /// Of oneself.
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<WireLinks>,
}

/// Where more of oneself is; of what is not kept here there is no link.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoomleUserLinks")]
struct WireLinks {
    tenants: String,
    connected_tenants: String,
    roles: String,
}

impl WireLinks {
    fn of(no: i64) -> Self {
        let tenants = format!("/users/{no}/tenants");
        Self { connected_tenants: tenants.clone(), tenants, roles: format!("/users/{no}/roles") }
    }
}

/// What somebody says of himself.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoomleBasicUser")]
struct WireBasic {
    username: String,
    firstname: Option<String>,
    lastname: Option<String>,
    phone: Option<String>,
    locale: String,
    active: bool,
    register_date: String,
    last_login: Option<String>,
    provided_consent_in_tenant: bool,
    /// The numbers of the roles at this tenant, not what they are.
    roles: Vec<i64>,
}

impl WireUser {
    /// Somebody who is connected, as his tenant may see him.
    pub(super) fn connected(connection: &Connection) -> Self {
        let account = &connection.account;
        Self {
            id: account.no,
            email: account.email.to_string(),
            roles_in_tenant: codes(&connection.roles),
            basic: connection.consent.map(|_| WireBasic::new(account, Some(connection))),
            tenants: None,
            links: None,
        }
    }

    /// The same once he is connected no longer.
    pub(super) fn gone(account: &Account) -> Self {
        Self { id: account.no, email: account.email.to_string(), ..Self::default() }
    }

    /// Oneself.
    pub(super) fn own(account: &Account, here: Option<&Connection>, tenants: Vec<i64>) -> Self {
        Self {
            id: account.no,
            email: account.email.to_string(),
            roles_in_tenant: here.map_or_else(Vec::new, |here| codes(&here.roles)),
            basic: Some(WireBasic::new(account, here)),
            tenants: Some(tenants),
            links: Some(WireLinks::of(account.no)),
        }
    }
}

impl WireBasic {
    fn new(account: &Account, here: Option<&Connection>) -> Self {
        let username = here.and_then(|here| here.username.clone());
        Self {
            username: username.unwrap_or_else(|| account.email.to_string()),
            firstname: account.first_name.clone(),
            lastname: account.last_name.clone(),
            phone: account.phone.clone(),
            locale: account.language.clone(),
            active: account.active,
            register_date: account.created.millis(),
            last_login: account.last_login.map(|at| at.millis()),
            provided_consent_in_tenant: here.is_some_and(|here| here.consent.is_some()),
            roles: here
                .map_or_else(Vec::new, |here| told(&here.roles).map(|(no, _)| *no).collect()),
        }
    }
}

/// Those that this dialect has a word for: not that of a device at the door.
fn told(roles: &[(i64, Role)]) -> impl Iterator<Item = &(i64, Role)> {
    roles.iter().filter(|(_, role)| *role != Role::Gate)
}

fn codes(roles: &[(i64, Role)]) -> Vec<i64> {
    told(roles).map(|(_, role)| role.code()).collect()
}

/// One role of somebody.
#[derive(Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoomleUser2Tenant")]
pub(super) struct WireRole {
    id: i64,
    tenant_id: i64,
    user_id: i64,
    role: i64,
    allowed_modules: Vec<u8>,
    created: String,
}

/// The numbers of modules: for everybody, and for whom who has a right.
const MODULES: [(u8, Option<Right>); 5] = [
    (0, None),
    (10, Some(Right::CatalogueMeta)),
    (20, Some(Right::Users)),
    (30, Some(Right::Statistics)),
    (40, Some(Right::Payment)),
];

impl WireRole {
    pub(super) fn all(connection: &Connection, tenant: i64) -> impl Iterator<Item = Self> {
        told(&connection.roles).map(move |(no, role)| Self {
            id: *no,
            tenant_id: tenant,
            user_id: connection.account.no,
            role: role.code(),
            allowed_modules: modules(*role),
            created: connection.created.millis(),
        })
    }
}

fn modules(role: Role) -> Vec<u8> {
    let may = |right: &Option<Right>| right.is_none_or(|right| role.rights().has(right));
    MODULES.iter().filter(|(_, right)| may(right)).map(|(number, _)| *number).collect()
}
