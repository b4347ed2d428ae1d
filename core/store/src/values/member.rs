//! A record in the sets of its boards.

use upseed_model::{SignedItem, SignedStatement};

/// A record's row in `members`, but for the board.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    pub time: u64,
    pub work: [u8; 32],
    pub bits: u8,
    pub size: i64,
}

impl Member {
    pub fn of_item(item: &SignedItem) -> Self {
        Self {
            time: item.time(),
            work: *item.work().as_bytes(),
            bits: item.proof().bits,
            size: item.header().len() as i64,
        }
    }

    pub fn of_statement(statement: &SignedStatement) -> Self {
        Self {
            time: statement.time(),
            work: *statement.work().as_bytes(),
            bits: statement.proof().bits,
            size: statement.bytes().len() as i64,
        }
    }
}
