//! An item and what people answered.

use serde::{Deserialize, Serialize};

use crate::Item;

/// `GET /thread`: an item with the answers to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Thread {
    /// The item.
    #[serde(flatten)]
    pub item: Item,
    /// The answers, best first.
    pub replies: Vec<Thread>,
    /// Whether direct answers are left out, because of the depth or the number: this item's own thread
    /// has more of them.
    pub cut: bool,
}
