//! Trust, and what one wrote, go with a person from key to key.

#![allow(clippy::unwrap_used)]

mod common;

use common::{NOW, ballot, board, follow_list, post, public, slot, succession};
use upseed_model::{Record, SecretKey, SignedItem, SignedStatement, limits::HORIZON_DAYS};
use upseed_store::{Reasons, Store};

const ME: u8 = 1;
const DAY: u64 = 86_400;

struct World {
    store: Store,
    /// By person 9.
    post: SignedItem,
}

impl World {
    fn new() -> Self {
        let store = Store::open_in_memory().unwrap();
        store.set_me(Some(public(ME))).unwrap();
        let world = Self { store, post: post(9, board("a"), "nine", NOW - 100) };
        world.post_is_here(&world.post);
        world
    }

    fn post_is_here(&self, item: &SignedItem) {
        self.store.ingest(&[Record::Item(item.clone())], NOW).unwrap();
    }

    fn keep(&self, statements: &[SignedStatement]) {
        let records: Vec<_> = statements.iter().cloned().map(Record::Statement).collect();
        self.store.ingest(&records, NOW).unwrap();
        while self.store.rescore().unwrap() {}
        assert_eq!(self.store.check().unwrap(), Vec::<String>::new());
    }

    fn hand_over(&self, old: u8, new: impl Into<Option<u8>>, time: u64) {
        self.keep(&[succession(old, new.into(), &[board("a")], time)]);
    }

    fn vote(&self, who: u8, item: &SignedItem) {
        self.keep(&[ballot(who, board("a"), slot(1, 0), NOW - 10, &[item])]);
    }

    fn why(&self, item: &SignedItem) -> Reasons {
        self.store.reasons(&item.work(), NOW).unwrap().unwrap()
    }

    /// Through whom the votes on the post of person 9 came.
    fn through(&self) -> Vec<u8> {
        let person = |key| (1..=30).find(|n| public(*n) == key).unwrap();
        self.why(&self.post).branches.iter().map(|branch| person(branch.person)).collect()
    }

    fn is_known(&self, item: &SignedItem) -> bool {
        self.store.item_by_work(&item.work()).unwrap().unwrap().known
    }
}

#[test]
fn a_follow_of_an_old_key_counts_for_the_votes_of_the_new_one() {
    let world = World::new();
    world.keep(&[follow_list(ME, NOW - 90, 0, &[2]), follow_list(2, NOW - 90, 0, &[5])]);
    world.vote(2, &world.post);
    assert_eq!(world.through(), [2]);
    world.hand_over(2, 3, NOW - 50);
    assert_eq!(world.through(), [], "the old key's ballots count no more");
    world.vote(3, &world.post);
    assert_eq!(world.through(), [3], "named by the key that they have now");
    assert!(world.why(&world.post).branches[0].voted);
    // From hand to hand; and so do the follows of others.
    world.hand_over(3, 4, NOW - 40);
    world.vote(4, &world.post);
    world.hand_over(5, 6, NOW - 40);
    world.keep(&[follow_list(4, NOW - 30, 0, &[5])]);
    world.vote(6, &world.post);
    let why = world.why(&world.post);
    assert_eq!((world.through(), why.branches[0].behind), (vec![4], 1));
    assert_eq!((why.follows, why.provisional), (1, 0));
    // After a restart, too.
    world.store.rebuild_derived().unwrap();
    assert_eq!((world.through(), world.why(&world.post)), (vec![4], why));
}

#[test]
fn a_follow_of_a_key_that_ended_is_a_follow_of_nobody() {
    let world = World::new();
    world.keep(&[follow_list(ME, NOW - 90, 0, &[2, 7]), follow_list(7, NOW - 90, 0, &[2])]);
    world.hand_over(2, 3, NOW - 50);
    world.vote(3, &world.post);
    assert_eq!((world.through(), world.why(&world.post).follows), (vec![3], 2));
    // A rival: the key leads nowhere, whoever else is named.
    world.hand_over(2, 4, NOW - 60);
    world.vote(4, &world.post);
    let why = world.why(&world.post);
    assert_eq!((world.through(), why.follows, why.strangers), (vec![], 1, 2));
    world.hand_over(7, None, NOW - 20);
    assert_eq!(world.why(&world.post).follows, 0);
}

#[test]
fn when_a_succession_leaves_the_store_the_old_key_is_followed_again() {
    let world = World::new();
    world.keep(&[follow_list(ME, NOW - 90, 0, &[2])]);
    world.vote(2, &world.post);
    world.vote(3, &world.post);
    world.hand_over(2, 3, NOW - (HORIZON_DAYS - 1) * DAY);
    assert_eq!(world.through(), [3]);
    world.store.expire(NOW + 2 * DAY).unwrap();
    world.keep(&[]);
    assert_eq!(world.through(), [2]);
}

#[test]
fn both_keys_are_followed_once_and_until_both_are_unfollowed() {
    let world = World::new();
    world.hand_over(2, 3, NOW - 50);
    world.vote(3, &world.post);
    world.keep(&[follow_list(ME, NOW - 40, 0, &[2]), follow_list(ME, NOW - 40, 1, &[3, 4])]);
    assert_eq!((world.through(), world.why(&world.post).follows), (vec![3], 2));
    world.keep(&[follow_list(ME, NOW - 30, 1, &[4])]);
    assert_eq!((world.through(), world.why(&world.post).follows), (vec![3], 2));
    world.keep(&[follow_list(ME, NOW - 20, 0, &[])]);
    assert_eq!((world.through(), world.why(&world.post).follows), (vec![], 1));
}

#[test]
fn what_somebody_wrote_with_an_old_key_is_theirs() {
    let world = World::new();
    let voters = || world.store.voters(&world.post.work(), 9).unwrap();
    world.keep(&[follow_list(ME, NOW - 90, 0, &[3])]);
    world.vote(3, &world.post);
    assert_eq!((world.through(), voters()), (vec![3], vec![public(3)]));
    // Then it was a vote for themselves.
    world.hand_over(9, 3, NOW - 50);
    let row = world.store.item_by_work(&world.post.work()).unwrap().unwrap();
    assert_eq!((world.through(), row.votes, voters()), (vec![], 0, vec![]));
    assert!(world.is_known(&world.post), "by somebody whom I follow");
    // Also one that comes later, and on a post that comes later.
    let other = post(9, board("a"), "other", NOW - 99);
    world.keep(&[ballot(3, board("a"), slot(1, 1), NOW - 9, &[&other])]);
    world.post_is_here(&other);
    assert!(world.why(&other).branches.is_empty() && world.is_known(&other));
    // It goes with them when they go on, and when they are followed no more.
    world.hand_over(3, 4, NOW - 40);
    assert!(world.is_known(&world.post) && world.is_known(&other));
    world.keep(&[follow_list(ME, NOW - 30, 0, &[])]);
    assert!(!world.is_known(&world.post) && !world.is_known(&other));
    // A rival: then nobody wrote it.
    world.keep(&[follow_list(ME, NOW - 20, 0, &[9, 4])]);
    assert!(world.is_known(&world.post));
    world.hand_over(9, 5, NOW - 40);
    assert!(!world.is_known(&world.post));
}

#[test]
fn what_i_wrote_with_an_old_key_is_mine() {
    let world = World::new();
    world.hand_over(9, ME, NOW - 50);
    assert!(world.is_known(&world.post));
    world.store.wish_up(&world.post.work(), NOW).unwrap();
    world.vote(ME, &world.post);
    let row = world.store.item_by_work(&world.post.work()).unwrap().unwrap();
    assert_eq!((row.votes, world.why(&world.post).mine), (0, false));
    // Who follows my old key follows me, which tells me nothing.
    world.keep(&[follow_list(ME, NOW - 40, 0, &[9, 2]), follow_list(2, NOW - 40, 0, &[9])]);
    assert_eq!(world.why(&world.post).follows, 1);
}

#[test]
fn posts_of_all_their_keys_make_an_author_count_as_followed() {
    let world = World::new();
    let liked = [(7, "one"), (7, "two"), (8, "three")]
        .map(|(author, title)| post(author, board("a"), title, NOW - 99));
    for item in &liked {
        world.post_is_here(item);
        world.store.wish_up(&item.work(), NOW).unwrap();
    }
    world.vote(8, &world.post);
    assert_eq!(world.through(), []);
    world.hand_over(7, 8, NOW - 50);
    assert_eq!(world.through(), [8]);
    assert!(world.why(&world.post).branches[0].is_provisional);
}

#[test]
fn who_was_muted_with_the_old_key_counts_nothing_with_the_new_one() {
    let world = World::new();
    world.keep(&[follow_list(ME, NOW - 90, 0, &[2, 4]), follow_list(4, NOW - 90, 0, &[2])]);
    world.store.mute(&public(2), NOW).unwrap();
    world.hand_over(2, 3, NOW - 50);
    world.vote(3, &world.post);
    let why = world.why(&world.post);
    assert_eq!((world.through(), why.muted, why.follows), (vec![], 1, 1));
}

#[test]
fn of_two_lists_of_the_same_second_all_nodes_follow_the_same() {
    let two = [follow_list(ME, NOW - 90, 0, &[2]), follow_list(ME, NOW - 90, 0, &[3])];
    let mut found = Vec::new();
    for order in [[0, 1], [1, 0]] {
        let world = World::new();
        world.vote(2, &world.post);
        world.vote(3, &world.post);
        order.iter().for_each(|n| world.keep(&[two[*n].clone()]));
        found.push(world.through());
    }
    let newer = if two[0].work() > two[1].work() { 2 } else { 3 };
    assert_eq!(found, [[newer], [newer]]);
}

#[test]
fn a_clock_that_went_back_changes_nothing_of_what_others_said() {
    let world = World::new();
    world.keep(&[follow_list(ME, NOW - 90, 0, &[2])]);
    world.vote(2, &world.post);
    let (score, before) = (world.why(&world.post).score, NOW - 300 * DAY);
    // A year ago by this machine: what is here stays, an older list does not come back, a newer one counts.
    world.store.expire(before).unwrap();
    let late = [follow_list(ME, NOW - 95, 0, &[3]), follow_list(2, NOW - 80, 0, &[4])];
    world.store.ingest(&late.map(Record::Statement), before).unwrap();
    world.keep(&[ballot(4, board("a"), slot(1, 0), NOW - 10, &[&world.post])]);
    assert_eq!(world.through(), [2]);
    assert!(world.why(&world.post).score > score);
    // A post that is read then is as old as this machine says.
    let early = post(8, board("a"), "early", NOW - 50);
    world.store.ingest(&[Record::Item(early.clone())], before).unwrap();
    world.keep(&[]);
    assert_eq!(world.why(&early).place.unwrap().number, Some(2));
}

/// A store opens before its follows are loaded if they are many.
#[test]
fn what_changes_before_many_follows_are_loaded_counts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let world = World { store: Store::open(&path).unwrap(), ..World::new() };
    world.store.set_me(Some(public(ME))).unwrap();
    world.post_is_here(&world.post);
    world.keep(&[follow_list(ME, NOW - 90, 0, &[2]), follow_list(2, NOW - 90, 0, &[3])]);
    world.vote(3, &world.post);
    assert_eq!(world.through(), [2]);
    let many: Vec<_> = (0..320_u16)
        .map(|n| {
            let seed = [[n.to_le_bytes(); 8].concat(), vec![7; 16]].concat();
            *SecretKey::from_seed(&seed.try_into().unwrap()).public().as_bytes()
        })
        .collect();
    let insert = |db: &rusqlite::Connection| {
        let mut insert = db.prepare("INSERT INTO keys (key) VALUES (?1)").unwrap();
        many.iter().for_each(|key| _ = insert.execute([key]).unwrap());
        db.execute_batch(
            "INSERT INTO follows SELECT a.id, b.id, 1 FROM keys a JOIN keys b
             WHERE a.id > (SELECT max(id) - 320 FROM keys) AND b.id > (SELECT max(id) - 320 FROM keys)",
        )
        .unwrap();
    };
    world.store.sql(insert).unwrap();
    let World { store, post } = world;
    drop(store);
    let world = World { store: Store::open(&path).unwrap(), post };
    assert!(!world.store.is_scored().unwrap(), "too many to be loaded at once");
    let less = [Record::Statement(follow_list(2, NOW - 80, 0, &[]))];
    world.store.ingest(&less, NOW).unwrap();
    while world.store.rescore().unwrap() {}
    let row = world.store.item_by_work(&world.post.work()).unwrap().unwrap();
    assert_eq!((world.through(), world.why(&world.post).score), (vec![], row.score));
}
