//! Routes of this door. Each with a guard: whoever holds a tenant's pair may do all at that tenant.

use super::{license, teams, tenants, tree, units, users};
use crate::doors::openapi::object;
use crate::doors::tibillet::fields::Field;
use crate::doors::{Answer, Call, Front};
use crate::doors::{Guard, Handler, Lane, Method, Place, Route, Shape};
use crate::root::Staff;
use schemars::{Schema, SchemaGenerator};

type Do = fn(&Call<'_>, &Front, &Staff) -> Answer;

fn objects(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({ "type": "array", "items": { "type": "object" } })
}

fn nothing(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({})
}

const fn method(
    verb: &'static str,
    handler: Handler,
    summary: &'static str,
    output: Shape,
) -> Method {
    Method {
        verb,
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

const fn get(handler: Do, summary: &'static str) -> Method {
    method("GET", Handler::Staff(handler), summary, object)
}

const fn list(handler: Do, summary: &'static str) -> Method {
    method("GET", Handler::Staff(handler), summary, objects)
}

const fn send(
    verb: &'static str,
    handler: Do,
    summary: &'static str,
    input: &'static [Field],
) -> Method {
    Method { input: Some(input), ..method(verb, Handler::Staff(handler), summary, object) }
}

const fn put(handler: Do, summary: &'static str, input: &'static [Field]) -> Method {
    send("PUT", handler, summary, input)
}

const fn post(handler: Do, summary: &'static str, input: &'static [Field]) -> Method {
    send("POST", handler, summary, input)
}

const INSTEAD: &str = "PUT or DELETE, as the header X-HTTP-Method-Override says.";

const fn delete(handler: Do, summary: &'static str) -> Method {
    Method { output: (204, nothing), ..method("DELETE", Handler::Staff(handler), summary, nothing) }
}

const fn route(path: &'static str, name: &'static str, methods: &'static [Method]) -> Route {
    Route { path, name, place: Place::Tenants, guard: Guard::Staff(None), methods }
}

pub(super) const ROUTES: &[Route] = &[
    Route {
        guard: Guard::Operator,
        ..route(
            "/api/v1/{code}/tenants",
            "coach_tenants",
            &[
                method("GET", Handler::Operator(tenants::list), "All tenants.", objects),
                Method {
                    input: Some(tenants::FIELDS),
                    ..method("POST", Handler::Operator(tenants::create), "Makes a tenant.", object)
                },
            ],
        )
    },
    route(
        "/api/v1/{code}/tenants/{tenant}",
        "coach_tenant",
        &[
            Method { lane: Lane::Read, ..get(tenants::show, "The tenant.") },
            put(tenants::update, "Changes the tenant.", tenants::FIELDS),
            post(tenants::post, INSTEAD, tenants::FIELDS),
            delete(tenants::remove, "Deletes the tenant; it can be brought back."),
        ],
    ),
    route(
        "/api/v1/{code}/license",
        "coach_license",
        &[Method {
            output: (204, nothing),
            ..get(license::obtain, "Takes over the licence that was bought.")
        }],
    ),
    route("/api/v1/{code}/tree", "coach_tree", &[get(tree::show, "The tenant as a tree.")]),
    route(
        "/api/v1/{code}/users",
        "coach_users",
        &[list(users::list, "All users."), post(users::create, "Makes a user.", users::FIELDS)],
    ),
    route(
        "/api/v1/{code}/users/{id}",
        "coach_user",
        &[
            get(users::show, "One user; of the empty id, a new one."),
            put(users::update, "Changes a user.", users::FIELDS),
            post(users::post, INSTEAD, users::FIELDS),
            delete(users::remove, "Takes a user away."),
        ],
    ),
    route(
        "/api/v1/{code}/units",
        "coach_units",
        &[list(units::list, "All units."), post(units::create, "Makes a unit.", units::FIELDS)],
    ),
    route(
        "/api/v1/{code}/units/{id}",
        "coach_unit",
        &[
            get(units::show, "One unit; of the empty id, a new one."),
            put(units::update, "Changes a unit.", units::FIELDS),
            post(units::post, INSTEAD, units::FIELDS),
            delete(units::remove, "Takes a unit away."),
        ],
    ),
    route(
        "/api/v1/{code}/teams",
        "coach_teams",
        &[list(teams::list, "All teams."), post(teams::create, "Makes a team.", teams::FIELDS)],
    ),
    route(
        "/api/v1/{code}/teams/{id}",
        "coach_team",
        &[
            get(teams::show, "One team; of the empty id, a new one."),
            put(teams::update, "Changes a team.", teams::FIELDS),
            post(teams::post, INSTEAD, teams::FIELDS),
            delete(teams::remove, "Takes a team away."),
        ],
    ),
    // What this dialect has besides belongs to the recording of calls.
    route("/api/v1/{code}/{path*}", "coach_other", &[]),
    route("/api/v1/{code}", "coach_nothing", &[]),
    // What is left has no code that could be read.
    route("/api/v1/{path*}", "coach_no_code", &[]),
];
