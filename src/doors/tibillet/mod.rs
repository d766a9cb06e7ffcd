//! The dialect of a TiBillet server of October 2022: places, products, prices, options, tokens.
//!
//! Shapes, statuses, key order and sentences are the contract's; its defects are not. Rights follow the contract: lists
//! are public, a key that is wrong is nobody, a bad Bearer token is refused even there.

mod caller;
mod cancelling;
mod cards;
mod carts;
mod checkouts;
mod closings;
pub(super) mod data;
mod errors;
mod events;
mod exports;
mod fees;
pub mod fields;
mod gates;
mod here;
mod hooks;
mod json;
mod mails;
mod memberships;
mod messages;
mod methods;
mod options;
mod orders;
mod pictures;
mod places;
mod prices;
mod prints;
mod products;
mod promotions;
mod refunds;
mod repeat;
mod reservations;
mod routes;
mod series;
mod settings;
mod terminals;
mod tickets;
mod user;
mod waiting;
mod wire;
mod wire_door;
mod wire_event;
mod wire_fee;
mod wire_listed;
mod wire_me;
mod wire_offer;
mod wire_order;
mod written;

pub use caller::Presented;
pub use hooks::{Message, message};

use super::{Asked, Door};

/// The door.
pub static DOOR: Door = Door {
    name: "tibillet",
    routes: routes::ROUTES,
    asked: Asked::Apart(super::by_host, caller::caller),
    slash_is_free: false,
    also_under: "",
    greet: caller::greet,
    error: errors::answer,
};

/// Are errors of this route's path to be redirected to the same path with a slash? All of this door's are.
#[must_use]
pub fn slash_is_missing(path: &str) -> bool {
    !path.ends_with('/')
        && super::find(&format!("{path}/"))
            .is_some_and(|found| std::ptr::eq(found.door, &raw const DOOR))
}
