//! The user's key.

use serde::{Deserialize, Serialize};
use upseed_model::PublicKey;
use zeroize::Zeroizing;

/// `GET /identity`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Hex; null before the first thing was written.
    pub author: Option<PublicKey>,
    /// The form for people.
    pub name: Option<String>,
}

impl From<Option<PublicKey>> for Identity {
    fn from(key: Option<PublicKey>) -> Self {
        Self { author: key, name: key.map(|key| key.to_string()) }
    }
}

/// `POST /identity/succeed`; answered with the new key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SucceedRequest {
    /// Whether the old key is revoked instead of handed over: nobody succeeds it.
    #[serde(default)]
    pub revoke: bool,
}

/// `GET /succession`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuccessionQuery {
    /// Whose.
    pub key: String,
}

/// What became of somebody's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Succession {
    /// The key that they have now; null if it was revoked, or is claimed by two others.
    pub current: Option<PublicKey>,
    /// Since when the one that was asked for is not in use, in unix seconds; null if it is.
    pub since: Option<u64>,
    /// The keys that they had before it.
    pub earlier: Vec<PublicKey>,
}

/// `POST /identity/restore`. It cannot be printed: the words are the key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreRequest {
    /// The 24 words.
    pub phrase: Zeroizing<String>,
    /// Whether another key may be replaced.
    #[serde(default)]
    pub replace: bool,
}
