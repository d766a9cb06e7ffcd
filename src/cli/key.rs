//! Verbs on API keys.

use super::house::email;
use super::tenant::slug;
use super::{Context, Json, print, wrong};
use crate::error::{Error, Result};
use crate::root::{Operator, Rights, key};
use crate::values::Time;
use clap::{Args, Subcommand};
use serde_json::Value;

/// `guichet key`
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Make a key and print it: the only time that it can be seen
    Create(Create),
    /// List all keys, or those of one tenant
    #[command(after_help = "Example:\n  guichet key list --tenant le-bisik")]
    List {
        /// The tenant's slug
        #[arg(long)]
        tenant: Option<String>,
        #[command(flatten)]
        json: Json,
    },
    /// End a key at once
    #[command(after_help = "Example:\n  guichet key revoke sdHIKapQ")]
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
            Self::Create(create) => {
                let new = create.read()?;
                print::line(console.create_key(&new)?)?;
                note_account(&console, &new)?;
            }
            Self::List { tenant, json } => {
                let tenant = tenant.as_deref().map(slug).transpose()?;
                return list(json.json, &console.list_keys(tenant.as_ref())?);
            }
            Self::Revoke { key } => {
                console.revoke_key(&key).map_err(|error| match error {
                    Error::NotFound => Error::invalid(
                        "key",
                        format!("there is none whose first eight characters or id are “{key}”"),
                    ),
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
        if rights.names().is_empty() {
            return Err(wrong("rights", "must name one at least, such as product"));
        }
        let ip = self
            .ip
            .as_deref()
            .map(|ip| ip.parse().map_err(|_| wrong("ip", "is no IP address")))
            .transpose()?;
        let expires = self.expires.as_deref().map(|text| {
            let at = Time::parse(text)
                .ok_or_else(|| wrong("expires", "is no moment such as 2027-01-31T00:00:00Z"))?;
            if at <= Time::now() {
                return Err(Error::invalid("expires", format!("{at} is over already")));
            }
            Ok(at)
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

/// Says so when the account of a new key makes it more, or less, than was perhaps meant.
fn note_account(console: &Operator, new: &key::New) -> Result<()> {
    let Some(account) = console.user(&new.email)? else { return Ok(()) };
    let (email, tenant) = (&account.email, &new.tenant);
    if !account.active {
        print::note(format!(
            "the account {email} is inactive: until it is active, this key opens nothing"
        ));
    }
    if !account.superuser && !console.administers(&account, tenant)? {
        print::note(format!(
            "{email} neither administers {tenant} nor is a superuser; this key has its rights there all the same"
        ));
    }
    Ok(())
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
