//! Everything known of a board, out of one store and into another.

use rusqlite::OptionalExtension as _;
use upseed_model::{Record, WorkId};
use upseed_tables::{
    values::{error::StoreError, keep::Keep, outcome::Outcome},
    work::{batch::Batch, items, texts},
};

use crate::connection::Store;

/// A record's bytes and, of an item, its text.
pub type WithText = (Vec<u8>, Option<Vec<u8>>);

impl Store {
    /// Records with the texts that are here, for whatever reason, but those of hidden items. What is not here is left out.
    pub fn with_texts(&self, works: &[WorkId]) -> Result<Vec<WithText>, StoreError> {
        self.read(|db| {
            let mut item = db.prepare_cached(
                "SELECT i.header, t.text FROM items i
                 LEFT JOIN texts t ON t.item = i.id AND t.keep < 3
                     AND NOT EXISTS (SELECT 1 FROM ranks WHERE item = i.id AND hidden = 1)
                 WHERE i.work = ?1",
            )?;
            let mut found = Vec::with_capacity(works.len());
            for work in works {
                let row = item.query_row([work.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)));
                match row.optional()? {
                    Some(row) => found.push(row),
                    None => found.extend(items::record_bytes(db, work)?.map(|bytes| (bytes, None))),
                }
            }
            Ok(found)
        })
    }

    /// Keeps verified records that the user chose to take in, and checked texts of items among them, in one transaction.
    /// Their days take them as those of people whom the user trusts. The texts stay in the cache.
    pub fn ingest_chosen(
        &self,
        records: &[Record],
        given: &[(WorkId, &[u8])],
        now: u64,
    ) -> Result<Vec<Outcome>, StoreError> {
        let used = self.tick();
        self.write(|db| {
            let mut batch = Batch::new(db, self.current_me());
            batch.is_chosen = true;
            let mut outcomes = Vec::with_capacity(records.len());
            for record in records {
                outcomes.push(batch.add(record, now)?);
                batch.relieve()?;
            }
            batch.flush()?;
            for (work, text) in given {
                if let Some(item) = items::id(db, work)? {
                    texts::put(db, item, text, Keep::Cache, used)?;
                }
            }
            Ok(outcomes)
        })
    }
}
