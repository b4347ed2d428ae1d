//! My votes before a ballot says them. A wish is durable at once and counts at once in my own view;
//! the node writes ballots from the wishes that are still open.

use upseed_model::{BoardName, WorkId};
use upseed_tables::hosting::Happened;
use upseed_tables::{
    values::{
        error::StoreError,
        keep::Keep,
        number::{int, uint},
    },
    work::{
        hosting::{self, Stepped},
        items,
        names::parse_board,
        pending, texts,
        votes::has_voted,
    },
};

use crate::connection::Store;

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
    pub fn wish_up(&self, work: &WorkId, now: u64) -> Result<Stepped, StoreError> {
        self.wish_up_since(work, now, now)
    }

    /// [`Store::wish_up`], and to be hosted as if it had been wished for at `since`: that says which
    /// wishes are the newest, and nothing about the vote.
    ///
    /// Errors: [`StoreError::UnknownItem`].
    pub fn wish_up_since(
        &self,
        work: &WorkId,
        now: u64,
        since: u64,
    ) -> Result<Stepped, StoreError> {
        self.write(|db| {
            let me = self.me_id();
            let item = items::require(db, work)?;
            pending::set(db, me, item, true, now)?;
            hosting::step(db, item, &Happened::Voted { since }, now)
        })
    }

    /// The user takes an upvote back: it does not count any more, and the item is not hosted or
    /// given to others any more. Nothing of that is so if the user wrote it: then there is no step.
    ///
    /// Errors: [`StoreError::UnknownItem`].
    pub fn wish_down(&self, work: &WorkId, now: u64) -> Result<Option<Stepped>, StoreError> {
        let used = self.tick();
        self.write(|db| {
            let me = self.me_id();
            let item = items::require(db, work)?;
            pending::set(db, me, item, false, now)?;
            if items::author(db, item)? == me || texts::keep(db, item)? == Some(Keep::Own) {
                return Ok(None);
            }
            texts::change(db, item, Keep::Cache, used)?;
            hosting::step(db, item, &Happened::VoteTakenBack, now).map(Some)
        })
    }

    /// Votes from a time when this machine's clock was ahead by more than `slack` seconds are of now:
    /// no ballot of before their time would settle them.
    pub fn mend_pending_times(&self, now: u64, slack: u64) -> Result<(), StoreError> {
        self.write(|db| {
            let mut update = db.prepare_cached("UPDATE pending SET at = ?1 WHERE at > ?2")?;
            update.execute([int(now), int(now + slack)])?;
            Ok(())
        })
    }

    /// The wishes that my ballots do not say yet and are to, oldest first: not that of what was removed in the client just now.
    pub fn pending_votes(&self) -> Result<Vec<PendingVote>, StoreError> {
        let me = self.me_id();
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT p.item, i.work, n.name, p.up, p.at
                 FROM pending p JOIN items i ON i.id = p.item JOIN names n ON n.id = i.board
                 WHERE NOT EXISTS (SELECT 1 FROM wishes w WHERE w.item = p.item AND w.state = 9)
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
