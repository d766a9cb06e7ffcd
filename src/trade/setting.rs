//! What a venue decides for itself: one row in its file, each value with a default and limits that the schema repeats.
//!
//! How the house runs is not here: that is the settings of the program.

use super::audit;
use crate::error::Result;
use crate::root::{Errand, Read, Write};
use crate::values::Language;

/// Most hours before an event at which buyers may be stopped from cancelling: a year.
pub const REFUND_DEADLINE_HOURS_MAX: u16 = 8_760;

/// Most days before its end at which a membership is recalled: a year.
pub const MEMBERSHIP_REMINDER_DAYS_MAX: u16 = 365;

/// Fewest and most hours for which a seat that became free is kept for who waits: up to a week.
pub const OFFER_HOURS: std::ops::RangeInclusive<u16> = 1..=168;

/// The settings of one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// May who went out come back in? By default yes.
    pub reentry: bool,
    /// Until how many hours before an event its buyers may cancel by themselves; none: never. By default 24, at most
    /// [`REFUND_DEADLINE_HOURS_MAX`].
    pub refund_deadline_hours: Option<u16>,
    /// Is a price for members only for who is logged in as one? By default yes. The contract's own door does not ask.
    pub member_price_needs_login: bool,
    /// How many days before its end a member is reminded of a membership; 0: not at all. By default 30, at most
    /// [`MEMBERSHIP_REMINDER_DAYS_MAX`].
    pub membership_reminder_days: u16,
    /// In which language letters, tickets and pages speak. By default French.
    pub language: Language,
    /// For how many hours a seat that became free is kept for whoever it is offered to. By default 24, within
    /// [`OFFER_HOURS`].
    pub offer_hours: u16,
}

/// The settings of this tenant.
pub fn get(tx: &Read) -> Result<Settings> {
    let sql = "SELECT reentry, refund_deadline_hours, member_price_needs_login, membership_reminder_days, language,
            offer_hours
         FROM setting";
    tx.one(sql, [], |row| {
        Ok(Settings {
            reentry: row.get(0)?,
            refund_deadline_hours: row.get(1)?,
            member_price_needs_login: row.get(2)?,
            membership_reminder_days: row.get(3)?,
            language: row.get(4)?,
            offer_hours: row.get(5)?,
        })
    })
}

/// Puts these settings in the place of those before. The schema refuses what is beyond the limits.
pub fn change(tx: &Write, settings: &Settings) -> Result<()> {
    let Settings {
        reentry,
        refund_deadline_hours,
        member_price_needs_login,
        membership_reminder_days,
        language,
        offer_hours,
    } = settings;
    tx.run(
        "UPDATE setting SET reentry = ?1, refund_deadline_hours = ?2, member_price_needs_login = ?3,
            membership_reminder_days = ?4, language = ?5, offer_hours = ?6",
        (reentry, refund_deadline_hours, member_price_needs_login, membership_reminder_days, language, offer_hours),
    )?;
    // When members are reminded may have changed.
    tx.plan(Errand::Care, tx.now());
    audit::note(tx, "setting.change", None)
}
