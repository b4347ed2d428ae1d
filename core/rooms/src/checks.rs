//! Who was seen to have an item's text: whom to dial for it, and when that is over.
//!
//! Whoever is named by the DHT, by trackers or by a board's members may have it; only who met this node on the item's own
//! infohash and said so, or gave the text, counts, and each network once.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::SocketAddr,
};

use upseed_model::{Infohash, Network};

use crate::subnet::Subnet;

/// Items that are checked at the same time.
const MAX_CHECKS: usize = 12;

/// Seconds that a check takes: libtorrent gives uTP three of them, and a look-up on the DHT about five.
const CHECK_SECONDS: u64 = 20;

/// Addresses that are dialled for one check, and of these in one subnet.
const MAX_DIALS: usize = 64;
const MAX_OF_SUBNET: usize = 4;

/// Items and networks of each that wait to be written down. The next second takes them all.
const MAX_ITEMS: usize = 1_000;
const MAX_NETWORKS: usize = 64;

/// What is checked now, and who was seen since that was last written down.
#[derive(Default)]
pub(crate) struct Checks {
    running: BTreeMap<Infohash, Check>,
    seen: BTreeMap<Infohash, BTreeSet<Network>>,
}

struct Check {
    began: u64,
    /// This node's user hosts it.
    hosted: bool,
    dials: usize,
    subnets: HashMap<Subnet, usize>,
    seen: BTreeSet<Network>,
}

impl Checks {
    /// Whether a check of this item may begin.
    pub fn has_room(&self, infohash: &Infohash) -> bool {
        self.running.len() < MAX_CHECKS && !self.running.contains_key(infohash)
    }

    /// A check begins.
    pub fn begin(&mut self, infohash: Infohash, hosted: bool, now: u64) {
        let (subnets, seen) = (HashMap::new(), BTreeSet::new());
        self.running.insert(infohash, Check { began: now, hosted, dials: 0, subnets, seen });
    }

    /// Of those who are said to have an item, whom to dial. Nobody if it is not checked.
    pub fn choose(&mut self, infohash: &Infohash, named: &[SocketAddr]) -> Vec<SocketAddr> {
        let Some(check) = self.running.get_mut(infohash) else { return Vec::new() };
        named.iter().copied().filter(|addr| check.dials(*addr)).collect()
    }

    /// Whether this node's user hosts an item that is checked; nothing if it is not checked.
    pub fn is_hosted(&self, infohash: &Infohash) -> Option<bool> {
        self.running.get(infohash).map(|check| check.hosted)
    }

    /// Somebody there has the text.
    pub fn saw(&mut self, infohash: Infohash, addr: SocketAddr) {
        let network = Network::of(addr.ip());
        if let Some(check) = self.running.get_mut(&infohash) {
            check.seen.insert(network);
        }
        if self.seen.len() < MAX_ITEMS || self.seen.contains_key(&infohash) {
            let networks = self.seen.entry(infohash).or_default();
            if networks.len() < MAX_NETWORKS {
                networks.insert(network);
            }
        }
    }

    /// What was seen since this was last asked.
    pub fn take_seen(&mut self) -> Vec<(Infohash, Vec<Network>)> {
        let seen = std::mem::take(&mut self.seen).into_iter();
        seen.map(|(infohash, networks)| (infohash, networks.into_iter().collect())).collect()
    }

    /// Ends those whose time is over.
    pub fn take_over(&mut self, now: u64) -> Vec<Infohash> {
        let over = |check: &Check| now >= check.began + CHECK_SECONDS;
        let ended = self.running.iter().filter(|(_, check)| over(check));
        let ended: Vec<_> = ended.map(|(infohash, _)| *infohash).collect();
        self.running.retain(|_, check| !over(check));
        ended
    }

    /// Ends all of them.
    pub fn take_all(&mut self) -> Vec<Infohash> {
        std::mem::take(&mut self.running).into_keys().collect()
    }
}

impl Check {
    /// Whether one more address is dialled. One whose network was seen already could add nothing.
    fn dials(&mut self, addr: SocketAddr) -> bool {
        let of_subnet = self.subnets.get(&Subnet::of(addr)).copied().unwrap_or_default();
        if self.dials >= MAX_DIALS
            || of_subnet >= MAX_OF_SUBNET
            || self.seen.contains(&Network::of(addr.ip()))
        {
            return false;
        }
        self.dials += 1;
        self.subnets.insert(Subnet::of(addr), of_subnet + 1);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn id(n: u8) -> Infohash {
        Infohash::from_bytes([n; 20])
    }

    fn addr(c: u8, d: u8, port: u16) -> SocketAddr {
        ([203, 0, c, d], port).into()
    }

    fn checked(infohash: Infohash) -> Checks {
        let mut checks = Checks::default();
        checks.begin(infohash, false, NOW);
        checks
    }

    #[test]
    fn an_address_named_two_hundred_times_is_dialled_four_times() {
        let mut checks = checked(id(1));
        let named: Vec<_> = (1..=200).map(|port| addr(113, 1, port)).collect();
        assert_eq!(checks.choose(&id(1), &named), named[..4]);
        assert_eq!(checks.choose(&id(1), &named), [], "nor later");
        assert_eq!(checks.choose(&id(1), &[addr(114, 1, 1)]), [addr(114, 1, 1)]);
        assert_eq!(
            checks.choose(&id(2), &[addr(114, 1, 1)]),
            [],
            "what is not checked is not dialled"
        );
    }

    #[test]
    fn a_check_dials_so_many_and_none_in_a_network_that_was_seen() {
        let mut checks = checked(id(1));
        checks.saw(id(1), addr(7, 7, 7));
        let named: Vec<_> = (0..=255).map(|c| addr(c, 1, 1)).collect();
        let dialled = checks.choose(&id(1), &named);
        assert_eq!(dialled.len(), MAX_DIALS);
        assert!(!dialled.contains(&addr(7, 1, 1)), "its network was seen");
    }

    #[test]
    fn two_of_one_network_are_seen_as_one_and_written_down_once() {
        let mut checks = Checks::default();
        for seen in [addr(113, 1, 1), addr(113, 2, 9), addr(114, 1, 1)] {
            checks.saw(id(1), seen);
        }
        let networks = [addr(113, 0, 0), addr(114, 0, 0)].map(|addr| Network::of(addr.ip()));
        assert_eq!(checks.take_seen(), [(id(1), networks.to_vec())]);
        assert_eq!(checks.take_seen(), []);
    }

    #[test]
    fn few_are_checked_at_a_time_and_each_for_its_time() {
        let mut checks = Checks::default();
        for n in 0..MAX_CHECKS as u8 {
            assert!(checks.has_room(&id(n)));
            checks.begin(id(n), false, NOW + u64::from(n % 2));
            assert!(!checks.has_room(&id(n)), "it is under way");
        }
        assert!(!checks.has_room(&id(100)));
        assert_eq!(checks.take_over(NOW + CHECK_SECONDS - 1), []);
        let even: Vec<_> = (0..MAX_CHECKS as u8).step_by(2).map(id).collect();
        assert_eq!(checks.take_over(NOW + CHECK_SECONDS), even);
        assert!(checks.has_room(&id(100)));
        assert_eq!(checks.take_all().len(), MAX_CHECKS / 2);
        assert_eq!(checks.is_hosted(&id(1)), None);
    }

    #[test]
    fn what_waits_to_be_written_down_is_bounded() {
        let mut checks = Checks::default();
        for n in 0..2 * MAX_ITEMS as u32 {
            let mut bytes = [0; 20];
            bytes[..4].copy_from_slice(&n.to_be_bytes());
            checks.saw(Infohash::from_bytes(bytes), addr(1, 1, 1));
        }
        let mut all = Checks::default();
        (0..=255).for_each(|c| all.saw(id(1), addr(c, 1, 1)));
        assert_eq!(checks.take_seen().len(), MAX_ITEMS);
        assert_eq!(all.take_seen()[0].1.len(), MAX_NETWORKS);
    }
}
