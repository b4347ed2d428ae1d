//! The client port's one suite, over each backend.
#![allow(clippy::unwrap_used, missing_docs)]

mod offers;

use offers::{Engine, items};
use upseed_client::contract;
use upseed_node::Embedded;
use upseed_tests::{Generation, QBittorrent, namespace, qbittorrent};

#[tokio::test]
async fn embedded() {
    let items = items(5);
    let Engine { swarm, owner } = Engine::with("127.0.0.1", &items);
    contract::suite(&Embedded::new(swarm), &items, &owner).await.unwrap();
}

/// Runs the suite over a qBittorrent, while an engine hosts the items beside it.
fn suite(client: &QBittorrent) {
    let items = items(5);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let engine = Engine::hosting("10.77.0.1", &items);
        let settings =
            upseed_qbittorrent::Settings::new(&client.url(), qbittorrent::USER, &client.password());
        let client = upseed_qbittorrent::QBittorrent::new(settings.unwrap()).unwrap();
        contract::suite(&client, &items, &engine.owner).await.unwrap();
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
