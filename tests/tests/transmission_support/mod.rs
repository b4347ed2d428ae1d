//! Items, an engine that hosts them, and the client port over a daemon.
#![allow(dead_code)]

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use upseed_model::{BoardName, ItemDraft, Kind, SecretKey, SignedItem, text::Title};
use upseed_node::{
    client::{Change, Client as _, Giver, Hosted, Offer},
    now,
};
use upseed_swarm::{Settings as SwarmSettings, Swarm, Texts};
use upseed_tests::TransmissionDaemon;
use upseed_transmission::{Settings, Transmission};

/// Posts of one author, each with a text of its own.
pub fn items(count: usize) -> Vec<Offer> {
    let key = SecretKey::from_seed(&[7; 32]);
    let item = |number: usize| {
        let text = format!("{number} ").repeat((number % 5) * 5_000 + 10).into_bytes();
        let text = text[..text.len().min(65_000)].to_vec();
        let title: Title = format!("Item {number}").parse().unwrap();
        let draft = ItemDraft {
            author: key.public(),
            board: BoardName::upseed(),
            kind: Kind::Post { title },
            time: now(),
            text: &text,
        };
        let puzzle = draft.puzzle(0).unwrap();
        let header = puzzle.sign(puzzle.search(0, u64::MAX).unwrap(), &key);
        Offer { item: SignedItem::from_bytes(&header).unwrap(), text, trackers: Vec::new() }
    };
    (1..=count).map(item).collect()
}

struct Shelf(HashMap<[u8; 20], Vec<u8>>);

impl Texts for Shelf {
    fn read(&self, infohash: &[u8; 20]) -> Option<Vec<u8>> {
        self.0.get(infohash).cloned()
    }
}

/// An engine such as a node has, hosting items.
pub struct Engine {
    pub swarm: Swarm,
    pub giver: Giver,
}

impl Engine {
    pub fn hosting(ip: &str, items: &[Offer]) -> Self {
        let shelf = items.iter().map(|offer| (*offer.infohash().as_bytes(), offer.text.clone()));
        let settings = SwarmSettings {
            listen: vec![SocketAddr::new(ip.parse().unwrap(), 0)],
            dht: false,
            private_network: true,
            lsd: false,
            ..SwarmSettings::default()
        };
        let swarm = Swarm::start(settings, Arc::new(Shelf(shelf.collect())), |_| {}).unwrap();
        let host = |offer: &Offer| (*offer.infohash().as_bytes(), offer.item.header().to_vec());
        swarm.host_many(items.iter().map(host).collect()).unwrap();
        let engine = SocketAddr::new(ip.parse().unwrap(), swarm.listen_port());
        Self { swarm, giver: Giver { tag: "upseed-00000000".into(), engine } }
    }
}

pub fn settings(daemon: &TransmissionDaemon) -> Settings {
    Settings { url: daemon.url(), ..Settings::default() }
}

pub fn client(daemon: &TransmissionDaemon) -> Transmission {
    Transmission::new(&settings(daemon)).unwrap()
}

/// Waits for one change, and gives all that came until then.
pub async fn changed(client: &Transmission, wanted: Change) -> Vec<Change> {
    let mut all = Vec::new();
    let waited = tokio::time::timeout(Duration::from_secs(120), async {
        while !all.contains(&wanted) {
            all.extend(client.changes().await.unwrap());
        }
    });
    assert!(waited.await.is_ok(), "{wanted:?} was not told; only {all:?}");
    all
}

/// Waits until every item is complete, with the changes running as in a node.
pub async fn complete(client: &Transmission, items: &[Offer]) {
    let start = Instant::now();
    // As in a node, what is under way is never cut off.
    let mut changes = client.changes();
    loop {
        // Both wait for the same lock: neither may stand still while the other one waits for it.
        let hosted = loop {
            tokio::select! {
                _ = &mut changes => changes = client.changes(),
                hosted = client.hosted() => break hosted.unwrap(),
            }
        };
        let is_there =
            |offer: &Offer| hosted.contains(&Hosted { infohash: offer.infohash(), complete: true });
        if items.iter().all(is_there) {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(120), "not complete: {hosted:?}");
        if tokio::time::timeout(Duration::from_millis(200), &mut changes).await.is_ok() {
            changes = client.changes();
        }
    }
}

/// Adds items, each of which must be taken.
pub async fn add(client: &Transmission, items: &[Offer], engine: &Engine) {
    for result in client.add(items, &engine.giver).await.unwrap() {
        result.unwrap();
    }
}
