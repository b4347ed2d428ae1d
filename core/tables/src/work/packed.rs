//! What leaves packs.

use rusqlite::Connection;

use crate::values::{error::StoreError, number::int};

/// An item is hosted in packs no more. `stopped`: its author was muted or retracted it, at that moment, so that its bytes
/// are to go soon, too.
pub fn leave(db: &Connection, item: i64, stopped: Option<u64>) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE packs SET gone = gone + 1, stopped = ifnull(stopped, ?2)
         WHERE id IN (SELECT pack FROM packed WHERE item = ?1)",
    )?
    .execute((item, stopped.map(int)))?;
    db.prepare_cached("DELETE FROM packed WHERE item = ?1")?.execute([item])?;
    Ok(())
}
