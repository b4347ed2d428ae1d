//! Swarms on loopback whose events are kept and waited for.
#![allow(dead_code, clippy::unwrap_used, missing_docs)]

mod here;

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use sha1::{Digest, Sha1};
use upseed_swarm::{Event, FetchError, Infohash, PeerId, Settings, Swarm, Texts};

pub use self::here::settings;

/// So that a failing test does not hang; nothing is measured by it.
pub const DEADLINE: Duration = Duration::from_secs(300);

/// Texts; and the info dictionaries of those that are given on demand.
#[derive(Default)]
pub struct Shelf(pub Mutex<HashMap<Infohash, Vec<u8>>>, pub Mutex<HashMap<Infohash, Vec<u8>>>);

impl Texts for Shelf {
    fn read(&self, infohash: &Infohash) -> Option<Vec<u8>> {
        self.0.lock().unwrap().get(infohash).cloned()
    }

    fn on_demand(&self, infohash: &Infohash) -> Option<Vec<u8>> {
        self.1.lock().unwrap().get(infohash).cloned()
    }
}

#[derive(Default)]
struct Log {
    events: Mutex<Vec<Event>>,
    changed: Condvar,
}

pub struct Node {
    pub swarm: Swarm,
    pub shelf: Arc<Shelf>,
    log: Arc<Log>,
}

impl Node {
    pub fn start() -> Node {
        Node::with(settings())
    }

    pub fn with(settings: Settings) -> Node {
        let (log, shelf) = (Arc::new(Log::default()), Arc::new(Shelf::default()));
        let sink = Arc::clone(&log);
        let swarm = Swarm::start(settings, Arc::clone(&shelf) as Arc<dyn Texts>, move |event| {
            sink.events.lock().unwrap().push(event);
            sink.changed.notify_all();
        })
        .unwrap();
        Node { swarm, shelf, log }
    }

    pub fn addr(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.swarm.listen_port()).into()
    }

    /// The first answer that `find` gives about all events so far.
    pub fn wait<T>(&self, what: &str, mut find: impl FnMut(&[Event]) -> Option<T>) -> T {
        let end = Instant::now() + DEADLINE;
        let mut events = self.log.events.lock().unwrap();
        loop {
            if let Some(found) = find(&events) {
                return found;
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "no {what} in {DEADLINE:?}; last events: {:.500?}",
                short(&events)
            );
            events = self.log.changed.wait_timeout(events, left).unwrap().0;
        }
    }

    pub fn has(&self, find: impl Fn(&Event) -> bool) -> bool {
        self.log.events.lock().unwrap().iter().any(find)
    }

    /// The newest open connection.
    pub fn peer(&self) -> PeerId {
        self.wait("peer", |events| {
            let mut open = Vec::new();
            for event in events {
                match event {
                    Event::PeerOpened { peer, .. } => open.push(*peer),
                    Event::PeerClosed { peer, .. } => open.retain(|p| p != peer),
                    _ => {}
                }
            }
            open.last().copied()
        })
    }

    /// The connection that was opened after so many others.
    pub fn opened_after(&self, others: usize) -> PeerId {
        self.wait("peer", |events| {
            let mut opened = events.iter().filter_map(|event| match event {
                Event::PeerOpened { peer, .. } => Some(*peer),
                _ => None,
            });
            opened.nth(others)
        })
    }

    pub fn closed(&self, peer: PeerId) -> String {
        self.wait("closing", |events| {
            events.iter().find_map(|event| match event {
                Event::PeerClosed { peer: p, reason } if *p == peer => Some(reason.clone()),
                _ => None,
            })
        })
    }

    /// Frames of a peer, once there are `count`.
    pub fn frames(&self, from: PeerId, count: usize) -> Vec<Vec<u8>> {
        self.wait("frames", |events| {
            let frames: Vec<&Vec<u8>> = events
                .iter()
                .filter_map(|event| match event {
                    Event::Frame { peer, frame } if *peer == from => Some(frame),
                    _ => None,
                })
                .collect();
            (frames.len() >= count).then(|| frames.into_iter().cloned().collect())
        })
    }

    pub fn fetched(&self, wanted: Infohash) -> (Vec<u8>, Vec<u8>) {
        self.wait("text", |events| {
            events.iter().find_map(|event| match event {
                Event::Fetched { infohash, info, text } if *infohash == wanted => {
                    Some((info.clone(), text.clone()))
                }
                Event::FetchFailed { infohash, error, detail } if *infohash == wanted => {
                    panic!("fetch failed: {error}: {detail}")
                }
                _ => None,
            })
        })
    }

    pub fn fetch_failed(&self, wanted: Infohash) -> (FetchError, String) {
        self.wait("failure", |events| {
            events.iter().find_map(|event| match event {
                Event::FetchFailed { infohash, error, detail } if *infohash == wanted => {
                    Some((*error, detail.clone()))
                }
                _ => None,
            })
        })
    }

    /// Hosts a text and waits until libtorrent has it.
    pub fn host(&self, item: &Item) {
        let before = self.swarm.status().hosted;
        self.shelf.0.lock().unwrap().insert(item.infohash, item.text.clone());
        self.swarm.host(item.infohash, item.info.clone()).unwrap();
        until("hosted", || self.swarm.status().hosted > before);
    }
}

fn short(events: &[Event]) -> Vec<String> {
    events
        .iter()
        .rev()
        .take(5)
        .map(|event| format!("{event:.60?}").chars().take(120).collect())
        .collect()
}

pub fn until(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !done() {
        assert!(Instant::now() < end, "not {what} in {DEADLINE:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Two nodes that have met on `rendezvous`, and each one's name for the other.
pub fn pair(rendezvous: Infohash) -> (Node, PeerId, Node, PeerId) {
    let (a, b) = (Node::start(), Node::start());
    a.swarm.join(rendezvous);
    b.swarm.join(rendezvous);
    a.swarm.connect(rendezvous, b.addr());
    let (at_a, at_b) = (a.peer(), b.peer());
    (a, at_a, b, at_b)
}

/// An address that this node has dialed in vain, five times, and at which nobody listens now.
pub fn away(node: &Node, infohash: Infohash) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let addr = listener.local_addr().unwrap();
    let mut failed = 0;
    until("failed five times", || {
        node.swarm.connect(infohash, addr);
        if let Ok((stream, _)) = listener.accept() {
            answer_for_another_torrent(stream);
            failed += 1;
        }
        failed == 5
    });
    addr
}

/// libtorrent counts that as it counts a dial that is refused, and it can be seen from outside.
fn answer_for_another_torrent(mut stream: TcpStream) {
    stream.set_nonblocking(false).unwrap();
    let hello = [&b"\x13BitTorrent protocol"[..], &[0; 8], &[0xee; 20], b"-XX0000-000000000000"];
    let _ = stream.write_all(&hello.concat());
    let _ = stream.read_to_end(&mut Vec::new());
}

#[derive(Clone)]
pub struct Item {
    pub infohash: Infohash,
    pub info: Vec<u8>,
    pub text: Vec<u8>,
}

pub fn sha1(bytes: &[u8]) -> Infohash {
    Sha1::digest(bytes).into()
}

/// An item shaped like ours: with a dictionary of extra keys inside the info dictionary.
pub fn item(number: usize, length: usize) -> Item {
    let text: Vec<u8> =
        (0..length).map(|i| b'a' + ((i * 7 + i / 26 + number) % 26) as u8).collect();
    Item { info: info(number, &text), infohash: sha1(&info(number, &text)), text }
}

pub fn info(number: usize, text: &[u8]) -> Vec<u8> {
    let name = format!("post.{number:032x}.md");
    let mut info = format!(
        "d6:lengthi{}e4:name{}:{name}12:piece lengthi65536e6:pieces20:",
        text.len(),
        name.len()
    );
    let mut bytes = std::mem::take(&mut info).into_bytes();
    bytes.extend(sha1(text));
    bytes.extend(
        format!("6:upseedd6:author32:{:032x}3:powli18ei{number}ee5:title5:Title1:vi1eee", number)
            .bytes(),
    );
    bytes
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
