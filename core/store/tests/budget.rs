//! What a full day takes, and what it keeps.

#![allow(clippy::unwrap_used)]

mod common;

use common::{NOW, ballot, board, follows, post, public, slot, statement};
use upseed_model::{
    Record, SignedStatement, Statement,
    statement::{Label, LabelTarget},
};
use upseed_store::{Class, Outcome, Refusal, Store};

/// As if so many bytes of a class were there: mining them would take minutes.
fn fill(store: &Store, class: &str, bytes: u64) {
    let sql = format!("UPDATE days SET {class} = {bytes}");
    store.sql(|db| db.execute_batch(&sql).unwrap()).unwrap();
}

fn labels(n: u8) -> SignedStatement {
    let label =
        Label { target: LabelTarget::Key(public(99)), value: "spam".into(), reason: "".into() };
    statement(n, &[board("a")], NOW, Statement::Labels { slot: slot(1, 0), labels: vec![label] })
}

fn taken(store: &Store, record: Record) -> Outcome {
    store.ingest(&[record], NOW).unwrap().pop().unwrap()
}

#[test]
fn a_flood_of_labels_takes_no_room_from_posts_and_what_is_here_stays() {
    let store = Store::open_in_memory().unwrap();
    let honest: Vec<_> = (0..20).map(|n| post(n, board("a"), "Words", NOW)).collect();
    for item in &honest {
        assert_eq!(taken(&store, Record::Item(item.clone())), Outcome::New);
    }
    let day = NOW / 86_400;
    let before = store.day(&board("a"), day, 0).unwrap();

    fill(&store, "others", 16 << 20);
    assert_eq!(store.asked_of_strangers(&board("a"), NOW, Class::Others, NOW).unwrap(), None);
    assert_eq!(taken(&store, Record::Statement(labels(30))), Outcome::Full);
    assert_eq!(store.asked_of_strangers(&board("a"), NOW, Class::Items, NOW).unwrap(), Some(0));
    assert_eq!(taken(&store, Record::Item(post(31, board("a"), "Late", NOW))), Outcome::New);

    fill(&store, "items", 40 << 20);
    assert_eq!(taken(&store, Record::Item(post(32, board("a"), "Too late", NOW))), Outcome::Full);
    let after = store.day(&board("a"), day, 0).unwrap();
    assert!(before.iter().all(|member| after.contains(member)));
    assert_eq!(after.len(), before.len() + 1);
}

#[test]
fn a_vote_is_taken_back_on_a_full_day_and_nothing_is_left_of_who_is_refused() {
    let store = Store::open_in_memory().unwrap();
    let item = post(1, board("a"), "Words", NOW);
    let vote =
        |n, time, items: &[&_]| Record::Statement(ballot(n, board("a"), slot(1, 0), time, items));
    assert_eq!(taken(&store, Record::Item(item.clone())), Outcome::New);
    assert_eq!(taken(&store, vote(2, NOW, &[&item])), Outcome::New);
    fill(&store, "ballots", 16 << 20);
    let keys = || {
        let mut count = 0_i64;
        let sql = "SELECT count(*) FROM keys";
        store.sql(|db| count = db.query_row(sql, [], |row| row.get(0)).unwrap()).unwrap();
        count
    };
    let before = keys();
    assert_eq!(taken(&store, vote(3, NOW, &[&item])), Outcome::Full);
    assert_eq!(keys(), before);
    assert_eq!(taken(&store, vote(2, NOW + 1, &[])), Outcome::New);
    assert_eq!(store.item_by_work(&item.work()).unwrap().unwrap().votes, 0);
}

#[test]
fn a_nearly_full_day_asks_for_more_work() {
    let store = Store::open_in_memory().unwrap();
    assert_eq!(taken(&store, Record::Item(post(1, board("a"), "First", NOW))), Outcome::New);
    fill(&store, "items", 17 << 20);
    assert_eq!(store.asked_of_strangers(&board("a"), NOW, Class::Items, NOW).unwrap(), Some(1));
    let cheap = post(2, board("a"), "Cheap", NOW);
    assert_eq!(cheap.spare_bits(), 0);
    assert_eq!(taken(&store, Record::Item(cheap)), Outcome::Full);
}

#[test]
fn whom_the_reader_trusts_is_never_crowded_out() {
    let store = Store::open_in_memory().unwrap();
    store.set_me(Some(public(1))).unwrap();
    assert_eq!(taken(&store, Record::Item(post(1, board("a"), "Mine", NOW))), Outcome::New);
    // I follow 2, who follows 3.
    for (who, whom) in [(1, 2), (2, 3)] {
        let follows = statement(who, &[board("a")], NOW, follows(&[whom]));
        assert_eq!(taken(&store, Record::Statement(follows)), Outcome::New);
    }
    fill(&store, "items", 64 << 20);
    for (who, outcome) in
        [(1, Outcome::New), (2, Outcome::New), (3, Outcome::New), (4, Outcome::Full)]
    {
        assert_eq!(
            taken(&store, Record::Item(post(who, board("a"), "Words", NOW + 1))),
            outcome,
            "{who}"
        );
    }
}

#[test]
fn what_the_user_imports_is_taken_on_a_full_day_up_to_what_trusted_people_have() {
    let store = Store::open_in_memory().unwrap();
    let [first, second, third] =
        [1, 2, 3].map(|n| post(n, board("a"), "Words", NOW)).map(Record::Item);
    assert_eq!(taken(&store, first), Outcome::New);
    fill(&store, "items", 40 << 20);
    assert_eq!(taken(&store, second.clone()), Outcome::Full);
    let chosen = |record: &Record, text| {
        let given = [(record.work(), text)];
        store.ingest_chosen(std::slice::from_ref(record), &given, NOW).unwrap()
    };
    assert_eq!(chosen(&second, &b"Words"[..]), [Outcome::New]);
    let row = store.item_by_work(&second.work()).unwrap().unwrap();
    assert_eq!((row.text.as_deref(), row.hosting.is_some()), (Some("Words"), false));
    assert_eq!(store.served_text(&second.work()).unwrap(), None, "it is in the cache alone");
    let bytes = vec![(second.bytes().to_vec(), Some(b"Words".to_vec()))];
    assert_eq!(store.with_texts(&[second.work(), third.work()]).unwrap(), bytes);
    assert_eq!(chosen(&second, b"Words"), [Outcome::Known]);
    fill(&store, "items", 4 * (32 << 20));
    assert_eq!(chosen(&third, b"Words"), [Outcome::Full]);
    assert!(store.item_by_work(&third.work()).unwrap().is_none());
}

#[test]
fn what_a_full_day_refused_is_asked_for_once_its_author_is_followed() {
    let store = Store::open_in_memory().unwrap();
    store.set_me(Some(public(1))).unwrap();
    assert_eq!(taken(&store, Record::Item(post(1, board("a"), "Mine", NOW))), Outcome::New);
    fill(&store, "items", 64 << 20);
    let late = post(2, board("a"), "Late", NOW);
    assert_eq!(taken(&store, Record::Item(late.clone())), Outcome::Full);
    let (other, broken) = (post(3, board("a"), "Other", NOW).work(), [9; 32]);
    let until = Some(NOW + 21_600);
    store
        .remember_refused(&[
            Refusal { hash: [2; 32], work: Some(late.work()), until },
            Refusal { hash: broken, work: Some(other), until: None },
        ])
        .unwrap();
    let asked = || store.unknown(&[late.work(), other]).unwrap();
    assert_eq!(asked(), []);

    // What somebody else follows changes nothing.
    let theirs = statement(4, &[board("a")], NOW, follows(&[2]));
    assert_eq!(taken(&store, Record::Statement(theirs)), Outcome::New);
    assert_eq!(asked(), []);

    let mine = statement(1, &[board("a")], NOW, follows(&[2]));
    assert_eq!(taken(&store, Record::Statement(mine)), Outcome::New);
    assert_eq!(asked(), [late.work()]);
    assert_eq!(store.are_refused(&[[2; 32], broken], NOW).unwrap(), [false, true]);
    assert_eq!(taken(&store, Record::Item(late)), Outcome::New);
}
