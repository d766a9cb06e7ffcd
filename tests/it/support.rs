//! A house in a temporary directory, venues in it, and callers that ask them: whole requests, in process, no socket.
//!
//! Builders call domain functions. What is not named has a harmless value. Each test has a house of its own.

use guichet::app::{App, Peek, Ready};
use guichet::config::Config;
use guichet::root::init::{NewHouse, init};
use guichet::root::people::NewUser;
use guichet::root::proof::Proof;
use guichet::root::{Account, By, Founding, Name, Naming, Operator, Profile, Rights, Tenant, key};
use guichet::trade::place::{self, Images};
use guichet::trade::price::{self, Period, Vat};
use guichet::trade::product;
use guichet::values::id::ProductId;
use guichet::values::{Category, Email, Host, Money, Slug, Time};
use rouille::Request;
use serde_json::Value;
use std::collections::HashMap;
use std::io::Read as _;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, LazyLock};
use tempfile::TempDir;

pub(crate) const DOMAIN: &str = "example.org";
pub(crate) const ALL_RIGHTS: &str = "event,product,place,artist,reservation,ticket";

/// A data directory with META and nobody else, served.
pub(crate) struct House {
    pub(crate) app: Arc<App>,
    serial: AtomicU32,
    dir: TempDir,
}

/// A house with the default settings.
pub(crate) fn house() -> House {
    house_with(&[])
}

/// A house with settings of its own.
pub(crate) fn house_with(settings: &[(&'static str, &str)]) -> House {
    let dir = tempfile::tempdir().unwrap();
    let new = NewHouse { domain: Host::parse(DOMAIN).unwrap(), meta: Slug::parse("meta").unwrap() };
    init(dir.path(), &new, |tx, profile| place::open(tx, profile, &Images::default(), None))
        .unwrap();
    let app = open(dir.path(), settings);
    House { app, serial: AtomicU32::new(0), dir }
}

fn open(dir: &Path, settings: &[(&'static str, &str)]) -> Arc<App> {
    let mut flags: HashMap<&str, String> =
        settings.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    flags.insert("data", dir.to_str().unwrap().to_owned());
    // All callers of a test come from one address.
    flags.entry("asks_per_address").or_insert_with(|| "0".to_owned());
    flags.entry("fetch_allow").or_insert_with(|| IMAGE_HOST.to_string());
    Arc::new(App::open(Arc::new(Config::load(&flags, None).unwrap())).unwrap())
}

impl House {
    /// The data directory.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The same house, open once more.
    pub(crate) fn again(&self) -> Arc<App> {
        open(self.dir.path(), &[])
    }

    /// The person at the command line.
    pub(crate) fn console(&self) -> Operator {
        self.app.root().console()
    }

    /// A new venue. Its slug and host are made from the name.
    pub(crate) fn venue(&self, name: &str) -> Venue<'_> {
        self.tenant(name, Category::Venue)
    }

    /// A new tenant of any category.
    pub(crate) fn tenant(&self, name: &str, category: Category) -> Venue<'_> {
        let founding = Founding {
            organization: None,
            name: name.to_owned(),
            category,
            naming: Naming::Exact(Slug::of(name).unwrap()),
            admin: None,
            profile: Profile {
                label: name.to_owned(),
                short_description: "Un lieu".into(),
                phone: "0692929292".into(),
                email: "contact@example.org".into(),
                ..Profile::default()
            },
        };
        let tenant =
            place::found(&self.console().founder(), &founding, &Images::default()).unwrap();
        self.with_admin(&tenant.open().unwrap())
    }

    /// The first agenda.
    pub(crate) fn meta(&self) -> Venue<'_> {
        self.with_admin(&self.console().open(&Slug::parse("meta").unwrap()).unwrap())
    }

    fn with_admin(&self, tenant: &Tenant) -> Venue<'_> {
        let entry = tenant.entry();
        let slug = entry.slug.clone();
        let admin = self.user(&format!("admin-{}@{slug}.example.org", self.next()));
        self.console().grant(&admin.email, Some(&slug), false, false, true).unwrap();
        Venue { house: self, host: entry.primary.to_string(), slug, admin }
    }

    /// An active account without a password.
    pub(crate) fn user(&self, email: &str) -> Account {
        self.new_user(email, None)
    }

    /// An active account with a password. Hashing takes its time: only for tests of log-ins.
    pub(crate) fn user_with_password(&self, email: &str, password: &str) -> Account {
        self.new_user(email, Some(password.to_owned()))
    }

    fn new_user(&self, email: &str, password: Option<String>) -> Account {
        let email = Email::parse(email).unwrap();
        let new = NewUser { email, password, superuser: false, can_create_tenant: false };
        self.console().create_user(&new).unwrap()
    }

    /// The link that proves this address, as its owner receives it.
    pub(crate) fn proof(&self, email: &str) -> Proof {
        let account = self.console().user(&Email::parse(email).unwrap()).unwrap().unwrap();
        self.app.root().people().proof(account.id, Time::now()).unwrap().unwrap()
    }

    /// An access token of this account, issued so many seconds ago.
    pub(crate) fn token(&self, account: &Account, seconds_ago: i64) -> String {
        let then = Time(Time::now().0 - seconds_ago * 1_000_000);
        self.app.root().people().issue(account, then).unwrap().access
    }

    /// Somebody at this host.
    pub(crate) fn at(&self, host: &str) -> Caller {
        Caller {
            app: self.app.clone(),
            host: host.to_owned(),
            peer: SocketAddr::from(([127, 0, 0, 1], 12_345)),
            headers: vec![],
        }
    }

    /// A number that this house has not given yet.
    pub(crate) fn next(&self) -> u32 {
        self.serial.fetch_add(1, Relaxed)
    }

    /// How many tenants and accounts there are and what every tenant has written down: the same before and after
    /// when nothing was changed.
    pub(crate) fn ledger(&self) -> Vec<(String, i64, i64)> {
        let console = self.console();
        let mut ledger =
            vec![("accounts".to_owned(), console.list_users().unwrap().len() as i64, 0)];
        for tenant in console.tenants().unwrap() {
            let open = self.app.root().tenant(Name::Slug(&tenant.slug)).unwrap().unwrap();
            let count = |table: &str| {
                let sql = format!("SELECT count(*) FROM {table}");
                open.read(|tx| tx.one(&sql, [], |row| row.get(0))).unwrap()
            };
            ledger.push((tenant.slug.to_string(), count("audit"), count("media")));
        }
        ledger
    }
}

/// A tenant, its host and its administrator.
pub(crate) struct Venue<'h> {
    pub(crate) house: &'h House,
    pub(crate) host: String,
    pub(crate) slug: Slug,
    pub(crate) admin: Account,
}

impl Venue<'_> {
    /// A visitor whom nobody knows.
    pub(crate) fn anyone(&self) -> Caller {
        self.house.at(&self.host)
    }

    /// A key of this venue with all rights.
    pub(crate) fn staff(&self) -> Caller {
        self.key(ALL_RIGHTS)
    }

    /// A key of this venue with these rights.
    pub(crate) fn key(&self, rights: &str) -> Caller {
        self.holding(&self.new_key(rights, None, None))
    }

    /// A key with all rights of an account that may found tenants.
    pub(crate) fn founder(&self) -> Caller {
        self.house.console().grant(&self.admin.email, None, false, true, true).unwrap();
        self.staff()
    }

    /// The administrator, logged in.
    pub(crate) fn admin(&self) -> Caller {
        self.bearing(&self.admin_token())
    }

    /// The administrator's access token.
    pub(crate) fn admin_token(&self) -> String {
        self.house.token(&self.admin, 0)
    }

    /// Somebody who is logged in and administers nothing.
    pub(crate) fn member(&self) -> Caller {
        let account = self.house.user(&format!("member-{}@example.org", self.house.next()));
        self.bearing(&self.house.token(&account, 0))
    }

    /// The whole text of a new key.
    pub(crate) fn new_key(
        &self,
        rights: &str,
        ip: Option<IpAddr>,
        expires: Option<Time>,
    ) -> String {
        let new = key::New {
            tenant: self.slug.clone(),
            email: self.admin.email.clone(),
            name: format!("key {}", self.house.next()),
            rights: Rights::parse(rights).unwrap(),
            ip,
            expires,
        };
        self.house.console().create_key(&new).unwrap()
    }

    /// Somebody who presents this key.
    pub(crate) fn holding(&self, key: &str) -> Caller {
        self.anyone().with("Authorization", &format!("Api-Key {key}"))
    }

    /// Somebody who presents this token.
    pub(crate) fn bearing(&self, token: &str) -> Caller {
        self.anyone().with("Authorization", &format!("Bearer {token}"))
    }

    /// The tenant itself.
    pub(crate) fn tenant(&self) -> Tenant {
        self.house.console().open(&self.slug).unwrap()
    }

    /// Its id.
    pub(crate) fn id(&self) -> String {
        self.tenant().entry().id.to_string()
    }

    /// A new published product of this category, without an image.
    pub(crate) fn product(&self, name: &str, category: product::Category) -> String {
        let new = product::New {
            name: name.to_owned(),
            category,
            short_description: None,
            long_description: None,
            terms: None,
            published: true,
            cashless: false,
        };
        let made = self.tenant().write(By::Console, |tx| product::create(tx, &new, None, 5_000));
        made.unwrap().id.to_string()
    }

    /// A new ticket.
    pub(crate) fn ticket(&self, name: &str) -> String {
        self.product(name, product::Category::Ticket)
    }

    /// A new membership.
    pub(crate) fn membership(&self, name: &str) -> String {
        self.product(name, product::Category::Membership)
    }

    /// An event far in the future that sells these products, with so many seats.
    pub(crate) fn event(&self, name: &str, products: &[&str], seats: u32) -> String {
        let body = serde_json::json!({
            "name": name, "datetime": "2099-06-01T20:00", "products": products, "jauge_max": seats,
            "max_per_user": 1_000,
        });
        text(&self.staff().post("/api/events/", &body).ok(201), "uuid").to_owned()
    }

    /// Asks for so many places of a price at an event, in the name of this address.
    pub(crate) fn book(&self, email: &str, event: &str, price: &str, places: usize) -> Reply {
        self.book_as(&self.anyone(), email, event, price, places)
    }

    /// The same, asked for by somebody.
    pub(crate) fn book_as(
        &self,
        caller: &Caller,
        email: &str,
        event: &str,
        price: &str,
        places: usize,
    ) -> Reply {
        let customers =
            vec![serde_json::json!({ "first_name": "Ana", "last_name": "Payet" }); places];
        let body = serde_json::json!({
            "email": email, "event": event, "options": [],
            "prices": [{ "uuid": price, "qty": places, "customers": customers }],
        });
        caller.post("/api/reservations/", &body)
    }

    /// A new price of a product, in cents, for a year, without limits.
    pub(crate) fn price(&self, product: &str, name: &str, cents: i64) -> String {
        let new = price::New {
            product: ProductId(product.parse().unwrap()),
            name: name.to_owned(),
            short_description: None,
            long_description: None,
            amount: Money(cents),
            free_amount: false,
            vat: Vat::None,
            stock: None,
            max_per_user: 10,
            period: Period::Year,
            membership: None,
        };
        let made = self.tenant().write(By::Console, |tx| price::create(tx, &new, 50_000));
        made.unwrap().id.to_string()
    }
}

/// Who asks a host, with what they say of themselves.
#[derive(Clone)]
pub(crate) struct Caller {
    app: Arc<App>,
    host: String,
    peer: SocketAddr,
    headers: Vec<(String, String)>,
}

impl Caller {
    /// The same, with one more header.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut with = self.clone();
        with.headers.push((name.to_owned(), value.to_owned()));
        with
    }

    /// The same, from another address.
    pub(crate) fn from(&self, address: &str) -> Self {
        Self { peer: SocketAddr::new(address.parse().unwrap(), 12_345), ..self.clone() }
    }

    /// The same, at another host.
    pub(crate) fn at(&self, host: &str) -> Self {
        Self { host: host.to_owned(), ..self.clone() }
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.send("GET", path, None, vec![])
    }

    pub(crate) fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, None, vec![])
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        self.json("POST", path, body)
    }

    pub(crate) fn patch(&self, path: &str, body: &Value) -> Reply {
        self.json("PATCH", path, body)
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Reply {
        self.json("PUT", path, body)
    }

    /// Sends JSON.
    pub(crate) fn json(&self, method: &str, path: &str, body: &Value) -> Reply {
        self.send(method, path, Some("application/json"), body.to_string().into_bytes())
    }

    /// Sends a form with files, each named by its field and its file in the folder of test images.
    pub(crate) fn form(
        &self,
        method: &str,
        path: &str,
        texts: &[(&str, &str)],
        files: &[(&str, &str)],
    ) -> Reply {
        let (media_type, body) = multipart(texts, files);
        self.send(method, path, Some(&media_type), body)
    }

    /// Sends anything.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        media_type: Option<&str>,
        body: Vec<u8>,
    ) -> Reply {
        let mut headers = vec![("Host".to_owned(), self.host.clone())];
        headers.extend(self.headers.iter().cloned());
        headers.extend(media_type.map(|t| ("Content-Type".to_owned(), t.to_owned())));
        let request = Request::fake_http_from(self.peer, method, path, headers, body);
        Reply::new(method, path, self.app.handle(&request))
    }

    /// A kept answer that is still true, as the listener looks for it before anything else.
    pub(crate) fn kept(&self, path: &str) -> Option<Reply> {
        let header = |name: &str| {
            let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.as_str())
        };
        let ready = self.app.cached(&Peek {
            target: path,
            host: &self.host,
            accept: header("Accept"),
            accept_encoding: header("Accept-Encoding"),
            if_none_match: header("If-None-Match"),
            proto: header("X-Forwarded-Proto"),
            head: false,
            peer: self.peer,
        });
        ready.map(|ready| Reply::new("GET", path, ready))
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) asked: String,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    fn new(method: &str, path: &str, ready: Ready) -> Self {
        let headers = ready.headers.into_iter().map(|(name, value)| (name.into_owned(), value));
        Self {
            asked: format!("{method} {path}"),
            status: ready.status,
            headers: headers.collect(),
            body: ready.body.to_vec(),
        }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| {
            panic!("{}: {} is no JSON: {}", self.asked, self.status, self.text())
        })
    }

    /// The first header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Fails unless it has this status.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text());
        self
    }

    /// Fails unless it has this status; gives its JSON.
    #[track_caller]
    pub(crate) fn ok(self, status: u16) -> Value {
        self.is(status).json()
    }

    /// Fails unless it has this status and this JSON.
    #[track_caller]
    pub(crate) fn says(self, status: u16, json: &Value) {
        assert_eq!((self.status, &self.json()), (status, json), "{}", self.asked);
    }

    /// Fails unless it is a 400 with errors for exactly these fields.
    #[track_caller]
    pub(crate) fn faults(self, fields: &[&str]) {
        let json = self.is(400).json();
        let names: Vec<&String> = json.as_object().unwrap().keys().collect();
        let mut want: Vec<&str> = fields.to_vec();
        want.sort_unstable();
        assert_eq!(names, want, "{json}");
    }
}

/// The text at a member of a JSON value.
pub(crate) fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_else(|| panic!("no text {member} in {value}"))
}

/// The texts at one member of each element of a JSON list.
pub(crate) fn column<'a>(list: &'a Value, member: &str) -> Vec<&'a str> {
    list.as_array().unwrap().iter().map(|row| text(row, member)).collect()
}

/// The folder of this file's project.
pub(crate) fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn image_path(name: &str) -> PathBuf {
    project().join("tests/conformance/img").join(name)
}

/// A test image.
pub(crate) fn image(name: &str) -> Vec<u8> {
    std::fs::read(image_path(name)).unwrap()
}

/// The address at which a test image is served.
pub(crate) fn image_url(name: &str) -> String {
    format!("http://{}/{name}", *IMAGE_HOST)
}

/// Serves the test images on a free port, for as long as the process lives.
static IMAGE_HOST: LazyLock<SocketAddr> = LazyLock::new(|| {
    let server = tiny_http::Server::http("127.0.0.1:0").unwrap();
    let address = server.server_addr().to_ip().unwrap();
    std::thread::spawn(move || {
        for request in server.incoming_requests() {
            let name = request.url().trim_start_matches('/').split('?').next();
            let path = image_path(name.unwrap_or_default());
            let sent = match std::fs::read(path) {
                Ok(bytes) => request.respond(tiny_http::Response::from_data(bytes)),
                Err(_) => request.respond(tiny_http::Response::empty(404)),
            };
            drop(sent);
        }
    });
    address
});

/// The media type and the bytes of a form with files.
pub(crate) fn multipart(texts: &[(&str, &str)], files: &[(&str, &str)]) -> (String, Vec<u8>) {
    let mut body = vec![];
    for (name, text) in texts {
        let head =
            format!("--limit\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
        body.extend_from_slice(head.as_bytes());
    }
    for (name, file) in files {
        let head = format!(
            "--limit\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&image(file));
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--limit--\r\n");
    ("multipart/form-data; boundary=limit".to_owned(), body)
}

/// What a compressed body holds.
pub(crate) fn unzip(body: &[u8]) -> Vec<u8> {
    let mut plain = vec![];
    flate2::read::GzDecoder::new(body).read_to_end(&mut plain).unwrap();
    plain
}

/// Runs `f` until it has run within one minute of the clock: failures are counted by the minute.
pub(crate) fn within_a_minute<T>(f: impl Fn() -> T) -> T {
    for _ in 0..5 {
        let began = Time::now().seconds() / 60;
        let result = f();
        if Time::now().seconds() / 60 == began {
            return result;
        }
    }
    panic!("it never ran within a minute");
}

/// Runs `f` on so many threads and gathers what it says.
pub(crate) fn at_once<T: Send>(threads: usize, f: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let ready = std::sync::Barrier::new(threads);
    let run = |n| {
        ready.wait();
        f(n)
    };
    std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads).map(|n| scope.spawn(move || run(n))).collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}
