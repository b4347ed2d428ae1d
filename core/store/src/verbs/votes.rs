//! Who voted, and which votes were taken back.

use upseed_model::{BoardName, PublicKey, WorkId, statement::Slot};
use upseed_tables::{
    values::error::StoreError,
    work::{items, names::parse_key, pending::slot_columns, successions},
};

use crate::connection::Store;

impl Store {
    /// Targets that an earlier version of this slot of mine had and a later one lacked, ascending.
    /// If the slot's current ballot has one of them again, another device wrote it without knowing
    /// that the vote was taken back.
    pub fn withdrawn(&self, board: &BoardName, slot: Slot) -> Result<Vec<WorkId>, StoreError> {
        let (device, number) = slot_columns(&slot);
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT work FROM withdrawn WHERE board = ?1 AND device = ?2 AND slot = ?3
                 ORDER BY work",
            )?;
            let works = select.query_map((board.as_str(), device, number), |row| row.get(0))?;
            works.map(|work| Ok(WorkId::from_bytes(work?))).collect()
        })
    }

    /// Who upvoted an item, in no order, without its author, with whatever key, and without pending
    /// wishes; at most `limit`.
    pub fn voters(&self, work: &WorkId, limit: u32) -> Result<Vec<PublicKey>, StoreError> {
        self.read(|db| {
            let Some(item) = items::id(db, work)? else { return Ok(Vec::new()) };
            let author = successions::writer(db, self.current_me(), items::author(db, item)?)?;
            let mut select = db.prepare_cached(
                "SELECT k.key FROM items i
                 JOIN votes v ON v.target = i.work AND v.board = i.board AND v.voter IS NOT ?3
                 JOIN keys k ON k.id = v.voter WHERE i.id = ?1 LIMIT ?2",
            )?;
            select
                .query_map((item, limit, author), |row| row.get(0))?
                .map(|key| parse_key(key?))
                .collect()
        })
    }
}
