//! Whole rooms in one process and in virtual time: how a post travels, and what becomes of a liar.
#![allow(clippy::unwrap_used)]

mod network;

use network::{Arrival, Network, START, addr, post_at};
use upseed_model::{BoardName, Record, sync::Frame};
use upseed_rooms::{Action, Command, Event, Input, PeerId, Time};

const TEXT: &[u8] = b"Every cat is a good cat.";

/// Twenty nodes find each other, a post reaches all, its text is got from its author's node by those who have met it and
/// by the item's own swarm by others, and one who comes late catches up.
fn twenty(seed: u64) -> Network {
    let (author, late) = (3, 19);
    let mut network = Network::of(20, seed);
    (0..late).for_each(|node| network.join(node));
    network.run(20);

    let item = post_at("Cats", TEXT, START + 20);
    let (id, work) = (item.infohash(), item.work());
    network.nodes[author].store.publish(&item, TEXT, START + 20).unwrap();
    network.nodes[author].seeds.insert(id, (item.header().to_vec(), TEXT.to_vec()));
    network.dht.entry(id).or_default().insert(addr(author));
    let fresh = Command::Fresh(vec![Record::Item(item.clone())]);
    network.put(0, author, Arrival::Input(Input::Command(fresh)));
    network.run(5);
    assert!((0..late).all(|node| network.has_item(node, &item)), "it has reached all");

    for node in (0..late).filter(|node| *node != author) {
        network.put(0, node, Arrival::Input(Input::Command(Command::WantText(work, id))));
    }
    network.run(10);
    let text = std::str::from_utf8(TEXT).unwrap();
    for node in 0..late {
        assert_eq!(network.text(node, &item).as_deref(), Some(text), "node {node}");
        assert_eq!(network.told(node, &Event::Text { id }), node != author);
    }

    assert!(!network.has_item(late, &item));
    network.join(late);
    network.run(30);
    assert!(network.has_item(late, &item), "who comes late catches up");
    network
}

#[test]
fn a_post_reaches_all_and_the_same_seed_gives_the_same_run() {
    let first = twenty(1).log;
    assert_eq!(first, twenty(1).log);
    assert_ne!(first, twenty(2).log, "chance comes from the seed alone");
}

#[test]
fn a_liar_is_dropped_and_kept_away() {
    let mut network = Network::of(2, 1);
    network.join(0);
    network.run(1);
    network.nodes[1].played = true;
    network.connect(1, 0);
    let (_, peer) = network.links[&(1, PeerId(0))];
    let board = BoardName::upseed();
    let mut forged = post_at("Dogs", TEXT, START).header().to_vec();
    let last = forged.len() - 10;
    forged[last] ^= 1;
    for frame in [
        Frame::Hello { min: 1, max: 1, frame: 262_144, time: 0 },
        Frame::Open { board, first: 0, last: 30_000, bits: 0 },
        Frame::Records(vec![forged]),
    ] {
        network.put(50, 0, Arrival::Input(Input::Frame { peer, frame: frame.to_bytes() }));
    }
    network.run(1);
    let closed = |network: &Network, peer| {
        let line = format!(" 0 {:?}", Action::Close(peer));
        network.log.iter().filter(|logged| logged.ends_with(&line)).count()
    };
    assert_eq!(closed(&network, peer), 1);
    network.connect(1, 0);
    let (_, again) = network.links[&(1, PeerId(2))];
    network.run(1);
    assert_eq!(closed(&network, again), 1, "not even listened to");
    assert_eq!(network.nodes[0].engine.connected(), []);
}

#[test]
fn a_frame_that_was_not_taken_is_sent_again_when_there_is_room() {
    let mut network = Network::of(1, 1);
    network.join(0);
    network.run(1);
    let (peer, time) = (PeerId(1), network.time());
    let engine = &mut network.nodes[0].engine;
    let (rendezvous, addr) = (BoardName::upseed().rendezvous(), addr(1));
    let (outgoing, utp, listen_port) = (true, false, None);
    let opened = Input::PeerOpened { peer, rendezvous, addr, outgoing, utp, listen_port };
    engine.handle(opened, time);
    let Some(Action::Send { frame: hello, .. }) = engine.next_action() else { panic!("no hello") };
    assert!(matches!(Frame::from_bytes(&hello), Ok(Frame::Hello { .. })));
    let Some(Action::Send { frame: open, .. }) = engine.next_action() else { panic!("no open") };
    engine.handle(Input::NotTaken { peer, frame: open.clone() }, time);
    assert_eq!(engine.next_action(), None);
    let later = Time { unix: time.unix + 1, ..time };
    engine.handle(Input::Tick, later);
    let sends = |action: &Action| matches!(action, Action::Send { .. });
    assert!(!std::iter::from_fn(|| engine.next_action()).any(|action| sends(&action)));
    engine.handle(Input::Drained(peer), later);
    assert_eq!(engine.next_action(), Some(Action::Send { peer, frame: open }));
    assert_eq!(engine.next_action(), None);
}
