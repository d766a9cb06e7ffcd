//! Routes: accounts, log-ins, keys.

use crate::doors::tibillet::methods::{get, post};
use crate::doors::tibillet::{memberships, terminals, user, wire};
use crate::doors::{Guard, Handler, Lane, Method, Place, Route};

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/api/user/create/",
        name: "user_create",
        place: Place::Shops,
        guard: Guard::Staff(None),
        methods: &[Method {
            output: (200, wire::text),
            ..post(
                Handler::Public(memberships::create_user),
                "Makes an account, and mails the link that proves its address and logs in; again, once in five minutes.",
                wire::text,
                memberships::USER,
            )
        }],
    },
    Route {
        path: "/api/user/token/",
        name: "token",
        place: Place::Tenants,
        guard: Guard::Open,
        methods: &[Method {
            lane: Lane::Password,
            output: (200, wire::pair),
            ..post(Handler::Public(user::token), "Logs in.", wire::pair, user::TOKEN)
        }],
    },
    Route {
        path: "/api/user/token/refresh/",
        name: "token-refresh",
        place: Place::Tenants,
        guard: Guard::Open,
        methods: &[Method {
            output: (200, wire::access),
            ..post(
                Handler::Public(user::refresh),
                "Gets a new access token.",
                wire::access,
                user::REFRESH,
            )
        }],
    },
    Route {
        path: "/api/user/token/verify/",
        name: "token-verify",
        place: Place::Tenants,
        guard: Guard::Open,
        methods: &[Method {
            output: (200, wire::empty),
            ..post(
                Handler::Public(user::verify),
                "Says whether a token is valid.",
                wire::empty,
                user::VERIFY,
            )
        }],
    },
    Route {
        path: "/api/user/activate/{uid}/{token}",
        name: "activate",
        place: Place::Tenants,
        guard: Guard::Open,
        methods: &[Method {
            kept: false,
            lane: Lane::Quick,
            ..get(Handler::Public(user::activate), "Proves an e-mail, and logs in.", wire::pair)
        }],
    },
    Route {
        path: "/api/user/SetPasswordIfEmpty/",
        name: "first_password",
        place: Place::Tenants,
        guard: Guard::Member,
        methods: &[Method {
            lane: Lane::Password,
            output: (200, wire::text),
            ..post(
                Handler::Member(user::set_password),
                "Takes a password from somebody who has none yet.",
                wire::text,
                user::PASSWORD,
            )
        }],
    },
    Route {
        path: "/api/user/terminal/",
        name: "terminals",
        place: Place::Tenants,
        guard: Guard::Open,
        methods: &[Method {
            output: (200, terminals::asked),
            ..post(
                Handler::Public(terminals::ask),
                "A device at the door asks to work for an administrator, who is mailed six digits.",
                terminals::asked,
                terminals::ASK,
            )
        }],
    },
    Route {
        path: "/api/user/terminal/{digits}/",
        name: "terminal",
        place: Place::Tenants,
        guard: Guard::Open,
        methods: &[Method {
            output: (200, terminals::paired),
            ..post(
                Handler::Public(terminals::pair),
                "The digits are typed in at the device, which logs in.",
                terminals::paired,
                terminals::PAIR,
            )
        }],
    },
    Route {
        path: "/api/user/me/",
        name: "me",
        place: Place::Tenants,
        guard: Guard::Member,
        methods: &[get(Handler::Member(user::me), "Who is logged in.", wire::me)],
    },
    Route {
        path: "/api/user/keytest/",
        name: "keytest",
        place: Place::Tenants,
        guard: Guard::Staff(None),
        methods: &[Method {
            kept: false,
            ..get(Handler::Public(user::keytest), "What a key may do.", wire::keytest)
        }],
    },
];
