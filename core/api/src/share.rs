//! What to send to others.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use upseed_model::Infohash;

/// `GET /share`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareQuery {
    /// Infohash or magnet link of something that is here.
    pub id: String,
    /// Whether the link may name the node's own address.
    #[serde(default)]
    pub address: bool,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The item.
    pub id: Infohash,
    /// The title; of a comment its thread and how it begins.
    pub name: String,
    /// The link, with the user's trackers.
    pub magnet: String,
    /// The addresses that it names.
    pub addresses: Vec<SocketAddr>,
    /// A text that works for everybody.
    pub text: String,
}
