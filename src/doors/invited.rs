//! The page of an invitation to work for a venue: what it asks, and the click that accepts it.

use super::pages::{page, typed};
use super::{Answer, Call, Front};
use crate::error::Error;
use crate::trade::look::{self, Look};
use crate::trade::order;
use crate::values::Language;
use askama::Template;

#[derive(Template)]
#[template(path = "invited.html")]
struct Invited<'a> {
    look: &'a Look,
    step: Step,
    /// Who has an account with a password keeps it.
    chooses: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Ask,
    /// The password was too short or too long, or none.
    Refused,
    Done,
    /// There is no place left, or whoever is asked was stopped there.
    Closed,
    Expired,
}

/// The token of the letter, whose dot is a slash in the page's address.
fn token(call: &Call<'_>) -> String {
    format!("{}.{}", call.param(0), call.param(1))
}

/// Asks for the click.
pub(super) fn ask(call: &Call<'_>, front: &Front) -> Answer {
    match front.network.invited(&token(call), call.now)? {
        Some(chooses) => shown(front, 200, Step::Ask, chooses),
        None => shown(front, 410, Step::Expired, false),
    }
}

/// The click, with a password where the address has no account with one.
pub(super) fn accept(call: &Call<'_>, front: &Front) -> Answer {
    let token = token(call);
    let Some(chooses) = front.network.invited(&token, call.now)? else {
        return shown(front, 410, Step::Expired, false);
    };
    let chosen = if chooses { typed(call, "password")? } else { None };
    match front.network.accept_invite(&token, chosen.as_deref(), (None, None), order::prove) {
        Ok(_) => shown(front, 200, Step::Done, false),
        Err(Error::Invalid(fields)) if fields.iter().any(|field| field.name == "password") => {
            shown(front, 400, Step::Refused, chooses)
        }
        Err(Error::Invalid(_)) => shown(front, 410, Step::Expired, false),
        Err(Error::Refused(_)) => shown(front, 409, Step::Closed, false),
        Err(other) => Err(other.into()),
    }
}

fn shown(front: &Front, status: u16, step: Step, chooses: bool) -> Answer {
    let look = front.tenant.read(look::get)?;
    page(status, &Invited { look: &look, step, chooses }, &look)
}
