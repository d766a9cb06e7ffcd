//! Verbs on tenants.

use super::{Context, House, Json, print, wrong};
use crate::error::{Error, Refusal, Result};
use crate::root::{Entry, Founding, Naming, Profile, operator};
use crate::trade::place::{self, Images};
use crate::values::{Category, Email, Host, Slug};
use clap::{Args, Subcommand};
use serde_json::Value;

/// `guichet tenant`
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Make a tenant
    Create(Create),
    /// List all tenants
    #[command(after_help = "Example:\n  guichet tenant list --json")]
    List(Json),
    /// Show one tenant
    #[command(after_help = "Example:\n  guichet tenant show le-bisik")]
    Show {
        /// Its slug
        slug: String,
        #[command(flatten)]
        json: Json,
    },
    /// Give a tenant another name; slug and domains stay
    #[command(after_help = "Example:\n  guichet tenant rename le-bisik 'La Guinguette'")]
    Rename {
        /// Its slug
        slug: String,
        /// The new name
        name: String,
    },
    /// Close a tenant's doors
    #[command(after_help = "Example:\n  guichet tenant disable le-bisik")]
    Disable {
        /// Its slug
        slug: String,
    },
    /// Open them again
    #[command(after_help = "Example:\n  guichet tenant enable le-bisik")]
    Enable {
        /// Its slug
        slug: String,
    },
    /// Close a tenant's doors and take it from the lists; all that it has is kept
    #[command(after_help = "Example:\n  guichet tenant delete le-bisik")]
    Delete {
        /// Its slug
        slug: String,
    },
    /// Bring a deleted tenant back, its doors closed
    #[command(after_help = "Example:\n  guichet tenant restore le-bisik")]
    Restore {
        /// Its slug
        slug: String,
    },
    /// Add, remove or choose domains
    #[command(
        subcommand,
        after_help = "Example:\n  guichet tenant domain add le-bisik billets.bisik.re"
    )]
    Domain(DomainVerb),
    /// Name tenants that an agenda shows (the first agenda shows all)
    #[command(after_help = "Example:\n  guichet tenant show-on nord le-bisik festival-demo")]
    ShowOn {
        /// The agenda's slug
        meta: String,
        /// The tenants' slugs
        #[arg(required = true)]
        tenants: Vec<String>,
    },
}

/// `guichet tenant create`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  guichet tenant create 'Le Bisik'
  guichet tenant create 'Festival Démo' --category F --slug demo --admin me@example.org")]
pub(crate) struct Create {
    /// Its name
    name: String,
    /// S venue, F festival, A artist, P producer, T tour manager, M agenda
    #[arg(long, default_value = "S")]
    category: String,
    /// Its slug, where the one made from the name will not do
    #[arg(long)]
    slug: Option<String>,
    /// The e-mail of its administrator
    #[arg(long)]
    admin: Option<String>,
}

/// `guichet tenant domain`
#[derive(Debug, Subcommand)]
pub(crate) enum DomainVerb {
    /// Let a tenant answer on one more host
    #[command(after_help = "Example:\n  guichet tenant domain add le-bisik billets.bisik.re")]
    Add {
        /// Its slug
        slug: String,
        /// The host
        host: String,
    },
    /// Take a host away
    #[command(after_help = "Example:\n  guichet tenant domain remove le-bisik billets.bisik.re")]
    Remove {
        /// Its slug
        slug: String,
        /// The host
        host: String,
    },
    /// Make a host the one that links are made with
    #[command(after_help = "Example:\n  guichet tenant domain primary le-bisik billets.bisik.re")]
    Primary {
        /// Its slug
        slug: String,
        /// The host
        host: String,
    },
}

impl Verb {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let house = context.house()?;
        let console = house.root.console();
        match self {
            Self::Create(create) => create.run(&house)?,
            Self::List(json) => return print_list(json.json, &console.tenants()?),
            Self::Show { slug: name, json } => {
                return print_list(json.json, &[console.tenant(&slug(&name)?)?]);
            }
            Self::Rename { slug: old, name } => {
                console.rename(&slug(&old)?, &name, place::published, place::relabel)?;
            }
            Self::Disable { slug: name } => console.set_active(&slug(&name)?, false)?,
            Self::Delete { slug: name } => {
                console.delete(console.tenant(&slug(&name)?)?.no)?;
                print::line(format!(
                    "{name} is deleted: `guichet --data {} tenant restore {name}` brings it back",
                    house.data.display()
                ))?;
            }
            Self::Restore { slug: name } => console.restore(&slug(&name)?)?,
            Self::Enable { slug: name } => console.set_active(&slug(&name)?, true)?,
            Self::Domain(verb) => verb.run(&console)?,
            Self::ShowOn { meta, tenants } => {
                let tenants = tenants.iter().map(|name| slug(name)).collect::<Result<Vec<_>>>()?;
                console.show_on(&slug(&meta)?, &tenants)?;
            }
        }
        house.changed()
    }
}

pub(super) fn slug(text: &str) -> Result<Slug> {
    Slug::parse(text).ok_or_else(|| wrong("slug", "must be 1 to 63 of a-z, 0-9, - and _"))
}

/// A host that a tenant is to have.
fn host(text: &str) -> Result<Host> {
    Host::named(text).ok_or_else(|| {
        let what = "is no host name, such as tickets.example.org";
        Error::invalid("host", format!("“{text}” {what}"))
    })
}

/// Does something with a host that a tenant has.
fn with_host(slug: &str, text: &str, f: impl FnOnce(&Slug, &Host) -> Result<()>) -> Result<()> {
    let none = || Error::invalid("host", format!("{slug} does not answer on “{text}”"));
    let host = Host::parse(text).ok_or_else(none)?;
    f(&self::slug(slug)?, &host).map_err(|error| match error {
        Error::NotFound => none(),
        other => other,
    })
}

impl Create {
    fn run(self, house: &House) -> Result<()> {
        let console = house.root.console();
        let name = self.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 50 {
            return Err(wrong("name", "must have 1 to 50 characters"));
        }
        let category = Category::parse(&self.category)
            .ok_or_else(|| wrong("category", "must be S, F, A, P, T or M"))?;
        let naming = match &self.slug {
            Some(text) => Naming::Exact(super::house::new_label("slug", text)?),
            None => Naming::Suffix(Slug::of(&name).ok_or(Error::Refused(Refusal::SlugEmpty))?),
        };
        let admin = self.admin.as_deref().map(super::house::email).transpose()?;
        let email = admin.as_ref().map_or("", Email::as_str).to_owned();
        let profile = Profile { label: name.clone(), email, ..Profile::default() };
        let founding = Founding { name, category, naming, admin, profile, organization: None };
        let known = founding.admin.as_ref().map(|email| console.user(email)).transpose()?.flatten();
        // Looked up first: the writer takes over the one connection, and a read after it would open a second.
        let has_namesake = console.has_namesake(&founding.name)?;
        let tenant = place::found(&console.founder(), &founding, &Images::default())?;
        print::line(format!("{} {}", tenant.entry().slug, tenant.entry().primary))?;
        note_name(&founding, tenant.entry(), has_namesake);
        if let Some(email) = founding.admin.filter(|_| !known.as_ref().is_some_and(|a| a.active)) {
            let is = if known.is_some() { "is inactive" } else { "is new and inactive" };
            print::note(format!(
                "the account {email} {is}: `guichet --data {} user passwd {email} --password-stdin --activate` \
                 reads its password and activates it",
                house.data.display()
            ));
        }
        Ok(())
    }
}

/// Says so when a tenant got another slug than its name makes, or has a namesake.
fn note_name(founding: &Founding, made: &Entry, has_namesake: bool) {
    let slug = &made.slug;
    if has_namesake {
        print::note(format!(
            "another tenant is called {} too; the slug of this one is {slug}",
            founding.name
        ));
    } else if let Naming::Suffix(wanted) = &founding.naming
        && wanted != slug
    {
        print::note(format!("the slug {wanted} is taken or reserved; this tenant's is {slug}"));
    }
}

impl DomainVerb {
    fn run(self, console: &operator::Operator) -> Result<()> {
        match self {
            Self::Add { slug: name, host: text } => {
                console.add_domain(&slug(&name)?, &host(&text)?)
            }
            Self::Remove { slug, host } => {
                with_host(&slug, &host, |slug, host| console.remove_domain(slug, host))
            }
            Self::Primary { slug, host } => {
                with_host(&slug, &host, |slug, host| console.set_primary_domain(slug, host))
            }
        }
    }
}

fn print_list(json: bool, tenants: &[operator::Listed]) -> Result<()> {
    let row = |tenant: &operator::Listed| -> Vec<Value> {
        let operator::Listed { id, no, category, slug, name, state, created, domains } = tenant;
        vec![
            (*no).into(),
            slug.to_string().into(),
            name.as_str().into(),
            category.as_str().into(),
            state.as_str().into(),
            domains.clone().into(),
            created.to_string().into(),
            id.to_string().into(),
        ]
    };
    let head = ["no", "slug", "name", "category", "state", "domains", "created", "id"];
    print::table(json, &head, &tenants.iter().map(row).collect::<Vec<_>>())
}
