//! Verbs of the Coach dialect: a tenant of any server, asked as a program asks; the pair of a tenant of this house; what a
//! program was refused.

use super::tenant::slug;
use super::{Context, Json, print, read_secret, server, wrong};
use crate::error::{Error, Result};
use crate::root::credential::Dialect;
use clap::{Args, Subcommand};
use serde_json::{Map, Value};
use std::time::{Duration, Instant};
use ureq::Agent;
use ureq::http::Request;

/// `guichet coach`
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Read or change a tenant of any Coach server
    #[command(
        subcommand,
        after_help = "Example:\n  guichet coach tenant get --server http://localhost:8000 --code 1002 --key KEY < secret"
    )]
    Tenant(TenantVerb),
    /// Print the pair by which programs open a tenant; `root` opens all
    #[command(after_help = "Example:\n  guichet coach key le-bisik")]
    Key {
        /// The tenant's slug
        slug: String,
        #[command(flatten)]
        json: Json,
    },
    /// Find an error again by the id that its answer named
    #[command(after_help = "Example:\n  guichet coach error 7f8a2c9e-5b1d-4e0f-9a63-2d4c8b7e1f05")]
    Error {
        /// The id
        id: String,
        #[command(flatten)]
        json: Json,
    },
}

/// `guichet coach tenant`
#[derive(Debug, Subcommand)]
pub(crate) enum TenantVerb {
    /// Print a tenant
    #[command(
        after_help = "Example:\n  guichet coach tenant get --server http://localhost:8000 --code 1002 --key KEY < secret"
    )]
    Get(Remote),
    /// Change a tenant and print it
    #[command(
        after_help = "Example:\n  guichet coach tenant update --code 1002 --key KEY --set name='Le Bisik' --via-post < secret"
    )]
    Update {
        #[command(flatten)]
        remote: Remote,
        /// What changes, as name=value; may be given several times. Of an empty value nothing is left
        #[arg(long, value_name = "NAME=VALUE", required = true)]
        set: Vec<String>,
        /// Send POST and say in a header that it stands for PUT
        #[arg(long)]
        via_post: bool,
    },
}

/// A tenant of some server, and the pair that opens it. The secret is read from standard input.
#[derive(Debug, Args)]
pub(crate) struct Remote {
    /// Where the server answers, with a prefix if it has one
    #[arg(long, default_value = "http://127.0.0.1:8000")]
    server: String,
    /// The tenant's code: 1000 and greater
    #[arg(long)]
    code: u32,
    /// The key
    #[arg(long)]
    key: String,
}

impl Verb {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        match self {
            Self::Tenant(TenantVerb::Get(remote)) => shown(&remote.opened()?.get()?),
            Self::Tenant(TenantVerb::Update { remote, set, via_post }) => {
                let opened = remote.opened()?;
                let mut tenant = opened.get()?;
                set.iter().try_for_each(|pair| change(&mut tenant, pair))?;
                shown(&opened.put(&tenant, via_post)?)
            }
            Self::Key { slug: name, json } => {
                let house = context.house()?;
                let pair = house.root.console().credential(&slug(&name)?, Dialect::Coach)?;
                let row = vec![pair.key.into(), pair.secret.into()];
                print::table(json.json, &["key", "secret"], &[row])
            }
            Self::Error { id, json } => find(context, &id, json),
        }
    }
}

/// A server writes refusals down every second, so one of this moment is waited for.
fn find(context: &Context, id: &str, json: Json) -> Result<()> {
    const PATIENCE: Duration = Duration::from_secs(3);
    const LOOK_EVERY: Duration = Duration::from_millis(50);
    let house = context.house()?;
    let wanted = id.parse().map_err(|_| wrong("id", "is no id, such as errors have"))?;
    let by =
        Instant::now() + if server::is_served(&house.data)? { PATIENCE } else { Duration::ZERO };
    let console = house.root.console();
    let found = loop {
        match console.refused(wanted)? {
            Some(found) => break found,
            None if Instant::now() >= by => {
                return Err(Error::invalid("id", format!("there is no error {id}, or no more")));
            }
            None => std::thread::sleep(LOOK_EVERY),
        }
    };
    let head = ["id", "at", "status", "message", "description", "request", "asked"];
    let row = vec![
        found.id.to_string().into(),
        found.at.to_string().into(),
        found.status.into(),
        found.message.into(),
        found.description.into(),
        found.request.into(),
        found.asked.into(),
    ];
    print::table(json.json, &head, &[row])
}

impl Remote {
    fn opened(&self) -> Result<Opened<'_>> {
        const WAIT: Duration = Duration::from_secs(30);
        if !self.server.starts_with("http://") && !self.server.starts_with("https://") {
            return Err(wrong("server", "must be such as http://127.0.0.1:8000"));
        }
        let config = Agent::config_builder()
            .timeout_global(Some(WAIT))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        let path = format!("api/v1/{0}/tenants/{0}", self.code);
        Ok(Opened {
            agent: Agent::new_with_config(config),
            url: format!("{}/{path}", self.server.trim_end_matches('/')),
            key: &self.key,
            secret: read_secret()?,
        })
    }
}

/// A tenant that can be asked for.
struct Opened<'a> {
    agent: Agent,
    url: String,
    key: &'a str,
    secret: String,
}

impl Opened<'_> {
    fn get(&self) -> Result<Map<String, Value>> {
        self.ask("GET", None, String::new())
    }

    fn put(&self, tenant: &Map<String, Value>, via_post: bool) -> Result<Map<String, Value>> {
        let body = Value::from(tenant.clone()).to_string();
        match via_post {
            true => self.ask("POST", Some("UPDATE"), body),
            false => self.ask("PUT", None, body),
        }
    }

    /// One question; the tenant, or in the words of the server why not.
    fn ask(&self, verb: &str, instead: Option<&str>, body: String) -> Result<Map<String, Value>> {
        const LONGEST: u64 = 1_048_576;
        let said = |what: String| Error::invalid("server", what);
        let mut request = Request::builder()
            .method(verb)
            .uri(&self.url)
            .header("Content-Type", "application/json")
            .header("consumer_key", self.key)
            .header("consumer_secret", &self.secret);
        if let Some(instead) = instead {
            request = request.header("X-HTTP-Method-Override", instead);
        }
        let asked = request.body(body).map_err(|error| said(error.to_string()))?;
        let mut answer = self.agent.run(asked).map_err(|error| said(error.to_string()))?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().with_config().limit(LONGEST).read_to_string();
        let text = text.map_err(|error| said(error.to_string()))?;
        let read = serde_json::from_str(&text);
        let Ok(Value::Object(members)) = read else {
            return Err(said(format!("{status}, and no object: {}", self.url)));
        };
        if status == 200 {
            return Ok(members);
        }
        let part = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or("");
        let (message, more, id) = (part("message"), part("description"), part("id"));
        Err(said(format!("{status} {message}: {more} (error {id})")))
    }
}

/// Puts a `name=value` of the command line into a tenant; nothing is `null`.
fn change(tenant: &mut Map<String, Value>, pair: &str) -> Result<()> {
    let (name, value) =
        pair.split_once('=').ok_or_else(|| wrong("set", "must be such as name='Le Bisik'"))?;
    let known = tenant
        .get_mut(name)
        .ok_or_else(|| Error::invalid("set", format!("a tenant has no {name}")))?;
    *known = match value {
        "" => Value::Null,
        "true" | "false" if known.is_boolean() => (value == "true").into(),
        text => text.into(),
    };
    Ok(())
}

fn shown(tenant: &Map<String, Value>) -> Result<()> {
    print::line(serde_json::to_string_pretty(tenant).unwrap_or_default())
}
