//! The store's sets, as a session asks for them.

use std::ops::RangeInclusive;

use upseed_model::{
    BoardName, WorkId,
    sync::{DayDigest, Source},
};

use crate::store::{RoomStore, log_failure};

/// The sets of a store that cannot be read look empty, and what is offered to it known: nothing is
/// asked for then.
pub(crate) struct StoreSource<'a>(pub &'a dyn RoomStore);

impl Source for StoreSource<'_> {
    fn digests(
        &self,
        board: &BoardName,
        days: RangeInclusive<u64>,
        min_bits: u8,
    ) -> Vec<DayDigest> {
        log_failure("reading digests", self.0.digests(board, days, min_bits)).unwrap_or_default()
    }

    fn day(&self, board: &BoardName, day: u64, min_bits: u8) -> Vec<(u64, WorkId)> {
        log_failure("reading a day's set", self.0.day(board, day, min_bits)).unwrap_or_default()
    }

    fn unknown(&self, works: &[WorkId]) -> Vec<WorkId> {
        log_failure("looking records up", self.0.unknown(works)).unwrap_or_default()
    }
}
