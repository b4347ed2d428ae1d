//! Who succeeds whom.

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::{
    SignedStatement, Statement,
    succession::{self, Said},
};

use super::batch::Batch;
use crate::values::{error::StoreError, number::int};

/// Earlier keys of one person that are looked for.
const EARLIER: usize = 64;

impl Batch<'_> {
    /// The row alone; what follows from it is [`Batch::apply_succession`]'s.
    pub fn insert_succession(&mut self, statement: &SignedStatement) -> Result<(), StoreError> {
        let Statement::Succession { next } = statement.content() else { return Ok(()) };
        let old = self.key(&statement.author())?;
        let next = next.as_ref().map(|next| self.key(next)).transpose()?;
        let row = (*statement.work().as_bytes(), old, next, int(statement.time()));
        let sql = "INSERT INTO successions VALUES (?1, ?2, ?3, ?4)";
        self.db.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }
}

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

/// The key at the end of the chain, often itself; none if it leads nowhere.
pub fn current(db: &Connection, key: i64) -> Result<Option<i64>, StoreError> {
    succession::current(key, |key| {
        let sql = "SELECT DISTINCT next FROM successions WHERE old = ?1 LIMIT 2";
        let mut select = db.prepare_cached(sql)?;
        let said = select.query_map([key], |row| row.get(0))?.collect::<Result<Vec<_>, _>>()?;
        Ok::<_, StoreError>(Said::of(said))
    })
}

/// Earlier keys whose chains lead to this one; a bounded number of them.
pub fn earlier(db: &Connection, key: i64) -> Result<Vec<i64>, StoreError> {
    let mut found = Vec::new();
    let mut looked_at = vec![key];
    let sql = "SELECT DISTINCT old FROM successions WHERE next = ?1 LIMIT ?2";
    let mut select = db.prepare_cached(sql)?;
    while let Some(next) = looked_at.pop() {
        let olds = select.query_map((next, EARLIER as i64), |row| row.get::<_, i64>(0))?;
        for old in olds {
            let old = old?;
            if found.len() < EARLIER && !found.contains(&old) && current(db, old)? == Some(key) {
                found.push(old);
                looked_at.push(old);
            }
        }
    }
    Ok(found)
}
