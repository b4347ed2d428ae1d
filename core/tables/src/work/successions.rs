//! Who succeeds whom.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::{
    SignedStatement, Statement,
    limits::MAX_SUCCESSIONS,
    succession::{self, Said},
};

use crate::values::{error::StoreError, me::Me};

/// Earlier keys of one person that are looked for.
const EARLIER: usize = 64;

/// Whether it is one of those that count no more once their author's key was succeeded.
pub fn is_list(statement: &SignedStatement) -> bool {
    !matches!(
        statement.content(),
        Statement::Succession { .. } | Statement::Retraction { .. } | Statement::Profile { .. }
    )
}

/// Whether there is any succession of this key.
pub fn has_ended(db: &Connection, key: i64) -> Result<bool, StoreError> {
    Ok(db.prepare_cached("SELECT 1 FROM successions WHERE old = ?1")?.exists([key])?)
}

/// The earliest succession of this key, in unix seconds.
pub fn since(db: &Connection, key: i64) -> Result<Option<i64>, StoreError> {
    let mut find = db.prepare_cached("SELECT min(time) FROM successions WHERE old = ?1")?;
    Ok(find.query_row([key], |row| row.get(0)).optional()?.flatten())
}

/// When the first succession of this key came, in unix seconds.
pub fn first_seen(db: &Connection, key: i64) -> Result<i64, StoreError> {
    let mut find = db.prepare_cached(
        "SELECT ifnull(min(s.first_seen), 0) FROM successions q JOIN statements s ON s.work = q.work
         WHERE q.old = ?1",
    )?;
    Ok(find.query_row([key], |row| row.get(0))?)
}

/// What all successions of this key say together.
pub fn said(db: &Connection, key: i64) -> Result<Said<i64>, StoreError> {
    let sql = "SELECT DISTINCT next FROM successions WHERE old = ?1 LIMIT 2";
    let mut select = db.prepare_cached(sql)?;
    let said = select.query_map([key], |row| row.get(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(Said::of(said))
}

/// The key at the end of the chain, often itself; none if it leads nowhere.
pub fn current(db: &Connection, key: i64) -> Result<Option<i64>, StoreError> {
    succession::current(key, |key| said(db, key))
}

/// The key as whose this author's items count: mine, if they are mine, whatever became of it.
pub fn writer(db: &Connection, me: Option<Me>, author: i64) -> Result<Option<i64>, StoreError> {
    if me.is_some_and(|me| me.id == author) { Ok(Some(author)) } else { current(db, author) }
}

/// Earlier keys whose chains lead to this one; a bounded number of them.
pub fn earlier(db: &Connection, key: i64) -> Result<Vec<i64>, StoreError> {
    if has_ended(db, key)? {
        return Ok(Vec::new());
    }
    let mut found = through(db, key, EARLIER + 1)?;
    found.remove(0);
    Ok(found)
}

/// This key, which comes first, and those whose chains come to it, where they may end or not; at most so
/// many. Of other keys nothing changes by what this one says.
pub fn through(db: &Connection, key: i64, most: usize) -> Result<Vec<i64>, StoreError> {
    let sql = "SELECT DISTINCT old FROM successions WHERE next = ?1";
    let mut select = db.prepare_cached(sql)?;
    let mut found = vec![key];
    let mut seen = HashSet::from([key]);
    let mut nearest = 0;
    for _ in 0..MAX_SUCCESSIONS {
        let nearer = nearest..found.len();
        nearest = nearer.end;
        for at in nearer {
            let next = found[at];
            let mut olds = select.query([next])?;
            while let Some(row) = olds.next()? {
                let old = row.get(0)?;
                if found.len() == most {
                    return Ok(found);
                }
                if seen.insert(old) && said(db, old)? == Said::Next(next) {
                    found.push(old);
                }
            }
        }
    }
    Ok(found)
}
