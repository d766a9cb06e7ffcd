//! `/v2/users`: what people do about themselves.
//!
//! A password is taken from who proves the address, never before: a stranger could choose it for somebody.

use super::given::Given;
use super::wire::{answer, one};
use super::wire_user::{WireRole, WireUser};
use super::{tenants, users};
use crate::doors::pages::prove;
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::{Error, Result};
use crate::root::people::{Newcomer, check_new_password};
use crate::root::{Account, By, Caller, Member};
use crate::trade::{audit, outbox};
use crate::values::Email;

/// Makes an account, and sends the mail that proves its address.
pub(super) fn register(call: &Call<'_>, front: &Front, _: &Caller) -> Answer {
    if !front.tenant.entry().may_register {
        return Err(Error::Forbidden.into());
    }
    let given = Given::body(call)?.within("user")?.within("user")?;
    let email = given.text("email", 254)?.ok_or_else(|| Error::invalid("email", "is required"))?;
    let wrong = || Error::invalid("email", "must be an e-mail address");
    let new = Newcomer {
        email: Email::parse(&email).ok_or_else(wrong)?,
        first_name: given.clearable("firstname", 150)?.flatten(),
        last_name: given.clearable("lastname", 150)?.flatten(),
        phone: given.clearable("phone", 20)?.flatten(),
        language: given.text("locale", 20)?.as_deref().map(language).transpose()?,
    };
    may_ask(call)?;
    let account = front.people.staff().register(&new)?;
    front.tenant.write(By::Visitor, |tx| outbox::confirm_email(tx, &new.email, account.id))?;
    let wire = WireUser::own(&account, None, vec![]);
    Ok(one(call, "user", wire).with_status_code(201))
}

/// The language of a locale such as `de` or `de-AT`.
fn language(locale: &str) -> Result<String> {
    let code = locale.get(..2).unwrap_or("").to_ascii_lowercase();
    let fits = code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase());
    let wrong = || Error::invalid("locale", "must begin with two letters");
    fits.then_some(code).ok_or_else(wrong)
}

/// Oneself; and, where the number would stand, the wish to be known no longer.
pub(super) fn show(call: &Call<'_>, front: &Front, caller: &Caller) -> Answer {
    if call.param(0) == "removeConsent" {
        return remove_consent(call, front, caller);
    }
    let member = caller.member()?;
    is_own(call, &member)?;
    Ok(one(call, "user", own(front, member.account())?))
}

/// A tenant sees no more of somebody than his e-mail from now on, at the wish of who is signed in as him or holds a link that
/// would prove his address. Nobody is told whether there was anything to see.
fn remove_consent(call: &Call<'_>, front: &Front, caller: &Caller) -> Answer {
    let required = |name: &'static str| {
        let text = call.request.get_param(name);
        text.ok_or_else(|| Error::invalid(name, "is required"))
    };
    let email = Email::parse(&required("email")?);
    let email = email.ok_or_else(|| Error::invalid("email", "must be an e-mail address"))?;
    let no = front.tenant.entry().no;
    if required("tenant")?.parse() != Ok(no) {
        return Err(Error::Forbidden.into());
    }
    may_ask(call)?;
    let people = front.people.staff();
    let linked = |token: String| -> Result<Option<Account>> {
        let Some(account) = people.find(&email)? else { return Ok(None) };
        let Some(proof) = people.proof_of(account.no, &token)? else { return Ok(None) };
        people.holder(&proof, call.now)
    };
    let holder = match call.request.get_param("mailHash") {
        None => caller.account().cloned(),
        Some(token) => linked(token)?,
    };
    let holder = holder.filter(|holder| holder.email == email).ok_or(Error::Forbidden)?;
    people.set_consent(holder.id, no, false)?;
    Ok(answer(204, &()))
}

/// Proves an address by the link of a letter; with `consentOn` a tenant may see more of its owner from now on, and a
/// first password is taken. Who is signed in needs no link for that.
pub(super) fn validate(call: &Call<'_>, front: &Front, caller: &Caller) -> Answer {
    let no: i64 = call.param(0).parse().map_err(|_| Error::NotFound)?;
    let given = Given::body(call)?.within("user")?.within("user")?;
    let consent = match call.request.get_param("consentOn") {
        None => None,
        Some(text) => {
            let wrong = |_| Error::invalid("consentOn", "must be the number of a tenant");
            Some(text.parse::<i64>().map_err(wrong)?)
        }
    };
    let password = given.verbatim("password", 1_000)?;
    password.as_deref().map(check_new_password).transpose()?;
    let people = front.people.staff();
    let account = match call.request.get_param("mailHash") {
        None => caller.account().filter(|account| account.no == no).cloned(),
        Some(token) => match people.proof_of(no, &token)? {
            None => None,
            Some(proof) => prove(front, &proof, call.now)?.ok().map(|(account, _)| account),
        },
    };
    let account =
        account.ok_or_else(|| Error::invalid("mailHash", "is no link of ours, or an old one"))?;
    if let Some(tenant) = consent {
        people.set_consent(account.id, tenant, true)?;
    }
    if let Some(password) = password {
        people.set_first_password(account.id, &password)?;
    }
    Ok(one(call, "user", own(front, &account)?))
}

/// The tenants that one works with.
pub(super) fn tenants(call: &Call<'_>, front: &Front, caller: &Caller) -> Answer {
    is_own(call, &caller.member()?)?;
    tenants::list(call, front, caller)
}

/// One's own roles at the current tenant.
pub(super) fn roles(call: &Call<'_>, front: &Front, member: &Member) -> Answer {
    is_own(call, member)?;
    let no = front.tenant.entry().no;
    let here = front.people.connection(member.account().id, no)?;
    let all = here.iter().flat_map(|here| WireRole::all(here, no)).collect();
    Ok(users::told(call, all))
}

/// Writes down that somebody accepts the terms.
pub(super) fn accept_terms(call: &Call<'_>, front: &Front, member: &Member) -> Answer {
    is_own(call, member)?;
    let id = member.account().id;
    front.tenant.write(By::Account(id), |tx| audit::note(tx, "terms.accept", Some(id.0)))?;
    Ok(answer(202, &()))
}

/// Switches one's own account off.
pub(super) fn leave(call: &Call<'_>, front: &Front, member: &Member) -> Answer {
    is_own(call, member)?;
    front.people.leave(member)?;
    Ok(answer(204, &()))
}

fn own(front: &Front, account: &Account) -> Result<WireUser> {
    let here = front.people.connection(account.id, front.tenant.entry().no)?;
    let tenants = front.people.tenants_of(account.id)?;
    Ok(WireUser::own(account, here.as_ref(), tenants))
}

fn is_own(call: &Call<'_>, member: &Member) -> Result<()> {
    if call.param(0).parse() == Ok(member.account().no) { Ok(()) } else { Err(Error::Forbidden) }
}

/// Strangers may not ask for this without end.
fn may_ask(call: &Call<'_>) -> Result<(), Failure> {
    match call.throttle.may_ask(call.now, call.client) {
        true => Ok(()),
        false => Err(Failure::TooManyAsks),
    }
}
