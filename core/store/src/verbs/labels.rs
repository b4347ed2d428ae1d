//! What labels do to what a page shows.

use std::collections::BTreeMap;

use upseed_model::WorkId;

use crate::{
    connection::Store,
    values::{error::StoreError, moderation::Verdict},
    work::subscriptions,
};

impl Store {
    /// Of those of these items that are labelled by people to whom the user subscribes: what comes of
    /// it, the strongest first, at most four of each. One statement, however many items are asked
    /// for.
    pub fn verdicts(&self, works: &[WorkId]) -> Result<BTreeMap<WorkId, Vec<Verdict>>, StoreError> {
        self.read(|db| subscriptions::verdicts(db, works))
    }
}
