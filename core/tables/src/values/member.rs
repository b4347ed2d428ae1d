//! A record in the sets of its boards.

use upseed_model::{SignedItem, SignedStatement};

use super::budget::Class;

/// A record's row in `members`, but for the board.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// Its own time, in unix seconds.
    pub time: u64,
    /// Its work id.
    pub work: [u8; 32],
    /// Committed bits of work.
    pub bits: u8,
    /// Bytes of the record.
    pub size: i64,
    /// Which budget of the day they are taken from.
    pub class: Class,
}

impl Member {
    /// As an item counts in a set.
    pub fn of_item(item: &SignedItem) -> Self {
        Self {
            time: item.time(),
            work: *item.work().as_bytes(),
            bits: item.proof().bits,
            size: item.header().len() as i64,
            class: Class::Items,
        }
    }

    /// As a statement counts in a set.
    pub fn of_statement(statement: &SignedStatement) -> Self {
        Self {
            time: statement.time(),
            work: *statement.work().as_bytes(),
            bits: statement.proof().bits,
            size: statement.bytes().len() as i64,
            class: Class::of(statement.content()),
        }
    }
}
