//! Sets for reconciliation: which records belong to a board's day, and a digest of each day.
//!
//! Whether a record is in a set follows from its bytes and its age alone, so that two nodes that
//! hold the same records have the same digests.

use std::ops::RangeInclusive;

use rusqlite::{Connection, OptionalExtension as _};
use upseed_model::{
    BoardName, SignedItem, SignedStatement, WorkId,
    limits::{HORIZON_DAYS, MAX_DAY_BYTES},
};

use crate::{
    DAY, Store, StoreError,
    batch::Batch,
    int,
    levels::{Levels, Sum},
    names::known_board,
    uint,
};

/// What two nodes compare before they look into a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayDigest {
    /// Signed time / 86,400.
    pub day: u64,
    /// Records.
    pub count: u64,
    /// Sum of their work ids as little-endian 256-bit integers, mod 2^256.
    pub sum: [u8; 32],
}

/// The first day that is not too old for a set.
pub(crate) const fn oldest_day(now: u64) -> u64 {
    (now / DAY).saturating_sub(HORIZON_DAYS)
}

/// What a transaction changes in one row of `days`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DayChange {
    count: i64,
    sum: [u8; 32],
    size: i64,
    bits: u8,
}

impl DayChange {
    const NONE: Self = Self { count: 0, sum: [0; 32], size: 0, bits: u8::MAX };

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

/// A record's row in `members`, but for the board.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    pub time: u64,
    pub work: [u8; 32],
    pub bits: u8,
    pub size: i64,
}

impl Member {
    pub fn of_item(item: &SignedItem) -> Self {
        Self {
            time: item.time(),
            work: *item.work().as_bytes(),
            bits: item.proof().bits,
            size: item.header().len() as i64,
        }
    }

    pub fn of_statement(statement: &SignedStatement) -> Self {
        Self {
            time: statement.time(),
            work: *statement.work().as_bytes(),
            bits: statement.proof().bits,
            size: statement.bytes().len() as i64,
        }
    }
}

impl Batch<'_> {
    pub fn join_set(&mut self, board: i64, member: Member) -> Result<(), StoreError> {
        let mut insert =
            self.db.prepare_cached("INSERT INTO members VALUES (?1, ?2, ?3, ?4, ?5)")?;
        let Member { time, work, bits, size } = member;
        insert.execute((board, int(time), work, bits, size))?;
        let day = self.days.entry((board, int(time / DAY))).or_insert(DayChange::NONE);
        day.count += 1;
        day.sum = add(&day.sum, &work);
        day.size += size;
        day.bits = day.bits.min(bits);
        Ok(())
    }

    pub fn leave_set(&mut self, board: i64, member: Member) -> Result<(), StoreError> {
        let sql = "DELETE FROM members WHERE board = ?1 AND time = ?2 AND work = ?3";
        let mut delete = self.db.prepare_cached(sql)?;
        if delete.execute((board, int(member.time), member.work))? == 1 {
            let key = (board, int(member.time / DAY));
            let day = self.days.entry(key).or_insert(DayChange::NONE);
            day.count -= 1;
            day.sum = add(&day.sum, &negative(&member.work));
            day.size -= member.size;
        }
        Ok(())
    }
}

impl Store {
    /// Digests of a board's days, for records that commit to at least `min_bits`; only days that
    /// have such records, ascending.
    pub fn digests(
        &self,
        board: &BoardName,
        days: RangeInclusive<u64>,
        min_bits: u8,
    ) -> Result<Vec<DayDigest>, StoreError> {
        self.read(|db| {
            let Some(board) = known_board(db, board)? else { return Ok(Vec::new()) };
            let mut select = db.prepare_cached(
                "SELECT day, count, sum, bits FROM days
                 WHERE board = ?1 AND day BETWEEN ?2 AND ?3 ORDER BY day",
            )?;
            let mut rows = select.query([board, int(*days.start()), int(*days.end())])?;
            let mut digests = Vec::new();
            while let Some(row) = rows.next()? {
                let (day, bits) = (uint(row.get(0)?), row.get::<_, u8>(3)?);
                let all = (uint(row.get(1)?), row.get(2)?);
                let (count, sum) = if bits >= min_bits {
                    all
                } else {
                    self.sum_of_part(db, (board, day), all, min_bits)?
                };
                if count > 0 {
                    digests.push(DayDigest { day, count, sum });
                }
            }
            Ok(digests)
        })
    }

    /// The part of a day that commits to at least `min_bits`, while all of it has this sum.
    fn sum_of_part(
        &self,
        db: &Connection,
        (board, day): (i64, u64),
        all: Sum,
        min_bits: u8,
    ) -> Result<Sum, StoreError> {
        if let Some(levels) = self.inner.levels.lock().find(board, day, &all) {
            return Ok(levels.at_least(min_bits));
        }
        let levels = Levels::read(db, board, day, all)?;
        let part = levels.at_least(min_bits);
        self.inner.levels.lock().put(board, day, levels);
        Ok(part)
    }

    /// The records of one day that commit to at least `min_bits`, ascending by (time, work id).
    pub fn day(
        &self,
        board: &BoardName,
        day: u64,
        min_bits: u8,
    ) -> Result<Vec<(u64, WorkId)>, StoreError> {
        self.read(|db| {
            let Some(board) = known_board(db, board)? else { return Ok(Vec::new()) };
            let mut members = Vec::new();
            each_member(db, board, day, min_bits, |time, work| {
                members.push((time, WorkId::from_bytes(work)));
            })?;
            Ok(members)
        })
    }

    /// Bytes of one day's records, of any work.
    pub fn day_bytes(&self, board: &BoardName, day: u64) -> Result<u64, StoreError> {
        self.read(|db| {
            let Some(board) = known_board(db, board)? else { return Ok(0) };
            let sql = "SELECT size FROM days WHERE board = ?1 AND day = ?2";
            let mut select = db.prepare_cached(sql)?;
            let size = select.query_row([board, int(day)], |row| row.get(0)).optional()?;
            Ok(size.map_or(0, uint))
        })
    }
}

fn each_member(
    db: &Connection,
    board: i64,
    day: u64,
    min_bits: u8,
    mut visit: impl FnMut(u64, [u8; 32]),
) -> Result<(), StoreError> {
    let mut select = db.prepare_cached(
        "SELECT time, work FROM members
         WHERE board = ?1 AND time >= ?2 AND time < ?3 AND bits >= ?4 ORDER BY time, work",
    )?;
    let start = day.saturating_mul(DAY);
    let mut rows = select.query((board, int(start), int(start.saturating_add(DAY)), min_bits))?;
    while let Some(row) = rows.next()? {
        visit(uint(row.get(0)?), row.get(1)?);
    }
    Ok(())
}

/// Sum of two little-endian 256-bit integers, mod 2^256.
pub(crate) fn add(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    let (mut sum, mut carry) = ([0; 32], 0);
    for ((sum, a), b) in sum.iter_mut().zip(a).zip(b) {
        let byte = u16::from(*a) + u16::from(*b) + carry;
        *sum = byte as u8;
        carry = byte >> 8;
    }
    sum
}

/// What [`add`] makes 0.
fn negative(a: &[u8; 32]) -> [u8; 32] {
    let mut one = [0; 32];
    one[0] = 1;
    add(&a.map(|byte| !byte), &one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_carry_and_wrap() {
        let mut one = [0; 32];
        one[0] = 1;
        let mut carried = [0; 32];
        carried[1] = 1;
        let mut byte = [0; 32];
        byte[0] = 0xff;
        assert_eq!(add(&byte, &one), carried);
        assert_eq!(add(&[0xff; 32], &one), [0; 32]);
        let any = std::array::from_fn(|at| (at * 37) as u8);
        assert_eq!(add(&any, &negative(&any)), [0; 32]);
        assert_eq!(add(&add(&byte, &any), &negative(&any)), byte);
    }

    #[test]
    fn the_horizon_is_whole_days() {
        assert_eq!(oldest_day(1_000 * DAY + 5), 600);
        assert_eq!(oldest_day(5), 0);
    }
}
