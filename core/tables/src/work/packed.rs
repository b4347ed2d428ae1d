//! What leaves packs.

use rusqlite::Connection;

use crate::values::error::StoreError;

/// An item is hosted in packs no more.
pub fn leave(db: &Connection, item: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE packs SET gone = gone + 1 WHERE id IN (SELECT pack FROM packed WHERE item = ?1)",
    )?
    .execute([item])?;
    db.prepare_cached("DELETE FROM packed WHERE item = ?1")?.execute([item])?;
    Ok(())
}
