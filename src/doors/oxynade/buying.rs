//! Buying: what a token's holder does with one purchase.

use super::ctx::{Ctx, Fault, Told};
use super::people::Customer;
use super::purchase::{
    PublicSupervisedPayment, PublicWireTransferPayment, Purchase, by_bank, supervised,
};
use super::scalars::LangCode;
use crate::error::{Error, Refusal};
use crate::root::customer::Says;
use crate::root::network::Shop;
use crate::root::people::check_new_password;
use crate::root::{Account, By, Tenant, Write};
use crate::trade::membership::Claim;
use crate::trade::order::{self, Basket, Buyer, Hand, Hold, Holder, Means, State};
use crate::trade::purchase::{self, How};
use crate::trade::{checkout, number, offer, outbox, transfer};
use crate::values::id::{AccountId, OrderId, PaymentId, TicketId};
use crate::values::{Email, Money, is_plain};
use juniper::{DefaultScalarValue, GraphQLInputObject, graphql_object};

/// So many tickets of a type.
#[derive(GraphQLInputObject)]
pub(super) struct TicketLineInput {
    ticket_type_id: i32,
    #[graphql(default = 1)]
    quantity: i32,
}

/// Who buys.
#[derive(GraphQLInputObject)]
pub(super) struct CustomerInput {
    email: String,
    password: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    phone: Option<String>,
    lang_code: Option<LangCode>,
}

/// What anybody may do at a channel.
pub(super) struct DistributionMutation {
    pub(super) shop: Shop,
}

/// What whoever holds the token of a purchase may do with it.
pub(super) struct PurchaseMutation {
    pub(super) purchase: Purchase,
}

/// What a customer may do with himself.
pub(super) struct CustomerMutation {
    pub(super) account: Account,
}

/// Most lines of one request, and most tickets of one purchase.
const LINES: usize = 50;
const TICKETS: i32 = 200;

impl CustomerInput {
    pub(super) fn email(&self) -> Told<Email> {
        Email::parse(&self.email).ok_or_else(|| Fault::field("email", "is no e-mail"))
    }

    pub(super) fn says(&self) -> Told<Says<'_>> {
        for (name, value, most) in [
            ("firstName", &self.first_name, 100),
            ("lastName", &self.last_name, 100),
            ("phone", &self.phone, 20),
        ] {
            if value.as_ref().is_some_and(|value| !is_plain(value, most)) {
                let what = format!("must have {most} characters on one line at the most");
                return Err(Fault::field(name, what));
            }
        }
        Ok(Says {
            first_name: self.first_name.as_deref(),
            last_name: self.last_name.as_deref(),
            phone: self.phone.as_deref(),
            language: self.lang_code.map(LangCode::as_str),
        })
    }

    fn holder(&self) -> Holder {
        Holder {
            first_name: self.first_name.clone().unwrap_or_default(),
            last_name: self.last_name.clone().unwrap_or_default(),
        }
    }
}

/// Nobody has said who buys: an id that is nobody's, and an address that nothing is sent to.
fn nobody() -> Result<Buyer, Error> {
    let email = Email::parse("nobody@nobody.invalid");
    Ok(Buyer {
        account: AccountId::new(),
        email: email.ok_or_else(|| Error::internal("an address"))?,
        proven: false,
        claims: Claim::ByLogin(None),
        hand: Hand::Anybody,
        named: false,
    })
}

/// Who buys, with this account; `own`: logged in as it.
fn somebody(account: &Account, own: bool) -> Buyer {
    let hand = match own {
        true if account.claimed => Hand::Claimant,
        true => Hand::Owner,
        false => Hand::Anybody,
    };
    Buyer {
        account: account.id,
        email: account.email.clone(),
        proven: account.is_proven(),
        claims: Claim::ByLogin(own.then_some(account.id)),
        hand,
        named: true,
    }
}

/// Who holds what is bought: not longer, where nothing is to be paid, than where something is, before anybody is named.
fn hold(context: &Ctx, buyer: &Buyer) -> Hold {
    let Hold { payment, proof, page } = context.hold;
    Hold { payment, page, proof: if buyer.named { proof } else { payment } }
}

/// Holds that have run out are given back in a write of their own.
fn release(tenant: &Tenant) -> Result<(), Error> {
    while tenant.read(order::any_to_release)? {
        tenant.write(By::House, order::release)?;
    }
    Ok(())
}

/// Puts the lines into a basket. Refused: a type that is not offered through this channel.
fn fill(shop: &Shop, basket: &mut Basket, lines: &[TicketLineInput], holder: &Holder) -> Told<()> {
    if lines.is_empty() || lines.len() > LINES {
        return Err(Fault::field("tickets", format!("must be 1 to {LINES} lines")));
    }
    let wanted: i32 = lines.iter().map(|line| line.quantity.clamp(0, TICKETS + 1)).sum();
    let held = basket.items.iter().map(|item| i32::from(item.quantity)).sum::<i32>();
    if lines.iter().any(|line| line.quantity < 1) {
        return Err(Fault::field("quantity", "must be 1 at the least"));
    }
    if wanted + held > TICKETS {
        return Err(Fault::field("quantity", format!("{TICKETS} tickets are the most")));
    }
    let numbers: Vec<i64> = lines.iter().map(|line| i64::from(line.ticket_type_id)).collect();
    let channel = shop.distribution.id;
    shop.tenant()?.read(|tx| {
        let types = offer::types(tx, &numbers)?;
        for line in lines {
            let not_sold = || Error::invalid("ticketTypeId", "this is not sold here");
            let (event, price) =
                *types.get(&i64::from(line.ticket_type_id)).ok_or_else(not_sold)?;
            if !offer::channels(tx, event)?.has(channel) {
                return Err(not_sold());
            }
            for _ in 0..line.quantity {
                purchase::add(&mut basket.items, event, price, holder);
            }
        }
        Ok(())
    })?;
    Ok(())
}

/// Signs the token with an order that was just placed; one that nobody holds a token for is given up.
fn signed(context: &Ctx, shop: &Shop, placed: OrderId) -> Told<Purchase> {
    if let Err(fault) = context.sign_order(shop.organizer.id, placed) {
        shop.tenant()?
            .write(By::House, |tx| order::cancel(tx, placed, None, None, order::BY_BUYER))?;
        return Err(fault);
    }
    Ok(Purchase::read(context, shop, placed)?)
}

/// Places a purchase at a channel, and signs the token with it. Refused: without a token, while it holds another.
pub(super) fn create(context: &Ctx, shop: &Shop, lines: &[TicketLineInput]) -> Told<Purchase> {
    let visit = context.visit().ok_or(Fault(Error::Unauthenticated))?;
    if visit.session.order.is_some()
        && Purchase::signed(context).is_ok_and(|held| held.sale.order.state == State::Held)
    {
        return Err(Fault(Error::Refused(Refusal::HoldsAlready)));
    }
    let own = visit.customer.filter(|own| own.organization == shop.organizer.organization);
    let buyer = match &own {
        Some(own) => somebody(own, true),
        None => nobody()?,
    };
    let mut basket = Basket {
        till: shop.tenant()?.till(Some(shop.distribution.id))?,
        to_mail: true,
        ..Basket::default()
    };
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    let holder = own.as_ref().map_or_else(
        || Holder { first_name: String::new(), last_name: String::new() },
        |own| Holder { first_name: name(&own.first_name), last_name: name(&own.last_name) },
    );
    fill(shop, &mut basket, lines, &holder)?;
    if let Some(own) = &own {
        context.network.customers(shop).note_buyer(own.id, shop.tenant()?, !buyer.is_sure())?;
    }
    release(shop.tenant()?)?;
    let by = visit.operator.map_or(By::Visitor, |operator| By::Account(operator.id));
    let placed =
        shop.tenant()?.write(by, |tx| order::place(tx, &buyer, &basket, hold(context, &buyer)))?;
    signed(context, shop, placed.id)
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl DistributionMutation {
    /// Holds tickets, and signs the token with the purchase.
    fn create_purchase(&self, context: &Ctx, tickets: Vec<TicketLineInput>) -> Told<Purchase> {
        context.ask()?;
        self.shop.greet(context.visit().as_ref())?;
        create(context, &self.shop, &tickets)
    }
    /// Makes an account in the organization of this channel's organizer, where that lets anybody.
    fn register_customer(&self, context: &Ctx, input: CustomerInput) -> Told<Customer> {
        context.ask()?;
        if !self.shop.may_register() {
            return Err(Fault(Error::Forbidden));
        }
        let (email, says) = (input.email()?, input.says()?);
        let password = input.password.as_deref().unwrap_or("");
        check_new_password(password)?;
        let made =
            context.network.customers(&self.shop).register_with_password(&email, password, says)?;
        Ok(Customer::of_newcomer(made))
    }
}

impl PurchaseMutation {
    fn tenant(&self) -> Result<&Tenant, Error> {
        self.purchase.shop.tenant()
    }

    fn id(&self) -> OrderId {
        self.purchase.sale.order.id
    }

    /// Who buys, as far as that was said.
    fn buyer(&self, context: &Ctx) -> Told<Buyer> {
        let account = context.network.account(self.purchase.sale.order.account)?;
        let own = context.visit().and_then(|visit| visit.customer);
        Ok(match account {
            Some(account) => {
                let is_own = own.is_some_and(|own| own.id == account.id);
                somebody(&account, is_own)
            }
            None => Buyer { account: self.purchase.sale.order.account, ..nobody()? },
        })
    }

    /// Refused: while nobody has said who buys.
    fn named(&self, context: &Ctx) -> Told<Buyer> {
        let buyer = self.buyer(context)?;
        match buyer.named {
            true => Ok(buyer),
            false => Err(Fault::field("customer", "say who buys first: setCustomer")),
        }
    }

    fn basket(&self) -> Told<Basket> {
        let till = self.tenant()?.till(Some(self.purchase.shop.distribution.id))?;
        Ok(self.tenant()?.read(|tx| purchase::basket(tx, self.id(), till))?)
    }

    fn replace(
        &self,
        context: &Ctx,
        buyer: &Buyer,
        basket: &Basket,
        gone: Option<TicketId>,
    ) -> Told<Purchase> {
        let shop = &self.purchase.shop;
        if buyer.named {
            let people = context.network.customers(shop);
            people.note_buyer(buyer.account, self.tenant()?, !buyer.is_sure())?;
        }
        release(self.tenant()?)?;
        let hold = hold(context, buyer);
        let placed = self
            .tenant()?
            .write(By::Visitor, |tx| purchase::replace(tx, self.id(), buyer, basket, gone, hold))?;
        signed(context, shop, placed.id)
    }

    /// Sends who is refused for want of proof the link that gives it.
    fn ask_for_proof(&self, buyer: &Buyer, error: Error) -> Error {
        if !matches!(error, Error::Refused(Refusal::ProofNeeded)) {
            return error;
        }
        let ask = |tx: &Write| outbox::confirm_email(tx, &buyer.email, buyer.account);
        let asked = self.tenant().and_then(|tenant| tenant.write(By::Visitor, ask));
        asked.err().unwrap_or(error)
    }

    fn read(&self, context: &Ctx) -> Told<Purchase> {
        Ok(Purchase::read(context, &self.purchase.shop, self.id())?)
    }

    /// The page to pay at, asked for between two writes.
    fn page(&self, context: &Ctx, return_url: &str) -> Told<(PaymentId, String)> {
        let none = || Fault::field("returnUrl", "nothing is paid online here");
        let cashier = context.cashier.as_ref().ok_or_else(none)?;
        check_return(&self.purchase.shop, return_url)?;
        release(self.tenant()?)?;
        let (id, is_first) = self.tenant()?.write(By::Visitor, |tx| {
            if let Some(known) = purchase::checkout(tx, self.id())? {
                return Ok((known, false));
            }
            let held = order::get(tx, self.id())?;
            if held.state != State::Held {
                return Err(Error::Refused(Refusal::NotHeld(held.state.as_str())));
            }
            if held.total == Money(0) {
                return Err(Error::Refused(Refusal::WrongAmount(held.total)));
            }
            let id = PaymentId::new();
            checkout::begin_as(tx, id, &held, return_url).map(|id| (id, true))
        })?;
        let url = cashier.page(self.tenant()?, id, is_first)?;
        Ok((id, url.ok_or_else(|| Fault(Error::Refused(Refusal::NotHeld("expired"))))?))
    }
}

/// Only a page of the shop itself may be returned to, where it names its hosts.
fn check_return(shop: &Shop, address: &str) -> Told<()> {
    let wrong = || Fault::field("returnUrl", "must be an address of this shop");
    let url = url::Url::parse(address).map_err(|_| wrong())?;
    // A list that cannot be read lets nobody pass, unlike one that is empty.
    let hosts: Vec<String> =
        serde_json::from_str(&shop.distribution.allowed_hosts).map_err(|_| wrong())?;
    let host = url.host_str().unwrap_or("");
    let own = hosts.is_empty() || hosts.iter().any(|one| one.eq_ignore_ascii_case(host));
    if matches!(url.scheme(), "http" | "https") && own && address.len() <= 2_000 {
        Ok(())
    } else {
        Err(wrong())
    }
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl PurchaseMutation {
    fn add_tickets(&self, context: &Ctx, tickets: Vec<TicketLineInput>) -> Told<Purchase> {
        context.ask()?;
        let (buyer, mut basket) = (self.buyer(context)?, self.basket()?);
        let holder = basket.items.first().and_then(|item| item.holders.first()).cloned();
        let none = || Holder { first_name: String::new(), last_name: String::new() };
        fill(&self.purchase.shop, &mut basket, &tickets, &holder.unwrap_or_else(none))?;
        self.replace(context, &buyer, &basket, None)
    }
    /// Refused: the last one; the purchase is cancelled instead.
    fn remove_ticket(&self, context: &Ctx, ticket_id: i32) -> Told<Purchase> {
        let (buyer, mut basket) = (self.buyer(context)?, self.basket()?);
        let held = self.tenant()?.read(|tx| purchase::tickets(tx, self.id()))?;
        let gone =
            held.iter().find(|held| held.no == i64::from(ticket_id)).ok_or(Error::NotFound)?;
        let same =
            |item: &order::Item| item.event == Some(gone.ticket.event) && item.price == gone.price;
        if let Some(item) = basket.items.iter_mut().find(|item| same(item)) {
            item.quantity = item.quantity.saturating_sub(1);
            let is_his = |holder: &Holder| {
                holder.first_name == gone.ticket.first_name
                    && holder.last_name == gone.ticket.last_name
            };
            let at = item.holders.iter().position(is_his).unwrap_or(0);
            item.holders.remove(at);
        }
        basket.items.retain(|item| item.quantity > 0);
        self.replace(context, &buyer, &basket, Some(gone.ticket.id))
    }
    /// Says who buys. An address with a password is its owner's: log in for it.
    fn set_customer(&self, context: &Ctx, input: CustomerInput) -> Told<Purchase> {
        context.ask()?;
        let (email, says) = (input.email()?, input.says()?);
        if input.password.is_some() {
            return Err(Fault::field("password", "register first, or log in"));
        }
        let people = context.network.customers(&self.purchase.shop);
        let account = people.find_or_make(&email)?;
        let own = context.visit().and_then(|visit| visit.customer);
        let is_own = own.is_some_and(|own| own.id == account.id);
        if account.has_password && !is_own {
            return Err(Fault(Error::Refused(Refusal::AccountExists)));
        }
        if is_own {
            people.describe(account.id, says, None)?;
        }
        let buyer = somebody(&account, is_own);
        let mut basket = self.basket()?;
        for item in &mut basket.items {
            item.holders.fill(input.holder());
        }
        self.replace(context, &buyer, &basket, None)
    }
    /// Begins a payment online.
    fn create_supervised_payment(
        &self,
        context: &Ctx,
        return_url: String,
    ) -> Told<PublicSupervisedPayment> {
        context.ask()?;
        self.named(context)?;
        let (id, url) = self.page(context, &return_url)?;
        let (numbers, all) = self
            .tenant()?
            .read(|tx| Ok((number::of(tx, [id.0])?, purchase::payments(tx, self.id())?)))?;
        let no = numbers.get(&id.0).copied().ok_or(Error::NotFound)?;
        let paid = all.iter().find(|paid| paid.no == no).ok_or(Error::NotFound)?;
        Ok(supervised(paid, Some(url)))
    }
    /// Lets the purchase wait for a bank transfer. Refused: an address that is not proven, which gets the letter that proves
    /// it, unless its owner is logged in.
    fn create_wire_transfer_payment(&self, context: &Ctx) -> Told<PublicWireTransferPayment> {
        context.ask()?;
        let buyer = self.named(context)?;
        let account = self.purchase.shop.organizer.record.bank_account.as_deref();
        let account =
            account.ok_or_else(|| Fault::field("purchase", "no bank account is known here"))?;
        release(self.tenant()?)?;
        let begun = self.tenant()?.write(By::Account(buyer.account), |tx| {
            transfer::begin(tx, self.id(), &buyer, account)
        });
        begun.map_err(|error| self.ask_for_proof(&buyer, error))?;
        let all = self.tenant()?.read(|tx| purchase::payments(tx, self.id()))?;
        let awaited = all.iter().find_map(|paid| match &paid.how {
            How::Transfer(transfer) => Some(by_bank(paid, transfer)),
            How::Online(_) | How::Counter(_) => None,
        });
        Ok(awaited.ok_or(Error::NotFound)?)
    }
    /// Settles what costs nothing, or was paid meanwhile. Who may sell through the channel confirms that it was paid at the
    /// counter. Refused: while anything is due.
    fn confirm(&self, context: &Ctx) -> Told<Purchase> {
        let channel = self.purchase.shop.distribution.id;
        if let Some(seller) = context.visit().and_then(|visit| visit.operator)
            && context.network.may_sell(&seller, channel)?
        {
            self.tenant()?.write(By::Account(seller.id), |tx| {
                let due = order::due(tx, self.id())?;
                let means = if due == Money(0) { Means::Free } else { Means::Cash };
                order::pay(tx, self.id(), means, due, None)
            })?;
            return self.read(context);
        }
        let buyer = self.named(context)?;
        if let Some(cashier) = &context.cashier
            && let Some(id) = self.tenant()?.read(|tx| purchase::checkout(tx, self.id()))?
            && context.network.throttle().may_look(context.now, id)
        {
            cashier.look(self.tenant()?, id)?;
        }
        let now = self.read(context)?;
        let order = &now.sale.order;
        if order.state == State::Held {
            if order.total > Money(0) {
                return Err(Fault(Error::Refused(Refusal::WrongAmount(order.total))));
            }
            // A typed address opens nothing: the letter's link settles what its owner did not order.
            if buyer.is_sure() {
                self.tenant()?.write(By::Account(buyer.account), |tx| {
                    order::pay(tx, self.id(), Means::Free, Money(0), None)
                })?;
            }
            return self.read(context);
        }
        Ok(now)
    }
    /// Gives up what is not paid.
    fn cancel(&self, context: &Ctx) -> Told<Purchase> {
        let buyer = self.buyer(context)?;
        release(self.tenant()?)?;
        let by = if buyer.named { By::Account(buyer.account) } else { By::Visitor };
        self.tenant()?.write(by, |tx| {
            let held = order::get(tx, self.id())?;
            if held.state != State::Held || !order::payments(tx, self.id())?.is_empty() {
                return Err(Error::Refused(Refusal::NotHeld(held.state.as_str())));
            }
            order::cancel(tx, self.id(), None, None, order::BY_BUYER)
        })?;
        self.read(context)
    }
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl CustomerMutation {
    /// The address stays; a new password ends all sessions, this one too.
    fn update(&self, context: &Ctx, input: CustomerInput) -> Told<Customer> {
        let (email, says) = (input.email()?, input.says()?);
        if email != self.account.email {
            return Err(Fault::field("email", "the address of an account stays"));
        }
        let people = context.network.operators();
        let password = input.password.as_deref();
        let changed = people.describe(self.account.id, says, password)?;
        if password.is_some() {
            context.forget();
        }
        Ok(Customer::of(changed))
    }
    /// Closes the account and forgets who it was; what was bought stays with the organizers.
    fn delete(&self, context: &Ctx) -> Told<bool> {
        context.network.operators().close(self.account.id)?;
        context.forget();
        Ok(true)
    }
}
