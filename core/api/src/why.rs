//! Why an item stands where it does.

use serde::{Deserialize, Serialize};
use upseed_model::Infohash;

/// `GET /why`: the parts of a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Why {
    /// The item.
    pub id: Infohash,
    /// What lists are sorted by.
    pub score: f64,
    /// Voters whom nobody that the user follows leads to.
    pub strangers: u32,
    /// What those add together.
    pub strangers_add: f64,
    /// Whether everybody is a stranger.
    pub follows_nobody: bool,
}
