//! Which tenant is asked for, and who asks: a code in the path, a pair of key and secret in two headers. What is wrong is
//! told in the contract's order: media type, pair there, code, tenant, pair right.

use super::FIRST_CODE;
use super::errors::{Known, fail};
use crate::doors::{Call, Failure, Front};
use crate::error::Error;
use crate::root::{Caller, Name, Root, Tenant};
use crate::values::Host;

/// What a request and its answer are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    Json,
    Xml,
}

/// The media type of a request, where it is one of the two.
pub(super) fn media(call: &Call<'_>) -> Option<Media> {
    let Some(given) = call.request.header("Content-Type") else { return Some(Media::Json) };
    let name = given.split(';').next().unwrap_or("").trim();
    if name.is_empty() || name.eq_ignore_ascii_case("application/json") {
        Some(Media::Json)
    } else {
        name.eq_ignore_ascii_case("application/xml").then_some(Media::Xml)
    }
}

/// Every way to write the two names, the contract's first.
const NAMES: [[&str; 5]; 2] = [
    ["consumer_key", "customer_key", "customer*key", "consumer-key", "customer-key"],
    ["consumer_secret", "customer_secret", "customer*secret", "consumer-secret", "customer-secret"],
];

/// The pair that a request presents.
pub(super) fn presented<'c>(call: &Call<'c>) -> Option<(&'c str, &'c str)> {
    let first = |names: &[&str]| names.iter().find_map(|name| call.request.header(name));
    let (key, secret) = (first(&NAMES[0])?, first(&NAMES[1])?);
    (!key.is_empty() && !secret.is_empty()).then_some((key, secret))
}

/// The number of the tenant whose code stood at the route's n-th `{…}`.
pub(super) fn number(call: &Call<'_>, n: usize) -> Result<i64, Failure> {
    let code = call.param(n).parse().ok().filter(|code: &i64| *code >= FIRST_CODE);
    let wrong = || fail(call, Known::TenantCode, "Must be 1000 and greater!");
    code.map(|code| code - FIRST_CODE).ok_or_else(wrong)
}

/// The tenant of the path. Where it has two codes, the first is who asks and the second what is asked for.
pub(super) fn tenant(root: &Root, call: &Call<'_>, _: &Host) -> Result<Option<Tenant>, Failure> {
    if media(call).is_none() {
        return Err(fail(call, Known::ContentType, "Use application/json or application/xml."));
    }
    if presented(call).is_none() {
        return Err(fail(call, Known::MissingPair, "Send consumer_key and consumer_secret."));
    }
    let unknown = |n: usize| {
        fail(call, Known::UnknownTenant, &format!("There is no tenant {}.", call.param(n)))
    };
    let asks = number(call, 0)?;
    let asked = if codes(call) == 2 { number(call, 1)? } else { asks };
    if asks != asked && root.tenant(Name::AnyNo(asks))?.is_none() {
        return Err(unknown(0));
    }
    root.tenant(Name::AnyNo(asked))?
        .map_or_else(|| Err(unknown(codes(call) - 1)), |found| Ok(Some(found)))
}

fn codes(call: &Call<'_>) -> usize {
    call.route.path.split('/').filter(|part| ["{code}", "{tenant}"].contains(part)).count()
}

/// Whose pair it is. Of two codes that differ, only the pair of ROOT may show the first.
pub(super) fn caller(root: &Root, call: &Call<'_>, _: &Front) -> Result<Caller, Failure> {
    let Some((key, secret)) = presented(call) else { return Ok(Caller::Nobody) };
    let Some(pair) = root.check_pair(key, secret)? else {
        if call.throttle.address_is_blocked(call.now, call.client) {
            return Err(Failure::TooManyFailures);
        }
        call.throttle.failed(call.now, call.client);
        return Err(Error::Unauthenticated.into());
    };
    let differ = codes(call) == 2 && number(call, 0)? != number(call, 1)?;
    if differ && !(pair.is_host && number(call, 0)? == 0) {
        return Err(Error::Forbidden.into());
    }
    Ok(Caller::Pair(Box::new(pair)))
}
