//! Digests of days for those who ask for more work than each record commits to, so that not every such
//! question reads the days anew: which bits are asked for, any peer may choose.

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;

use crate::values::{
    day::DAY,
    error::StoreError,
    number::int,
    sum::{Sum, add},
};

/// Days that are remembered: 40 boards of 400 days. One takes some 300 bytes, and 3 KiB if its records
/// commit to every number of bits that there is.
const MAX_DAYS: usize = 16_384;

/// What days hold, by board and day, for as long as they hold the same.
#[derive(Default)]
pub struct Remembered(HashMap<(i64, u64), Levels>);

/// One day, when all of it had this sum.
pub struct Levels {
    all: Sum,
    /// By bits: the records that commit to at least as many.
    least: BTreeMap<u8, Sum>,
}

impl Levels {
    /// Reads the day, once for all bits.
    pub fn read(db: &Connection, board: i64, day: u64, all: Sum) -> Result<Self, StoreError> {
        let mut select = db.prepare_cached(
            "SELECT bits, work FROM members WHERE board = ?1 AND time >= ?2 AND time < ?3",
        )?;
        let start = day.saturating_mul(DAY);
        let mut rows = select.query((board, int(start), int(start.saturating_add(DAY))))?;
        let mut least: BTreeMap<u8, Sum> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let (count, sum) = least.entry(row.get(0)?).or_default();
            *count += 1;
            *sum = add(sum, &row.get(1)?);
        }
        let (mut count, mut sum) = Sum::default();
        for level in least.values_mut().rev() {
            (count, sum) = (count + level.0, add(&sum, &level.1));
            *level = (count, sum);
        }
        Ok(Self { all, least })
    }

    /// The records that commit to at least so many bits.
    pub fn at_least(&self, min_bits: u8) -> Sum {
        self.least.range(min_bits..).next().map(|(_, sum)| *sum).unwrap_or_default()
    }
}

impl Remembered {
    /// The day, if all of it still has this sum.
    pub fn find(&self, board: i64, day: u64, all: &Sum) -> Option<&Levels> {
        self.0.get(&(board, day)).filter(|levels| levels.all == *all)
    }

    /// When full, all is forgotten rather than grown.
    pub fn put(&mut self, board: i64, day: u64, levels: Levels) {
        if self.0.len() >= MAX_DAYS && !self.0.contains_key(&(board, day)) {
            self.0.clear();
        }
        self.0.insert((board, day), levels);
    }
}
