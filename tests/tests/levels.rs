//! Hosting in levels: the newest upvotes are torrents of their own in the client, the older ones are packed there.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    net::SocketAddr,
    sync::{Arc, LazyLock},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};
use upseed_model::Infohash;
use upseed_packing::PackFetch;
use upseed_swarm::{Settings, Swarm, Texts};
use upseed_tests::{
    Dice, Generation, Person, QBittorrent, Stock, TransmissionDaemon,
    library::{Upvoted, comments, upvote_all},
    namespace, until,
};

const NETWORK: &[&str] = &["10.77.0.1", "10.77.0.11", "10.77.0.12"];

const NOW_ALONE: u32 = 10;
const UPVOTES: u32 = 1_000 + NOW_ALONE;

struct Nothing;

impl Texts for Nothing {
    fn read(&self, _: &[u8; 20]) -> Option<Vec<u8>> {
        None
    }
}

/// Somebody who knows of the pack, and of one seed.
fn stranger() -> Swarm {
    let settings = Settings { dht: false, lsd: false, ..Settings::default() };
    Swarm::start(settings, Arc::new(Nothing), |_| {}).unwrap()
}

fn reads_out_of(pack: Infohash, seed: SocketAddr, wanted: &[&Upvoted]) {
    let texts = wanted.iter().map(|it| it.id).collect();
    let fetch = PackFetch::new(pack, texts).peers(vec![seed]);
    let fetched = fetch.run(&stranger(), Duration::from_secs(120)).unwrap();
    for ((id, found), wanted) in fetched.texts.iter().zip(wanted) {
        assert_eq!((*id, &found.as_ref().unwrap().text), (wanted.id, &wanted.text));
    }
}

/// The pack, once it is what hosts its items.
fn packed(person: &Person) -> Value {
    until("the older ones are packed", || {
        let status = person.status();
        let pack = status["packs"].get(0)?.clone();
        (pack["is_hosted"] == true).then_some(pack)
    })
}

fn id(pack: &Value) -> Infohash {
    pack["id"].as_str().unwrap().parse().unwrap()
}

static UPVOTED: LazyLock<(Vec<Upvoted>, u64)> = LazyLock::new(|| {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    (comments("upseed", UPVOTES, now), now)
});

fn with_upvotes(bob: &mut Person) -> &'static [Upvoted] {
    let (all, now) = &*UPVOTED;
    upvote_all(bob.data(), all, NOW_ALONE, *now);
    bob.restart();
    all
}

#[test]
fn without_a_client_the_engine_gives_the_pack_and_each_item_on_demand() {
    let mut bob = Person::named("Bob").start();
    bob.stop();
    let all = with_upvotes(&mut bob);
    let pack = packed(&bob);
    assert_eq!((&pack["texts"], &pack["board"]), (&1_000.into(), &"upseed".into()), "{pack}");
    until("all are hosted", || (bob.status()["hosted"] == UPVOTES).then_some(()));
    reads_out_of(id(&pack), bob.swarm_addr(), &[&all[0], &all[500], &all[999]]);
    // By its own infohash, as any torrent client asks.
    let file = bob.scratch().join("one.torrent");
    bob.run(&["export", &all[3].id.to_string(), "-o", file.to_str().unwrap()]).ok();
    let (_stranger, got) = Stock::download(file.to_str().unwrap(), Some(bob.swarm_addr()));
    assert_eq!(got.text, all[3].text.as_bytes());
    // A vote that is taken back ends at once.
    bob.run(&["unvote", &all[3].id.to_string()]).ok();
    until("one is gone", || (bob.status()["packs"][0]["texts"] == 999).then_some(()));
    // A restart finds it as it was.
    bob.stop();
    bob.restart();
    let again = packed(&bob);
    assert_eq!(again["id"], pack["id"]);
    reads_out_of(id(&pack), bob.swarm_addr(), &[&all[700]]);
}

#[test]
fn qbittorrent_hosts_packs() {
    if !namespace::enter("qbittorrent_hosts_packs", NETWORK) {
        return;
    }
    for generation in Generation::ALL {
        let bobs = QBittorrent::tame(generation, "10.77.0.12", "");
        let mut bob = Person::named("Bob").swarm_listen("10.77.0.11:0").offline();
        bob.connect(&bobs);
        let all = with_upvotes(&mut bob);
        let pack = packed(&bob);
        let hash = pack["id"].as_str().unwrap();
        assert!(bobs.seeds(hash), "{:?}", bobs.state(hash));
        let listed = bobs.get("torrents/info").as_array().unwrap().len();
        assert_eq!(listed, 1 + NOW_ALONE as usize, "the newest, and a pack");
        let file = bob.scratch().join("pack.torrent");
        bob.run(&["export", hash, "-o", file.to_str().unwrap()]).ok();
        // Everybody but the client is gone.
        bob.stop();
        let port = bobs.get("app/preferences")["listen_port"].as_u64().unwrap();
        let seed: SocketAddr = format!("10.77.0.12:{port}").parse().unwrap();
        reads_out_of(id(&pack), seed, &[&all[0], &all[999]]);
        // A stock client, all of it.
        let (_stranger, got) = Stock::download(file.to_str().unwrap(), Some(seed));
        assert_eq!(got.text.len() as u64, pack["bytes"].as_u64().unwrap());
        bob.restart();
        assert_eq!(packed(&bob)["id"], pack["id"]);
    }
}

#[test]
fn transmission_hosts_packs() {
    if !namespace::enter("transmission_hosts_packs", NETWORK) {
        return;
    }
    for generation in Generation::ALL {
        let daemon = TransmissionDaemon::start(generation, "10.77.0.12", &json!({}));
        let mut bob = Person::named("Bob").swarm_listen("10.77.0.11:0").offline();
        bob.run(&["connect", "transmission", "--url", &daemon.url()]).ok();
        let all = with_upvotes(&mut bob);
        let pack = packed(&bob);
        let listed = daemon.rpc("torrent-get", &json!({ "fields": ["name", "hashString"] }));
        let listed = listed["torrents"].as_array().unwrap().len();
        assert_eq!(listed, 1 + NOW_ALONE as usize, "the newest, and a pack");
        bob.stop();
        let port = daemon.rpc("session-get", &json!({}))["peer-port"].as_u64().unwrap();
        let seed: SocketAddr = format!("10.77.0.12:{port}").parse().unwrap();
        reads_out_of(id(&pack), seed, &[&all[0], &all[999]]);
        bob.restart();
        assert_eq!(packed(&bob)["id"], pack["id"]);
        // A tool removes it: the votes stand, the user is asked, and says that it is to be hosted again.
        let hash = pack["id"].as_str().unwrap();
        daemon.rpc("torrent-remove", &json!({ "ids": [hash], "delete-local-data": true }));
        let told = |bob: &Person| bob.run(&["removed"]).ok().text().to_owned();
        until("the user is asked", || {
            (bob.status()["packs"][0]["is_missing"] == true).then_some(())
        });
        // The engine goes out, and is reached, by the address that Transmission is bound to.
        let engine = SocketAddr::new(seed.ip(), bob.swarm_addr().port());
        reads_out_of(id(&pack), engine, &[&all[0]]);
        assert_eq!(bob.status()["packs"][0]["texts"], 1_000);
        assert!(told(&bob).contains("a pack of 1000 texts of upseed"), "{}", told(&bob));
        assert_eq!(bob.status()["asked"], 1_000);
        bob.form("/upseed/missing", "do=host");
        packed(&bob);
        assert!(daemon.torrent(hash, &["name"]).is_some(), "it is there again");
    }
}

/// Wherever the node is killed on the way into a pack, it goes on from there: no vote is lost, and nothing stays behind.
#[test]
fn killed_at_any_moment_of_the_switch_over_nothing_is_lost() {
    let test = "killed_at_any_moment_of_the_switch_over_nothing_is_lost";
    if !namespace::enter(test, NETWORK) {
        return;
    }
    let bobs = QBittorrent::tame(Generation::Trixie, "10.77.0.12", "");
    let mut bob = Person::named("Bob").swarm_listen("10.77.0.11:0").offline();
    bob.connect(&bobs);
    let all = with_upvotes(&mut bob);
    let mut dice = Dice::new(Dice::seed(15));
    until("a pack is on its way", || bob.status()["packs"].get(0).map(drop));
    let mut kills = 0;
    while kills < 10 && bob.status()["packs"][0]["is_hosted"] != true {
        bob.kill9();
        kills += 1;
        bob.restart();
        // Some moment of what it does first.
        std::thread::sleep(Duration::from_millis(dice.below(700) as u64));
    }
    assert!(kills > 0, "it was on its way");
    let pack = packed(&bob);
    assert_eq!(bob.status()["packs"].as_array().unwrap().len(), 1);
    assert_eq!((&pack["texts"], &bob.status()["hosted"]), (&1_000.into(), &UPVOTES.into()));
    until("what it replaced is gone", || {
        let listed = bobs.get("torrents/info").as_array().unwrap().len();
        (listed == 1 + NOW_ALONE as usize).then_some(())
    });
    let port = bobs.get("app/preferences")["listen_port"].as_u64().unwrap();
    reads_out_of(id(&pack), format!("10.77.0.12:{port}").parse().unwrap(), &[&all[0], &all[999]]);
    until("its own file is gone", || {
        let folder = std::fs::read_dir(bob.data().join("packs")).unwrap();
        (folder.count() == 0).then_some(())
    });
}
