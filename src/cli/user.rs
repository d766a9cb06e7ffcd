//! Verbs on accounts.

use super::house::email;
use super::tenant::slug;
use super::{Context, House, Json, print, read_secret};
use crate::error::Result;
use crate::root::Account;
use crate::root::people::NewUser;
use clap::{ArgGroup, Args, Subcommand};
use serde_json::Value;

/// `guichet user`
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Make an active account
    Create(Create),
    /// List all accounts
    #[command(after_help = "Example:\n  guichet user list --json")]
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
#[command(
    after_help = "Example:\n  echo 'a long password' | guichet user passwd me@example.org --password-stdin --activate"
)]
pub(crate) struct Passwd {
    /// The account's e-mail
    email: String,
    /// Read the password from standard input; there is no other way to give it
    #[arg(long, required = true)]
    password_stdin: bool,
    /// Let the account log in though it has not proven its e-mail
    #[arg(long)]
    activate: bool,
}

/// `guichet user grant`
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("right").required(true).multiple(true),
    after_help = "Examples:
  guichet user grant me@example.org --tenant le-bisik --admin
  guichet user grant me@example.org --superuser --revoke"
)]
pub(crate) struct Grant {
    /// The account's e-mail
    email: String,
    /// The tenant to administer
    #[arg(long, requires = "admin")]
    tenant: Option<String>,
    /// Administers the tenant
    #[arg(long, requires = "tenant", group = "right")]
    admin: bool,
    /// May do all, everywhere
    #[arg(long, group = "right")]
    superuser: bool,
    /// May create tenants through the API
    #[arg(long, group = "right")]
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
            Self::Create(create) => create.run(&house)?,
            Self::List(json) => return list(json.json, &console.list_users()?),
            Self::Passwd(passwd) => {
                console.set_password(&email(&passwd.email)?, &read_secret()?, passwd.activate)?;
            }
            Self::Grant(grant) => {
                let tenant = grant.tenant.as_deref().map(slug).transpose()?;
                let (email, on) = (email(&grant.email)?, !grant.revoke);
                let (superuser, creator) = (grant.superuser, grant.can_create_tenant);
                if console.grant(&email, tenant.as_ref(), superuser, creator, on)? {
                    print::note(format!(
                        "nobody had proven the address {email}: the password that was chosen for it is gone; \
                         `guichet --data {} user passwd {email} --password-stdin --activate` reads another",
                        house.data.display()
                    ));
                }
            }
        }
        house.changed()
    }
}

impl Create {
    fn run(self, house: &House) -> Result<()> {
        let password = if self.password_stdin { Some(read_secret()?) } else { None };
        let account = house.root.console().create_user(&NewUser {
            email: email(&self.email)?,
            password,
            superuser: self.superuser,
            can_create_tenant: self.can_create_tenant,
        })?;
        print::line(account.id)?;
        if !account.has_password {
            print::note(format!(
                "no password set: it cannot log in until `guichet --data {} user passwd {} --password-stdin`",
                house.data.display(),
                account.email
            ));
        }
        Ok(())
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
