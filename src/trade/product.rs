//! Products: what a tenant offers. A product has prices; one that is archived is no longer shown nor sold.

use super::media::Upload;
use super::{Page, audit, check_room, media};
use crate::error::{Error, OnConflict, Refusal, Result};
use crate::root::{Columns, Read, Write};
use crate::values::id::ProductId;
use rusqlite::{Row, named_params};

crate::values::letters! {
    /// What a product is (`categorie_article`).
    Category {
        /// Not chosen yet.
        None = "N",
        /// Ticket.
        Ticket = "B",
        /// Pack of things.
        Pack = "P",
        /// Cashless top-up.
        TopUp = "R",
        /// Clothing.
        Clothing = "T",
        /// Merchandise.
        Merchandise = "M",
        /// Membership.
        Membership = "A",
        /// Gift.
        Gift = "D",
        /// Free booking.
        FreeBooking = "F",
        /// Federated top-up (later letter).
        FederatedTopUp = "S",
        /// Needs validation by hand (later letter).
        Validated = "V",
        /// Badge (later letter).
        Badge = "G",
        /// Payment by QR code (later letter).
        QrPayment = "Q",
    }
}

/// A product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// Unique in its tenant among what is not archived.
    pub name: String,
    /// What it is.
    pub category: Category,
    /// One line.
    pub short_description: Option<String>,
    /// As long as it takes.
    pub long_description: Option<String>,
    /// Address of the terms and conditions.
    pub terms: Option<String>,
    /// Shown to the public.
    pub published: bool,
    /// Registered on cashless cards; at most one membership is.
    pub cashless: bool,
    /// Name of its image.
    pub image: Option<String>,
}

/// What a caller may say of a product.
#[derive(Clone, Debug)]
pub struct New {
    /// Its name.
    pub name: String,
    /// What it is.
    pub category: Category,
    /// One line.
    pub short_description: Option<String>,
    /// As long as it takes.
    pub long_description: Option<String>,
    /// Address of the terms and conditions.
    pub terms: Option<String>,
    /// Shown to the public.
    pub published: bool,
    /// Registered on cashless cards.
    pub cashless: bool,
}

const COLUMNS: &str =
    "id, name, category, short_description, long_description, terms, published, cashless, image";

fn row(row: &Row<'_>) -> rusqlite::Result<Product> {
    let mut columns = Columns::of(row);
    Ok(Product {
        id: columns.take()?,
        name: columns.take()?,
        category: columns.take()?,
        short_description: columns.take()?,
        long_description: columns.take()?,
        terms: columns.take()?,
        published: columns.take()?,
        cashless: columns.take()?,
        image: columns.take()?,
    })
}

/// Makes a product, shown after those that are there. Refused: a name that is taken, a second membership for cashless
/// cards, more than `max` products.
pub fn create(tx: &Write, new: &New, image: Option<&Upload>, max: u64) -> Result<Product> {
    check_room(tx, "product", max)?;
    let image = image.map(|image| media::store(tx, image)).transpose()?;
    let params = named_params! {
        ":id": ProductId::new(), ":name": new.name, ":category": new.category,
        ":short_description": new.short_description, ":long_description": new.long_description, ":terms": new.terms,
        ":published": new.published, ":cashless": new.cashless, ":image": image, ":now": tx.now(),
    };
    let sql = format!(
        "INSERT INTO product ({COLUMNS}, weight, created)
         VALUES (:id, :name, :category, :short_description, :long_description, :terms, :published, :cashless, :image,
            (SELECT coalesce(max(weight), 0) + 1 FROM product), :now)
         RETURNING {COLUMNS}"
    );
    let product = refusals(tx.one(&sql, params, row))?;
    audit::note(tx, "product.create", Some(product.id.0))?;
    Ok(product)
}

/// Puts new values in the place of old ones.
pub fn update(tx: &Write, id: ProductId, new: &New, image: Option<&Upload>) -> Result<Product> {
    let old = get(tx, id)?;
    let membership = Category::Membership;
    if old.category != new.category {
        let named = "SELECT 1 FROM price WHERE membership = ?1 AND archived = 0";
        if old.category == membership && tx.exists(named, [id])? {
            return Err(Error::Refused(Refusal::InUse));
        }
        let sql = "SELECT 1 FROM price WHERE product = ?1 AND archived = 0 AND period = 'N'";
        if new.category == membership && tx.exists(sql, [id])? {
            return Err(Error::Refused(Refusal::PeriodMissing));
        }
    }
    let name = match image {
        Some(image) => {
            if let Some(old) = &old.image {
                media::remove(tx, old)?;
            }
            Some(media::store(tx, image)?)
        }
        None => old.image,
    };
    let params = named_params! {
        ":id": id, ":name": new.name, ":category": new.category, ":short_description": new.short_description,
        ":long_description": new.long_description, ":terms": new.terms, ":published": new.published,
        ":cashless": new.cashless, ":image": name,
    };
    let sql = format!(
        "UPDATE product SET name = :name, category = :category, short_description = :short_description,
            long_description = :long_description, terms = :terms, published = :published, cashless = :cashless,
            image = :image
         WHERE id = :id RETURNING {COLUMNS}"
    );
    let product = refusals(tx.one(&sql, params, row))?;
    audit::note(tx, "product.update", Some(id.0))?;
    Ok(product)
}

/// Takes a product away with its prices; what was sold, and a membership that prices of others require, is archived
/// instead.
pub fn remove(tx: &Write, id: ProductId) -> Result<()> {
    let product = get(tx, id)?;
    if is_required(tx, id)? {
        tx.run("UPDATE price SET archived = 1 WHERE product = ?1", [id])?;
        tx.run("UPDATE product SET archived = 1 WHERE id = ?1", [id])?;
    } else {
        tx.run("DELETE FROM price WHERE product = ?1", [id])?;
        tx.run("DELETE FROM event_product WHERE product = ?1", [id])?;
        tx.run("DELETE FROM product WHERE id = ?1", [id])?;
        if let Some(image) = &product.image {
            media::remove(tx, image)?;
        }
    }
    audit::note(tx, "product.remove", Some(id.0))
}

fn is_required(tx: &Read, id: ProductId) -> Result<bool> {
    tx.exists(
        "SELECT 1 FROM price WHERE membership = ?1 AND product <> ?1
         UNION ALL SELECT 1 FROM line WHERE product = ?1
         UNION ALL SELECT 1 FROM price JOIN line ON line.price = price.id WHERE price.product = ?1
         UNION ALL SELECT 1 FROM membership WHERE product = ?1",
        [id],
    )
}

fn refusals<T>(result: Result<T>) -> Result<T> {
    result
        .on_conflict("product.name", Refusal::NameTaken)
        .on_conflict("product.category", Refusal::CashlessTaken)
}

/// The product, or `NotFound`.
pub fn get(tx: &Read, id: ProductId) -> Result<Product> {
    tx.must(&format!("SELECT {COLUMNS} FROM product WHERE id = ?1 AND archived = 0"), [id], row)
}

/// All products in their order.
pub fn list(tx: &Read, page: Page) -> Result<Vec<Product>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM product WHERE archived = 0 ORDER BY weight, id LIMIT ?1 OFFSET ?2"
    );
    tx.all(&sql, (page.limit, page.offset), row)
}

/// The memberships among the products, in their order.
pub fn memberships(tx: &Read) -> Result<Vec<Product>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM product WHERE category = 'A' AND archived = 0 ORDER BY weight, id"
    );
    tx.all(&sql, [], row)
}

/// The products that are sold for any of these events, in their order; `events` as [`set`] makes them.
///
/// [`set`]: crate::root::coming::set
pub fn of_events(tx: &Read, events: &str) -> Result<Vec<Product>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM product WHERE archived = 0 AND id IN
            (SELECT product FROM event_product WHERE event IN (SELECT unhex(value) FROM json_each(?1)))
         ORDER BY weight, id"
    );
    tx.all(&sql, [events], row)
}

/// The tenant's free booking: a free-booking product with a price of nothing.
pub(super) fn free_booking(tx: &Read) -> Result<Option<ProductId>> {
    tx.maybe(
        "SELECT id FROM product WHERE category = 'F' AND archived = 0
           AND EXISTS (SELECT 1 FROM price WHERE product = product.id AND amount = 0 AND archived = 0)
         ORDER BY weight, id LIMIT 1",
        [],
        |row| row.get(0),
    )
}

/// Makes the tenant's free booking, called `Reservation` as in the contract unless something else is.
pub(super) fn create_free_booking(tx: &Write) -> Result<ProductId> {
    let mut name = String::from("Reservation");
    while is_name_taken(tx, &name, None)? {
        name.push_str(" gratuite");
    }
    let new = New {
        name,
        category: Category::FreeBooking,
        short_description: None,
        long_description: None,
        terms: None,
        published: true,
        cashless: false,
    };
    create(tx, &new, None, u64::MAX).map(|product| product.id)
}

/// What fees that are taken once of a purchase are called.
pub(super) const FEES: &str = "Frais";

/// Makes the product under which such fees are written down; it is not shown.
pub(super) fn create_for_fees(tx: &Write) -> Result<ProductId> {
    let id = ProductId::new();
    tx.run(
        "INSERT INTO product (id, name, category, published, cashless, archived, weight, created)
         VALUES (?1, ?2, 'N', 0, 0, 1, 0, ?3)",
        (id, FEES, tx.now()),
    )?;
    Ok(id)
}

/// Is this the name of another product?
pub fn is_name_taken(tx: &Read, name: &str, but: Option<ProductId>) -> Result<bool> {
    tx.exists(
        "SELECT 1 FROM product WHERE name = ?1 AND archived = 0 AND (?2 IS NULL OR id <> ?2)",
        (name, but),
    )
}

/// Is there such a product; with `membership`, one that is a membership?
pub fn is_there(tx: &Read, id: ProductId, membership: bool) -> Result<bool> {
    tx.exists(
        "SELECT 1 FROM product WHERE id = ?1 AND archived = 0 AND (NOT ?2 OR category = 'A')",
        (id, membership),
    )
}
