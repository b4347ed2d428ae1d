//! Short numbers for boards and keys, which stand in many rows.

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::{BoardName, PublicKey};

use crate::values::error::StoreError;

/// The board's number; it gets one if it has none.
pub fn board_id(db: &Connection, board: &BoardName) -> Result<i64, StoreError> {
    if let Some(id) = known_board(db, board)? {
        return Ok(id);
    }
    db.prepare_cached("INSERT INTO names (name) VALUES (?1)")?.execute([board.as_str()])?;
    Ok(db.last_insert_rowid())
}

/// The board's number if any record or setting named it.
pub fn known_board(db: &Connection, board: &BoardName) -> Result<Option<i64>, StoreError> {
    let mut find = db.prepare_cached("SELECT id FROM names WHERE name = ?1")?;
    Ok(find.query_row([board.as_str()], |row| row.get(0)).optional()?)
}

/// The key's number; it gets one if it has none.
pub fn key_id(db: &Connection, key: &PublicKey) -> Result<i64, StoreError> {
    if let Some(id) = known_key(db, key)? {
        return Ok(id);
    }
    db.prepare_cached("INSERT INTO keys (key) VALUES (?1)")?.execute([key.as_bytes()])?;
    Ok(db.last_insert_rowid())
}

/// The key's number if any record or setting named it.
pub fn known_key(db: &Connection, key: &PublicKey) -> Result<Option<i64>, StoreError> {
    let mut find = db.prepare_cached("SELECT id FROM keys WHERE key = ?1")?;
    Ok(find.query_row([key.as_bytes()], |row| row.get(0)).optional()?)
}

/// The key with this number.
pub fn key_of(db: &Connection, id: i64) -> Result<PublicKey, StoreError> {
    let mut find = db.prepare_cached("SELECT key FROM keys WHERE id = ?1")?;
    parse_key(find.query_row([id], |row| row.get(0))?)
}

/// A board's name as it stands in a row.
pub fn parse_board(table: &'static str, name: &str) -> Result<BoardName, StoreError> {
    name.parse().map_err(|error: upseed_model::board::BoardNameError| {
        StoreError::row(table, error.to_string())
    })
}

/// A key as it stands in a row.
pub fn parse_key(bytes: [u8; 32]) -> Result<PublicKey, StoreError> {
    PublicKey::from_bytes(bytes).map_err(|error| StoreError::row("keys", error.to_string()))
}
