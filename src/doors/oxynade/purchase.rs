//! What was bought: purchases, their tickets and their money.

use super::ctx::{Ctx, Fault, Told, cut, int};
use super::people::Customer;
use super::scalars::{CurrencyCode, Float, Moment, sent};
use super::shop::{Distribution, Event, TicketType, currency, events};
use crate::error::Error;
use crate::root::Account;
use crate::root::network::Shop;
use crate::trade::Page;
use crate::trade::offer::Wanted;
use crate::trade::order::{Means, State};
use crate::trade::purchase::{self, Held, How, Paid, Purchase as Sale};
use crate::trade::transfer::Transfer;
use crate::values::Money;
use juniper::{
    DefaultScalarValue, Executor, GraphQLEnum, GraphQLInterface, GraphQLObject, ID, graphql_object,
};
use std::sync::Arc;

/// How a purchase stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, GraphQLEnum)]
pub(super) enum PurchaseStatus {
    /// Held until it is paid.
    Open,
    /// Paid.
    Confirmed,
    /// Given up.
    Cancelled,
    /// Not paid in time.
    Expired,
    /// Given back.
    Refunded,
}

impl From<State> for PurchaseStatus {
    fn from(state: State) -> Self {
        match state {
            State::Held => Self::Open,
            State::Paid => Self::Confirmed,
            State::Cancelled => Self::Cancelled,
            State::Expired => Self::Expired,
            State::Refunded => Self::Refunded,
        }
    }
}

/// What is bought at once.
pub(super) struct Purchase {
    pub(super) shop: Arc<Shop>,
    pub(super) sale: Sale,
}

/// A ticket.
pub(super) struct Ticket {
    held: Held,
    event: Option<Arc<Event>>,
    is_secret: bool,
}

/// Money that came or is awaited.
#[derive(GraphQLInterface)]
#[graphql(
    context = Ctx,
    scalar = DefaultScalarValue,
    for = [PublicSupervisedPayment, PublicWireTransferPayment, PublicCardPayment, PublicCounterPayment]
)]
pub(super) struct Payment {
    id: i32,
    price: Float,
    confirmed_at: Option<Moment>,
}

/// Through a payment service.
#[derive(GraphQLObject)]
#[graphql(context = Ctx, scalar = DefaultScalarValue, impl = PaymentValue)]
pub(super) struct PublicSupervisedPayment {
    id: i32,
    price: Float,
    confirmed_at: Option<Moment>,
    provider: &'static str,
    /// The page to pay at, while it is awaited.
    redirect_url: Option<String>,
}

/// By bank.
#[derive(GraphQLObject)]
#[graphql(context = Ctx, scalar = DefaultScalarValue, impl = PaymentValue)]
pub(super) struct PublicWireTransferPayment {
    id: i32,
    price: Float,
    confirmed_at: Option<Moment>,
    iban: String,
    reference: String,
    due_at: Option<Moment>,
}

/// With a cashless card. No purchase is paid so yet; documents that name it are valid all the same.
#[derive(GraphQLObject)]
#[graphql(context = Ctx, scalar = DefaultScalarValue, impl = PaymentValue)]
pub(super) struct PublicCardPayment {
    id: i32,
    price: Float,
    confirmed_at: Option<Moment>,
    card_number: String,
}

/// At the counter, or nothing was to be paid.
#[derive(GraphQLObject)]
#[graphql(context = Ctx, scalar = DefaultScalarValue, impl = PaymentValue)]
pub(super) struct PublicCounterPayment {
    id: i32,
    price: Float,
    confirmed_at: Option<Moment>,
    /// `cash`, `cheque`, `transfer`, `terminal`, `free`.
    means: &'static str,
}

pub(super) fn supervised(paid: &Paid, url: Option<String>) -> PublicSupervisedPayment {
    PublicSupervisedPayment {
        id: int(paid.no),
        price: sent(paid.amount),
        confirmed_at: paid.confirmed.map(Moment),
        provider: Means::Stripe.as_str(),
        redirect_url: url,
    }
}

pub(super) fn by_bank(paid: &Paid, transfer: &Transfer) -> PublicWireTransferPayment {
    PublicWireTransferPayment {
        id: int(paid.no),
        price: sent(paid.amount),
        confirmed_at: paid.confirmed.map(Moment),
        iban: transfer.account.clone(),
        reference: transfer.reference.clone(),
        due_at: Some(Moment(transfer.due)),
    }
}

fn payment(paid: Paid) -> PaymentValue {
    match &paid.how {
        How::Online(url) => supervised(&paid, url.clone()).into(),
        How::Transfer(transfer) => by_bank(&paid, transfer).into(),
        How::Counter(means) => PublicCounterPayment {
            id: int(paid.no),
            price: sent(paid.amount),
            confirmed_at: paid.confirmed.map(Moment),
            means: means.as_str(),
        }
        .into(),
    }
}

impl Purchase {
    /// An order of a shop's tenant.
    pub(super) fn read(
        context: &Ctx,
        tenant: &Shop,
        id: crate::values::id::OrderId,
    ) -> Result<Self, Error> {
        let sale = tenant.tenant()?.read(|tx| purchase::get(tx, id))?;
        let shop = context.network.shop_of(tenant.organizer.id, sale.distribution)?;
        Ok(Self { shop: Arc::new(shop.ok_or(Error::NotFound)?), sale })
    }

    /// The purchase that the token is signed with.
    pub(super) fn signed(context: &Ctx) -> Told<Self> {
        let order = context.visit().and_then(|visit| visit.session.order);
        let (tenant, id) = order.ok_or(Fault(Error::Unauthenticated))?;
        let shop = context.network.shop_of(tenant, None)?.ok_or(Error::NotFound)?;
        Ok(Self::read(context, &shop, id)?)
    }

    /// What a customer bought, the newest first.
    pub(super) fn of_customer(context: &Ctx, account: &Account, page: Page) -> Told<Vec<Self>> {
        let claimed = (!account.is_proven()).then_some(account.password_changed);
        let most = page.limit + page.offset;
        let mut all = vec![];
        for shop in context.network.bought_at(account.id)? {
            let found =
                shop.tenant()?.read(|tx| purchase::of_account(tx, account.id, claimed, most))?;
            let shops = context.network.shops(&shop)?;
            let (shop, shops) =
                (Arc::new(shop), shops.into_iter().map(Arc::new).collect::<Vec<_>>());
            all.extend(found.into_iter().map(|sale| {
                let own = shops.iter().find(|one| Some(one.distribution.id) == sale.distribution);
                Self { shop: own.unwrap_or(&shop).clone(), sale }
            }));
        }
        all.sort_by_key(|one| std::cmp::Reverse((one.sale.order.placed, one.sale.no)));
        Ok(cut(all, page))
    }
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl Purchase {
    fn id(&self) -> i32 {
        int(self.sale.no)
    }
    fn uuid(&self) -> ID {
        ID::new(self.sale.order.id.to_string())
    }
    fn price(&self) -> Float {
        sent(self.sale.order.total)
    }
    fn currency(&self) -> Told<CurrencyCode> {
        Ok(currency(&self.sale.currency)?)
    }
    fn status(&self) -> PurchaseStatus {
        self.sale.order.state.into()
    }
    /// Until when it is held.
    fn expires_at(&self) -> Option<Moment> {
        (self.sale.order.state == State::Held).then_some(Moment(self.sale.order.expires))
    }
    fn tickets(
        &self,
        executor: &Executor<'_, '_, Ctx, DefaultScalarValue>,
        context: &Ctx,
    ) -> Told<Vec<Ticket>> {
        let held = self.shop.tenant()?.read(|tx| purchase::tickets(tx, self.sale.order.id))?;
        let children = executor.look_ahead().children();
        let mut known = vec![];
        if children.has_child("event") || children.has_child("ticketType") {
            let mut ids: Vec<_> = held.iter().map(|one| one.ticket.event).collect();
            ids.sort_unstable();
            ids.dedup();
            let wanted = Wanted {
                events: Some(ids),
                hidden: true,
                gone: true,
                tickets: true,
                numbers: true,
                ..Wanted::default()
            };
            known = events(&self.shop, &wanted, Page::ALL)?.into_iter().map(Arc::new).collect();
        }
        // What cost nothing is told to whoever has the address, and to who sells it at the counter.
        let visit = context.visit();
        let order = &self.sale.order;
        let is_told = match visit.map(|visit| (visit.customer, visit.operator)) {
            Some((Some(customer), _)) if customer.id == order.account => true,
            Some((_, Some(seller))) => {
                context.network.may_sell(&seller, self.shop.distribution.id)?
            }
            _ => false,
        };
        let is_secret = order.total == Money(0) && !is_told;
        let ticket = |held: Held| Ticket {
            event: known
                .iter()
                .find(|one: &&Arc<Event>| one.offered.event.id == held.ticket.event)
                .cloned(),
            held,
            is_secret,
        };
        Ok(held.into_iter().map(ticket).collect())
    }
    fn payments(&self) -> Told<Vec<PaymentValue>> {
        let all = self.shop.tenant()?.read(|tx| purchase::payments(tx, self.sale.order.id))?;
        Ok(all.into_iter().map(payment).collect())
    }
    /// Who buys, once that was said: to who is logged in as them all that is known, to anybody else what was said here.
    fn customer(&self, context: &Ctx) -> Told<Option<Customer>> {
        let order = &self.sale.order;
        let Some(account) = context.network.account(order.account)? else { return Ok(None) };
        let own = context.visit().and_then(|visit| visit.customer);
        if own.is_some_and(|own| own.id == account.id) {
            return Ok(Some(Customer::of(account)));
        }
        let holder = self.shop.tenant()?.read(|tx| purchase::first_holder(tx, order.id))?;
        Ok(Some(Customer::of_purchase(order, holder, &self.shop.organizer)))
    }
    fn distribution(&self) -> Distribution {
        Distribution { shop: self.shop.clone() }
    }
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl Ticket {
    fn id(&self) -> i32 {
        int(self.held.no)
    }
    fn uuid(&self) -> ID {
        ID::new(if self.is_secret { String::new() } else { self.held.ticket.id.to_string() })
    }
    /// What was paid for it, fees included.
    fn price(&self) -> Float {
        sent(self.held.unit)
    }
    /// What a gate reads; empty where that is told by mail alone.
    fn barcode(&self) -> String {
        if self.is_secret { String::new() } else { self.held.ticket.id.to_string() }
    }
    /// `N`: not paid, `K`: opens the door, `S`: was let in, `R`: given back.
    fn status(&self) -> &str {
        self.held.ticket.state.as_str()
    }
    fn ticket_type(&self) -> Told<TicketType> {
        let event = self.event.as_ref().ok_or(Error::NotFound)?;
        let found = event.ticket_type(self.held.price).ok_or(Error::NotFound)?;
        Ok(found)
    }
    fn event(&self) -> Told<Event> {
        let event = self.event.as_ref().ok_or(Error::NotFound)?;
        Ok(Event { programme: event.programme.clone(), offered: event.offered.clone() })
    }
    fn scanned_at(&self) -> Option<Moment> {
        self.held.scanned.map(Moment)
    }
}
