//! A post and what people answered.

use upseed_model::WorkId;

use crate::{ItemRow, Store, StoreError, items};

impl Store {
    /// The post and its placed comments, flat, in the order in which they came here; nothing if
    /// the post is not here. If there are more than `limit`, the later ones are left out. `texts`:
    /// whether rows come with their texts.
    pub fn thread(
        &self,
        root: &WorkId,
        limit: u32,
        texts: bool,
    ) -> Result<Vec<ItemRow>, StoreError> {
        self.read(|db| {
            let Some(post) = items::id(db, root)? else { return Ok(Vec::new()) };
            let mut select =
                db.prepare_cached("SELECT item FROM ranks WHERE root = ?1 ORDER BY item LIMIT ?2")?;
            let mut ids = vec![post];
            for item in select.query_map((post, limit.saturating_sub(1)), |row| row.get(0))? {
                ids.push(item?);
            }
            self.rows(db, &ids, texts)
        })
    }
}
