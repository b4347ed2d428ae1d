//! Hosting and fetching texts between our own nodes.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use support::{Node, away, info, item, settings, sha1, until};
use upseed_swarm::{Event, FetchError, MAX_TEXT, Settings, SwarmError};

#[test]
fn a_text_is_fetched_with_its_metadata_known_or_not() {
    let (a, b) = (Node::start(), Node::start());
    for (number, length) in [1, 100, 16_384, 16_385, MAX_TEXT].into_iter().enumerate() {
        let post = item(number, length);
        a.host(&post);
        let known = number % 2 == 0;
        b.swarm
            .fetch(post.infohash, known.then(|| post.info.clone()), vec![a.addr()], vec![])
            .unwrap();
        assert!(b.fetched(post.infohash) == (post.info.clone(), post.text));
        let metadata = Event::Metadata { infohash: post.infohash, info: post.info };
        assert_eq!(b.has(|event| *event == metadata), !known);
    }
    until("forgotten", || b.swarm.status().fetching == 0);
}

#[test]
fn a_peer_may_come_later() {
    let (a, b) = (Node::start(), Node::start());
    let post = item(1, 5_000);
    a.host(&post);
    b.swarm.fetch(post.infohash, None, vec![], vec![]).unwrap();
    b.swarm.connect(post.infohash, a.addr());
    assert!(b.fetched(post.infohash).1 == post.text);
    // and what was fetched can be hosted, and fetched from there
    let c = Node::start();
    b.host(&post);
    c.swarm.fetch(post.infohash, None, vec![b.addr()], vec![]).unwrap();
    assert!(c.fetched(post.infohash).1 == post.text);
}

#[test]
fn a_text_that_is_wrong_or_missing_is_not_hosted_on() {
    let (a, b) = (Node::start(), Node::start());
    let (wrong, missing, good) = (item(1, 5_000), item(2, 5_000), item(3, 5_000));
    for post in [&wrong, &missing, &good] {
        a.host(post);
    }
    a.shelf.0.lock().unwrap().insert(wrong.infohash, vec![b'x'; 5_000]);
    a.shelf.0.lock().unwrap().remove(&missing.infohash);
    for post in [&wrong, &missing, &good] {
        b.swarm.fetch(post.infohash, None, vec![a.addr()], vec![]).unwrap();
    }
    for post in [&wrong, &missing] {
        a.wait("host failure", |events| {
            events.iter().find_map(|e| {
                matches!(e, Event::HostFailed { infohash, .. } if *infohash == post.infohash)
                    .then_some(())
            })
        });
    }
    assert!(b.fetched(good.infohash).1 == good.text);
    assert_eq!(a.swarm.status().hosted, 1);
    assert!(!b.has(|e| matches!(e, Event::Fetched { infohash, .. } if *infohash != good.infohash)));
    b.swarm.cancel(wrong.infohash);
    b.swarm.cancel(missing.infohash);
    until("cancelled", || b.swarm.status().fetching == 0);
}

#[test]
fn only_one_text_in_one_piece_with_that_hash_is_taken() {
    let node = Node::start();
    let refused = |info: &[u8], infohash| {
        matches!(node.swarm.host(infohash, info.to_vec()), Err(SwarmError::Libtorrent(_)))
            && matches!(
                node.swarm.fetch(infohash, Some(info.to_vec()), vec![], vec![]),
                Err(SwarmError::Libtorrent(_))
            )
    };
    let good = item(1, 10);
    assert!(refused(&good.info, [0; 20]), "another hash");
    let long = info(1, &vec![b'a'; MAX_TEXT + 1]);
    assert!(refused(&long, sha1(&long)), "two pieces' worth");
    for bad in [
        &b""[..],
        b"de",
        b"i1e",
        b"4:spam",
        b"d4:name",
        b"d6:lengthi-1e4:name1:a12:piece lengthi65536e6:pieces0:e",
    ] {
        assert!(!bad.is_empty() && refused(bad, sha1(bad)) || bad.is_empty());
    }
    let many = b"d5:filesld6:lengthi1e4:pathl1:aeed6:lengthi1e4:pathl1:beee4:name1:x12:piece lengthi65536e6:pieces20:01234567890123456789e";
    assert!(refused(many, sha1(many)), "two files");
    assert_eq!(node.swarm.status().hosted, 0);
}

#[test]
fn unhosting_ends_serving_also_while_many_are_being_added() {
    let (a, b) = (Node::start(), Node::start());
    let posts: Vec<_> = (0..2_000).map(|number| item(number, 50)).collect();
    for post in &posts {
        a.shelf.0.lock().unwrap().insert(post.infohash, post.text.clone());
    }
    a.swarm
        .host_many(posts.iter().map(|post| (post.infohash, post.info.clone())).collect())
        .unwrap();
    a.swarm.unhost(posts[1_999].infohash);
    until("hosted", || a.swarm.status().hosted == 1_999);
    for post in [&posts[1_999], &posts[1_998]] {
        b.swarm.fetch(post.infohash, None, vec![a.addr()], vec![]).unwrap();
    }
    assert!(b.fetched(posts[1_998].infohash).1 == posts[1_998].text);
    assert!(!b.has(
        |e| matches!(e, Event::Fetched { infohash, .. } if *infohash == posts[1_999].infohash)
    ));
    // twice is once
    a.swarm.host(posts[0].infohash, posts[0].info.clone()).unwrap();
    a.swarm.unhost(posts[1].infohash);
    until("one less", || a.swarm.status().hosted == 1_998);
}

#[test]
fn hosting_ends_a_fetch_and_a_fetch_of_what_is_here_fails() {
    let node = Node::start();
    let post = item(1, 10);
    node.swarm.fetch(post.infohash, None, vec![], vec![]).unwrap();
    node.host(&post);
    assert_eq!(node.fetch_failed(post.infohash).0, FetchError::Occupied);
    let (node, other) = (Node::start(), item(2, 10));
    node.host(&other);
    node.swarm.fetch(other.infohash, None, vec![], vec![]).unwrap();
    assert_eq!(node.fetch_failed(other.infohash).0, FetchError::Occupied);
}

/// Answers every request for a block with the letter x, and counts them.
fn liar() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let lies = Arc::new(AtomicUsize::new(0));
    let told = Arc::clone(&lies);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // whoever is lied to hangs up, at any point
            let _ = lie(stream, &told);
        }
    });
    (addr, lies)
}

fn lie(mut stream: TcpStream, told: &AtomicUsize) -> std::io::Result<()> {
    let mut hello = [0; 68];
    stream.read_exact(&mut hello)?;
    hello[20..28].fill(0);
    hello[48..].copy_from_slice(b"-XX0000-liarliarliar");
    stream.write_all(&hello)?;
    // bitfield: the one piece; unchoke
    stream.write_all(&[0, 0, 0, 2, 5, 0x80, 0, 0, 0, 1, 1])?;
    loop {
        let mut length = [0; 4];
        stream.read_exact(&mut length)?;
        let mut message = vec![0; u32::from_be_bytes(length) as usize];
        stream.read_exact(&mut message)?;
        if message.first() == Some(&6) {
            let block = u32::from_be_bytes(message[9..13].try_into().unwrap());
            told.fetch_add(1, Ordering::SeqCst);
            stream.write_all(&(9 + block).to_be_bytes())?;
            stream.write_all(&[&[7], &message[1..9]].concat())?;
            stream.write_all(&vec![b'x'; block as usize])?;
        }
    }
}

#[test]
fn a_liar_spoils_nothing() {
    let (honest, node) = (Node::start(), Node::start());
    let post = item(1, 40_000);
    honest.host(&post);
    let (addr, lies) = liar();
    node.swarm.fetch(post.infohash, Some(post.info.clone()), vec![addr], vec![]).unwrap();
    until("lied to", || lies.load(Ordering::SeqCst) >= 3);
    node.swarm.connect(post.infohash, honest.addr());
    assert!(node.fetched(post.infohash) == (post.info, post.text));
}

#[test]
fn a_host_who_was_away_is_found_by_a_fetch_that_goes_on() {
    let (a, item) = (Node::start(), item(1, 1_000));
    a.swarm.fetch(item.infohash, Some(item.info.clone()), Vec::new(), Vec::new()).unwrap();
    let addr = away(&a, item.infohash);
    let b = Node::with(Settings { listen: vec![addr], ..settings() });
    b.host(&item);
    until("fetched", || {
        a.swarm.connect(item.infohash, addr);
        a.has(|event| matches!(event, Event::Fetched { .. }))
    });
    assert_eq!(a.fetched(item.infohash).1, item.text);
}
