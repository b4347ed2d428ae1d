//! Whose node this is.

use upseed_model::PublicKey;

/// Whose votes are mine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Me {
    /// The identity that this node signs with.
    pub key: PublicKey,
    /// In the table `keys`.
    pub id: i64,
}
