//! Codes of the house: each gives a tenant a package once, and no code is used more often than it may be. Uses and what
//! they gave are counted and written in one write, and kept.

use super::{Operator, Read, Right, Staff, Write, package};
use crate::error::{Error, OnConflict, Refusal, Result};
use crate::values::id::{AccountId, PackageId, PurchaseId, TenantId};
use crate::values::{Package, Time};
use rusqlite::Row;

/// A code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promo {
    /// As it was written first; it is found in any letter case.
    pub code: String,
    /// May be used at all.
    pub active: bool,
    /// From when.
    pub starts: Option<Time>,
    /// Until when.
    pub ends: Option<Time>,
    /// How often in all.
    pub uses_max: Option<u32>,
    /// How often it was.
    pub used: u32,
    /// What it gives; none: nothing, it is only noted.
    pub package: Option<Package>,
    /// For how long; none: for good.
    pub days: Option<u32>,
}

const COLUMNS: &str = "code, active, starts, ends, uses_max, used, package, days";

fn row(row: &Row<'_>) -> rusqlite::Result<Promo> {
    Ok(Promo {
        code: row.get("code")?,
        active: row.get("active")?,
        starts: row.get("starts")?,
        ends: row.get("ends")?,
        uses_max: row.get("uses_max")?,
        used: row.get("used")?,
        package: row.get("package")?,
        days: row.get("days")?,
    })
}

impl Promo {
    /// May it be used now, and once more?
    fn is_available(&self, now: Time) -> bool {
        self.starts.is_none_or(|starts| starts <= now)
            && self.ends.is_none_or(|ends| now < ends)
            && self.uses_max.is_none_or(|most| self.used < most)
    }
}

/// What a tenant has got of the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// Its id.
    pub id: PurchaseId,
    /// The small number of who got it.
    pub account: Option<i64>,
    /// By which code.
    pub code: Option<String>,
    /// The package of the tenant that it became.
    pub held: PackageId,
    /// Which.
    pub package: Package,
    /// What it cost, in minor units.
    pub price: i64,
    /// Of which currency.
    pub currency: String,
    /// From when.
    pub starts: Time,
    /// Until when.
    pub ends: Option<Time>,
    /// When it was got.
    pub created: Time,
}

const PURCHASE: &str = "purchase.id AS id, account.no AS account_no, code, held, package, price, currency, starts, ends,
    purchase.created AS created";

fn purchase(row: &Row<'_>) -> rusqlite::Result<Purchase> {
    Ok(Purchase {
        id: row.get("id")?,
        account: row.get("account_no")?,
        code: row.get("code")?,
        held: row.get("held")?,
        package: row.get("package")?,
        price: row.get("price")?,
        currency: row.get("currency")?,
        starts: row.get("starts")?,
        ends: row.get("ends")?,
        created: row.get("created")?,
    })
}

fn purchases(tx: &Read, tenant: TenantId) -> Result<Vec<Purchase>> {
    let sql = format!(
        "SELECT {PURCHASE} FROM purchase LEFT JOIN account ON account.id = purchase.account
         WHERE tenant = ?1 ORDER BY purchase.created, purchase.id"
    );
    tx.all(&sql, [tenant], purchase)
}

/// Notes what a code has given; it costs nothing.
fn buy(
    tx: &Write,
    tenant: TenantId,
    account: Option<AccountId>,
    promo: &Promo,
    given: Package,
) -> Result<PurchaseId> {
    let held = package::give(tx, tenant, given, promo.days, true)?;
    let id = PurchaseId::new();
    tx.run(
        "INSERT INTO purchase (id, tenant, account, code, held, package, price, currency, starts, ends, created)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 'EUR', ?7, ?8, ?7)",
        (id, tenant, account, &promo.code, held.id, given, held.starts, held.ends),
    )?;
    Ok(id)
}

fn redeem(
    tx: &Write,
    tenant: TenantId,
    account: Option<AccountId>,
    code: &str,
) -> Result<Option<Purchase>> {
    let sql = format!("SELECT {COLUMNS} FROM promo_code WHERE code = ?1 AND active = 1");
    let promo = tx.must(&sql, [code], row)?;
    let sql = "SELECT 1 FROM promo_use WHERE code = ?1 AND tenant = ?2";
    if tx.exists(sql, (code, tenant))? {
        return Err(Error::Refused(Refusal::CodeUsedHere));
    }
    if !promo.is_available(tx.now()) {
        return Err(Error::Refused(Refusal::CodeOver));
    }
    tx.run("UPDATE promo_code SET used = used + 1 WHERE code = ?1", [code])
        .on_conflict("promo_code_uses", Refusal::CodeOver)?;
    let bought = promo.package.map(|given| buy(tx, tenant, account, &promo, given)).transpose()?;
    tx.run(
        "INSERT INTO promo_use (code, tenant, account, purchase, used) VALUES (?1, ?2, ?3, ?4, ?5)",
        (&promo.code, tenant, account, bought, tx.now()),
    )?;
    let all = purchases(tx, tenant)?;
    Ok(all.into_iter().find(|one| Some(one.id) == bought))
}

impl Staff {
    /// Uses a code on this tenant, and says what came of it. `NotFound`: there is no such code in use. Refused: one that is
    /// over or used up, and one that this tenant has used. For who may pay for it.
    pub fn redeem(&self, code: &str) -> Result<Option<Purchase>> {
        self.must(Right::Payment)?;
        let (house, id) = (self.tenant().house(), self.tenant().entry().id);
        let account = self.account().map(|account| account.id);
        house.file.write(self.by(), |tx| redeem(tx, id, account, code.trim()))
    }

    /// All that this tenant has got of the house, the oldest first. For who may pay for it.
    pub fn purchases(&self) -> Result<Vec<Purchase>> {
        self.must(Right::Payment)?;
        self.tenant().house().file.read(|tx| purchases(tx, self.tenant().entry().id))
    }
}

impl Operator {
    /// Makes a code of the house: letters, digits, `-` and `_`. Refused: one that there is in any letter case.
    pub fn create_promo(&self, new: &Promo) -> Result<Promo> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !(1..=50).contains(&new.code.len()) || !new.code.bytes().all(plain) {
            return Err(Error::invalid("code", "must be 1 to 50 of a-z, 0-9, - and _"));
        }
        if new.package == Some(Package::Free) {
            return Err(Error::invalid("package", "everybody has tenant_free"));
        }
        if new.starts.zip(new.ends).is_some_and(|(starts, ends)| ends <= starts) {
            return Err(Error::invalid("until", "must be after the beginning"));
        }
        for (name, number, most) in [("uses", new.uses_max, 1_000_000), ("days", new.days, 36_500)]
        {
            if number.is_some_and(|number| !(1..=most).contains(&number)) {
                return Err(Error::invalid(name, format!("must be 1 to {most}")));
            }
        }
        let Promo { code, active, starts, ends, uses_max, used: _, package, days } = new;
        let sql = format!(
            "INSERT INTO promo_code (code, active, starts, ends, uses_max, package, days, created)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING {COLUMNS}"
        );
        self.house().file.write(self.by(), |tx| {
            let params = (code, active, starts, ends, uses_max, package, days, tx.now());
            tx.one(&sql, params, row).on_conflict("promo_code.code", Refusal::NameTaken)
        })
    }

    /// All codes of the house.
    pub fn promos(&self) -> Result<Vec<Promo>> {
        let sql = format!("SELECT {COLUMNS} FROM promo_code ORDER BY code");
        self.house().file.read(|tx| tx.all(&sql, [], row))
    }

    /// Lets a code be used no more; what it gave stays.
    pub fn disable_promo(&self, code: &str) -> Result<()> {
        let sql = "UPDATE promo_code SET active = 0 WHERE code = ?1";
        match self.house().file.write(self.by(), |tx| tx.run(sql, [code]))? {
            0 => Err(Error::invalid("code", format!("there is no code {code}"))),
            _ => Ok(()),
        }
    }
}
