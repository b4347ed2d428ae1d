//! Which places of a tree are still to be summed up, from the leaves.

/// A set of places from which the last is taken first: two levels of bits.
#[derive(Debug, Clone, Default)]
pub(crate) struct Marks {
    words: Vec<u64>,
    /// A bit for each word that is not zero.
    summary: Vec<u64>,
    /// No word of the summary at or after it has a bit.
    end: usize,
}

impl Marks {
    /// Room for the places below `end`.
    pub(crate) fn reach(&mut self, end: usize) {
        self.words.resize(self.words.len().max(end.div_ceil(64)), 0);
        self.summary.resize(self.words.len().div_ceil(64), 0);
    }

    /// The place must be within the room.
    pub(crate) fn insert(&mut self, place: u16) {
        let (word, block) = (place as usize / 64, place as usize / 4_096);
        self.words[word] |= 1 << (place % 64);
        self.summary[block] |= 1 << (word % 64);
        self.end = self.end.max(block + 1);
    }

    /// Takes out the last place.
    pub(crate) fn pop(&mut self) -> Option<u16> {
        while self.end > 0 {
            let block = self.end - 1;
            let Some(top) = self.summary[block].checked_ilog2() else {
                self.end = block;
                continue;
            };
            let word = block * 64 + top as usize;
            let bit = self.words[word].ilog2();
            self.words[word] &= !(1 << bit);
            if self.words[word] == 0 {
                self.summary[block] &= !(1 << top);
            }
            return Some((word * 64) as u16 + bit as u16);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_comes_first() {
        let mut marks = Marks::default();
        marks.reach(60_000);
        for place in [0, 59_999, 64, 63, 4_096, 64, 8_191] {
            marks.insert(place);
        }
        assert_eq!(marks.pop(), Some(59_999));
        marks.insert(8_190);
        let rest: Vec<_> = std::iter::from_fn(|| marks.pop()).collect();
        assert_eq!(rest, [8_191, 8_190, 4_096, 64, 63, 0]);
    }
}
