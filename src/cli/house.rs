//! Verbs on the house itself: init, migrate, config, completions, version.

use super::{Arguments, Context, Json, no_setting, print, read_secret, wrong};
use crate::config::SETTINGS;
use crate::error::{Error, Result};
use crate::root::people::{NewUser, check_new_password};
use crate::root::{Options, Root, init};
use crate::trade::place::{self, Images};
use crate::values::{Email, Host, Slug};
use clap::{Args, CommandFactory, Subcommand};
use clap_complete::Shell;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;

/// `guichet init`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  guichet --data /srv/guichet init --domain tickets.example.org
  echo 'a long password' | guichet init --domain tickets.example.org --admin-email me@example.org --admin-password-stdin")]
pub(crate) struct Init {
    /// The domain under which tenants answer
    #[arg(long)]
    domain: String,
    /// The first label of the agenda's domain
    #[arg(long, default_value = "meta")]
    meta: String,
    /// The e-mail of the first administrator
    #[arg(long, requires = "admin_password_stdin")]
    admin_email: Option<String>,
    /// Read the administrator's password from standard input
    #[arg(long, requires = "admin_email")]
    admin_password_stdin: bool,
}

impl Init {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let config = context.plain_config()?;
        init::check_free(&config.data)?;
        let domain = domain(&self.domain)?;
        let meta = new_label("meta", &self.meta)?;
        let email = self.admin_email.as_deref().map(email).transpose()?;
        let password = if self.admin_password_stdin { Some(read_secret()?) } else { None };
        password.as_deref().map(check_new_password).transpose()?;
        let root = make(&config.data, domain, meta)?;
        let console = root.console();
        match email {
            Some(email) => {
                let new = NewUser { email, password, superuser: true, can_create_tenant: true };
                console.create_user(&new)?;
            }
            None => print::line(first_steps(&root, &config.data)?)?,
        }
        print::line(format!("{} is ready: `guichet --data {0} serve`", config.data.display()))
    }
}

/// Makes a data directory and opens it.
pub(super) fn make(dir: &Path, domain: Host, meta: Slug) -> Result<Root> {
    let new = init::NewHouse { domain, meta };
    init::init(dir, &new, |tx, profile| place::open(tx, profile, &Images::default(), None))?;
    Root::open(dir, Options::default())
}

/// What to do in a house that nobody runs yet.
fn first_steps(root: &Root, data: &Path) -> Result<String> {
    Ok(format!(
        "Set-up link, good for a day: {}\nIts page does not exist yet; until it does, these two lines do its work:\n  \
         echo 'a long password' | guichet --data {data} user create me@example.org --password-stdin --superuser\n  \
         guichet --data {data} tenant create 'Le Bisik' --admin me@example.org",
        setup_link(root)?,
        data = data.display()
    ))
}

/// The one-time link by which the first administrator sets a password.
pub(super) fn setup_link(root: &Root) -> Result<String> {
    let console = root.console();
    Ok(format!("http://{}/setup/{}", console.domain()?, console.setup_token()?))
}

fn domain(text: &str) -> Result<Host> {
    Host::domain(text).ok_or_else(|| {
        let what = "is no domain that tenants can answer under, such as tickets.example.org";
        Error::invalid("domain", format!("“{text}” {what}"))
    })
}

/// A slug that becomes the first label of a host name.
pub(super) fn new_label(name: &'static str, text: &str) -> Result<Slug> {
    Slug::parse(text).filter(|_| !text.starts_with('-') && !text.ends_with('-')).ok_or_else(|| {
        let what = "must be 1 to 63 of a-z, 0-9, - and _, without - at an end";
        Error::invalid(name, format!("{what}, not “{text}”"))
    })
}

pub(super) fn email(text: &str) -> Result<Email> {
    Email::parse(text).ok_or_else(|| wrong("email", "is no e-mail address"))
}

/// `guichet migrate`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  guichet --data /srv/guichet migrate\n  guichet --data /srv/guichet migrate --status"
)]
pub(crate) struct Migrate {
    /// Only say at which version each file is
    #[arg(long)]
    status: bool,
    #[command(flatten)]
    json: Json,
}

impl Migrate {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let house = context.house()?;
        let console = house.root.console();
        if !self.status {
            let bar = progress(console.tenants()?.len());
            let mut failed = vec![];
            console.migrate(|slug, result| {
                bar.inc(1);
                if let Err(error) = result {
                    failed.push(format!("{slug}: {error}"));
                }
            })?;
            bar.finish_and_clear();
            if !failed.is_empty() {
                return Err(Error::directory(failed.join("; ")));
            }
        }
        let (mut rows, mut wrong): (Vec<Vec<Value>>, Vec<String>) = (vec![], vec![]);
        for (slug, version, newest) in console.versions()? {
            let at = match version {
                Ok(at) => {
                    if at > newest {
                        wrong.push(format!("{slug} is from a newer guichet"));
                    }
                    Some(at)
                }
                Err(error) => {
                    wrong.push(format!("{slug}: {error}"));
                    None
                }
            };
            rows.push(vec![slug.to_string().into(), at.into(), newest.into()]);
        }
        print::table(self.json.json, &["tenant", "version", "newest"], &rows)?;
        if wrong.is_empty() { Ok(()) } else { Err(Error::directory(wrong.join("; "))) }
    }
}

/// A bar on standard error, seen only on a terminal.
pub(super) fn progress(steps: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(u64::try_from(steps).unwrap_or(0)).with_style(style)
}

/// `guichet config`
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigVerb {
    /// Print each setting with its value and where it came from
    #[command(after_help = "Example:\n  guichet --config /etc/guichet.toml config print")]
    Print(Json),
    /// Check the settings and say nothing when they are right
    #[command(after_help = "Example:\n  guichet --config /etc/guichet.toml config test")]
    Test,
}

impl ConfigVerb {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let Self::Print(json) = self else {
            return match context.config(HashMap::new())?.unknown.first() {
                Some(name) => Err(Error::invalid("environment", no_setting(name))),
                None => Ok(()),
            };
        };
        let config = context.plain_config()?;
        let row = |(name, value, source): &(&str, String, crate::config::Source)| -> Vec<Value> {
            let about = SETTINGS
                .iter()
                .find(|setting| setting.name == *name)
                .map_or("", |setting| setting.about);
            vec![(*name).into(), value.as_str().into(), source.to_string().into(), about.into()]
        };
        let rows: Vec<Vec<Value>> = config.shown.iter().map(row).collect();
        print::table(json.json, &["setting", "value", "source", "about"], &rows)
    }
}

/// `guichet completions`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  guichet completions bash > /etc/bash_completion.d/guichet")]
pub(crate) struct Completions {
    /// bash, zsh, fish, elvish or powershell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self) -> Result<()> {
        let mut text = vec![];
        clap_complete::generate(self.shell, &mut Arguments::command(), "guichet", &mut text);
        print::line(String::from_utf8_lossy(&text))
    }
}

/// `guichet version`
pub(super) fn version(json: Json) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    if json.json {
        return print::line(serde_json::json!({ "version": version }));
    }
    print::line(format!("guichet {version}"))
}
