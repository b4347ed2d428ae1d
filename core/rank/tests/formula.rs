//! The tree and the scores against the formula, and each change against a tree from nothing.
#![allow(clippy::unwrap_used)]

mod oracle;

use std::collections::BTreeSet;

use oracle::{Formula, Random, Votes, World, assert_formula, key, person, random_votes, with_item};
use upseed_rank::{Bounds, Fixed, Person, Ranks, Scorer};

/// Lets everybody follow a prime number of people, or one, or none: then two paths are as strong as
/// each other only if their steps are the same, and rounding cannot part what the formula ties.
fn with_prime_degrees(world: &mut World) {
    for row in &mut world.follows {
        while row.len() > 1 && (2..row.len()).any(|divisor| row.len() % divisor == 0) {
            row.pop_last();
        }
    }
}

#[test]
fn trees_and_scores_are_what_the_formula_says() {
    let mut random = Random(1);
    let mut scorer = Scorer::default();
    for case in 0..120 {
        let people = 2 + random.below(120);
        let most = 1 + random.below(12);
        let mut world = World::random(&mut random, people, most);
        world.muted = (1..people).filter(|_| random.chance(4)).collect();
        for key in 1..people {
            if case % 3 == 0 && random.chance(10) {
                world.current.insert(key, random.chance(80).then(|| random.below(people)));
            }
        }
        with_prime_degrees(&mut world);
        let (keep, near) = (1 + random.below(60), 1 + random.below(20));
        let (keep, near) = if case % 2 == 0 { (keep, near) } else { (50_000, 50) };
        let ranks = world.ranks(Bounds::new(keep as usize, near as usize));
        let formula = Formula::new(&world, keep as usize, near as usize);
        assert_formula(&ranks, &formula, &format!("case {case}"));
        for _ in 0..10 {
            let votes = random_votes(&mut random, people);
            let score = with_item(&votes, |item| scorer.score(ranks.standing(), item)).to_f64();
            let wanted = formula.score(&votes);
            assert!((score - wanted).abs() < 1e-3, "case {case}: {score}, not {wanted}");
        }
    }
}

#[test]
fn parts_add_up_to_the_score() {
    let mut random = Random(2);
    let mut scorer = Scorer::default();
    let mut capped = 0;
    for case in 0..60 {
        let people = 2 + random.below(150);
        let world = World::random(&mut random, people, 10);
        let ranks = world.ranks(Bounds::new(40 + case, 12));
        for _ in 0..10 {
            let votes = random_votes(&mut random, people);
            let (score, parts) = with_item(&votes, |item| {
                (scorer.score(ranks.standing(), item), scorer.parts(ranks.standing(), item))
            });
            assert_eq!(parts.score(), score);
            let strongest = parts.branches.iter().map(|branch| branch.points).max();
            let rest = score.minus(strongest.unwrap_or(Fixed::ZERO));
            assert_eq!(parts.score_without_strongest(), rest);
            let counted: u32 = parts.branches.iter().map(|b| u32::from(b.voted) + b.behind).sum();
            let voters: BTreeSet<u32> = votes.voters.iter().copied().collect();
            let wanted = voters.len()
                - [0, votes.author]
                    .iter()
                    .collect::<BTreeSet<_>>()
                    .iter()
                    .filter(|who| voters.contains(who))
                    .count();
            assert_eq!((counted + parts.strangers.voters) as usize, wanted);
            for branch in &parts.branches {
                assert_eq!(branch.points, branch.weight.log2_of_one_more());
                assert!(branch.weight <= branch.votes);
                assert_eq!(
                    branch.voted,
                    voters.contains(&branch.follow.number())
                        && branch.follow.number() != votes.author
                );
                capped += u32::from(branch.is_capped());
            }
        }
    }
    assert!(capped > 50, "caps were hardly tried: {capped}");
}

/// Everything that a standing says.
fn told(ranks: &Ranks) -> Vec<(u32, Option<u32>, Fixed)> {
    let standing = ranks.standing();
    let about = |who: Person| {
        (who.number(), standing.parent(who).map(Person::number), standing.cap(who).unwrap())
    };
    let mut all: Vec<_> = standing.people().map(about).collect();
    all.sort_unstable();
    all
}

fn random_change(random: &mut Random, world: &mut World, ranks: &mut Ranks) {
    let people = world.people();
    // The reader is who changes in one case of six.
    let who = if random.chance(17) { 0 } else { random.below(people) };
    let to = random.below(people);
    match random.below(13) {
        // To another key, to none, or back to itself: keys that others succeeded may come again.
        12 if to != 0 => {
            let current = random.chance(80).then(|| random.below(people));
            let current = if random.chance(20) { Some(to) } else { current };
            world.current.insert(to, current);
            ranks.set_current(person(to), current.map(person));
        }
        0 if to != 0 => {
            let muted = world.muted.insert(to) || !world.muted.remove(&to);
            ranks.mute(person(to), muted);
        }
        1 => {
            world.provisional =
                (0..random.below(3)).map(|_| 1 + random.below(people - 1)).collect();
            ranks.set_provisional(world.provisional.iter().copied().map(person));
        }
        2..7 => {
            if let Some(gone) = world.follows[who as usize].pop_first() {
                ranks.unfollow(person(who), person(gone));
            }
        }
        _ => {
            if who != to {
                world.follows[who as usize].insert(to);
            }
            ranks.follow(person(who), person(to));
        }
    }
}

fn changes_are_exact(seed: u64, people: u32, most: u32, bounds: Bounds, changes: u32) {
    let mut random = Random(seed);
    let mut scorer = Scorer::default();
    let mut world = World::random(&mut random, people, most);
    let mut ranks = world.ranks(bounds);
    let items: Vec<Votes> = (0..8).map(|_| random_votes(&mut random, people)).collect();
    let mut scores = |ranks: &Ranks| -> Vec<Fixed> {
        let score = |votes| with_item(votes, |item| scorer.score(ranks.standing(), item));
        items.iter().map(score).collect()
    };
    for turn in 0..changes {
        let (told_before, scores_before) = (told(&ranks), scores(&ranks));
        for _ in 0..1 + random.below(2) {
            random_change(&mut random, &mut world, &mut ranks);
        }
        let change = ranks.settle();
        let anew = world.ranks(bounds);
        let told_now = told(&ranks);
        assert_eq!(told_now, told(&anew), "seed {seed}, turn {turn}");
        assert_eq!(ranks.standing().follows(), anew.standing().follows());
        let scores_now = scores(&ranks);
        assert_eq!(scores_now, scores(&anew), "seed {seed}, turn {turn}");

        // Who changed is told, and everything that is scored otherwise has a vote of theirs.
        let touched: BTreeSet<u32> = change.people.iter().map(|who| who.number()).collect();
        assert_eq!(touched.len(), change.people.len(), "somebody is told twice");
        let (before, now): (BTreeSet<_>, BTreeSet<_>) =
            (told_before.into_iter().collect(), told_now.into_iter().collect());
        for (who, ..) in before.symmetric_difference(&now) {
            assert!(touched.contains(who), "seed {seed}, turn {turn}: {who} is not told");
        }
        for ((votes, before), now) in items.iter().zip(scores_before).zip(scores_now) {
            let is_touched = votes.voters.iter().any(|voter| touched.contains(voter));
            assert!(before == now || is_touched || change.strangers, "seed {seed}, turn {turn}");
        }
    }
}

#[test]
fn every_change_leaves_what_would_be_built_from_nothing() {
    changes_are_exact(3, 12, 3, Bounds::USUAL, 1_500);
    changes_are_exact(4, 60, 4, Bounds::USUAL, 1_000);
    changes_are_exact(5, 300, 12, Bounds::USUAL, 300);
}

#[test]
fn it_does_so_where_not_everybody_is_kept() {
    changes_are_exact(6, 60, 4, Bounds::new(20, 5), 1_500);
    changes_are_exact(7, 300, 8, Bounds::new(40, 10), 600);
    changes_are_exact(8, 300, 20, Bounds::new(150, 50), 400);
    changes_are_exact(9, 100, 2, Bounds::new(1, 1), 300);
}

#[test]
fn a_graph_that_grows_from_nothing_is_the_same_as_one_that_was_loaded() {
    let mut random = Random(10);
    let world = World::random(&mut random, 80, 6);
    let mut ranks = Ranks::new(upseed_rank::Graph::default(), Some(&key(0)), []);
    let mut edges: Vec<(u32, u32)> = (0..80)
        .flat_map(|who| world.follows[who as usize].iter().map(move |to| (who, *to)))
        .collect();
    for at in (1..edges.len()).rev() {
        edges.swap(at, random.below(at as u32 + 1) as usize);
    }
    for (who, to) in edges {
        let [who, to] = [who, to].map(|number| ranks.intern(&key(number)));
        ranks.follow(who, to);
    }
    ranks.settle();
    let by_key = |ranks: &Ranks| -> BTreeSet<_> {
        let key = |who| *ranks.people().key(who);
        let standing = ranks.standing();
        let about = |who| (key(who), standing.parent(who).map(key), standing.cap(who));
        standing.people().map(about).collect()
    };
    assert_eq!(by_key(&ranks), by_key(&world.ranks(Bounds::USUAL)));
}
