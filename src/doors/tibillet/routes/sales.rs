//! Routes: what is bought, paid and given back.

use crate::doors::tibillet::methods::{get, list, patch, post};
use crate::doors::tibillet::{
    cancelling, carts, checkouts, mails, memberships, orders, refunds, reservations, waiting, wire,
    wire_listed, wire_order,
};
use crate::doors::{Guard, Handler, Lane, Method, Place, Route};
use crate::root::Right;

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/api/reservations/",
        name: "reservations",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Reservation)),
        methods: &[
            list(
                Handler::Staff(reservations::list),
                "All reservations, each with its order.",
                wire_listed::reservations,
            ),
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
        methods: &[get(
            Handler::Staff(reservations::show),
            "One reservation, with its order.",
            wire_listed::reservation,
        )],
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
        path: "/api/events/{id}/waiting/",
        name: "event_waiting",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Reservation)),
        methods: &[
            list(
                Handler::Staff(waiting::list),
                "Who waits for an event, and who did.",
                wire::waiting,
            ),
            post(
                Handler::Public(waiting::join),
                "Joins the waiting list of an event that is full.",
                wire::waits,
                waiting::FIELDS,
            ),
        ],
    },
    Route {
        path: "/api/orders/{id}/",
        name: "order",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Reservation)),
        methods: &[
            Method {
                kept: false,
                lane: Lane::Quick,
                ..get(
                    Handler::Public(orders::show),
                    "One order; who knows its id is told nothing of people, staff all.",
                    wire::order,
                )
            },
            Method {
                verb: "PUT",
                lane: Lane::Payment,
                ..patch(
                    Handler::Public(carts::change),
                    "Puts another cart in the place of one that is held; who knows its id may.",
                    wire::order,
                    carts::CHANGE,
                )
            },
        ],
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
        path: "/api/membership/",
        name: "membership",
        place: Place::Shops,
        guard: Guard::Staff(None),
        methods: &[Method {
            lane: Lane::Payment,
            ..post(
                Handler::Public(memberships::create),
                "Joins; `adhesion` is the id of a price of a membership.",
                wire::joined,
                memberships::FIELDS,
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
        path: "/api/orders/",
        name: "orders",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Reservation)),
        methods: &[
            Method {
                query: orders::QUERY,
                ..list(
                    Handler::Staff(orders::list),
                    "All orders, the newest first; ?search= by a part of an e-mail or a name.",
                    wire_listed::orders,
                )
            },
            Method {
                lane: Lane::Payment,
                ..post(
                    Handler::Public(carts::create),
                    "Places one order over several events, memberships and goods.",
                    wire::order,
                    carts::FIELDS,
                )
            },
        ],
    },
    Route {
        path: "/api/reservations/{id}/cancel/",
        name: "reservation_cancel",
        place: Place::Shops,
        guard: Guard::Member,
        methods: &[Method {
            output: (200, wire_order::cancelled),
            ..post(
                Handler::Member(cancelling::cancel),
                "Cancels a reservation of whoever is logged in, or some of its tickets.",
                wire_order::cancelled,
                cancelling::FIELDS,
            )
        }],
    },
    Route {
        path: "/api/refunds/",
        name: "refunds",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Reservation)),
        methods: &[list(
            Handler::Staff(refunds::list),
            "All refunds; ?owed=true those that are owed.",
            wire_order::refunds,
        )],
    },
    Route {
        path: "/api/refunds/{id}/settle/",
        name: "refund_settle",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Reservation)),
        methods: &[post(
            Handler::Staff(refunds::settle),
            "Records that what was owed has been handed over.",
            wire_order::refund,
            refunds::SETTLE,
        )],
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
];
