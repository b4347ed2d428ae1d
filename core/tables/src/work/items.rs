//! Looking up records.

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::{Infohash, WorkId};

use crate::values::error::StoreError;

/// Whether a record is here, or was refused.
pub fn has(db: &Connection, work: &WorkId) -> Result<bool, StoreError> {
    let mut find = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM items WHERE work = ?1)
             OR EXISTS (SELECT 1 FROM statements WHERE work = ?1)
             OR EXISTS (SELECT 1 FROM refused WHERE work = ?1)",
    )?;
    Ok(find.query_row([work.as_bytes()], |row| row.get(0))?)
}

/// The bytes of an item or a statement.
pub fn record_bytes(db: &Connection, work: &WorkId) -> Result<Option<Vec<u8>>, StoreError> {
    let mut find = db.prepare_cached(
        "SELECT header FROM items WHERE work = ?1
         UNION ALL SELECT bytes FROM statements WHERE work = ?1",
    )?;
    Ok(find.query_row([work.as_bytes()], |row| row.get(0)).optional()?)
}

/// An item's number.
pub fn id(db: &Connection, work: &WorkId) -> Result<Option<i64>, StoreError> {
    let mut find = db.prepare_cached("SELECT id FROM items WHERE work = ?1")?;
    Ok(find.query_row([work.as_bytes()], |row| row.get(0)).optional()?)
}

/// An item's number, for calls that make no sense without the item.
pub fn require(db: &Connection, work: &WorkId) -> Result<i64, StoreError> {
    id(db, work)?.ok_or(StoreError::UnknownItem(*work))
}

/// The first one that came, should there ever be two.
pub fn id_by_infohash(db: &Connection, infohash: &Infohash) -> Result<Option<i64>, StoreError> {
    let mut find =
        db.prepare_cached("SELECT id FROM items WHERE infohash = ?1 ORDER BY id LIMIT 1")?;
    Ok(find.query_row([infohash.as_bytes()], |row| row.get(0)).optional()?)
}

/// Number of the key that wrote it.
pub fn author(db: &Connection, item: i64) -> Result<i64, StoreError> {
    let mut find = db.prepare_cached("SELECT author FROM items WHERE id = ?1")?;
    Ok(find.query_row([item], |row| row.get(0))?)
}
