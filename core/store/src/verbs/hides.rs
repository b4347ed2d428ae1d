//! Single items that the user hid.

use upseed_model::WorkId;
use upseed_tables::{
    values::{
        error::StoreError,
        moderation::HiddenItem,
        number::{int, uint},
    },
    work::{items, scores},
};

use crate::connection::Store;

impl Store {
    /// Leaves an item out of lists, or shows it again. Nobody is told.
    ///
    /// Errors: [`StoreError::UnknownItem`].
    pub fn set_hidden(&self, work: &WorkId, hide: bool, now: u64) -> Result<(), StoreError> {
        self.write(|db| {
            let item = items::require(db, work)?;
            if hide {
                db.prepare_cached("INSERT INTO hides VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
                    .execute([item, int(now)])?;
            } else {
                db.prepare_cached("DELETE FROM hides WHERE item = ?1")?.execute([item])?;
            }
            scores::refresh_hidden(db, item)
        })
    }

    /// What the user hid, the newest first.
    pub fn hidden_items(&self, limit: u32) -> Result<Vec<HiddenItem>, StoreError> {
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT i.work, h.at FROM hides h JOIN items i ON i.id = h.item
                 ORDER BY h.at DESC, i.id DESC LIMIT ?1",
            )?;
            let rows = select.query_map([limit], |row| {
                let work = WorkId::from_bytes(row.get(0)?);
                Ok(HiddenItem { work, at: uint(row.get(1)?) })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}
