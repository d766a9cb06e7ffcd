//! Verbs on licences that were bought for tenants.

use super::{Context, Json, print, wrong};
use crate::error::{Error, Refusal, Result};
use crate::root::license::License;
use crate::values::Time;
use clap::{Args, Subcommand};
use serde_json::Value;

/// `guichet licence`
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Write down a licence; the tenant with this customer id and code can then take it over
    #[command(
        after_help = "Examples:\n  guichet licence add --customer C-1 --code K-1 --seats 25\n  guichet licence add --customer C-2 --code K-2 --seats 5 --expires 2027-01-31T00:00:00Z"
    )]
    Add {
        #[command(flatten)]
        buyer: Buyer,
        /// How many may be active
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        seats: u32,
        /// When a trial ends, as 2027-01-31T00:00:00Z; without: never
        #[arg(long)]
        expires: Option<String>,
    },
    /// List all licences
    #[command(after_help = "Example:\n  guichet licence list --json")]
    List(Json),
    /// Take a licence away; who has taken it over keeps it
    #[command(after_help = "Example:\n  guichet licence remove --customer C-1 --code K-1")]
    Remove(Buyer),
}

/// Who bought a licence, and by which code.
#[derive(Debug, Args)]
pub(crate) struct Buyer {
    /// The customer's id
    #[arg(long)]
    customer: String,
    /// The customer's code
    #[arg(long)]
    code: String,
}

impl Verb {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let house = context.house()?;
        let console = house.root.console();
        match self {
            Self::Add { buyer: Buyer { customer, code }, seats, expires } => {
                let moment = |text: &String| {
                    let what = "is no moment such as 2027-01-31T00:00:00Z";
                    Time::parse(text).ok_or_else(|| wrong("expires", what))
                };
                let expires = expires.as_ref().map(moment).transpose()?;
                let taken = |error| match error {
                    Error::Refused(Refusal::NameTaken) => {
                        wrong("code", "belongs to a licence of this customer already")
                    }
                    other => other,
                };
                console
                    .add_license(&License { customer, code, expires, total: seats })
                    .map_err(taken)?;
            }
            Self::List(json) => return list(json, &console.licenses()?),
            Self::Remove(Buyer { customer, code }) => {
                console.remove_license(&customer, &code).map_err(|error| match error {
                    Error::NotFound => wrong("customer", "there is no such licence"),
                    other => other,
                })?;
            }
        }
        house.changed()
    }
}

fn list(json: Json, licenses: &[License]) -> Result<()> {
    let row = |license: &License| -> Vec<Value> {
        vec![
            license.customer.as_str().into(),
            license.code.as_str().into(),
            license.kind().into(),
            license.expires.map(|at| at.to_string()).into(),
            license.total.into(),
        ]
    };
    let head = ["customer", "code", "kind", "expires", "seats"];
    print::table(json.json, &head, &licenses.iter().map(row).collect::<Vec<_>>())
}
