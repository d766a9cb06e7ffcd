//! The shape of events: October 2022's, in its key order.

use super::products::with_prices;
use super::wire::{Variations, WireOption, WirePlace, WireProduct};
use crate::root::directory::Listed;
use crate::trade::event::{Detail, Event};
use crate::trade::option::Choice;
use crate::trade::price::Price;
use crate::trade::product::Product;
use crate::values::id::{OptionId, ProductId};
use crate::values::zone::Zone;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::HashMap;
use uuid::Uuid;

/// An event with all that belongs to it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Event")]
pub(super) struct WireEvent<'a> {
    uuid: Uuid,
    name: &'a str,
    slug: &'a str,
    short_description: Option<&'a str>,
    long_description: Option<&'a str>,
    event_facebook_url: Option<&'a str>,
    datetime: String,
    products: Vec<WireProduct<'a>>,
    options_radio: Vec<WireOption<'a>>,
    options_checkbox: Vec<WireOption<'a>>,
    img_variations: Variations<'a>,
    reservations: u32,
    complet: bool,
    artists: Vec<WireArtist<'a>>,
    url: String,
    place: &'a str,
    #[serde(flatten)]
    for_staff: Option<WireForStaff>,
}

/// Ours: what staff alone are told of an event.
#[derive(Serialize, JsonSchema)]
struct WireForStaff {
    jauge_max: u32,
    max_per_user: u16,
    published: bool,
    cancelled: bool,
}

/// Who plays at an event, and when.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EventArtist")]
struct WireArtist<'a> {
    datetime: String,
    configuration: WirePlace<'a>,
}

/// What events are shown with.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) products: &'a HashMap<ProductId, Product>,
    /// Sorted.
    pub(super) prices: &'a [Price],
    pub(super) options: &'a [Choice],
    pub(super) artists: &'a [Listed],
    pub(super) zone: &'a Zone,
    pub(super) label: &'a str,
    /// Of the tenant whose event it is.
    pub(super) origin: &'a str,
    /// Staff of the tenant look at it.
    pub(super) for_staff: bool,
}

impl<'a> WireEvent<'a> {
    pub(super) fn new(detail: &'a Detail, context: Context<'a>) -> Self {
        let Context { products, prices, options, artists, zone, label, origin, for_staff } =
            context;
        let Detail { event, products: sold, radio, checkbox, tags: _, artists: plays } = detail;
        let choices = |ids: &[OptionId]| {
            let chosen = options.iter().filter(|option| ids.contains(&option.id));
            chosen.map(WireOption::new).collect()
        };
        let playing: Vec<_> = plays
            .iter()
            .filter_map(|(id, at)| artists.iter().find(|a| a.id == *id).map(|a| (a, *at)))
            .collect();
        let image = event.image.as_deref().or_else(|| playing.first()?.0.profile.image.as_deref());
        let sold = sold.iter().filter_map(|id| products.get(id));
        Self {
            uuid: event.id.0,
            name: &event.name,
            slug: &event.slug,
            short_description: event.short_description.as_deref(),
            long_description: event.long_description.as_deref(),
            event_facebook_url: event.link.as_deref(),
            datetime: zone.iso(event.starts),
            products: sold.map(|product| with_prices(product, prices, origin)).collect(),
            options_radio: choices(radio),
            options_checkbox: choices(checkbox),
            img_variations: Variations { name: image, empty_is_list: false },
            reservations: event.taken,
            complet: detail.is_full(),
            artists: playing
                .into_iter()
                .map(|(artist, at)| WireArtist {
                    datetime: zone.iso(at),
                    configuration: WirePlace::listed(artist, origin).without_id(),
                })
                .collect(),
            url: format!("{origin}/event/{}/", event.slug),
            place: label,
            for_staff: for_staff.then(|| WireForStaff {
                jauge_max: event.gauge,
                max_per_user: event.max_per_user,
                published: event.published,
                cancelled: event.cancelled.is_some(),
            }),
        }
    }
}

/// What repeating an event has made, and the dates that were there already.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Series")]
pub(super) struct WireSeries<'a> {
    pub(super) series: Uuid,
    pub(super) made: Vec<WireDate<'a>>,
    pub(super) existing: Vec<WireDate<'a>>,
}

/// What became of the dates of a series that was taken away.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SeriesRemoved")]
pub(super) struct WireSeriesRemoved<'a> {
    /// Somebody had booked them.
    pub(super) cancelled: Vec<WireDate<'a>>,
    pub(super) deleted: Vec<WireDate<'a>>,
}

/// One date of a series.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SeriesDate")]
pub(super) struct WireDate<'a> {
    uuid: Uuid,
    name: &'a str,
    slug: &'a str,
    datetime: String,
    published: bool,
    url: String,
}

impl<'a> WireDate<'a> {
    pub(super) fn new(event: &'a Event, zone: &Zone, origin: &str) -> Self {
        Self {
            uuid: event.id.0,
            name: &event.name,
            slug: &event.slug,
            datetime: zone.iso(event.starts),
            published: event.published,
            url: format!("{origin}/event/{}/", event.slug),
        }
    }
}
