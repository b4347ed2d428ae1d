//! What can be said of a .torrent or a magnet link without asking anybody.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use upseed_model::{BoardName, Infohash, PublicKey, SignedItem, WorkId, magnet::Magnet};

use crate::ItemKind;

/// What an item says of itself, as `upseed inspect` and Python show it. No text, no rank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemHeader {
    /// Its infohash.
    pub id: Infohash,
    /// Its work id.
    pub work: WorkId,
    /// What it is.
    pub kind: ItemKind,
    /// Its board.
    pub board: BoardName,
    /// Of posts.
    pub title: Option<String>,
    /// Who signed it.
    pub author: PublicKey,
    /// Unix seconds, as signed.
    pub time: u64,
    /// Bytes of its text.
    pub length: u32,
    /// The file in which a client keeps its text.
    pub name: String,
    /// What a comment answers.
    pub parent: Option<Infohash>,
    /// The post of a comment's thread.
    pub root: Option<Infohash>,
    /// Bits of work that it commits to.
    pub pow_bits: u8,
    /// Bytes of its header.
    pub header_bytes: usize,
}

impl From<&SignedItem> for ItemHeader {
    fn from(item: &SignedItem) -> Self {
        Self {
            id: item.infohash(),
            work: item.work(),
            kind: item.into(),
            board: item.board(),
            title: item.title().map(str::to_owned),
            author: item.author(),
            time: item.time(),
            length: item.length(),
            name: item.file_name().to_owned(),
            parent: item.parent().map(|link| link.infohash),
            root: item.root().map(|link| link.infohash),
            pow_bits: item.proof().bits,
            header_bytes: item.header().len(),
        }
    }
}

/// What a magnet link says. It proves nothing by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MagnetLink {
    /// Its infohash.
    pub id: Infohash,
    /// The name that it gives.
    pub name: Option<String>,
    /// The trackers that it names.
    pub trackers: Vec<String>,
    /// The peers that it names.
    pub peers: Vec<SocketAddr>,
}

impl From<Magnet> for MagnetLink {
    fn from(magnet: Magnet) -> Self {
        let Magnet { infohash: id, name, trackers, peers } = magnet;
        Self { id, name, trackers, peers }
    }
}
