//! `/v2/auth`: sessions of people.

use super::errors::no_sign_in;
use super::given::Given;
use super::wire::{answer, one};
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::Error;
use crate::root::people::NoLogIn;
use crate::root::session::Dialect;
use crate::root::{Account, Caller};
use schemars::JsonSchema;
use serde::Serialize;

/// A session that begins.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoomleAuth")]
pub(super) struct WireAuth {
    token: String,
    /// As text, unlike elsewhere.
    user_id: String,
    login_date: String,
    last_action_date: String,
}

/// Signs somebody in by e-mail, or by the name that the tenant has for him.
pub(super) fn sign_in(call: &Call<'_>, front: &Front, _: &Caller) -> Answer {
    let given = Given::body(call)?;
    let required = |name: &'static str, text: Option<String>| {
        text.ok_or_else(|| Error::invalid(name, "is required"))
    };
    let name = required("identification", given.text("identification", 254)?)?;
    let password = required("password", given.verbatim("password", 1_000)?)?;
    let people = front.people.staff();
    let email = match name.contains('@') {
        true => None,
        false => people.email_of(&name, front.tenant.entry().no)?,
    };
    let email = email.map_or(name, |email| email.to_string());
    let said = (email.as_str(), password.as_str());
    let account = match people.log_in((call.now, call.client), said, Account::is_proven)? {
        Ok(account) => account,
        Err(NoLogIn::TooOften) => return Err(Failure::TooManyFailures),
        Err(NoLogIn::Wrong) => return Err(no_sign_in(call)),
    };
    let (token, _) = people.open_session(Dialect::Roomle, Some(account.id))?;
    let now = call.now.millis();
    let wire = WireAuth {
        token,
        user_id: account.no.to_string(),
        login_date: now.clone(),
        last_action_date: now,
    };
    Ok(one(call, "auth", wire))
}

/// Ends the session that this is asked in.
pub(super) fn sign_out(_: &Call<'_>, front: &Front, caller: &Caller) -> Answer {
    if let Caller::App(app) = caller
        && let Some(session) = app.session
    {
        front.people.end_session(Dialect::Roomle, session)?;
    }
    Ok(answer(204, &()))
}
