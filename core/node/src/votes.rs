//! Upvotes, and the ballots into which they are gathered.

use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};
use upseed_model::{
    BoardName, SignedStatement, Statement, StatementDraft, StatementKind, WorkId,
    limits::{MAX_AHEAD, MAX_TARGETS},
    statement::Slot,
};
use upseed_store::PendingVote;

use crate::{Node, NodeError, NodeEvent, clock::now};

/// A ballot is written this long after the last vote, and not later than that after the first.
const QUIET: Duration = Duration::from_secs(2);
const LATEST: Duration = Duration::from_secs(10);

/// How far back the time of an edit in another device's slot may lie. Such an edit must lose
/// against what that device itself added meanwhile, and be seen by those who reconcile 30 days.
const EDIT_SECONDS: u64 = 20 * 86_400;

impl Node {
    /// Records the user's wish; it is durable when this returns. True if it changed anything.
    pub async fn vote(&self, work: WorkId, up: bool) -> Result<bool, NodeError> {
        self.blocking(move |node| node.cast(work, up, now())).await
    }

    /// [`Node::vote`] up, for somebody whose wish to host it is as old as `since`, in unix seconds:
    /// of many wishes the newest live in the user's client.
    pub async fn vote_since(&self, work: WorkId, since: u64) -> Result<bool, NodeError> {
        self.blocking(move |node| node.cast(work, true, since.min(now()))).await
    }

    /// [`Node::vote_since`], up or down. Waits for the disk.
    pub(crate) fn cast(&self, work: WorkId, up: bool, since: u64) -> Result<bool, NodeError> {
        let inner = &self.inner;
        let row = inner.store.item_by_work(&work)?;
        let row = row.ok_or_else(|| NodeError::Fault("the item has just gone".into()))?;
        if row.dead && up {
            return Err(NodeError::Dead(row.item.infohash()));
        }
        if row.upvoted == up {
            return Ok(false);
        }
        let key = inner.identity.get_or_create()?;
        // A ballot that says the opposite may just be on its way.
        let _writing = inner.writing.lock();
        inner.store.set_me(Some(key.public()))?;
        if up {
            let stepped = inner.store.wish_up_since(&work, now(), since)?;
            inner.store.remove_unvoted(&work)?;
            self.carry_out(&stepped)?;
        } else if let Some(stepped) = inner.store.wish_down(&work, now())? {
            self.carry_out(&stepped)?;
        }
        self.tell_vote(&work)?;
        inner.wake_votes.notify_one();
        Ok(true)
    }

    /// Whoever looks on hears how an item's votes stand now.
    pub(crate) fn tell_vote(&self, work: &WorkId) -> Result<(), NodeError> {
        if let Some(row) = self.inner.store.item_by_work(work)? {
            let (id, votes, upvoted) = (row.item.infohash(), row.votes, row.upvoted);
            self.emit(NodeEvent::Votes { id, votes, upvoted });
        }
        Ok(())
    }
}

/// Writes ballots as they become due, until the node stops.
pub(crate) async fn run(node: Node) {
    // What an earlier run left unwritten is due at once.
    node.inner.wake_votes.notify_one();
    let mut told = None;
    loop {
        node.inner.wake_votes.notified().await;
        let latest = Instant::now() + LATEST;
        let mut quiet = Instant::now() + QUIET;
        while timeout_at(quiet.min(latest), node.inner.wake_votes.notified()).await.is_ok() {
            quiet = Instant::now() + QUIET;
        }
        let written = async {
            node.blocking(Node::carry_over).await?;
            node.blocking(|node| node.say_again(now())).await?;
            node.blocking(Node::write_ballots).await
        };
        if let Err(error) = written.await {
            if node.is_stopping() {
                return;
            }
            let error = error.to_string();
            if told.as_ref() != Some(&error) {
                tracing::error!(%error, "ballots could not be written; they are tried again");
                told = Some(error);
            }
            sleep_until(Instant::now() + LATEST).await;
            node.inner.wake_votes.notify_one();
        } else {
            told = None;
        }
    }
}

impl Node {
    /// Brings the ballots in line with the user's wishes.
    pub(crate) fn write_ballots(&self) -> Result<(), NodeError> {
        let Some(key) = self.inner.identity.get() else { return Ok(()) };
        let store = &self.inner.store;
        store.mend_pending_times(now(), MAX_AHEAD)?;
        let mut boards: Vec<BoardName> =
            store.pending_votes()?.iter().map(|vote| vote.board).collect();
        let ballots = store.statements_of(&key.public(), StatementKind::Ballot)?;
        boards.extend(ballots.iter().flat_map(SignedStatement::boards));
        boards.sort_unstable();
        boards.dedup();
        for board in boards {
            while !self.write_ballots_of(board)? {}
        }
        Ok(())
    }

    /// False if something changed meanwhile, and what is left is to be planned anew.
    fn write_ballots_of(&self, board: BoardName) -> Result<bool, NodeError> {
        let Some(key) = self.inner.identity.get() else { return Ok(true) };
        let store = &self.inner.store;
        let device = store.device(random_device)?;
        let wishes = || -> Result<Vec<PendingVote>, NodeError> {
            let all = store.pending_votes()?;
            Ok(all.into_iter().filter(|vote| vote.board == board).collect())
        };
        let pending = wishes()?;
        let wanted = |up| -> Vec<WorkId> {
            pending.iter().filter(|vote| vote.up == up).map(|vote| vote.work).collect()
        };
        let mut slots = Vec::new();
        for ballot in store.my_ballots(&board)? {
            slots.extend(OldSlot::read(&ballot, |slot| Ok(store.withdrawn(&board, slot)?))?);
        }
        for change in plan(slots.clone(), device, &wanted(true), &wanted(false), now()) {
            let old = slots.iter().find(|old| old.slot == change.slot);
            let targets = change.targets.clone();
            // The user may have thought better of it while the work was done.
            let still_meant = || -> Result<bool, NodeError> {
                let opposite = |vote: &PendingVote| match vote.up {
                    true => {
                        old.is_some_and(|old| old.targets.contains(&vote.work))
                            && !targets.contains(&vote.work)
                    }
                    false => targets.contains(&vote.work),
                };
                Ok(!wishes()?.iter().any(opposite))
            };
            let content = Statement::Ballot { slot: change.slot, targets: change.targets };
            let draft = StatementDraft {
                author: key.public(),
                boards: vec![board],
                time: change.time,
                content,
            };
            if !self.write_statement(&draft, old.and_then(|old| old.work), still_meant)? {
                return Ok(false);
            }
            if old.is_some_and(OldSlot::has_come_again) {
                // It ended with this ballot alone, which nobody else tells this node of.
                self.inner.hosting.votes_changed_elsewhere();
            }
        }
        Ok(true)
    }
}

pub(crate) fn random_device() -> [u8; 4] {
    let mut device = [0; 4];
    // Without randomness two devices would share slots: the newest would win, nothing breaks.
    if let Err(error) = getrandom::fill(&mut device) {
        tracing::error!(%error, "no randomness for this device's number");
    }
    device
}

/// A slot of the user's key as it stands.
#[derive(Debug, Clone)]
struct OldSlot {
    slot: Slot,
    /// The ballot in it; none if there is none yet.
    work: Option<WorkId>,
    time: u64,
    targets: Vec<WorkId>,
    /// Votes that were taken back from this very slot: they never come back in it.
    withdrawn: Vec<WorkId>,
}

impl OldSlot {
    fn read(
        ballot: &SignedStatement,
        withdrawn: impl FnOnce(Slot) -> Result<Vec<WorkId>, NodeError>,
    ) -> Result<Option<Self>, NodeError> {
        let Statement::Ballot { slot, targets } = ballot.content() else { return Ok(None) };
        let (slot, time, targets) = (*slot, ballot.time(), targets.clone());
        let work = Some(ballot.work());
        Ok(Some(Self { slot, work, time, targets, withdrawn: withdrawn(slot)? }))
    }

    /// Whether a vote that was taken back from it came again with a newer ballot.
    fn has_come_again(&self) -> bool {
        self.targets.iter().any(|work| self.withdrawn.contains(work))
    }
}

/// A slot to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct NewSlot {
    slot: Slot,
    time: u64,
    targets: Vec<WorkId>,
}

/// Which slots to write so that they say what the user wants. Votes are added to this device's own
/// slots only; they are taken back from any slot of the key, whichever device wrote it.
fn plan(
    mut slots: Vec<OldSlot>,
    device: [u8; 4],
    up: &[WorkId],
    down: &[WorkId],
    now: u64,
) -> Vec<NewSlot> {
    // Written while this machine's clock was ahead: others do not take it before that time. It stays,
    // and its votes are said again.
    let is_early = |old: &OldSlot| old.time > now + MAX_AHEAD;
    let mut changed = std::collections::BTreeSet::new();
    for (index, old) in slots.iter_mut().enumerate() {
        let before = old.targets.len();
        old.targets.retain(|work| !down.contains(work) && !old.withdrawn.contains(work));
        if old.targets.len() != before {
            changed.insert(index);
        }
    }
    let early: Vec<WorkId> =
        slots.iter().filter(|old| is_early(old)).flat_map(|old| old.targets.clone()).collect();
    for work in up.iter().chain(&early).filter(|work| !down.contains(work)) {
        if slots.iter().any(|old| !is_early(old) && old.targets.contains(work)) {
            continue;
        }
        let fits = |old: &OldSlot| {
            old.slot.device == device
                && !is_early(old)
                && old.targets.len() < MAX_TARGETS
                && !old.withdrawn.contains(work)
        };
        let index = match slots.iter().position(fits) {
            Some(index) => index,
            None => {
                let free = (0..=u8::MAX).map(|number| Slot { device, number });
                let free = free.into_iter().find(|slot| slots.iter().all(|old| old.slot != *slot));
                // 65,536 votes of one device on one board: the rest stays pending.
                let Some(slot) = free else { continue };
                let (targets, withdrawn) = (Vec::new(), Vec::new());
                slots.push(OldSlot { slot, work: None, time: 0, targets, withdrawn });
                slots.len() - 1
            }
        };
        slots[index].targets.push(*work);
        changed.insert(index);
    }
    changed
        .into_iter()
        .map(|index| {
            let old = &mut slots[index];
            old.targets.sort_unstable();
            let least = old.time + 1;
            let time = if old.slot.device == device {
                now.max(least)
            } else {
                now.saturating_sub(EDIT_SECONDS).max(least)
            };
            NewSlot { slot: old.slot, time, targets: std::mem::take(&mut old.targets) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use upseed_model::{ItemDraft, Kind, Record, SecretKey, SignedItem};

    use super::*;

    const NOW: u64 = 1_800_000_000;
    const HERE: [u8; 4] = [1; 4];
    const THERE: [u8; 4] = [2; 4];

    fn id(n: u16) -> WorkId {
        let mut bytes = [0; 32];
        bytes[..2].copy_from_slice(&n.to_be_bytes());
        WorkId::from_bytes(bytes)
    }

    fn old(device: [u8; 4], number: u8, time: u64, targets: &[u16]) -> OldSlot {
        let targets = targets.iter().map(|n| id(*n)).collect();
        OldSlot { slot: Slot { device, number }, work: None, time, targets, withdrawn: Vec::new() }
    }

    fn new(device: [u8; 4], number: u8, time: u64, targets: &[u16]) -> NewSlot {
        let targets = targets.iter().map(|n| id(*n)).collect();
        NewSlot { slot: Slot { device, number }, time, targets }
    }

    #[test]
    fn what_was_said_too_early_is_said_again() {
        let early = NOW + 400 * 86_400;
        let slots = vec![old(HERE, 0, early, &[1, 2]), old(HERE, 1, NOW - 9, &[3])];
        let again = plan(slots.clone(), HERE, &[id(4)], &[], NOW);
        assert_eq!(again, [new(HERE, 1, NOW, &[1, 2, 3, 4])]);
        let slots = vec![slots[0].clone(), old(HERE, 1, NOW, &[1, 2, 3, 4])];
        assert_eq!(plan(slots.clone(), HERE, &[], &[], NOW), []);
        // Taken back, it is taken back there too.
        let back = [new(HERE, 0, early + 1, &[2]), new(HERE, 1, NOW + 1, &[2, 3, 4])];
        assert_eq!(plan(slots, HERE, &[], &[id(1)], NOW), back);
    }

    #[test]
    fn votes_go_into_this_devices_first_slot_with_room() {
        assert_eq!(plan(vec![], HERE, &[id(2), id(1)], &[], NOW), [new(HERE, 0, NOW, &[1, 2])]);
        let slots = vec![old(THERE, 0, 5, &[9]), old(HERE, 0, NOW + 7, &[1])];
        assert_eq!(plan(slots, HERE, &[id(2)], &[], NOW), [new(HERE, 0, NOW + 8, &[1, 2])]);
        let full: Vec<u16> = (0..256).collect();
        let slots = vec![old(HERE, 0, 5, &full)];
        assert_eq!(plan(slots, HERE, &[id(256)], &[], NOW), [new(HERE, 1, NOW, &[256])]);
    }

    #[test]
    fn a_vote_that_stands_is_not_written_again() {
        let slots = vec![old(THERE, 0, 5, &[9])];
        assert_eq!(plan(slots, HERE, &[id(9)], &[], NOW), []);
    }

    #[test]
    fn a_vote_of_another_device_is_taken_back_in_its_slot_and_loses_to_what_it_added_since() {
        let slots = vec![old(THERE, 3, NOW - 100, &[8, 9])];
        assert_eq!(plan(slots, HERE, &[], &[id(9)], NOW), [new(THERE, 3, NOW - 99, &[8])]);
        let ancient = vec![old(THERE, 3, 5, &[9])];
        let time = NOW - EDIT_SECONDS;
        assert_eq!(plan(ancient, HERE, &[], &[id(9)], NOW), [new(THERE, 3, time, &[])]);
    }

    #[test]
    fn what_was_taken_back_from_a_slot_comes_back_only_in_another() {
        let mut slot = old(THERE, 0, NOW, &[8, 9]);
        slot.withdrawn = vec![id(9)];
        assert_eq!(plan(vec![slot], HERE, &[], &[], NOW), [new(THERE, 0, NOW + 1, &[8])]);
        let mut slot = old(HERE, 0, NOW, &[8]);
        slot.withdrawn = vec![id(9)];
        assert_eq!(plan(vec![slot], HERE, &[id(9)], &[], NOW), [new(HERE, 1, NOW, &[9])]);
    }

    /// Another device took it back, and this device's own slot says it again: the ballot that ends it is this node's own.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_vote_that_ends_with_our_own_ballot_is_hosted_no_more() {
        let (node, _folder) = crate::testing::node().await;
        let (store, board) = (&node.inner.store, BoardName::upseed());
        let title = upseed_model::text::Title::from_bytes(b"Two").unwrap();
        let theirs = SecretKey::from_seed(&[9; 32]);
        let draft = ItemDraft {
            author: theirs.public(),
            board,
            kind: Kind::Post { title },
            time: now(),
            text: b"x",
        };
        let puzzle = draft.puzzle(0).unwrap();
        let item = puzzle.sign(puzzle.search(0, u64::MAX >> 1).unwrap(), &theirs);
        let item = SignedItem::from_bytes(&item).unwrap();
        store.ingest(&[Record::Item(item.clone())], now()).unwrap();
        assert!(node.vote(item.work(), true).await.unwrap());
        node.write_ballots().unwrap();
        let hosting = || store.item_by_work(&item.work()).unwrap().unwrap().hosting;
        assert!(hosting().is_some());

        let key = node.inner.identity.get().unwrap();
        let first = store.statements_of(&key.public(), StatementKind::Ballot).unwrap().remove(0);
        let Statement::Ballot { slot, .. } = *first.content() else { panic!("{first:?}") };
        for (later, targets) in [(1, vec![]), (2, vec![item.work()])] {
            let (author, content) = (key.public(), Statement::Ballot { slot, targets });
            let time = first.time() + later;
            let draft = StatementDraft { author, boards: vec![board], time, content };
            let puzzle = draft.puzzle(0);
            let ballot = puzzle.sign(puzzle.search(0, u64::MAX >> 1).unwrap(), &key);
            let ballot = SignedStatement::from_bytes(&ballot).unwrap();
            store.ingest(&[Record::Statement(ballot)], now()).unwrap();
        }
        node.write_ballots().unwrap();
        assert!(!store.item_by_work(&item.work()).unwrap().unwrap().upvoted);
        for _ in 0..1_000 {
            if hosting().is_none() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it is hosted still: {:?}", hosting());
    }
}
