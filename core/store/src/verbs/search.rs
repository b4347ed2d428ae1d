//! Looking for words in titles and texts.

use upseed_model::BoardName;
use upseed_tables::{
    values::error::StoreError,
    work::{names::known_board, rows::ItemRow, search},
};

use crate::connection::Store;

impl Store {
    /// Placed items whose title or text has every one of these words, best first; on one board or on
    /// all. Case and accents make no difference, what stands in quotes stands together, and the last word
    /// may be the beginning of one, from three letters on. In scripts without spaces any part of a text is
    /// found. Of hits beyond the newest 1,000 of a kind, nothing is seen.
    pub fn search(
        &self,
        words: &str,
        board: Option<&BoardName>,
        skip: u32,
        limit: u32,
    ) -> Result<Vec<ItemRow>, StoreError> {
        self.read(|db| {
            let board = board.map(|board| known_board(db, board)).transpose()?;
            if board == Some(None) {
                return Ok(Vec::new());
            }
            let board = board.flatten();
            let ids = search::find(db, words, board, skip, limit)?;
            self.rows(db, &ids, true)
        })
    }
}
