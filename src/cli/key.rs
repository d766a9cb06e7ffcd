//! Verbs on API keys.

use super::house::email;
use super::tenant::slug;
use super::{Context, Json, print, wrong};
use crate::error::{Error, Result};
use crate::root::{Rights, key};
use crate::values::Time;
use clap::{Args, Subcommand};
use serde_json::Value;

/// `guichet key`
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Make a key and print it: the only time that it can be seen
    Create(Create),
    /// List all keys, or those of one tenant
    List {
        /// The tenant's slug
        #[arg(long)]
        tenant: Option<String>,
        #[command(flatten)]
        json: Json,
    },
    /// End a key at once
    Revoke {
        /// Its first eight characters, or its id
        key: String,
    },
}

/// `guichet key create`
#[derive(Debug, Args)]
#[command(after_help = "Example:
  guichet key create --tenant le-bisik --user me@example.org --name website --rights product,event --ip 203.0.113.7")]
pub(crate) struct Create {
    /// The tenant that it opens
    #[arg(long)]
    tenant: String,
    /// The account that it acts as
    #[arg(long)]
    user: String,
    /// What it is called
    #[arg(long)]
    name: String,
    /// What it may do: event, product, place, artist, reservation, ticket
    #[arg(long)]
    rights: String,
    /// The only address that it may come from; without: any
    #[arg(long)]
    ip: Option<String>,
    /// When it ends by itself, as 2027-01-31T00:00:00Z
    #[arg(long)]
    expires: Option<String>,
}

impl Verb {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let house = context.house()?;
        let console = house.root.console();
        match self {
            Self::Create(create) => print::line(console.create_key(&create.read()?)?)?,
            Self::List { tenant, json } => {
                let tenant = tenant.as_deref().map(slug).transpose()?;
                return list(json.json, &console.list_keys(tenant.as_ref())?);
            }
            Self::Revoke { key } => {
                console.revoke_key(&key).map_err(|error| match error {
                    Error::NotFound => {
                        wrong("key", "there is none with these first eight characters or this id")
                    }
                    other => other,
                })?;
            }
        }
        house.changed()
    }
}

impl Create {
    fn read(&self) -> Result<key::New> {
        let rights = Rights::parse(&self.rights).map_err(|name| {
            Error::invalid(
                "rights",
                format!("“{name}” is none of event, product, place, artist, reservation, ticket"),
            )
        })?;
        let ip = self
            .ip
            .as_deref()
            .map(|ip| ip.parse().map_err(|_| wrong("ip", "is no IP address")))
            .transpose()?;
        let expires = self.expires.as_deref().map(|at| {
            Time::parse(at)
                .ok_or_else(|| wrong("expires", "is no moment such as 2027-01-31T00:00:00Z"))
        });
        Ok(key::New {
            tenant: slug(&self.tenant)?,
            email: email(&self.user)?,
            name: self.name.clone(),
            rights,
            ip,
            expires: expires.transpose()?,
        })
    }
}

fn list(json: bool, keys: &[key::Listed]) -> Result<()> {
    let moment = |time: Option<Time>| time.map(|time| time.to_string()).into();
    let row = |key: &key::Listed| -> Vec<Value> {
        vec![
            key.prefix.as_str().into(),
            key.tenant.to_string().into(),
            key.name.as_str().into(),
            key.email.as_str().into(),
            key.rights.names().into(),
            key.ip.as_deref().into(),
            moment(key.expires),
            moment(key.revoked),
            moment(key.last_used),
            key.id.to_string().into(),
        ]
    };
    let head = [
        "prefix",
        "tenant",
        "name",
        "user",
        "rights",
        "ip",
        "expires",
        "revoked",
        "last_used",
        "id",
    ];
    print::table(json, &head, &keys.iter().map(row).collect::<Vec<_>>())
}
