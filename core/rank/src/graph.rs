//! Who follows whom, in both directions.

use std::collections::BTreeSet;

use upseed_model::PublicKey;

use crate::{
    adjacency::Adjacency,
    people::{People, Person},
    successions::Successions,
};

/// The follow graph. Following oneself counts nothing, following twice counts once; following an
/// earlier key of somebody is following the key that they have now ([`Graph::set_current`]).
///
/// Eight bytes a follow and twelve a person, beside [`People`]: 20,000,000 follows of 1,000,000
/// people are 172 MB. At most 2³² − 1 follows.
#[derive(Debug, Default)]
pub struct Graph {
    people: People,
    follows: Adjacency,
    followers: Adjacency,
    degrees: Vec<u32>,
    successions: Successions,
}

/// Why follows cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The rows must come in the order in which the followers were interned, one for each.
    #[error(
        "the follows of person {next} came after those of person {last}: sort them by follower"
    )]
    Order {
        /// Whose row came before.
        last: u32,
        /// Whose row came then.
        next: u32,
    },
    /// A number that nobody has.
    #[error("person {person} is not among the {people} that were interned")]
    Unknown {
        /// The number.
        person: u32,
        /// How many people there are.
        people: usize,
    },
}

impl Graph {
    /// Loads all follows at once: a row for each follower, in ascending order of their numbers. Much
    /// quicker than one by one, and with nothing beside the arrays that stay.
    pub fn load<R: IntoIterator<Item = Person>>(
        people: People,
        rows: impl IntoIterator<Item = (Person, R)>,
    ) -> Result<Self, LoadError> {
        let known = |person: Person| match (person.number() as usize) < people.len() {
            true => Ok(person.number()),
            false => Err(LoadError::Unknown { person: person.number(), people: people.len() }),
        };
        let (mut starts, mut entries) = (vec![], vec![]);
        for (follower, followed) in rows {
            let follower = known(follower)?;
            if starts.len() > follower as usize {
                return Err(LoadError::Order { last: starts.len() as u32 - 1, next: follower });
            }
            let start = entries.len();
            starts.resize(follower as usize + 1, start as u32);
            for person in followed {
                entries.push(known(person)?);
            }
            entries[start..].sort_unstable();
            let mut kept = start;
            for at in start..entries.len() {
                let entry = entries[at];
                if entry != follower && (kept == start || entries[kept - 1] != entry) {
                    entries[kept] = entry;
                    kept += 1;
                }
            }
            entries.truncate(kept);
        }
        starts.resize(people.len() + 1, entries.len() as u32);
        entries.shrink_to_fit();
        let degrees = starts.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let follows = Adjacency::from_rows(starts, entries);
        let followers = follows.reversed(people.len());
        Ok(Self { people, follows, followers, degrees, successions: Successions::default() })
    }

    /// The people of the graph.
    pub fn people(&self) -> &People {
        &self.people
    }

    /// The number of a key, a new one if it has none.
    pub fn intern(&mut self, key: &PublicKey) -> Person {
        self.people.intern(key)
    }

    /// Who follows this key follows that one from now on: itself while it is in use, nobody if it ended
    /// without a successor. `false` if that changes nothing.
    pub fn set_current(&mut self, key: Person, current: Option<Person>) -> bool {
        self.successions.set(key.number(), current.map(Person::number))
    }

    /// Whom one follows by following this key.
    pub fn current(&self, key: Person) -> Option<Person> {
        self.successions.current(key.number()).map(Person::from_number)
    }

    /// Adds a follow of this very key; `false` if that changes nothing.
    pub fn follow(&mut self, follower: Person, key: Person) -> bool {
        if follower == key || self.follows.contains(follower.number(), key.number()) {
            return false;
        }
        self.degrees.resize(self.degrees.len().max(self.people.len()), 0);
        self.degrees[follower.number() as usize] += 1;
        self.follows.insert(follower.number(), key.number());
        self.followers.insert(key.number(), follower.number());
        true
    }

    /// Takes a follow of this very key away; `false` if there was none.
    pub fn unfollow(&mut self, follower: Person, key: Person) -> bool {
        if !self.follows.contains(follower.number(), key.number()) {
            return false;
        }
        self.degrees[follower.number() as usize] -= 1;
        self.follows.remove(follower.number(), key.number());
        self.followers.remove(key.number(), follower.number());
        true
    }

    /// Whether the first follows the second, by whatever key.
    pub fn is_followed(&self, follower: Person, followed: Person) -> bool {
        self.follows(follower).any(|person| person == followed)
    }

    /// How many keys of others somebody follows, in use or not: d(y) of the formula.
    pub fn degree(&self, person: Person) -> u32 {
        self.degrees.get(person.number() as usize).copied().unwrap_or(0)
    }

    /// Whom somebody follows, each once and in no order.
    pub fn follows(&self, person: Person) -> impl Iterator<Item = Person> {
        let row = || self.follows.row(person.number());
        let mut by_earlier = BTreeSet::new();
        if !self.successions.is_empty() {
            let ended = row().filter(|key| self.successions.is_ended(*key));
            by_earlier.extend(ended.filter_map(|key| self.successions.current(key)));
            by_earlier.remove(&person.number());
        }
        let others: Vec<u32> = by_earlier.iter().copied().collect();
        let in_use = move |key: &u32| !self.successions.is_ended(*key) && !by_earlier.contains(key);
        row().filter(in_use).chain(others).map(Person::from_number)
    }

    /// Who follows somebody, in no order; twice who follows two of their keys.
    pub fn followers(&self, person: Person) -> impl Iterator<Item = Person> {
        let keys = self.successions.keys_of(person.number());
        keys.flat_map(|key| self.followers.row(key)).map(Person::from_number)
    }

    /// Who follows this very key, in no order.
    pub(crate) fn followers_of_key(&self, key: Person) -> impl Iterator<Item = Person> {
        self.followers.row(key.number()).map(Person::from_number)
    }

    /// Whether the first key is the smaller one.
    pub(crate) fn is_before(&self, first: Person, second: Person) -> bool {
        self.people.key(first) < self.people.key(second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(count: u8) -> People {
        let mut people = People::default();
        for n in 0..count {
            people.intern(&PublicKey::from_bytes([n + 2; 32]).unwrap());
        }
        people
    }

    fn row(numbers: &[u32]) -> Vec<Person> {
        numbers.iter().copied().map(Person::from_number).collect()
    }

    #[test]
    fn following_oneself_or_twice_counts_nothing() {
        let [a, b, c] = [0, 1, 2].map(Person::from_number);
        let rows = [(a, row(&[2, 0, 1, 2])), (c, row(&[2]))];
        let mut graph = Graph::load(people(3), rows).unwrap();
        assert!(graph.follows(a).eq([b, c]) && graph.degree(a) == 2 && graph.degree(c) == 0);
        assert!(!graph.follow(a, b) && !graph.follow(b, b) && !graph.unfollow(b, a));
        assert!(graph.follow(b, c) && graph.unfollow(a, c));
        assert!(graph.followers(c).eq([b]) && graph.degree(a) == 1);
    }

    #[test]
    fn rows_out_of_order_and_unknown_people_are_refused() {
        let [a, b] = [0, 1].map(Person::from_number);
        let error = Graph::load(people(2), [(b, row(&[0])), (a, row(&[1]))]).unwrap_err();
        assert_eq!(error, LoadError::Order { last: 1, next: 0 });
        let error = Graph::load(people(2), [(a, row(&[2]))]).unwrap_err();
        assert_eq!(error, LoadError::Unknown { person: 2, people: 2 });
    }
}
