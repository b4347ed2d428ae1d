//! Records leave the sets, and the store too unless I wrote or host them.

use rusqlite::Connection;
use upseed_model::{SignedItem, Statement, WorkId};

use super::{batch::Batch, items, label_log, slots, texts};
use crate::values::{day::DAY, error::StoreError, member::Member, number::int, outcome::Expired};

/// Records of one transaction, so that others need not wait long.
const CHUNK: u32 = 500;

impl Batch<'_> {
    /// Members of days before this one, some hundreds of them.
    pub fn oldest_members(&self, oldest: u64) -> Result<Vec<WorkId>, StoreError> {
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
        let statement = slots::parse(&bytes)?;
        let final_word = match statement.content() {
            Statement::Retraction { targets } => {
                let mut any = false;
                for target in targets {
                    any |= items::id(self.db, target)?.is_some();
                }
                any
            }
            Statement::Succession { .. } => {
                let author = self.key(&statement.author())?;
                let sql = "SELECT 1 FROM items WHERE author = ?1";
                self.db.prepare_cached(sql)?.exists([author])?
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
    pub fn delete_item(&mut self, item: i64) -> Result<(), StoreError> {
        self.unplace(item)?;
        label_log::item_goes(self.db, item)?;
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

/// Whether an item outlives its time in the sets: I wrote it or saved it, or it is to be hosted.
pub fn is_kept(db: &Connection, me: i64, item: i64) -> Result<bool, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT i.author = ?2
             OR EXISTS (SELECT 1 FROM texts WHERE item = i.id AND keep IN (1, 2))
             OR EXISTS (SELECT 1 FROM wishes WHERE item = i.id)
             OR EXISTS (SELECT 1 FROM pending WHERE item = i.id AND up = 1)
             OR EXISTS (SELECT 1 FROM saves WHERE item = i.id)
         FROM items i WHERE i.id = ?1",
    )?;
    Ok(select.query_row([item, me], |row| row.get(0))?)
}
