//! Whose votes are mine, as the database says.

use rusqlite::{Connection, OptionalExtension as _};

use super::names::{known_key, parse_key};
use crate::values::{error::StoreError, me::Me};

/// Whose node this is; `None` before there is an identity.
pub fn load(db: &Connection) -> Result<Option<Me>, StoreError> {
    let sql = "SELECT value FROM meta WHERE name = 'me'";
    let Some(key) = db.query_row(sql, [], |row| row.get(0)).optional()? else { return Ok(None) };
    let key = parse_key(key)?;
    let id = known_key(db, &key)?.ok_or_else(|| StoreError::row("meta", "my key has no number"))?;
    Ok(Some(Me { key, id }))
}
