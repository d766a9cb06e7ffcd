//! Serving: one server on a data directory at a time, its log, its end.

use super::{Context, NEW_TOKEN_KEY, house, no_setting, print, wrong};
use crate::app::{App, Gauges};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::jobs::Jobs;
use crate::ops::Ops;
use crate::serve::{self, Stop};
use clap::Args;
use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::io::{ErrorKind, IsTerminal, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tracing_subscriber::filter::LevelFilter;

/// `guichet serve`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  guichet serve
  guichet --data /srv/guichet serve --listen 127.0.0.1:8000 --listen '[::1]:8000' --ops 127.0.0.1:8001")]
pub(crate) struct Serve {
    /// Where the public is answered; may be given several times [default: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDR", value_delimiter = ',', value_parser = address)]
    listen: Vec<SocketAddr>,
    /// Where /up, /readyz and /metrics are answered
    #[arg(long, value_name = "ADDR", value_parser = addresses)]
    ops: Option<String>,
    /// Fetch images from here though the address is not public; may be given several times
    #[arg(long, value_name = "HOST:PORT", value_delimiter = ',', value_parser = host_and_port)]
    fetch_allow: Vec<String>,
}

impl Serve {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let mut flags = HashMap::new();
        let listen = self.listen.iter().map(SocketAddr::to_string).collect();
        for (name, values) in [("listen", listen), ("fetch_allow", self.fetch_allow)] {
            if !values.is_empty() {
                flags.insert(name, values.join(","));
            }
        }
        if let Some(ops) = self.ops {
            flags.insert("ops", ops);
        }
        let config = context.config(flags)?;
        if !config.data.join("root.db").is_file() {
            // Says what is wrong with the directory before anything is made in it.
            crate::root::Root::open(&config.data, crate::app::options(&config)).map(drop)?;
        }
        let server = Claim::take(config)?.open()?;
        if !server.app.root().console().has_superuser()? {
            let link = house::setup_link(server.app.root())?;
            tracing::info!(
                link,
                "nobody runs this house yet: `guichet user create EMAIL --password-stdin --superuser`; \
                 the set-up link is good for a day, but its page does not exist yet"
            );
        }
        server.run()
    }
}

/// An address on the command line: one that is none is wrong usage.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "must be an IP address and port, such as 127.0.0.1:8000".to_owned())
}

/// Addresses with commas between; nothing means none.
fn addresses(text: &str) -> Result<String, String> {
    let mut named = text.split(',').map(str::trim).filter(|one| !one.is_empty());
    named.try_for_each(|one| address(one).map(drop))?;
    Ok(text.to_owned())
}

fn host_and_port(text: &str) -> Result<String, String> {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {
            Ok(text.to_owned())
        }
        _ => Err("must be a host and port, such as images.example.org:80".to_owned()),
    }
}

/// A directory and addresses that are this process's own, before there need be a house.
pub(super) struct Claim {
    config: Arc<Config>,
    files: u64,
    listeners: Vec<std::net::TcpListener>,
    log: tracing_appender::non_blocking::WorkerGuard,
    lock: File,
}

impl Claim {
    /// Starts the log and takes the lock and the addresses.
    pub(super) fn take(config: Config) -> Result<Self> {
        if config.listen.is_empty() {
            return Err(wrong("listen", "must name an address"));
        }
        let log = start_log(&config);
        config.unknown.iter().for_each(|name| tracing::warn!("{}", no_setting(name)));
        // Tenants' files and sockets both need descriptors; what the system allows is taken, not asked for.
        let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(0);
        let lock = lock(&config.data)?;
        let listeners = serve::bind(&config.listen).map_err(|e| {
            let hint = match e.kind() {
                ErrorKind::AddrInUse => "; `--listen ADDR` names another",
                _ => "",
            };
            Error::directory(format!("{e}{hint}"))
        })?;
        Ok(Self { config: Arc::new(config), files, listeners, log, lock })
    }

    /// Opens the house.
    pub(super) fn open(self) -> Result<Server> {
        let Self { config, files, listeners, log, lock } = self;
        let app = Arc::new(App::open(config.clone())?);
        app.root().open_own()?;
        note_addresses(&config)?;
        if app.root().has_new_token_key() {
            tracing::warn!("{NEW_TOKEN_KEY}");
        }
        let wanted = config.connections + 6 * config.tenants_open;
        if files < wanted {
            tracing::warn!(
                files,
                wanted,
                "the system allows fewer open files than the limits may need: `ulimit -n {wanted}` before the start or \
                 LimitNOFILE={wanted} in the service's unit allows more, smaller `connections` and `tenants_open` need fewer"
            );
        }
        Ok(Server { app, config, listeners, _log: log, _lock: lock })
    }
}

/// A server that holds its lock and its sockets, before it answers.
pub(super) struct Server {
    pub(super) app: Arc<App>,
    config: Arc<Config>,
    listeners: Vec<std::net::TcpListener>,
    _log: tracing_appender::non_blocking::WorkerGuard,
    _lock: File,
}

impl Server {
    /// Answers until it is told to stop, then finishes what is begun.
    pub(super) fn run(self) -> Result<()> {
        let root = self.app.root().clone();
        let sockets = Arc::new(Gauges::default());
        let jobs = Jobs::start(&root, &self.config)?;
        let ops = self
            .config
            .ops
            .iter()
            .map(|address| Ops::start(*address, self.app.clone(), sockets.clone()));
        let ops = ops.collect::<Result<Vec<_>>>()?;
        tracing::info!(listen = ?self.config.listen, data = %self.config.data.display(), "serving");
        let served = serve::run(self.app, self.config, self.listeners, Stop::new(), sockets);
        ops.into_iter().for_each(Ops::stop);
        jobs.stop();
        root.note_used()?;
        root.write_journal()?;
        root.checkpoint()?;
        tracing::info!("stopped");
        served.map_err(|e| Error::internal(format!("the public sockets: {e}")))
    }
}

/// Where a server listens, an address a line: `healthcheck` asks there.
const LISTENING: &str = "tmp/listening";

fn note_addresses(config: &Config) -> Result<()> {
    let path = config.data.join(LISTENING);
    let lines: String = config.listen.iter().map(|address| format!("{address}\n")).collect();
    std::fs::write(&path, lines)
        .map_err(|error| Error::directory(format!("{}: {error}", path.display())))
}

/// The first address of the server that was started last on this data.
fn noted_address(data: &Path) -> Option<SocketAddr> {
    let lines = std::fs::read_to_string(data.join(LISTENING)).ok()?;
    lines.lines().next()?.parse().ok()
}

/// The file whose lock a server holds.
pub(super) const LOCK: &str = "serve.lock";

/// Keeps a second server away from the same data.
fn lock(data: &Path) -> Result<File> {
    let file = lock_file(data)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::directory(format!(
            "{} is served by another guichet already",
            data.display()
        ))),
        Err(TryLockError::Error(error)) => {
            Err(Error::directory(format!("{}: {error}", data.display())))
        }
    }
}

fn lock_file(data: &Path) -> Result<File> {
    let path = data.join(LOCK);
    let opened = File::options().create(true).truncate(false).write(true).open(&path);
    opened.map_err(|error| Error::directory(format!("{}: {error}", path.display())))
}

/// Does a server run on this data?
pub(super) fn is_served(data: &Path) -> Result<bool> {
    Ok(matches!(lock_file(data)?.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Lines go to standard error through a thread of their own: a request never waits for the log.
fn start_log(config: &Config) -> tracing_appender::non_blocking::WorkerGuard {
    let (writer, guard) = tracing_appender::non_blocking(std::io::stderr());
    let terminal = std::io::stderr().is_terminal();
    // One of four names, which the settings have checked.
    let level: LevelFilter = config.log_level.parse().unwrap_or(LevelFilter::INFO);
    let builder =
        tracing_subscriber::fmt().with_max_level(level).with_writer(writer).with_ansi(terminal);
    let json = config.log == "json" || (config.log == "auto" && !terminal);
    // A second server in one process, as in tests, keeps the first one's log.
    if json {
        drop(builder.json().flatten_event(true).try_init());
    } else {
        drop(builder.try_init());
    }
    guard
}

/// `guichet healthcheck`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  guichet healthcheck 127.0.0.1:8000")]
pub(crate) struct Healthcheck {
    /// The server's address [default: where the server on this data listens]
    #[arg(value_parser = address)]
    address: Option<SocketAddr>,
}

impl Healthcheck {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let (address, hint) = match self.address {
            Some(address) => (address, ""),
            None => {
                let config = context.plain_config()?;
                let first = || config.listen.first().copied();
                let found = noted_address(&config.data).or_else(first);
                let address = found.ok_or_else(|| wrong("listen", "must name an address"))?;
                (address, "; `guichet healthcheck ADDR` asks elsewhere")
            }
        };
        let status = ask(address).map_err(|e| Error::directory(format!("{address}: {e}{hint}")))?;
        if status == 200 {
            print::line("up")
        } else {
            Err(Error::directory(format!("{address} answers {status}")))
        }
    }
}

fn ask(address: SocketAddr) -> std::io::Result<u16> {
    let limit = Duration::from_secs(3);
    let mut stream = TcpStream::connect_timeout(&address, limit)?;
    stream.set_read_timeout(Some(limit))?;
    stream.write_all(b"GET /up HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(4_096).read_to_string(&mut answer)?;
    Ok(answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0))
}
