//! Telling other servers what happened here: signed, within five seconds, never into our own network.

use super::round::{Round, calmly};
use crate::doors::tibillet::message;
use crate::error::{Error, Result};
use crate::fetch::Fetcher;
use crate::root::{By, Errand, Root, Tenant};
use crate::trade::hook::{self, Delivery};
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
                && !tell(tenant, fetcher, &delivery)?
            {
                deaf.insert(delivery.hook.id);
            }
        }
        Ok(())
    })
}

/// Tells one thing, and writes down whether it was heard.
fn tell(tenant: &Tenant, fetcher: &Fetcher, delivery: &Delivery) -> Result<bool> {
    let (heard, said) = match calmly(|| tenant.read(|tx| message(tx, delivery))) {
        Ok(message) => post(fetcher, delivery, message.media_type, &message.body),
        // What it was about is gone: there is nothing to tell.
        Err(Error::NotFound) => (true, "gone".to_owned()),
        Err(other) => (false, other.to_string()),
    };
    tenant.write(By::House, |tx| hook::note(tx, delivery, heard, &said))?;
    Ok(heard)
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
    match fetcher.tell(&delivery.hook.url, &headers, body) {
        Ok((status, said)) => {
            ((200..300).contains(&status), format!("status code {status} - {said}"))
        }
        Err(fault) => (false, fault.to_string()),
    }
}
