//! Records come in.

use upseed_model::{Record, SignedItem};
use upseed_tables::hosting::Happened;
use upseed_tables::{
    values::{error::StoreError, keep::Keep, outcome::Outcome},
    work::{batch::Batch, boards, hosting, items, texts},
};

use crate::connection::Store;

impl Store {
    /// Keeps verified records, in one transaction: when this returns, they survive a power cut.
    /// Gives one outcome for each record, in order. Large batches are much faster than single
    /// records.
    pub fn ingest(&self, records: &[Record], now: u64) -> Result<Vec<Outcome>, StoreError> {
        self.write(|db| {
            let mut batch = Batch::new(db, self.current_me());
            let mut outcomes = Vec::with_capacity(records.len());
            for record in records {
                outcomes.push(batch.add(record, now)?);
                batch.relieve()?;
            }
            batch.flush()?;
            Ok(outcomes)
        })
    }

    /// Keeps an item that I wrote, its text, and the wish to host it, and joins its board; all or
    /// nothing.
    pub fn publish(&self, item: &SignedItem, text: &[u8], now: u64) -> Result<Outcome, StoreError> {
        self.write(|db| {
            let mut batch = Batch::new(db, self.current_me());
            let outcome = batch.add_item(item, now)?;
            batch.flush()?;
            let id = items::require(db, &item.work())?;
            texts::put(db, id, text, Keep::Own, self.tick())?;
            hosting::step(db, id, &Happened::Voted { since: now }, now)?;
            boards::join(db, &item.board(), &[], now)?;
            Ok(outcome)
        })
    }
}
