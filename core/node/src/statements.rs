//! The user's own statements: signed, stored, told to others.

use upseed_model::{BoardName, Record, SignedStatement, StatementDraft, sync::day_of};

use crate::{Node, NodeError, clock::now, rooms::Command, work};

/// More work than this is not done for a day that is flooded (2^26 hashes, about ten seconds): its
/// records then reach those who have room for them.
const MOST_BITS: u8 = 26;

impl Node {
    /// Makes a statement true: durable and told to others when this returns. To be called by one
    /// writer at a time.
    pub(crate) fn write_statement(&self, draft: &StatementDraft) -> Result<(), NodeError> {
        let inner = &self.inner;
        let Some(key) = inner.identity.get() else { return Ok(()) };
        let puzzle = draft.puzzle(self.bits_asked(&draft.boards, draft.time)?);
        let bytes =
            work::solve(&puzzle, &key, &inner.stopping, |_| {}).ok_or(NodeError::Stopping)?;
        let record = Record::Statement(SignedStatement::from_bytes(&bytes)?);
        inner.store.ingest(std::slice::from_ref(&record), now())?;
        inner.rooms.send(Command::Fresh(vec![record]));
        Ok(())
    }

    /// The work that a record of this time should commit to, beyond what its size asks: boards whose
    /// day is flooded ask for more, and so may the user's own setting.
    pub(crate) fn bits_asked(&self, boards: &[BoardName], time: u64) -> Result<u8, NodeError> {
        let mut bits = 0;
        for board in boards {
            bits = bits.max(self.inner.store.floor(board, day_of(time))?);
            bits = bits.max(self.inner.store.board(board)?.map_or(0, |row| row.min_bits));
        }
        Ok(bits.min(MOST_BITS))
    }
}
