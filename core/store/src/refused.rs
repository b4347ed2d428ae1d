//! What was looked at and is not kept, so that it need not be looked at again.

use upseed_model::WorkId;

use crate::{Store, StoreError, int};

/// Hashes that are remembered: about 10 MiB. Each one saves a verification, no more, so the oldest
/// may go.
const MAX_REFUSED: i64 = 100_000;

impl Store {
    /// Remembers bytes by their SHA-256, and their work id if they have one: for good, or until a
    /// moment in unix seconds.
    pub fn remember_refused(
        &self,
        hash: &[u8; 32],
        work: Option<&WorkId>,
        until: Option<u64>,
    ) -> Result<(), StoreError> {
        self.write(|db| {
            let mut replace =
                db.prepare_cached("REPLACE INTO refused (hash, work, until) VALUES (?1, ?2, ?3)")?;
            replace.execute((hash, work.map(WorkId::as_bytes), until.map(int)))?;
            let newest = db.last_insert_rowid();
            db.prepare_cached("DELETE FROM refused WHERE id <= ?1")?
                .execute([newest - MAX_REFUSED])?;
            Ok(())
        })
    }

    /// Whether these bytes are refused at this moment.
    pub fn is_refused(&self, hash: &[u8; 32], now: u64) -> Result<bool, StoreError> {
        self.read(|db| {
            let mut find = db.prepare_cached(
                "SELECT 1 FROM refused WHERE hash = ?1 AND (until IS NULL OR until > ?2)",
            )?;
            Ok(find.exists((hash, int(now)))?)
        })
    }

    /// Forgets all that was refused only for a time, such as for too little work when the setting
    /// has changed. ([`Store::expire`] forgets those whose time is over.)
    pub fn forget_temporary_refusals(&self) -> Result<(), StoreError> {
        self.write(|db| {
            db.execute("DELETE FROM refused WHERE until IS NOT NULL", [])?;
            Ok(())
        })
    }
}
