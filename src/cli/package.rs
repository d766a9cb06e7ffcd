//! Verbs on what tenants have of the house: packages, and the codes that give them.

use super::tenant::slug;
use super::{Context, Json, print, wrong};
use crate::error::{Error, Refusal, Result};
use crate::root::package::Held;
use crate::root::promo::Promo;
use crate::values::id::PackageId;
use crate::values::{Package, Slug, Time};
use clap::{Args, Subcommand};
use serde_json::Value;

/// `guichet package`
#[derive(Debug, Subcommand)]
pub(crate) enum PackageVerb {
    /// Give a tenant a package from now on
    #[command(after_help = "Example:\n  guichet package add le-bisik basic --days 365")]
    Add {
        /// The tenant's slug
        tenant: String,
        /// basic, premium or enterprise
        package: String,
        /// For so many days; otherwise for good
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=36_500))]
        days: Option<u32>,
    },
    /// List the packages that tenants have and had
    #[command(after_help = "Example:\n  guichet package list le-bisik --json")]
    List {
        /// Of this tenant alone
        tenant: Option<String>,
        #[command(flatten)]
        json: Json,
    },
    /// Take a package away
    #[command(
        after_help = "Example:\n  guichet package remove 01890a5d-ac96-774b-bcce-b302099a8057"
    )]
    Remove {
        /// Its id, from the list
        id: String,
    },
}

/// `guichet promo`
#[derive(Debug, Subcommand)]
pub(crate) enum PromoVerb {
    /// Make a code that gives a tenant a package once
    Create(Create),
    /// List all codes
    #[command(after_help = "Example:\n  guichet promo list --json")]
    List(Json),
    /// Let a code be used no more; what it gave stays
    #[command(after_help = "Example:\n  guichet promo disable WELCOME")]
    Disable {
        /// The code
        code: String,
    },
}

/// `guichet promo create`
#[derive(Debug, Args)]
#[command(after_help = "Example:
  guichet promo create WELCOME --package basic --days 90 --uses 100 --until 2027-01-01T00:00:00Z")]
pub(crate) struct Create {
    /// The code: letters, digits, - and _, found in any letter case
    code: String,
    /// basic, premium or enterprise; otherwise it is only noted who used it
    #[arg(long)]
    package: Option<String>,
    /// For how many days the package is given; otherwise for good
    #[arg(long, requires = "package")]
    days: Option<u32>,
    /// How many tenants may use it
    #[arg(long)]
    uses: Option<u32>,
    /// From when, such as 2027-01-01T00:00:00Z
    #[arg(long)]
    from: Option<String>,
    /// Until when
    #[arg(long)]
    until: Option<String>,
}

fn package(text: &str) -> Result<Package> {
    let found = Package::parse(text).or_else(|| Package::parse(&format!("tenant_{text}")));
    found
        .filter(|package| *package != Package::Free)
        .ok_or_else(|| wrong("package", "must be basic, premium or enterprise"))
}

fn moment(name: &'static str, text: &str) -> Result<Time> {
    Time::parse(text).ok_or_else(|| wrong(name, "must be such as 2027-01-01T00:00:00Z"))
}

impl PackageVerb {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let house = context.house()?;
        let console = house.root.console();
        match self {
            Self::Add { tenant, package: name, days } => {
                let tenant = slug(&tenant)?;
                let held = console.add_package(&tenant, package(&name)?, days)?;
                print_packages(false, &[(tenant, held)])?;
            }
            Self::List { tenant, json } => {
                let tenant = tenant.as_deref().map(slug).transpose()?;
                if let Some(tenant) = &tenant {
                    console.tenant(tenant)?;
                }
                return print_packages(json.json, &console.packages(tenant.as_ref())?);
            }
            Self::Remove { id } => {
                let none = || Error::invalid("id", "there is no such package");
                let id = id.parse().map(PackageId).map_err(|_| none())?;
                console.remove_package(id).map_err(|error| match error {
                    Error::NotFound => none(),
                    other => other,
                })?;
            }
        }
        house.changed()
    }
}

impl PromoVerb {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let house = context.house()?;
        let console = house.root.console();
        match self {
            Self::Create(create) => {
                let taken = |error| match error {
                    Error::Refused(Refusal::NameTaken) => wrong("code", "is there already"),
                    other => other,
                };
                let made = console.create_promo(&create.promo()?).map_err(taken)?;
                print_promos(false, &[made])?;
            }
            Self::List(json) => return print_promos(json.json, &console.promos()?),
            Self::Disable { code } => console.disable_promo(&code)?,
        }
        house.changed()
    }
}

impl Create {
    fn promo(self) -> Result<Promo> {
        Ok(Promo {
            code: self.code,
            active: true,
            starts: self.from.as_deref().map(|text| moment("from", text)).transpose()?,
            ends: self.until.as_deref().map(|text| moment("until", text)).transpose()?,
            uses_max: self.uses,
            used: 0,
            package: self.package.as_deref().map(package).transpose()?,
            days: self.days,
        })
    }
}

fn print_packages(json: bool, packages: &[(Slug, Held)]) -> Result<()> {
    let row = |(tenant, held): &(Slug, Held)| -> Vec<Value> {
        let Held { id, package, from_code, starts, ends } = held;
        vec![
            tenant.to_string().into(),
            package.as_str().into(),
            (*from_code).into(),
            starts.to_string().into(),
            ends.map(|ends| ends.to_string()).into(),
            id.map(|id| id.to_string()).into(),
        ]
    };
    let head = ["tenant", "package", "from_code", "from", "until", "id"];
    print::table(json, &head, &packages.iter().map(row).collect::<Vec<_>>())
}

fn print_promos(json: bool, promos: &[Promo]) -> Result<()> {
    let row = |promo: &Promo| -> Vec<Value> {
        let Promo { code, active, starts, ends, uses_max, used, package, days } = promo;
        vec![
            code.as_str().into(),
            (*active).into(),
            package.map(Package::as_str).into(),
            (*days).into(),
            (*used).into(),
            (*uses_max).into(),
            starts.map(|at| at.to_string()).into(),
            ends.map(|at| at.to_string()).into(),
        ]
    };
    let head = ["code", "active", "package", "days", "used", "uses", "from", "until"];
    print::table(json, &head, &promos.iter().map(row).collect::<Vec<_>>())
}
