//! The dialect of the Roomle tenant API: tenants by number, an application's key with a token, roles as numbers.
//!
//! What must stay true: every request but a preflight carries a key and a token; whatever ails a token, the answer is
//! one; what is about a tenant is asked while working on it.

mod accounts;
mod auth;
mod billing;
mod caller;
mod catalogs;
mod change;
mod commerce;
mod configurators;
mod errors;
pub mod events;
mod given;
mod held;
mod imported;
mod payments;
mod processings;
mod promocodes;
mod routes;
mod skins;
mod tags;
mod tenants;
pub mod token;
mod usages;
mod users;
mod wire;
mod wire_catalog;
mod wire_tenant;
mod wire_user;

pub use token::Tokens;

use super::{Asked, Door};

/// The door.
pub static DOOR: Door = Door {
    name: "roomle",
    routes: routes::ROUTES,
    asked: Asked::Together(caller::asked),
    slash_is_free: true,
    also_under: "/api",
    greet: |_| Ok(()),
    error: errors::answer,
};
