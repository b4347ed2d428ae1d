//! Records whose time has not come yet: kept until it has, within bounds.

use crate::{Store, StoreError, int};

/// Records that wait.
const MAX_LATER: i64 = 1_000;

/// Their bytes together.
const MAX_LATER_BYTES: i64 = 2 << 20;

impl Store {
    /// Keeps bytes until `due`, in unix seconds. If there are too many, those that are due last go;
    /// false if these are among them.
    pub fn put_later(&self, bytes: &[u8], due: u64) -> Result<bool, StoreError> {
        self.write(|db| {
            db.prepare_cached(
                "INSERT INTO later (due, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            )?
            .execute((int(due), bytes))?;
            loop {
                let (count, size): (i64, i64) = db
                    .prepare_cached("SELECT count(*), ifnull(sum(length(bytes)), 0) FROM later")?
                    .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
                if count <= MAX_LATER && size <= MAX_LATER_BYTES {
                    break;
                }
                db.prepare_cached(
                    "DELETE FROM later
                     WHERE id = (SELECT id FROM later ORDER BY due DESC, id DESC LIMIT 1)",
                )?
                .execute([])?;
            }
            Ok(db.prepare_cached("SELECT 1 FROM later WHERE bytes = ?1")?.exists([bytes])?)
        })
    }

    /// Takes out what is due, the earliest first. Nothing is lost that matters if the program ends
    /// right after: peers offer it again.
    pub fn take_due(&self, now: u64, limit: u32) -> Result<Vec<Vec<u8>>, StoreError> {
        self.write(|db| {
            let mut select = db.prepare_cached(
                "SELECT id, bytes FROM later WHERE due <= ?1 ORDER BY due, id LIMIT ?2",
            )?;
            let due = select
                .query_map((int(now), limit), |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))?
                .collect::<Result<Vec<_>, _>>()?;
            let mut delete = db.prepare_cached("DELETE FROM later WHERE id = ?1")?;
            due.into_iter()
                .map(|(id, bytes)| {
                    delete.execute([id])?;
                    Ok(bytes)
                })
                .collect()
        })
    }

    /// When the next one is due, in unix seconds.
    pub fn next_due(&self) -> Result<Option<u64>, StoreError> {
        self.read(|db| {
            let mut first = db.prepare_cached("SELECT min(due) FROM later")?;
            let due: Option<i64> = first.query_row([], |row| row.get(0))?;
            Ok(due.map(crate::uint))
        })
    }
}
