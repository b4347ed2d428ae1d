//! Engines on this machine alone.
#![allow(dead_code, clippy::unwrap_used, missing_docs)]

use std::{net::SocketAddr, sync::Arc};

use tempfile::TempDir;
use upseed_model::SignedItem;
use upseed_swarm::{Event, Infohash, Settings, Swarm, Texts};

use crate::forge::Forged;

/// One that nobody finds.
pub fn engine() -> Swarm {
    started(Vec::new(), drop)
}

/// The same, which says what happens.
pub fn engine_telling(events: impl Fn(Event) + Send + Sync + 'static) -> Swarm {
    started(Vec::new(), events)
}

fn started(text: Vec<u8>, events: impl Fn(Event) + Send + Sync + 'static) -> Swarm {
    let settings = Settings {
        listen: vec!["127.0.0.1:0".parse().unwrap()],
        dht: false,
        private_network: true,
        lsd: false,
        outgoing_utp: false,
        ..Settings::default()
    };
    Swarm::start(settings, Arc::new(One(text)), events).unwrap()
}

struct One(Vec<u8>);

impl Texts for One {
    fn read(&self, _: &Infohash) -> Option<Vec<u8>> {
        Some(self.0.clone())
    }
}

/// An engine that seeds one torrent.
pub struct Seed {
    pub swarm: Swarm,
    folder: TempDir,
}

impl Seed {
    pub fn of(pack: &Forged) -> Self {
        let (swarm, folder) = (engine(), tempfile::tempdir().unwrap());
        let path = folder.path().join(pack.info.file_name());
        std::fs::write(&path, &pack.file).unwrap();
        swarm.seed_pack(*pack.info.infohash().as_bytes(), pack.info.bytes(), &path).unwrap();
        Self { swarm, folder }
    }

    pub fn of_item(item: &SignedItem, text: &[u8]) -> Self {
        let swarm = started(text.to_vec(), drop);
        swarm.host(*item.infohash().as_bytes(), item.header().to_vec()).unwrap();
        Self { swarm, folder: tempfile::tempdir().unwrap() }
    }

    pub fn addr(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.swarm.listen_port()).into()
    }
}
