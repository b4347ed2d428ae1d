//! Reconciliation of two nodes' sets of records, without any input or output of its own: frames go
//! in and come out, time is an argument. The same code runs over libtorrent, over pipes in tests
//! and in simulated networks.
//!
//! The side that dialled compares per-day digests first, then runs negentropy inside the days that
//! differ, newest first, so that every set is small and its cost bounded.

mod digest;
mod frame;
mod reconcile;
mod session;
mod sets;

pub use digest::{DayDigest, day_of};
pub use frame::{Frame, FrameError};
pub use session::{Event, Fault, Options, Role, Session};
pub use sets::Sets;

use std::ops::RangeInclusive;

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
