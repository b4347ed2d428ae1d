//! Whose votes count otherwise than the scores say, and which items wait to be scored again. Durable,
//! so that a restart goes on where it was; the newest items come first.

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::StatementKind;

use super::{
    items,
    names::parse_key,
    slots::{self, targets},
    successions,
};
use crate::values::error::StoreError;

/// The score of this item is to be computed anew.
pub fn add(db: &Connection, item: i64) -> Result<(), StoreError> {
    let mut insert = db.prepare_cached("INSERT INTO stale VALUES (?1) ON CONFLICT DO NOTHING")?;
    insert.execute([item])?;
    Ok(())
}

/// All that somebody voted on, or wrote with this key or an earlier one.
pub fn add_person(db: &Connection, key: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO stale_people VALUES (?1) ON CONFLICT DO NOTHING";
    db.prepare_cached(sql)?.execute([key])?;
    Ok(())
}

/// Everything that is placed.
pub(crate) fn add_all(db: &Connection) -> Result<(), StoreError> {
    db.execute("INSERT INTO stale SELECT item FROM ranks WHERE true ON CONFLICT DO NOTHING", [])?;
    Ok(())
}

/// All items to which strangers add something.
pub fn add_strangers(db: &Connection) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO stale SELECT item FROM ranks WHERE networks > 0 AND strangers > 0
         ON CONFLICT DO NOTHING",
        [],
    )?;
    Ok(())
}

/// Whether there is anything.
pub fn is_empty(db: &Connection) -> Result<bool, StoreError> {
    let mut find = db.prepare_cached(
        "SELECT NOT EXISTS (SELECT 1 FROM stale) AND NOT EXISTS (SELECT 1 FROM stale_people)",
    )?;
    Ok(find.query_row([], |row| row.get(0))?)
}

/// Takes somebody out of those who wait.
pub fn take_person(db: &Connection) -> Result<Option<i64>, StoreError> {
    let mut take = db.prepare_cached(
        "DELETE FROM stale_people WHERE key = (SELECT min(key) FROM stale_people) RETURNING key",
    )?;
    Ok(take.query_row([], |row| row.get(0)).optional()?)
}

/// Takes the newest items out of those that wait.
pub fn take_items(db: &Connection, limit: u32) -> Result<Vec<i64>, StoreError> {
    let mut newest = db.prepare_cached("SELECT item FROM stale ORDER BY item DESC LIMIT ?1")?;
    let items = newest.query_map([limit], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    let mut done = db.prepare_cached("DELETE FROM stale WHERE item = ?1")?;
    for item in &items {
        done.execute([item])?;
    }
    Ok(items)
}

/// All that somebody voted on, or wrote with this key or an earlier one, waits from now on; how much that
/// is. Ballots are read rather than an index of votes by voter, which would be as large as all votes.
pub fn add_items_of(db: &Connection, person: i64) -> Result<usize, StoreError> {
    let mut find = db.prepare_cached("SELECT key FROM keys WHERE id = ?1")?;
    let key = parse_key(find.query_row([person], |row| row.get(0))?)?;
    let mut count = 0;
    for ballot in slots::of(db, &key, StatementKind::Ballot)? {
        for target in targets(Some(&ballot)) {
            count += 1;
            if let Some(item) = items::id(db, target)? {
                add(db, item)?;
            }
        }
    }
    let sql = "INSERT INTO stale SELECT id FROM items WHERE author = ?1 ON CONFLICT DO NOTHING";
    let mut insert = db.prepare_cached(sql)?;
    for key in successions::through(db, person, usize::MAX)? {
        count += 1 + insert.execute([key])?;
    }
    Ok(count)
}
