//! A set of small numbers, a bit each.

#[derive(Debug, Clone, Default)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    /// Room for the numbers below `end`.
    pub(crate) fn reach(&mut self, end: usize) {
        self.0.resize(self.0.len().max(end.div_ceil(64)), 0);
    }

    pub(crate) fn get(&self, number: u32) -> bool {
        self.0.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// The number must be within the room.
    pub(crate) fn set(&mut self, number: u32) {
        self.0[number as usize / 64] |= 1 << (number % 64);
    }

    /// The number must be within the room.
    pub(crate) fn clear(&mut self, number: u32) {
        self.0[number as usize / 64] &= !(1 << (number % 64));
    }

    pub(crate) fn clear_all(&mut self) {
        self.0.fill(0);
    }

    /// Ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.iter().zip(0..).flat_map(|(word, index)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                let rest = left.checked_sub(1)?;
                left &= rest;
                Some(index * 64 + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_there_in_order() {
        let mut bits = Bits::default();
        bits.reach(300);
        for number in [299, 0, 63, 64, 128] {
            bits.set(number);
        }
        bits.clear(64);
        assert_eq!(bits.iter().collect::<Vec<_>>(), [0, 63, 128, 299]);
        assert!(bits.get(63) && !bits.get(64) && !bits.get(10_000));
        bits.clear_all();
        assert_eq!(bits.iter().next(), None);
    }
}
