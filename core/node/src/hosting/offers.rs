//! Items as clients are given them.

use upseed_client::Offer;
use upseed_store::hosting::Happened;
use upseed_store::{ItemRow, TaskRow};

use crate::{Node, NodeError};

impl Node {
    /// An item as clients are given it, if its text is here.
    pub(super) fn offer(&self, row: ItemRow) -> Result<Option<Offer>, NodeError> {
        let Some(text) = row.text else { return Ok(None) };
        let trackers = self.trackers(&row.item)?;
        Ok(Some(Offer::item(row.item, text.into_bytes(), trackers)))
    }

    /// Those whose text is here. That of the others is looked for, if they can have one.
    pub(super) fn with_texts(&self, due: Vec<TaskRow>) -> Result<Vec<(TaskRow, Offer)>, NodeError> {
        let mut ready = Vec::new();
        for row in due {
            let Some(item) = self.inner.store.item_by_work(&row.work)? else { continue };
            if item.dead {
                self.happened(&row.work, &Happened::VoteTakenBack)?;
            } else if let Some(offer) = self.offer(item)? {
                ready.push((row, offer));
            } else {
                self.happened(&row.work, &Happened::TextMissing)?;
            }
        }
        Ok(ready)
    }
}
