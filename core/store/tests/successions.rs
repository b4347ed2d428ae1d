//! What becomes of a key's lists, posts and mutes when another key succeeds it.

#![allow(clippy::unwrap_used)]

mod common;

use common::{NOW, answer, ballot, board, post, public, slot, starter_list, statement, succession};
use upseed_model::{Record, SignedItem, SignedStatement, limits::HORIZON_DAYS};
use upseed_store::{Outcome, Store, Succession};

struct World {
    store: Store,
    post: SignedItem,
}

impl World {
    /// Person 2 upvoted a post of person 1 and suggested somebody.
    fn new() -> Self {
        let store = Store::open_in_memory().unwrap();
        let post = post(1, board("a"), "one", NOW - 100);
        store.ingest(&[Record::Item(post.clone())], NOW).unwrap();
        let world = Self { store, post };
        world.keep(&[
            ballot(2, board("a"), slot(1, 0), NOW - 90, &[&world.post]),
            statement(2, &[board("a")], NOW - 90, starter_list(0, &[4])),
        ]);
        world
    }

    fn keep(&self, statements: &[SignedStatement]) {
        let records: Vec<_> = statements.iter().cloned().map(Record::Statement).collect();
        let outcomes = self.store.ingest(&records, NOW).unwrap();
        assert!(outcomes.iter().all(|outcome| *outcome == Outcome::New), "{outcomes:?}");
        assert_eq!(self.store.check().unwrap(), Vec::<String>::new());
    }

    fn hand_over(&self, old: u8, new: impl Into<Option<u8>>, time: u64) {
        self.keep(&[succession(old, new.into(), &[board("a")], time)]);
    }

    fn counted(&self) -> (u32, usize) {
        let votes = self.store.item_by_work(&self.post.work()).unwrap().unwrap().votes;
        (votes, self.store.starter_lists(&board("a"), &[], 9).unwrap().len())
    }

    fn current(&self, n: u8) -> Option<u8> {
        let current = self.store.current(&public(n)).unwrap()?;
        (1..=9).find(|n| public(*n) == current)
    }
}

#[test]
fn lists_of_a_key_count_until_it_is_succeeded_and_no_more() {
    let world = World::new();
    assert_eq!((world.counted(), world.current(2)), ((1, 1), Some(2)));
    assert_eq!(world.store.succession(&public(2)).unwrap(), None);
    world.hand_over(2, 3, NOW - 50);
    assert_eq!((world.counted(), world.current(2)), ((0, 0), Some(3)));
    let expected = Succession { current: Some(public(3)), since: NOW - 50, first_seen: NOW };
    assert_eq!(world.store.succession(&public(2)).unwrap(), Some(expected));
    assert_eq!(world.store.earlier_keys(&public(3)).unwrap(), [public(2)]);
    // What the old key says from now on, with whatever time, counts nothing; the new key's does.
    world.keep(&[ballot(2, board("a"), slot(1, 1), NOW - 80, &[&world.post])]);
    assert_eq!(world.counted(), (0, 0));
    world.keep(&[ballot(3, board("a"), slot(1, 0), NOW - 40, &[&world.post])]);
    assert_eq!(world.counted(), (1, 0));
}

#[test]
fn rivals_and_circles_lead_to_no_key_and_chains_to_the_last() {
    let world = World::new();
    world.hand_over(2, 3, NOW - 50);
    world.hand_over(3, 4, NOW - 40);
    assert_eq!([2, 3, 4].map(|n| world.current(n)), [Some(4); 3]);
    let mut earlier = world.store.earlier_keys(&public(4)).unwrap();
    earlier.sort_unstable();
    let mut both = [public(2), public(3)];
    both.sort_unstable();
    assert_eq!(earlier, both);
    // An earlier one that names another key.
    world.hand_over(3, 5, NOW - 99);
    assert_eq!([2, 3, 4, 5].map(|n| world.current(n)), [None, None, Some(4), Some(5)]);
    assert_eq!(world.store.earlier_keys(&public(4)).unwrap(), []);
    assert_eq!(world.store.succession(&public(3)).unwrap().unwrap().since, NOW - 99);
    world.hand_over(6, 7, NOW);
    world.hand_over(7, 6, NOW);
    assert_eq!([6, 7].map(|n| world.current(n)), [None; 2]);
    world.hand_over(8, None, NOW);
    assert_eq!(world.current(8), None);
}

#[test]
fn posts_stay_and_are_the_new_keys_but_for_later_ones() {
    let world = World::new();
    let late = answer(1, &world.post, "late", NOW - 10);
    world.store.ingest(&[Record::Item(late.clone())], NOW).unwrap();
    let hidden =
        |item: &SignedItem| world.store.item_by_work(&item.work()).unwrap().unwrap().hidden;
    assert!(!hidden(&late));
    world.hand_over(1, 2, NOW - 20);
    assert_eq!((hidden(&world.post), hidden(&late)), (false, true));
    let by = |n| world.store.by_author(&public(n), u64::MAX, 9).unwrap();
    let works = |n| by(n).iter().map(|row| row.item.work()).collect::<Vec<_>>();
    assert_eq!(works(2), [late.work(), world.post.work()]);
    assert_eq!(works(1), works(2), "also where the old key is asked for");
}

#[test]
fn replies_to_what_the_old_key_wrote_reach_the_new_one() {
    let world = World::new();
    world.store.set_me(Some(public(2))).unwrap();
    let reply = answer(3, &world.post, "reply", NOW - 10);
    world.store.ingest(&[Record::Item(reply.clone())], NOW).unwrap();
    assert_eq!(world.store.inbox(9).unwrap().len(), 0);
    world.hand_over(1, 2, NOW - 20);
    let inbox = world.store.inbox(9).unwrap();
    assert_eq!(inbox.iter().map(|row| row.item.work()).collect::<Vec<_>>(), [reply.work()]);
}

#[test]
fn my_votes_become_wishes_of_my_next_key() {
    let world = World::new();
    world.store.set_me(Some(public(2))).unwrap();
    world.hand_over(2, 3, NOW - 20);
    world.store.succeed_me(public(3), NOW).unwrap();
    let row = world.store.item_by_work(&world.post.work()).unwrap().unwrap();
    assert_eq!((world.store.me(), row.upvoted, row.votes), (Some(public(3)), true, 1));
    let wishes = world.store.pending_votes().unwrap();
    assert_eq!(
        wishes.iter().map(|vote| (vote.work, vote.up)).collect::<Vec<_>>(),
        [(world.post.work(), true)]
    );
    assert_eq!(world.store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn who_is_muted_stays_muted_with_the_next_key() {
    let world = World::new();
    world.store.mute(&public(2), NOW).unwrap();
    world.hand_over(2, 3, NOW - 20);
    assert!(world.store.is_muted(&public(3)).unwrap());
    world.store.unmute(&public(3)).unwrap();
    assert!(!world.store.is_muted(&public(3)).unwrap());
}

#[test]
fn who_is_muted_is_so_with_an_earlier_key_that_is_heard_of_later() {
    let world = World::new();
    world.store.mute(&public(3), NOW).unwrap();
    world.hand_over(1, 3, NOW - 20);
    assert!(world.store.is_muted(&public(1)).unwrap());
    assert!(world.store.item_by_work(&world.post.work()).unwrap().unwrap().hidden);
}

#[test]
fn a_succession_that_leaves_the_store_is_undone() {
    let world = World::new();
    let old = NOW - HORIZON_DAYS * 86_400 + 86_400;
    world.hand_over(2, 3, old);
    assert_eq!((world.counted(), world.current(2)), ((0, 0), Some(3)));
    world.store.expire(NOW + 3 * 86_400).unwrap();
    assert_eq!((world.counted(), world.current(2)), ((1, 1), Some(2)));
    assert_eq!(world.store.check().unwrap(), Vec::<String>::new());
    world.hand_over(2, None, NOW - 5);
    assert_eq!(world.counted(), (0, 0));
    world.store.rebuild_derived().unwrap();
    assert_eq!((world.counted(), world.current(2)), ((0, 0), None));
}
