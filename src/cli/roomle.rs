//! Verbs on the keys of Roomle clients.

use super::tenant::slug;
use super::{Context, Json, print};
use crate::error::Result;
use crate::root::credential::{Credential, Dialect};
use clap::{Args, Subcommand};

/// `guichet roomle`
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Make and show keys, each with its secret
    #[command(subcommand, after_help = "Example:\n  guichet roomle key show le-bisik")]
    Key(KeyVerb),
}

/// `guichet roomle key`
#[derive(Debug, Subcommand)]
pub(crate) enum KeyVerb {
    /// Make a key for an application that works for many tenants, or another one for a tenant
    Create(Create),
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

fn show(json: bool, tenant: &str, credential: &Credential) -> Result<()> {
    let Credential { key, secret, .. } = credential;
    let row = vec![tenant.into(), key.as_str().into(), secret.as_str().into()];
    print::table(json, &["tenant", "key", "secret"], &[row])
}
