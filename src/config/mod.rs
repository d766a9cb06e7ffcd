//! Settings: read once, each documented, limited, and shown by `guichet config print`.
//!
//! Flag before `GUICHET_NAME` in the environment before `GUICHET_NAME_FILE` before the TOML file before the default. The
//! only file that reads the environment.

mod settings;

pub use settings::{Kind, SETTINGS, Setting};

use crate::error::{Error, Result};
use crate::values::{Limits, Package, Usage};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

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
    pub self_service: String,
    pub self_registration: String,
    pub registration_organization: String,
    pub graphiql: String,
    pub graphql_bytes: u64,
    pub graphql_depth: u64,
    pub graphql_fields: u64,
    pub graphql_aliases: u64,
    pub graphql_complexity: u64,
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
    pub coach_prefixes: String,
    pub coach_tenant_lifecycle: String,
    pub license_count: String,
    pub license_required: String,
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
    pub package_limits: Limits,
    pub roomle_plain_token: String,
    pub roomle_token_minutes: u64,
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
                Kind::Limits => config.package_limits = limits(value).map_err(wrong)?,
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
        pick!(self, name, log log_level self_service self_registration registration_organization graphiql coach_prefixes coach_tenant_lifecycle license_count license_required pages smtp_url smtp_from stripe_key stripe_webhook_secret stripe_url roomle_plain_token)
    }

    fn number(&mut self, name: &str) -> &mut u64 {
        pick!(self, name, head_bytes head_count body_bytes upload_bytes inflight_bytes answers_bytes head_seconds body_seconds idle_seconds
            write_seconds drain_seconds connections connections_per_address workers slow_workers slow_queue json_depth
            products prices options events hold_minutes fetch_seconds fetch_bytes fetch_redirects image_megapixels images_at_once
            hashes_at_once failures_per_address failures_per_account asks_per_address tenants_open readers_kept smtp_seconds
            confirm_hours stripe_seconds cache_bytes list_rows roomle_token_minutes graphql_bytes graphql_depth graphql_fields graphql_aliases graphql_complexity)
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

/// Reads `{"tenant_free": {"events": 10}}`; empty: nothing is limited.
fn limits(text: &str) -> Result<Limits, String> {
    let mut limits = Limits::default();
    if text.is_empty() {
        return Ok(limits);
    }
    let shape = || r#"must be such as {"tenant_free": {"events": 10}}"#.to_owned();
    let packages: HashMap<String, HashMap<String, u32>> =
        serde_json::from_str(text).map_err(|_| shape())?;
    for (package, usages) in &packages {
        let known =
            Package::parse(package).ok_or_else(|| format!("there is no package {package}"))?;
        for (usage, most) in usages {
            let usage = Usage::parse(usage).ok_or_else(|| format!("there is no usage {usage}"))?;
            limits.set(known, usage, *most);
        }
    }
    Ok(limits)
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
