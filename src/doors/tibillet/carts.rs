//! `POST /api/orders/` and `PUT /api/orders/{id}/`: one order over several events, memberships and goods, with one payment,
//! placed by anybody, and changed by whoever knows its id for as long as it is held. The contract has none: ours follow
//! its style.

use super::caller::account;
use super::checkouts;
use super::data::{Body, Data};
use super::fields::{Field, Form, Given, Kind, read_uuid};
use super::json::Json;
use super::messages as say;
use super::orders::{Sheet, id};
use super::promotions;
use super::repeat::Repeat;
use super::reservations::{
    LIST_MAX, Names, OFFER, Parts, ask_for_proof, buyer, item, member, not_in_state,
    open_if_proven, refused_as, release_holds,
};
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::{Error, Refusal};
use crate::root::{By, Read, Tenant, Write};
use crate::trade::answered::Answered;
use crate::trade::membership::{self, Card, Claim};
use crate::trade::order::{self, Basket, Buyer, Holder, Order, State};
use crate::trade::price::Price;
use crate::trade::{event, option, product};
use crate::values::id::{AccountId, EventId, OptionId};
use crate::values::{Email, Money};
use std::collections::{BTreeMap, BTreeSet};

const TO_MAIL: Field = Field::new("to_mail", Kind::Boolean);
const ITEMS: Field = Field::new(
    "items",
    Kind::Raw(
        "Objects with price, quantity, and where they apply event, customers with first_name and last_name, \
         custom_amount, options",
    ),
)
.required();

pub(super) const FIELDS: &[Field] =
    &[Field::new("email", Kind::Email).required(), TO_MAIL, ITEMS, promotions::CODE, OFFER];

pub(super) const CHANGE: &[Field] = &[TO_MAIL, ITEMS, promotions::CODE];

const PARTS: Parts = Parts { price: "price", quantity: "quantity", amount: "custom_amount" };

const NAMES: Names = Names { event: "items", items: "items", options: "items", amount: "items" };

/// Places an order. With an `Idempotency-Key` the same request is answered the same way again.
pub(super) fn create(call: &Call<'_>, front: &Front) -> Answer {
    let body = Body::read(call)?;
    let repeat = Repeat::of(call, &body)?;
    if let Some(before) = repeat.before(&front.tenant)? {
        return checkouts::answer(call, &front.tenant, before, say::NO_CHECKOUT);
    }
    let data = body.data(call.desk.json_depth)?;
    let mut form = Form::check(FIELDS, &data, false, call.desk)?;
    let code = promotions::code(call, &form)?;
    let mut cart = front.tenant.read(|tx| Cart::read(tx, &data, &mut form, code))?;
    cart.basket.till = front.tenant.till(None)?;
    let email = form.text("email").and_then(Email::parse).ok_or(Error::Unauthenticated)?;
    let claims = Claim::ByLogin(account(call, front)?);
    let offer = form.text("offer");
    let buyer = Buyer { claims, ..buyer(call, front, email, cart.may_be_free, offer)? };
    release_holds(&front.tenant)?;
    let made = repeat.once(&front.tenant, By::Visitor, |tx| {
        cart.join(tx, buyer.account, &buyer.email)?;
        let placed = order::place(tx, &buyer, &cart.basket, call.desk.hold)?;
        cart.answer(tx, &placed, call, 201)
    });
    let made = made.map_err(|error| ask_for_proof(front, &buyer, error));
    let made = made.map_err(|error| refused(call, error, &front.tenant))?;
    if cart.may_be_free {
        open_if_proven(call, front, &buyer)?;
    }
    checkouts::answer(call, &front.tenant, made, say::NO_CHECKOUT)
}

/// Puts another cart in the place of one that is held, for the same buyer and for as long as that one would be.
pub(super) fn change(call: &Call<'_>, front: &Front) -> Answer {
    let id = id(call)?;
    let body = Body::read(call)?;
    let repeat = Repeat::of(call, &body)?;
    if let Some(before) = repeat.before(&front.tenant)? {
        return checkouts::answer(call, &front.tenant, before, say::NO_CHECKOUT);
    }
    let data = body.data(call.desk.json_depth)?;
    let mut form = Form::check(CHANGE, &data, false, call.desk)?;
    let code = promotions::code(call, &form)?;
    let (old, mut cart) = front
        .tenant
        .read(|tx| Ok((order::get(tx, id)?, Cart::read(tx, &data, &mut form, code)?)))?;
    cart.basket.till = front.tenant.till(None)?;
    let email = Email::parse(&old.email).ok_or(Error::NotFound)?;
    let claims = Claim::ByLogin(account(call, front)?);
    let buyer = Buyer { claims, ..buyer(call, front, email, cart.may_be_free, None)? };
    release_holds(&front.tenant)?;
    let made = repeat.once(&front.tenant, By::Visitor, |tx| {
        cart.join(tx, buyer.account, &buyer.email)?;
        let placed = order::change(tx, id, &buyer, &cart.basket, call.desk.hold)?;
        cart.answer(tx, &placed, call, 200)
    });
    let made = made.map_err(|error| ask_for_proof(front, &buyer, error));
    let made = made.map_err(|error| refused(call, error, &front.tenant))?;
    if cart.may_be_free {
        open_if_proven(call, front, &buyer)?;
    }
    checkouts::answer(call, &front.tenant, made, say::NO_CHECKOUT)
}

/// What was asked for, understood.
struct Cart {
    basket: Basket,
    /// Events at a price for members: their tickets go to the buyer's address alone.
    secret: BTreeSet<EventId>,
    /// Memberships, and in whose name.
    joins: Vec<(Price, Option<Holder>)>,
    /// Nothing in it costs anything, or a code may take all of it off.
    may_be_free: bool,
}

impl Cart {
    fn read(
        tx: &Read,
        data: &Data<'_>,
        form: &mut Form,
        code: Option<String>,
    ) -> Result<Self, Error> {
        let to_mail = data.value("to_mail").is_none()
            || !matches!(form.look("to_mail"), Given::Boolean(false));
        let may_be_free = code.is_some();
        let basket = Basket { to_mail, code, ..Basket::default() };
        let mut cart = Self { basket, secret: BTreeSet::new(), joins: vec![], may_be_free };
        let mut costs = false;
        let mut events = BTreeMap::new();
        for (n, value) in items(data, form).into_iter().enumerate() {
            match cart.add(tx, value, &mut events)? {
                Ok(amount) => costs |= amount > Money(0),
                Err(what) => form.fail("items", say::part(&(n + 1).to_string(), &what)),
            }
        }
        cart.may_be_free |= !costs;
        form.finish()?;
        Ok(cart)
    }

    /// Adds an item and says what its price is, or what is wrong with it. `events` remembers which are there.
    fn add(
        &mut self,
        tx: &Read,
        value: &Json<'_>,
        events: &mut BTreeMap<EventId, bool>,
    ) -> Result<Result<Money, String>, Error> {
        let (mut item, price) = match item(tx, value, &PARTS)? {
            Ok(found) => found,
            Err(what) => return Ok(Err(what)),
        };
        item.event = match event_of(tx, value, events)? {
            Ok(event) => event,
            Err(what) => return Ok(Err(what)),
        };
        let options = match options(tx, value)? {
            Ok(options) => options,
            Err(what) => return Ok(Err(what)),
        };
        match item.event {
            Some(event) => {
                self.basket.options.extend(options.into_iter().map(|option| (event, option)));
                if price.membership.is_some() {
                    self.secret.insert(event);
                }
            }
            None if options.is_empty() => {}
            None => return Ok(Err(say::part("options", say::NOT_SOLD))),
        }
        let amount = price.amount;
        if product::is_there(tx, price.product, true)? {
            self.joins.push((price, item.holders.first().cloned()));
        }
        self.basket.items.push(item);
        Ok(Ok(amount))
    }

    /// Writes down who joins. A name is always asked for, and a membership that is valid still is extended: nobody hears
    /// of an address whether it is a member's. Refused: a membership without a name.
    fn join(&self, tx: &Write, account: AccountId, email: &Email) -> Result<(), Error> {
        for (price, holder) in &self.joins {
            let known = membership::card(tx, account, price.id)?.map(|(card, ..)| card);
            if holder.is_none() {
                return Err(Error::Refused(Refusal::HoldersMissing));
            }
            let card = Card {
                first_name: holder.as_ref().map(|holder| holder.first_name.clone()),
                last_name: holder.as_ref().map(|holder| holder.last_name.clone()),
                newsletter: known.is_some_and(|card| card.newsletter),
                ..Card::default()
            };
            membership::write_card(tx, account, email, price.id, &card)?;
        }
        Ok(())
    }

    /// The order as whoever placed it may see it: tickets that cost nothing or are for members belong to who has the
    /// address, the others to who pays.
    fn answer(
        &self,
        tx: &Write,
        placed: &Order,
        call: &Call<'_>,
        status: u16,
    ) -> Result<Answered, Error> {
        let checkout = checkouts::begin(tx, placed, call)?;
        let sheet = Sheet::read(tx, placed.id)?;
        let free = sheet.lines.iter().filter(|line| line.unit.0 == 0);
        let mut secret: BTreeSet<EventId> = free.filter_map(|line| line.event).collect();
        secret.extend(&self.secret);
        let held = placed.state == State::Held;
        let shown = |booking: &order::Booking| held && !secret.contains(&booking.event);
        Ok(Answered { checkout, ..sheet.answered(status, shown)? })
    }
}

/// The items as they were sent.
fn items<'d, 'a>(data: &'d Data<'a>, form: &mut Form) -> Vec<&'d Json<'a>> {
    let what = match (data.value("items"), data.list("items")) {
        (_, Some(items)) if items.len() > LIST_MAX => say::list_too_long(LIST_MAX),
        (_, Some(items)) if items.is_empty() => say::NO_ITEM.to_owned(),
        (_, Some(items)) => return items,
        (None, _) => say::REQUIRED.to_owned(),
        (Some(_), _) => say::NOT_A_LIST.to_owned(),
    };
    form.fail("items", what);
    vec![]
}

/// The event that an item names, which must be on show.
fn event_of(
    tx: &Read,
    value: &Json<'_>,
    events: &mut BTreeMap<EventId, bool>,
) -> Result<Result<Option<EventId>, String>, Error> {
    let text = match member(value, "event") {
        None | Some(Json::Null) => return Ok(Ok(None)),
        Some(event) => event.as_python(),
    };
    let Some(id) = read_uuid(&text).map(EventId) else {
        return Ok(Err(say::part("event", &say::not_a_uuid(&text))));
    };
    if let std::collections::btree_map::Entry::Vacant(unknown) = events.entry(id) {
        unknown.insert(match event::get(tx, id) {
            Ok(event) => event.published,
            Err(Error::NotFound) => false,
            Err(other) => return Err(other),
        });
    }
    let there = events.get(&id).copied().unwrap_or(false);
    Ok(if there { Ok(Some(id)) } else { Err(say::part("event", &say::no_such_key(&text))) })
}

/// The options that an item names.
fn options(tx: &Read, value: &Json<'_>) -> Result<Result<Vec<OptionId>, String>, Error> {
    let values = match member(value, "options") {
        None | Some(Json::Null) => return Ok(Ok(vec![])),
        Some(Json::List(values)) if values.len() <= LIST_MAX => values,
        Some(Json::List(_)) => return Ok(Err(say::part("options", &say::list_too_long(LIST_MAX)))),
        Some(_) => return Ok(Err(say::part("options", say::NOT_A_LIST))),
    };
    let mut ids = vec![];
    for value in values {
        let text = value.as_python();
        match read_uuid(&text).map(OptionId) {
            Some(id) if option::is_there(tx, id)? => ids.push(id),
            _ => return Ok(Err(say::part("options", &say::no_such_key(&text)))),
        }
    }
    Ok(Ok(ids))
}

fn refused(call: &Call<'_>, error: Error, tenant: &Tenant) -> Failure {
    match not_in_state(promotions::guessed(call, error)) {
        Ok(answer) => answer,
        Err(error) => refused_as(&NAMES, error, tenant),
    }
}
