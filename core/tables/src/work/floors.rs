//! The least work that a record of a full day must commit to (`budget.rs` raises it).

use std::collections::HashMap;

use rusqlite::Connection;

use crate::values::error::StoreError;

/// By board and day: the least bits.
pub struct Floors(HashMap<(i64, i64), u8>);

impl Floors {
    /// All that there are: few days are ever full.
    pub fn read(db: &Connection) -> Result<Self, StoreError> {
        let mut select = db.prepare_cached("SELECT board, day, bits FROM floors")?;
        let rows = select.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
        Ok(Self(rows.collect::<Result<_, _>>()?))
    }

    /// 0 for a day that was never full.
    pub fn of(&self, board: i64, day: i64) -> u8 {
        self.0.get(&(board, day)).copied().unwrap_or(0)
    }
}
