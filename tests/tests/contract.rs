//! The client port's one suite, over each backend.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{collections::HashMap, sync::Arc};

use upseed_model::{BoardName, ItemDraft, Kind, SecretKey, SignedItem, text::Title};
use upseed_node::{
    client::{Embedded, Giver, Offer, contract},
    now,
};
use upseed_swarm::{Settings, Swarm, Texts};

struct Shelf(HashMap<[u8; 20], Vec<u8>>);

impl Texts for Shelf {
    fn read(&self, infohash: &[u8; 20]) -> Option<Vec<u8>> {
        self.0.get(infohash).cloned()
    }
}

fn items() -> Vec<Offer> {
    let key = SecretKey::from_seed(&[7; 32]);
    let item = |number: usize| {
        // From one block to four.
        let text = format!("{number} ").repeat(number * 5_000).into_bytes();
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
    (1..=5).map(item).collect()
}

#[tokio::test]
async fn embedded() {
    let items = items();
    let shelf = items.iter().map(|offer| (*offer.infohash().as_bytes(), offer.text.clone()));
    let settings = Settings {
        listen: vec!["127.0.0.1:0".parse().unwrap()],
        dht: false,
        private_network: true,
        lsd: false,
        ..Settings::default()
    };
    let swarm = Swarm::start(settings, Arc::new(Shelf(shelf.collect())), |_| {}).unwrap();
    let engine = ([127, 0, 0, 1], swarm.listen_port()).into();
    let client = Embedded::new(swarm);
    let giver = Giver { tag: "upseed-00000000".into(), engine };
    contract::suite(&client, &items, &giver).await.unwrap();
}
