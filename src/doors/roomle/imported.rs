//! Products and prices that somebody brings as a list: all of it is read before any of it is kept.

use super::errors::within;
use super::given::Given;
use crate::doors::{Call, Failure};
use crate::error::{Error, Result};
use crate::root::{Right, Staff};
use crate::trade::import::{Price, ROWS_MAX, Row};
use crate::trade::price::{Period, Vat};
use crate::trade::product::Category;
use crate::values::{Money, Slug};
use serde_json::Value;

/// What is to be made.
pub(super) struct Import {
    /// The catalogue that it goes into, besides the whole one.
    pub(super) catalogue: Option<String>,
    /// A row for each price, and for each product without any.
    pub(super) rows: Vec<Row>,
}

/// One of the letters that the schema has, or the usual one.
fn letter<T: Copy>(
    given: &Given,
    name: &'static str,
    usual: T,
    all: &[T],
    shown: fn(T) -> &'static str,
) -> Result<T> {
    match given.text(name, 5)? {
        None => Ok(usual),
        Some(text) => all.iter().copied().find(|one| shown(*one) == text).ok_or_else(|| {
            let all: Vec<_> = all.iter().copied().map(shown).collect();
            Error::invalid(name, format!("must be one of {}", all.join(", ")))
        }),
    }
}

/// Reads `sourceSettings` of an import: `products`, each with `prices`, and a catalogue of the tenant's own.
pub(super) fn read(
    call: &Call<'_>,
    staff: &Staff,
    settings: &mut Given,
) -> Result<Import, Failure> {
    let catalogue = settings.text("catalog", 63)?;
    if let Some(id) = &catalogue {
        let wrong = || Error::invalid("catalog", "is no catalogue of this tenant");
        let found = Slug::parse(id).ok_or_else(wrong).and_then(|id| staff.catalogue(&id));
        let own = matches!(&found, Ok(found) if found.own && !found.whole);
        if !own || !staff.may(Right::Catalogue) {
            return Err(wrong().into());
        }
    }
    let products = settings.objects("products")?.unwrap_or_default();
    let mut rows = vec![];
    for (n, mut product) in products.into_iter().enumerate() {
        let path = format!("products[{n}]");
        let wrong = |error| within(call, &path, error);
        let prices = product.objects("prices").map_err(wrong)?.unwrap_or_default();
        let plain = row(&product, catalogue.clone()).map_err(wrong)?;
        if !prices.is_empty() && !staff.may(Right::Prices) {
            return Err(Error::Forbidden.into());
        }
        for (n, given) in prices.iter().enumerate() {
            let path = format!("{path}.prices[{n}]");
            let price = price(given).map_err(|error| within(call, &path, error));
            rows.push(Row { price: Some(price?), ..plain.clone() });
        }
        if prices.is_empty() {
            rows.push(plain);
        }
        if rows.len() > ROWS_MAX {
            break;
        }
    }
    if rows.is_empty() || rows.len() > ROWS_MAX {
        return Err(Error::invalid(
            "products",
            format!("must be 1 to {ROWS_MAX} with their prices"),
        )
        .into());
    }
    Ok(Import { catalogue, rows })
}

fn row(given: &Given, catalogue: Option<String>) -> Result<Row> {
    Ok(Row {
        product: given.text("name", 500)?.ok_or_else(|| Error::invalid("name", "is required"))?,
        category: letter(given, "category", Category::Ticket, Category::ALL, Category::as_str)?,
        short_description: given.clearable("shortDescription", 250)?.flatten(),
        published: given.flag("published")?.unwrap_or(false),
        price: None,
        catalogue,
    })
}

fn price(given: &Given) -> Result<Price> {
    let stock = given.number("stock")?.map(u16::try_from).transpose();
    let amount = match given.value("amount") {
        Some(Value::String(text)) => Money::parse(text).ok(),
        Some(Value::Number(number)) => Money::parse(&number.to_string()).ok(),
        _ => None,
    };
    Ok(Price {
        name: given.text("name", 50)?.ok_or_else(|| Error::invalid("name", "is required"))?,
        amount: amount
            .ok_or_else(|| Error::invalid("amount", "must be such as 12.50, and not below 0"))?,
        vat: letter(given, "vat", Vat::None, Vat::ALL, Vat::as_str)?,
        stock: stock.map_err(|_| Error::invalid("stock", "must be 0 to 65535"))?,
        period: letter(given, "period", Period::None, Period::ALL, Period::as_str)?,
    })
}
