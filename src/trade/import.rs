//! Imports: products and prices that somebody brings as a list. Each row is taken once, in the write that says so; one that
//! is refused says why, and the others go on.

use super::price::{self, Period, Vat};
use super::product::{self, Category};
use super::{catalogue, job};
use crate::error::{Error, Refusal, Result};
use crate::root::{Read, Write};
use crate::values::id::{JobId, ProductId};
use crate::values::{Money, Usage};
use rusqlite::{Row as SqlRow, named_params};
use std::collections::BTreeSet;

/// A price of a product to be made, or a product alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The product's name; one that there is gets the price.
    pub product: String,
    /// What it is.
    pub category: Category,
    /// One line.
    pub short_description: Option<String>,
    /// Shown to the public.
    pub published: bool,
    /// A price of it.
    pub price: Option<Price>,
    /// The catalogue that it is put into.
    pub catalogue: Option<String>,
}

impl Row {
    /// What it is called, for who looks for it in a long list.
    fn shown(&self) -> String {
        match &self.price {
            Some(price) => format!("{}, {}", self.product, price.name),
            None => self.product.clone(),
        }
    }
}

/// The price of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// Its name.
    pub name: String,
    /// What it costs.
    pub amount: Money,
    /// The VAT in it.
    pub vat: Vat,
    /// How many there are.
    pub stock: Option<u16>,
    /// How long it lasts.
    pub period: Period,
}

/// Most rows of an import.
pub const ROWS_MAX: usize = 5_000;

/// Rows that one write takes.
const AT_ONCE: u32 = 50;

/// How many products and prices a tenant may hold.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Products.
    pub products: u64,
    /// Prices.
    pub prices: u64,
}

const COLUMNS: &str = "line, product, category, short_description, published, price, amount, vat, stock, period, catalogue";

fn row(row: &SqlRow<'_>) -> rusqlite::Result<(u32, Row)> {
    let name: Option<String> = row.get("price")?;
    let price = match name {
        Some(name) => Some(Price {
            name,
            amount: row.get("amount")?,
            vat: row.get("vat")?,
            stock: row.get("stock")?,
            period: row.get("period")?,
        }),
        None => None,
    };
    let one = Row {
        product: row.get("product")?,
        category: row.get("category")?,
        short_description: row.get("short_description")?,
        published: row.get("published")?,
        price,
        catalogue: row.get("catalogue")?,
    };
    Ok((row.get("line")?, one))
}

/// Keeps the rows of a job until they are taken.
pub(super) fn keep(tx: &Write, job: JobId, rows: &[Row]) -> Result<()> {
    if rows.is_empty() || rows.len() > ROWS_MAX {
        return Err(Error::invalid("products", format!("must be 1 to {ROWS_MAX}")));
    }
    let sql = format!(
        "INSERT INTO import_row (job, {COLUMNS})
         VALUES (:job, :line, :product, :category, :short_description, :published, :price, :amount, :vat, :stock, :period,
            :catalogue)"
    );
    for (line, one) in (1_u32..).zip(rows) {
        let Row { product, category, short_description, published, price, catalogue } = one;
        tx.run(
            &sql,
            named_params! {
                ":job": job, ":line": line, ":product": product, ":category": category,
                ":short_description": short_description, ":published": published,
                ":price": price.as_ref().map(|price| &price.name), ":amount": price.as_ref().map(|price| price.amount),
                ":vat": price.as_ref().map(|price| price.vat), ":stock": price.as_ref().and_then(|price| price.stock),
                ":period": price.as_ref().map(|price| price.period), ":catalogue": catalogue,
            },
        )?;
    }
    Ok(())
}

/// Refused at once when the package gives fewer products than there are with the new ones.
pub(super) fn check_room(tx: &Write, rows: &[Row]) -> Result<()> {
    let Some(most) = tx.most(Usage::Products) else { return Ok(()) };
    let names: BTreeSet<&str> = rows.iter().map(|row| row.product.as_str()).collect();
    let mut count: i64 =
        tx.one("SELECT rows FROM tally WHERE kind = 'product'", [], |row| row.get(0))?;
    for name in names {
        let sql = "SELECT 1 FROM product WHERE name = ?1 AND archived = 0";
        count += i64::from(!tx.exists(sql, [name])?);
    }
    let fits = u64::try_from(count).unwrap_or(0) <= most;
    if fits { Ok(()) } else { Err(Error::Refused(Refusal::TooMany("product"))) }
}

/// Takes the next rows of a job; says whether it is over.
pub fn take_rows(tx: &Write, id: JobId, room: Room) -> Result<bool> {
    let sql = format!(
        "SELECT {COLUMNS} FROM import_row WHERE job = ?1 AND taken = 0 ORDER BY line LIMIT ?2"
    );
    let next = tx.all(&sql, (id, AT_ONCE), row)?;
    let (mut done, mut failed) = (0, 0);
    for (line, one) in &next {
        let refused = match make(tx, one, room) {
            Ok(()) => None,
            Err(why @ (Error::Refused(_) | Error::Invalid(_))) => {
                Some(format!("{}: {why}", one.shown()))
            }
            Err(other) => return Err(other),
        };
        if refused.is_some() {
            failed += 1;
        } else {
            done += 1;
        }
        tx.run(
            "UPDATE import_row SET taken = 1, error = ?3 WHERE job = ?1 AND line = ?2",
            (id, line, refused),
        )?;
    }
    job::advance(tx, id, done, failed, None, next.len() < 50)
}

/// What was refused, the first rows of it: line and why.
pub fn refused(tx: &Read, id: JobId) -> Result<Vec<(u32, String)>> {
    let sql = "SELECT line, error FROM import_row WHERE job = ?1 AND error IS NOT NULL ORDER BY line LIMIT 100";
    tx.all(sql, [id], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Nothing of a row is made before all that may refuse it was asked, but for a product whose price is refused.
fn make(tx: &Write, one: &Row, room: Room) -> Result<()> {
    let Row { product, category, short_description, published, price, catalogue } = one;
    let sql = "SELECT id FROM product WHERE name = ?1 AND archived = 0";
    let known: Option<ProductId> = tx.maybe(sql, [product], |row| row.get(0))?;
    let id = match known {
        Some(id) => id,
        None => {
            let new = product::New {
                name: product.clone(),
                category: *category,
                short_description: short_description.clone(),
                long_description: None,
                terms: None,
                published: *published,
                cashless: false,
            };
            product::create(tx, &new, None, room.products)?.id
        }
    };
    if let Some(catalogue) = catalogue {
        catalogue::add_product(tx, catalogue, id)?;
    }
    if let Some(Price { name, amount, vat, stock, period }) = price {
        let new = price::New {
            product: id,
            name: name.clone(),
            short_description: None,
            long_description: None,
            amount: *amount,
            free_amount: false,
            vat: *vat,
            stock: *stock,
            max_per_user: 10,
            period: *period,
            membership: None,
        };
        price::create(tx, &new, room.prices)?;
    }
    Ok(())
}
