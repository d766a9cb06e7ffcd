//! What fees come to for one piece. Each is rounded once, half up to the minor unit; of those of one name the ones of the
//! smallest scope count, the others add up, in whatever order they come.

use crate::values::Money;
use std::collections::BTreeMap;

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

crate::values::letters! {
    /// Who bears a fee.
    Payer {
        /// The buyer, on top of the price.
        Customer = "customer",
        /// The organizer: it is withheld of the price.
        Organizer = "organizer",
    }
}

/// How much a fee is, who bears it, and of which prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Who bears it.
    pub payer: Payer,
    /// So much a piece.
    pub fixed: Money,
    /// And so many hundredths of a percent of its price, up to 10,000.
    pub percent: u16,
    /// But no less than this.
    pub minimum: Option<Money>,
    /// And no more than this; not below `minimum`.
    pub maximum: Option<Money>,
    /// For prices from this on; none: for all that is not free.
    pub from: Option<Money>,
    /// For prices up to this, itself among them; none: without limit.
    pub to: Option<Money>,
}

impl Rate {
    /// Is a price in its band? What is free only is where the band begins at 0 explicitly.
    #[must_use]
    pub fn holds(&self, base: Money) -> bool {
        self.from.unwrap_or(Money(1)) <= base && self.to.is_none_or(|to| base <= to)
    }

    /// What it comes to for one piece at this price, which is not below 0.
    #[must_use]
    pub fn amount(&self, base: Money) -> Money {
        let part = (i128::from(base.0.max(0)) * i128::from(self.percent) + 5_000) / 10_000;
        let amount = i64::try_from(i128::from(self.fixed.0) + part).unwrap_or(i64::MAX);
        let amount = self.minimum.map_or(amount, |minimum| amount.max(minimum.0));
        Money(self.maximum.map_or(amount, |maximum| amount.min(maximum.0)))
    }
}

/// A fee as it is reckoned with.
#[derive(Clone, Copy, Debug)]
pub struct Charge<'a> {
    /// Its name, by which fees stand in each other's place.
    pub name: &'a str,
    /// For what it is set.
    pub level: Level,
    /// How much it is.
    pub rate: &'a Rate,
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

/// Reckons the fees of one piece at the price `base`, which is between 0 and [`Money::MAX`].
#[must_use]
pub fn reckon<'a>(base: Money, fees: impl IntoIterator<Item = Charge<'a>>) -> Split {
    let mut by_name: BTreeMap<&str, (u8, i64, i64)> = BTreeMap::new();
    for Charge { name, level, rate } in fees {
        if !rate.holds(base) {
            continue;
        }
        let level = level as u8;
        let (smallest, fee, withheld) = by_name.entry(name).or_insert((level, 0, 0));
        if level < *smallest {
            continue;
        }
        if level > *smallest {
            (*smallest, *fee, *withheld) = (level, 0, 0);
        }
        let amount = rate.amount(base).0;
        match rate.payer {
            Payer::Customer => *fee = fee.saturating_add(amount),
            Payer::Organizer => *withheld = withheld.saturating_add(amount),
        }
    }
    let fee = by_name.values().fold(0_i64, |sum, (_, fee, _)| sum.saturating_add(*fee));
    let withheld = by_name.values().fold(0_i64, |sum, (.., one)| sum.saturating_add(*one));
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
        Charge { name, level, rate }
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
