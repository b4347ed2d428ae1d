//! A board that the user joined.

use upseed_model::BoardName;

/// A board that the user joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardRow {
    /// Its name.
    pub name: BoardName,
    /// When the user joined, in unix seconds.
    pub joined_at: u64,
    /// How many days back are reconciled.
    pub days: u64,
    /// Records that commit to less work are not taken.
    pub min_bits: u8,
    /// Addresses of trackers for its rendezvous.
    pub trackers: Vec<String>,
}
