//! The table of this door.

use super::tenants;
use super::wire::wrapped;
use super::wire_tenant::WireTenant;
use crate::doors::tibillet::fields::{Field, Kind};
use crate::doors::{Guard, Handler, Lane, Method, Place, Route, Shape};
use crate::root::Right;
use schemars::{Schema, SchemaGenerator};

const MANAGE: Guard = Guard::Staff(Some(Right::Manage));
const USERS: Guard = Guard::Staff(Some(Right::Users));

const TENANT: &[Field] = &[Field::new("tenant", Kind::Raw("What is to change; null clears."))];

pub(super) const fn route(
    path: &'static str,
    name: &'static str,
    guard: Guard,
    methods: &'static [Method],
) -> Route {
    Route { path, name, place: Place::Tenants, guard, methods }
}

pub(super) const fn get(handler: Handler, summary: &'static str, output: Shape) -> Method {
    Method {
        verb: "GET",
        handler,
        summary,
        output: (200, output),
        paged: false,
        kept: false,
        query: &[],
        input: None,
        lane: Lane::Quick,
    }
}

pub(super) const fn send(
    verb: &'static str,
    handler: Handler,
    summary: &'static str,
    output: Shape,
    input: &'static [Field],
) -> Method {
    Method { verb, input: Some(input), ..get(handler, summary, output) }
}

/// A list of which a page may be asked for.
pub(super) const fn list(handler: Handler, summary: &'static str, output: Shape) -> Method {
    Method { paged: true, ..get(handler, summary, output) }
}

pub(super) const ROUTES: &[Route] = &[
    route(
        "/v2/tenants",
        "roomle_tenants",
        Guard::Operator,
        &[
            list(Handler::Known(tenants::list), "The tenants of who is signed in.", tenants_shape),
            send("POST", Handler::Operator(tenants::create), "Founds a tenant.", tenant, TENANT),
        ],
    ),
    route(
        "/v2/tenants/{id}",
        "roomle_tenant",
        MANAGE,
        &[
            get(
                Handler::Known(tenants::show),
                "A tenant, or `me`: the number of the current one.",
                tenant_or_me,
            ),
            send(
                "PUT",
                Handler::Staff(tenants::update),
                "Changes the current tenant.",
                tenant,
                TENANT,
            ),
        ],
    ),
];

fn tenant(generator: &mut SchemaGenerator) -> Schema {
    wrapped::<WireTenant>(generator, "tenant", false)
}

fn tenants_shape(generator: &mut SchemaGenerator) -> Schema {
    wrapped::<WireTenant>(generator, "tenants", true)
}

/// Of `me` it is the bare number.
fn tenant_or_me(generator: &mut SchemaGenerator) -> Schema {
    let tenant = tenant(generator);
    schemars::json_schema!({ "anyOf": [tenant, { "type": "integer" }] })
}
