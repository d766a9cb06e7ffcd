//! Telling other servers what happened here: signed, within five seconds, never into our own network.

use super::round::{Round, calmly};
use crate::doors::{roomle, tibillet};
use crate::error::{Error, Result};
use crate::fetch::{Fault, Fetcher};
use crate::root::{By, Errand, Root, Tenant, credential};
use crate::trade::hook::{self, Delivery, Dialect};
use crate::values::Time;
use crate::values::secret::sign;
use std::collections::HashSet;

/// What one tenant tells before the next one's turn.
const AT_ONCE: u32 = 20;

/// Tells what is to be told now.
pub(super) fn tell_due(root: &Root, fetcher: &Fetcher) -> Result<()> {
    Round::run(root, Errand::Hook, hook::next, |round, tenant| {
        // Who did not hear one thing is not told the next at once.
        let mut deaf = HashSet::new();
        for delivery in tenant.read(|tx| hook::due(tx, AT_ONCE))? {
            if round.in_time()
                && !deaf.contains(&delivery.hook.id)
                && !tell(root, tenant, fetcher, &delivery)?
            {
                deaf.insert(delivery.hook.id);
            }
        }
        Ok(())
    })
}

/// Tells one thing, and writes down whether it was heard.
fn tell(root: &Root, tenant: &Tenant, fetcher: &Fetcher, delivery: &Delivery) -> Result<bool> {
    let told = match delivery.hook.dialect {
        Dialect::Tibillet => calmly(|| tenant.read(|tx| tibillet::message(tx, delivery)))
            .map(|message| post(fetcher, delivery, message.media_type, &message.body)),
        Dialect::Roomle => calmly(|| event(root, tenant, fetcher, delivery)),
    };
    let (heard, said) = match told {
        Ok(answer) => answer,
        // What it was about is gone: there is nothing to tell.
        Err(Error::NotFound) => (true, "gone".to_owned()),
        Err(other) => (false, other.to_string()),
    };
    tenant.write(By::House, |tx| hook::note(tx, delivery, heard, &said))?;
    Ok(heard)
}

/// Tells a tenant's webhook.
fn event(
    root: &Root,
    tenant: &Tenant,
    fetcher: &Fetcher,
    delivery: &Delivery,
) -> Result<(bool, String)> {
    let body = tenant.read(|tx| roomle::events::message(tx, delivery, tenant.entry().no))?;
    Ok(offer(root, tenant, fetcher, &delivery.hook.url, &body))
}

/// Posts something to a tenant's webhook, with a token by which it knows us: any 2xx, and it was heard.
pub(super) fn offer(
    root: &Root,
    tenant: &Tenant,
    fetcher: &Fetcher,
    url: &str,
    body: &str,
) -> (bool, String) {
    let key = root.console().credential(&tenant.entry().slug, credential::Dialect::Roomle);
    let token = match key {
        Ok(key) => roomle::token::of_webhook(&key.key, &key.secret, Time::now()),
        Err(error) => return (false, error.to_string()),
    };
    let token = token.unwrap_or_default();
    let headers = [("Content-Type", "application/json"), ("token", token.as_str())];
    heard(fetcher.tell(url, &headers, body))
}

/// Whether it was heard, and what came of it.
fn heard(told: Result<(u16, String), Fault>) -> (bool, String) {
    match told {
        Ok((status, said)) => {
            ((200..300).contains(&status), format!("status code {status} - {said}"))
        }
        Err(fault) => (false, fault.to_string()),
    }
}

/// Whether it was heard (any 2xx), and what came of it in the contract's words.
fn post(fetcher: &Fetcher, delivery: &Delivery, media_type: &str, body: &str) -> (bool, String) {
    let (id, at) = (delivery.id.to_string(), Time::now().seconds().to_string());
    let signature = format!("v1,{}", sign(&delivery.hook.secret, &format!("{id}.{at}.{body}")));
    let headers = [
        ("Content-Type", media_type),
        ("webhook-id", &id),
        ("webhook-timestamp", &at),
        ("webhook-signature", &signature),
    ];
    heard(fetcher.tell(&delivery.hook.url, &headers, body))
}
