//! A store that takes nothing, such as one on a full disk. What it would be given is not fetched for
//! a while: else it would be fetched again and again, as fast as the line carries it.

use upseed_store::StoreError;

/// Seconds before something is fetched again: doubled from the first to the second.
const FIRST: u64 = 5;
const LAST: u64 = 600;

/// Whether to fetch.
#[derive(Default)]
pub(crate) struct Pause {
    until: u64,
    waited: u64,
}

impl Pause {
    /// Whether nothing should be fetched now.
    pub const fn is_on(&self, now: u64) -> bool {
        now < self.until
    }

    /// The store took something.
    pub fn end(&mut self) {
        *self = Self::default();
    }

    /// The store did not take something. What was under way comes in many pieces: only the first one
    /// is told to the log and makes the next pause longer.
    pub fn begin(&mut self, what: &str, error: &StoreError, now: u64) {
        if self.is_on(now) {
            return;
        }
        self.waited = (self.waited * 2).clamp(FIRST, LAST);
        self.until = now + self.waited;
        let seconds = self.waited;
        tracing::error!(%error, seconds, "{what} cannot be kept; none are fetched for a while");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    /// Fetches at each second at which it may; gives how often it did.
    fn fetched(pause: &mut Pause, seconds: std::ops::Range<u64>, works: bool) -> usize {
        let mut fetched = 0;
        for now in seconds.map(|second| NOW + second) {
            if pause.is_on(now) {
                continue;
            }
            fetched += 1;
            // A hundred pieces are on their way.
            for _ in 0..100 {
                if works { pause.end() } else { pause.begin("texts", &StoreError::Full, now) }
            }
        }
        fetched
    }

    #[test]
    fn ever_less_is_fetched_until_the_store_takes_it_again() {
        let mut pause = Pause::default();
        assert_eq!(fetched(&mut pause, 0..600, false), 7, "after 0, 5, 15, 35, 75, 155, 315");
        assert_eq!(fetched(&mut pause, 600..87_000, false), 144);
        assert!(fetched(&mut pause, 87_000..88_000, true) >= 400);
        assert_eq!(fetched(&mut pause, 88_000..88_005, false), 1);
    }
}
