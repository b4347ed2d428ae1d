//! Ordinary .torrent files (BEP 3, BEP 47, BEP 52): what `upseed inspect` tells of them.
//!
//! Other programs write some that are not canonical, so [`read`] is lenient where the rest of this
//! crate is strict. Nothing here is signed, hosted or passed on, and whatever is read may be a
//! stranger's: paths may lead out of a folder and names may hold control characters.

mod envelope;
mod error;
mod file;
mod tree;
mod walk;

pub use error::{MAX_METAINFO, MetainfoError};
pub use file::{TorrentFile, is_safe};

use sha1::{Digest as _, Sha1};
use sha2::Sha256;

use crate::{Infohash, bencode};
use envelope::{Envelope, Info};
use file::sum;

/// Which kind of torrent, and so which infohashes it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// BEP 3 alone.
    V1 {
        /// SHA-1 of the info dictionary as received.
        infohash: Infohash,
    },
    /// BEP 52 alone.
    V2 {
        /// SHA-256 of the info dictionary as received.
        infohash: [u8; 32],
    },
    /// Both in one: two swarms.
    Hybrid {
        /// SHA-1 of the info dictionary as received.
        v1: Infohash,
        /// SHA-256 of the same bytes.
        v2: [u8; 32],
    },
}

impl Version {
    /// As BEP 3 names it.
    pub const fn v1(&self) -> Option<&Infohash> {
        match self {
            Self::V1 { infohash } | Self::Hybrid { v1: infohash, .. } => Some(infohash),
            Self::V2 { .. } => None,
        }
    }

    /// As BEP 52 names it.
    pub const fn v2(&self) -> Option<&[u8; 32]> {
        match self {
            Self::V2 { infohash } | Self::Hybrid { v2: infohash, .. } => Some(infohash),
            Self::V1 { .. } => None,
        }
    }
}

/// What an ordinary .torrent says of itself. Nothing in it is verified, since nothing is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metainfo {
    /// The file's or folder's name. What is not UTF-8 is replaced.
    pub name: String,
    /// Its kind and its infohashes.
    pub version: Version,
    /// In the order of the torrent; without padding files (BEP 47).
    pub files: Vec<TorrentFile>,
    /// Bytes of all files.
    pub size: u64,
    /// Bytes.
    pub piece_length: u64,
    /// How many pieces; of a version 2 torrent, those of its files added up.
    pub pieces: u64,
    /// Announce addresses, each once.
    pub trackers: Vec<String>,
    /// Whether clients may find peers by its trackers alone (BEP 27).
    pub is_private: bool,
    /// Its maker's comment.
    pub comment: Option<String>,
    /// Whether it is canonical bencode. One that is not has another infohash in clients that
    /// encode it anew.
    pub is_canonical: bool,
}

/// Reads a .torrent that is not Upseed's.
///
/// The bytes are walked over before serde_bencode sees them: it recurses, and it allocates what a
/// length claims.
///
/// # Errors
/// Says what makes the bytes useless. [`MetainfoError::Upseed`] if they claim to be an item.
pub fn read(torrent: &[u8]) -> Result<Metainfo, MetainfoError> {
    if torrent.len() > MAX_METAINFO {
        return Err(MetainfoError::TooLarge(torrent.len() as u64));
    }
    let bytes = walk::info_bytes(torrent)?;
    let envelope: Envelope = envelope::decode(torrent)?;
    let info: Info = envelope::decode(bytes)?;
    if info.upseed.is_some() {
        return Err(MetainfoError::Upseed);
    }
    let name = envelope::lossy(info.name.as_ref().ok_or(MetainfoError::Missing("name"))?);
    let piece_length = positive("piece length", info.piece_length)?;
    let v1 = Infohash::from_bytes(Sha1::digest(bytes).into());
    let v2 = Sha256::digest(bytes).into();
    let version = match (info.meta_version, &info.pieces) {
        (None | Some(1), _) => Version::V1 { infohash: v1 },
        (Some(2), Some(_)) => Version::Hybrid { v1, v2 },
        (Some(2), None) => Version::V2 { infohash: v2 },
        (Some(other), _) => return Err(MetainfoError::Version(other)),
    };
    if matches!(version, Version::V2 { .. } | Version::Hybrid { .. }) && info.file_tree.is_none() {
        return Err(MetainfoError::Missing("file tree"));
    }
    let (files, pieces) = match version {
        Version::V1 { .. } | Version::Hybrid { .. } => info.files_v1(&name, piece_length)?,
        Version::V2 { .. } => {
            let files = tree::files(info.file_tree.as_ref())?;
            let pieces = files.iter().map(|file| file.length.div_ceil(piece_length));
            let pieces = sum(pieces)?;
            (files, pieces)
        }
    };
    Ok(Metainfo {
        name,
        version,
        size: sum(files.iter().map(|file| file.length))?,
        files,
        piece_length,
        pieces,
        trackers: envelope.trackers(),
        is_private: info.private.is_some_and(|flag| flag != 0),
        comment: envelope.comment.as_ref().map(envelope::lossy),
        is_canonical: bencode::scan(torrent).is_ok(),
    })
}

fn positive(what: &'static str, number: Option<i64>) -> Result<u64, MetainfoError> {
    let found = number.ok_or(MetainfoError::Missing(what))?;
    u64::try_from(found)
        .ok()
        .filter(|number| *number > 0)
        .ok_or(MetainfoError::Number { what, found })
}

#[cfg(test)]
mod tests;
