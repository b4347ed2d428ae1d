//! Who is seen to host: by real clients, at a real tracker, and who only says so.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    sync::mpsc,
    thread,
};

use serde_json::{Value, json};
use upseed_model::torrent;
use upseed_tests::{Generation, Person, Stock, Tracker, TransmissionDaemon, namespace, until};

const TEXT: &str = "Seen with my own eyes.\n";

/// Three networks: people, clients of two kinds, and another client.
const PEOPLE: &str = "203.0.113.1";
const READER: &str = "203.0.113.2";
const CLIENTS: [&str; 2] = ["198.51.100.1", "198.51.100.2"];
const ELSEWHERE: &str = "192.0.2.1";

fn person(name: &str, address: &str) -> upseed_tests::Setup {
    Person::named(name).swarm_listen(&format!("{address}:0"))
}

/// A post of Ann's, and its .torrent with her tracker.
fn posted(ann: &Person, tracker: &Tracker) -> (String, PathBuf) {
    ann.json(&["board", "join", "upseed", "--tracker", &tracker.url()]);
    let id = ann.post("upseed", "Who has this?", TEXT);
    tracker.allow(&[&id]);
    let file = ann.scratch().join("post.torrent");
    ann.run(&["export", &id, "-o", file.to_str().unwrap()]).ok();
    (id, file)
}

/// What a reader is told who looks once this is so.
fn told(reader: &Person, id: &str, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    until(what, || reader.listed(id).filter(|item| is_so(item)))
}

#[test]
fn hosts_are_dialled_and_each_network_counts_once() {
    let addresses = [PEOPLE, READER, CLIENTS[0], CLIENTS[1], ELSEWHERE];
    if !namespace::enter("hosts_are_dialled_and_each_network_counts_once", &addresses) {
        return;
    }
    let tracker = Tracker::start(PEOPLE);
    let mut ann = person("Ann", PEOPLE).start();
    let (id, file) = posted(&ann, &tracker);

    let daemon = TransmissionDaemon::start(Generation::Here, CLIENTS[0], &json!({}));
    let item = torrent::read(&std::fs::read(&file).unwrap()).unwrap();
    std::fs::write(daemon.downloads().join(item.file_name()), TEXT).unwrap();
    daemon.rpc("torrent-add", &json!({ "filename": file }));
    let _near = Stock::seed_at(CLIENTS[1], &file, TEXT.as_bytes());
    let _far = Stock::seed_at(ELSEWHERE, &file, TEXT.as_bytes());
    until("the tracker knows four hosts", || (tracker.scrape(&id).0 == 4).then_some(()));
    ann.stop();
    until("and then three", || (tracker.scrape(&id).0 == 3).then_some(()));

    let bob = person("Bob", READER).start();
    bob.json(&["board", "join", "upseed", "--tracker", &tracker.url()]);
    bob.run(&["import", file.to_str().unwrap()]).ok();
    let item = told(&bob, &id, "both networks are seen", |item| item["verified"] == 2);
    assert!(item["verified_at"].is_u64(), "{item}");
    told(&bob, &id, "three hosts were named", |item| item["seeds"] == 3);
    let why = bob.run(&["why", &id]).ok();
    assert!(why.text().contains("3 hosts, 2 verified "), "{}", why.text());
    assert!(bob.page(&format!("/upseed/t/{id}")).contains("3 hosts, 2 verified "));
    until("the tracker forgets who looked", || (tracker.scrape(&id) == (3, 0)).then_some(()));
    assert_eq!(bob.status()["hosted"], 0);
}

#[test]
fn a_host_that_dials_counts_as_one_that_is_dialled() {
    if !namespace::enter("a_host_that_dials_counts_as_one_that_is_dialled", &[PEOPLE, ELSEWHERE]) {
        return;
    }
    let ann = person("Ann", PEOPLE).start();
    let id = ann.post("upseed", "Who has this?", TEXT);
    ann.json(&["upvote", "--wait", &id]);
    let file = ann.scratch().join("post.torrent");
    ann.run(&["export", &id, "-o", file.to_str().unwrap()]).ok();
    let item = told(&ann, &id, "she hosts it herself", |item| item["seeds"] == 1);
    assert_eq!((&item["verified"], &item["verified_at"]), (&json!(0), &Value::Null));
    // No DHT, no tracker, and no member knows where it is.
    let mut host = Stock::seed_at(ELSEWHERE, &file, TEXT.as_bytes());
    host.dial(ann.swarm_addr());
    told(&ann, &id, "it is seen", |item| item["verified"] == 1);
}

/// Shakes hands on any torrent, and says no more. Gives where, and whether somebody went on after that.
fn empty_handed() -> (SocketAddr, mpsc::Receiver<()>) {
    let listener = TcpListener::bind((CLIENTS[0], 0)).unwrap();
    let addr = listener.local_addr().unwrap();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut hello = [0; 68];
            if stream.read_exact(&mut hello).is_err() || hello[0] != 19 {
                continue;
            }
            hello[20..28].fill(0);
            hello[48..].copy_from_slice(b"-XX0000-emptyhandedx");
            let _ = stream.write_all(&hello);
            let _ = stream.read_exact(&mut [0]);
            let _ = tell.send(());
            let _ = stream.read_to_end(&mut Vec::new());
        }
    });
    (addr, told)
}

#[test]
fn two_hundred_announces_from_one_address_are_seen_through() {
    let addresses = [PEOPLE, READER, CLIENTS[0]];
    if !namespace::enter("two_hundred_announces_from_one_address_are_seen_through", &addresses) {
        return;
    }
    // Whoever asks it comes from its own address.
    let tracker = Tracker::start(CLIENTS[0]);
    let mut ann = person("Ann", PEOPLE).start();
    let (id, file) = posted(&ann, &tracker);
    ann.stop();
    let (liar, shaken) = empty_handed();
    for n in 0..200_u16 {
        // The first port is the liar's, at the others nobody listens.
        let port = if n == 0 { liar.port() } else { n };
        tracker.announce(&id, n, port);
    }
    assert_eq!(tracker.scrape(&id).0, 200, "the tracker believes it");

    let bob = person("Bob", READER).start();
    bob.json(&["board", "join", "upseed", "--tracker", &tracker.url()]);
    bob.run(&["import", file.to_str().unwrap()]).ok();
    assert!(bob.listed(&id).is_some(), "he looks at it");
    shaken.recv().unwrap();
    // Names are written down seconds later, and by then who was seen is.
    let item = told(&bob, &id, "somebody is named", |item| !item["seeds"].is_null());
    assert_eq!((&item["seeds"], &item["verified"]), (&json!(1), &json!(0)), "{item}");
    assert!(bob.run(&["why", &id]).ok().text().contains("1 host\n"));
}
