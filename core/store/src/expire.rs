//! What is older than 400 days leaves the sets, and the store too unless I wrote or host it.

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::{SignedItem, Statement, WorkId};

use crate::{
    DAY, Store, StoreError,
    batch::Batch,
    int, items,
    sets::{Member, oldest_day},
    statements, texts, uint,
};

/// Records that left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expired {
    /// Items that are gone.
    pub items: u64,
    /// Statements that are gone.
    pub statements: u64,
    /// Records that stay here but are in no set any more.
    pub kept: u64,
}

/// Records of one transaction, so that others need not wait long.
const CHUNK: u32 = 500;

impl Store {
    /// The newest time of a record in the sets that somebody else signed, in unix seconds: what the
    /// time is at least, if this machine's clock should be wrong.
    pub fn newest_of_others(&self) -> Result<Option<u64>, StoreError> {
        let me = self.me_id();
        self.read(|db| {
            let mut boards = db.prepare_cached("SELECT DISTINCT board FROM days")?;
            let boards =
                boards.query_map([], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
            let mut newest = db.prepare_cached(
                "SELECT m.time FROM members m
                 LEFT JOIN items i ON i.work = m.work LEFT JOIN statements s ON s.work = m.work
                 WHERE m.board = ?1 AND coalesce(i.author, s.author) != ?2
                 ORDER BY m.time DESC LIMIT 1",
            )?;
            let mut found = None;
            for board in boards {
                let time: Option<i64> =
                    newest.query_row([board, me], |row| row.get(0)).optional()?;
                found = found.max(time.map(uint));
            }
            Ok(found)
        })
    }

    /// Removes what is beyond the horizon. Of that, my own records stay, and items that I host,
    /// and retractions of items that are still here.
    pub fn expire(&self, now: u64) -> Result<Expired, StoreError> {
        let mut expired = Expired::default();
        loop {
            let done = self.write(|db| {
                let mut batch = Batch::new(db, self.current_me());
                let works = batch.oldest_members(oldest_day(now))?;
                for work in &works {
                    batch.expire(work, &mut expired)?;
                }
                batch.flush()?;
                Ok(works.is_empty())
            })?;
            if done {
                break;
            }
        }
        self.write(|db| {
            let mut batch = Batch::new(db, self.current_me());
            // Hosted when they left the sets, and not any more.
            let mut select = db.prepare_cached("SELECT id FROM items WHERE listed = 0")?;
            let unlisted =
                select.query_map([], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
            for item in unlisted {
                if !is_kept(db, batch.me_id(), item)? {
                    batch.delete_item(item)?;
                    expired.items += 1;
                }
            }
            db.execute("DELETE FROM refused WHERE until <= ?1", [int(now)])?;
            db.execute("DELETE FROM floors WHERE day < ?1", [int(oldest_day(now))])?;
            batch.flush()
        })?;
        Ok(expired)
    }
}

impl Batch<'_> {
    fn oldest_members(&self, oldest: u64) -> Result<Vec<WorkId>, StoreError> {
        let mut old = self.db.prepare_cached(
            "SELECT m.work FROM (SELECT DISTINCT board FROM days WHERE day < ?1) d
             JOIN members m ON m.board = d.board AND m.time < ?2 LIMIT ?3",
        )?;
        let bound = int(oldest.saturating_mul(DAY));
        let mut works = old
            .query_map((int(oldest), bound, CHUNK), |row| row.get(0).map(WorkId::from_bytes))?
            .collect::<Result<Vec<_>, _>>()?;
        // A statement is in the sets of several boards.
        works.sort_unstable();
        works.dedup();
        Ok(works)
    }

    /// Takes a record out of its sets; it stays in the store only if it is the user's, or hosted.
    pub fn expire(&mut self, work: &WorkId, expired: &mut Expired) -> Result<(), StoreError> {
        if let Some(item) = items::id(self.db, work)? {
            self.unlist_item(item)?;
            if is_kept(self.db, self.me_id(), item)? {
                self.db
                    .prepare_cached("UPDATE items SET listed = 0 WHERE id = ?1")?
                    .execute([item])?;
                expired.kept += 1;
            } else {
                self.delete_item(item)?;
                expired.items += 1;
            }
            return Ok(());
        }
        let mut find =
            self.db.prepare_cached("SELECT id, bytes FROM statements WHERE work = ?1")?;
        let (id, bytes): (i64, Vec<u8>) =
            find.query_row([work.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let statement = statements::parse(&bytes)?;
        let final_word = match statement.content() {
            Statement::Retraction { targets } => {
                let mut any = false;
                for target in targets {
                    any |= items::id(self.db, target)?.is_some();
                }
                any
            }
            _ => false,
        };
        if final_word || self.is_me(statement.author()) {
            self.unlist_statement(&statement)?;
            self.db
                .prepare_cached("UPDATE statements SET listed = 0 WHERE id = ?1")?
                .execute([id])?;
            expired.kept += 1;
        } else {
            self.remove_row(id, &statement, true)?;
            self.apply(Some(&statement), None)?;
            expired.statements += 1;
        }
        Ok(())
    }

    fn unlist_item(&mut self, item: i64) -> Result<(), StoreError> {
        let mut find = self.db.prepare_cached("SELECT board, header FROM items WHERE id = ?1")?;
        let (board, header): (i64, Vec<u8>) =
            find.query_row([item], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let parsed = SignedItem::from_bytes_unchecked(&header)
            .map_err(|error| StoreError::record("items", &error))?;
        self.leave_set(board, Member::of_item(&parsed))
    }

    /// The item must be in no set any more.
    fn delete_item(&mut self, item: i64) -> Result<(), StoreError> {
        self.unplace(item)?;
        texts::remove(self.db, item)?;
        self.db
            .prepare_cached(
                "DELETE FROM seeds WHERE infohash = (SELECT infohash FROM items WHERE id = ?1)",
            )?
            .execute([item])?;
        self.db.prepare_cached("DELETE FROM pending WHERE item = ?1")?.execute([item])?;
        self.db.prepare_cached("DELETE FROM items WHERE id = ?1")?.execute([item])?;
        self.tally.items -= 1;
        Ok(())
    }
}

/// Whether an item outlives its time in the sets: I wrote it, or it is to be hosted.
fn is_kept(db: &Connection, me: i64, item: i64) -> Result<bool, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT i.author = ?2
             OR EXISTS (SELECT 1 FROM texts WHERE item = i.id AND keep IN (1, 2))
             OR EXISTS (SELECT 1 FROM wishes WHERE item = i.id)
             OR EXISTS (SELECT 1 FROM pending WHERE item = i.id AND up = 1)
         FROM items i WHERE i.id = ?1",
    )?;
    Ok(select.query_row([item, me], |row| row.get(0))?)
}
