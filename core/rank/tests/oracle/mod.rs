//! The formula of docs/ranking.md, word for word and as slow as that is, in floating point; and worlds
//! of people to try it on.
#![allow(dead_code, clippy::unwrap_used, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};

use upseed_model::PublicKey;
use upseed_rank::{Bounds, Graph, Item, People, Person, Ranks};

/// SplitMix64: the same numbers everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: u32) -> u32 {
        (self.next() % u64::from(end)) as u32
    }

    pub fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }
}

/// A key whose order among others has nothing to do with its number.
pub fn key(number: u32) -> PublicKey {
    let mut bytes = [1; 32];
    bytes[..8].copy_from_slice(&Random(u64::from(number)).next().to_be_bytes());
    PublicKey::from_bytes(bytes).unwrap()
}

pub fn person(number: u32) -> Person {
    Person::from_number(number)
}

/// Person 0 is the reader.
#[derive(Clone, Default)]
pub struct World {
    pub follows: Vec<BTreeSet<u32>>,
    pub muted: BTreeSet<u32>,
    pub provisional: BTreeSet<u32>,
    /// Who follows one of these keys follows that one, or nobody.
    pub current: BTreeMap<u32, Option<u32>>,
}

pub struct Votes {
    pub author: u32,
    pub voters: Vec<u32>,
    pub networks: u32,
}

impl World {
    pub fn empty(people: u32) -> Self {
        Self { follows: vec![BTreeSet::new(); people as usize], ..Self::default() }
    }

    /// Most follow a few, some follow many; a third of all follows go to a tenth of the people.
    pub fn random(random: &mut Random, people: u32, most: u32) -> Self {
        let mut world = Self::empty(people);
        for who in 0..people {
            let count = if random.chance(10) { random.below(most * 4) } else { random.below(most) };
            for _ in 0..count {
                let to = if random.chance(33) { people / 10 + 1 } else { people };
                world.follows[who as usize].insert(random.below(to));
            }
            world.follows[who as usize].remove(&who);
        }
        world
    }

    pub fn people(&self) -> u32 {
        self.follows.len() as u32
    }

    pub fn graph(&self) -> Graph {
        let mut people = People::default();
        (0..self.people())
            .for_each(|number| assert_eq!(people.intern(&key(number)), person(number)));
        let rows = self.follows.iter().enumerate();
        let rows = rows.map(|(who, row)| (person(who as u32), row.iter().copied().map(person)));
        let mut graph = Graph::load(people, rows).unwrap();
        for (key, current) in &self.current {
            graph.set_current(person(*key), current.map(person));
        }
        graph
    }

    /// Whom somebody follows: of each key that they name the current one.
    fn followed_by(&self, who: u32) -> BTreeSet<u32> {
        let row = self.follows[who as usize].iter();
        let current = |key: &u32| self.current.get(key).copied().unwrap_or(Some(*key));
        row.filter_map(current).filter(|followed| *followed != who).collect()
    }

    /// From nothing.
    pub fn ranks(&self, bounds: Bounds) -> Ranks {
        let muted = self.muted.iter().copied().map(key);
        let mut ranks = Ranks::with_bounds(bounds, self.graph(), Some(&key(0)), muted);
        ranks.set_provisional(self.provisional.iter().copied().map(person));
        ranks.settle();
        ranks
    }
}

/// What the formula says about one reader's world.
pub struct Formula {
    pub p: BTreeMap<u32, f64>,
    pub parents: BTreeMap<u32, u32>,
    pub kappa: f64,
    pub follows: usize,
    roots: BTreeSet<u32>,
    muted: BTreeSet<u32>,
}

/// Floating point takes equal products for different ones by their last digits.
fn is_more(a: f64, b: f64) -> bool {
    a > b * (1.0 + 1e-9)
}

impl Formula {
    pub fn new(world: &World, keep: usize, near: usize) -> Self {
        let is_out = |who: &u32| *who == 0 || world.muted.contains(who);
        let roots: BTreeSet<u32> =
            world.followed_by(0).union(&world.provisional).copied().collect();
        let roots: BTreeSet<u32> = roots.into_iter().filter(|root| !is_out(root)).collect();
        let mut p: BTreeMap<u32, f64> = roots.iter().map(|root| (*root, 1.0)).collect();
        let mut parents: BTreeMap<u32, u32> = BTreeMap::new();
        loop {
            let mut changed = false;
            for (y, row) in world.follows.iter().enumerate() {
                let y = y as u32;
                let Some(from) = p.get(&y).copied() else { continue };
                let through = 0.85 * from / (row.len() as f64).sqrt();
                let followed = world.followed_by(y);
                for x in followed.iter().filter(|x| !is_out(x) && !roots.contains(x)) {
                    let now = p.get(x).copied().unwrap_or(0.0);
                    let is_tie = !is_more(through, now) && !is_more(now, through);
                    let is_smaller = parents.get(x).is_some_and(|old| key(y) < key(*old));
                    if is_more(through, now) || is_tie && is_smaller {
                        p.insert(*x, through);
                        parents.insert(*x, y);
                        changed = true;
                    }
                }
            }
            if !changed {
                break;
            }
        }
        let mut order: Vec<u32> = p.keys().copied().collect();
        order.sort_by(|a, b| match (is_more(p[a], p[b]), is_more(p[b], p[a])) {
            (true, _) => std::cmp::Ordering::Less,
            (_, true) => std::cmp::Ordering::Greater,
            _ => key(*a).cmp(&key(*b)),
        });
        order.truncate(keep);
        let kappa = order.get(near - 1).or(order.last()).map_or(1.0, |last| p[last]);
        let kept: BTreeSet<u32> = order.into_iter().collect();
        p.retain(|who, _| kept.contains(who));
        parents.retain(|who, _| kept.contains(who));
        let follows = roots.len();
        Self { p, parents, kappa, follows, roots, muted: world.muted.clone() }
    }

    pub fn cap(&self, x: u32) -> f64 {
        self.p[&x] / self.kappa
    }

    fn f(&self, x: u32, votes: &Votes) -> f64 {
        let voted = votes.voters.contains(&x) && votes.author != x;
        let own = if voted { self.cap(x).min(1.0) } else { 0.0 };
        let children = self.parents.iter().filter(|(_, parent)| **parent == x);
        self.cap(x).min(own + children.map(|(child, _)| self.f(*child, votes)).sum::<f64>())
    }

    pub fn score(&self, votes: &Votes) -> f64 {
        let kept = self.roots.iter().filter(|root| self.p.contains_key(root));
        let branches: f64 = kept.map(|root| (1.0 + self.f(*root, votes)).log2()).sum();
        let is_stranger = |who: &&u32| {
            **who != 0
                && **who != votes.author
                && !self.p.contains_key(who)
                && !self.muted.contains(who)
        };
        let strangers = votes.voters.iter().filter(is_stranger).count() as f64;
        let strangers = strangers.min(f64::from(votes.networks));
        branches + 0.3 / (1.0 + self.follows as f64) * (1.0 + strangers).log2()
    }
}

/// Whether the ranks are what the formula says, but for the last digits.
pub fn assert_formula(ranks: &Ranks, formula: &Formula, context: &str) {
    let standing = ranks.standing();
    let found: BTreeSet<u32> = standing.people().map(Person::number).collect();
    assert!(found.iter().eq(formula.p.keys()), "{context}: {found:?} {:?}", formula.p.keys());
    for x in found {
        let parent = standing.parent(person(x)).map(Person::number);
        assert_eq!(parent, formula.parents.get(&x).copied(), "{context}: parent of {x}");
        let (cap, wanted) = (standing.cap(person(x)).unwrap().to_f64(), formula.cap(x));
        assert!((cap - wanted).abs() <= wanted * 1e-4 + 1e-9, "{context}: {x} {cap} {wanted}");
    }
}

/// Votes by a random share of the people, perhaps the author and the reader among them.
pub fn random_votes(random: &mut Random, people: u32) -> Votes {
    let percent = [2, 10, 50, 100][random.below(4) as usize];
    let voters = (0..people).filter(|_| random.chance(percent)).collect();
    Votes { author: random.below(people), voters, networks: random.below(people) }
}

/// The same for the crate.
pub fn with_item<T>(votes: &Votes, with: impl FnOnce(&Item<'_>) -> T) -> T {
    let voters: Vec<Person> = votes.voters.iter().copied().map(person).collect();
    let author = Some(person(votes.author));
    with(&Item { author, voters: &voters, unknown: 0, networks: votes.networks })
}
