//! People: who they are, whom the user follows, and whom they do not want to read.
//!
//! Wherever a request names somebody, a key will do, the first letters of one that is known here (`upseed:` may be left out), or a
//! display name that nobody else has.

use serde::{Deserialize, Serialize};
use upseed_model::{BoardName, PublicKey};

/// What somebody is to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// The user.
    You,
    /// Followed by the user.
    Followed,
    /// Muted by the user.
    Muted,
    /// Nobody: the key was revoked, or is claimed by two others.
    Ended,
    /// Nobody in particular.
    #[default]
    Stranger,
}

/// Somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The key that they have now.
    pub key: PublicKey,
    /// The name from their profile, or "". Others may have the same one.
    pub name: String,
    /// What they are to the user.
    pub relation: Relation,
}

/// `POST /people`; answered with a [`Person`] for each, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleRequest {
    /// 1,000 at most.
    pub who: Vec<String>,
}

/// The query of `GET /profile`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileQuery {
    /// Whose; the user's own without.
    pub who: Option<String>,
}

/// `POST /profile`: what the user says about themselves. What is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileRequest {
    /// The display name; empty for none.
    pub name: Option<String>,
    /// A few words, or none.
    pub about: Option<String>,
}

/// What somebody says about themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Their key; null for a user who has none yet.
    pub key: Option<PublicKey>,
    /// The display name, or "".
    pub name: String,
    /// A few words, or "".
    pub about: String,
    /// The boards on which they say they are.
    pub boards: Vec<BoardName>,
    /// What they are to the user.
    pub relation: Relation,
}

/// `POST /follows`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowRequest {
    /// Whom.
    pub key: String,
    /// Whether from now on or no more.
    pub follow: bool,
}

/// `POST /mutes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MuteRequest {
    /// Whom.
    pub key: String,
    /// Whether from now on or no more.
    pub mute: bool,
}
