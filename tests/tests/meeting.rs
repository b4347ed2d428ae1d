//! How nodes find each other when others were away for a while.
#![allow(clippy::unwrap_used, missing_docs)]

use std::net::TcpListener;

use upseed_tests::{Person, until};

#[test]
fn a_peer_who_was_away_is_met_when_it_is_back() {
    // Whoever dials is cut off at once: it fails as if nobody listened, and can be counted.
    let door = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = door.local_addr().unwrap();
    let ann = Person::named("Ann").peer_at(addr).start();
    (0..5).for_each(|_| drop(door.accept().unwrap()));
    drop(door);
    let bob = Person::named("Bob").swarm_listen(&addr.to_string()).start();
    until("they meet", || (ann.status()["peers"] == 1).then_some(()));
    let id = bob.post("upseed", "I am back", "Late, but here.\n");
    until("Ann has it", || ann.listed(&id).filter(|item| item["text"] == "Late, but here.\n"));
}
