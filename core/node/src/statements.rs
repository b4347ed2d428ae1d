//! The user's own statements: signed, stored, told to others.

use upseed_model::{
    BoardName, Record, SignedStatement, StatementDraft, WorkId, limits::MIN_TIME, pow::Puzzle,
};
use upseed_store::Class;

use crate::{Node, NodeError, clock::now, rooms::Command, work};

/// More work than this is not done for a day that is flooded (2^26 hashes, some seconds of a core): its
/// records then reach those who trust their author.
const MOST_BITS: u8 = 26;

impl Node {
    /// Makes a statement true: durable and told to others when this returns. Other writers do not
    /// wait while its work is done. If the slot does not have `instead_of` in it any more by then, or
    /// the draft is not `still_meant`, nothing is written and this gives false: then the draft is
    /// to be drawn up anew.
    pub(crate) fn write_statement(
        &self,
        draft: &StatementDraft,
        instead_of: Option<WorkId>,
        still_meant: impl FnOnce() -> Result<bool, NodeError>,
    ) -> Result<bool, NodeError> {
        if draft.time < MIN_TIME {
            return Err(NodeError::Clock);
        }
        let inner = &self.inner;
        let mine = || inner.identity.get().filter(|key| key.public() == draft.author);
        let Some(key) = mine() else { return Ok(false) };
        let puzzle = self.puzzle(draft)?;
        let stopping = || self.is_stopping();
        let bytes = work::solve(&puzzle, &key, stopping, |_| {}).ok_or(NodeError::Stopping)?;
        let statement = SignedStatement::from_bytes(&bytes)?;
        let _writing = inner.writing.lock();
        let before = inner.store.statement(&statement.slot_key())?.map(|before| before.work());
        if before != instead_of || mine().is_none() || !still_meant()? {
            return Ok(false);
        }
        let record = Record::Statement(statement);
        inner.store.ingest(std::slice::from_ref(&record), now())?;
        inner.rooms.send(Command::Fresh(vec![record]));
        Ok(true)
    }

    /// A draft with the work that its boards ask for.
    pub(crate) fn puzzle(&self, draft: &StatementDraft) -> Result<Puzzle, NodeError> {
        let (class, usual) = (Class::of(&draft.content), draft.puzzle(0).bits());
        Ok(draft.puzzle(self.bits_asked(&draft.boards, draft.time, class, usual)?))
    }

    /// The bits to which a record of this time should commit, whose size asks for the `usual` ones: boards
    /// whose day is nearly full ask for more, and so may the user's own setting.
    pub(crate) fn bits_asked(
        &self,
        boards: &[BoardName],
        time: u64,
        class: Class,
        usual: u8,
    ) -> Result<u8, NodeError> {
        let (store, mut bits) = (&self.inner.store, usual);
        for board in boards {
            let more = store.asked_of_strangers(board, time, class, now())?;
            bits = bits.max(more.map_or(MOST_BITS, |more| usual + more));
            bits = bits.max(store.board(board)?.map_or(0, |row| row.min_bits));
        }
        Ok(bits.min(MOST_BITS))
    }
}

#[cfg(test)]
mod tests {
    use upseed_model::{SecretKey, Statement, StatementKind, statement::Slot};

    use super::*;
    use crate::testing;

    /// Two writers that both began with the same version of a slot.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_slot_that_changed_meanwhile_is_planned_anew() {
        let (node, _folder) = testing::node().await;
        let key = node.identity().get_or_create().unwrap();
        node.inner.store.set_me(Some(key.public())).unwrap();
        let draft = |number: u8, seed: u8, time| StatementDraft {
            author: key.public(),
            boards: vec![BoardName::upseed()],
            time,
            content: Statement::Follows {
                slot: Slot { device: [1; 4], number },
                name: None,
                targets: vec![SecretKey::from_seed(&[seed; 32]).public()],
            },
        };
        let write = |draft, instead_of, meant| {
            node.write_statement(&draft, instead_of, || Ok(meant)).unwrap()
        };
        let kept = || {
            let all =
                node.inner.store.statements_of(&key.public(), StatementKind::Follows).unwrap();
            all.iter().map(|kept| (kept.time(), kept.work())).collect::<Vec<_>>()
        };
        let time = now();
        assert!(!write(draft(0, 1, time), None, false), "the user thought better of it");
        assert_eq!(kept(), []);
        assert!(write(draft(0, 1, time), None, true));
        let first = kept()[0].1;
        assert!(!write(draft(0, 2, time + 1), None, true), "the slot is not empty any more");
        assert_eq!(kept(), [(time, first)]);
        assert!(write(draft(0, 2, time + 1), Some(first), true));
        assert!(!write(draft(0, 3, time + 2), Some(first), true));
        assert_eq!(kept().iter().map(|kept| kept.0).collect::<Vec<_>>(), [time + 1]);
        let early = node.write_statement(&draft(1, 1, MIN_TIME - 1), None, || Ok(true));
        assert!(matches!(early, Err(NodeError::Clock)), "before the work is done");
        node.stop().await;
    }
}
