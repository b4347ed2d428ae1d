//! How much of something a peer may have.

/// A bucket that refills with time.
pub(super) struct Allowance {
    left: u64,
    max: u64,
    filled: u64,
}

impl Allowance {
    pub const fn new(max: u64, now: u64) -> Self {
        Self { left: max, max, filled: now }
    }

    /// Takes so many, if there are as many; `per` are earned in `seconds`.
    pub fn take(&mut self, count: u64, per: u64, seconds: u64, now: u64) -> bool {
        let earned = now.saturating_sub(self.filled) / seconds;
        if earned > 0 {
            self.left = self.left.saturating_add(earned.saturating_mul(per)).min(self.max);
            self.filled += earned * seconds;
        }
        let enough = self.left >= count;
        if enough {
            self.left -= count;
        }
        enough
    }
}
