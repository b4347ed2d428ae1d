//! Records of a version or a kind that this program does not know: who sends them does nothing wrong,
//! and they are not kept.

use std::collections::HashSet;

/// Hashes of one generation: together some 5 MB.
const MANY: usize = 32_768;

/// Hashes of such records, so that they are not looked at again. They are not in the store: they cost
/// their sender no work, and each write there waits for the disk.
#[derive(Default)]
pub(crate) struct Unsupported {
    young: HashSet<[u8; 32]>,
    old: HashSet<[u8; 32]>,
}

impl Unsupported {
    /// One came.
    pub fn insert(&mut self, hash: [u8; 32]) {
        if self.young.len() >= MANY {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(hash);
    }

    /// Whether it came lately.
    pub fn contains(&self, hash: &[u8; 32]) -> bool {
        self.young.contains(hash) || self.old.contains(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_are_remembered_within_bounds() {
        let hash = |n: usize| {
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&n.to_le_bytes());
            hash
        };
        let mut unsupported = Unsupported::default();
        for n in 0..5 * MANY {
            unsupported.insert(hash(n));
            assert!(unsupported.contains(&hash(n)));
            assert!(unsupported.contains(&hash(n.saturating_sub(MANY))));
            assert!(unsupported.young.len() + unsupported.old.len() <= 2 * MANY);
        }
        assert!(!unsupported.contains(&hash(0)));
    }
}
