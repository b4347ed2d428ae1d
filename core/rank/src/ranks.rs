//! Everything by which one reader's lists are ranked.

use std::collections::BTreeSet;

use upseed_model::PublicKey;

use crate::{
    graph::Graph,
    people::{People, Person},
    standing::{Change, Standing},
    tree::{Bounds, Tree},
};

/// The graph, the reader's tree in it, and how much each vote counts by it.
///
/// Changes are cheap and come one by one; [`Ranks::settle`] makes them count, all at once, and tells
/// whose votes to score again. Until then scores are what they were.
#[derive(Debug)]
pub struct Ranks {
    graph: Graph,
    /// Nobody yet, before the first thing is written.
    reader: Option<Person>,
    /// Who counts as followed for the time being ([`crate::provisional`]).
    provisional: BTreeSet<Person>,
    tree: Tree,
    standing: Standing,
    /// The memory of the standing before this one.
    spare: Standing,
    is_settled: bool,
}

impl Ranks {
    /// Ranks for a reader, from nothing.
    pub fn new(
        graph: Graph,
        reader: Option<&PublicKey>,
        muted: impl IntoIterator<Item = PublicKey>,
    ) -> Self {
        Self::with_bounds(Bounds::USUAL, graph, reader, muted)
    }

    /// The same with other bounds.
    pub fn with_bounds(
        bounds: Bounds,
        mut graph: Graph,
        reader: Option<&PublicKey>,
        muted: impl IntoIterator<Item = PublicKey>,
    ) -> Self {
        let reader = reader.map(|key| graph.intern(key));
        let muted: Vec<Person> = muted.into_iter().map(|key| graph.intern(&key)).collect();
        let mut tree = Tree::new(bounds, muted.into_iter().chain(reader));
        tree.build(&graph, reader.into_iter().flat_map(|reader| graph.follows(reader)));
        let mut standing = Standing::default();
        standing.read(&tree, &graph);
        Self {
            graph,
            reader,
            provisional: BTreeSet::new(),
            tree,
            standing,
            spare: Standing::default(),
            is_settled: true,
        }
    }

    /// The same people and follows for another reader, and whose votes now count otherwise.
    #[must_use]
    pub fn for_reader(
        self,
        reader: Option<&PublicKey>,
        muted: impl IntoIterator<Item = PublicKey>,
    ) -> (Self, Change) {
        let other = Self::with_bounds(self.tree.bounds, self.graph, reader, muted);
        let change = other.standing.changes_since(&self.standing);
        (other, change)
    }

    /// The people of the graph, the reader among them.
    pub fn people(&self) -> &People {
        self.graph.people()
    }

    /// The graph.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The reader's number.
    pub fn reader(&self) -> Option<Person> {
        self.reader
    }

    /// The number of a key, a new one if it has none.
    pub fn intern(&mut self, key: &PublicKey) -> Person {
        self.graph.intern(key)
    }

    /// How much each vote counts, as of the last [`Ranks::settle`].
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Somebody follows a key.
    pub fn follow(&mut self, follower: Person, key: Person) {
        if !self.graph.follow(follower, key) {
            return;
        }
        if Some(follower) == self.reader {
            if let Some(followed) = self.graph.current(key) {
                self.tree.set_root(&self.graph, followed, true);
            }
            self.is_settled = false;
        } else if self.tree.followed(&self.graph, follower) {
            self.is_settled = false;
        }
    }

    /// Somebody no longer follows a key.
    pub fn unfollow(&mut self, follower: Person, key: Person) {
        if !self.graph.unfollow(follower, key) {
            return;
        }
        let followed = self.graph.current(key);
        if Some(follower) == self.reader {
            followed.into_iter().for_each(|person| self.root_changed(person));
        } else if self.tree.unfollowed(&self.graph, follower, followed) {
            self.is_settled = false;
        }
    }

    /// The reader perhaps follows somebody, or perhaps no longer.
    fn root_changed(&mut self, person: Person) {
        let is_followed = self.reader.is_some_and(|reader| self.graph.is_followed(reader, person));
        self.is_settled = false;
        let follows = is_followed || self.provisional.contains(&person);
        self.tree.set_root(&self.graph, person, follows);
    }

    /// Who follows this key follows that one from now on: itself while it is in use, nobody if it ended
    /// without a successor. The key's own follows and votes are the caller's to take away.
    pub fn set_current(&mut self, key: Person, current: Option<Person>) {
        let before = self.graph.current(key);
        if !self.graph.set_current(key, current) {
            return;
        }
        let is_giving =
            |who: Person| Some(who) == self.reader || self.tree.giving.get(who.number());
        if self.graph.followers_of_key(key).any(is_giving) {
            before.into_iter().chain(current).for_each(|person| self.root_changed(person));
        }
    }

    /// The reader mutes somebody, or no longer. Nobody mutes themselves.
    pub fn mute(&mut self, person: Person, muted: bool) {
        if Some(person) != self.reader {
            self.is_settled = false;
            self.tree.set_left_out(&self.graph, person, muted);
        }
    }

    /// These, and no others, count as followed beside whom the reader follows.
    pub fn set_provisional(&mut self, people: impl IntoIterator<Item = Person>) {
        let people: BTreeSet<Person> = people.into_iter().collect();
        let before = std::mem::replace(&mut self.provisional, people);
        for person in before.symmetric_difference(&self.provisional) {
            let is_followed =
                self.reader.is_some_and(|reader| self.graph.is_followed(reader, *person));
            if !is_followed && Some(*person) != self.reader {
                self.is_settled = false;
                let follows = self.provisional.contains(person);
                self.tree.set_root(&self.graph, *person, follows);
            }
        }
    }

    /// Makes all changes count, and tells whose votes now count otherwise. About a millisecond
    /// for however many changes, if any of them touches the tree; nothing otherwise.
    pub fn settle(&mut self) -> Change {
        if self.is_settled {
            return Change::default();
        }
        self.is_settled = true;
        std::mem::swap(&mut self.standing, &mut self.spare);
        self.standing.read(&self.tree, &self.graph);
        self.standing.changes_since(&self.spare)
    }
}
