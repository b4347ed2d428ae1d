//! The client port over real Transmissions of two generations.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod transmission_support;

use serde_json::json;
use transmission_support::{Engine, client, items};
use upseed_client::{Client as _, contract};
use upseed_tests::{Generation, TransmissionDaemon, namespace};

const ADDRESSES: [&str; 2] = ["10.77.0.1", "10.77.0.12"];

async fn contract_of(daemon: &TransmissionDaemon) {
    let items = items(5);
    let engine = Engine::hosting("10.77.0.1", &items);
    let client = client(daemon);
    contract::suite(&client, &items, &engine.owner).await.unwrap();
    let left = daemon.rpc("torrent-get", &json!({ "fields": ["name"] }));
    assert_eq!(left["torrents"], json!([]));
    let files = std::fs::read_dir(daemon.downloads().join("upseed")).unwrap().count();
    assert_eq!(files, 0, "removing removes the files");
    println!("{:?}", client.describe().await.unwrap());
}

#[tokio::test]
async fn contract_with_3_00() {
    if namespace::enter("contract_with_3_00", &ADDRESSES) {
        contract_of(&TransmissionDaemon::start(Generation::Here, "10.77.0.12", &json!({}))).await;
    }
}

#[tokio::test]
async fn contract_with_4_1() {
    if namespace::enter("contract_with_4_1", &ADDRESSES) {
        contract_of(&TransmissionDaemon::start(Generation::Trixie, "10.77.0.12", &json!({}))).await;
    }
}

#[tokio::test]
async fn contract_with_3_00_untouched() {
    if namespace::enter("contract_with_3_00_untouched", &ADDRESSES) {
        contract_of(&TransmissionDaemon::untouched(Generation::Here)).await;
    }
}

#[tokio::test]
async fn contract_with_4_1_untouched() {
    if namespace::enter("contract_with_4_1_untouched", &ADDRESSES) {
        contract_of(&TransmissionDaemon::untouched(Generation::Trixie)).await;
    }
}
