//! How many seeds an item has, as last measured: shown as availability, never as votes.

use rusqlite::Connection;

use crate::values::{error::StoreError, number::int};

/// Somebody was seen to have the text.
pub(crate) fn saw_one(db: &Connection, item: i64, now: u64) -> Result<(), StoreError> {
    let mut insert = db.prepare_cached(
        "INSERT INTO seeds SELECT infohash, 1, 1, ?2 FROM items WHERE id = ?1
         ON CONFLICT DO NOTHING",
    )?;
    insert.execute((item, int(now)))?;
    Ok(())
}
