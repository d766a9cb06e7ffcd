//! Who calls: an application by its key and token, with whoever is signed in through it; and which tenant that is about.

use crate::doors::{Call, Failure, Front};
use crate::error::Error;
use crate::root::credential::Credential;
use crate::root::session::Dialect;
use crate::root::{Account, AppCaller, Caller, Root, Tenant};
use crate::values::Host;

/// What a request says of itself, once it is believed.
struct Presented {
    key: Credential,
    session: Option<String>,
    person: Option<Account>,
}

/// The tenant that a request is about. What a route does not know is said before anybody is asked who he is.
pub(super) fn tenant(root: &Root, call: &Call<'_>, host: &Host) -> Result<Option<Tenant>, Failure> {
    if call.route.method(call.request.method()).is_none() {
        return Err(Failure::Method);
    }
    let Some(presented) = presented(root, call)? else { return Err(wrong(call)) };
    let named = match call.request.header("currentTenant").map(str::trim) {
        None | Some("") => None,
        Some(text) => Some(text.parse::<i64>().map_err(|_| Error::Forbidden)?),
    };
    Ok(Some(root.work_on(&presented.key, presented.person.as_ref(), named, host)?))
}

/// The same request's caller, at the tenant that was found.
pub(super) fn caller(root: &Root, call: &Call<'_>, front: &Front) -> Result<Caller, Failure> {
    let Some(Presented { key, person, session }) = presented(root, call)? else {
        return Err(wrong(call));
    };
    let app = AppCaller::new(&key, front.tenant.entry().id, person);
    Ok(Caller::App(Box::new(app.in_session(session.as_deref()))))
}

/// None: some part of it is wrong, and nobody learns which.
fn presented(root: &Root, call: &Call<'_>) -> Result<Option<Presented>, Failure> {
    let (Some(key), Some(token)) = (call.request.header("apiKey"), token(call)) else {
        return Ok(None);
    };
    let Some(key) = root.app_key(key.trim())? else { return Ok(None) };
    let Some(said) = call.desk.tokens.read(&key, token.trim(), call.now) else { return Ok(None) };
    let person = match &said.session {
        None => None,
        Some(session) => match root.people().signed_in(Dialect::Roomle, session)? {
            None => return Ok(None),
            signed_in => signed_in,
        },
    };
    Ok(Some(Presented { key, session: said.session, person }))
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
