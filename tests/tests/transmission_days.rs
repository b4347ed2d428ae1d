//! Good and bad days of a Transmission that hosts.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod transmission_support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::Json;
use data_encoding::BASE64;
use serde_json::{Value, json};
use transmission_support::{Engine, add, changed, client, complete, items, settings};
use upseed_client::{Change, Client as _, contract};
use upseed_tests::{Generation, PATIENCE, TransmissionDaemon, namespace};
use upseed_transmission::{Settings, Transmission, connect};
use zeroize::Zeroizing;

const ADDRESSES: [&str; 2] = ["10.77.0.1", "10.77.0.12"];
const IP: &str = "10.77.0.12";
const ENGINE: &str = "10.77.0.1";

#[tokio::test]
async fn a_wrong_password_locks_nobody_out() {
    if !namespace::enter("a_wrong_password_locks_nobody_out", &ADDRESSES) {
        return;
    }
    for generation in Generation::ALL {
        let login = json!({
            "rpc-authentication-required": true,
            "rpc-username": "me",
            "rpc-password": "right",
            "anti-brute-force-enabled": true,
        });
        let daemon = TransmissionDaemon::start(generation, IP, &login);
        let with = |password: &str| Settings {
            user: Some("me".into()),
            password: Some(Zeroizing::new(password.into())),
            ..settings(&daemon)
        };
        for wrong in [with("wrong"), settings(&daemon)] {
            let client = Transmission::new(&wrong).unwrap();
            for _ in 0..200 {
                client.hosted().await.unwrap_err();
            }
            let told = client.describe().await.unwrap();
            assert!(!told.online);
            assert!(told.warnings[0].contains("refuses the user name or password"), "{told:?}");
            assert!(!format!("{told:?}").contains("wrong\""));
        }
        let client = Transmission::new(&with("right")).unwrap();
        assert_eq!(client.hosted().await.unwrap(), []);
        assert!(client.describe().await.unwrap().online);
    }
}

#[tokio::test]
async fn stopped_and_back_or_killed_in_the_middle() {
    if !namespace::enter("stopped_and_back_or_killed_in_the_middle", &ADDRESSES) {
        return;
    }
    for generation in Generation::ALL {
        let mut daemon = TransmissionDaemon::start(generation, IP, &json!({}));
        let items = items(40);
        let engine = Engine::hosting(ENGINE, &items);
        let client = client(&daemon);
        changed(&client, Change::Connected).await;
        add(&client, &items[..3], &engine).await;
        complete(&client, &items[..3]).await;
        daemon.stop();
        client.hosted().await.unwrap_err();
        let told = client.describe().await.unwrap();
        assert!(!told.online && !told.version.is_empty(), "{told:?}");
        assert!(told.warnings[0].contains("cannot be reached"), "{told:?}");
        daemon.resume();
        let all = changed(&client, Change::Connected).await;
        assert!(!all.iter().any(|c| matches!(c, Change::Removed(_) | Change::Added(_))), "{all:?}");
        complete(&client, &items[..3]).await;

        // It dies while it is given much, and is given the same again.
        let adding = client.add(&items, &engine.owner);
        let _ = tokio::time::timeout(Duration::from_millis(30), adding).await;
        daemon.kill();
        client.add(&items, &engine.owner).await.unwrap_err();
        daemon.resume();
        add(&client, &items, &engine).await;
        complete(&client, &items).await;
        let listed = daemon.rpc("torrent-get", &json!({ "fields": ["id"] }));
        assert_eq!(listed["torrents"].as_array().unwrap().len(), items.len(), "each one once");
    }
}

/// 3.00 answers with an empty list until it has read its own.
#[tokio::test]
async fn what_it_has_not_read_yet_is_not_gone() {
    let items = items(2);
    let lists = Arc::new(AtomicUsize::new(0));
    let rows: Vec<_> = items
        .iter()
        .enumerate()
        .map(|(id, item)| {
            json!({
                "id": id + 1, "hashString": item.infohash(), "name": item.file_name(),
                "percentDone": 1.0, "status": 6, "labels": ["upseed"],
            })
        })
        .collect();
    let counted = lists.clone();
    let answer = move |Json(asked): Json<Value>| {
        let arguments = match asked["method"].as_str().unwrap() {
            "session-get" => json!({ "version": "3.00", "rpc-version": 16 }),
            "session-stats" => json!({ "current-stats": { "secondsActive": 0 } }),
            _ => match counted.fetch_add(1, Ordering::SeqCst) {
                0 => json!({ "torrents": [] }),
                _ => json!({ "torrents": rows }),
            },
        };
        async move { Json(json!({ "result": "success", "arguments": arguments })) }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = axum::Router::new().route("/transmission/rpc", axum::routing::post(answer));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let client = Transmission::new(&Settings { url, ..Settings::default() }).unwrap();
    assert_eq!(client.hosted().await.unwrap().len(), items.len());
    assert_eq!(lists.load(Ordering::SeqCst), 3, "until it was the same twice");
    server.abort();
}

#[tokio::test]
async fn what_the_user_does_in_transmission_is_told() {
    if !namespace::enter("what_the_user_does_in_transmission_is_told", &ADDRESSES) {
        return;
    }
    for generation in Generation::ALL {
        let daemon = TransmissionDaemon::start(generation, IP, &json!({}));
        let items = items(4);
        let engine = Engine::hosting(ENGINE, &items);
        let client = client(&daemon);
        changed(&client, Change::Connected).await;
        add(&client, &items[..3], &engine).await;
        complete(&client, &items[..3]).await;

        let by_hand = |number: usize| items[number].infohash();
        daemon.rpc("torrent-remove", &json!({ "ids": [by_hand(0).to_string()] }));
        let all = changed(&client, Change::Removed(by_hand(0))).await;
        assert!(!all.contains(&Change::Removed(by_hand(1))), "{all:?}");
        // What this node removes is not told.
        client.remove(&[by_hand(1)]).await.unwrap();
        // Somebody adds one, among ordinary ones.
        let torrent = BASE64.encode(&items[3].torrent());
        daemon.rpc("torrent-add", &json!({ "metainfo": torrent }));
        let ordinary = b"d4:infod6:lengthi3e4:name8:some.iso12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaaee";
        daemon.rpc("torrent-add", &json!({ "metainfo": BASE64.encode(ordinary) }));
        let all = changed(&client, Change::Added(by_hand(3))).await;
        assert_eq!(all.iter().filter(|c| matches!(c, Change::Added(_))).count(), 1, "{all:?}");
        assert!(!all.contains(&Change::Removed(by_hand(1))), "{all:?}");
        let header = client.header(by_hand(3)).await.unwrap().unwrap();
        assert!(header == items[3].info(), "its header, byte for byte");
        assert_eq!(client.header(by_hand(0)).await.unwrap(), None);
        let hosted = client.hosted().await.unwrap();
        let mut ids: Vec<_> = hosted.iter().map(|h| h.infohash).collect();
        let mut wanted = vec![by_hand(2), by_hand(3)];
        ids.sort();
        wanted.sort();
        assert_eq!(ids, wanted);
        let network = client.network().await.unwrap();
        // 4.1 writes its settings as it goes, 3.00 when it ends; ours were in the file before.
        assert_eq!(network.interface.as_deref(), Some(IP));
    }
}

#[tokio::test]
async fn files_that_are_deleted_or_changed_are_noticed_and_put_right() {
    if !namespace::enter("files_that_are_deleted_or_changed_are_noticed_and_put_right", &ADDRESSES)
    {
        return;
    }
    for generation in Generation::ALL {
        let daemon = TransmissionDaemon::start(generation, IP, &json!({}));
        let items = items(2);
        let engine = Engine::hosting(ENGINE, &items);
        let client = client(&daemon);
        add(&client, &items, &engine).await;
        complete(&client, &items).await;
        let path = |n: usize| daemon.downloads().join("upseed").join(items[n].file_name());
        assert_eq!(std::fs::read(path(0)).unwrap(), items[0].file);
        std::fs::remove_file(path(0)).unwrap();
        let mut wrong = items[1].file.clone();
        wrong[7] ^= 1;
        std::fs::write(path(1), &wrong).unwrap();
        let later = std::time::SystemTime::now() + Duration::from_secs(60);
        std::fs::File::options().write(true).open(path(1)).unwrap().set_modified(later).unwrap();
        let start = Instant::now();
        let mut gone = changed(&client, Change::Complete(items[0].infohash(), false)).await;
        let second = Change::Complete(items[1].infohash(), false);
        if !gone.contains(&second) {
            gone.extend(changed(&client, second).await);
        }
        println!("{generation:?}: noticed after {:?}", start.elapsed());
        // As the node does with what its client lost.
        add(&client, &items, &engine).await;
        complete(&client, &items).await;
        println!("{generation:?}: whole again after {:?}", start.elapsed());
        for (number, item) in items.iter().enumerate() {
            assert_eq!(std::fs::read(path(number)).unwrap(), item.file);
        }
    }
}

#[tokio::test]
async fn queues_and_limits_silence_no_vote() {
    let addresses = [ENGINE, IP, "10.77.0.13"];
    if !namespace::enter("queues_and_limits_silence_no_vote", &addresses) {
        return;
    }
    // Both at once: what they wait for is one minute.
    tokio::join!(
        no_limit_silences_a_vote(Generation::Here, addresses[1]),
        no_limit_silences_a_vote(Generation::Trixie, addresses[2]),
    );
}

async fn no_limit_silences_a_vote(generation: Generation, ip: &str) {
    let limits = json!({
        "seed-queue-enabled": true,
        "seed-queue-size": 1,
        "download-queue-enabled": true,
        "download-queue-size": 1,
        "ratio-limit-enabled": true,
        "ratio-limit": 0,
        "idle-seeding-limit-enabled": true,
        "idle-seeding-limit": 1,
        "start-added-torrents": false,
        "alt-speed-enabled": true,
        "alt-speed-up": 0,
    });
    let daemon = TransmissionDaemon::start(generation, ip, &limits);
    let items = items(6);
    let engine = Engine::hosting(ENGINE, &items);
    let client = client(&daemon);
    add(&client, &items, &engine).await;
    complete(&client, &items).await;
    // Still so when the idle minute is over: limits are looked at every second.
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(65) {
        complete(&client, &items).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let fields = ["labels", "seedRatioMode", "seedIdleMode", "status"];
    let told = daemon.torrent(&items[0].infohash().to_string(), &fields).unwrap();
    assert_eq!(told["labels"], json!(["upseed", "upseed-00000000"]));
    assert_eq!(told["seedRatioMode"], 2);
    assert_eq!(told["seedIdleMode"], 2);
    let warnings = client.describe().await.unwrap().warnings;
    assert!(warnings.iter().any(|w| w.contains("turtle")), "{warnings:?}");
    let report = connect::connect(&settings(&daemon)).await.unwrap();
    assert_eq!(report.limits.len(), 4, "{report:?}");
}

#[tokio::test]
async fn one_that_shares_no_folder_fetches_from_this_node() {
    if !namespace::enter("one_that_shares_no_folder_fetches_from_this_node", &ADDRESSES) {
        return;
    }
    for generation in Generation::ALL {
        let daemon = TransmissionDaemon::apart(generation, IP, &json!({}));
        let report = connect::connect(&settings(&daemon)).await.unwrap();
        assert_eq!(report.shared, None);
        println!("{:#?}", report.lines());
        let items = items(4);
        let engine = Engine::hosting(ENGINE, &items);
        let start = Instant::now();
        contract::suite(&client(&daemon), &items, &engine.owner).await.unwrap();
        println!("{generation:?}: the suite took {:?}", start.elapsed());

        let client = client(&daemon);
        add(&client, &items, &engine).await;
        complete(&client, &items).await;
        let start = Instant::now();
        loop {
            let _ = tokio::time::timeout(Duration::from_secs(1), client.changes()).await;
            let torrents = daemon.rpc("torrent-get", &json!({ "fields": ["trackers"] }));
            let torrents = torrents["torrents"].as_array().unwrap().clone();
            assert_eq!(torrents.len(), items.len());
            if torrents.iter().all(|torrent| torrent["trackers"] == json!([])) {
                break;
            }
            assert!(start.elapsed() < PATIENCE, "ours is left: {torrents:?}");
        }
    }
}

#[tokio::test]
async fn the_tracker_of_a_node_that_was_cut_off_goes() {
    if !namespace::enter("the_tracker_of_a_node_that_was_cut_off_goes", &ADDRESSES) {
        return;
    }
    for generation in Generation::ALL {
        let daemon = TransmissionDaemon::start(generation, IP, &json!({}));
        let items = items(1);
        let engine = Engine::hosting(ENGINE, &items);
        let client = client(&daemon);
        add(&client, &items, &engine).await;
        complete(&client, &items).await;
        drop(client);
        let id = items[0].infohash().to_string();
        let left = |tag| format!("http://{ENGINE}:1/{tag}-{}/announce", "0f".repeat(16));
        let others = [left("upseed-0000000b"), format!("http://{ENGINE}:1/announce")];
        let all: Vec<_> = others.iter().cloned().chain([left("upseed-00000000")]).collect();
        daemon.rpc("torrent-set", &json!({ "ids": [&id], "trackerAdd": all }));
        let trackers = || {
            let told = daemon.torrent(&id, &["trackers"]).unwrap();
            let all = told["trackers"].as_array().unwrap().clone();
            let mut all: Vec<_> =
                all.iter().map(|one| one["announce"].as_str().unwrap().to_owned()).collect();
            all.sort();
            all
        };
        assert_eq!(trackers().len(), 3);
        let next = transmission_support::client(&daemon);
        next.introduce(&engine.owner);
        changed(&next, Change::Connected).await;
        let mut others = others.to_vec();
        others.sort();
        assert_eq!(trackers(), others, "ours goes, the others stay");
    }
}

#[tokio::test]
async fn two_people_share_one_transmission() {
    if !namespace::enter("two_people_share_one_transmission", &ADDRESSES) {
        return;
    }
    for generation in Generation::ALL {
        let daemon = TransmissionDaemon::start(generation, IP, &json!({}));
        let items = items(2);
        let engine = Engine::hosting(ENGINE, &items);
        let (ann, bob) = (client(&daemon), client(&daemon));
        add(&ann, &items, &engine).await;
        daemon.rpc(
            "torrent-set",
            &json!({ "ids": [items[0].infohash().to_string()], "labels": ["films", "upseed", "upseed-00000000"] }),
        );
        let owner = upseed_client::Owner { tag: "upseed-0000000b".into(), ..engine.owner.clone() };
        bob.add(&items[..1], &owner).await.unwrap().remove(0).unwrap();
        let labels = || {
            daemon.torrent(&items[0].infohash().to_string(), &["labels"]).unwrap()["labels"].clone()
        };
        assert_eq!(labels(), json!(["films", "upseed", "upseed-00000000", "upseed-0000000b"]));
        ann.remove(&[items[0].infohash(), items[1].infohash()]).await.unwrap();
        assert_eq!(labels(), json!(["films", "upseed", "upseed-0000000b"]), "Bob's stays");
        complete(&bob, &items[..1]).await;
        assert_eq!(daemon.torrent(&items[1].infohash().to_string(), &["id"]), None);
        bob.remove(&[items[0].infohash()]).await.unwrap();
        assert_eq!(daemon.torrent(&items[0].infohash().to_string(), &["id"]), None);
    }
}

fn signal(daemon: &TransmissionDaemon, name: &str) {
    let sent = std::process::Command::new("kill").arg(name).arg(daemon.pid().to_string()).status();
    assert!(sent.unwrap().success());
}

#[tokio::test]
async fn a_slow_one_and_a_folder_that_cannot_be_written() {
    if !namespace::enter("a_slow_one_and_a_folder_that_cannot_be_written", &ADDRESSES) {
        return;
    }
    for generation in Generation::ALL {
        let daemon = TransmissionDaemon::start(generation, IP, &json!({}));
        let items = items(3);
        let engine = Engine::hosting(ENGINE, &items);
        let client = client(&daemon);
        add(&client, &items[..1], &engine).await;
        complete(&client, &items[..1]).await;

        signal(&daemon, "-STOP");
        upseed_tests::until("it stands still", || {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", daemon.pid())).unwrap();
            stat.contains(") T ").then_some(())
        });
        let asked = tokio::time::timeout(Duration::from_secs(2), client.hosted()).await;
        assert!(asked.is_err(), "it does not answer");
        // It stands still all the while, so nobody has asked it.
        let told = client.describe().await.unwrap();
        assert_eq!(told.kind, upseed_client::ClientKind::Transmission);
        let adding = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            signal(&daemon, "-CONT");
        };
        let (added, ()) = tokio::join!(client.add(&items[1..2], &engine.owner), adding);
        added.unwrap().remove(0).unwrap();
        complete(&client, &items[..2]).await;

        // In place of the folder there is a file: no text can be written.
        let folder = daemon.downloads().join("upseed");
        let aside = daemon.downloads().join("aside");
        std::fs::rename(&folder, &aside).unwrap();
        std::fs::write(&folder, "in the way").unwrap();
        let results = client.add(&items[2..], &engine.owner).await.unwrap();
        let error = results[0].as_ref().unwrap_err().to_string();
        assert!(error.contains("upseed") && error.contains("Not a directory"), "{error}");
        std::fs::remove_file(&folder).unwrap();
        std::fs::rename(&aside, &folder).unwrap();
        add(&client, &items, &engine).await;
        complete(&client, &items).await;
    }
}

#[tokio::test]
async fn the_newest_vote_does_not_wait_for_a_bulk() {
    if !namespace::enter("the_newest_vote_does_not_wait_for_a_bulk", &ADDRESSES) {
        return;
    }
    for generation in Generation::ALL {
        let daemon = TransmissionDaemon::start(generation, IP, &json!({}));
        let items = items(301);
        let (newest, bulk) = items.split_first().unwrap();
        let engine = Engine::hosting(ENGINE, &items);
        let client = client(&daemon);
        let start = Instant::now();
        let results = client.add(bulk, &engine.owner).await.unwrap();
        assert!(results.iter().all(Result::is_ok));
        let added = start.elapsed();
        let voted = Instant::now();
        add(&client, std::slice::from_ref(newest), &engine).await;
        complete(&client, std::slice::from_ref(newest)).await;
        let vote = voted.elapsed();
        let hosted = client.hosted().await.unwrap();
        let before = hosted.iter().filter(|one| one.complete).count() - 1;
        complete(&client, bulk).await;
        println!(
            "{generation:?}: 300 added in {added:?}, the newest complete {vote:?} after its vote, {before} were before it, \
             all after {:?}",
            start.elapsed()
        );
        // 3.00 verifies ten a second, 4.1 all of them at once.
        assert!(before < bulk.len() || generation == Generation::Trixie, "it waited for the bulk");
    }
}

#[tokio::test]
async fn connecting_twice_is_connecting_once() {
    if !namespace::enter("connecting_twice_is_connecting_once", &ADDRESSES) {
        return;
    }
    let daemon = TransmissionDaemon::start(Generation::Here, IP, &json!({}));
    let watch = daemon.folder().join("drop");
    let told = Settings { watch: Some(watch.clone()), ..settings(&daemon) };
    let first = connect::connect(&told).await.unwrap();
    assert_eq!(first.changed.len(), 2, "{first:?}");
    let second = connect::connect(&told).await.unwrap();
    assert_eq!(second.changed, Vec::<String>::new());
    assert_eq!(first.lines()[..3], second.lines()[..3]);
    println!("{}", first.lines().join("\n"));
    assert_eq!(second.network, connect::Way::Bound(IP.parse().unwrap()));
    assert_eq!(connect::disconnect(&second).len(), 2);
    assert!(!watch.exists());
}
