//! Numbers with 32 bits before and 32 after the binary point, and the two functions that the formula
//! needs of them. Integers only: the floating point of C libraries differs from machine to machine.

use std::{fmt, iter::Sum};

/// A number from 0 to 2³² in steps of 2⁻³²: the weight of votes, or a score.
///
/// It fits SQLite's integers ([`Fixed::to_sql`]) and sorts there as here. Sums saturate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fixed(u64);

/// Cells of both tables: between two entries the functions are straight lines.
const CELLS: usize = 1 << CELL_BITS;
const CELL_BITS: u32 = 11;

impl Fixed {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// One vote of somebody near.
    pub const ONE: Self = Self(1 << 32);

    /// From steps of 2⁻³².
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// A whole number.
    pub const fn from_int(number: u32) -> Self {
        Self((number as u64) << 32)
    }

    /// In steps of 2⁻³².
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// For an integer column: the same steps, in the same order; at most 2³¹.
    pub const fn to_sql(self) -> i64 {
        if self.0 > i64::MAX as u64 { i64::MAX } else { self.0 as i64 }
    }

    /// From an integer column. A negative number is none of ours, and becomes zero.
    pub const fn from_sql(number: i64) -> Self {
        if number < 0 { Self(0) } else { Self(number as u64) }
    }

    /// From what a program got as JSON; what is negative or no number becomes zero.
    pub fn from_f64(number: f64) -> Self {
        Self((number * Self::ONE.0 as f64) as u64)
    }

    /// For people and pictures; nothing is computed with it.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / Self::ONE.0 as f64
    }

    /// The sum.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, zero at least.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// log₂(1 + self): at most 2⁻²⁴ below the true value, never above by more than 2⁻³⁰. Concave
    /// and never falling, as far as these steps can show.
    #[must_use]
    pub const fn log2_of_one_more(self) -> Self {
        Self(log2(Self::ONE.0.saturating_add(self.0)) as u64)
    }
}

impl Sum for Fixed {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, Self::plus)
    }
}

/// With `{:.2}` rounded down to two decimals; six without.
impl fmt::Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = f.precision().unwrap_or(6).min(9) as u32;
        let decimals = ((self.0 & 0xffff_ffff) * 10_u64.pow(places)) >> 32;
        match places {
            0 => write!(f, "{}", self.0 >> 32),
            _ => write!(f, "{}.{decimals:0width$}", self.0 >> 32, width = places as usize),
        }
    }
}

/// log₂ of a positive number in steps of 2⁻³², in steps of 2⁻³². Straight between 2,048 points of
/// each octave, so at most (2⁻¹¹)²/8 · log₂e < 2⁻²⁴ below the true value.
pub(crate) const fn log2(bits: u64) -> i64 {
    let shift = bits.leading_zeros();
    let mantissa = bits << shift;
    let below = 63 - CELL_BITS;
    let cell = (mantissa >> below) as usize & (CELLS - 1);
    let rest = (mantissa & ((1 << below) - 1)) >> (below - 32);
    let step = ((LOG2[cell + 1] - LOG2[cell]) * rest) >> 32;
    ((31 - shift as i64) << 32) + (LOG2[cell] + step) as i64
}

/// 2^(exponent/2²⁰) in steps of 2⁻³², at most `MOST_POWER`. At most one part in 2²⁵ and one step of
/// 2⁻³² away from the true value.
pub(crate) const fn power_of_two(exponent: i64) -> u64 {
    let whole = exponent >> 20;
    if whole >= 16 {
        return MOST_POWER;
    }
    if whole < -32 {
        return 0;
    }
    let below = 20 - CELL_BITS;
    let fraction = (exponent & 0xf_ffff) as usize;
    let (cell, rest) = (fraction >> below, fraction as u64 & ((1 << below) - 1));
    let step = ((POWER[cell + 1] - POWER[cell]) * rest) >> below;
    // The table has 47 bits after the point.
    (POWER[cell] + step) >> (15 - whole)
}

/// 65,536: more than all votes of a tree together, so a cap there never shows.
pub(crate) const MOST_POWER: u64 = 1 << 48;

/// log₂(1 + i/2048), 32 bits after the point.
static LOG2: [u64; CELLS + 1] = {
    let mut table = [0; CELLS + 1];
    let mut i = 0;
    while i < CELLS {
        table[i] = log2_by_squaring(((CELLS + i) as u64) << (62 - CELL_BITS));
        i += 1;
    }
    table[CELLS] = 1 << 32;
    table
};

/// log₂ of a number from 1 to 2 with 62 bits after the point: each squaring yields a binary digit.
const fn log2_by_squaring(mut number: u64) -> u64 {
    let (mut digits, mut left) = (0, 34);
    while left > 0 {
        let square = (number as u128 * number as u128) >> 62;
        let two = square >> 63;
        number = (square >> two) as u64;
        digits = (digits << 1) | two as u64;
        left -= 1;
    }
    (digits + 2) >> 2
}

/// 2^(i/2048), 47 bits after the point.
static POWER: [u64; CELLS + 1] = {
    // roots[k] is 2^(2^-(k+1)), 62 bits after the point.
    let mut roots = [0_u64; CELL_BITS as usize];
    let (mut root, mut k) = (2_u128 << 62, 0);
    while k < CELL_BITS as usize {
        root = (root << 62).isqrt();
        roots[k] = root as u64;
        k += 1;
    }
    let mut table = [0; CELLS + 1];
    let mut i = 0;
    while i < CELLS {
        let (mut product, mut k) = (1_u64 << 62, 0);
        while k < CELL_BITS as usize {
            if i >> (CELL_BITS as usize - 1 - k) & 1 == 1 {
                product = ((product as u128 * roots[k] as u128) >> 62) as u64;
            }
            k += 1;
        }
        table[i] = product >> 15;
        i += 1;
    }
    table[CELLS] = 2 << 47;
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: f64 = 1.0 / (1_u64 << 32) as f64;

    /// Numbers of all sizes: each bit length, and a few mantissas of each.
    fn numbers() -> impl Iterator<Item = u64> {
        let mantissas = (0..400_u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1 << 63);
        mantissas.flat_map(|mantissa| (0..64).map(move |shift| mantissa >> shift))
    }

    #[test]
    fn logarithms_are_as_near_as_promised() {
        for bits in numbers() {
            let (found, wanted) = (log2(bits) as f64 * STEP, (bits as f64 * STEP).log2());
            assert!((-0.000_000_06..3e-9).contains(&(found - wanted)), "{bits}: {found} {wanted}");
        }
        for power in 0..64 {
            assert_eq!(log2(1 << power), (i64::from(power) - 32) << 32);
        }
    }

    #[test]
    fn logarithms_never_fall() {
        let mut sorted: Vec<u64> = numbers().flat_map(|bits| [bits, bits | 1]).collect();
        sorted.sort_unstable();
        assert!(sorted.is_sorted_by(|a, b| log2(*a) <= log2(*b)));
    }

    #[test]
    fn powers_are_as_near_as_promised() {
        for exponent in (-(34 << 20)..16 << 20).step_by(997) {
            let found = power_of_two(exponent) as f64 * STEP;
            let wanted = (exponent as f64 / f64::from(1 << 20)).exp2();
            let most = wanted / f64::from(1 << 25) + STEP;
            assert!((found - wanted).abs() <= most, "{exponent}: {found} {wanted}");
        }
        assert_eq!(power_of_two(0), Fixed::ONE.to_bits());
        assert_eq!(power_of_two(3 << 20), 8 << 32);
        assert_eq!(power_of_two(i64::MAX), MOST_POWER);
        assert_eq!(power_of_two(i64::MIN), 0);
    }

    #[test]
    fn what_goes_to_sql_comes_back_in_the_same_order() {
        let two = Fixed::from_int(2);
        assert_eq!(Fixed::from_sql(two.to_sql()), two);
        assert_eq!(Fixed::from_sql(-1), Fixed::ZERO);
        assert_eq!(Fixed::from_bits(u64::MAX).to_sql(), i64::MAX);
        assert_eq!(Fixed::from_int(7).log2_of_one_more(), Fixed::from_int(3));
        assert_eq!(Fixed::from_bits(u64::MAX).plus(two), Fixed::from_bits(u64::MAX));
        assert_eq!(Fixed::ONE.minus(two), Fixed::ZERO);
    }

    #[test]
    fn it_is_written_with_decimals() {
        let number = Fixed::from_bits(5 << 31);
        assert_eq!(format!("{number} {number:.2} {number:.0}"), "2.500000 2.50 2");
        assert_eq!(format!("{:.3}", Fixed::from_bits(1 << 26)), "0.015");
    }
}
