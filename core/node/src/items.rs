//! Items as they are known here. These calls wait for the disk: run them in [`Node::blocking`].

use upseed_model::{Infohash, SignedItem, WorkId};
use upseed_store::ItemRow;

use crate::{Node, NodeError};

impl Node {
    /// An item and what is known about it, with its text.
    pub fn item(&self, infohash: &Infohash) -> Result<Option<ItemRow>, NodeError> {
        Ok(self.inner.store.item(infohash)?)
    }

    /// What an item's author signed, and nothing else.
    pub fn header(&self, infohash: &Infohash) -> Result<Option<SignedItem>, NodeError> {
        Ok(self.inner.store.header(infohash)?)
    }

    /// What an item's author signed, by its work id.
    pub fn item_by_work(&self, work: &WorkId) -> Result<Option<SignedItem>, NodeError> {
        Ok(self.inner.store.item_by_work(work)?.map(|row| row.item))
    }

    /// The number of the item that came last; 0 if none did.
    pub fn last_item(&self) -> Result<u64, NodeError> {
        Ok(self.inner.store.last_item()?)
    }

    /// What came after the item of that number ([`Node::last_item`]), in the order in which it came,
    /// at most `limit`.
    pub fn items_after(&self, number: u64, limit: u32) -> Result<Vec<SignedItem>, NodeError> {
        Ok(self.inner.store.items_after(number, limit)?)
    }

    /// An item was shown to somebody: it is of interest how many seeds it has.
    pub fn shown(&self, infohash: Infohash) {
        self.inner.looked_at.shown(infohash);
    }

    /// Why an item whose hosting failed is not hosted, in words for people.
    pub fn hosting_failure(&self, work: &WorkId) -> Result<Option<String>, NodeError> {
        Ok(self.inner.store.hosting_task(work)?.and_then(|task| task.error))
    }
}
