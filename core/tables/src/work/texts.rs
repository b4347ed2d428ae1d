//! Texts of items. What I wrote or upvoted is given to others; what was only fetched to be read
//! stays in a private cache of bounded size.

use rusqlite::{Connection, OptionalExtension as _};

use super::{search, tally::Tally};
use crate::values::{error::StoreError, keep::Keep};

/// Why the text is here, if it is.
pub fn keep(db: &Connection, item: i64) -> Result<Option<Keep>, StoreError> {
    Ok(state(db, item)?.map(|(keep, _)| keep))
}

fn state(db: &Connection, item: i64) -> Result<Option<(Keep, i64)>, StoreError> {
    let mut find = db.prepare_cached("SELECT keep, size FROM texts WHERE item = ?1")?;
    let found = find
        .query_row([item], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
        .optional()?;
    let Some((keep, size)) = found else { return Ok(None) };
    Ok(Keep::from_row(keep)?.map(|keep| (keep, size)))
}

/// Keeps a text, or changes why it is kept.
pub fn put(
    db: &Connection,
    item: i64,
    text: &[u8],
    keep: Keep,
    used: i64,
) -> Result<(), StoreError> {
    if let Some((before, _)) = state(db, item)? {
        return change(db, item, before.max(keep), used);
    }
    let size = text.len() as i64;
    db.prepare_cached("REPLACE INTO texts VALUES (?1, ?2, ?3, ?4, ?5)")?.execute((
        item,
        keep as i64,
        used,
        size,
        text,
    ))?;
    db.prepare_cached("UPDATE ranks SET missing = 0 WHERE item = ?1 AND missing > 0")?
        .execute([item])?;
    search::index(db, item, text)?;
    let mut tally = Tally::default();
    tally.text(keep, size, 1);
    tally.write(db)
}

/// Changes why a text is kept and when it was last used.
pub fn change(db: &Connection, item: i64, keep: Keep, used: i64) -> Result<(), StoreError> {
    let Some((before, size)) = state(db, item)? else { return Ok(()) };
    db.prepare_cached("UPDATE texts SET keep = ?2, used = ?3 WHERE item = ?1")?.execute((
        item,
        keep as i64,
        used,
    ))?;
    let mut tally = Tally::default();
    tally.text(before, size, -1);
    tally.text(keep, size, 1);
    tally.write(db)
}

/// The item was upvoted: a cached text is hosted from now on.
pub fn promote(db: &Connection, item: i64) -> Result<(), StoreError> {
    if keep(db, item)? == Some(Keep::Cache) { change(db, item, Keep::Hosted, 0) } else { Ok(()) }
}

/// Forgets a text.
pub fn remove(db: &Connection, item: i64) -> Result<(), StoreError> {
    if let Some((keep, size)) = state(db, item)? {
        let mut tally = Tally::default();
        tally.text(keep, size, -1);
        tally.write(db)?;
    }
    db.prepare_cached("DELETE FROM texts WHERE item = ?1")?.execute([item])?;
    search::forget(db, item)?;
    Ok(())
}
