//! The language in which a venue speaks to people, and how that writes days, hours and amounts.
//!
//! Letters, paper and pages have their own words; the API has the contract's, whatever this says.

use super::zone::Zone;
use super::{Money, Time};

super::letters! {
    /// A language.
    Language {
        /// As spoken in France.
        French = "fr",
        /// As spoken in Britain.
        English = "en",
    }
}

impl Language {
    /// A day and an hour: `12/03/2027 à 20:00`, `12 March 2027, 20:00`.
    #[must_use]
    pub fn moment(self, zone: &Zone, at: Time) -> String {
        match self {
            Self::French => zone.format(at, "%d/%m/%Y à %H:%M"),
            Self::English => zone.format(at, "%-d %B %Y, %H:%M"),
        }
    }

    /// A day: `12/03/2027`, `12 March 2027`.
    #[must_use]
    pub fn day(self, zone: &Zone, at: Time) -> String {
        match self {
            Self::French => zone.format(at, "%d/%m/%Y"),
            Self::English => zone.format(at, "%-d %B %Y"),
        }
    }

    /// An amount in euros: `12,50 €` with a space that does not break, `€12.50`.
    #[must_use]
    pub fn amount(self, amount: Money) -> String {
        let decimal = amount.decimal().to_string();
        match self {
            Self::French => format!("{}\u{a0}€", decimal.replace('.', ",")),
            Self::English => format!("€{decimal}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_writes_days_hours_and_amounts_its_own_way() {
        let (zone, at) =
            (Zone::parse("Europe/Paris").unwrap(), Time::parse("2027-03-02T19:00:00Z"));
        let at = at.unwrap();
        let (french, english) = (Language::French, Language::English);
        assert_eq!(french.moment(&zone, at), "02/03/2027 à 20:00");
        assert_eq!(english.moment(&zone, at), "2 March 2027, 20:00");
        assert_eq!(
            (french.day(&zone, at), english.day(&zone, at)),
            ("02/03/2027".into(), "2 March 2027".into())
        );
        assert_eq!(french.amount(Money(1_250)), "12,50\u{a0}€");
        assert_eq!(english.amount(Money(1_250)), "€12.50");
    }
}
