//! Lists of posts.

use upseed_model::{BoardName, Infohash};
use upseed_tables::{
    values::{error::StoreError, number::int},
    work::{
        names::known_board,
        rows::ItemRow,
        top::{TopQuery, top_ids},
    },
};

use crate::connection::Store;

impl Store {
    /// Posts in order. Never waits for the network, nor for writers.
    pub fn top(&self, query: &TopQuery) -> Result<Vec<ItemRow>, StoreError> {
        self.read(|db| {
            let ids = top_ids(db, query)?;
            self.rows(db, &ids, query.texts)
        })
    }

    /// Posts of a board that lists show, the newest first: of rank times since that moment, at most
    /// `limit`.
    pub fn posts_of(
        &self,
        board: &BoardName,
        since: u64,
        limit: u32,
    ) -> Result<Vec<Infohash>, StoreError> {
        self.read(|db| {
            let Some(board) = known_board(db, board)? else { return Ok(Vec::new()) };
            let mut select = db.prepare_cached(
                "SELECT infohash FROM ranks r JOIN items i ON i.id = r.item
                 WHERE post = 1 AND r.board = ?1 AND hidden = 0 AND r.time >= ?2
                 ORDER BY r.time DESC, tie LIMIT ?3",
            )?;
            let found = select.query_map((board, int(since), limit), |row| row.get(0))?;
            found.map(|id| Ok(Infohash::from_bytes(id?))).collect()
        })
    }
}
