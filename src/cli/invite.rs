//! Verbs on invitations to work for tenants.

use super::{Context, Json, print};
use crate::error::{Error, Result};
use crate::root::invite::{Invite, Standing};
use crate::values::Time;
use clap::Subcommand;
use serde_json::Value;

/// `guichet invite`
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List all invitations, the newest first
    #[command(after_help = "Example:\n  guichet invite list --json")]
    List(Json),
    /// Take back an invitation that nobody has answered
    #[command(after_help = "Example:\n  guichet invite revoke 3")]
    Revoke {
        /// Its number
        number: i64,
    },
}

impl Verb {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let house = context.house()?;
        let console = house.root.console();
        match self {
            Self::List(json) => return list(json.json, &console.list_invites()?),
            Self::Revoke { number } => {
                console.revoke_invite(number).map_err(|error| match error {
                    Error::NotFound => Error::invalid("number", "there is no such invitation"),
                    Error::Refused(_) => {
                        Error::invalid("number", "this invitation was answered or taken back")
                    }
                    other => other,
                })?;
            }
        }
        house.changed()
    }
}

fn list(json: bool, all: &[Invite]) -> Result<()> {
    let now = Time::now();
    let row = |invite: &Invite| -> Vec<Value> {
        let state = match invite.standing(now) {
            Standing::Expired => "expired",
            _ => invite.state.as_str(),
        };
        vec![
            invite.no.into(),
            invite.email.as_str().into(),
            state.into(),
            invite.organizers.clone().into(),
            invite.distributions.clone().into(),
            invite.created.to_string().into(),
            invite.expires.to_string().into(),
        ]
    };
    let head = ["number", "email", "state", "organizers", "distributions", "created", "expires"];
    print::table(json, &head, &all.iter().map(row).collect::<Vec<_>>())
}
