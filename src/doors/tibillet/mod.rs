//! The dialect of a TiBillet server of October 2022: places, products, prices, options, tokens.
//!
//! Shapes, statuses, key order and sentences are the contract's; its defects are not. Rights follow the contract: lists
//! are public, a key that is wrong is nobody, a bad Bearer token is refused even there.

mod caller;
mod checkouts;
mod data;
mod errors;
mod events;
pub mod fields;
mod here;
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
mod products;
mod repeat;
mod reservations;
mod tickets;
mod user;
mod wire;
mod wire_event;
mod wire_order;

pub use caller::Presented;

use super::{Door, Guard, Handler, Lane, Method, Place, Route};
use crate::root::Right;
use methods::{change, delete, get, list, patch, post, survey};

/// The door.
pub static DOOR: Door = Door {
    name: "tibillet",
    routes: ROUTES,
    caller: caller::caller,
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

const ROUTES: &[Route] = &[
    Route {
        path: "/api/place/",
        name: "places",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Place)),
        methods: &[
            survey(Handler::Public(places::list_places), "All venues and festivals.", wire::places),
            Method {
                lane: Lane::Slow,
                ..post(
                    Handler::Founder(places::create_place),
                    "Makes a venue or festival.",
                    wire::place,
                    places::FIELDS,
                )
            },
        ],
    },
    Route {
        path: "/api/place/{id}/",
        name: "place",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Place)),
        methods: &[
            get(Handler::Public(places::show), "One venue or festival.", wire::place),
            change(Handler::Staff(places::update_place)),
        ],
    },
    Route {
        path: "/api/artist/",
        name: "artists",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Artist)),
        methods: &[
            survey(Handler::Public(places::list_artists), "All artists.", wire::places),
            Method {
                lane: Lane::Slow,
                ..post(
                    Handler::Founder(places::create_artist),
                    "Makes an artist.",
                    wire::place,
                    places::FIELDS,
                )
            },
        ],
    },
    Route {
        path: "/api/artist/{id}/",
        name: "artist",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Artist)),
        methods: &[
            get(
                Handler::Public(places::show),
                "One venue or festival, as in the contract: artists are not found here.",
                wire::place,
            ),
            change(Handler::Staff(places::update_artist)),
        ],
    },
    Route {
        path: "/api/here/",
        name: "here",
        place: Place::Shops,
        guard: Guard::Staff(None),
        methods: &[get(
            Handler::Public(here::show),
            "The tenant of this host, with its memberships.",
            wire::here,
        )],
    },
    Route {
        path: "/api/products/",
        name: "products",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Product)),
        methods: &[
            list(
                Handler::Public(products::list),
                "All products with their prices.",
                wire::products,
            ),
            Method {
                lane: Lane::Slow,
                ..post(
                    Handler::Staff(products::create),
                    "Makes a product.",
                    wire::product,
                    products::FIELDS,
                )
            },
        ],
    },
    Route {
        path: "/api/products/{id}/",
        name: "product",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Product)),
        methods: &[
            get(Handler::Public(products::show), "One product with its prices.", wire::product),
            Method {
                lane: Lane::Slow,
                ..patch(
                    Handler::Staff(products::update),
                    "Changes a product.",
                    wire::product,
                    products::FIELDS,
                )
            },
            delete(
                Handler::Staff(products::remove),
                "Takes a product away; one that others need is archived.",
            ),
        ],
    },
    Route {
        path: "/api/prices/",
        name: "prices",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Product)),
        methods: &[
            list(Handler::Public(prices::list), "All prices, cheapest first.", wire::prices),
            post(Handler::Staff(prices::create), "Makes a price.", wire::price, prices::FIELDS),
        ],
    },
    Route {
        path: "/api/prices/{id}/",
        name: "price",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Product)),
        methods: &[
            get(Handler::Public(prices::show), "One price.", wire::price),
            patch(Handler::Staff(prices::update), "Changes a price.", wire::price, prices::FIELDS),
            delete(Handler::Staff(prices::remove), "Takes a price away."),
        ],
    },
    Route {
        path: "/api/optionticket/",
        name: "options",
        place: Place::Shops,
        guard: Guard::Staff(None),
        methods: &[
            list(Handler::Public(options::list), "All options.", wire::options),
            post(
                Handler::Staff(options::create),
                "Makes an option.",
                wire::option,
                options::FIELDS,
            ),
        ],
    },
    Route {
        path: "/api/events/",
        name: "events",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Event)),
        methods: &[
            survey(
                Handler::Public(events::list),
                "The events to come: of this venue, with this artist, or of all that this agenda shows.",
                wire::events,
            ),
            Method {
                lane: Lane::Slow,
                ..post(
                    Handler::Staff(events::create),
                    "Makes an event, or finds the same one again.",
                    wire::event,
                    events::FIELDS,
                )
            },
        ],
    },
    Route {
        path: "/api/events/{id}/",
        name: "event",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Event)),
        methods: &[
            get(Handler::Public(events::show), "One event.", wire::event),
            Method {
                verb: "PUT",
                handler: Handler::Staff(events::update),
                summary: "Changes an event.",
                output: (201, wire::event),
                input: Some(events::FIELDS),
                paged: false,
                kept: false,
                lane: Lane::Slow,
            },
            Method {
                output: (200, wire::text),
                ..delete(Handler::Staff(events::remove), "Takes an event away.")
            },
        ],
    },
    Route {
        path: "/api/eventslug/{slug}/",
        name: "event_by_slug",
        place: Place::Shops,
        guard: Guard::Staff(None),
        methods: &[get(Handler::Public(events::show_by_slug), "One event.", wire::event)],
    },
    Route {
        path: "/api/reservations/",
        name: "reservations",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Reservation)),
        methods: &[
            list(Handler::Staff(reservations::list), "All reservations.", wire::reservations),
            Method {
                lane: Lane::Payment,
                ..post(
                    Handler::Public(reservations::create),
                    "Books places at an event.",
                    wire::reserved,
                    reservations::FIELDS,
                )
            },
        ],
    },
    Route {
        path: "/api/reservations/{id}/",
        name: "reservation",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Reservation)),
        methods: &[get(Handler::Staff(reservations::show), "One reservation.", wire::reservation)],
    },
    Route {
        path: "/api/reservations/{id}/mail/",
        name: "reservation_mail",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Reservation)),
        methods: &[Method {
            output: (202, wire::text),
            input: None,
            ..post(
                Handler::Staff(mails::again),
                "Sends the tickets of a reservation again.",
                wire::text,
                &[],
            )
        }],
    },
    Route {
        path: "/api/mails/",
        name: "mails",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Reservation)),
        methods: &[list(
            Handler::Staff(mails::list),
            "What was mailed, or waits to be, the newest first.",
            wire::mails,
        )],
    },
    Route {
        path: "/api/orders/{id}/",
        name: "order",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Reservation)),
        methods: &[get(Handler::Staff(orders::show), "One order.", wire::order)],
    },
    Route {
        path: "/api/orders/{id}/payments/",
        name: "order_payments",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Reservation)),
        methods: &[post(
            Handler::Staff(orders::pay),
            "Records what was paid for an order.",
            wire::order,
            orders::PAYMENT,
        )],
    },
    Route {
        path: "/api/orders/{id}/refund/",
        name: "order_refund",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Reservation)),
        methods: &[Method {
            output: (200, wire::order),
            ..post(
                Handler::Staff(orders::refund),
                "Ends an order, or gives back some of its tickets.",
                wire::order,
                orders::REFUND,
            )
        }],
    },
    Route {
        path: "/api/ticket/",
        name: "tickets",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Ticket)),
        methods: &[get(
            Handler::Staff(tickets::list),
            "Tonight's tickets; ?search= by name.",
            wire::tickets,
        )],
    },
    Route {
        path: "/api/ticket/{id}/",
        name: "ticket",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Ticket)),
        methods: &[get(Handler::Staff(tickets::show), "One ticket.", wire::ticket)],
    },
    Route {
        path: "/api/ticket/pdf/{id}",
        name: "ticket_pdf",
        place: Place::Shops,
        guard: Guard::Staff(None),
        methods: &[Method {
            kept: false,
            lane: Lane::Quick,
            ..get(Handler::Public(tickets::pdf), "A ticket to print.", wire::pdf)
        }],
    },
    Route {
        path: "/api/scan/",
        name: "scan",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Ticket)),
        methods: &[Method {
            output: (200, wire::scan),
            ..post(
                Handler::Staff(tickets::scan),
                "Passes a ticket through a gate.",
                wire::scan,
                tickets::SCAN,
            )
        }],
    },
    Route {
        path: "/api/gauge/",
        name: "gauge",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Ticket)),
        methods: &[get(Handler::Staff(tickets::gauge), "How full tonight is.", wire::gauge)],
    },
    Route {
        path: "/api/membership/",
        name: "membership",
        place: Place::Shops,
        guard: Guard::Staff(None),
        methods: &[Method {
            lane: Lane::Payment,
            ..post(
                Handler::Public(memberships::create),
                "Joins.",
                wire::joined,
                memberships::FIELDS,
            )
        }],
    },
    Route {
        path: "/api/webhook_stripe/",
        name: "webhook_stripe",
        place: Place::Tenants,
        guard: Guard::Open,
        methods: &[Method {
            lane: Lane::Payment,
            output: (202, wire::paid),
            ..post(
                Handler::Public(checkouts::told),
                "Hears Stripe's signed events, and looks at the payment that a front names.",
                wire::paid,
                checkouts::TOLD,
            )
        }],
    },
    Route {
        path: "/api/webhook_stripe/{id}/",
        name: "payment_check",
        place: Place::Tenants,
        guard: Guard::Open,
        methods: &[Method {
            lane: Lane::Payment,
            kept: false,
            output: (202, wire::paid),
            ..get(
                Handler::Public(checkouts::show),
                "How a payment stands: 202 paid just now, 226 paid before, 208 and its mail sent.",
                wire::paid,
            )
        }],
    },
    Route {
        path: "/api/cancel_sub/",
        name: "cancel_sub",
        place: Place::Shops,
        guard: Guard::Member,
        methods: &[Method {
            output: (406, wire::text),
            ..post(
                Handler::Member(memberships::cancel),
                "Ends the renewal of a membership; none renews itself yet.",
                wire::text,
                memberships::CANCEL,
            )
        }],
    },
    Route {
        path: "/api/chargecashless/",
        name: "chargecashless",
        place: Place::Shops,
        guard: Guard::Member,
        methods: &[Method {
            output: (405, wire::text),
            input: None,
            ..post(
                Handler::Member(memberships::charge),
                "Fills a card; there is no cashless server.",
                wire::text,
                &[],
            )
        }],
    },
    Route {
        path: "/api/user/create/",
        name: "user_create",
        place: Place::Shops,
        guard: Guard::Staff(None),
        methods: &[Method {
            output: (200, wire::text),
            ..post(
                Handler::Public(memberships::create_user),
                "Makes an account, and sends the mail that proves its address.",
                wire::text,
                memberships::USER,
            )
        }],
    },
    Route {
        path: "/api/user/token/",
        name: "token",
        place: Place::Tenants,
        guard: Guard::Open,
        methods: &[Method {
            lane: Lane::Password,
            output: (200, wire::pair),
            ..post(Handler::Public(user::token), "Logs in.", wire::pair, user::TOKEN)
        }],
    },
    Route {
        path: "/api/user/token/refresh/",
        name: "token-refresh",
        place: Place::Tenants,
        guard: Guard::Open,
        methods: &[Method {
            output: (200, wire::access),
            ..post(
                Handler::Public(user::refresh),
                "Gets a new access token.",
                wire::access,
                user::REFRESH,
            )
        }],
    },
    Route {
        path: "/api/user/token/verify/",
        name: "token-verify",
        place: Place::Tenants,
        guard: Guard::Open,
        methods: &[Method {
            output: (200, wire::empty),
            ..post(
                Handler::Public(user::verify),
                "Says whether a token is valid.",
                wire::empty,
                user::VERIFY,
            )
        }],
    },
    Route {
        path: "/api/user/activate/{uid}/{token}",
        name: "activate",
        place: Place::Tenants,
        guard: Guard::Open,
        methods: &[Method {
            kept: false,
            lane: Lane::Quick,
            ..get(Handler::Public(user::activate), "Proves an e-mail, and logs in.", wire::pair)
        }],
    },
    Route {
        path: "/api/user/SetPasswordIfEmpty/",
        name: "first_password",
        place: Place::Tenants,
        guard: Guard::Member,
        methods: &[Method {
            lane: Lane::Password,
            output: (200, wire::text),
            ..post(
                Handler::Member(user::set_password),
                "Takes a password from somebody who has none yet.",
                wire::text,
                user::PASSWORD,
            )
        }],
    },
    Route {
        path: "/api/user/me/",
        name: "me",
        place: Place::Tenants,
        guard: Guard::Member,
        methods: &[get(Handler::Member(user::me), "Who is logged in.", wire::me)],
    },
    Route {
        path: "/api/user/keytest/",
        name: "keytest",
        place: Place::Tenants,
        guard: Guard::Staff(None),
        methods: &[Method {
            kept: false,
            ..get(Handler::Public(user::keytest), "What a key may do.", wire::keytest)
        }],
    },
];
