//! Items that appeared in my client without a vote of mine: hosted there, and not counted.

use rusqlite::Connection;
use upseed_model::{Infohash, WorkId};
use upseed_tables::{
    values::{error::StoreError, number::int},
    work::items,
};

use crate::connection::Store;

impl Store {
    /// The client hosts this without a vote of mine.
    ///
    /// Errors: [`StoreError::UnknownItem`].
    pub fn add_unvoted(&self, work: &WorkId, now: u64) -> Result<(), StoreError> {
        self.write(|db| {
            let item = items::require(db, work)?;
            db.prepare_cached("INSERT INTO guests VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
                .execute((item, int(now)))?;
            Ok(())
        })
    }

    /// The client has it no more, or it was upvoted. True if it was there.
    pub fn remove_unvoted(&self, work: &WorkId) -> Result<bool, StoreError> {
        self.write(|db| {
            let sql = "DELETE FROM guests WHERE item = (SELECT id FROM items WHERE work = ?1)";
            Ok(db.prepare_cached(sql)?.execute([work.as_bytes()])? > 0)
        })
    }

    /// Whether the client hosts it without a vote of mine.
    pub fn is_unvoted(&self, work: &WorkId) -> Result<bool, StoreError> {
        self.read(|db| {
            let sql = "SELECT 1 FROM guests WHERE item = (SELECT id FROM items WHERE work = ?1)";
            Ok(db.prepare_cached(sql)?.exists([work.as_bytes()])?)
        })
    }

    /// Every such item, by what clients call it.
    pub fn unvoted(&self) -> Result<Vec<(WorkId, Infohash)>, StoreError> {
        self.read(all)
    }
}

fn all(db: &Connection) -> Result<Vec<(WorkId, Infohash)>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT i.work, i.infohash FROM guests g JOIN items i ON i.id = g.item ORDER BY g.at, i.id",
    )?;
    let mut rows = select.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((WorkId::from_bytes(row.get(0)?), Infohash::from_bytes(row.get(1)?)));
    }
    Ok(found)
}
