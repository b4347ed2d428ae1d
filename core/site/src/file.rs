//! A file of a site.

use sha2::{Digest as _, Sha256};
use upseed_model::Infohash;

/// A file of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it lies, below the site's folder; with `/` between folders.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl File {
    /// A text.
    pub(crate) fn text(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), bytes: text.into().into_bytes() }
    }

    /// An item's .torrent.
    pub fn torrent(id: &Infohash, bytes: Vec<u8>) -> Self {
        Self { path: format!("t/{id}.torrent"), bytes }
    }

    /// SHA-256 of what is in it, in hex.
    pub fn hash(&self) -> String {
        hash(&self.bytes)
    }
}

/// SHA-256 in hex.
pub(crate) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
