//! `/v2/tenants/:id/billingInformation`: to whom a tenant's bills go.

use super::given::Given;
use super::payments::store;
use super::tenants::current;
use super::wire::one;
use crate::doors::{Answer, Call, Front};
use crate::error::{Error, Refusal, Result};
use crate::root::billing::{Billing, Store};
use crate::root::{Caller, Staff};
use crate::values::Email;
use crate::values::country::Country;
use crate::values::vat::{self, Look};
use schemars::JsonSchema;
use serde::Serialize;

/// To whom bills go.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoomleBillingInformation")]
pub(super) struct WireBilling {
    store_id: &'static str,
    customer_id: Option<String>,
    email: Option<String>,
    name: String,
    address1: String,
    address2: Option<String>,
    zip: String,
    city: String,
    country: String,
    uid: Option<String>,
    reverse_charge: bool,
    uid_verified: bool,
}

impl WireBilling {
    fn new(customer_id: Option<String>, billing: Billing) -> Self {
        let Billing { store, email, name, address1, address2, zip, city, country, .. } = billing;
        let Billing { uid, reverse_charge, uid_verified, .. } = billing;
        let store_id = store.as_str();
        Self {
            store_id,
            customer_id,
            email,
            name,
            address1,
            address2,
            zip,
            city,
            country,
            uid,
            reverse_charge,
            uid_verified,
        }
    }
}

fn required(given: &Given, name: &'static str, max: usize) -> Result<String> {
    given.text(name, max)?.ok_or_else(|| Error::invalid(name, "is required"))
}

/// What a body says; all of it is checked before anybody is asked.
fn read(given: &Given) -> Result<Billing> {
    let country = required(given, "country", 2)?;
    let is_lower = country.bytes().all(|byte| byte.is_ascii_lowercase());
    if !is_lower || !Country::has(&country.to_ascii_uppercase()) {
        return Err(Error::invalid("country", "must be two lower-case letters of ISO 3166"));
    }
    let email = given.clearable("email", 254)?.flatten();
    if email.as_deref().is_some_and(|email| Email::parse(email).is_none()) {
        return Err(Error::invalid("email", "is no e-mail address"));
    }
    let uid = given.clearable("uid", 30)?.flatten();
    let wrong = || Error::invalid("uid", "is not written as its country writes VAT numbers");
    let uid = uid.map(|uid| vat::parse(&uid).ok_or_else(wrong)).transpose()?;
    let reverse_charge = given.flag("reverseCharge")?.unwrap_or(false);
    if reverse_charge && uid.is_none() {
        return Err(Error::invalid("reverseCharge", "needs a uid"));
    }
    Ok(Billing {
        store: store(given)?,
        email,
        name: required(given, "name", 200)?,
        address1: required(given, "address1", 200)?,
        address2: given.clearable("address2", 200)?.flatten(),
        zip: required(given, "zip", 20)?,
        city: required(given, "city", 100)?,
        country,
        uid_verified: uid.as_deref().map(vat::look) == Some(Look::Right),
        uid,
        reverse_charge,
    })
}

/// As the store knows it now, where there is one to be asked.
pub(super) fn show(call: &Call<'_>, front: &Front, caller: &Caller) -> Answer {
    current(call, front)?;
    let kept = front.tenant.billing(caller)?.ok_or(Error::NotFound)?;
    let customer = front.tenant.customer(kept.store)?;
    let now = match (kept.store, &customer, &call.desk.cashier) {
        (Store::Stripe, Some(id), Some(cashier)) => {
            cashier.bills_of(&front.tenant.entry().slug, id, &kept)?
        }
        _ => kept,
    };
    Ok(one(call, "billingInformation", WireBilling::new(customer, now)))
}

/// Says it to the store first: what the store does not take is not kept.
pub(super) fn create(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    current(call, front)?;
    let asked = read(&Given::body(call)?.within("billingInformation")?)?;
    let (customer, told) = match asked.store {
        Store::Stripe => {
            let cashier = call.desk.cashier.as_ref();
            let cashier = cashier.ok_or(Error::Refused(Refusal::Provider))?;
            let (customer, told) = cashier.register(staff, &asked)?;
            (Some(customer), told)
        }
        Store::Test => {
            let customer = format!("cus_test_{}", front.tenant.entry().no);
            staff.note_customer(Store::Test, &customer)?;
            (Some(customer), asked)
        }
        Store::Manual => (None, asked),
    };
    let kept = staff.save_billing(&told)?;
    Ok(one(call, "billingInformation", WireBilling::new(customer, kept)))
}

/// The same, where something was said before.
pub(super) fn update(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    current(call, front)?;
    if !staff.has_billing()? {
        return Err(Error::NotFound.into());
    }
    create(call, front, staff)
}
