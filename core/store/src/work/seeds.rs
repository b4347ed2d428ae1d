//! How many seeds an item has, as last measured: shown as availability, never as votes.

use rusqlite::{Connection, OptionalExtension as _};

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

/// Distinct networks that were checked to have the text.
pub(crate) fn networks(db: &Connection, item: i64) -> Result<u32, StoreError> {
    let mut find = db.prepare_cached(
        "SELECT s.checked FROM seeds s JOIN items i ON i.infohash = s.infohash WHERE i.id = ?1",
    )?;
    Ok(find.query_row([item], |row| row.get(0)).optional()?.unwrap_or_default())
}
