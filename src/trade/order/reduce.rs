//! What a code takes off a basket.

use super::basket::{Buyer, Known};
use crate::error::{Error, NoPromotion, Refusal, Result};
use crate::root::Write;
use crate::trade::promotion;
use crate::values::Money;
use crate::values::id::PromotionId;

/// Takes one use of a code and lowers the prices that it applies to. Refused: a code that is unknown, not valid now or used
/// up, and one that takes nothing off.
pub(super) fn reduce(
    tx: &Write,
    buyer: &Buyer,
    code: &str,
    known: &mut [Known<'_>],
) -> Result<PromotionId> {
    let promotion = promotion::usable(tx, code, buyer.account)?;
    let mut reduced = false;
    for one in known {
        // Who chooses what to pay needs no code to pay less.
        if !one.price.free_amount && promotion.applies_to(one.product.id) {
            let left = promotion.terms.cut.left(one.unit);
            one.discount = Money(one.unit.0 - left.0);
            one.unit = left;
            reduced |= one.discount > Money(0);
        }
    }
    if !reduced {
        return Err(Error::Refused(Refusal::NoPromotion(NoPromotion::NotForThis)));
    }
    promotion::take(tx, promotion.id)?;
    Ok(promotion.id)
}
