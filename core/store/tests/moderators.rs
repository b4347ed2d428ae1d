//! Whose labels are suggested to a board's reader: of whom the people whom the reader follows trust.

#![allow(clippy::unwrap_used)]

mod common;

use common::{NOW, board, public, slot, statement};
use upseed_model::{
    Record, Statement,
    moderation::LabelActions,
    statement::{Label, LabelTarget},
};
use upseed_store::{Moderator, Store};

const ME: u8 = 1;

fn keep(store: &Store, statements: &[(u8, &[&str], u64, Statement)]) {
    for (author, boards, time, content) in statements {
        let boards: Vec<_> = boards.iter().map(|name| board(name)).collect();
        let record = Record::Statement(statement(*author, &boards, *time, content.clone()));
        store.ingest(&[record], NOW).unwrap();
    }
}

fn follows(people: &[u8]) -> Statement {
    let mut targets: Vec<_> = people.iter().map(|n| public(*n)).collect();
    targets.sort_unstable();
    Statement::Follows { slot: slot(1, 0), name: None, targets }
}

fn labels(number: u8, values: &[&str]) -> Statement {
    let target = LabelTarget::Key(public(99));
    let label = |value: &&str| Label { target, value: (*value).into(), reason: String::new() };
    Statement::Labels { slot: slot(1, number), labels: values.iter().map(label).collect() }
}

/// I follow 2, 3 and 4; 5 is trusted by all three, 6 by two, 7 by nobody but 5, 8 by nobody.
fn world() -> Store {
    let store = Store::open_in_memory().unwrap();
    store.set_me(Some(public(ME))).unwrap();
    keep(
        &store,
        &[
            (ME, &["a"], NOW, follows(&[2, 3, 4])),
            (2, &["a"], NOW, follows(&[5, 6, ME])),
            (3, &["a"], NOW, follows(&[5, 6])),
            (4, &["a"], NOW, follows(&[5])),
            (5, &["a"], NOW, follows(&[7])),
        ],
    );
    for labeller in [ME, 2, 5, 6, 7, 8] {
        keep(&store, &[(labeller, &["a"], NOW, labels(0, &["old", "spam"]))]);
    }
    store
}

fn found(store: &Store, on: &str) -> Vec<(u8, u32, u32)> {
    let number = |row: &Moderator| (1..=9).find(|n| public(*n) == row.key).unwrap();
    let rows = store.moderators(&board(on), 5).unwrap();
    rows.iter().map(|row| (number(row), row.through, row.follows)).collect()
}

#[test]
fn those_whom_most_follows_trust_come_first_and_strangers_never() {
    let store = world();
    assert_eq!(found(&store, "a"), [(5, 3, 3), (6, 2, 3), (2, 1, 3)]);
    let first = store.moderators(&board("a"), 1).unwrap();
    assert_eq!(first, [Moderator { key: public(5), through: 3, follows: 3, labels: 2 }]);
    assert_eq!(found(&store, "b"), [], "they label on another board");

    keep(&store, &[(ME, &["a"], NOW + 1, follows(&[3, 4]))]);
    assert_eq!(found(&store, "a"), [(5, 2, 2), (6, 1, 2)]);
    keep(&store, &[(ME, &["a"], NOW + 2, follows(&[]))]);
    assert_eq!(found(&store, "a"), [], "who follows nobody has no majority");
}

#[test]
fn of_two_with_the_same_share_the_one_who_weighs_more_comes_first() {
    let store = world();
    // 2 follows three people and 4 but one, so that 9 is nearer than 6, whom 3 follows no more.
    keep(&store, &[(3, &["a"], NOW + 1, follows(&[5]))]);
    keep(&store, &[(4, &["a"], NOW + 1, follows(&[9])), (9, &["a"], NOW, labels(0, &["spam"]))]);
    assert_eq!(found(&store, "a"), [(5, 2, 3), (2, 1, 3), (9, 1, 3), (6, 1, 3)]);
}

#[test]
fn the_muted_and_those_to_whom_one_subscribes_are_left_out() {
    let store = world();
    store.subscribe(&public(5), &LabelActions::default(), NOW).unwrap();
    assert_eq!(found(&store, "a"), [(6, 2, 3), (2, 1, 3)]);
    store.mute(&public(6), NOW).unwrap();
    assert_eq!(found(&store, "a"), [(2, 1, 3)]);
    store.unsubscribe(&public(5)).unwrap();
    store.mute(&public(2), NOW).unwrap();
    assert_eq!(found(&store, "a"), [(5, 2, 2)], "a muted follow speaks for nobody");
}

#[test]
fn only_statements_that_label_on_the_board_count() {
    let store = world();
    keep(&store, &[(5, &["a"], NOW + 1, labels(0, &[])), (6, &["b"], NOW, labels(0, &["rude"]))]);
    assert_eq!(found(&store, "a"), [(6, 2, 3), (2, 1, 3)], "5 took all labels back");
    assert_eq!(found(&store, "b"), [(6, 2, 3)]);
    // One statement for several boards, and a board whose name begins like theirs.
    keep(&store, &[(5, &["b", "cc"], NOW, labels(1, &["rude"]))]);
    assert_eq!(found(&store, "b"), [(5, 3, 3), (6, 2, 3)]);
    assert_eq!(found(&store, "cc"), [(5, 3, 3)]);
    assert_eq!(found(&store, "c"), []);
}
