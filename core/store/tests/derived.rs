//! Derived tables depend on the set of records, not on the order in which they came.

#![allow(clippy::unwrap_used)]

mod common;

use common::{NOW, World, answer, ballot, board, post, public, slot};
use proptest::{prelude::*, test_runner::RngSeed};
use upseed_model::{Record, SignedItem, limits::HORIZON_DAYS};
use upseed_store::{Keep, Outcome, Store};

fn sound(store: &Store) {
    let faults = store.check().unwrap();
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Each digest, of any bits, is the sum of its day's records.
fn digests_are_right(store: &Store) {
    for board in ["a", "b"].map(board) {
        let days = store.digests(&board, 0..=u64::MAX, 0).unwrap();
        for bits in [0, 17, 18, 19, 20, 21, 25, 64, 255] {
            let mut expected = Vec::new();
            for day in &days {
                let mut digest = upseed_model::sync::DayDigest::empty(day.day);
                let day = store.day(&board, day.day, bits).unwrap();
                day.iter().for_each(|(_, work)| digest.insert(work));
                expected.push((digest.day, digest.count, digest.sum));
            }
            expected.retain(|(_, count, _)| *count > 0);
            let found = store.digests(&board, 0..=u64::MAX, bits).unwrap();
            let found: Vec<_> = found.iter().map(|it| (it.day, it.count, it.sum)).collect();
            assert_eq!(found, expected, "{bits} bits");
        }
    }
}

/// Until nothing waits to be scored again.
fn score_all(store: &Store) {
    while store.rescore().unwrap() {}
    assert!(store.is_scored().unwrap());
}

fn record(item: &SignedItem) -> Record {
    Record::Item(item.clone())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 60, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default()
    })]

    #[test]
    fn any_order_and_any_batches_give_the_same(
        order in Just(World::new().records()).prop_shuffle(),
        batch in 1_usize..12,
        me in prop::option::of(1_u8..5),
    ) {
        let expected = {
            let store = Store::open_in_memory().unwrap();
            store.set_me(me.map(public)).unwrap();
            store.ingest(&World::new().records(), NOW).unwrap();
            score_all(&store);
            store.derived().unwrap()
        };
        let store = Store::open_in_memory().unwrap();
        store.set_me(me.map(public)).unwrap();
        for some in order.chunks(batch) {
            store.ingest(some, NOW).unwrap();
        }
        score_all(&store);
        sound(&store);
        prop_assert_eq!(store.derived().unwrap(), expected.clone());
        store.rebuild_derived().unwrap();
        sound(&store);
        prop_assert_eq!(store.derived().unwrap(), expected);
        // Everything again changes nothing.
        for outcome in store.ingest(&order, NOW + 5).unwrap() {
            prop_assert!(!matches!(outcome, Outcome::New | Outcome::TooOld));
        }
        sound(&store);
    }

    #[test]
    fn checks_pass_after_whatever_is_done(
        steps in prop::collection::vec((0_usize..40, 0_u8..11, 0_u64..1_000), 1..60),
    ) {
        let world = World::new();
        let records = world.records();
        let store = Store::open_in_memory().unwrap();
        store.set_me(Some(public(2))).unwrap();
        for (n, what, time) in steps {
            let item = &world.items[n % world.items.len()];
            let now = NOW + time;
            let done = match what {
                0..=2 => store.ingest(&[records[n % records.len()].clone()], now).map(drop),
                3 => store.wish_up(&item.work(), now).map(drop),
                4 => store.wish_down(&item.work(), now).map(drop),
                5 => store.mark_dead(&item.work(), now),
                6 => store.mute(&item.author(), now),
                7 => store.unmute(&item.author()),
                8 => store.put_text(&item.work(), b"text", Keep::ALL[n % 3]),
                9 => store.evict_cache(time % 8).map(drop),
                _ => {
                    let day = item.time() / 86_400;
                    store.expire((day + HORIZON_DAYS + time % 3) * 86_400).map(drop)
                }
            };
            match done {
                Ok(()) | Err(upseed_store::StoreError::UnknownItem(_)) => {}
                Err(error) => panic!("{error}"),
            }
            sound(&store);
            digests_are_right(&store);
        }
        score_all(&store);
        sound(&store);
        let before = store.derived().unwrap();
        store.rebuild_derived().unwrap();
        prop_assert_eq!(store.derived().unwrap(), before);
    }
}

#[test]
fn a_deep_thread_waits_for_its_post() {
    let world = World::new();
    let (one, c1, c2, c3) = (&world.items[0], &world.items[3], &world.items[4], &world.items[5]);
    let store = Store::open_in_memory().unwrap();
    store.ingest(&[record(c3), record(c2), record(c1)], NOW).unwrap();
    let row = store.item(&c3.infohash()).unwrap().unwrap();
    assert!(!row.placed);
    assert!(store.thread(&one.work(), 10, u64::MAX).unwrap().is_empty());
    store.ingest(&[record(one)], NOW).unwrap();
    let thread = store.thread(&one.work(), 10, u64::MAX).unwrap();
    assert_eq!(thread.len(), 4);
    assert!(thread.iter().all(|it| it.row.placed && !it.cut));
    assert_eq!((thread[0].row.comments, thread[0].row.item.work()), (3, one.work()));
    let direct = store.item(&c1.infohash()).unwrap().unwrap();
    assert_eq!(direct.comments, 1, "of a comment only direct answers");
    let short = store.thread(&one.work(), 2, u64::MAX).unwrap();
    assert_eq!(short.iter().map(|it| it.cut).collect::<Vec<_>>(), [false, true]);
    let rest = store.thread(&c1.work(), 10, u64::MAX).unwrap();
    let works: Vec<_> = rest.iter().map(|it| it.row.item.work()).collect();
    assert_eq!(works, [c1.work(), c2.work(), c3.work()]);
    sound(&store);
}

#[test]
fn an_older_version_of_a_slot_is_answered_with_the_newer() {
    let world = World::new();
    let [older, newer] = [0, 1].map(|n| Record::Statement(world.statements[n].clone()));
    let store = Store::open_in_memory().unwrap();
    let all = [newer.clone(), older.clone(), newer.clone()];
    let outcomes = store.ingest(&all, NOW).unwrap();
    let superseded = Outcome::Superseded { newer: newer.bytes().to_vec() };
    assert_eq!(outcomes, [Outcome::New, superseded, Outcome::Known]);

    // The other way round the older leaves the sets.
    let store = Store::open_in_memory().unwrap();
    let (a, day) = (board("a"), older.time() / 86_400);
    store.ingest(std::slice::from_ref(&older), NOW).unwrap();
    assert!(store.has(&older.work()).unwrap());
    store.ingest(std::slice::from_ref(&newer), NOW).unwrap();
    assert!(!store.has(&older.work()).unwrap());
    assert_eq!(store.day(&a, day, 0).unwrap(), [(newer.time(), newer.work())]);
    let digests = store.digests(&a, 0..=u64::MAX, 0).unwrap();
    assert_eq!(
        (digests[0].day, digests[0].count, &digests[0].sum),
        (day, 1, newer.work().as_bytes())
    );
    assert_eq!(digests.len(), 1);
    assert_eq!(store.day_bytes(&a, day).unwrap(), newer.bytes().len() as u64);
    sound(&store);
}

#[test]
fn digests_count_only_enough_work() {
    let world = World::new();
    let store = Store::open_in_memory().unwrap();
    store.ingest(&world.records(), NOW).unwrap();
    let a = board("a");
    for bits in 0..=30 {
        for digest in store.digests(&a, 0..=u64::MAX, bits).unwrap() {
            let day = store.day(&a, digest.day, bits).unwrap();
            assert!(day.is_sorted());
            assert_eq!(day.len() as u64, digest.count);
            for (_, work) in &day {
                assert!(store.record(work).unwrap().unwrap().bits() >= bits);
            }
        }
    }
    let total = |bits| -> u64 {
        store.digests(&a, 0..=u64::MAX, bits).unwrap().iter().map(|digest| digest.count).sum()
    };
    assert!(total(0) > total(18) && total(18) > 0 && total(64) == 0);
}

#[test]
fn a_day_is_read_for_its_digests_only_when_it_changed() {
    let (world, a) = (World::new(), board("a"));
    let store = Store::open_in_memory().unwrap();
    let records = world.records();
    store.ingest(&records[1..], NOW).unwrap();
    let digests = |bits| store.digests(&a, 0..=u64::MAX, bits).unwrap();
    let before = [18, 19, 64].map(digests);
    // Nobody would see this who does not read the day.
    store.sql(|db| db.execute_batch("UPDATE members SET bits = 16").unwrap()).unwrap();
    assert_eq!([18, 19, 64].map(digests), before);
    store.ingest(&records[..1], NOW).unwrap();
    assert_ne!(digests(18), before[0]);
}

#[test]
fn what_others_signed_tells_how_late_it_is_at_least() {
    let store = Store::open_in_memory().unwrap();
    assert_eq!(store.newest_of_others().unwrap(), None);
    store.set_me(Some(public(1))).unwrap();
    let mine = post(1, board("a"), "mine", NOW + 50);
    store.ingest(&[record(&mine)], NOW + 50).unwrap();
    assert_eq!(store.newest_of_others().unwrap(), None);
    let theirs = [post(2, board("a"), "x", NOW + 7), post(2, board("b"), "y", NOW + 9)];
    store.ingest(&[record(&theirs[0]), record(&theirs[1])], NOW + 50).unwrap();
    assert_eq!(store.newest_of_others().unwrap(), Some(NOW + 9));
}

#[test]
fn what_is_beyond_the_horizon_goes_unless_it_is_mine() {
    let world = World::new();
    let (one, two, c1) = (&world.items[0], &world.items[1], &world.items[3]);
    let store = Store::open_in_memory().unwrap();
    store.set_me(Some(public(1))).unwrap();
    store.ingest(&world.records(), NOW).unwrap();
    store.wish_up(&two.work(), NOW).unwrap();
    let later = NOW + (HORIZON_DAYS + 1) * 86_400;
    let expired = store.expire(later).unwrap();
    assert!(expired.items > 0 && expired.statements > 0 && expired.kept > 0);
    sound(&store);
    assert!(store.item(&one.infohash()).unwrap().is_some(), "mine");
    assert!(store.item(&two.infohash()).unwrap().is_some(), "hosted by me");
    assert!(store.item(&c1.infohash()).unwrap().is_none());
    assert_eq!(store.digests(&board("a"), 0..=u64::MAX, 0).unwrap(), []);
    let again = store.ingest(&[record(c1), record(one)], later).unwrap();
    assert_eq!(again, [Outcome::TooOld, Outcome::Known]);
    // No longer hosted.
    store.wish_down(&two.work(), later).unwrap();
    assert_eq!(store.expire(later).unwrap().items, 1);
    assert!(store.item(&two.infohash()).unwrap().is_none());
    sound(&store);
    // Mine is kept even if it comes back old from another device.
    let store = Store::open_in_memory().unwrap();
    store.set_me(Some(public(1))).unwrap();
    assert_eq!(store.ingest(&[record(one)], later).unwrap(), [Outcome::New]);
    assert_eq!(store.digests(&board("a"), 0..=u64::MAX, 0).unwrap(), []);
    sound(&store);
}

#[test]
fn two_devices_of_one_key_have_one_vote() {
    let a = board("a");
    let item = post(1, a, "voted", NOW - 500);
    let reply = answer(2, &item, "reply", NOW - 400);
    let store = Store::open_in_memory().unwrap();
    let votes = |store: &Store| store.item(&item.infohash()).unwrap().unwrap().votes;
    let first = ballot(3, a, slot(1, 0), NOW - 300, &[&item, &reply]);
    let second = ballot(3, a, slot(2, 0), NOW - 299, &[&item]);
    let own = ballot(1, a, slot(1, 0), NOW - 298, &[&item, &reply]);
    // Votes come before their targets.
    for statement in [&first, &second, &own] {
        store.ingest(&[Record::Statement(statement.clone())], NOW).unwrap();
    }
    store.ingest(&[record(&item), record(&reply)], NOW).unwrap();
    assert_eq!(votes(&store), 1);
    assert_eq!(store.voters(&item.work(), 10).unwrap(), [public(3)]);
    assert_eq!(store.item(&reply.infohash()).unwrap().unwrap().votes, 2);
    // Taken back on one device, still there on the other.
    let empty = ballot(3, a, slot(1, 0), NOW - 200, &[]);
    store.ingest(&[Record::Statement(empty)], NOW).unwrap();
    assert_eq!(votes(&store), 1);
    let empty = ballot(3, a, slot(2, 0), NOW - 200, &[]);
    store.ingest(&[Record::Statement(empty)], NOW).unwrap();
    assert_eq!(votes(&store), 0);
    sound(&store);
}
