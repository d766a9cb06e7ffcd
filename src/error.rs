//! What can go wrong, without HTTP in it. Doors turn it into their dialect's answer.
//!
//! What the caller reads and what the log says are two texts: `Internal` is for the log alone.

use std::fmt;
use std::path::Path;

/// The result of everything below the doors.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something did not happen. Eight kinds, because doors treat them eight ways.
#[derive(Debug)]
pub enum Error {
    /// What the caller sent is wrong: field and what is wrong with it.
    Invalid(Vec<Field>),
    /// Nobody is known.
    Unauthenticated,
    /// Somebody is known, but may not; only for what the caller may see.
    Forbidden,
    /// Not there, or not for the caller to see.
    NotFound,
    /// Well-formed, allowed, but no.
    Refused(Refusal),
    /// Try again: a lock or a limit.
    Busy,
    /// The disk is full or a file is damaged: the log gets the sentence, the caller is told to come back.
    Unusable(String),
    /// Ours. The log gets it whole, the caller a request id.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

/// One field that is wrong, and a sentence that says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The field's name, as the caller knows it.
    pub name: &'static str,
    /// What is wrong, for people, in the words of whoever checked it.
    pub what: String,
    /// The value is right in itself, but something else has it.
    pub taken: bool,
}

impl Field {
    /// A field that is wrong.
    #[must_use]
    pub fn new(name: &'static str, what: impl Into<String>) -> Self {
        Self { name, what: what.into(), taken: false }
    }

    /// A field whose value something else has.
    #[must_use]
    pub fn taken(name: &'static str, what: impl Into<String>) -> Self {
        Self { name, what: what.into(), taken: true }
    }
}

/// Why a well-formed, allowed request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A tenant of this name, slug and category is there already.
    TenantExists(crate::values::id::TenantId),
    /// The slug belongs to another tenant or domain.
    SlugTaken,
    /// Nothing of the name is left as a slug.
    SlugEmpty,
    /// The slug belongs to the house.
    SlugReserved,
    /// The host name belongs to a tenant already.
    DomainTaken,
    /// A primary domain cannot be taken away.
    DomainIsPrimary,
    /// The name is taken among its like.
    NameTaken,
    /// There is one membership for cashless cards already.
    CashlessTaken,
    /// The tenant holds as many rows of this kind as it may.
    TooMany(&'static str),
    /// A membership needs a period.
    PeriodMissing,
    /// Not sold, or not with this event.
    NotSold,
    /// Nothing is chosen.
    NothingChosen,
    /// Each ticket needs the name of its holder.
    HoldersMissing,
    /// One person may have no more than so many.
    LimitReached(u16),
    /// There are no more than so many left.
    SoldOut {
        /// How many are left.
        left: u32,
        /// When held ones may come back.
        back: Option<crate::values::Time>,
    },
    /// The same of goods.
    OutOfStock {
        /// How many are left.
        left: u32,
        /// When held ones may come back.
        back: Option<crate::values::Time>,
    },
    /// A price for members of this product.
    NotMember(crate::values::id::ProductId),
    /// An option that the event does not offer.
    OptionNotOffered(crate::values::id::OptionId),
    /// Only one option of these may be chosen.
    OneOption,
    /// The event is over.
    EventOver,
    /// Seats of the event are sold: it is called off, not taken away.
    SeatsSold,
    /// The event is not shown to the public.
    NotPublished,
    /// So many seats are free: nobody needs to wait.
    SeatsFree(u32),
    /// This person waits already, or has an offer.
    WaitsAlready,
    /// A token holds a purchase that is neither paid nor given up.
    HoldsAlready,
    /// A rule gives no date before its end.
    NoDate,
    /// A rule gives more dates than so many.
    TooManyDates(usize),
    /// Before 1970 or after 2199.
    OutOfTime,
    /// There is nothing to print.
    NoTickets,
    /// More tickets than one print takes.
    TooManyTickets(u32),
    /// The order is not waiting for a payment any more; how it stands.
    NotHeld(&'static str),
    /// Not what is due.
    WrongAmount(crate::values::Money),
    /// The price is not the buyer's to choose.
    AmountFixed,
    /// The buyer chose less than the least, or more than anything may cost.
    AmountOutside {
        /// The least.
        least: crate::values::Money,
    },
    /// Something was paid towards the order already.
    PartlyPaid,
    /// A changed order could not be held for as long as paying it takes.
    ChangeTooLate,
    /// A code takes nothing off; why.
    NoPromotion(NoPromotion),
    /// More orders use the code than that.
    UsesTaken,
    /// Has been used.
    AlreadyUsed,
    /// Buyers could cancel by themselves until then; none: never.
    TooLate(Option<crate::values::Time>),
    /// Nothing is owed for it, or not any more.
    NotOwed,
    /// Another checkout has this page to pay at.
    SessionTaken,
    /// Too many have proven nothing yet: the address must be proven first.
    ProofNeeded,
    /// A price for members, who must log in for it.
    LoginNeeded,
    /// The idempotency key came with another request before.
    KeyReused,
    /// More seats are sold or held than that.
    GaugeTaken,
    /// More pieces are sold or held than that.
    StockTaken,
    /// A product that others depend on.
    InUse,
    /// The e-mail has an account already.
    AccountExists,
    /// The last superuser stays one.
    LastSuperuser,
    /// The last administrator of a tenant stays one.
    LastAdministrator,
    /// Nobody takes away his own right to administer.
    OwnRole,
    /// Somebody whose connection with the tenant is stopped.
    Inactive,
    /// A tenant sells through two channels at the least.
    TooFewDistributions,
    /// Something was sold through it.
    HasSales,
    /// The account may not found tenants.
    NoFounder,
    /// No more people than the licence has seats for.
    SeatsTaken(u32),
    /// A field names something that is not there.
    NoSuchReference(&'static str),
    /// A code of the house is outside of its time, or used up.
    CodeOver,
    /// The tenant has used this code of the house.
    CodeUsedHere,
    /// Whoever takes the payments does not answer, or says no.
    Provider,
    /// The data directory cannot be used so; the sentence says why.
    Directory(String),
}

/// Why a code takes nothing off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPromotion {
    /// There is no such code.
    Unknown,
    /// It is not valid yet.
    NotYet,
    /// It is over.
    Over,
    /// As many orders use it as may.
    UsedUp,
    /// This person has used it as often as one person may.
    UsedByPerson,
    /// It takes nothing off what was chosen.
    NotForThis,
}

impl NoPromotion {
    const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "promotion_unknown",
            Self::NotYet => "promotion_not_yet",
            Self::Over => "promotion_over",
            Self::UsedUp => "promotion_used_up",
            Self::UsedByPerson => "promotion_used_by_person",
            Self::NotForThis => "promotion_not_for_this",
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::Unknown => "there is no such code",
            Self::NotYet => "this code is not valid yet",
            Self::Over => "this code is over",
            Self::UsedUp => "this code is used up",
            Self::UsedByPerson => "one person may not use this code again",
            Self::NotForThis => "this code takes nothing off what was chosen",
        }
    }
}

impl Refusal {
    /// A stable name for logs and dialects.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TenantExists(_) => "tenant_exists",
            Self::SlugTaken => "slug_taken",
            Self::SlugEmpty => "slug_empty",
            Self::SlugReserved => "slug_reserved",
            Self::DomainTaken => "domain_taken",
            Self::DomainIsPrimary => "domain_is_primary",
            Self::NameTaken => "name_taken",
            Self::CashlessTaken => "cashless_taken",
            Self::TooMany(_) => "too_many",
            Self::PeriodMissing => "period_missing",
            Self::NotSold => "not_sold",
            Self::NothingChosen => "nothing_chosen",
            Self::HoldersMissing => "holders_missing",
            Self::LimitReached(_) => "limit_reached",
            Self::SoldOut { .. } => "sold_out",
            Self::OutOfStock { .. } => "out_of_stock",
            Self::NotMember(_) => "not_member",
            Self::OptionNotOffered(_) => "option_not_offered",
            Self::OneOption => "one_option",
            Self::EventOver => "event_over",
            Self::SeatsSold => "seats_sold",
            Self::NotPublished => "not_published",
            Self::SeatsFree(_) => "seats_free",
            Self::WaitsAlready => "waits_already",
            Self::HoldsAlready => "holds_already",
            Self::NoDate => "no_date",
            Self::TooManyDates(_) => "too_many_dates",
            Self::OutOfTime => "out_of_time",
            Self::NoTickets => "no_tickets",
            Self::TooManyTickets(_) => "too_many_tickets",
            Self::NotHeld(_) => "not_held",
            Self::WrongAmount(_) => "wrong_amount",
            Self::AmountFixed => "amount_fixed",
            Self::AmountOutside { .. } => "amount_outside",
            Self::PartlyPaid => "partly_paid",
            Self::ChangeTooLate => "change_too_late",
            Self::NoPromotion(why) => why.code(),
            Self::UsesTaken => "uses_taken",
            Self::AlreadyUsed => "already_used",
            Self::TooLate(_) => "too_late",
            Self::NotOwed => "not_owed",
            Self::SessionTaken => "session_taken",
            Self::ProofNeeded => "proof_needed",
            Self::LoginNeeded => "login_needed",
            Self::KeyReused => "key_reused",
            Self::GaugeTaken => "gauge_taken",
            Self::StockTaken => "stock_taken",
            Self::InUse => "in_use",
            Self::AccountExists => "account_exists",
            Self::LastSuperuser => "last_superuser",
            Self::LastAdministrator => "last_administrator",
            Self::OwnRole => "own_role",
            Self::Inactive => "inactive",
            Self::TooFewDistributions => "too_few_distributions",
            Self::HasSales => "has_sales",
            Self::NoFounder => "no_founder",
            Self::SeatsTaken(_) => "seats_taken",
            Self::NoSuchReference(_) => "no_such_reference",
            Self::CodeOver => "code_over",
            Self::CodeUsedHere => "code_used_here",
            Self::Provider => "provider",
            Self::Directory(_) => "directory",
        }
    }
}

impl Refusal {
    /// What it says where that is always the same.
    const fn sentence(&self) -> &'static str {
        match self {
            Self::TenantExists(_) => "a tenant of this name and category exists already",
            Self::SlugTaken => "this short name belongs to another tenant",
            Self::SlugEmpty => {
                "the name leaves no short name: it needs a letter or a digit of ASCII"
            }
            Self::SlugReserved => "this short name is reserved",
            Self::DomainTaken => "this host name belongs to a tenant already",
            Self::DomainIsPrimary => {
                "this is the tenant's primary host name: make another one primary first"
            }
            Self::NameTaken => "this name is taken",
            Self::CashlessTaken => "there is one membership for cashless cards already",
            Self::PeriodMissing => "a membership needs a period",
            Self::NotSold => "this is not sold here",
            Self::NothingChosen => "nothing is chosen",
            Self::HoldersMissing => "each ticket needs the name of its holder",
            Self::NotMember(_) => "this price is for members",
            Self::OptionNotOffered(_) => "the event does not offer this option",
            Self::OneOption => "only one of these options may be chosen",
            Self::EventOver => "the event is over",
            Self::SeatsSold => "seats of the event are sold: call it off instead",
            Self::NotPublished => "the event is not published",
            Self::WaitsAlready => "this person waits already",
            Self::HoldsAlready => "this token holds a purchase: pay, confirm or cancel it first",
            Self::NoDate => "the rule gives no date",
            Self::OutOfTime => "the date is not between 1970 and 2199",
            Self::NoTickets => "the event has no tickets to print",
            Self::AmountFixed => "the amount of this price is fixed",
            Self::PartlyPaid => "something was paid towards the order already",
            Self::ChangeTooLate => "too late to change the order: what it holds is unchanged",
            Self::NoPromotion(why) => why.sentence(),
            Self::UsesTaken => "more orders use this code than that",
            Self::AlreadyUsed => "a ticket has been used",
            Self::NotOwed => "nothing is owed for it",
            Self::SessionTaken => "another checkout has this page to pay at",
            Self::ProofNeeded => "the address must be proven first",
            Self::LoginNeeded => "this price is for members: log in to buy at it",
            Self::KeyReused => "the idempotency key came with another request before",
            Self::GaugeTaken => "more seats are sold or held than that",
            Self::StockTaken => "more pieces are sold or held than that",
            Self::InUse => "something else depends on it",
            Self::AccountExists => "this e-mail has an account already",
            Self::LastSuperuser => "this is the last superuser",
            Self::LastAdministrator => "this is the last administrator",
            Self::OwnRole => "nobody takes away his own right to administer",
            Self::Inactive => "this person is not active at this tenant",
            Self::TooFewDistributions => "a tenant sells through two channels at the least",
            Self::HasSales => "something was sold already",
            Self::NoFounder => "this account may not create tenants",
            Self::CodeOver => "this code is over or used up",
            Self::CodeUsedHere => "this tenant has used this code",
            Self::Provider => "whoever takes the payments cannot do that now",
            Self::TooLate(_) => "buyers do not cancel by themselves here",
            // Said by `Display`, with what they hold.
            Self::TooMany(_)
            | Self::LimitReached(_)
            | Self::SoldOut { .. }
            | Self::OutOfStock { .. }
            | Self::SeatsFree(_)
            | Self::TooManyDates(_)
            | Self::TooManyTickets(_)
            | Self::NotHeld(_)
            | Self::WrongAmount(_)
            | Self::AmountOutside { .. }
            | Self::SeatsTaken(_)
            | Self::NoSuchReference(_)
            | Self::Directory(_) => "",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany(kind) => write!(f, "the limit of {kind} is reached"),
            Self::LimitReached(most) => write!(f, "one person may have {most} at the most"),
            Self::SoldOut { left, back: None } | Self::OutOfStock { left, back: None } => {
                write!(f, "{left} are left")
            }
            Self::SoldOut { left, back: Some(at) } | Self::OutOfStock { left, back: Some(at) } => {
                write!(f, "{left} are left; held ones may come back at {at}")
            }
            Self::SeatsFree(free) => write!(f, "{free} seats are free"),
            Self::TooManyDates(most) => write!(f, "a series has {most} dates at the most"),
            Self::TooManyTickets(most) => {
                write!(f, "such a print takes {most} tickets at the most")
            }
            Self::NotHeld(state) => write!(f, "the order is {state}"),
            Self::WrongAmount(due) => write!(f, "{due} is due"),
            Self::AmountOutside { least } => write!(f, "this price is {least} at the least"),
            Self::TooLate(Some(until)) => write!(f, "this was possible until {until}"),
            Self::SeatsTaken(total) => write!(f, "the licence has seats for {total}"),
            Self::NoSuchReference(field) => write!(f, "{field} names something that is not there"),
            Self::Directory(why) => f.write_str(why),
            fixed => f.write_str(fixed.sentence()),
        }
    }
}

impl Error {
    /// A fault of ours that has no error value of its own.
    #[must_use]
    pub fn internal(what: impl Into<String>) -> Self {
        Self::Internal(what.into().into())
    }

    /// One wrong field.
    #[must_use]
    pub fn invalid(name: &'static str, what: impl Into<String>) -> Self {
        Self::Invalid(vec![Field::new(name, what)])
    }

    /// The same, with the file that cannot be used: SQLite's sentences name none. The first that is named is the one.
    #[must_use]
    pub fn of_file(self, path: &Path) -> Self {
        match self {
            Self::Unusable(why) if !why.contains(".db: ") => {
                Self::Unusable(format!("{}: {why}", path.display()))
            }
            other => other,
        }
    }

    /// A data directory that cannot be used, and why.
    #[must_use]
    pub fn directory(why: impl Into<String>) -> Self {
        Self::Refused(Refusal::Directory(why.into()))
    }
}

impl fmt::Display for Error {
    /// For people at a terminal and for the log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(fields) => {
                for (i, field) in fields.iter().enumerate() {
                    write!(f, "{}{}: {}", if i > 0 { "; " } else { "" }, field.name, field.what)?;
                }
                Ok(())
            }
            Self::Unauthenticated => f.write_str("not authenticated"),
            Self::Forbidden => f.write_str("not allowed"),
            Self::NotFound => f.write_str("not found"),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Busy => f.write_str("busy: try again"),
            Self::Unusable(why) => f.write_str(why),
            Self::Internal(cause) => {
                write!(f, "{cause}")?;
                let mut source = cause.source();
                while let Some(inner) = source {
                    write!(f, ": {inner}")?;
                    source = inner.source();
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for Error {}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase,
        };
        match error.sqlite_error_code() {
            Some(DatabaseBusy | DatabaseLocked) => Self::Busy,
            // Nothing that the caller can do but come back; the one who hosts must hear of it.
            Some(DiskFull | DatabaseCorrupt | NotADatabase) => Self::Unusable(error.to_string()),
            _ => Self::Internal(Box::new(error)),
        }
    }
}

impl From<refinery::Error> for Error {
    fn from(error: refinery::Error) -> Self {
        Self::Internal(Box::new(error))
    }
}

/// Turns a broken constraint into a refusal where it happens.
pub trait OnConflict<T> {
    /// When the statement broke the constraint or unique columns named `named` (as SQLite prints them), `refusal`.
    fn on_conflict(self, named: &str, refusal: Refusal) -> Result<T>;
}

impl<T> OnConflict<T> for Result<T> {
    fn on_conflict(self, named: &str, refusal: Refusal) -> Self {
        match self {
            Err(Error::Internal(cause)) if breaks(&*cause, named) => Err(Error::Refused(refusal)),
            other => other,
        }
    }
}

fn breaks(cause: &(dyn std::error::Error + 'static), named: &str) -> bool {
    match cause.downcast_ref::<rusqlite::Error>() {
        Some(rusqlite::Error::SqliteFailure(code, Some(text))) => {
            code.code == rusqlite::ErrorCode::ConstraintViolation
                && text.split_once("failed: ").is_some_and(|(_, what)| what == named)
        }
        _ => false,
    }
}
