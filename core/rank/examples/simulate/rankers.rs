//! Tree rank, and what it is compared with.

use upseed_rank::{Bounds, Item, Person, Scorer, Standing, Tree};

use crate::{
    random::Random,
    world::{NOW, Post, World, person},
};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ranker {
    Votes,
    Seeds,
    Reddit,
    EigenTrust,
    PageRank,
    MeritRank,
    Tree,
}

impl Ranker {
    pub const ALL: [Self; 7] = [
        Self::Votes,
        Self::Seeds,
        Self::Reddit,
        Self::EigenTrust,
        Self::PageRank,
        Self::MeritRank,
        Self::Tree,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Votes => "raw votes",
            Self::Seeds => "raw seeds",
            Self::Reddit => "Reddit hot",
            Self::EigenTrust => "EigenTrust, 20 pre-trusted",
            Self::PageRank => "personalised PageRank",
            Self::MeritRank => "MeritRank",
            Self::Tree => "tree rank",
        }
    }

    /// The posts' positions in the reader's list, best first. Equal ones come in a fixed random order.
    pub fn list(self, world: &World, posts: &[Post], reader: Person) -> Vec<usize> {
        let scores: Vec<f64> = match self {
            Self::Votes => posts.iter().map(|post| f64::from(votes(post))).collect(),
            Self::Seeds => posts.iter().map(|post| f64::from(post.announced)).collect(),
            Self::Reddit => posts.iter().map(reddit).collect(),
            Self::EigenTrust => sums(posts, &walk(world, &world.pretrusted, 20)),
            Self::PageRank => sums(posts, &walk(world, &[reader], 30)),
            Self::MeritRank => sums(posts, &merit(world, reader)),
            Self::Tree => tree(world, posts, reader),
        };
        let mut list: Vec<usize> = (0..posts.len()).collect();
        list.sort_by(|a, b| {
            scores[*b]
                .total_cmp(&scores[*a])
                .then_with(|| Random(*a as u64).next().cmp(&Random(*b as u64).next()))
        });
        list
    }
}

fn votes(post: &Post) -> u32 {
    post.voters.len() as u32 + post.unknown
}

fn reddit(post: &Post) -> f64 {
    f64::from(votes(post).max(1)).log10() - (NOW - post.time) as f64 / 45_000.0
}

fn sums(posts: &[Post], weights: &[f64]) -> Vec<f64> {
    let weight = |voter: &Person| weights[voter.number() as usize];
    posts.iter().map(|post| post.voters.iter().map(weight).sum()).collect()
}

/// PageRank that starts anew, in 15 of 100 steps, at one of `sources` (EigenTrust, with what people
/// say of each other being whom they follow).
fn walk(world: &World, sources: &[Person], steps: usize) -> Vec<f64> {
    let people = world.graph.people().len();
    let mut at = vec![0.0; people];
    let source = 1.0 / sources.len() as f64;
    for who in sources {
        at[who.number() as usize] = source;
    }
    for _ in 0..steps {
        let mut next = vec![0.0; people];
        let mut lost = 0.0;
        for (who, weight) in at.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
            let degree = world.graph.degree(person(who));
            if degree == 0 {
                lost += weight;
                continue;
            }
            lost += 0.15 * weight;
            let share = 0.85 * weight / f64::from(degree);
            world.graph.follows(person(who)).for_each(|to| next[to.number() as usize] += share);
        }
        for who in sources {
            next[who.number() as usize] += lost * source;
        }
        at = next;
    }
    at
}

/// MeritRank: random walks from the reader that end in 15 of 100 steps; somebody whom nine of ten walks
/// reach through one and the same other counts half (connectivity decay).
fn merit(world: &World, reader: Person) -> Vec<f64> {
    const WALKS: usize = 3_000;
    let mut random = Random(u64::from(reader.number()));
    let mut visits = vec![0_u32; world.graph.people().len()];
    // (whom, through whom), once for each walk.
    let mut through: Vec<(u32, u32)> = Vec::new();
    for _ in 0..WALKS {
        let mut at = reader;
        let mut path: Vec<u32> = Vec::new();
        while random.chance(0.85) && world.graph.degree(at) > 0 {
            let step = random.below(world.graph.degree(at) as usize);
            let Some(next) = world.graph.follows(at).nth(step) else { break };
            at = next;
            let number = at.number();
            if at != reader && !path.contains(&number) {
                visits[number as usize] += 1;
                through.extend(path.iter().map(|earlier| (number, *earlier)));
                path.push(number);
            }
        }
    }
    through.sort_unstable();
    let mut weights: Vec<f64> =
        visits.iter().map(|count| f64::from(*count) / WALKS as f64).collect();
    let mut halved = u32::MAX;
    for run in through.chunk_by(|a, b| a == b) {
        let whom = run[0].0;
        if whom != halved && run.len() as f64 > 0.9 * f64::from(visits[whom as usize]) {
            weights[whom as usize] /= 2.0;
            halved = whom;
        }
    }
    weights
}

fn tree(world: &World, posts: &[Post], reader: Person) -> Vec<f64> {
    let mut tree = Tree::new(Bounds::USUAL, [reader]);
    tree.build(&world.graph, world.graph.follows(reader));
    let mut standing = Standing::default();
    standing.read(&tree, &world.graph);
    let mut scorer = Scorer::default();
    let mut score = |post: &Post| {
        let Post { author, voters, unknown, networks, .. } = post;
        let item = Item { author: *author, voters, unknown: *unknown, networks: *networks };
        scorer.score(&standing, &item).to_f64()
    };
    posts.iter().map(&mut score).collect()
}
