//! Packs: what may go into one, what is in one, and when it is needed no more.
#![allow(clippy::unwrap_used)]

mod common;

use common::{NOW, board, item, public};
use upseed_model::{ClientKind, HostingState, Infohash, Kind, Record, SignedItem};
use upseed_store::hosting::Happened;
use upseed_store::{NewPack, PackHappened, PackItem, PackState, Store};

/// Items that are hosted, the oldest first, the votes for which are a minute apart.
fn hosted(count: u8) -> (Store, Vec<SignedItem>) {
    let store = Store::open_in_memory().unwrap();
    store.set_me(Some(public(7))).unwrap();
    let items: Vec<_> = (0..count)
        .map(|n| {
            let kind = Kind::Post { title: format!("Post {n}").parse().unwrap() };
            item(1, board("films"), kind, NOW + u64::from(n), b"A text.")
        })
        .collect();
    let records: Vec<_> = items.iter().cloned().map(Record::Item).collect();
    let texts: Vec<_> = items.iter().map(|item| (item.work(), &b"A text."[..])).collect();
    store.ingest_chosen(&records, &texts, NOW).unwrap();
    for (n, item) in items.iter().enumerate() {
        store.wish_up_since(&item.work(), NOW, NOW + 60 * n as u64).unwrap();
        let took = Happened::Took(ClientKind::Embedded);
        store.step_task(&item.work(), &took, NOW).unwrap();
    }
    (store, items)
}

fn pack(store: &Store, n: u8, items: Vec<PackItem>) -> i64 {
    let (board, info) = (board("films"), vec![n]);
    let infohash = Infohash::from_bytes([n; 20]);
    store.add_pack(&NewPack { infohash, board, length: 9, info, items }).unwrap()
}

fn all_of(store: &Store, newest: u32) -> Vec<PackItem> {
    store.loose_of(&board("films"), newest, 1_000).unwrap()
}

/// Makes a pack of these, and has it host them.
fn hosted_in(store: &Store, n: u8, items: Vec<PackItem>) -> i64 {
    let id = pack(store, n, items);
    store.switch_to_pack(id, NOW).unwrap();
    store.pack_is_hosted(id).unwrap();
    id
}

fn states(store: &Store) -> Vec<(i64, PackState, u32)> {
    let packs = store.packs().unwrap();
    packs.iter().map(|pack| (pack.id, pack.state, pack.live())).collect()
}

fn state(store: &Store, item: &SignedItem) -> Option<HostingState> {
    store.hosting_task(&item.work()).unwrap().map(|task| task.state)
}

#[test]
fn all_but_the_newest_may_be_packed_the_oldest_first() {
    let (store, items) = hosted(5);
    assert_eq!(store.loose(5).unwrap(), []);
    let loose = store.loose(2).unwrap();
    assert_eq!((loose.len(), loose[0].items), (1, 3));
    let sizes: u64 = items[..3].iter().map(|it| 2 + it.header().len() as u64 + 7).sum();
    assert_eq!(loose[0].bytes, sizes);
    let ids: Vec<_> = all_of(&store, 2).iter().map(|item| item.infohash).collect();
    assert_eq!(ids, items[..3].iter().map(SignedItem::infohash).collect::<Vec<_>>());
    assert_eq!(all_of(&store, 0).len(), 5);
    // What is in a pack on its way is not put into another one.
    pack(&store, 1, all_of(&store, 2));
    assert_eq!(store.loose(2).unwrap(), []);
}

#[test]
fn what_was_taken_back_before_the_switch_is_not_hosted_in_the_pack() {
    let (store, items) = hosted(4);
    let id = pack(&store, 1, all_of(&store, 0));
    store.step_task(&items[1].work(), &Happened::VoteTakenBack, NOW).unwrap();
    let moved = store.switch_to_pack(id, NOW).unwrap();
    assert_eq!(moved.len(), 3);
    assert_eq!(states(&store), [(id, PackState::Switching, 3)]);
    assert_eq!(store.packed_items(&[id]).unwrap().len(), 3);
    assert_eq!(state(&store, &items[0]), Some(HostingState::Packed));
    assert_eq!(state(&store, &items[1]), Some(HostingState::Leaving));
    assert_eq!(store.packs().unwrap()[0].stopped, None);
    assert_eq!(store.task_counts().unwrap().hosted, 3);
    assert!(store.hosting_tasks(&[]).unwrap().iter().all(|row| row.work == items[1].work()));
}

#[test]
fn a_vote_that_is_taken_back_leaves_its_packs_and_what_is_stopped_says_so() {
    let (store, items) = hosted(4);
    let id = hosted_in(&store, 1, all_of(&store, 0));
    store.step_task(&items[0].work(), &Happened::VoteTakenBack, NOW).unwrap();
    assert_eq!(states(&store), [(id, PackState::Hosted, 3)]);
    assert_eq!(store.packs().unwrap()[0].stopped, None);
    store.step_task(&items[1].work(), &Happened::Stopped, NOW + 5).unwrap();
    store.step_task(&items[2].work(), &Happened::Stopped, NOW + 9).unwrap();
    assert_eq!((states(&store)[0].2, store.packs().unwrap()[0].stopped), (1, Some(NOW + 5)));
    assert_eq!(store.hosted_header(&items[1].infohash()).unwrap(), None);
    let header = store.hosted_header(&items[3].infohash()).unwrap();
    assert_eq!(header.as_deref(), Some(items[3].header()));
}

#[test]
fn a_pack_goes_when_another_one_hosts_all_that_it_has() {
    let (store, items) = hosted(4);
    let first = hosted_in(&store, 1, all_of(&store, 2));
    let second = hosted_in(&store, 2, all_of(&store, 0));
    assert_eq!(states(&store)[1], (second, PackState::Hosted, 2));
    let both = store.packed_items(&[first, second]).unwrap();
    let third = pack(&store, 3, both);
    assert_eq!(store.step_pack(third, PackHappened::Lost).unwrap(), Some(PackState::Given));
    store.switch_to_pack(third, NOW).unwrap();
    assert!(states(&store).iter().all(|(_, state, _)| *state != PackState::Leaving));
    store.pack_is_hosted(third).unwrap();
    let after = [
        (first, PackState::Leaving, 2),
        (third, PackState::Hosted, 4),
        (second, PackState::Leaving, 2),
    ];
    assert_eq!(states(&store), after);
    for gone in [first, second] {
        assert_eq!(store.forget_pack(gone, NOW).unwrap(), []);
    }
    assert!(items.iter().all(|item| state(&store, item) == Some(HostingState::Packed)));
    // The last one: each is a torrent of its own again.
    assert_eq!(store.forget_pack(third, NOW).unwrap().len(), 4);
    assert!(items.iter().all(|item| state(&store, item) == Some(HostingState::Wanted)));
}

#[test]
fn a_missing_pack_is_asked_about_and_let_go_with_its_votes() {
    let (store, items) = hosted(3);
    let id = hosted_in(&store, 1, all_of(&store, 1));
    assert_eq!(store.step_pack(id, PackHappened::Removed).unwrap(), Some(PackState::Missing));
    let counts = store.task_counts().unwrap();
    assert_eq!((counts.hosted, counts.asked), (3, 2), "the engine hosts them meanwhile");
    assert_eq!(store.let_go_of_pack(id, NOW).unwrap().len(), 2);
    assert_eq!((state(&store, &items[0]), state(&store, &items[1])), (None, None));
    assert_eq!(state(&store, &items[2]), Some(HostingState::Hosting));
    assert_eq!(states(&store), [(id, PackState::Leaving, 0)]);
}
