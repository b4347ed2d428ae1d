//! Chance that can be repeated.

/// A generator whose every run is the same (splitmix64).
pub struct Dice(u64);

impl Dice {
    /// Its throws follow from this number alone.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The number with which a crash test's choices begin: `UPSEED_CRASH_SEED`, else this one. It is
    /// printed, so that they can be made again.
    pub fn seed(default: u64) -> u64 {
        let named = std::env::var("UPSEED_CRASH_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = named.unwrap_or(default);
        eprintln!("UPSEED_CRASH_SEED={seed} makes the same choices again");
        seed
    }

    /// Any number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// A number below `end`.
    #[expect(clippy::cast_possible_truncation, reason = "it is below a usize")]
    pub const fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}
