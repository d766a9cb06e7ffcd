//! Figures for Prometheus: requests by door, route and status with their times, and the state of the house.

use super::cache::Cache;
use crate::root::Root;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::fmt::Write as _;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

/// Live figures of the sockets; the listener keeps them.
#[derive(Debug, Default)]
pub struct Gauges {
    /// Open connections.
    pub connections: AtomicU64,
    /// Bytes taken from the budget that large bodies share.
    pub bodies: AtomicU64,
    /// Bytes of large answers that are being sent.
    pub answers: AtomicU64,
    /// Connections closed at once, because there were too many; since the start.
    pub refused: AtomicU64,
}

#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Served {
    door: &'static str,
    route: &'static str,
    status: u16,
}

#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct At {
    door: &'static str,
    route: &'static str,
}

/// Upper bounds in seconds.
const BOUNDS: [f64; 12] =
    [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 10.0];

/// Counters of requests.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    served: Family<Served, Counter>,
    seconds: Family<At, Histogram, fn() -> Histogram>,
}

impl Metrics {
    pub(super) fn new() -> Self {
        let mut registry = Registry::with_prefix("guichet");
        let served = Family::default();
        let make: fn() -> Histogram = || Histogram::new(BOUNDS);
        let seconds = Family::new_with_constructor(make);
        registry.register("requests", "Requests answered", served.clone());
        registry.register("request_seconds", "Time to answer a request", seconds.clone());
        Self { registry, served, seconds }
    }

    pub(super) fn count(&self, door: &'static str, route: &'static str, status: u16, micros: u64) {
        self.served.get_or_create(&Served { door, route, status }).inc();
        let seconds = std::time::Duration::from_micros(micros).as_secs_f64();
        self.seconds.get_or_create(&At { door, route }).observe(seconds);
    }

    /// All figures as OpenMetrics, the format that the library writes: a counter's samples end in `_total`, its name
    /// does not.
    pub(super) fn render(&self, root: &Root, cache: &Cache, sockets: &Gauges) -> String {
        let mut text = String::new();
        // Writing into a String does not fail.
        let _ = encode(&mut text, &self.registry);
        let text_end = text.trim_end().trim_end_matches("# EOF").len();
        text.truncate(text_end);
        let figures = root.figures();
        let (answers, bytes) = cache.size();
        let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        for (name, kind, about, value) in [
            ("tenants_open", "gauge", "Tenants whose file is open", number(root.tenants_open())),
            (
                "writers_waiting",
                "gauge",
                "Callers waiting for a writer",
                figures.waiting.load(Relaxed),
            ),
            ("commits", "counter", "Commits made", figures.commits.load(Relaxed)),
            (
                "writes",
                "counter",
                "Writes that those commits carried",
                figures.writes.load(Relaxed),
            ),
            ("cache_hits", "counter", "Answers given from the cache", cache.hits.load(Relaxed)),
            (
                "cache_misses",
                "counter",
                "Answers not found in the cache",
                cache.misses.load(Relaxed),
            ),
            ("cache_answers", "gauge", "Answers kept", number(answers)),
            ("cache_bytes", "gauge", "Bytes that the kept answers take", number(bytes)),
            ("connections", "gauge", "Open connections", sockets.connections.load(Relaxed)),
            (
                "connections_refused",
                "counter",
                "Connections closed for a limit",
                sockets.refused.load(Relaxed),
            ),
            (
                "bodies_bytes",
                "gauge",
                "Bytes of large bodies being read",
                sockets.bodies.load(Relaxed),
            ),
            (
                "answers_bytes",
                "gauge",
                "Bytes of large answers being sent",
                sockets.answers.load(Relaxed),
            ),
            ("open_files", "gauge", "File descriptors in use", open_files()),
            ("resident_bytes", "gauge", "Memory in use", resident_bytes()),
        ] {
            let tail = if kind == "counter" { "_total" } else { "" };
            let _ = write!(
                text,
                "# HELP guichet_{name} {about}.\n# TYPE guichet_{name} {kind}\nguichet_{name}{tail} {value}\n"
            );
        }
        text.push_str("# EOF\n");
        text
    }
}

fn open_files() -> u64 {
    std::fs::read_dir("/proc/self/fd")
        .map_or(0, |entries| u64::try_from(entries.count()).unwrap_or(0))
}

fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib =
        line.and_then(|rest| rest.split_whitespace().next()).and_then(|n| n.parse::<u64>().ok());
    kib.unwrap_or(0) * 1_024
}
