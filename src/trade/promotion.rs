//! Promotions: codes that take something off what they apply to. One use is one order: it is taken in the write that
//! places the order, and given back in the write that ends it unpaid or gives all of it back.
//!
//! What is left of a price is rounded once a piece, half up, so that pieces that go back add up to what was paid. A price
//! whose buyer chooses the amount is never reduced. One order has one code.

use super::{Page, audit, check_room, order};
use crate::error::{Error, NoPromotion, OnConflict, Refusal, Result};
use crate::root::coming::set;
use crate::root::{Read, Write};
use crate::values::id::{AccountId, OrderId, ProductId, PromotionId};
use crate::values::{Money, Time};
use rusqlite::{Row, named_params};
use unicode_normalization::UnicodeNormalization as _;

/// Most promotions of one tenant.
pub const MOST: u64 = 5_000;

/// What a buyer types: 1 to 50 characters without white space; upper and lower case are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// Most characters of a code.
    pub const MAX: usize = 50;

    /// Reads a code; white space around it is ignored.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text.trim().nfc().collect();
        let right = (1..=Self::MAX).contains(&text.chars().count())
            && !text.contains(|c: char| c.is_whitespace() || c.is_control());
        right.then_some(Self(text))
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// By which it is found.
    fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

/// What a promotion takes off each piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// So many hundredths of a percent, 1 to 10,000.
    Percent(u16),
    /// An amount, or all of what costs less.
    Amount(Money),
}

impl Cut {
    /// What is left of the price of one piece, rounded half up to the minor unit; never below 0, never above `full`.
    #[must_use]
    pub fn left(self, full: Money) -> Money {
        match self {
            Self::Percent(percent) => {
                let rest = 10_000 - i128::from(percent.min(10_000));
                let left = (i128::from(full.0.max(0)) * rest + 5_000) / 10_000;
                Money(i64::try_from(left).unwrap_or(i64::MAX))
            }
            Self::Amount(amount) => Money(full.0.saturating_sub(amount.0.max(0)).max(0)),
        }
    }
}

/// What a promotion grants, to whom and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Unique among the tenant's promotions.
    pub code: Code,
    /// What it takes off.
    pub cut: Cut,
    /// From when it is valid; none: from the beginning.
    pub starts: Option<Time>,
    /// The moment from which it is over; none: never.
    pub ends: Option<Time>,
    /// How many orders may use it; none: without limit.
    pub uses_max: Option<u32>,
    /// How many orders of one person may use it; none: without limit.
    pub uses_per_person: Option<u16>,
    /// What it applies to; none: everything.
    pub products: Option<Vec<ProductId>>,
}

/// A promotion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promotion {
    /// Its id.
    pub id: PromotionId,
    /// What it grants.
    pub terms: Terms,
    /// Orders that are held or paid by it; those of holds that have run out no longer count.
    pub used: u32,
}

impl Promotion {
    /// Does it take something off this product?
    #[must_use]
    pub fn applies_to(&self, product: ProductId) -> bool {
        self.terms.products.as_ref().is_none_or(|chosen| chosen.contains(&product))
    }
}

/// What is read of a promotion; `:now` says which holds have run out.
const COLUMNS: &str = "id, code, percent, amount, starts, ends, uses_max, uses_per_person, chosen,
    used - (SELECT count(*) FROM orders
        WHERE orders.promotion = promotion.id AND orders.state = 'held' AND orders.expires <= :now)";

fn row(row: &Row<'_>) -> rusqlite::Result<Promotion> {
    let cut = match row.get::<_, Option<u16>>(2)? {
        Some(percent) => Cut::Percent(percent),
        None => Cut::Amount(row.get(3)?),
    };
    let terms = Terms {
        code: Code(row.get(1)?),
        cut,
        starts: row.get(4)?,
        ends: row.get(5)?,
        uses_max: row.get(6)?,
        uses_per_person: row.get(7)?,
        products: row.get::<_, bool>(8)?.then(Vec::new),
    };
    Ok(Promotion { id: row.get(0)?, terms, used: row.get(9)? })
}

/// Fills in what they apply to, in one look.
fn with_products(tx: &Read, mut promotions: Vec<Promotion>) -> Result<Vec<Promotion>> {
    let sql = "SELECT promotion, product FROM promotion_product
         WHERE promotion IN (SELECT unhex(value) FROM json_each(?1)) ORDER BY promotion, product";
    let ids = set(promotions.iter().map(|promotion| promotion.id.0));
    let chosen: Vec<(PromotionId, ProductId)> =
        tx.all(sql, [ids], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for promotion in &mut promotions {
        if let Some(products) = &mut promotion.terms.products {
            let from = chosen.partition_point(|(of, _)| *of < promotion.id);
            let own = chosen[from..].iter().take_while(|(of, _)| *of == promotion.id);
            products.extend(own.map(|(_, product)| *product));
        }
    }
    Ok(promotions)
}

/// The only promotion that a condition selects, which may name `:what`.
fn find(tx: &Read, condition: &str, what: &dyn rusqlite::ToSql) -> Result<Promotion> {
    let sql = format!("SELECT {COLUMNS} FROM promotion WHERE {condition} AND archived = 0");
    let found = tx.must(&sql, named_params! { ":now": tx.now(), ":what": what }, row)?;
    with_products(tx, vec![found])?.pop().ok_or(Error::NotFound)
}

/// The promotion, or `NotFound`.
pub fn get(tx: &Read, id: PromotionId) -> Result<Promotion> {
    find(tx, "id = :what", &id)
}

/// All promotions, the newest first.
pub fn list(tx: &Read, page: Page) -> Result<Vec<Promotion>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM promotion WHERE archived = 0
         ORDER BY created DESC, id DESC LIMIT :limit OFFSET :offset"
    );
    let params = named_params! { ":now": tx.now(), ":limit": page.limit, ":offset": page.offset };
    with_products(tx, tx.all(&sql, params, row)?)
}

/// Makes a promotion. Refused: a code that another has, more than [`MOST`].
pub fn create(tx: &Write, terms: &Terms) -> Result<Promotion> {
    check_room(tx, "promotion", MOST)?;
    let id = PromotionId::new();
    audit::note(tx, "promotion.create", Some(id.0))?;
    write(tx, id, terms)
}

/// Puts new terms in the place of old ones; orders keep what they were sold for. Refused: a code that another has, fewer
/// uses than there are.
pub fn update(tx: &Write, id: PromotionId, terms: &Terms) -> Result<Promotion> {
    get(tx, id)?;
    order::release(tx)?;
    audit::note(tx, "promotion.update", Some(id.0))?;
    write(tx, id, terms)
}

fn write(tx: &Write, id: PromotionId, terms: &Terms) -> Result<Promotion> {
    let Terms { code, cut, starts, ends, uses_max, uses_per_person, products } = terms;
    let (percent, amount) = match cut {
        Cut::Percent(percent) => (Some(percent), None),
        Cut::Amount(amount) => (None, Some(amount)),
    };
    tx.run(
        "INSERT INTO promotion (id, code, folded, percent, amount, starts, ends, uses_max, uses_per_person, chosen,
            created)
         VALUES (:id, :code, :folded, :percent, :amount, :starts, :ends, :uses_max, :uses_per_person, :chosen, :now)
         ON CONFLICT (id) DO UPDATE SET code = :code, folded = :folded, percent = :percent, amount = :amount,
            starts = :starts, ends = :ends, uses_max = :uses_max, uses_per_person = :uses_per_person,
            chosen = :chosen",
        named_params! {
            ":id": id, ":code": code.as_str(), ":folded": code.folded(), ":percent": percent, ":amount": amount,
            ":starts": starts, ":ends": ends, ":uses_max": uses_max, ":uses_per_person": uses_per_person,
            ":chosen": products.is_some(), ":now": tx.now(),
        },
    )
    .on_conflict("promotion.folded", Refusal::NameTaken)
    .on_conflict("promotion_uses", Refusal::UsesTaken)?;
    tx.run("DELETE FROM promotion_product WHERE promotion = ?1", [id])?;
    for product in products.iter().flatten() {
        let sql = "INSERT OR IGNORE INTO promotion_product (promotion, product) VALUES (?1, ?2)";
        tx.run(sql, (id, product))?;
    }
    get(tx, id)
}

/// Takes a promotion away; one that an order has is archived instead.
pub fn remove(tx: &Write, id: PromotionId) -> Result<()> {
    get(tx, id)?;
    if tx.exists("SELECT 1 FROM orders WHERE promotion = ?1", [id])? {
        tx.run("UPDATE promotion SET archived = 1 WHERE id = ?1", [id])?;
    } else {
        tx.run("DELETE FROM promotion WHERE id = ?1", [id])?;
    }
    audit::note(tx, "promotion.remove", Some(id.0))
}

/// The code by which an order was reduced.
pub fn of_order(tx: &Read, order: OrderId) -> Result<Option<String>> {
    let sql = "SELECT code FROM promotion JOIN orders ON orders.promotion = promotion.id WHERE orders.id = ?1";
    tx.maybe(sql, [order], |row| row.get(0))
}

/// The promotion of a code that this person may use now; else why not.
pub(super) fn usable(tx: &Read, code: &str, account: AccountId) -> Result<Promotion> {
    let no = |why| Err(Error::Refused(Refusal::NoPromotion(why)));
    let Some(code) = Code::parse(code) else { return no(NoPromotion::Unknown) };
    let promotion = match find(tx, "folded = :what", &code.folded()) {
        Err(Error::NotFound) => return no(NoPromotion::Unknown),
        found => found?,
    };
    let Terms { starts, ends, uses_max, uses_per_person, .. } = &promotion.terms;
    if starts.is_some_and(|starts| tx.now() < starts) {
        return no(NoPromotion::NotYet);
    }
    if ends.is_some_and(|ends| ends <= tx.now()) {
        return no(NoPromotion::Over);
    }
    if uses_max.is_some_and(|most| promotion.used >= most) {
        return no(NoPromotion::UsedUp);
    }
    let sql = "SELECT count(*) FROM orders
         WHERE promotion = ?1 AND account = ?2 AND (state = 'paid' OR state = 'held' AND expires > ?3)";
    let earlier: u32 = tx.one(sql, (promotion.id, account, tx.now()), |row| row.get(0))?;
    if uses_per_person.is_some_and(|most| earlier >= u32::from(most)) {
        return no(NoPromotion::UsedByPerson);
    }
    Ok(promotion)
}

/// Takes one use.
pub(super) fn take(tx: &Write, id: PromotionId) -> Result<()> {
    let sql = "UPDATE promotion SET used = used + 1 WHERE id = ?1 AND (uses_max IS NULL OR used < uses_max)";
    match tx.run(sql, [id])? {
        1 => Ok(()),
        _ => Err(Error::Refused(Refusal::NoPromotion(NoPromotion::UsedUp))),
    }
}

/// Gives back the uses of the orders that `which` selects by `?1`, whose ends are written next.
pub(super) fn give_back(tx: &Write, which: &str, of: &dyn rusqlite::ToSql) -> Result<()> {
    let sql = format!(
        "UPDATE promotion SET used = used - back.uses
         FROM (SELECT promotion AS id, count(*) AS uses FROM orders
               WHERE id IN ({which}) AND promotion IS NOT NULL GROUP BY promotion) AS back
         WHERE promotion.id = back.id"
    );
    tx.run(&sql, [of]).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_left_is_what_a_cashier_finds() {
        for (cut, full, left) in [
            (Cut::Percent(1_000), 1_250, 1_125),
            (Cut::Percent(3_333), 1_000, 667),
            (Cut::Percent(5_000), 1, 1),
            (Cut::Percent(5_000), 3, 2),
            (Cut::Percent(10_000), 1_250, 0),
            (Cut::Percent(1), 1_250, 1_250),
            (Cut::Amount(Money(500)), 1_250, 750),
            (Cut::Amount(Money(500)), 499, 0),
        ] {
            assert_eq!(cut.left(Money(full)), Money(left), "{cut:?} {full}");
        }
    }

    #[test]
    fn a_code_is_the_same_in_upper_and_lower_case() {
        let folded = |text| Code::parse(text).map(|code| code.folded());
        assert_eq!(folded(" Été-25 "), folded("éTÉ-25"));
        assert_eq!(folded("E\u{301}te"), folded("Éte"));
        for wrong in ["", " ", "a b", "a\u{7}", &"x".repeat(51)] {
            assert_eq!(folded(wrong), None, "{wrong:?}");
        }
    }

    fn cut() -> impl Strategy<Value = Cut> {
        prop_oneof![
            (1_u16..=10_000).prop_map(Cut::Percent),
            (1_i64..=99_999_999).prop_map(|amount| Cut::Amount(Money(amount))),
        ]
    }

    proptest! {
        #[test]
        fn what_is_left_is_between_nothing_and_the_price(cut in cut(), full in 0_i64..=99_999_999) {
            let left = cut.left(Money(full)).0;
            prop_assert!((0..=full).contains(&left));
            if let Cut::Percent(percent) = cut {
                let exact = i128::from(full) * i128::from(10_000 - percent);
                let off = 2 * (i128::from(left) * 10_000 - exact);
                prop_assert!(-10_000 < off && off <= 10_000);
            }
        }

        #[test]
        fn who_pays_more_without_a_code_never_pays_less_with_it(cut in cut(), a in 0_i64..=99_999_999, b in 0_i64..=99_999_999) {
            prop_assert!(cut.left(Money(a.min(b))) <= cut.left(Money(a.max(b))));
        }
    }
}
