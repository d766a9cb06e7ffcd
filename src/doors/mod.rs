//! Doors: one dialect each, as data. A door is its routes and how it says no; `serve` runs the table.
//!
//! A handler parses, runs one transaction, renders. What it may reach is what its signature says: a guarded handler
//! does not type-check in a public route, and none can name another tenant.

mod call;
pub mod coach;
mod feeds;
mod invited;
pub mod openapi;
pub mod ops;
pub mod oxynade;
mod pages;
mod paid;
mod programme;
mod results;
pub mod roomle;
mod table;
pub mod tibillet;
pub mod web;

pub use call::{Call, Desk, Failure, Unread};
pub use table::{
    Asked, Both, Door, FindCaller, Found, Guard, Handler, Lane, Method, Place, Route, Shape, find,
};

use crate::error::Error;
use crate::root::{
    Addressees, Caller, Directory, Entry, Name, Network, People, Right, Root, Stamp, Tenant,
};
use crate::values::Host;
use rouille::Response;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::Arc;

/// All doors, in the order in which a path is looked up.
pub const DOORS: &[&Door] =
    &[&ops::DOOR, &roomle::DOOR, &tibillet::DOOR, &oxynade::DOOR, &web::DOOR, &coach::DOOR];

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
    /// Who works for whom.
    pub network: Network,
}

/// Answers a request whose route is found. `host` is what it was addressed to. With the answer comes the tenant that gave
/// it, where one did, and the state of the data that it was made from.
pub fn serve(
    root: &Root,
    door: &'static Door,
    call: &Call<'_>,
    host: &Host,
) -> (Response, Option<(Arc<Entry>, Stamp)>) {
    let refuse = |failure| (door.error)(call, failure);
    if call.route.place == Place::Everywhere {
        return (in_house(call).unwrap_or_else(refuse), None);
    }
    match front(root, door, call, host) {
        Ok(Some((front, asker))) => {
            let made_from = (front.tenant.shared_entry(), front.tenant.stamp());
            (in_front(root, door, call, front, asker).unwrap_or_else(refuse), Some(made_from))
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
    // No dialect answers on a host that is nobody's. What one answers at a tenant that is closed is its own.
    if !root.knows(host) {
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
        network: root.network(),
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

/// The same, and at a closed tenant's host ROOT, in a dialect that names its tenant in the body.
fn by_any_host(root: &Root, call: &Call<'_>, host: &Host) -> Result<Option<Tenant>, Failure> {
    match by_host(root, call, host)? {
        None => Ok(root.tenant(Name::AnyNo(0))?),
        found => Ok(found),
    }
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
