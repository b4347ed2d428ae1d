//! The bound: what an attacker's votes add is at most what the honest people's follows allow, however
//! many keys there are.
#![allow(clippy::unwrap_used)]

mod oracle;

use oracle::{Random, World, person};
use upseed_rank::{Bounds, Graph, Item, People, Person, Ranks, Scorer};

/// What honest follows into the attacker's keys (`first` and after) allow, by the formula:
/// Σ log₂(1 + 0.85 · p(h) / (κ·√d(h))), and log₂(1 + 1/κ) for each key that the reader follows.
fn bound(ranks: &Ranks, first: u32, networks: u32) -> f64 {
    let (graph, standing) = (ranks.graph(), ranks.standing());
    let mut bound = 0.3 / (1.0 + f64::from(standing.follows())) * f64::from(1 + networks).log2();
    for honest in (0..first).map(person) {
        let edges = graph.follows(honest).filter(|to| to.number() >= first).count() as f64;
        if edges == 0.0 {
            continue;
        }
        let cap = if Some(honest) == ranks.reader() {
            // C of anybody whom the reader follows is 1/κ.
            graph
                .follows(honest)
                .filter_map(|to| standing.cap(to))
                .map(|cap| cap.to_f64())
                .reduce(f64::max)
        } else {
            let degree = f64::from(graph.degree(honest)).sqrt();
            standing.cap(honest).map(|cap| 0.85 * cap.to_f64() / degree)
        };
        bound += edges * cap.map_or(0.0, |cap| (1.0 + cap).log2());
    }
    bound
}

/// What the attacker's votes add beside those of the honest, and what they may.
fn gain(
    ranks: &Ranks,
    scorer: &mut Scorer,
    honest: &[Person],
    evil: &[Person],
    networks: u32,
) -> f64 {
    let mut score = |voters: &[Person], networks| {
        let item = Item { author: None, voters, unknown: 0, networks };
        scorer.score(ranks.standing(), &item).to_f64()
    };
    score(&[honest, evil].concat(), networks) - score(honest, 0)
}

#[test]
fn nobody_gains_more_than_honest_follows_allow() {
    let mut random = Random(20);
    let mut scorer = Scorer::default();
    let (mut nearest, mut largest) = (0.0_f64, 0);
    for case in 0..300 {
        let honest = 20 + random.below(300);
        let size = 10_u32.pow(random.below(4));
        let keys = size * (1 + random.below(3));
        let most = 2 + random.below(15);
        let mut world = World::random(&mut random, honest, most);
        // The attacker's keys follow each other (and the honest) as they like: in chains, as stars or
        // at random.
        let shape = random.below(3);
        for n in 0..keys {
            let mut row = std::collections::BTreeSet::new();
            match shape {
                0 => _ = row.insert(honest + (n + 1) % keys),
                1 => row.extend((1..=20).map(|child| honest + (n * 20 + child) % keys)),
                _ => row.extend((0..random.below(30)).map(|_| random.below(honest + keys))),
            }
            row.remove(&(honest + n));
            world.follows.push(row);
        }
        let many = [3, 30, 3_000][random.below(3) as usize];
        let edges = 1 + random.below(many);
        for _ in 0..edges {
            // The reader follows one of the keys in some of the cases.
            let from = if random.chance(1) { 0 } else { 1 + random.below(honest - 1) };
            world.follows[from as usize].insert(honest + random.below(keys));
        }
        let bounds = [Bounds::USUAL, Bounds::new(200, 50), Bounds::new(100, 5)];
        let ranks = world.ranks(bounds[random.below(3) as usize]);
        let percent = random.below(60);
        let good: Vec<Person> =
            (1..honest).filter(|_| random.chance(percent)).map(person).collect();
        let evil: Vec<Person> = (honest..honest + keys).map(person).collect();
        let networks = random.below(50);
        let gain = gain(&ranks, &mut scorer, &good, &evil, networks);
        let bound = bound(&ranks, honest, networks);
        // Each logarithm may be 2⁻²⁴ too small.
        let slack = f64::from(honest + edges) / f64::from(1 << 23);
        assert!(gain <= bound + slack, "case {case}: {keys} keys gain {gain}, not {bound} at most");
        if bound > 0.5 {
            nearest = nearest.max(gain / bound);
        }
        largest = largest.max(edges);
    }
    assert!(nearest > 0.9, "no attack came near its bound, so it was hardly tried: {nearest}");
    assert!(largest > 2_000);
}

/// A million keys behind one follow of an honest person, in a tree of their own.
#[test]
fn a_million_keys_gain_no_more_than_their_edges() {
    let mut random = Random(21);
    let (honest, keys) = (1_000, 1_000_000);
    let world = World::random(&mut random, honest, 12);
    let mut people = People::with_capacity((honest + keys) as usize);
    (0..honest + keys).for_each(|number| _ = people.intern(&oracle::key(number)));
    let rows = (0..honest + keys).map(|who| {
        let row: Vec<Person> = match who.checked_sub(honest) {
            None => world.follows[who as usize].iter().copied().map(person).collect(),
            // Everybody but the last follows ten others: a full tree.
            Some(n) => (1..=10)
                .map(|child| n * 10 + child)
                .filter(|n| *n < keys)
                .map(|n| person(honest + n))
                .collect(),
        };
        (person(who), row)
    });
    let graph = Graph::load(people, rows).unwrap();
    let mut ranks = Ranks::new(graph, Some(&oracle::key(0)), []);
    let mut scorer = Scorer::default();
    let evil: Vec<Person> = (honest..honest + keys).map(person).collect();
    let good: Vec<Person> = (1..honest).filter(|n| n % 9 == 0).map(person).collect();
    let mut last = 0.0;
    for edge in 0..10 {
        let gain = gain(&ranks, &mut scorer, &good, &evil, 50);
        let bound = bound(&ranks, honest, 50);
        assert!(gain <= bound + 1e-4, "{edge} edges: {gain}, not {bound} at most");
        last = gain;
        ranks.follow(person(1 + random.below(honest - 1)), person(honest + edge));
        ranks.settle();
    }
    assert!(last > 0.1, "the attack never reached the tree: {last}");
}
