//! Names that people gave themselves, by which they are found.

use rusqlite::Connection;
use upseed_model::{PublicKey, SignedStatement, Statement};

use super::{batch::Batch, names::parse_key};
use crate::values::{error::StoreError, words};

/// The name in a profile, as it is found; none in a profile without one.
fn name(statement: Option<&SignedStatement>) -> Option<(&SignedStatement, String)> {
    let statement = statement?;
    let Statement::Profile { name, .. } = statement.content() else { return None };
    Some((statement, words::of_text(name))).filter(|(_, name)| !name.is_empty())
}

impl Batch<'_> {
    /// `before` was replaced by `after` in this slot.
    pub fn apply_profile(
        &mut self,
        before: Option<&SignedStatement>,
        after: Option<&SignedStatement>,
    ) -> Result<(), StoreError> {
        let delete = "DELETE FROM profiles WHERE name = ?1 AND author = ?2 AND work = ?3";
        let insert = "INSERT INTO profiles VALUES (?1, ?2, ?3)";
        for (sql, profile) in [(delete, name(before)), (insert, name(after))] {
            if let Some((profile, name)) = profile {
                let author = self.key(&profile.author())?;
                let row = (name, author, *profile.work().as_bytes());
                self.db.prepare_cached(sql)?.execute(row)?;
            }
        }
        Ok(())
    }
}

/// Keys of whose profiles at least one has this name, however it is written; at most `limit`.
pub fn named(db: &Connection, name: &str, limit: u32) -> Result<Vec<PublicKey>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT key FROM (SELECT DISTINCT author FROM profiles WHERE name = ?1 LIMIT ?2)
         JOIN keys ON id = author",
    )?;
    let keys = select.query_map((words::of_text(name), limit), |row| row.get(0))?;
    keys.map(|key| parse_key(key?)).collect()
}
