//! My votes before a ballot says them. A wish is durable at once and counts at once in my own view;
//! the node writes ballots from the wishes that are still open.

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::{BoardName, SignedStatement, Statement, WorkId, statement::Slot};

use super::{batch::Batch, slots::targets, votes::has_voted, writing::Writing};
use crate::values::{error::StoreError, number::int, sorted::without};

/// A vote that the ballots say already is not kept, unless it takes back an opposite wish: a ballot
/// drawn up before this moment may still be on its way, and would undo it. That a vote was taken back
/// is kept until a later ballot says otherwise: another device of mine may have voted before, and
/// its ballot come after.
pub fn set(db: &Writing<'_>, me: i64, item: i64, up: bool, now: u64) -> Result<(), StoreError> {
    let opposite = db.prepare_cached("SELECT 1 FROM pending WHERE item = ?1")?.exists([item])?;
    if !up || opposite || has_voted(db, me, item)? != up {
        db.prepare_cached("REPLACE INTO pending VALUES (?1, ?2, ?3)")?.execute((
            item,
            up,
            int(now),
        ))?;
    }
    db.touch(item);
    Ok(())
}

/// The user's wish that no ballot says yet: `Some(true)` for a vote, `Some(false)` against one.
pub fn wish(db: &Connection, item: i64) -> Result<Option<bool>, StoreError> {
    let mut find = db.prepare_cached("SELECT up FROM pending WHERE item = ?1")?;
    Ok(find.query_row([item], |row| row.get(0)).optional()?)
}

impl Batch<'_> {
    /// What a new ballot of mine changes in local state.
    pub fn note_my_ballot(
        &mut self,
        before: Option<&SignedStatement>,
        after: &SignedStatement,
    ) -> Result<(), StoreError> {
        let (Statement::Ballot { slot, .. }, Some(name)) =
            (after.content(), after.boards().first())
        else {
            return Ok(());
        };
        let board = self.board(name)?;
        let (before, after_targets) = (targets(before), targets(Some(after)));
        self.remember_withdrawn(name, *slot, without(before, after_targets))?;
        self.settle_pending(board, after.time(), before, after_targets)
    }

    fn remember_withdrawn<'t>(
        &self,
        board: &BoardName,
        slot: Slot,
        gone: impl Iterator<Item = &'t WorkId>,
    ) -> Result<(), StoreError> {
        let (device, number) = slot_columns(&slot);
        let mut insert = self.db.prepare_cached(
            "INSERT INTO withdrawn VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )?;
        for work in gone {
            insert.execute((board.as_str(), device, number, work.as_bytes()))?;
        }
        Ok(())
    }

    /// A ballot of mine, signed at `time`, replaced another in its slot. Wishes that were made
    /// before it are settled where the ballots now say the same (votes), or where just this ballot says
    /// the opposite: then another device of mine said so later.
    fn settle_pending(
        &mut self,
        board: i64,
        time: u64,
        before: &[WorkId],
        after: &[WorkId],
    ) -> Result<(), StoreError> {
        let me = self.me_id();
        let mut select = self.db.prepare_cached(
            "SELECT p.item, i.work, p.up FROM pending p JOIN items i ON i.id = p.item
             WHERE i.board = ?1 AND p.at < ?2",
        )?;
        let mut remove = self.db.prepare_cached("DELETE FROM pending WHERE item = ?1")?;
        let wishes = select
            .query_map([board, int(time)], |row| {
                Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get::<_, bool>(2)?))
            })?
            .collect::<Result<Vec<_>, _>>()?;
        for (item, work, up) in wishes {
            let work = WorkId::from_bytes(work);
            let in_ballot = |list: &[WorkId]| list.binary_search(&work).is_ok();
            let said_now = in_ballot(after) != in_ballot(before) && in_ballot(after) != up;
            if said_now || up && has_voted(self.db, me, item)? {
                remove.execute([item])?;
                self.db.touch(item);
            }
        }
        Ok(())
    }
}

/// Which slot of which board; how `withdrawn` names it.
pub fn slot_columns(slot: &Slot) -> ([u8; 4], u8) {
    (slot.device, slot.number)
}
