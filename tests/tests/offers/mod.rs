//! Items, and an engine that hosts them.
#![allow(dead_code)]

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use upseed_client::{Offer, Owner};
use upseed_model::{BoardName, ItemDraft, Kind, SecretKey, SignedItem, text::Title};
use upseed_node::now;
use upseed_swarm::{Settings, Swarm, Texts};

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
        Offer::item(SignedItem::from_bytes(&header).unwrap(), text, Vec::new())
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
    pub owner: Owner,
}

impl Engine {
    /// One that could host these, and is not told to.
    pub fn with(ip: &str, items: &[Offer]) -> Self {
        let shelf = items.iter().map(|offer| (*offer.infohash().as_bytes(), offer.file.clone()));
        let settings = Settings {
            listen: vec![SocketAddr::new(ip.parse().unwrap(), 0)],
            dht: false,
            private_network: true,
            lsd: false,
            ..Settings::default()
        };
        let swarm = Swarm::start(settings, Arc::new(Shelf(shelf.collect())), |_| {}).unwrap();
        let engine = SocketAddr::new(ip.parse().unwrap(), swarm.listen_port());
        Self { swarm, owner: Owner { tag: "upseed-00000000".into(), engine } }
    }
    pub fn hosting(ip: &str, items: &[Offer]) -> Self {
        let engine = Self::with(ip, items);
        let host = |offer: &Offer| (*offer.infohash().as_bytes(), offer.info().to_vec());
        engine.swarm.host_many(items.iter().map(host).collect()).unwrap();
        engine
    }
}
