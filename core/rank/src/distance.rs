//! How far somebody is from the reader: the binary logarithm of 1/p, so that products along a path
//! become sums of integers, and equal paths are exactly equal.

use crate::fixed;

/// −log₂ p in steps of 2⁻²⁰. Each step of a path is rounded to the nearest, so p is exact to one
/// part in a million for each of its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Distance(u32);

/// log₂(1/0.85), 32 bits after the point: what each step costs, whoever makes it.
const STEP: i64 = 1_007_020_596;

impl Distance {
    /// Somebody whom the reader follows: p = 1.
    pub const NEXT: Self = Self(0);
    /// Nobody leads there, or p is below 2⁻⁴⁰⁹⁵.
    pub const UNREACHED: Self = Self(u32::MAX);

    /// In steps of 2⁻²⁰.
    pub const fn to_bits(self) -> u32 {
        self.0
    }

    /// How far those are whom somebody at this distance follows, with so many others: p becomes
    /// 0.85 · p / √follows.
    #[must_use]
    pub const fn beyond(self, follows: u32) -> Self {
        if follows == 0 {
            return Self::UNREACHED;
        }
        let step = STEP + fixed::log2((follows as u64) << 32) / 2;
        Self(self.0.saturating_add(((step + (1 << 11)) >> 12) as u32))
    }

    /// p of `self` divided by p of `other`, in steps of 2⁻³².
    pub(crate) const fn ratio(self, other: Self) -> u64 {
        fixed::power_of_two(other.0 as i64 - self.0 as i64)
    }

    /// In which bucket of the queue: each is an eighth wide, less than a step can be.
    pub(crate) const fn bucket(self) -> u32 {
        self.0 >> 17
    }
}

const _: () = assert!(
    Distance(0).beyond(1).0 > 1 << 17,
    "whoever is in a bucket must never lead into the same one"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_what_the_formula_says() {
        assert_eq!(STEP, ((1.0 / 0.85_f64).log2() * 2_f64.powi(32)).round() as i64);
        for follows in [1_u32, 2, 3, 7, 20, 256, 100_000, 1_000_000] {
            let found = f64::from(Distance::NEXT.beyond(follows).to_bits()) / 2_f64.powi(20);
            let wanted = -(0.85 / f64::from(follows).sqrt()).log2();
            assert!((found - wanted).abs() < 2_f64.powi(-20), "{follows}: {found} {wanted}");
        }
        assert_eq!(Distance::NEXT.beyond(0), Distance::UNREACHED);
        assert_eq!(Distance::UNREACHED.beyond(3), Distance::UNREACHED);
        assert_eq!(Distance::NEXT.ratio(Distance(3 << 20)), 8 << 32);
    }
}
