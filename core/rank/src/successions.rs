//! Which keys count as others: what names an earlier key of somebody names the key that they have now.

use std::collections::{BTreeMap, BTreeSet};

use crate::bits::Bits;

/// Nothing for a key that is in use, some tens of bytes for each other one.
#[derive(Debug, Default)]
pub(crate) struct Successions {
    /// Those in use no more, and how many they are.
    ended: Bits,
    count: usize,
    /// What of these leads to a key, and to which.
    current: BTreeMap<u32, u32>,
    /// The same, the current key first.
    earlier: BTreeSet<(u32, u32)>,
}

impl Successions {
    /// The key that this one counts as, itself while it is in use; nobody's if it ended.
    pub(crate) fn current(&self, key: u32) -> Option<u32> {
        if self.is_ended(key) { self.current.get(&key).copied() } else { Some(key) }
    }

    pub(crate) fn is_ended(&self, key: u32) -> bool {
        self.ended.get(key)
    }

    /// Whether all keys are in use.
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// `false` if that changes nothing.
    pub(crate) fn set(&mut self, key: u32, current: Option<u32>) -> bool {
        let before = self.current(key);
        if before == current {
            return false;
        }
        if let Some(before) = self.current.remove(&key) {
            self.earlier.remove(&(before, key));
        }
        self.ended.reach(key as usize + 1);
        self.count -= usize::from(self.is_ended(key));
        if current == Some(key) {
            self.ended.clear(key);
            return true;
        }
        self.ended.set(key);
        self.count += 1;
        if let Some(current) = current {
            self.current.insert(key, current);
            self.earlier.insert((current, key));
        }
        true
    }

    /// All keys that count as this one.
    pub(crate) fn keys_of(&self, person: u32) -> impl Iterator<Item = u32> {
        let itself = (!self.is_ended(person)).then_some(person);
        let earlier = self.earlier.range((person, 0)..=(person, u32::MAX));
        itself.into_iter().chain(earlier.map(|(_, key)| *key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_counts_as_the_one_that_was_set_last() {
        let mut successions = Successions::default();
        let keys = |of: &Successions, person| of.keys_of(person).collect::<Vec<_>>();
        assert_eq!((successions.current(7), keys(&successions, 7)), (Some(7), vec![7]));
        assert!(!successions.set(7, Some(7)) && successions.is_empty());
        assert!(successions.set(7, Some(3)) && successions.set(90, Some(3)));
        assert!(!successions.set(7, Some(3)));
        assert_eq!((keys(&successions, 3), keys(&successions, 7)), (vec![3, 7, 90], vec![]));
        assert!(successions.set(7, None) && successions.set(90, Some(4)));
        assert_eq!((successions.current(7), successions.current(90)), (None, Some(4)));
        assert_eq!((keys(&successions, 3), keys(&successions, 4)), (vec![3], vec![4, 90]));
        assert!(successions.set(7, Some(7)) && successions.set(90, Some(90)));
        assert!(successions.is_empty() && keys(&successions, 4) == [4]);
    }
}
