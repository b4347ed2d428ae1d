//! An item and what is known about it.

use serde::{Deserialize, Serialize};
use upseed_model::{BoardName, HostingStatus, Infohash, PublicKey, SignedItem, WorkId};

use crate::{ItemLabel, Relation};

/// An item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Its infohash.
    pub id: Infohash,
    /// Its work id, by which ballots and links name it.
    pub work: WorkId,
    /// A link for any torrent client.
    pub magnet: String,
    /// What it is.
    pub kind: ItemKind,
    /// Its board.
    pub board: BoardName,
    /// Of posts.
    pub title: Option<String>,
    /// Who signed it.
    pub author: PublicKey,
    /// The name from their profile, or "". Others may have the same one.
    #[serde(default)]
    pub author_name: String,
    /// What they are to the user.
    #[serde(default)]
    pub author_is: Relation,
    /// Unix seconds, as signed.
    pub time: u64,
    /// When this node first saw it, in unix seconds.
    pub first_seen: u64,
    /// What lists are sorted by: how much its votes are worth to the user.
    pub score: f64,
    /// Whether the user, or somebody whom the user's follows lead to, wrote it or voted for it.
    pub known: bool,
    /// Voters but the author.
    pub votes: u32,
    /// Whether the user upvoted it.
    pub upvoted: bool,
    /// Whether the user wrote it.
    pub mine: bool,
    /// Hosts that were named when it was last looked up, or are certain; null before.
    pub seeds: Option<u32>,
    /// Distinct networks (a /24, or a /48 of IPv6) in which its text was seen during the last seven days.
    pub verified: u32,
    /// When it was last seen in one of them, in unix seconds; null if never.
    pub verified_at: Option<u64>,
    /// Comments in a post's thread; answers to a comment.
    pub comments: u32,
    /// What a comment answers.
    pub parent: Option<Infohash>,
    /// The post of a comment's thread.
    pub root: Option<Infohash>,
    /// How far its hosting has come; null if it is not hosted.
    pub hosting: Option<HostingStatus>,
    /// Whether it can never be read.
    pub dead: bool,
    /// Whether its author asked hosts to stop; absent if not, as the next two.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retracted: bool,
    /// Whether it is left out of lists.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// What comes of its labels, the strongest first: of people to whom the user subscribes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<ItemLabel>,
    /// Its text; null while unknown.
    pub text: Option<String>,
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ItemKind {
    /// It stands by itself, with a title.
    Post,
    /// It answers something.
    Comment,
}

impl From<&SignedItem> for ItemKind {
    fn from(item: &SignedItem) -> Self {
        if item.title().is_some() { Self::Post } else { Self::Comment }
    }
}
