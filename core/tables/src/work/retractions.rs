//! Hosted items that their authors retracted, and what the user says to that.

use rusqlite::Connection;

use crate::values::error::StoreError;

/// `choice` of a row.
pub const UNDECIDED: i64 = 0;
/// Hosting goes on.
pub const KEEP: i64 = 1;
/// Hosting stops.
pub const STOP: i64 = 2;

/// Somebody retracted an item; it matters if it is theirs, and to be hosted. What was retracted before
/// the user upvoted it is hosted without asking.
pub fn note(db: &Connection, item: i64, author: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO retractions SELECT i.id, 0 FROM items i JOIN wishes w ON w.item = i.id
         WHERE i.id = ?1 AND i.author = ?2 ON CONFLICT DO NOTHING",
    )?
    .execute([item, author])?;
    Ok(())
}

/// The user decides.
pub fn decide(db: &Connection, item: i64, choice: i64) -> Result<(), StoreError> {
    db.prepare_cached("REPLACE INTO retractions VALUES (?1, ?2)")?.execute([item, choice])?;
    Ok(())
}
