//! A swarm on this machine alone.

use upseed_swarm::Settings;

/// As `upseed run --swarm-listen 127.0.0.1:0 --no-dht --no-lsd` has it.
pub fn settings() -> Settings {
    Settings {
        listen: vec!["127.0.0.1:0".parse().unwrap()],
        dht: false,
        private_network: true,
        lsd: false,
        outgoing_utp: false,
        ..Settings::default()
    }
}
