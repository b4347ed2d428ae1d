//! Sets for reconciliation: which records belong to a board's day, and a digest of each day.
//!
//! Whether a record is in a set follows from its bytes and its age alone, so that two nodes that
//! hold the same records have the same digests.

use rusqlite::Connection;

use super::{batch::Batch, days::DayChange};
use crate::values::{
    day::DAY,
    error::StoreError,
    member::Member,
    number::{int, uint},
};

impl Batch<'_> {
    /// The record becomes a member of its board's set.
    pub fn join_set(&mut self, board: i64, member: Member) -> Result<(), StoreError> {
        let mut insert =
            self.db.prepare_cached("INSERT INTO members VALUES (?1, ?2, ?3, ?4, ?5)")?;
        let Member { time, work, bits, size, .. } = member;
        insert.execute((board, int(time), work, bits, size))?;
        let day = (board, int(time / DAY));
        self.days.entry(day).or_insert(DayChange::NONE).join(&member);
        Ok(())
    }

    /// The record is a member no longer.
    pub fn leave_set(&mut self, board: i64, member: Member) -> Result<(), StoreError> {
        let sql = "DELETE FROM members WHERE board = ?1 AND time = ?2 AND work = ?3";
        let mut delete = self.db.prepare_cached(sql)?;
        if delete.execute((board, int(member.time), member.work))? == 1 {
            let day = (board, int(member.time / DAY));
            self.days.entry(day).or_insert(DayChange::NONE).leave(&member);
        }
        Ok(())
    }
}

/// Calls for each member of this day with at least these bits.
pub fn each_member(
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
