//! Whom the user follows, and whom they do not want to read.

use serde::{Deserialize, Serialize};
use upseed_model::PublicKey;

/// `POST /follows`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowRequest {
    /// Whom.
    pub key: PublicKey,
    /// Whether from now on or no more.
    pub follow: bool,
}

/// `POST /mutes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MuteRequest {
    /// Whom.
    pub key: PublicKey,
    /// Whether from now on or no more.
    pub mute: bool,
}
