//! Records come in.

use rusqlite::OptionalExtension as _;
use upseed_model::{Record, SignedItem};

use crate::{
    DAY, Keep, Store, StoreError,
    batch::Batch,
    int,
    placement::Candidate,
    sets::{Member, oldest_day},
    texts,
};

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is kept, and was not here before.
    New,
    /// The same work id is here already. (A second signature over the same bytes is not kept.)
    Known,
    /// A statement that is older than the one in its slot, which is given.
    Superseded {
        /// The bytes of the newer statement.
        newer: Vec<u8>,
    },
    /// Signed more than 400 days ago, by somebody else; not kept.
    TooOld,
    /// Its day is over its byte budget, and it commits to too little work for that; not kept.
    BelowFloor,
}

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
            let id = crate::items::require(db, &item.work())?;
            texts::put(db, id, text, Keep::Own, self.tick())?;
            crate::wishes::want(db, id, now)?;
            crate::boards::join(db, &item.board(), &[], now)?;
            Ok(outcome)
        })
    }
}

impl Batch<'_> {
    pub fn add(&mut self, record: &Record, now: u64) -> Result<Outcome, StoreError> {
        match record {
            Record::Item(item) => self.add_item(item, now),
            Record::Statement(statement) => self.add_statement(statement, now),
        }
    }

    pub fn add_item(&mut self, item: &SignedItem, now: u64) -> Result<Outcome, StoreError> {
        let listed = item.time() / DAY >= oldest_day(now);
        if !listed && !self.is_me(item.author()) {
            let mut find = self.db.prepare_cached("SELECT 1 FROM items WHERE work = ?1")?;
            let known = find.exists([item.work().as_bytes()])?;
            return Ok(if known { Outcome::Known } else { Outcome::TooOld });
        }
        let (board, author) = (self.board(&item.board())?, self.key(&item.author())?);
        if !self.is_me(item.author())
            && self.is_below_floor(board, item.time(), item.proof().bits)?
        {
            return Ok(Outcome::BelowFloor);
        }
        let mut insert = self.db.prepare_cached(
            "INSERT INTO items (work, infohash, board, author, time, bits, parent, root, listed,
                 first_seen, header)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (work) DO NOTHING",
        )?;
        let inserted = insert.execute((
            item.work().as_bytes(),
            item.infohash().as_bytes(),
            board,
            author,
            int(item.time()),
            item.proof().bits,
            item.parent().map(|link| link.to_bytes()),
            item.root().map(|link| link.to_bytes()),
            listed,
            int(now),
            item.header(),
        ))?;
        if inserted == 0 {
            return Ok(Outcome::Known);
        }
        self.tally.items += 1;
        let candidate = Candidate {
            id: self.db.last_insert_rowid(),
            work: *item.work().as_bytes(),
            infohash: *item.infohash().as_bytes(),
            board,
            author,
            time: item.time(),
            first_seen: now,
            parent: item.parent(),
            root: item.root(),
            fresh: true,
        };
        if listed {
            self.join_set(board, Member::of_item(item))?;
        }
        self.place(candidate)?;
        Ok(Outcome::New)
    }

    pub fn is_me(&self, author: upseed_model::PublicKey) -> bool {
        self.me.is_some_and(|me| me.key == author)
    }

    /// Whether a record with this work id is here.
    pub fn knows(&self, table: &'static str, work: &[u8; 32]) -> Result<bool, StoreError> {
        let sql = format!("SELECT 1 FROM {table} WHERE work = ?1");
        let found = self.db.prepare_cached(&sql)?.query_row([work], |_| Ok(())).optional()?;
        Ok(found.is_some())
    }
}
