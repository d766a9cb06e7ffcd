//! Prices of products. Amounts are minor units; what is scarce (`stock`) is taken in the write that sells it.

use super::{Page, audit, check_room, order, product, waiting};
use crate::error::{Error, OnConflict, Refusal, Result};
use crate::root::{Columns, Read, Write};
use crate::values::Money;
use crate::values::id::{PriceId, ProductId};
use rusqlite::{Row, named_params};

crate::values::letters! {
    /// VAT (`vat`).
    Vat {
        /// Not applicable.
        None = "NA",
        /// 10 %.
        Ten = "DX",
        /// 20 %.
        Twenty = "VG",
        /// 8.5 % (later letters).
        EightAndHalf = "HC",
        /// 2.2 % (later letters).
        TwoPointTwo = "DD",
    }
}

crate::values::letters! {
    /// How long what is bought lasts (`subscription_type`).
    Period {
        /// Not at all: no subscription.
        None = "N",
        /// 365 days.
        Year = "Y",
        /// A month.
        Month = "M",
        /// To the end of the civil year.
        CivilYear = "C",
        /// An hour (later letter).
        Hour = "H",
        /// A day (later letter).
        Day = "D",
        /// A week (later letter).
        Week = "W",
        /// A calendar month (later letter).
        CalendarMonth = "O",
        /// To the end of the school year (later letter).
        SchoolYear = "S",
        /// For life (later letter).
        Life = "L",
    }
}

/// A price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// Its id.
    pub id: PriceId,
    /// The product that it is a price of.
    pub product: ProductId,
    /// Unique among the product's prices.
    pub name: String,
    /// One line.
    pub short_description: Option<String>,
    /// As long as it takes.
    pub long_description: Option<String>,
    /// What it costs, VAT included; the least of it where the buyer chooses.
    pub amount: Money,
    /// The buyer chooses what to pay, up to [`Money::MAX`].
    pub free_amount: bool,
    /// The VAT in it.
    pub vat: Vat,
    /// How many there are; none: without limit.
    pub stock: Option<u16>,
    /// How many one person may buy.
    pub max_per_user: u16,
    /// How long it lasts.
    pub period: Period,
    /// The membership that a buyer must hold.
    pub membership: Option<ProductId>,
}

impl Price {
    /// What one piece costs who chose `amount`. Refused: an amount where there is nothing to choose, below the least, or
    /// above [`Money::MAX`].
    pub fn unit(&self, amount: Option<Money>) -> Result<Money> {
        match amount {
            None => Ok(self.amount),
            Some(_) if !self.free_amount => Err(Error::Refused(Refusal::AmountFixed)),
            Some(amount) if amount < self.amount || amount > Money::MAX => {
                Err(Error::Refused(Refusal::AmountOutside { least: self.amount }))
            }
            Some(amount) => Ok(amount),
        }
    }
}

/// What a caller may say of a price.
#[derive(Clone, Debug)]
pub struct New {
    /// The product that it is a price of.
    pub product: ProductId,
    /// Its name.
    pub name: String,
    /// One line.
    pub short_description: Option<String>,
    /// As long as it takes.
    pub long_description: Option<String>,
    /// What it costs, VAT included; the least of it where the buyer chooses.
    pub amount: Money,
    /// The buyer chooses what to pay, up to [`Money::MAX`].
    pub free_amount: bool,
    /// The VAT in it.
    pub vat: Vat,
    /// How many there are; none: without limit.
    pub stock: Option<u16>,
    /// How many one person may buy.
    pub max_per_user: u16,
    /// How long it lasts.
    pub period: Period,
    /// The membership that a buyer must hold.
    pub membership: Option<ProductId>,
}

const COLUMNS: &str =
    "id, product, name, short_description, long_description, amount, vat, stock, max_per_user, period,
    membership, free_amount";

fn row(row: &Row<'_>) -> rusqlite::Result<Price> {
    let mut columns = Columns::of(row);
    Ok(Price {
        id: columns.take()?,
        product: columns.take()?,
        name: columns.take()?,
        short_description: columns.take()?,
        long_description: columns.take()?,
        amount: columns.take()?,
        vat: columns.take()?,
        stock: columns.take()?,
        max_per_user: columns.take()?,
        period: columns.take()?,
        membership: columns.take()?,
        free_amount: columns.take()?,
    })
}

/// Makes a price. Refused: a name that the product's prices have, a membership without a period, more than `max` prices.
pub fn create(tx: &Write, new: &New, max: u64) -> Result<Price> {
    check_room(tx, "price", max)?;
    check_period(tx, new)?;
    let params = named_params! {
        ":id": PriceId::new(), ":product": new.product, ":name": new.name,
        ":short_description": new.short_description, ":long_description": new.long_description, ":amount": new.amount,
        ":vat": new.vat, ":stock": new.stock, ":max_per_user": new.max_per_user, ":period": new.period,
        ":membership": new.membership, ":free_amount": new.free_amount, ":now": tx.now(),
    };
    let sql = format!(
        "INSERT INTO price ({COLUMNS}, created)
         VALUES (:id, :product, :name, :short_description, :long_description, :amount, :vat, :stock, :max_per_user,
            :period, :membership, :free_amount, :now)
         RETURNING {COLUMNS}"
    );
    let price =
        tx.one(&sql, params, row).on_conflict("price.product, price.name", Refusal::NameTaken)?;
    waiting::freed(tx)?;
    audit::note(tx, "price.create", Some(price.id.0))?;
    Ok(price)
}

/// Puts new values in the place of old ones.
pub fn update(tx: &Write, id: PriceId, new: &New) -> Result<Price> {
    let old = get(tx, id)?;
    // What was sold was sold of its product.
    if old.product != new.product && tx.exists("SELECT 1 FROM line WHERE price = ?1", [id])? {
        return Err(Error::Refused(Refusal::InUse));
    }
    check_period(tx, new)?;
    order::release(tx)?;
    let params = named_params! {
        ":id": id, ":product": new.product, ":name": new.name, ":short_description": new.short_description,
        ":long_description": new.long_description, ":amount": new.amount, ":vat": new.vat, ":stock": new.stock,
        ":max_per_user": new.max_per_user, ":period": new.period, ":membership": new.membership,
        ":free_amount": new.free_amount,
    };
    let sql = format!(
        "UPDATE price SET product = :product, name = :name, short_description = :short_description,
            long_description = :long_description, amount = :amount, vat = :vat, stock = :stock,
            max_per_user = :max_per_user, period = :period, membership = :membership, free_amount = :free_amount
         WHERE id = :id RETURNING {COLUMNS}"
    );
    let price = tx
        .one(&sql, params, row)
        .on_conflict("price.product, price.name", Refusal::NameTaken)
        .on_conflict("price_stock", Refusal::StockTaken)?;
    // There may be more of it, for who waits.
    waiting::freed(tx)?;
    audit::note(tx, "price.update", Some(id.0))?;
    Ok(price)
}

/// Takes a price away; one that was sold is archived instead.
pub fn remove(tx: &Write, id: PriceId) -> Result<()> {
    get(tx, id)?;
    if tx.exists("SELECT 1 FROM line WHERE price = ?1", [id])? {
        tx.run("UPDATE price SET archived = 1 WHERE id = ?1", [id])?;
    } else {
        tx.run("DELETE FROM price WHERE id = ?1", [id])?;
    }
    audit::note(tx, "price.remove", Some(id.0))
}

/// A membership lasts for some time.
fn check_period(tx: &Read, new: &New) -> Result<()> {
    if new.period == Period::None && product::is_there(tx, new.product, true)? {
        return Err(Error::Refused(Refusal::PeriodMissing));
    }
    Ok(())
}

/// The price, or `NotFound`.
pub fn get(tx: &Read, id: PriceId) -> Result<Price> {
    tx.must(&format!("SELECT {COLUMNS} FROM price WHERE id = ?1 AND archived = 0"), [id], row)
}

/// All prices, cheapest first.
pub fn list(tx: &Read, page: Page) -> Result<Vec<Price>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM price WHERE archived = 0 ORDER BY amount, id LIMIT ?1 OFFSET ?2"
    );
    tx.all(&sql, (page.limit, page.offset), row)
}

/// The prices of one product, cheapest first.
pub fn of_product(tx: &Read, product: ProductId) -> Result<Vec<Price>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM price WHERE product = ?1 AND archived = 0 ORDER BY amount, id"
    );
    tx.all(&sql, [product], row)
}

/// The prices of all memberships, in no order.
pub fn of_memberships(tx: &Read) -> Result<Vec<Price>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM price
         WHERE archived = 0 AND product IN (SELECT id FROM product WHERE category = 'A' AND archived = 0)"
    );
    tx.all(&sql, [], row)
}

/// The prices of the products on one page of their list, in no order: to sort them is less than to look each up
/// through an index.
pub fn of_page(tx: &Read, page: Page) -> Result<Vec<Price>> {
    if page == Page::ALL {
        // By an index each row would be looked for twice.
        let sql = format!("SELECT {COLUMNS} FROM price NOT INDEXED WHERE archived = 0");
        return tx.all(&sql, [], row);
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM price
         WHERE archived = 0 AND product IN
            (SELECT id FROM product WHERE archived = 0 ORDER BY weight, id LIMIT ?1 OFFSET ?2)"
    );
    tx.all(&sql, (page.limit, page.offset), row)
}

/// The prices of all products that are sold for any of these events, in no order.
pub fn of_events(tx: &Read, events: &str) -> Result<Vec<Price>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM price WHERE archived = 0 AND product IN
            (SELECT product FROM event_product WHERE event IN (SELECT unhex(value) FROM json_each(?1)))"
    );
    tx.all(&sql, [events], row)
}

/// Makes the price of a free booking.
pub(super) fn create_free(tx: &Write, product: ProductId) -> Result<Price> {
    let new = New {
        product,
        name: String::from("gratuite"),
        short_description: None,
        long_description: None,
        amount: Money(0),
        free_amount: false,
        vat: Vat::None,
        stock: None,
        max_per_user: 10,
        period: Period::None,
        membership: None,
    };
    create(tx, &new, u64::MAX)
}

/// The price under which fees that are taken once of a purchase are written down, and its product; made when there is
/// none. Neither is shown.
pub(super) fn of_fees(tx: &Write) -> Result<(ProductId, PriceId)> {
    let sql = "SELECT product, price.id FROM price JOIN product ON product.id = product
         WHERE product.archived = 1 AND category = 'N' AND product.name = ?1 ORDER BY price.id LIMIT 1";
    let known = tx.maybe(sql, [product::FEES], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if let Some(known) = known {
        return Ok(known);
    }
    let made = product::create_for_fees(tx)?;
    let price = create_free(tx, made)?.id;
    tx.run("UPDATE price SET archived = 1, max_per_user = 32767 WHERE id = ?1", [price])?;
    Ok((made, price))
}

/// Is this the name of another price of the product?
pub fn is_name_taken(
    tx: &Read,
    product: ProductId,
    name: &str,
    but: Option<PriceId>,
) -> Result<bool> {
    tx.exists(
        "SELECT 1 FROM price WHERE product = ?1 AND name = ?2 AND archived = 0 AND (?3 IS NULL OR id <> ?3)",
        (product, name, but),
    )
}
