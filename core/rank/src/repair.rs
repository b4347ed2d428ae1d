//! What one change does to a tree: only those whose path it touches are looked at.
//!
//! A path can become weaker (its follow is gone, or its giver now follows more people) or stronger.
//! Whoever hangs on a weaker one is cut off first, with everybody beyond, and offered the paths of
//! those who stay; then everything spreads as it does when a tree is built. So the tree is exactly the
//! one that would be built from nothing.

use crate::{
    distance::Distance,
    graph::Graph,
    people::Person,
    tree::{NOBODY, Tree},
};

impl Tree {
    /// Somebody other than the reader now follows one more key. The graph has it already. Tells
    /// whether that changed the tree, as the next ones do.
    pub fn followed(&mut self, graph: &Graph, follower: Person) -> bool {
        self.reach(graph);
        let heads = self.children(graph, follower.number());
        self.repair(graph, heads, Some(follower))
    }

    /// Somebody other than the reader no longer follows a key: that of somebody else, or nobody's. The
    /// graph has it already.
    pub fn unfollowed(
        &mut self,
        graph: &Graph,
        follower: Person,
        followed: Option<Person>,
    ) -> bool {
        self.reach(graph);
        let hangs = |person: &u32| self.places[*person as usize].parent == follower.number();
        let heads = followed.into_iter().map(Person::number).filter(hangs).collect();
        self.repair(graph, heads, Some(follower))
    }

    /// The reader now follows somebody, or no longer.
    pub fn set_root(&mut self, graph: &Graph, person: Person, follows: bool) -> bool {
        self.reach(graph);
        match follows {
            true => self.roots.set(person.number()),
            false => self.roots.clear(person.number()),
        }
        self.repair(graph, vec![person.number()], None)
    }

    /// Somebody is left out from now on, or no longer.
    pub fn set_left_out(&mut self, graph: &Graph, person: Person, out: bool) -> bool {
        self.reach(graph);
        match out {
            true => self.left_out.set(person.number()),
            false => self.left_out.clear(person.number()),
        }
        self.repair(graph, vec![person.number()], None)
    }

    /// Cuts `heads` off and finds out where they hang now; `giver`'s follows weigh otherwise.
    fn repair(&mut self, graph: &Graph, heads: Vec<u32>, giver: Option<Person>) -> bool {
        self.is_changed = false;
        for person in self.cut_off(graph, heads) {
            if self.roots.get(person) {
                self.offer(graph, person, Distance::NEXT, NOBODY);
                continue;
            }
            for follower in graph.followers(Person::from_number(person)) {
                let from = follower.number();
                if self.giving.get(from) {
                    let distance = self.places[from as usize].distance;
                    self.offer(graph, person, distance.beyond(graph.degree(follower)), from);
                }
            }
        }
        if let Some(giver) = giver.filter(|giver| self.inside.get(giver.number())) {
            self.give(graph, giver.number());
        }
        while self.look_at_next(graph) {}
        self.adjust(graph);
        self.is_changed
    }

    /// Takes them and everybody who hangs on them out of the tree.
    fn cut_off(&mut self, graph: &Graph, heads: Vec<u32>) -> Vec<u32> {
        let mut cut = heads;
        let mut next = 0;
        while let Some(person) = cut.get(next).copied() {
            next += 1;
            if self.inside.get(person) {
                cut.extend(self.children(graph, person));
                self.remove(person);
            }
        }
        cut
    }

    /// Those who hang on somebody and whom they still follow.
    fn children(&self, graph: &Graph, person: u32) -> Vec<u32> {
        if !self.giving.get(person) {
            return Vec::new();
        }
        let follows = graph.follows(Person::from_number(person)).map(Person::number);
        follows.filter(|to| self.places[*to as usize].parent == person).collect()
    }
}
