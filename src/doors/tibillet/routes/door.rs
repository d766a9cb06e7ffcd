//! Routes: the door of the venue.

use crate::doors::tibillet::methods::{get, post};
use crate::doors::tibillet::{gates, tickets, wire, wire_door};
use crate::doors::{Guard, Handler, Lane, Method, Place, Route};
use crate::root::Right;

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/api/ticket/",
        name: "tickets",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Ticket)),
        methods: &[Method {
            query: tickets::SEARCH,
            ..get(
                Handler::Staff(tickets::list),
                "Tickets of ?event=, or else tonight's: of what begins between four in the morning and the next, by the venue's clock; ?search= by name.",
                wire::tickets,
            )
        }],
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
                "Passes a ticket through a gate: by `qr`, which is what its code says, its id or its page's address; or by its `number`, with its `event`.",
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
        methods: &[Method {
            query: tickets::EVENT,
            ..get(
                Handler::Staff(tickets::gauge),
                "How full ?event= is, or else tonight: what begins between four in the morning and the next.",
                wire::gauge,
            )
        }],
    },
    Route {
        path: "/api/events/{id}/door/",
        name: "event_door",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Ticket)),
        methods: &[
            Method {
                lane: Lane::Quick,
                ..get(
                    Handler::Staff(gates::show),
                    "All tickets of an event and the key that signs them, for a device that will have no network.",
                    wire_door::door,
                )
            },
            Method {
                output: (200, wire_door::synced),
                ..post(
                    Handler::Staff(gates::sync),
                    "Takes the scans that a device made without network; each is taken once.",
                    wire_door::synced,
                    gates::SYNC,
                )
            },
        ],
    },
];
