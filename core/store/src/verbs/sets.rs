//! Sets for reconciliation: which records belong to a board's day, and a digest of each day.

use std::ops::RangeInclusive;

use rusqlite::Connection;
use upseed_model::{BoardName, WorkId};
use upseed_tables::{
    values::{
        budget::Class,
        day::{DAY, days_ago},
        error::StoreError,
        number::{int, uint},
        sum::Sum,
    },
    work::{days::bytes_of_day, levels::Levels, names::known_board, sets::each_member},
};

use crate::connection::Store;

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
            Ok(bytes_of_day(db, board, int(day))?.into_iter().map(uint).sum())
        })
    }

    /// The bits beyond what its size asks for that a stranger's record of this time must commit to here;
    /// `None` if its day takes no more of this class from strangers.
    pub fn asked_of_strangers(
        &self,
        board: &BoardName,
        time: u64,
        class: Class,
        now: u64,
    ) -> Result<Option<u8>, StoreError> {
        self.read(|db| {
            let Some(board) = known_board(db, board)? else { return Ok(Some(0)) };
            let bytes = bytes_of_day(db, board, int(time / DAY))?;
            Ok(class.asked_of_strangers(days_ago(time, now), uint(bytes[class.index()])))
        })
    }
}
