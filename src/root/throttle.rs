//! Limits on guessing: failed keys and log-ins, counted by address and by account, in memory, a minute at a time.
//!
//! Only failures count, so a right key is never slowed.

use crate::values::Time;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::IpAddr;

/// So many addresses and accounts are remembered at the most; a minute's window empties them.
const REMEMBERED_MAX: usize = 100_000;
const WINDOW_SECONDS: i64 = 60;

/// The counts of the running minute.
#[derive(Debug)]
pub struct Throttle {
    per_address: u32,
    per_account: u32,
    minute: Mutex<Minute>,
}

#[derive(Debug, Default)]
struct Minute {
    began: i64,
    addresses: HashMap<IpAddr, u32>,
    accounts: HashMap<String, u32>,
}

impl Throttle {
    pub(super) fn new(per_address: u32, per_account: u32) -> Self {
        Self { per_address, per_account, minute: Mutex::default() }
    }

    /// Has this address failed too often in this minute?
    #[must_use]
    pub fn address_is_blocked(&self, now: Time, address: IpAddr) -> bool {
        self.at(now, |minute| {
            minute.addresses.get(&address).is_some_and(|n| *n >= self.per_address)
        })
    }

    /// Has somebody failed too often on this account in this minute?
    #[must_use]
    pub fn account_is_blocked(&self, now: Time, account: &str) -> bool {
        self.at(now, |minute| minute.accounts.get(account).is_some_and(|n| *n >= self.per_account))
    }

    /// Counts a failure.
    pub fn failed(&self, now: Time, address: IpAddr, account: Option<&str>) {
        self.at(now, |minute| {
            if minute.addresses.len() < REMEMBERED_MAX {
                *minute.addresses.entry(address).or_default() += 1;
            }
            if let Some(account) = account
                && minute.accounts.len() < REMEMBERED_MAX
            {
                *minute.accounts.entry(account.to_owned()).or_default() += 1;
            }
        });
    }

    fn at<T>(&self, now: Time, f: impl FnOnce(&mut Minute) -> T) -> T {
        let mut minute = self.minute.lock();
        let window = now.seconds() / WINDOW_SECONDS;
        if minute.began != window {
            *minute = Minute { began: window, ..Minute::default() };
        }
        f(&mut minute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_blocked_after_its_failures_and_free_in_the_next_minute() {
        let throttle = Throttle::new(3, 2);
        let (ip, now) = (IpAddr::from([10, 0, 0, 1]), Time(0));
        for _ in 0..3 {
            assert!(!throttle.address_is_blocked(now, ip));
            throttle.failed(now, ip, Some("a@b.fr"));
        }
        assert!(throttle.address_is_blocked(now, ip));
        assert!(throttle.account_is_blocked(now, "a@b.fr"));
        assert!(!throttle.address_is_blocked(now, IpAddr::from([10, 0, 0, 2])));
        assert!(!throttle.address_is_blocked(Time(60_000_000), ip));
    }
}
