//! Whose node this is.

use upseed_model::PublicKey;

/// Whose votes are mine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Me {
    pub key: PublicKey,
    /// In the table `keys`.
    pub id: i64,
}
