//! Memberships: who is a member by which price, since when, until when. One function answers, and everything shows its
//! answer.

use super::hook::{self, Event};
use super::outbox::{self, Kind};
use super::{audit, place, setting};
use crate::error::{Error, Result};
use crate::root::{Errand, Read, Write};
use crate::trade::price::Period;
use crate::values::id::{AccountId, MembershipId, OrderId, PriceId, ProductId};
use crate::values::zone::Zone;
use crate::values::{Email, Money, Time};
use rusqlite::named_params;
use std::collections::HashMap;

/// Is this person a member, since when, until when, why not?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Yes.
    Member {
        /// Of the first payment.
        since: Time,
        /// The moment from which it is over; none: for life.
        until: Option<Time>,
    },
    /// It is over.
    Over {
        /// Since when.
        since: Time,
    },
    /// Has never paid for it.
    Never,
}

impl Standing {
    /// Yes or no.
    #[must_use]
    pub const fn is_member(self) -> bool {
        matches!(self, Self::Member { .. })
    }
}

/// On what the word of a buyer rests who says to be a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// On the address alone: the contract's own door takes it so.
    ByEmail,
    /// On a log-in: as whom, if as anybody.
    ByLogin(Option<AccountId>),
}

/// Does the claim of a buyer with this account count, whatever they are? `proven`: its address is. Asked before anybody
/// looks who is a member, so that a stranger with somebody's address hears the same of all.
pub fn claim_counts(tx: &Read, claim: Claim, account: AccountId, proven: bool) -> Result<bool> {
    match claim {
        Claim::ByEmail => Ok(true),
        Claim::ByLogin(person) if person == Some(account) && proven => Ok(true),
        Claim::ByLogin(_) => Ok(!setting::get(tx)?.member_price_needs_login),
    }
}

/// Where a person stands with one membership, at the moment of the transaction; the best of all its prices counts.
pub fn standing(tx: &Read, account: AccountId, product: ProductId) -> Result<Standing> {
    let sql = "SELECT first_paid, ends FROM membership
         WHERE product = ?1 AND account = ?2 AND first_paid IS NOT NULL";
    let paid = tx.all(sql, (product, account), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(of_paid(&paid, tx.now()))
}

/// Where somebody stands who first paid then and is paid up until then, by each price of a membership.
fn of_paid(paid: &[(Time, Option<Time>)], now: Time) -> Standing {
    match paid.iter().max_by_key(|(_, ends)| (ends.is_none(), *ends)) {
        None => Standing::Never,
        Some((_, Some(ends))) if *ends <= now => Standing::Over { since: *ends },
        Some((since, until)) => Standing::Member { since: *since, until: *until },
    }
}

/// A membership as its holder sees it: one by each price that was ever paid.
#[derive(Clone, Debug)]
pub struct Held {
    /// By which price.
    pub price: PriceId,
    /// What that is called.
    pub price_name: String,
    /// Which membership.
    pub product: ProductId,
    /// What that is called.
    pub product_name: String,
    /// What is known of the holder.
    pub card: Card,
    /// The holder's address.
    pub email: String,
    /// When the card was made.
    pub created: Time,
    /// When it was paid first.
    pub first_paid: Time,
    /// When it was paid last.
    pub last_paid: Time,
    /// The moment from which this price's period is over; none: for life.
    pub ends: Option<Time>,
    /// What was paid last.
    pub contribution: Money,
    /// Is the holder a member, by this price or another?
    pub standing: Standing,
}

/// The memberships that an account has paid for, the newest first; at most 500.
pub fn of_account(tx: &Read, account: AccountId) -> Result<Vec<Held>> {
    let sql = "SELECT membership.price, price.name, membership.product, product.name, first_name, last_name, phone,
            postal_code, birth_date, newsletter, email, membership.created, first_paid, last_paid, ends, contribution
         FROM membership JOIN price ON price.id = membership.price JOIN product ON product.id = membership.product
         WHERE account = ?1 AND first_paid IS NOT NULL ORDER BY first_paid DESC, membership.id LIMIT 500";
    let mut all = tx.all(sql, [account], |row| {
        Ok(Held {
            price: row.get(0)?,
            price_name: row.get(1)?,
            product: row.get(2)?,
            product_name: row.get(3)?,
            card: Card {
                first_name: row.get(4)?,
                last_name: row.get(5)?,
                phone: row.get(6)?,
                postal_code: row.get(7)?,
                birth_date: row.get(8)?,
                newsletter: row.get(9)?,
            },
            email: row.get(10)?,
            created: row.get(11)?,
            first_paid: row.get(12)?,
            last_paid: row.get(13)?,
            ends: row.get(14)?,
            contribution: row.get(15)?,
            standing: Standing::Never,
        })
    })?;
    let mut paid: HashMap<ProductId, Vec<(Time, Option<Time>)>> = HashMap::new();
    for held in &all {
        paid.entry(held.product).or_default().push((held.first_paid, held.ends));
    }
    for held in &mut all {
        held.standing = of_paid(&paid[&held.product], tx.now());
    }
    Ok(all)
}

/// Until when a period lasts that begins at `from`, where the venue is; `None`: for life.
pub fn end_of(period: Period, from: Time, zone: &Zone) -> Result<Option<Time>> {
    use jiff::ToSpan as _;
    let hours = |hours: u64| Ok(Some(from.plus(std::time::Duration::from_secs(hours * 3_600))));
    let today = zone.date(from);
    let on = |date: jiff::civil::Date| {
        let end = zone.midnight(date).ok_or_else(|| Error::internal("a day without a midnight"))?;
        Ok(Some(end))
    };
    let later = |span: jiff::Span| {
        let day = today.checked_add(span);
        day.map_err(|_| Error::internal("a period that ends after the end of time"))
    };
    match period {
        Period::None | Period::Life => Ok(None),
        Period::Hour => hours(1),
        Period::Day => hours(24),
        Period::Week => hours(24 * 7),
        Period::Month => on(later(31.days())?),
        Period::Year => on(later(365.days())?),
        Period::CalendarMonth => on(later(1.month())?.first_of_month()),
        Period::CivilYear => on(later(1.year())?.first_of_year()),
        Period::SchoolYear => {
            let year = if today.month() >= 9 { later(1.year())?.year() } else { today.year() };
            on(jiff::civil::date(year, 9, 1))
        }
    }
}

/// What a person says when joining.
#[derive(Clone, Debug, Default)]
pub struct Card {
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// As written.
    pub phone: Option<String>,
    /// Postal code.
    pub postal_code: Option<i64>,
    /// Day of birth, as written.
    pub birth_date: Option<String>,
    /// Wants the newsletter.
    pub newsletter: bool,
}

/// What is known of a person at a price, whether they ever paid it, and until when they are a member by it.
pub fn card(
    tx: &Read,
    account: AccountId,
    price: PriceId,
) -> Result<Option<(Card, bool, Option<Time>)>> {
    let sql = "SELECT first_name, last_name, phone, postal_code, birth_date, newsletter, first_paid IS NOT NULL, ends
         FROM membership
         WHERE account = ?1 AND price = ?2";
    tx.maybe(sql, (account, price), |row| {
        let card = Card {
            first_name: row.get(0)?,
            last_name: row.get(1)?,
            phone: row.get(2)?,
            postal_code: row.get(3)?,
            birth_date: row.get(4)?,
            newsletter: row.get(5)?,
        };
        Ok((card, row.get(6)?, row.get(7)?))
    })
}

/// The membership of a person by a price, or `NotFound`.
pub fn id(tx: &Read, account: AccountId, price: PriceId) -> Result<MembershipId> {
    let sql = "SELECT id FROM membership WHERE account = ?1 AND price = ?2";
    tx.must(sql, (account, price), |row| row.get(0))
}

/// A membership in short, for mails and other servers.
#[derive(Clone, Debug)]
pub struct Brief {
    /// Its id.
    pub id: MembershipId,
    /// Whose.
    pub email: String,
    /// What was bought.
    pub product: ProductId,
    /// What it is called.
    pub product_name: String,
    /// By which price.
    pub price: PriceId,
    /// Of the first payment.
    pub first_paid: Option<Time>,
    /// The moment from which it is over; none with a payment: for life.
    pub ends: Option<Time>,
    /// The end of which the member was reminded last.
    pub reminded: Option<Time>,
}

/// The membership, or `NotFound`.
pub fn get(tx: &Read, id: MembershipId) -> Result<Brief> {
    let sql =
        "SELECT membership.id, email, product, product.name, price, first_paid, ends, reminded
         FROM membership JOIN product ON product.id = product WHERE membership.id = ?1";
    tx.must(sql, [id], |row| {
        Ok(Brief {
            id: row.get(0)?,
            email: row.get(1)?,
            product: row.get(2)?,
            product_name: row.get(3)?,
            price: row.get(4)?,
            first_paid: row.get(5)?,
            ends: row.get(6)?,
            reminded: row.get(7)?,
        })
    })
}

/// Writes down what a person says when joining; what they leave out stays as it is known. Who only says to be somebody
/// changes nothing of a card that was paid. Pays nothing.
pub fn write_card(
    tx: &Write,
    account: AccountId,
    email: &Email,
    price: PriceId,
    card: &Card,
) -> Result<MembershipId> {
    let product: ProductId =
        tx.must("SELECT product FROM price WHERE id = ?1", [price], |row| row.get(0))?;
    let Card { first_name, last_name, phone, postal_code, birth_date, newsletter } = card;
    tx.one(
        "INSERT INTO membership (id, account, email, product, price, first_name, last_name, phone, postal_code,
            birth_date, newsletter, created)
         VALUES (:id, :account, :email, :product, :price, :first_name, :last_name, :phone, :postal_code, :birth_date,
            :newsletter, :now)
         ON CONFLICT (account, price) DO UPDATE SET
            first_name = iif(first_paid IS NULL, coalesce(:first_name, first_name), coalesce(first_name, :first_name)),
            last_name = iif(first_paid IS NULL, coalesce(:last_name, last_name), coalesce(last_name, :last_name)),
            phone = iif(first_paid IS NULL, coalesce(:phone, phone), coalesce(phone, :phone)),
            postal_code = iif(first_paid IS NULL, coalesce(:postal_code, postal_code), coalesce(postal_code, :postal_code)),
            birth_date = iif(first_paid IS NULL, coalesce(:birth_date, birth_date), coalesce(birth_date, :birth_date)),
            newsletter = iif(first_paid IS NULL, :newsletter, newsletter)
         RETURNING id",
        named_params! {
            ":id": MembershipId::new(), ":account": account, ":email": email, ":product": product, ":price": price,
            ":first_name": first_name, ":last_name": last_name, ":phone": phone, ":postal_code": postal_code,
            ":birth_date": birth_date, ":newsletter": newsletter, ":now": tx.now(),
        },
        |row| row.get(0),
    )
}

/// Begins or extends the memberships that a paid order bought.
pub(super) fn begin(tx: &Write, order: OrderId) -> Result<()> {
    let sql = "SELECT line.account, orders.email, line.price, line.unit
         FROM line JOIN orders ON orders.id = line.orders WHERE line.orders = ?1 AND line.category = 'A'";
    let bought: Vec<(AccountId, String, PriceId, Money)> =
        tx.all(sql, [order], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    for (account, email, price, unit) in bought {
        let email =
            Email::parse(&email).ok_or_else(|| Error::internal("an order whose e-mail is none"))?;
        let known = card(tx, account, price)?;
        let newsletter = known.as_ref().is_none_or(|(card, ..)| card.newsletter);
        write_card(tx, account, &email, price, &Card { newsletter, ..Card::default() })?;
        tx.run(
            "UPDATE membership SET first_paid = coalesce(first_paid, ?3), last_paid = ?3, contribution = ?4
             WHERE account = ?1 AND price = ?2",
            (account, price, tx.now(), unit),
        )?;
        reckon(tx, account, price)?;
        hook::tell(tx, Event::Membership, id(tx, account, price)?.0)?;
        outbox::queue(tx, Kind::Membership, email.as_str(), account, Some(price.0))?;
        audit::note(tx, "membership.pay", Some(price.0))?;
    }
    Ok(())
}

/// Works out anew when a membership lasts, and until when: each period that is paid and not given back begins where the one before
/// it ends, or when it was paid.
pub(super) fn reckon(tx: &Write, account: AccountId, price: PriceId) -> Result<()> {
    let sql = "SELECT orders.settled, line.period, line.quantity - line.returned
         FROM line JOIN orders ON orders.id = line.orders
         WHERE line.account = ?1 AND line.price = ?2 AND line.category = 'A' AND line.returned < line.quantity
           AND orders.state = 'paid'
         ORDER BY orders.settled, line.id";
    let paid: Vec<(Time, Period, u16)> =
        tx.all(sql, (account, price), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let periods = periods(&paid, &place::zone(tx)?)?;
    let of = "DELETE FROM membership_period WHERE account = ?1 AND price = ?2";
    tx.run(of, (account, price))?;
    for (starts, ends) in &periods {
        let sql =
            "INSERT INTO membership_period (account, price, starts, ends) VALUES (?1, ?2, ?3, ?4)";
        tx.run(sql, (account, price, starts, ends))?;
    }
    let ends = periods.last().map_or(Some(tx.now()), |(_, ends)| *ends);
    let sql = "UPDATE membership SET ends = ?3 WHERE account = ?1 AND price = ?2";
    tx.run(sql, (account, price, ends))?;
    tx.plan(Errand::Care, tx.now());
    Ok(())
}

/// From when to when somebody is a member who paid then, for so long, so many times: oldest first, with a gap between any
/// two. What is for life is the last.
fn periods(paid: &[(Time, Period, u16)], zone: &Zone) -> Result<Vec<(Time, Option<Time>)>> {
    let mut periods: Vec<(Time, Option<Time>)> = vec![];
    for (settled, period, times) in paid {
        for _ in 0..*times {
            match periods.last_mut() {
                Some((_, None)) => return Ok(periods),
                Some((_, ends @ Some(_))) if *ends >= Some(*settled) => {
                    *ends = end_of(*period, ends.unwrap_or(*settled), zone)?;
                }
                _ => periods.push((*settled, end_of(*period, *settled, zone)?)),
            }
        }
    }
    Ok(periods)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn end(period: &str, from: &str) -> String {
        let zone = Zone::parse("Indian/Reunion").unwrap();
        let end =
            end_of(Period::parse(period).unwrap(), Time::parse(from).unwrap(), &zone).unwrap();
        end.map_or_else(|| "never".to_owned(), |end| zone.iso(end))
    }

    #[test]
    fn each_period_ends_where_the_venue_is() {
        let from = "2024-02-10T21:30:00Z"; // Already the 11th there.
        for (period, ends) in [
            ("H", "2024-02-11T02:30:00+04:00"),
            ("D", "2024-02-12T01:30:00+04:00"),
            ("W", "2024-02-18T01:30:00+04:00"),
            ("M", "2024-03-13T00:00:00+04:00"),
            ("O", "2024-03-01T00:00:00+04:00"),
            ("Y", "2025-02-10T00:00:00+04:00"),
            ("C", "2025-01-01T00:00:00+04:00"),
            ("S", "2024-09-01T00:00:00+04:00"),
            ("L", "never"),
        ] {
            assert_eq!(end(period, from), ends, "{period}");
        }
        assert_eq!(end("S", "2024-09-15T10:00:00Z"), "2025-09-01T00:00:00+04:00");
    }

    #[test]
    fn periods_follow_each_other_and_what_lapsed_leaves_a_gap() {
        let zone = Zone::parse("Europe/Paris").unwrap();
        let at = |text: &str| Time::parse(text).unwrap();
        let told = |paid: &[(&'static str, Period, u16)]| -> Vec<String> {
            let paid: Vec<_> =
                paid.iter().map(|(on, period, times)| (at(on), *period, *times)).collect();
            let day = |time: Time| zone.date(time).to_string();
            let show = |(from, to): &(Time, Option<Time>)| {
                format!("{} {}", day(*from), to.map_or_else(|| "life".to_owned(), day))
            };
            periods(&paid, &zone).unwrap().iter().map(show).collect()
        };
        let (first, soon) = ("2020-03-01T12:00:00Z", "2020-12-01T12:00:00Z");
        let again = "2024-05-01T12:00:00Z";
        assert!(told(&[]).is_empty());
        assert_eq!(told(&[(first, Period::CivilYear, 2)]), ["2020-03-01 2022-01-01"]);
        let renewed = [(first, Period::CivilYear, 1), (soon, Period::CivilYear, 1)];
        assert_eq!(told(&renewed), ["2020-03-01 2022-01-01"]);
        let lapsed = [(first, Period::CivilYear, 1), (again, Period::CivilYear, 1)];
        assert_eq!(told(&lapsed), ["2020-03-01 2021-01-01", "2024-05-01 2025-01-01"]);
        let for_life = [(first, Period::Life, 2), (again, Period::CivilYear, 1)];
        assert_eq!(told(&for_life), ["2020-03-01 life"]);
    }

    proptest! {
        #[test]
        fn a_period_ends_after_it_begins(from in 0_i64..7_258_118_400, which in 0..Period::ALL.len()) {
            let zone = Zone::parse("Europe/Paris").unwrap();
            let from = Time(from * 1_000_000);
            if let Some(end) = end_of(Period::ALL[which], from, &zone).unwrap() {
                prop_assert!(end > from);
            }
        }
    }
}
