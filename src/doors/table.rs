//! What a door is: a table of routes, by path, with who may pass and what answers.

use super::{Answer, Call, DOORS, Failure, Front, tibillet};
use crate::root::{Caller, Founder, Member, Network, Operator, Right, Root, Staff, Tenant};
use crate::values::Host;
use percent_encoding::percent_decode_str;
use rouille::Response;
use std::borrow::Cow;
use std::sync::LazyLock;

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
    /// The path; `{…}` stands for one segment without a dot, `{…*}` at the end for the
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
    /// Reads one tenant's file, and root, which waits for nobody.
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

/// A route that a path belongs to, with what stood at its `{…}`.
pub struct Found<'p> {
    /// Its door.
    pub door: &'static Door,
    /// The route.
    pub route: &'static Route,
    /// Decoded segments.
    pub params: Vec<Cow<'p, str>>,
}

/// A route with what its path begins with before its first parameter.
type Begun = (&'static str, &'static Route);

/// The rows of each door.
static ROWS: LazyLock<Vec<(&Door, Vec<Begun>)>> = LazyLock::new(|| {
    let row = |route: &'static Route| {
        let begins = route.path.split('{').next().unwrap_or(route.path);
        (begins, route)
    };
    DOORS.iter().map(|door| (*door, door.all_routes().map(row).collect())).collect()
});

/// Finds the route of a raw path (without its query). Segments are split first and decoded then, so that an encoded
/// slash does not make two of one.
#[must_use]
pub fn find(path: &str) -> Option<Found<'_>> {
    // Most paths are plain, and most rows of the table differ from them at the first look.
    let is_plain = !path.contains('%');
    ROWS.iter().find_map(|(door, all)| {
        let path = if door.slash_is_free { path.strip_suffix('/').unwrap_or(path) } else { path };
        let other = path.strip_prefix(door.also_under).filter(|_| !door.also_under.is_empty());
        let path = other.unwrap_or(path);
        // Behind its other path a door leaves what it knows nothing of to others.
        let is_left = other.is_some_and(|path| !knows(all, path));
        let rows = all.iter().filter(|(_, route)| !(is_left && route.path.ends_with("{path*}")));
        let rows = rows.filter(|(begins, _)| !is_plain || path.starts_with(begins));
        let mut found = rows.filter_map(|(_, route)| Some((*route, matches(route.path, path)?)));
        found.next().map(|(route, params)| Found { door, route, params })
    })
}

/// Is the first thing that a path names, behind the version, one that these rows have?
fn knows(rows: &[Begun], path: &str) -> bool {
    let thing = path.split('/').nth(2);
    let is_it = |route: &Route| route.path.split('/').nth(2) == thing;
    rows.iter().any(|(_, route)| !route.path.ends_with("{path*}") && is_it(route))
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
        let have = match have.contains('%') {
            true => percent_decode_str(have).decode_utf8().ok()?,
            false => Cow::Borrowed(have),
        };
        if want.starts_with('{') {
            if have.is_empty() || have.contains('.') {
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
            let path = path.replace("{code}", "1000").replace("{tenant}", "1001");
            for (j, b) in routes.iter().enumerate() {
                // The last of a door's routes may be for all that is left.
                let takes_the_rest = j > i && b.path.ends_with("{path*}");
                let is_found = matches(b.path, &path).is_some() && !takes_the_rest;
                assert_eq!(is_found, i == j, "{} and {}", a.path, b.path);
            }
        }
    }
}
