//! The dialect of the Roomle tenant API: tenants by number, an application's key with a token, roles as numbers.
//!
//! What must stay true: every request but a preflight carries a key and a token; whatever ails a token, the answer is
//! one; what is about a tenant is asked while working on it.

mod billing;
mod caller;
mod catalogs;
mod change;
mod commerce;
mod errors;
mod given;
mod held;
mod imported;
mod payments;
mod processings;
mod promocodes;
mod routes;
mod tags;
mod tenants;
pub mod token;
mod usages;
mod wire;
mod wire_catalog;
mod wire_tenant;

pub use token::Tokens;

use super::Door;

/// The door.
pub static DOOR: Door = Door {
    name: "roomle",
    routes: &[routes::ROUTES, commerce::ROUTES],
    tenant: caller::tenant,
    slash_is_free: true,
    also_under: "/api",
    caller: caller::caller,
    greet: |_| Ok(()),
    error: errors::answer,
};
