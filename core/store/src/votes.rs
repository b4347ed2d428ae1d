//! Votes, as ballots say them: one for each voter and target, from however many ballots; only on
//! items of the ballot's board; the author's own counts nothing.

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::{BoardName, PublicKey, SignedStatement, Statement, WorkId, statement::Slot};

use crate::{Store, StoreError, batch::Batch, items, names::parse_key, statements::slot_columns};

fn targets(ballot: Option<&SignedStatement>) -> &[WorkId] {
    match ballot.map(SignedStatement::content) {
        Some(Statement::Ballot { targets, .. }) => targets,
        _ => &[],
    }
}

/// What is in the first list and not in the second; both ascend.
fn without<'a>(
    list: &'a [WorkId],
    other: &'a [WorkId],
) -> impl Iterator<Item = &'a WorkId> + use<'a> {
    list.iter().filter(|work| other.binary_search(work).is_err())
}

impl Batch<'_> {
    /// `before` was replaced by `after` in this slot. Only what differs is written.
    pub fn apply_ballot(
        &mut self,
        before: Option<&SignedStatement>,
        after: Option<&SignedStatement>,
    ) -> Result<(), StoreError> {
        let Some(ballot) = after.or(before) else { return Ok(()) };
        let Some(name) = ballot.boards().first() else { return Ok(()) };
        let (board, voter) = (self.board(name)?, self.key(&ballot.author())?);
        for target in without(targets(before), targets(after)) {
            self.remove_vote(target, board, voter)?;
        }
        for target in without(targets(after), targets(before)) {
            self.add_vote(target, board, voter)?;
        }
        Ok(())
    }

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

    fn add_vote(&mut self, target: &WorkId, board: i64, voter: i64) -> Result<(), StoreError> {
        let mut add = self.db.prepare_cached(
            "INSERT INTO votes VALUES (?1, ?2, ?3, 1)
             ON CONFLICT DO UPDATE SET ballots = ballots + 1 RETURNING ballots",
        )?;
        let ballots: i64 = add.query_row((target.as_bytes(), board, voter), |row| row.get(0))?;
        if ballots == 1 { self.vote_changed(target, board, voter, 1) } else { Ok(()) }
    }

    fn remove_vote(&mut self, target: &WorkId, board: i64, voter: i64) -> Result<(), StoreError> {
        let key = (target.as_bytes(), board, voter);
        let mut take = self.db.prepare_cached(
            "UPDATE votes SET ballots = ballots - 1
             WHERE target = ?1 AND board = ?2 AND voter = ?3 RETURNING ballots",
        )?;
        let ballots: Option<i64> = take.query_row(key, |row| row.get(0)).optional()?;
        if ballots != Some(0) {
            return Ok(());
        }
        let sql = "DELETE FROM votes WHERE target = ?1 AND board = ?2 AND voter = ?3";
        self.db.prepare_cached(sql)?.execute(key)?;
        self.vote_changed(target, board, voter, -1)
    }

    fn vote_changed(
        &mut self,
        target: &WorkId,
        board: i64,
        voter: i64,
        gain: i64,
    ) -> Result<(), StoreError> {
        let mut find = self.db.prepare_cached(
            "SELECT i.id, i.author FROM items i JOIN ranks r ON r.item = i.id
             WHERE i.work = ?1 AND i.board = ?2",
        )?;
        let found = find
            .query_row((target.as_bytes(), board), |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
            })
            .optional()?;
        match found {
            // My own vote and my pending wish must not count twice.
            Some((item, _)) if voter == self.me_id() => {
                self.recount.insert(item);
            }
            Some((item, author)) if author != voter => {
                *self.votes.entry(item).or_default() += gain;
            }
            // Not here or not placed yet, on another board, or the author's own.
            _ => {}
        }
        Ok(())
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
}

/// Whether a ballot of this voter has the item.
pub(crate) fn has_voted(db: &Connection, voter: i64, item: i64) -> Result<bool, StoreError> {
    let mut find = db.prepare_cached(
        "SELECT 1 FROM items i JOIN votes v
             ON v.target = i.work AND v.board = i.board AND v.voter = ?2
         WHERE i.id = ?1",
    )?;
    Ok(find.exists([item, voter])?)
}

impl Store {
    /// Targets that an earlier version of this slot of mine had and a later one lacked, ascending.
    /// If the slot's current ballot has one of them again, another device wrote it without knowing
    /// that the vote was taken back.
    pub fn withdrawn(&self, board: &BoardName, slot: Slot) -> Result<Vec<WorkId>, StoreError> {
        let (device, number) = slot_columns(&slot);
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT work FROM withdrawn WHERE board = ?1 AND device = ?2 AND slot = ?3
                 ORDER BY work",
            )?;
            let works = select.query_map((board.as_str(), device, number), |row| row.get(0))?;
            works.map(|work| Ok(WorkId::from_bytes(work?))).collect()
        })
    }

    /// Who upvoted an item, in no order, without its author and without pending wishes; at most
    /// `limit`.
    pub fn voters(&self, work: &WorkId, limit: u32) -> Result<Vec<PublicKey>, StoreError> {
        self.read(|db| {
            let Some(item) = items::id(db, work)? else { return Ok(Vec::new()) };
            let mut select = db.prepare_cached(
                "SELECT k.key FROM items i
                 JOIN votes v ON v.target = i.work AND v.board = i.board AND v.voter <> i.author
                 JOIN keys k ON k.id = v.voter WHERE i.id = ?1 LIMIT ?2",
            )?;
            select.query_map((item, limit), |row| row.get(0))?.map(|key| parse_key(key?)).collect()
        })
    }
}
