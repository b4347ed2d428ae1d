//! Why an item stands where it does.

use serde::{Deserialize, Serialize};
use upseed_model::{Infohash, PublicKey, rank::Window};

/// `GET /why`: the parts of a score. All that is added is exactly the score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Why {
    /// The item.
    pub id: Infohash,
    /// What lists are sorted by.
    pub score: f64,
    /// Voters but the author.
    pub votes: u32,
    /// Hosts that were named, or are certain; null while nobody looked.
    pub seeds: Option<u32>,
    /// Distinct networks in which its text was seen during the last seven days.
    pub verified: u32,
    /// When it was last seen in one of them, in unix seconds; null if never.
    pub verified_at: Option<u64>,
    /// The same in words, sentence by sentence.
    pub words: Vec<String>,
    /// What came through each of the people whom the user follows, the strongest first.
    pub through: Vec<Through>,
    /// Voters to whom nobody that the user follows leads.
    pub strangers: u32,
    /// What those add together.
    pub strangers_add: f64,
    /// Distinct networks that were checked to host it. Strangers add no more than these allow.
    pub networks: u32,
    /// Voters whom the user muted: they add nothing.
    pub muted: u32,
    /// The user upvotes it, which adds nothing in the user's own lists.
    pub mine: bool,
    /// How many people count as followed.
    pub follows: u32,
    /// How many of them only for the time being, as authors of what the user upvoted.
    pub provisional: u32,
    /// Whether everybody is a stranger.
    pub follows_nobody: bool,
    /// Where a post stands in "top" on its board.
    pub place: Option<PlaceInTop>,
}

/// What came through one followed person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Through {
    /// Who is followed.
    pub key: PublicKey,
    /// The name from their profile, or "".
    pub name: String,
    /// Only for the time being, as author of what the user upvoted.
    pub provisional: bool,
    /// Whether they voted themselves.
    pub voted: bool,
    /// Others who voted and are reached through them.
    pub behind: u32,
    /// What all these votes weigh, where 1 is the vote of somebody near.
    pub votes: f64,
    /// What is left of that under the caps.
    pub weight: f64,
    /// What it adds to the score: log2(1 + weight).
    pub adds: f64,
}

/// A place in the shortest list of "top" that has the post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceInTop {
    /// Which list.
    pub window: Window,
    /// 1 for the first; null beyond the thousandth.
    pub number: Option<u32>,
    /// The same if nothing came through the strongest of [`Why::through`].
    pub without_strongest: Option<u32>,
}
