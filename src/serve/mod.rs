//! The public side: sockets in, `rouille` requests to the app, answers out. Only this folder names hyper and tokio.
//! Everything a stranger can make the process hold is bounded here: connections, heads, bodies, queues, and the time
//! each may take. Every count is given back by a guard, so a path that forgets to cannot be written.
//! Deliberately absent: routes, credentials and the wording of refusals (the app), TLS (a proxy in front).

mod answer;
mod body;
mod desk;
mod head;
mod line;
mod place;
mod workers;

use std::future::poll_fn;
use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::num::NonZero;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::app::{App, Gauges, Unread};
use crate::config::Config;
use desk::Desk;
use line::{Line, Turn};
use place::{Place, Places};
use workers::Workers;

type Talk = http1::Connection<TokioIo<Line>, Desk>;
type Parts = http1::Parts<TokioIo<Line>, Desk>;

/// How long the accept loop rests after an error: out of descriptors must neither end it nor make it spin.
const ACCEPT_REST: Duration = Duration::from_millis(20);

/// How many headers hyper parses on the stack. A greater limit costs an allocation a request.
const STACK_HEADERS: usize = 100;

/// A handle that asks [`run`] to drain and return, as SIGTERM and SIGINT do.
#[derive(Clone, Debug, Default)]
pub struct Stop(watch::Sender<bool>);

impl Stop {
    /// A handle nobody has asked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks; asking twice changes nothing.
    pub fn ask(&self) {
        self.0.send_replace(true);
    }

    /// Whether somebody has asked.
    pub fn asked(&self) -> bool {
        *self.0.borrow()
    }
}

/// Waits until somebody has asked. It returns nothing, because the value it waits for is a lock.
async fn asked(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|asked| *asked).await);
}

/// Binds every address before anything else happens; an error names the address.
/// The standard library sets SO_REUSEADDR on its listeners.
pub fn bind(addresses: &[SocketAddr]) -> io::Result<Vec<StdListener>> {
    let one = |address: &SocketAddr| {
        let bound = StdListener::bind(address);
        let set = bound.and_then(|listener| listener.set_nonblocking(true).map(|()| listener));
        set.map_err(|e| io::Error::new(e.kind(), format!("cannot listen on {address}: {e}")))
    };
    addresses.iter().map(one).collect()
}

/// What all connections share.
struct House {
    app: Arc<App>,
    config: Arc<Config>,
    gauges: Arc<Gauges>,
    stop: Stop,
    protocol: http1::Builder,
    places: Places,
    workers: Workers,
}

/// A configured number as a count of permits: more than this is no limit anyway.
fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Serves until it is asked to stop, then drains: idle connections are closed, requests in flight get their answer,
/// for at most `drain_seconds`.
pub fn run(
    app: Arc<App>,
    config: Arc<Config>,
    listeners: Vec<StdListener>,
    stop: Stop,
    gauges: Arc<Gauges>,
) -> io::Result<()> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let workers = Workers::new(&config, cores);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // Short reads are answered on these threads, and may wait for the disk.
        .worker_threads(cores * 2)
        .max_blocking_threads(workers.threads())
        .enable_all()
        .build()?;
    let protocol = protocol(&config);
    let places = Places::new(small(config.connections));
    let house = Arc::new(House { app, config, gauges, stop, protocol, places, workers });
    let outcome = runtime.block_on(open(house, listeners));
    // Whatever outlived the drain must not hold up the end of the process.
    runtime.shutdown_background();
    outcome
}

/// hyper's own header timeout is off, because it would count idle time too: `line` has the deadlines.
/// Pipelined answers are flushed one by one: collected, they would grow with a client that never reads.
fn protocol(config: &Config) -> http1::Builder {
    let mut builder = http1::Builder::new();
    let head_bytes = small(config.head_bytes) as usize;
    let head_count = small(config.head_count) as usize;
    builder.keep_alive(true).half_close(false).pipeline_flush(false).header_read_timeout(None);
    builder.max_header_size(head_bytes).max_buf_size(head_bytes.max(8192));
    if head_count > STACK_HEADERS {
        builder.max_headers(head_count);
    }
    builder
}

async fn open(house: Arc<House>, listeners: Vec<StdListener>) -> io::Result<()> {
    let listeners =
        listeners.into_iter().map(TcpListener::from_std).collect::<io::Result<Vec<_>>>()?;
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    for listener in listeners {
        tokio::spawn(accept(house.clone(), listener));
    }
    let mut stop = house.stop.0.subscribe();
    tokio::select! {
        () = asked(&mut stop) => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    house.stop.ask();
    let limit = Duration::from_secs(house.config.drain_seconds);
    if tokio::time::timeout(limit, drained(&house)).await.is_err() {
        tracing::warn!(
            connections = house.gauges.connections.load(Ordering::Relaxed),
            "requests were still running at the end of the drain"
        );
    }
    Ok(())
}

/// Connections first: a request in flight may still need a worker, and a worker can outlive its connection.
async fn drained(house: &House) {
    house.places.empty().await;
    house.workers.idle().await;
}

async fn accept(house: Arc<House>, listener: TcpListener) {
    let mut stop = house.stop.0.subscribe();
    loop {
        let accepted = tokio::select! {
            biased;
            () = asked(&mut stop) => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                // An IPv4 client of a socket that speaks both is the same client.
                let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
                match Place::take(&house, peer.ip()) {
                    Some(place) => drop(tokio::spawn(attend(house.clone(), stream, peer, place))),
                    None => drop(stream),
                }
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_REST).await;
            }
        }
    }
}

/// One connection, from its first byte to its end. hyper is there only while something is said: its buffers are
/// 16 KiB, which ten thousand silent connections should not cost.
async fn attend(house: Arc<House>, stream: TcpStream, peer: SocketAddr, _place: Place) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let turn = Arc::new(Turn::default());
    let mut line = Line::new(stream, turn.clone(), &house.config);
    let mut desk = Desk { house: house.clone(), turn, peer };
    let mut stop = house.stop.0.subscribe();
    loop {
        tokio::select! {
            () = asked(&mut stop) => return,
            first = poll_fn(|cx| line.poll_first(cx)) => if first.is_err() { return },
        }
        let connection =
            Box::pin(house.protocol.serve_connection(TokioIo::new(line), desk.clone()));
        let Some(parts) = converse(connection, &desk, &mut stop).await else { return };
        desk = parts.service;
        line = parts.io.into_inner();
        line.give_back(&parts.read_buf);
    }
}

/// Lets hyper speak until the connection ends (None) or dozes off.
async fn converse(
    mut connection: Pin<Box<Talk>>,
    desk: &Desk,
    stop: &mut watch::Receiver<bool>,
) -> Option<Parts> {
    let end = tokio::select! {
        end = poll_fn(|cx| match connection.as_mut().poll(cx) {
            Poll::Pending if desk.turn.dozes() => Poll::Ready(None),
            end => end.map(Some),
        }) => end,
        () = asked(stop) => {
            connection.as_mut().graceful_shutdown();
            Some(connection.as_mut().await)
        }
    };
    let Some(end) = end else { return Some(Pin::into_inner(connection).into_parts()) };
    if let Err(error) = end {
        tracing::trace!(%error, "connection ended");
        if error.is_parse() {
            // hyper has said so to the client already; this is for the log and the figures.
            let too_large = Unread::TooManyHeaders(desk.house.config.head_count);
            let why = if error.is_parse_too_large() { too_large } else { Unread::Broken };
            drop(desk.house.app.refuse(None, why));
        }
    }
    None
}
