//! How a tenant pays the house, and to whom its bills go.
//!
//! What must stay true: what a store gave to know a tenant's means of payment by is encrypted at rest; who a tenant is in a
//! store is said by the store alone, never by whoever calls: else one tenant could open another's bills.

use super::{Caller, House, Read, Right, Staff, Tenant, connection};
use crate::error::{Error, OnConflict, Refusal, Result};
use crate::values::Time;
use crate::values::id::PaymentConnectionId;
use rusqlite::{Row, named_params};

crate::values::letters! {
    /// Where a tenant pays.
    Store {
        /// Through Stripe.
        Stripe = "stripe",
        /// Against a bill on paper.
        Manual = "manual",
        /// Nowhere: for who tries things out.
        Test = "test",
    }
}

/// By what a tenant pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentConnection {
    /// Its id.
    pub id: PaymentConnectionId,
    /// Where.
    pub store: Store,
    /// The small number of who said it last.
    pub account: Option<i64>,
    /// What the store gave: JSON, as text.
    pub data: String,
    /// Since when.
    pub created: Time,
}

/// A row with its secret still closed.
struct Sealed {
    id: PaymentConnectionId,
    store: Store,
    account: Option<i64>,
    data: Vec<u8>,
    created: Time,
}

const CONNECTION: &str = "payment_connection.id AS id, store, account.no AS account_no, data,
    payment_connection.created AS created";

fn sealed(row: &Row<'_>) -> rusqlite::Result<Sealed> {
    Ok(Sealed {
        id: row.get("id")?,
        store: row.get("store")?,
        account: row.get("account_no")?,
        data: row.get("data")?,
        created: row.get("created")?,
    })
}

/// What a sealed text belongs to: moved to another row it does not open.
fn bound(id: PaymentConnectionId) -> String {
    format!("payment connection {id}")
}

/// To whom bills go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Billing {
    /// Where.
    pub store: Store,
    /// The address for bills.
    pub email: Option<String>,
    /// The name on them.
    pub name: String,
    /// Street and number.
    pub address1: String,
    /// More of it.
    pub address2: Option<String>,
    /// Postal code.
    pub zip: String,
    /// Town.
    pub city: String,
    /// Two small letters of ISO 3166.
    pub country: String,
    /// The VAT number.
    pub uid: Option<String>,
    /// Does the tenant owe the VAT itself?
    pub reverse_charge: bool,
    /// Is the VAT number written as its country writes them?
    pub uid_verified: bool,
}

const BILLING: &str =
    "store, email, name, address1, address2, zip, city, country, uid, reverse_charge, uid_verified";

fn billing(row: &Row<'_>) -> rusqlite::Result<Billing> {
    Ok(Billing {
        store: row.get("store")?,
        email: row.get("email")?,
        name: row.get("name")?,
        address1: row.get("address1")?,
        address2: row.get("address2")?,
        zip: row.get("zip")?,
        city: row.get("city")?,
        country: row.get("country")?,
        uid: row.get("uid")?,
        reverse_charge: row.get("reverse_charge")?,
        uid_verified: row.get("uid_verified")?,
    })
}

impl House {
    fn opened(&self, sealed: Sealed) -> Result<PaymentConnection> {
        let Sealed { id, store, account, data, created } = sealed;
        let data = self.secrets.open_sealed(&bound(id), &data)?;
        let data = String::from_utf8(data).map_err(|e| Error::Internal(Box::new(e)))?;
        Ok(PaymentConnection { id, store, account, data, created })
    }
}

impl Tenant {
    /// Who this tenant is in a store.
    pub fn customer(&self, store: Store) -> Result<Option<String>> {
        let sql = "SELECT customer FROM billing_customer WHERE tenant = ?1 AND store = ?2";
        let id = self.entry().id;
        self.house().file.read(|tx| tx.maybe(sql, (id, store), |row| row.get(0)))
    }

    /// To whom its bills go. For anybody who is connected with it.
    pub fn billing(&self, caller: &Caller) -> Result<Option<Billing>> {
        let id = self.entry().id;
        self.house().rights(id, caller)?;
        let account = caller.account().ok_or(Error::Forbidden)?;
        self.house().file.read(|tx| {
            if !account.superuser && connection::roles(tx, id, account.id)?.is_empty() {
                return Err(Error::Forbidden);
            }
            tx.maybe(&format!("SELECT {BILLING} FROM billing WHERE tenant = ?1"), [id], billing)
        })
    }
}

impl Staff {
    /// By what this tenant pays. For who may pay for it.
    pub fn payment_connections(&self) -> Result<Vec<PaymentConnection>> {
        self.must(Right::Payment)?;
        let (house, id) = (self.tenant().house(), self.tenant().entry().id);
        let sql = format!(
            "SELECT {CONNECTION} FROM payment_connection LEFT JOIN account ON account.id = payment_connection.account
             WHERE tenant = ?1 ORDER BY payment_connection.created, payment_connection.id"
        );
        let found = house.file.read(|tx| tx.all(&sql, [id], sealed))?;
        found.into_iter().map(|one| house.opened(one)).collect()
    }

    /// Is there a means of payment in this store?
    pub fn pays_through(&self, store: Store) -> Result<bool> {
        self.must(Right::Manage)?;
        let sql = "SELECT 1 FROM payment_connection WHERE tenant = ?1 AND store = ?2";
        let id = self.tenant().entry().id;
        self.tenant().house().file.read(|tx| tx.exists(sql, (id, store)))
    }

    /// Says by what this tenant pays in a store, in the place of what was said before. For who may manage it.
    pub fn save_payment_connection(&self, store: Store, data: &str) -> Result<PaymentConnection> {
        self.must(Right::Manage)?;
        let (house, tenant) = (self.tenant().house(), self.tenant().entry().id);
        let account = self.account().map(|account| account.id);
        let saved = house.file.write(self.by(), |tx| {
            let sql = "SELECT id FROM payment_connection WHERE tenant = ?1 AND store = ?2";
            let known = tx.maybe(sql, (tenant, store), |row| row.get(0))?;
            let id = known.unwrap_or_else(PaymentConnectionId::new);
            let data = house.secrets.seal(&bound(id), data.as_bytes())?;
            tx.run(
                "INSERT INTO payment_connection (id, tenant, store, account, data, created, changed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
                 ON CONFLICT (tenant, store) DO UPDATE SET account = excluded.account, data = excluded.data,
                    changed = excluded.changed",
                (id, tenant, store, account, data, tx.now()),
            )?;
            let sql = format!(
                "SELECT {CONNECTION} FROM payment_connection LEFT JOIN account ON account.id = payment_connection.account
                 WHERE payment_connection.id = ?1"
            );
            tx.one(&sql, [id], sealed)
        })?;
        house.opened(saved)
    }

    /// Writes down who this tenant is in a store, as the store has said it.
    pub fn note_customer(&self, store: Store, customer: &str) -> Result<()> {
        self.must(Right::Manage)?;
        let id = self.tenant().entry().id;
        let sql = "INSERT INTO billing_customer (tenant, store, customer) VALUES (?1, ?2, ?3)
             ON CONFLICT (tenant, store) DO UPDATE SET customer = excluded.customer";
        self.tenant().house().file.write(self.by(), |tx| {
            tx.run(sql, (id, store, customer))
                .on_conflict("billing_customer.customer", Refusal::NameTaken)
                .map(drop)
        })
    }

    /// Says to whom this tenant's bills go. For who may manage it.
    pub fn save_billing(&self, new: &Billing) -> Result<Billing> {
        self.must(Right::Manage)?;
        let tenant = self.tenant().entry().id;
        let Billing { store, email, name, address1, address2, zip, city, country, .. } = new;
        let Billing { uid, reverse_charge, uid_verified, .. } = new;
        let sql = format!(
            "INSERT INTO billing (tenant, {BILLING}, changed)
             VALUES (:tenant, :store, :email, :name, :address1, :address2, :zip, :city, :country, :uid, :reverse_charge,
                :uid_verified, :now)
             ON CONFLICT (tenant) DO UPDATE SET store = excluded.store, email = excluded.email, name = excluded.name,
                address1 = excluded.address1, address2 = excluded.address2, zip = excluded.zip, city = excluded.city,
                country = excluded.country, uid = excluded.uid, reverse_charge = excluded.reverse_charge,
                uid_verified = excluded.uid_verified, changed = excluded.changed
             RETURNING {BILLING}"
        );
        self.tenant().house().file.write(self.by(), |tx| {
            let params = named_params! {
                ":tenant": tenant, ":store": store, ":email": email, ":name": name, ":address1": address1,
                ":address2": address2, ":zip": zip, ":city": city, ":country": country, ":uid": uid,
                ":reverse_charge": reverse_charge, ":uid_verified": uid_verified, ":now": tx.now(),
            };
            tx.one(&sql, params, billing)
        })
    }

    /// Was it ever said to whom this tenant's bills go?
    pub fn has_billing(&self) -> Result<bool> {
        let id = self.tenant().entry().id;
        let known = |tx: &Read| tx.exists("SELECT 1 FROM billing WHERE tenant = ?1", [id]);
        self.tenant().house().file.read(known)
    }
}
