//! Input that nobody sensible makes, and what is defined for it in docs/ranking.md.
#![allow(clippy::unwrap_used)]

mod oracle;

use oracle::{Formula, World, assert_formula, key, person};
use upseed_rank::{
    Bounds, Fixed, Graph, Hot, Item, People, Person, Ranks, Scorer, hot, provisional,
};

fn world(rows: &[&[u32]]) -> World {
    World {
        follows: rows.iter().map(|row| row.iter().copied().collect()).collect(),
        ..World::default()
    }
}

fn score(ranks: &Ranks, author: u32, voters: &[u32], networks: u32) -> Fixed {
    let voters: Vec<Person> = voters.iter().copied().map(person).collect();
    let item = Item { author: Some(person(author)), voters: &voters, unknown: 0, networks };
    Scorer::default().score(ranks.standing(), &item)
}

#[test]
fn a_cycle_ends() {
    let world = world(&[&[1], &[2], &[3], &[1, 0]]);
    assert_formula(&world.ranks(Bounds::USUAL), &Formula::new(&world, 50_000, 50), "a cycle");
}

#[test]
fn following_oneself_changes_nothing() {
    let plain = world(&[&[1], &[2], &[]]);
    let mut ranks = plain.ranks(Bounds::USUAL);
    for who in [0, 1, 2] {
        ranks.follow(person(who), person(who));
        ranks.unfollow(person(who), person(who));
    }
    assert!(ranks.settle().is_empty());
    assert_eq!(ranks.standing().follows(), 1);
    assert_formula(&ranks, &Formula::new(&plain, 50_000, 50), "self-follows");
}

#[test]
fn following_an_earlier_key_is_following_the_current_one() {
    // 0 follows 1 and 2; 2 follows 3 and 4; 4 is succeeded by 5, who follows nobody.
    let before = world(&[&[1, 2], &[], &[3, 4], &[], &[], &[]]);
    let mut ranks = before.ranks(Bounds::USUAL);
    assert_eq!(ranks.standing().parent(person(4)), Some(person(2)));
    ranks.set_current(person(4), Some(person(5)));
    let told = ranks.settle().people;
    assert!(told.contains(&person(4)) && told.contains(&person(5)), "{told:?}");
    assert_eq!(ranks.standing().parent(person(5)), Some(person(2)));
    assert_eq!(ranks.standing().cap(person(4)), None);
    // Followed by both keys, it is followed once, and until neither is followed any more. Both are
    // keys that 2 follows.
    ranks.follow(person(2), person(5));
    ranks.settle();
    assert!(ranks.graph().follows(person(2)).eq([3, 5].map(person)));
    assert_eq!(ranks.graph().degree(person(2)), 3);
    ranks.unfollow(person(2), person(5));
    ranks.settle();
    assert_eq!(ranks.standing().parent(person(5)), Some(person(2)));
    ranks.unfollow(person(2), person(4));
    ranks.settle();
    assert_eq!(ranks.standing().cap(person(5)), None);
    // One's own follow moves, too; one's own earlier key is oneself; a key that ended is nobody's.
    ranks.set_current(person(1), Some(person(5)));
    ranks.settle();
    assert!(ranks.standing().people().eq([2, 5, 3].map(person)));
    ranks.set_current(person(1), Some(person(0)));
    assert!(ranks.settle().strangers && ranks.standing().follows() == 1);
    ranks.set_current(person(2), None);
    ranks.settle();
    assert!(ranks.standing().is_empty() && ranks.standing().follows() == 0);
    for key in [1, 2, 4] {
        ranks.set_current(person(key), Some(person(key)));
    }
    ranks.follow(person(2), person(4));
    ranks.settle();
    assert_formula(&ranks, &Formula::new(&before, 50_000, 50), "everything as it was");
}

#[test]
fn an_authors_own_vote_and_the_readers_count_nothing() {
    let ranks = world(&[&[1], &[2], &[], &[]]).ranks(Bounds::USUAL);
    for author in [1, 2, 3] {
        assert_eq!(score(&ranks, author, &[author, 0], 9), Fixed::ZERO);
    }
    assert!(score(&ranks, 3, &[1], 0) > Fixed::ZERO);
    assert!(score(&ranks, 1, &[3], 1) > Fixed::ZERO);
}

#[test]
fn strangers_need_networks() {
    let nobody = world(&[&[], &[], &[], &[]]).ranks(Bounds::USUAL);
    assert_eq!(score(&nobody, 1, &[2, 3], 0), Fixed::ZERO);
    // 0.3 · log₂(1 + 1), rounded down.
    assert_eq!(score(&nobody, 1, &[2, 3], 1), Fixed::from_bits((3 << 32) / 10));
    assert_eq!(score(&nobody, 1, &[2], 1_000_000), score(&nobody, 1, &[2, 3], 1));
    let followed = world(&[&[1], &[], &[], &[]]).ranks(Bounds::USUAL);
    assert_eq!(score(&followed, 1, &[2], 1), Fixed::from_bits((3 << 32) / 20));
    let item = Item { author: None, voters: &[], unknown: 3, networks: 3 };
    let unknown = Scorer::default().score(nobody.standing(), &item);
    assert_eq!(unknown, Fixed::from_bits((6 << 32) / 10));
}

#[test]
fn who_follows_nobody_has_no_tree_until_authors_stand_in() {
    let mut ranks = world(&[&[], &[2], &[], &[]]).ranks(Bounds::USUAL);
    assert!(ranks.standing().is_empty() && ranks.standing().follows() == 0);
    let chosen = provisional(0, [key(1), key(1), key(1), key(3), key(3)], |_| false);
    assert_eq!(chosen, [key(1)]);
    let chosen: Vec<Person> = chosen.iter().map(|author| ranks.intern(author)).collect();
    ranks.set_provisional(chosen);
    let change = ranks.settle();
    assert!(change.strangers);
    assert_eq!(change.people, [person(1), person(2)]);
    assert!(score(&ranks, 3, &[2], 0) > Fixed::ZERO);
    // Followed in earnest, they stay when nobody stands in any more.
    ranks.follow(person(0), person(1));
    ranks.set_provisional([]);
    assert!(ranks.settle().is_empty());
}

#[test]
fn whoever_is_reached_only_through_somebody_muted_becomes_a_stranger() {
    let mut ranks = world(&[&[1, 4], &[2], &[3], &[], &[]]).ranks(Bounds::USUAL);
    let before = score(&ranks, 4, &[2, 3], 5);
    ranks.mute(person(2), true);
    let change = ranks.settle();
    // With fewer than 50 people the last one says what a whole vote is: so everybody's cap changed.
    let told: std::collections::BTreeSet<u32> =
        change.people.iter().map(|who| who.number()).collect();
    assert_eq!(told, [1, 2, 3, 4].into());
    assert!(!change.strangers);
    // 2 counts nothing at all, 3 as a stranger.
    assert_eq!(score(&ranks, 4, &[2, 3], 5), score(&ranks, 4, &[3], 5));
    assert_eq!(score(&ranks, 4, &[2], 5), Fixed::ZERO);
    assert_eq!(score(&ranks, 4, &[3], 5), Fixed::from_bits((3 << 32) / 30));
    ranks.mute(person(2), false);
    ranks.settle();
    assert_eq!(score(&ranks, 4, &[2, 3], 5), before);
    // A stranger who is muted is told, since the vote no longer counts.
    let mut ranks = world(&[&[1], &[], &[]]).ranks(Bounds::USUAL);
    ranks.mute(person(2), true);
    assert_eq!(ranks.settle().people, [person(2)]);
    assert_eq!(score(&ranks, 1, &[2], 5), Fixed::ZERO);
    ranks.mute(person(2), false);
    assert_eq!(ranks.settle().people, [person(2)]);
    // Muting a follow makes one fewer; muting oneself does nothing.
    ranks.mute(person(1), true);
    ranks.mute(person(0), true);
    assert!(ranks.settle().strangers && ranks.standing().follows() == 0);
}

/// Person 0 follows 1; everybody else follows 2, whom 1 follows, too.
#[test]
fn somebody_followed_by_a_million_is_repaired_like_anybody() {
    let count = 1_000_000;
    let mut people = People::with_capacity(count as usize);
    (0..count).for_each(|number| _ = people.intern(&key(number)));
    let rows = (0..count).map(|who| {
        let row: Vec<u32> = match who {
            0 => vec![1],
            1 => (2..1_002).collect(),
            _ => vec![2],
        };
        (person(who), row.into_iter().map(person))
    });
    let graph = Graph::load(people, rows).unwrap();
    assert_eq!(graph.followers(person(2)).count(), count as usize - 2);
    let mut ranks = Ranks::new(graph, Some(&key(0)), []);
    assert_eq!(ranks.standing().len(), 1_001);
    let cap = ranks.standing().cap(person(2)).unwrap();
    ranks.unfollow(person(1), person(2));
    ranks.settle();
    // Another way is longer: 0 → 1 → somebody → 2.
    let smallest = (3..1_002).min_by_key(|number| key(*number)).map(person);
    assert_eq!(ranks.standing().parent(person(2)), smallest);
    assert!(ranks.standing().cap(person(2)).unwrap() < cap);
    ranks.follow(person(1), person(2));
    ranks.settle();
    assert_eq!(ranks.standing().parent(person(2)), Some(person(1)));
    assert_eq!(ranks.standing().cap(person(2)), Some(cap));
    // All of them follow the next key at once, and the old one again if that was not to be.
    ranks.set_current(person(2), Some(person(count - 1)));
    ranks.settle();
    assert_eq!(ranks.standing().cap(person(count - 1)), Some(cap));
    assert_eq!(ranks.standing().cap(person(2)), None);
    ranks.set_current(person(2), Some(person(2)));
    ranks.settle();
    assert_eq!(ranks.standing().cap(person(2)), Some(cap));
}

#[test]
fn the_hundred_thousand_whom_somebody_follows_weigh_no_more_than_that_person() {
    let (near, count) = (60, 100_000);
    let mut people = People::with_capacity(count as usize + 100);
    (0..=near + count).for_each(|number| _ = people.intern(&key(number)));
    let rows = [(person(0), 1..near + 1), (person(1), near + 1..near + 1 + count)];
    let graph = Graph::load(people, rows.map(|(who, row)| (who, row.map(person)))).unwrap();
    let ranks = Ranks::new(graph, Some(&key(0)), []);
    assert_eq!(ranks.standing().len(), 50_000);
    let weakest = ranks.standing().people().last().unwrap();
    let cap = ranks.standing().cap(weakest).unwrap().to_f64();
    assert!((cap - 0.85 / 100_000_f64.sqrt()).abs() < 1e-6, "{cap}");
    let all: Vec<u32> = (near + 1..near + 1 + count).collect();
    assert_eq!(score(&ranks, 0, &all, 0), Fixed::from_int(1));
}

#[test]
fn of_a_hundred_thousand_follows_the_smallest_keys_are_kept() {
    let count = 100_000;
    let mut people = People::with_capacity(count as usize + 1);
    (0..=count).for_each(|number| _ = people.intern(&key(number)));
    let graph = Graph::load(people, [(person(0), (1..=count).map(person))]).unwrap();
    let mut ranks = Ranks::new(graph, Some(&key(0)), []);
    let mut sorted: Vec<u32> = (1..=count).collect();
    sorted.sort_by_key(|number| key(*number));
    let kept = |ranks: &Ranks| {
        let mut kept: Vec<u32> = ranks.standing().people().map(Person::number).collect();
        kept.sort_by_key(|number| key(*number));
        kept
    };
    assert_eq!(kept(&ranks), sorted[..50_000]);
    assert_eq!(ranks.standing().follows(), count);
    let gone = sorted.remove(7);
    ranks.unfollow(person(0), person(gone));
    let change = ranks.settle();
    assert_eq!(kept(&ranks), sorted[..50_000]);
    assert_eq!(change.people, [sorted[49_999], gone].map(person));
    // Followed by a reader who follows one person, they are worth very little each.
    assert_eq!(score(&ranks, gone, &sorted, 0), Fixed::from_int(50_000));
}

#[test]
fn a_path_of_many_thousands_ends_where_nothing_is_left_of_it() {
    let count = 30_000;
    let rows = (0..count).map(|who| [(who + 1) % count].into()).collect();
    let world = World { follows: rows, ..World::default() };
    let mut ranks = world.ranks(Bounds::USUAL);
    // 0.85^n is below 2⁻⁴⁰⁹⁵ after 17,466 steps.
    assert_eq!(ranks.standing().len(), 17_470);
    ranks.unfollow(person(100), person(101));
    ranks.follow(person(0), person(17_000));
    ranks.settle();
    let mut changed = world.clone();
    changed.follows[100].clear();
    changed.follows[0].insert(17_000);
    assert_eq!(ranks.standing().len(), changed.ranks(Bounds::USUAL).standing().len());
}

#[test]
fn items_of_the_same_second_and_votes_in_any_order_are_ranked_the_same() {
    let ranks = world(&[&[1, 2], &[3, 4], &[4, 5], &[], &[], &[]]).ranks(Bounds::USUAL);
    let one = score(&ranks, 0, &[1, 3, 4, 5, 2], 3);
    let other = score(&ranks, 0, &[5, 4, 3, 2, 1], 3);
    let now = 1_800_000_000;
    assert_eq!(one, other);
    assert_eq!(hot(one, now), hot(other, now));
    let kept: [Hot; 2] = [hot(one, now), hot(one, now + 1)];
    assert!(kept[0] < kept[1]);
}
