//! The table of this door, by what its routes are about.

mod cards;
mod catalogue;
mod door;
mod events;
mod people;
mod sales;
mod venue;

use crate::doors::Route;

/// All routes.
pub(super) const ROUTES: &[&[Route]] = &[
    venue::ROUTES,
    catalogue::ROUTES,
    events::ROUTES,
    sales::ROUTES,
    door::ROUTES,
    people::ROUTES,
    cards::ROUTES,
];
