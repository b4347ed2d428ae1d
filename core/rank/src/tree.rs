//! The tree of the strongest paths from a reader, computed from nothing.

use std::cmp::Ordering;

use crate::{bits::Bits, buckets::Buckets, distance::Distance, graph::Graph, people::Person};

/// How much of the graph a reader's tree takes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub(crate) keep: usize,
    pub(crate) near: usize,
}

impl Bounds {
    /// What the formula says: the 50,000 strongest are kept, the nearest 50 count one vote each.
    pub const USUAL: Self = Self { keep: 50_000, near: 50 };

    /// Others, to see what they change. At most 65,000 are kept, and of those at least one is near.
    pub const fn new(keep: usize, near: usize) -> Self {
        let keep = if keep > 65_000 { 65_000 } else { keep };
        Self { keep, near: if near == 0 { 1 } else { near } }
    }

    /// How many to have at hand, so that those who leave can be replaced without starting anew.
    const fn goal(self) -> usize {
        self.keep + self.keep / 8
    }
}

/// Where somebody is in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) distance: Distance,
    /// Whoever leads here, or `NOBODY`.
    pub(crate) parent: u32,
}

pub(crate) const NOBODY: u32 = u32::MAX;

pub(crate) const NOWHERE: Place = Place { distance: Distance::UNREACHED, parent: NOBODY };

/// The tree of one reader: everybody within a horizon that takes in somewhat more than are kept,
/// each with the strongest path. Ten bytes for each person of the graph.
///
/// It must be told of every change of the graph, after the graph (`repair.rs`).
#[derive(Debug)]
pub struct Tree {
    pub(crate) bounds: Bounds,
    pub(crate) places: Vec<Place>,
    /// Those with a place.
    pub(crate) inside: Bits,
    /// Those whose follows may be within the horizon: at least all who are somebody's parent.
    pub(crate) giving: Bits,
    /// Those whom the reader follows.
    pub(crate) roots: Bits,
    /// The reader and whoever is muted: never in the tree.
    pub(crate) left_out: Bits,
    /// How many are in each bucket of distances, and in all.
    pub(crate) counts: Vec<u32>,
    pub(crate) total: usize,
    /// Whether anybody's place changed since this was last set to `false`.
    pub(crate) is_changed: bool,
    /// The last bucket that is looked at.
    horizon: u32,
    queue: Buckets,
    /// Those in the queue who were not looked at since they were put there.
    waiting: Bits,
}

impl Tree {
    /// A tree without anybody. `left_out` are the muted, and the reader.
    pub fn new(bounds: Bounds, left_out: impl IntoIterator<Item = Person>) -> Self {
        let mut tree = Self {
            bounds,
            places: Vec::new(),
            inside: Bits::default(),
            giving: Bits::default(),
            roots: Bits::default(),
            left_out: Bits::default(),
            counts: Vec::new(),
            total: 0,
            is_changed: false,
            horizon: u32::MAX,
            queue: Buckets::default(),
            waiting: Bits::default(),
        };
        for person in left_out {
            tree.left_out.reach(person.number() as usize + 1);
            tree.left_out.set(person.number());
        }
        tree
    }

    /// Computes the tree anew, from these follows of the reader.
    pub fn build(&mut self, graph: &Graph, follows: impl IntoIterator<Item = Person>) {
        self.reach(graph);
        self.roots.clear_all();
        for root in follows {
            self.roots.set(root.number());
        }
        self.rebuild(graph);
    }

    /// How far somebody is, if within the horizon.
    pub fn distance(&self, person: Person) -> Option<Distance> {
        let inside = self.inside.get(person.number());
        inside.then(|| self.places[person.number() as usize].distance)
    }

    /// Room for everybody in the graph.
    pub(crate) fn reach(&mut self, graph: &Graph) {
        let people = graph.people().len();
        self.places.resize(people.max(self.places.len()), NOWHERE);
        for bits in [
            &mut self.inside,
            &mut self.giving,
            &mut self.roots,
            &mut self.left_out,
            &mut self.waiting,
        ] {
            bits.reach(people);
        }
    }

    /// From nothing, with the same roots.
    pub(crate) fn rebuild(&mut self, graph: &Graph) {
        for person in self.inside.iter() {
            self.places[person as usize] = NOWHERE;
        }
        self.inside.clear_all();
        self.giving.clear_all();
        self.counts.clear();
        self.total = 0;
        self.horizon = u32::MAX;
        for root in self.roots.clone().iter() {
            self.offer(graph, root, Distance::NEXT, NOBODY);
        }
        while self.look_at_next(graph) {
            self.narrow();
        }
    }

    /// Looks at the nearest of those who wait; `false` if there is nobody.
    pub(crate) fn look_at_next(&mut self, graph: &Graph) -> bool {
        while let Some(person) = self.queue.pop() {
            if self.waiting.get(person) {
                self.waiting.clear(person);
                self.give(graph, person);
                return true;
            }
        }
        false
    }

    /// Offers a path through somebody to everybody whom they follow.
    pub(crate) fn give(&mut self, graph: &Graph, person: u32) {
        let (who, place) = (Person::from_number(person), self.places[person as usize]);
        let distance = place.distance.beyond(graph.degree(who));
        if !self.is_seen(distance) {
            return;
        }
        self.giving.set(person);
        graph.follows(who).for_each(|to| self.offer(graph, to.number(), distance, person));
    }

    fn is_seen(&self, distance: Distance) -> bool {
        distance != Distance::UNREACHED && distance.bucket() <= self.horizon
    }

    /// A path to somebody: taken if it is stronger than the one known, or as strong and through a
    /// smaller key.
    pub(crate) fn offer(&mut self, graph: &Graph, to: u32, distance: Distance, parent: u32) {
        let place = self.places[to as usize];
        match distance.cmp(&place.distance) {
            Ordering::Greater => {}
            // A place without parent is a root's, or none.
            Ordering::Equal if place.parent != NOBODY => {
                let [new, old] = [parent, place.parent].map(Person::from_number);
                if graph.is_before(new, old) {
                    self.places[to as usize].parent = parent;
                    self.is_changed = true;
                }
            }
            Ordering::Equal => {}
            Ordering::Less => {
                if self.is_seen(distance) && !self.left_out.get(to) {
                    self.put(to, place, Place { distance, parent });
                }
            }
        }
    }

    fn put(&mut self, person: u32, old: Place, new: Place) {
        let (from, to) = (old.distance.bucket(), new.distance.bucket());
        if self.inside.get(person) {
            self.counts[from as usize] -= 1;
        } else {
            self.inside.set(person);
            self.total += 1;
        }
        if self.counts.len() <= to as usize {
            self.counts.resize(to as usize + 1, 0);
        }
        self.counts[to as usize] += 1;
        self.places[person as usize] = new;
        self.is_changed = true;
        if from != to || !self.waiting.get(person) {
            self.waiting.set(person);
            self.queue.push(to, person);
        }
    }

    /// Takes out somebody who is inside. Whoever hangs on them must be taken out, too.
    pub(crate) fn remove(&mut self, person: u32) {
        let place = std::mem::replace(&mut self.places[person as usize], NOWHERE);
        self.is_changed = true;
        self.inside.clear(person);
        self.giving.clear(person);
        self.counts[place.distance.bucket() as usize] -= 1;
        self.total -= 1;
    }

    /// Draws the horizon nearer while enough are before its last bucket, whose people were not looked
    /// at yet: so it is while a tree is built.
    fn narrow(&mut self) {
        while let Some(last) = self.counts.last()
            && self.total - *last as usize >= self.bounds.goal()
        {
            let bucket = self.counts.len() as u32 - 1;
            for person in self.queue.take(bucket) {
                let place = self.places[person as usize];
                if self.waiting.get(person) && place.distance.bucket() == bucket {
                    self.waiting.clear(person);
                    self.remove(person);
                }
            }
            self.counts.truncate(bucket as usize);
            self.horizon = bucket - 1;
        }
    }

    /// After a change: starts anew if those who left are more than were at hand, and draws the
    /// horizon nearer if twice as many are within it as are needed.
    pub(crate) fn adjust(&mut self, graph: &Graph) {
        if self.total < self.bounds.keep && self.horizon != u32::MAX {
            self.rebuild(graph);
        } else if self.total > 2 * self.bounds.goal() {
            let mut before = 0;
            let enough = self.counts.iter().position(|count| {
                before += *count as usize;
                before >= self.bounds.goal()
            });
            let horizon = enough.unwrap_or(0) as u32;
            if horizon as usize + 1 == self.counts.len() {
                return;
            }
            for person in self.inside.clone().iter() {
                if self.places[person as usize].distance.bucket() > horizon {
                    self.remove(person);
                }
            }
            self.counts.truncate(horizon as usize + 1);
            self.horizon = horizon;
        }
    }
}
