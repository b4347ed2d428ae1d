//! Texts that a node passes on without hosting them, so that they also reach those who cannot reach a host.
//!
//! Only what the node fetched of its own accord, as every member does, and for a day: so neither what it gives nor what it
//! refuses tells what its user reads.

use std::collections::{HashMap, VecDeque};

use upseed_model::WorkId;

/// Seconds for which a text is passed on.
const PASSED_ON: u64 = 86_400;

/// Bytes of the texts that are passed on, the newest, and how many they are: 32,768 × some 100 bytes = 3 MB of memory. A
/// quarter of the cache in which the texts lie, so that what is read meanwhile does not decide which of them are left.
const MAX_BYTES: usize = 64 << 20;
const MAX_TEXTS: usize = 32_768;

/// Bytes that are passed on to all peers together: at once, and each second.
const AT_ONCE: u64 = 8 << 20;
const PER_SECOND: u64 = 128 << 10;

/// What is passed on, and how much still may be.
pub(crate) struct Relay {
    /// When each came, and its bytes.
    texts: HashMap<WorkId, (u64, usize)>,
    /// The same, those first that came first.
    order: VecDeque<WorkId>,
    bytes: usize,
    allowance: u64,
    /// When it last grew.
    at: u64,
}

impl Default for Relay {
    fn default() -> Self {
        let (texts, order) = (HashMap::new(), VecDeque::new());
        Self { texts, order, bytes: 0, allowance: AT_ONCE, at: 0 }
    }
}

impl Relay {
    /// This text was fetched of the node's own accord.
    pub fn came(&mut self, work: WorkId, bytes: usize, now: u64) {
        if self.texts.contains_key(&work) {
            return;
        }
        self.texts.insert(work, (now, bytes));
        self.order.push_back(work);
        self.bytes += bytes;
        self.forget(now);
    }

    /// Whether this text may be passed on now.
    pub fn may_pass_on(&mut self, work: &WorkId, now: u64) -> bool {
        let Some((came, bytes)) = self.texts.get(work) else { return false };
        let earned = now.saturating_sub(self.at).saturating_mul(PER_SECOND);
        self.allowance = self.allowance.saturating_add(earned).min(AT_ONCE);
        self.at = now;
        now < came + PASSED_ON && self.allowance >= *bytes as u64
    }

    /// So many bytes were passed on.
    pub const fn passed_on(&mut self, bytes: usize) {
        self.allowance = self.allowance.saturating_sub(bytes as u64);
    }

    /// The clock was set back: everything came now.
    pub fn clock_was_set_back(&mut self, now: u64) {
        self.at = now;
        self.texts.values_mut().for_each(|(came, _)| *came = now.min(*came));
    }

    fn forget(&mut self, now: u64) {
        while let Some(work) = self.order.front() {
            let (came, bytes) = self.texts.get(work).copied().unwrap_or_default();
            let has_room = self.bytes <= MAX_BYTES && self.order.len() <= MAX_TEXTS;
            if has_room && now < came + PASSED_ON {
                return;
            }
            self.texts.remove(work);
            self.order.pop_front();
            self.bytes -= bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn work(n: usize) -> WorkId {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&n.to_be_bytes());
        WorkId::from_bytes(id)
    }

    #[test]
    fn the_newest_are_passed_on_for_a_day() {
        let mut relay = Relay::default();
        (0..2_000).for_each(|n| relay.came(work(n), 64 << 10, NOW));
        assert_eq!((relay.texts.len(), relay.order.len()), (1_024, 1_024));
        assert!(relay.bytes <= MAX_BYTES);
        assert!(!relay.may_pass_on(&work(975), NOW) && relay.may_pass_on(&work(976), NOW));
        assert!(relay.may_pass_on(&work(1_999), NOW + PASSED_ON - 1));
        assert!(!relay.may_pass_on(&work(1_999), NOW + PASSED_ON));
        relay.came(work(2_000), 10, NOW + PASSED_ON);
        assert_eq!((relay.texts.len(), relay.bytes), (1, 10), "the old ones are forgotten");
        (0..40_000).for_each(|n| relay.came(work(n), 1, NOW + PASSED_ON));
        assert_eq!(relay.texts.len(), MAX_TEXTS);
    }

    #[test]
    fn all_peers_together_are_given_so_much_a_second() {
        let mut relay = Relay::default();
        relay.came(work(1), 64 << 10, NOW);
        let mut given = |now| {
            let mut count = 0;
            while relay.may_pass_on(&work(1), now) {
                relay.passed_on(64 << 10);
                count += 1;
            }
            count
        };
        assert_eq!(given(NOW), 128);
        assert_eq!((given(NOW), given(NOW + 10), given(NOW + 10)), (0, 20, 0));
        assert_eq!(given(NOW + 80_000), 128);
    }
}
