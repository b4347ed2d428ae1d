//! Where a session reads its node's sets.

use std::ops::RangeInclusive;

use super::digest::DayDigest;
use crate::{BoardName, WorkId};

/// What a session needs to know of its node's sets. What belongs to a set follows from the records'
/// bytes alone: board, day, committed bits; newest of its slot.
pub trait Source {
    /// The digests of the days that are not empty.
    fn digests(&self, board: &BoardName, days: RangeInclusive<u64>, min_bits: u8)
    -> Vec<DayDigest>;

    /// A day's records, ascending by (time, work id).
    fn day(&self, board: &BoardName, day: u64, min_bits: u8) -> Vec<(u64, WorkId)>;

    /// Those of these records that are to be asked for, in the same order: they are not here, and
    /// were not refused.
    fn unknown(&self, works: &[WorkId]) -> Vec<WorkId>;
}
