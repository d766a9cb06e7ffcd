//! `/v2/configurators`: a tenant's web shops, as other pages embed them.

use super::given::Given;
use super::wire::one;
use crate::doors::{Answer, Call, Front};
use crate::error::{Error, Result};
use crate::root::distribution::{Channel, Distribution, New, ShopChange};
use crate::root::{Caller, Staff};
use crate::values::Host;
use crate::values::link::is_link;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoomleConfigurator")]
pub(super) struct WireConfigurator {
    id: String,
    /// Separated by commas.
    allowed_hosts: String,
    tenant: i64,
    url: Option<String>,
    settings: Value,
}

impl WireConfigurator {
    fn new(distribution: Distribution, tenant: i64) -> Self {
        let Distribution { key, url, allowed_hosts, settings, .. } = distribution;
        let hosts: Vec<String> = serde_json::from_str(&allowed_hosts).unwrap_or_default();
        Self {
            id: key,
            allowed_hosts: hosts.join(", "),
            tenant,
            url,
            settings: serde_json::from_str(&settings).unwrap_or_default(),
        }
    }
}

pub(super) fn show(call: &Call<'_>, front: &Front, _: &Caller) -> Answer {
    let entry = front.tenant.entry();
    let found = front.directory.shop(entry.id, call.param(0))?.ok_or(Error::NotFound)?;
    Ok(one(call, "configurator", WireConfigurator::new(found, entry.no)))
}

/// Opens a web shop more. Its name begins with the tenant's, so that nobody takes a name that another tenant may want.
pub(super) fn create(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    let given = Given::body(call)?.within("configurator")?;
    let entry = front.tenant.entry();
    let key = given.text("id", 80)?.ok_or_else(|| Error::invalid("id", "is required"))?;
    let tail = key.strip_prefix(entry.slug.as_str());
    let fits =
        tail.is_some_and(|tail| tail.is_empty() || (tail.starts_with(':') && is_plain(&tail[1..])));
    if !fits {
        let example = format!("must be {0}, or {0}:something", entry.slug);
        return Err(Error::invalid("id", example).into());
    }
    let change = change(&given)?;
    let new = New {
        key: &key,
        name: &key,
        channel: Channel::Web,
        url: change.url.as_ref().and_then(|url| url.as_deref()),
        allowed_hosts: change.allowed_hosts.as_deref().unwrap_or("[]"),
    };
    staff.open_distribution(&new)?;
    let made = staff.change_shop(&key, &ShopChange { url: None, allowed_hosts: None, ..change })?;
    Ok(one(call, "configurator", WireConfigurator::new(made, entry.no)))
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

/// Changes a web shop; what is absent stays.
pub(super) fn update(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    let change = change(&Given::body(call)?.within("configurator")?)?;
    let changed = staff.change_shop(call.param(0), &change)?;
    Ok(one(call, "configurator", WireConfigurator::new(changed, front.tenant.entry().no)))
}

fn change(given: &Given) -> Result<ShopChange> {
    let url = given.clearable("url", 500)?;
    if url.iter().flatten().any(|url| !is_link(url)) {
        return Err(Error::invalid("url", "must be an address"));
    }
    let settings = match given.value("settings") {
        None => None,
        Some(value) if value.is_object() && value.to_string().len() <= 100_000 => {
            Some(value.to_string())
        }
        Some(_) => {
            return Err(Error::invalid(
                "settings",
                "must be an object of at most 100,000 characters",
            ));
        }
    };
    let hosts = given.texts("allowedHosts", 50)?.map(|texts| hosts(&texts)).transpose()?;
    Ok(ShopChange { url, allowed_hosts: hosts, settings })
}

/// Host names, of which several may stand in one text.
fn hosts(texts: &[String]) -> Result<String> {
    let names = texts.iter().flat_map(|text| text.split(',')).map(str::trim);
    let hosts = names.filter(|name| !name.is_empty()).map(|name| match Host::parse(name) {
        Some(host) => Ok(host.to_string()),
        None => Err(Error::invalid("allowedHosts", format!("{name} is no host name"))),
    });
    Ok(Value::from(hosts.collect::<Result<Vec<_>>>()?).to_string())
}
