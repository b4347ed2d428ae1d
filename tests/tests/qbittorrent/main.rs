//! People whose votes a real qBittorrent seeds.
#![allow(clippy::unwrap_used, missing_docs)]

mod connect;
mod elsewhere;
mod failures;
mod held;
mod magnets;
mod network;
mod scale;
mod search;
mod silent;
mod tab;

use std::{fs, time::Duration};

use serde_json::Value;
use upseed_tests::{
    Generation, Person, QBittorrent, Tracker, namespace, qbittorrent, steadily, until,
};

const NETWORK: &[&str] = &["10.77.0.1", "10.77.0.11", "10.77.0.12", "10.77.0.13"];

/// A person with a connected qBittorrent, both on one address.
fn with_client(
    name: &str,
    generation: Generation,
    address: &str,
    peer: Option<&Person>,
) -> (Person, QBittorrent) {
    let client = QBittorrent::tame(generation, address, "");
    let mut setup = Person::named(name).swarm_listen(&format!("{address}:0"));
    if let Some(peer) = peer {
        setup = setup.peer(peer);
    }
    let mut person = setup.offline();
    person.connect(&client);
    person.restart();
    (person, client)
}

fn hosting(person: &Person, id: &str) -> Option<Value> {
    person.listed(id).filter(|item| item["hosting"] == "hosting")
}

fn a_vote_is_seeded_by_the_client_and_reaches_strangers(generation: Generation) {
    let tracker = Tracker::start("10.77.0.1");
    let (mut ann, mut anns) = with_client("Ann", generation, "10.77.0.11", None);
    let (bob, bobs) = with_client("Bob", generation, "10.77.0.12", Some(&ann));
    for person in [&ann, &bob] {
        person.run(&["board", "join", "upseed", "--tracker", &tracker.url()]).ok();
    }
    let text = "Seeded by a client that you have.\n".repeat(900);
    let id = ann.post("upseed", "For qBittorrent", &text);
    tracker.allow(&[&id]);
    until("Ann's qBittorrent seeds what she wrote", || anns.seeds(&id).then_some(()));
    until("Bob sees it with its text", || bob.listed(&id).filter(|item| item["text"] == text));
    bob.vote_in_page(
        &id,
        &[
            ("CLIENT", "qbittorrent"),
            ("CLIENT_USER", qbittorrent::USER),
            ("CLIENT_PASSWORD", &bobs.password()),
        ],
    );
    until("Bob's node says that it hosts", || hosting(&bob, &id));
    assert!(bobs.seeds(&id), "hosted means that the client says so: {:?}", bobs.state(&id));
    let torrent = bobs.torrent(&id).unwrap();
    assert_eq!(torrent["category"], "upseed");
    let tags = torrent["tags"].as_str().unwrap();
    assert!(tags.contains("upseed-"), "{tags}");
    until("the tracker counts both", || (tracker.members(&id) >= 2).then_some(()));
    assert_eq!(tracker.members(&id), 2, "and no engine beside its client");

    ann.stop();
    anns.stop();
    drop((ann, anns));
    let carol = QBittorrent::tame(Generation::Here, "10.77.0.13", "");
    let file = bob.scratch().join("for-carol.torrent");
    bob.run(&["export", &id, "-o", file.to_str().unwrap()]).ok();
    carol.add_by_hand(&fs::read(&file).unwrap());
    until("a bare qBittorrent downloads it from Bob's", || carol.seeds(&id).then_some(()));
    let name = carol.torrent(&id).unwrap()["name"].as_str().unwrap().to_owned();
    assert_eq!(fs::read_to_string(carol.save_path().join(name)).unwrap(), text);
}

#[test]
fn a_vote_is_seeded_by_qbittorrent_4() {
    if namespace::enter("a_vote_is_seeded_by_qbittorrent_4", NETWORK) {
        a_vote_is_seeded_by_the_client_and_reaches_strangers(Generation::Here);
    }
}

#[test]
fn a_vote_is_seeded_by_qbittorrent_5() {
    if namespace::enter("a_vote_is_seeded_by_qbittorrent_5", NETWORK) {
        a_vote_is_seeded_by_the_client_and_reaches_strangers(Generation::Trixie);
    }
}

#[test]
fn what_the_user_does_in_the_client_counts() {
    if !namespace::enter("what_the_user_does_in_the_client_counts", NETWORK) {
        return;
    }
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    let (mut bob, mut bobs) = with_client("Bob", Generation::Here, "10.77.0.12", Some(&ann));
    let ids: Vec<String> = (0..12)
        .map(|n| ann.post("upseed", &format!("Post {n}"), &format!("Text {n}.\n")))
        .collect();
    until("Bob knows all", || ids.iter().all(|id| bob.listed(id).is_some()).then_some(()));
    let (votes, rest) = ids.split_at(8);
    let args: Vec<&str> =
        ["upvote", "--wait"].into_iter().chain(votes.iter().map(String::as_str)).collect();
    bob.run(&args).ok();
    assert!(votes.iter().all(|id| bobs.seeds(id)));

    // What only looks like an item costs nothing else its due.
    let name = format!("looks-like-one.{}.md", "0".repeat(32));
    let mut fake = format!("d4:infod6:lengthi1e4:name{}:{name}", name.len()).into_bytes();
    fake.extend_from_slice(b"12:piece lengthi65536e6:pieces20:aaaaaaaaaaaaaaaaaaaaee");
    bobs.add_by_hand(&fake);
    until("Ann counts his vote", || (ann.listed(&votes[0])?["votes"] == 1).then_some(()));
    // Removed by hand while it is watched: at once.
    bobs.post("torrents/delete", &[("hashes", &votes[0]), ("deleteFiles", "true")]);
    until("the vote is taken back", || (bob.listed(&votes[0])?["upvoted"] == false).then_some(()));
    assert_eq!(ann.listed(&votes[0]).unwrap()["votes"], 1, "nobody else hears of it yet");
    bob.run(&["removed", "--let-go", &votes[0]]).ok();
    until("Ann sees that", || (ann.listed(&votes[0])?["votes"] == 0).then_some(()));

    // Added by hand: hosted without a vote, and the vote is only offered.
    let file = bob.scratch().join("by-hand.torrent");
    bob.run(&["export", &rest[0], "-o", file.to_str().unwrap()]).ok();
    bobs.add_by_hand(&fs::read(&file).unwrap());
    until("it is hosted without a vote", || bobs.seeds(&rest[0]).then_some(()));
    steadily(Duration::from_secs(4), "nobody voted", || {
        bob.listed(&rest[0]).unwrap()["upvoted"] == false
    });

    // With the setting on, it is a vote.
    bob.form("/upseed/settings", "client_budget=500&additions_are_votes=1");
    bob.run(&["export", &rest[1], "-o", file.to_str().unwrap()]).ok();
    bobs.add_by_hand(&fs::read(&file).unwrap());
    until("the addition is a vote", || {
        hosting(&bob, &rest[1]).filter(|item| item["upvoted"] == true)
    });

    // Removed by hand while Upseed was off, others are still there: withdrawn.
    bob.stop();
    bobs.post("torrents/delete", &[("hashes", &votes[1]), ("deleteFiles", "true")]);
    bob.restart();
    until("it is found missing", || (bob.listed(&votes[1])?["upvoted"] == false).then_some(()));
    assert_eq!(bob.listed(&votes[2]).unwrap()["upvoted"], true);

    // The whole list lost: the user is asked, nothing is added again in silence.
    bob.stop();
    bobs.stop();
    fs::remove_dir_all(bobs.profile().join("qBittorrent/data/BT_backup")).unwrap();
    bobs.start();
    assert_eq!(bobs.get("torrents/info"), serde_json::json!([]));
    bob.restart();
    until("the loss is told", || (bob.listed(&votes[2])?["hosting"] == "missing").then_some(()));
    steadily(Duration::from_secs(6), "nothing is added in silence, no vote is lost", || {
        bobs.get("torrents/info") == serde_json::json!([])
            && bob.listed(&votes[2]).unwrap()["upvoted"] == true
    });
    bob.form("/upseed/missing", "do=host");
    until("what was asked for is done", || bobs.seeds(&votes[2]).then_some(()));
    until("and told", || hosting(&bob, &votes[2]));
}
