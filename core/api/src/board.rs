//! Joining boards.

use serde::{Deserialize, Serialize};
use upseed_model::{BoardName, Infohash};

/// `POST /boards`: joins a board, or adds trackers to a joined one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinRequest {
    /// Which one.
    pub board: BoardName,
    /// The user's own trackers for it.
    #[serde(default)]
    pub trackers: Vec<String>,
}

/// The query of `GET /boards/{board}/posts`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardPostsQuery {
    /// Only what was posted since then, in unix seconds.
    #[serde(default)]
    pub since: u64,
}

/// The posts of a board that the user's lists show, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardPosts {
    /// Their infohashes.
    pub posts: Vec<Infohash>,
    /// There are more, which are older.
    pub is_cut: bool,
}
