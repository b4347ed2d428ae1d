//! Joining boards.

use serde::{Deserialize, Serialize};
use upseed_model::BoardName;

/// `POST /boards`: joins a board, or adds trackers to a joined one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinRequest {
    /// Which one.
    pub board: BoardName,
    /// The user's own trackers for it.
    #[serde(default)]
    pub trackers: Vec<String>,
}
