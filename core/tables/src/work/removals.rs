//! What was removed in my client. The vote for it counts no more at once, and no ballot says so while its task is
//! `Removed` (`Store::pending_votes`); afterwards it can be undone for an hour.

use rusqlite::{Connection, OptionalExtension as _};

use super::{texts, writing::Writing};
use crate::{
    hosting::removals::UNDO,
    values::{error::StoreError, keep::Keep, number::int},
};

/// My key's number in `keys`.
const ME: &str = "(SELECT k.id FROM meta m JOIN keys k ON k.key = m.value WHERE m.name = 'me')";

/// It was removed just now.
pub fn hold(db: &Writing<'_>, item: i64, now: u64) -> Result<(), StoreError> {
    let mut old = db.prepare_cached("DELETE FROM removed WHERE at < ?1")?;
    old.execute([int(now.saturating_sub(UNDO))])?;
    let sql = format!(
        "SELECT ifnull((SELECT up FROM pending WHERE item = i.id), EXISTS (
             SELECT 1 FROM votes v WHERE v.target = i.work AND v.board = i.board AND v.voter = {ME}))
         FROM items i WHERE i.id = ?1"
    );
    let voted: bool = db.prepare_cached(&sql)?.query_row([item], |row| row.get(0))?;
    let mut insert = db.prepare_cached("REPLACE INTO removed VALUES (?1, ?2, ?3)")?;
    insert.execute((item, int(now), voted))?;
    if voted {
        wish(db, item, false, now)?;
    }
    Ok(())
}

/// It is to be hosted, after all, and what it was voted stands.
pub fn restore(db: &Writing<'_>, item: i64, now: u64) -> Result<(), StoreError> {
    let mut remove = db.prepare_cached("DELETE FROM removed WHERE item = ?1 RETURNING voted")?;
    let voted: Option<bool> = remove.query_row([item], |row| row.get(0)).optional()?;
    if voted == Some(true) {
        wish(db, item, true, now)?;
    }
    Ok(())
}

/// The vote for it is taken back for good, unless that is undone: its text is not given to others any more, if it is not mine.
pub fn end(db: &Writing<'_>, item: i64) -> Result<(), StoreError> {
    db.mine_changed();
    let sql = format!("SELECT 1 FROM items WHERE id = ?1 AND author = {ME}");
    if db.prepare_cached(&sql)?.exists([item])? || texts::keep(db, item)? == Some(Keep::Own) {
        return Ok(());
    }
    let last = "SELECT ifnull(max(used), 0) FROM texts WHERE keep = 0";
    let used: i64 = db.prepare_cached(last)?.query_row([], |row| row.get(0))?;
    texts::change(db, item, Keep::Cache, used)
}

/// It was voted for anew: there is nothing to undo.
pub fn forget(db: &Connection, item: i64) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM removed WHERE item = ?1")?.execute([item])?;
    Ok(())
}

/// My wish, which stays whatever the ballots say: one of before may still be on its way.
fn wish(db: &Writing<'_>, item: i64, up: bool, now: u64) -> Result<(), StoreError> {
    let mut replace = db.prepare_cached("REPLACE INTO pending VALUES (?1, ?2, ?3)")?;
    replace.execute((item, up, int(now)))?;
    db.touch(item);
    Ok(())
}
