//! Votes, as ballots say them: one for each voter and target, from however many ballots; only on
//! items of the ballot's board; the author's own counts nothing.

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::{SignedStatement, WorkId};

use super::{batch::Batch, slots::targets, successions};
use crate::values::{error::StoreError, sorted::without};

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

    fn writer(&self, author: i64) -> Result<Option<i64>, StoreError> {
        successions::writer(self.db, self.me, author)
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
                self.db.touch(item);
                self.db.mine_changed();
            }
            Some((item, author)) if author != voter && self.writer(author)? != Some(voter) => {
                self.db.vote_changed(item, voter, gain);
            }
            // Not here or not placed yet, on another board, or the author's own.
            _ => {}
        }
        Ok(())
    }
}

/// Whether a ballot of this voter has the item.
pub fn has_voted(db: &Connection, voter: i64, item: i64) -> Result<bool, StoreError> {
    let mut find = db.prepare_cached(
        "SELECT 1 FROM items i JOIN votes v
             ON v.target = i.work AND v.board = i.board AND v.voter = ?2
         WHERE i.id = ?1",
    )?;
    Ok(find.exists([item, voter])?)
}
