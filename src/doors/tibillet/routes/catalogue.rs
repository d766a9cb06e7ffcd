//! Routes: what is sold.

use crate::doors::tibillet::methods::{delete, get, list, patch, post};
use crate::doors::tibillet::{fees, options, prices, products, promotions, wire, wire_fee};
use crate::doors::{Guard, Handler, Lane, Method, Place, Route};
use crate::root::Right;

pub(super) const ROUTES: &[Route] = &[
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
        guard: Guard::Staff(Some(Right::Prices)),
        methods: &[
            list(Handler::Public(prices::list), "All prices, cheapest first.", wire::prices),
            post(Handler::Staff(prices::create), "Makes a price.", wire::price, prices::FIELDS),
        ],
    },
    Route {
        path: "/api/prices/{id}/",
        name: "price",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Prices)),
        methods: &[
            get(Handler::Public(prices::show), "One price.", wire::price),
            patch(Handler::Staff(prices::update), "Changes a price.", wire::price, prices::FIELDS),
            delete(Handler::Staff(prices::remove), "Takes a price away."),
        ],
    },
    Route {
        path: "/api/prices/{id}/detail/",
        name: "price_detail",
        place: Place::Shops,
        guard: Guard::Open,
        methods: &[Method {
            query: fees::DETAIL,
            ..get(
                Handler::Public(fees::detail),
                "What one piece of a price costs, fees included.",
                wire_fee::detail,
            )
        }],
    },
    Route {
        path: "/api/fees/",
        name: "fees",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Fees)),
        methods: &[
            list(Handler::Staff(fees::list), "All fees.", wire_fee::fees),
            post(Handler::Staff(fees::create), "Makes a fee.", wire_fee::fee, fees::FIELDS),
        ],
    },
    Route {
        path: "/api/fees/{id}/",
        name: "fee",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Fees)),
        methods: &[
            get(Handler::Staff(fees::show), "One fee.", wire_fee::fee),
            patch(Handler::Staff(fees::update), "Changes a fee.", wire_fee::fee, fees::FIELDS),
            delete(Handler::Staff(fees::remove), "Takes a fee away; what was sold keeps it."),
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
        path: "/api/promotions/",
        name: "promotions",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Prices)),
        methods: &[
            list(Handler::Staff(promotions::list), "All promotions.", wire::promotions),
            post(
                Handler::Staff(promotions::create),
                "Makes a promotion.",
                wire::promotion,
                promotions::FIELDS,
            ),
        ],
    },
    Route {
        path: "/api/promotions/{id}/",
        name: "promotion",
        place: Place::Shops,
        guard: Guard::Staff(Some(Right::Prices)),
        methods: &[
            get(Handler::Staff(promotions::show), "One promotion.", wire::promotion),
            patch(
                Handler::Staff(promotions::update),
                "Changes a promotion.",
                wire::promotion,
                promotions::FIELDS,
            ),
            delete(
                Handler::Staff(promotions::remove),
                "Takes a promotion away; one that was used is archived.",
            ),
        ],
    },
];
