//! Money: an integer of minor units (cents). Decimals exist only where text comes in or goes out.

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rust_decimal::Decimal;
use std::fmt;

/// An amount in minor units of the tenant's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Money(pub i64);

/// Why a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not an ASCII decimal number.
    NotANumber,
    /// Below zero.
    Negative,
    /// Above [`Money::MAX`].
    TooLarge,
    /// More than two digits after the point.
    TooPrecise,
}

impl Money {
    /// The largest price: 999,999.99.
    pub const MAX: Self = Self(99_999_999);

    /// Reads a price: an ASCII decimal, exponent allowed, between 0 and [`Money::MAX`], at most two decimals.
    /// White space around it is ignored.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if !is_decimal(text) {
            return Err(Fault::NotANumber);
        }
        let bare = text.trim_start_matches('+');
        let exact = if bare.contains(['e', 'E']) {
            Decimal::from_scientific(bare)
        } else {
            Decimal::from_str_exact(bare)
        };
        // What does not fit 28 digits is far outside our range on one side or the other.
        let amount = exact.map_err(|_| Fault::NotANumber)?.normalize();
        if amount.is_sign_negative() && !amount.is_zero() {
            return Err(Fault::Negative);
        }
        if amount > Self::MAX.decimal() {
            return Err(Fault::TooLarge);
        }
        if amount.scale() > 2 {
            return Err(Fault::TooPrecise);
        }
        let mut minor = amount;
        minor.rescale(2);
        i64::try_from(minor.mantissa()).map(Self).map_err(|_| Fault::TooLarge)
    }

    /// As [`Display`](fmt::Display) says it, written into `room` from its end.
    pub fn text(self, room: &mut [u8; 24]) -> &str {
        let (mut at, mut left) = (room.len(), self.0.unsigned_abs());
        let mut put = |byte: u8| {
            at -= 1;
            room[at] = byte;
        };
        let mut next = || {
            let digit = b'0' + u8::try_from(left % 10).unwrap_or_default();
            left /= 10;
            (digit, left > 0)
        };
        let (cent, _) = next();
        if cent != b'0' {
            put(cent);
        }
        put(next().0);
        put(b'.');
        loop {
            let (digit, more) = next();
            put(digit);
            if !more {
                break;
            }
        }
        if self.0 < 0 {
            put(b'-');
        }
        std::str::from_utf8(&room[at..]).unwrap_or_default()
    }

    /// The amount in major units, exact, with two decimals.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        Decimal::new(self.0, 2)
    }
}

/// Sign, digits with at most one point and at least one digit, and an optional exponent of at most three digits.
fn is_decimal(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
        }
        None => (text, None),
    };
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    digits(whole)
        && digits(part)
        && !(whole.is_empty() && part.is_empty())
        && exponent.is_none_or(|e| digits(e) && (1..=3).contains(&e.len()))
}

impl fmt::Display for Money {
    /// As a JSON number in the shape of a float that is never one: `10.0`, `7.5`, `19.99`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text(&mut [0; 24]))
    }
}

impl ToSql for Money {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0))
    }
}

impl FromSql for Money {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_price_is_read_from_every_decimal_spelling() {
        for (text, cents) in [
            ("5", 500),
            ("5.50", 550),
            (" 5 ", 500),
            ("+5", 500),
            (".5", 50),
            ("5.", 500),
            ("1e3", 100_000),
            ("1E2", 10_000),
            ("-0", 0),
            ("-0.0", 0),
            ("0.10", 10),
            ("999999.99", 99_999_999),
            ("5.1000", 510),
        ] {
            assert_eq!(Money::parse(text), Ok(Money(cents)), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_price_is_refused() {
        for text in [
            "", "abc", "5,5", "1_000", "٣", "inf", "nan", "0x10", "5 5", "--5", ".", "e5", "1e",
            "1e1000", "5.5.5",
        ] {
            assert_eq!(Money::parse(text), Err(Fault::NotANumber), "{text}");
        }
        assert_eq!(Money::parse("-1"), Err(Fault::Negative));
        assert_eq!(Money::parse("1000000"), Err(Fault::TooLarge));
        assert_eq!(Money::parse("1e22"), Err(Fault::TooLarge));
        assert_eq!(Money::parse("0.001"), Err(Fault::TooPrecise));
        for text in ["1e-7", "5e-324", "1e308", &"1".repeat(400), "0.1000000000000000055"] {
            assert!(Money::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_amount_prints_with_one_digit_after_the_point_or_two() {
        for (cents, text) in [
            (0, "0.0"),
            (5, "0.05"),
            (50, "0.5"),
            (750, "7.5"),
            (1999, "19.99"),
            (10_000, "100.0"),
            (-1250, "-12.5"),
            (i64::MAX, "92233720368547758.07"),
            (i64::MIN, "-92233720368547758.08"),
        ] {
            assert_eq!(Money(cents).to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn every_price_prints_to_the_number_it_is_read_from(cents in 0i64..=99_999_999) {
            let printed = Money(cents).to_string();
            prop_assert_eq!(Money::parse(&printed), Ok(Money(cents)));
            prop_assert!(printed.contains('.'));
        }

        #[test]
        fn no_text_is_read_as_more_or_less_than_a_price_may_be(text in "[-+0-9.eE ]{0,30}") {
            if let Ok(money) = Money::parse(&text) {
                prop_assert!((0..=Money::MAX.0).contains(&money.0));
            }
        }
    }
}
