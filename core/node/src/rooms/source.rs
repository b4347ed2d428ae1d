//! The store's sets, as a session asks for them.

use std::ops::RangeInclusive;

use upseed_model::{
    BoardName, WorkId,
    sync::{DayDigest, Source},
};
use upseed_store::Store;

use super::log_failure;

/// The sets of a store that cannot be read look empty, and what is offered to it known: nothing is
/// asked for then.
pub(super) struct StoreSource(pub Store);

impl Source for StoreSource {
    fn digests(
        &self,
        board: &BoardName,
        days: RangeInclusive<u64>,
        min_bits: u8,
    ) -> Vec<DayDigest> {
        let digests = log_failure("reading digests", self.0.digests(board, days, min_bits));
        let digests = digests.unwrap_or_default().into_iter();
        digests.map(|d| DayDigest { day: d.day, count: d.count, sum: d.sum }).collect()
    }

    fn day(&self, board: &BoardName, day: u64, min_bits: u8) -> Vec<(u64, WorkId)> {
        log_failure("reading a day's set", self.0.day(board, day, min_bits)).unwrap_or_default()
    }

    fn unknown(&self, works: &[WorkId]) -> Vec<WorkId> {
        log_failure("looking records up", self.0.unknown(works)).unwrap_or_default()
    }
}
