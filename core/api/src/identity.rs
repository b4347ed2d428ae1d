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

/// `POST /identity/restore`. It cannot be printed: the words are the key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreRequest {
    /// The 24 words.
    pub phrase: Zeroizing<String>,
    /// Whether another key may be replaced.
    #[serde(default)]
    pub replace: bool,
}
