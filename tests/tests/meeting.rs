//! How nodes find each other, and texts, when others are away for a while.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    io::{Read, Write},
    net::TcpListener,
};

use upseed_tests::{Person, Tracker, until};

/// The handshake of a torrent that nobody has.
const ANOTHER: &[u8] =
    b"\x13BitTorrent protocol\0\0\0\0\0\0\0\0infohash of nobody's-XX0000-000000000000";

#[test]
fn a_peer_who_was_away_is_met_when_it_is_back() {
    // Somebody else answers: that fails as if nobody listened, and can be counted.
    let door = TcpListener::bind("127.0.0.1:0").unwrap();
    door.set_nonblocking(true).unwrap();
    let addr = door.local_addr().unwrap();
    let ann = Person::named("Ann").peer_at(addr).start();
    let mut failed = 0;
    until("it failed five times", || {
        if let Ok((mut stream, _)) = door.accept() {
            stream.set_nonblocking(false).unwrap();
            stream.write_all(ANOTHER).unwrap();
            let _ = stream.read_to_end(&mut Vec::new());
            failed += 1;
        }
        (failed == 5).then_some(())
    });
    drop(door);
    let bob = Person::named("Bob").swarm_listen(&addr.to_string()).start();
    until("they meet", || (ann.status()["peers"] == 1).then_some(()));
    let id = bob.post("upseed", "I am back", "Late, but here.\n");
    until("Ann has it", || ann.listed(&id).filter(|item| item["text"] == "Late, but here.\n"));
}

#[test]
fn a_text_is_found_by_the_boards_tracker() {
    let tracker = Tracker::start("127.0.0.1");
    let join = ["board", "join", "upseed", "--tracker", &tracker.url()];
    let ann = Person::named("Ann").start();
    ann.json(&join);
    let id = ann.post("upseed", "Tracked", "By the tracker alone.\n");
    let file = ann.scratch().join("tracked.torrent");
    ann.run(&["export", &id, "-o", file.to_str().unwrap()]).ok();
    // The item and not the board: they never meet as members.
    tracker.allow(&[&id]);
    until("the tracker knows the host", || (tracker.scrape(&id).0 == 1).then_some(()));
    let bob = Person::named("Bob").start();
    bob.json(&join);
    bob.run(&["import", file.to_str().unwrap()]).ok();
    assert_eq!(bob.json(&["read", &id])["text"], "By the tracker alone.\n");
    assert_eq!(bob.status()["peers"], 0);
}
