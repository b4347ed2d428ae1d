//! Single items that the user saved to read again.

use upseed_model::WorkId;
use upseed_tables::{
    values::{error::StoreError, number::int},
    work::{items, rows::ItemRow},
};

use crate::connection::Store;

impl Store {
    /// Keeps an item until the user says otherwise, or no longer. It is no vote, and nobody is told.
    ///
    /// Errors: [`StoreError::UnknownItem`].
    pub fn set_saved(&self, work: &WorkId, save: bool, now: u64) -> Result<(), StoreError> {
        self.write(|db| {
            let item = items::require(db, work)?;
            if save {
                db.prepare_cached("INSERT INTO saves VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
                    .execute([item, int(now)])?;
            } else {
                db.prepare_cached("DELETE FROM saves WHERE item = ?1")?.execute([item])?;
            }
            Ok(())
        })
    }

    /// What the user saved, the last first.
    pub fn saved_items(&self, skip: u32, limit: u32) -> Result<Vec<ItemRow>, StoreError> {
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT item FROM saves ORDER BY at DESC, item DESC LIMIT ?2 OFFSET ?1",
            )?;
            let ids = select.query_map([skip, limit], |row| row.get(0))?;
            self.rows(db, &ids.collect::<Result<Vec<_>, _>>()?, true)
        })
    }
}
