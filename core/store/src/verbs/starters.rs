//! Starter lists, for who follows nobody yet.

use rusqlite::OptionalExtension as _;
use upseed_model::{BoardName, PublicKey, SignedStatement, Statement, WorkId};
use upseed_tables::{
    values::error::StoreError,
    work::{
        names::{known_board, known_key},
        slots, starters,
    },
};

use crate::connection::Store;

impl Store {
    /// Starter lists by others that are for this board: one by each author, none by a muted one.
    /// First those by `follows`, then by the authors of what I upvoted, then those with the most work
    /// beyond what their size asks for.
    pub fn starter_lists(
        &self,
        board: &BoardName,
        follows: &[PublicKey],
        limit: usize,
    ) -> Result<Vec<SignedStatement>, StoreError> {
        let me = self.me_id();
        self.read(|db| {
            let Some(board) = known_board(db, board)? else { return Ok(Vec::new()) };
            let mut known = Vec::new();
            for key in follows {
                known.extend(known_key(db, key)?);
            }
            starters::offered(db, board, me, &known, limit)
        })
    }

    /// The starter list with this work id, as long as nothing replaced it.
    pub fn starter_list(&self, work: &WorkId) -> Result<Option<SignedStatement>, StoreError> {
        self.read(|db| {
            let mut find = db.prepare_cached("SELECT bytes FROM statements WHERE work = ?1")?;
            let bytes: Option<Vec<u8>> =
                find.query_row([work.as_bytes()], |row| row.get(0)).optional()?;
            let found = bytes.map(|bytes| slots::parse(&bytes)).transpose()?;
            let is_list = |found: &SignedStatement| {
                matches!(found.content(), Statement::Follows { name: Some(_), .. })
            };
            Ok(found.filter(is_list))
        })
    }
}
