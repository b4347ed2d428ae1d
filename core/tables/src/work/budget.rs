//! The byte budget of a board's day. A day that is over it asks for more work: records that commit
//! to less leave its set, and no more of them are taken. So a flood costs its author ever more,
//! and this node at most 64 MiB.

use upseed_model::{WorkId, limits::MAX_DAY_BYTES};

use super::{batch::Batch, floors::Floors};
use crate::values::{
    day::DAY,
    error::StoreError,
    number::{int, uint},
    outcome::Expired,
};

impl Batch<'_> {
    /// Whether a record commits to too little for its day on this board.
    pub fn is_below_floor(&mut self, board: i64, time: u64, bits: u8) -> Result<bool, StoreError> {
        let floors = match self.floors.take() {
            Some(floors) => floors,
            None => Floors::read(self.db)?,
        };
        Ok(bits < self.floors.insert(floors).of(board, int(time / DAY)))
    }

    /// Raises the floor of each day that this batch brought over its budget. What leaves the set
    /// leaves the store too, unless the user wrote or hosts it.
    pub fn enforce_budgets(&mut self) -> Result<(), StoreError> {
        self.enforce_budget(MAX_DAY_BYTES)
    }

    /// The same with a budget of so many bytes for a day.
    pub fn enforce_budget(&mut self, budget: u64) -> Result<(), StoreError> {
        let mut expired = Expired::default();
        for (board, day) in std::mem::take(&mut self.full) {
            let floor = self.affordable(board, day, budget)?;
            tracing::warn!(board, day, floor, "a day's budget is used up: it asks for more work");
            self.db
                .prepare_cached("REPLACE INTO floors VALUES (?1, ?2, ?3)")?
                .execute((board, day, floor))?;
            self.floors = None;
            for work in self.cheaper(board, day, floor)? {
                self.expire(&work, &mut expired)?;
                self.relieve()?;
            }
        }
        Ok(())
    }

    /// The least bits with which a day fits into its budget.
    fn affordable(&self, board: i64, day: i64, budget: u64) -> Result<u8, StoreError> {
        let mut select = self.db.prepare_cached(
            "SELECT bits, sum(size) FROM members
             WHERE board = ?1 AND time >= ?2 AND time < ?3 GROUP BY bits ORDER BY bits DESC",
        )?;
        let (start, end) = span(day);
        let mut rows = select.query([board, start, end])?;
        let (mut total, mut least) = (0, u8::MAX);
        while let Some(row) = rows.next()? {
            total += uint(row.get(1)?);
            let bits: u8 = row.get(0)?;
            if total > budget {
                return Ok(least.min(bits.saturating_add(1)));
            }
            least = bits;
        }
        Ok(0)
    }

    fn cheaper(&self, board: i64, day: i64, floor: u8) -> Result<Vec<WorkId>, StoreError> {
        let mut select = self.db.prepare_cached(
            "SELECT work FROM members WHERE board = ?1 AND time >= ?2 AND time < ?3 AND bits < ?4",
        )?;
        let (start, end) = span(day);
        let works = select.query_map((board, start, end, floor), |row| row.get(0))?;
        works.map(|work| Ok(WorkId::from_bytes(work?))).collect()
    }
}

fn span(day: i64) -> (i64, i64) {
    let day_seconds = int(DAY);
    (day.saturating_mul(day_seconds), day.saturating_add(1).saturating_mul(day_seconds))
}
