//! Doors: one dialect each, as data. A door is its routes and how it says no; `serve` runs the table.
//!
//! A handler parses, runs one transaction, renders. What it may reach is what its signature says: a guarded handler
//! does not type-check in a public route, and none can name another tenant.

pub mod coach;
mod feeds;
pub mod openapi;
pub mod ops;
pub mod oxynade;
mod pages;
mod paid;
mod programme;
mod results;
pub mod roomle;
pub mod tibillet;
pub mod web;

use crate::cashier::Cashier;
use crate::error::Error;
use crate::fetch::Fetcher;
use crate::picture::Studio;
use crate::root::people::TokenFault;
use crate::root::{
    Addressees, Caller, Directory, Founder, Member, Name, Network, Operator, People, Right, Root,
    Staff, Stamp, Tenant,
};
use crate::trade::Page;
use crate::values::{Host, Time};
use percent_encoding::percent_decode_str;
use rouille::{Request, Response};
use std::borrow::Cow;
use std::hash::{BuildHasher as _, Hasher as _};
use std::net::IpAddr;
use std::sync::Arc;

/// All doors, in the order in which a path is looked up.
pub const DOORS: &[&Door] =
    &[&ops::DOOR, &roomle::DOOR, &tibillet::DOOR, &oxynade::DOOR, &web::DOOR, &coach::DOOR];

/// One dialect.
pub struct Door {
    /// Its name, for logs and metrics.
    pub name: &'static str,
    /// Its routes, by what they are about.
    pub routes: &'static [&'static [Route]],
    /// Which tenant is asked for, and who asks, in this dialect's way of saying so.
    pub asked: Asked,
    /// May a path end in a slash or not, as it likes?
    pub slash_is_free: bool,
    /// Under what else its paths are found, such as `/api`; nothing: as they stand alone.
    pub also_under: &'static str,
    /// What is checked before anything else, such as the accepted media type.
    pub greet: fn(&Call<'_>) -> Result<(), Failure>,
    /// The answer for what went wrong.
    pub error: fn(&Call<'_>, Failure) -> Response,
}

/// How a dialect says which tenant is asked for, and who asks.
pub enum Asked {
    /// One after the other. Most dialects name the tenant by the host.
    Apart(fn(&Root, &Call<'_>, &Host) -> Result<Option<Tenant>, Failure>, FindCaller),
    /// At once, because who asks says for which tenant.
    Together(fn(&Root, &Call<'_>, &Host) -> Both),
}

/// Finds out who asks.
pub type FindCaller = fn(&Root, &Call<'_>, &Front) -> Result<Caller, Failure>;

/// The tenant that is asked for, and who asks.
pub type Both = Result<(Tenant, Caller), Failure>;

/// One path and what may be done there.
pub struct Route {
    /// The path; `{…}` stands for one segment without a dot, `{#…}` for one of digits alone, `{…*}` at the end for the
    /// rest.
    pub path: &'static str,
    /// What it serves, in a word or two.
    pub name: &'static str,
    /// On which hosts it is there.
    pub place: Place,
    /// Who may do what has no public handler, and who is told that a method is not allowed.
    pub guard: Guard,
    /// The methods; `HEAD` is `GET`.
    pub methods: &'static [Method],
}

/// On which hosts a route is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On every host, known or not.
    Everywhere,
    /// On the host of every tenant, ROOT's too.
    Tenants,
    /// Only where there is a shop.
    Shops,
}

/// Who may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Everybody.
    Open,
    /// Anybody who shows who he is.
    Known,
    /// Somebody who is logged in.
    Member,
    /// Who runs the house.
    Operator,
    /// Staff; a key needs the right, and where there is none no key passes.
    Staff(Option<Right>),
}

/// One method of a route.
pub struct Method {
    /// Its name.
    pub verb: &'static str,
    /// What answers.
    pub handler: Handler,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// The shape of its answer, and the status of success.
    pub output: (u16, Shape),
    /// Does it take `?limit=&offset=`?
    pub paged: bool,
    /// Of a GET for everybody: does it tell all the same until something changes, so that it may be kept?
    pub kept: bool,
    /// What may stand behind the `?`, besides these two.
    pub query: &'static [tibillet::fields::Field],
    /// The fields that it takes.
    pub input: Option<&'static [tibillet::fields::Field]>,
    /// Which workers answer it.
    pub lane: Lane,
}

/// Which workers answer a request: what may take seconds holds up nobody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Reads one tenant's file, which waits for nobody.
    Read,
    /// Reads and writes files.
    Quick,
    /// Fetches and cuts images, writes long files.
    Slow,
    /// Hashes passwords.
    Password,
    /// Asks Stripe, which may take as long as it likes.
    Payment,
}

/// Does JSON satisfy this `Accept` header? `text/html` gets JSON as well, there being no browsable API.
#[must_use]
pub fn accepts_json(accept: Option<&str>) -> bool {
    accept.unwrap_or("*/*").split(',').any(|range| {
        let media_type = range.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        matches!(
            media_type.as_str(),
            "*/*" | "application/*" | "application/json" | "text/html" | "text/*" | ""
        )
    })
}

/// Makes a JSON schema.
pub type Shape = fn(&mut schemars::SchemaGenerator) -> schemars::Schema;

/// What answers, by what it may reach.
pub enum Handler {
    /// Needs no tenant.
    House(fn(&Call<'_>) -> Answer),
    /// Anybody may call it.
    Public(fn(&Call<'_>, &Front) -> Answer),
    /// Anybody who shows who he is.
    Known(fn(&Call<'_>, &Front, &Caller) -> Answer),
    /// Staff who may look, by a right of its own, at what the route's guard lets others change.
    Reader(Right, fn(&Call<'_>, &Front, &Staff) -> Answer),
    /// Only somebody who is logged in.
    Member(fn(&Call<'_>, &Front, &Member) -> Answer),
    /// Only staff, with the route's right.
    Staff(fn(&Call<'_>, &Front, &Staff) -> Answer),
    /// Only who may found tenants.
    Founder(fn(&Call<'_>, &Front, &Founder) -> Answer),
    /// Only who runs the house.
    Operator(fn(&Call<'_>, &Front, &Operator) -> Answer),
    /// Works on many tenants, each behind a check of its own.
    Network(fn(&Call<'_>, &Network) -> Answer),
}

/// What a handler gives back.
pub type Answer = Result<Response, Failure>;

/// What any visitor of a host may reach. Made only by [`serve`].
#[derive(Debug)]
pub struct Front {
    /// The tenant of this host.
    pub tenant: Tenant,
    /// What all venues publish.
    pub directory: Directory,
    /// Accounts by e-mail, passwords, tokens.
    pub people: People,
    /// The tenants that signed messages are about.
    pub addressees: Addressees,
}

/// What handlers work with besides the data.
#[derive(Debug)]
pub struct Desk {
    /// Decodes and cuts images.
    pub studio: Studio,
    /// Gets images by address.
    pub fetcher: Fetcher,
    /// Products a tenant may hold.
    pub products_max: u64,
    /// Prices a tenant may hold.
    pub prices_max: u64,
    /// Options a tenant may hold.
    pub options_max: u64,
    /// Events a tenant may hold.
    pub events_max: u64,
    /// Rows of a list that only grows, in one answer.
    pub list_rows: i64,
    /// How long what is ordered is held for its payment.
    pub hold: crate::trade::order::Hold,
    /// Takes money online, where that is set up.
    pub cashier: Option<Arc<Cashier>>,
    /// How deep JSON may be nested.
    pub json_depth: usize,
    /// May programs that run the house make and delete tenants?
    pub tenant_lifecycle: bool,
    /// Which tokens the Roomle door takes.
    pub tokens: roomle::Tokens,
    /// What a document of GraphQL may ask for.
    pub graphql: oxynade::Limits,
    /// Is a page shown that writes documents of GraphQL?
    pub graphiql: bool,
    /// Who may make a tenant of his own.
    pub registration: oxynade::Registration,
}

/// A request on its way to a handler.
pub struct Call<'a> {
    /// By which the caller and the log speak of it.
    pub id: &'a str,
    /// As it came.
    pub request: &'a Request,
    /// The route that it found.
    pub route: &'static Route,
    /// What stood at the route's `{…}`, decoded.
    pub params: Vec<Cow<'a, str>>,
    /// The address of the client, past trusted proxies.
    pub client: IpAddr,
    /// Scheme, host and port as the client sees them: `http://le-bisik.example.org`.
    pub origin: String,
    /// When it came.
    pub now: Time,
    /// What handlers work with.
    pub desk: &'a Desk,
    /// Limits on guessing.
    pub throttle: &'a crate::root::throttle::Throttle,
    /// Where refusals are noted that are to be found again.
    pub journal: &'a crate::root::journal::Journal,
}

impl Call<'_> {
    /// What stood at the route's n-th `{…}`.
    #[must_use]
    pub fn param(&self, n: usize) -> &str {
        self.params.get(n).map_or("", AsRef::as_ref)
    }

    /// The page of a list that `?limit=&offset=` ask for; without them all of it.
    pub fn page(&self) -> Result<Page, Failure> {
        let number = |name: &'static str| match self.request.get_param(name) {
            None => Ok(None),
            Some(text) => match text.parse::<u32>() {
                Ok(number) => Ok(Some(i64::from(number))),
                Err(_) => {
                    Err(Failure::Error(Error::invalid(name, "Un nombre entier valide est requis.")))
                }
            },
        };
        let (limit, offset) = (number("limit")?, number("offset")?);
        Ok(Page {
            limit: limit.unwrap_or(Page::ALL.limit),
            offset: offset.unwrap_or(Page::ALL.offset),
        })
    }

    /// The page of a list that only grows: never more rows than the settings say, whatever is asked for.
    pub fn bounded_page(&self) -> Result<Page, Failure> {
        let (page, most) = (self.page()?, self.desk.list_rows);
        Ok(Page { limit: if page.limit < 0 { most } else { page.limit.min(most) }, ..page })
    }

    /// Names the next page of such a list where there may be one: who asks for all must see that this is not all.
    #[must_use]
    pub fn paged(&self, response: Response, page: Page, rows: usize) -> Response {
        if page.limit == 0 || i64::try_from(rows).is_ok_and(|rows| rows < page.limit) {
            return response;
        }
        let is_kept = |part: &&str| {
            let plain = part.bytes().all(|b| b.is_ascii_alphanumeric() || b"=_-.%".contains(&b));
            plain && !part.is_empty() && !part.starts_with("limit=") && !part.starts_with("offset=")
        };
        let own = [format!("limit={}", page.limit), format!("offset={}", page.offset + page.limit)];
        let query: Vec<&str> = self.request.raw_query_string().split('&').filter(is_kept).collect();
        let query = [query, own.iter().map(String::as_str).collect()].concat().join("&");
        let path = self.request.raw_url().split('?').next().unwrap_or("/");
        let next = format!("<{}{path}?{query}>; rel=\"next\"", self.origin);
        response.with_additional_header("Link", next)
    }
}

/// Why there is no answer of the usual kind.
pub enum Failure {
    /// From below the doors.
    Error(Error),
    /// The method is not one of this route's.
    Method,
    /// None of the accepted media types can be made.
    NotAcceptable,
    /// The body's media type cannot be read.
    MediaType(String),
    /// The body cannot be read; in words for the caller.
    Malformed(String),
    /// Too many failed keys or log-ins.
    TooManyFailures,
    /// A stranger has asked for too much.
    TooManyAsks,
    /// The credentials are no credentials.
    BadHeader,
    /// A token opens nothing.
    Token(TokenFault),
    /// An answer of the dialect's own.
    Answer(Response),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// A route that a path belongs to, with what stood at its `{…}`.
pub struct Found<'p> {
    /// Its door.
    pub door: &'static Door,
    /// The route.
    pub route: &'static Route,
    /// Decoded segments.
    pub params: Vec<Cow<'p, str>>,
}

/// Finds the route of a raw path (without its query). Segments are split first and decoded then, so that an encoded
/// slash does not make two of one.
#[must_use]
pub fn find(path: &str) -> Option<Found<'_>> {
    DOORS.iter().find_map(|door| {
        let path = if door.slash_is_free { path.strip_suffix('/').unwrap_or(path) } else { path };
        let path = path.strip_prefix(door.also_under).unwrap_or(path);
        door.all_routes()
            .find_map(|route| matches(route.path, path).map(|params| Found { door, route, params }))
    })
}

fn matches<'p>(pattern: &str, path: &'p str) -> Option<Vec<Cow<'p, str>>> {
    let (mut pattern, mut path) = (pattern.strip_prefix('/')?, path.strip_prefix('/')?);
    let mut params = vec![];
    loop {
        if pattern.ends_with("*}") && !pattern.contains('/') {
            params.push(percent_decode_str(path).decode_utf8().ok()?);
            return Some(params);
        }
        let (want, want_rest) =
            pattern.split_once('/').map_or((pattern, None), |(a, b)| (a, Some(b)));
        let (have, have_rest) = path.split_once('/').map_or((path, None), |(a, b)| (a, Some(b)));
        // Most paths are plain, and most rows of the table differ from them at the first look.
        let have = match have.contains('%') {
            true => percent_decode_str(have).decode_utf8().ok()?,
            false => Cow::Borrowed(have),
        };
        if want.starts_with('{') {
            let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
            if have.is_empty() || have.contains('.') || want.starts_with("{#") && !digits(&have) {
                return None;
            }
            params.push(have);
        } else if *want != *have {
            return None;
        }
        match (want_rest, have_rest) {
            (None, None) => return Some(params),
            (Some(a), Some(b)) => (pattern, path) = (a, b),
            _ => return None,
        }
    }
}

impl Door {
    /// All its routes.
    pub fn all_routes(&self) -> impl Iterator<Item = &'static Route> + use<> {
        self.routes.iter().copied().flatten()
    }
}

impl Route {
    /// The method of this name; `HEAD` is `GET`.
    #[must_use]
    pub fn method(&self, verb: &str) -> Option<&Method> {
        let verb = if verb == "HEAD" { "GET" } else { verb };
        self.methods.iter().find(|method| method.verb == verb)
    }
}

/// Answers a request whose route is found. `host` is what it was addressed to. With the answer comes the state of the
/// data that it was made from, where a tenant answered.
pub fn serve(
    root: &Root,
    door: &'static Door,
    call: &Call<'_>,
    host: &Host,
) -> (Response, Option<Stamp>) {
    let refuse = |failure| (door.error)(call, failure);
    if call.route.place == Place::Everywhere {
        return (in_house(call).unwrap_or_else(refuse), None);
    }
    match front(root, door, call, host) {
        Ok(Some((front, asker))) => {
            let stamp = front.tenant.stamp();
            (in_front(root, door, call, front, asker).unwrap_or_else(refuse), Some(stamp))
        }
        Ok(None) => (web::not_found(), None),
        Err(failure) => (refuse(failure), None),
    }
}

/// Who asks, or how to find out.
enum Asker {
    Known(Caller),
    At(FindCaller),
}

impl Asker {
    fn caller(self, root: &Root, call: &Call<'_>, front: &Front) -> Result<Caller, Failure> {
        match self {
            Self::Known(caller) => Ok(caller),
            Self::At(find) => find(root, call, front),
        }
    }
}

/// The front of a host, where the route is there.
fn front(
    root: &Root,
    door: &Door,
    call: &Call<'_>,
    host: &Host,
) -> Result<Option<(Front, Asker)>, Failure> {
    let anywhere = call.route.place == Place::Tenants;
    // No dialect answers on a host that is nobody's.
    if root.entry(host).is_none() {
        return Ok(None);
    }
    let (tenant, asker) = match door.asked {
        Asked::Apart(tenant, caller) => (tenant(root, call, host)?, Asker::At(caller)),
        Asked::Together(both) => {
            let (tenant, caller) = both(root, call, host)?;
            (Some(tenant), Asker::Known(caller))
        }
    };
    let there = tenant.filter(|tenant| anywhere || tenant.entry().category.traits().shop);
    let Some(tenant) = there else { return Ok(None) };
    let front = Front {
        people: root.people_of(&tenant),
        tenant,
        directory: root.directory(),
        addressees: root.addressees(),
    };
    Ok(Some((front, asker)))
}

/// In a dialect in which nobody says who he is, or says it in the body.
fn by_nobody(_: &Root, _: &Call<'_>, _: &Front) -> Result<Caller, Failure> {
    Ok(Caller::Nobody)
}

/// The tenant whose host the request is addressed to.
fn by_host(root: &Root, _: &Call<'_>, host: &Host) -> Result<Option<Tenant>, Failure> {
    Ok(root.tenant(Name::Host(host))?)
}

fn in_house(call: &Call<'_>) -> Answer {
    match call.route.method(call.request.method()).map(|method| &method.handler) {
        Some(Handler::House(handler)) => handler(call),
        _ => Err(Failure::Method),
    }
}

/// Would this caller be let in, before the body is read? Otherwise the answer.
pub fn check(
    root: &Root,
    door: &'static Door,
    call: &Call<'_>,
    host: &Host,
) -> Result<(), Response> {
    let checked = front(root, door, call, host).and_then(|front| {
        let (front, asker) = front.ok_or(Error::NotFound)?;
        (door.greet)(call)?;
        let caller = asker.caller(root, call, &front)?;
        call.route.guard.pass(root, &front, &caller)?;
        Ok(())
    });
    checked.map_err(|failure| (door.error)(call, failure))
}

/// A short tag of some bytes, the same on every start.
#[must_use]
pub fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hasher = foldhash::quality::FixedState::default().build_hasher();
    hasher.write(bytes);
    hasher.finish()
}

fn in_front(root: &Root, door: &Door, call: &Call<'_>, front: Front, asker: Asker) -> Answer {
    (door.greet)(call)?;
    let caller = asker.caller(root, call, &front)?;
    let front = &Front { directory: front.directory.seen_by(&caller), ..front };
    let Some(method) = call.route.method(call.request.method()) else {
        call.route.guard.pass(root, front, &caller)?;
        return Err(Failure::Method);
    };
    let staff = || front.tenant.admit(&caller, call.route.guard.right());
    // What anybody may write where staff write too: booking, joining, making an account.
    let asks = matches!(method.handler, Handler::Public(_))
        && method.verb != "GET"
        && call.route.guard != Guard::Open;
    if asks && !call.throttle.may_ask(call.now, call.client) && staff().is_err() {
        return Err(Failure::TooManyAsks);
    }
    match &method.handler {
        Handler::House(handler) => handler(call),
        Handler::Public(handler) => {
            greet_visitor(call, front, &caller, method.kept || asks)?;
            handler(call, front)
        }
        Handler::Known(handler) => {
            caller.known()?;
            handler(call, front, &caller)
        }
        Handler::Member(handler) => handler(call, front, &caller.member()?),
        Handler::Staff(handler) => handler(call, front, &staff()?),
        Handler::Reader(right, handler) => {
            handler(call, front, &front.tenant.admit(&caller, Some(*right))?)
        }
        Handler::Founder(handler) => handler(call, front, &staff()?.founder()?),
        Handler::Operator(handler) => handler(call, front, &root.admit(&caller)?),
        Handler::Network(handler) => handler(call, &root.network()),
    }
}

/// What a venue shows to all or lets all ask for (`is_public`) it may keep for who is logged in; and it may let nobody make
/// an account, which is how one comes to log in.
fn greet_visitor(
    call: &Call<'_>,
    front: &Front,
    caller: &Caller,
    is_public: bool,
) -> Result<(), Error> {
    let entry = front.tenant.entry();
    match call.route.name == MAKES_ACCOUNTS {
        true if entry.may_register => Ok(()),
        true => Err(Error::Forbidden),
        false if entry.needs_login && is_public => caller.known(),
        false => Ok(()),
    }
}

/// The route at which anybody makes an account.
const MAKES_ACCOUNTS: &str = "user_create";

impl Guard {
    const fn right(self) -> Option<Right> {
        match self {
            Self::Staff(right) => right,
            Self::Open | Self::Known | Self::Member | Self::Operator => None,
        }
    }

    fn pass(self, root: &Root, front: &Front, caller: &Caller) -> Result<(), Error> {
        match self {
            Self::Open => Ok(()),
            Self::Known => caller.known(),
            Self::Operator => root.admit(caller).map(drop),
            Self::Member => caller.member().map(drop),
            Self::Staff(right) => front.tenant.admit(caller, right).map(drop),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_split_before_it_is_decoded() {
        assert_eq!(matches("/api/place/{id}/", "/api/place/a%2Fb/").unwrap(), ["a/b"]);
        assert_eq!(matches("/media/{path*}", "/media/images/a.jpg").unwrap(), ["images/a.jpg"]);
        assert!(matches("/api/place/", "/%61pi/place/").is_some());
        for path in [
            "/api/place",
            "/xapi/place/",
            "/api/place//",
            "/api/place/x/y/",
            "/api//place/",
            "/api/place/x.json/",
        ] {
            assert!(matches("/api/place/{id}/", path).is_none(), "{path}");
        }
    }

    #[test]
    fn no_path_belongs_to_two_routes() {
        let routes: Vec<_> = DOORS.iter().flat_map(|door| door.all_routes()).collect();
        for (i, a) in routes.iter().enumerate() {
            let path = a.path.replace("{path*}", "x.jpg").replace("{id}", "x");
            let path = path.replace("{#code}", "1000").replace("{#tenant}", "1001");
            for (j, b) in routes.iter().enumerate() {
                // The last of a door's routes may be for all that is left.
                let takes_the_rest = j > i && b.path.ends_with("{path*}");
                let is_found = matches(b.path, &path).is_some() && !takes_the_rest;
                assert_eq!(is_found, i == j, "{} and {}", a.path, b.path);
            }
        }
    }
}
