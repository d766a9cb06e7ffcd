//! Who calls: an application by its key and token, with whoever is signed in through it; and which tenant that is about.

use super::errors::not_theirs;
use crate::doors::{Both, Call, Failure};
use crate::error::Error;
use crate::root::credential::Credential;
use crate::root::session::Dialect;
use crate::root::{Account, AppCaller, Caller, Root};
use crate::values::Host;

/// The tenant that a request is about, and the application that asks, with whoever is signed in. What a route does not
/// know is said before anybody is asked who he is; of a wrong key and of a wrong token the answer is one.
pub(super) fn asked(root: &Root, call: &Call<'_>, host: &Host) -> Both {
    if call.route.method(call.request.method()).is_none() {
        return Err(Failure::Method);
    }
    let Some((key, session, person)) = presented(root, call)? else { return Err(wrong(call)) };
    let named = match call.request.header("currentTenant").map(str::trim) {
        None | Some("") => None,
        Some(text) => Some(text.parse::<i64>().map_err(|_| not_theirs(call))?),
    };
    let tenant = root.work_on(&key, person.as_ref(), named, host).map_err(|error| match error {
        Error::Forbidden => not_theirs(call),
        other => other.into(),
    })?;
    let app = AppCaller::new(&key, tenant.entry().id, person).in_session(session.as_deref());
    Ok((tenant, Caller::App(Box::new(app))))
}

/// The key, the session's token and who is signed in; none: some part of it is wrong.
type Presented = (Credential, Option<String>, Option<Account>);

fn presented(root: &Root, call: &Call<'_>) -> Result<Option<Presented>, Failure> {
    let (Some(key), Some(token)) = (call.request.header("apiKey"), token(call)) else {
        return Ok(None);
    };
    let Some(key) = root.app_key(key.trim())? else { return Ok(None) };
    let Some(said) = call.desk.tokens.read(&key, token.trim(), call.now) else { return Ok(None) };
    let Some(session) = said.session else { return Ok(Some((key, None, None))) };
    let person = root.people().signed_in(Dialect::Roomle, &session)?;
    Ok(person.map(|person| (key, Some(session), Some(person))))
}

/// In the header, or behind the `?`.
fn token(call: &Call<'_>) -> Option<String> {
    call.request.header("token").map(str::to_owned).or_else(|| call.request.get_param("token"))
}

/// Counts a wrong key or token; past the limit the answer is another one.
fn wrong(call: &Call<'_>) -> Failure {
    if call.throttle.address_is_blocked(call.now, call.client) {
        return Failure::TooManyFailures;
    }
    call.throttle.failed(call.now, call.client);
    Failure::Error(Error::Unauthenticated)
}
