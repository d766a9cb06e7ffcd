//! Every setting with its default, its bounds and what it is for: the one table behind flags, environment and file.

/// One setting: its name, its default as text, what it may be, and what it is for.
#[derive(Debug)]
pub struct Setting {
    /// In the file so, on the command line with dashes, in the environment in capitals behind `GUICHET_`.
    pub name: &'static str,
    /// As text.
    pub default: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// What it is for, in a sentence.
    pub about: &'static str,
}

/// What a setting may be.
#[derive(Debug)]
pub enum Kind {
    /// A whole number between two bounds.
    Number(u64, u64),
    /// A path.
    Path,
    /// Addresses with ports, separated by commas.
    Addresses,
    /// Addresses or networks (`10.0.0.0/8`), separated by commas.
    Networks,
    /// `host:port` pairs, separated by commas.
    Hosts,
    /// One of these.
    Choice(&'static [&'static str]),
    /// A text; what it must be is checked where it is used.
    Text,
    /// A text that is never shown.
    Secret,
    /// What packages give: JSON, by package and usage.
    Limits,
    /// How addresses of pages begin, with `{host}` where the tenant's host stands.
    Pages,
}

const fn number(
    name: &'static str,
    default: &'static str,
    min: u64,
    max: u64,
    about: &'static str,
) -> Setting {
    Setting { name, default, kind: Kind::Number(min, max), about }
}

const fn text(name: &'static str, default: &'static str, about: &'static str) -> Setting {
    Setting { name, default, kind: Kind::Text, about }
}

const fn secret(name: &'static str, about: &'static str) -> Setting {
    Setting { name, default: "", kind: Kind::Secret, about }
}

/// Every setting there is.
pub const SETTINGS: &[Setting] = &[
    Setting { name: "data", default: "data", kind: Kind::Path, about: "The data directory." },
    Setting {
        name: "listen",
        default: "127.0.0.1:8000",
        kind: Kind::Addresses,
        about: "Where the public is answered.",
    },
    Setting {
        name: "ops",
        default: "",
        kind: Kind::Addresses,
        about: "Where /up, /readyz and /metrics are answered; empty: nowhere.",
    },
    Setting {
        name: "trusted_proxies",
        default: "",
        kind: Kind::Networks,
        about: "Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.",
    },
    Setting {
        name: "fetch_allow",
        default: "",
        kind: Kind::Hosts,
        about: "Hosts with their ports (`10.0.0.5:8080`) that images may be fetched from, and webhooks sent to, though their address is not public.",
    },
    Setting {
        name: "log",
        default: "auto",
        kind: Kind::Choice(&["auto", "text", "json"]),
        about: "How the log is written; auto: text on a terminal, JSON elsewhere.",
    },
    Setting {
        name: "log_level",
        default: "info",
        kind: Kind::Choice(&["error", "warn", "info", "debug"]),
        about: "What is logged; requests are info.",
    },
    number("head_bytes", "16384", 8_192, 65_536, "Longest head of a request."),
    number("head_count", "64", 8, 100, "Most headers of a request."),
    number("body_bytes", "1048576", 65_536, 67_108_864, "Longest body of a request without files."),
    number("upload_bytes", "12582912", 65_536, 67_108_864, "Longest body of a request with files."),
    number(
        "inflight_bytes",
        "67108864",
        1_048_576,
        4_294_967_296,
        "All bodies over 64 KiB together that are being read.",
    ),
    number(
        "answers_bytes",
        "268435456",
        16_777_216,
        17_179_869_184,
        "All answers over 64 KiB together that are being sent.",
    ),
    number("head_seconds", "10", 1, 600, "Time for the head of a request."),
    number("body_seconds", "30", 1, 600, "Time for the body of a request."),
    number("idle_seconds", "60", 1, 3_600, "Time between two requests of a connection."),
    number("write_seconds", "60", 1, 3_600, "Time for a client to take an answer."),
    number(
        "drain_seconds",
        "10",
        0,
        600,
        "Time for answers that are being made when the server stops.",
    ),
    number("connections", "20000", 16, 1_000_000, "Open connections in all."),
    number(
        "connections_per_address",
        "512",
        1,
        1_000_000,
        "Open connections of one address; trusted proxies are exempt.",
    ),
    number(
        "workers",
        "0",
        0,
        1_024,
        "Requests answered at once; 0: twenty-four for each core, at least 48, for who writes waits for the disk. One tenant has three in four at the most.",
    ),
    number("slow_workers", "16", 1, 1_024, "Requests at once that fetch images or hash passwords."),
    number("slow_queue", "256", 0, 100_000, "How many of those may wait."),
    number("json_depth", "64", 4, 128, "How deep JSON may be nested."),
    number("products", "5000", 1, 1_000_000, "Products that a tenant may hold."),
    number("prices", "50000", 1, 1_000_000, "Prices that a tenant may hold."),
    number("options", "1000", 1, 1_000_000, "Options that a tenant may hold."),
    number("events", "5000", 1, 1_000_000, "Events that a tenant may hold."),
    number("list_rows", "5000", 1, 100_000, "Rows of a list that only grows, in one answer."),
    number("hold_minutes", "15", 1, 10_080, "How long what is ordered is held for its payment."),
    number("fetch_seconds", "10", 1, 120, "Time to fetch an image, redirects included."),
    number("fetch_bytes", "10485760", 1_024, 67_108_864, "Longest image that is fetched."),
    number("fetch_redirects", "3", 0, 10, "Redirects that are followed for an image."),
    number("image_megapixels", "40", 1, 200, "Largest image that is decoded."),
    number("images_at_once", "2", 1, 64, "Images decoded at the same time."),
    number("hashes_at_once", "2", 1, 64, "Passwords hashed at the same time; each takes 19 MiB."),
    number(
        "failures_per_address",
        "60",
        1,
        1_000_000,
        "Failed keys and log-ins a minute of one address.",
    ),
    number(
        "failures_per_account",
        "10",
        1,
        1_000_000,
        "Failed log-ins a minute of one account from one network; ten times as many from all, but from where it has logged in before.",
    ),
    number(
        "asks_per_address",
        "600",
        0,
        1_000_000,
        "Bookings, memberships and accounts that strangers at one address may ask for in a minute; 0: no limit.",
    ),
    Setting {
        name: "self_service",
        default: "off",
        kind: Kind::Choice(&["off", "on"]),
        about: "Does each new tenant get an organization of its own, so that its customers are known to no other?",
    },
    Setting {
        name: "coach_prefixes",
        default: "/aspire,/Coach",
        kind: Kind::Text,
        about: "Paths before which /api/v1/<code>/ answers too, separated by commas.",
    },
    Setting {
        name: "coach_tenant_lifecycle",
        default: "on",
        kind: Kind::Choice(&["on", "off"]),
        about: "May ROOT's pair create and delete tenants through the Coach dialect?",
    },
    Setting {
        name: "license_count",
        default: "active_users",
        kind: Kind::Choice(&["active_users", "active_agents"]),
        about: "Who takes a seat of a tenant's licence: everybody who is active, or who belongs to a team.",
    },
    Setting {
        name: "license_required",
        default: "off",
        kind: Kind::Choice(&["off", "on"]),
        about: "Has a tenant without a licence no seats? Otherwise it has no limit.",
    },
    Setting {
        name: "package_limits",
        default: "",
        kind: Kind::Limits,
        about: "What packages give, as JSON by package and usage (uploadProduct, catalogs, events, tickets, users, storage); empty: no limits.",
    },
    Setting {
        name: "self_registration",
        default: "off",
        kind: Kind::Choice(&["off", "on"]),
        about: "May anybody make an operator and an organizer of his own?",
    },
    Setting {
        name: "registration_organization",
        default: "own",
        kind: Kind::Choice(&["own", "admin"]),
        about: "To which organization such an organizer belongs: one of its own, or the admin's.",
    },
    Setting {
        name: "graphiql",
        default: "off",
        kind: Kind::Choice(&["off", "on"]),
        about: "Is a page shown at /graphql that writes documents? It loads scripts from elsewhere; the demo shows it.",
    },
    number("graphql_bytes", "16384", 1_024, 65_536, "Longest document of GraphQL."),
    number("graphql_depth", "20", 4, 60, "How deep such a document may be nested."),
    number(
        "graphql_fields",
        "2000",
        16,
        15_000,
        "Fields of such a document, fragments spread out.",
    ),
    number("graphql_aliases", "50", 0, 15_000, "Fields of such a document under other names."),
    number(
        "graphql_complexity",
        "200000",
        100,
        100_000_000,
        "Values that such a document may be answered with, lists counted as long as they may be.",
    ),
    number("tenants_open", "512", 1, 100_000, "Tenants whose files stay open."),
    number("readers_kept", "8", 1, 64, "Idle readers kept for each open file."),
    Setting {
        name: "pages",
        default: "https://{host}",
        kind: Kind::Pages,
        about: "How addresses in mails begin; {host} stands for the tenant's host.",
    },
    secret(
        "smtp_url",
        "The mail server, such as smtps://user:password@mail.example.org; empty: mail waits; log: it is written to the log.",
    ),
    text("smtp_from", "", "The address that mail comes from."),
    number("smtp_seconds", "30", 1, 600, "Time for the mail server to take a letter."),
    number(
        "confirm_hours",
        "24",
        1,
        720,
        "How long a free booking is held for its buyer to prove the e-mail.",
    ),
    secret("stripe_key", "Stripe's secret key; empty: nothing is paid online."),
    secret(
        "stripe_webhook_secret",
        "The secret by which Stripe signs its events; empty: none is believed.",
    ),
    text("stripe_url", "https://api.stripe.com", "Where Stripe answers."),
    number("stripe_seconds", "10", 1, 30, "Time for Stripe to answer a question."),
    number("cache_bytes", "33554432", 0, 4_294_967_296, "Public answers kept in memory; 0: none."),
    Setting {
        name: "roomle_plain_token",
        default: "on",
        kind: Kind::Choice(&["on", "off"]),
        about: "Does the Roomle door take tokens that are not encrypted (03), as browsers send them?",
    },
    number(
        "roomle_token_minutes",
        "15",
        0,
        1_440,
        "How far the moment in a token of the Roomle door may be from now; 0: any.",
    ),
];
