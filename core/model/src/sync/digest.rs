//! What a day's set looks like from afar.

use sha2::{Digest as _, Sha256};

use crate::WorkId;

/// The UTC day of a time: days since 1970-01-01.
pub const fn day_of(time: u64) -> u64 {
    time / 86_400
}

/// A day's set in 36 bytes: how many, and the sum of their work ids as little-endian 256-bit
/// numbers, modulo 2^256. The order does not matter, so a store can keep it up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayDigest {
    /// Days since 1970-01-01.
    pub day: u64,
    /// Records of that day.
    pub count: u64,
    /// Sum of their work ids.
    pub sum: [u8; 32],
}

impl DayDigest {
    /// An empty day.
    pub const fn empty(day: u64) -> Self {
        Self { day, count: 0, sum: [0; 32] }
    }

    /// Adds a record.
    pub fn insert(&mut self, work: &WorkId) {
        self.count += 1;
        let mut carry = 0;
        for (sum, byte) in self.sum.iter_mut().zip(work.as_bytes()) {
            let total = u16::from(*sum) + u16::from(*byte) + carry;
            *sum = total as u8;
            carry = total >> 8;
        }
    }

    /// Takes a record away that was added before.
    pub fn remove(&mut self, work: &WorkId) {
        self.count -= 1;
        let mut borrow = 0;
        for (sum, byte) in self.sum.iter_mut().zip(work.as_bytes()) {
            let total = i16::from(*sum) - i16::from(*byte) - borrow;
            *sum = total as u8;
            borrow = i16::from(total < 0);
        }
    }

    /// 16 bytes that differ when the sets differ: SHA-256(sum ‖ count as 8 bytes, little-endian).
    pub fn fingerprint(&self) -> [u8; 16] {
        let hash = Sha256::new_with_prefix(self.sum).chain_update(self.count.to_le_bytes());
        let mut fingerprint = [0; 16];
        fingerprint.copy_from_slice(&hash.finalize()[..16]);
        fingerprint
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn order_does_not_matter_and_removal_undoes(ids: Vec<[u8; 32]>, extra: [u8; 32]) {
            let mut forward = DayDigest::empty(1);
            let mut backward = DayDigest::empty(1);
            ids.iter().for_each(|id| forward.insert(&WorkId::from_bytes(*id)));
            ids.iter().rev().for_each(|id| backward.insert(&WorkId::from_bytes(*id)));
            prop_assert_eq!(forward, backward);
            forward.insert(&WorkId::from_bytes(extra));
            prop_assert_ne!(forward.fingerprint(), backward.fingerprint());
            forward.remove(&WorkId::from_bytes(extra));
            prop_assert_eq!(forward, backward);
        }
    }
}
