//! Who calls: a Bearer token or an API key in `Authorization`, and which media types they accept.

use crate::doors::{Call, Failure, Front, Handler, accepts_json, fingerprint};
use crate::error::Error;
use crate::root::{Caller, KeyCheck, Right, Root, Staff};
use crate::trade::order::Hand;
use crate::trade::waiting;
use crate::values::id::{AccountId, WaitingId};

/// What an `Authorization` header presents, as simplejwt and the contract's key lookup read it.
#[derive(Debug, PartialEq, Eq)]
pub enum Presented<'a> {
    /// Nothing that this dialect knows.
    Nothing,
    /// `Bearer` with anything but one token behind it.
    BadHeader,
    /// A token.
    Token(&'a str),
    /// A key: the second word, whatever the first.
    Key(&'a str),
}

impl<'a> Presented<'a> {
    /// Reads the header.
    #[must_use]
    pub fn read(header: Option<&'a str>) -> Self {
        let mut words = header.unwrap_or("").split_ascii_whitespace();
        match (words.next(), words.next(), words.next()) {
            (Some("Bearer"), Some(token), None) => Self::Token(token),
            (Some("Bearer"), _, _) => Self::BadHeader,
            (Some(_), Some(key), _) => Self::Key(key),
            _ => Self::Nothing,
        }
    }
}

/// The caller of a request. A key that is wrong is nobody; a token that is wrong is refused.
pub(super) fn caller(_: &Root, call: &Call<'_>, front: &Front) -> Result<Caller, Failure> {
    // The routes of tokens read no credentials but those in their bodies.
    if call.route.path.starts_with("/api/user/token/") {
        return Ok(Caller::Nobody);
    }
    match Presented::read(call.request.header("Authorization")) {
        Presented::Nothing => Ok(Caller::Nobody),
        Presented::BadHeader => Err(Failure::BadHeader),
        Presented::Token(token) => match front.people.by_token(token, call.now)? {
            Ok(account) => Ok(Caller::Person(Box::new(account))),
            Err(fault) => guess_failed(call).map_or_else(Err, |()| Err(Failure::Token(fault))),
        },
        Presented::Key(key) if is_for_all(call, front) => shown(call, front, key),
        Presented::Key(key) => asked(call, front, key),
    }
}

/// Does this request read what is told to strangers too? A key is not asked for there, though who shows one may be told more.
fn is_for_all(call: &Call<'_>, front: &Front) -> bool {
    let method = call.route.method(call.request.method());
    let reads = method.filter(|m| m.verb == "GET" && matches!(m.handler, Handler::Public(_)));
    reads.is_some_and(|method| !(method.kept && front.tenant.entry().needs_login))
}

/// Who shows this key where one is asked for.
fn asked(call: &Call<'_>, front: &Front, key: &str) -> Result<Caller, Failure> {
    match front.people.check_key(key, call.client)? {
        KeyCheck::Unknown => guess_failed(call).map(|()| Caller::Nobody),
        known => Ok(known.caller()),
    }
}

/// Who shows this key where none is asked for: a wrong one is ignored and, past the limit on guesses, any.
fn shown(call: &Call<'_>, front: &Front, key: &str) -> Result<Caller, Failure> {
    if call.throttle.guesses_are_over(call.now, call.client) {
        return Ok(Caller::Nobody);
    }
    let check = front.people.check_key(key, call.client)?;
    if matches!(check, KeyCheck::Unknown) {
        call.throttle.guessed(call.now, call.client, fingerprint(key.as_bytes()));
    }
    Ok(check.caller())
}

/// Who calls a route for everybody; credentials were checked, and failures counted, before.
fn known(call: &Call<'_>, front: &Front) -> Result<Caller, Failure> {
    Ok(match Presented::read(call.request.header("Authorization")) {
        Presented::Token(token) => front
            .people
            .by_token(token, call.now)?
            .map_or(Caller::Nobody, |account| Caller::Person(Box::new(account))),
        Presented::Key(key) if is_for_all(call, front) => shown(call, front, key)?,
        Presented::Key(key) => front.people.check_key(key, call.client)?.caller(),
        Presented::Nothing | Presented::BadHeader => Caller::Nobody,
    })
}

/// Who acts for the buyer with this account. `offer` is the end of a link that was sent to somebody on a waiting list.
pub(super) fn hand(
    call: &Call<'_>,
    front: &Front,
    buyer: AccountId,
    offer: Option<&str>,
) -> Result<Hand, Failure> {
    let caller = known(call, front)?;
    if front.tenant.admit(&caller, Some(Right::Reservation)).is_ok() {
        return Ok(Hand::Staff);
    }
    let logged_in = matches!(&caller, Caller::Person(account) if account.id == buyer);
    let offer = offer.and_then(|offer| offer.split_once('/'));
    let sent = offer.and_then(|(id, seal)| Some((id.parse().ok()?, seal)));
    let shows_offer = match sent.filter(|(id, seal)| front.tenant.has_sealed("waiting", *id, seal))
    {
        Some((id, _)) => front.tenant.read(|tx| waiting::get(tx, WaitingId(id)))?.account == buyer,
        None => false,
    };
    Ok(if logged_in || shows_offer { Hand::Owner } else { Hand::Anybody })
}

/// Who is logged in by the request's token, where anybody is; the token was checked before.
pub(super) fn account(call: &Call<'_>, front: &Front) -> Result<Option<AccountId>, Failure> {
    match Presented::read(call.request.header("Authorization")) {
        Presented::Token(token) => {
            Ok(front.people.by_token(token, call.now)?.ok().map(|account| account.id))
        }
        _ => Ok(None),
    }
}

/// Do the request's credentials make its caller staff here, with the route's right? They were checked before.
pub(super) fn is_staff(call: &Call<'_>, front: &Front) -> Result<bool, Failure> {
    let caller = known(call, front)?;
    match front.tenant.admit(&caller, call.route.guard.right()) {
        Ok(_) => Ok(true),
        Err(Error::Unauthenticated | Error::Forbidden) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

/// The caller as staff, with the route's right, where everybody may call but this is for staff alone: here a key is asked
/// for, and a wrong one counts.
pub(super) fn staff(call: &Call<'_>, front: &Front) -> Result<Staff, Failure> {
    let caller = match Presented::read(call.request.header("Authorization")) {
        Presented::Key(key) => asked(call, front, key)?,
        _ => known(call, front)?,
    };
    Ok(front.tenant.admit(&caller, call.route.guard.right())?)
}

/// Counts a wrong credential; past the limit the answer is another one.
pub(super) fn guess_failed(call: &Call<'_>) -> Result<(), Failure> {
    if call.throttle.address_is_blocked(call.now, call.client) {
        return Err(Failure::TooManyFailures);
    }
    call.throttle.failed(call.now, call.client);
    Ok(())
}

/// `?format=json` or an `Accept` that JSON satisfies.
pub(super) fn greet(call: &Call<'_>) -> Result<(), Failure> {
    if call.request.get_param("format").is_some_and(|format| format != "json" && format != "api") {
        return Err(Failure::Error(Error::NotFound));
    }
    // What a file is, the query says: who accepts nothing else than that gets it.
    let is_file = call.route.name == "export";
    if is_file || accepts_json(call.request.header("Accept")) {
        Ok(())
    } else {
        Err(Failure::NotAcceptable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_of_a_key_is_not_looked_at() {
        assert_eq!(Presented::read(Some("Api-Key  a.b")), Presented::Key("a.b"));
        assert_eq!(Presented::read(Some("whatever a.b c")), Presented::Key("a.b"));
        assert_eq!(Presented::read(Some("Api-Key ")), Presented::Nothing);
        assert_eq!(Presented::read(Some("Bearer x")), Presented::Token("x"));
        assert_eq!(Presented::read(Some("Bearer")), Presented::BadHeader);
        assert_eq!(Presented::read(Some("Bearer x y")), Presented::BadHeader);
        assert_eq!(Presented::read(None), Presented::Nothing);
    }
}
