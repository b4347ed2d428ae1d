//! What a transaction changes in the sums of days.

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::limits::MAX_DAY_BYTES;

use crate::values::{
    error::StoreError,
    member::Member,
    number::uint,
    sum::{add, negative},
};

/// What a transaction changes in one row of `days`.
#[derive(Debug, Clone, Copy)]
pub struct DayChange {
    count: i64,
    sum: [u8; 32],
    size: i64,
    bits: u8,
}

impl DayChange {
    /// A day without records.
    pub const NONE: Self = Self { count: 0, sum: [0; 32], size: 0, bits: u8::MAX };

    /// A record joins the day's set.
    pub fn join(&mut self, member: &Member) {
        self.count += 1;
        self.sum = add(&self.sum, &member.work);
        self.size += member.size;
        self.bits = self.bits.min(member.bits);
    }

    /// A record leaves the day's set.
    pub fn leave(&mut self, member: &Member) {
        self.count -= 1;
        self.sum = add(&self.sum, &negative(&member.work));
        self.size -= member.size;
    }

    /// Writes the change; true if the day is over its byte budget now.
    pub fn write(self, db: &Connection, board: i64, day: i64) -> Result<bool, StoreError> {
        let mut find = db.prepare_cached(
            "SELECT count, sum, size, bits FROM days WHERE board = ?1 AND day = ?2",
        )?;
        let before = find
            .query_row([board, day], |row| {
                let (count, sum, size, bits) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
                Ok(Self { count, sum, size, bits })
            })
            .optional()?
            .unwrap_or(Self::NONE);
        let (count, size) = (before.count + self.count, before.size + self.size);
        if count <= 0 {
            db.prepare_cached("DELETE FROM days WHERE board = ?1 AND day = ?2")?
                .execute([board, day])?;
            return Ok(false);
        }
        let sum = add(&before.sum, &self.sum);
        let bits = before.bits.min(self.bits);
        db.prepare_cached("REPLACE INTO days VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute((board, day, count, sum, size, bits))?;
        Ok(uint(size) > MAX_DAY_BYTES)
    }
}
