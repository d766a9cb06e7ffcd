//! `/api/here/`: the tenant of this host, with the memberships that can be bought there.

use super::products::nest;
use super::wire::{WirePlace, json};
use crate::doors::{Answer, Call, Front};
use crate::trade::{place, price, product};

pub(super) fn show(call: &Call<'_>, front: &Front) -> Answer {
    let (profile, products, mut prices) = front
        .tenant
        .read(|tx| Ok((place::get(tx)?, product::memberships(tx)?, price::of_memberships(tx)?)))?;
    // Images of what is nested have no host, as in the contract.
    let mut memberships = nest(&products, &mut prices, "");
    if memberships.iter().all(|membership| !membership.has_prices()) {
        memberships.clear();
    }
    let place =
        WirePlace::of(front.tenant.entry(), &profile, &call.origin).with_memberships(memberships);
    Ok(json(200, &place))
}
