//! Seeing who has a text, without asking for it.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
};

use support::{Item, Node, hex, item, until};
use upseed_swarm::{Event, Infohash};

/// How often it was told that somebody has the text.
fn seen(node: &Node, wanted: Infohash) -> Vec<SocketAddr> {
    node.wait("events", |events| {
        let seen = events.iter().filter_map(|event| match event {
            Event::HostSeen { infohash, addr } if *infohash == wanted => Some(*addr),
            _ => None,
        });
        Some(seen.collect())
    })
}

fn check(node: &Node, post: &Item, trackers: Vec<String>) {
    node.swarm.check(post.infohash, &post.info, trackers).unwrap();
}

/// Answers a BitTorrent handshake on any torrent, says `words`, and passes on how many dialled and hung up.
fn played(name: u8, words: &'static [u8]) -> (SocketAddr, std::sync::mpsc::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut hello = [0; 68];
            // libtorrent may try an encrypted handshake first, which is answered by hanging up.
            if stream.read_exact(&mut hello).is_err() || hello[0] != 19 {
                continue;
            }
            hello[20..28].fill(0);
            // One peer id is one peer.
            hello[48..].copy_from_slice(b"-XX0000-playedplayed");
            hello[67] = name;
            let _ = stream.write_all(&hello).and_then(|()| stream.write_all(words));
            let _ = stream.read_to_end(&mut Vec::new());
            let _ = tell.send(());
        }
    });
    (addr, told)
}

#[test]
fn a_check_sees_who_has_the_text_and_takes_none_of_it() {
    let (host, without, node) = (Node::start(), Node::start(), Node::start());
    let post = item(1, 40_000);
    host.host(&post);
    // It is there, and has not got the text itself.
    without.swarm.fetch(post.infohash, Some(post.info.clone()), vec![], vec![]).unwrap();
    check(&node, &post, vec![]);
    node.swarm.connect(post.infohash, without.addr());
    node.swarm.connect(post.infohash, host.addr());
    until("seen", || !seen(&node, post.infohash).is_empty());
    node.swarm.end_check(post.infohash);
    until("over", || node.swarm.status().checking == 0);
    assert_eq!(seen(&node, post.infohash), [host.addr()]);
    assert!(!node.has(|event| matches!(event, Event::Fetched { .. })), "nothing was taken");
    assert_eq!(seen(&host, post.infohash), [], "nor has the node that looked the text");
}

#[test]
fn who_only_shakes_hands_or_says_that_it_has_nothing_has_nothing() {
    let node = Node::start();
    let post = item(2, 100);
    check(&node, &post, vec![]);
    // Nothing; an empty bitfield; "choke".
    let liars = [played(1, b""), played(2, &[0, 0, 0, 2, 5, 0]), played(3, &[0, 0, 0, 1, 0])];
    liars.iter().for_each(|(addr, _)| node.swarm.connect(post.infohash, *addr));
    // By its bitfield, and by "have".
    let hosts = [played(4, &[0, 0, 0, 2, 5, 0x80]), played(5, &[0, 0, 0, 5, 4, 0, 0, 0, 0])];
    hosts.iter().for_each(|(addr, _)| node.swarm.connect(post.infohash, *addr));
    until("two hosts are seen", || seen(&node, post.infohash).len() == 2);
    node.swarm.end_check(post.infohash);
    for (_, told) in liars.iter().chain(&hosts) {
        told.recv().unwrap();
    }
    let mut seen = seen(&node, post.infohash);
    seen.sort_unstable();
    let mut expected = hosts.map(|(addr, _)| addr);
    expected.sort_unstable();
    assert_eq!(seen, expected, "and every connection is closed");
}

#[test]
fn hosts_see_each_other_whoever_dials_and_again_with_each_check() {
    let (a, b) = (Node::start(), Node::start());
    let post = item(3, 500);
    a.host(&post);
    b.host(&post);
    for round in 0..3 {
        until("seen once more by both", || {
            // Nobody is forgotten while the connection of before is still closing.
            check(&a, &post, vec![]);
            a.swarm.connect(post.infohash, b.addr());
            seen(&a, post.infohash).len() > round && seen(&b, post.infohash).len() > round
        });
    }
    assert!(seen(&a, post.infohash).iter().all(|addr| *addr == b.addr()), "a dialled");
    assert!(seen(&b, post.infohash).iter().all(|addr| *addr != a.addr()), "b was dialled");
    assert_eq!(a.swarm.status().checking, 0, "what is hosted is checked as it is");
    assert_eq!(a.swarm.status().hosted, 1);
    a.swarm.end_check(post.infohash);
    let c = Node::start();
    c.swarm.fetch(post.infohash, None, vec![a.addr()], vec![]).unwrap();
    assert_eq!(c.fetched(post.infohash).1, post.text, "and goes on being hosted");
    until("who has it now is seen", || !seen(&c, post.infohash).is_empty());
}

#[test]
fn a_check_gives_way_to_a_fetch_and_to_hosting() {
    let (host, node) = (Node::start(), Node::start());
    let (fetched, hosted) = (item(4, 100), item(5, 100));
    host.host(&fetched);
    check(&node, &fetched, vec![]);
    check(&node, &hosted, vec![]);
    until("both are checked", || node.swarm.status().checking == 2);
    let info = Some(fetched.info.clone());
    node.swarm.fetch(fetched.infohash, info, vec![host.addr()], vec![]).unwrap();
    assert_eq!(node.fetched(fetched.infohash).1, fetched.text);
    node.host(&hosted);
    assert_eq!(node.swarm.status().checking, 0);
    check(&node, &hosted, vec![]);
    node.swarm.end_check(hosted.infohash);
    host.swarm.fetch(hosted.infohash, None, vec![node.addr()], vec![]).unwrap();
    assert_eq!(host.fetched(hosted.infohash).1, hosted.text, "{}", hex(&hosted.infohash));
}
