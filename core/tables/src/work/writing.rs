//! A transaction that writes, and what it changed that scores depend on.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeSet, HashMap},
    ops::Deref,
};

use rusqlite::Connection;

use super::trust::Trust;
use crate::values::me::Me;

/// A connection in a transaction. Whoever changes votes, follows or mutes says so here; scores are
/// settled once, before the transaction ends (`work/scores.rs`).
pub struct Writing<'a> {
    db: &'a Connection,
    /// The follow graph.
    pub trust: &'a Trust,
    /// What is to be settled before the commit.
    pub touched: RefCell<Touched>,
    has_edited: Cell<bool>,
}

/// What scores must be settled for. Keys and items are numbers of their tables.
#[derive(Debug, Default)]
pub struct Touched {
    /// Votes that items gained (1) or lost (-1), with whose they are: never the author's or mine.
    pub votes: HashMap<i64, Vec<(i64, i64)>>,
    votes_count: usize,
    /// To be scored from the ground.
    pub items: BTreeSet<i64>,
    /// Who follows whom, or no longer.
    pub follows: Vec<(i64, i64, bool)>,
    /// Whom I muted, or no longer.
    pub mutes: Vec<(i64, bool)>,
    /// Keys that say otherwise who succeeds them.
    pub successions: BTreeSet<i64>,
    /// My votes or follows changed.
    pub mine: bool,
    /// I have another key.
    pub reader: Option<Option<Me>>,
}

impl Touched {
    /// Whether the graph, the tree or whose they are may change.
    pub fn is_edit(&self) -> bool {
        let keys = !self.follows.is_empty() || !self.successions.is_empty();
        keys || self.is_mine()
    }

    /// Whether whom I follow for the time being may change.
    pub fn is_mine(&self) -> bool {
        let people = !self.mutes.is_empty() || !self.successions.is_empty();
        people || self.mine || self.reader.is_some()
    }
}

impl<'a> Writing<'a> {
    /// Nothing was touched yet.
    pub fn new(db: &'a Connection, trust: &'a Trust) -> Self {
        Self { db, trust, touched: RefCell::default(), has_edited: Cell::new(false) }
    }

    /// An item is to be scored from the ground.
    pub fn touch(&self, item: i64) {
        self.touched.borrow_mut().items.insert(item);
    }

    /// A vote of somebody else but the author came or went.
    pub fn vote_changed(&self, item: i64, voter: i64, gain: i64) {
        let mut touched = self.touched.borrow_mut();
        touched.votes.entry(item).or_default().push((voter, gain));
        touched.votes_count += 1;
    }

    /// My votes or follows changed.
    pub fn mine_changed(&self) {
        self.touched.borrow_mut().mine = true;
    }

    /// What was touched, to be settled now.
    pub fn take(&self) -> Touched {
        let touched = self.touched.take();
        if touched.is_edit() {
            self.has_edited.set(true);
        }
        touched
    }

    /// Whether the graph or the tree in memory changed: they must be loaded anew if the transaction is
    /// undone.
    pub fn has_edited(&self) -> bool {
        self.has_edited.get()
    }

    /// How much waits to be settled.
    pub fn waiting(&self) -> usize {
        let touched = self.touched.borrow();
        let keys = touched.follows.len() + touched.successions.len();
        touched.votes_count + touched.items.len() + keys
    }
}

impl Deref for Writing<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.db
    }
}
