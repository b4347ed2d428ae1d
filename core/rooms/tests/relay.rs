//! Members who cannot reach each other: a third one passes texts on, or has them dial each other.
#![allow(clippy::unwrap_used)]

mod network;

use network::{Arrival, Network, START, addr, post_at};
use upseed_model::{BoardName, Record, SignedItem, sync::Frame};
use upseed_rooms::{Action, Command, Input, PeerId};
use upseed_store::Keep;

const TEXT: &[u8] = b"From behind a router.";

/// Nobody reaches anybody, but for node 1, which the others dial.
fn star(seed: u64, utp: bool) -> Network {
    let mut network = Network::of(3, seed);
    (network.is_apart, network.utp) = (true, utp);
    (0..3).for_each(|node| network.join(node));
    network.run(1);
    [0, 2].into_iter().for_each(|node| network.connect(node, 1));
    network.run(1);
    network
}

fn publish(network: &mut Network, node: usize, title: &str) -> SignedItem {
    let now = network.time().unix;
    let item = post_at(title, TEXT, now);
    network.nodes[node].store.publish(&item, TEXT, now).unwrap();
    let fresh = Command::Fresh(vec![Record::Item(item.clone())]);
    network.put(0, node, Arrival::Input(Input::Command(fresh)));
    item
}

fn are_connected(network: &Network, one: usize, other: usize) -> bool {
    network.links.iter().any(|((from, _), (to, _))| (*from, *to) == (one, other))
}

#[test]
fn a_text_comes_through_a_member_who_does_not_host_it() {
    let mut network = star(1, false);
    let item = publish(&mut network, 0, "Out");
    network.run(8);
    assert!(!are_connected(&network, 0, 2));
    assert!(network.text(1, &item).is_some());
    assert!(network.text(2, &item).is_some(), "what the author's node gave is passed on");
    let seeds =
        |node: usize| network.nodes[node].store.item(&item.infohash()).unwrap().unwrap().seeds;
    assert_eq!((seeds(1), seeds(2)), (Some(1), None), "who passes it on is not taken for a host");
}

/// What its user alone made a node fetch is given to nobody.
#[test]
fn what_only_the_reader_wanted_is_not_passed_on() {
    let mut network = star(2, false);
    let item = publish(&mut network, 0, "Read");
    // The author's node does not give it any more; the item's own swarm does, to who looks.
    network.nodes[0].store.set_keep(&item.work(), Keep::Cache).unwrap();
    network.run(8);
    assert!(network.has_item(2, &item) && network.text(1, &item).is_none());
    let (infohash, info) = (item.infohash(), item.header().to_vec());
    let fetched = Input::Fetched { infohash, info, text: TEXT.to_vec() };
    network.put(0, 1, Arrival::Input(fetched));
    network.run(60);
    assert!(network.text(1, &item).is_some());
    assert_eq!(network.text(2, &item), None);
}

#[test]
fn two_behind_routers_dial_each_other_and_go_on_alone() {
    let mut network = star(3, true);
    network.run(3);
    assert!(are_connected(&network, 0, 2), "{:?}", network.punches);
    network.nodes[1].played = true;
    for node in [0, 2] {
        let between =
            |((from, _), (to, _)): &(&network::End, &network::End)| (*from, *to) == (node, 1);
        let (_, peer) = *network.links.iter().find(between).unwrap().0;
        network.handle(node, Input::PeerClosed { peer, reason: String::new() });
    }
    let item = publish(&mut network, 0, "Alone");
    network.run(3);
    assert!(network.has_item(2, &item) && network.text(2, &item).is_some());
    assert_eq!(network.nodes[0].engine.status().punched, 1);
}

/// Whoever names others is believed for a few; one who names somebody again and again for a few, too.
#[test]
fn a_member_who_names_many_has_few_dialled() {
    let mut network = Network::of(1, 4);
    network.join(0);
    network.run(1);
    let peer = PeerId(1);
    let (rendezvous, from) =
        (BoardName::upseed().rendezvous(), "203.0.113.1:6881".parse().unwrap());
    let (outgoing, utp, listen_port) = (false, true, None);
    let opened = Input::PeerOpened { peer, rendezvous, addr: from, outgoing, utp, listen_port };
    network.handle(0, opened);
    let board = BoardName::upseed();
    let hello = Frame::Hello { min: 1, max: 1, frame: 262_144, time: START };
    let open = Frame::Open { board, first: 0, last: 30_000, bits: 0 };
    let victims = (0..100).map(|n| Frame::Punch(([198, 51, 100, n], 80).into()));
    let near = Frame::Punch(addr(7));
    for frame in [hello, open, near].into_iter().chain(victims) {
        network.handle(0, Input::Frame { peer, frame: frame.to_bytes() });
    }
    let dialled: Vec<_> = network.log.iter().filter(|line| line.contains("Punch {")).collect();
    assert_eq!(dialled.len(), 8, "{dialled:?}");
    let near = format!("{:?}", Action::Punch { infohash: rendezvous, addr: addr(7) });
    assert!(!dialled.iter().any(|line| line.ends_with(&near)), "nor where only neighbours are");
}
