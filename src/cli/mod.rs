//! The command line: one file a family of verbs; thin: parse, call, print.
//!
//! Exit status: 0 done, 1 refused (the reason on stderr), 2 wrong usage.

mod coach;
mod demo;
mod evenings;
mod house;
mod invite;
mod key;
mod licence;
mod org;
mod package;
mod print;
mod roomle;
mod server;
mod tenant;
mod user;

use crate::app::options;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::root::Root;
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand};
use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// The box office of a small venue, or of fifty: one binary, one SQLite file per tenant.
#[derive(Debug, Parser)]
#[command(name = "guichet", version, styles = STYLES, arg_required_else_help = true, after_help = "Examples:
  guichet demo
  guichet --data /srv/guichet init --domain tickets.example.org
  guichet --data /srv/guichet serve --listen 127.0.0.1:8000 --ops 127.0.0.1:8001")]
pub(crate) struct Arguments {
    /// The data directory [default: data]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// A TOML file with settings
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a data directory with ROOT and the first agenda (META)
    Init(house::Init),
    /// Answer requests until SIGTERM, then finish what is begun
    Serve(server::Serve),
    /// Fill a fresh directory with demo venues, print links and log-ins, and serve them
    Demo(demo::Demo),
    /// Create, list, show and change tenants
    #[command(subcommand, after_help = "Example:\n  guichet tenant create 'Le Bisik'")]
    Tenant(tenant::Verb),
    /// Create, list and change accounts
    #[command(subcommand, after_help = "Example:\n  guichet user grant me@example.org --superuser")]
    User(user::Verb),
    /// Create, list and revoke API keys
    #[command(subcommand, after_help = "Example:\n  guichet key list --tenant le-bisik")]
    Key(key::Verb),
    /// Speak to a Coach server, print a tenant's pair, find an error again
    #[command(subcommand, after_help = "Example:\n  guichet coach key le-bisik")]
    Coach(coach::Verb),
    /// Add, list and remove licences
    #[command(subcommand, after_help = "Example:\n  guichet licence list")]
    Licence(licence::Verb),
    /// Give tenants packages, list and remove them
    #[command(subcommand, after_help = "Example:\n  guichet package add le-bisik basic --days 365")]
    Package(package::PackageVerb),
    /// Create, list and disable codes that give tenants packages
    #[command(
        subcommand,
        after_help = "Example:\n  guichet promo create WELCOME --package basic --days 90"
    )]
    Promo(package::PromoVerb),
    /// Make, show, list and revoke keys of Roomle clients
    #[command(subcommand, after_help = "Example:\n  guichet roomle key show le-bisik")]
    Roomle(roomle::Verb),
    /// Create, list and rename organizations, which own customers
    #[command(subcommand, after_help = "Example:\n  guichet org list")]
    Org(org::Verb),
    /// List and revoke invitations to work for tenants
    #[command(subcommand, after_help = "Example:\n  guichet invite list")]
    Invite(invite::Verb),
    /// Bring all files up to date with this program
    Migrate(house::Migrate),
    /// Print or check the settings
    #[command(subcommand, after_help = "Example:\n  guichet config print")]
    Config(house::ConfigVerb),
    /// Print the OpenAPI description of all routes
    #[command(after_help = "Example:\n  guichet openapi > openapi.json")]
    Openapi,
    /// Ask a running server whether it is up; for containers without curl
    Healthcheck(server::Healthcheck),
    /// Print completions for a shell
    Completions(house::Completions),
    /// Print the version
    #[command(after_help = "Example:\n  guichet version --json")]
    Version(Json),
}

/// What every list has.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Json {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs the verb that the process was started with.
#[must_use]
pub fn run() -> ExitCode {
    use_huge_pages(false);
    let arguments = Arguments::parse();
    match arguments.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print::refusal(&error);
            ExitCode::FAILURE
        }
    }
}

impl Arguments {
    fn run(self) -> Result<()> {
        let context = Context { data: self.data, file: self.config };
        match self.verb {
            Verb::Init(init) => init.run(&context),
            Verb::Serve(serve) => {
                use_huge_pages(true);
                serve.run(&context)
            }
            Verb::Demo(demo) => {
                use_huge_pages(true);
                demo.run(&context)
            }
            Verb::Tenant(verb) => verb.run(&context),
            Verb::User(verb) => verb.run(&context),
            Verb::Key(verb) => verb.run(&context),
            Verb::Coach(verb) => verb.run(&context),
            Verb::Licence(verb) => verb.run(&context),
            Verb::Package(verb) => verb.run(&context),
            Verb::Promo(verb) => verb.run(&context),
            Verb::Roomle(verb) => verb.run(&context),
            Verb::Org(verb) => verb.run(&context),
            Verb::Invite(verb) => verb.run(&context),
            Verb::Migrate(migrate) => migrate.run(&context),
            Verb::Config(verb) => verb.run(&context),
            Verb::Openapi => print::line(crate::doors::openapi::text()),
            Verb::Healthcheck(check) => check.run(&context),
            Verb::Completions(completions) => completions.run(),
            Verb::Version(json) => house::version(json),
        }
    }
}

/// Pages of 2 MiB serve those who stay: a list is made three hundredths faster. A verb would wait longer for the few that
/// it touches to be emptied than for anything else but the disk.
fn use_huge_pages(wanted: bool) {
    // Where the system does not know this wish, nothing is lost but time.
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_thp_disable(!wanted);
    #[cfg(not(target_os = "linux"))]
    let _ = wanted;
}

/// What a house without its token key means for those who are logged in.
const NEW_TOKEN_KEY: &str =
    "the token key (secrets/jwt.key) was missing and is made anew: everybody has to log in again";

fn no_setting(variable: &str) -> String {
    format!("the environment names {variable}, and there is no such setting")
}

/// What all verbs share.
#[derive(Debug)]
pub(crate) struct Context {
    data: Option<PathBuf>,
    file: Option<PathBuf>,
}

impl Context {
    /// The settings, with flags of the verb.
    fn config(&self, mut flags: HashMap<&str, String>) -> Result<Config> {
        if let Some(data) = &self.data {
            flags.insert("data", data.display().to_string());
        }
        Config::load(&flags, self.file.as_deref())
    }

    /// The settings, for verbs that have no flags for them.
    fn plain_config(&self) -> Result<Config> {
        let config = self.config(HashMap::new())?;
        config.unknown.iter().for_each(|name| print::note(no_setting(name)));
        Ok(config)
    }

    /// The open house, for verbs that work beside a server.
    fn house(&self) -> Result<House> {
        let config = self.plain_config()?;
        let root = Root::open(&config.data, options(&config))?;
        if root.has_new_token_key() {
            print::note(NEW_TOKEN_KEY);
        }
        Ok(House { root, data: config.data })
    }
}

/// A house that a verb works on.
pub(crate) struct House {
    root: Root,
    data: PathBuf,
}

impl House {
    /// To be called after a change: when a server runs on the same data, returns once it has noticed. One that does
    /// not answer for so long is starting, and will read all anew, or beyond help.
    fn changed(&self) -> Result<()> {
        const PATIENCE: Duration = Duration::from_secs(5);
        const LOOK_EVERY: Duration = Duration::from_millis(1);
        if server::is_served(&self.data)? {
            let (change, by) = (self.root.number_change()?, Instant::now() + PATIENCE);
            while !self.root.is_noticed(change) && Instant::now() < by {
                std::thread::sleep(LOOK_EVERY);
            }
        }
        Ok(())
    }
}

/// One line from standard input, for passwords.
fn read_secret() -> Result<String> {
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .map_err(|e| Error::internal(format!("standard input: {e}")))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn wrong(name: &'static str, what: &str) -> Error {
    Error::invalid(name, what)
}
