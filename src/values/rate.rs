//! How much a fee is: so much a piece, a part of its price, between bounds, for prices in a band.

use super::Money;

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

crate::values::letters! {
    /// Of what a fee is taken.
    Unit {
        /// Of each piece.
        Ticket = "ticket",
        /// Once, of all that is bought together.
        Purchase = "purchase",
    }
}
