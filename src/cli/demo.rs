//! The demo: venues, products and prices from `data/demo`, embedded; made once, then served again.

use super::{Context, evenings, house, print, server};
use crate::error::{Error, Result};
use crate::picture::{Purpose, Studio};
use crate::root::operator::Listed;
use crate::root::people::NewUser;
use crate::root::{By, Founding, Naming, Operator, Profile, Rights, init, key};
use crate::trade::media::{self, Upload};
use crate::trade::place::{self, Images};
use crate::trade::price::{self, Period, Vat};
use crate::trade::product::{self, Category as Kind, Product};
use crate::trade::{Page, option};
use crate::values::id::ProductId;
use crate::values::zone::Zone;
use crate::values::{Category, Email, Host, Money, Slug};
use clap::Args;
use serde::Deserialize;
use std::collections::HashMap;
use std::fs::{OpenOptions, Permissions};
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// `guichet demo`
#[derive(Debug, Args)]
#[command(
    after_help = "The directory is data/demo-run unless --data names another; an existing demo is served again.

Example:
  guichet demo --listen 127.0.0.1:8080"
)]
pub(crate) struct Demo {
    /// Where the demo is answered
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8000", value_parser = server::address)]
    listen: SocketAddr,
}

const PASSWORD: &str = "demo-password";
const ADMIN: &str = "admin@demo.localhost";
const MARK: &str = "demo.txt";
const BEGUN: &str = "begun";

#[derive(Deserialize)]
struct Data {
    places: Vec<Venue>,
}

#[derive(Deserialize)]
struct Venue {
    place: Place,
    img: String,
    logo: String,
    products: Vec<Offer>,
    options: Vec<String>,
}

#[derive(Deserialize)]
struct Place {
    organisation: String,
    short_description: String,
    long_description: Option<String>,
    phone: String,
    email: String,
    site_web: Option<String>,
    postal_code: Option<String>,
    categorie: String,
    adress: Option<String>,
    city: Option<String>,
    fuseau_horaire: Option<String>,
}

#[derive(Deserialize)]
struct Offer {
    name: String,
    categorie_article: String,
    publish: bool,
    send_to_cashless: bool,
    short_description: Option<String>,
    long_description: Option<String>,
    img: String,
    prices: Vec<Tariff>,
}

#[derive(Deserialize)]
struct Tariff {
    name: String,
    prix: String,
    vat: String,
    stock: Option<u16>,
    max_per_user: u16,
    subscription_type: String,
    short_description: Option<String>,
    member_of: Option<String>,
}

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../data/demo/", $name)))),+]
    };
}

const IMAGES: &[(&str, &[u8])] = files![
    "bisik.jpg",
    "bisik-logo.png",
    "billetistan.jpg",
    "billetistan-logo.png",
    "festival.jpg",
    "festival-logo.png",
    "artist.jpg",
    "artist-logo.png",
    "ticket.jpg",
    "membership.jpg",
    "tshirt.jpg",
];

/// Writes what only the owner may read: a key.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    // One that was there keeps the mode that it had.
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(text.as_bytes())
}

/// In the place of a mail server: letters go to the log.
const LOG: &str = "log";

impl Demo {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let data = context.data.clone().unwrap_or_else(|| PathBuf::from("data/demo-run"));
        let context = Context { data: Some(data.clone()), file: context.file.clone() };
        let address = self.listen.to_string();
        let flags = HashMap::from([
            ("pages", format!("http://{{host}}:{}", self.listen.port())),
            ("listen", address.clone()),
            ("fetch_allow", address.clone()),
        ]);
        let mut config = context.config(flags)?;
        // A demo has nobody to write to; who plays with it finds the links of its mails in the log.
        if config.smtp_url.is_empty() {
            LOG.clone_into(&mut config.smtp_url);
        }
        "on".clone_into(&mut config.graphiql);
        let mark = data.join(MARK);
        if !mark.is_file() {
            init::check_free(&data)
                .map_err(|why| Error::directory(format!("{why}, which is no demo")))?;
            init::make_dir(&data)?;
            write_private(&mark, BEGUN).map_err(disk(&mark))?;
        }
        // Nobody else fills or serves it from here on, and the address is there to be announced.
        let claim = server::Claim::take(config)?;
        let mut key = std::fs::read_to_string(&mark).map_err(disk(&mark))?;
        if key.is_empty() || key == BEGUN {
            clear(&data)?;
            key = fill(&data)?;
            write_private(&mark, &key).map_err(disk(&mark))?;
        }
        let server = claim.open()?;
        announce(&server.app.root().console(), &data, self.listen, key.trim())?;
        server.run()
    }
}

fn disk(path: &Path) -> impl Fn(std::io::Error) -> Error {
    move |error| Error::directory(format!("{}: {error}", path.display()))
}

/// Takes away what a start left that was interrupted while it filled the directory.
fn clear(data: &Path) -> Result<()> {
    for entry in std::fs::read_dir(data).map_err(disk(data))? {
        let path = entry.map_err(disk(data))?.path();
        if [MARK, server::LOCK, "lost+found"].iter().any(|kept| path.ends_with(kept)) {
            continue;
        }
        let removed = if path.is_dir() {
            std::fs::remove_dir_all(&path)
        } else {
            std::fs::remove_file(&path)
        };
        removed.map_err(disk(&path))?;
    }
    Ok(())
}

fn constant<T>(value: Option<T>, what: &str) -> Result<T> {
    value.ok_or_else(|| Error::internal(format!("the demo's {what} is not valid")))
}

/// Makes the house and everything in it; the key that scripts may use. `localhost` and `127.0.0.1` are META's, for
/// clients that cannot resolve `*.localhost`; ROOT moves to `root.localhost`.
fn fill(dir: &Path) -> Result<String> {
    let (domain, meta, house_slug) = (
        constant(Host::parse("localhost"), "domain")?,
        constant(Slug::parse("meta"), "slug")?,
        constant(Slug::parse("root"), "slug")?,
    );
    let root = house::make(dir, domain.clone(), meta.clone())?;
    let console = root.console();
    let elsewhere = constant(domain.under("root"), "domain")?;
    console.add_domain(&house_slug, &elsewhere)?;
    console.set_primary_domain(&house_slug, &elsewhere)?;
    console.remove_domain(&house_slug, &domain)?;
    for host in ["localhost", "127.0.0.1"] {
        console.add_domain(&meta, &constant(Host::parse(host), "host")?)?;
    }
    let (email, password) = (constant(Email::parse(ADMIN), "e-mail")?, Some(PASSWORD.to_owned()));
    console.create_user(&NewUser {
        email: email.clone(),
        password,
        superuser: true,
        can_create_tenant: true,
    })?;
    let studio = Studio::new(1, 40_000_000);
    let data = Data::read()?;
    let images: usize = data.places.iter().map(|venue| 2 + venue.products.len()).sum();
    let bar = house::progress(images).with_message("images");
    for venue in &data.places {
        venue.open(&console, &|name, purpose| {
            bar.inc(1);
            image(&studio, name, purpose)
        })?;
    }
    bar.finish_and_clear();
    let open = |slug: &str| console.open(&constant(Slug::parse(slug), "slug")?);
    evenings::fill(&root, &open("le-bisik")?, open("nora-vael")?.entry().id)?;
    let rights = Rights::parse("event,product,place,artist,reservation,ticket").unwrap_or_default();
    let new =
        key::New { tenant: meta, email, name: "demo".into(), rights, ip: None, expires: None };
    console.create_key(&new)
}

impl Data {
    fn read() -> Result<Self> {
        serde_json::from_str(include_str!("../../data/demo/demo.json"))
            .map_err(|error| Error::internal(format!("the demo's data: {error}")))
    }
}

type GetImage<'a> = &'a dyn Fn(&str, Purpose) -> Result<Upload>;

fn image(studio: &Studio, name: &str, purpose: Purpose) -> Result<Upload> {
    let (_, bytes) = constant(IMAGES.iter().find(|(known, _)| *known == name), name)?;
    let picture = constant(studio.cut(bytes, purpose, false).ok(), name)?;
    Ok(Upload { file: name.to_owned(), address: None, picture })
}

impl Venue {
    fn open(&self, console: &Operator, image: GetImage<'_>) -> Result<()> {
        let place = &self.place;
        let profile = Profile {
            label: place.organisation.clone(),
            short_description: place.short_description.trim().to_owned(),
            long_description: place.long_description.clone(),
            address: place.adress.clone(),
            postal_code: place.postal_code.clone(),
            city: place.city.clone(),
            phone: place.phone.clone(),
            email: place.email.clone(),
            website: place.site_web.clone(),
            ..Profile::default()
        };
        let founding = Founding {
            organization: None,
            name: place.organisation.clone(),
            category: constant(Category::parse(&place.categorie), "category")?,
            naming: Naming::Exact(constant(Slug::of(&place.organisation), "name")?),
            admin: Some(constant(Email::parse(&place.email), "e-mail")?),
            profile,
        };
        let images = Images {
            image: Some(image(&self.img, Purpose::Place)?),
            logo: Some(image(&self.logo, Purpose::Logo)?),
            ..Images::default()
        };
        let tenant = place::found(&console.founder(), &founding, &images)?.open()?;
        console.set_password(&constant(Email::parse(&place.email), "e-mail")?, PASSWORD, true)?;
        let pictures = self
            .products
            .iter()
            .map(|offer| image(&offer.img, Purpose::Product))
            .collect::<Result<Vec<_>>>()?;
        let zone = place.fuseau_horaire.as_deref();
        let zone = zone.map(|name| constant(Zone::parse(name), "time zone")).transpose()?;
        tenant.write(By::Console, |tx| {
            if let Some(zone) = &zone {
                place::set_zone(tx, zone)?;
            }
            let mut made: HashMap<&str, ProductId> = HashMap::new();
            for (offer, picture) in self.products.iter().zip(&pictures) {
                made.insert(&offer.name, offer.make(tx, picture)?.id);
            }
            for offer in &self.products {
                for tariff in &offer.prices {
                    tariff.make(tx, made[offer.name.as_str()], &made)?;
                }
            }
            self.options
                .iter()
                .try_for_each(|name| option::create(tx, name, None, u64::MAX).map(drop))
        })
    }
}

impl Offer {
    fn make(&self, tx: &crate::root::Write, picture: &Upload) -> Result<Product> {
        let new = product::New {
            name: self.name.clone(),
            category: constant(Kind::parse(&self.categorie_article), "product")?,
            short_description: self.short_description.clone(),
            long_description: self.long_description.clone(),
            terms: None,
            published: self.publish,
            cashless: self.send_to_cashless,
        };
        product::create(tx, &new, Some(picture), u64::MAX)
    }
}

impl Tariff {
    fn make(
        &self,
        tx: &crate::root::Write,
        product: ProductId,
        made: &HashMap<&str, ProductId>,
    ) -> Result<()> {
        let new = price::New {
            product,
            name: self.name.clone(),
            short_description: self.short_description.clone(),
            long_description: None,
            amount: constant(Money::parse(&self.prix).ok(), "price")?,
            free_amount: false,
            vat: constant(Vat::parse(&self.vat), "VAT")?,
            stock: self.stock,
            max_per_user: self.max_per_user,
            period: constant(Period::parse(&self.subscription_type), "period")?,
            membership: self.member_of.as_deref().and_then(|name| made.get(name).copied()),
        };
        price::create(tx, &new, u64::MAX).map(drop)
    }
}

/// Links, log-ins and lines to try, said at once: who reads a part of it would miss the key.
fn announce(console: &Operator, data: &Path, address: SocketAddr, key: &str) -> Result<()> {
    let port = address.port();
    let tenants = console.tenants()?;
    let mut lines = vec!["Tenants:".to_owned()];
    for tenant in &tenants {
        let host = tenant.domains.first().cloned().unwrap_or_default();
        let path = if tenant.category.traits().shop { "/api/here/" } else { "/up" };
        let (kind, name) = (tenant.category.as_str(), &tenant.name);
        lines.push(format!("  {kind} {name:22} http://{host}:{port}{path}"));
    }
    lines.push(format!("Log-ins (password {PASSWORD}):"));
    lines.extend(log_ins(console, &tenants)?);
    lines.push(format!("API key of META: {key}"));
    lines.extend(to_try(console, data, port, key)?);
    print::line(lines.join("\n"))
}

/// The accounts that the demo gave its password, each with what it may do; not those of who buys there.
fn log_ins(console: &Operator, tenants: &[Listed]) -> Result<Vec<String>> {
    let data = Data::read()?;
    let venues = data.places.iter().map(|venue| venue.place.email.as_str());
    let mut lines = vec![];
    for text in std::iter::once(ADMIN).chain(venues) {
        let email = constant(Email::parse(text), "e-mail")?;
        let found = console.user(&email)?.filter(|one| one.active && one.has_password);
        let Some(account) = found else { continue };
        let mut may = if account.superuser { vec!["runs the house".to_owned()] } else { vec![] };
        for tenant in tenants {
            if console.administers(&account, &tenant.slug)? {
                may.push(format!("administers {}", tenant.name));
            }
        }
        lines.push(format!("  {text:34} {}", may.join(", ")));
    }
    Ok(lines)
}

fn to_try(console: &Operator, data: &Path, port: u16, key: &str) -> Result<Vec<String>> {
    let bisik = console.open(&constant(Slug::parse("le-bisik"), "slug")?)?;
    let profile = bisik.read(place::get)?;
    let media = |name: &Option<String>| {
        format!("http://127.0.0.1:{port}/media/{}", name.as_deref().unwrap_or(""))
    };
    let (image, logo) = (media(&profile.image), media(&profile.logo));
    let first = bisik.read(|tx| product::list(tx, Page { limit: 1, offset: 0 }))?;
    let variation = first
        .first()
        .and_then(|p| p.image.as_deref())
        .map(|name| media::variation_path(name, "thumbnail"));
    let mut lines = vec![format!("Images for scripts that are offline:\n  {image}\n  {logo}")];
    if let Some(path) = variation {
        lines.push(format!("A product's thumbnail: http://le-bisik.localhost:{port}/media/{path}"));
    }
    lines.extend([
        "Try:".to_owned(),
        format!("  guichet --data {} tenant list", data.display()),
        format!("  curl http://le-bisik.localhost:{port}/api/products/"),
        format!(
            "  curl -H 'Authorization: Api-Key {key}' -H 'Content-Type: application/json' -d '{{\"organisation\": \"Chez moi\", \
             \"short_description\": \"Un essai\", \"phone\": \"0102030405\", \"email\": \"moi@example.org\", \"categorie\": \"S\", \
             \"img_url\": \"{image}\", \"logo_url\": \"{logo}\"}}' http://127.0.0.1:{port}/api/place/"
        ),
    ]);
    Ok(lines)
}
