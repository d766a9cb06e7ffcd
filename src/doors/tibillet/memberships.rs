//! `/api/membership/` and its neighbours: joining, and what needs the cards and payments that are not there yet.

use super::checkouts;
use super::data::Body;
use super::fields::{Field, Form, GENERAL, Given, Kind};
use super::messages as say;
use super::promotions;
use super::repeat::Repeat;
use super::reservations::{Names, buyer, may_be_free, open_if_proven, refused_as, release_holds};
use super::wire::json;
use super::wire_order::{WireCheckout, WireJoined, WireOrderHead};
use crate::doors::{Answer, Call, Front};
use crate::error::Error;
use crate::root::{By, Member, Read};
use crate::trade::answered::Answered;
use crate::trade::membership::{self, Card};
use crate::trade::order::{self, Basket, Item};
use crate::trade::price::{self, Price};
use crate::trade::{place, product};
use crate::values::id::{AccountId, PriceId};
use crate::values::{Email, Money};

pub(super) const FIELDS: &[Field] = &[
    Field::new("adhesion", Kind::Key).required(),
    Field::new("email", Kind::Email).required(),
    Field::new("first_name", Kind::Text(200)).optional(),
    Field::new("last_name", Kind::Text(200)).optional(),
    Field::new("phone", Kind::Text(20)).optional(),
    Field::new("postal_code", Kind::Integer { min: 0, max: i32::MAX as i64, floor: 0 }).or_null(),
    Field::new("birth_date", Kind::Text(10)).optional(),
    Field::new("newsletter", Kind::Boolean),
    Field::new("custom_amount", Kind::Money).or_null(),
    promotions::CODE,
];

const NAMES: Names =
    Names { event: "event", items: "prices", options: "options", amount: "custom_amount" };

pub(super) const CANCEL: &[Field] = &[Field::new("uuid_price", Kind::Key).required()];

/// Joins: writes down who it is, and places the order that is to be paid.
pub(super) fn create(call: &Call<'_>, front: &Front) -> Answer {
    let body = Body::read(call)?;
    let repeat = Repeat::of(call, &body)?;
    if let Some(before) = repeat.before(&front.tenant)? {
        return checkouts::answer(call, &front.tenant, before, say::NO_MEMBER_CHECKOUT);
    }
    let data = body.data(call.desk.json_depth)?;
    let mut form = Form::check(FIELDS, &data, false, call.desk)?;
    let code = promotions::code(call, &form)?;
    let price = front.tenant.read(|tx| price_of(tx, &mut form))?;
    let email = form.text("email").and_then(Email::parse).ok_or(Error::Unauthenticated)?;
    let card = card(&mut form, data.value("newsletter").is_some());
    let amount = match form.take("custom_amount") {
        Given::Money(amount) => Some(amount),
        _ => None,
    };
    let item = Item { event: None, price: price.id, quantity: 1, holders: vec![], amount };
    let basket =
        Basket { items: vec![item], code, till: front.tenant.till(None)?, ..Basket::default() };
    let buyer = buyer(call, front, email, may_be_free(&basket, [&price]), None)?;
    release_holds(&front.tenant)?;
    let made = repeat.once(&front.tenant, By::Visitor, |tx| {
        check_card(tx, buyer.account, &price, &card)?;
        membership::write_card(tx, buyer.account, &buyer.email, price.id, &card)?;
        let placed = order::place(tx, &buyer, &basket, call.desk.hold)?;
        let checkout = checkouts::begin(tx, &placed, call)?;
        let payments = order::payments(tx, placed.id)?;
        let order = WireOrderHead::new(&placed, &payments);
        let wire = WireJoined {
            adhesion: price.id.0,
            email: buyer.email.as_str(),
            order,
            online: WireCheckout::default(),
        };
        let body = serde_json::to_vec(&wire).map_err(|e| Error::Internal(Box::new(e)))?;
        Ok(Answered { status: 201, body, checkout })
    });
    let made = made.map_err(|error| match error {
        Error::Invalid(_) => error.into(),
        other => refused_as(&NAMES, promotions::guessed(call, other), &front.tenant),
    })?;
    if price.amount == Money(0) || basket.code.is_some() {
        open_if_proven(call, front, &buyer)?;
    }
    checkouts::answer(call, &front.tenant, made, say::NO_MEMBER_CHECKOUT)
}

/// The price that is named, which must be one of a membership.
fn price_of(tx: &Read, form: &mut Form) -> Result<Price, Error> {
    let is_membership = |id| match price::get(tx, PriceId(id)) {
        Ok(price) => product::is_there(tx, price.product, true),
        Err(Error::NotFound) => Ok(false),
        Err(other) => Err(other),
    };
    let id = form.key("adhesion", is_membership)?;
    form.finish()?;
    price::get(tx, PriceId(id.ok_or(Error::NotFound)?))
}

fn card(form: &mut Form, newsletter_said: bool) -> Card {
    let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Card {
        first_name: form.text("first_name").and_then(filled),
        last_name: form.text("last_name").and_then(filled),
        phone: form.text("phone").and_then(filled),
        postal_code: match form.look("postal_code") {
            Given::Integer(code) => Some(*code),
            _ => None,
        },
        birth_date: form.text("birth_date").and_then(filled),
        newsletter: !newsletter_said || matches!(form.look("newsletter"), Given::Boolean(true)),
    }
}

/// What the contract wants known of a member, and that the membership is not valid already.
fn check_card(tx: &Read, account: AccountId, price: &Price, said: &Card) -> Result<(), Error> {
    let known = membership::card(tx, account, price.id)?;
    let (card, ..) = known.unwrap_or_default();
    for (said, known, what) in [
        (&said.first_name, &card.first_name, "first_name est obligatoire"),
        (&said.last_name, &card.last_name, "last_name est obligatoire"),
        (&said.phone, &card.phone, "phone est obligatoire"),
    ] {
        if said.is_none() && known.is_none() {
            return Err(Error::invalid("email", what));
        }
    }
    check_over(tx, account, price, "email")
}

/// Refuses a membership that is valid still, under this field.
pub(super) fn check_over(
    tx: &Read,
    account: AccountId,
    price: &Price,
    field: &'static str,
) -> Result<(), Error> {
    let valid = match membership::card(tx, account, price.id)? {
        Some((_, _, Some(ends))) if ends > tx.now() => place::zone(tx)?.format(ends, "%Y-%m-%d"),
        Some((_, true, None)) => "9999-12-31".to_owned(),
        _ => return Ok(()),
    };
    Err(Error::invalid(field, say::valid_until(&valid)))
}

/// No membership renews itself yet, so there is nothing to end.
pub(super) fn cancel(call: &Call<'_>, front: &Front, member: &Member) -> Answer {
    let body = Body::read(call)?;
    let mut form = Form::check(CANCEL, &body.data(call.desk.json_depth)?, false, call.desk)?;
    form.finish()?;
    let Given::Key(id) = form.take("uuid_price") else { return Err(Error::NotFound.into()) };
    let known = front.tenant.read(|tx| membership::card(tx, member.account().id, PriceId(id)))?;
    known.ok_or(Error::NotFound)?;
    Ok(json(406, say::NO_RENEWAL))
}

/// Cards are filled by a cashless server, of which there is none.
pub(super) fn charge(_: &Call<'_>, _: &Front, _: &Member) -> Answer {
    Ok(json(405, say::NO_CASHLESS))
}

/// Makes an account, inactive until its e-mail is proven, and sends the mail that proves it; of an account that is active
/// it is a link to log in. A password is taken once the address is proven, not before: else a stranger could choose it for
/// somebody.
pub(super) fn create_user(call: &Call<'_>, front: &Front) -> Answer {
    let body = Body::read(call)?;
    let mut form = Form::check(USER, &body.data(call.desk.json_depth)?, false, call.desk)?;
    form.finish()?;
    let email = form.text("email").and_then(Email::parse);
    let email = email.ok_or_else(|| Error::invalid(GENERAL, say::NOT_AN_EMAIL))?;
    let account = front.people.find_or_make(&email)?;
    front
        .tenant
        .write(By::Visitor, |tx| crate::trade::outbox::confirm_email(tx, &email, account.id))?;
    Ok(json(200, say::CONFIRM_EMAIL))
}

pub(super) const USER: &[Field] = &[
    Field::new("email", Kind::Email).required(),
    Field::new(
        "password",
        Kind::Raw("Not taken here: the page that the letter links to asks for one"),
    ),
];
