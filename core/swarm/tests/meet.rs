//! Meeting on a rendezvous and exchanging frames.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;

use support::{DEADLINE, Node, away, hex, pair, settings, until};
use upseed_swarm::{Event, Infohash, MAX_BUFFERED, MAX_FRAME, PeerId, Settings, SwarmError};

const BOARD: Infohash = [7; 20];

/// Sends with patience.
fn send(node: &Node, peer: PeerId, frame: &[u8]) {
    until("sent", || match node.swarm.send(peer, frame) {
        Ok(()) => true,
        Err(SwarmError::Full(_)) => false,
        Err(error) => panic!("{error}"),
    });
}

#[test]
fn frames_go_both_ways_up_to_the_longest() {
    let (a, at_a, b, at_b) = pair(BOARD);
    let longest: Vec<u8> = (0..MAX_FRAME).map(|i| (i % 251) as u8).collect();
    a.swarm.send(at_a, b"hello").unwrap();
    a.swarm.send(at_a, &longest).unwrap();
    b.swarm.send(at_b, &longest).unwrap();
    b.swarm.send(at_b, b"hello yourself").unwrap();
    assert!(b.frames(at_b, 2) == [b"hello".to_vec(), longest.clone()]);
    assert!(a.frames(at_a, 2) == [longest, b"hello yourself".to_vec()]);
    assert!(matches!(a.swarm.send(at_a, &vec![0; MAX_FRAME + 1]), Err(SwarmError::Frame(_))));
    assert!(matches!(a.swarm.send(at_a, &[]), Err(SwarmError::Frame(0))));
}

#[test]
fn an_opened_peer_says_where_it_listens_if_it_dialed() {
    let (a, at_a, b, at_b) = pair(BOARD);
    let opened = |node: &Node, wanted: PeerId| {
        node.wait("opening", |events| {
            events.iter().find_map(|event| match event {
                Event::PeerOpened { peer, rendezvous, addr, outgoing, listen_port, .. }
                    if *peer == wanted =>
                {
                    Some((*rendezvous, *addr, *outgoing, *listen_port))
                }
                _ => None,
            })
        })
    };
    let (rendezvous, addr, outgoing, _) = opened(&a, at_a);
    assert_eq!((rendezvous, addr, outgoing), (BOARD, b.addr(), true));
    let (rendezvous, _, outgoing, port) = opened(&b, at_b);
    assert_eq!((rendezvous, outgoing, port), (BOARD, false, Some(a.swarm.listen_port())));
}

#[test]
fn many_frames_arrive_whole_and_in_order() {
    let (a, at_a, b, at_b) = pair(BOARD);
    let frames: Vec<Vec<u8>> =
        (0..5_000usize).map(|i| i.to_string().repeat(1 + i % 200).into_bytes()).collect();
    for frame in &frames {
        send(&a, at_a, frame);
    }
    assert!(b.frames(at_b, frames.len()) == frames);
    until("drained", || a.swarm.buffered(at_a) == Some(0));
}

#[test]
fn a_peer_that_is_behind_gets_no_more_until_it_has_drained() {
    let (a, at_a, b, at_b) = pair(BOARD);
    let frame = vec![1; MAX_FRAME];
    let mut sent = 0;
    while a.swarm.send(at_a, &frame).is_ok() {
        sent += 1;
        assert!(a.swarm.buffered(at_a).unwrap() <= MAX_BUFFERED && sent < 10_000);
    }
    assert!(matches!(a.swarm.send(at_a, &frame), Err(SwarmError::Full(peer)) if peer == at_a));
    a.wait("drained", |events| events.contains(&Event::Drained { peer: at_a }).then_some(()));
    a.swarm.send(at_a, &frame).unwrap();
    b.frames(at_b, sent + 1);
}

#[test]
fn an_address_that_failed_often_is_dialed_again() {
    let a = Node::start();
    a.swarm.join(BOARD);
    let addr = away(&a, BOARD);
    let b = Node::with(Settings { listen: vec![addr], ..settings() });
    b.swarm.join(BOARD);
    until("met", || {
        a.swarm.connect(BOARD, addr);
        a.swarm.status().peers == 1
    });
}

#[test]
fn two_that_dial_each_other_keep_one_connection() {
    let (a, b) = (Node::start(), Node::start());
    for _ in 0..2 {
        a.swarm.join(BOARD);
        b.swarm.join(BOARD);
    }
    a.swarm.connect(BOARD, b.addr());
    b.swarm.connect(BOARD, a.addr());
    until("one each", || a.swarm.status().peers == 1 && b.swarm.status().peers == 1);
    let (at_a, at_b) = (a.peer(), b.peer());
    a.swarm.send(at_a, b"one").unwrap();
    assert_eq!(b.frames(at_b, 1), [b"one"]);
}

#[test]
fn several_nodes_meet_behind_one_address_and_nobody_meets_itself() {
    let hub = Node::start();
    hub.swarm.join(BOARD);
    hub.swarm.connect(BOARD, hub.addr());
    let others: Vec<Node> = (0..6).map(|_| Node::start()).collect();
    for other in &others {
        other.swarm.join(BOARD);
        other.swarm.connect(BOARD, hub.addr());
    }
    until("six peers", || hub.swarm.status().peers == 6);
    assert!(
        !hub.has(|event| matches!(event, Event::PeerOpened { addr, .. } if *addr == hub.addr()))
    );
}

#[test]
fn rendezvous_are_apart() {
    let (a, b) = (Node::start(), Node::start());
    a.swarm.join([1; 20]);
    a.swarm.join([2; 20]);
    b.swarm.join([2; 20]);
    a.swarm.connect([1; 20], b.addr());
    a.swarm.connect([2; 20], b.addr());
    a.wait("meeting on the second", |events| {
        events.iter().find_map(|e| {
            matches!(e, Event::PeerOpened { rendezvous, .. } if *rendezvous == [2; 20])
                .then_some(())
        })
    });
    assert!(
        !a.has(|e| matches!(e, Event::PeerOpened { rendezvous, .. } if *rendezvous == [1; 20]))
    );
}

#[test]
fn leaving_closes_the_peers_once_and_joining_again_meets_anew() {
    let (a, at_a, b, at_b) = pair(BOARD);
    a.swarm.leave(BOARD);
    a.closed(at_a);
    b.closed(at_b);
    assert!(matches!(a.swarm.send(at_a, b"late"), Err(SwarmError::NoPeer(_))));
    assert_eq!(a.swarm.buffered(at_a), None);

    a.swarm.join(BOARD);
    b.swarm.connect(BOARD, a.addr());
    a.swarm.connect(BOARD, b.addr());
    let again = a.peer();
    assert_ne!(again, at_a);
    let count = |node: &Node, peer| {
        node.wait("log", |events| {
            Some(
                events
                    .iter()
                    .filter(|e| matches!(e, Event::PeerClosed { peer: p, .. } if *p == peer))
                    .count(),
            )
        })
    };
    assert_eq!((count(&a, at_a), count(&b, at_b)), (1, 1));
}

#[test]
fn closing_and_blocking() {
    let (a, at_a, b, at_b) = pair(BOARD);
    a.swarm.close(at_a);
    a.closed(at_a);
    b.closed(at_b);

    let loopback = "127.0.0.0".parse().unwrap()..="127.255.255.255".parse().unwrap();
    a.swarm.block(&[loopback]).unwrap();
    let mut stranger = Stranger::dial(&a, BOARD);
    assert!(stranger.is_closed());
    a.swarm.block(&[]).unwrap();
    let mut stranger = Stranger::dial(&a, BOARD);
    stranger.extend("d1:md7:up_synci9eee");
    a.peer();
}

/// A peer of our own making.
struct Stranger(TcpStream);

impl Stranger {
    fn dial(node: &Node, infohash: Infohash) -> Stranger {
        let mut stream = TcpStream::connect(node.addr()).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let mut hello = b"\x13BitTorrent protocol\0\0\0\0\0\x10\0\0".to_vec();
        hello.extend(infohash);
        hello.extend(format!("-XX0000-{:012}", stream.local_addr().unwrap().port()).bytes());
        // a refused connection may be closed already
        let _ = stream.write_all(&hello);
        Stranger(stream)
    }

    fn message(&mut self, id: u8, body: &[u8]) {
        let mut bytes = (body.len() as u32 + 2).to_be_bytes().to_vec();
        bytes.extend([20, id]);
        bytes.extend(body);
        let _ = self.0.write_all(&bytes);
    }

    fn extend(&mut self, handshake: &str) {
        self.message(0, handshake.as_bytes());
    }

    fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest) {
            Ok(_) => true,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }

    /// Reads until `needle` has come.
    fn expect(&mut self, needle: &[u8]) -> Vec<u8> {
        let (mut all, mut some) = (Vec::new(), [0; 4096]);
        while !all.windows(needle.len()).any(|window| window == needle) {
            let n = self.0.read(&mut some).unwrap();
            assert!(n > 0, "closed after {}", hex(&all));
            all.extend(&some[..n]);
        }
        all
    }
}

#[test]
fn a_hostile_peer_is_closed_and_nobody_else() {
    let (a, at_a, b, at_b) = pair(BOARD);

    // one byte too long, by its header alone
    let mut long = Stranger::dial(&a, BOARD);
    long.extend("d1:md7:up_synci9eee");
    let peer = a.opened_after(1);
    let mut header = (MAX_FRAME as u32 + 3).to_be_bytes().to_vec();
    header.extend([20, 20]);
    header.extend([0; 100]);
    long.0.write_all(&header).unwrap();
    assert!(long.is_closed());
    a.closed(peer);

    // frames before a handshake
    let mut early = Stranger::dial(&a, BOARD);
    early.message(20, b"frame");
    assert!(early.is_closed());

    // no up_sync, an id that cannot be, no dictionary, rubbish
    for handshake in [
        "d1:md11:ut_metadatai2eee",
        "d1:md7:up_synci900eee",
        "d1:md7:up_synci-1eee",
        "d1:mi1ee",
        "4:spam",
        "d1:m",
    ] {
        let mut stranger = Stranger::dial(&a, BOARD);
        stranger.extend(handshake);
        // libtorrent ignores what is not bencode; then the handshake is still missing, and a frame ends it
        stranger.message(20, b"frame");
        assert!(stranger.is_closed(), "{handshake}");
    }

    // an extension message that nobody has asked for
    let mut other = Stranger::dial(&a, BOARD);
    other.extend("d1:md7:up_synci9eee");
    let peer = a.opened_after(2);
    other.message(99, b"?");
    assert!(other.is_closed());
    a.closed(peer);

    // cut off in the middle of a frame
    let mut cut = Stranger::dial(&a, BOARD);
    cut.extend("d1:md7:up_synci9eee");
    let peer = a.opened_after(3);
    cut.0.write_all(&[0, 0, 4, 0, 20, 20, 1, 2, 3]).unwrap();
    drop(cut);
    a.closed(peer);
    assert!(!a.has(|event| matches!(event, Event::Frame { .. })));

    a.swarm.send(at_a, b"still here").unwrap();
    assert_eq!(b.frames(at_b, 1), [b"still here"]);
}

#[test]
fn frames_carry_the_id_that_the_peer_chose_and_may_change() {
    let node = Node::start();
    node.swarm.join(BOARD);
    let mut stranger = Stranger::dial(&node, BOARD);
    stranger.extend("d1:md7:up_synci9eee");
    let peer = node.peer();
    stranger.message(20, b"ping");
    assert_eq!(node.frames(peer, 1), [b"ping"]);
    node.swarm.send(peer, b"first").unwrap();
    let seen = stranger.expect(b"\0\0\0\x07\x14\x09first");
    let text = String::from_utf8_lossy(&seen).into_owned();
    assert!(text.contains("7:up_synci20e"), "{text}");
    assert!(!text.contains("ut_metadata") && !text.contains("ut_pex"), "{text}");

    stranger.extend("d1:md7:up_synci77eee");
    stranger.message(20, b"pong");
    node.frames(peer, 2);
    node.swarm.send(peer, b"second").unwrap();
    stranger.expect(b"\0\0\0\x08\x14\x4dsecond");
    assert!(!node.has(|event| matches!(event, Event::PeerClosed { .. })));
}
