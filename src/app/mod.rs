//! The app: one request in, one answer out. Panic guard, request id, response cache, one log line.

mod cache;
mod metrics;

pub use metrics::Gauges;

use crate::cashier::Cashier;
use crate::config::Config;
use crate::doors::oxynade::{Limits as GraphqlLimits, Registration};
use crate::doors::{
    self, Call, Desk, Door, Failure, Found, Guard, Handler, Method, Place, Route, web,
};
pub use crate::doors::{Lane, Unread};
use crate::error::Result;
use crate::fetch::{Fetcher, Limits};
use crate::picture::Studio;
use crate::root::license::{Counted, Licensing};
use crate::root::{Entry, Name, Options, Root, Stamp};
use crate::trade::checkout;
use crate::trade::order::Hold;
use crate::values::id::TenantId;
use crate::values::{Host, Time};
use bytes::Bytes;
use cache::Cache;
use flate2::{Compression, write::GzEncoder};
use metrics::Metrics;
use parking_lot::Mutex;
use rouille::{Request, Response};
use std::borrow::Cow;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Bytes of a body that anybody may send without being asked who they are.
pub const FREE_BODY: u64 = 64 * 1024;

/// What is known of a request before its body is read.
#[derive(Clone, Debug)]
pub struct Head {
    /// `GET`, `POST`, …
    pub method: String,
    /// Raw path and query.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Where the connection comes from.
    pub peer: SocketAddr,
}

impl Head {
    fn host(&self) -> &str {
        let host = self.headers.iter().find(|(name, _)| name == "host");
        host.map_or("", |(_, host)| host.as_str())
    }

    /// As a request without a body.
    fn request(&self) -> Request {
        let Self { method, target, headers, peer } = self.clone();
        Request::fake_http_from(peer, method, target, headers, vec![])
    }
}

/// A GET or HEAD that carries no Authorization, Cookie or Range: what the response cache needs to know of it.
#[derive(Clone, Copy, Debug)]
pub struct Peek<'a> {
    /// Raw path and query.
    pub target: &'a str,
    /// The `Host` header.
    pub host: &'a str,
    /// The `Accept` header.
    pub accept: Option<&'a str>,
    /// The `Accept-Encoding` header.
    pub accept_encoding: Option<&'a str>,
    /// The `If-None-Match` header.
    pub if_none_match: Option<&'a str>,
    /// The `X-Forwarded-Proto` header.
    pub proto: Option<&'a str>,
    /// HEAD and not GET.
    pub head: bool,
    /// Where the connection comes from.
    pub peer: SocketAddr,
}

/// An answer, whole.
#[derive(Clone, Debug)]
pub struct Ready {
    /// Its status.
    pub status: u16,
    /// Its headers, without those of the connection.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// Its body, also for a HEAD.
    pub body: Bytes,
}

/// Everything that answers requests.
#[derive(Debug)]
pub struct App {
    root: Root,
    config: Arc<Config>,
    desk: Desk,
    cache: Cache,
    metrics: Metrics,
    requests: AtomicU64,
    boot: String,
}

impl App {
    /// Opens the data directory that the settings name.
    pub fn open(config: Arc<Config>) -> Result<Self> {
        let root = Root::open(&config.data, options(&config))?;
        let size = Config::size;
        let fetch = Limits {
            seconds: config.fetch_seconds,
            bytes: config.fetch_bytes,
            redirects: u32::try_from(config.fetch_redirects).unwrap_or(0),
        };
        let cashier = Cashier::of(&config)?;
        // Stripe's pages are open for half an hour at the least; what is paid there must not be let go before.
        let shortest = cashier.as_ref().map_or(Duration::ZERO, |_| checkout::SHORTEST_HOLD);
        let desk = Desk {
            studio: Studio::new(size(config.images_at_once), config.image_megapixels * 1_000_000),
            fetcher: Fetcher::new(fetch, config.fetch_allow.clone()),
            products_max: config.products,
            prices_max: config.prices,
            options_max: config.options,
            events_max: config.events,
            list_rows: i64::try_from(config.list_rows).unwrap_or(i64::MAX),
            hold: Hold {
                payment: Duration::from_secs(config.hold_minutes * 60).max(shortest),
                proof: Duration::from_secs(config.confirm_hours * 3_600),
                page: shortest,
            },
            cashier: cashier.map(Arc::new),
            json_depth: size(config.json_depth),
            tenant_lifecycle: config.coach_tenant_lifecycle == "on",
            tokens: doors::roomle::Tokens {
                plain: config.roomle_plain_token == "on",
                window: (config.roomle_token_minutes > 0)
                    .then(|| Duration::from_secs(config.roomle_token_minutes * 60)),
            },
            graphql: GraphqlLimits {
                bytes: size(config.graphql_bytes),
                depth: size(config.graphql_depth),
                fields: size(config.graphql_fields),
                aliases: size(config.graphql_aliases),
                complexity: config.graphql_complexity,
            },
            graphiql: config.graphiql == "on",
            registration: Registration {
                open: config.self_registration == "on",
                own_organization: config.registration_organization == "own",
            },
            one_file: Mutex::default(),
        };
        let cache = Cache::new(size(config.cache_bytes));
        let boot = crate::values::secret::alphanumeric(6);
        Ok(Self {
            root,
            config,
            desk,
            cache,
            metrics: Metrics::new(),
            requests: AtomicU64::new(0),
            boot,
        })
    }

    /// The house that it answers for.
    #[must_use]
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// The figures for Prometheus, with those of the sockets.
    #[must_use]
    pub fn metrics(&self, sockets: &Gauges) -> String {
        self.metrics.render(&self.root, &self.cache, sockets)
    }

    /// A kept answer that is still true, on the caller's thread.
    #[must_use]
    pub fn cached(&self, peek: &Peek<'_>) -> Option<Ready> {
        let begun = Instant::now();
        let gzip = wants_gzip(peek.accept_encoding);
        let scheme = self.scheme(peek.peer.ip(), peek.proto);
        let kept = self.cache.get(&cache::key(scheme, peek.host, gzip, peek.target))?;
        // Who takes no JSON is told so, where it is JSON; a feed is sent whatever its reader says that it takes.
        if kept.is_json() && !doors::accepts_json(peek.accept) {
            return None;
        }
        let mut ready = kept.ready(peek.if_none_match);
        let method = if peek.head { "HEAD" } else { "GET" };
        let id = self.next_id();
        let (at, tenant, host) = (kept.at, Some(&*kept.tenant), peek.host);
        let line = Line { id: &id, at, tenant, host, method, cached: true };
        self.finish(&line, &mut ready, begun);
        Some(ready)
    }

    /// Which workers answer this request.
    #[must_use]
    pub fn lane(&self, head: &Head) -> Lane {
        let found = self.find(path(&head.target));
        let method = found.and_then(|found| found.route.method(&head.method));
        let says_who = || head.headers.iter().any(|(name, _)| name == "authorization");
        match method.map_or(Lane::Quick, |method| method.lane) {
            // Who that is must be looked up in another file, and may be written down there.
            Lane::Read if says_who() => Lane::Quick,
            lane => lane,
        }
    }

    /// Whose host a request is addressed to.
    #[must_use]
    pub fn tenant(&self, head: &Head) -> Option<TenantId> {
        self.entry(head.host()).map(|entry| entry.id)
    }

    fn entry(&self, host: &str) -> Option<Arc<Entry>> {
        self.root.entry(&Host::parse(host)?)
    }

    /// May this caller send a large body here, and how large? Otherwise the refusal.
    pub fn accept_body(&self, head: &Head) -> Result<u64, Ready> {
        let request = head.request();
        let Some(found) = self.find(path(&head.target)) else {
            return Err(self.handle(&request));
        };
        let takes_body =
            found.route.method(&head.method).is_some_and(|method| method.input.is_some());
        let host = request.header("Host").and_then(Host::parse);
        // Where nobody must say who he is, nobody may send much.
        let (Some(host), true, false) = (host, takes_body, found.route.guard == Guard::Open) else {
            let most = FREE_BODY.min(self.config.body_bytes);
            return Err(self.refuse(Some(head), Unread::TooLong(most)));
        };
        let (begun, id, door, at) =
            (Instant::now(), self.next_id(), found.door, Where::of(Some(&found)));
        let call = self.call(&request, &id, found);
        if let Err(refusal) = doors::check(&self.root, door, &call, &host) {
            let mut ready = into_ready(refusal);
            let (tenant, host) = (self.entry(head.host()), head.host());
            let tenant = tenant.as_deref();
            let line = Line { id: &id, at, tenant, host, method: &head.method, cached: false };
            self.finish(&line, &mut ready, begun);
            return Err(ready);
        }
        Ok(self.longest_body(head))
    }

    /// How long a body of this media type may be.
    #[must_use]
    pub fn longest_body(&self, head: &Head) -> u64 {
        let media_type = head.headers.iter().find(|(name, _)| name == "content-type");
        let with_files = media_type.is_some_and(|(_, media_type)| {
            media_type.trim_start().to_ascii_lowercase().starts_with("multipart/form-data")
        });
        if with_files { self.config.upload_bytes } else { self.config.body_bytes }
    }

    /// Answers a request. Never panics.
    pub fn handle(&self, request: &Request) -> Ready {
        let begun = Instant::now();
        let id = self.next_id();
        let target = request.raw_url();
        let found = self.find(path(target));
        let at = Where::of(found.as_ref());
        let answered = catch_unwind(AssertUnwindSafe(|| self.answer(request, target, &id, found)));
        let (mut ready, tenant) = answered.unwrap_or_else(|_panic| {
            tracing::error!(id, door = at.door, route = at.path, "a handler panicked");
            (into_ready(web::page(500, "Internal Server Error")), None)
        });
        let host = request.header("Host").unwrap_or("");
        let tenant = tenant.or_else(|| self.entry(host));
        let (tenant, method) = (tenant.as_deref(), request.method());
        let line = Line { id: &id, at, tenant, host, method, cached: false };
        self.finish(&line, &mut ready, begun);
        ready
    }

    /// The id by which a caller and the log speak of the same request.
    fn next_id(&self) -> String {
        format!("{}-{:x}", self.boot, self.requests.fetch_add(1, Relaxed))
    }

    /// The answer, and the tenant that gave it.
    fn answer(
        &self,
        request: &Request,
        target: &str,
        id: &str,
        found: Option<Found<'_>>,
    ) -> (Ready, Option<Arc<Entry>>) {
        let Some(found) = found else {
            return (into_ready(self.without_route(request, target)), None);
        };
        let door = found.door;
        let call = self.call(request, id, found);
        let host = request.header("Host").and_then(Host::parse);
        let Some(host) = host.or_else(|| (call.route.place == Place::Everywhere).then(nowhere))
        else {
            return (into_ready((door.error)(&call, Failure::Unread(Unread::Broken))), None);
        };
        let (response, made_from) = doors::serve(&self.root, door, &call, &host);
        let tenant = made_from.as_ref().map(|(tenant, _)| tenant.clone());
        let kept_for = made_from.filter(|_| is_keepable(&call));
        (self.dress(&call, door, into_ready(response), kept_for), tenant)
    }

    /// The route of a path; one dialect answers behind other paths too, as the settings name them.
    fn find<'p>(&self, path: &'p str) -> Option<Found<'p>> {
        let prefixes = self.config.coach_prefixes.split(',');
        let behind = |prefix: &str| match prefix.trim().trim_end_matches('/') {
            "" => None,
            prefix => path.strip_prefix(prefix).filter(|rest| rest.starts_with(COACH)),
        };
        doors::find(prefixes.filter_map(behind).next().unwrap_or(path))
    }

    fn without_route(&self, request: &Request, target: &str) -> Response {
        let (path, query) =
            target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let host = request.header("Host").and_then(Host::parse);
        if doors::tibillet::slash_is_missing(path) && !path.starts_with("//") {
            let query = query.map_or(String::new(), |query| format!("?{query}"));
            if host.as_ref().is_some_and(|host| self.root.entry(host).is_some()) {
                return Response::redirect_301(format!("{path}/{query}"));
            }
        }
        // Programs that try every path of every host have no file opened for it.
        let reads = request.header("Accept").is_some_and(|accept| accept.contains("text/html"));
        let tenant = host.filter(|_| reads).map(|host| self.root.tenant(Name::Host(&host)));
        match tenant {
            Some(Ok(Some(tenant))) => web::not_found_at(&tenant),
            _ => web::not_found(),
        }
    }

    fn call<'a>(&'a self, request: &'a Request, id: &'a str, found: Found<'a>) -> Call<'a> {
        let peer = request.remote_addr().ip();
        let scheme = self.scheme(peer, request.header("X-Forwarded-Proto"));
        let host = request.header("Host").unwrap_or("").to_ascii_lowercase();
        Call {
            id,
            request,
            route: found.route,
            params: found.params,
            client: self.client(peer, request),
            origin: format!("{scheme}://{host}"),
            now: Time::now(),
            desk: &self.desk,
            throttle: self.root.throttle(),
            journal: self.root.journal(),
        }
    }

    fn scheme(&self, peer: IpAddr, proto: Option<&str>) -> &'static str {
        match proto {
            Some(proto)
                if self.config.trusts(peer) && proto.trim().eq_ignore_ascii_case("https") =>
            {
                "https"
            }
            _ => "http",
        }
    }

    /// The last address in the chain that is not a proxy of ours; what stands before it anybody may have written.
    /// A proxy may add a line of its own, so all lines count, in their order.
    fn client(&self, peer: IpAddr, request: &Request) -> IpAddr {
        if !self.config.trusts(peer) {
            return peer;
        }
        let lines =
            request.headers().filter(|(name, _)| name.eq_ignore_ascii_case("X-Forwarded-For"));
        let hops: Vec<&str> = lines.flat_map(|(_, line)| line.split(',')).collect();
        let mut last = peer;
        for hop in hops.iter().rev().map_while(|hop| hop.trim().parse::<IpAddr>().ok()) {
            last = hop.to_canonical();
            if !self.config.trusts(last) {
                break;
            }
        }
        last
    }

    /// Adds what answers have in common: validators, compression, and for public ones a place in the cache.
    fn dress(
        &self,
        call: &Call<'_>,
        door: &'static Door,
        mut ready: Ready,
        kept_for: Option<(Arc<Entry>, Stamp)>,
    ) -> Ready {
        let media_type = ready.header("Content-Type").unwrap_or("");
        let is_text = ["application/json", "application/xml", "application/rss+xml", "text/"]
            .iter()
            .any(|start| media_type.starts_with(start));
        if !is_text {
            return ready;
        }
        let gzip = wants_gzip(call.request.header("Accept-Encoding"));
        let valid = ready.status == 200 && is_public(call);
        if valid {
            let tag = format!("W/\"{:016x}\"", doors::fingerprint(&ready.body));
            ready.headers.push(("ETag".into(), tag));
            ready.headers.push(("Cache-Control".into(), "no-cache".into()));
        }
        ready
            .headers
            .push(("Vary".into(), "Accept, Accept-Encoding, Authorization, Cookie".into()));
        if gzip && ready.body.len() > GZIP_OVER {
            ready.body = compress(&ready.body);
            ready.headers.push(("Content-Encoding".into(), "gzip".into()));
        }
        if let Some((tenant, stamp)) = kept_for.filter(|_| valid) {
            let scheme = if call.origin.starts_with("https:") { "https" } else { "http" };
            let host = call.request.header("Host").unwrap_or("");
            let key = cache::key(scheme, host, gzip, call.request.raw_url());
            let at = Where::at(door, call.route);
            self.cache.put(key, cache::Kept::new(ready.clone(), stamp, tenant, at));
        }
        if valid { ready.unless_known(call.request.header("If-None-Match")) } else { ready }
    }

    /// A small answer for what is refused before it is understood, with its log line: in the dialect of the path, where the
    /// head is known and there is a route; else a page.
    #[must_use]
    pub fn refuse(&self, head: Option<&Head>, why: Unread) -> Ready {
        let (begun, id) = (Instant::now(), self.next_id());
        let found = head.and_then(|head| Some((head, self.find(path(&head.target))?)));
        let path = Where::of(found.as_ref().map(|(_, found)| found)).path;
        let response = match found {
            Some((head, found)) => {
                let (door, request) = (found.door, head.request());
                (door.error)(&self.call(&request, &id, found), Failure::Unread(why))
            }
            None => web::unread(why),
        };
        let mut ready = into_ready(response);
        if why == Unread::Busy && ready.header("Retry-After").is_none() {
            ready.headers.push(("Retry-After".into(), "1".to_owned()));
        }
        let at = Where { door: "none", route: "refused", path };
        let (host, method) = head.map_or(("", ""), |head| (head.host(), head.method.as_str()));
        let tenant = self.entry(host);
        let line = Line { id: &id, at, tenant: tenant.as_deref(), host, method, cached: false };
        self.finish(&line, &mut ready, begun);
        ready
    }

    /// The one log line of a request, and its figures. No secret and no body is ever in it.
    fn finish(&self, line: &Line<'_>, ready: &mut Ready, begun: Instant) {
        let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        let Line { id, at: Where { door, route, path }, tenant, host, method, cached } = line;
        self.metrics.count(door, route, ready.status, micros);
        let host = Some(*host).filter(|host| tenant.is_none() && !host.is_empty());
        let tenant = tenant.map_or("-", |tenant| tenant.slug.as_str());
        tracing::info!(target: "request", id, tenant, host, door, method, route = path, status = ready.status, micros, cached);
        ready.headers.push(("X-Request-Id".into(), (*id).to_owned()));
    }
}

/// What the log says of a request.
struct Line<'a> {
    id: &'a str,
    at: Where,
    /// Who answered, or else whose host was asked; the host itself is told where that is nobody's.
    tenant: Option<&'a Entry>,
    host: &'a str,
    method: &'a str,
    cached: bool,
}

/// What was asked for: its door, its route's name for the figures, and its pattern for the log.
#[derive(Clone, Copy, Debug)]
struct Where {
    door: &'static str,
    route: &'static str,
    path: &'static str,
}

impl Where {
    fn of(found: Option<&Found<'_>>) -> Self {
        let nowhere = Self { door: "none", route: "none", path: "-" };
        found.map_or(nowhere, |found| Self::at(found.door, found.route))
    }

    const fn at(door: &Door, route: &Route) -> Self {
        Self { door: door.name, route: route.name, path: route.path }
    }
}

/// A GET whose answer is for everybody, and may change.
fn is_public(call: &Call<'_>) -> bool {
    let handler = call.route.method(call.request.method()).filter(|method| method.verb == "GET");
    let is_for_all = |m: &&Method| matches!(m.handler, Handler::Public(_) | Handler::House(_));
    handler.filter(is_for_all).is_some_and(|method| method.kept)
}

/// A public GET of a tenant's host that shows nobody's credentials.
fn is_keepable(call: &Call<'_>) -> bool {
    let bare =
        ["Authorization", "Cookie", "Range"].iter().all(|name| call.request.header(name).is_none());
    bare && call.route.place != Place::Everywhere && is_public(call)
}

impl Ready {
    /// The same, or only that the client has it already (RFC 9110, 13.1.2).
    fn unless_known(mut self, if_none_match: Option<&str>) -> Self {
        let tag = self.header("ETag").unwrap_or("");
        let known = |tags: &str| tags.trim() == "*" || tags.split(',').any(|one| one.trim() == tag);
        if if_none_match.is_some_and(known) {
            self.status = 304;
            self.body = Bytes::new();
            self.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("Content-Type"));
        }
        self
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// How paths of the Coach dialect begin.
const COACH: &str = "/api/v1/";

/// Answers shorter than this are not worth compressing.
const GZIP_OVER: usize = 1_024;

fn compress(body: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::new(4));
    // Writing into memory does not fail.
    drop(encoder.write_all(body));
    encoder.finish().unwrap_or_default().into()
}

fn wants_gzip(accept_encoding: Option<&str>) -> bool {
    accept_encoding.unwrap_or("").split(',').any(|item| {
        let (coding, weight) = item.split_once(';').unwrap_or((item, ""));
        let refused =
            matches!(weight.replace(' ', "").as_str(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
        matches!(coding.trim(), "gzip" | "*") && !refused
    })
}

fn path(target: &str) -> &str {
    target.split('?').next().unwrap_or("")
}

fn nowhere() -> Host {
    Host::parse("nowhere.invalid").expect("a constant host")
}

fn into_ready(response: Response) -> Ready {
    let (mut reader, size) = response.data.into_reader_and_size();
    let mut body = Vec::with_capacity(size.unwrap_or(0));
    // All our bodies are in memory.
    drop(reader.read_to_end(&mut body));
    let headers =
        response.headers.into_iter().map(|(key, value)| (key, value.into_owned())).collect();
    Ready { status: response.status_code, headers, body: body.into() }
}

/// How the settings want the data directory held open.
#[must_use]
pub fn options(config: &Config) -> Options {
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    Options {
        tenants_open: Config::size(config.tenants_open),
        readers_kept: Config::size(config.readers_kept),
        hashes_at_once: Config::size(config.hashes_at_once),
        failures_per_address: small(config.failures_per_address),
        failures_per_account: small(config.failures_per_account),
        asks_per_address: small(config.asks_per_address),
        self_service: config.self_service == "on",
        licensing: Licensing {
            counted: Counted::parse(&config.license_count).unwrap_or(Counted::Users),
            required: config.license_required == "on",
        },
        limits: config.package_limits,
    }
}
