//! Whose labels the people whom the user follows trust.

use upseed_model::PublicKey;

/// Somebody who labels on a board, and how many of the user's follows trust them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moderator {
    /// Who.
    pub key: PublicKey,
    /// How many of those whom the user follows are this person or follow them.
    pub through: u32,
    /// Of how many: those whom the user follows and did not mute.
    pub follows: u32,
    /// This person's labels that are known here, on all boards.
    pub labels: u64,
}
