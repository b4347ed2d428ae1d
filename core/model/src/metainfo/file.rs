//! One file of a torrent.

use super::error::MetainfoError;

/// One file of a torrent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TorrentFile {
    /// The names of its folders within the torrent, and its own. What is not UTF-8 is replaced.
    pub path: Vec<String>,
    /// Bytes.
    pub length: u64,
}

impl TorrentFile {
    /// Whether a client that joins the names stays inside the torrent's folder.
    pub fn is_safe(&self) -> bool {
        !self.path.is_empty() && self.path.iter().all(|name| is_safe(name))
    }
}

/// Whether a name is one file's or folder's on any system.
pub fn is_safe(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && !name.contains(['/', '\\', '\0'])
}

/// Added up, if that fits.
pub(super) fn sum(mut numbers: impl Iterator<Item = u64>) -> Result<u64, MetainfoError> {
    numbers.try_fold(0u64, u64::checked_add).ok_or(MetainfoError::Size)
}
