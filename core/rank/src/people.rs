//! Keys and the short numbers that stand for them.

use std::hash::{BuildHasher, RandomState};

use upseed_model::PublicKey;

/// Somebody's number in [`People`]: dense, from 0, in the order in which they became known. It means
/// nothing elsewhere, and nothing is ordered by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person(u32);

impl Person {
    /// From a number that [`Person::number`] gave.
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// The number, below [`People::len`].
    pub const fn number(self) -> u32 {
        self.0
    }
}

/// Every key that matters to the ranks, each with its number. 32 bytes a key, and 6 to 11 for the
/// table by which it is found.
#[derive(Debug, Default)]
pub struct People {
    keys: Vec<PublicKey>,
    /// Open addressing: numbers, or `VACANT`. A power of two, at most three quarters full.
    slots: Vec<u32>,
    /// With a secret, since keys can be ground to collide. No result depends on it.
    hasher: RandomState,
}

const VACANT: u32 = u32::MAX;

impl People {
    /// Room for so many, so that nothing is moved while they are added.
    pub fn with_capacity(people: usize) -> Self {
        let slots = vec![VACANT; (people * 4 / 3 + 1).next_power_of_two()];
        Self { keys: Vec::with_capacity(people), slots, hasher: RandomState::new() }
    }

    /// The number of a key, a new one if it has none. At most 2³² − 1 keys: more do not fit memory.
    pub fn intern(&mut self, key: &PublicKey) -> Person {
        if (self.keys.len() + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        let slot = self.slot(key);
        if self.slots[slot] == VACANT {
            self.slots[slot] = self.keys.len() as u32;
            self.keys.push(*key);
        }
        Person(self.slots[slot])
    }

    /// The number of a key that has one.
    pub fn find(&self, key: &PublicKey) -> Option<Person> {
        let number = *self.slots.get(self.slot(key))?;
        (number != VACANT).then_some(Person(number))
    }

    /// The key of a number of these people.
    pub fn key(&self, person: Person) -> &PublicKey {
        &self.keys[person.0 as usize]
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Nobody yet.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Where the key is, or would be. 0 if there are no slots at all.
    fn slot(&self, key: &PublicKey) -> usize {
        let Some(mask) = self.slots.len().checked_sub(1) else { return 0 };
        let mut slot = self.hasher.hash_one(key) as usize & mask;
        while self.slots[slot] != VACANT && self.keys[self.slots[slot] as usize] != *key {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        self.slots = vec![VACANT; (self.slots.len() * 2).max(16)];
        for number in 0..self.keys.len() {
            let slot = self.slot(&self.keys[number]);
            self.slots[slot] = number as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_one_number() {
        let key = |n: u32| {
            let mut bytes = [9; 32];
            bytes[..4].copy_from_slice(&n.to_le_bytes());
            PublicKey::from_bytes(bytes).unwrap()
        };
        let mut people = People::default();
        assert_eq!(people.find(&key(0)), None);
        for n in 0..1_000 {
            assert_eq!(people.find(&key(n)), None);
            assert_eq!(people.intern(&key(n)).number(), n);
        }
        for n in 0..1_000 {
            assert_eq!(people.intern(&key(n)).number(), n);
            assert_eq!(people.find(&key(n)).map(|person| *people.key(person)), Some(key(n)));
        }
        assert_eq!(people.len(), 1_000);
    }
}
