//! `/v2/tenants/:id/paymentConnections` and `/paymentConnectionSessions`: by what a tenant pays, and the way to its bills.

use super::given::Given;
use super::tenants::current;
use super::wire::{answer, many};
use crate::doors::{Answer, Call, Front};
use crate::error::{Error, Refusal, Result};
use crate::root::Staff;
use crate::root::billing::{PaymentConnection, Store};
use crate::stripe::Portal;
use crate::values::id::random;
use crate::values::link::is_link;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// The longest text of what a store gave.
const DATA_MAX: usize = 8_192;

const LINK_MAX: usize = 500;

/// By what a tenant pays.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoomlePaymentConnection")]
pub(super) struct WirePaymentConnection {
    id: String,
    user: Option<String>,
    tenant: i64,
    store_id: &'static str,
    data: Value,
}

impl WirePaymentConnection {
    fn new(tenant: i64, connection: &PaymentConnection) -> Result<Self> {
        let PaymentConnection { id, store, account, data, created: _ } = connection;
        let data = serde_json::from_str(data).map_err(|e| Error::Internal(Box::new(e)))?;
        let user = account.map(|no| no.to_string());
        Ok(Self { id: id.to_string(), user, tenant, store_id: store.as_str(), data })
    }
}

/// What is said of something that was made: when in seconds.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoomlePaymentConnectionMade")]
pub(super) struct WireMade {
    id: String,
    created: i64,
    payment_connection: WirePaymentConnection,
}

/// A way into a store's portal.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RoomlePaymentConnectionSession")]
pub(super) struct WireSession {
    id: String,
    created: i64,
    url: String,
}

/// The store that a body names.
pub(super) fn store(given: &Given) -> Result<Store> {
    let name =
        given.text("storeId", 20)?.ok_or_else(|| Error::invalid("storeId", "is required"))?;
    let wrong = || Error::invalid("storeId", "must be stripe, manual or test");
    Store::parse(&name).ok_or_else(wrong)
}

/// By what the tenant pays.
pub(super) fn list(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    current(call, front)?;
    let no = front.tenant.entry().no;
    let found = staff.payment_connections()?;
    let wire: Result<Vec<_>> =
        found.iter().map(|one| WirePaymentConnection::new(no, one)).collect();
    let wire = wire?;
    Ok(many(call, "paymentConnections", &wire, i64::try_from(wire.len()).unwrap_or(0)))
}

/// Says by what the tenant pays in a store. Who it is there, only the store says: another customer's name is refused.
pub(super) fn save(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    current(call, front)?;
    let given = Given::body(call)?.within("paymentConnection")?;
    let (store, data) = (store(&given)?, given.value("data").cloned().unwrap_or(Value::Null));
    let wrong = |what: &str| Error::invalid("data", what.to_owned());
    let text = match &data {
        Value::Null => "{}".to_owned(),
        Value::Object(_) => data.to_string(),
        _ => return Err(wrong("must be an object").into()),
    };
    if text.len() > DATA_MAX {
        return Err(Error::invalid("data", format!("must be at most {DATA_MAX} characters")).into());
    }
    if let Some(customer) = data.get("customerId").filter(|_| store == Store::Stripe) {
        let known = front.tenant.customer(store)?;
        if known.as_deref() != customer.as_str() {
            return Err(wrong(
                "customerId is not this tenant's: say its billing information first",
            )
            .into());
        }
    }
    let saved = staff.save_payment_connection(store, &text)?;
    let made = WireMade {
        id: saved.id.to_string(),
        created: saved.created.seconds(),
        payment_connection: WirePaymentConnection::new(front.tenant.entry().no, &saved)?,
    };
    Ok(answer(200, &made))
}

/// Opens the portal of a store in which the tenant pays.
pub(super) fn open(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    current(call, front)?;
    let given = Given::body(call)?;
    let store = store(&given)?;
    let back = given.text("returnUrl", LINK_MAX)?.unwrap_or_else(|| call.origin.clone());
    if !back.starts_with("http") || !is_link(&back) {
        let what = "must be an address that begins with http:// or https://";
        return Err(Error::invalid("returnUrl", what).into());
    }
    if !staff.pays_through(store)? {
        return Err(Error::NotFound.into());
    }
    let Portal { id, created, url } = match store {
        Store::Stripe => {
            let customer = front.tenant.customer(store)?.ok_or(Error::NotFound)?;
            let cashier = call.desk.cashier.as_ref();
            let cashier = cashier.ok_or(Error::Refused(Refusal::Provider))?;
            cashier.portal(staff, &customer, &back)?
        }
        // There is nothing to see: whoever tries things out comes straight back.
        Store::Test => {
            Portal { id: format!("se_test_{}", random()), created: call.now.seconds(), url: back }
        }
        Store::Manual => return Err(Error::NotFound.into()),
    };
    Ok(answer(200, &WireSession { id, created, url }))
}
