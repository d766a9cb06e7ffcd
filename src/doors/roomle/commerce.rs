//! The table of what tenants have of the house: codes, payments, bills, usages, work, catalogues, tags.

use super::billing::{self, WireBilling};
use super::catalogs;
use super::payments::{self, WireMade, WirePaymentConnection, WireSession};
use super::processings::{self, WireProcessing};
use super::promocodes::{self, WirePurchase};
use super::routes::{get, list, route, send};
use super::tags::{self, WireTag};
use super::usages::{self, WireUsage};
use super::wire::wrapped;
use super::wire_catalog::{WireCatalog, WireItem};
use crate::doors::tibillet::fields::{Field, Kind};
use crate::doors::{Guard, Handler, Lane, Method, Route};
use crate::root::Right;
use schemars::{Schema, SchemaGenerator};

const MANAGE: Guard = Guard::Staff(Some(Right::Manage));
const PAYMENT: Guard = Guard::Staff(Some(Right::Payment));
const STATISTICS: Guard = Guard::Staff(Some(Right::Statistics));
const CATALOGUE: Guard = Guard::Staff(Some(Right::Catalogue));

const CODE: &[Field] = &[Field::new("promocode", Kind::Raw("An object with the code."))];
const PAID_BY: &[Field] = &[Field::new("paymentConnection", Kind::Raw("A store and its data."))];
const SESSION: &[Field] = &[
    Field::new("storeId", Kind::Raw("The store.")),
    Field::new("returnUrl", Kind::Raw("Where to go afterwards.")),
];
const BILLING: &[Field] = &[Field::new("billingInformation", Kind::Raw("To whom bills go."))];
const WORK: &[Field] = &[Field::new("assetProcessing", Kind::Raw(ASKED))];
const ASKED: &str = "A `type`, a `label` and its `sourceSettings`. Of 2: `event`, `layout` (`tickets`, `list`). Of 3: `report`, \
    `from`, `to`, `format` (`csv`, `xlsx`). Of 4: `event`. Of 0: `catalog`, the id of an own catalogue to put all into, and \
    `products`, 5000 rows at the most, a row for each price and for each product without any. A product: `name` (1 to 500 \
    characters; one that is there gets the prices), `category` (a letter as in `categorie_article`; else B), \
    `shortDescription`, `published` (else false), `prices`. A price: `name` (1 to 50 characters), `amount` (`12.50`, as text or \
    number), `vat` (NA, DX, VG, …; else NA), `stock` (else without end), `period` (as `subscription_type`; else N).";
const CATALOG: &[Field] = &[Field::new("catalog", Kind::Raw("What is to change; null clears."))];
const ITEMS: &[Field] = &[Field::new("items", Kind::Raw("Ids of products and events."))];
const TAG: &[Field] = &[Field::new("tag", Kind::Raw("What is to change."))];
const SPAN: &[Field] = &[
    Field::new("from", Kind::Raw("Such as 2016-06-01T07:54:07.000Z; otherwise 30 days before.")),
    Field::new("to", Kind::Raw("The same; otherwise now.")),
];

const fn asks_stripe(method: Method) -> Method {
    Method { lane: Lane::Payment, ..method }
}

const fn deletes(handler: Handler, summary: &'static str) -> Method {
    Method { verb: "DELETE", output: (204, nothing), ..get(handler, summary, nothing) }
}

pub(super) const ROUTES: &[Route] = &[
    route(
        "/v2/tenants/{id}/promocode",
        "roomle_promocode",
        PAYMENT,
        &[send(
            "POST",
            Handler::Staff(promocodes::redeem),
            "Uses a code on the tenant.",
            purchase,
            CODE,
        )],
    ),
    route(
        "/v2/tenants/{id}/paymentConnections",
        "roomle_payment_connections",
        PAYMENT,
        &[
            get(Handler::Staff(payments::list), "By what the tenant pays.", connections),
            send(
                "POST",
                Handler::Staff(payments::save),
                "Says by what the tenant pays.",
                made,
                PAID_BY,
            ),
        ],
    ),
    route(
        "/v2/tenants/{id}/paymentConnectionSessions",
        "roomle_payment_sessions",
        MANAGE,
        &[asks_stripe(send(
            "POST",
            Handler::Staff(payments::open),
            "Opens the portal of a store.",
            session,
            SESSION,
        ))],
    ),
    route(
        "/v2/tenants/{id}/billingInformation",
        "roomle_billing",
        MANAGE,
        &[
            asks_stripe(get(
                Handler::Known(billing::show),
                "To whom the tenant's bills go.",
                billed,
            )),
            asks_stripe(send(
                "POST",
                Handler::Staff(billing::create),
                "Says to whom its bills go.",
                billed,
                BILLING,
            )),
            asks_stripe(send(
                "PUT",
                Handler::Staff(billing::update),
                "Says it anew.",
                billed,
                BILLING,
            )),
        ],
    ),
    route(
        "/v2/tenants/{id}/usages",
        "roomle_usages",
        PAYMENT,
        &[get(Handler::Staff(usages::list), "How much the tenant uses.", usages_shape)],
    ),
    route(
        "/v2/tenants/{id}/assetProcessings",
        "roomle_processings",
        STATISTICS,
        &[
            Method {
                query: SPAN,
                ..list(Handler::Staff(processings::list), "The tenant's work.", works)
            },
            send("POST", Handler::Known(processings::ask), "Asks for work.", work, WORK),
        ],
    ),
    route(
        "/v2/tenants/{id}/assetProcessings/{job}",
        "roomle_processing",
        STATISTICS,
        &[get(Handler::Staff(processings::show), "One piece of work.", work)],
    ),
    route(
        "/v2/tenants/{id}/catalogs",
        "roomle_own_catalogs",
        CATALOGUE,
        &[list(Handler::Staff(catalogs::own), "The tenant's own catalogues.", catalogs_shape)],
    ),
    route(
        "/v2/tenants/{id}/visibleCatalogs",
        "roomle_visible_catalogs",
        CATALOGUE,
        &[list(Handler::Staff(catalogs::visible), "Those that it uses.", catalogs_shape)],
    ),
    route(
        "/v2/tenants/{id}/shownCatalogs",
        "roomle_shown_catalogs",
        CATALOGUE,
        &[list(Handler::Staff(catalogs::shown), "Those that it shows.", catalogs_shape)],
    ),
    route(
        "/v2/tenants/{id}/enabledTags",
        "roomle_enabled_tags",
        Guard::Known,
        &[list(Handler::Known(tags::enabled), "The tags that may be looked for.", tags_shape)],
    ),
    route(
        "/v2/catalogs",
        "roomle_catalogs",
        CATALOGUE,
        &[
            list(
                Handler::Reader(Right::SeeCatalogues, catalogs::usable),
                "All catalogues that the tenant may use.",
                catalogs_shape,
            ),
            send("POST", Handler::Staff(catalogs::create), "Makes a catalogue.", catalog, CATALOG),
        ],
    ),
    route(
        "/v2/catalogs/{id}",
        "roomle_catalog",
        CATALOGUE,
        &[
            get(Handler::Reader(Right::SeeCatalogues, catalogs::show), "A catalogue.", catalog),
            send(
                "PUT",
                Handler::Staff(catalogs::update),
                "Changes a catalogue of its own.",
                catalog,
                CATALOG,
            ),
            deletes(Handler::Staff(catalogs::remove), "Takes a draft away."),
        ],
    ),
    route(
        "/v2/catalogs/{id}/items",
        "roomle_catalog_items",
        CATALOGUE,
        &[
            list(
                Handler::Reader(Right::SeeCatalogues, catalogs::items),
                "What is in a catalogue.",
                items,
            ),
            send(
                "PUT",
                Handler::Staff(catalogs::fill),
                "Says what is in a catalogue of its own.",
                items,
                ITEMS,
            ),
        ],
    ),
    route(
        "/v2/tags",
        "roomle_tags",
        CATALOGUE,
        &[
            list(Handler::Staff(tags::list), "All tags.", tags_shape),
            send("POST", Handler::Staff(tags::create), "Makes a tag.", tag, TAG),
        ],
    ),
    route(
        "/v2/tags/{id}",
        "roomle_tag",
        CATALOGUE,
        &[
            get(Handler::Staff(tags::show), "A tag.", tag),
            send("PUT", Handler::Staff(tags::update), "Changes a tag.", tag, TAG),
            deletes(Handler::Staff(tags::remove), "Takes a tag away that no event stands under."),
        ],
    ),
    route(
        "/v2/tags/{id}/items",
        "roomle_tag_items",
        CATALOGUE,
        &[list(Handler::Staff(tags::items), "The events that stand under a tag.", items)],
    ),
];

fn nothing(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({ "type": "null" })
}

fn purchase(generator: &mut SchemaGenerator) -> Schema {
    wrapped::<Option<WirePurchase>>(generator, "purchase", false)
}

fn connections(generator: &mut SchemaGenerator) -> Schema {
    wrapped::<WirePaymentConnection>(generator, "paymentConnections", true)
}

fn made(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<WireMade>()
}

fn session(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<WireSession>()
}

fn billed(generator: &mut SchemaGenerator) -> Schema {
    wrapped::<WireBilling>(generator, "billingInformation", false)
}

fn usages_shape(generator: &mut SchemaGenerator) -> Schema {
    wrapped::<WireUsage>(generator, "tenantUsages", true)
}

fn works(generator: &mut SchemaGenerator) -> Schema {
    wrapped::<WireProcessing>(generator, "assetProcessings", true)
}

fn work(generator: &mut SchemaGenerator) -> Schema {
    wrapped::<WireProcessing>(generator, "assetProcessing", false)
}

fn catalogs_shape(generator: &mut SchemaGenerator) -> Schema {
    wrapped::<WireCatalog>(generator, "catalogs", true)
}

fn catalog(generator: &mut SchemaGenerator) -> Schema {
    wrapped::<WireCatalog>(generator, "catalog", false)
}

fn items(generator: &mut SchemaGenerator) -> Schema {
    wrapped::<WireItem>(generator, "items", true)
}

fn tags_shape(generator: &mut SchemaGenerator) -> Schema {
    wrapped::<WireTag>(generator, "tags", true)
}

fn tag(generator: &mut SchemaGenerator) -> Schema {
    wrapped::<WireTag>(generator, "tag", false)
}
