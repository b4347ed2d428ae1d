//! How much each person's vote counts, and through whom: what scoring reads.

use std::ops::Range;

use crate::{
    distance::Distance,
    fixed::Fixed,
    graph::Graph,
    people::Person,
    tree::{NOBODY, NOWHERE, Place, Tree},
};

/// The strongest people of a tree, each after the one on whom they hang, with what they weigh.
#[derive(Debug, Default)]
pub struct Standing {
    people: Vec<u32>,
    /// The place on which each hangs, or `OUTSIDE` for those whom the reader follows.
    parents: Vec<u16>,
    /// C(x), in steps of 2⁻³².
    caps: Vec<u64>,
    /// Each person's place, `OUTSIDE` or `LEFT_OUT`. People after the last are outside.
    places: Vec<u16>,
    left_out: Vec<u32>,
    follows: u32,
}

/// Not among those kept.
const OUTSIDE: u16 = u16::MAX;
/// The reader, and whoever is muted.
const LEFT_OUT: u16 = u16::MAX - 1;

/// Where a voter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stand {
    /// At this place of the tree.
    Inside(u16),
    /// Not in the tree.
    Stranger,
    /// The reader or somebody muted: the vote counts nothing.
    LeftOut,
}

/// Whose votes count otherwise than before: everything on which they voted must be scored again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Those whose weight, cap or path to the reader changed, and who came or went.
    pub people: Vec<Person>,
    /// The reader follows more or fewer people, so strangers count otherwise: on everything.
    pub strangers: bool,
}

impl Change {
    /// Every score is what it was.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty() && !self.strangers
    }
}

impl Standing {
    /// Reads the tree: its strongest people, ordered so that nobody comes before their parent.
    pub fn read(&mut self, tree: &Tree, graph: &Graph) {
        for person in self.people.iter().chain(&self.left_out) {
            self.places[*person as usize] = OUTSIDE;
        }
        self.places.resize(tree.places.len().max(self.places.len()), OUTSIDE);
        let strongest = Strongest::of(tree, graph);
        self.people.clear();
        self.parents.clear();
        self.caps.clear();
        for (at, (person, _)) in strongest.all.iter().enumerate() {
            self.people.push(*person);
            self.places[*person as usize] = at as u16;
        }
        for (_, place) in &strongest.all {
            self.parents.push(match place.parent {
                NOBODY => OUTSIDE,
                parent => self.places[parent as usize],
            });
            self.caps.push(place.distance.ratio(strongest.near));
        }
        self.follows = 0;
        for root in tree.roots.iter() {
            self.follows += u32::from(!tree.left_out.get(root));
        }
        self.left_out.clear();
        for person in tree.left_out.iter() {
            self.places[person as usize] = LEFT_OUT;
            self.left_out.push(person);
        }
    }

    /// What became otherwise since `before`.
    pub fn changes_since(&self, before: &Self) -> Change {
        let mut people = Vec::new();
        let mut changed = vec![false; self.people.len()];
        for (at, person) in self.people.iter().enumerate() {
            let parent = self.parents[at];
            let same = match before.stand(Person::from_number(*person)) {
                Stand::Inside(old) => {
                    before.caps[old as usize] == self.caps[at]
                        && before.person(before.parents[old as usize]) == self.person(parent)
                }
                _ => false,
            };
            // Whose parent hangs elsewhere now counts in another branch.
            if !same || parent != OUTSIDE && changed[parent as usize] {
                changed[at] = true;
                people.push(Person::from_number(*person));
            }
        }
        let gone = before.people.iter().map(|person| Person::from_number(*person));
        people.extend(gone.filter(|person| !matches!(self.stand(*person), Stand::Inside(_))));
        let stranger_to = |other: &'_ Self, person: &u32| {
            let person = Person::from_number(*person);
            (other.stand(person) == Stand::Stranger).then_some(person)
        };
        people.extend(self.left_out.iter().filter_map(|person| stranger_to(before, person)));
        people.extend(before.left_out.iter().filter_map(|person| stranger_to(self, person)));
        Change { people, strangers: self.follows != before.follows }
    }

    /// How many people the reader follows, without those muted: F of the formula.
    pub fn follows(&self) -> u32 {
        self.follows
    }

    /// What so many voters outside the tree add, of whose item so many networks were checked:
    /// 0.3 / (1 + F) · log₂(1 + the smaller of both), rounded down.
    pub fn strangers(&self, voters: u32, networks: u32) -> Fixed {
        let logarithm = Fixed::from_int(voters.min(networks)).log2_of_one_more();
        Fixed::from_bits(logarithm.to_bits() * 3 / (10 * (1 + u64::from(self.follows))))
    }

    /// Whether somebody's vote counts nothing: the reader's own, or of somebody muted.
    pub fn is_left_out(&self, person: Person) -> bool {
        self.stand(person) == Stand::LeftOut
    }

    /// How many people are in the tree.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// The reader follows nobody.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// How much the vote of somebody counts: v(x), from 0 to 1. `None` outside the tree.
    pub fn weight(&self, person: Person) -> Option<Fixed> {
        Some(self.cap(person)?.min(Fixed::ONE))
    }

    /// How much somebody and everybody behind them count together at most: C(x).
    pub fn cap(&self, person: Person) -> Option<Fixed> {
        match self.stand(person) {
            Stand::Inside(place) => Some(Fixed::from_bits(self.caps[place as usize])),
            _ => None,
        }
    }

    /// Through whom somebody is reached, who is in the tree and not followed by the reader.
    pub fn parent(&self, person: Person) -> Option<Person> {
        match self.stand(person) {
            Stand::Inside(place) => self.person(self.parents[place as usize]),
            _ => None,
        }
    }

    /// Everybody in the tree, nobody before their parent.
    pub fn people(&self) -> impl Iterator<Item = Person> {
        self.people.iter().copied().map(Person::from_number)
    }

    pub(crate) fn stand(&self, person: Person) -> Stand {
        match self.places.get(person.number() as usize).copied().unwrap_or(OUTSIDE) {
            OUTSIDE => Stand::Stranger,
            LEFT_OUT => Stand::LeftOut,
            place => Stand::Inside(place),
        }
    }

    pub(crate) fn cap_at(&self, place: u16) -> u64 {
        self.caps[place as usize]
    }

    pub(crate) fn parent_of(&self, place: u16) -> Option<u16> {
        let parent = self.parents[place as usize];
        (parent != OUTSIDE).then_some(parent)
    }

    pub(crate) fn person(&self, place: u16) -> Option<Person> {
        self.people.get(place as usize).copied().map(Person::from_number)
    }
}

/// Those who are kept, by bucket: a parent's is always an earlier one.
struct Strongest {
    all: Vec<(u32, Place)>,
    /// How far the last of the near ones is: κ.
    near: Distance,
}

impl Strongest {
    fn of(tree: &Tree, graph: &Graph) -> Self {
        let keep = tree.total.min(tree.bounds.keep);
        // Where the next of each bucket goes.
        let mut next = Vec::with_capacity(tree.counts.len());
        let mut end = 0;
        for count in &tree.counts {
            next.push(end);
            end += *count as usize;
        }
        let mut all = vec![(NOBODY, NOWHERE); end];
        for person in tree.inside.iter() {
            let place = tree.places[person as usize];
            let at = &mut next[place.distance.bucket() as usize];
            all[*at] = (person, place);
            *at += 1;
        }
        let mut near = Distance::NEXT;
        if let Some(last) = keep.min(tree.bounds.near).checked_sub(1) {
            let bucket = Self::bucket(tree, &all, last);
            let mut distances: Vec<_> =
                all[bucket.clone()].iter().map(|(_, place)| place.distance).collect();
            near = *distances.select_nth_unstable(last - bucket.start).1;
            // Of the last bucket the strongest are moved to its start.
            let bucket = Self::bucket(tree, &all, keep - 1);
            if bucket.end > keep {
                let key = |(person, place): &(u32, Place)| {
                    (place.distance, *graph.people().key(Person::from_number(*person)))
                };
                all[bucket.clone()].select_nth_unstable_by_key(keep - 1 - bucket.start, key);
            }
        }
        all.truncate(keep);
        Self { all, near }
    }

    /// Where the bucket of one of them begins and ends.
    fn bucket(tree: &Tree, all: &[(u32, Place)], at: usize) -> Range<usize> {
        let bucket = all[at].1.distance.bucket() as usize;
        let start = tree.counts[..bucket].iter().map(|count| *count as usize).sum();
        start..start + tree.counts[bucket] as usize
    }
}
