//! The shapes that leave through this door: October 2022's, in its key order. Conversions name every field, so that a
//! new column is a decision here.

use super::messages as say;
use super::wire_door::WireScan;
use super::wire_event::{WireDate, WireEvent, WireSeries, WireSeriesRemoved};
use super::wire_me::WireMe;
use super::wire_offer::WirePromotion;
use super::wire_order::{WireGauge, WireJoined, WireOrder, WirePaid, WireReserved, WireTicket};
use super::written::written;
use crate::root::directory::Listed;
use crate::root::{Entry, Profile};
use crate::trade::media::{VARIATIONS, variation_path};
use crate::trade::option::Choice;
use crate::trade::price::Price;
use crate::trade::product::Product;
use crate::values::id::TenantId;
use crate::values::{Category, Money, Slug};
use rouille::Response;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use uuid::Uuid;

/// A JSON answer.
pub(super) fn json(status: u16, value: &(impl Serialize + ?Sized)) -> Response {
    json_of(status, value, 0)
}

/// A JSON answer of about so many bytes.
pub(super) fn json_of(status: u16, value: &(impl Serialize + ?Sized), about: usize) -> Response {
    Response::from_data("application/json", written(value, about)).with_status_code(status)
}

/// The name by which [`written`] knows an amount.
pub(super) const AMOUNT: &str = "Amount";

/// An amount as a JSON number with a point, made from text: no float is ever involved.
pub(super) struct Amount(pub(super) Money);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(AMOUNT, &Number(self.0))
    }
}

/// For who knows [`AMOUNT`], and says so by being read by no human, the minor units; otherwise text, which serde_json
/// reads once more to see that it is a number.
struct Number(Money);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return serializer.serialize_i64(self.0.0);
        }
        let mut room = [0; 24];
        let text: &RawValue =
            serde_json::from_str(self.0.text(&mut room)).map_err(serde::ser::Error::custom)?;
        text.serialize(serializer)
    }
}

impl JsonSchema for Amount {
    fn schema_name() -> Cow<'static, str> {
        AMOUNT.into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "number", "minimum": 0, "maximum": 999_999.99, "description": "In major units, at most two decimals." })
    }
}

/// The addresses of an image's variations; empty, an object for images and a list for logos, as in the contract.
pub(super) struct Variations<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) empty_is_list: bool,
}

impl Serialize for Variations<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(name) = self.name else {
            return if self.empty_is_list {
                serializer.serialize_seq(Some(0))?.end()
            } else {
                serializer.serialize_map(Some(0))?.end()
            };
        };
        let mut map = serializer.serialize_map(Some(VARIATIONS.len()))?;
        for variation in VARIATIONS {
            map.serialize_entry(variation, &format!("/media/{}", variation_path(name, variation)))?;
        }
        map.end()
    }
}

impl JsonSchema for Variations<'_> {
    fn schema_name() -> Cow<'static, str> {
        "Variations".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "anyOf": [
                { "type": "object", "additionalProperties": { "type": "string" } },
                { "type": "array", "maxItems": 0 }
            ],
            "description": "Relative addresses by variation: fhd, hdr, med, thumbnail."
        })
    }
}

/// A postal code: a number where the text is one, as the contract has it.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct PostalCode<'a>(#[schemars(with = "Option<i32>")] Option<&'a str>);

impl Serialize for PostalCode<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.map(|text| (text, text.parse::<i32>())) {
            None => serializer.serialize_none(),
            Some((_, Ok(number))) => serializer.serialize_i32(number),
            Some((text, Err(_))) => serializer.serialize_str(text),
        }
    }
}

/// A place, artist or agenda.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Place")]
pub(super) struct WirePlace<'a> {
    /// Not where it stands within an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    uuid: Option<Uuid>,
    organisation: &'a str,
    slug: &'a str,
    short_description: &'a str,
    long_description: Option<&'a str>,
    adress: Option<&'a str>,
    postal_code: PostalCode<'a>,
    city: Option<&'a str>,
    phone: &'a str,
    email: &'a str,
    site_web: Option<&'a str>,
    legal_documents: Option<&'a str>,
    twitter: Option<&'a str>,
    facebook: Option<&'a str>,
    instagram: Option<&'a str>,
    adhesion_obligatoire: bool,
    button_adhesion: bool,
    map_img: Option<String>,
    carte_restaurant: Option<String>,
    img_variations: Variations<'a>,
    logo_variations: Variations<'a>,
    categorie: &'static str,
    /// Only at `/api/here/`, and only where there are memberships with a price.
    #[serde(skip_serializing_if = "Option::is_none")]
    membership_products: Option<Vec<WireProduct<'a>>>,
}

fn address(origin: &str, name: Option<&String>) -> Option<String> {
    name.map(|name| format!("{origin}/media/{name}"))
}

impl<'a> WirePlace<'a> {
    pub(super) fn new(
        id: TenantId,
        slug: &'a Slug,
        category: Category,
        profile: &'a Profile,
        origin: &str,
    ) -> Self {
        let Profile {
            label,
            short_description,
            long_description,
            address: street,
            postal_code,
            city,
            phone,
            email,
            website,
            legal_documents,
            twitter,
            facebook,
            instagram,
            membership_required,
            membership_button,
            map_image,
            menu_image,
            image,
            logo,
        } = profile;
        // A house's own agenda has said nothing of itself yet: its slug stays empty with its name, as in the contract.
        let slug = if label.is_empty() { "" } else { slug.as_str() };
        Self {
            uuid: Some(id.0),
            organisation: label,
            slug,
            short_description,
            long_description: long_description.as_deref(),
            adress: street.as_deref(),
            postal_code: PostalCode(postal_code.as_deref()),
            city: city.as_deref(),
            phone,
            email,
            site_web: website.as_deref(),
            legal_documents: legal_documents.as_deref(),
            twitter: twitter.as_deref(),
            facebook: facebook.as_deref(),
            instagram: instagram.as_deref(),
            adhesion_obligatoire: *membership_required,
            button_adhesion: *membership_button,
            map_img: address(origin, map_image.as_ref()),
            carte_restaurant: address(origin, menu_image.as_ref()),
            img_variations: Variations { name: image.as_deref(), empty_is_list: false },
            logo_variations: Variations { name: logo.as_deref(), empty_is_list: true },
            categorie: category.as_str(),
            membership_products: None,
        }
    }

    pub(super) fn listed(listed: &'a Listed, origin: &str) -> Self {
        Self::new(listed.id, &listed.slug, listed.category, &listed.profile, origin)
    }

    pub(super) fn without_id(mut self) -> Self {
        self.uuid = None;
        self
    }

    pub(super) fn of(entry: &'a Entry, profile: &'a Profile, origin: &str) -> Self {
        Self::new(entry.id, &entry.slug, entry.category, profile, origin)
    }

    pub(super) fn with_memberships(mut self, memberships: Vec<WireProduct<'a>>) -> Self {
        self.membership_products = (!memberships.is_empty()).then_some(memberships);
        self
    }
}

/// What a change of a place answers: the fields that were sent, as they now stand.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SavedPlace")]
pub(super) struct WireSavedPlace<'a> {
    organisation: &'a str,
    short_description: &'a str,
    long_description: Option<&'a str>,
    adress: Option<&'a str>,
    postal_code: PostalCode<'a>,
    city: Option<&'a str>,
    phone: &'a str,
    email: &'a str,
    site_web: Option<&'a str>,
    twitter: Option<&'a str>,
    facebook: Option<&'a str>,
    instagram: Option<&'a str>,
    adhesion_obligatoire: bool,
    button_adhesion: bool,
    map_img: Option<String>,
    carte_restaurant: Option<String>,
    img: Option<String>,
    logo: Option<String>,
}

impl<'a> WireSavedPlace<'a> {
    pub(super) fn new(profile: &'a Profile) -> Self {
        Self {
            organisation: &profile.label,
            short_description: &profile.short_description,
            long_description: profile.long_description.as_deref(),
            adress: profile.address.as_deref(),
            postal_code: PostalCode(profile.postal_code.as_deref()),
            city: profile.city.as_deref(),
            phone: &profile.phone,
            email: &profile.email,
            site_web: profile.website.as_deref(),
            twitter: profile.twitter.as_deref(),
            facebook: profile.facebook.as_deref(),
            instagram: profile.instagram.as_deref(),
            adhesion_obligatoire: profile.membership_required,
            button_adhesion: profile.membership_button,
            map_img: address("", profile.map_image.as_ref()),
            carte_restaurant: address("", profile.menu_image.as_ref()),
            img: address("", profile.image.as_ref()),
            logo: address("", profile.logo.as_ref()),
        }
    }
}

/// A product with its prices.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Product")]
pub(super) struct WireProduct<'a> {
    uuid: Uuid,
    name: &'a str,
    short_description: Option<&'a str>,
    long_description: Option<&'a str>,
    terms_and_conditions_document: Option<&'a str>,
    publish: bool,
    img: Option<String>,
    categorie_article: &'static str,
    send_to_cashless: bool,
    #[serde(serialize_with = "nested")]
    #[schemars(with = "Vec<WireNestedPrice<'a>>")]
    prices: &'a [Price],
}

/// Prices inside their product, made one by one as they are written.
fn nested<S: Serializer>(prices: &&[Price], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(prices.iter().map(WireNestedPrice::new))
}

impl<'a> WireProduct<'a> {
    /// `prices`: its own, in the order in which they are shown.
    pub(super) fn new(product: &'a Product, prices: &'a [Price], origin: &str) -> Self {
        let Product {
            id,
            name,
            category,
            short_description,
            long_description,
            terms,
            published,
            cashless,
            image,
        } = product;
        Self {
            uuid: id.0,
            name,
            short_description: short_description.as_deref(),
            long_description: long_description.as_deref(),
            terms_and_conditions_document: terms.as_deref(),
            publish: *published,
            img: address(origin, image.as_ref()),
            categorie_article: category.as_str(),
            send_to_cashless: *cashless,
            prices,
        }
    }
}

impl WireProduct<'_> {
    pub(super) fn has_prices(&self) -> bool {
        !self.prices.is_empty()
    }
}

/// A price inside its product: another key order than alone.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NestedPrice")]
struct WireNestedPrice<'a> {
    uuid: Uuid,
    short_description: Option<&'a str>,
    long_description: Option<&'a str>,
    name: &'a str,
    prix: Amount,
    vat: &'static str,
    stock: Option<u16>,
    max_per_user: u16,
    subscription_type: &'static str,
    product: Uuid,
    adhesion_obligatoire: Option<Uuid>,
}

impl<'a> WireNestedPrice<'a> {
    fn new(price: &'a Price) -> Self {
        let WirePrice {
            uuid,
            product,
            name,
            short_description,
            long_description,
            prix,
            vat,
            stock,
            max_per_user,
            adhesion_obligatoire,
            subscription_type,
        } = WirePrice::new(price);
        Self {
            uuid,
            short_description,
            long_description,
            name,
            prix,
            vat,
            stock,
            max_per_user,
            subscription_type,
            product,
            adhesion_obligatoire,
        }
    }
}

/// A price alone.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Price")]
pub(super) struct WirePrice<'a> {
    uuid: Uuid,
    product: Uuid,
    name: &'a str,
    short_description: Option<&'a str>,
    long_description: Option<&'a str>,
    prix: Amount,
    vat: &'static str,
    stock: Option<u16>,
    max_per_user: u16,
    adhesion_obligatoire: Option<Uuid>,
    subscription_type: &'static str,
}

impl<'a> WirePrice<'a> {
    pub(super) fn new(price: &'a Price) -> Self {
        let Price {
            id,
            product,
            name,
            short_description,
            long_description,
            amount,
            free_amount: _,
            vat,
            stock,
            max_per_user,
            period,
            membership,
        } = price;
        Self {
            uuid: id.0,
            product: product.0,
            name,
            short_description: short_description.as_deref(),
            long_description: long_description.as_deref(),
            prix: Amount(*amount),
            vat: vat.as_str(),
            stock: *stock,
            max_per_user: *max_per_user,
            adhesion_obligatoire: membership.map(|id| id.0),
            subscription_type: period.as_str(),
        }
    }
}

/// An option.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Option")]
pub(super) struct WireOption<'a> {
    uuid: Uuid,
    name: &'a str,
    poids: i64,
}

impl<'a> WireOption<'a> {
    pub(super) fn new(choice: &'a Choice) -> Self {
        // The description is a later version's: taken in, not shown.
        let Choice { id, name, description: _, weight } = choice;
        Self { uuid: id.0, name, poids: *weight }
    }
}

/// A sentence about what went wrong.
#[derive(Serialize, JsonSchema)]
pub(super) struct Detail<'a> {
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<[TokenMessage; 1]>,
}

#[derive(Serialize, JsonSchema)]
struct TokenMessage {
    token_class: &'static str,
    token_type: &'static str,
    message: &'static str,
}

impl<'a> Detail<'a> {
    pub(super) fn new(detail: &'a str) -> Self {
        Self { detail, code: None, messages: None }
    }

    pub(super) fn with_code(detail: &'a str, code: &'a str) -> Self {
        Self { detail, code: Some(code), messages: None }
    }

    pub(super) fn bad_access_token() -> Self {
        let message = TokenMessage {
            token_class: "AccessToken",
            token_type: "access",
            message: say::BAD_TOKEN,
        };
        Self {
            detail: say::BAD_TOKEN_TYPE,
            code: Some("token_not_valid"),
            messages: Some([message]),
        }
    }
}

/// Fields with their errors, in order.
pub(super) struct Ordered<'a>(pub(super) &'a [(&'a str, Vec<&'a str>)]);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, whats)| (name, whats)))
    }
}

/// A pair of tokens.
#[derive(Serialize, JsonSchema)]
pub(super) struct TokenPair<'a> {
    pub(super) refresh: &'a str,
    pub(super) access: &'a str,
}

/// A new access token.
#[derive(Serialize, JsonSchema)]
pub(super) struct AccessToken<'a> {
    pub(super) access: &'a str,
}

/// Nothing, as an object.
#[derive(Serialize, JsonSchema)]
pub(super) struct Empty {}

/// A document to print.
pub(super) fn pdf(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({ "type": "string", "contentMediaType": "application/pdf", "contentEncoding": "binary" })
}

/// A file of rows.
pub(super) fn export(_: &mut SchemaGenerator) -> Schema {
    let about = "`as=csv`: text/csv; `as=xlsx`: a spreadsheet.";
    schemars::json_schema!({ "type": "string", "contentMediaType": "*/*", "contentEncoding": "binary", "description": about })
}

/// What a key may do.
#[derive(Serialize, JsonSchema)]
pub(super) struct KeyTest {
    pub(super) auth: KeyRights,
    pub(super) ip_request: String,
    pub(super) ip_valid: bool,
}

/// Rights by name, in the order of the contract.
#[derive(Serialize, JsonSchema)]
pub(super) struct KeyRights {
    pub(super) event: bool,
    pub(super) product: bool,
    pub(super) price: bool,
    pub(super) place: bool,
    pub(super) artist: bool,
    pub(super) reservation: bool,
    pub(super) ticket: bool,
}

macro_rules! shapes {
    ($($name:ident = $shape:ty),+ $(,)?) => {
        $(pub(super) fn $name(generator: &mut SchemaGenerator) -> Schema {
            generator.subschema_for::<$shape>()
        })+
    };
}

shapes! {
    mails = Vec<super::mails::WireMail<'static>>, hook = super::hooks::WireHook<'static>,
    hooks = Vec<super::hooks::WireHook<'static>>,
    place = WirePlace<'static>, places = Vec<WirePlace<'static>>, here = WirePlace<'static>,
    saved_place = WireSavedPlace<'static>, product = WireProduct<'static>, products = Vec<WireProduct<'static>>,
    price = WirePrice<'static>, prices = Vec<WirePrice<'static>>, option = WireOption<'static>,
    options = Vec<WireOption<'static>>, pair = TokenPair<'static>, access = AccessToken<'static>, empty = Empty,
    me = WireMe<'static>, keytest = KeyTest, event = WireEvent<'static>, events = Vec<WireEvent<'static>>, text = String,
    reserved = WireReserved<'static>,
    order = WireOrder<'static>, ticket = WireTicket<'static>, tickets = Vec<WireTicket<'static>>, gauge = WireGauge,
    scan = WireScan<'static>, joined = WireJoined<'static>, series = WireSeries<'static>,
    dates = Vec<WireDate<'static>>, series_removed = WireSeriesRemoved<'static>,
    waits = super::waiting::WireWaits<'static>, waiting = Vec<super::waiting::WireWaiting<'static>>,
    promotion = WirePromotion<'static>, promotions = Vec<WirePromotion<'static>>,
    paid = WirePaid<'static>,
}
