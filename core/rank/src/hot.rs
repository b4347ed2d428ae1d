//! Score and age in one number that does not change as time goes by.

use upseed_model::limits::MIN_TIME;

use crate::fixed::{self, Fixed};

/// 4 · log₁₀(S + 0.1) + time / 45,000 s, in steps of 2⁻³². It can stand in an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hot(i64);

/// 0.1, so that a post without any votes has a place, too: 4 below one with a score of 0.9.
const TENTH: u64 = 429_496_730;

/// 4 · log₁₀ 2, 32 bits after the point.
const FOUR_LOG10_OF_2: i128 = 5_171_655_946;

/// How much time weighs as much as 1: twelve and a half hours.
const SECONDS: u128 = 45_000;

impl Hot {
    /// For an integer column: in steps of 2⁻³², in the same order.
    pub const fn to_sql(self) -> i64 {
        self.0
    }

    /// From an integer column.
    pub const fn from_sql(number: i64) -> Self {
        Self(number)
    }

    /// For people and pictures; nothing is computed with it.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / Fixed::ONE.to_bits() as f64
    }
}

/// How hot an item with this score is, by the moment that places it in a window (unix seconds; what is
/// before the first record ever made counts as that). A score of 0.9 more than nothing is worth 50
/// hours, and ten times the score as much again.
pub fn hot(score: Fixed, time: u64) -> Hot {
    let logarithm = fixed::log2(score.to_bits().saturating_add(TENTH));
    let points = (i128::from(logarithm) * FOUR_LOG10_OF_2) >> 32;
    let age = (u128::from(time.saturating_sub(MIN_TIME)) << 32) / SECONDS;
    // At most 2⁸¹ and a few hundred: only a time beyond every record's does not fit.
    Hot(i64::try_from(points + age as i128).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_the_formula_says() {
        for (score, time) in [(0.0, 0), (0.9, 45_000), (2.25, 1), (31.0, 86_400), (1e6, 1 << 38)] {
            let found = hot(Fixed::from_bits((score * 2_f64.powi(32)) as u64), MIN_TIME + time);
            let wanted = 4.0 * (score + 0.1).log10() + time as f64 / 45_000.0;
            assert!((found.to_f64() - wanted).abs() < 1e-6, "{score} {time}: {found:?} {wanted}");
            assert_eq!(Hot::from_sql(found.to_sql()), found);
        }
        assert_eq!(hot(Fixed::ZERO, u64::MAX), Hot(i64::MAX));
        assert_eq!(hot(Fixed::ONE, 0), hot(Fixed::ONE, MIN_TIME));
    }

    #[test]
    fn a_little_more_of_either_is_never_colder() {
        let at = |score, time| hot(Fixed::from_bits(score), time);
        for score in (0..1_u64 << 36).step_by(1 << 29) {
            assert!(at(score, MIN_TIME + 7) <= at(score + 1, MIN_TIME + 7));
            assert!(at(score, MIN_TIME + 7) < at(score, MIN_TIME + 8));
        }
    }
}
