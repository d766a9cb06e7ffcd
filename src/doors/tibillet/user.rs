//! `/api/user/…`: log-in, tokens, who am I, what may this key do.

use super::caller::{Presented, guess_failed};
use super::data::Body;
use super::errors::challenge;
use super::fields::{Field, Form, Kind};
use super::messages as say;
use super::wire::{AccessToken, Detail, Empty, KeyRights, KeyTest, TokenPair, json};
use super::wire_me::{WireMe, WireMembership, WireOwnReservation};
use crate::doors::pages::prove;
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::Error;
use crate::root::people::{NoLogIn, TokenFault};
use crate::root::proof::{Proof, ProofFault};
use crate::root::{Account, KeyCheck, Member, Right};
use crate::trade::order::{self, Booking};
use crate::trade::{membership, place, ticket};
use rouille::Response;
use std::time::Duration;

pub(super) const TOKEN: &[Field] = &[
    Field::new("username", Kind::Text(254)).required(),
    Field::new("password", Kind::Verbatim).required(),
];
pub(super) const REFRESH: &[Field] = &[
    Field::new("refresh", Kind::Verbatim).required(),
    // Of a device at the door alone, which must be the one that was paired.
    Field::new("mac_adress", Kind::Text(17)),
    Field::new("unique_id", Kind::Text(64)),
];
pub(super) const PASSWORD: &[Field] = &[Field::new("password", Kind::Verbatim).required()];
pub(super) const VERIFY: &[Field] = &[Field::new("token", Kind::Verbatim).required()];

fn form(call: &Call<'_>, table: &'static [Field]) -> Result<Form, Failure> {
    let body = Body::read(call)?;
    let mut form = Form::check(table, &body.data(call.desk.json_depth)?, false, call.desk)?;
    form.finish()?;
    Ok(form)
}

/// Logs in, with a password that is the owner's of the address: not one that somebody chose before it was proven.
pub(super) fn token(call: &Call<'_>, front: &Front) -> Answer {
    let form = form(call, TOKEN)?;
    let (name, password) =
        (form.text("username").unwrap_or(""), form.text("password").unwrap_or(""));
    let from = (call.now, call.client);
    let account = match front.people.log_in(from, (name, password), Account::is_proven)? {
        Ok(account) => account,
        Err(NoLogIn::TooOften) => return Err(Failure::TooManyFailures),
        Err(NoLogIn::Wrong) => return Ok(challenge(json(401, &Detail::new(say::NO_ACCOUNT)))),
    };
    let pair = front.people.issue(&account, call.now)?;
    Ok(json(200, &TokenPair { refresh: &pair.refresh, access: &pair.access }))
}

pub(super) fn refresh(call: &Call<'_>, front: &Front) -> Answer {
    let form = form(call, REFRESH)?;
    let text = |name| form.text(name).unwrap_or("");
    match front.people.refresh(
        text("refresh"),
        (text("unique_id"), text("mac_adress")),
        call.now,
    )? {
        Ok(access) => Ok(json(200, &AccessToken { access: &access })),
        Err(TokenFault::OtherDevice) => Ok(challenge(json(401, &Detail::new(say::OTHER_DEVICE)))),
        Err(TokenFault::Invalid | TokenFault::Inactive | TokenFault::Gone) => Ok(bad_token()),
    }
}

pub(super) fn verify(call: &Call<'_>, front: &Front) -> Answer {
    let form = form(call, VERIFY)?;
    let valid = front.people.verify(form.text("token").unwrap_or(""), call.now)?;
    Ok(if valid { json(200, &Empty {}) } else { bad_token() })
}

/// Follows the link of a mail, for clients that show a page of their own for it.
pub(super) fn activate(call: &Call<'_>, front: &Front) -> Answer {
    let proof = Proof { uid: call.param(0).to_owned(), token: call.param(1).to_owned() };
    match prove(front, &proof, call.now)? {
        Ok((account, _)) => {
            let pair = front.people.issue(&account, call.now)?;
            Ok(json(200, &TokenPair { refresh: &pair.refresh, access: &pair.access }))
        }
        Err(ProofFault::Nobody) => Ok(json(406, say::BAD_PROOF_OF)),
        Err(ProofFault::Invalid) => Ok(json(400, say::BAD_PROOF)),
    }
}

/// Takes a password from somebody who has none yet.
pub(super) fn set_password(call: &Call<'_>, front: &Front, member: &Member) -> Answer {
    let form = form(call, PASSWORD)?;
    let password = form.text("password").unwrap_or("");
    if password.chars().count() < 8 {
        return Ok(json(405, say::PASSWORD_SHORT));
    }
    let taken = front.people.set_first_password(member.account().id, password)?;
    Ok(if taken { json(200, say::PASSWORD_SET) } else { json(405, say::PASSWORD_KNOWN) })
}

fn bad_token() -> Response {
    challenge(json(401, &Detail::with_code(say::BAD_TOKEN, "token_not_valid")))
}

/// For how long a reservation is shown to its buyer after it changed.
const SHOWN: Duration = Duration::from_secs(7 * 24 * 3600);

/// Who is logged in, with what they have here. Where there is no shop nobody has anything.
pub(super) fn me(call: &Call<'_>, front: &Front, member: &Member) -> Answer {
    let account = member.account();
    let is_terminal = front.people.terminal(account.id)?.is_some();
    let is_staff = account.superuser || front.people.is_admin_anywhere(account)?;
    if !front.tenant.entry().category.traits().shop {
        return Ok(json(200, &WireMe::new(account, is_staff, is_terminal, vec![], vec![])));
    }
    let (bookings, tickets, payments, held, zone) = front.tenant.read(|tx| {
        let bookings = order::recent_bookings(tx, account.id, tx.now().minus(SHOWN))?;
        let tickets = ticket::of_bookings(tx, &bookings)?;
        let payments = order::payments_of(tx, &bookings)?;
        Ok((bookings, tickets, payments, membership::of_account(tx, account.id)?, place::zone(tx)?))
    })?;
    let own = |booking: &Booking| {
        let paid = payments.get(&booking.order.id).map_or(&[][..], Vec::as_slice);
        WireOwnReservation::new(booking, &tickets, paid, &call.origin, &zone)
    };
    let reservations = bookings.iter().filter_map(own).collect();
    let memberships = held.iter().map(|held| WireMembership::new(held, &zone)).collect();
    Ok(json(200, &WireMe::new(account, is_staff, is_terminal, reservations, memberships)))
}

/// What a key may do; it may come from a wrong address, and then hears so.
pub(super) fn keytest(call: &Call<'_>, front: &Front) -> Answer {
    let Presented::Key(text) = Presented::read(call.request.header("Authorization")) else {
        return Err(Error::Unauthenticated.into());
    };
    let (caller, ip_valid) = match front.people.check_key(text, call.client)? {
        KeyCheck::Right(caller) => (caller, true),
        KeyCheck::WrongAddress(caller) => (caller, false),
        KeyCheck::Unknown => {
            guess_failed(call)?;
            return Err(Error::Unauthenticated.into());
        }
        KeyCheck::NoKey => return Err(Error::Unauthenticated.into()),
    };
    let has = |right| caller.rights.has(right);
    let auth = KeyRights {
        event: has(Right::Event),
        product: has(Right::Product),
        price: has(Right::Prices),
        place: has(Right::Place),
        artist: has(Right::Artist),
        reservation: has(Right::Reservation),
        ticket: has(Right::Ticket),
    };
    Ok(json(200, &KeyTest { auth, ip_request: call.client.to_string(), ip_valid }))
}
