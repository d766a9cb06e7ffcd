//! Customers of Stripe and the portal in which they see their bills.
//!
//! A customer is made in words that never change, under a key of ours, and told the rest afterwards: so asking again makes
//! nobody twice, whatever was said meanwhile.

use super::{Fault, Stripe, clean, wire};
use serde::Deserialize;
use std::collections::HashMap;
use url::form_urlencoded::Serializer;

/// A customer, as Stripe tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Stripe's name for it.
    pub id: String,
    /// What is to be known of it.
    pub details: Details,
}

/// What is to be known of a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// The address for bills.
    pub email: Option<String>,
    /// The name on them.
    pub name: String,
    /// Street and number.
    pub line1: String,
    /// More of it.
    pub line2: Option<String>,
    /// Postal code.
    pub zip: String,
    /// Town.
    pub city: String,
    /// Two letters.
    pub country: String,
    /// The VAT number.
    pub uid: Option<String>,
    /// Owes the VAT itself.
    pub reverse_charge: bool,
}

/// A way into the portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portal {
    /// Stripe's name for it.
    pub id: String,
    /// When it was made, in seconds since 1970.
    pub created: i64,
    /// Where it is.
    pub url: String,
}

#[derive(Deserialize)]
struct WireCustomer {
    id: String,
    #[serde(default)]
    deleted: bool,
    email: Option<String>,
    name: Option<String>,
    address: Option<WireAddress>,
    tax_exempt: Option<String>,
    metadata: Option<HashMap<String, String>>,
}

#[derive(Default, Deserialize)]
struct WireAddress {
    line1: Option<String>,
    line2: Option<String>,
    postal_code: Option<String>,
    city: Option<String>,
    country: Option<String>,
}

#[derive(Deserialize)]
struct WirePortal {
    id: String,
    created: i64,
    url: String,
}

fn customer(body: &[u8]) -> Result<Customer, Fault> {
    let wire: WireCustomer = wire::read(body)?;
    if wire.deleted {
        return Err(Fault::Never(format!("{} was deleted at Stripe", wire.id)));
    }
    let WireCustomer { id, deleted: _, email, name, address, tax_exempt, metadata } = wire;
    let WireAddress { line1, line2, postal_code, city, country } = address.unwrap_or_default();
    let said = |text: Option<String>| text.filter(|text| !text.is_empty());
    let details = Details {
        email: said(email),
        name: name.unwrap_or_default(),
        line1: line1.unwrap_or_default(),
        line2: said(line2),
        zip: postal_code.unwrap_or_default(),
        city: city.unwrap_or_default(),
        country: country.unwrap_or_default(),
        uid: said(metadata.and_then(|mut said| said.remove("uid"))),
        reverse_charge: tax_exempt.as_deref() == Some("reverse"),
    };
    Ok(Customer { id, details })
}

impl Stripe {
    /// Makes a customer that is nothing yet but ours: `tenant` is kept with it. Asked again under the same key, the same.
    pub fn create_customer(&self, tenant: &str, key: &str) -> Result<Customer, Fault> {
        let mut form = Serializer::new(String::new());
        form.append_pair("metadata[tenant]", tenant);
        customer(&self.post("/v1/customers", Some(key), &form.finish())?)
    }

    /// Says what is to be known of a customer. Saying it twice changes nothing.
    pub fn update_customer(&self, id: &str, details: &Details) -> Result<Customer, Fault> {
        let Details { email, name, line1, line2, zip, city, country, uid, reverse_charge } =
            details;
        let said = |text: &Option<String>| text.clone().unwrap_or_default();
        let mut form = Serializer::new(String::new());
        form.append_pair("email", &said(email))
            .append_pair("name", name)
            .append_pair("address[line1]", line1)
            .append_pair("address[line2]", &said(line2))
            .append_pair("address[postal_code]", zip)
            .append_pair("address[city]", city)
            .append_pair("address[country]", &country.to_uppercase())
            .append_pair("tax_exempt", if *reverse_charge { "reverse" } else { "none" })
            .append_pair("metadata[uid]", &said(uid));
        customer(&self.post(&format!("/v1/customers/{}", clean(id)?), None, &form.finish())?)
    }

    /// The customer as it stands.
    pub fn customer(&self, id: &str) -> Result<Customer, Fault> {
        customer(&self.get(&format!("/v1/customers/{}", clean(id)?))?)
    }

    /// A way into the portal for a customer, who goes to `return_to` afterwards.
    pub fn portal(&self, customer: &str, return_to: &str) -> Result<Portal, Fault> {
        let mut form = Serializer::new(String::new());
        form.append_pair("customer", clean(customer)?).append_pair("return_url", return_to);
        let body = self.post("/v1/billing_portal/sessions", None, &form.finish())?;
        let WirePortal { id, created, url } = wire::read(&body)?;
        Ok(Portal { id, created, url })
    }
}
