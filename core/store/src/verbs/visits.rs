//! When the user last looked at something.

use rusqlite::OptionalExtension as _;
use upseed_tables::values::{
    error::StoreError,
    number::{int, uint},
};

use crate::connection::Store;

/// Visits that are remembered; of those before nothing is marked as new.
const MAX_VISITS: u32 = 2_000;

impl Store {
    /// When the user last looked at that, in unix seconds.
    pub fn visited(&self, what: &str) -> Result<Option<u64>, StoreError> {
        self.read(|db| {
            let mut find = db.prepare_cached("SELECT at FROM visits WHERE what = ?1")?;
            Ok(find.query_row([what], |row| row.get(0)).optional()?.map(uint))
        })
    }

    /// The user looks at that now. The oldest visits are forgotten.
    pub fn visit(&self, what: &str, now: u64) -> Result<(), StoreError> {
        self.write(|db| {
            db.prepare_cached("REPLACE INTO visits VALUES (?1, ?2)")?.execute((what, int(now)))?;
            db.prepare_cached(
                "DELETE FROM visits WHERE what IN
                 (SELECT what FROM visits ORDER BY at DESC LIMIT -1 OFFSET ?1)",
            )?
            .execute([MAX_VISITS])?;
            Ok(())
        })
    }
}
