//! Verbs on accounts.

use super::house::email;
use super::tenant::slug;
use super::{Context, Json, print, read_secret, wrong};
use crate::error::Result;
use crate::root::Account;
use crate::root::people::NewUser;
use clap::{Args, Subcommand};
use serde_json::Value;

/// `guichet user`
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Make an active account
    Create(Create),
    /// List all accounts
    List(Json),
    /// Set a password, which ends the account's tokens
    Passwd(Passwd),
    /// Give rights, or take them with --revoke
    Grant(Grant),
}

/// `guichet user create`
#[derive(Debug, Args)]
#[command(after_help = "Example:
  echo 'a long password' | guichet user create me@example.org --password-stdin --superuser")]
pub(crate) struct Create {
    /// Its e-mail
    email: String,
    /// Read its password from standard input; without, it cannot log in yet
    #[arg(long)]
    password_stdin: bool,
    /// May do all, everywhere
    #[arg(long)]
    superuser: bool,
    /// May create tenants through the API
    #[arg(long)]
    can_create_tenant: bool,
}

/// `guichet user passwd`
#[derive(Debug, Args)]
pub(crate) struct Passwd {
    /// The account's e-mail
    email: String,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
    /// Let the account log in though it has not proven its e-mail
    #[arg(long)]
    activate: bool,
}

/// `guichet user grant`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  guichet user grant me@example.org --tenant le-bisik --admin
  guichet user grant me@example.org --superuser --revoke")]
pub(crate) struct Grant {
    /// The account's e-mail
    email: String,
    /// The tenant to administer
    #[arg(long, requires = "admin")]
    tenant: Option<String>,
    /// Administers the tenant
    #[arg(long, requires = "tenant")]
    admin: bool,
    /// May do all, everywhere
    #[arg(long)]
    superuser: bool,
    /// May create tenants through the API
    #[arg(long)]
    can_create_tenant: bool,
    /// Take what is named instead of giving it
    #[arg(long)]
    revoke: bool,
}

impl Verb {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let house = context.house()?;
        let console = house.root.console();
        match self {
            Self::Create(create) => {
                let password = if create.password_stdin { Some(read_secret()?) } else { None };
                let account = console.create_user(&NewUser {
                    email: email(&create.email)?,
                    password,
                    superuser: create.superuser,
                    can_create_tenant: create.can_create_tenant,
                })?;
                print::line(account.id)?;
            }
            Self::List(json) => return list(json.json, &console.list_users()?),
            Self::Passwd(passwd) => {
                if !passwd.password_stdin {
                    return Err(wrong(
                        "password",
                        "is read from standard input: add --password-stdin",
                    ));
                }
                console.set_password(&email(&passwd.email)?, &read_secret()?, passwd.activate)?;
            }
            Self::Grant(grant) => {
                let tenant = grant.tenant.as_deref().map(slug).transpose()?;
                if tenant.is_none() && !grant.superuser && !grant.can_create_tenant {
                    return Err(wrong(
                        "grant",
                        "name what to give: --tenant SLUG --admin, --superuser, --can-create-tenant",
                    ));
                }
                let (email, on) = (email(&grant.email)?, !grant.revoke);
                console.grant(
                    &email,
                    tenant.as_ref(),
                    grant.superuser,
                    grant.can_create_tenant,
                    on,
                )?;
            }
        }
        house.changed()
    }
}

fn list(json: bool, accounts: &[Account]) -> Result<()> {
    let row = |account: &Account| -> Vec<Value> {
        vec![
            account.email.as_str().into(),
            account.active.into(),
            account.superuser.into(),
            account.can_create_tenant.into(),
            account.has_password.into(),
            account.created.to_string().into(),
            account.id.to_string().into(),
        ]
    };
    let head = ["email", "active", "superuser", "can_create_tenant", "password", "created", "id"];
    print::table(json, &head, &accounts.iter().map(row).collect::<Vec<_>>())
}
