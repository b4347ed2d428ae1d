//! What labels do to what a page shows.

use std::collections::BTreeMap;

use upseed_model::{PublicKey, WorkId};
use upseed_tables::{
    values::{error::StoreError, moderation::Verdict, number::uint},
    work::{names::known_key, subscriptions},
};

use crate::connection::Store;

impl Store {
    /// The values that somebody uses, and how often, the most frequent first.
    pub fn label_values(
        &self,
        labeller: &PublicKey,
        limit: u32,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        self.read(|db| {
            let Some(labeller) = known_key(db, labeller)? else { return Ok(Vec::new()) };
            let mut select = db.prepare_cached(
                "SELECT value, count(*) AS n FROM labels WHERE labeller = ?1
                 GROUP BY value ORDER BY n DESC, value LIMIT ?2",
            )?;
            let rows =
                select.query_map((labeller, limit), |row| Ok((row.get(0)?, uint(row.get(1)?))))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Of those of these items that are labelled by people to whom the user subscribes: what comes of
    /// it, the strongest first, at most four of each. One statement, however many items are asked
    /// for.
    pub fn verdicts(&self, works: &[WorkId]) -> Result<BTreeMap<WorkId, Vec<Verdict>>, StoreError> {
        self.read(|db| subscriptions::verdicts(db, works))
    }
}
