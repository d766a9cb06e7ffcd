//! What fees come to for one piece. Each is rounded once, half up to the minor unit; of those of one name the ones of the
//! smallest scope count, the others add up, in whatever order they come.

use crate::values::Money;
use crate::values::rate::{Payer, Rate};
use std::collections::BTreeMap;
use uuid::Uuid;

crate::values::letters! {
    /// For what a fee is set, the largest first. What is set for less stands before what is set for more.
    Level {
        /// All organizations of the house.
        Platform = "platform",
        /// One organization.
        Organization = "organization",
        /// One venue.
        Organizer = "organizer",
        /// One way of selling.
        Distribution = "distribution",
        /// One event.
        Event = "event",
        /// One price.
        Price = "price",
    }
}

/// A fee as it is reckoned with.
#[derive(Clone, Copy, Debug)]
pub struct Charge<'a> {
    /// Its id.
    pub id: Uuid,
    /// Its name, by which fees stand in each other's place.
    pub name: &'a str,
    /// For what it is set.
    pub level: Level,
    /// How much it is.
    pub rate: &'a Rate,
}

/// What one fee comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The fee.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Who bears it.
    pub payer: Payer,
    /// How much.
    pub amount: Money,
}

/// What one piece costs, and who gets what of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// Its price, VAT included.
    pub base: Money,
    /// What is left of the price to the organizer; below 0 where more is withheld than it costs.
    pub excl_fee: Money,
    /// What the buyer pays on top.
    pub fee: Money,
    /// What the buyer pays in all.
    pub incl_fee: Money,
}

impl Split {
    /// What the organizer bears.
    #[must_use]
    pub const fn withheld(&self) -> Money {
        Money(self.base.0 - self.excl_fee.0)
    }
}

/// The fees that count at the price `base`, and what each comes to: of one name those of the smallest scope.
fn parts<'a>(base: Money, fees: impl IntoIterator<Item = Charge<'a>>) -> Vec<(Charge<'a>, Money)> {
    let held: Vec<Charge<'a>> = fees.into_iter().filter(|fee| fee.rate.holds(base)).collect();
    let mut smallest: BTreeMap<&str, u8> = BTreeMap::new();
    for fee in &held {
        let level = smallest.entry(fee.name).or_insert(fee.level as u8);
        *level = (*level).max(fee.level as u8);
    }
    let counts = |fee: &Charge<'_>| smallest.get(fee.name) == Some(&(fee.level as u8));
    held.into_iter().filter(counts).map(|fee| (fee, fee.rate.amount(base))).collect()
}

/// Reckons the fees of one piece at the price `base`, which is between 0 and [`Money::MAX`].
#[must_use]
pub fn reckon<'a>(base: Money, fees: impl IntoIterator<Item = Charge<'a>>) -> Split {
    split(base, parts(base, fees).into_iter().map(|(fee, amount)| (fee.rate.payer, amount)))
}

/// The same, with what each fee comes to.
#[must_use]
pub fn reckon_parts<'a>(
    base: Money,
    fees: impl IntoIterator<Item = Charge<'a>>,
) -> (Split, Vec<Part>) {
    let parts: Vec<Part> = parts(base, fees)
        .into_iter()
        .map(|(fee, amount)| Part {
            id: fee.id,
            name: fee.name.to_owned(),
            payer: fee.rate.payer,
            amount,
        })
        .collect();
    (split(base, parts.iter().map(|part| (part.payer, part.amount))), parts)
}

fn split(base: Money, parts: impl Iterator<Item = (Payer, Money)>) -> Split {
    let (mut fee, mut withheld) = (0_i64, 0_i64);
    for (payer, amount) in parts {
        let sum = match payer {
            Payer::Customer => &mut fee,
            Payer::Organizer => &mut withheld,
        };
        *sum = sum.saturating_add(amount.0);
    }
    Split {
        base,
        excl_fee: Money(base.0.saturating_sub(withheld)),
        fee: Money(fee),
        incl_fee: Money(base.0.saturating_add(fee)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NONE: Rate = Rate {
        payer: Payer::Customer,
        fixed: Money(0),
        percent: 0,
        minimum: None,
        maximum: None,
        from: None,
        to: None,
    };

    fn fixed(cents: i64) -> Rate {
        Rate { fixed: Money(cents), ..NONE }
    }

    fn charge<'a>(name: &'a str, level: Level, rate: &'a Rate) -> Charge<'a> {
        Charge { id: Uuid::nil(), name, level, rate }
    }

    #[test]
    fn a_price_is_split_between_buyer_and_organizer() {
        let buyer = Rate { percent: 200, ..fixed(50) };
        let organizer = Rate { payer: Payer::Organizer, ..fixed(30) };
        let fees = [
            charge("Service", Level::Organizer, &buyer),
            charge("Commission", Level::Organizer, &organizer),
        ];
        let split = Split {
            base: Money(1_000),
            excl_fee: Money(970),
            fee: Money(70),
            incl_fee: Money(1_070),
        };
        assert_eq!(reckon(Money(1_000), fees), split);
        assert_eq!(split.withheld(), Money(30));
    }

    #[test]
    fn an_amount_is_rounded_half_up_and_kept_between_its_bounds() {
        for (rate, base, amount) in [
            (Rate { percent: 250, ..NONE }, 1_250, 31),
            (Rate { percent: 200, ..NONE }, 25, 1),
            (Rate { percent: 200, ..NONE }, 24, 0),
            (Rate { percent: 10_000, ..NONE }, 1_250, 1_250),
            (Rate { percent: 200, minimum: Some(Money(40)), ..NONE }, 1_000, 40),
            (Rate { percent: 200, maximum: Some(Money(15)), ..NONE }, 1_000, 15),
            (Rate { percent: 9_999, ..fixed(99_999_999) }, 99_999_999, 199_989_998),
        ] {
            assert_eq!(rate.amount(Money(base)), Money(amount), "{rate:?} {base}");
        }
    }

    #[test]
    fn a_band_holds_both_its_ends_and_what_is_free_only_where_it_says_so() {
        let band = Rate { from: Some(Money(500)), to: Some(Money(1_000)), ..NONE };
        for (base, holds) in [(499, false), (500, true), (1_000, true), (1_001, false)] {
            assert_eq!(band.holds(Money(base)), holds, "{base}");
        }
        assert!(!fixed(50).holds(Money(0)) && fixed(50).holds(Money(1)));
        assert!(Rate { from: Some(Money(0)), ..fixed(50) }.holds(Money(0)));
    }

    #[test]
    fn of_one_name_the_smallest_scope_counts_also_where_it_asks_for_nothing() {
        let (much, little) = (fixed(100), fixed(20));
        let fees: Vec<Charge<'_>> =
            Level::ALL.iter().map(|level| charge("Service", *level, &much)).collect();
        assert_eq!(reckon(Money(1_000), fees.clone()).fee, Money(100));
        let other = charge("Fonds", Level::Platform, &little);
        assert_eq!(reckon(Money(1_000), fees.into_iter().chain([other])).fee, Money(120));
        let waived =
            [charge("Service", Level::Price, &NONE), charge("Service", Level::Event, &much)];
        assert_eq!(reckon(Money(1_000), waived).fee, Money(0));
        let organizer = Rate { payer: Payer::Organizer, ..fixed(30) };
        let borne = [
            charge("Service", Level::Event, &organizer),
            charge("Service", Level::Organizer, &much),
        ];
        let split = reckon(Money(1_000), borne);
        assert_eq!((split.fee, split.withheld()), (Money(0), Money(30)));
    }

    #[test]
    fn a_fee_that_does_not_count_stands_before_none() {
        let (dear, all) = (Rate { from: Some(Money(5_000)), ..fixed(300) }, fixed(100));
        let fees =
            [charge("Service", Level::Price, &dear), charge("Service", Level::Organizer, &all)];
        assert_eq!(reckon(Money(1_000), fees).fee, Money(100));
        assert_eq!(reckon(Money(5_000), fees).fee, Money(300));
    }

    fn cents() -> impl Strategy<Value = Money> {
        (0_i64..=99_999_999).prop_map(Money)
    }

    fn rates() -> impl Strategy<Value = Rate> {
        let payer = prop_oneof![Just(Payer::Customer), Just(Payer::Organizer)];
        let pair = || {
            (prop::option::of(cents()), prop::option::of(cents())).prop_map(|pair| match pair {
                (Some(one), Some(other)) => (Some(one.min(other)), Some(one.max(other))),
                other => other,
            })
        };
        (payer, cents(), 0_u16..=10_000, pair(), pair()).prop_map(
            |(payer, fixed, percent, (minimum, maximum), (from, to))| Rate {
                payer,
                fixed,
                percent,
                minimum,
                maximum,
                from,
                to,
            },
        )
    }

    type Owned = (u8, usize, Rate);

    fn lists() -> impl Strategy<Value = Vec<Owned>> {
        prop::collection::vec((b'a'..=b'd', 0..Level::ALL.len(), rates()), 0..12)
    }

    fn of(list: &[Owned]) -> impl Iterator<Item = Charge<'_>> {
        const NAMES: [&str; 4] = ["a", "b", "c", "d"];
        list.iter().map(|(name, level, rate)| {
            charge(NAMES[usize::from(name - b'a')], Level::ALL[*level], rate)
        })
    }

    proptest! {
        #[test]
        fn nobody_pays_less_for_a_fee_and_what_is_paid_adds_up(base in cents(), list in lists()) {
            let split = reckon(base, of(&list));
            prop_assert!(split.incl_fee >= split.base && split.excl_fee <= split.base);
            prop_assert_eq!(split.incl_fee.0, split.base.0 + split.fee.0);
            prop_assert_eq!(split.base, base);
        }

        #[test]
        fn the_order_of_fees_does_not_matter((list, shuffled) in lists().prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle())), base in cents()) {
            prop_assert_eq!(reckon(base, of(&list)), reckon(base, of(&shuffled)));
        }

        #[test]
        fn an_amount_is_never_more_than_half_a_cent_from_exact(rate in rates(), base in cents()) {
            let free = Rate { minimum: None, maximum: None, ..rate };
            let exact = i128::from(free.fixed.0) * 10_000 + i128::from(base.0) * i128::from(free.percent);
            let off = 2 * (i128::from(free.amount(base).0) * 10_000 - exact);
            prop_assert!(-10_000 < off && off <= 10_000);
        }

        #[test]
        fn an_amount_is_between_its_bounds(rate in rates(), base in cents()) {
            let amount = rate.amount(base);
            prop_assert!(rate.minimum.is_none_or(|minimum| minimum <= amount));
            prop_assert!(rate.maximum.is_none_or(|maximum| amount <= maximum));
        }

        #[test]
        fn what_a_smaller_scope_says_is_not_touched_by_a_larger_one(base in cents(), over in rates(), under in rates(), small in 1..Level::ALL.len()) {
            let smaller = charge("a", Level::ALL[small], &under);
            let larger = charge("a", Level::ALL[small - 1], &over);
            let counts = if under.holds(base) { smaller } else { larger };
            prop_assert_eq!(reckon(base, [larger, smaller]), reckon(base, [counts]));
        }
    }
}
