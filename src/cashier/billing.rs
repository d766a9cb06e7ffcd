//! What tenants owe the house: who they are at Stripe, and their way to their bills there.

use super::Cashier;
use crate::error::{Error, Refusal, Result};
use crate::root::Staff;
use crate::root::billing::{Billing, Store};
use crate::stripe::{Details, Fault, Portal};

fn details(billing: &Billing) -> Details {
    Details {
        email: billing.email.clone(),
        name: billing.name.clone(),
        line1: billing.address1.clone(),
        line2: billing.address2.clone(),
        zip: billing.zip.clone(),
        city: billing.city.clone(),
        country: billing.country.clone(),
        uid: billing.uid.clone(),
        reverse_charge: billing.reverse_charge,
    }
}

/// What Stripe knows of a customer, in the place of what was asked to be known; only we look at VAT numbers.
fn known(asked: &Billing, details: Details) -> Billing {
    let Details { email, name, line1, line2, zip, city, country, uid, reverse_charge } = details;
    let uid_verified = asked.uid_verified && asked.uid == uid;
    Billing {
        store: Store::Stripe,
        email,
        name,
        address1: line1,
        address2: line2,
        zip,
        city,
        country: country.to_lowercase(),
        uid,
        reverse_charge,
        uid_verified,
    }
}

/// Says to whoever hosts what Stripe did not do, and to the caller that it was not done.
fn refused(slug: &crate::values::Slug, fault: Fault) -> Error {
    let why = fault.to_string();
    tracing::warn!(tenant = %slug, why, "Stripe did not do what a tenant's bills ask for");
    Error::Refused(Refusal::Provider)
}

impl Cashier {
    /// Makes the tenant a customer of Stripe, unless it is one, and tells Stripe to whom its bills go. Who it is there is
    /// written down as soon as Stripe has said it. The customer's name there, and what Stripe knows of it then.
    pub fn register(&self, staff: &Staff, billing: &Billing) -> Result<(String, Billing)> {
        let (slug, id) = (&staff.tenant().entry().slug, staff.tenant().entry().id);
        let customer = match staff.tenant().customer(Store::Stripe)? {
            Some(customer) => customer,
            None => {
                let made = self.stripe.create_customer(&id.to_string(), &format!("customer-{id}"));
                let made = made.map_err(|fault| refused(slug, fault))?.id;
                staff.note_customer(Store::Stripe, &made)?;
                made
            }
        };
        let told = self.stripe.update_customer(&customer, &details(billing));
        let told = told.map_err(|fault| refused(slug, fault))?;
        Ok((customer, known(billing, told.details)))
    }

    /// What Stripe knows of a customer now.
    pub fn bills_of(
        &self,
        slug: &crate::values::Slug,
        customer: &str,
        kept: &Billing,
    ) -> Result<Billing> {
        let told = self.stripe.customer(customer).map_err(|fault| refused(slug, fault))?;
        Ok(known(kept, told.details))
    }

    /// The tenant's way to its bills.
    pub fn portal(&self, staff: &Staff, customer: &str, return_to: &str) -> Result<Portal> {
        let slug = &staff.tenant().entry().slug;
        self.stripe.portal(customer, return_to).map_err(|fault| refused(slug, fault))
    }
}
