//! Ways into the view.

use serde::{Deserialize, Serialize};

/// `POST /links`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneTimeLink {
    /// Opens the view, once.
    pub link: String,
}

/// `POST /feed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedToken {
    /// The feeds' read-only token.
    pub token: String,
}
