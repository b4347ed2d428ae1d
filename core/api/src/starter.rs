//! Starter lists: whom somebody suggests to those who come new to a board.

use serde::{Deserialize, Serialize};
use upseed_model::{BoardName, PublicKey, WorkId};

/// `GET /starters`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartersQuery {
    /// For one board; for the joined ones without.
    pub board: Option<BoardName>,
    /// The user's own instead of those by others.
    #[serde(default)]
    pub mine: bool,
}

/// A list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StarterList {
    /// The work id of this version of it.
    pub id: WorkId,
    /// What its author calls it.
    pub name: String,
    /// Who suggests them.
    pub author: PublicKey,
    /// The boards that it is for.
    pub boards: Vec<BoardName>,
    /// When it was signed, in unix seconds.
    pub time: u64,
    /// Whom.
    pub people: Vec<PublicKey>,
}

/// `POST /starters`: in place of what the user suggested on this board before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StarterRequest {
    /// The list's name.
    pub name: String,
    /// The board.
    pub board: BoardName,
    /// Whom to suggest.
    pub people: Vec<String>,
}

/// `POST /starters/withdraw`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawStarterRequest {
    /// The board.
    pub board: BoardName,
}

/// `POST /starters/follow`; answered with everybody whom the user follows then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowStarterRequest {
    /// The list.
    pub list: WorkId,
    /// Some of its people only; all of them without.
    pub people: Option<Vec<String>>,
}
