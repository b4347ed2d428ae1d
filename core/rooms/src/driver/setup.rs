//! What a driver begins with.

use std::net::SocketAddr;

use upseed_store::Store;
use upseed_swarm::Swarm;

/// What the rooms of a node are made of.
pub struct Setup {
    /// Where records and texts are kept.
    pub store: Store,
    /// Who carries frames, dials, and fetches.
    pub swarm: Swarm,
    /// The user's own peers: dialled in every room, and never given up.
    pub peers: Vec<SocketAddr>,
    /// Whether the DHT may be used.
    pub dht: bool,
    /// The wall clock, in unix seconds.
    pub clock: fn() -> u64,
}
