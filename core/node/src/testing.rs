//! A node for this crate's own tests: alone, on loopback.

use std::net::SocketAddr;

use tempfile::TempDir;

use crate::{Config, Node, SwarmConfig};

/// A node without boards, and the folder that it lives in.
pub(crate) async fn node() -> (Node, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let node = Node::start(Config {
        data: folder.path().join("data"),
        swarm: SwarmConfig { listen: Some(anywhere), ..SwarmConfig::default() },
        first_boards: Vec::new(),
    });
    (node.await.unwrap(), folder)
}
