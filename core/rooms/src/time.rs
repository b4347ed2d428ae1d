//! When something happened, by both of a machine's clocks.

use std::time::Duration;

/// When an input came. An engine has no clock: it knows the time of its last input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Time {
    /// Unix seconds. May jump, also backwards, when the clock is set.
    pub unix: u64,
    /// Since a point that stays the same for the life of an engine. Never goes back.
    pub monotonic: Duration,
}

impl Time {
    /// A time by which both clocks agree, for simulated networks.
    pub const fn at(unix: u64) -> Self {
        Self { unix, monotonic: Duration::from_secs(unix) }
    }
}
