//! What stands in a placed item's row of `ranks` and changes: votes, score, hidden.

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::rank;

use crate::values::{error::StoreError, number::uint};

/// The only place where scores are written. Does nothing for an item that is not placed.
pub(crate) fn set_votes(db: &Connection, item: i64, votes: i64) -> Result<(), StoreError> {
    let mut find = db.prepare_cached("SELECT votes, time, hot FROM ranks WHERE item = ?1")?;
    let found = find
        .query_row([item], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, f64>(2)?))
        })
        .optional()?;
    let Some((before, time, hot_before)) = found else { return Ok(()) };
    if before == votes {
        return Ok(());
    }
    let (score, hot) = score(votes, uint(time));
    // SQLite rewrites an index when a column of it is named, changed or not; the first vote of an
    // item does not change what is hot.
    if hot.to_bits() == hot_before.to_bits() {
        db.prepare_cached("UPDATE ranks SET votes = ?2, score = ?3 WHERE item = ?1")?
            .execute((item, votes, score))?;
    } else {
        db.prepare_cached("UPDATE ranks SET votes = ?2, score = ?3, hot = ?4 WHERE item = ?1")?
            .execute((item, votes, score, hot))?;
    }
    Ok(())
}

/// Score and hot of an item with so many votes.
pub(crate) fn score(votes: i64, rank_time: u64) -> (f64, f64) {
    let score = rank::votes_only(u32::try_from(votes).unwrap_or_default());
    (score, rank::hot(score, rank_time))
}

/// Votes of an item: distinct voters but the author, and my pending wish. `me` is a number of
/// `keys`.
pub(crate) fn count(db: &Connection, me: i64, item: i64) -> Result<i64, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT count(*) FROM items i JOIN votes v
             ON v.target = i.work AND v.board = i.board AND v.voter <> i.author
         WHERE i.id = ?1",
    )?;
    let votes: i64 = select.query_row([item], |row| row.get(0))?;
    let mut wish = db.prepare_cached(
        "SELECT p.up, EXISTS (SELECT 1 FROM votes v
             WHERE v.target = i.work AND v.board = i.board AND v.voter = ?2)
         FROM pending p JOIN items i ON i.id = p.item WHERE p.item = ?1 AND i.author <> ?2",
    )?;
    let wish = wish.query_row([item, me], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(match wish {
        Some((true, false)) => votes + 1,
        Some((false, true)) => votes - 1,
        _ => votes,
    })
}

/// Counts again from the ground.
pub(crate) fn recount(db: &Connection, me: i64, item: i64) -> Result<(), StoreError> {
    set_votes(db, item, count(db, me, item)?)
}

/// Whether an item is left out of lists: its text is dead, its author muted, or it was retracted.
pub(crate) fn is_hidden(db: &Connection, item: i64) -> Result<bool, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM dead WHERE item = i.id)
             OR EXISTS (SELECT 1 FROM mutes m WHERE m.author = i.author)
             OR EXISTS (SELECT 1 FROM retracted r WHERE r.target = i.work AND r.author = i.author)
         FROM items i WHERE i.id = ?1",
    )?;
    Ok(select.query_row([item], |row| row.get(0))?)
}

/// Writes [`is_hidden`] where it changed.
pub(crate) fn refresh_hidden(db: &Connection, item: i64) -> Result<(), StoreError> {
    let hidden = is_hidden(db, item)?;
    db.prepare_cached("UPDATE ranks SET hidden = ?2 WHERE item = ?1 AND hidden <> ?2")?
        .execute((item, hidden))?;
    Ok(())
}

/// [`refresh_hidden`] of all that somebody wrote.
pub(crate) fn refresh_author(db: &Connection, author: i64) -> Result<(), StoreError> {
    let mut select = db.prepare_cached("SELECT id FROM items WHERE author = ?1")?;
    let items = select.query_map([author], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    items.into_iter().try_for_each(|item| refresh_hidden(db, item))
}
