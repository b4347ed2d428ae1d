//! Engines on this machine alone.
#![allow(dead_code, clippy::unwrap_used, missing_docs)]

use std::{net::SocketAddr, sync::Arc};

use tempfile::TempDir;
use upseed_model::SignedItem;
use upseed_swarm::{Event, Infohash, Settings, Swarm, Texts};

use crate::forge::Forged;

/// One that nobody finds.
pub fn engine() -> Swarm {
    started(One::default(), drop)
}

/// One that gives an item to whoever asks for it.
pub fn engine_giving(address: &str, item: &SignedItem, text: &[u8]) -> Swarm {
    let header = Some((*item.infohash().as_bytes(), item.header().to_vec()));
    started_at(address, One { text: text.to_vec(), header }, drop)
}

/// The same, which says what happens.
pub fn engine_telling(events: impl Fn(Event) + Send + Sync + 'static) -> Swarm {
    started(One::default(), events)
}

fn started(texts: One, events: impl Fn(Event) + Send + Sync + 'static) -> Swarm {
    started_at("127.0.0.1", texts, events)
}

fn started_at(address: &str, texts: One, events: impl Fn(Event) + Send + Sync + 'static) -> Swarm {
    let settings = Settings {
        listen: vec![SocketAddr::new(address.parse().unwrap(), 0)],
        dht: false,
        private_network: true,
        lsd: false,
        outgoing_utp: false,
        ..Settings::default()
    };
    Swarm::start(settings, Arc::new(texts), events).unwrap()
}

/// A text, and the header under which it is given on demand.
#[derive(Default)]
struct One {
    text: Vec<u8>,
    header: Option<(Infohash, Vec<u8>)>,
}

impl Texts for One {
    fn read(&self, _: &Infohash) -> Option<Vec<u8>> {
        Some(self.text.clone())
    }

    fn on_demand(&self, infohash: &Infohash) -> Option<Vec<u8>> {
        let (item, header) = self.header.as_ref()?;
        (item == infohash).then(|| header.clone())
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
        let swarm = started(One { text: text.to_vec(), header: None }, drop);
        swarm.host(*item.infohash().as_bytes(), item.header().to_vec()).unwrap();
        Self { swarm, folder: tempfile::tempdir().unwrap() }
    }

    pub fn addr(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.swarm.listen_port()).into()
    }
}
