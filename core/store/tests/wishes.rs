//! My own votes: before a ballot says them, while one is on its way, and from two devices.

#![allow(clippy::unwrap_used)]

mod common;

use common::{NOW, ballot, board, post, public, slot, statement};
use upseed_model::{
    ClientKind, HostingState, Record, SignedItem, SignedStatement, Statement, WorkId,
    moderation::KeepRetracted,
};
use upseed_store::hosting::{Effect, Happened};
use upseed_store::{Keep, Outcome, Settle, Store, TaskCounts};

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
fn what_is_cached_may_be_passed_on_unless_its_author_is_muted() {
    let mine = Mine::new();
    let (store, work) = (&mine.store, mine.item.work());
    store.join(&board("a"), &[], NOW).unwrap();
    assert!(store.is_prefetched(&work).unwrap());
    store.mute(&public(1), NOW).unwrap();
    assert!(!store.is_prefetched(&work).unwrap());
    store.unmute(&public(1)).unwrap();
    store.put_texts(&[(work, b"x")], Keep::Cache, None).unwrap();
    assert!(!store.is_prefetched(&work).unwrap(), "it is here");
    let cached = || store.cached_text(&work).unwrap();
    assert_eq!(cached().as_deref(), Some(&b"x"[..]));
    assert_eq!(store.item(&mine.item.infohash()).unwrap().unwrap().seeds, None);
    store.mute(&public(1), NOW).unwrap();
    assert_eq!(cached(), None);
    store.unmute(&public(1)).unwrap();
    assert_eq!(cached().as_deref(), Some(&b"x"[..]));
    mine.up(NOW);
    assert_eq!(cached(), None, "it is hosted now, and given as such");
}

#[test]
fn hosting_follows_the_vote() {
    let mine = Mine::new();
    let (store, work) = (&mine.store, mine.item.work());
    store.put_text(&work, b"x", Keep::Cache).unwrap();
    assert_eq!(store.served_text(&work).unwrap(), None, "only read, so given to nobody");
    mine.up(NOW);
    assert_eq!(store.served_text(&work).unwrap().as_deref(), Some(&b"x"[..]));
    let state = || store.hosting_task(&work).unwrap().map(|task| task.state);
    assert_eq!(state(), Some(HostingState::Wanted));
    // No client had it: nothing to undo.
    mine.down(NOW + 1);
    assert_eq!(state(), None);
    assert_eq!(store.served_text(&work).unwrap(), None);
    mine.up(NOW + 2);
    store.step_task(&work, &Happened::Took(ClientKind::Embedded), NOW + 3).unwrap();
    let row = store.item_by_work(&work).unwrap().unwrap();
    assert_eq!(row.hosting, Some(HostingState::Hosting));
    assert_eq!(store.hosting_tasks(&[HostingState::Wanted]).unwrap(), []);
    let listed = store.hosting_tasks(&[HostingState::Hosting]).unwrap();
    assert_eq!((listed.len(), listed[0].infohash), (1, mine.item.infohash()));
    // The client must be told.
    mine.down(NOW + 10);
    assert_eq!(store.hosting_tasks(&[HostingState::Leaving]).unwrap().len(), 1);
    assert_eq!(store.hosting_tasks(&[HostingState::Hosting]).unwrap(), []);
    // Or not, if the user changes their mind.
    mine.up(NOW + 11);
    assert_eq!(state(), Some(HostingState::Wanted));
    mine.down(NOW + 12);
    store.step_task(&work, &Happened::Withdrawn, NOW + 13).unwrap();
    assert_eq!(store.hosting_tasks(&[]).unwrap(), []);
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
    assert_eq!((row.hosting, row.text.as_deref()), (Some(HostingState::Wanted), Some("x")));
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
    assert_eq!(store.hosting_task(&work).unwrap().unwrap().state, HostingState::Wanted);
    assert!(store.served_text(&work).unwrap().is_some());
    mine.ballot(2, NOW + 1, &[]);
    assert_eq!(store.adopt_votes(NOW).unwrap(), 1);
    assert_eq!(store.hosting_task(&work).unwrap(), None);
    assert_eq!(store.served_text(&work).unwrap(), None);
    // A wish that no ballot says yet is nobody's to change.
    mine.up(NOW + 2);
    assert_eq!(store.adopt_votes(NOW).unwrap(), 0);
    assert!(store.hosting_task(&work).unwrap().is_some());
}

#[test]
fn a_task_goes_on_from_where_it_stands() {
    let mine = Mine::new();
    let (store, work) = (&mine.store, mine.item.work());
    let step = |happened, now| store.step_task(&work, &happened, now).unwrap();
    let stepped = step(Happened::Complete, NOW);
    assert_eq!((stepped.task, stepped.effects), (None, &[][..]), "there was none");
    mine.up(NOW);
    // The text comes after the vote, so it is kept as cache first.
    store.put_text(&work, b"text", Keep::Cache).unwrap();
    assert_eq!(store.served_text(&work).unwrap(), None);
    let client = ClientKind::Qbittorrent;
    let stepped = step(Happened::Handing(client), NOW);
    assert_eq!((stepped.work, stepped.infohash), (work, mine.item.infohash()));
    assert_eq!(stepped.effects, [Effect::HostInEngine, Effect::GiveToClient]);
    assert_eq!(stepped.task, store.hosting_task(&work).unwrap());
    assert_eq!(store.served_text(&work).unwrap().as_deref(), Some(&b"text"[..]));

    mine.down(NOW + 1);
    let stay = step(Happened::Complete, NOW + 2);
    assert_eq!(stay.task.map(|task| task.state), Some(HostingState::Leaving));
    assert_eq!(store.served_text(&work).unwrap(), None, "what leaves is given to nobody");
    assert_eq!(step(Happened::Withdrawn, NOW + 3).task, None);
    assert_eq!(store.hosting_task(&work).unwrap(), None);
}

#[test]
fn a_task_survives_its_row_as_it_is() {
    let mine = Mine::new();
    let (store, work) = (&mine.store, mine.item.work());
    mine.up(NOW);
    let why = "the disk is full".to_owned();
    for happened in [
        Happened::Handing(ClientKind::Deluge),
        Happened::Complete,
        Happened::Incomplete,
        Happened::Lost,
        Happened::Refused(ClientKind::Deluge, why),
        Happened::TextMissing,
        Happened::Took(ClientKind::Embedded),
        Happened::MovedIn(ClientKind::Transmission),
        Happened::Handing(ClientKind::Transmission),
        Happened::Took(ClientKind::Transmission),
        Happened::Complete,
        Happened::FoundMissing(ClientKind::Transmission),
        Happened::LetGo,
    ] {
        let stepped = store.step_task(&work, &happened, NOW).unwrap();
        assert_eq!(store.hosting_task(&work).unwrap(), stepped.task, "{happened:?}");
        let both = store.step_tasks(&[work, mine.other.work()], &Happened::EngineFailed, NOW);
        assert_eq!(both.unwrap().len(), 2);
    }
    assert!(store.hosting_tasks(&[]).unwrap().is_empty());
    let unknown = WorkId::from_bytes([9; 32]);
    assert!(store.step_task(&unknown, &Happened::Complete, NOW).is_err());
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
fn what_failed_is_due_after_its_pause_or_when_the_client_is_back() {
    let mine = Mine::new();
    let (store, work) = (&mine.store, mine.item.work());
    mine.up(NOW);
    let refused = Happened::Refused(ClientKind::Qbittorrent, "away".into());
    store.step_task(&work, &refused, NOW).unwrap();
    let due = |now| store.due_tasks(HostingState::Failed, now, 9).unwrap().len();
    assert_eq!((due(NOW + 4), due(NOW + 5)), (0, 1));
    assert_eq!(due(NOW - 4_000), 1, "a clock that was wrong");
    assert_eq!(store.failed_tasks().unwrap(), Some((1, "away".into())));
    store.step_tasks(&[work], &Happened::Reconnected, NOW).unwrap();
    assert_eq!(due(NOW), 1);
}

#[test]
fn what_is_being_fetched_is_due_when_its_text_is_here() {
    let mine = Mine::new();
    let (store, work) = (&mine.store, mine.item.work());
    mine.up(NOW);
    store.step_task(&work, &Happened::TextMissing, NOW).unwrap();
    assert_eq!(store.due_tasks(HostingState::Fetching, NOW, 9).unwrap(), []);
    store.put_text(&work, b"text", Keep::Cache).unwrap();
    assert_eq!(store.due_tasks(HostingState::Fetching, NOW, 9).unwrap().len(), 1);
}

#[test]
fn muting_the_author_stops_the_hosting_and_keeps_the_vote() {
    let mine = Mine::new();
    let settle = |now| {
        let stepped = mine.store.settle_hosting(Settle::All, KeepRetracted::Ask, now).unwrap();
        stepped.into_iter().map(|it| it.task.map(|task| task.state)).collect::<Vec<_>>()
    };
    let served = || mine.store.served_text(&mine.item.work()).unwrap();
    mine.up(NOW);
    let step = |happened| mine.store.step_task(&mine.item.work(), &happened, NOW).unwrap();
    step(Happened::Took(ClientKind::Embedded));
    mine.store.put_text(&mine.item.work(), b"x", Keep::Hosted).unwrap();
    assert!(served().is_some());
    assert_eq!(settle(NOW), []);
    mine.store.mute(&public(1), NOW + 5).unwrap();
    assert_eq!(settle(NOW + 5), [Some(HostingState::Stopping)]);
    assert_eq!(settle(NOW + 5), []);
    assert_eq!(served(), None, "nor is it given to those who ask");
    assert_eq!(mine.state(), (1, true, Some(true)), "the vote stands");
    assert_eq!(mine.store.task_counts().unwrap(), TaskCounts::default());
    step(Happened::Withdrawn);
    mine.store.unmute(&public(1)).unwrap();
    assert_eq!(settle(NOW + 9), [Some(HostingState::Wanted)]);
    assert!(served().is_some());
    // Who votes although they muted the author has it hosted.
    mine.store.mute(&public(1), NOW + 10).unwrap();
    mine.store.wish_up(&mine.other.work(), NOW + 11).unwrap();
    assert_eq!(settle(NOW + 11), [Some(HostingState::Stopped)]);
    assert_eq!(mine.store.check().unwrap(), [""; 0]);
}

#[test]
fn what_the_client_hosts_without_a_vote_leaves_with_its_muted_author() {
    let mine = Mine::new();
    mine.store.add_unvoted(&mine.item.work(), NOW).unwrap();
    assert_eq!(mine.store.stop_unvoted(&public(2), NOW).unwrap(), []);
    let stepped = mine.store.stop_unvoted(&public(1), NOW).unwrap();
    assert_eq!(stepped.len(), 1);
    assert_eq!(stepped[0].task.as_ref().map(|task| task.state), Some(HostingState::Leaving));
    assert_eq!(mine.store.unvoted().unwrap(), []);
}

#[test]
fn a_retraction_stops_the_hosting_as_the_user_says() {
    let mine = Mine::new();
    mine.up(NOW);
    let retract = |item: &SignedItem, time| {
        let content = Statement::Retraction { targets: vec![item.work()] };
        let record = statement(1, &[board("a")], time, content);
        mine.store.ingest(&[Record::Statement(record)], time).unwrap();
    };
    let settle = |keep| {
        let stepped = mine.store.settle_hosting(Settle::Retracted, keep, NOW + 5).unwrap();
        stepped.into_iter().map(|it| it.task.map(|task| task.state)).collect::<Vec<_>>()
    };
    let undecided = || mine.store.retracted_undecided(9).unwrap();
    assert_eq!(settle(KeepRetracted::Drop), []);
    // What is upvoted after it was retracted is hosted, and nobody is asked.
    retract(&mine.other, NOW + 1);
    mine.store.wish_up(&mine.other.work(), NOW + 2).unwrap();
    retract(&mine.item, NOW + 3);
    assert_eq!(undecided(), [mine.item.work()]);
    assert!(mine.store.item_by_work(&mine.item.work()).unwrap().unwrap().asks);
    for keep in [KeepRetracted::Ask, KeepRetracted::Keep] {
        assert_eq!(settle(keep), []);
    }
    assert_eq!(settle(KeepRetracted::Drop), [Some(HostingState::Stopped)]);
    assert_eq!(undecided(), []);
    assert_eq!(settle(KeepRetracted::Ask), [Some(HostingState::Wanted)]);
    // One's own word holds, whatever the setting is.
    mine.store.keep_retracted(&mine.item.work(), true).unwrap();
    assert_eq!(settle(KeepRetracted::Drop), []);
    mine.store.keep_retracted(&mine.item.work(), false).unwrap();
    assert_eq!(settle(KeepRetracted::Keep), [Some(HostingState::Stopped)]);
    assert_eq!(undecided(), []);
    assert!(
        mine.store.item_by_work(&mine.item.work()).unwrap().unwrap().upvoted,
        "the vote stands"
    );
    // Without the vote there is nothing to host.
    mine.down(NOW + 8);
    assert_eq!(mine.store.hosting_task(&mine.item.work()).unwrap(), None);
    assert_eq!(settle(KeepRetracted::Keep), []);
}

/// An upvoted item that the client seeds, beside others.
fn hosted(count: u8) -> (Store, Vec<SignedItem>) {
    let store = Store::open_in_memory().unwrap();
    store.set_me(Some(public(7))).unwrap();
    let items: Vec<_> = (0..count).map(|n| post(1, board("a"), &format!("{n}"), NOW - 9)).collect();
    let records: Vec<_> = items.iter().map(|item| Record::Item(item.clone())).collect();
    store.ingest(&records, NOW).unwrap();
    for item in &items {
        store.wish_up(&item.work(), NOW).unwrap();
        for happened in [Happened::Handing(CLIENT), Happened::Took(CLIENT), Happened::Complete] {
            store.step_task(&item.work(), &happened, NOW).unwrap();
        }
    }
    let items: Vec<_> = items;
    let all: Vec<_> = items.iter().collect();
    let ballot = ballot(7, board("a"), slot(1, 0), NOW + 1, &all);
    store.ingest(&[Record::Statement(ballot)], NOW + 1).unwrap();
    (store, items)
}

const CLIENT: ClientKind = ClientKind::Qbittorrent;

fn remove(store: &Store, item: &SignedItem, now: u64) {
    store.step_task(&item.work(), &Happened::RemovedByHand(CLIENT), now).unwrap();
    assert_eq!(store.check().unwrap(), [""; 0]);
}

/// Whether it is upvoted, its votes, and how its hosting stands.
fn stands(store: &Store, item: &SignedItem) -> (bool, u32, Option<HostingState>) {
    let row = store.item(&item.infohash()).unwrap().unwrap();
    (row.upvoted, row.votes, row.hosting)
}

#[test]
fn a_removal_in_the_client_counts_at_once_and_is_published_when_it_stands() {
    let (store, items) = hosted(6);
    let gone = &items[0];
    remove(&store, gone, NOW + 100);
    assert_eq!(stands(&store, gone), (false, 0, Some(HostingState::Removed)));
    assert_eq!(store.pending_votes().unwrap(), [], "no ballot says so yet");
    assert_eq!(store.removals_in_question().unwrap(), []);
    assert_eq!(store.served_text(&gone.work()).unwrap(), None);
    // A ballot about others is written meanwhile, and another device's is taken over.
    let all: Vec<_> = items.iter().collect();
    let other = ballot(7, board("a"), slot(1, 1), NOW + 200, &all[1..2]);
    store.ingest(&[Record::Statement(other)], NOW + 200).unwrap();
    assert_eq!(store.adopt_votes(NOW + 200).unwrap(), 0);
    assert_eq!(stands(&store, gone), (false, 0, Some(HostingState::Removed)));
    assert_eq!(store.due_removals(NOW + 699).unwrap(), []);
    assert_eq!(store.due_removals(NOW + 700).unwrap(), [gone.work()]);
    store.step_task(&gone.work(), &Happened::RemovalStands, NOW + 700).unwrap();
    assert_eq!(stands(&store, gone), (false, 0, None));
    let open = store.pending_votes().unwrap();
    assert_eq!(
        open.iter().map(|open| (open.work, open.up)).collect::<Vec<_>>(),
        [(gone.work(), false)]
    );
    // It can be undone until an hour is over.
    let undoable = store.undoable_removals(NOW + 3_699).unwrap();
    assert_eq!((undoable.len(), undoable[0].at, undoable[0].voted), (1, NOW + 100, true));
    assert_eq!(store.undoable_removals(NOW + 3_701).unwrap(), []);
    store.wish_up(&gone.work(), NOW + 800).unwrap();
    assert_eq!(store.undoable_removals(NOW + 801).unwrap(), []);
    assert_eq!(store.check().unwrap(), [""; 0]);
}

#[test]
fn many_removals_are_a_question_and_no_vote_is_taken_back() {
    let (store, items) = hosted(6);
    for (n, item) in items[..4].iter().enumerate() {
        assert_eq!(store.removals_in_question().unwrap(), []);
        remove(&store, item, NOW + 100 + 150 * n as u64);
    }
    let mut asked = store.removals_in_question().unwrap().remove(0).1;
    asked.sort_unstable();
    let mut first: Vec<_> = items[..4].iter().map(SignedItem::work).collect();
    first.sort_unstable();
    assert_eq!(asked, first, "the first are in it, too");
    store.step_tasks(&asked, &Happened::FoundMissing(CLIENT), NOW + 600).unwrap();
    for item in &items[..4] {
        assert_eq!(stands(&store, item), (true, 1, Some(HostingState::Missing)));
    }
    assert_eq!(store.pending_votes().unwrap(), []);
    assert_eq!(store.undoable_removals(NOW + 600).unwrap(), []);
    // One more, before ten minutes are over since the last of them, belongs to them.
    remove(&store, &items[4], NOW + 1_100);
    assert_eq!(store.removals_in_question().unwrap(), []);
    let (store, items) = hosted(6);
    let works: Vec<_> = items[..4].iter().map(SignedItem::work).collect();
    store.step_tasks(&works, &Happened::FoundMissing(CLIENT), NOW + 100).unwrap();
    remove(&store, &items[4], NOW + 300);
    assert_eq!(store.removals_in_question().unwrap(), [(CLIENT, vec![items[4].work()])]);
    assert_eq!(store.check().unwrap(), [""; 0]);
}

#[test]
fn what_was_put_back_stands_as_it_stood() {
    let (store, items) = hosted(3);
    remove(&store, &items[0], NOW + 100);
    store.step_task(&items[0].work(), &Happened::HostAgain, NOW + 200).unwrap();
    assert_eq!(stands(&store, &items[0]), (true, 1, Some(HostingState::Wanted)));
    assert_eq!(store.pending_votes().unwrap(), []);
    // What I wrote has no vote, and gets none.
    let mine = post(7, board("a"), "mine", NOW);
    store.ingest(&[Record::Item(mine.clone())], NOW).unwrap();
    for happened in
        [Happened::Voted { since: NOW }, Happened::Handing(CLIENT), Happened::Took(CLIENT)]
    {
        store.step_task(&mine.work(), &happened, NOW).unwrap();
    }
    remove(&store, &mine, NOW + 300);
    assert!(!store.undoable_removals(NOW + 300).unwrap()[0].voted);
    store.step_task(&mine.work(), &Happened::RemovalStands, NOW + 1_000).unwrap();
    assert_eq!(store.pending_votes().unwrap(), []);
    store.step_task(&mine.work(), &Happened::Voted { since: NOW }, NOW + 1_100).unwrap();
    assert_eq!(stands(&store, &mine), (false, 0, Some(HostingState::Wanted)));
    assert_eq!(store.undoable_removals(NOW + 1_100).unwrap(), []);
    assert_eq!(store.pending_votes().unwrap(), []);
}
