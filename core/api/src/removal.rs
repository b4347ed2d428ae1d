//! What was removed in the user's client.

use serde::{Deserialize, Serialize};

use crate::{Item, Pack};

/// `GET /removals`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Removals {
    /// What went without its user's doing, as far as one can tell: the votes stand, the node's own engine hosts it, and the
    /// user is asked.
    pub asked: Vec<Asked>,
    /// Packs that went, each with many items, about which the user is asked as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packs: Vec<Pack>,
    /// What was removed by hand, and can be undone for an hour. The newest first.
    pub undoable: Vec<Undoable>,
}

/// An item about which the user is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// Which one.
    pub item: Item,
    /// Why it is gone, if the client said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// An item whose removal can be undone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Undoable {
    /// Which one.
    pub item: Item,
    /// Until when, in unix seconds.
    pub until: u64,
}

/// `POST /removals`; the answer is that of `GET /removals`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovalRequest {
    /// Infohashes or magnet links; all that the user is asked about if there are none.
    #[serde(default)]
    pub ids: Vec<String>,
    /// What is to become of them.
    #[serde(rename = "do")]
    pub action: RemovalAction,
}

/// What the user wants with what was removed in the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RemovalAction {
    /// Host it again: the vote stands.
    PutBack,
    /// Take the vote back, now.
    LetGo,
}
