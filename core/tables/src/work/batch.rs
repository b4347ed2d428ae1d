//! One transaction's work on derived tables: what many records change together is written once, at
//! the end.

use std::collections::HashMap;

use upseed_model::{BoardName, PublicKey};

use super::{
    days::DayChange, names, settle::settle, subscriptions, tally::Tally, writing::Writing,
};
use crate::values::{error::StoreError, me::Me};

/// Entries that may wait in memory before they are written.
const WAITING: usize = 20_000;

/// What records of one transaction change together, written once by [`Batch::flush`].
pub struct Batch<'a> {
    /// The transaction.
    pub db: &'a Writing<'a>,
    /// Whose node this is.
    pub me: Option<Me>,
    /// Whether the user chose these records: a bundle from a friend, not what peers send.
    pub is_chosen: bool,
    boards: HashMap<BoardName, i64>,
    keys: HashMap<PublicKey, i64>,
    /// By board and day.
    pub days: HashMap<(i64, i64), DayChange>,
    /// Comments that placed items gained or lost.
    pub comments: HashMap<i64, i64>,
    /// How the counts change.
    pub tally: Tally,
    /// Bytes of days by class, as they stand in the table, once they were looked up.
    pub taken: HashMap<(i64, i64), [i64; 3]>,
    /// Whether the user subscribes to anybody's labels, once that was looked up.
    has_subscriptions: Option<bool>,
}

impl<'a> Batch<'a> {
    /// Nothing has changed yet.
    pub fn new(db: &'a Writing<'a>, me: Option<Me>) -> Self {
        Self {
            db,
            me,
            is_chosen: false,
            boards: HashMap::new(),
            keys: HashMap::new(),
            days: HashMap::new(),
            comments: HashMap::new(),
            tally: Tally::default(),
            taken: HashMap::new(),
            has_subscriptions: None,
        }
    }

    /// My row in `keys`; -1, which no row has, before there is an identity.
    pub fn me_id(&self) -> i64 {
        self.me.map_or(-1, |me| me.id)
    }

    /// Whether this is my own key.
    pub fn is_me(&self, author: PublicKey) -> bool {
        self.me.is_some_and(|me| me.key == author)
    }

    /// The row of this board, made if it is new.
    pub fn board(&mut self, board: &BoardName) -> Result<i64, StoreError> {
        if let Some(id) = self.boards.get(board) {
            return Ok(*id);
        }
        let id = names::board_id(self.db, board)?;
        if self.boards.len() < WAITING {
            self.boards.insert(*board, id);
        }
        Ok(id)
    }

    /// The row of this key, made if it is new.
    pub fn key(&mut self, key: &PublicKey) -> Result<i64, StoreError> {
        if let Some(id) = self.keys.get(key) {
            return Ok(*id);
        }
        let id = names::key_id(self.db, key)?;
        if self.keys.len() < WAITING {
            self.keys.insert(*key, id);
        }
        Ok(id)
    }

    /// Whether the user subscribes to anybody's labels. No record that comes in changes that.
    pub fn has_subscriptions(&mut self) -> Result<bool, StoreError> {
        if let Some(has) = self.has_subscriptions {
            return Ok(has);
        }
        let has = subscriptions::has_any(self.db)?;
        self.has_subscriptions = Some(has);
        Ok(has)
    }

    /// Writes what waits if that has become much.
    pub fn relieve(&mut self) -> Result<(), StoreError> {
        let waiting = [self.days.len(), self.taken.len(), self.comments.len(), self.db.waiting()];
        if waiting.into_iter().sum::<usize>() > WAITING { self.flush() } else { Ok(()) }
    }

    /// Writes what waits. Must be called before the transaction ends.
    pub fn flush(&mut self) -> Result<(), StoreError> {
        self.taken.clear();
        for ((board, day), change) in std::mem::take(&mut self.days) {
            change.write(self.db, board, day)?;
        }
        let mut comments =
            self.db.prepare_cached("UPDATE ranks SET comments = comments + ?2 WHERE item = ?1")?;
        for (item, gain) in std::mem::take(&mut self.comments) {
            comments.execute([item, gain])?;
        }
        std::mem::take(&mut self.tally).write(self.db)?;
        settle(self.db, self.me)
    }
}
