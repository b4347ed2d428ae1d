//! How many there are of what, kept up to date so that nobody has to count.

use rusqlite::{Connection, OptionalExtension as _};

use crate::values::{error::StoreError, keep::Keep};

/// What a transaction adds to the numbers; negative where it takes away.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// Items more or fewer.
    pub items: i64,
    /// Statements more or fewer.
    pub statements: i64,
    /// Number and bytes by [`Keep`].
    pub texts: [(i64, i64); 3],
}

const TEXTS: [(&str, &str); 3] =
    [("cached", "cached bytes"), ("hosted", "hosted bytes"), ("own", "own bytes")];

impl Tally {
    /// A text of this many bytes came (sign 1) or went (sign -1).
    pub fn text(&mut self, keep: Keep, size: i64, sign: i64) {
        let (count, bytes) = &mut self.texts[keep as usize];
        *count += sign;
        *bytes += sign * size;
    }

    /// Adds these changes to the counts.
    pub fn write(self, db: &Connection) -> Result<(), StoreError> {
        let mut add = db.prepare_cached(
            "INSERT INTO tally VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
        )?;
        let texts = TEXTS.iter().zip(self.texts);
        let texts = texts.flat_map(|((n, b), (count, bytes))| [(*n, count), (*b, bytes)]);
        for (name, gain) in
            [("items", self.items), ("statements", self.statements)].into_iter().chain(texts)
        {
            if gain != 0 {
                add.execute((name, gain))?;
            }
        }
        Ok(())
    }
}

/// One number.
pub fn value(db: &Connection, name: &str) -> Result<i64, StoreError> {
    let mut select = db.prepare_cached("SELECT value FROM tally WHERE name = ?1")?;
    Ok(select.query_row([name], |row| row.get(0)).optional()?.unwrap_or_default())
}
