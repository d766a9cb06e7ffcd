//! Routes: what a venue is, and what its staff keep an eye on.

use crate::doors::tibillet::methods::{change, delete, get, list, patch, post, survey};
use crate::doors::tibillet::{
    closings, exports, here, hooks, mails, places, prints, settings, wire, wire_door,
};
use crate::doors::{Guard, Handler, Lane, Method, Place, Route};
use crate::root::Right;

pub(super) const ROUTES: &[Route] = &[
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
        path: "/api/webhooks/",
        name: "hooks",
        place: Place::Shops,
        guard: Guard::Staff(None),
        methods: &[
            list(
                Handler::Staff(hooks::list),
                "Servers that are told of what happens.",
                wire::hooks,
            ),
            post(
                Handler::Staff(hooks::create),
                "Lets a server be told; answers with the secret that signs it.",
                wire::hook,
                hooks::FIELDS,
            ),
        ],
    },
    Route {
        path: "/api/webhooks/{id}/",
        name: "hook",
        place: Place::Shops,
        guard: Guard::Staff(None),
        methods: &[
            get(Handler::Staff(hooks::show), "One such server.", wire::hook),
            patch(
                Handler::Staff(hooks::update),
                "Switches it on or off.",
                wire::hook,
                hooks::CHANGE,
            ),
            delete(Handler::Staff(hooks::remove), "Tells it nothing more."),
        ],
    },
    Route {
        path: "/api/exports/{report}/",
        name: "export",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Reservation)),
        methods: &[Method {
            lane: Lane::Slow,
            query: exports::QUERY,
            ..get(
                Handler::Staff(exports::show),
                "Sales, tickets, members, payments or vat, from a day to before another, as a file.",
                wire::export,
            )
        }],
    },
    Route {
        path: "/api/prints/",
        name: "prints",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Reservation)),
        methods: &[Method {
            output: (202, prints::shape),
            ..post(
                Handler::Staff(prints::ask),
                "Asks for all tickets of an event as one PDF, which a job draws.",
                prints::shape,
                prints::FIELDS,
            )
        }],
    },
    Route {
        path: "/api/prints/{id}/",
        name: "print",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Reservation)),
        methods: &[get(
            Handler::Staff(prints::show),
            "How such a print stands, and where it is.",
            prints::shape,
        )],
    },
    Route {
        path: "/api/closings/",
        name: "closings",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Reservation)),
        methods: &[Method {
            lane: Lane::Slow,
            query: closings::QUERY,
            ..get(
                Handler::Staff(closings::list),
                "What came in and went back on each day, from one to before another, by means.",
                closings::shape,
            )
        }],
    },
    Route {
        path: "/api/settings/",
        name: "settings",
        place: Place::Shops,
        guard: Guard::Staff(None),
        methods: &[
            get(
                Handler::Staff(settings::show),
                "What the venue decides for itself.",
                wire_door::settings,
            ),
            patch(
                Handler::Staff(settings::update),
                "Changes what the venue decides for itself.",
                wire_door::settings,
                settings::FIELDS,
            ),
        ],
    },
];
