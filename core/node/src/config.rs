//! What a node is told when it starts.

use std::{net::SocketAddr, path::PathBuf};

use upseed_model::BoardName;

/// Everything a node needs to know; it reads no environment.
#[derive(Debug, Clone)]
pub struct Config {
    /// The data folder; made if it is not there.
    pub data: PathBuf,
    /// How to meet others.
    pub swarm: SwarmConfig,
    /// Boards to join at the first start.
    pub first_boards: Vec<BoardName>,
}

/// How to meet others.
#[derive(Debug, Clone, Default)]
pub struct SwarmConfig {
    /// Where the embedded engine listens; `None`: every interface, on a port that is chosen once
    /// and kept.
    pub listen: Option<SocketAddr>,
    /// Whether to use the DHT.
    pub dht: bool,
    /// Local service discovery.
    pub lsd: bool,
    /// Where to enter the DHT; empty for the public routers.
    pub bootstrap: Vec<String>,
    /// Members to dial in every board.
    pub peers: Vec<SocketAddr>,
    /// More of them, "host:port": looked up in the background while they are not met.
    pub peer_names: Vec<String>,
}
