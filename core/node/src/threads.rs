//! Threads. These calls wait for the disk: run them in [`Node::blocking`].

use upseed_model::WorkId;
use upseed_store::{ItemRow, OutlineRow, ThreadRow};

use crate::{Node, NodeError};

impl Node {
    /// A placed item and the comments below it, flat: the best ones, each with all that it answers,
    /// and at most `limit` items, with about `texts` bytes of texts. Nothing if the item is not here,
    /// or not placed.
    pub fn thread(
        &self,
        top: &WorkId,
        limit: u32,
        texts: u64,
    ) -> Result<Vec<ThreadRow>, NodeError> {
        Ok(self.inner.store.thread(top, limit, texts)?)
    }

    /// The same comments by their numbers alone; the first row is the item itself. No header and no
    /// text is read.
    pub fn outline(&self, top: &WorkId, limit: u32) -> Result<Vec<OutlineRow>, NodeError> {
        Ok(self.inner.store.outline(top, limit)?)
    }

    /// The items of these numbers ([`OutlineRow::number`]) with their texts, in order; those that are
    /// gone are left out.
    pub fn numbered(&self, numbers: &[u64]) -> Result<Vec<(u64, ItemRow)>, NodeError> {
        Ok(self.inner.store.numbered(numbers)?)
    }
}
