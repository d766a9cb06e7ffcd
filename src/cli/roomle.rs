//! Verbs on the keys of Roomle clients.

use super::tenant::slug;
use super::{Context, Json, print};
use crate::error::{Error, Result};
use crate::root::credential::{Credential, Dialect, Listed};
use crate::values::Slug;
use clap::{Args, Subcommand};
use serde_json::Value;

/// `guichet roomle`
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Make and show keys with their secrets, list and revoke them
    #[command(subcommand, after_help = "Example:\n  guichet roomle key show le-bisik")]
    Key(KeyVerb),
}

/// `guichet roomle key`
#[derive(Debug, Subcommand)]
pub(crate) enum KeyVerb {
    /// Make a key for an application that works for many tenants, or another one for a tenant
    Create(Create),
    /// List all keys, applications' and tenants', without their secrets
    #[command(after_help = "Example:\n  guichet roomle key list --json")]
    List(Json),
    /// End a key at once; a tenant's is made anew when it is next shown
    #[command(after_help = "Example:\n  guichet roomle key revoke sdHIKapQ2mVbXc71TzLw")]
    Revoke {
        /// The whole key
        key: String,
    },
    /// Show a tenant's key
    #[command(after_help = "Example:\n  guichet roomle key show le-bisik")]
    Show {
        /// The tenant's slug
        slug: String,
        #[command(flatten)]
        json: Json,
    },
}

/// `guichet roomle key create`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  guichet roomle key create
  guichet roomle key create --tenant le-bisik")]
pub(crate) struct Create {
    /// The tenant whose key it is to be; the one that it had opens nothing any more
    #[arg(long)]
    tenant: Option<String>,
    #[command(flatten)]
    json: Json,
}

impl Verb {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let house = context.house()?;
        let console = house.root.console();
        let Self::Key(verb) = self;
        match verb {
            KeyVerb::List(json) => return list(json.json, &console.roomle_keys()?),
            KeyVerb::Revoke { key } => {
                console.revoke_roomle_key(&key).map_err(|error| match error {
                    Error::NotFound => Error::invalid("key", format!("there is no key {key}")),
                    other => other,
                })?;
            }
            KeyVerb::Show { slug: name, json } => {
                show(json.json, &name, &console.credential(&slug(&name)?, Dialect::Roomle)?)?;
            }
            KeyVerb::Create(Create { tenant: None, json }) => {
                show(json.json, "", &console.create_app_key()?)?;
            }
            KeyVerb::Create(Create { tenant: Some(name), json }) => {
                let made = console.renew_credential(&slug(&name)?, Dialect::Roomle)?;
                show(json.json, &name, &made)?;
            }
        }
        house.changed()
    }
}

fn list(json: bool, keys: &[Listed]) -> Result<()> {
    let row = |key: &Listed| -> Vec<Value> {
        let Listed { key, tenant, active, created } = key;
        let state = if *active { "active" } else { "revoked" };
        let tenant = tenant.as_ref().map_or("", Slug::as_str);
        vec![key.as_str().into(), tenant.into(), state.into(), created.to_string().into()]
    };
    let rows: Vec<Vec<Value>> = keys.iter().map(row).collect();
    print::table(json, &["key", "tenant", "state", "created"], &rows)
}

fn show(json: bool, tenant: &str, credential: &Credential) -> Result<()> {
    let Credential { key, secret, .. } = credential;
    let row = vec![tenant.into(), key.as_str().into(), secret.as_str().into()];
    print::table(json, &["tenant", "key", "secret"], &[row])
}
