//! Series: an evening that is held again, by rule. Each date is an event of its own, with its own gauge and its own sales.
//!
//! The clock of the place stays the same: an evening at eight is at eight in summer and in winter. All dates are made in
//! one write or none is, and a date that is there already is left alone. Dates are events like any other; what is done to
//! all of a series is done to those that are not over, in one write.

use super::event::{self, COLUMNS, Event, Links, New, TIMES, free_slug, row};
use super::media::Upload;
use super::{Page, audit, check_room, media, place};
use crate::error::{Error, OnConflict, Refusal, Result};
use crate::root::{Read, Write};
use crate::values::Time;
use crate::values::id::{EventId, TenantId};
use crate::values::zone::{Written, Zone};
use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan as _};
use rusqlite::named_params;
use std::time::Duration;

crate::values::letters! {
    /// Which days an event is held on.
    Rule {
        /// The same day of the week.
        Weekly = "weekly",
        /// The same day of the month; a month without that day (the 31st, 29 February) has no date.
        Monthly = "monthly",
        /// The same weekday of the month, such as its third Friday; a month without a fifth one has no date.
        MonthlyWeekday = "monthly_weekday",
    }
}

/// When a series ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// On this day, which still counts, where the venue is.
    Until(Date),
    /// After so many dates, the first among them.
    Count(u16),
}

/// How an event is to be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// On which days.
    pub rule: Rule,
    /// Each week or month, each second one, and so on; at least 1.
    pub every: u16,
    /// Until when.
    pub end: End,
}

/// Most dates of a series that one request may say, the first among them.
pub const DATES_MAX: usize = 200;

/// The last year that an event may be in.
const LAST_YEAR: i16 = 2199;

/// What repeating an event has made.
#[derive(Clone, Debug)]
pub struct Repeated {
    /// What its dates have in common.
    pub series: EventId,
    /// The dates that were made.
    pub made: Vec<Event>,
    /// The dates on which it was held already, and that were left alone.
    pub existing: Vec<Event>,
}

/// Makes an event of its own for each date of a plan, with all that goes with the first: products, options, words,
/// artists at their hours, the same image. Refused, with nothing made: no date at all, more than [`DATES_MAX`], a date
/// after 2199, more than `max` events.
pub fn repeat(tx: &Write, id: EventId, plan: &Plan, max: u64) -> Result<Repeated> {
    let first = Source::read(tx, id)?;
    let clock = first.zone.local(first.event.starts);
    let dates = dates(plan, clock.date())?;
    let series = first.event.series.unwrap_or(id);
    tx.run("UPDATE event SET series = ?2 WHERE id = ?1 AND series IS NULL", (id, series))?;
    let (mut made, mut existing) = (vec![], vec![]);
    for date in dates {
        let shown = date.to_datetime(clock.time());
        let starts = within(first.zone.moment(Written::Local(shown)))?;
        match standing(tx, &first.event.name, starts, series)? {
            Some(event) => existing.push(event),
            None => {
                let by = shown.duration_since(clock);
                let copy = Copy {
                    name: &first.event.name,
                    starts,
                    by,
                    published: first.event.published,
                    series: Some(series),
                };
                made.push(first.copy(tx, &copy, max)?);
            }
        }
    }
    Ok(Repeated { series, made, existing })
}

/// Makes one copy of an event, not published yet and of no series, with all that goes with it. Refused: an event of this
/// name and beginning, more than `max` events.
pub fn duplicate(
    tx: &Write,
    id: EventId,
    starts: Time,
    name: Option<&str>,
    max: u64,
) -> Result<Event> {
    let first = Source::read(tx, id)?;
    let by = first.zone.local(starts).duration_since(first.zone.local(first.event.starts));
    let name = name.unwrap_or(&first.event.name);
    first.copy(tx, &Copy { name, starts, by, published: false, series: None }, max)
}

/// The dates of a series that are shown, those that are over too, by date.
pub fn list(tx: &Read, series: EventId, page: Page) -> Result<Vec<Event>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM event WHERE series = ?1 AND published = 1 ORDER BY starts, id LIMIT ?2 OFFSET ?3"
    );
    tx.all(&sql, (series, page.limit, page.offset), row)
}

/// The dates of a series that are neither over nor cancelled, by date. `NotFound`: there is none.
fn open_dates(tx: &Read, series: EventId) -> Result<Vec<Event>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM event WHERE series = ?1 AND cancelled IS NULL ORDER BY starts, id"
    );
    let mut dates = tx.all(&sql, [series], row)?;
    dates.retain(|date| date.over() > tx.now());
    if dates.is_empty() { Err(Error::NotFound) } else { Ok(dates) }
}

/// Changes all dates of a series that are not over, each to what `new` says for it; they share the image. Refused, with
/// nothing changed: what is refused for any of them.
pub fn update(
    tx: &Write,
    series: EventId,
    links: &Links,
    image: Option<&Upload>,
    mut new: impl FnMut(&Event) -> Result<New>,
) -> Result<Vec<Event>> {
    let dates = open_dates(tx, series)?;
    let stored = image.map(|image| media::store(tx, image)).transpose()?;
    let change = |date: &Event| event::replace(tx, date.id, &new(date)?, links, stored.as_ref());
    dates.iter().map(change).collect()
}

/// What became of the dates of a series that was taken away.
#[derive(Clone, Debug)]
pub struct Removed {
    /// Somebody had booked them: they are cancelled.
    pub cancelled: Vec<Event>,
    /// They are gone.
    pub deleted: Vec<Event>,
}

/// Takes away all dates of a series that are not over.
pub fn remove(tx: &Write, series: EventId) -> Result<Removed> {
    let mut removed = Removed { cancelled: vec![], deleted: vec![] };
    for date in open_dates(tx, series)? {
        match event::remove(tx, date.id)? {
            true => removed.cancelled.push(event::named_by_sale(tx, date.id)?),
            false => removed.deleted.push(date),
        }
    }
    Ok(removed)
}

/// The days after the first on which a plan holds an event.
fn dates(plan: &Plan, first: Date) -> Result<Vec<Date>> {
    let refused = |refusal| Err(Error::Refused(refusal));
    let (mut dates, mut steps) = (vec![], 0_i32);
    loop {
        if matches!(plan.end, End::Count(count) if dates.len() + 1 >= usize::from(count)) {
            break;
        }
        steps = steps.saturating_add(i32::from(plan.every.max(1)));
        let later = match plan.rule {
            Rule::Weekly => first.checked_add(steps.weeks()),
            Rule::Monthly | Rule::MonthlyWeekday => {
                first.first_of_month().checked_add(steps.months())
            }
        };
        let Ok(later) = later else { return refused(Refusal::OutOfTime) };
        let is_over = |date| matches!(plan.end, End::Until(last) if date > last);
        if is_over(later) {
            break;
        }
        if later.year() > LAST_YEAR {
            return refused(Refusal::OutOfTime);
        }
        let date = match plan.rule {
            Rule::Weekly => Ok(later),
            Rule::Monthly => Date::new(later.year(), later.month(), first.day()),
            Rule::MonthlyWeekday => {
                later.nth_weekday_of_month((first.day() - 1) / 7 + 1, first.weekday())
            }
        };
        let Ok(date) = date else { continue };
        if is_over(date) {
            break;
        }
        if dates.len() + 1 == DATES_MAX {
            return refused(Refusal::TooManyDates(DATES_MAX));
        }
        dates.push(date);
    }
    if dates.is_empty() { refused(Refusal::NoDate) } else { Ok(dates) }
}

fn within(time: Option<Time>) -> Result<Time> {
    time.filter(|time| TIMES.contains(time)).ok_or(Error::Refused(Refusal::OutOfTime))
}

/// What is held at a moment already: under this name, or as a date of this series under whatever name.
fn standing(tx: &Read, name: &str, starts: Time, series: EventId) -> Result<Option<Event>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM event WHERE starts = ?1 AND (name = ?2 OR series = ?3) ORDER BY name <> ?2, id LIMIT 1"
    );
    tx.maybe(&sql, (starts, name, series), row)
}

/// An event that is copied, with what must be moved along.
struct Source {
    event: Event,
    artists: Vec<(TenantId, Time)>,
    zone: Zone,
}

/// What a copy has of its own.
struct Copy<'a> {
    name: &'a str,
    starts: Time,
    /// How much later it is on the clock of the place.
    by: SignedDuration,
    published: bool,
    series: Option<EventId>,
}

impl Source {
    fn read(tx: &Read, id: EventId) -> Result<Self> {
        let artists =
            tx.all("SELECT artist, starts FROM event_artist WHERE event = ?1", [id], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        Ok(Self { event: event::get(tx, id)?, artists, zone: place::zone(tx)? })
    }

    /// A moment of the event, as much later as the clock shows.
    fn moved(&self, time: Time, by: SignedDuration) -> Result<Time> {
        let shown = self.zone.local(time).checked_add(by).ok();
        within(shown.and_then(|shown| self.zone.moment(Written::Local(shown))))
    }

    /// When a copy ends. Where the clock skips the hour of its beginning, that may be too early: then it is as long as
    /// the first.
    fn ends(&self, copy: &Copy<'_>) -> Result<Option<Time>> {
        let Some(ends) = self.event.ends else { return Ok(None) };
        let moved = self.moved(ends, copy.by)?;
        if moved > copy.starts {
            return Ok(Some(moved));
        }
        let length = u64::try_from(ends.0 - self.event.starts.0).unwrap_or(0);
        within(Some(copy.starts.plus(Duration::from_micros(length)))).map(Some)
    }

    fn copy(&self, tx: &Write, copy: &Copy<'_>, max: u64) -> Result<Event> {
        check_room(tx, "event", max)?;
        let params = named_params! {
            ":first": self.event.id, ":id": EventId::new(), ":name": copy.name,
            ":slug": free_slug(tx, copy.name, copy.starts)?, ":starts": copy.starts, ":ends": self.ends(copy)?,
            ":published": copy.published, ":series": copy.series, ":now": tx.now(),
        };
        let sql = format!(
            "INSERT INTO event ({COLUMNS}, created)
             SELECT :id, :name, :slug, category, short_description, long_description, link, :starts, :ends, gauge,
                max_per_user, minimum_cashless, :published, image, 0, :series, :now, 0, NULL, :now
             FROM event WHERE id = :first
             RETURNING {COLUMNS}"
        );
        let event = tx
            .one(&sql, params, row)
            .on_conflict("event.name, event.starts", Refusal::NameTaken)?;
        for sql in [
            "INSERT INTO event_product (event, product) SELECT ?2, product FROM event_product WHERE event = ?1",
            "INSERT INTO event_option (event, kind, option) SELECT ?2, kind, option FROM event_option WHERE event = ?1",
            "INSERT INTO event_tag (event, tag) SELECT ?2, tag FROM event_tag WHERE event = ?1",
        ] {
            tx.run(sql, (self.event.id, event.id))?;
        }
        for (artist, starts) in &self.artists {
            tx.run(
                "INSERT INTO event_artist (event, artist, starts) VALUES (?1, ?2, ?3)",
                (event.id, artist, self.moved(*starts, copy.by)?),
            )?;
        }
        audit::note(tx, "event.create", Some(event.id.0))?;
        Ok(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn plan(rule: Rule, every: u16, end: End) -> Plan {
        Plan { rule, every, end }
    }

    fn texts(plan: &Plan, first: Date) -> Vec<String> {
        dates(plan, first).unwrap().iter().map(ToString::to_string).collect()
    }

    fn refusal(plan: &Plan, first: Date) -> Refusal {
        match dates(plan, first) {
            Err(Error::Refused(refusal)) => refusal,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_second_week_until_a_day_that_counts() {
        let until = |day| plan(Rule::Weekly, 2, End::Until(day));
        let want = ["2027-01-15", "2027-01-29"];
        assert_eq!(texts(&until(date(2027, 1, 29)), date(2027, 1, 1)), want);
        assert_eq!(texts(&until(date(2027, 2, 11)), date(2027, 1, 1)), want);
    }

    #[test]
    fn a_month_without_the_31st_has_no_date() {
        let plan = plan(Rule::Monthly, 1, End::Count(5));
        let want = ["2027-03-31", "2027-05-31", "2027-07-31", "2027-08-31"];
        assert_eq!(texts(&plan, date(2027, 1, 31)), want);
    }

    #[test]
    fn a_year_without_29_february_has_no_date() {
        let plan = plan(Rule::Monthly, 12, End::Count(3));
        assert_eq!(texts(&plan, date(2096, 2, 29)), ["2104-02-29", "2108-02-29"]);
    }

    #[test]
    fn the_third_friday_and_the_fifth_one_where_there_is_one() {
        let plan = plan(Rule::MonthlyWeekday, 1, End::Count(4));
        let third = ["2027-02-19", "2027-03-19", "2027-04-16"];
        assert_eq!(texts(&plan, date(2027, 1, 15)), third);
        let fifth = ["2027-04-30", "2027-07-30", "2027-10-29"];
        assert_eq!(texts(&plan, date(2027, 1, 29)), fifth);
    }

    #[test]
    fn a_rule_gives_at_least_one_date_and_at_most_200_before_2200() {
        let until = |day| plan(Rule::Weekly, 1, End::Until(day));
        let first = date(2027, 1, 1);
        assert_eq!(refusal(&until(date(2026, 1, 1)), first), Refusal::NoDate);
        assert_eq!(refusal(&until(date(2027, 1, 7)), first), Refusal::NoDate);
        assert_eq!(texts(&until(first.checked_add(199.weeks()).unwrap()), first).len(), 199);
        let long = until(first.checked_add(200.weeks()).unwrap());
        assert_eq!(refusal(&long, first), Refusal::TooManyDates(200));
        let late = date(2199, 12, 1);
        let count = plan(Rule::Monthly, 1, End::Count(3));
        assert_eq!(refusal(&count, late), Refusal::OutOfTime);
        let until = plan(Rule::Monthly, 12, End::Until(date(9999, 12, 31)));
        assert_eq!(refusal(&until, late), Refusal::OutOfTime);
        let leap = plan(Rule::Monthly, 12, End::Until(date(2199, 12, 31)));
        assert_eq!(refusal(&leap, date(2196, 2, 29)), Refusal::NoDate);
    }

    proptest! {
        #[test]
        fn dates_follow_each_other_by_their_rule(
            days in 0_i32..60_000, rule in 0..Rule::ALL.len(), every in 1_u16..53, count in 2_u16..=200,
        ) {
            let first = date(1970, 1, 1).checked_add(days.days()).unwrap();
            let rule = Rule::ALL[rule];
            let Ok(found) = dates(&plan(rule, every, End::Count(count)), first) else { return Ok(()) };
            prop_assert_eq!(found.len() + 1, usize::from(count));
            let mut before = first;
            for date in &found {
                prop_assert!(*date > before);
                let right = match rule {
                    Rule::Weekly => (*date - before).get_days() == 7 * i32::from(every),
                    Rule::Monthly => date.day() == first.day(),
                    Rule::MonthlyWeekday => {
                        date.weekday() == first.weekday() && (date.day() - 1) / 7 == (first.day() - 1) / 7
                    }
                };
                prop_assert!(right, "{} {} {:?}", before, date, rule);
                before = *date;
            }
            let until = dates(&plan(rule, every, End::Until(before)), first).unwrap();
            prop_assert_eq!(until, found);
        }
    }
}
