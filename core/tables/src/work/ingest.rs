//! Records come in.

use upseed_model::{Record, SignedItem};

use super::{admission::Offer, batch::Batch, label_log, placement::Candidate};
use crate::values::{
    budget::Class,
    day::{DAY, oldest_day},
    error::StoreError,
    member::Member,
    number::int,
    outcome::Outcome,
};

impl Batch<'_> {
    /// Takes a record in.
    pub fn add(&mut self, record: &Record, now: u64) -> Result<Outcome, StoreError> {
        match record {
            Record::Item(item) => self.add_item(item, now),
            Record::Statement(statement) => self.add_statement(statement, now),
        }
    }

    /// Takes an item in, places it, and places what waited for it.
    pub fn add_item(&mut self, item: &SignedItem, now: u64) -> Result<Outcome, StoreError> {
        let listed = item.time() / DAY >= oldest_day(now);
        if !listed && !self.is_me(item.author()) {
            let mut find = self.db.prepare_cached("SELECT 1 FROM items WHERE work = ?1")?;
            let known = find.exists([item.work().as_bytes()])?;
            return Ok(if known { Outcome::Known } else { Outcome::TooOld });
        }
        let board = self.board(&item.board())?;
        let offer = Offer {
            author: item.author(),
            time: item.time(),
            class: Class::Items,
            spare: item.spare_bits(),
        };
        if !self.admits(board, &offer, now)? {
            return Ok(Outcome::Full);
        }
        let author = self.key(&item.author())?;
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
            bits: item.proof().bits,
            length: item.length(),
            fresh: true,
        };
        if listed {
            self.join_set(board, Member::of_item(item))?;
        }
        self.place(candidate)?;
        if self.has_subscriptions()? {
            label_log::item_came(self.db, item.work().as_bytes(), now)?;
        }
        Ok(Outcome::New)
    }
}
