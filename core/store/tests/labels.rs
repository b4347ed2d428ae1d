//! What labels do: to those who subscribe, until they unsubscribe, and to nobody else.

#![allow(clippy::unwrap_used)]

mod common;

use std::{collections::BTreeMap, path::Path};

use common::{NOW, World, board, post, public, slot, statement};
use proptest::{prelude::*, test_runner::RngSeed};
use upseed_model::{
    Record, SignedItem, SignedStatement, Statement, WorkId,
    limits::HORIZON_DAYS,
    moderation::{LabelAction, LabelActions},
    statement::{Label, LabelTarget},
};
use upseed_store::{Keep, Outcome, PreviewCounts, Store, StoreError};

fn sound(store: &Store) {
    let faults = store.check().unwrap();
    assert!(faults.is_empty(), "{faults:#?}");
}

fn labels(n: u8, number: u8, time: u64, said: &[(LabelTarget, &str, &str)]) -> SignedStatement {
    let mut labels: Vec<Label> = said
        .iter()
        .map(|(target, value, reason)| {
            let (value, reason) = ((*value).to_owned(), (*reason).to_owned());
            Label { target: *target, value, reason }
        })
        .collect();
    labels.sort_unstable();
    let content = Statement::Labels { slot: slot(n, number), labels };
    statement(n, &[board("a")], time, content)
}

fn of(item: &SignedItem) -> LabelTarget {
    LabelTarget::Item(item.work())
}

fn by(n: u8) -> LabelTarget {
    LabelTarget::Key(public(n))
}

fn actions(other: LabelAction, values: &[(&str, LabelAction)]) -> LabelActions {
    let values = values.iter().map(|(value, action)| (value.parse().unwrap(), *action));
    LabelActions { other, values: values.collect() }
}

fn record(statement: &SignedStatement) -> Record {
    Record::Statement(statement.clone())
}

/// Labels by 15 and 16, which meet in many ways.
fn said(world: &World) -> Vec<SignedStatement> {
    let items = &world.items;
    let t = NOW - 3 * 86_400 + 500;
    let unknown = LabelTarget::Item(WorkId::from_bytes([7; 32]));
    vec![
        labels(
            15,
            0,
            t,
            &[(of(&items[0]), "spam", "an advertisement"), (of(&items[1]), "old", "")],
        ),
        labels(
            15,
            0,
            t + 9,
            &[(of(&items[0]), "spam", "two of them"), (of(&items[3]), "spam", "")],
        ),
        labels(15, 0, t + 10, &[]),
        // Twice the same, in two slots.
        labels(15, 1, t, &[(of(&items[0]), "spam", "an advertisement"), (by(3), "rude", "")]),
        labels(15, 1, t + 11, &[(of(&items[0]), "spam", "an advertisement"), (by(1), "spam", "")]),
        // Of the same second: the greater work id holds.
        labels(15, 2, t, &[(of(&items[4]), "spam", "")]),
        labels(15, 2, t, &[(of(&items[5]), "spam", ""), (by(2), "old", "")]),
        labels(
            16,
            0,
            t,
            &[(of(&items[0]), "good", ""), (of(&items[0]), "spam", ""), (unknown, "spam", "")],
        ),
        labels(16, 0, t + 90_000, &[(by(2), "spam", "all of it"), (unknown, "spam", "")]),
    ]
}

fn hidden(store: &Store) -> BTreeMap<WorkId, bool> {
    let world = World::new();
    let row =
        |item: &SignedItem| Some((item.work(), store.item_by_work(&item.work()).ok()??.hidden));
    world.items.iter().filter_map(row).collect()
}

const ACTIONS: [LabelAction; 4] = LabelAction::ALL;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 80, rng_seed: RngSeed::Fixed(2), ..ProptestConfig::default()
    })]

    /// Against the oracle of `Store::check`, after each step.
    #[test]
    fn the_same_is_hidden_whatever_happened_in_which_order(
        steps in prop::collection::vec((0_usize..60, 0_u8..16, 0_u64..1_000), 1..60),
    ) {
        let world = World::new();
        let mut records = world.records();
        records.extend(said(&world).iter().map(record));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("upseed.db");
        let mut store = Store::open(&path).unwrap();
        store.set_me(Some(public(4))).unwrap();
        for (n, what, time) in steps {
            let item = &world.items[n % world.items.len()];
            let labeller = public(5 + (n % 2) as u8);
            let now = NOW + time;
            let action = |n: u64| ACTIONS[n as usize % 4];
            let chosen = actions(action(time), &[("spam", action(time / 4)), ("x", action(time / 16))]);
            let target = if n % 3 == 0 { LabelTarget::Key(item.author()) } else { of(item) };
            let done = match what {
                0..=3 => store.ingest(&[records[(n + time as usize) % records.len()].clone()], now).map(drop),
                4 => store.ingest(&records[records.len() - 9..], now).map(drop),
                5..=7 => store.subscribe(&labeller, &chosen, now),
                8 => store.unsubscribe(&labeller).map(drop),
                9 => store.mute(&item.author(), now),
                10 => store.unmute(&item.author()),
                11 => store.set_hidden(&item.work(), time % 2 == 0, now),
                12 => store.set_exception(&target, time % 3 > 0, now),
                13 => match store.label_log(&labeller, u64::MAX, 10).unwrap().get(n % 10) {
                    Some(entry) => store.undo_label(entry.number, now).map(drop),
                    None => Ok(()),
                },
                14 => {
                    let day = item.time() / 86_400;
                    store.expire((day + HORIZON_DAYS + time % 3) * 86_400).map(drop)
                }
                _ => {
                    drop(store);
                    store = Store::open(Path::new(&path)).unwrap();
                    Ok(())
                }
            };
            match done {
                Ok(()) | Err(StoreError::UnknownItem(_)) => {}
                Err(error) => panic!("{error}"),
            }
            sound(&store);
        }
        let (before, flags) = (store.derived().unwrap(), hidden(&store));
        store.rebuild_derived().unwrap();
        sound(&store);
        prop_assert_eq!(store.derived().unwrap(), before);
        prop_assert_eq!(hidden(&store), flags);
    }

    /// Whoever unsubscribes stands where they would without ever having subscribed.
    #[test]
    fn unsubscribing_restores_every_row(
        order in Just({ let world = World::new(); let mut records = world.records();
            records.extend(said(&world).iter().map(record)); records }).prop_shuffle(),
        at in 0_usize..30,
        other in 0_usize..4,
    ) {
        let plain = Store::open_in_memory().unwrap();
        plain.mute(&public(3), NOW).unwrap();
        let store = Store::open_in_memory().unwrap();
        store.mute(&public(3), NOW).unwrap();
        for (n, one) in order.iter().enumerate() {
            if n == at {
                store.subscribe(&public(15), &actions(ACTIONS[other], &[("spam", LabelAction::Hide)]), NOW).unwrap();
                store.subscribe(&public(16), &actions(LabelAction::Hide, &[]), NOW).unwrap();
            }
            plain.ingest(std::slice::from_ref(one), NOW).unwrap();
            store.ingest(std::slice::from_ref(one), NOW).unwrap();
        }
        prop_assert_ne!(store.derived().unwrap(), plain.derived().unwrap());
        prop_assert!(store.unsubscribe(&public(15)).unwrap());
        prop_assert!(store.unsubscribe(&public(16)).unwrap());
        prop_assert!(!store.unsubscribe(&public(16)).unwrap());
        prop_assert_eq!(store.derived().unwrap(), plain.derived().unwrap());
        prop_assert_eq!(store.label_log(&public(15), u64::MAX, 10).unwrap(), []);
        sound(&store);
    }
}

#[test]
fn a_label_waits_for_its_item() {
    let item = post(1, board("a"), "advertised", NOW - 500);
    let store = Store::open_in_memory().unwrap();
    let label = labels(15, 0, NOW - 400, &[(of(&item), "spam", "an advertisement")]);
    store.ingest(&[record(&label)], NOW).unwrap();
    store.subscribe(&public(15), &actions(LabelAction::Hide, &[]), NOW + 1).unwrap();
    assert_eq!(store.label_log(&public(15), u64::MAX, 10).unwrap(), [], "nothing to act on yet");
    store.ingest(&[Record::Item(item.clone())], NOW + 2).unwrap();
    assert!(store.item_by_work(&item.work()).unwrap().unwrap().hidden);
    let log = store.label_log(&public(15), u64::MAX, 10).unwrap();
    let [entry] = &log[..] else { panic!("{log:?}") };
    assert_eq!((entry.target, entry.at, entry.undone), (of(&item), NOW + 2, false));
    assert_eq!((entry.value.as_str(), entry.reason.as_str()), ("spam", "an advertisement"));
    sound(&store);
}

#[test]
fn of_two_statements_of_one_second_everybody_keeps_the_same() {
    let (one, two) = (post(1, board("a"), "one", NOW - 500), post(1, board("a"), "two", NOW - 499));
    let versions = [&one, &two].map(|item| labels(15, 0, NOW - 400, &[(of(item), "spam", "")]));
    let kept = |order: [usize; 2]| {
        let store = Store::open_in_memory().unwrap();
        store.subscribe(&public(15), &actions(LabelAction::Hide, &[]), NOW).unwrap();
        store.ingest(&[Record::Item(one.clone()), Record::Item(two.clone())], NOW).unwrap();
        for n in order {
            store.ingest(&[record(&versions[n])], NOW).unwrap();
        }
        sound(&store);
        let hidden = |item: &SignedItem| store.item_by_work(&item.work()).unwrap().unwrap().hidden;
        (hidden(&one), hidden(&two))
    };
    let winner = usize::from(versions[1].replaces(&versions[0]));
    assert_eq!(kept([0, 1]), (winner == 0, winner == 1));
    assert_eq!(kept([1, 0]), (winner == 0, winner == 1));
}

#[test]
fn only_those_whom_one_subscribes_to_act_and_the_strongest_first() {
    let world = World::new();
    let store = Store::open_in_memory().unwrap();
    store.ingest(&world.records(), NOW).unwrap();
    let before = store.derived().unwrap();
    let (one, two) = (&world.items[0], &world.items[1]);
    let works = [one.work(), two.work(), WorkId::from_bytes([7; 32])];
    let t = NOW - 86_400;
    let said = [
        labels(15, 0, t, &[(of(one), "old", ""), (of(one), "spam", "b")]),
        labels(15, 1, t, &[(of(one), "spam", "a")]),
        labels(16, 0, t, &[(of(one), "spam", "no"), (by(2), "rude", "often")]),
    ];
    store.ingest(&said.each_ref().map(record), NOW).unwrap();
    assert_eq!(store.verdicts(&works).unwrap(), BTreeMap::new());
    assert_eq!(
        hidden(&store).values().filter(|hidden| **hidden).count(),
        2,
        "the retracted one, and one of a key that was in use no more"
    );

    let marks = actions(LabelAction::Mark, &[("spam", LabelAction::Fold)]);
    store.subscribe(&public(15), &marks, NOW).unwrap();
    store
        .subscribe(&public(16), &actions(LabelAction::Ignore, &[("rude", LabelAction::Fold)]), NOW)
        .unwrap();
    let verdicts = store.verdicts(&works).unwrap();
    let told = |item: &SignedItem| -> Vec<_> {
        let all = verdicts[&item.work()].iter();
        all.map(|it| {
            (it.action.as_str(), it.labeller, it.value.as_str(), it.reason.as_str(), it.of_author)
        })
        .collect()
    };
    let five = public(15);
    assert_eq!(
        told(one),
        [
            ("fold", five, "spam", "a", false),
            ("fold", five, "spam", "b", false),
            ("mark", five, "old", "", false),
        ]
    );
    assert_eq!(told(two), [("fold", public(16), "rude", "often", true)]);
    assert_eq!(verdicts.len(), 2);
    // Folding and marking change no rank.
    let derived = |store: &Store| store.derived().unwrap();
    let folded = derived(&store);
    store.unsubscribe(&public(15)).unwrap();
    store.unsubscribe(&public(16)).unwrap();
    assert_eq!(derived(&store), folded);
    assert_ne!(derived(&store), before, "the labels themselves are known");
}

#[test]
fn each_thing_that_a_subscription_does_can_be_undone() {
    let world = World::new();
    let store = Store::open_in_memory().unwrap();
    store.ingest(&world.records(), NOW).unwrap();
    let (two, three) = (&world.items[1], &world.items[2]);
    let shown = |item: &SignedItem| !store.item_by_work(&item.work()).unwrap().unwrap().hidden;
    let label = labels(15, 0, NOW - 400, &[(of(two), "spam", ""), (by(1), "spam", "")]);
    store.ingest(&[record(&label)], NOW).unwrap();
    store.subscribe(&public(15), &actions(LabelAction::Hide, &[]), NOW + 1).unwrap();
    assert!(!shown(two) && !shown(three));
    let log = || store.label_log(&public(15), u64::MAX, 10).unwrap();
    let number =
        |target: LabelTarget| log().iter().find(|entry| entry.target == target).unwrap().number;
    assert!(store.undo_label(number(of(two)), NOW + 2).unwrap());
    assert!(shown(two) && !shown(three));
    assert!(store.undo_label(number(by(1)), NOW + 3).unwrap());
    assert!(shown(three));
    assert!(!store.undo_label(99, NOW + 3).unwrap());
    assert!(log().iter().all(|entry| entry.undone), "{:?}", log());
    let exceptions = store.exceptions().unwrap();
    assert_eq!(
        exceptions.iter().map(|it| (it.target, it.at)).collect::<Vec<_>>(),
        [(by(1), NOW + 3), (of(two), NOW + 2),]
    );
    store.set_exception(&of(two), false, NOW + 4).unwrap();
    assert!(!shown(two) && shown(three));
    sound(&store);
}

#[test]
fn a_preview_says_what_a_subscription_then_does() {
    let world = World::new();
    let store = Store::open_in_memory().unwrap();
    store.set_me(Some(public(4))).unwrap();
    store.ingest(&world.records(), NOW).unwrap();
    let (a, b) = (board("a"), board("b"));
    store.join(&a, &[], NOW).unwrap();
    let (one, two) = (&world.items[0], &world.items[1]);
    let four = post(3, a, "four", NOW - 100);
    let old = post(3, a, "old", NOW - 20 * 86_400);
    store.ingest(&[Record::Item(four.clone()), Record::Item(old.clone())], NOW).unwrap();
    store.wish_up(&four.work(), NOW).unwrap();
    let label = labels(
        15,
        0,
        NOW - 400,
        &[
            (of(one), "spam", ""),
            (of(two), "rude", ""),
            (of(&old), "spam", ""),
            (by(3), "spam", ""),
        ],
    );
    store.ingest(&[record(&label)], NOW).unwrap();
    let chosen = actions(LabelAction::Mark, &[("spam", LabelAction::Hide)]);
    let week = NOW - 7 * 86_400;
    let preview = || store.preview(&public(15), &chosen, week, &[public(2), public(3)]).unwrap();
    let told = preview();
    let hide = PreviewCounts { posts: 2, hidden: 1, followed: 1, hosted: 1 };
    let mark = PreviewCounts { posts: 1, hidden: 0, followed: 1, hosted: 0 };
    assert_eq!((told.hide, told.mark, told.labels), (hide, mark, 4), "one is retracted already");
    let count = |store: &Store| hidden(store).values().filter(|hidden| **hidden).count();
    let before = count(&store);
    store.subscribe(&public(15), &chosen, NOW).unwrap();
    assert!(store.item_by_work(&four.work()).unwrap().unwrap().hidden);
    // Comments by 3 went too, and the one retracted was hidden before.
    assert!(count(&store) >= before);
    assert_eq!(preview().hide.hidden, 2, "now both are hidden");
    store.set_exception(&by(3), true, NOW).unwrap();
    assert_eq!(preview().hide.posts, 1);
    // Not on boards that nobody joined here.
    store.leave(&a).unwrap();
    store.join(&b, &[], NOW).unwrap();
    assert_eq!(preview().hide.posts, 0);
    assert_eq!(store.preview(&public(9), &chosen, week, &[]).unwrap().labels, 0);
    sound(&store);
}

#[test]
fn a_hidden_item_stays_hidden_until_it_is_shown_again() {
    let item = post(1, board("a"), "one", NOW - 500);
    let store = Store::open_in_memory().unwrap();
    assert!(matches!(store.set_hidden(&item.work(), true, NOW), Err(StoreError::UnknownItem(_))));
    store.publish(&item, b"one", NOW).unwrap();
    store.set_hidden(&item.work(), true, NOW).unwrap();
    let row = || store.item_by_work(&item.work()).unwrap().unwrap();
    assert!(row().hidden && row().hidden_by_user);
    assert_eq!(store.hidden_items(9).unwrap()[0].work, item.work());
    store.rebuild_derived().unwrap();
    sound(&store);
    store.set_hidden(&item.work(), false, NOW).unwrap();
    assert!(!row().hidden && !row().hidden_by_user);
    assert_eq!(store.hidden_items(9).unwrap(), []);
    let again = store.ingest(&[Record::Item(item.clone())], NOW).unwrap();
    assert_eq!(again, [Outcome::Known]);
    store.put_text(&item.work(), b"one", Keep::Cache).unwrap();
    sound(&store);
}
