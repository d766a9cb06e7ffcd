//! What is sold: channels, events, ticket types and what they cost.

use super::ctx::{Ctx, Fault, Told, int, page};
use super::fees::Fee;
use super::hierarchy::Organizer;
use super::scalars::{CurrencyCode, DistributionType, FeePayer, Float, LangCode, Moment, sent};
use crate::error::Error;
use crate::root::Till;
use crate::root::network::Shop;
use crate::trade::offer::{self, Offered, TicketType as Sold, Wanted};
use crate::trade::order;
use crate::values::Money;
use crate::values::id::{EventId, PriceId};
use juniper::{
    DefaultScalarValue, Executor, GraphQLInputObject, GraphQLObject, ID, graphql_object,
};
use std::sync::Arc;

/// Which events of a list.
#[derive(GraphQLInputObject)]
pub(super) struct EventFilter {
    from: Option<Moment>,
    till: Option<Moment>,
    search: Option<String>,
}

/// A channel through which an organizer sells: a web shop, a box office, a partner.
#[derive(Clone)]
pub(super) struct Distribution {
    pub(super) shop: Arc<Shop>,
}

/// What a list of events is made for, shared by all its rows.
pub(super) struct Programme {
    pub(super) shop: Arc<Shop>,
    pub(super) till: Till,
    pub(super) currency: String,
}

/// An event.
pub(super) struct Event {
    pub(super) programme: Arc<Programme>,
    pub(super) offered: Arc<Offered>,
}

/// Dates of one event under one name.
pub(super) struct EventGroup {
    title: String,
    first: EventId,
    programme: Arc<Programme>,
}

/// What is sold for an event.
pub(super) struct TicketType {
    programme: Arc<Programme>,
    sold: Arc<Offered>,
    at: usize,
}

/// What one ticket costs.
pub(super) struct PriceDetail {
    ticket: TicketType,
}

/// What one fee comes to.
#[derive(GraphQLObject)]
#[graphql(context = Ctx, scalar = DefaultScalarValue)]
pub(super) struct FeeLine {
    fee: Fee,
    amount: Float,
    payer: FeePayer,
}

impl EventFilter {
    pub(super) fn apply(filter: Option<Self>, wanted: &mut Wanted) {
        if let Some(Self { from, till, search }) = filter {
            wanted.from = from.map(|moment| moment.0);
            wanted.till = till.map(|moment| moment.0);
            wanted.search = search;
        }
    }
}

/// What a selection of events asks for beyond the events themselves.
pub(super) fn asked(executor: &Executor<'_, '_, Ctx, DefaultScalarValue>, wanted: &mut Wanted) {
    let children = executor.look_ahead().children();
    wanted.tickets = children.has_child("ticketTypes");
    wanted.numbers = children.has_child("id")
        || children.select("ticketTypes").is_some_and(|types| {
            let children = types.children();
            children.has_child("id") || children.has_child("uuid")
        });
}

/// The events that are wanted, with what they need.
pub(super) fn events(
    shop: &Arc<Shop>,
    wanted: &Wanted,
    page: crate::trade::Page,
) -> Result<Vec<Event>, Error> {
    let till = shop.tenant()?.till(Some(shop.distribution.id))?;
    let (list, currency) = shop
        .tenant()?
        .read(|tx| Ok((offer::list(tx, wanted, &till, page)?, offer::currency(tx)?)))?;
    let programme = Arc::new(Programme { shop: shop.clone(), till, currency });
    let event = |offered| Event { programme: programme.clone(), offered: Arc::new(offered) };
    Ok(list.into_iter().map(event).collect())
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl Distribution {
    fn id(&self) -> i32 {
        int(self.shop.distribution.no)
    }
    fn uuid(&self) -> ID {
        ID::new(self.shop.distribution.id.to_string())
    }
    fn organizer(&self) -> Organizer {
        Organizer::of(self.shop.organizer.clone())
    }
    fn name(&self) -> &str {
        &self.shop.distribution.name
    }
    #[graphql(name = "type")]
    fn kind(&self) -> DistributionType {
        self.shop.distribution.channel.into()
    }
    fn url(&self) -> Option<&str> {
        self.shop.distribution.url.as_deref()
    }
    fn allowed_hosts(&self) -> Vec<String> {
        serde_json::from_str(&self.shop.distribution.allowed_hosts).unwrap_or_default()
    }
    fn is_active(&self) -> bool {
        self.shop.distribution.active
    }
    fn events(
        &self,
        executor: &Executor<'_, '_, Ctx, DefaultScalarValue>,
        filter: Option<EventFilter>,
        limit: Option<i32>,
        offset: Option<i32>,
    ) -> Told<Vec<Event>> {
        let mut wanted =
            Wanted { distribution: Some(self.shop.distribution.id), ..Wanted::default() };
        EventFilter::apply(filter, &mut wanted);
        asked(executor, &mut wanted);
        Ok(events(&self.shop, &wanted, page(limit, offset)?)?)
    }
    fn events_count(&self, filter: Option<EventFilter>) -> Told<i32> {
        let mut wanted =
            Wanted { distribution: Some(self.shop.distribution.id), ..Wanted::default() };
        EventFilter::apply(filter, &mut wanted);
        Ok(int(self.shop.tenant()?.read(|tx| offer::count(tx, &wanted))?))
    }
    /// Those that are set for this channel; for who may administer its organizer.
    fn fees(&self, context: &Ctx) -> Told<Vec<Fee>> {
        let staff = context.network.staff(&context.operator()?, self.shop.organizer.no)?;
        Fee::of_channel(&staff, self.shop.distribution.id, self.shop.distribution.no)
    }
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl Event {
    fn id(&self) -> Told<i32> {
        self.offered.number()
    }
    fn uuid(&self) -> ID {
        ID::new(self.offered.event.id.to_string())
    }
    fn title(&self) -> &str {
        &self.offered.event.name
    }
    fn description(&self, context: &Ctx) -> Told<Option<&str>> {
        let event = &self.offered.event;
        context.long(event.long_description.as_deref().or(event.short_description.as_deref()))
    }
    fn starts_at(&self) -> Moment {
        Moment(self.offered.event.starts)
    }
    fn ends_at(&self) -> Option<Moment> {
        self.offered.event.ends.map(Moment)
    }
    fn is_published(&self) -> bool {
        self.offered.event.published
    }
    fn organizer(&self) -> Organizer {
        Organizer::of(self.programme.shop.organizer.clone())
    }
    /// The open channels through which it is offered.
    fn distributions(&self, context: &Ctx) -> Told<Vec<Distribution>> {
        let shop = &self.programme.shop;
        let linked = shop.tenant()?.read(|tx| offer::channels(tx, self.offered.event.id))?;
        let mut all = context.network.shops(shop)?;
        all.retain(|one| linked.has(one.distribution.id));
        Ok(all.into_iter().map(|shop| Distribution { shop: Arc::new(shop) }).collect())
    }
    fn ticket_types(&self) -> Vec<TicketType> {
        let count = self.offered.tickets.len();
        let ticket =
            |at| TicketType { programme: self.programme.clone(), sold: self.offered.clone(), at };
        (0..count).map(ticket).collect()
    }
    /// The dates among which this is one.
    fn event_group(&self) -> Option<EventGroup> {
        let Offered { event, .. } = &*self.offered;
        event.series.map(|first| EventGroup {
            title: event.name.clone(),
            first,
            programme: self.programme.clone(),
        })
    }
}

impl Event {
    /// What is sold for it at this price.
    pub(super) fn ticket_type(&self, price: PriceId) -> Option<TicketType> {
        let at = self.offered.tickets.iter().position(|sold| sold.price.id == price)?;
        Some(TicketType { programme: self.programme.clone(), sold: self.offered.clone(), at })
    }
}

trait Numbered {
    fn number(&self) -> Told<i32>;
}

impl Numbered for Offered {
    fn number(&self) -> Told<i32> {
        match self.no {
            0 => Err(Fault(Error::internal("a number was not looked up"))),
            no => Ok(int(no)),
        }
    }
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl EventGroup {
    fn id(&self) -> Told<i32> {
        let tenant = self.programme.shop.tenant()?;
        let numbers = tenant.read(|tx| crate::trade::number::of(tx, [self.first.0]))?;
        Ok(int(numbers.get(&self.first.0).copied().ok_or(Error::NotFound)?))
    }
    fn title(&self) -> &str {
        &self.title
    }
    fn events(&self, executor: &Executor<'_, '_, Ctx, DefaultScalarValue>) -> Told<Vec<Event>> {
        let shop = &self.programme.shop;
        let mut wanted = Wanted {
            distribution: Some(shop.distribution.id),
            series: Some(self.first),
            ..Wanted::default()
        };
        asked(executor, &mut wanted);
        Ok(events(shop, &wanted, page(Some(500), None)?)?)
    }
}

impl TicketType {
    pub(super) fn sold(&self) -> &Sold {
        &self.sold.tickets[self.at]
    }
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl TicketType {
    fn id(&self) -> Told<i32> {
        match self.sold().no {
            0 => Err(Fault(Error::internal("a number was not looked up"))),
            no => Ok(int(no)),
        }
    }
    fn uuid(&self) -> Told<ID> {
        let id = self.sold().id.ok_or_else(|| Error::internal("an id was not looked up"))?;
        Ok(ID::new(id.to_string()))
    }
    fn name(&self) -> &str {
        &self.sold().price.name
    }
    /// The name in a language; there is one for all.
    fn translation(&self, lang_code: LangCode) -> Option<&str> {
        let _ = lang_code;
        Some(&self.sold().price.name)
    }
    /// How many there are of it; none: as many as seats.
    fn stock(&self) -> Option<i32> {
        self.sold().price.stock.map(i32::from)
    }
    /// How many may still be had.
    fn available(&self) -> Option<i32> {
        Some(int(i64::from(self.sold().left)))
    }
    fn max_per_user(&self) -> Option<i32> {
        Some(i32::from(self.sold().price.max_per_user))
    }
    fn price_detail(&self) -> PriceDetail {
        let Self { programme, sold, at } = self;
        PriceDetail { ticket: Self { programme: programme.clone(), sold: sold.clone(), at: *at } }
    }
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl PriceDetail {
    /// The price.
    fn base(&self) -> Float {
        sent(self.ticket.sold().split.base)
    }
    /// What is left of it to the organizer.
    fn excl_fee(&self) -> Float {
        sent(self.ticket.sold().split.excl_fee)
    }
    /// What the buyer pays on top.
    fn fee(&self) -> Float {
        sent(self.ticket.sold().split.fee)
    }
    /// What the buyer pays in all.
    fn incl_fee(&self) -> Float {
        sent(self.ticket.sold().split.incl_fee)
    }
    /// The VAT in the price.
    fn vat(&self) -> Float {
        let Sold { price, split, .. } = self.ticket.sold();
        sent(order::vat_within(Money(split.base.0), order::rate(price.vat)))
    }
    fn currency(&self) -> Told<CurrencyCode> {
        Ok(currency(&self.ticket.programme.currency)?)
    }
    /// Which fees make it up.
    fn fees(&self) -> Told<Vec<FeeLine>> {
        let TicketType { programme, .. } = &self.ticket;
        let parts = &self.ticket.sold().fees;
        let found = programme.shop.tenant()?.read(|tx| Fee::of_parts(tx, programme, parts))?;
        let line = |(fee, part): (Fee, &crate::trade::fee::Part)| FeeLine {
            fee,
            amount: sent(part.amount),
            payer: part.payer.into(),
        };
        Ok(found.into_iter().zip(parts).map(line).collect())
    }
}

/// A currency that the schema knows.
pub(super) fn currency(code: &str) -> Result<CurrencyCode, Error> {
    CurrencyCode::parse(code).ok_or_else(|| Error::internal(format!("no currency {code}")))
}
