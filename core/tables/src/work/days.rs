//! What a transaction changes in the sums of days.

use crate::values::{
    budget::Class,
    error::StoreError,
    member::Member,
    sum::{add, negative},
};
use rusqlite::{Connection, OptionalExtension as _};

/// What a transaction changes in one row of `days`.
#[derive(Debug, Clone, Copy)]
pub struct DayChange {
    count: i64,
    sum: [u8; 32],
    /// Bytes by class.
    bytes: [i64; 3],
    bits: u8,
}

impl DayChange {
    /// A day without records.
    pub const NONE: Self = Self { count: 0, sum: [0; 32], bytes: [0; 3], bits: u8::MAX };

    /// A record joins the day's set.
    pub fn join(&mut self, member: &Member) {
        self.count += 1;
        self.sum = add(&self.sum, &member.work);
        self.bytes[member.class.index()] += member.size;
        self.bits = self.bits.min(member.bits);
    }

    /// A record leaves the day's set.
    pub fn leave(&mut self, member: &Member) {
        self.count -= 1;
        self.sum = add(&self.sum, &negative(&member.work));
        self.bytes[member.class.index()] -= member.size;
    }

    /// How many bytes more of a class there are.
    pub fn bytes(&self, class: Class) -> i64 {
        self.bytes[class.index()]
    }

    /// Writes the change.
    pub fn write(self, db: &Connection, board: i64, day: i64) -> Result<(), StoreError> {
        let mut find =
            db.prepare_cached("SELECT count, sum, bits FROM days WHERE board = ?1 AND day = ?2")?;
        let before = find
            .query_row([board, day], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let (count, sum, bits) = before.unwrap_or((0, Self::NONE.sum, Self::NONE.bits));
        let count: i64 = count + self.count;
        if count <= 0 {
            db.prepare_cached("DELETE FROM days WHERE board = ?1 AND day = ?2")?
                .execute([board, day])?;
            return Ok(());
        }
        let mut bytes = bytes_of_day(db, board, day)?;
        bytes.iter_mut().zip(self.bytes).for_each(|(all, change)| *all += change);
        let [items, ballots, others] = bytes;
        db.prepare_cached("REPLACE INTO days VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?.execute(
            (board, day, count, add(&sum, &self.sum), bits.min(self.bits), items, ballots, others),
        )?;
        Ok(())
    }
}

/// Bytes of a day by class.
pub fn bytes_of_day(db: &Connection, board: i64, day: i64) -> Result<[i64; 3], StoreError> {
    let sql = "SELECT items, ballots, others FROM days WHERE board = ?1 AND day = ?2";
    let found = db
        .prepare_cached(sql)?
        .query_row([board, day], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))
        .optional()?;
    Ok(found.unwrap_or_default())
}
