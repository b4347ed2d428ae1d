//! Look-ups of items' hosts on the DHT: each comes in several pieces, which repeat each other.

use std::{
    collections::{BTreeMap, HashSet},
    net::SocketAddr,
};

use upseed_model::Infohash;

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
    /// Addresses counted when it was last written down.
    written: Option<usize>,
}

impl Lookups {
    /// A piece came.
    pub fn note(&mut self, infohash: Infohash, peers: &[SocketAddr], now: u64) {
        if self.0.len() >= MAX_LOOKUPS && !self.0.contains_key(&infohash) {
            return;
        }
        let new = || Lookup { began: now, seen: HashSet::new(), written: None };
        let seen = &mut self.0.entry(infohash).or_insert_with(new).seen;
        seen.extend(peers.iter().take(MAX_SEEN.saturating_sub(seen.len())));
    }

    /// What there is to write down, twice for a look-up at most: each time waits for the disk, and
    /// whoever answers decides how many pieces there are.
    pub fn settled(&mut self, now: u64) -> Vec<(Infohash, u32)> {
        let mut settled = Vec::new();
        self.0.retain(|infohash, lookup| {
            let count = lookup.seen.len();
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
        // The last second began with the end of the look-up, and then with the next one.
        assert_eq!(written, [(5, 16), (30, 91)]);
        // One that nothing came to any more is written down once.
        assert_eq!(lookups.settled(NOW + 35), [(id, 3)]);
        assert_eq!(lookups.settled(NOW + 70), []);
        assert!(lookups.0.is_empty());
    }
}
