//! Settings: read once, each documented, limited, and shown by `guichet config print`.
//!
//! Flag before `GUICHET_NAME` in the environment before `GUICHET_NAME_FILE` before the TOML file before the default. The
//! only file that reads the environment.

use crate::error::{Error, Result};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

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
        about: "Hosts that images may be fetched from though their address is not public.",
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
    number("failures_per_account", "10", 1, 1_000_000, "Failed log-ins a minute of one account."),
    number(
        "asks_per_address",
        "600",
        0,
        1_000_000,
        "Bookings, memberships and accounts that strangers at one address may ask for in a minute; 0: no limit.",
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
];

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Given on the command line.
    Flag,
    /// This variable.
    Environment(String),
    /// The configuration file.
    File,
    /// Nobody said otherwise.
    Default,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Environment(name) => f.write_str(name),
            Self::File => f.write_str("file"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// An address or a network of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    bits: u8,
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (base, bits) = match text.split_once('/') {
            Some((base, bits)) => (base.parse().ok()?, bits.parse().ok()?),
            None => {
                let base: IpAddr = text.parse().ok()?;
                (base, if base.is_ipv4() { 32 } else { 128 })
            }
        };
        (bits <= if matches!(base, IpAddr::V4(_)) { 32 } else { 128 })
            .then_some(Self { base, bits })
    }

    fn holds(&self, ip: IpAddr) -> bool {
        let cut =
            |value: u128, width: u32| value.checked_shr(width - u32::from(self.bits)).unwrap_or(0);
        match (self.base, ip) {
            (IpAddr::V4(a), IpAddr::V4(b)) => {
                cut(u32::from(a).into(), 32) == cut(u32::from(b).into(), 32)
            }
            (IpAddr::V6(a), IpAddr::V6(b)) => cut(a.into(), 128) == cut(b.into(), 128),
            _ => false,
        }
    }
}

/// All settings, resolved and checked.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "each field is a setting of the same name, described in SETTINGS")]
pub struct Config {
    pub data: PathBuf,
    pub listen: Vec<SocketAddr>,
    pub ops: Vec<SocketAddr>,
    pub trusted_proxies: Vec<Network>,
    pub fetch_allow: Vec<String>,
    pub log: String,
    pub log_level: String,
    pub head_bytes: u64,
    pub head_count: u64,
    pub body_bytes: u64,
    pub upload_bytes: u64,
    pub inflight_bytes: u64,
    pub answers_bytes: u64,
    pub head_seconds: u64,
    pub body_seconds: u64,
    pub idle_seconds: u64,
    pub write_seconds: u64,
    pub drain_seconds: u64,
    pub connections: u64,
    pub connections_per_address: u64,
    pub workers: u64,
    pub slow_workers: u64,
    pub slow_queue: u64,
    pub json_depth: u64,
    pub products: u64,
    pub prices: u64,
    pub options: u64,
    pub events: u64,
    pub list_rows: u64,
    pub hold_minutes: u64,
    pub fetch_seconds: u64,
    pub fetch_bytes: u64,
    pub fetch_redirects: u64,
    pub image_megapixels: u64,
    pub images_at_once: u64,
    pub hashes_at_once: u64,
    pub failures_per_address: u64,
    pub failures_per_account: u64,
    pub asks_per_address: u64,
    pub tenants_open: u64,
    pub readers_kept: u64,
    pub pages: String,
    pub smtp_url: String,
    pub smtp_from: String,
    pub smtp_seconds: u64,
    pub confirm_hours: u64,
    pub stripe_key: String,
    pub stripe_webhook_secret: String,
    pub stripe_url: String,
    pub stripe_seconds: u64,
    pub cache_bytes: u64,
    /// Variables of the environment that are named like a setting and are none.
    pub unknown: Vec<String>,
    /// Each setting's value as text, and where it came from, in the order of [`SETTINGS`].
    pub shown: Vec<(&'static str, String, Source)>,
}

/// What is shown in the place of a secret.
const HIDDEN: &str = "(hidden)";

/// The field of this name.
macro_rules! pick {
    ($config:ident, $name:ident, $($field:ident)+) => {
        match $name { $(stringify!($field) => &mut $config.$field,)+ _ => unreachable!("{} is of another kind", $name) }
    };
}

impl Config {
    /// Resolves all settings. `flags` are those given on the command line; `file` is a TOML file, if there is one.
    pub fn load(flags: &HashMap<&str, String>, file: Option<&Path>) -> Result<Self> {
        let config = Self::resolve(flags, file, &|name| {
            std::env::var_os(name).and_then(|value| value.into_string().ok())
        })?;
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        Ok(Self { unknown: unknown(names), ..config })
    }

    fn resolve(
        flags: &HashMap<&str, String>,
        file: Option<&Path>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let from_file = file.map(read_file).transpose()?.unwrap_or_default();
        let mut shown = vec![];
        for setting in SETTINGS {
            let variable = format!("GUICHET_{}", setting.name.to_uppercase());
            let (value, source) = if let Some(value) = flags.get(setting.name) {
                (value.clone(), Source::Flag)
            } else if let Some(value) = environment(&variable) {
                (value, Source::Environment(variable))
            } else if let Some(path) = environment(&format!("{variable}_FILE")) {
                let read = std::fs::read_to_string(&path);
                let text =
                    read.map_err(|e| Error::invalid(setting.name, format!("{path}: {e}")))?;
                (text.trim().to_owned(), Source::Environment(format!("{variable}_FILE")))
            } else if let Some(value) = from_file.get(setting.name) {
                (value.clone(), Source::File)
            } else {
                (setting.default.to_owned(), Source::Default)
            };
            shown.push((setting.name, value, source));
        }
        Self::check(shown)
    }

    fn check(shown: Vec<(&'static str, String, Source)>) -> Result<Self> {
        let mut config = Self::default();
        for (setting, (_, value, _)) in SETTINGS.iter().zip(&shown) {
            let wrong =
                |what: String| Error::invalid(setting.name, format!("{what}, not “{value}”"));
            match &setting.kind {
                Kind::Number(min, max) => {
                    let number = value.parse().ok().filter(|n| (min..=max).contains(&n));
                    *config.number(setting.name) = number.ok_or_else(|| {
                        wrong(format!("must be a whole number from {min} to {max}"))
                    })?;
                }
                Kind::Path => config.data = PathBuf::from(value),
                Kind::Addresses => {
                    let parsed = list(value, |item| item.parse().ok());
                    let parsed = parsed.ok_or_else(|| {
                        wrong("must be an IP address and port, such as 127.0.0.1:8000".into())
                    })?;
                    if setting.name == "ops" { config.ops = parsed } else { config.listen = parsed }
                }
                Kind::Networks => {
                    let parsed = list(value, Network::parse);
                    config.trusted_proxies = parsed.ok_or_else(|| {
                        wrong("must be IP addresses or networks, such as 10.0.0.0/8".into())
                    })?;
                }
                Kind::Hosts => {
                    let parsed =
                        list(value, |item| item.contains(':').then(|| item.to_lowercase()));
                    config.fetch_allow =
                        parsed.ok_or_else(|| wrong("must be host:port pairs".into()))?;
                }
                Kind::Choice(choices) => {
                    if !choices.contains(&value.as_str()) {
                        return Err(wrong(format!("must be one of {}", choices.join(", "))));
                    }
                    config.text(setting.name).clone_from(value);
                }
                Kind::Text | Kind::Secret => config.text(setting.name).clone_from(value),
                Kind::Pages => {
                    let right = value.starts_with("http://") || value.starts_with("https://");
                    if !right || !value.contains("{host}") || value.contains(char::is_whitespace) {
                        return Err(wrong("must be such as https://{host}".into()));
                    }
                    config.text(setting.name).clone_from(value);
                }
            }
        }
        if config.inflight_bytes < config.upload_bytes {
            return Err(Error::invalid(
                "inflight_bytes",
                "must not be less than upload_bytes, or no upload would ever fit",
            ));
        }
        let hide = |(name, value, source): (&'static str, String, Source)| {
            let secret = SETTINGS.iter().any(|s| s.name == name && matches!(s.kind, Kind::Secret));
            (name, if secret && !value.is_empty() { HIDDEN.to_owned() } else { value }, source)
        };
        config.shown = shown.into_iter().map(hide).collect();
        Ok(config)
    }

    fn text(&mut self, name: &str) -> &mut String {
        pick!(self, name, log log_level pages smtp_url smtp_from stripe_key stripe_webhook_secret stripe_url)
    }

    fn number(&mut self, name: &str) -> &mut u64 {
        pick!(self, name, head_bytes head_count body_bytes upload_bytes inflight_bytes answers_bytes head_seconds body_seconds idle_seconds
            write_seconds drain_seconds connections connections_per_address workers slow_workers slow_queue json_depth
            products prices options events hold_minutes fetch_seconds fetch_bytes fetch_redirects image_megapixels images_at_once
            hashes_at_once failures_per_address failures_per_account asks_per_address tenants_open readers_kept smtp_seconds
            confirm_hours stripe_seconds cache_bytes list_rows)
    }

    /// Is this the address of a trusted proxy?
    #[must_use]
    pub fn trusts(&self, ip: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.holds(ip))
    }

    /// A setting as a size in memory.
    #[must_use]
    pub fn size(number: u64) -> usize {
        usize::try_from(number).unwrap_or(usize::MAX)
    }
}

/// Of the names of an environment, those that look like a setting's.
fn unknown(names: impl Iterator<Item = String>) -> Vec<String> {
    let is_setting = |name: &str| {
        let is = |name: &str| SETTINGS.iter().any(|s| s.name.to_uppercase() == name);
        is(name) || name.strip_suffix("_FILE").is_some_and(is)
    };
    let mut unknown: Vec<String> = names
        .filter(|name| name.strip_prefix("GUICHET_").is_some_and(|rest| !is_setting(rest)))
        .collect();
    unknown.sort_unstable();
    unknown
}

fn list<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(parse).collect()
}

fn read_file(path: &Path) -> Result<HashMap<String, String>> {
    let wrong = |what: String| Error::invalid("config", format!("{}: {what}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|e| wrong(e.to_string()))?;
    let table: toml::Table =
        text.parse().map_err(|e: toml::de::Error| wrong(e.message().to_owned()))?;
    let as_text = |value: &toml::Value| match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        _ => None,
    };
    let mut values = HashMap::new();
    for (name, value) in &table {
        if !SETTINGS.iter().any(|setting| setting.name == name) {
            return Err(wrong(format!("there is no setting {name}")));
        }
        let value = match value {
            toml::Value::Array(items) => {
                items.iter().map(as_text).collect::<Option<Vec<_>>>().map(|all| all.join(","))
            }
            one => as_text(one),
        };
        values.insert(
            name.clone(),
            value.ok_or_else(|| wrong(format!("{name} must be a text, a number or a list")))?,
        );
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(
        flags: &[(&'static str, &str)],
        environment: &[(&str, &str)],
        file: Option<&Path>,
    ) -> Result<Config> {
        let flags = flags.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let get = |name: &str| {
            environment.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned())
        };
        Config::resolve(&flags, file, &get)
    }

    #[test]
    fn every_default_is_valid() {
        let config = resolve(&[], &[], None).unwrap();
        assert_eq!(config.body_bytes, 1 << 20);
        assert_eq!(config.listen, ["127.0.0.1:8000".parse().unwrap()]);
        assert_eq!(config.shown.len(), SETTINGS.len());
    }

    #[test]
    fn flag_goes_before_environment_before_its_file_before_the_file_before_the_default() {
        let dir = tempfile::tempdir().unwrap();
        let (toml, secret) = (dir.path().join("guichet.toml"), dir.path().join("value"));
        std::fs::write(&toml, "workers = 4\nlisten = [\"127.0.0.1:1\", \"127.0.0.1:2\"]\n")
            .unwrap();
        std::fs::write(&secret, "5\n").unwrap();
        let path = secret.to_str().unwrap();
        let from = |flags, environment: &[(&str, &str)], file| {
            resolve(flags, environment, file).unwrap().workers
        };
        let both = [("GUICHET_WORKERS", "6"), ("GUICHET_WORKERS_FILE", path)];
        assert_eq!(from(&[("workers", "7")], &both, Some(&toml)), 7);
        assert_eq!(from(&[], &both, Some(&toml)), 6);
        assert_eq!(from(&[], &both[1..], Some(&toml)), 5);
        assert_eq!(from(&[], &[], Some(&toml)), 4);
        assert_eq!(from(&[], &[], None), 0);
        assert_eq!(resolve(&[], &[], Some(&toml)).unwrap().listen.len(), 2);
    }

    #[test]
    fn a_wrong_value_is_named_with_its_setting() {
        for (name, value) in [
            ("workers", "many"),
            ("workers", "9999999"),
            ("listen", "here"),
            ("log", "loud"),
            ("trusted_proxies", "10.0.0.0/99"),
        ] {
            let error = resolve(&[(name, value)], &[], None).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name}: must be")), "{error}");
        }
        let dir = tempfile::tempdir().unwrap();
        let toml = dir.path().join("guichet.toml");
        std::fs::write(&toml, "worker = 4\n").unwrap();
        let error = resolve(&[], &[], Some(&toml)).unwrap_err().to_string();
        assert!(error.contains("there is no setting worker"), "{error}");
    }

    #[test]
    fn a_variable_that_is_named_like_a_setting_and_is_none_is_known_as_such() {
        let names = ["GUICHET_LISTEN", "GUICHET_LISTEN_FILE", "GUICHET_LISTN", "PATH", "GUICHET_"];
        let found = unknown(names.into_iter().map(str::to_owned));
        assert_eq!(found, ["GUICHET_", "GUICHET_LISTN"]);
    }

    #[test]
    fn a_secret_is_not_shown() {
        let config = resolve(&[("smtp_url", "smtp://u:geheim@mail")], &[], None).unwrap();
        assert_eq!(config.smtp_url, "smtp://u:geheim@mail");
        assert!(!format!("{:?}", config.shown).contains("geheim"));
    }

    #[test]
    fn a_proxy_is_trusted_by_address_and_by_network() {
        let config = resolve(&[("trusted_proxies", "10.0.0.0/8, ::1")], &[], None).unwrap();
        assert!(config.trusts("10.9.8.7".parse().unwrap()));
        assert!(config.trusts("::1".parse().unwrap()));
        assert!(!config.trusts("11.0.0.1".parse().unwrap()));
        assert!(
            resolve(&[("trusted_proxies", "0.0.0.0/0")], &[], None)
                .unwrap()
                .trusts("1.2.3.4".parse().unwrap())
        );
    }
}
