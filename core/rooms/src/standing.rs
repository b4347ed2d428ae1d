//! How much is asked of whom: little of those who have shown nothing yet, more of those who give what they offer.

use std::collections::HashMap;

use upseed_model::limits::MAX_ASKED;

use crate::subnet::Subnet;

/// Records that are asked at a time of one who is new. Each that comes makes room for one more, so that the window doubles
/// with each round trip: 2,000 records take five.
const FIRST: usize = 128;

/// Records that are asked of one who lets others wait. Never none: else it could not make good for it.
const LEAST: usize = 8;

/// What one who comes back may be asked for at once, however much it gave before.
const BACK: usize = 2 * FIRST;

/// Seconds without anything that was asked for after which somebody else is asked, too; and the same in any case, for one
/// who gives a little now and then.
const PATIENCE: u64 = 2;
const LAST_PATIENCE: u64 = 8;

/// Seconds for which somebody who is gone is remembered, and how many are.
const REMEMBERED: u64 = 3_600;
const MOST: usize = 10_000;

/// What each subnet was asked for and gave. Not each connection: whoever comes back, or comes four times, is the same.
#[derive(Default)]
pub(crate) struct Standings(HashMap<Subnet, Standing>);

struct Standing {
    /// Records that may be under way.
    window: usize,
    /// Records that are.
    under_way: usize,
    /// Connections.
    peers: usize,
    /// When it last gave something that was asked for, and when the window was last cut.
    served: u64,
    cut: u64,
    /// When the last one left.
    left: u64,
}

impl Standings {
    /// A peer from there is here.
    pub fn come(&mut self, subnet: Subnet, now: u64) {
        if self.0.len() >= MOST {
            self.0.retain(|_, standing| standing.peers > 0);
        }
        let new =
            || Standing { window: FIRST, under_way: 0, peers: 0, served: 0, cut: 0, left: now };
        let standing = self.0.entry(subnet).or_insert_with(new);
        if standing.peers == 0 {
            standing.window = standing.window.min(BACK);
        }
        standing.peers += 1;
    }

    /// One is gone.
    pub fn leave(&mut self, subnet: &Subnet, now: u64) {
        if let Some(standing) = self.0.get_mut(subnet) {
            standing.peers = standing.peers.saturating_sub(1);
            standing.left = now;
        }
    }

    /// Forgets those who have been gone for long.
    pub fn expire(&mut self, now: u64) {
        self.0.retain(|_, standing| standing.peers > 0 || standing.left + REMEMBERED > now);
    }

    /// Records that may be asked for at a time.
    pub fn window(&self, subnet: &Subnet) -> usize {
        self.0.get(subnet).map_or(LEAST, |standing| standing.window)
    }

    /// How many more may be asked for now.
    pub fn room(&self, subnet: &Subnet) -> usize {
        self.0.get(subnet).map_or(0, |of| of.window.saturating_sub(of.under_way))
    }

    /// So many were asked for.
    pub fn asked(&mut self, subnet: &Subnet, count: usize) {
        if let Some(standing) = self.0.get_mut(subnet) {
            standing.under_way += count;
        }
    }

    /// So many are not waited for any more.
    pub fn settled(&mut self, subnet: &Subnet, count: usize) {
        if let Some(standing) = self.0.get_mut(subnet) {
            standing.under_way = standing.under_way.saturating_sub(count);
        }
    }

    /// It gave one that it was asked for.
    pub fn served(&mut self, subnet: &Subnet, now: u64) {
        if let Some(standing) = self.0.get_mut(subnet) {
            standing.window = (standing.window + 1).min(MAX_ASKED);
            standing.served = now;
        }
    }

    /// Whether what it was asked for then should be asked of others now.
    pub fn is_overdue(&self, subnet: &Subnet, asked_at: u64, now: u64) -> bool {
        now >= asked_at + LAST_PATIENCE
            || (now >= asked_at + PATIENCE && self.is_silent(subnet, now))
    }

    fn is_silent(&self, subnet: &Subnet, now: u64) -> bool {
        self.0.get(subnet).is_none_or(|standing| now >= standing.served + PATIENCE)
    }

    /// It let others wait. Says whether it gave nothing at all meanwhile.
    pub fn cut(&mut self, subnet: &Subnet, now: u64) -> bool {
        let is_silent = self.is_silent(subnet, now);
        if let Some(standing) = self.0.get_mut(subnet)
            && now >= standing.cut + PATIENCE
        {
            standing.window = if is_silent { LEAST } else { LEAST.max(standing.window / 2) };
            standing.cut = now;
        }
        is_silent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn subnet(n: u8) -> Subnet {
        Subnet::of(([203, 0, n, 1], 1).into())
    }

    #[test]
    fn who_gives_is_asked_for_more_and_who_lets_wait_for_less() {
        let (mut standings, a) = (Standings::default(), subnet(1));
        standings.come(a, NOW);
        assert_eq!(standings.room(&a), FIRST);
        standings.asked(&a, FIRST);
        assert_eq!(standings.room(&a), 0);
        for _ in 0..FIRST {
            standings.settled(&a, 1);
            standings.served(&a, NOW);
        }
        assert_eq!(standings.room(&a), 2 * FIRST);
        assert!(!standings.cut(&a, NOW + 1), "it gave something a moment ago");
        assert_eq!(standings.window(&a), FIRST);
        assert!(standings.cut(&a, NOW + 3));
        assert_eq!(standings.window(&a), LEAST);
    }

    #[test]
    fn coming_back_is_no_fresh_start() {
        let (mut standings, a) = (Standings::default(), subnet(1));
        standings.come(a, NOW);
        standings.cut(&a, NOW);
        standings.leave(&a, NOW);
        standings.come(a, NOW + 1);
        assert_eq!(standings.window(&a), LEAST);
        standings.leave(&a, NOW + 1);
        standings.expire(NOW + REMEMBERED);
        assert_eq!(standings.0.len(), 1);
        standings.expire(NOW + 1 + REMEMBERED);
        assert_eq!(standings.0.len(), 0);
    }

    #[test]
    fn somebody_else_is_asked_soon_and_of_a_trickle_a_little_later() {
        let (mut standings, a) = (Standings::default(), subnet(1));
        standings.come(a, NOW);
        assert!(!standings.is_overdue(&a, NOW, NOW + 1));
        assert!(standings.is_overdue(&a, NOW, NOW + 2));
        standings.served(&a, NOW + 7);
        assert!(!standings.is_overdue(&a, NOW, NOW + 7));
        assert!(standings.is_overdue(&a, NOW, NOW + 8));
    }
}
