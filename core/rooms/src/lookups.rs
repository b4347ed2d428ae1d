//! How many hosts of an item are named, by the DHT and by trackers: that comes in several pieces, which repeat each other.

use std::{
    collections::{BTreeMap, HashSet},
    net::{IpAddr, Ipv6Addr, SocketAddr},
};

use upseed_model::Infohash;

use crate::subnet::is_private;

/// Seconds after which the most has come, and after which what comes is of another look-up.
const MOST_SECONDS: u64 = 5;
const ALL_SECONDS: u64 = 30;

/// Look-ups that are put together at the same time, and addresses of one that are told apart.
const MAX_LOOKUPS: usize = 256;
const MAX_SEEN: usize = 1_000;

/// Look-ups whose pieces come now.
#[derive(Default)]
pub(crate) struct Lookups(BTreeMap<Infohash, Lookup>);

struct Lookup {
    began: u64,
    seen: HashSet<SocketAddr>,
    /// The most that a tracker told without naming them.
    counted: usize,
    /// Hosts counted when it was last written down.
    written: Option<usize>,
}

impl Lookups {
    /// A piece came.
    pub fn note(&mut self, infohash: Infohash, peers: &[SocketAddr], now: u64) {
        let Some(lookup) = self.lookup(infohash, now) else { return };
        let room = MAX_SEEN.saturating_sub(lookup.seen.len());
        lookup.seen.extend(peers.iter().map(machine).take(room));
    }

    /// A tracker told how many it knows, and does not say who they are.
    pub fn counted(&mut self, infohash: Infohash, count: u32, now: u64) {
        if let Some(lookup) = self.lookup(infohash, now) {
            lookup.counted = lookup.counted.max(count as usize);
        }
    }

    fn lookup(&mut self, infohash: Infohash, now: u64) -> Option<&mut Lookup> {
        if self.0.len() >= MAX_LOOKUPS && !self.0.contains_key(&infohash) {
            return None;
        }
        let new = || Lookup { began: now, seen: HashSet::new(), counted: 0, written: None };
        Some(self.0.entry(infohash).or_insert_with(new))
    }

    /// What there is to write down, twice for a look-up at most: each time waits for the disk, and
    /// whoever answers decides how many pieces there are.
    pub fn settled(&mut self, now: u64) -> Vec<(Infohash, u32)> {
        let mut settled = Vec::new();
        self.0.retain(|infohash, lookup| {
            let count = lookup.seen.len().max(lookup.counted);
            let is_over = now >= lookup.began + ALL_SECONDS;
            let most_came = lookup.written.is_none() && now >= lookup.began + MOST_SECONDS;
            if lookup.written != Some(count) && (is_over || most_came) {
                lookup.written = Some(count);
                settled.push((*infohash, count as u32));
            }
            !is_over
        });
        settled
    }
}

/// Whose address that is. Anybody can announce one machine by any number of ports, and by 2^64 addresses of IPv6; in
/// private networks several nodes may share an address, and nobody gains by it.
fn machine(addr: &SocketAddr) -> SocketAddr {
    match addr.ip() {
        ip if is_private(ip) => *addr,
        IpAddr::V6(ip) => {
            let prefix = u128::from(ip) & !u128::from(u64::MAX);
            SocketAddr::new(Ipv6Addr::from(prefix).into(), 0)
        }
        ip => SocketAddr::new(ip, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    #[test]
    fn a_look_up_of_any_number_of_pieces_is_written_down_twice_at_most() {
        let mut lookups = Lookups::default();
        let id = Infohash::from_bytes([1; 20]);
        let mut written = Vec::new();
        for second in 0..=ALL_SECONDS {
            for piece in 0..100_u16 {
                let addr = ([203, 0, 113, second as u8], 1_000 + piece % 3).into();
                lookups.note(id, &[addr], NOW + second);
                let settled = lookups.settled(NOW + second);
                written.extend(settled.iter().map(|(_, count)| (second, *count)));
            }
        }
        assert_eq!(written, [(5, 6), (30, 31)], "one for each address, whatever its ports");
        // The last second began with the end of the look-up, and then with the next one.
        // One that nothing came to any more is written down once.
        assert_eq!(lookups.settled(NOW + 35), [(id, 1)]);
        assert_eq!(lookups.settled(NOW + 70), []);
        assert!(lookups.0.is_empty());
    }
    #[test]
    fn a_machine_counts_once_and_neighbours_in_a_private_network_each() {
        let mut lookups = Lookups::default();
        let id = |n| Infohash::from_bytes([n; 20]);
        let named = |texts: &[&str]| -> Vec<SocketAddr> {
            texts.iter().map(|text| text.parse().unwrap()).collect()
        };
        lookups.note(id(1), &named(&["203.0.113.1:1", "203.0.113.1:2", "203.0.113.2:1"]), NOW);
        lookups.note(
            id(2),
            &named(&["[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8:0:1::]:1"]),
            NOW,
        );
        lookups.note(id(3), &named(&["127.0.0.1:1", "127.0.0.1:2"]), NOW);
        // A tracker knows of more than those who were named.
        lookups.note(id(4), &named(&["203.0.113.1:1"]), NOW);
        lookups.counted(id(4), 7, NOW);
        let settled = lookups.settled(NOW + MOST_SECONDS);
        assert_eq!(settled, [(id(1), 2), (id(2), 2), (id(3), 2), (id(4), 7)]);
    }
}
