//! The real binary, run as an operator runs it: data directories in temporary places, servers on loopback that are
//! killed when they go out of scope, and a client that says exactly the bytes it is given.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage fails")]

use guichet::root::people::NewUser;
use guichet::root::{By, Founding, Naming, Options, Profile, Rights, Root, key};
use guichet::trade::place::{self, Images};
use guichet::trade::product;
use guichet::values::{Category, Email, Slug};
use rusqlite::Connection;
use serde_json::Value;
use std::ffi::OsStr;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longer than anything here takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until `done`, and fails when that takes too long.
pub(crate) fn until(what: &str, mut done: impl FnMut() -> bool) {
    let by = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < by, "waited too long until {what}");
        std::thread::sleep(Duration::from_millis(3));
    }
}

/// A data directory in a place of its own.
pub(crate) struct Data {
    home: TempDir,
}

/// How a verb ended.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Done {
    /// Status 1 and one sentence for people; returns the sentence.
    #[track_caller]
    pub(crate) fn refused(&self) -> &str {
        assert_eq!(self.status, 1, "{self:?}");
        assert_eq!(self.err.lines().count(), 1, "not one line: {}", self.err);
        assert!(self.err.starts_with("guichet: "), "{}", self.err);
        for debris in ["panicked", "Error {", "Error(", "Some(", "Failure {", "Custom {"] {
            assert!(!self.err.contains(debris), "{debris} in: {}", self.err);
        }
        &self.err
    }
}

/// A shop with a key and a product.
pub(crate) struct Shop {
    pub(crate) slug: String,
    pub(crate) host: String,
    pub(crate) key: String,
    pub(crate) product: String,
}

impl Data {
    /// A directory that is not made yet.
    pub(crate) fn nowhere() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    /// What `init --domain example.org` makes.
    pub(crate) fn new() -> Self {
        let data = Self::nowhere();
        data.ok(&["init", "--domain", "example.org"]);
        data
    }

    /// The same with one shop.
    pub(crate) fn with_shop() -> (Self, Shop) {
        let data = Self::new();
        let shop = data.shop("Le Bisik");
        (data, shop)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.home.path().join("house")
    }

    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The house, open in this process.
    pub(crate) fn root(&self) -> Root {
        Root::open(&self.path(), Options::default()).unwrap()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
        command.env_clear().current_dir(self.home.path()).arg("--data").arg(self.path()).args(args);
        command
    }

    /// Runs a verb to its end.
    pub(crate) fn guichet(&self, args: &[&str]) -> Done {
        finish(self.command(args), "")
    }

    /// The same with something on standard input.
    pub(crate) fn told(&self, args: &[&str], input: &str) -> Done {
        finish(self.command(args), input)
    }

    /// Runs a verb that must succeed; what it printed, without the last end of line.
    #[track_caller]
    pub(crate) fn ok(&self, args: &[&str]) -> String {
        let done = self.guichet(args);
        assert_eq!(done.status, 0, "{args:?}: {}", done.err);
        done.out.trim_end().to_owned()
    }

    /// What a verb prints with `--json`.
    #[track_caller]
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let with_json: Vec<&str> = args.iter().copied().chain(["--json"]).collect();
        serde_json::from_str(&self.ok(&with_json)).unwrap()
    }

    /// Makes a shop, its key and its product, in this process.
    pub(crate) fn shop(&self, name: &str) -> Shop {
        let root = self.root();
        let (console, slug) = (root.console(), Slug::of(name).unwrap());
        let founding = Founding {
            organization: None,
            name: name.to_owned(),
            category: Category::Venue,
            naming: Naming::Exact(slug.clone()),
            admin: None,
            profile: Profile { label: name.to_owned(), ..Profile::default() },
        };
        let tenant = place::found(&console.founder(), &founding, &Images::default()).unwrap();
        let tenant = tenant.open().unwrap();
        let email = Email::parse("boss@example.org").unwrap();
        if !console.list_users().unwrap().iter().any(|account| account.email == email) {
            let (superuser, can_create_tenant) = (true, true);
            let user =
                NewUser { email: email.clone(), password: None, superuser, can_create_tenant };
            console.create_user(&user).unwrap();
        }
        let rights = Rights::parse("event,product,place,artist,reservation,ticket").unwrap();
        let (ip, expires) = (None, None);
        let new = key::New { tenant: slug.clone(), email, name: "all".into(), rights, ip, expires };
        let key = console.create_key(&new).unwrap();
        let new = product::New {
            name: "Entrée".into(),
            category: product::Category::Ticket,
            short_description: None,
            long_description: None,
            terms: None,
            published: true,
            cashless: false,
        };
        let made = tenant.write(By::Console, |tx| product::create(tx, &new, None, u64::MAX));
        let (host, product) = (tenant.entry().primary.to_string(), made.unwrap().id.to_string());
        Shop { slug: slug.to_string(), host, key, product }
    }

    /// Every database file of the house.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let mut files = vec![self.path().join("root.db")];
        for entry in std::fs::read_dir(self.path().join("tenants")).unwrap() {
            files.push(entry.unwrap().path());
        }
        files.retain(|path| path.extension() == Some(OsStr::new("db")));
        files
    }

    /// A tenant's file.
    pub(crate) fn tenant_file(&self, slug: &str) -> PathBuf {
        let shown = self.json(&["tenant", "show", slug]);
        self.path().join("tenants").join(format!("{}.db", shown[0]["id"].as_str().unwrap()))
    }

    /// Fails unless every file is whole by SQLite's own checks.
    #[track_caller]
    pub(crate) fn assert_whole(&self) {
        for path in self.files() {
            let db = look_into(&path);
            let said: String =
                db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
            assert_eq!(said, "ok", "{}", path.display());
            assert!(!db.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap());
        }
    }

    /// Starts a server and waits until it answers.
    pub(crate) fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// The same with settings in the environment.
    pub(crate) fn serve_with(&self, settings: &[(&str, &str)]) -> Server {
        for attempt in 0..5 {
            let (at, ops) = (free_address(), free_address());
            let (listen, watch) = (at.to_string(), ops.to_string());
            let log = self.beside(&format!("log-{}-{attempt}", at.port()));
            let file = std::fs::File::create(&log).unwrap();
            let mut command = self.command(&["serve", "--listen", &listen, "--ops", &watch]);
            // Buyers of these tests all come from here, by the hundred.
            command
                .env("GUICHET_ASKS_PER_ADDRESS", "0")
                .envs(settings.iter().copied())
                .stdin(Stdio::null())
                .stdout(Stdio::null());
            let child = command.stderr(file).spawn().unwrap();
            let mut server = Server { child, at, ops, log };
            if server.is_up() {
                return server;
            }
        }
        panic!("no free address was found");
    }
}

fn finish(mut command: Command, input: &str) -> Done {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A verb that reads nothing may be gone already.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Done {
        status: output.status.code().unwrap_or(-1),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// A database file, looked into past the program.
#[expect(clippy::disallowed_methods, reason = "looks at files past the program")]
pub(crate) fn look_into(path: &Path) -> Connection {
    let db = Connection::open(path).unwrap();
    db.busy_timeout(PATIENCE).unwrap();
    db
}

/// An address that nobody listens on, below those that the system gives to clients, and never given twice.
pub(crate) fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let base = 20_000 + u16::try_from(std::process::id() % 120).unwrap() * 100;
    loop {
        let port = 20_000 + (base - 20_000 + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// A server process.
pub(crate) struct Server {
    child: Child,
    pub(crate) at: SocketAddr,
    pub(crate) ops: SocketAddr,
    log: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Server {
    /// Waits until it answers; false when its address was taken.
    fn is_up(&mut self) -> bool {
        let by = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(self.log().contains("cannot listen on"), "{status}: {}", self.log());
                return false;
            }
            if self.log().contains("\"serving\"") && TcpStream::connect(self.at).is_ok() {
                return true;
            }
            assert!(Instant::now() < by, "the server does not answer: {}", self.log());
            std::thread::sleep(Duration::from_millis(3));
        }
    }

    pub(crate) fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// Asks it to end as a service manager does.
    pub(crate) fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("sh").args(["-c", "kill -TERM $0", &pid]).status().unwrap().success());
    }

    /// Waits for its end.
    pub(crate) fn end(&mut self) -> ExitStatus {
        let mut status = None;
        until("the server has ended", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    pub(crate) fn peer(&self) -> Peer {
        Peer::to(self.at)
    }

    pub(crate) fn ask(&self, request: impl AsRef<[u8]>) -> Answer {
        self.peer().ask(request)
    }

    pub(crate) fn get(&self, host: &str, path: &str) -> Answer {
        self.ask(get(host, path))
    }

    pub(crate) fn post(&self, shop: &Shop, path: &str, body: &Value) -> Answer {
        self.ask(post(&shop.host, path, &shop.key, &body.to_string()))
    }

    /// What its operations listener says.
    pub(crate) fn watch(&self, path: &str) -> Answer {
        Peer::to(self.ops).ask(get("localhost", path))
    }

    /// One figure of its metrics.
    pub(crate) fn figure(&self, name: &str) -> u64 {
        let text = self.watch("/metrics").text();
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
    }
}

pub(crate) fn get(host: &str, path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n")
}

/// The head of a POST of JSON.
pub(crate) fn post_head(host: &str, path: &str, key: &str, length: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Api-Key {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    )
}

pub(crate) fn post(host: &str, path: &str, key: &str, body: &str) -> String {
    post_head(host, path, key, body.len()) + body
}

/// A form with one file in it.
pub(crate) fn upload(shop: &Shop, path: &str, fields: &[(&str, &str)], file: &[u8]) -> Vec<u8> {
    let mut body = vec![];
    for (name, value) in fields {
        body.extend(
            format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .bytes(),
        );
    }
    body.extend(
        b"--edge\r\nContent-Disposition: form-data; name=\"img\"; filename=\"a.png\"\r\n\r\n",
    );
    body.extend(file);
    body.extend(b"\r\n--edge--\r\n");
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Api-Key {}\r\n\
         Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: {}\r\n\r\n",
        shop.host,
        shop.key,
        body.len()
    )
    .into_bytes();
    request.extend(body);
    request
}

/// One side of a connection, that says exactly the bytes it is given.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
}

/// An answer, whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// In lower case.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.head.lines().find_map(|line| line.strip_prefix(&format!("{name}:")));
        found.map(str::trim)
    }

    /// Does the connection end with it?
    pub(crate) fn is_last(&self) -> bool {
        self.header("connection") == Some("close")
    }
}

impl Peer {
    pub(crate) fn to(at: SocketAddr) -> Self {
        let stream = TcpStream::connect(at).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Self { stream }
    }

    pub(crate) fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    pub(crate) fn ask(&mut self, request: impl AsRef<[u8]>) -> Answer {
        self.say(request);
        self.answer()
    }

    #[track_caller]
    pub(crate) fn answer(&mut self) -> Answer {
        self.hear(false).unwrap().expect("an answer, not the end of the connection")
    }

    /// The answer to a HEAD.
    #[track_caller]
    pub(crate) fn bare_answer(&mut self) -> Answer {
        self.hear(true).unwrap().expect("an answer, not the end of the connection")
    }

    /// One answer, or none when the connection ends before one begins.
    pub(crate) fn hear(&mut self, bare: bool) -> io::Result<Option<Answer>> {
        let (mut head, mut byte) = (vec![], [0]);
        while !head.ends_with(b"\r\n\r\n") {
            match self.stream.read(&mut byte) {
                Ok(0) if head.is_empty() => return Ok(None),
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => head.push(byte[0]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let head = String::from_utf8_lossy(&head).to_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
        let mut answer = Answer { status, head, body: vec![] };
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        answer.body = vec![0; if bare { 0 } else { length }];
        self.stream.read_exact(&mut answer.body)?;
        Ok(Some(answer))
    }

    /// How long it takes until the other side ends the connection.
    #[track_caller]
    pub(crate) fn end(&mut self) -> Duration {
        let (begun, mut rest) = (Instant::now(), [0; 4096]);
        loop {
            match self.stream.read(&mut rest) {
                Ok(0) => return begun.elapsed(),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_timeout(&error) => panic!("the connection does not end"),
                Err(_reset) => return begun.elapsed(),
            }
        }
    }

    /// Says one byte every 20 ms until the other side has enough; how long that took.
    #[track_caller]
    pub(crate) fn trickle(&mut self, byte: u8) -> Duration {
        let begun = Instant::now();
        self.stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let mut heard = [0];
        while begun.elapsed() < PATIENCE {
            match self.stream.peek(&mut heard) {
                Err(error) if is_timeout(&error) => {
                    if self.stream.write_all(&[byte]).is_err() {
                        break;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                _ => break,
            }
        }
        self.stream.set_read_timeout(Some(PATIENCE)).unwrap();
        begun.elapsed()
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}
