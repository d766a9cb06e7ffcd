//! Limits on guessing, and on what strangers may ask for: failed keys and log-ins by network and by account, wrong keys
//! where none is asked for, bookings and the like by address, looks at a payment; in memory, a minute at a time.
//!
//! Only failures and strangers count, so a right key is never slowed.

use crate::values::Time;
use crate::values::id::PaymentId;
use lru::LruCache;
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::num::NonZero;

/// So many addresses and accounts are remembered at the most; a minute's window empties them.
const REMEMBERED_MAX: usize = 100_000;
const WINDOW_SECONDS: i64 = 60;

/// So many times the failures of an account from one network are too many from all.
const FROM_ALL: u32 = 10;

/// So many log-ins are remembered, with their networks.
const KNOWN_MAX: NonZero<usize> = NonZero::new(10_000).expect("not zero");

/// How often a minute strangers may have Stripe asked how one payment stands.
const LOOKS: u32 = 10;

/// The counts of the running minute.
#[derive(Debug)]
pub struct Throttle {
    per_address: u32,
    per_account: u32,
    asks: u32,
    minute: Mutex<Minute>,
    /// From where accounts have logged in.
    known: Mutex<LruCache<(String, IpAddr), ()>>,
}

#[derive(Debug, Default)]
struct Minute {
    began: i64,
    addresses: HashMap<IpAddr, u32>,
    accounts: HashMap<String, u32>,
    pairs: HashMap<(String, IpAddr), u32>,
    keys: HashSet<(IpAddr, u64)>,
    guesses: HashMap<IpAddr, u32>,
    asks: HashMap<IpAddr, u32>,
    looks: HashMap<PaymentId, u32>,
}

impl Throttle {
    pub(super) fn new(per_address: u32, per_account: u32, asks: u32) -> Self {
        let known = Mutex::new(LruCache::new(KNOWN_MAX));
        Self { per_address, per_account, asks, minute: Mutex::default(), known }
    }

    /// Has this address failed too often in this minute?
    #[must_use]
    pub fn address_is_blocked(&self, now: Time, address: IpAddr) -> bool {
        self.at(now, |minute| {
            minute.addresses.get(&network(address)).is_some_and(|n| *n >= self.per_address)
        })
    }

    /// Counts a failure of an address.
    pub fn failed(&self, now: Time, address: IpAddr) {
        self.at(now, |minute| count(&mut minute.addresses, network(address)));
    }

    /// Has this address shown too many wrong keys in this minute where none is asked for?
    #[must_use]
    pub fn guesses_are_over(&self, now: Time, address: IpAddr) -> bool {
        self.at(now, |minute| {
            minute.guesses.get(&network(address)).is_some_and(|n| *n >= self.per_address)
        })
    }

    /// Counts a wrong key that was shown where none is asked for, apart from failures: the site that still shows one that
    /// was revoked guesses nothing, so the same again does not count.
    pub fn guessed(&self, now: Time, address: IpAddr, key: u64) {
        let address = network(address);
        self.at(now, |minute| {
            if minute.keys.len() < REMEMBERED_MAX && minute.keys.insert((address, key)) {
                count(&mut minute.guesses, address);
            }
        });
    }

    /// Counts a log-in before it is tried, so that many at once do not pass together; `false` where there were too many
    /// from this network, or to this account from all networks but those from which it has logged in before: nobody is
    /// kept out by what strangers try. `succeeded` takes it back.
    #[must_use]
    pub fn may_try(&self, now: Time, address: IpAddr, account: &str) -> bool {
        let address = network(address);
        let pair = (account.to_owned(), address);
        let known = self.known.lock().get(&pair).is_some();
        let from_all = self.per_account.saturating_mul(FROM_ALL);
        self.at(now, |minute| {
            let full = minute.addresses.get(&address).is_some_and(|n| *n >= self.per_address)
                || minute.pairs.get(&pair).is_some_and(|n| *n >= self.per_account)
                || (!known && minute.accounts.get(account).is_some_and(|n| *n >= from_all));
            if !full {
                count(&mut minute.addresses, address);
                count(&mut minute.accounts, account.to_owned());
                count(&mut minute.pairs, pair);
            }
            !full
        })
    }

    /// Counts something that a stranger asks for; `false` where this address has asked for enough in this minute.
    #[must_use]
    pub fn may_ask(&self, now: Time, address: IpAddr) -> bool {
        if self.asks == 0 {
            return true;
        }
        self.at(now, |minute| {
            let address = network(address);
            let full = minute.asks.get(&address).is_some_and(|n| *n >= self.asks);
            if !full {
                count(&mut minute.asks, address);
            }
            !full
        })
    }

    /// Counts a look at a payment that asks Stripe; `false` where it was asked often enough in this minute.
    #[must_use]
    pub fn may_look(&self, now: Time, payment: PaymentId) -> bool {
        self.at(now, |minute| {
            let looks = &mut minute.looks;
            count(looks, payment);
            looks.get(&payment).is_some_and(|n| *n <= LOOKS)
        })
    }

    /// Takes back what `may_try` counted: the password was right.
    pub fn succeeded(&self, now: Time, address: IpAddr, account: &str) {
        let address = network(address);
        let pair = (account.to_owned(), address);
        self.at(now, |minute| {
            let counts = [
                minute.addresses.get_mut(&address),
                minute.accounts.get_mut(account),
                minute.pairs.get_mut(&pair),
            ];
            for n in counts.into_iter().flatten() {
                *n = n.saturating_sub(1);
            }
        });
        self.known.lock().put(pair, ());
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

fn count<K: Eq + std::hash::Hash>(counts: &mut HashMap<K, u32>, key: K) {
    if counts.len() < REMEMBERED_MAX || counts.contains_key(&key) {
        *counts.entry(key).or_default() += 1;
    }
}

/// What one client holds at will counts as one: an IPv4 address, or the /64 of an IPv6 address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(ip) => {
            std::net::Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX)).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_blocked_after_its_failures_and_free_in_the_next_minute() {
        let throttle = Throttle::new(3, 2, 0);
        let (ip, now) = (IpAddr::from([10, 0, 0, 1]), Time(0));
        for _ in 0..3 {
            assert!(!throttle.address_is_blocked(now, ip));
            throttle.failed(now, ip);
        }
        assert!(throttle.address_is_blocked(now, ip));
        assert!(!throttle.address_is_blocked(now, IpAddr::from([10, 0, 0, 2])));
        assert!(!throttle.address_is_blocked(Time(60_000_000), ip));
    }

    #[test]
    fn a_log_in_counts_from_its_try_until_it_succeeds() {
        let throttle = Throttle::new(60, 2, 0);
        let (ip, now) = (IpAddr::from([10, 0, 0, 1]), Time(0));
        assert!(throttle.may_try(now, ip, "a@b.fr"));
        assert!(throttle.may_try(now, ip, "a@b.fr"));
        assert!(!throttle.may_try(now, ip, "a@b.fr"));
        throttle.succeeded(now, ip, "a@b.fr");
        assert!(throttle.may_try(now, ip, "a@b.fr"));
        assert!(throttle.may_try(now, ip, "c@d.fr"));
    }

    #[test]
    fn what_strangers_try_keeps_an_account_out_nowhere_from_where_it_has_logged_in() {
        let throttle = Throttle::new(60, 2, 0);
        let (now, home) = (Time(0), IpAddr::from([10, 1, 0, 1]));
        assert!(throttle.may_try(now, home, "a@b.fr"));
        throttle.succeeded(now, home, "a@b.fr");
        for n in 0..10 {
            let stranger = IpAddr::from([10, 0, 0, n]);
            assert!(throttle.may_try(now, stranger, "a@b.fr"));
            assert!(throttle.may_try(now, stranger, "a@b.fr"));
            assert!(!throttle.may_try(now, stranger, "a@b.fr"), "two from one network");
        }
        assert!(!throttle.may_try(now, IpAddr::from([10, 0, 0, 99]), "a@b.fr"), "twenty from all");
        assert!(throttle.may_try(now, IpAddr::from([10, 0, 0, 99]), "c@d.fr"));
        assert!(throttle.may_try(now, home, "a@b.fr"));
    }

    #[test]
    fn the_same_wrong_key_again_is_no_new_guess() {
        let throttle = Throttle::new(2, 2, 0);
        let (ip, now) = (IpAddr::from([10, 0, 0, 1]), Time(0));
        for _ in 0..9 {
            throttle.guessed(now, ip, 1);
        }
        assert!(!throttle.guesses_are_over(now, ip));
        throttle.guessed(now, ip, 2);
        assert!(throttle.guesses_are_over(now, ip));
        assert!(!throttle.address_is_blocked(now, ip));
        assert!(!throttle.guesses_are_over(Time(60_000_000), ip));
    }

    #[test]
    fn a_whole_ipv6_network_counts_as_one_client() {
        let throttle = Throttle::new(1, 1, 0);
        let [a, b, c] =
            ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"].map(|ip| ip.parse().unwrap());
        throttle.failed(Time(0), a);
        assert!(throttle.address_is_blocked(Time(0), b));
        assert!(!throttle.address_is_blocked(Time(0), c));
    }
}
