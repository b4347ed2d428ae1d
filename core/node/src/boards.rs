//! What is known of boards. These calls wait for the disk: run them in [`Node::blocking`].

use upseed_model::BoardName;

use crate::{Node, NodeError};

/// Days of history that are reconciled on a board where nobody said otherwise.
const HISTORY_DAYS: u64 = 30;

impl Node {
    /// The boards that the user joined.
    pub fn joined(&self) -> Result<Vec<BoardName>, NodeError> {
        Ok(self.inner.store.boards()?.into_iter().map(|board| board.name).collect())
    }

    /// How many posts of a board are known.
    pub fn posts(&self, board: &BoardName) -> Result<u64, NodeError> {
        Ok(self.inner.store.posts(board)?)
    }

    /// Boards on which people say they are, each with how many say so.
    pub fn boards_of_people(&self) -> Result<Vec<(BoardName, u32)>, NodeError> {
        Ok(self.inner.store.boards_of_people()?)
    }

    /// How many days back boards are reconciled.
    pub fn history_days(&self) -> Result<u64, NodeError> {
        let days = self.inner.store.boards()?.into_iter().map(|board| board.days).max();
        Ok(days.unwrap_or(HISTORY_DAYS))
    }
}
