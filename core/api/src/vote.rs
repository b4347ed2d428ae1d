//! Upvotes.

use serde::{Deserialize, Serialize};

use crate::Item;

/// `POST /votes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoteRequest {
    /// Ids, beginnings of such that are here, or magnet links.
    pub ids: Vec<String>,
    /// Whether to upvote them, or to take the votes back.
    pub up: bool,
    /// Seconds to wait for an unknown item, and for hosting if asked. All items share them.
    #[serde(default)]
    pub wait: u64,
    /// Whether to return only once the client hosts.
    #[serde(default)]
    pub until_hosted: bool,
}

/// What became of one vote of a [`VoteRequest`]; they come in the order asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VoteOutcome {
    /// As it was asked.
    pub id: String,
    /// Whether the vote is as it was asked.
    pub done: bool,
    /// The item as it stands now, if it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<Item>,
    /// Why it is not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Whether it failed by a fault of ours.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fault: bool,
}
