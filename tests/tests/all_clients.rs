//! All kinds of client in one swarm: each hosts what another one posted, and a tracker counts them.
#![allow(clippy::unwrap_used, missing_docs)]

use serde_json::{Value, json};
use upseed_tests::{
    Deluge, Generation, Person, QBittorrent, Tracker, TransmissionDaemon, namespace, until,
};

const NETWORK: &[&str] = &["10.77.0.1", "10.77.0.11", "10.77.0.12", "10.77.0.13", "10.77.0.14"];

/// Whoever takes part, asked by the command.
enum Node {
    Person(Box<Person>),
    Deluge(Box<Deluge>),
}

impl Node {
    fn json(&self, args: &[&str]) -> Value {
        match self {
            Self::Person(person) => person.json(args),
            Self::Deluge(deluge) => deluge.upseed(args),
        }
    }

    fn post(&self, title: &str) -> String {
        let text = format!("{title} says hello.\n");
        match self {
            Self::Person(person) => person.post("upseed", title, &text),
            Self::Deluge(deluge) => deluge.post(title, &text),
        }
    }
}

#[test]
fn each_hosts_what_another_one_posted() {
    if namespace::enter("each_hosts_what_another_one_posted", NETWORK) {
        all_host(Generation::Trixie, Generation::Here);
    }
}

#[test]
fn each_of_another_generation_hosts_what_another_one_posted() {
    if namespace::enter("each_of_another_generation_hosts_what_another_one_posted", NETWORK) {
        all_host(Generation::Here, Generation::Trixie);
    }
}

/// With a qBittorrent of one generation, and a Transmission and a Deluge of another one.
fn all_host(of_qbittorrent: Generation, of_others: Generation) {
    let tracker = Tracker::start("10.77.0.1");
    let embedded = Person::named("Embedded").swarm_listen("10.77.0.11:0").start();
    let to = embedded.swarm_addr();

    let qbittorrent = QBittorrent::tame(of_qbittorrent, "10.77.0.12", "");
    let mut person = Person::named("Qbit").swarm_listen("10.77.0.12:0").peer_at(to).offline();
    person.connect(&qbittorrent);
    person.restart();
    let qbit = Node::Person(Box::new(person));

    let transmission = TransmissionDaemon::start(of_others, "10.77.0.13", &json!({}));
    let mut person = Person::named("Trans").swarm_listen("10.77.0.13:0").peer_at(to).offline();
    person.run(&["connect", "transmission", "--url", &transmission.url()]).ok();
    person.restart();
    let trans = Node::Person(Box::new(person));

    let mut deluge = Deluge::of(of_others)
        .core("listen_interface", json!("10.77.0.14"))
        .upseed("peers", json!([to.to_string()]))
        .start();
    deluge.enable();
    let nodes = [Node::Person(Box::new(embedded)), qbit, trans, Node::Deluge(Box::new(deluge))];

    // Their titles become the names of files.
    let long = "長い題名".repeat(25);
    let ids: Vec<String> = ["שלום, עולם!", "🎉🎉", "日本語 の Straße", &long]
        .iter()
        .zip(&nodes)
        .map(|(title, node)| node.post(title))
        .collect();
    tracker.allow(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    // Only now: a tracker that has refused is asked again after a long while only.
    for node in &nodes {
        node.json(&["board", "join", "upseed", "--tracker", &tracker.url()]);
    }
    for node in &nodes {
        until("everybody has every text", || {
            let top = node.json(&["top"]);
            let texts = top.as_array()?.iter().filter(|item| item["text"].is_string());
            (texts.count() == ids.len()).then_some(())
        });
    }
    for (number, node) in nodes.iter().enumerate() {
        let others: Vec<&str> = (0..ids.len()).filter(|n| *n != number).map(|n| &*ids[n]).collect();
        node.json(&[&["upvote", "--wait"][..], &others].concat());
    }
    let slugs = ["שלום-עולם", "post", "日本語-の-straße", &long[..99]];
    for (id, slug) in ids.iter().zip(slugs) {
        let seeding = transmission.torrent(id, &["name"]).unwrap();
        let name = seeding["name"].as_str().unwrap();
        assert!(name.starts_with(&format!("{slug}.")) && name.ends_with(".md"), "{name}");
    }
    for id in &ids {
        assert!(qbittorrent.seeds(id), "qBittorrent: {:?}", qbittorrent.state(id));
        let seeding = transmission.torrent(id, &["status", "percentDone"]).unwrap();
        assert_eq!(seeding["status"], 6, "{seeding}");
        // Three clients and the embedded engine, but not the client of who wrote it: that one had it
        // before the tracker was known.
        let wanted = if id == &ids[0] { 4 } else { 3 };
        until("the tracker counts who hosts it", || (tracker.members(id) >= wanted).then_some(()));
        assert_eq!(tracker.members(id), wanted, "and no engine beside its client");
    }
    for node in &nodes {
        until("everybody counts all votes", || {
            let top = node.json(&["top"]);
            top.as_array()?.iter().all(|item| item["votes"] == 3).then_some(())
        });
    }
}
