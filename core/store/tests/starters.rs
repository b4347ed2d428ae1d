//! Which starter lists are offered, and in which order.

#![allow(clippy::unwrap_used)]

mod common;

use common::{NOW, board, key, post, public, slot, starter_list, statement};
use upseed_model::{Record, SignedStatement, Statement, StatementDraft};
use upseed_store::Store;
use upseed_store::hosting::Happened;

fn keep(store: &Store, lists: &[SignedStatement]) {
    let records: Vec<_> = lists.iter().cloned().map(Record::Statement).collect();
    store.ingest(&records, NOW).unwrap();
}

fn list(author: u8, time: u64, people: &[u8]) -> SignedStatement {
    statement(author, &[board("a")], time, starter_list(0, people))
}

fn offered(store: &Store, follows: &[u8], limit: usize) -> Vec<(u8, u64)> {
    let follows: Vec<_> = follows.iter().map(|n| public(*n)).collect();
    let lists = store.starter_lists(&board("a"), &follows, limit).unwrap();
    let name = |list: &SignedStatement| (1..=9).find(|n| public(*n) == list.author()).unwrap();
    lists.iter().map(|list| (name(list), list.time())).collect()
}

#[test]
fn an_author_has_one_list_for_each_board_the_newest_that_is_not_empty() {
    let store = Store::open_in_memory().unwrap();
    keep(&store, &[list(2, NOW, &[1]), list(3, NOW + 1, &[1, 2])]);
    let newer = statement(2, &[board("a")], NOW + 2, starter_list(1, &[3]));
    keep(&store, std::slice::from_ref(&newer));
    assert_eq!(offered(&store, &[], 9), [(2, NOW + 2), (3, NOW + 1)]);
    assert_eq!(store.starter_list(&newer.work()).unwrap(), Some(newer));
    keep(&store, &[list(3, NOW + 3, &[])]);
    assert_eq!(offered(&store, &[], 9), [(2, NOW + 2)]);
    // Another board's, and one without a name, are no lists of this board.
    let elsewhere = statement(4, &[board("b")], NOW, starter_list(0, &[1]));
    let follows = Statement::Follows { slot: slot(1, 0), name: None, targets: vec![public(1)] };
    let follows = statement(5, &[board("a")], NOW, follows);
    keep(&store, &[elsewhere, follows.clone()]);
    assert_eq!(offered(&store, &[], 9), [(2, NOW + 2)]);
    assert_eq!(store.starter_list(&follows.work()).unwrap(), None);
}

#[test]
fn lists_by_those_whom_the_reader_knows_come_first_and_none_by_the_muted() {
    let store = Store::open_in_memory().unwrap();
    store.set_me(Some(public(1))).unwrap();
    keep(&store, &(1..=7).map(|n| list(n, NOW + u64::from(n), &[8])).collect::<Vec<_>>());
    let strangers = [(7, NOW + 7), (6, NOW + 6), (5, NOW + 5), (4, NOW + 4), (3, NOW + 3)];
    assert_eq!(offered(&store, &[], 5), strangers, "the newest, and never my own");
    for (n, title) in [(3, "one"), (4, "two"), (4, "three")] {
        let post = post(n, board("a"), title, NOW);
        store.ingest(&[Record::Item(post.clone())], NOW).unwrap();
        store.step_task(&post.work(), &Happened::Voted { since: NOW }, NOW).unwrap();
    }
    let order: Vec<u8> = offered(&store, &[2], 9).into_iter().map(|(author, _)| author).collect();
    assert_eq!(order, [2, 4, 3, 7, 6, 5]);
    store.mute(&public(4), NOW).unwrap();
    store.mute(&public(7), NOW).unwrap();
    let order: Vec<u8> = offered(&store, &[2], 4).into_iter().map(|(author, _)| author).collect();
    assert_eq!(order, [2, 3, 6, 5]);
}

#[test]
fn among_strangers_the_work_that_no_size_asks_for_counts() {
    let store = Store::open_in_memory().unwrap();
    let long: Vec<u8> = (1..=9).collect();
    let draft = StatementDraft {
        author: public(2),
        boards: vec![board("a")],
        time: NOW,
        content: starter_list(0, &[1]),
    };
    let least = draft.puzzle(0).bits();
    let worked = SignedStatement::from_bytes(&draft.puzzle(least + 1).solve(&key(2))).unwrap();
    keep(&store, &[list(3, NOW + 9, &long), worked]);
    assert_eq!(offered(&store, &[], 9), [(2, NOW), (3, NOW + 9)]);
    assert!(store.check().unwrap().is_empty());
}
