//! A pack in which older items are hosted.

use serde::{Deserialize, Serialize};
use upseed_model::{BoardName, Infohash};

/// Many of the user's upvotes in one torrent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    /// What clients call it by.
    pub id: Infohash,
    /// The board of its items.
    pub board: BoardName,
    /// How many items are hosted in it.
    pub texts: u32,
    /// Bytes of its file.
    pub bytes: u64,
    /// When its oldest item was written, in unix seconds.
    pub first: u64,
    /// When its newest item was written, in unix seconds.
    pub last: u64,
    /// It is what hosts its items; if not, it is on its way.
    pub is_hosted: bool,
    /// It was removed in the client, and the user is asked.
    pub is_missing: bool,
}
