//! Routes: what is on.

use crate::doors::tibillet::methods::{delete, get, post, survey};
use crate::doors::tibillet::{events, series, wire, wire_listed};
use crate::doors::{Guard, Handler, Lane, Method, Place, Route};
use crate::root::Right;

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/api/events/",
        name: "events",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Event)),
        methods: &[
            Method {
                query: events::QUERY,
                ..survey(
                    Handler::Public(events::list),
                    "The events to come: of this venue, with this artist, or of all that this agenda shows; ?series= lists the dates of one series, ?published=false for staff what is not shown. Staff see the gauge as well.",
                    wire::events,
                )
            },
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
                query: &[],
                lane: Lane::Slow,
            },
            Method {
                output: (200, wire::text),
                ..delete(
                    Handler::Staff(events::remove),
                    "Takes an event away; refused where seats are sold: cancel/ calls it off.",
                )
            },
        ],
    },
    Route {
        path: "/api/eventslug/{slug}/",
        name: "event_by_slug",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Event)),
        methods: &[get(Handler::Public(events::show_by_slug), "One event.", wire::event)],
    },
    Route {
        path: "/api/events/{id}/cancel/",
        name: "event_cancel",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Reservation)),
        methods: &[Method {
            output: (200, wire_listed::called_off),
            ..post(
                Handler::Staff(events::call_off),
                "Calls an event off: it is no longer sold, what was paid goes back or is owed, and who booked is written to. A key needs the right `event` as well.",
                wire_listed::called_off,
                events::CALL_OFF,
            )
        }],
    },
    Route {
        path: "/api/events/{id}/repeat/",
        name: "event_repeat",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Event)),
        methods: &[post(
            Handler::Staff(series::repeat),
            "Repeats an event by rule at the same hour; a month without its day is left out, and of what is there already nothing is changed.",
            wire::series,
            series::REPEAT,
        )],
    },
    Route {
        path: "/api/events/{id}/duplicate/",
        name: "event_duplicate",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Event)),
        methods: &[post(
            Handler::Staff(series::duplicate),
            "Makes a copy of an event, not published yet.",
            wire::event,
            series::DUPLICATE,
        )],
    },
    Route {
        path: "/api/series/{id}/",
        name: "series",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Event)),
        methods: &[
            Method {
                verb: "PUT",
                handler: Handler::Staff(series::change),
                summary: "Changes all dates of a series that are not over; their hours stay.",
                output: (201, wire::dates),
                input: Some(series::CHANGE),
                paged: false,
                kept: false,
                query: &[],
                lane: Lane::Slow,
            },
            Method {
                output: (200, wire::series_removed),
                ..delete(
                    Handler::Staff(series::remove),
                    "Takes all dates of a series away that are not over; those that somebody booked are cancelled.",
                )
            },
        ],
    },
];
