//! Who may be connected: so many in all, so many an address. A [`Place`] is given back when it is dropped.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::House;

pub(super) struct Places {
    count: u32,
    free: Arc<Semaphore>,
    addresses: Mutex<HashMap<IpAddr, u64>>,
}

impl Places {
    pub(super) fn new(count: u32) -> Self {
        Self { count, free: Arc::new(Semaphore::new(count as usize)), addresses: Mutex::default() }
    }

    /// Waits until nobody is connected. Nobody can connect afterwards.
    pub(super) async fn empty(&self) {
        if let Ok(all) = self.free.acquire_many(self.count).await {
            all.forget();
        }
    }
}

/// The right to be connected.
pub(super) struct Place {
    house: Arc<House>,
    address: Option<IpAddr>,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    /// None when there are too many already. Trusted proxies speak for many clients, so only the total binds them.
    pub(super) fn take(house: &Arc<House>, ip: IpAddr) -> Option<Self> {
        let place = Self::free(house, ip);
        let gauge = if place.is_some() { &house.gauges.connections } else { &house.gauges.refused };
        gauge.fetch_add(1, Ordering::Relaxed);
        place
    }

    fn free(house: &Arc<House>, ip: IpAddr) -> Option<Self> {
        let permit = house.places.free.clone().try_acquire_owned().ok()?;
        let address = (!house.config.trusts(ip)).then(|| client(ip));
        if let Some(address) = address {
            let mut addresses = house.places.addresses.lock();
            let count = addresses.entry(address).or_default();
            if *count >= house.config.connections_per_address.max(1) {
                return None;
            }
            *count += 1;
        }
        Some(Self { house: house.clone(), address, _permit: permit })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.house.gauges.connections.fetch_sub(1, Ordering::Relaxed);
        let Some(address) = self.address else { return };
        if let Entry::Occupied(mut entry) = self.house.places.addresses.lock().entry(address) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

/// What counts as one client: an IPv6 customer owns a whole /64, and could otherwise use each address once.
fn client(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
    }
}
