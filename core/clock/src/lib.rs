//! How long ago something was, on a machine that sleeps.
//!
//! [`std::time::Instant`] stands still while a machine is suspended, so that what was asked before the night seems to have
//! been asked a moment ago in the morning. The peers, the clients on other machines and whatever they forget go on meanwhile. A
//! [`Moment`] counts that time, and like an `Instant` it never goes back, whatever the system's date becomes.
//!
//! What lasts for seconds of this process's own work (how long a statement took, a deadline of one request) is an
//! `Instant`'s.
//!
//! ```
//! use std::time::Duration;
//! use upseed_clock::Moment;
//!
//! let asked = Moment::now();
//! let is_old = asked.elapsed() > Duration::from_secs(45);
//! assert!(!is_old && Moment::now() < asked + Duration::from_secs(45));
//! ```

use std::{
    ops::{Add, Sub},
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};

/// A moment, as time since this machine was booted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(Duration);

impl Moment {
    /// This moment.
    pub fn now() -> Self {
        let time = clock_gettime(ClockId::Boottime);
        // Neither is negative.
        Self(Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32))
    }

    /// How long ago it was.
    pub fn elapsed(self) -> Duration {
        Self::now().saturating_duration_since(self)
    }

    /// How much later it is than the other; zero if it is earlier.
    pub fn saturating_duration_since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, time: Duration) -> Self {
        Self(self.0.saturating_add(time))
    }
}

impl Sub<Duration> for Moment {
    type Output = Self;

    fn sub(self, time: Duration) -> Self {
        Self(self.0.saturating_sub(time))
    }
}
