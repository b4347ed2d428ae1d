//! Records whose time has not come yet: kept until it has, within bounds.

use upseed_tables::values::{
    error::StoreError,
    number::{int, uint},
};

use crate::connection::Store;

/// Records that wait.
const MAX_LATER: usize = 1_000;

/// Their bytes together.
const MAX_LATER_BYTES: i64 = 2 << 20;

impl Store {
    /// Keeps records, each until it is due, in unix seconds. If there are too many, those that are due
    /// last go.
    pub fn put_later(&self, records: &[(&[u8], u64)]) -> Result<(), StoreError> {
        if records.is_empty() {
            return Ok(());
        }
        self.write(|db| {
            let mut insert = db.prepare_cached(
                "INSERT INTO later (due, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            )?;
            for (bytes, due) in records {
                insert.execute((int(*due), bytes))?;
            }
            let mut select =
                db.prepare_cached("SELECT id, length(bytes) FROM later ORDER BY due, id")?;
            let rows = select
                .query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?
                .collect::<Result<Vec<_>, _>>()?;
            let mut size = 0;
            let mut delete = db.prepare_cached("DELETE FROM later WHERE id = ?1")?;
            for (index, (id, length)) in rows.iter().enumerate() {
                size += length;
                if index >= MAX_LATER || size > MAX_LATER_BYTES {
                    delete.execute([id])?;
                }
            }
            Ok(())
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
            Ok(due.map(uint))
        })
    }
}
