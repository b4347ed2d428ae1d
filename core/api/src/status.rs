//! How a node stands.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use upseed_model::{BoardName, ClientKind, PublicKey, Reachability};

use crate::Pack;

/// `GET /status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The node's version.
    pub version: String,
    /// Where the API listens.
    pub address: SocketAddr,
    /// For how long it has been running, in seconds.
    #[serde(default)]
    pub uptime: u64,
    /// The user's key, once there is one.
    pub author: Option<PublicKey>,
    /// The client that hosts.
    pub client: ClientKind,
    /// Its version.
    pub client_version: String,
    /// Whether it answers now.
    pub client_online: bool,
    /// What about it would silence votes, and what to change.
    pub client_warnings: Vec<String>,
    /// How far this machine's clock is off, if it is; also told in `client_warnings`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockError>,
    /// Members met in any board now.
    pub peers: usize,
    /// The boards that were joined.
    pub boards: Vec<BoardStatus>,
    /// Items known.
    pub items: u64,
    /// Items hosted.
    pub hosted: u64,
    /// Upvoted or written, and not hosted yet.
    pub wanted: u64,
    /// Upvoted or written, and gone from the client: `GET /removals` names them.
    #[serde(default)]
    pub asked: u64,
    /// Bytes of all texts that are kept.
    pub text_bytes: u64,
    /// Every score is of now; if not, posts are being scored again, and lists are in an order of before.
    pub is_scored: bool,
    /// Nodes of the DHT that are known; 0 without the DHT.
    pub dht_nodes: u32,
    /// The port on which the embedded engine listens.
    pub swarm_port: u16,
    /// By what others on the internet reach this node.
    pub reachable: Reachability,
    /// The port that is open for them, if one is: the router's, or [`Status::swarm_port`].
    pub outside_port: u16,
    /// Somebody on the internet came by themselves since the node started.
    pub was_reached: bool,
    /// Connections to members whom a third one told to dial while this node dialled them.
    pub punched: usize,
    /// Items announced on the DHT since the last quarter of an hour, and how many the embedded engine
    /// hosts: a client announces its own.
    pub announced: (u64, u64),
    /// Packs in which older items are hosted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packs: Vec<Pack>,
}

/// A clock that is not that of others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockError {
    /// By how much.
    pub seconds: u64,
    /// It is ahead; if not, behind.
    pub is_ahead: bool,
    /// Of how many peers, each in another network.
    pub peers: usize,
    /// What it means and what to do.
    pub message: String,
}

/// A board that was joined; `GET /boards` gives all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardStatus {
    /// Its name.
    pub name: BoardName,
    /// Members met there now.
    pub peers: usize,
    /// Days of history that are reconciled.
    pub days: u64,
    /// The comparison under way: days done, days that differ.
    pub comparing: Option<(usize, usize)>,
    /// The user's trackers for it.
    pub trackers: Vec<String>,
}
