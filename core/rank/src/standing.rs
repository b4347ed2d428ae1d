//! How much each person's vote counts, and through whom: what scoring reads.

use crate::{
    distance::Distance,
    fixed::Fixed,
    graph::Graph,
    people::Person,
    tree::{NOBODY, Tree},
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
        let Cut { bucket, last, near } = Cut::find(tree, graph);
        let count = tree.total.min(tree.bounds.keep);
        self.people.clear();
        self.people.resize(count, NOBODY);
        // A parent's bucket is always an earlier one. Where the next of each bucket goes:
        let mut next: Vec<usize> = Vec::with_capacity(bucket + 1);
        let mut end = 0;
        for count in tree.counts.iter().take(bucket + 1) {
            next.push(end);
            end += *count as usize;
        }
        for person in tree.inside.iter() {
            let place = &tree.places[person as usize];
            let bucket_of = place.distance.bucket() as usize;
            let is_kept = bucket_of < bucket
                || bucket_of == bucket
                    && last.is_none_or(|last| {
                        place.distance < last.0
                            || place.distance == last.0
                                && !graph.is_before(last.1, Person::from_number(person))
                    });
            if is_kept {
                let at = next[bucket_of];
                next[bucket_of] += 1;
                self.people[at] = person;
                self.places[person as usize] = at as u16;
            }
        }
        self.parents.clear();
        self.caps.clear();
        for person in &self.people {
            let place = &tree.places[*person as usize];
            let parent = match place.parent {
                NOBODY => OUTSIDE,
                parent => self.places[parent as usize],
            };
            self.parents.push(parent);
            self.caps.push(place.distance.ratio(near));
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

/// Where the strongest end.
struct Cut {
    /// The last bucket of which anybody is kept.
    bucket: usize,
    /// The last of those kept, if not all of that bucket are.
    last: Option<(Distance, Person)>,
    /// κ: how far the last of the near ones is.
    near: Distance,
}

impl Cut {
    fn find(tree: &Tree, graph: &Graph) -> Self {
        let keep = tree.total.min(tree.bounds.keep);
        let (bucket, rank) = Self::bucket(tree, keep.min(tree.bounds.near));
        let mut near = Self::members(tree, bucket);
        let near = match rank.checked_sub(1) {
            Some(at) => near.select_nth_unstable_by_key(at, |(distance, _)| *distance).1.0,
            None => Distance::NEXT,
        };
        let (bucket, rank) = Self::bucket(tree, keep);
        let mut last = None;
        if rank > 0 && rank < tree.counts[bucket] as usize {
            let mut members = Self::members(tree, bucket);
            let key =
                |(distance, person): &(Distance, Person)| (*distance, *graph.people().key(*person));
            last = Some(*members.select_nth_unstable_by_key(rank - 1, key).1);
        }
        Self { bucket, last, near }
    }

    /// The bucket of the n-th strongest, and which of that bucket it is; (0, 0) if n is 0.
    fn bucket(tree: &Tree, n: usize) -> (usize, usize) {
        let mut rank = n;
        for (bucket, count) in tree.counts.iter().enumerate() {
            match rank.checked_sub(*count as usize) {
                Some(left) if left > 0 => rank = left,
                _ => return (bucket, rank),
            }
        }
        (0, 0)
    }

    fn members(tree: &Tree, bucket: usize) -> Vec<(Distance, Person)> {
        let all = tree.inside.iter().map(|person| (tree.places[person as usize].distance, person));
        let members = all.filter(|(distance, _)| distance.bucket() as usize == bucket);
        members.map(|(distance, person)| (distance, Person::from_number(person))).collect()
    }
}
