//! Records come in.

use upseed_model::{Record, SignedItem, hosting::Happened};
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
            batch.enforce_budgets()?;
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

#[cfg(test)]
mod tests {
    use upseed_model::{BoardName, ItemDraft, Kind, Record, SecretKey, SignedItem};

    use upseed_tables::{
        values::{day::DAY, number::int, outcome::Outcome},
        work::batch::Batch,
    };

    use crate::connection::Store;

    const NOW: u64 = 1_800_000_000;

    fn post(seed: u8, bits: u8) -> SignedItem {
        let key = SecretKey::from_seed(&[seed; 32]);
        let draft = ItemDraft {
            author: key.public(),
            board: BoardName::upseed(),
            kind: Kind::Post { title: "T".parse().unwrap() },
            time: NOW,
            text: &[b'a' + seed],
        };
        SignedItem::from_bytes(&draft.puzzle(bits).unwrap().solve(&key)).unwrap()
    }

    #[test]
    fn a_full_day_keeps_those_with_the_most_work() {
        let store = Store::open_in_memory().unwrap();
        let (cheap, dear, late) = (post(1, 0), post(2, 20), post(3, 0));
        let records = [Record::Item(cheap.clone()), Record::Item(dear.clone())];
        store.ingest(&records, NOW).unwrap();
        let day = NOW / DAY;
        store
            .write(|db| {
                let mut batch = Batch::new(db, None);
                let board = batch.board(&BoardName::upseed())?;
                batch.full = vec![(board, int(day))];
                batch.enforce_budget(dear.header().len() as u64)?;
                batch.flush()
            })
            .unwrap();
        assert_eq!(store.floor(&BoardName::upseed(), day).unwrap(), 19);
        let left = store.day(&BoardName::upseed(), day, 0).unwrap();
        assert_eq!(left, [(NOW, dear.work())]);
        let outcomes = store.ingest(&[Record::Item(late)], NOW).unwrap();
        assert_eq!(outcomes, [Outcome::BelowFloor]);
        assert_eq!(store.check().unwrap(), Vec::<String>::new());
    }
}
