//! Items, an engine that hosts them, and the client port over a daemon.
#![allow(dead_code)]

#[path = "../offers/mod.rs"]
mod offers;

use std::time::{Duration, Instant};

use upseed_client::{Change, Client as _, Hosted, Offer};
use upseed_tests::{PATIENCE, TransmissionDaemon};
use upseed_transmission::{Settings, Transmission};

pub use offers::{Engine, items};

pub fn settings(daemon: &TransmissionDaemon) -> Settings {
    Settings { url: daemon.url(), ..Settings::default() }
}

pub fn client(daemon: &TransmissionDaemon) -> Transmission {
    Transmission::new(&settings(daemon)).unwrap()
}

/// Waits for one change, and gives all that came until then.
pub async fn changed(client: &Transmission, wanted: Change) -> Vec<Change> {
    let mut all = Vec::new();
    let waited = tokio::time::timeout(PATIENCE, async {
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
        assert!(start.elapsed() < PATIENCE, "not complete: {hosted:?}");
        if tokio::time::timeout(Duration::from_millis(200), &mut changes).await.is_ok() {
            changes = client.changes();
        }
    }
}

/// Adds items, each of which must be taken.
pub async fn add(client: &Transmission, items: &[Offer], engine: &Engine) {
    for result in client.add(items, &engine.owner).await.unwrap() {
        result.unwrap();
    }
}
