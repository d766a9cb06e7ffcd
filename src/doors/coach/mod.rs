//! The dialect of a Coach server of 2015: a tenant, its users, units and teams, for programs that hold its pair of key
//! and secret. JSON or XML, as the request's Content-Type says.

mod caller;
mod doc;
mod errors;
mod input;
mod license;
mod people;
mod routes;
mod teams;
mod tenants;
mod tree;
mod units;
mod users;
mod xml;

use super::{Asked, Door};

/// The door.
pub static DOOR: Door = Door {
    name: "coach",
    routes: &[routes::ROUTES],
    asked: Asked::Apart(caller::tenant, caller::caller),
    slash_is_free: true,
    also_under: "",
    greet: |_| Ok(()),
    error: errors::answer,
};

/// The number that stands before a tenant's own in its code: the first is 1000.
const FIRST_CODE: i64 = 1_000;
