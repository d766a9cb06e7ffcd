//! What a line costs, to the cent. Prices hold their VAT, and fees that
//! buyers pay hold it at the same rate: the part that is VAT is rounded once a line, half up.

use crate::trade::price::Vat;
use crate::values::Money;

/// The rate in hundredths of a percent.
#[must_use]
pub const fn rate(vat: Vat) -> u16 {
    match vat {
        Vat::None => 0,
        Vat::TwoPointTwo => 220,
        Vat::EightAndHalf => 850,
        Vat::Ten => 1_000,
        Vat::Twenty => 2_000,
    }
}

/// The VAT within an amount that holds it: `amount × rate / (100 % + rate)`, rounded half up to the minor unit.
#[must_use]
pub fn vat_within(total: Money, rate: u16) -> Money {
    let (total, rate) = (i128::from(total.0.max(0)), i128::from(rate));
    let whole = 10_000 + rate;
    let vat = (2 * total * rate + whole) / (2 * whole);
    Money(i64::try_from(vat).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn vat_is_what_an_accountant_finds() {
        for (total, vat, found) in [
            (1_000, Vat::None, 0),
            (1_100, Vat::Ten, 100),
            (1_200, Vat::Twenty, 200),
            (1_000, Vat::Twenty, 167),
            (1_000, Vat::Ten, 91),
            (550, Vat::Ten, 50),
            (1_085, Vat::EightAndHalf, 85),
            (1_022, Vat::TwoPointTwo, 22),
            (3, Vat::Twenty, 1),
            (2, Vat::Twenty, 0),
        ] {
            assert_eq!(vat_within(Money(total), rate(vat)), Money(found), "{total} {vat:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_given_back_holds_no_more_vat_than_it_is(before in 0_i64..=1_000_000, back in 0_i64..=1_000, rate in 0_u16..=10_000) {
            let vat = vat_within(Money(before + back), rate).0 - vat_within(Money(before), rate).0;
            prop_assert!((0..=back).contains(&vat));
        }

        #[test]
        fn vat_is_never_more_than_half_a_cent_from_exact(total in 0_i64..=99_999_999 * 32_767, rate in 0_u16..=10_000) {
            let vat = i128::from(vat_within(Money(total), rate).0);
            let (total, rate) = (i128::from(total), i128::from(rate));
            let off = 2 * (vat * (10_000 + rate) - total * rate);
            prop_assert!(off.abs() <= 10_000 + rate);
            prop_assert!((0..=total).contains(&vat));
        }
    }
}
