//! Packs that real clients seed by the exported .torrent: texts are read out of them, and a page proves that they do. And the
//! other way round: an item that our engine gives on demand.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../../core/swarm/tests/support/counting.rs"]
mod counting;
#[path = "../../core/packing/tests/support/engine.rs"]
mod engine;
#[path = "../../core/packing/tests/support/forge.rs"]
mod forge;

use std::{fs, net::SocketAddr, path::Path, sync::LazyLock, time::Duration};

use counting::counting;
use data_encoding::BASE64;
use engine::{engine, engine_giving};
use forge::{Forged, Whole, item, pack};
use serde_json::{Value, json};
use upseed_model::bencode::put_field;
use upseed_packing::{PackFetch, ProofFailure, gives_page};
use upseed_tests::{
    Deluge, Generation, PATIENCE, QBittorrent, Tracker, TransmissionDaemon, free_port, namespace,
    until,
};

const TEXTS: usize = 10_000;

/// Real texts among them: the first has the median length.
static ITEMS: LazyLock<Vec<Whole>> =
    LazyLock::new(|| (0..20).map(|number| item(number, 601 + 3_000 * number as usize)).collect());
static PACK: LazyLock<Forged> = LazyLock::new(|| pack(&ITEMS, TEXTS));

fn infohash() -> String {
    PACK.info.infohash().to_string()
}

fn save(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join(PACK.info.file_name()), &PACK.file).unwrap();
}

/// Reads out of a client that has the whole pack, in `folder`, and changes the file there in the end.
fn gives_texts(client: SocketAddr, folder: &Path) {
    let (swarm, pack) = (engine(), PACK.info.infohash());
    let (addr, received) = counting(client);
    let wanted = ITEMS[0].0.infohash();
    let fetched =
        PackFetch::new(pack, vec![wanted]).peers(vec![addr]).run(&swarm, PATIENCE).unwrap();
    let [(infohash, Ok(found))] = &fetched.texts[..] else { panic!("{:?}", fetched.texts) };
    assert_eq!((infohash, &found.item), (&wanted, &ITEMS[0].0));
    assert!(found.text.as_bytes() == ITEMS[0].1);
    assert!(received.bytes() <= 64_000, "{} bytes for one text of {TEXTS}", received.bytes());

    // Another one, who wants all of them, over one connection.
    let (other, (addr, received)) = (engine(), counting(client));
    let wanted = ITEMS.iter().map(|(item, _)| item.infohash()).collect();
    let fetch = PackFetch::new(pack, wanted).peers(vec![addr]);
    let fetched = fetch.run(&other, PATIENCE).unwrap();
    for ((_, text), (infohash, found)) in ITEMS.iter().zip(fetched.texts) {
        assert!(
            found.unwrap_or_else(|error| panic!("{infohash}: {error}")).text.as_bytes() == text
        );
    }
    assert_eq!(received.connections(), 1);

    // Clients go on saying that they have what is not there any more.
    let page = PACK.info.pages() - 3;
    let prover = engine();
    assert_eq!(gives_page(&prover, &PACK.info, page, vec![client], PATIENCE), Ok(()));
    let path = folder.join(PACK.info.file_name());
    fs::write(&path, vec![0; PACK.info.length()]).unwrap();
    let proof = gives_page(&prover, &PACK.info, page - 1, vec![client], Duration::from_secs(15));
    assert_eq!(proof, Err(ProofFailure::NotGiven));
}

fn qbittorrent(generation: Generation) {
    let client = QBittorrent::tame(generation, "127.0.0.1", "");
    save(&client.save_path());
    client.add_by_hand(&PACK.torrent());
    until("it seeds", || client.seeds(&infohash()).then_some(()));
    let port = client.get("app/preferences")["listen_port"].as_u64().unwrap();
    gives_texts(at(port), &client.save_path());
}

#[test]
fn qbittorrent_gives_texts_out_of_a_pack() {
    qbittorrent(Generation::Here);
}

#[test]
fn qbittorrent_5_gives_texts_out_of_a_pack() {
    qbittorrent(Generation::Trixie);
}

fn transmission(generation: Generation) {
    let port = free_port("127.0.0.1");
    let client = TransmissionDaemon::start(generation, "127.0.0.1", &json!({ "peer-port": port }));
    save(&client.downloads());
    client.rpc("torrent-add", &json!({ "metainfo": BASE64.encode(&PACK.torrent()) }));
    until("it seeds", || (client.torrent(&infohash(), &["status"])?["status"] == 6).then_some(()));
    gives_texts(at(port.into()), &client.downloads());
}

#[test]
fn transmission_gives_texts_out_of_a_pack() {
    transmission(Generation::Here);
}

#[test]
fn transmission_4_gives_texts_out_of_a_pack() {
    transmission(Generation::Trixie);
}

fn deluge(generation: Generation) {
    let mut client = Deluge::of(generation).bare().start();
    save(&client.downloads());
    let torrent = BASE64.encode(&PACK.torrent());
    client.call("core.add_torrent_file", json!(["a.torrent", torrent, {}]));
    let seeds = |told: Value| (told["state"] == "Seeding").then_some(());
    until("it seeds", || client.torrent(&infohash(), &["state"]).and_then(seeds));
    let port = client.call("core.get_listen_port", json!([])).as_u64().unwrap();
    gives_texts(at(port), &client.downloads());
}

#[test]
fn deluge_gives_texts_out_of_a_pack() {
    deluge(Generation::Here);
}

#[test]
fn deluge_2_1_gives_texts_out_of_a_pack() {
    deluge(Generation::Trixie);
}

/// It dials encrypted first, and finds the engine by a tracker.
#[test]
fn qbittorrent_gets_an_item_that_the_engine_gives_on_demand() {
    let address = "10.91.0.1";
    if !namespace::enter("qbittorrent_gets_an_item_that_the_engine_gives_on_demand", &[address]) {
        return;
    }
    let tracker = Tracker::start(address);
    let (item, text) = &ITEMS[0];
    let infohash = item.infohash().to_string();
    tracker.allow(&[&infohash]);
    let giver = engine_giving(address, item, text);
    tracker.announce(&infohash, 1, giver.listen_port());
    let mut torrent = b"d".to_vec();
    put_field(&mut torrent, "announce", tracker.url().as_bytes());
    torrent.extend([b"4:info", item.header(), b"e"].concat());
    let has_text = |folder: &Path| {
        let path = folder.join(item.file_name());
        fs::read(path).is_ok_and(|bytes| bytes == *text).then_some(())
    };
    for generation in Generation::ALL {
        let client = QBittorrent::tame(generation, address, "");
        client.add_by_hand(&torrent);
        until("qBittorrent has it", || has_text(&client.save_path()));
    }
    assert_eq!(giver.status().hosted, 0);
}

fn at(port: u64) -> SocketAddr {
    ([127, 0, 0, 1], u16::try_from(port).unwrap()).into()
}
