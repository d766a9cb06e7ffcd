//! `/v2/tenants/:id/promocode`: codes of the house, each used once on a tenant.

use super::given::Given;
use super::tenants::current;
use super::wire::one;
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::Error;
use crate::root::Staff;
use crate::root::promo::Purchase;
use schemars::JsonSchema;
use serde::Serialize;

/// What a tenant has got of the house.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoomlePurchase")]
pub(super) struct WirePurchase {
    id: String,
    tenant: i64,
    user: Option<i64>,
    store_id: &'static str,
    promocode: Option<String>,
    package: &'static str,
    package_id: String,
    /// In minor units.
    price: i64,
    currency: String,
    valid_from: String,
    valid_till: Option<String>,
    status: &'static str,
    created: String,
}

impl WirePurchase {
    fn new(tenant: i64, purchase: Purchase) -> Self {
        let Purchase { id, account, code, held, package, price, currency, starts, ends, created } =
            purchase;
        Self {
            id: id.to_string(),
            tenant,
            user: account,
            store_id: "promocode",
            promocode: code,
            package: package.as_str(),
            package_id: held.to_string(),
            price,
            currency,
            valid_from: starts.millis(),
            valid_till: ends.map(|ends| ends.millis()),
            // Nothing is left to be done for what a code gives.
            status: "completed",
            created: created.millis(),
        }
    }
}

/// Uses a code on the tenant that is worked on; what it gave, or `null`.
pub(super) fn redeem(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    current(call, front)?;
    let given = Given::body(call)?.within("promocode")?;
    let code = given.text("code", 50)?.ok_or_else(|| Error::invalid("code", "is required"))?;
    // Who guesses codes too often is not told of a right one either.
    if call.throttle.address_is_blocked(call.now, call.client) {
        return Err(Failure::TooManyFailures);
    }
    let no = front.tenant.entry().no;
    let purchase = staff.redeem(&code).inspect_err(|error| {
        if matches!(error, Error::NotFound) {
            call.throttle.failed(call.now, call.client);
        }
    })?;
    let purchase = purchase.map(|purchase| WirePurchase::new(no, purchase));
    Ok(one(call, "purchase", purchase))
}
