//! Products and prices that somebody brings as a list: all of it is read before any of it is kept.

use super::given::Given;
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
fn letter<T>(
    given: &Given,
    name: &'static str,
    usual: T,
    parse: fn(&str) -> Option<T>,
) -> Result<T> {
    match given.text(name, 5)? {
        None => Ok(usual),
        Some(text) => {
            parse(&text).ok_or_else(|| Error::invalid(name, format!("there is no {text}")))
        }
    }
}

/// Reads `sourceSettings` of an import: `products`, each with `prices`, and a catalogue of the tenant's own.
pub(super) fn read(staff: &Staff, settings: &mut Given) -> Result<Import> {
    let catalogue = settings.text("catalog", 63)?;
    if let Some(id) = &catalogue {
        let wrong = || Error::invalid("catalog", "is no catalogue of this tenant");
        let found = Slug::parse(id).ok_or_else(wrong).and_then(|id| staff.catalogue(&id));
        let own = matches!(&found, Ok(found) if found.own && !found.whole);
        if !own || !staff.may(Right::Catalogue) {
            return Err(wrong());
        }
    }
    let products = settings.objects("products")?.unwrap_or_default();
    let mut rows = vec![];
    for mut product in products {
        let prices = product.objects("prices")?.unwrap_or_default();
        let plain = row(&product, catalogue.clone())?;
        if !prices.is_empty() && !staff.may(Right::Prices) {
            return Err(Error::Forbidden);
        }
        for given in &prices {
            rows.push(Row { price: Some(price(given)?), ..plain.clone() });
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
        ));
    }
    Ok(Import { catalogue, rows })
}

fn row(given: &Given, catalogue: Option<String>) -> Result<Row> {
    Ok(Row {
        product: given.text("name", 500)?.ok_or_else(|| Error::invalid("name", "is required"))?,
        category: letter(given, "category", Category::Ticket, Category::parse)?,
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
        vat: letter(given, "vat", Vat::None, Vat::parse)?,
        stock: stock.map_err(|_| Error::invalid("stock", "must be 0 to 65535"))?,
        period: letter(given, "period", Period::None, Period::parse)?,
    })
}
