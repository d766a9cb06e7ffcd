//! The table of this door.

use super::wire::wrapped;
use super::wire_tenant::WireTenant;
use super::wire_user::{WireRole, WireUser};
use super::{accounts, auth, commerce, configurators, skins, tenants, users};
use crate::doors::openapi::object;
use crate::doors::tibillet::fields::{Field, Kind};
use crate::doors::{Guard, Handler, Lane, Method, Place, Route, Shape};
use crate::root::Right;
use schemars::{Schema, SchemaGenerator};

const MANAGE: Guard = Guard::Staff(Some(Right::Manage));
const USERS: Guard = Guard::Staff(Some(Right::Users));

const TENANT: &[Field] = &[Field::new("tenant", Kind::Raw("What is to change; null clears."))];
const USER: &[Field] = &[
    Field::new("user", Kind::Raw("E-mail and roles; roles are numbers or names.")),
    Field::new("users", Kind::Raw("Several of them.")),
];
const NEWCOMER: &[Field] =
    &[Field::new("user", Kind::Raw("email, firstname, lastname, phone, locale."))];
const SIGN_IN: &[Field] = &[
    Field::new("identification", Kind::Text(254)).required(),
    Field::new("password", Kind::Verbatim).required(),
];
const FIRST_PASSWORD: &[Field] =
    &[Field::new("password", Kind::Raw("Of who has none yet: at least 8 characters."))];
const SKIN: &[Field] = &[Field::new("skin", Kind::Raw("What is to change; null clears."))];
const CONFIGURATOR: &[Field] =
    &[Field::new("configurator", Kind::Raw("id, url, allowedHosts, settings."))];

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

/// One that is read in a moment, and asked for all the time.
const fn at_once(method: Method) -> Method {
    Method { lane: Lane::Read, ..method }
}

/// One that takes a password, which is hashed.
const fn hashing(method: Method) -> Method {
    Method { lane: Lane::Password, ..method }
}

const fn delete(handler: Handler, summary: &'static str) -> Method {
    Method { verb: "DELETE", output: (204, object), ..get(handler, summary, object) }
}

pub(super) const ROUTES: &[&[Route]] = &[TENANTS, PEOPLE, LOOK, commerce::ROUTES, LEFT];

/// What is left of the contract's own paths is not served.
const LEFT: &[Route] = &[route("/v2/{path*}", "roomle_nothing", Guard::Known, &[])];

const TENANTS: &[Route] = &[
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
            at_once(get(
                Handler::Known(tenants::show),
                "A tenant, or `me`: the number of the current one.",
                tenant_or_me,
            )),
            send(
                "PUT",
                Handler::Staff(tenants::update),
                "Changes the current tenant.",
                tenant,
                TENANT,
            ),
        ],
    ),
    route(
        "/v2/tenants/{id}/plans",
        "roomle_plans",
        Guard::Known,
        &[get(Handler::Known(tenants::plans), "Plans; there are none.", plans)],
    ),
    route(
        "/v2/tenants/{id}/retailerInfos",
        "roomle_retailers",
        Guard::Known,
        &[get(Handler::Known(tenants::retailers), "Retailers; there are none.", retailers)],
    ),
];

const PEOPLE: &[Route] = &[
    route(
        "/v2/tenants/{id}/users",
        "roomle_users",
        USERS,
        &[
            list(
                Handler::Staff(users::list),
                "Who is connected with the current tenant.",
                users_shape,
            ),
            send(
                "POST",
                Handler::Staff(users::invite),
                "Connects or invites people.",
                user_or_users,
                USER,
            ),
        ],
    ),
    route(
        "/v2/tenants/{id}/users/{user}",
        "roomle_user",
        USERS,
        &[send("PUT", Handler::Staff(users::update), "Changes somebody's roles.", user, USER)],
    ),
    route(
        "/v2/tenants/{id}/roles",
        "roomle_roles",
        USERS,
        &[list(Handler::Staff(users::roles_of_all), "All roles of all people.", roles)],
    ),
    route(
        "/v2/auth/signin",
        "roomle_signin",
        Guard::Known,
        &[hashing(send("POST", Handler::Known(auth::sign_in), "Signs in.", auth_shape, SIGN_IN))],
    ),
    route(
        "/v2/auth/signout",
        "roomle_signout",
        Guard::Known,
        &[Method {
            output: (204, object),
            verb: "POST",
            ..get(Handler::Known(auth::sign_out), "Signs out.", object)
        }],
    ),
    route(
        "/v2/users",
        "roomle_accounts",
        Guard::Known,
        &[Method {
            output: (201, user),
            ..send("POST", Handler::Known(accounts::register), "Makes an account.", user, NEWCOMER)
        }],
    ),
    route(
        "/v2/users/{id}",
        "roomle_account",
        Guard::Member,
        &[
            get(Handler::Known(accounts::show), "Oneself; or takes a consent back.", user),
            delete(Handler::Member(accounts::leave), "Switches one's own account off."),
        ],
    ),
    route(
        "/v2/users/{id}/validateMail",
        "roomle_validate",
        Guard::Known,
        &[hashing(send(
            "POST",
            Handler::Known(accounts::validate),
            "Proves an address by the link of a letter, and consents.",
            user,
            FIRST_PASSWORD,
        ))],
    ),
    route(
        "/v2/users/{id}/tenants",
        "roomle_account_tenants",
        Guard::Member,
        &[list(
            Handler::Known(accounts::tenants),
            "The tenants that one works with.",
            tenants_shape,
        )],
    ),
    route(
        "/v2/users/{id}/roles",
        "roomle_account_roles",
        Guard::Member,
        &[get(Handler::Member(accounts::roles), "One's roles at the current tenant.", roles)],
    ),
    route(
        "/v2/users/{id}/termsAccepted",
        "roomle_terms",
        Guard::Member,
        &[Method {
            output: (202, object),
            verb: "POST",
            ..get(Handler::Member(accounts::accept_terms), "Accepts the terms.", object)
        }],
    ),
];

const LOOK: &[Route] = &[
    route(
        "/v2/skins/{id}",
        "roomle_skin",
        MANAGE,
        &[
            get(Handler::Known(skins::show), "The look of the current tenant.", skin),
            send("PUT", Handler::Staff(skins::update), "Changes it.", skin, SKIN),
        ],
    ),
    route(
        "/v2/configurators",
        "roomle_configurators",
        MANAGE,
        &[send(
            "POST",
            Handler::Staff(configurators::create),
            "Opens a web shop.",
            configurator,
            CONFIGURATOR,
        )],
    ),
    route(
        "/v2/configurators/{id}",
        "roomle_configurator",
        MANAGE,
        &[
            get(
                Handler::Known(configurators::show),
                "A web shop of the current tenant.",
                configurator,
            ),
            send(
                "PUT",
                Handler::Staff(configurators::update),
                "Changes it.",
                configurator,
                CONFIGURATOR,
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

fn plans(generator: &mut SchemaGenerator) -> Schema {
    wrapped::<serde_json::Value>(generator, "plans", true)
}

fn retailers(generator: &mut SchemaGenerator) -> Schema {
    wrapped::<serde_json::Value>(generator, "retailerInfos", true)
}

fn user(generator: &mut SchemaGenerator) -> Schema {
    wrapped::<WireUser>(generator, "user", false)
}

fn users_shape(generator: &mut SchemaGenerator) -> Schema {
    wrapped::<WireUser>(generator, "users", true)
}

fn user_or_users(generator: &mut SchemaGenerator) -> Schema {
    let (one, many) = (user(generator), users_shape(generator));
    schemars::json_schema!({ "anyOf": [one, many] })
}

fn roles(generator: &mut SchemaGenerator) -> Schema {
    wrapped::<WireRole>(generator, "user2Tenants", true)
}

fn auth_shape(generator: &mut SchemaGenerator) -> Schema {
    wrapped::<auth::WireAuth>(generator, "auth", false)
}

fn skin(generator: &mut SchemaGenerator) -> Schema {
    wrapped::<skins::WireSkin>(generator, "skin", false)
}

fn configurator(generator: &mut SchemaGenerator) -> Schema {
    wrapped::<configurators::WireConfigurator>(generator, "configurator", false)
}
