//! Routes: NFC cards.

use crate::doors::tibillet::methods::post;
use crate::doors::tibillet::{cards, wire};
use crate::doors::{Guard, Handler, Method, Place, Route};

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/api/load_cards/",
        name: "load_cards",
        place: Place::Shops,
        guard: Guard::Staff(None),
        methods: &[Method {
            output: (200, wire::text),
            ..post(
                Handler::Staff(cards::load),
                "Registers the cards of a file.",
                wire::text,
                cards::LOAD,
            )
        }],
    },
    Route {
        path: "/api/detailCashlessCard/",
        name: "card_batches",
        place: Place::Tenants,
        guard: Guard::Operator,
        methods: &[post(
            Handler::Operator(cards::create_batch),
            "Makes a batch of cards for a tenant.",
            cards::batch_shape,
            cards::BATCH,
        )],
    },
    Route {
        path: "/api/loadCardsFromDict/",
        name: "cards",
        place: Place::Tenants,
        guard: Guard::Operator,
        methods: &[Method {
            output: (200, wire::text),
            ..post(
                Handler::Operator(cards::load_list),
                "Registers cards of batches that are there.",
                wire::text,
                cards::CARDS,
            )
        }],
    },
];
