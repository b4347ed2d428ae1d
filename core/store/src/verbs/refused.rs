//! What was looked at and is not kept, so that it need not be looked at again.

use upseed_model::WorkId;
use upseed_tables::values::{error::StoreError, number::int};

use crate::connection::Store;

/// Hashes that are remembered: about 10 MiB. Each one saves a verification, no more, so the oldest
/// may go.
const MAX_REFUSED: i64 = 100_000;

/// Bytes that were looked at and not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// Their SHA-256.
    pub hash: [u8; 32],
    /// Their work id, if they have one.
    pub work: Option<WorkId>,
    /// Until when, in unix seconds; nothing: for good.
    pub until: Option<u64>,
}

impl Store {
    /// Remembers what was refused, all in one transaction.
    pub fn remember_refused(&self, refusals: &[Refusal]) -> Result<(), StoreError> {
        if refusals.is_empty() {
            return Ok(());
        }
        self.write(|db| {
            let mut replace =
                db.prepare_cached("REPLACE INTO refused (hash, work, until) VALUES (?1, ?2, ?3)")?;
            for Refusal { hash, work, until } in refusals {
                replace.execute((hash, work.as_ref().map(WorkId::as_bytes), until.map(int)))?;
            }
            let newest = db.last_insert_rowid();
            db.prepare_cached("DELETE FROM refused WHERE id <= ?1")?
                .execute([newest - MAX_REFUSED])?;
            Ok(())
        })
    }

    /// Which of these hashes are of bytes that are refused at this moment, in their order.
    pub fn are_refused(&self, hashes: &[[u8; 32]], now: u64) -> Result<Vec<bool>, StoreError> {
        self.read(|db| {
            let mut find = db.prepare_cached(
                "SELECT 1 FROM refused WHERE hash = ?1 AND (until IS NULL OR until > ?2)",
            )?;
            hashes.iter().map(|hash| Ok(find.exists((hash, int(now)))?)).collect()
        })
    }
}
