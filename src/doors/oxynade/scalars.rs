//! Amounts, moments and the fixed words of the schema.

use crate::error::Error;
use crate::root::distribution::Channel;
use crate::trade::fee::Level;
use crate::values::money::Fault as NoMoney;
use crate::values::rate::{Payer, Unit};
use crate::values::{Money, Time};
use juniper::{GraphQLEnum, GraphQLScalar};

/// A moment: RFC 3339.
#[derive(Clone, Copy, Debug, GraphQLScalar)]
#[graphql(name = "DateTime", with = moment, parse_token(String))]
pub(super) struct Moment(pub(super) Time);

mod moment {
    use super::{Moment, Time};

    pub(super) fn to_output(moment: &Moment) -> String {
        moment.0.to_string()
    }

    pub(super) fn from_input(text: &str) -> Result<Moment, Box<str>> {
        Time::parse(text).map(Moment).ok_or_else(|| "a moment as in RFC 3339".into())
    }
}

/// A number as the schema has it. The only place of this door where a float occurs: it is made of an exact amount's text
/// and read by its own.
pub(super) type Float = f64;

/// An amount as it is sent: a number of major units.
pub(super) fn sent(amount: Money) -> Float {
    amount.to_string().parse().unwrap_or_default()
}

/// The amount that a number stands for.
pub(super) fn amount(name: &'static str, number: Float) -> Result<Money, Error> {
    Money::parse(&number.to_string()).map_err(|fault| {
        let what = match fault {
            NoMoney::NotANumber => "is no amount",
            NoMoney::Negative => "must not be below 0",
            NoMoney::TooLarge => "is too large",
            NoMoney::TooPrecise => "has more than two decimals",
        };
        Error::invalid(name, what)
    })
}

/// The hundredths of a percent that a number of percent stands for.
pub(super) fn percent(name: &'static str, number: Float) -> Result<u16, Error> {
    let amount = amount(name, number)?;
    let within = u16::try_from(amount.0).ok().filter(|percent| *percent <= 10_000);
    within.ok_or_else(|| Error::invalid(name, "must be 0 to 100"))
}

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, GraphQLEnum)]
pub(super) enum LangCode {
    EN,
    FR,
    NL,
    DE,
    ES,
    IT,
    PT,
}

macro_rules! currencies {
    ($($name:ident = $code:literal),+ $(,)?) => {
        /// A currency: ISO 4217.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, GraphQLEnum)]
        pub(super) enum CurrencyCode { $($name),+ }

        impl CurrencyCode {
            pub(super) const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            pub(super) fn parse(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)+ _ => None }
            }
        }
    };
}
currencies!(
    Eur = "EUR",
    Usd = "USD",
    Gbp = "GBP",
    Chf = "CHF",
    Xpf = "XPF",
    Mur = "MUR",
    Cad = "CAD",
    Dkk = "DKK",
    Sek = "SEK",
    Nok = "NOK",
    Pln = "PLN",
    Czk = "CZK",
    Ron = "RON",
    Huf = "HUF",
    Aud = "AUD",
    Nzd = "NZD",
);

impl CurrencyCode {
    /// One in which prices have cents, as all here do.
    pub(super) fn sold_in(self) -> Result<&'static str, Error> {
        match self {
            Self::Xpf => Err(Error::invalid("currency", "only currencies with two decimals")),
            other => Ok(other.as_str()),
        }
    }
}

impl LangCode {
    pub(super) fn of(language: &str) -> Self {
        match language {
            "en" => Self::EN,
            "nl" => Self::NL,
            "de" => Self::DE,
            "es" => Self::ES,
            "it" => Self::IT,
            "pt" => Self::PT,
            _ => Self::FR,
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::EN => "en",
            Self::FR => "fr",
            Self::NL => "nl",
            Self::DE => "de",
            Self::ES => "es",
            Self::IT => "it",
            Self::PT => "pt",
        }
    }
}

/// What kind of channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, GraphQLEnum)]
pub(super) enum DistributionType {
    /// A web shop.
    Web,
    /// A box office.
    Pos,
    /// Somebody else's shop.
    Partner,
}

impl From<Channel> for DistributionType {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Web => Self::Web,
            Channel::BoxOffice => Self::Pos,
            Channel::Partner => Self::Partner,
        }
    }
}

impl From<DistributionType> for Channel {
    fn from(kind: DistributionType) -> Self {
        match kind {
            DistributionType::Web => Self::Web,
            DistributionType::Pos => Self::BoxOffice,
            DistributionType::Partner => Self::Partner,
        }
    }
}

/// Who bears a fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, GraphQLEnum)]
pub(super) enum FeePayer {
    /// The buyer, on top of the price.
    Customer,
    /// The organizer: it is withheld.
    Organizer,
}

impl From<Payer> for FeePayer {
    fn from(payer: Payer) -> Self {
        match payer {
            Payer::Customer => Self::Customer,
            Payer::Organizer => Self::Organizer,
        }
    }
}

impl From<FeePayer> for Payer {
    fn from(payer: FeePayer) -> Self {
        match payer {
            FeePayer::Customer => Self::Customer,
            FeePayer::Organizer => Self::Organizer,
        }
    }
}

/// Of what a fee is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, GraphQLEnum)]
pub(super) enum FeeUnit {
    /// Of each ticket.
    Ticket,
    /// Once of a purchase.
    Purchase,
}

impl From<Unit> for FeeUnit {
    fn from(unit: Unit) -> Self {
        match unit {
            Unit::Ticket => Self::Ticket,
            Unit::Purchase => Self::Purchase,
        }
    }
}

impl From<FeeUnit> for Unit {
    fn from(unit: FeeUnit) -> Self {
        match unit {
            FeeUnit::Ticket => Self::Ticket,
            FeeUnit::Purchase => Self::Purchase,
        }
    }
}

/// For what a fee is set, the largest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, GraphQLEnum)]
pub(super) enum FeeScope {
    Platform,
    Organization,
    Organizer,
    Distribution,
    Event,
    TicketType,
}

impl From<Level> for FeeScope {
    fn from(level: Level) -> Self {
        match level {
            Level::Platform => Self::Platform,
            Level::Organization => Self::Organization,
            Level::Organizer => Self::Organizer,
            Level::Distribution => Self::Distribution,
            Level::Event => Self::Event,
            Level::Price => Self::TicketType,
        }
    }
}
