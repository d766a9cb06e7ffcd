//! Verbs on organizations: who owns the customers.

use super::{Context, Json, print, wrong};
use crate::error::{Error, Result};
use crate::root::organization::Organization;
use crate::values::country::Country;
use clap::{Args, Subcommand};
use serde_json::Value;

/// `guichet org`
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Make an organization and print its number
    Create(Create),
    /// List all organizations
    #[command(after_help = "Example:\n  guichet org list --json")]
    List(Json),
    /// Give an organization another name
    #[command(after_help = "Example:\n  guichet org rename 2 'Fancy theme parks'")]
    Rename {
        /// Its number
        number: i64,
        /// Its new name
        name: String,
    },
}

/// `guichet org create`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  guichet org create 'Fancy theme parks' --country FR")]
pub(crate) struct Create {
    /// Its name
    name: String,
    /// Where it is at home: two letters
    #[arg(long, default_value = "FR")]
    country: String,
}

impl Verb {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let house = context.house()?;
        let console = house.root.console();
        match self {
            Self::Create(Create { name, country }) => {
                let known = Country::ALL.iter().find(|one| one.code.eq_ignore_ascii_case(&country));
                let known = known.ok_or_else(|| wrong("country", "is none, such as FR"))?;
                print::line(console.create_organization(&name, known.no)?.no)?;
            }
            Self::List(json) => return list(json.json, &console.organizations(-1, 0)?),
            Self::Rename { number, name } => {
                let none = |error| match error {
                    Error::NotFound => Error::invalid("number", "there is no such organization"),
                    other => other,
                };
                console.change_organization(number, Some(&name), None).map_err(none)?;
            }
        }
        house.changed()
    }
}

fn list(json: bool, all: &[Organization]) -> Result<()> {
    let row = |one: &Organization| -> Vec<Value> {
        let country = Country::of(i64::from(one.country)).map(|country| country.code);
        vec![
            one.no.into(),
            one.name.as_str().into(),
            country.into(),
            one.created.to_string().into(),
            one.id.to_string().into(),
        ]
    };
    let head = ["number", "name", "country", "created", "id"];
    print::table(json, &head, &all.iter().map(row).collect::<Vec<_>>())
}
