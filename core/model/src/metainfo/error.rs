//! Why bytes are not an ordinary .torrent, and how much is read.

use crate::bencode;

/// Dictionaries and lists inside each other; libtorrent's own limit. serde_bencode recurses as deep.
pub(super) const MAX_DEPTH: usize = 100;

/// Bytes of the largest .torrent that is read; libtorrent's own limit.
pub const MAX_METAINFO: usize = 10_000_000;

/// Why bytes are not an ordinary .torrent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetainfoError {
    /// More than is read.
    #[error("it has {0} bytes; a .torrent of more than {MAX_METAINFO} bytes is not read")]
    TooLarge(u64),
    /// Not bencode, not even leniently read.
    #[error("not a torrent file: {0}")]
    Bencode(#[from] bencode::Error),
    /// More dictionaries and lists inside each other than any torrent has.
    #[error("not a torrent file: nested more than {} levels deep at byte {at}", MAX_DEPTH)]
    TooDeep {
        /// Offset of the list or dictionary that is one too deep.
        at: usize,
    },
    /// An integer that is none, or does not fit into 64 bits.
    #[error("not a torrent file: not a 64-bit integer at byte {at}")]
    Integer {
        /// Offset of its first digit or sign.
        at: usize,
    },
    /// The info dictionary is an item's, or wants to be: it is for [`crate::SignedItem`] to judge.
    #[error("its info dictionary has the key \"upseed\"")]
    Upseed,
    /// A key with a value of another type.
    #[error("not a usable torrent: {0}")]
    Type(String),
    /// A key that must be there is not.
    #[error("not a usable torrent: key {0:?} is missing")]
    Missing(&'static str),
    /// A number that cannot be.
    #[error("not a usable torrent: its {what} is {found}")]
    Number {
        /// Which number.
        what: &'static str,
        /// What stands there.
        found: i64,
    },
    /// The files have more than 2^64 bytes together.
    #[error("not a usable torrent: its files are too large together")]
    Size,
    /// `pieces` is not one SHA-1 for each piece.
    #[error(
        "not a usable torrent: {found} bytes of piece hashes, and {pieces} pieces need 20 each"
    )]
    Pieces {
        /// Bytes of `pieces`.
        found: u64,
        /// Pieces that the files fill.
        pieces: u64,
    },
    /// Many files deep in folders with long names: shown in full, they would fill the memory.
    #[error("not a usable torrent: the paths of its files are too long together")]
    Paths,
    /// A `meta version` that is not known.
    #[error("a torrent of version {0}, which is not known here")]
    Version(i64),
}
