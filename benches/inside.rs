//! Times from inside the process: no sockets, no log. `cargo bench`

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use guichet::app::App;
use guichet::config::Config;
use guichet::root::people::NewUser;
use guichet::root::{
    By, Caller, Founding, Naming, Options, Profile, Right, Rights, Root, Tenant, init, key,
};
use guichet::trade::event;
use guichet::trade::membership::Claim;
use guichet::trade::order::{self, Basket, Buyer, Hand, Hold, Holder, Item, Means};
use guichet::trade::place::{self, Images};
use guichet::trade::price::{self, Period, Vat};
use guichet::trade::product;
use guichet::values::id::{AccountId, EventId, ProductId, TicketId};
use guichet::values::{Category, Email, Host, Money, Slug};
use rouille::Request;
use std::collections::HashMap;
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const HOST: &str = "salle.bench.localhost";
const PRODUCTS: usize = 20;
const PRICES: usize = 3;

/// A house with one venue that sells something, and the app that answers for it without a response cache.
struct Scene {
    app: App,
    tenant: Tenant,
    product: ProductId,
    key: String,
    _dir: TempDir,
}

impl Scene {
    fn set() -> Result<Self, Box<dyn Error>> {
        let dir = tempfile::tempdir()?;
        let data = dir.path().join("data");
        make_house(&data)?;
        let key = make_venue(&Root::open(&data, Options::default())?)?;
        let settings = [("data", data.display().to_string()), ("cache_bytes", "0".to_owned())];
        let app = App::open(Arc::new(Config::load(&HashMap::from(settings), None)?))?;
        let slug = Slug::parse("salle").ok_or("no slug")?;
        let tenant = app.root().console().open(&slug)?;
        let product = fill(&tenant)?;
        Ok(Self { app, tenant, product, key, _dir: dir })
    }

    fn request(&self, method: &str, target: &str, body: &str) -> Request {
        let mut headers = vec![("Host".to_owned(), HOST.to_owned())];
        if !body.is_empty() {
            headers.push(("Authorization".to_owned(), format!("Api-Key {}", self.key)));
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        let peer = ([127, 0, 0, 1], 1).into();
        Request::fake_http_from(peer, method, target, headers, body.into())
    }

    fn status(&self, method: &str, target: &str, body: &str) -> u16 {
        self.app.handle(&self.request(method, target, body)).status
    }
}

fn make_house(data: &Path) -> Result<(), Box<dyn Error>> {
    let (domain, meta) = (Host::parse("bench.localhost"), Slug::parse("meta"));
    let house =
        init::NewHouse { domain: domain.ok_or("no host name")?, meta: meta.ok_or("no slug")? };
    init::init(data, &house, |tx, profile| place::open(tx, profile, &Images::default(), None))?;
    Ok(())
}

/// Founds the venue; a key that opens its products.
fn make_venue(root: &Root) -> Result<String, Box<dyn Error>> {
    let console = root.console();
    let slug = Slug::parse("salle").ok_or("no slug")?;
    let founding = Founding {
        name: "Salle".to_owned(),
        category: Category::Venue,
        naming: Naming::Exact(slug.clone()),
        admin: None,
        profile: Profile { label: "Salle".to_owned(), ..Profile::default() },
        organization: None,
    };
    place::found(&console.founder(), &founding, &Images::default())?;
    let email = Email::parse("caisse@bench.localhost").ok_or("no e-mail")?;
    console.create_user(&NewUser {
        email: email.clone(),
        password: None,
        superuser: true,
        can_create_tenant: true,
    })?;
    let rights = Rights::parse("product,ticket")?;
    let new =
        key::New { tenant: slug, email, name: "bench".to_owned(), rights, ip: None, expires: None };
    Ok(console.create_key(&new)?)
}

/// Fills the shop; the last product.
fn fill(tenant: &Tenant) -> Result<ProductId, Box<dyn Error>> {
    let filled = tenant.write(By::Console, |tx| {
        let mut last = ProductId::new();
        for number in 0..PRODUCTS {
            let new = product::New {
                name: format!("Billet {number}"),
                category: product::Category::Ticket,
                short_description: Some("Placement libre, debout".to_owned()),
                long_description: None,
                terms: None,
                published: true,
                cashless: false,
            };
            last = product::create(tx, &new, None, u64::MAX)?.id;
            for tariff in 0..PRICES {
                price::create(tx, &tariff_of(last, tariff), u64::MAX)?;
            }
        }
        Ok(last)
    });
    Ok(filled?)
}

fn tariff_of(product: ProductId, number: usize) -> price::New {
    price::New {
        product,
        name: format!("Tarif {number}"),
        short_description: None,
        long_description: None,
        amount: Money(1_250),
        free_amount: false,
        vat: Vat::Ten,
        stock: Some(300),
        max_per_user: 10,
        period: Period::None,
        membership: None,
    }
}

/// An evening that sells one product with 20 prices, tonight; 10,000 tickets of it are paid. Its id and a ticket's.
fn evening(tenant: &Tenant) -> Result<(EventId, TicketId), Box<dyn Error>> {
    const TICKETS: u16 = 10_000;
    let buyer = Buyer {
        account: AccountId::new(),
        email: Email::parse("ana@bench.localhost").ok_or("no e-mail")?,
        proven: true,
        claims: Claim::ByEmail,
        named: true,
        hand: Hand::Owner,
    };
    let made = tenant.publish(By::Console, place::published, |tx| {
        let new = product::New {
            name: "Concert".to_owned(),
            category: product::Category::Ticket,
            short_description: None,
            long_description: None,
            terms: None,
            published: true,
            cashless: false,
        };
        let product = product::create(tx, &new, None, u64::MAX)?.id;
        let mut prices = vec![];
        for number in 0..20 {
            let max_per_user = u16::MAX >> 1;
            let tariff = price::New { stock: None, max_per_user, ..tariff_of(product, number) };
            prices.push(price::create(tx, &tariff, u64::MAX)?.id);
        }
        let event = event::New {
            name: "Concert".to_owned(),
            category: event::Category::Concert,
            short_description: None,
            long_description: None,
            link: None,
            starts: tx.now().plus(Duration::from_secs(60)),
            ends: None,
            gauge: 100_000,
            max_per_user: u16::MAX >> 1,
            minimum_cashless: 0,
            published: true,
        };
        let links = event::Links { products: Some(vec![product]), ..event::Links::default() };
        let event = event::create(tx, &event, &links, None, u64::MAX)?.id;
        let holder = Holder { first_name: "Ana".to_owned(), last_name: "Payet".to_owned() };
        let holders = vec![holder; usize::from(TICKETS)];
        let item =
            Item { event: Some(event), price: prices[0], quantity: TICKETS, holders, amount: None };
        let basket = Basket { items: vec![item], ..Basket::default() };
        let hold =
            Hold { payment: Duration::from_secs(900), proof: Duration::ZERO, page: Duration::ZERO };
        let order = order::place(tx, &buyer, &basket, hold)?;
        order::pay(tx, order.id, Means::Cash, order.total, None)?;
        let bookings = order::bookings_of(tx, order.id)?;
        Ok((event, bookings[0].tickets[0]))
    });
    Ok(made?)
}

fn sales(criterion: &mut Criterion, scene: &Scene) {
    let (event, ticket) =
        evening(&scene.tenant).unwrap_or_else(|error| panic!("nothing is on: {error}"));
    let page = scene.request("GET", &format!("/api/events/{}/", event.0), "");
    assert_eq!(scene.app.handle(&page).status, 200);
    criterion.bench_function("GET an event with 20 prices, built", |bencher| {
        bencher.iter(|| scene.app.handle(black_box(&page)));
    });
    let mut door = scene.request("POST", "/api/none/", " ");
    door = Request::fake_http_from(
        ([127, 0, 0, 1], 1).into(),
        "GET",
        "/api/ticket/",
        door.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        vec![],
    );
    assert_eq!(scene.app.handle(&door).status, 200);
    criterion.bench_function("GET the door's list of 10,000 tickets", |bencher| {
        bencher.iter(|| scene.app.handle(black_box(&door)));
    });
    let paper = scene.request("GET", &format!("/api/ticket/pdf/{}", ticket.0), "");
    assert_eq!(scene.app.handle(&paper).status, 200);
    criterion.bench_function("GET a ticket as PDF", |bencher| {
        bencher.iter(|| scene.app.handle(black_box(&paper)));
    });
}

/// A house of so many more tenants and accounts, each with three roles somewhere, and one of them who runs the
/// catalogue of the venue.
#[expect(
    clippy::disallowed_methods,
    reason = "a crowd is written down at once, or it takes an hour"
)]
fn crowd(tenants: usize, accounts: usize) -> Result<(TempDir, Tenant, Caller), Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let data = dir.path().join("data");
    make_house(&data)?;
    make_venue(&Root::open(&data, Options::default())?)?;
    rusqlite::Connection::open(data.join("root.db"))?.execute_batch(&format!(
        "BEGIN;
         CREATE TEMP TABLE n (i INTEGER PRIMARY KEY);
         WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < 3 * {accounts} - 1) INSERT INTO n SELECT i FROM c;
         INSERT INTO tenant (id, no, organization, category, slug, name, state, created)
           SELECT randomblob(16), 1000000 + i, (SELECT id FROM organization), 'S', 'crowd-' || i, 'Crowd ' || i, 'active', i
           FROM n WHERE i < {tenants};
         INSERT INTO domain (host, tenant, is_primary)
           SELECT slug || '.bench.localhost', id, 1 FROM tenant WHERE no >= 1000000;
         INSERT INTO account (id, no, organization, email, password_changed, active, superuser, can_create_tenant, created)
           SELECT randomblob(16), 1000000 + i, (SELECT id FROM organization), 'crowd-' || i || '@bench.localhost', 0, 1, 0, 0, i
           FROM n WHERE i < {accounts};
         INSERT INTO connection (tenant, account, created)
           SELECT tenant.id, account.id, i FROM n
             JOIN account ON account.no = 1000000 + i % {accounts}
             JOIN tenant ON tenant.no = 1000000 + (i % {accounts} * 3 + i / {accounts}) % {tenants};
         INSERT INTO connection (tenant, account, created)
           SELECT tenant.id, account.id, 0 FROM tenant, account
           WHERE tenant.slug = 'salle' AND account.email = 'crowd-7@bench.localhost';
         INSERT INTO connection_role (connection, role, granted, granted_by) SELECT no, 40, created, 'house' FROM connection;
         COMMIT;"
    ))?;
    let root = Root::open(&data, Options::default())?;
    let tenant = root.console().open(&Slug::parse("salle").ok_or("no slug")?)?;
    let email = Email::parse("crowd-7@bench.localhost").ok_or("no e-mail")?;
    let account = root.console().user(&email)?.ok_or("no account")?;
    Ok((dir, tenant, Caller::Person(Box::new(account))))
}

fn rights(criterion: &mut Criterion) {
    for (tenants, accounts) in [(10, 100), (10_000, 100_000)] {
        let (_dir, tenant, caller) = crowd(tenants, accounts)
            .unwrap_or_else(|error| panic!("the crowd cannot be made: {error}"));
        assert!(tenant.admit(&caller, Some(Right::Product)).is_ok());
        assert!(tenant.admit(&caller, Some(Right::Manage)).is_err());
        let name = format!("may this account, of {accounts} at {tenants} tenants");
        criterion.bench_function(&name, |bencher| {
            bencher.iter(|| tenant.admit(black_box(&caller), Some(Right::Product)));
        });
    }
}

fn inside(criterion: &mut Criterion) {
    rights(criterion);

    let scene = Scene::set().unwrap_or_else(|error| panic!("the scene cannot be set: {error}"));
    let invalid = format!(
        r#"{{"product": "{}", "name": "", "prix": -1, "vat": "XX", "stock": "a"}}"#,
        scene.product
    );
    assert_eq!(scene.status("GET", "/api/products/", ""), 200);
    assert_eq!(scene.status("POST", "/api/prices/", &invalid), 400);

    let list = scene.request("GET", "/api/products/", "");
    criterion.bench_function("GET 20 products x 3 prices, built", |bencher| {
        bencher.iter(|| scene.app.handle(black_box(&list)));
    });
    criterion.bench_function("POST an invalid price", |bencher| {
        let request = || scene.request("POST", "/api/prices/", &invalid);
        bencher.iter_batched(request, |post| scene.app.handle(&post), BatchSize::SmallInput);
    });

    let mut number = PRICES;
    let mut next = || {
        number += 1;
        tariff_of(scene.product, number)
    };
    criterion.bench_function("price::create, committed", |bencher| {
        let write = |new| scene.tenant.write(By::Console, |tx| price::create(tx, &new, u64::MAX));
        bencher.iter_batched(&mut next, write, BatchSize::SmallInput);
    });
    criterion.bench_function("price::create, in an open transaction", |bencher| {
        let written = scene.tenant.write(By::Console, |tx| {
            let make = |new| price::create(tx, &new, u64::MAX);
            bencher.iter_batched(&mut next, make, BatchSize::SmallInput);
            Ok(())
        });
        assert!(written.is_ok());
    });

    sales(criterion, &scene);

    criterion.bench_function("slug of a name", |bencher| {
        bencher.iter(|| Slug::of(black_box("L’Étage des Arts & Métiers, salle n° 2")));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(40)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    targets = inside
}
criterion_main!(benches);
