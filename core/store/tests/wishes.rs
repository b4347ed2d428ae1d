//! My own votes: before a ballot says them, while one is on its way, and from two devices.

#![allow(clippy::unwrap_used)]

mod common;

use common::{NOW, ballot, board, post, public, slot};
use upseed_model::{ClientKind, Record, SignedItem, SignedStatement};
use upseed_store::{Hosting, Keep, Outcome, Store};

struct Mine {
    store: Store,
    item: SignedItem,
    other: SignedItem,
}

impl Mine {
    fn new() -> Self {
        let store = Store::open_in_memory().unwrap();
        store.set_me(Some(public(7))).unwrap();
        let (item, other) = (post(1, board("a"), "x", NOW), post(1, board("a"), "y", NOW));
        let records = [&item, &other].map(|item| Record::Item(item.clone()));
        store.ingest(&records, NOW).unwrap();
        Self { store, item, other }
    }

    fn up(&self, now: u64) {
        self.store.wish_up(&self.item.work(), now).unwrap();
    }

    fn down(&self, now: u64) {
        self.store.wish_down(&self.item.work(), now).unwrap();
    }

    fn ballot(&self, device: u8, time: u64, items: &[&SignedItem]) -> SignedStatement {
        let ballot = ballot(7, board("a"), slot(device, 0), time, items);
        let outcome = self.store.ingest(&[Record::Statement(ballot.clone())], time).unwrap();
        assert_eq!(outcome, [Outcome::New]);
        assert_eq!(self.store.check().unwrap(), [""; 0]);
        ballot
    }

    /// Votes, whether it is upvoted, and the open wish.
    fn state(&self) -> (u32, bool, Option<bool>) {
        let row = self.store.item(&self.item.infohash()).unwrap().unwrap();
        let open = self.store.pending_votes().unwrap();
        assert!(open.len() <= 1);
        (row.votes, row.upvoted, open.first().map(|open| open.up))
    }
}

#[test]
fn a_wish_counts_at_once_and_once() {
    let mine = Mine::new();
    assert_eq!(mine.state(), (0, false, None));
    mine.up(NOW);
    mine.up(NOW + 1);
    assert_eq!(mine.state(), (1, true, Some(true)));
    mine.ballot(1, NOW + 2, &[&mine.item]);
    assert_eq!(mine.state(), (1, true, None));
    mine.down(NOW + 3);
    assert_eq!(mine.state(), (0, false, Some(false)), "though the ballot still has it");
    mine.ballot(1, NOW + 4, &[]);
    assert_eq!(mine.state(), (0, false, None));
    // Taken back before any ballot said it.
    mine.up(NOW + 5);
    mine.down(NOW + 6);
    assert_eq!(mine.state(), (0, false, None));
}

#[test]
fn a_wish_survives_a_ballot_that_was_drawn_up_before_it() {
    let mine = Mine::new();
    mine.ballot(1, NOW, &[&mine.item]);
    mine.down(NOW + 1);
    // The node draws up an empty ballot at NOW + 2; before it is signed the user votes again.
    mine.up(NOW + 2);
    assert_eq!(mine.state(), (1, true, None));
    mine.ballot(1, NOW + 2, &[]);
    assert_eq!(mine.state(), (1, true, Some(true)));
    mine.ballot(1, NOW + 4, &[&mine.item]);
    assert_eq!(mine.state(), (1, true, None));
}

#[test]
fn a_vote_taken_back_on_another_device_stays_taken_back() {
    let mine = Mine::new();
    let a = board("a");
    mine.up(NOW);
    mine.ballot(1, NOW + 1, &[&mine.item, &mine.other]);
    // Another device writes this device's slot without it.
    mine.ballot(1, NOW + 10, &[&mine.other]);
    assert_eq!(mine.state(), (0, false, None));
    assert_eq!(mine.store.withdrawn(&a, slot(1, 0)).unwrap(), [mine.item.work()]);
    assert_eq!(mine.store.withdrawn(&a, slot(2, 0)).unwrap(), []);
    // A newer version from a device that did not know has it again: it is found out.
    let again = mine.ballot(1, NOW + 20, &[&mine.item, &mine.other]);
    assert_eq!(mine.store.withdrawn(&a, slot(1, 0)).unwrap(), [mine.item.work()]);
    assert_eq!(mine.store.my_ballots(&a).unwrap(), [again]);
    // The user wants it after all: it will have to go into another slot.
    mine.up(NOW + 30);
    assert_eq!(mine.store.withdrawn(&a, slot(1, 0)).unwrap(), [mine.item.work()]);
    mine.ballot(2, NOW + 40, &[]);
    assert_eq!(mine.store.my_ballots(&a).unwrap().len(), 2);
    assert_eq!(mine.store.my_ballots(&board("b")).unwrap(), []);
}

#[test]
fn wishes_work_before_there_is_a_key() {
    let mine = Mine::new();
    mine.store.set_me(None).unwrap();
    mine.up(NOW);
    assert_eq!(mine.state(), (1, true, Some(true)));
    // The item's author would not count.
    mine.store.set_me(Some(public(1))).unwrap();
    assert_eq!(mine.state(), (0, true, Some(true)));
    assert_eq!(mine.store.check().unwrap(), [""; 0]);
    mine.store.set_me(Some(public(7))).unwrap();
    assert_eq!(mine.state(), (1, true, Some(true)));
}

#[test]
fn hosting_follows_the_vote() {
    let mine = Mine::new();
    let (store, work) = (&mine.store, mine.item.work());
    store.put_text(&work, b"x", Keep::Cache).unwrap();
    assert_eq!(store.served_text(&work).unwrap(), None, "only read, so given to nobody");
    mine.up(NOW);
    assert_eq!(store.served_text(&work).unwrap().as_deref(), Some(&b"x"[..]));
    let mut wish = store.wish(&work).unwrap().unwrap();
    assert_eq!((wish.state, wish.infohash), (Hosting::Wanted, mine.item.infohash()));
    // No client had it: nothing to undo.
    mine.down(NOW + 1);
    assert_eq!(store.wish(&work).unwrap(), None);
    assert_eq!(store.served_text(&work).unwrap(), None);
    mine.up(NOW + 2);
    wish = store.wish(&work).unwrap().unwrap();
    (wish.state, wish.client, wish.next_try) =
        (Hosting::Hosting, Some(ClientKind::Embedded), NOW + 9);
    store.set_wish(&wish).unwrap();
    let row = store.item_by_work(&work).unwrap().unwrap();
    assert_eq!(row.hosting, Some(Hosting::Hosting));
    assert_eq!(store.due_wishes(Hosting::Hosting, NOW + 8, 9).unwrap(), []);
    assert_eq!(store.due_wishes(Hosting::Hosting, NOW + 9, 9).unwrap(), [wish]);
    // The client must be told.
    mine.down(NOW + 10);
    assert_eq!(store.wishes(&[Hosting::Leaving]).unwrap().len(), 1);
    assert_eq!(store.wishes(&[Hosting::Hosting]).unwrap(), []);
    // Or not, if the user changes their mind.
    mine.up(NOW + 11);
    assert_eq!(store.wish(&work).unwrap().unwrap().state, Hosting::Wanted);
    store.remove_wish(&work).unwrap();
    assert_eq!(store.wishes(&[]).unwrap(), []);
}

#[test]
fn what_i_publish_is_hosted_whatever_i_vote() {
    let store = Store::open_in_memory().unwrap();
    store.set_me(Some(public(1))).unwrap();
    let item = post(1, board("a"), "x", NOW);
    assert_eq!(store.publish(&item, b"x", NOW).unwrap(), Outcome::New);
    assert_eq!(store.publish(&item, b"x", NOW).unwrap(), Outcome::Known);
    store.wish_up(&item.work(), NOW).unwrap();
    store.wish_down(&item.work(), NOW).unwrap();
    let row = store.item(&item.infohash()).unwrap().unwrap();
    assert!(row.mine && !row.upvoted && row.votes == 0);
    assert_eq!((row.hosting, row.text.as_deref()), (Some(Hosting::Wanted), Some("x")));
    assert!(store.served_text(&item.work()).unwrap().is_some());
    assert_eq!(store.check().unwrap(), [""; 0]);
}

#[test]
fn votes_of_another_device_are_adopted() {
    let mine = Mine::new();
    let (store, work) = (&mine.store, mine.item.work());
    store.put_text(&work, b"x", Keep::Cache).unwrap();
    assert_eq!(store.adopt_votes(NOW).unwrap(), 0);
    mine.ballot(2, NOW, &[&mine.item]);
    assert_eq!(store.adopt_votes(NOW).unwrap(), 1);
    assert_eq!(store.adopt_votes(NOW).unwrap(), 0);
    assert_eq!(store.wish(&work).unwrap().unwrap().state, Hosting::Wanted);
    assert!(store.served_text(&work).unwrap().is_some());
    mine.ballot(2, NOW + 1, &[]);
    assert_eq!(store.adopt_votes(NOW).unwrap(), 1);
    assert_eq!(store.wish(&work).unwrap(), None);
    assert_eq!(store.served_text(&work).unwrap(), None);
    // A wish that no ballot says yet is nobody's to change.
    mine.up(NOW + 2);
    assert_eq!(store.adopt_votes(NOW).unwrap(), 0);
    assert!(store.wish(&work).unwrap().is_some());
}

#[test]
fn a_wish_is_changed_as_it_stands() {
    let mine = Mine::new();
    let (store, work) = (&mine.store, mine.item.work());
    let hosting = |found: Option<upseed_store::Wish>| {
        found.map(|wish| upseed_store::Wish { state: Hosting::Hosting, ..wish })
    };
    assert_eq!(store.change_wish(&work, hosting).unwrap(), None, "there was none");
    mine.up(NOW);
    // The text comes after the vote, so it is kept as cache first.
    store.put_text(&work, b"text", Keep::Cache).unwrap();
    assert_eq!(store.served_text(&work).unwrap(), None);
    let after = store.change_wish(&work, hosting).unwrap().unwrap();
    assert_eq!((after.state, store.wish(&work).unwrap()), (Hosting::Hosting, Some(after.clone())));
    assert_eq!(store.served_text(&work).unwrap().as_deref(), Some(&b"text"[..]));

    let given = Some(ClientKind::Embedded);
    store.set_wish(&upseed_store::Wish { client: given, ..after }).unwrap();
    mine.down(NOW + 1);
    let stay = store.change_wish(&work, |wish| wish.filter(|w| w.state != Hosting::Hosting));
    assert_eq!(stay.unwrap().map(|wish| wish.state), Some(Hosting::Leaving));
    assert_eq!(store.served_text(&work).unwrap(), None, "what leaves is given to nobody");
    let gone = store.change_wish(&work, |wish| wish.filter(|w| w.state != Hosting::Leaving));
    assert_eq!((gone.unwrap(), store.wish(&work).unwrap()), (None, None));
}

#[test]
fn a_vote_of_before_that_comes_after_it_was_taken_back_is_taken_back_too() {
    let mine = Mine::new();
    mine.up(NOW);
    mine.ballot(1, NOW + 1, &[&mine.item]);
    mine.down(NOW + 20);
    mine.ballot(1, NOW + 21, &[]);
    assert_eq!(mine.state(), (0, false, None));
    // Another device had voted meanwhile, and nobody here knew.
    mine.ballot(2, NOW + 10, &[&mine.item]);
    assert_eq!(mine.state(), (0, false, Some(false)), "to be taken out of that ballot too");
    assert_eq!(mine.store.adopt_votes(NOW + 22).unwrap(), 0);
    mine.ballot(2, NOW + 23, &[]);
    assert_eq!(mine.state(), (0, false, None));
    // Whoever votes after that, means it.
    mine.ballot(3, NOW + 30, &[&mine.item]);
    assert_eq!(mine.state(), (1, true, None));
}

#[test]
fn a_wish_of_a_wrong_clock_becomes_one_of_now() {
    let mine = Mine::new();
    mine.up(NOW + 1_000_000);
    mine.store.mend_pending_times(NOW, 600).unwrap();
    mine.ballot(1, NOW + 1, &[&mine.item]);
    assert_eq!(mine.state(), (1, true, None));
    mine.ballot(1, NOW + 2, &[]);
    assert_eq!(mine.state(), (0, false, None), "another device took it back");
}

#[test]
fn that_a_client_seeded_a_wish_is_kept_until_it_is_wished_anew() {
    let mine = Mine::new();
    let (store, work) = (&mine.store, mine.item.work());
    mine.up(NOW);
    let seeded = |seeded: bool, state: Hosting| {
        let client = Some(ClientKind::Qbittorrent);
        let change =
            |wish: upseed_store::Wish| upseed_store::Wish { state, client, seeded, ..wish };
        store.change_wish(&work, |wish| wish.map(change)).unwrap().unwrap()
    };
    assert!(!store.wish(&work).unwrap().unwrap().seeded);
    seeded(true, Hosting::Hosting);
    assert!(store.wish(&work).unwrap().unwrap().seeded);
    assert_eq!(store.wishes(&[Hosting::Handed, Hosting::Wanted]).unwrap(), []);
    assert_eq!(store.wishes(&[Hosting::Hosting]).unwrap(), store.wishes(&[]).unwrap());
    mine.down(NOW + 1);
    mine.up(NOW + 2);
    assert!(!store.wish(&work).unwrap().unwrap().seeded, "a new vote is a new wish");
}

#[test]
fn what_is_being_fetched_is_due_when_its_text_is_here() {
    let mine = Mine::new();
    let (store, work) = (&mine.store, mine.item.work());
    mine.up(NOW);
    let later = |wish: upseed_store::Wish| upseed_store::Wish {
        state: Hosting::Fetching,
        next_try: NOW + 600,
        ..wish
    };
    store.change_wish(&work, |wish| wish.map(later)).unwrap();
    assert_eq!(store.due_wishes(Hosting::Fetching, NOW, 9).unwrap(), []);
    store.put_text(&work, b"text", Keep::Cache).unwrap();
    assert_eq!(store.due_wishes(Hosting::Fetching, NOW, 9).unwrap().len(), 1);
}
