//! The queries of what is read.

use serde::{Deserialize, Serialize};
use upseed_model::{
    BoardName,
    rank::{Sort, Window},
};

/// `GET /top`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopQuery {
    /// One joined board; all of them without.
    pub board: Option<BoardName>,
    /// How far back; a day without.
    pub window: Option<Window>,
    /// The order; by score without.
    pub sort: Option<Sort>,
    /// At most so many posts.
    pub limit: Option<u32>,
    /// Posts to leave out at the start.
    #[serde(default)]
    pub skip: u32,
}

/// `GET /item`, `GET /thread` and `GET /why`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemQuery {
    /// Its id, the beginning of one that is here (four hex digits or more), or a magnet link.
    pub id: String,
    /// Seconds to wait for what is not here yet.
    #[serde(default)]
    pub wait: u64,
}

/// `GET /search`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchQuery {
    /// Words that all must be there.
    pub q: String,
    /// On one board only.
    pub board: Option<BoardName>,
    /// At most so many items.
    pub limit: Option<u32>,
}

/// `GET /events`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventsQuery {
    /// Infohashes, with commas between them: what an open page shows. They are told as they stand
    /// now, since something may have changed while the page was on its way.
    #[serde(default)]
    pub ids: String,
    /// The last item that the page could show: what came after it is told first, or that it is too
    /// much to be told.
    pub since: Option<u64>,
}
