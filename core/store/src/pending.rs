//! My votes before a ballot says them. A wish is durable at once and counts at once in my own view;
//! the node writes ballots from the wishes that are still open.

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::{BoardName, WorkId};

use crate::{
    Keep, Store, StoreError, batch::Batch, int, items, names::parse_board, scores, texts, uint,
    votes::has_voted, wishes,
};

/// A wish that my ballots do not say yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingVote {
    /// The item.
    pub work: WorkId,
    /// Its board, whose ballot must change.
    pub board: BoardName,
    /// True: the vote is in no ballot of mine yet. False: it still is in one.
    pub up: bool,
    /// When the user said so, in unix seconds.
    pub at: u64,
}

impl Store {
    /// The user upvotes an item: the vote counts at once, the item is to be hosted, and its text is
    /// given to others if it is here.
    ///
    /// Errors: [`StoreError::UnknownItem`].
    pub fn wish_up(&self, work: &WorkId, now: u64) -> Result<(), StoreError> {
        self.wish_up_since(work, now, now)
    }

    /// [`Store::wish_up`], and to be hosted as if it had been wished for at `since`: that says which
    /// wishes are the newest, and nothing about the vote.
    ///
    /// Errors: [`StoreError::UnknownItem`].
    pub fn wish_up_since(&self, work: &WorkId, now: u64, since: u64) -> Result<(), StoreError> {
        self.write(|db| {
            let me = self.me_id();
            let item = items::require(db, work)?;
            set_pending(db, me, item, true, now)?;
            texts::promote(db, item)?;
            wishes::want(db, item, since)
        })
    }

    /// The user takes an upvote back: it does not count any more, and the item is not hosted or
    /// given to others any more, unless the user wrote it.
    ///
    /// Errors: [`StoreError::UnknownItem`].
    pub fn wish_down(&self, work: &WorkId, now: u64) -> Result<(), StoreError> {
        let used = self.tick();
        self.write(|db| {
            let me = self.me_id();
            let item = items::require(db, work)?;
            set_pending(db, me, item, false, now)?;
            if items::author(db, item)? == me || texts::keep(db, item)? == Some(Keep::Own) {
                return Ok(());
            }
            texts::change(db, item, Keep::Cache, used)?;
            wishes::leave(db, item, now)
        })
    }

    /// Wishes from a time when this machine's clock was ahead by more than `slack` seconds are of now:
    /// no ballot of before their time would settle them.
    pub fn mend_pending_times(&self, now: u64, slack: u64) -> Result<(), StoreError> {
        self.write(|db| {
            let mut update = db.prepare_cached("UPDATE pending SET at = ?1 WHERE at > ?2")?;
            update.execute([int(now), int(now + slack)])?;
            Ok(())
        })
    }

    /// The wishes that my ballots do not say yet, oldest first.
    pub fn pending_votes(&self) -> Result<Vec<PendingVote>, StoreError> {
        let me = self.me_id();
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT p.item, i.work, n.name, p.up, p.at
                 FROM pending p JOIN items i ON i.id = p.item JOIN names n ON n.id = i.board
                 ORDER BY p.at, p.item",
            )?;
            let mut rows = select.query([])?;
            let mut open = Vec::new();
            while let Some(row) = rows.next()? {
                let up: bool = row.get(3)?;
                if has_voted(db, me, row.get(0)?)? != up {
                    open.push(PendingVote {
                        work: WorkId::from_bytes(row.get(1)?),
                        board: parse_board("names", &row.get::<_, String>(2)?)?,
                        up,
                        at: uint(row.get(4)?),
                    });
                }
            }
            Ok(open)
        })
    }
}

/// A vote that the ballots say already is not kept, unless it takes back an opposite wish: a ballot
/// drawn up before this moment may still be on its way, and would undo it. That a vote was taken back
/// is kept until a later ballot says otherwise: another device of mine may have voted before, and
/// its ballot come after.
fn set_pending(db: &Connection, me: i64, item: i64, up: bool, now: u64) -> Result<(), StoreError> {
    let opposite = db.prepare_cached("SELECT 1 FROM pending WHERE item = ?1")?.exists([item])?;
    if !up || opposite || has_voted(db, me, item)? != up {
        db.prepare_cached("REPLACE INTO pending VALUES (?1, ?2, ?3)")?.execute((
            item,
            up,
            int(now),
        ))?;
    }
    scores::recount(db, me, item)
}

/// The user's wish that no ballot says yet: `Some(true)` for a vote, `Some(false)` against one.
pub(crate) fn wish(db: &Connection, item: i64) -> Result<Option<bool>, StoreError> {
    let mut find = db.prepare_cached("SELECT up FROM pending WHERE item = ?1")?;
    Ok(find.query_row([item], |row| row.get(0)).optional()?)
}

impl Batch<'_> {
    /// A ballot of mine, signed at `time`, replaced another in its slot. Wishes that were made
    /// before it are settled where the ballots now say the same (votes), or where just this ballot says
    /// the opposite: then another device of mine said so later.
    pub fn settle_pending(
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
                self.recount.insert(item);
            }
        }
        Ok(())
    }
}
