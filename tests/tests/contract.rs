//! The client port's one suite, over each backend.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{collections::HashMap, sync::Arc};

use upseed_model::{BoardName, ItemDraft, Kind, SecretKey, SignedItem, text::Title};
use upseed_node::{
    client::{Client, Embedded, Giver, Offer, contract},
    now,
};
use upseed_swarm::{Settings, Swarm, Texts};
use upseed_tests::{Generation, QBittorrent, namespace, qbittorrent};

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

/// An engine that hosts the items.
fn engine(items: &[Offer], listen: &str) -> (Embedded, Giver) {
    let shelf = items.iter().map(|offer| (*offer.infohash().as_bytes(), offer.text.clone()));
    let settings = Settings {
        listen: vec![format!("{listen}:0").parse().unwrap()],
        dht: false,
        private_network: true,
        lsd: false,
        ..Settings::default()
    };
    let swarm = Swarm::start(settings, Arc::new(Shelf(shelf.collect())), |_| {}).unwrap();
    let engine = format!("{listen}:{}", swarm.listen_port()).parse().unwrap();
    (Embedded::new(swarm), Giver { tag: "upseed-00000000".into(), engine })
}

#[tokio::test]
async fn embedded() {
    let items = items();
    let (client, giver) = engine(&items, "127.0.0.1");
    contract::suite(&client, &items, &giver).await.unwrap();
}

/// Runs the suite over a qBittorrent, while an engine hosts the items beside it.
fn suite(client: &QBittorrent) {
    let items = items();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let (embedded, giver) = engine(&items, "10.77.0.1");
        embedded.add(&items, &giver).await.unwrap();
        let settings =
            upseed_qbittorrent::Settings::new(&client.url(), qbittorrent::USER, &client.password());
        let client = upseed_qbittorrent::QBittorrent::new(settings.unwrap()).unwrap();
        contract::suite(&client, &items, &giver).await.unwrap();
    });
}

#[test]
fn qbittorrent_4_tame() {
    if namespace::enter("qbittorrent_4_tame", &["10.77.0.1", "10.77.0.11"]) {
        suite(&QBittorrent::tame(Generation::Here, "10.77.0.11", ""));
    }
}

#[test]
fn qbittorrent_4_untouched() {
    if namespace::enter("qbittorrent_4_untouched", &["10.77.0.1"]) {
        suite(&QBittorrent::untouched(Generation::Here));
    }
}

#[test]
fn qbittorrent_5_tame() {
    if namespace::enter("qbittorrent_5_tame", &["10.77.0.1", "10.77.0.11"]) {
        suite(&QBittorrent::tame(Generation::Trixie, "10.77.0.11", ""));
    }
}

#[test]
fn qbittorrent_5_untouched() {
    if namespace::enter("qbittorrent_5_untouched", &["10.77.0.1"]) {
        suite(&QBittorrent::untouched(Generation::Trixie));
    }
}
