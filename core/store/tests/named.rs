//! Who and what is found by what somebody typed.

#![allow(clippy::unwrap_used)]

mod common;

use common::{NOW, board, post, profile, public, statement};
use upseed_model::Record;
use upseed_store::Store;

#[test]
fn people_are_found_by_the_names_that_their_profiles_have_however_they_are_written() {
    let store = Store::open_in_memory().unwrap();
    let say = |author, name, time| {
        let profile = statement(author, &[board("a")], time, profile(name));
        store.ingest(&[Record::Statement(profile)], NOW).unwrap();
    };
    say(2, "Ann", NOW);
    say(3, "Zoë O'Neil", NOW);
    say(4, "ann", NOW);
    let named = |name: &str| {
        let mut found = store.keys_named(name, 9).unwrap();
        found.sort_unstable();
        found
    };
    let mut both = [public(2), public(4)];
    both.sort_unstable();
    assert_eq!(named(" ANN "), both);
    assert_eq!(store.keys_named("ann", 1).unwrap().len(), 1);
    assert_eq!(named("zoe o neil"), [public(3)]);
    assert_eq!((named("zoe"), named(""), named("…")), (vec![], vec![], vec![]));
    say(4, "Bea", NOW + 1);
    assert_eq!((named("ann"), named("bea")), (vec![public(2)], vec![public(4)]));
    assert!(store.check().unwrap().is_empty());
}

#[test]
fn keys_and_items_are_found_by_their_first_bits() {
    let store = Store::open_in_memory().unwrap();
    let item = post(2, board("a"), "one", NOW);
    store.ingest(&[Record::Item(item.clone())], NOW).unwrap();
    let (key, id) = (*public(2).as_bytes(), *item.infohash().as_bytes());
    let range = |at: usize| {
        let (mut low, mut high) = ([0; 32], [255; 32]);
        low[..at].copy_from_slice(&key[..at]);
        high[..at].copy_from_slice(&key[..at]);
        low..=high
    };
    for at in [0, 1, 32] {
        assert_eq!(store.keys_between(&range(at), 9).unwrap(), [public(2)]);
    }
    assert_eq!(store.items_between(&(id..=id), 9).unwrap(), [item.infohash()]);
    assert_eq!(store.items_between(&([0; 20]..=[255; 20]), 9).unwrap(), [item.infohash()]);
    let mut next = id;
    next[19] ^= 1;
    assert_eq!(store.items_between(&(next..=next), 9).unwrap(), []);
}
