//! How the rooms stand.

use upseed_model::BoardName;

use crate::clocks::ClockError;

/// How the rooms stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoomsStatus {
    /// One for each board.
    pub boards: Vec<RoomStatus>,
    /// Somebody on the internet reached this node by themselves.
    pub was_reached: bool,
    /// Connections to members of whom others told, while both dialled.
    pub punched: usize,
    /// How far this machine's clock is off, if it is.
    pub clock: Option<ClockError>,
}

/// How one room stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomStatus {
    /// Its board.
    pub board: BoardName,
    /// Members connected now.
    pub people: usize,
    /// The comparison under way: days done, days that differ.
    pub comparing: Option<(usize, usize)>,
}
