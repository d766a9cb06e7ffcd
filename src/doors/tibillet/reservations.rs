//! `/api/reservations/`: booking an evening. Anybody may; staff see them all.

use super::caller::hand;
use super::checkouts;
use super::data::{Body, Data};
use super::fields::{Field, Form, GENERAL, Given, Kind, read_money, read_uuid};
use super::json::Json;
use super::messages as say;
use super::promotions;
use super::repeat::{Repeat, reused};
use super::wire::json;
use super::wire_listed::WireBooked;
use super::wire_order::{
    WireCheckout, WireChosen, WireCustomer, WireOrderHead, WireReservation, WireReserved,
};
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::{Error, Refusal};
use crate::root::{By, Read, Staff, Tenant, Till, Write};
use crate::trade::answered::Answered;
use crate::trade::membership::Claim;
use crate::trade::order::{self, Basket, Booking, Buyer, Holder, Item};
use crate::trade::price::{self, Price};
use crate::trade::{event, option, outbox, place};
use crate::values::id::{BookingId, EventId, OptionId, PriceId};
use crate::values::{Email, Money};

pub(super) const FIELDS: &[Field] = &[
    Field::new("email", Kind::Email).required(),
    Field::new("to_mail", Kind::Boolean),
    Field::new("event", Kind::Key).required(),
    Field::new("options", Kind::Raw("Ids of options that were chosen; a form may leave them out")).required(),
    Field::new(
        "prices",
        Kind::Raw(
            "Objects with uuid, qty, for each ticket customers with first_name and last_name, and amount where the price is free",
        ),
    )
    .required(),
    promotions::CODE,
    OFFER,
];

/// What was sent to who waits: it takes the seats that are kept for them.
pub(super) const OFFER: Field = Field::new("offer", Kind::Text(100)).optional();

/// Most lines of a booking, and most options.
pub(super) const LIST_MAX: usize = 100;

/// Longest name of a holder.
const NAME_MAX: usize = 200;

pub(super) fn list(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let page = call.bounded_page()?;
    let (bookings, payments, zone) = staff.tenant().read(|tx| {
        let bookings = order::bookings(tx, page)?;
        let payments = order::payments_of(tx, &bookings)?;
        Ok((bookings, payments, place::zone(tx)?))
    })?;
    let paid = |booking: &Booking| payments.get(&booking.order.id).map_or(&[][..], Vec::as_slice);
    let wire: Vec<_> = bookings.iter().map(|b| WireBooked::new(b, paid(b), &zone)).collect();
    Ok(call.paged(json(200, &wire), page, wire.len()))
}

pub(super) fn show(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = read_uuid(call.param(0)).map(BookingId).ok_or(Error::NotFound)?;
    let (booking, payments, zone) = staff.tenant().read(|tx| {
        let booking = order::booking(tx, id)?;
        let payments = order::payments(tx, booking.order.id)?;
        Ok((booking, payments, place::zone(tx)?))
    })?;
    Ok(json(200, &WireBooked::new(&booking, &payments, &zone)))
}

/// Books. With an `Idempotency-Key` the same request is answered the same way again, and nothing is booked twice.
pub(super) fn create(call: &Call<'_>, front: &Front) -> Answer {
    let body = Body::read(call)?;
    let repeat = Repeat::of(call, &body)?;
    if let Some(before) = repeat.before(&front.tenant)? {
        return checkouts::answer(call, &front.tenant, before, say::NO_CHECKOUT);
    }
    let data = body.data(call.desk.json_depth)?;
    let mut form = Form::check(FIELDS, &data, false, call.desk)?;
    let code = promotions::code(call, &form)?;
    let (mut wanted, has_run_out) = front
        .tenant
        .read(|tx| Ok((Wanted::read(tx, &data, &mut form, code)?, order::any_to_release(tx)?)))?;
    wanted.basket.till = front.tenant.till(None)?;
    let email = form.text("email").and_then(Email::parse).ok_or(Error::Unauthenticated)?;
    let buyer = buyer(call, front, email, wanted.is_free, form.text("offer"))?;
    if has_run_out {
        release_holds(&front.tenant)?;
    }
    let made = repeat.once(&front.tenant, By::Visitor, |tx| wanted.book(tx, &buyer, call));
    let made = made.map_err(|error| ask_for_proof(front, &buyer, error));
    let made = made.map_err(|error| refused(promotions::guessed(call, error), &front.tenant))?;
    if wanted.is_free {
        open_if_proven(call, front, &buyer)?;
    }
    checkouts::answer(call, &front.tenant, made, say::NO_CHECKOUT)
}

/// Who buys with this address. Where the whole may be free, it is written down that something waits for a click.
pub(super) fn buyer(
    call: &Call<'_>,
    front: &Front,
    email: Email,
    may_be_free: bool,
    offer: Option<&str>,
) -> Result<Buyer, Failure> {
    let account = front.people.buyer(&email, &front.tenant, may_be_free)?;
    let (claims, hand) = (Claim::ByEmail, hand(call, front, account.id, offer)?);
    let proven = account.is_proven();
    Ok(Buyer { account: account.id, email, proven, claims, hand, named: true })
}

/// Sends who is refused for want of proof the link that gives it.
pub(super) fn ask_for_proof(front: &Front, buyer: &Buyer, error: Error) -> Error {
    if !matches!(error, Error::Refused(Refusal::ProofNeeded)) {
        return error;
    }
    let asked = |tx: &Write| outbox::confirm_email(tx, &buyer.email, buyer.account);
    front.tenant.write(By::Visitor, asked).err().unwrap_or(error)
}

/// Opens what was just placed where its buyer has proven the address meanwhile: whoever followed the link between our
/// look at the account and the write found nothing to open.
pub(super) fn open_if_proven(call: &Call<'_>, front: &Front, buyer: &Buyer) -> Result<(), Error> {
    if !buyer.is_sure() && front.people.has_proven_since(buyer.account, call.now)? {
        front.tenant.write(By::House, |tx| order::prove(tx, buyer.account))?;
    }
    Ok(())
}

/// May this cost nothing in the end? What a code takes off is not known yet.
pub(super) fn may_be_free<'p>(
    basket: &Basket,
    prices: impl IntoIterator<Item = &'p Price>,
) -> bool {
    basket.code.is_some() || prices.into_iter().all(|price| price.amount == Money(0))
}

/// Gives back what holds that have run out still count as taken, in writes of their own: one that is refused later would
/// undo it, and the next would have to do it all again.
pub(super) fn release_holds(tenant: &Tenant) -> Result<(), Error> {
    while tenant.read(order::any_to_release)? {
        tenant.write(By::House, order::release)?;
    }
    Ok(())
}

/// What was asked for, understood.
struct Wanted {
    event: EventId,
    basket: Basket,
    /// Tickets go to the buyer's address alone: a price for members is theirs who have that address.
    secret: bool,
    /// Nothing may be to be paid.
    is_free: bool,
}

impl Wanted {
    fn read(
        tx: &Read,
        data: &Data<'_>,
        form: &mut Form,
        code: Option<String>,
    ) -> Result<Self, Error> {
        let known = |id| match event::get(tx, EventId(id)) {
            Ok(event) => Ok(event.published),
            Err(Error::NotFound) => Ok(false),
            Err(other) => Err(other),
        };
        let event = form.key("event", known)?;
        let options = options(tx, data, form)?;
        let items = items(tx, data, form)?;
        form.finish()?;
        let event = EventId(event.ok_or(Error::NotFound)?);
        let secret = items.iter().any(|(_, price)| price.membership.is_some());
        let (items, prices): (Vec<_>, Vec<_>) = items.into_iter().unzip();
        let items = items.into_iter().map(|item| Item { event: Some(event), ..item }).collect();
        let to_mail = !matches!(form.look("to_mail"), Given::Boolean(false))
            || data.value("to_mail").is_none();
        let options = options.into_iter().map(|option| (event, option)).collect();
        let basket = Basket { items, options, to_mail, code, till: Till::default() };
        let is_free = may_be_free(&basket, &prices);
        Ok(Self { event, basket, secret, is_free })
    }

    fn book(&self, tx: &Write, buyer: &Buyer, call: &Call<'_>) -> Result<Answered, Error> {
        let placed = order::place(tx, buyer, &self.basket, call.desk.hold)?;
        let checkout = checkouts::begin(tx, &placed, call)?;
        let (bookings, payments) =
            (order::bookings_of(tx, placed.id)?, order::payments(tx, placed.id)?);
        let booking =
            bookings.first().ok_or_else(|| Error::internal("an order without its booking"))?;
        let zone = place::zone(tx)?;
        let prices = self.basket.items.iter().map(|item| {
            let customers = item.holders.iter();
            let customers = customers.map(|holder| WireCustomer {
                first_name: &holder.first_name,
                last_name: &holder.last_name,
            });
            WireChosen { uuid: item.price.0, qty: item.quantity, customers: customers.collect() }
        });
        let wire = WireReserved {
            email: buyer.email.as_str(),
            to_mail: self.basket.to_mail,
            event: self.event.0,
            options: self.basket.options.iter().map(|(_, option)| option.0).collect(),
            prices: prices.collect(),
            // What is free, or for members, belongs to who has the address; what is to be paid, to who pays.
            reservation: WireReservation::new(
                booking,
                &payments,
                &zone,
                !self.secret && placed.total > Money(0),
            ),
            order: WireOrderHead::new(&placed, &payments),
            online: WireCheckout::default(),
        };
        let body = serde_json::to_vec(&wire).map_err(|e| Error::Internal(Box::new(e)))?;
        Ok(Answered { status: 201, body, checkout })
    }
}

fn options(tx: &Read, data: &Data<'_>, form: &mut Form) -> Result<Vec<OptionId>, Error> {
    let mut ids = vec![];
    let Some(values) = data.list("options") else {
        if !data.is_form {
            form.fail(
                "options",
                if data.value("options").is_some() { say::NULL } else { say::REQUIRED },
            );
        }
        return Ok(ids);
    };
    if values.len() > LIST_MAX {
        form.fail("options", say::list_too_long(LIST_MAX));
        return Ok(ids);
    }
    for value in values {
        let text = value.as_python();
        match read_uuid(&text).map(OptionId) {
            Some(id) if option::is_there(tx, id)? => ids.push(id),
            Some(_) => form.fail("options", say::no_such_key(&text)),
            None => form.fail("options", say::not_a_uuid(&text)),
        }
    }
    Ok(ids)
}

/// What each price is chosen with; the event is filled in later.
fn items(tx: &Read, data: &Data<'_>, form: &mut Form) -> Result<Vec<(Item, Price)>, Error> {
    let Some(values) = data.list("prices") else {
        form.fail("prices", if data.value("prices").is_some() { say::NULL } else { say::REQUIRED });
        return Ok(vec![]);
    };
    if values.len() > LIST_MAX {
        form.fail("prices", say::list_too_long(LIST_MAX));
        return Ok(vec![]);
    }
    let mut items = vec![];
    for value in values {
        match item(tx, value, &BOOKED)? {
            Ok(item) => items.push(item),
            Err(what) => form.fail("prices", what),
        }
    }
    if items.is_empty() {
        form.fail("prices", say::NO_TICKET);
    }
    Ok(items)
}

/// What the parts of an item are called.
pub(super) struct Parts {
    pub(super) price: &'static str,
    pub(super) quantity: &'static str,
    pub(super) amount: &'static str,
}

const BOOKED: Parts = Parts { price: "uuid", quantity: "qty", amount: "amount" };

/// So many of one price, or what is wrong with them.
pub(super) fn item(
    tx: &Read,
    value: &Json<'_>,
    parts: &Parts,
) -> Result<Result<(Item, Price), String>, Error> {
    let id = member(value, parts.price).map(Json::as_python).unwrap_or_default();
    let price = match read_uuid(&id).map(PriceId) {
        Some(id) => match price::get(tx, id) {
            Ok(price) => Some(price),
            Err(Error::NotFound) => None,
            Err(other) => return Err(other),
        },
        None => None,
    };
    let Some(price) = price else { return Ok(Err(say::no_price(&id))) };
    let quantity = member(value, parts.quantity).map(Json::as_python).unwrap_or_default();
    // A whole number, also one written as a float, as in the contract.
    let whole = quantity.strip_suffix(".0").unwrap_or(&quantity);
    let Some(quantity) =
        whole.parse::<u16>().ok().filter(|quantity| (1..=1_000).contains(quantity))
    else {
        return Ok(Err(say::bad_quantity(parts.quantity, &quantity)));
    };
    let amount = match member(value, parts.amount) {
        None | Some(Json::Null) => None,
        Some(amount) => match read_money(amount) {
            Ok(amount) => Some(amount),
            Err(what) => return Ok(Err(say::part(parts.amount, &what))),
        },
    };
    let Some(holders) = holders(value, quantity) else {
        return Ok(Err(say::NO_HOLDER_NAME.to_owned()));
    };
    let item = Item { event: None, price: price.id, quantity, holders, amount };
    Ok(Ok((item, price)))
}

/// Whose names are on the tickets, as many as are told; none when one has no name.
fn holders(value: &Json<'_>, quantity: u16) -> Option<Vec<Holder>> {
    let mut holders = vec![];
    if let Some(Json::List(customers)) = member(value, "customers") {
        // One more than there are places is wrong already.
        for customer in customers.iter().take(usize::from(quantity) + 1) {
            let name = |part| match member(customer, part) {
                Some(Json::Text(name)) => Some(name.trim())
                    .filter(|name| !name.is_empty() && !name.contains(char::is_control)),
                _ => None,
            };
            let (first, last) = (name("first_name")?, name("last_name")?);
            let short = |name: &str| name.chars().take(NAME_MAX).collect::<String>();
            holders.push(Holder { first_name: short(first), last_name: short(last) });
        }
    }
    Some(holders)
}

pub(super) fn member<'j, 'a>(value: &'j Json<'a>, name: &str) -> Option<&'j Json<'a>> {
    match value {
        Json::Object(members) => {
            members.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
        }
        _ => None,
    }
}

/// What an order's state does not allow is a conflict; anything else comes back.
pub(super) fn not_in_state(error: Error) -> Result<Failure, Error> {
    match error {
        Error::Refused(Refusal::NotHeld(state)) => {
            Ok(Failure::Answer(json(409, &say::order_is(state))))
        }
        Error::Refused(Refusal::PartlyPaid) => {
            Ok(Failure::Answer(json(409, say::ORDER_PARTLY_PAID)))
        }
        Error::Refused(Refusal::ChangeTooLate) => {
            Ok(Failure::Answer(json(409, say::CHANGE_TOO_LATE)))
        }
        other => Err(other),
    }
}

/// Under which fields a body speaks of what is refused.
pub(super) struct Names {
    pub(super) event: &'static str,
    pub(super) items: &'static str,
    pub(super) options: &'static str,
    pub(super) amount: &'static str,
}

const NAMES: Names =
    Names { event: "event", items: "prices", options: "options", amount: "prices" };

/// Refusals of the trade in the contract's words, under its fields.
pub(super) fn refused(error: Error, tenant: &Tenant) -> Failure {
    refused_as(&NAMES, error, tenant)
}

/// The same, under the fields of another body.
pub(super) fn refused_as(names: &Names, error: Error, tenant: &Tenant) -> Failure {
    let Error::Refused(refusal) = error else { return error.into() };
    let (field, what) = match &refusal {
        Refusal::SoldOut { left: 0, back: None } => (names.event, say::FULL.to_owned()),
        Refusal::SoldOut { left, back } => {
            let clock = tenant.read(place::zone).ok();
            let back = back.zip(clock).map(|(at, zone)| zone.iso(at));
            (GENERAL, say::places_left(*left, back.as_deref()))
        }
        Refusal::OutOfStock { left, back } => {
            let clock = tenant.read(place::zone).ok();
            let back = back.zip(clock).map(|(at, zone)| zone.iso(at));
            (GENERAL, say::pieces_left(*left, back.as_deref()))
        }
        Refusal::LimitReached(_) => (GENERAL, say::OVER_LIMIT.to_owned()),
        Refusal::NotMember(_) => (names.items, say::NOT_A_MEMBER.to_owned()),
        Refusal::ProofNeeded => (GENERAL, say::PROVE_FIRST.to_owned()),
        Refusal::LoginNeeded => (names.items, say::LOGIN_NEEDED.to_owned()),
        Refusal::HoldersMissing => (names.items, say::HOLDERS_MISSING.to_owned()),
        Refusal::NothingChosen => (names.items, say::NO_TICKET.to_owned()),
        Refusal::NotSold => (GENERAL, say::NOT_SOLD.to_owned()),
        Refusal::NoPromotion(why) => ("promo_code", promotions::sentence(*why).to_owned()),
        Refusal::AmountFixed => (names.amount, say::AMOUNT_FIXED.to_owned()),
        Refusal::AmountOutside { least } => (names.amount, say::amount_outside(least)),
        Refusal::OneOption => (names.options, say::ONE_OPTION.to_owned()),
        Refusal::EventOver => (names.event, say::EVENT_OVER.to_owned()),
        Refusal::OptionNotOffered(id) => (GENERAL, say::option_not_offered(&id.to_string())),
        Refusal::KeyReused => return reused(Error::Refused(refusal)),
        _ => return Error::Refused(refusal).into(),
    };
    Error::invalid(field, what).into()
}
