//! Scores kept up to date, against scores computed anew from all records; and what they are made of.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;

use common::{NOW, board, public, slot, succession};
use upseed_model::{
    BoardName, Network, Record, SecretKey, SignedItem, SignedStatement, Statement, StatementDraft,
    WorkId,
    limits::HORIZON_DAYS,
    rank::{Sort, Window},
};
use upseed_rank::Fixed;
use upseed_store::{Store, TopQuery};

const ME: u8 = 1;

/// What a history is made of.
#[derive(Clone, Copy)]
struct Kind {
    people: u8,
    /// The first of them write all posts.
    authors: u8,
    /// Keys hand over to others and end, what is old leaves the store, and the clock goes back.
    successions: bool,
}

const SETTLED: Kind = Kind { people: 9, authors: 9, successions: false };
const MOVING: Kind = Kind { people: 14, authors: 6, successions: true };

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        let Self(state) = self;
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 33) as usize % end
    }

    /// Some of so many, ascending.
    fn some(&mut self, of: usize) -> Vec<usize> {
        (0..of).filter(|_| self.below(3) == 0).collect()
    }
}

fn post(author: u8, on: BoardName, time: u64) -> SignedItem {
    common::post(author, on, &format!("By {author} at {time}"), time)
}

fn say(author: u8, on: BoardName, time: u64, content: Statement) -> Record {
    Record::Statement(common::statement(author, &[on], time, content))
}

fn votes(voter: u8, on: BoardName, time: u64, number: u8, targets: &[&SignedItem]) -> Record {
    let targets: BTreeSet<WorkId> = targets.iter().map(|item| item.work()).collect();
    let targets = targets.into_iter().collect();
    say(voter, on, time, Statement::Ballot { slot: slot(1, number), targets })
}

fn follows(follower: u8, time: u64, number: u8, people: &[u8]) -> Record {
    Record::Statement(common::follow_list(follower, time, number, people))
}

fn score_all(store: &Store) {
    while store.rescore().unwrap() {}
    assert!(store.is_scored().unwrap());
}

fn query(sort: Sort, known: Option<bool>) -> TopQuery {
    let boards = vec![board("a"), board("b")];
    let (window, limit, now) = (Window::All, 100, NOW + 1_000);
    TopQuery { boards, window, sort, limit, now, hidden: true, texts: false, known }
}

/// Everything is what an oracle makes of the records, and lists are in the order of the scores.
fn sound(store: &Store) {
    score_all(store);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    let top = store.top(&query(Sort::Top, None)).unwrap();
    assert!(top.is_sorted_by(|a, b| a.score >= b.score));
    for row in &top {
        let reasons = store.reasons(&row.item.work(), NOW).unwrap().unwrap();
        let parts: Fixed = reasons.branches.iter().map(|branch| branch.points).sum();
        assert_eq!(parts.plus(reasons.strangers_points), row.score, "{reasons:?}");
        assert_eq!(reasons.score, row.score);
        let counted: u32 = reasons.branches.iter().map(|b| b.behind + u32::from(b.voted)).sum();
        let all = counted + reasons.strangers + reasons.muted + u32::from(reasons.mine);
        assert_eq!(all, row.votes, "{reasons:?}");
    }
    let (new, known) = (query(Sort::New, None), query(Sort::New, Some(true)));
    let works = |query: &TopQuery| -> Vec<WorkId> {
        store.top(query).unwrap().iter().map(|row| row.item.work()).collect()
    };
    let mut both = works(&known);
    both.extend(works(&TopQuery { known: Some(false), ..known }));
    assert_eq!(works(&new), both);
}

/// One thing that happens; restarts now and then.
fn step(
    store: &mut Store,
    path: &std::path::Path,
    (kind, random): (Kind, &mut Random),
    items: &[SignedItem],
) {
    let time = NOW + random.below(400) as u64;
    let on = [board("a"), board("b")][random.below(2)];
    let people = usize::from(kind.people);
    let (who, number) = (1 + random.below(people) as u8, random.below(2) as u8);
    let item = &items[random.below(items.len())];
    let now = NOW + if kind.successions { random.below(500) as u64 } else { 500 };
    let record = match random.below(if kind.successions { 19 } else { 14 }) {
        0..=3 => {
            let chosen: Vec<_> = random.some(items.len()).into_iter().map(|n| &items[n]).collect();
            Some(votes(who, on, time, number, &chosen))
        }
        4..=6 => {
            let people: Vec<u8> = random.some(people).into_iter().map(|n| n as u8 + 1).collect();
            Some(follows(who, time, number, &people))
        }
        7 => Some(say(who, on, time, Statement::Retraction { targets: vec![item.work()] })),
        8 => {
            store.mute(&public(who), time).unwrap();
            None
        }
        9 => {
            store.unmute(&public(who)).unwrap();
            None
        }
        10 => {
            store.wish_up(&item.work(), time).unwrap();
            None
        }
        11 => {
            store.wish_down(&item.work(), time).unwrap();
            None
        }
        12 => {
            let network = Network::of([203, 0, random.below(6) as u8, 1].into());
            store.set_verified(&[(item.infohash(), vec![network])], time).unwrap();
            None
        }
        13 => {
            *store = Store::open_in_memory().unwrap();
            *store = Store::open(path).unwrap();
            None
        }
        14 => {
            store.expire(NOW + 2 * 86_400).unwrap();
            None
        }
        _ => {
            let next = (random.below(8) > 0).then(|| 1 + random.below(people) as u8);
            // Some of them will have been said long ago, and leave the store soon.
            let old = NOW - (HORIZON_DAYS - 1) * 86_400 + number as u64;
            let time = if random.below(2) == 0 { old } else { time };
            (next != Some(who)).then(|| Record::Statement(succession(who, next, &[on], time)))
        }
    };
    if let Some(record) = record {
        store.ingest(&[record], now).unwrap();
    }
}

#[test]
fn random_histories_give_what_an_oracle_gives() {
    histories(SETTLED, 10);
}

/// Successions among them: chains, rivals, circles, revocations, and such as leave the store.
#[test]
fn random_histories_with_successions_give_what_an_oracle_gives() {
    histories(MOVING, 20);
}

/// `UPSEED_HISTORIES=500` tries more of them than the usual ones.
fn histories(kind: Kind, usual: u64) {
    let asked = std::env::var("UPSEED_HISTORIES").ok().and_then(|count| count.parse().ok());
    for seed in 0..asked.unwrap_or(usual) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let mut random = Random(seed);
        let items: Vec<SignedItem> = (0..12)
            .map(|n| {
                let on = [board("a"), board("b")][n % 2];
                post(1 + n as u8 % kind.authors, on, NOW - 100 + n as u64)
            })
            .collect();
        let mut store = Store::open(&path).unwrap();
        // In some histories I am nobody yet for a while, or never.
        let late = random.below(60);
        let mut waiting = items.iter();
        for n in 0..50 {
            if n == late {
                store.set_me(Some(public(ME))).unwrap();
            }
            if n % 3 == 0
                && let Some(item) = waiting.next()
            {
                store.ingest(&[Record::Item(item.clone())], NOW + 1).unwrap();
            }
            let is_here = |item: &&SignedItem| store.has(&item.work()).unwrap();
            let here: Vec<SignedItem> = items.iter().filter(is_here).cloned().collect();
            step(&mut store, &path, (kind, &mut random), &here);
            if n % 7 == 0 {
                sound(&store);
            }
        }
        store
            .ingest(&waiting.map(|item| Record::Item(item.clone())).collect::<Vec<_>>(), NOW)
            .unwrap();
        sound(&store);
        let before = store.derived().unwrap();
        store.rebuild_derived().unwrap();
        assert_eq!(store.derived().unwrap(), before, "seed {seed}");
        sound(&store);
    }
}

#[test]
fn what_the_people_whom_i_follow_vote_for_is_above_what_a_hundred_keys_vote_for() {
    let store = Store::open_in_memory().unwrap();
    store.set_me(Some(public(ME))).unwrap();
    let on = board("a");
    let (good, junk) = (post(5, on, NOW - 50), post(6, on, NOW - 10));
    let records = [Record::Item(good.clone()), Record::Item(junk.clone())];
    store.ingest(&records, NOW).unwrap();
    store.ingest(&[follows(ME, NOW, 0, &[2, 3, 4]), follows(2, NOW, 0, &[7])], NOW).unwrap();
    store.ingest(&[votes(7, on, NOW, 0, &[&good])], NOW).unwrap();
    let farm: Vec<Record> = (0..100_u32)
        .map(|n| {
            let mut seed = [77; 32];
            seed[..4].copy_from_slice(&n.to_le_bytes());
            let key = SecretKey::from_seed(&seed);
            let content = Statement::Ballot { slot: slot(1, 0), targets: vec![junk.work()] };
            let boards = vec![on];
            let draft = StatementDraft { author: key.public(), boards, time: NOW, content };
            let signed = draft.puzzle(0).solve(&key);
            Record::Statement(SignedStatement::from_bytes(&signed).unwrap())
        })
        .collect();
    store.ingest(&farm, NOW).unwrap();
    // Even if it has been seen with somebody.
    let network = Network::of([203, 0, 113, 1].into());
    store.set_seeds(&junk.infohash(), 1_000, true, NOW).unwrap();
    store.set_verified(&[(junk.infohash(), vec![network])], NOW).unwrap();
    score_all(&store);
    let top = store.top(&query(Sort::Top, None)).unwrap();
    let works: Vec<_> = top.iter().map(|row| row.item.work()).collect();
    assert_eq!(works, [good.work(), junk.work()]);
    assert_eq!(top[1].votes, 100);
    let why = store.reasons(&junk.work(), NOW).unwrap().unwrap();
    assert_eq!((why.branches.len(), why.strangers, why.networks), (0, 100, 1));
    assert!(why.score < Fixed::from_bits(1 << 29), "an eighth: {}", why.score);
    let why = store.reasons(&good.work(), NOW).unwrap().unwrap();
    assert_eq!((why.branches[0].person, why.branches[0].behind), (public(2), 1));
    let place = why.place.unwrap();
    assert_eq!((place.number, place.without_strongest), (Some(1), Some(2)));
    // Unfollowed, nothing leads there any more.
    store.ingest(&[follows(ME, NOW + 1, 0, &[3, 4])], NOW + 1).unwrap();
    score_all(&store);
    assert_eq!(store.top(&query(Sort::Top, None)).unwrap()[0].item.work(), junk.work());
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_vote_that_comes_together_with_a_follow_counts_once() {
    let store = Store::open_in_memory().unwrap();
    store.set_me(Some(public(ME))).unwrap();
    let (on, item) = (board("a"), post(5, board("a"), NOW - 50));
    store.ingest(&[Record::Item(item.clone()), votes(2, on, NOW, 0, &[&item])], NOW).unwrap();
    store.ingest(&[follows(ME, NOW, 0, &[2]), votes(8, on, NOW, 0, &[&item])], NOW).unwrap();
    score_all(&store);
    assert_eq!(store.item_by_work(&item.work()).unwrap().unwrap().votes, 2);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn authors_of_three_upvoted_posts_count_as_followed_until_three_are() {
    let store = Store::open_in_memory().unwrap();
    store.set_me(Some(public(ME))).unwrap();
    let on = board("a");
    let liked: Vec<SignedItem> = (0..3).map(|n| post(2, on, NOW - n)).collect();
    let other = post(8, on, NOW - 9);
    let items = liked.iter().chain([&other]).map(|item| Record::Item(item.clone()));
    store.ingest(&items.collect::<Vec<_>>(), NOW).unwrap();
    store.ingest(&[votes(2, on, NOW, 0, &[&other])], NOW).unwrap();
    for item in &liked {
        assert!(store.reasons(&other.work(), NOW).unwrap().unwrap().branches.is_empty());
        store.wish_up(&item.work(), NOW).unwrap();
    }
    score_all(&store);
    let why = store.reasons(&other.work(), NOW).unwrap().unwrap();
    assert!(why.branches[0].is_provisional && why.branches[0].voted);
    assert_eq!((why.follows, why.provisional), (1, 1));
    store.ingest(&[follows(ME, NOW, 0, &[3, 4, 5])], NOW).unwrap();
    score_all(&store);
    let why = store.reasons(&other.work(), NOW).unwrap().unwrap();
    assert_eq!((why.branches.len(), why.follows, why.provisional, why.strangers), (0, 3, 0, 1));
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}
