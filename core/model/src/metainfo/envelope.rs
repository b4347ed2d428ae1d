//! The keys of a .torrent, as serde_bencode maps them from bytes that were walked over before.

use serde::{Deserialize, de::DeserializeOwned, de::IgnoredAny};
use serde_bencode::value::Value;
use serde_bytes::ByteBuf;

use super::{
    error::MetainfoError,
    file::{TorrentFile, sum},
};

/// What stands around the info dictionary.
#[derive(Deserialize)]
pub(super) struct Envelope {
    announce: Option<ByteBuf>,
    /// A list of lists (BEP 12), and in some a plain list.
    #[serde(rename = "announce-list")]
    announce_list: Option<Value>,
    pub(super) comment: Option<ByteBuf>,
}

/// An info dictionary of any version. Sizes are signed here, so that a negative one can be named.
#[derive(Deserialize)]
pub(super) struct Info {
    pub(super) name: Option<ByteBuf>,
    #[serde(rename = "piece length")]
    pub(super) piece_length: Option<i64>,
    pub(super) pieces: Option<ByteBuf>,
    length: Option<i64>,
    files: Option<Vec<FileV1>>,
    pub(super) private: Option<i64>,
    #[serde(rename = "meta version")]
    pub(super) meta_version: Option<i64>,
    #[serde(rename = "file tree")]
    pub(super) file_tree: Option<Value>,
    pub(super) upseed: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct FileV1 {
    length: i64,
    path: Vec<ByteBuf>,
    /// "p" among others: a padding file (BEP 47).
    attr: Option<ByteBuf>,
}

/// Only for what [`super::walk`] has passed.
pub(super) fn decode<T: DeserializeOwned>(walked: &[u8]) -> Result<T, MetainfoError> {
    serde_bencode::from_bytes(walked).map_err(|error| MetainfoError::Type(error.to_string()))
}

pub(super) fn lossy(bytes: &ByteBuf) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(super) fn length(found: i64) -> Result<u64, MetainfoError> {
    let what = "file length";
    u64::try_from(found).map_err(|_| MetainfoError::Number { what, found })
}

impl Envelope {
    pub(super) fn trackers(&self) -> Vec<String> {
        let mut found: Vec<String> = self.announce.iter().map(lossy).collect();
        let mut tiers: Vec<&Value> = self.announce_list.iter().collect();
        while let Some(tier) = tiers.pop() {
            match tier {
                Value::List(inner) => tiers.extend(inner.iter().rev()),
                Value::Bytes(url) => found.push(String::from_utf8_lossy(url).into_owned()),
                Value::Int(_) | Value::Dict(_) => {}
            }
        }
        let mut seen = std::collections::HashSet::new();
        found.retain(|url| !url.is_empty() && seen.insert(url.clone()));
        found
    }
}

impl Info {
    /// The files as version 1 lists them, and the number of pieces.
    pub(super) fn files_v1(
        &self,
        name: &str,
        piece_length: u64,
    ) -> Result<(Vec<TorrentFile>, u64), MetainfoError> {
        let pieces = self.pieces.as_ref().ok_or(MetainfoError::Missing("pieces"))?;
        let (mut files, mut bytes) = (Vec::new(), 0u64);
        match (&self.files, self.length) {
            (Some(listed), _) => {
                for file in listed {
                    let length = length(file.length)?;
                    bytes = sum([bytes, length].into_iter())?;
                    if !file.attr.as_ref().is_some_and(|attr| attr.contains(&b'p')) {
                        files.push(TorrentFile {
                            path: file.path.iter().map(lossy).collect(),
                            length,
                        });
                    }
                }
            }
            (None, Some(found)) => {
                bytes = length(found)?;
                files.push(TorrentFile { path: vec![name.to_owned()], length: bytes });
            }
            (None, None) => return Err(MetainfoError::Missing("length")),
        }
        let (found, count) = (pieces.len() as u64, bytes.div_ceil(piece_length));
        if count.checked_mul(20) != Some(found) {
            return Err(MetainfoError::Pieces { found, pieces: count });
        }
        Ok((files, count))
    }
}
