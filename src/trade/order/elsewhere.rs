//! What staff gave back at Stripe itself, by hand: it is written down as what it was, once.
//!
//! What must stay true: of an order no more goes back than was paid for it. Seats go back only where all that an order is
//! worth went back and no ticket of it was used: which ticket a part was for, only staff know. Such a part is ahead of the
//! tickets: when they are given back, so much less goes back for them.

use super::back::{self, Part, Way};
use super::{Means, State, vat_within};
use crate::error::Result;
use crate::root::{Read, Write};
use crate::trade::{audit, stripe_refund};
use crate::values::Money;
use crate::values::id::{OrderId, StripeRefundId};
use std::collections::BTreeMap;

/// What a refund says of its reason when it was made at Stripe.
pub const AT_STRIPE: &str = "stripe";

/// A refund, as Stripe tells of it.
#[derive(Clone, Copy, Debug)]
pub struct Made<'a> {
    /// What it gives back of.
    pub intent: &'a str,
    /// What Stripe calls it.
    pub reference: &'a str,
    /// How much.
    pub amount: Money,
    /// Three letters, in whatever case.
    pub currency: &'a str,
    /// Under which of our ids it was asked for.
    pub asked: Option<StripeRefundId>,
}

/// What became of it here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    /// It is ours, or was told before.
    Known,
    /// It hands over what was owed.
    Settled,
    /// It ends its order.
    Whole,
    /// Money alone went back.
    Part,
    /// It fits nothing that was sold here: nothing was changed.
    Unknown,
}

/// Writes down what was given back at Stripe; however often it is told, it happens once.
pub fn given_back(tx: &Write, made: &Made<'_>) -> Result<Noted> {
    let Made { intent, reference, amount, currency, asked } = *made;
    if stripe_refund::is_known(tx, reference, asked)? {
        return Ok(Noted::Known);
    }
    let paid = "SELECT id, orders FROM checkout WHERE intent = ?1 AND lower(currency) = lower(?2)";
    let paid = tx.maybe(paid, (intent, currency), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some((checkout, order)) = paid.filter(|_| amount > Money(0)) else {
        return Ok(Noted::Unknown);
    };
    // What we could not send is to be made by hand: this is it.
    if let Some(owed) = stripe_refund::given_up(tx, checkout, amount)? {
        super::refund::settle_at_stripe(tx, owed, reference)?;
        return Ok(Noted::Settled);
    }
    let left = stripe_refund::left(tx, order)?.map_or(Money(0), |(_, left)| left);
    if left < amount {
        // Somebody was faster than our job.
        return match stripe_refund::waiting(tx, checkout, amount)? {
            Some(waiting) => {
                let sent = stripe_refund::Outcome::Sent(reference.to_owned());
                stripe_refund::note(tx, &waiting, &sent)?;
                Ok(Noted::Settled)
            }
            None => Ok(Noted::Unknown),
        };
    }
    if super::get(tx, order)?.state != State::Paid {
        return Ok(Noted::Unknown);
    }
    let ahead = ahead(tx, order)?;
    let worth = Money(unreturned(tx, order)?.0 - ahead.map_or(0, |ahead| ahead.0));
    if amount > worth {
        return Ok(Noted::Unknown);
    }
    let used = "SELECT 1 FROM ticket JOIN line ON line.id = ticket.line WHERE line.orders = ?1 AND ticket.state = 'S'";
    let is_whole = amount == worth && !tx.exists(used, [order])?;
    let by_rate = if is_whole {
        let all = back::take_back_part(tx, order, Part::Whole)?;
        if ahead.is_some() { owing(tx, order, amount)? } else { all }
    } else {
        over_rates(&uncredited(tx, order, "quantity")?, amount)
    };
    let way = Way { means: Means::Stripe, owed: false, amount };
    let id = back::write_refund(tx, order, way, AT_STRIPE)?;
    stripe_refund::made(tx, checkout, id, amount, reference)?;
    back::write_credit_note(tx, id, &by_rate)?;
    tx.run("UPDATE booking SET changed = ?2 WHERE orders = ?1", (order, tx.now()))?;
    audit::note(tx, "refund.elsewhere", Some(order.0))?;
    Ok(if is_whole { Noted::Whole } else { Noted::Part })
}

/// What an order's pieces cost that were not given back.
fn unreturned(tx: &Read, order: OrderId) -> Result<Money> {
    let sql = "SELECT sum(unit * (quantity - returned)) FROM line WHERE orders = ?1";
    tx.one(sql, [order], |row| row.get(0))
}

/// How much more went back of a paid order than its returned pieces cost; none: nothing of it was given back at Stripe.
pub(super) fn ahead(tx: &Read, order: OrderId) -> Result<Option<Money>> {
    let sql = "SELECT (SELECT sum(amount) FROM refund WHERE orders = ?1)
         - (SELECT sum(unit * returned) FROM line WHERE orders = ?1)
         FROM refund WHERE orders = ?1 AND reason = ?2 LIMIT 1";
    tx.maybe(sql, (order, AT_STRIPE), |row| row.get(0))
}

/// Amount and VAT of what pieces that were given back cost and no credit note tells yet, by rate: for an order of which
/// something went back ahead of its pieces.
pub(super) fn owing(tx: &Read, order: OrderId, amount: Money) -> Result<BTreeMap<u16, (i64, i64)>> {
    let (mut owing, mut wanted) = (BTreeMap::new(), amount.0);
    let all = uncredited(tx, order, "quantity")?;
    for (rate, (left, _)) in uncredited(tx, order, "returned")? {
        let part = left.min(wanted);
        if part > 0 || amount == Money(0) {
            owing.insert(rate, part_of(&all, rate, part.max(0)));
            wanted -= part.max(0);
        }
    }
    Ok(owing)
}

/// What the `pieces` of an order cost, with the VAT in it, less what credit notes tell of it, by rate.
fn uncredited(tx: &Read, order: OrderId, pieces: &str) -> Result<BTreeMap<u16, (i64, i64)>> {
    let sql = format!(
        "SELECT rate, sum(amount), sum(vat) FROM (
             SELECT vat_rate AS rate, unit * {pieces} AS amount, vat FROM line WHERE orders = ?1
             UNION ALL
             SELECT credit_part.vat_rate, -credit_part.amount, -credit_part.vat FROM credit_part
             JOIN credit_note ON no = note JOIN refund ON refund.id = refund WHERE refund.orders = ?1)
         GROUP BY rate ORDER BY rate"
    );
    let rows = tx.all(&sql, [order], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
    Ok(rows.into_iter().collect())
}

/// So much of a rate, with the VAT in it: with the last of it goes what is left of its VAT.
fn part_of(left: &BTreeMap<u16, (i64, i64)>, rate: u16, amount: i64) -> (i64, i64) {
    let (most, vat) = left.get(&rate).copied().unwrap_or_default();
    let part = if amount == most { vat } else { vat_within(Money(amount), rate).0 };
    (amount, part.clamp(0, amount))
}

/// An amount spread over what is left by rate, in proportion.
fn over_rates(left: &BTreeMap<u16, (i64, i64)>, amount: Money) -> BTreeMap<u16, (i64, i64)> {
    let whole: i128 = left.values().map(|(left, _)| i128::from(*left)).sum();
    let (mut before, mut given, mut parts) = (0_i128, 0, BTreeMap::new());
    for (rate, (most, _)) in left {
        before += i128::from(*most);
        let until = before * i128::from(amount.0) / whole.max(1);
        let part = i64::try_from(until).unwrap_or(i64::MAX) - given;
        given += part;
        if part > 0 {
            parts.insert(*rate, part_of(left, *rate, part));
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_spread_over_rates_to_the_cent() {
        let left = BTreeMap::from([(550, (1_000, 52)), (2_000, (2_000, 333))]);
        for amount in [1, 2, 999, 1_000, 2_999] {
            let parts = over_rates(&left, Money(amount));
            assert_eq!(parts.values().map(|(part, _)| part).sum::<i64>(), amount);
            assert!(parts.iter().all(|(rate, (part, vat))| *part <= left[rate].0 && vat <= part));
        }
        assert_eq!(over_rates(&left, Money(3_000)), left);
    }
}
