//! Lists of posts.

use upseed_tables::{
    values::error::StoreError,
    work::{
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
}
