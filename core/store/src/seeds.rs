//! How many seeds an item has, as last measured: shown as availability, never as votes.

use rusqlite::Connection;
use upseed_model::Infohash;

use crate::{Store, StoreError, int};

impl Store {
    /// Writes a measurement. `checked`: somebody connected and saw that a seed has the text.
    pub fn set_seeds(
        &self,
        infohash: &Infohash,
        count: u32,
        checked: bool,
        now: u64,
    ) -> Result<(), StoreError> {
        self.write(|db| {
            db.prepare_cached("REPLACE INTO seeds VALUES (?1, ?2, ?3, ?4)")?.execute((
                infohash.as_bytes(),
                count,
                checked,
                int(now),
            ))?;
            Ok(())
        })
    }
}

/// Somebody was seen to have the text.
pub(crate) fn saw_one(db: &Connection, item: i64, now: u64) -> Result<(), StoreError> {
    let mut insert = db.prepare_cached(
        "INSERT INTO seeds SELECT infohash, 1, 1, ?2 FROM items WHERE id = ?1
         ON CONFLICT DO NOTHING",
    )?;
    insert.execute((item, int(now)))?;
    Ok(())
}
