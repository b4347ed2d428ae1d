//! A DHT of a few nodes on loopback.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use std::time::{Duration, Instant};

use support::{DEADLINE, Node, settings, until};
use upseed_swarm::{Event, Infohash, Off, Settings};

const BOARD: Infohash = [0x42; 20];

fn member(bootstrap: &[&Node], state: Option<Vec<u8>>) -> Node {
    let bootstrap = bootstrap.iter().map(|node| node.addr().to_string()).collect();
    Node::with(Settings { dht: true, bootstrap, state, ..settings() })
}

/// Looks up until somebody is found: an announcement needs a moment to arrive.
fn found(node: &Node, at: &Node) -> bool {
    let end = Instant::now() + DEADLINE;
    while Instant::now() < end {
        node.swarm.dht_get_peers(BOARD);
        at.swarm.dht_announce(BOARD);
        let next = Instant::now() + Duration::from_millis(300);
        while Instant::now() < next {
            if node.has(|e| matches!(e, Event::DhtPeers { infohash, peers } if *infohash == BOARD && peers.contains(&at.addr()))) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    false
}

/// The first finds the second in the DHT, and they talk.
fn meet(a: &Node, b: &Node) {
    a.swarm.join(BOARD);
    b.swarm.join(BOARD);
    assert!(found(a, b));
    a.swarm.connect(BOARD, b.addr());
    a.peer();
    b.peer();
}

#[test]
fn two_find_each_other_through_a_third_and_meet() {
    let third = member(&[], None);
    let (a, b) = (member(&[&third], None), member(&[&third], None));
    until("in the DHT", || a.swarm.status().dht_nodes > 0 && b.swarm.status().dht_nodes > 0);
    meet(&a, &b);
    assert!(found(&b, &a));
}

#[test]
fn a_saved_state_finds_the_dht_again_without_a_bootstrap() {
    let third = member(&[], None);
    let a = member(&[&third], None);
    until("in the DHT", || a.swarm.status().dht_nodes > 0);
    let state = a.swarm.state().unwrap();
    assert!(state.len() > 60, "{}", state.len());
    drop(a);
    let again = member(&[], Some(state));
    until("in the DHT again", || again.swarm.status().dht_nodes > 0);
    // what is not a state is no reason not to start
    member(&[&third], Some(b"rubbish".to_vec()));
}

#[test]
fn a_node_may_be_offered() {
    let (a, b) = (member(&[], None), member(&[], None));
    a.swarm.dht_add_node(b.addr());
    until("known", || a.swarm.status().dht_nodes > 0);
}

#[test]
fn switched_off_elsewhere_and_on_again() {
    let third = member(&[], None);
    let a = member(&[&third], None);
    until("in the DHT", || a.swarm.status().dht_nodes > 0);
    let listening = a.swarm.listeners();
    a.swarm.bind_network(None, None, Off { dht: true, ..Off::default() }).unwrap();
    until("out of the DHT", || a.swarm.status().dht_nodes == 0);
    assert_eq!(a.swarm.listeners(), listening, "it listens as before");
    a.swarm.bind_network(None, None, Off::default()).unwrap();
    until("in the DHT again", || a.swarm.status().dht_nodes > 0);
}

#[test]
fn a_swarm_that_turns_out_to_be_private_goes_on_as_one() {
    let third = member(&[], None);
    let off = Off { upnp: true, natpmp: true, ..Off::default() };
    let bootstrap = vec![third.addr().to_string()];
    let a = Node::with(Settings {
        dht: true,
        bootstrap,
        private_network: false,
        outgoing_utp: true,
        off,
        ..settings()
    });
    until("in the DHT", || a.swarm.status().dht_nodes > 0);
    let listening = a.swarm.listeners();
    assert!(a.swarm.has_bootstrap_nodes() && !a.swarm.is_private() && a.swarm.may_look_names_up());
    a.swarm.be_private().unwrap();
    assert!(a.swarm.is_private());
    assert_eq!(a.swarm.listeners(), listening, "it listens as before");
    meet(&a, &member(&[&third], None));
}
